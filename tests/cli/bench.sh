# The table names every line that is promised, with path, reference, ratio, share and memory.
run 0 bench --runs 1 --threads 1
contains stdout "Threads: 1"
contains stdout "one step of 64 chains"
contains stdout "one step of 16,384 chains"
contains stdout "one step of 128 chains"
contains stdout "one training iteration (batch 256, K 20)"
contains stdout "one training iteration (batch 128, K 60)"
contains stdout "landscape of 256 × 256 as it is drawn, one thread"
contains stdout "256 × 256 energies, one thread"
contains stdout "Matrix product 1024³"
for column in time reference ratio "of the product" memory rate; do contains stdout "$column"; done

# --only picks lines by name, and the numbers of a line agree with each other.
run 0 bench --runs 3 --only plane_ --threads 1 --json
lacks stdout '"images_128"'
python3 - stdout <<'PYTHON' || fail "the numbers of the table do not agree: $(head -c 2000 stdout)"
import json, sys
table = json.load(open(sys.argv[1]))
assert table["threads"] == 1 and table["runs"] == 3
assert [line["name"] for line in table["results"]] == [
    "plane_64", "plane_256", "plane_1024", "plane_4096", "plane_16384", "plane_mala", "plane_training"]
for line in table["results"]:
    assert 0 < line["milliseconds"] < line["reference_milliseconds"] * 100
    assert abs(line["ratio"] - line["reference_milliseconds"] / line["milliseconds"]) < 1e-6 * line["ratio"]
    assert 0 < line["share_of_matrix_product"] < 10
    assert 10e6 < line["peak_memory_bytes"] < 100e9
# A step is counted at 132,608 operations a chain on 2-128-128-128-1.
assert table["results"][2]["operations"] == 1024 * 132608
PYTHON

# All threads: the landscape has a line of its own for them.
run 0 bench --runs 1 --only landscape --threads 2
contains stdout "landscape of 256 × 256 as it is drawn, one thread"
contains stdout "landscape of 256 × 256 as it is drawn, 2 threads"
refused "No line's name contains 'nothing'" bench --only nothing
