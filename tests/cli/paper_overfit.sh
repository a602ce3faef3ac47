# The paper's recipe learns: 200 pictures in CIFAR-10's format, by a small network with the settings of the scene
# cifar10_classes, until energies tell them from noise and samples have their form: a square on black.
command -v python3 >/dev/null || skip "there is no python3 to write the files"
cat >pictures.py <<'PYTHON'
import os, random
colours = [(230, 30, 30), (30, 230, 30), (40, 60, 240), (230, 230, 30), (230, 40, 230),
           (30, 230, 230), (240, 240, 240), (240, 130, 20), (120, 60, 200), (120, 120, 120)]
def picture(draw, label):
    side = draw.randrange(12, 18)
    left, top = draw.randrange(4, 28 - side), draw.randrange(4, 28 - side)
    inside = [left <= i % 32 < left + side and top <= i // 32 < top + side for i in range(1024)]
    return bytes([label]) + bytes(colours[label][c] if there else 10 for c in range(3) for there in inside)
def write():
    draw = random.Random(5)
    os.makedirs("cifar10")
    for name, rounds in [("data_batch_%d.bin" % i, 4) for i in range(1, 6)] + [("test_batch.bin", 2)]:
        with open("cifar10/" + name, "wb") as file:
            for label in list(range(10)) * rounds:
                file.write(picture(draw, label))
PYTHON
python3 -c 'import pictures; pictures.write()'
tiny=(--set model.channels=16 --set model.stem=16 --set model.blocks=1 --set train.batch=16 --set buffer.size=256
    --set sampler.steps=20 --set sampler.chains=10 --set view.scored=20 --set train.learning_rate=0.001 --set train.iterations=100)
run 0 train --scene cifar10_classes "${tiny[@]}" --set "data.path=$PWD/cifar10" --seconds 5 --out run
until [ "$(tail -1 run/log.csv | cut -d, -f1)" = 100 ]; do # stopped and gone on with, as often as it takes
    run 0 train --resume run/last.safetensors --seconds 20 --out run
done
run 0 data --scene cifar10_classes --set "data.path=$PWD/cifar10" --count 40 --out pictures.npy
run 0 energy --checkpoint run/last.safetensors --in pictures.npy --out pictures.csv
run 0 sample --checkpoint run/last.safetensors --class all --count 40 --steps 0 --out noise.npy
run 0 energy --checkpoint run/last.safetensors --in noise.npy --out noise.csv
run 0 sample --checkpoint run/last.safetensors --class all --count 40 --steps 200 --out samples.npy
python3 - <<'PYTHON' || fail "200 pictures were not learned"
import csv, struct
def column(path, name):
    return [float(row[name]) for row in csv.DictReader(open(path))]
def mean(numbers): return sum(numbers) / len(numbers)
difference = column("run/log.csv", "energy_difference_nat")
assert len(difference) == 100, len(difference)
late = mean(difference[-30:])
print("E+ - E- at first %.3f, at last %.3f" % (difference[0], late))
assert -1 < late < 0 < difference[0] # data lie below what the chains find, and not far
known, noise = column("pictures.csv", "energy_nat"), column("noise.csv", "energy_nat")
print("E of pictures %.3f, of noise %.3f" % (mean(known), mean(noise)))
assert max(known) < min(noise)
content = open("samples.npy", "rb").read()
values = struct.unpack("<%df" % (40 * 3072), content[-4 * 40 * 3072:])
bright = 0 # a square on black
for n in range(40):
    def level(rows):
        return mean([values[n * 3072 + c * 1024 + y * 32 + x] for c in range(3) for y, x in rows])
    middle = level([(y, x) for y in range(11, 21) for x in range(11, 21)])
    edge = level([(y, x) for y in range(32) for x in range(32) if min(x, y) < 2 or max(x, y) > 29])
    bright += edge < -0.5 and middle > edge + 0.3
print("%d of 40 samples are bright in the middle and dark at the edge" % bright)
assert bright >= 30 # noise: none
PYTHON
