# A model speaks the units of its file, finds it from any folder, and works when it is gone.
python3 - <<'PYTHON'
import random
random.seed(1)
with open("heights.csv", "w") as out:
    out.write("height_cm,weight_kg\n")
    for i in range(600):
        tall = i % 2
        out.write("%.2f,%.2f\n" % (random.gauss(180 if tall else 165, 6), random.gauss(82 if tall else 64, 9)))
PYTHON
run 0 train --scene points --set data.path=heights.csv --iterations 150 "${small[@]}" --out run
model=(--checkpoint run/last.safetensors --threads 1)

# near ENERGIES: the mean energy of the file is that of the training data.
near() {
    run 0 evaluate "${model[@]}" --json --ood "same=$1"
    python3 - stdout <<'PYTHON' || fail "the file is not told for what it is: $(cat stdout)"
import json, sys
result = json.load(open(sys.argv[1]))
sets = {s["name"]: s for s in result["sets"]}
assert sets["same"]["n"] == 600
assert abs(sets["same"]["energy_mean"] - sets["Held-out data"]["energy_mean"]) < 1, sets
assert sets["Held-out data"]["n"] == 60
auroc = [s for s in result["ood"] if s["name"] == "same"][0]["auroc"]
assert 0.35 < auroc < 0.65, auroc
PYTHON
}
# in_units FILE: samples in centimetres and kilograms under the file's own names.
in_units() {
    [ "$(head -1 "$1")" = height_cm,weight_kg ] || fail "names of $1: $(head -1 "$1")"
    awk -F, 'NR > 1 { h += $1; w += $2 } END { h /= NR - 1; w /= NR - 1; exit !(h > 140 && h < 205 && w > 40 && w < 110) }' "$1" || fail "units of $1"
}
near heights.csv
run 0 energy "${model[@]}" --in heights.csv --out before.csv
run 0 sample "${model[@]}" --count 200 --steps 20 --out samples.csv
in_units samples.csv
run 0 sample "${model[@]}" --count 600 --steps 0 --init heights.csv --out same.csv
python3 - <<'PYTHON' || fail "the numbers of a file do not come back"
a, b = ([[float(v) for v in line.split(",")] for line in open(name).read().split()[1:]] for name in ("heights.csv", "same.csv"))
assert len(a) == len(b) == 600 and all(abs(x - y) < 1e-4 for p, q in zip(a, b) for x, y in zip(p, q))
PYTHON
run 0 energy "${model[@]}" --in heights.csv --gradient --out gradient.csv
[ "$(head -1 gradient.csv)" = energy_nat,gradient_height_cm,gradient_weight_kg ] || fail "names of the gradient"
# Columns are found by name.
awk -F, '{ print "id" NR "," $2 "," $1 }' heights.csv | sed '1s/id1/id/' >turned.csv
run 0 energy "${model[@]}" --in turned.csv --columns height_cm,weight_kg --out turned_out.csv
# The columns that the model learned are known by name, beside others that hold anything.
awk -F, 'NR == 1 {print "name," $2 "," $1} NR > 1 {print "person " NR "," $2 "," $1}' heights.csv >people.csv
run 0 energy "${model[@]}" --in people.csv --out people_out.csv
same people_out.csv before.csv
same turned_out.csv before.csv

# From another folder.
mkdir elsewhere && cd elsewhere
run 0 train --resume ../run/last.safetensors --iterations 151 --threads 1 --out more
cd ..

# Model and data moved together, then the data changed, then gone.
mkdir -p moved/run && cp run/last.safetensors moved/run/ && mv heights.csv moved/
run 0 train --resume moved/run/last.safetensors --iterations 152 --threads 1 --out moved/run
sed 's/^1\(..\)\./2\1./' moved/heights.csv >moved/other.csv && cp moved/heights.csv kept.csv && mv moved/other.csv moved/heights.csv
run 0 evaluate --checkpoint moved/run/last.safetensors --threads 1
contains stderr "another checksum"
# Nothing is trained on the other data, which the model's units do not fit.
cp moved/run/last.safetensors model_before
run 1 train --resume moved/run/last.safetensors --iterations 160 --threads 1 --out moved/run
contains stderr "another checksum"
same moved/run/last.safetensors model_before
rm moved/heights.csv
near kept.csv
run 0 energy "${model[@]}" --in kept.csv --out after.csv
same before.csv after.csv
run 0 sample "${model[@]}" --count 50 --steps 5 --out samples.csv
in_units samples.csv
run 1 train --resume run/last.safetensors --iterations 200 --threads 1 --out again
contains stderr "not there"
run 1 sample "${model[@]}" --count 5 --steps 1 --init data --out samples2.csv
contains stderr "not there"
exists run/last.safetensors

# What has no spread or other columns is refused in a sentence.
printf 'a,b\n1,2\n1,3\n1,4\n' >flat.csv
printf 'a\n1\n2\n' >one.csv
printf 'a,b,c\n1,2,3\n4,5,7\n7,9,8\n' >three.csv
refused "column a are the same" train --scene points --set data.path=flat.csv --out no
refused "only one column" train --scene points --set data.path=one.csv --out no
refused "3 columns" train --scene points --set data.path=three.csv --out no
run 0 train --scene points --set data.path=three.csv --columns c,a --iterations 1 "${small[@]}" --out three
run 0 sample --checkpoint three/last.safetensors --threads 1 --count 3 --steps 0 --init data --out three.csv2.csv
[ "$(head -1 three.csv2.csv)" = c,a ] || fail "columns that were chosen"

# Held-out data of a file sorted by class hold both kinds.
python3 - <<'PYTHON'
import struct
open("sorted.idx", "wb").write(struct.pack(">IIII", 0x803, 40, 28, 28) + bytes([20]) * (784 * 20) + bytes([230]) * (784 * 20))
PYTHON
picture_scene scene.json "$PWD/sorted.idx"
run 0 train --scene scene.json --iterations 1 --threads 1 --out pictures
rm sorted.idx
run 0 evaluate --checkpoint pictures/last.safetensors --threads 1 --json
python3 - stdout <<'PYTHON' || fail "held-out data of one kind: $(cat stdout)"
import json, sys
held = [s for s in json.load(open(sys.argv[1]))["sets"] if s["name"] == "Held-out data"][0]
assert held["n"] == 4 and held["energy_sd"] > 0
PYTHON
