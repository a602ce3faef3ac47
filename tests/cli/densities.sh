# Normalised models: a flow on the plane and on pictures, trained, resumed, sampled, scored and exported.
number() { # number KEY: the first value of a key of the JSON in ./stdout
    grep -o "\"$1\": [-0-9.e+]*" stdout | head -1 | cut -d' ' -f2
}
below() { awk -v a="$1" -v b="$2" 'BEGIN {exit !(a < b)}'; }

# Two moons: KL by quadrature as for every energy.
run 0 train --scene two_moons_flow --iterations 300 --set model.flow_steps=8 --threads 1 --out moons
contains stdout "−log p"
lacks stdout "E⁺ − E⁻"
run 0 evaluate --checkpoint moons/last.safetensors --json
below "$(number kl)" 0.4 || fail "KL of the flow is $(number kl)"
below "$(number log_z)" 0.01 && below -0.01 "$(number log_z)" || fail "log Z of the flow is $(number log_z)"
contains stdout '"kl_exact": true'
contains stdout '"log_z_note": "The model is normalised'
refused "This model is normalised: its log Z is 0" evaluate --checkpoint moons/last.safetensors --ais
run 0 evaluate --checkpoint moons/last.safetensors --json
contains stdout '"bits_per_dimension": null'
contains stdout '"bits_per_dimension_reason": "it is known of pictures only"'
# Its own samples need no chains, and chains on it stay where samples are.
run 0 sample --checkpoint moons/last.safetensors --count 50 --seed 2 --threads 1 --out own.csv
contains stdout "50 independent samples"
run 0 sample --checkpoint moons/last.safetensors --count 50 --seed 2 --init model --steps 0 --threads 1 --out named.csv
same own.csv named.csv
run 0 sample --checkpoint moons/last.safetensors --count 20 --seed 2 --threads 1 --out few.csv
head -21 own.csv | same - few.csv
run 0 sample --checkpoint moons/last.safetensors --count 50 --init noise --steps 20 --threads 1 --out chains.csv
contains stdout "after 20 steps"
run 0 energy --checkpoint moons/last.safetensors --in own.csv --threads 1 --out energies.csv
[ "$(rows energies.csv)" -eq 51 ] || fail "there are $(rows energies.csv) lines of energies"
refused "draws no samples without chains" sample --scene double_well --init model --threads 1 --out no.csv

# Resumed bit for bit.
flow=(--set model.width=8 --set model.layers=1 --set model.flow_steps=3 --set train.batch=32 --set data.count=500
    --set sampler.chains=16 --threads 1)
run 0 train --scene two_moons_flow --iterations 30 "${flow[@]}" --out whole
run 0 train --scene two_moons_flow --set train.iterations=30 --seconds 0.000001 "${flow[@]}" --out parts
contains stdout "iteration 1 of 30"
run 0 train --resume parts/last.safetensors --threads 1 --out parts
tensors whole/last.safetensors >a && tensors parts/last.safetensors >b && same a b
cut -d, -f1,3- whole/log.csv >a && cut -d, -f1,3- parts/log.csv >b && same a b
# What a training without negatives does not have is not a number in the log.
awk -F, 'NR == 1 {for (i = 1; i <= NF; ++i) at[$i] = i}
    NR == 2 {exit !($at["negative_energy_nat"] == "nan" && $at["accepted_share"] == "nan" && $at["loss_nat"] != "nan")}' whole/log.csv ||
    fail "the log is $(head -2 whole/log.csv)"
run 0 export --checkpoint whole/last.safetensors --out small.safetensors
run 0 evaluate --checkpoint small.safetensors --threads 1
contains stdout "KL(data"

# Pictures.
pictures digits 120
picture_scene glow.json digits
glow=(--set model.energy=flow --set model.width=8 --set model.flow_steps=2 --set train.optimizer=adamax
    --set train.batch=16 --threads 1)
run 0 train --scene glow.json --iterations 6 "${glow[@]}" --out pictures
contains stdout "bits per dimension"
run 0 train --scene glow.json --set train.iterations=6 --seconds 0.000001 "${glow[@]}" --out pieces
run 0 train --resume pieces/last.safetensors --threads 1 --out pieces
tensors pictures/last.safetensors >a && tensors pieces/last.safetensors >b && same a b
run 0 evaluate --checkpoint pictures/last.safetensors --threads 1 --json
below "$(number mean)" 20 || fail "bits per dimension are $(number mean)"
contains stdout '"exact": false'
run 0 evaluate --checkpoint pictures/last.safetensors --threads 1
contains stdout "an upper bound"
run 0 sample --checkpoint pictures/last.safetensors --count 4 --threads 1 --out drawn.npy
run 0 energy --checkpoint pictures/last.safetensors --in drawn.npy --threads 1 --out energies.csv
[ "$(rows energies.csv)" -eq 5 ] || fail "there are $(rows energies.csv) lines of energies"
refused "cannot be halved 3 times" train --scene glow.json "${glow[@]}" --set model.flow_levels=3 --out no
refused "has no classes" train --scene two_moons_flow --set model.conditional=true --out no

run 0 describe --scene two_moons_flow
contains stdout "affine coupling"
lacks stdout "replay buffer"

# The same two moons by an autoencoder, whose energy is a bound.
run 0 train --scene two_moons_vae --iterations 400 --set model.latent_warm_up=100 --set train.batch=128 --threads 2 --out brush
run 0 evaluate --checkpoint brush/last.safetensors --all --json
below "$(number kl)" 2 || fail "KL of the autoencoder is $(number kl)"
contains stdout '"kl_exact": false'
contains stdout '"kl_bound": "by importance sampling with 32 fixed draws'
# Likelihood is that of the bound, −mean E, and no box has normalised it.
python3 - <<'PYTHON' || fail "the bound: $(head -c 3000 stdout)"
import json
result = json.load(open("stdout"))
held_out = next(set for set in result["sets"] if set["name"] == "Held-out data")
found = result["held_out_log_likelihood"]
assert not found["exact"] and "32 fixed draws" in found["bound"] and found["log_z_error"] == 0
assert abs(found["mean"] + held_out["energy_mean"]) < 1e-4 * abs(held_out["energy_mean"]), (found, held_out)
assert result["log_z"] < 0, result["log_z"]
PYTHON
run 0 evaluate --checkpoint brush/last.safetensors
contains stdout "KL(data‖model) at most "
contains stdout "Held-out log-likelihood at least "
run 0 sample --checkpoint brush/last.safetensors --count 40 --seed 2 --threads 1 --out painted.csv
contains stdout "40 independent samples"
run 0 sample --checkpoint brush/last.safetensors --count 3 --seed 2 --threads 1 --out few.csv
head -4 painted.csv | same - few.csv
run 0 energy --checkpoint brush/last.safetensors --in painted.csv --threads 1 --out energies.csv
[ "$(rows energies.csv)" -eq 41 ] || fail "there are $(rows energies.csv) lines of energies"

# Pictures by PixelCNN++ and by an autoencoder: resumed bit for bit, sampled, scored, described.
for kind in pixelcnn vae; do
    model=(--set model.energy=$kind --set model.channels=4 --set model.components=2 --set model.latent=3
        --set model.bound_draws=2 --set train.batch=4 --threads 1)
    run 0 train --scene glow.json --iterations 6 "${model[@]}" --out $kind
    contains stdout "bits per dimension"
    run 0 train --scene glow.json --set train.iterations=6 --seconds 0.000001 "${model[@]}" --out $kind-pieces
    run 0 train --resume $kind-pieces/last.safetensors --threads 1 --out $kind-pieces
    tensors $kind/last.safetensors >a && tensors $kind-pieces/last.safetensors >b && same a b
    run 0 evaluate --checkpoint $kind/last.safetensors --threads 1 --json
    below "$(number mean)" 20 || fail "bits per dimension of $kind are $(number mean)"
    contains stdout "\"exact\": $([ $kind = pixelcnn ] && echo true || echo false)"
    run 0 sample --checkpoint $kind/last.safetensors --count 4 --seed 3 --threads 1 --out drawn.npy
    run 0 sample --checkpoint $kind/last.safetensors --count 4 --seed 3 --threads 2 --out again.npy
    same drawn.npy again.npy
    run 0 energy --checkpoint $kind/last.safetensors --in drawn.npy --threads 1 --out energies.csv
    [ "$(rows energies.csv)" -eq 5 ] || fail "there are $(rows energies.csv) lines of energies"
    run 0 sample --checkpoint $kind/last.safetensors --count 4 --init noise --steps 2 --threads 1 --out chains.npy
    run 0 describe --scene glow.json --set model.energy=$kind
    contains stdout "convolution"
    lacks stdout "replay buffer"
done
refused "has no classes" train --scene two_moons_vae --set model.conditional=true --out no
refused "needs pictures" train --scene two_moons --set model.energy=pixelcnn --out no
