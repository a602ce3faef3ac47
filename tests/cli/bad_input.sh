# Everything that can be wrong with what a person gives: one clear sentence, exit code 1, nothing lost.
run 0 train --scene eight_gaussians --iterations 3 "${small[@]}" --out run
cp run/last.safetensors good.safetensors
printf 'x,y\n0,0\n1,-1\n' >good.csv
energy=(energy --checkpoint good.safetensors --threads 1 --out out.csv --in)
echo keep >out.csv

# Sample files
: >empty.csv
printf '1,2\n3\n' >ragged.csv
printf 'x,y\n1,two\n' >words.csv
printf '1,nan\n' >nan.csv
printf '1,2,3\n' >wide.csv
head -c 3000 /dev/zero >zeros.csv
refused "missing.csv" "${energy[@]}" missing.csv
refused "empty.csv" "${energy[@]}" empty.csv
refused "ine 2" "${energy[@]}" ragged.csv
refused "ine 2" "${energy[@]}" words.csv
refused "nan.csv" "${energy[@]}" nan.csv
refused "3 numbers a row" "${energy[@]}" wide.csv
refused "zeros.csv" "${energy[@]}" zeros.csv
refused "." "${energy[@]}" .
refused "good.safetensors" "${energy[@]}" good.safetensors

run 0 sample --checkpoint good.safetensors --threads 1 --count 5 --steps 1 --out good.npy
: >empty.npy
head -c 60 good.npy >cut_header.npy
head -c 150 good.npy >cut.npy
cp good.npy flipped.npy && overwrite flipped.npy 1 0
cp good.npy huge.npy && overwrite huge.npy 8 377 377
for file in empty cut_header cut flipped huge; do
    refused "$file.npy" "${energy[@]}" "$file.npy"
done

pictures good.idx 20
picture_scene scene.json "$PWD/good.idx"
run 0 train --scene scene.json --iterations 1 --threads 1 --out pictures
picture_energy=(energy --checkpoint pictures/last.safetensors --threads 1 --out out.csv --in)
gzip -k good.idx
run 0 "${picture_energy[@]}" good.idx.gz
echo keep >out.csv
: >empty.idx
head -c 10 good.idx >cut_header.idx
head -c 9000 good.idx >cut.idx
cp good.idx type.idx && overwrite type.idx 2 015
cp good.idx huge.idx && overwrite huge.idx 4 177 377 377 377 177 377 377 377 177 377 377 377
: >empty.idx.gz
head -c 2000 good.idx.gz >cut.idx.gz
cp good.idx.gz flipped.idx.gz && overwrite flipped.idx.gz 1500 0 377 0
cp good.idx plain.idx.gz && head -c 500 good.idx.gz >>plain.idx.gz
for file in empty.idx cut_header.idx cut.idx type.idx huge.idx empty.idx.gz cut.idx.gz flipped.idx.gz plain.idx.gz missing.idx; do
    refused "$file" "${picture_energy[@]}" "$file"
done
run 0 sample --checkpoint pictures/last.safetensors --threads 1 --count 1 --steps 1 --out grid.png
: >empty.png
head -c 100 grid.png >cut.png
cp grid.png flipped.png && overwrite flipped.png 20 0 0
echo "not a picture" >text.png
for file in empty cut flipped text missing; do
    refused "$file.png" "${picture_energy[@]}" "$file.png"
done
refused "picture of samples" "${picture_energy[@]}" grid.png
refused "good.idx" "${energy[@]}" good.idx

# Checkpoints
on() { refused "$1" energy --checkpoint "$2" --threads 1 --in good.csv --out out.csv; }
: >empty.safetensors
head -c 100 good.safetensors >cut_header.safetensors
head -c 3000 good.safetensors >cut.safetensors
size=$(wc -c <good.safetensors)
cp good.safetensors flipped.safetensors && overwrite flipped.safetensors $((size - 1000)) 0 1 2
cp good.safetensors huge.safetensors && overwrite huge.safetensors 4 377 377 377
sed 's/"version":"1"/"version":"7"/' good.safetensors >newer.safetensors
sed 's/ebmlab-checkpoint/another-programme/' good.safetensors >other.safetensors
for file in empty cut_header cut flipped huge newer other missing; do
    on "$file.safetensors" "$file.safetensors"
done
on "newer" newer.safetensors
on "not a checkpoint" other.safetensors
on "good.csv" good.csv
refused "flipped.safetensors" train --resume flipped.safetensors --threads 1 --out run
refused "model.width" train --scene two_moons --resume good.safetensors --threads 1 --out run
refused "missing.safetensors" sample --checkpoint missing.safetensors --out out.csv
[ "$(cat out.csv)" = keep ] || fail "a failed command overwrote its output"
same run/last.safetensors good.safetensors
ls run | grep -q earlier && fail "a refused training renamed the run"

# Scenes and settings
train() { local phrase=$1; shift; refused "$phrase" train --out new --threads 1 "$@"; }
train "two_moons" --scene two_moonz
train "missing.json" --scene missing.json
echo '{"format": "ebmlab-scene", "version": 1, "settings": {' >cut.json
train "cut.json" --scene cut.json
echo '{"format": "ebmlab-scene", "version": 99}' >newer.json
train "newer" --scene newer.json
: >empty.json
train "empty.json" --scene empty.json
sed 's/"batch": 8/"batch": "eight"/' scene.json >wrong.json
train "train.batch" --scene wrong.json
sed "s|$PWD/good.idx|nowhere.idx|" scene.json >nowhere.json
train "nowhere.idx" --scene nowhere.json
train "sampler.step_size" --scene two_moons --set sampler.step_sise=1
train "sampler.steps" --scene two_moons --set sampler.steps=0
train "sampler.kind" --scene two_moons --set sampler.kind=nuts
train "train.batch" --scene two_moons --set train.batch=many
train "train.learning_rate" --scene two_moons --set train.learning_rate=nan
train "box" --scene two_moons --set sampler.box_low=9
train "train.iterations" --scene two_moons --iterations 0
train "nothing" --scene two_moons --set data.set=nothing
train "missing.csv" --scene points --set data.path=missing.csv
[ ! -e new ] || fail "a refused training left an output folder"

# A device that is not there
train "CUDA" --scene two_moons --device cuda
[ ! -e new ] || fail "a refused device left an output folder"

# Numbers that stop being finite: the last good checkpoint stays.
run 1 train --scene two_moons "${small[@]}" --set sampler.kind=langevin --set sampler.step_size=1000 --set sampler.box=false \
    --set sampler.drift_limit=0 --set train.learning_rate=1 --set train.gradient_norm=0 --set model.output_scale=20 \
    --iterations 5000 --out wild
contains stderr "finite"
contains stderr "wild/last.safetensors still holds iteration 0"
run 0 energy --checkpoint wild/last.safetensors --threads 1 --in good.csv --out wild.csv

# Folders and disks that take nothing
echo file >taken
refused "taken" train --scene two_moons "${small[@]}" --iterations 1 --out taken
refused "taken" train --scene two_moons "${small[@]}" --iterations 1 --out taken/run
refused "nowhere" sample --checkpoint good.safetensors --threads 1 --count 1 --steps 1 --out nowhere/points.csv
refused ".gif" sample --checkpoint good.safetensors --count 1 --out points.gif
refused "taken" export --checkpoint good.safetensors --out taken/small.safetensors
if [ "$(id -u)" -ne 0 ]; then
    mkdir locked && chmod a-w locked
    refused "locked" train --scene two_moons "${small[@]}" --iterations 1 --out locked/run
    chmod u+w locked
fi
# A file size limit stands in for a full disk.
(
    trap '' XFSZ
    ulimit -f 1
    "$ebmlab" train --resume run/last.safetensors --iterations 5 --threads 1 --out run >full_stdout 2>full_stderr </dev/null
    [ $? -eq 1 ]
) || fail "a full disk: $(cat full_stderr)"
contains full_stderr "run/"
same run/last.safetensors good.safetensors
run 0 train --resume run/last.safetensors --iterations 5 --threads 1 --out run
