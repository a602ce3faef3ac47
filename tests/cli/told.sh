# What would mislead is said.
python3 - <<'PYTHON'
import random
random.seed(3)
rows = ["%.2f,%.2f" % (random.gauss(170, 8), random.gauss(70, 9)) for _ in range(300)]
names = "height_cm,weight_kg"
open("people.csv", "w").write("\n".join([names, *rows]) + "\n")
open("outlier.csv", "w").write("\n".join([names, *rows[:41], "171.00,1000000", *rows[41:]]) + "\n")
open("units.csv", "w").write("\n".join(["height,weight", "cm,kg", *rows]) + "\n")
open("turned.csv", "w").write("\n".join(["weight_kg,height_cm", *(",".join(r.split(",")[::-1]) for r in rows)]) + "\n")
PYTHON
run 0 train --scene points --set data.path=people.csv --iterations 60 "${small[@]}" --out run
lacks stderr "record"
model=(--checkpoint run/last.safetensors --threads 1)

# One far outlier makes the standard deviation.
run 0 train --scene points --set data.path=outlier.csv --iterations 2 "${small[@]}" --out far
contains stderr "weight_kg = 1e+06 in record 42"
contains stderr "standard deviation"
lacks stderr "height_cm ="

# Points that no chain reaches are named while training and at its end, with the box that would hold them.
python3 - <<'PYTHON'
import math
rows = ["%f,%f" % (math.sin(i), math.cos(1.7 * i)) for i in range(990)] + ["%d,%d" % (12 + i, -11 - i) for i in range(10)]
open("beyond.csv", "w").write("\n".join(["x,y", *rows]) + "\n")
PYTHON
run 0 train --scene points --set data.path=beyond.csv --set sampler.box_low=-4 --set sampler.box_high=4 --iterations 50 "${small[@]}" --out beyond
contains stderr "training points lie outside the sampler's box"
contains stderr "Widen the box to"

# A second line with units.
refused 'below the names of the columns, holds no number but text ("cm")' train --scene points --set data.path=units.csv --out no

# Columns that were chosen are taken as they were chosen, or refused.
refused "the same in another order" energy "${model[@]}" --in people.csv --columns weight_kg,height_cm --out no.csv
refused "the same in another order" energy "${model[@]}" --in people.csv --columns 2,1 --out no.csv
run 0 energy "${model[@]}" --in people.csv --out one.csv
run 0 energy "${model[@]}" --in turned.csv --out two.csv
same one.csv two.csv
run 0 energy "${model[@]}" --in turned.csv --columns 2,1 --out two.csv
same one.csv two.csv

# Names of the program's own sets.
for name in "Training data" "held-out data" "Replay buffer"; do
    refused "set of the program's own" evaluate "${model[@]}" --ood "$name=people.csv"
done

# JSON has every key, null with a reason where something is not known.
keys() {
    python3 - stdout "$@" <<'PYTHON' || fail "JSON of $*: $(head -c 3000 stdout)"
import json, sys
result = json.load(open(sys.argv[1]))
for key in "kl kl_error data_mass data_mass_error log_z log_z_error held_out_log_likelihood modes positive_class kl_history box".split():
    assert key in result, key
    assert (result[key] is None) == (key + "_reason" in result), key
for key in sys.argv[2:]:
    assert result[key] is None and result[key + "_reason"], key
PYTHON
}
run 0 evaluate "${model[@]}" --json
keys kl kl_error data_mass data_mass_error modes
run 0 evaluate --scene double_well --threads 1 --json
keys kl held_out_log_likelihood modes
pictures few.idx 40
picture_scene pictures.json "$PWD/few.idx"
run 0 train --scene pictures.json --iterations 2 --threads 1 --out pictures
run 0 evaluate --checkpoint pictures/last.safetensors --threads 1 --json
keys kl log_z log_z_error held_out_log_likelihood modes

# A picture of samples is not samples.
for start in "pictures/last.safetensors" "run/last.safetensors"; do
    run 0 sample --checkpoint "$start" --count 5 --steps 1 --threads 1 --out grid.png
    refused "a picture of samples" sample --checkpoint "$start" --count 5 --steps 1 --threads 1 --init grid.png --out no.npy
done
run 0 sample --help
contains stdout "cannot be read as samples again"
contains stdout "energies_not_finite"

# Starting points outside the box are blamed on their file.
printf 'height_cm,weight_kg\n170,70\n1000,70\n' >starts.csv
run 0 sample "${model[@]}" --count 2 --steps 3 --init starts.csv --out ends.csv
contains stderr "starts.csv: 1 of 2 points lie outside the sampler's box (height_cm from"
contains stderr "the first in record 2"
printf 'height_cm,weight_kg\n170,70\n1e38,70\n' >starts.csv
code=0
"$ebmlab" sample "${model[@]}" --count 2 --steps 3 --init starts.csv --out ends.csv >stdout 2>stderr </dev/null || code=$?
contains stderr "starts.csv"
contains stderr "ecord 2"
run 1 sample --scene double_well --threads 1 --count 2 --steps 3 --init starts.csv --out ends.csv
contains stderr "Record 2"
lacks stderr "step_size"

# log.csv has KL and AUROC where they were computed.
run 0 train --scene eight_gaussians --iterations 60 --set train.measure_every=25 "${small[@]}" --out measured
python3 - <<'PYTHON' || fail "log.csv: $(head -2 measured/log.csv)"
import csv
rows = list(csv.DictReader(open("measured/log.csv")))
for row in rows:
    known = row["iteration"] in ("25", "50", "60")
    for key in ("kl_nat", "kl_error_nat", "auroc_uniform_box"):
        assert (row[key] != "") == known, row
    if known:
        assert float(row["kl_nat"]) > 0 and 0 <= float(row["auroc_uniform_box"]) <= 1
PYTHON
run 0 evaluate --checkpoint measured/last.safetensors --threads 1 --json
python3 - <<'PYTHON' || fail "KL of the log is not that of evaluate"
import csv, json
row = list(csv.DictReader(open("measured/log.csv")))[-1]
result = json.load(open("stdout"))
assert abs(result["kl"] - float(row["kl_nat"])) < 1e-9 + 1e-6 * result["kl"]
assert [point["iteration"] for point in result["kl_history"]] == [25, 50, 60]
PYTHON
