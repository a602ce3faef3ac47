# Ctrl-C saves and exits with 130; a killed process leaves the last checkpoint intact.
# until_row N: returns when log.csv of the run has row N; follows the file, bounded by the life of the process $pid.
until_row() {
    grep -m1 -q "^$1," < <(tail -n +1 -F --pid="$pid" run/log.csv 2>/dev/null) || fail "the run ended before row $1"
}

for signal in INT TERM; do
    rm -rf run
    "$ebmlab" train --scene eight_gaussians --iterations 10000000 "${small[@]}" --set train.checkpoint_every=5 \
        --out run >stdout 2>stderr </dev/null &
    pid=$!
    until_row 5
    kill -"$signal" "$pid"
    code=0
    wait "$pid" || code=$?
    [ "$code" -eq 130 ] || fail "SIG$signal: exit code $code"
    contains stdout "Interrupted after iteration"
    last=$(tail -1 run/log.csv | cut -d, -f1)
    run 0 train --resume run/last.safetensors --iterations $((last + 2)) --threads 1 --out run
    [ "$(tail -1 run/log.csv | cut -d, -f1)" -eq $((last + 2)) ] || fail "SIG$signal: the interrupted iteration was not saved"
done

rm -rf run
printf '0,0\n1,1\n' >points.csv
for kill in 1 2 3 4 5 6; do
    resume=(--scene eight_gaussians "${small[@]}" --set train.checkpoint_every=1)
    [ "$kill" -eq 1 ] || resume=(--resume run/last.safetensors --threads 1)
    before=$(($([ -e run/log.csv ] && tail -1 run/log.csv | cut -d, -f1 | grep -E '^[0-9]+$' || echo 0) + 0))
    "$ebmlab" train "${resume[@]}" --iterations 10000000 --out run >stdout 2>stderr </dev/null &
    pid=$!
    until_row $((before + 7))
    kill -KILL "$pid"
    wait "$pid" 2>/dev/null
    run 0 energy --checkpoint run/last.safetensors --threads 1 --in points.csv --out energies.csv
done
