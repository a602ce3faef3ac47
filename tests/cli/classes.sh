# Models of classes: training, sampling, energies and evaluation by class, and what is refused.
classes=("${small[@]}" --set train.energy_l2=0.01)
run 0 train --scene two_moons_classes --iterations 60 --seed 3 "${classes[@]}" --out run
awk -F, 'NR == 1 {for (i = 1; i <= NF; ++i) if ($i == "class_loss_nat") at = i} NR == 2 {exit !(at && $at == "nan")}' run/log.csv ||
    fail "a class loss without its weight: $(head -2 run/log.csv)"
# Told apart by the term for classes, which is off unless asked for.
apart=(--set train.class_weight=1 --set train.class_temperature=0.2 --set train.class_batch=50)
run 0 train --scene two_moons_classes --iterations 60 --seed 3 "${classes[@]}" "${apart[@]}" --out apart
awk -F, 'NR == 1 {for (i = 1; i <= NF; ++i) if ($i == "class_loss_nat") at = i} NR == 2 {first = $at} NR > 31 {late += $at / 30}
    END {exit !(first > 0.6 && late < 0.6 * first)}' apart/log.csv || fail "the class loss does not fall: $(tail -1 apart/log.csv)"
accuracy() { run 0 evaluate --checkpoint "$1" --threads 1 --json && sed -n 's/.*"accuracy": \(0[.0-9]*\),.*/\1/p' stdout; }
awk -v with="$(accuracy apart/last.safetensors)" -v without="$(accuracy run/last.safetensors)" \
    'BEGIN {exit !(with > without + 0.1)}' || fail "the classes are not told apart better"
model=(--checkpoint run/last.safetensors --threads 1)
run 0 sample "${model[@]}" --class "lower moon" --count 20 --steps 20 --out lower.csv
[ "$(head -1 lower.csv)" = x,y,class ] || fail "the columns are $(head -1 lower.csv)"
[ "$(tail -n +2 lower.csv | cut -d, -f3 | sort -u)" = 1 ] || fail "another class than the one asked for"
run 0 sample "${model[@]}" --class 1 --count 20 --steps 20 --out number.csv
same lower.csv number.csv
run 0 sample "${model[@]}" --class all --count 20 --steps 20 --out all.csv
[ "$(tail -n +2 all.csv | cut -d, -f3 | sort | uniq -c | tr -s ' ' | tr '\n' ';')" = " 10 0; 10 1;" ] ||
    fail "the classes were not asked for in turn"
run 0 energy "${model[@]}" --in all.csv --class all --out energies.csv
[ "$(head -1 energies.csv)" = "energy_nat,energy_nat upper moon,energy_nat lower moon,class" ] ||
    fail "the columns are $(head -1 energies.csv)"
# log-sum: below both; the class is that of the lower energy.
awk -F, 'NR > 1 && ($1 >= $2 || $1 >= $3 || ($4 == 0) != ($2 < $3)) {exit 1}' energies.csv ||
    fail "energies without class or classes are wrong"
run 0 energy "${model[@]}" --in all.csv --score energy --out scored.csv
cut -d, -f1 energies.csv >of_all
cut -d, -f1 scored.csv >of_scores
same of_all of_scores
run 0 energy "${model[@]}" --in all.csv --set view.class_score=minimum --out minimum.csv
paste -d, minimum.csv energies.csv |
    awk -F, 'NR > 1 {low = $3 < $4 ? $3 : $4; if ($1 != low) exit 1}' || fail "not the lowest energy"
run 0 energy "${model[@]}" --in all.csv --class upper --gradient --out upper.csv
[ "$(head -1 upper.csv)" = energy_nat,gradient_x,gradient_y ] || fail "the columns are $(head -1 upper.csv)"
run 0 evaluate "${model[@]}" --json
contains stdout '"class_score": "log_sum"'
contains stdout '"accuracy": '
refused "There is no class 'middle'" sample "${model[@]}" --class middle --out no.csv
refused "from 0 to 1" energy "${model[@]}" --in all.csv --class 7 --out no.csv
refused "has no classes" sample --scene double_well --threads 1 --class 0 --out no.csv
refused "at least two classes" train --scene swiss_roll "${small[@]}" --set model.conditional=true --out no

# What a model is, before it is made: the published numbers of parameters.
for scene in cifar10=18606727 cifar10_classes=5371527 imagenet32_classes=97641863 imagenet128_classes=24547271; do
    run 0 describe --scene "${scene%=*}" --json
    contains stdout "\"parameters\": ${scene#*=},"
done
# ResNet32Wider of the code, for CIFAR-10 and for ImageNet 32 without classes.
run 0 describe --scene cifar10 --set model.channels=192 --set model.stem=128 --json
contains stdout '"parameters": 41953927,'
run 0 describe --scene imagenet32_classes --set model.conditional=false --set model.channels=192 --json
contains stdout '"parameters": 41953927,'
# Large data are mapped from a file, and an average is kept only where one is asked for.
contains stdout '"mapped_bytes": 3935745024'
lacks stdout '"data"'
lacks stdout "average of the weights"
run 0 describe --scene imagenet32_classes --set train.average=0.999
contains stdout "average of the weights"
contains stdout "mapped from a file and not in the sum"
run 0 describe --scene two_moons_classes
contains stdout "bias of each class"
