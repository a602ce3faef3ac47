# A failing download removes what ./dev made and nothing else, whatever the folder is called, and runs nothing.
stub python3 <<'STUB'
while [ $# -gt 0 ]; do
    [ "$1" = --target ] && { mkdir -p "$2"; echo part >"$2/part"; }
    shift
done
echo "no network" >&2
exit 1
STUB
stub touch <<<"echo touched >>'$work/touched'"

newline=$'line\nbreak' ends=$'line\n'
for name in "plain" "with spaces" "It's Bob's" "q'; touch X; '" 'say "$(touch X)"' '$(touch X)`touch X`' "$newline" "$ends" \
    '-rf' '*' 'back\slash' ' '; do
    for deps in "" "elsewhere/$name"; do
        rm -rf tree touched
        mkdir -p "tree/It" "tree/s" "tree/line" "tree/with"
        for folder in tree tree/It tree/s tree/line tree/with; do echo mine >"$folder/mine"; done
        clone "tree/$name"
        echo mine >"tree/$name/mine"
        find tree -type f | sort >before
        code=0
        (
            cd "tree/$name" || exit 9
            [ -z "$deps" ] || export EBMLAB_DEPS="$work/tree/$deps"
            ./dev setup
        ) >said 2>&1 </dev/null || code=$?
        [ $code -ne 0 ] && [ $code -ne 9 ] || fail "setup ended with $code in '$name'"
        grep -q "no network" said || fail "setup in '$name' did not reach the download: $(cat said)"
        find tree -type f | sort >after
        cmp -s before after || fail "setup in '$name' removed or left files: $(diff before after)"
        [ ! -e touched ] || fail "setup in '$name' ran a command of the folder's name"

        # Called from another folder, it works on its own and not on one whose name begins alike.
        mkdir -p "tree/line/build" "tree/$name/build"
        ( cd / && CDPATH="$work/tree" bash "$work/tree/$name/dev" clean ) || fail "clean failed in '$name'"
        [ -d tree/line/build ] || fail "clean in '$name' removed a foreign folder"
        [ ! -e "tree/$name/build" ] || fail "clean in '$name' left its own folder"
    done
done

# Names that cannot be built in are refused in a sentence, before anything is downloaded.
for name in "q'; touch X; '" "$newline" 'a:b' 'a,b' '$HOME'; do
    rm -rf tree touched
    clone "tree/$name"
    (cd "tree/$name" && ./dev build) >said 2>&1 && fail "'$name' was built in"
    grep -q "Choose a path" said || fail "'$name' was not refused: $(cat said)"
    [ ! -e "tree/$name/.deps" ] || fail "something was downloaded into '$name'"
done
