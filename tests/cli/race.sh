# Samplers side by side: the table, JSON, and draws from which ESS and R-hat can be found again.
race=(race --scene gaussian_mixture --gradients 400 --chains 8 --leapfrogs 5 --threads 1)
run 0 "${race[@]}" --step mala=0.2 --step hmc=0.25 --trace draws.csv
for word in Langevin MALA HMC Tempering "ESS/1000 gradients" "split R̂" "modes off by" "T = 1" "0.2 (given)"; do
    contains stdout "$word"
done
head -1 draws.csv | grep -qx 'sampler,chain,draw,x,y,energy' || fail "header of draws.csv: $(head -1 draws.csv)"
for sampler in langevin mala hmc tempering; do
    [ "$(grep -c "^$sampler,7,0," draws.csv)" -eq 1 ] || fail "no draw of $sampler"
done
# 360 gradients after the warm-up, five a draw, eight chains.
draws=$(grep -c '^hmc,' draws.csv)
[ "$draws" -ge $((8 * 71)) ] && [ "$draws" -le $((8 * 73)) ] || fail "HMC has $draws draws"

run 0 "${race[@]}" --samplers mala,hmc --step mala=0.2 --step hmc=0.25 --json --trace draws.npz
[ "$(head -c 2 draws.npz)" = PK ] || fail "draws.npz"
[ "$(grep -c '"ess_bulk":' stdout)" -eq 2 ] || fail "two samplers were asked for"
contains stdout '"step": 0.2'
contains stdout '"mode_shares": ['
grep -v seconds stdout | grep -v ess_per_second >first
# The same seed gives the same race, with more threads too; another seed another.
run 0 race --scene gaussian_mixture --gradients 400 --chains 8 --leapfrogs 5 --threads 2 --samplers mala,hmc \
    --step mala=0.2 --step hmc=0.25 --json
grep -v seconds stdout | grep -v ess_per_second >second
same first second
run 0 "${race[@]}" --samplers mala,hmc --step mala=0.2 --step hmc=0.25 --json --seed 7
grep -v seconds stdout | grep -v ess_per_second >second
! cmp -s first second || fail "another seed gave the same race"

# A dry run finds steps; the temperature is that of the scene's settings.
run 0 "${race[@]}" --samplers mala --set sampler.temperature=2 --json
contains stdout '"step_found": true'
contains stdout '"temperature": 2'
contains stdout '"swap_acceptance": null'

refused "There is no sampler of this name (mla). Did you mean mala?" "${race[@]}" --samplers mla
refused "'mala=0' is no step of a sampler" "${race[@]}" --step mala=0
refused "'hmc' does not take part" "${race[@]}" --samplers mala --step hmc=0.1
refused "The warm-up takes all gradient evaluations" "${race[@]}" --warm-up 400
refused "no data to start from" "${race[@]}" --init data
refused "holds no trained model" race --scene two_moons
# Also where its data, which would not help, are not there.
refused "holds no trained model" race --scene cifar10
run 2 "${race[@]}" --chains 0

# Density, log Z and held-out likelihood at another temperature say so.
run 0 evaluate --scene double_well --set sampler.temperature=2
contains stdout "At T = 2 (sampler.temperature)"
run 0 evaluate --scene double_well --json
contains stdout '"temperature": 1.0'
