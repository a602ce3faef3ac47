# Energies that are joined, and densities that are drawn.
printf 'x,y\n2,0\n0,2\n' >points.csv
energy_of() { # SCENE OPTIONS…: the energies of both points
    run 0 energy --scene "$@" --in points.csv --out energy.csv
    tail -2 energy.csv | tr '\n' ' '
}
# Both are on the ring; the wells are at (±2, 0), and E = 4 + 4 / 0.98 at (0, 2).
python3 - $(energy_of ring_and_wells) $(energy_of ring_and_wells --set compose.weights=1,-0.5) \
    $(energy_of ring_and_wells --set compose.as=or) <<'E2' || fail "energies of compositions"
import sys, math
a, b, c, d, e, f = map(float, sys.argv[1:])
well = 4 + 4 / 0.98
near = lambda x, y: abs(x - y) < 1e-3
assert near(a, 0) and near(b, well) and near(c, 0) and near(d, -well / 2), (a, b, c, d)
assert near(e, -math.log(2)) and near(f, -math.log(1 + math.exp(-well))), (e, f)
E2
run 0 sample --scene ring_not_left --count 200 --steps 2000 --threads 1 --out right.csv
python3 -c '
import csv
x = [float(row["x"]) for row in csv.DictReader(open("right.csv"))]
assert sum(v > 0 for v in x) > 0.9 * len(x), "chains are on the left"' || fail "NOT left half"
run 0 evaluate --scene ring_and_wells --json
refused "2 parts need as many weights, and 1 is given" sample --scene ring_and_wells --set compose.weights=1 --out no.csv
refused "OR cannot take a part away" sample --scene ring_and_wells --set compose.weights=1,-1 --set compose.as=or --out no.csv
refused "not trained" train --scene ring_and_wells --out no
refused "no classes" energy --scene ring_and_wells --class 0 --in points.csv --out no.csv

run 0 describe --scene ring_and_wells
contains stdout "Ring, weight 1: Ring. It has no weights."
lacks stdout Parameters
run 0 describe --scene sprites_composed --json
python3 - <<'E2' || fail "describe --json: $(head -c 600 stdout)"
import json
found = json.load(open("stdout"))
assert found["joined_as"] == "and" and [part["weight"] for part in found["parts"]] == [0.5, 1, 1]
assert [part["classes"] for part in found["parts"]] == [6, 8, 4] and all(part["layers"] for part in found["parts"])
assert found["parameters"] == sum(part["parameters"] for part in found["parts"])
assert found["memory_bytes"]["weights"] == 4 * found["parameters"]
E2
run 0 describe --scene sprites_or
contains stdout "2 energies, joined as or"

# Pictures: three models that were trained apart, and a class for each.
run 0 sample --scene sprites_composed --set "compose.classes=ring,orange,bottom right" --count 1 --steps 1 --threads 1 --out one.npy
refused "Say what each is asked for with --set compose.classes" sample --scene sprites_composed --class ring --count 1 --out no.npy
refused "There is no class 'orenge' (setting compose.classes, part 2" sample --scene sprites_composed --set "compose.classes=ring,orenge,top left" --count 1 --out no.npy

# A scene that is a part of itself.
cat >loop.json <<'E2'
{"format": "ebmlab-scene", "version": 1, "energies": {"parts": [{"scene": "loop.json"}]}, "settings": {"data": {"set": "none"}}}
E2
refused "part of itself" sample --scene loop.json --out no.csv
refused "part of itself" describe --scene loop.json

# The darkness of a picture as a density: trained on, kept, resumed without the picture.
python3 - <<'E2'
import struct, zlib
rows = [bytes([0 if 4 <= y < 8 else 255] * 16) for y in range(16)] # a bar with 0 ≤ y ≤ 2
chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
open("bar.png", "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 16, 16, 8, 0, 0, 0, 0)) +
    chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows))) + chunk(b"IEND", b""))
E2
drawn=(--set data.set=drawn --set data.count=2000)
run 0 data --scene two_moons "${drawn[@]}" --set data.path=bar.png --count 500 --out drawn.csv
python3 -c '
import csv, math
rows = list(csv.DictReader(open("drawn.csv")))
assert len(rows) == 500 and all(0 <= float(row["y"]) < 2 for row in rows)
assert all(abs(float(row["log_p_nat"]) + math.log(16)) < 1e-3 for row in rows)' || fail "data of a drawing"
run 0 train --scene two_moons "${drawn[@]}" --set data.path=bar.png --iterations 20 "${small[@]}" --out run
rm bar.png
run 0 train --resume run/last.safetensors --iterations 25 --threads 1 --out run
run 0 evaluate --checkpoint run/last.safetensors --threads 1 --json
grep -qE '"kl": [0-9]' stdout || fail "no KL of a drawn density"
refused "Nothing is drawn yet" train --scene two_moons "${drawn[@]}" --out no
refused "bar.png" train --scene two_moons "${drawn[@]}" --set data.path=bar.png --out no
refused "no drawing" train --scene two_moons "${drawn[@]}" --set data.drawing=abc --out no
