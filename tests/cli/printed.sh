# What others wrote cannot command the terminal, and what is printed for pasting can be pasted.
escape=$(printf '\033')
bare() { ! LC_ALL=C grep -q "[$(printf '\001')-$(printf '\010')$(printf '\016')-$(printf '\037')]" "$1" || fail "$1 holds control characters: $(od -c "$1" | head -5)"; }
cat >evil.json <<'JSON'
{"format": "ebmlab-scene", "version": 1, "name": "evil\u001b]0;owned\u0007\u009b2J", "title": "Evil\u001b[2J\u202egpj",
 "description": "\u0000\u0085", "settings": {"data": {"set": "eight_gaussians"}, "tra\u001b[31m": {"x": 1}}}
JSON
run 0 train --scene evil.json --iterations 2 "${small[@]}" --out run
bare stdout && bare stderr
model=(--checkpoint run/last.safetensors --threads 1)
run 0 sample "${model[@]}" --count 2 --steps 1 --verbose --out points.csv
bare stdout && bare stderr
contains stdout "evil"
! LC_ALL=C grep -q "$(printf '\302\233')" stdout || fail "C1 as UTF-8 was printed"
run 0 evaluate "${model[@]}"
bare stdout
! LC_ALL=C grep -q "$(printf '\342\200\256')" stdout || fail "a mark that turns the direction of writing was printed"
run 1 energy "${model[@]}" --in "no${escape}[2Jfile.csv" --out out.csv
bare stderr
run 1 train --scene "no${escape}[2J.json" --iterations 1 --out out
bare stderr
sed 's/"eight_gaussians"/"points", "path": "a\\u0000b.csv"/' evil.json >nul.json
run 1 train --scene nul.json --iterations 1 --out out
contains stderr "character that no file name has"

# Paste the command that goes on.
mkdir "It's Bob's; touch pwned"
run 0 train --scene eight_gaussians --set train.iterations=4 --seconds 0.000001 "${small[@]}" --out "It's Bob's; touch pwned/run"
command=$(grep -o 'ebmlab train --resume.*' stdout)
ebmlab() { "$ebmlab" "$@"; }
eval "$command" >stdout 2>stderr || fail "$command: $(cat stderr)"
contains stdout "iteration 4 of 4"
[ ! -e pwned ] || fail "the pasted command ran something else"

# No escape codes for a terminal that has none. script(1) gives the program a terminal.
if command -v script >/dev/null; then
    train="'$ebmlab' train --scene eight_gaussians --iterations 20000 ${small[*]} --out"
    TERM=xterm script -qec "$train on" typescript >/dev/null 2>&1 </dev/null
    grep -q "$escape" typescript || fail "no progress bar on a terminal: $(cat typescript)"
    TERM=dumb script -qec "$train dumb" typescript >/dev/null 2>&1 </dev/null
    ! grep -q "$escape" typescript || fail "escape codes with TERM=dumb"
    NO_COLOR=1 TERM=xterm script -qec "$train plain" typescript >/dev/null 2>&1 </dev/null
    ! grep -q "$escape" typescript || fail "escape codes with NO_COLOR"
fi
