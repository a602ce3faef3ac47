# Analytic energies are sampled without training.
for scene in gaussian_mixture double_well banana funnel ring muller_brown; do
    run 0 sample --scene "$scene" --count 50 --steps 100 --threads 1 --out "$scene.csv"
    [ "$(rows "$scene.csv")" -eq 51 ] || fail "$scene.csv"
done
# (0, −1.5) is the bottom of the banana: energy and gradient are 0 there.
printf '0,-1.5\n' >bottom.csv
run 0 energy --scene banana --in bottom.csv --gradient --out energy.csv
tail -1 energy.csv | grep -qE '^-?0(\.0+)?,-?0,-?0$' || fail "bottom of the banana: $(tail -1 energy.csv)"
run 0 evaluate --scene ring --json
contains stdout '"kl": null'
refused "not trained" train --scene ring --out run
refused "no trained model" sample --scene two_moons --out points.csv
