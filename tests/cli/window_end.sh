# The window's end by a signal or by the death of the X server: training is kept, nothing crashes.
command -v Xvfb >/dev/null || skip "there is no Xvfb"
unset WAYLAND_DISPLAY
export XDG_STATE_HOME=$PWD/state XDG_CONFIG_HOME=$PWD/config HOME=$PWD
server=
trap '[ -z "$server" ] || kill -KILL "$server" 2>/dev/null; chmod -R u+w "$work"; rm -rf "$work"' EXIT

# open_window OPTIONS…: Xvfb as $server and the window on it as $pid, training.
open_window() {
    rm -rf state config
    : >display
    # It takes a free number and writes it once it listens. -noreset: without clients it would start itself anew,
    # and refuse those that come meanwhile.
    Xvfb -displayfd 3 -noreset -screen 0 1280x800x24 -nolisten tcp 3>display 2>/dev/null &
    server=$!
    until [ -s display ]; do kill -0 "$server" 2>/dev/null || skip "Xvfb does not start"; sleep 0.1; done
    DISPLAY=:$(cat display) "$ebmlab" --scene two_moons "${small[@]}" --set train.iterations=1000000 "$@" >stdout 2>stderr </dev/null &
    pid=$!
    # The layout is written some seconds after the first frame; then iterations are done.
    for _ in $(seq 300); do
        ls config/ebmlab/layout-*.ini >/dev/null 2>&1 && break
        kill -0 "$pid" 2>/dev/null || fail "the window ended: $(cat stderr)"
        sleep 0.1
    done
    sleep "$seconds"
    rm -rf config
}
seconds=8 # of training: closing the window asks about 5
# ended CODE WHAT: the window ended so, and its training opens again.
ended() {
    local code=0
    wait "$pid" || code=$?
    [ "$code" -eq "$1" ] || fail "$2: exit code $code instead of $1: $(cat stderr)"
    printf '0,0\n' >points.csv
    local kept=(state/ebmlab/recovery/*.safetensors)
    [ "${#kept[@]}" -eq 1 ] && [ -e "${kept[0]}" ] || fail "$2: no training is kept: $(cat stderr)"
    contains stderr "ebmlab: The training that nobody saved"
    run 0 energy --checkpoint "${kept[0]}" --threads 1 --in points.csv --out energies.csv
}

for signal in TERM HUP; do # the shell starts background processes with SIGINT ignored
    open_window
    kill -"$signal" "$pid"
    ended 130 "SIG$signal"
    kill "$server"
    wait "$server" 2>/dev/null
done
# Both of two runs are kept.
if command -v xdotool >/dev/null; then
    export TMPDIR=$PWD/tmp
    mkdir -p tmp
    copy_on_its_way() { compgen -G "tmp/ebmlab-copy*" >/dev/null; } # it may be there for milliseconds
    open_window
    DISPLAY=:$(cat display) xdotool mousemove 640 400 key ctrl+d
    for _ in $(seq 10000); do copy_on_its_way && break; sleep 0.002; done
    copy_on_its_way || fail "Ctrl+D does not duplicate the run"
    for _ in $(seq 600); do copy_on_its_way || break; sleep 0.1; done
    sleep "$seconds" # run B has training of its own
    kill -TERM "$pid"
    wait "$pid" || true
    contains stderr "in run B"
    exists state/ebmlab/recovery/*_b.safetensors
    [ "$(ls state/ebmlab/recovery/*.safetensors | wc -l)" -eq 2 ] || fail "not both runs are kept: $(cat stderr)"
    kill "$server"
    wait "$server" 2>/dev/null
    unset TMPDIR
fi
# What nobody would miss is no question at the next start.
open_window --set train.iterations=1
kill -TERM "$pid"
wait "$pid" || true
compgen -G "state/ebmlab/recovery/*.safetensors" >/dev/null && fail "one iteration is kept: $(cat stderr)"
kill "$server"
wait "$server" 2>/dev/null
for round in 1 2 3; do
    open_window
    kill -KILL "$server"
    ended 1 "death of the X server, round $round"
done

# Without a display the picture takes a free name.
unset DISPLAY
echo keep >ebmlab.png
run 0 --scene double_well --threads 1
[ "$(cat ebmlab.png)" = keep ] || fail "ebmlab.png was overwritten"
exists ebmlab-002.png
contains stdout "ebmlab-002.png"
