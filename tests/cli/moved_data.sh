# Data that came through a stream, moved or are others: training goes on only with the very same ones.
python3 - <<'PYTHON'
import random
random.seed(2)
rows = ["%.2f,%.2f" % (random.gauss(170, 8), random.gauss(70, 9)) for _ in range(300)]
open("people.csv", "w").write("\n".join(["height_cm,weight_kg", *rows]) + "\n")
open("others.csv", "w").write("\n".join(["height_cm,weight_kg", "171.5,71.5", *rows[1:]]) + "\n")
PYTHON
# with_input FILE EXPECTED_EXIT_CODE ARGUMENTS…: as `run`, with standard input from FILE.
with_input() {
    local input=$1 expected=$2 code=0
    shift 2
    "$ebmlab" "$@" >stdout 2>stderr <"$input" || code=$?
    [ "$code" -eq "$expected" ] || fail "ebmlab $* exited with $code instead of $expected: $(cat stderr)"
}

for stream in - /dev/stdin; do
    rm -rf piped
    with_input people.csv 0 train --scene points --set "data.path=$stream" --iterations 3 "${small[@]}" --out piped
    # Others on standard input are not taken for the data, whatever they are.
    with_input others.csv 0 evaluate --checkpoint piped/last.safetensors --threads 1
    contains stderr "came through a stream"
    lacks stderr "another checksum"
    with_input people.csv 1 train --resume piped/last.safetensors --iterations 5 --threads 1 --out piped
    contains stderr "came through a stream"
    contains stderr "--set data.path=FILE"
    run 0 train --resume piped/last.safetensors --set data.path=people.csv --iterations 5 --threads 1 --out piped
    run 0 train --resume piped/last.safetensors --iterations 6 --threads 1 --out piped
done
"$ebmlab" train --scene points --set data.path=<(cat people.csv) --iterations 3 "${small[@]}" --out pipe >stdout 2>stderr </dev/null || fail "a pipe: $(cat stderr)"
run 0 evaluate --checkpoint pipe/last.safetensors --threads 1
contains stderr "came through a stream"

# The advice for data that moved is a command that works.
run 0 train --scene points --set data.path=people.csv --iterations 4 "${small[@]}" --out "my run"
cp -r "my run" kept
mv people.csv moved.csv
run 1 train --resume "my run/last.safetensors" --iterations 8 --threads 1 --out "a folder/new"
[ ! -e "a folder" ] || fail "a resume that failed left its folder behind"
advice=$(grep -o "ebmlab train --resume .* --out .*[^.]" stderr) || fail "no command in: $(cat stderr)"
advice=${advice/data.path=FILE/data.path=moved.csv}
eval "run 0 ${advice#ebmlab } --iterations 8 --threads 1"
run 1 train --resume kept/last.safetensors --set data.path=others.csv --iterations 8 --threads 1 --out kept
contains stderr "another checksum"
[ "$(wc -l <stderr)" -eq 1 ] || fail "more than a sentence: $(cat stderr)"
run 1 train --resume kept/last.safetensors --set data.path=nowhere.csv --iterations 8 --threads 1 --out kept
contains stderr "nowhere.csv"
run 0 train --scene eight_gaussians --iterations 2 "${small[@]}" --out generated
refused "are generated" train --resume generated/last.safetensors --set data.path=moved.csv --threads 1 --out generated
# The same bits as if nothing had moved.
run 0 train --resume kept/last.safetensors --set data.path=moved.csv --iterations 8 --threads 1 --out kept
mv moved.csv people.csv
tensors kept/last.safetensors >a
tensors "a folder/new/last.safetensors" >b
same a b

# A folder that was made for a run with nothing to do goes again, and one that was there stays.
mkdir there
run 1 train --resume kept/last.safetensors --iterations 1 --threads 1 --out there
run 1 train --resume kept/last.safetensors --iterations 1 --threads 1 --out deep/er
[ -d there ] && [ -z "$(ls -A there)" ] || fail "the folder that was there: $(ls -A there)"
[ ! -e deep ] || fail "a folder was left behind"
