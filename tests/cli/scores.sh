# Scores: every one of them, tables, JSON, CSV, what is refused, annealed importance sampling, the table of models.
run 0 train --scene two_moons --iterations 40 --seed 3 "${small[@]}" --out run
model=(--checkpoint run/last.safetensors --threads 1)

# --score on a plane model: the table names score and set, the JSON has an entry for each.
run 0 evaluate "${model[@]}" --score all
for score in energy mass recovery density_of_states typicality denoising; do
    grep -q "^$score  *Uniform box  *1,000  *[01]\.[0-9]* " stdout || fail "no row of $score: $(cat stdout)"
done
lacks stdout class_probability
contains stdout "Fits are on 250 held-out samples, every second one"
contains stdout "(n 250)"
# Training and held-out data of one source: how far their energies are alike, in words and as numbers.
grep -q "Energies of training and held-out data overlap by [0-9]* % (sets that are alike: " stdout || fail "no overlap: $(cat stdout)"
run 0 evaluate "${model[@]}" --score mass,recovery --json
[ "$(grep -c '"auroc_low": [0-9]' stdout)" -eq 2 ] || fail "not two rows with an interval: $(cat stdout)"
for key in '"score": "mass,recovery"' '"score": "mass"' '"score": "recovery"' '"aupr": ' '"auroc_high": ' '"fpr95": ' '"positive_n": 500'; do
    contains stdout "$key"
done
# What was printed before there was a choice is still there.
run 0 evaluate "${model[@]}" --json
contains stdout '"score": "-E"'
contains stdout '"name": "Uniform box"'
sed -n '/^    "overlap": {/,/^    }/p' stdout >overlap
for key in '"training_n": 500' '"held_out_n": 500' '"share": 0.' '"alike_low": 0.' '"alike_high": ' '"training_likelier": 0.' '"training_likelier_low": 0.' '"training_likelier_high": '; do
    contains overlap "$key"
done
run 0 evaluate --scene double_well --threads 1 --json
contains stdout '"overlap": null'
contains stdout '"overlap_reason": "there are no training data, or no held-out data"'

# One column a score, higher = more like the data; −E is the energy with its sign turned.
run 0 sample "${model[@]}" --count 30 --steps 5 --out points.csv
run 0 energy "${model[@]}" --in points.csv --score energy,mass,density_of_states --gradient --out scores.csv
[ "$(head -1 scores.csv)" = "energy_nat,score_energy,score_mass,score_density_of_states,gradient_x,gradient_y" ] ||
    fail "the columns are $(head -1 scores.csv)"
awk -F, 'NR > 1 {norm = sqrt($5 * $5 + $6 * $6)
    if ($2 != -$1 || ($3 + log(norm)) ^ 2 > 1e-6 * (1 + $3 ^ 2)) {print; exit 1}}' scores.csv || fail "energy or mass is wrong"
run 0 energy "${model[@]}" --in points.csv --score energy,mass,density_of_states --gradient --out again.csv
same scores.csv again.csv
# The denoising error is negative, one a sample, the same again.
run 0 energy "${model[@]}" --in points.csv --score denoising --out denoising.csv
awk -F, 'NR > 1 && !($2 < 0) {print; exit 1}' denoising.csv || fail "an error that is none"
run 0 energy "${model[@]}" --in points.csv --score denoising --out again.csv
same denoising.csv again.csv

# What a model cannot give, and names that are none.
refused "has no classes, so it gives no p(y|x)" evaluate "${model[@]}" --score class_probability
refused "has no log p" evaluate "${model[@]}" --score log_p
refused "not an ensemble" energy "${model[@]}" --in points.csv --score ensemble --out no.csv
refused "are not compressed" evaluate "${model[@]}" --score complexity
refused "Did you mean recovery?" evaluate "${model[@]}" --score recovry
[ ! -e no.csv ] || fail "a file of nothing was written"

# A set of one picture, of pictures that are all the same, of what is not finite.
printf 'x,y\n0.5,0.5\n' >one.csv
printf 'x,y\n1,1\n1,1\n1,1\n' >equal.csv
printf 'x,y\n1e30,1\n0,0\n1,0\n' >far.csv
run 0 evaluate "${model[@]}" --ood one=one.csv --ood equal=equal.csv
contains stdout "one: no interval, because one has a single sample."
contains stdout "All 3 samples of equal have one and the same score"
run 0 evaluate "${model[@]}" --ood far=far.csv --score mass,recovery
grep -q "far: [12] of 3 scores are not finite, which counts as most unlike the data" stdout || fail "not counted: $(cat stdout)"
grep -qE "^recovery  *far  *3 " stdout || fail "the set was made smaller: $(cat stdout)"
: >empty.csv
run 1 evaluate "${model[@]}" --ood empty=empty.csv
[ "$(wc -l <stderr)" -eq 1 ] || fail "an empty set: $(cat stderr)"

# A fit with too few samples: 14 points leave one held out.
seq 1 14 | awk 'BEGIN {print "x,y"} {print sin($1) "," cos(2 * $1)}' >few.csv
run 0 train --scene points --set data.path=few.csv --iterations 2 "${small[@]}" --out few
refused "8 statistics cannot be fitted on 0 held-out samples" evaluate --checkpoint few/last.safetensors --threads 1 \
    --score density_of_states
run 0 evaluate --checkpoint few/last.safetensors --threads 1 --score all
lacks stdout density_of_states

# log Z by annealed importance sampling beside that by quadrature.
run 0 evaluate --scene double_well --threads 1 --ais --ais-chains 1000 --ais-levels 300 --json
awk '/^    "log_z": / {exact = $2 + 0} /^        "log_z": / {found = $2 + 0} END {if ((exact - found) ^ 2 > 0.05 ^ 2 || exact == 0) {
    print exact, found; exit 1}}' stdout || fail "log Z by AIS is not that by quadrature"
awk '/^    "log_z": / {exact = $2 + 0} /^            "log_z": / {back = $2 + 0} END {if ((exact - back) ^ 2 > 0.05 ^ 2 || back == 0) {
    print exact, back; exit 1}}' stdout || fail "log Z by chains that run back from exact samples is not that by quadrature"
run 0 evaluate --scene double_well --threads 1 --ais --ais-chains 20 --ais-levels 20
contains stdout "by annealed importance sampling"
contains stdout "run back from exact samples"
contains stdout "is a log density at T = 1; the chains of this scene run at T = 1"
run 2 evaluate --scene double_well --ais --ais-chains 1

# Pictures: complexity, controls, and the table of models.
pictures some.idx 60
picture_scene pictures.json some.idx
run 0 train --scene pictures.json --threads 1 --out pictures
run 0 evaluate --checkpoint pictures/last.safetensors --threads 1 --score all
for set in Inverted Rotated "Shuffled pixels" Constant "MNIST digits"; do
    grep -q "^complexity  *$set " stdout || fail "no set $set: $(cat stdout)"
done
run 0 evaluate --checkpoint pictures/last.safetensors --threads 1 --ais --ais-chains 4 --ais-levels 3
grep -q "Held-out data: -\?[0-9.e+]* ± [0-9.e-]* bits per dimension (n 6), of the density" stdout ||
    fail "no bits of annealing: $(cat stdout)"
run 0 table ood --models pictures/last.safetensors --score energy,mass --most 20 --threads 1 --out table.csv
[ "$(head -1 table.csv)" = model,score,set,positive_class,positive_n,fitted_on,n,not_finite,auroc,auroc_low,auroc_high,aupr,fpr95,problem ] ||
    fail "the columns are $(head -1 table.csv)"
grep -q '^"pictures/last.safetensors",mass,"MNIST digits","Held-out data",6,0,20,0,[01]' table.csv || fail "$(cat table.csv)"
run 0 table ood --models pictures/last.safetensors --most 20 --threads 1 --out table.md
contains table.md "| pictures/last.safetensors | complexity |"
contains table.md "As published, not measured here"
refused "is a model of the plane" table ood --models run/last.safetensors --threads 1 --out no.md
# All that is asked for is looked for before anything is scored.
refused "none.safetensors" table ood --models pictures/last.safetensors,none.safetensors --threads 1 --out no.md
refused "no_folder" table ood --models pictures/last.safetensors --ood mine=no_folder --threads 1 --out no.md
printf '\000\000\010\003\000\000\000\002\000\000\000\002\000\000\000\003abcdefABCDEF' >wide.idx # two of 2 × 3 pixels
refused "The out-of-distribution set wide cannot be scored" table ood --models pictures/last.safetensors --ood wide.idx --threads 1 --out no.md
[ ! -e no.md ] || fail "a table of nothing was written"
refused "two_moons" table samples two_moons --threads 1
refused "is a model of the plane" table samples run/last.safetensors --threads 1
refused "32 × 32 pixels, colour" table samples sprites_trained --threads 1
# A score that the model cannot give is a dash, and why stands below.
run 0 table ood --models pictures/last.safetensors --score class_probability,energy --most 20 --threads 1 --out table.md
contains table.md "| pictures/last.safetensors | class_probability | – |"
contains table.md "pictures/last.safetensors: The model has no classes, so it gives no p(y|x)"
contains stderr "The model has no classes"
# Sets of a person's own, with a name or with the file's, and settings of all models.
run 0 table ood --models pictures/last.safetensors --score energy --most 20 --ood some.idx --ood more=some.idx \
    --set view.class_score=minimum --threads 1 --out table.csv
for set in some more; do
    grep -q "^\"pictures/last.safetensors\",energy,\"$set\",\"Held-out data\",6,0,20,0,[01]" table.csv || fail "no set $set: $(cat table.csv)"
done
refused "no.txt" table ood --models run/last.safetensors --threads 1 --out no.txt
run 2 table

# Damage and repair, and what lies near.
refused "how the pictures are damaged" inpaint --checkpoint pictures/last.safetensors --threads 1 --in some.idx --out no.npy
refused "does not lie in a picture of 28 × 28" inpaint --checkpoint pictures/last.safetensors --threads 1 --in some.idx \
    --hide 20,0,10,5 --out no.npy
refused "does not lie in a picture of 28 × 28" inpaint --checkpoint pictures/last.safetensors --threads 1 --in some.idx \
    --hide 14,0,2147483647,28 --out no.npy
run 0 inpaint --checkpoint pictures/last.safetensors --threads 1 --in some.idx --count 3 --hide 4,4,10,5 --steps 4 \
    --damaged damaged.csv --out restored.csv
contains stdout "Wrote 3 pictures after 4 steps"
contains stdout " before, "
# Pixel 1 was never hidden, pixel 28 · 4 + 5 was.
run 0 inpaint --checkpoint pictures/last.safetensors --threads 1 --in some.idx --count 3 --hide 4,4,10,5 --steps 0 --out start.csv
same start.csv damaged.csv
[ "$(cut -d, -f1,112 restored.csv)" = "$(cut -d, -f1,112 damaged.csv)" ] || fail "a pixel that was not hidden moved"
[ "$(cut -d, -f118 restored.csv)" != "$(cut -d, -f118 damaged.csv)" ] || fail "no hidden pixel moved"
run 0 nearest "${model[@]}" --in points.csv --each 2 --out near.csv
[ "$(head -1 near.csv)" = sample,rank,training_record,distance,class ] || fail "the columns are $(head -1 near.csv)"
[ "$(rows near.csv)" -eq 61 ] || fail "$(rows near.csv) rows"
grep -q "Of 200 held-out samples: [0-9.]* median, 5 % are nearer than [0-9.]*\." stdout || fail "no held-out distances: $(cat stdout)"
awk -F, 'NR > 1 {if ($2 == 2 && $4 < least) exit 1; least = $4}' near.csv || fail "the second is nearer than the first"
run 0 nearest --checkpoint pictures/last.safetensors --threads 1 --in some.idx --each 1 --out self.csv
[ "$(awk -F, 'NR > 1 && $4 == 0' self.csv | wc -l)" -ge 50 ] || fail "training pictures are not their own neighbours"
awk -F, 'NR > 1 && $4 == 0 && $1 != $3 {print; exit 1}' self.csv || fail "training_record is no record of the file"
refused "only" nearest --checkpoint pictures/last.safetensors --threads 1 --in some.idx --each 100 --out no.csv
refused "This scene has no data" nearest --scene double_well --in points.csv --out no.csv
