# Where output goes: streams are written to where they stand, nothing is overwritten unasked.
printf 'x,y\n0,0\n1,-1\n' >points.csv
energy=(energy --scene double_well --threads 1 --in points.csv --out)

# The standard streams by name, by number and as "-".
run 0 "${energy[@]}" plain.csv
contains stdout "Wrote the energies of 2 samples to plain.csv."
for out in - /dev/stdout /dev/fd/1 /proc/self/fd/1; do
    echo kept >all.csv
    "$ebmlab" "${energy[@]}" "$out" >>all.csv 2>stderr </dev/null || fail "--out $out: $(cat stderr)"
    { echo kept && cat plain.csv; } >expected.csv
    same all.csv expected.csv
    contains stderr "Wrote the energies"
    [ ! -e ./- ] || fail "--out $out made a file of that name"
done
"$ebmlab" energy --scene double_well --threads 1 --in - --out - <points.csv 2>/dev/null >piped.csv || fail "--in -"
same piped.csv plain.csv
cat points.csv | "$ebmlab" energy --scene double_well --threads 1 --in /dev/stdin --out piped.csv >/dev/null || fail "--in /dev/stdin"
same piped.csv plain.csv
run 0 "${energy[@]}" /dev/null
[ -c /dev/null ] || fail "/dev/null was replaced"
"$ebmlab" sample --scene double_well --count 3 --steps 2 --threads 1 --out - >sampled.csv 2>/dev/null || fail "sample --out -"
[ "$(rows sampled.csv)" -eq 4 ] || fail "sampled.csv: $(cat sampled.csv)"
mkfifo pipe
cat pipe >through.csv &
run 0 "${energy[@]}" pipe
wait
same through.csv plain.csv
[ -p pipe ] || fail "the pipe was replaced"
"$ebmlab" "${energy[@]}" - >&- 2>stderr && fail "closed standard output is no error"
contains stderr "could not be written"

# A link stays, and what it leads to is replaced.
ln -s real.csv link.csv
run 0 "${energy[@]}" link.csv
[ -L link.csv ] || fail "the link was replaced"
same real.csv plain.csv

# The output is never an input, and its name says what it is.
cp points.csv kept.csv
ln -s points.csv also.csv
ln points.csv twin.csv
for out in points.csv ./points.csv also.csv twin.csv; do
    refused "would replace the input" "${energy[@]}" "$out"
    same points.csv kept.csv
done
refused "ends with .csv" "${energy[@]}" full.safetensors
refused "ends with .png" render --scene double_well --size 200x200 --threads 1 --out picture.jpg
refused ".gif" sample --scene double_well --count 1 --threads 1 --out points.gif
refused "would replace the input" sample --scene double_well --count 2 --threads 1 --init points.csv --out points.csv
run 0 train --scene eight_gaussians --iterations 3 "${small[@]}" --out run
cp run/last.safetensors good.safetensors
ln -s "$PWD/good.safetensors" linked.safetensors
for out in good.safetensors linked.safetensors; do
    refused "would replace the input" export --checkpoint good.safetensors --out "$out"
done
same run/last.safetensors good.safetensors
mkdir other
ln -s ../good.safetensors other/last.safetensors
run 0 train --resume good.safetensors --iterations 5 --threads 1 --out other
same run/last.safetensors good.safetensors

# Two runs with one folder: the second is told who is there, and nothing of the first is lost.
"$ebmlab" train --scene eight_gaussians --iterations 10000000 "${small[@]}" --out shared >/dev/null 2>&1 </dev/null &
pid=$!
while [ ! -s shared/last.safetensors ] && kill -0 "$pid"; do sleep 0.1; done
refused "process $pid" train --scene two_moons --iterations 1 "${small[@]}" --out shared
refused "process $pid" train --resume shared/last.safetensors --threads 1 --out shared
ls shared | grep -q earlier && fail "the refused run renamed the first one"
kill -KILL "$pid"
wait "$pid" 2>/dev/null
run 0 train --scene two_moons --iterations 1 "${small[@]}" --out shared

# A killed writer's file goes with the next write.
echo half >shared/.ebmlab-abcdefgh.part
run 0 train --resume shared/last.safetensors --iterations 2 --threads 1 --out shared
[ -z "$(find shared -name '*.part')" ] || fail "left over: $(find shared -name '*.part')"

# With standard error closed, no file takes its place.
"$ebmlab" train --scene eight_gaussians --iterations 30 "${small[@]}" --out closed >/dev/null 2>&- </dev/null || fail "2>&-"
[ "$(rows closed/log.csv)" -eq 31 ] || fail "log.csv with standard error closed: $(head -3 closed/log.csv)"
"$ebmlab" train --scene eight_gaussians --iterations 5 "${small[@]}" --out quiet <&- >&- 2>&-
[ "$(rows quiet/log.csv)" -eq 6 ] || fail "log.csv with all streams closed"

# A resume never drops good rows in silence.
sed -i '10s/.*/what is this/' closed/log.csv
cp closed/log.csv damaged.csv
run 0 train --resume closed/last.safetensors --iterations 32 --threads 1 --out closed
contains stderr "line 10"
same closed/log-kept.csv damaged.csv
[ "$(rows closed/log.csv)" -eq 32 ] || fail "good rows of log.csv were dropped"
printf 'iteration,other\n1,2\n' >closed/log.csv
run 0 train --resume closed/last.safetensors --iterations 33 --threads 1 --out closed
contains stderr "other columns"
[ "$(cat closed/log-kept-002.csv)" = "$(printf 'iteration,other\n1,2')" ] || fail "the other log is gone"
