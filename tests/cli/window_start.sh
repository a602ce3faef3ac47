# What the window opens with: a lesson, the text of a scene, the scene that a person chose to begin with.
command -v Xvfb >/dev/null || skip "there is no Xvfb"
command -v xdotool >/dev/null || skip "there is no xdotool to read titles"
unset WAYLAND_DISPLAY
export XDG_STATE_HOME=$PWD/state XDG_CONFIG_HOME=$PWD/config HOME=$PWD
Xvfb -displayfd 3 -noreset -screen 0 1280x800x24 -nolisten tcp 3>display 2>/dev/null &
server=$!
trap 'kill -KILL "$server" 2>/dev/null; chmod -R u+w "$work"; rm -rf "$work"' EXIT
until [ -s display ]; do kill -0 "$server" 2>/dev/null || skip "Xvfb does not start"; sleep 0.1; done
export DISPLAY=:$(cat display)

# opens TITLE ARGUMENTS…: the window has that title soon, and ends well.
opens() {
    local title=$1
    shift
    "$ebmlab" --threads 1 "$@" >stdout 2>stderr </dev/null &
    local pid=$! found=
    for _ in $(seq 300); do
        found=$(xdotool search --onlyvisible --name 'EBM Lab$' getwindowname 2>/dev/null)
        [ "$found" = "$title – EBM Lab" ] && break
        kill -0 "$pid" 2>/dev/null || fail "the window ended: $(cat stderr)"
        sleep 0.1
    done
    local code=0
    kill -TERM "$pid"
    wait "$pid" || code=$?
    [ "$code" -eq 130 ] || fail "the window ended with $code: $(cat stderr)"
    [ "$found" = "$title – EBM Lab" ] || fail "ebmlab $* opens '$found' instead of '$title'"
}
title_of() { sed -n 's/^ *"title": "\(.*\)",*$/\1/p' "$here/../../assets/scenes/$1.json"; }

opens "$(title_of eight_gaussians)"
# `ebmlab NAME` with the name of a lesson.
scene=$(sed -n 's/^scene: //p' "$here/../../assets/lessons/temperature.md" | head -1)
opens "$(title_of "$scene")" temperature
opens "$(title_of swiss_roll)" swiss_roll
# A lesson of one's own, by its file and by its name.
printf -- '---\ntitle: Mine\nabout: Mine.\nminutes: 3\nscene: banana\nlayout: landscape\n---\n## Look\nThere.\n' >mine.md
opens "$(title_of banana)" mine.md
mkdir -p config/ebmlab/lessons
mv mine.md config/ebmlab/lessons
opens "$(title_of banana)" mine
rm -r config/ebmlab/lessons
# `ebmlab TEXT`: a scene as it is shared.
if command -v python3 >/dev/null; then
    text=$(python3 - "$here/../../assets/scenes/ring.json" <<'PYTHON'
import base64, gzip, json, sys
scene = json.load(open(sys.argv[1]))
scene["title"] = "A ring that was shared"
print("ebmlab-scene-1:" + base64.urlsafe_b64encode(gzip.compress(json.dumps(scene).encode())).decode().rstrip("="))
PYTHON
    )
    opens "A ring that was shared" "$text"
fi
# The scene that a person chose, until another is asked for.
mkdir -p config/ebmlab
echo '{"start_scene": "muller_brown"}' >config/ebmlab/preferences.json
opens "$(title_of muller_brown)"
opens "$(title_of double_well)" --scene double_well
echo '{"start_scene": "no_such_scene"}' >config/ebmlab/preferences.json
opens "$(title_of eight_gaussians)"
kill "$server"
wait "$server" 2>/dev/null
true
