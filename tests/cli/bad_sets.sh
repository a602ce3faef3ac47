# Sets of pictures that are cut, broken or do not fit: one sentence each, with file, record and remedy.
command -v python3 >/dev/null || skip "there is no python3 to write the files"
corpus=$here/../fuzz/corpus
python3 - <<'PYTHON'
import os, struct, zipfile, zlib
def folder(name):
    os.makedirs(name, exist_ok=True)
    return name + "/"
record = lambda label: bytes([label]) + bytes(range(256)) * 12
open(folder("whole") + "data_batch_1.bin", "wb").write(b"".join(record(i) for i in range(10)))
open(folder("whole") + "test_batch.bin", "wb").write(b"".join(record(i) for i in range(10)) * 2)
open(folder("cut") + "data_batch_1.bin", "wb").write(record(0) + record(1)[:3000])
open(folder("label10") + "data_batch_1.bin", "wb").write(record(3) + record(10))

def npy(kind, shape, content):
    header = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }" % (kind, shape)
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + content
def imagenet(name, labels):
    with zipfile.ZipFile(folder(name) + "train_data_batch_1.npz", "w") as file:
        file.writestr("data.npy", npy("|u1", "(2, 3072)", bytes(6144)))
        if labels: file.writestr("labels.npy", npy("<i8", "(%d,)" % len(labels), struct.pack("<%dq" % len(labels), *labels)))
imagenet("unlabelled", [])
imagenet("label1001", [1, 1001])
imagenet("one_label", [1])

def png(path, bits, rows):
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    side = len(rows)
    open(path, "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, bits, 0, 0, 0, 0)) +
                           chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows))) + chunk(b"IEND", b""))
for label in ("circles", "squares"):
    for i in range(6):
        png(folder("shapes/" + label) + "%d.png" % i, 8, [bytes([(i * 40 + y * 9 + x) % 256 for x in range(8)]) for y in range(8)])
png(folder("deep/a") + "1.png", 16, [bytes(16)] * 8)
png(folder("deep/b") + "1.png", 16, [bytes([200] * 16)] * 8)
PYTHON
export XDG_CACHE_HOME=$PWD/cache

# What a set holds out by itself is counted, and is part of the whole.
run 0 data check whole --json
python3 - <<'PYTHON' || fail "data check --json: $(cat stdout)"
import json
found = json.load(open("stdout"))
assert found["count"] == 30 and found["held_out"] == 20 and found["shape"] == [3, 32, 32] and len(found["classes"]) == 10
assert all(row["count"] == 3 for row in found["classes"])
PYTHON

contains stderr "4 of the 5 files of pictures to learn from are missing, data_batch_2.bin among them"

refused "ends within record 2" data check cut
contains stderr "cut/data_batch_1.bin"
refused "The label of record 2 is 10" data check label10
refused "no array labels" data check unlabelled
refused "label of record 2 is 1001" data check label1001
refused "1 label for 2 pictures" data check one_label

# Pictures of 16 bits are read, and a person sees it, and what is left out.
cp -r deep deeper
printf 'RIFF....WEBP' >deeper/a/2.webp
run 0 data check deeper
contains stdout "2 grey pictures of 8 × 8 pixels"
contains stdout "2 of the pictures have 16 bits a channel, a/1.png among them; 8 are kept."
contains stdout "1 of the files are neither JPEG nor PNG and are left out, a/2.webp among them."
lacks stderr webp
# Of many sizes, in the form that they will be learned in.
cp -r shapes mixed
cp deep/a/1.png mixed/circles/deep.png
cp "$corpus/rgb.jpg" mixed/squares/other.jpg
refused "\`ebmlab data check\` --size" data check mixed
run 0 data check mixed --size 8 --colours grey
contains stdout "14 grey pictures of 8 × 8 pixels"
run 1 data check mixed --size 8 --crop middle
contains stderr "'middle'"
# The same is said when a training begins.
cp deeper/a/2.webp mixed/circles/
run 0 train --scene fashion_mnist --set data.set=pictures --set "data.path=$PWD/mixed" --set data.size=8 --set data.colours=grey \
    --set model.energy=residual --set model.channels=4 --set model.stages=1 --set train.batch=2 --set buffer.size=16 \
    --set sampler.steps=1 --iterations 1 --threads 1 --out mixed_run
contains stderr "1 of the pictures have 16 bits a channel, circles/deep.png among them"
contains stderr "1 of the files are neither JPEG nor PNG and are left out, circles/2.webp among them"

# One broken picture among good ones, in whatever format.
cp -r shapes broken
cp "$corpus/rgb.jpg" broken/circles/whole.jpg
head -c 200 "$corpus/rgb.jpg" >broken/circles/half.jpg
run 1 data check broken
contains stderr "circles/half.jpg"

# One that lost its content on its way.
cp -r shapes lost
: >lost/squares/lost.png
refused "0 bytes" data check lost
contains stderr "squares/lost.png"
echo '<html>' >lost/squares/lost.png
refused "neither JPEG nor PNG" data check lost
contains stderr "squares/lost.png"

# A class without pictures.
cp -r shapes three
mkdir three/triangles
run 0 data check shapes
code=0
"$ebmlab" data check three >stdout 2>stderr || code=$?
cat stdout stderr | grep -q triangles || fail "the empty class is not named: $(cat stdout stderr)"

# A model of other classes than the data: nothing is trained, and the checkpoint is as it was.
cat >shapes.json <<JSON
{"format": "ebmlab-scene", "version": 1, "name": "shapes", "title": "Shapes",
 "settings": {"data": {"set": "pictures", "path": "$PWD/shapes"},
              "model": {"energy": "residual", "conditional": true, "channels": 4, "stages": "1"},
              "sampler": {"kind": "langevin", "mode": "published", "step_size": 10, "gradient_clip": 0.03, "drift_limit": 0,
                          "step_spread": 1, "box_low": -1, "box_high": 1, "jump_share": 0, "steps": 2, "chains": 4},
              "buffer": {"size": 16}, "train": {"batch": 4, "iterations": 4}}}
JSON
run 0 train --scene shapes.json --iterations 2 --threads 1 --out run
cp run/last.safetensors before.safetensors
cp -r shapes others
for i in 1 2 3; do mkdir others/class$i && cp shapes/circles/0.png others/class$i/; done
refused "These are not the data that the model was trained on" train --resume run/last.safetensors --iterations 4 \
    --set "data.path=$PWD/others" --threads 1 --out run
same run/last.safetensors before.safetensors
