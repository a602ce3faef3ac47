# Ordinary conditions of a computer are sentences, not "something went wrong inside".
long=$(printf 'n%.0s' $(seq 300))
ln -s circle circle
ln -s b.csv a.csv && ln -s a.csv b.csv
printf '0,0\n' >points.csv
energy=(energy --scene double_well --threads 1)
refused "name is too long" "${energy[@]}" --in "$long.csv" --out out.csv
refused "name is too long" "${energy[@]}" --in points.csv --out "$long.csv"
refused "name is too long" train --scene two_moons "${small[@]}" --iterations 1 --out "$long"
refused "name is too long" energy --checkpoint "$long.safetensors" --in points.csv --out out.csv
refused "name is too long" train --scene "$long.json" --iterations 1 --out out
refused "circle" "${energy[@]}" --in circle/points.csv --out out.csv
refused "circle" "${energy[@]}" --in a.csv --out out.csv
refused "circle" "${energy[@]}" --in points.csv --out circle/out.csv
refused "circle" train --scene two_moons "${small[@]}" --iterations 1 --out circle
refused "circle" train --resume circle --iterations 1 --out out
for seconds in nan inf -inf -3 0 1e999; do
    run 2 train --scene two_moons --seconds "$seconds" --out out
    contains stderr "--seconds"
done
for scale in nan inf 0; do run 2 --ui-scale "$scale"; done
[ ! -e out ] || fail "a refused training left its folder"

# A folder that was deleted under the program's feet.
mkdir gone
(
    cd gone && rmdir ../gone
    "$ebmlab" energy --scene double_well --threads 1 --in "$OLDPWD/points.csv" --out "$OLDPWD/out.csv" >"$OLDPWD/stdout" 2>"$OLDPWD/stderr" </dev/null
    [ $? -eq 1 ]
) || fail "a deleted current folder"
contains stderr "The current folder was deleted"
[ "$(wc -l <stderr)" -eq 1 ] || fail "a deleted current folder: $(cat stderr)"

# Little memory. Below what the libraries themselves take, the system's loader speaks.
(ulimit -v 6000000 && "$ebmlab" sample --scene double_well --count 1000000 --steps 20 --threads 1 --out big.csv >stdout 2>stderr </dev/null)
code=$?
[ "$code" -eq 0 ] || { [ "$code" -eq 1 ] && lacks stderr "Something went wrong" && contains stderr "memory"; } || fail "ulimit -v: $code $(cat stderr)"
(ulimit -v 3000000 && "$ebmlab" train --scene two_moons --iterations 1 --threads 1 --set model.width=256 --set sampler.chains=20000 \
    --set buffer.size=100000 --set data.count=1000000 --set train.batch=4096 --out big >stdout 2>stderr </dev/null)
code=$?
[ "$code" -eq 0 ] || { [ "$code" -eq 1 ] && lacks stderr "Something went wrong" && contains stderr "ebmlab: "; } || fail "ulimit -v: $code $(cat stderr)"

for limit in $(seq 320000 20000 600000); do
    for command in scenes "describe --scene fashion_mnist" "train --scene two_moons --iterations 1 --threads 1 --out little"; do
        # shellcheck disable=SC2086 # words
        (ulimit -v "$limit" && exec "$ebmlab" $command >stdout 2>stderr </dev/null)
        code=$?
        case $code in
            0 | 127) ;; # 127: the loader's
            1) [ "$(grep -c '^ebmlab: .*ulimit -v' stderr)" -eq 1 ] || fail "ulimit -v $limit, $command: $(cat stderr)" ;;
            *) fail "ulimit -v $limit, $command: $code $(cat stderr)" ;;
        esac
    done
done

# No more threads, and folders that one may not enter: for ordinary users only.
if [ "$(id -u)" -ne 0 ]; then
    mkdir locked && touch locked/points.csv && chmod 0 locked
    refused "permission is denied" "${energy[@]}" --in locked/points.csv --out out.csv
    refused "permission is denied" "${energy[@]}" --in points.csv --out locked/out.csv
    refused "locked" train --scene two_moons "${small[@]}" --iterations 1 --out locked/run
    refused "locked" train --resume locked/last.safetensors --iterations 1 --out run
    chmod 700 locked
elif command -v setpriv >/dev/null; then
    mkdir locked && cp points.csv locked && chmod 0 locked
    chmod 777 . && cp -r "$PWD/points.csv" readable.csv && chmod 644 readable.csv
    if setpriv --reuid 65534 --regid 65534 --clear-groups "$ebmlab" --version >/dev/null 2>&1; then
        as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
        as_nobody "$ebmlab" "${energy[@]}" --in locked/points.csv --out out.csv >stdout 2>stderr </dev/null && fail "locked"
        contains stderr "permission is denied"
        as_nobody "$ebmlab" train --scene two_moons "${small[@]}" --iterations 1 --out locked/run >stdout 2>stderr </dev/null && fail "locked"
        lacks stderr "Something went wrong"
        as_nobody bash -c "ulimit -u 3; exec '$ebmlab' energy --scene double_well --threads 8 --in readable.csv --out nobody.csv" >stdout 2>stderr </dev/null
        [ $? -eq 1 ] || fail "no more threads: $(cat stderr)"
        contains stderr "no more threads"
    fi
fi

# A scene's model is looked for beside the scene, and what does not fit names the file.
run 0 train --scene eight_gaussians --iterations 2 "${small[@]}" --out run
mkdir scenes && cp run/last.safetensors scenes/model.safetensors
cat >scenes/mine.json <<'JSON'
{"format": "ebmlab-scene", "version": 1, "name": "mine", "checkpoint": "model.safetensors",
 "settings": {"data": {"set": "eight_gaussians", "count": 500}, "model": {"width": 8, "layers": 2},
              "buffer": {"size": 64}, "train": {"batch": 32}, "sampler": {"chains": 16, "steps": 3}}}
JSON
run 0 energy --scene scenes/mine.json --threads 1 --in points.csv --out one.csv
run 0 energy --checkpoint run/last.safetensors --threads 1 --in points.csv --out two.csv
same one.csv two.csv
sed 's/"width": 8/"width": 16/' scenes/mine.json >scenes/other.json
run 1 energy --scene scenes/other.json --threads 1 --in points.csv --out one.csv
contains stderr "model.safetensors"
lacks stderr "(checkpoint)"

# Memory that runs out in the middle of a training costs no iteration.
if command -v prlimit >/dev/null; then
    # A batch of 64 MB is beyond what an allocator keeps for itself.
    python3 -c 'import struct, sys; sys.stdout.buffer.write(struct.pack(">IIII", 0x803, 20, 64, 64) + bytes(i % 251 for i in range(20 * 4096)))' >many.idx
    picture_scene many.json "$PWD/many.idx"
    sed -i 's/"steps": 2/"steps": 1/; s/"size": 32/"size": 4096/; s/"batch": 8/"batch": 4096/' many.json
    sed -i 's/"train": {/"train": {"checkpoint_minutes": 0, /' many.json
    "$ebmlab" train --scene many.json --iterations 1000000 --threads 1 --out little >stdout 2>stderr </dev/null &
    pid=$!
    grep -m1 -q "^2," < <(tail -n +1 -F --pid="$pid" little/log.csv 2>/dev/null) || fail "the run ended early: $(cat stderr)"
    # What the process holds goes up and down within an iteration. Half a batch below its height, an iteration
    # cannot be finished, and what is left then is enough for a checkpoint.
    most=0
    for ((try = 0; try < 200; try++)); do
        size=$(awk '/VmSize/ { print $2 }' "/proc/$pid/status" 2>/dev/null)
        [ "${size:-0}" -le "$most" ] || most=$size
        sleep 0.01
    done
    prlimit --pid "$pid" --as=$((1024 * (most - 32768)))
    for ((try = 0; try < 600; try++)); do
        grep -q VmSize "/proc/$pid/status" 2>/dev/null || break
        sleep 0.1
    done
    [ "$try" -lt 600 ] || { kill -9 "$pid"; fail "memory did not run out"; }
    code=0
    wait "$pid" || code=$?
    [ "$code" -eq 1 ] || fail "memory that ran out: exit code $code"
    contains stderr "not enough memory"
    last=$(tail -1 little/log.csv | cut -d, -f1)
    contains stderr "Iteration $last is saved in"
    [ "$(grep -ao '"iteration":"[0-9]*"' little/last.safetensors | tr -dc 0-9)" -eq "$last" ] || fail "iteration $last is not in the checkpoint"
fi
