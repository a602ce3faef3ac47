# The scenes of the paper's runs on small files in the true formats, with tiny networks: trained, stopped and resumed bit for
# bit, sampled and evaluated.
command -v python3 >/dev/null || skip "there is no python3 to write the files"
python3 - "$here/../fuzz/corpus/rgb.jpg" "$here/../fuzz/corpus/progressive.jpg" <<'PYTHON'
import os, random, shutil, struct, sys, zipfile
draw = random.Random(1)
def pixels(count): return bytes(draw.randrange(256) for _ in range(count * 3072))

os.makedirs("cifar10")
for name in ["data_batch_%d.bin" % i for i in range(1, 6)] + ["test_batch.bin"]:
    with open("cifar10/" + name, "wb") as file:
        for record in range(10):
            file.write(bytes([record]) + pixels(1))

def npy(kind, shape, content):
    header = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }" % (kind, shape)
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + content
os.makedirs("imagenet32")
for name in ["train_data_batch_1", "train_data_batch_2", "val_data"]:
    with zipfile.ZipFile("imagenet32/" + name + ".npz", "w", zipfile.ZIP_DEFLATED) as file:
        labels = [draw.randrange(1, 1001) for _ in range(12)]
        file.writestr("data.npy", npy("|u1", "(12, 3072)", pixels(12)))
        file.writestr("labels.npy", npy("<i8", "(12,)", struct.pack("<12q", *labels)))

for part, count in (("train", 4), ("val", 2)):
    for label, source in (("n01440764", sys.argv[1]), ("n02099601", sys.argv[2])):
        os.makedirs("imagenet128/%s/%s" % (part, label))
        for i in range(count):
            shutil.copy(source, "imagenet128/%s/%s/%s_%d.JPEG" % (part, label, label, i))
PYTHON
export EBMLAB_DATA=$PWD/nowhere XDG_CACHE_HOME=$PWD/cache
tiny=(--set model.channels=4 --set model.stem=4 --set model.blocks=1 --set train.batch=4 --set buffer.size=16 --set sampler.steps=2
    --set sampler.chains=4 --set view.scored=4 --threads 1)

# whole SCENE DATA SIDE CLASSES: leaves the trained model in SCENE/last.safetensors.
whole() {
    local scene=$1 data=$2 side=$3 classes=$4
    refused "$PWD/nowhere/$data" train --scene "$scene" "${tiny[@]}" --out none
    local training=(train --scene "$scene" "${tiny[@]}" --set "data.path=$PWD/$data" --set train.iterations=4)
    run 0 "${training[@]}" --out "$scene"
    run 0 "${training[@]}" --seconds 0.000001 --out parts
    contains stdout "iteration 1 of 4"
    run 0 train --resume parts/last.safetensors --threads 1 --out parts
    tensors "$scene/last.safetensors" >a && tensors parts/last.safetensors >b && same a b
    rm -r parts
    local model=(--checkpoint "$scene/last.safetensors" --threads 1)
    run 0 sample "${model[@]}" --count 4 --steps 4 --out samples.npy
    head -c 128 samples.npy | grep -qaF "(4, 3, $side, $side)" || fail "$scene: shape of samples.npy"
    run 0 energy "${model[@]}" --in samples.npy --out energies.csv
    [ "$(rows energies.csv)" -eq 5 ] || fail "$scene: energies.csv"
    [ "$classes" -le 10 ] || return 0 # evaluate scores thousands of pictures, each under all classes
    run 0 evaluate "${model[@]}" --json
    contains stdout '"positive_class": "Held-out data"'
    [ "$classes" = 0 ] || contains stdout '"accuracy": 0.'
}
whole cifar10 cifar10 32 0
whole cifar10_classes cifar10 32 10
run 0 sample --checkpoint cifar10_classes/last.safetensors --class horse --count 2 --steps 2 --threads 1 --out horses.npy
whole imagenet32_classes imagenet32 32 1000
run 1 data check imagenet32 # most of the thousand classes are empty
contains stdout "36 colour pictures of 32 × 32 pixels"
contains stderr "of 1000 classes have no samples: "
contains stdout "without samples: 96"
[ "$(wc -l <stdout)" -lt 50 ] || fail "data check lists classes without samples"
contains stderr "8 of the 10 files of pictures to learn from are missing, train_data_batch_3.npz among them"
[ "$(wc -l <stderr)" -eq 2 ] || fail "data check said $(wc -l <stderr) lines"
whole imagenet128_classes imagenet128 128 2
run 0 sample --checkpoint imagenet128_classes/last.safetensors --class n02099601 --count 2 --steps 2 --threads 1 --out dogs.png

# The remedy of each scene is a command that is there; by hand it says where to unpack, and there the scene finds its data.
for scene in cifar10 cifar10_classes imagenet32_classes imagenet128_classes; do
    run 1 train --scene "$scene" "${tiny[@]}" --out none
    remedy=$(sed -n 's/.*\(ebmlab data get [a-z0-9_]*\).*/\1/p' stderr)
    [ -n "$remedy" ] || fail "$scene names no remedy: $(cat stderr)"
    run 0 data list
    contains stdout "${remedy#ebmlab data get }: "
    [ "${scene#imagenet}" != "$scene" ] || continue
    run 1 data get "${remedy#ebmlab data get }"
    contains stderr "https://image-net.org/download-images.php"
    contains stderr "$EBMLAB_DATA/"
done
contains stderr "unpack it to $EBMLAB_DATA/imagenet/train"
mkdir -p nowhere/imagenet && cp -r imagenet128/* nowhere/imagenet/
run 0 train --scene imagenet128_classes "${tiny[@]}" --iterations 1 --out found
run 0 data list
contains stdout "present in $EBMLAB_DATA/imagenet"

# The sampler of the published scores: weights of a checkpoint, sampler of the scene.
scored=(--scene cifar10_classes_sampling --checkpoint "$PWD/cifar10_classes/last.safetensors" --threads 1)
refused "give that as well, with --checkpoint" sample --scene cifar10_classes_sampling --out no.npy
run 0 sample "${scored[@]}" --set sampler.steps=2 --count 20 --out scored.csv
contains stderr "The model is cifar10_classes; the settings of its sampler are those of the scene cifar10_classes_sampling."
contains stdout "after 200 steps" # a hundred rounds
lacks stderr "asked for another class"
[ "$(tail -n +2 scored.csv | awk -F, '{print $NF}' | tr '\n' ' ')" != "$(for i in 1 2; do seq 0 9; done | tr '\n' ' ')" ] ||
    fail "no chain was asked for another class"
run 0 sample "${scored[@]}" --set sampler.steps=2 --steps 22 --count 10 --out scored.npy
contains stderr "No chain starts anew or is asked for another class: the last 10 rounds of 2 steps are left alone"
run 0 energy "${scored[@]}" --in scored.npy --out energies.csv
run 0 describe --scene cifar10_classes_sampling
python3 - "$here/../../assets/scenes/cifar10_classes_sampling.json" <<'PYTHON'
import json, os, sys
scene = json.load(open(sys.argv[1]))
scene["checkpoint"] = os.getcwd() + "/cifar10_classes/last.safetensors"
settings = scene["settings"]
settings["data"]["path"] = os.getcwd() + "/cifar10"
settings["model"].update(channels=4, stem=4, blocks="1")
settings["buffer"]["size"] = 16
settings["train"]["batch"] = 4
settings["sampler"].update(steps=2, chains=4)
json.dump(scene, open("scored.json", "w"))
PYTHON
run 0 sample --scene scored.json --class all --count 30 --steps 40 --threads 1 --out scored.csv
# Asked in turn at first, for other classes later.
[ "$(tail -n +2 scored.csv | awk -F, '{print $NF}' | head -30 | tr '\n' ' ')" != "$(for i in 1 2 3; do seq 0 9; done | tr '\n' ' ')" ] ||
    fail "no chain was asked for another class"
