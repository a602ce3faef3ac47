# The data of a scene as a file, with what is exactly known of each sample.
run 0 data --scene eight_gaussians --count 500 --seed 3 --out points.csv
[ "$(rows points.csv)" -eq 501 ] && [ "$(head -1 points.csv)" = x,y,log_p_nat,mode ] || fail "$(head -1 points.csv)"
# log p = log Σ exp(−d² / 0.08) / (8 · 2π · 0.04), computed again; the mode is the nearest centre.
awk -F, 'NR > 1 {
    sum = 0; best = 1e9
    for (i = 0; i < 8; ++i) {
        a = i * atan2(0, -1) / 4; d = ($1 - 2 * cos(a))^2 + ($2 - 2 * sin(a))^2
        sum += exp(-d / 0.08)
        if (d < best) { best = d; mode = i }
    }
    off = log(sum / (8 * 2 * atan2(0, -1) * 0.04)) - $3
    if (off > 1e-3 || off < -1e-3 || ($4 != mode && $4 != -1)) exit 1
}' points.csv || fail "log p or mode of points.csv"
run 0 data --scene eight_gaussians --count 500 --seed 3 --out again.csv
same points.csv again.csv
run 0 data --scene eight_gaussians --count 500 --seed 4 --out other.csv
! cmp -s points.csv other.csv || fail "another seed gave the same points"
run 0 data --scene pinwheel --count 10 --out points.npy
[ "$(head -c 6 points.npy | tail -c 5)" = NUMPY ] || fail "points.npy"
head -c 128 points.npy | grep -qa "'<f4'.*(10, 2)" || fail "classes changed the numbers of points.npy"
run 0 data --scene pinwheel --count 10 --out pinwheel.csv
[ "$(head -1 pinwheel.csv)" = x,y,log_p_nat,class ] || fail "the pinwheel has classes and no modes: $(head -1 pinwheel.csv)"
pictures pictures.idx 40
picture_scene pictures.json pictures.idx
run 0 data --scene pictures.json --count 5 --out pictures.npy
exists pictures.npy
refused "training samples" data --scene pictures.json --count 4000 --out pictures.npy
refused "no data" data --scene double_well --count 10 --out points.csv
refused "kind of file" data --scene two_moons --count 10 --out points.xyz
wrong_usage=$("$ebmlab" data --scene two_moons 2>&1 || true)
case $wrong_usage in *--out*) ;; *) fail "data without --out: $wrong_usage" ;; esac

# Points of a file come in the file's own numbers and under its names, to a file as to a stream.
printf 'height,weight\n' >people.csv
for i in $(seq 30); do echo "$((150 + i)),$((50 + i * i % 40))"; done >>people.csv
run 0 data --scene points --set data.path=people.csv --count 5 --out own.csv
[ "$(head -1 own.csv)" = height,weight ] || fail "names of own.csv: $(head -1 own.csv)"
awk -F, 'NR > 1 && ($1 < 150 || $1 > 181) { exit 1 }' own.csv || fail "own.csv is not in the units of its file"
run 0 data --scene two_moons --count 3 --out moons.csv
# Their classes go with them.
{ echo height,weight,group; awk -F, 'NR > 1 { print $0 "," ($1 > 165 ? "tall" : "short") }' people.csv; } >groups.csv
run 0 data --scene points --set data.path=groups.csv --set data.columns=height,weight --set data.labels=group --count 25 --out own.csv
refused "column group is to be a number of each row and its class" data --scene points --set data.path=groups.csv --set data.columns=height,group --set data.labels=group --out no.csv
[ "$(head -1 own.csv)" = height,weight,class ] || fail "names of own.csv: $(head -1 own.csv)"
awk -F, 'NR > 1 { class[$1 > 165] = class[$1 > 165] $3 } END { exit !(class[0] ~ /^0+$/ && class[1] ~ /^1+$/) }' own.csv ||
    fail "classes of own.csv: $(cat own.csv)"
"$ebmlab" data --scene two_moons --count 3 --out - >streamed.csv 2>/dev/null || fail "data --out -"
same moons.csv streamed.csv

# Sprites, the same whenever and wherever they are made.
sprites=(data --scene fashion_mnist --set data.set=sprites --set data.count=200 --count 8)
run 0 "${sprites[@]}" --out sprites.npy
run 0 "${sprites[@]}" --set data.labels=colour --out again.npy
same sprites.npy again.npy
refused "Did you mean colour?" "${sprites[@]}" --set data.labels=color --out no.npy

# No output takes the place of what was read.
cp people.csv mine.csv
refused "would replace" data --scene points --set data.path=mine.csv --count 5 --out mine.csv
same people.csv mine.csv
run 0 train --scene two_moons --iterations 2 "${small[@]}" --out run
run 0 data --scene two_moons --count 3 --out start.csv && cut -d, -f1,2 start.csv >init.csv && cp init.csv kept.csv
refused "would replace" sample --checkpoint run/last.safetensors --init init.csv --count 2 --steps 1 --out o.csv --trace init.csv
same init.csv kept.csv
refused "same file" sample --checkpoint run/last.safetensors --count 2 --steps 1 --out s.csv --trace s.csv
mkdir own && cp people.csv own/log.csv
refused "its own data" train --scene points --set data.path=own/log.csv --iterations 2 --threads 1 --out own
same people.csv own/log.csv
