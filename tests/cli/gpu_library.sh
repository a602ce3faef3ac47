# A library for the GPU that is not this program's is refused in a sentence, before anything of it is called.
mkdir copy
cp "$ebmlab" copy/
beside=$(dirname "$ebmlab")
for name in torch assets mnist nvidia; do ln -s "$beside/$name" "copy/$name"; done
ebmlab="$PWD/copy/ebmlab"
ask=(train --scene two_moons --iterations 1 --device cuda --out run)

run 1 "${ask[@]}"
contains stderr "the GPU library was not found"
build=$(strings "$beside/ebmlab_cuda.so" | grep -xE '[0-9a-f]{64}' | sort -u)
[ -n "$build" ] || fail "the GPU library has no build id"
other=$(printf '%s' "$build" | tr '0-9a-f' '1-9a-f0')
LC_ALL=C sed "s/$build/$other/g" "$beside/ebmlab_cuda.so" >copy/ebmlab_cuda.so
run 1 "${ask[@]}"
contains stderr "the GPU library belongs to another build of the program"
[ "$(wc -l <stderr)" -eq 1 ] || fail "more than a sentence: $(cat stderr)"
echo "no library" >copy/ebmlab_cuda.so
run 1 "${ask[@]}"
contains stderr "the GPU library cannot be loaded"
[ "$(wc -l <stderr)" -eq 1 ] || fail "more than a sentence: $(cat stderr)"
cp "$beside/ebmlab_cuda.so" copy/
run 1 "${ask[@]}"
contains stderr "CUDA was asked for and cannot be used"
lacks stderr "GPU library"
# Without a card it is not needed.
rm copy/ebmlab_cuda.so
run 0 train --scene two_moons --iterations 1 --out run
