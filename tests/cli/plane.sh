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

run 0 evaluate "${model[@]}"
contains stdout "KL(data‖model)"
contains stdout "score −E"
run 0 evaluate "${model[@]}" --json --ood "mine=points.csv"
grep -qE '"kl": [0-9.e-]+' stdout || fail "no kl: $(cat stdout)"
contains stdout '"name": "mine"'
contains stdout '"n": 100'
contains stdout '"auroc"'
contains stdout '"fpr95"'

run 0 export --checkpoint run/last.safetensors --buffer 8 --out small.safetensors
[ "$(wc -c <small.safetensors)" -lt "$(wc -c <run/last.safetensors)" ] || fail "export is not smaller"
run 0 energy --checkpoint small.safetensors --threads 1 --in points.csv --out energies2.csv
same energies.csv energies2.csv
run 0 train --resume small.safetensors --iterations 45 --threads 1 --out more
contains stdout "iteration 45 of 45"

run 0 train --scene two_moons --iterations 1 "${small[@]}" --verbose --out verbose
contains stderr "device:"
contains stderr "kernel:"
