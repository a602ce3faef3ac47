# With a stand-in for the driver: the program computes on the card it is given, keeps the compiled kernels, and a card that fails,
# is full or is taken away is a sentence that names what is saved, never a crash.
stand_in=$(dirname "$ebmlab")/tests/stand_in
[ -e "$stand_in/libcuda.so.1" ] || fail "there is no stand-in for the driver"
export LD_LIBRARY_PATH="$stand_in${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" XDG_CACHE_HOME="$PWD/cache"
ask=(train --scene two_moons --iterations 3 "${small[@]}" --device cuda --verbose)

run 0 "${ask[@]}" --out run
contains stderr "device: Stand-in"
contains stderr "kernel: fused CUDA sm_90"
kernels=(cache/ebmlab/kernels/*)
[ "${#kernels[@]}" -ge 1 ] && exists "${kernels[0]}"
[ "$(stat -c %a cache/ebmlab/kernels)" = 700 ] || fail "others may look into the cache"
# A file that is cut: compiled again, and replaced.
size=$(stat -c %s "${kernels[0]}")
truncate -s $((size / 2)) "${kernels[0]}"
run 0 "${ask[@]}" --out again
[ "$(stat -c %s "${kernels[0]}")" -eq "$size" ] || fail "the cut file of the cache was not replaced"

saved=0 before=0
for failure in 0:999 2:46 9:2 14:719 19:2 24:719 32:2 40:719 60:46 90:2 140:719; do
    rm -rf failing
    EBMLAB_STAND_IN_FAILS=$failure run 1 train --scene two_moons --iterations 100 "${small[@]}" --device cuda --out failing
    [ "$(wc -l <stderr)" -eq 1 ] || fail "not one sentence after $failure: $(cat stderr)"
    grep -qE '^ebmlab: .*\.$' stderr || fail "not a sentence after $failure: $(cat stderr)"
    lacks stderr "report it"
    case $failure in *:2) grep -q "memory is full" stderr || fail "a full card is not named after $failure: $(cat stderr)" ;; esac
    if grep -q "still holds iteration" stderr; then
        saved=$((saved + 1))
        run 0 train --resume failing/last.safetensors --iterations 2 --out resumed
    else
        before=$((before + 1))
    fi
done
[ "$saved" -gt 1 ] && [ "$before" -gt 1 ] || fail "$before failures before and $saved during the training"
