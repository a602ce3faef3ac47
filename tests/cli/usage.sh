# Help, version and wrong usage.
run 0 --version
grep -qE "^ebmlab [0-9]+\.[0-9]+\.[0-9]+$" stdout || fail "odd version: $(cat stdout)"
grep -qE "^LibTorch [0-9.]+, /.*/lib$" stdout || fail "no LibTorch in the version: $(cat stdout)"
run 0 --help
for command in train sample energy evaluate race table render export params scenes bench; do
    contains stdout "$command"
done
contains stdout "130"
for command in train sample energy evaluate race table render export params scenes bench; do
    run 0 "$command" --help
    contains stdout "Examples:"
    contains stdout "ebmlab $command"
    contains stdout "Exit codes"
    [ ! -s stderr ] || fail "ebmlab $command --help wrote to stderr"
done

wrong() { # wrong PHRASE ARGUMENTS…: exits with 2, one line on stderr
    local phrase=$1
    shift
    run 2 "$@"
    [ "$(wc -l <stderr)" -eq 1 ] || fail "ebmlab $* said: $(cat stderr)"
    contains stderr "$phrase"
    [ ! -s stdout ] || fail "ebmlab $* wrote to stdout"
}
wrong "train" trian --scene two_moons
wrong "--help" somewhere
wrong "Did you mean two_moons?" two_moon
wrong "--iterations" train --scene two_moons --itrations 5 --out run
wrong "--out" train --scene two_moons
wrong "--scene or --resume" train --out run
wrong "--checkpoint" sample --out points.csv
wrong "key=value" train --scene two_moons --set sampler.steps --out run
wrong "--seconds" train --scene two_moons --seconds -3 --out run
wrong "--device" train --scene two_moons --device gpu --out run
wrong "1600x1000" render --scene two_moons --size big --out picture.png
wrong "--frames" render --scene two_moons --steps 3 --out picture.png
wrong "params" params extra
wrong "--seed was given an empty value" train --scene two_moons --seed "" --out run
wrong "--iterations was given an empty value" train --scene two_moons --iterations "" --out run
wrong "--checkpoint was given an empty value" sample --checkpoint "" --out points.csv
wrong "--score was given an empty value" table ood --score "" --out table.md
[ ! -e run ] || fail "wrong usage left an output folder"

# A setting that does nothing here is named, and why.
run 0 sample --scene double_well --set compose.weights=1,2 --set sampler.kind=mala --set sampler.noise=0.1 \
    --count 5 --steps 2 --out points.csv
contains stderr "compose.weights=1,2 has no effect in the scene double_well"
contains stderr "sampler.noise=0.1 has no effect: The noise is"
lacks stderr "sampler.kind"

# Where a file is to be written is looked at before the work is done.
run 1 sample --scene double_well --count 5 --steps 2 --out nowhere/points.csv
contains stderr "The folder of the output is not there"
mkdir folder.csv
run 1 sample --scene double_well --count 5 --steps 2 --out folder.csv
contains stderr "a folder has that name"
run 1 table ood --out /proc/table.md # where nobody can make a file
contains stderr "/proc"
lacks stderr "Scoring"
run 1 sample --scene double_well --count 5 --steps 2 --out points.csv --trace ./points.csv
contains stderr "Both outputs would be the same file"

# What the window has no use for is an error without a display too.
printf '%%PDF-1.4 and so on\n' >thesis.csv
DISPLAY= run 1 thesis.csv
contains stderr "thesis.csv: a PDF document"
printf '{"format": "ebmlab-scene", "version": 1' >cut.json
DISPLAY= run 1 cut.json
contains stderr "cut.json"
run 1 lesson ''
contains stderr "There is no lesson ''"
