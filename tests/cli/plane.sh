# A plane model from training to numbers.
run 0 train --scene two_moons --iterations 40 --seed 3 "${small[@]}" --out run
contains stdout "Finished after iteration 40 of 40"
exists run/last.safetensors
[ "$(rows run/log.csv)" -eq 41 ] || fail "log.csv has $(rows run/log.csv) rows"
head -1 run/log.csv | grep -q '^iteration,training_time_s,positive_energy_nat,' || fail "header of log.csv"
[ "$(tail -1 run/log.csv | cut -d, -f1)" -eq 40 ] || fail "last row of log.csv"
[ "$(grep -v '^iteration' run/log.csv | tr , '\n' | grep -cE '^-?inf$')" -eq 0 ] || fail "infinite numbers in log.csv"

# The same seed gives the same run, another seed another.
run 0 train --scene two_moons --iterations 40 --seed 3 "${small[@]}" --out again
tensors run/last.safetensors >a && tensors again/last.safetensors >b && same a b
run 0 train --scene two_moons --iterations 40 --seed 4 "${small[@]}" --out other
tensors other/last.safetensors >b
! cmp -s a b || fail "another seed gave the same run"

# An earlier run in the folder is kept.
cp again/last.safetensors earlier
run 0 train --scene two_moons --iterations 2 --seed 3 "${small[@]}" --out again
same again/earlier-1.safetensors earlier
[ "$(rows again/earlier-1.csv)" -eq 41 ] && [ "$(rows again/log.csv)" -eq 3 ] || fail "logs were mixed"

model=(--checkpoint run/last.safetensors --threads 1)
run 0 sample "${model[@]}" --count 100 --steps 30 --out points.csv
[ "$(rows points.csv)" -eq 101 ] && [ "$(head -1 points.csv)" = x,y ] || fail "points.csv"
run 0 sample "${model[@]}" --count 100 --steps 30 --out points.npy
[ "$(head -c 6 points.npy | tail -c 5)" = NUMPY ] || fail "points.npy"
run 0 sample "${model[@]}" --count 100 --steps 30 --out points.png
[ "$(head -c 4 points.png | tail -c 3)" = PNG ] || fail "points.png"
run 0 sample "${model[@]}" --count 100 --steps 30 --out points2.csv
same points.csv points2.csv
run 0 sample "${model[@]}" --count 100 --steps 30 --seed 9 --out points2.csv
! cmp -s points.csv points2.csv || fail "another seed gave the same samples"
run 0 sample "${model[@]}" --count 100 --steps 0 --init points.csv --out points2.csv
same points.csv points2.csv
run 0 sample "${model[@]}" --count 20 --steps 3 --init data --set sampler.step_size=0.001 --out points2.csv
[ "$(rows points2.csv)" -eq 21 ] || fail "samples from data"

run 0 energy "${model[@]}" --in points.csv --out energies.csv
[ "$(rows energies.csv)" -eq 101 ] && [ "$(head -1 energies.csv)" = energy_nat ] || fail "energies.csv"
run 0 energy "${model[@]}" --in points.npy --out energies2.csv
same energies.csv energies2.csv
run 0 energy "${model[@]}" --in points.csv --gradient --out gradients.csv
[ "$(head -1 gradients.csv)" = energy_nat,gradient_x,gradient_y ] || fail "gradients.csv"
[ "$(cut -d, -f1 gradients.csv | wc -l)" -eq 101 ] || fail "rows of gradients.csv"

# A trace: one row a step from the start on, energies of the states beside them, and the same chains as without it.
run 0 sample "${model[@]}" --count 40 --steps 60 --trace trace.csv --out traced.csv
[ "$(rows trace.csv)" -eq 62 ] || fail "rows of trace.csv: $(rows trace.csv)"
[ "$(head -1 trace.csv)" = step,energy_mean_nat,energy_sd_nat,energies_not_finite,accepted_share,ess_bulk,r_hat,mode_crossings ] ||
    fail "header of trace.csv: $(head -1 trace.csv)"
run 0 sample "${model[@]}" --count 40 --steps 60 --out plain.csv
same traced.csv plain.csv
run 0 energy "${model[@]}" --in traced.csv --out at_end.csv
awk -F, 'FNR == NR { if (FNR > 1) { sum += $1; ++n } next } END { off = sum / n - $2; if (off > 1e-3 || off < -1e-3) exit 1 }' \
    at_end.csv trace.csv || fail "the last mean energy is not that of the last states"
tail -1 trace.csv | cut -d, -f6,7 | grep -qE '^[0-9.e+]+,[0-9.]+$' || fail "no ESS and R-hat at the end: $(tail -1 trace.csv)"
run 0 sample "${model[@]}" --count 40 --steps 60 --set sampler.kind=langevin --trace trace.npz --out traced.csv
if command -v unzip >/dev/null; then
    unzip -tq trace.npz >/dev/null || fail "trace.npz is no archive"
fi
contains trace.npz states.npy
refused "another ending" sample "${model[@]}" --count 4 --steps 2 --trace trace.txt --out traced.csv

# Energies that are not finite are counted on standard error.
printf '1e30,1e30\n0,0\n' >far.csv
run 0 energy --scene double_well --in far.csv --out far_energies.csv
contains stderr "1 of 2 energies are not finite"
run 0 energy --scene double_well --in points.csv --out energies3.csv
[ ! -s stderr ] || fail "a warning about nothing: $(cat stderr)"

run 0 evaluate "${model[@]}"
contains stdout "log Z = "
contains stdout "Held-out log-likelihood"
contains stdout "of 2 modes found"
contains stdout "Model, exp(−E):"
run 0 evaluate "${model[@]}" --set sampler.mode=coupled --set sampler.temperature=2
contains stdout "Model, exp(−E/T) at T = 2"
contains stdout "KL, log Z, likelihood and the model's modes are of exp(−E/T)"
run 0 evaluate "${model[@]}"
contains stdout "KL(data‖model)"
contains stdout "score −E"
run 0 evaluate "${model[@]}" --json --ood "mine=points.csv"
grep -qE '"kl": [0-9.e-]+' stdout || fail "no kl: $(cat stdout)"
contains stdout '"name": "mine"'
contains stdout '"n": 100'
contains stdout '"auroc"'
contains stdout '"fpr95"'
for field in kl_error data_mass kl_history log_z held_out_log_likelihood modes model_modes histogram_edges roc positive_n; do
    contains stdout "\"$field\""
done
! grep -qwiE 'nan|inf|infinity' stdout || fail "JSON with a number that JSON does not know: $(grep -wiE 'nan|inf' stdout)"
# A box that cuts data off says so; the energies of far points are infinite, which is counted and ranks last.
run 0 evaluate "${model[@]}" --set sampler.box_low=-1 --set sampler.box_high=1
contains stdout "The box cuts off"
run 0 evaluate --scene double_well --ood far=far.csv --json
contains stdout '"not_finite": 1'
contains stdout '"positive_class": "Chains after 1000 steps"'
lacks stdout '"positive_class": "Held-out data"'

run 0 export --checkpoint run/last.safetensors --buffer 8 --out small.safetensors
[ "$(wc -c <small.safetensors)" -lt "$(wc -c <run/last.safetensors)" ] || fail "export is not smaller"
run 0 energy --checkpoint small.safetensors --threads 1 --in points.csv --out energies2.csv
same energies.csv energies2.csv
run 0 train --resume small.safetensors --iterations 45 --threads 1 --out more
contains stdout "iteration 45 of 45"

run 0 train --scene two_moons --iterations 1 "${small[@]}" --verbose --out verbose
contains stderr "device:"
contains stderr "kernel:"
