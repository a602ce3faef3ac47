# The command line says what the window's Health panel knows.
run 0 train --scene two_moons_published --iterations 2500 --seed 1 --threads 1 --json --out sick
contains stderr "Health at iteration"
[ "$(grep -c 'Health at iteration' stderr)" -lt 12 ] || fail "the same verdict again and again: $(cat stderr)"
head -1 sick/log.csv | grep -q ',health$' || fail "log.csv has no column health"
tail -1 sick/log.csv | grep -qE ',(attention|failure)$' || fail "the last row says: $(tail -1 sick/log.csv)"
python3 - stdout <<'PYTHON' || fail "JSON: $(cat stdout)"
import json, sys
end = json.load(open(sys.argv[1]))
assert end["health"]["level"] in ("attention", "failure") and end["health"]["sentence"] and end["health"]["remedy"]
assert open("stderr").read().count(end["health"]["sentence"]) == 1, "the same verdict twice, or never"
assert end["iteration"] == end["iterations"] == 2500 and not end["interrupted"]
PYTHON
run 0 train --scene eight_gaussians --iterations 300 --seed 1 --threads 1 --json --out well
lacks stderr "Health at the end"
python3 -c 'import json; assert json.load(open("stdout"))["health"]["level"] == "good"' || fail "a healthy run: $(cat stdout)"

# Chains that never move.
model=(--checkpoint well/last.safetensors --threads 1 --count 100 --steps 30)
run 0 sample "${model[@]}" --out points.csv
contains stdout "Accepted"
contains stdout "of the chains never moved"
lacks stderr "No chain moved"
run 0 sample "${model[@]}" --set sampler.step_size=50 --set sampler.jump_share=0 --out points.csv
contains stdout "Accepted 0.0 %; 100.0 % of the chains never moved."
contains stderr "No chain moved"
