# Signals that ask a training to end, or to save; a killed process leaves the last checkpoint intact.
# until_row N: returns when log.csv of the run has row N; follows the file, bounded by the life of the process $pid.
until_row() {
    grep -m1 -q "^$1," < <(tail -n +1 -F --pid="$pid" run/log.csv 2>/dev/null) || fail "the run ended before row $1"
}
# begin [ARGUMENTS…]: a training without an end, as $pid.
begin() {
    rm -rf run
    "$ebmlab" train --scene eight_gaussians --iterations 10000000 "${small[@]}" "$@" --out run >stdout 2>stderr </dev/null &
    pid=$!
}
# The iteration that the checkpoint holds.
saved() { grep -ao '"iteration":"[0-9]*"' run/last.safetensors | tr -dc 0-9; }

for signal in INT TERM HUP; do
    begin --set train.checkpoint_every=5
    until_row 5
    kill -"$signal" "$pid"
    code=0
    wait "$pid" || code=$?
    [ "$code" -eq 130 ] || fail "SIG$signal: exit code $code"
    contains stdout "Interrupted after iteration"
    last=$(tail -1 run/log.csv | cut -d, -f1)
    [ "$(saved)" -eq "$last" ] || fail "SIG$signal: iteration $(saved) is saved, $last done"
    run 0 train --resume run/last.safetensors --iterations $((last + 2)) --threads 1 --out run
    [ "$(tail -1 run/log.csv | cut -d, -f1)" -eq $((last + 2)) ] || fail "SIG$signal: the interrupted iteration was not saved"
done

# From before the first library starts: nothing is there to be saved, and SIGUSR1 is remembered until something is.
python3 - "$ebmlab" "${small[@]}" <<'PYTHON' || fail "a signal while the program starts"
import os, shutil, signal, subprocess, sys, time

command = [sys.argv[1], "train", "--scene", "eight_gaussians", "--iterations", "10000000", *sys.argv[2:], "--out", "early"]

def start(sent, delay):
    """Sends the signal when the loader has begun with the libraries' constructors."""
    shutil.rmtree("early", ignore_errors=True)
    run = subprocess.Popen(command, env=dict(os.environ, LD_DEBUG="libs"), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    for line in run.stderr:
        if b"calling init" in line and b"torch" in line:
            break
    time.sleep(delay)
    run.send_signal(sent)
    return run

for delay in (0, 0.03, 0.06, 0.1, 0.15, 0.3):
    run = start(signal.SIGUSR1, delay)
    assert any(b"Saved iteration" in line for line in run.stderr), ("SIGUSR1", delay, run.wait())
    run.send_signal(signal.SIGTERM)
    run.communicate(timeout=120)
    assert run.returncode == 130, run.returncode
    for sent in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        run = start(sent, delay)
        said, errors = run.communicate(timeout=120)
        assert run.returncode == 130, (sent, delay, run.returncode, errors)
        begun = os.path.exists("early/last.safetensors")
        assert (b"Interrupted after iteration" in said) == begun, (sent, delay, said, errors)
        assert begun or b"ebmlab: Interrupted." in errors, (sent, delay, errors)
        assert begun or not os.path.exists("early"), os.listdir("early")
PYTHON
rm -rf early

# Nobody else writes the files of a run that is under way.
begin
until_row 1
refused "Another training writes to this folder: process $pid" train --scene two_moons "${small[@]}" --iterations 1 --out run
cp run/last.safetensors a_model.safetensors
refused "A training writes this file: process $pid" export --checkpoint a_model.safetensors --out run/last.safetensors
ln -s run/last.safetensors link.safetensors
ln -s run/log.csv link.csv
refused "A training writes this file: process $pid" export --checkpoint a_model.safetensors --out link.safetensors
refused "A training writes this file: process $pid" sample --checkpoint a_model.safetensors --count 4 --steps 2 --threads 1 --out link.csv
run 0 export --checkpoint a_model.safetensors --out run/small.safetensors
kill -TERM "$pid"
wait "$pid"

# A hangup that is ignored before, as by nohup, stays ignored; SIGUSR1 saves and goes on.
rm -rf run
(trap '' HUP && exec "$ebmlab" train --scene eight_gaussians --iterations 10000000 "${small[@]}" --out run >stdout 2>stderr </dev/null) &
pid=$!
until [ -s run/log.csv ] && [ "$(saved 2>/dev/null)" = 0 ]; do kill -0 "$pid" || fail "no run"; sleep 0.1; done
kill -HUP "$pid"
for round in 1 2; do
    before=$(saved)
    kill -USR1 "$pid"
    until [ "$(saved)" -gt "$before" ]; do kill -0 "$pid" || fail "SIGUSR1 ended the run: $(cat stderr)"; sleep 0.1; done
done
contains stderr "Saved iteration"
kill -TERM "$pid"
wait "$pid"

# A checkpoint by time needs no setting.
run 0 train --help
contains stdout "SIGUSR1 saves and goes on"
contains stdout "each minute"
begin --set train.checkpoint_minutes=0.001
until [ "$(saved 2>/dev/null || echo 0)" -gt 3 ]; do kill -0 "$pid" || fail "no checkpoint by time"; sleep 0.1; done
kill -TERM "$pid"
wait "$pid"
"$ebmlab" params --json >settings.json
python3 - settings.json <<'PYTHON' || fail "the checkpoint by time is not on from the start"
import json, sys
rows = {row["key"]: row for row in json.load(open(sys.argv[1]))}
assert float(rows["train.checkpoint_minutes"]["default"]) == 1
PYTHON

# Nobody reads any more: what is in memory is saved.
rm -rf run
mkfifo reader
"$ebmlab" train --scene eight_gaussians --iterations 10000000 "${small[@]}" --set train.checkpoint_minutes=0 --out run \
    >/dev/null 2>reader </dev/null &
pid=$!
head -c 1 reader >/dev/null # the first line of progress, after five seconds
wait "$pid"
[ "$(saved)" -gt 0 ] || fail "after SIGPIPE iteration $(saved) is saved"

# The folder goes away, or takes nothing more, before the end.
begin --set train.checkpoint_minutes=0
until_row 1
mv run moved
kill -TERM "$pid"
wait "$pid"
[ "$(saved)" -gt 0 ] || fail "the folder was moved: iteration $(saved) is saved"
contains stderr "moved or deleted"
rm -rf run moved state
export XDG_STATE_HOME=$PWD/state
(
    ulimit -f 256 # enough for the checkpoint, not for the log of some thousand iterations
    exec "$ebmlab" train --scene eight_gaussians --iterations 9000 "${small[@]}" --set train.checkpoint_minutes=0 --out run
) >stdout 2>stderr </dev/null && fail "a full disk was not noticed"
contains stderr "is saved in"
ls run/last.safetensors >/dev/null || fail "no checkpoint"
[ "$(saved)" -gt 0 ] || fail "a full disk: iteration $(saved) is saved"

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

# What has nothing to save ends at once and says so.
for command in "table samples --out table.md" "table ood --out table.md" "evaluate --scene fashion_mnist_classes" \
    "data --scene eight_gaussians --count 50000000 --out points.npy"; do
    # shellcheck disable=SC2086 # words
    python3 - "$ebmlab" $command <<'PYTHON' || fail "$command, interrupted"
import signal, subprocess, sys, time
# A background job of a shell ignores SIGINT.
run = subprocess.Popen(sys.argv[1:], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
                       preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
time.sleep(1.5)
assert run.poll() is None, "it was done before"
run.send_signal(signal.SIGINT)
said = run.communicate(timeout=60)[1]
assert run.returncode == 130, run.returncode
assert said.splitlines()[-1] == "ebmlab: Interrupted.", said
PYTHON
done
[ ! -e table.md ] && [ ! -e points.npy ] || fail "an interrupted command left a file"
