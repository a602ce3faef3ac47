# A classifier: trained, resumed, exported and evaluated, and how it judges the samples of other models.
sprites=(--set data.count=200 --set data.labels=colour --set train.batch=16 --set buffer.size=32 --threads 1)
scene() { # scene FILE.json ENERGY
    cat >"$1" <<JSON
{"format": "ebmlab-scene", "version": 1, "name": "$2", "title": "$2",
 "settings": {"data": {"set": "sprites"}, "model": {"energy": "$2", "conditional": true, "channels": 4, "stages": "1"},
              "sampler": {"kind": "langevin", "mode": "published", "step_size": 10, "gradient_clip": 0.03, "drift_limit": 0,
                          "step_spread": 1, "box_low": -1, "box_high": 1, "jump_share": 0, "steps": 2, "chains": 4},
              "train": {"iterations": 60, "learning_rate": 0.02, "beta1": 0.9}}}
JSON
}
scene classifier.json classifier
scene residual.json residual
run 0 describe --scene classifier.json
contains stdout "linear"
lacks stdout "replay buffer"
run 0 train --scene classifier.json "${sprites[@]}" --out whole
[ "$(rows whole/log.csv)" -eq 61 ] || fail "log.csv has $(rows whole/log.csv) rows"
run 0 train --scene classifier.json "${sprites[@]}" --seconds 0.000001 --out parts
run 0 train --resume parts/last.safetensors --threads 1 --out parts
tensors whole/last.safetensors >a && tensors parts/last.safetensors >b && same a b

run 0 export --checkpoint whole/last.safetensors --out small.safetensors
[ "$(stat -c %s small.safetensors)" -lt "$(stat -c %s whole/last.safetensors)" ] || fail "the export is no smaller"
for model in whole/last.safetensors small.safetensors; do
    run 0 evaluate --checkpoint "$model" --threads 1 --json
    grep '"accuracy": ' stdout >"$(basename "$model").accuracy"
done
same last.safetensors.accuracy small.safetensors.accuracy
awk -F'[: ,]+' '$3 < 0.5 {exit 1}' last.safetensors.accuracy || fail "it learned nothing: $(cat last.safetensors.accuracy)"
run 0 train --resume small.safetensors --iterations 61 --threads 1 --out more

# Samples of a conditional model, and as many real pictures, as the classifier sees them.
run 0 train --scene residual.json --iterations 2 "${sprites[@]}" --out residual
table=(table samples residual/last.safetensors --classifier small.safetensors --count 40 --steps 4 --threads 1)
run 0 "${table[@]}" --json
python3 - <<'PYTHON' || fail "table samples --json: $(cat stdout)"
import json
table = json.load(open("stdout"))
model, real = table["samples"]
classes = len(table["classes"])
assert table["classifier"]["accuracy"] > 0.5 and table["classifier"]["n"] > 0 and table["seed"] == 3
assert model["name"] == "residual" and real["name"] == "training data" and model["n"] == real["n"] == 40
assert "4 steps from noise" in model["sampler"] and "as published" in model["sampler"] and real["sampler"] is None
for row in (model, real):
    assert sum(row["found"]) == 40 and len(row["found"]) == classes == len(row["confusion"])
    assert [sum(column) for column in zip(*row["confusion"])] == row["found"]
    right = sum(row["confusion"][i][i] for i in range(classes))
    assert abs(row["class_true"] - right / 40) < 1e-9 and row["classes_found"] == sum(n > 0 for n in row["found"])
assert [sum(row) for row in model["confusion"]] == [len(range(k, 40, classes)) for k in range(classes)]
assert model["frechet"] > real["frechet"] > 0 and model["kernel"]["mean"] > real["kernel"]["mean"]
assert model["roughness"] > real["roughness"] > 0
PYTHON
run 0 "${table[@]}"
contains stdout "They are no FID"
contains stdout "class asked for"
contains stdout "Seed 3."
run 0 "${table[@]}" --out table.md
contains table.md "| residual |"
contains stdout "table of 1 models"
run 0 "${table[@]}" --out table.csv
[ "$(rows table.csv)" -eq 3 ] || fail "table.csv"
# What was done with what stands beside the numbers. A model that draws its samples itself does so, and a name with a comma
# stays one cell.
sed 's/"name": "residual"/"name": "a flow, small"/; s/"energy": "residual", "conditional": true/"energy": "flow", "flow_steps": 1/' residual.json >flow.json
run 0 train --scene flow.json --iterations 2 "${sprites[@]}" --out flow
run 0 table samples residual/last.safetensors flow/last.safetensors --classifier small.safetensors --count 40 --threads 1 --out named.csv
python3 - <<'PYTHON' || fail "named.csv: $(cat named.csv)"
import csv
model, flow, real = csv.DictReader(open("named.csv"))
assert model["start"] == "noise" and model["steps"] == "600" and float(model["step_size"]) > 0 and float(model["temperature"]) > 0
assert float(model["noise"]) > 0 and "as published" in model["sampler"] and model["seed"] == "3"
assert int(model["reference_n"]) > 0 and model["classifier"] and model["inception_weights"] == ""
assert flow["samples"] == "a flow, small" and flow["start"] == "model" and flow["steps"] == "0", flow
assert "without chains" in flow["sampler"] and flow["temperature"] == flow["step_size"] == "", flow
assert real["samples"] == "training data" and real["sampler"] == real["start"] == real["steps"] == ""
PYTHON
refused "draws no samples without chains" table samples residual/last.safetensors --classifier small.safetensors --count 4 --init model --threads 1
# What is asked for is what is counted: another seed, other samples.
cp table.csv first.csv
run 0 "${table[@]}" --out table.csv
same first.csv table.csv
run 0 "${table[@]}" --seed 4 --out table.csv
! cmp -s first.csv table.csv || fail "the seed changes nothing"

# With the sampler of another scene, whose rounds are too long to be mixed in so few steps.
run 0 "${table[@]}" --sampler cifar10_classes_sampling --set sampler.noise=0.02
contains stdout "λ 40, noise 0.02, clip 0.025"
contains stderr "are those of the scene cifar10_classes_sampling"
contains stderr "the last 10 rounds of 20 steps are left alone"
refused "no classifier" table samples residual/last.safetensors --classifier residual/last.safetensors --count 4 --steps 1 --threads 1
run 0 train --scene residual.json --iterations 1 "${sprites[@]}" --set data.labels=shape --out shapes
refused "which the classifier classifier does not know" table samples shapes/last.safetensors --classifier small.safetensors --count 4 --steps 1 --threads 1
refused "do not have the shape" table samples double_well --classifier small.safetensors --count 4 --steps 1 --threads 1
refused "Give the weights of the Inception network of 2015-12-05" table samples residual/last.safetensors --classifier small.safetensors \
    --inception residual.json --count 12 --steps 1 --threads 1
refused "lacks a tensor" table samples residual/last.safetensors --classifier small.safetensors --inception small.safetensors --count 12 --steps 1 --threads 1
refused "needs model.conditional" train --scene classifier.json "${sprites[@]}" --set model.conditional=false --out none
refused "ends with .md or .csv" "${table[@]}" --out table.txt
