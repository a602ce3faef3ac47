# Pictures of the window without a display.
unset DISPLAY WAYLAND_DISPLAY
png() { # png FILE WIDTH HEIGHT: its size stands at byte 16, big-endian
    [ "$(od -An -t u1 -j 16 -N 8 "$1" | tr -s ' ')" = " 0 0 $(($2 / 256)) $(($2 % 256)) 0 0 $(($3 / 256)) $(($3 % 256))" ] ||
        fail "$1 is not a picture of $2 × $3"
}
run 0 render --scene two_moons --iterations 3 "${small[@]}" --size 640x400 --out moons.png
png moons.png 640 400
run 0 render --scene muller_brown --panel landscape --size 300x310 --threads 1 --out surface.png
png surface.png 300 310
run 0 train --scene two_moons --iterations 2 "${small[@]}" --out run
run 0 render --checkpoint run/last.safetensors --size 640x400 --threads 1 --out model.png
png model.png 640 400
echo keep >kept.png
refused "landscape" render --scene two_moons --panel landskape --out kept.png
refused "two_moons" render --scene two_moonz --out kept.png
refused "missing.safetensors" render --checkpoint missing.safetensors --out kept.png
refused "nowhere" render --scene double_well --size 200x200 --threads 1 --out nowhere/picture.png
[ "$(cat kept.png)" = keep ] || fail "a failed command overwrote its output"

# Animations.
run 0 render --scene two_moons --iterations 4 "${small[@]}" --panel landscape --size 220x200 --frames 3 --out moons.gif
[ "$(head -c 6 moons.gif)" = GIF89a ] || fail "moons.gif is no GIF"
run 0 render --scene double_well --panel landscape --size 220x200 --threads 1 --frames 3 --steps 5 --out frames
png frames/frame-0003.png 220 200
cmp -s frames/frame-0001.png frames/frame-0002.png && fail "chains stood still between two frames"
[ ! -e frames/frame-0004.png ] || fail "more frames than were asked for"
refused "not trained" render --scene ring --size 220x200 --threads 1 --iterations 20 --frames 3 --out rings
[ ! -e rings ] || fail "a refused animation left a folder"
refused "not empty" render --scene double_well --size 220x200 --threads 1 --frames 3 --out frames
refused "stream" render --scene double_well --size 220x200 --threads 1 --frames 3 --out -
refused ".avi" render --scene double_well --size 220x200 --threads 1 --frames 3 --out film.avi

# Ctrl-C: an animation in a file is not begun, pictures in a folder stay; so with a long training before one picture.
# interrupted WHEN OUT ARGUMENTS…: ends the program once WHEN holds.
interrupted() {
    local when=$1 out=$2 code=0
    shift 2
    # An interactive shell's way: others start what runs beside them with SIGINT ignored.
    python3 -c 'import os, signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); os.execv(sys.argv[1], sys.argv[1:])' \
        "$ebmlab" render "$@" --size 220x200 --threads 1 --out "$out" >stdout 2>stderr </dev/null &
    local pid=$!
    for _ in $(seq 600); do eval "$when" && break; kill -0 "$pid" 2>/dev/null || fail "render ended: $(cat stderr)"; sleep 0.1; done
    kill -INT "$pid"
    wait "$pid" || code=$?
    [ "$code" -eq 130 ] || fail "render, interrupted: exit code $code, $(cat stderr)"
    contains stderr "Interrupted: "
}
if command -v python3 >/dev/null; then
    interrupted '[ -e some/frame-0004.png ]' some --scene double_well --panel landscape --frames 100000 --steps 5
    contains stderr "some has the pictures so far"
    png some/frame-0004.png 220 200
    interrupted 'sleep 6' more.gif --scene double_well --panel landscape --frames 100000 --steps 5
    contains stderr "the animation is not written"
    [ -z "$(ls -a | grep 'more')" ] || fail "left behind: $(ls -a)"
    interrupted 'sleep 6' one.png --scene two_moons --iterations 1000000
    contains stderr "the picture is not written"
    [ -z "$(ls -a | grep 'one.png')" ] || fail "left behind: $(ls -a)"
fi
