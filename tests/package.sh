#!/usr/bin/env bash
# package.sh PACKAGE TORCH [HIDDEN…]: puts the package, an archive of ./dev package or an installed folder, into a new folder and runs
# it there as another user with an empty environment, while the folders HIDDEN (the tree and its packages) cannot be seen. TORCH: the
# folder `torch` of a wheel beside its `nvidia`. Without root, or where the system forbids it, the program runs as this user and
# nothing is hidden.
set -u -o pipefail
fail() {
    printf 'FAILED: %s\n' "$*" >&2
    exit 1
}
# The mounts end with the process that made them, before its parent removes the folder.
if [ -z "${WORK:-}" ]; then
    WORK=$(mktemp -d)
    export WORK
    trap 'rm -rf "$WORK"' EXIT
    apart=()
    [ $# -gt 2 ] && [ "$(id -u)" -eq 0 ] && unshare --mount true 2>/dev/null && apart=(unshare --mount)
    APART="${apart[*]}" "${apart[@]}" bash "$0" "$@"
    exit
fi
work=$WORK
package=$(realpath "$1") torch=$(realpath "$2")
shift 2
here=$(realpath "$(dirname "$0")")
chmod 755 "$work"
mkdir "$work/It's here" "$work/home" "$work/site"
if [ -d "$package" ]; then
    cp -a "$package" "$work/It's here/ebmlab"
else
    tar --zstd -xf "$package" -C "$work/It's here" || fail "the package cannot be unpacked"
    [ "$(stat -c %s "$package")" -lt $((32 << 20)) ] || fail "the package has $(stat -c %s "$package") bytes"
fi
folder=$(echo "$work/It's here"/*)
program="$folder/bin/ebmlab"
cp "$here/binaries.sh" "$work/"
# The site-packages of a server.
for part in torch nvidia; do
    if [ -n "$APART" ]; then
        mkdir "$work/site/$part"
        mount --bind "$torch/../$part" "$work/site/$part" || fail "$part cannot be mounted elsewhere"
    else
        ln -s "$torch/../$part" "$work/site/$part"
    fi
done
torch="$work/site/torch"
as_another=()
if [ "$(id -u)" -eq 0 ]; then
    as_another=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    chown 65534:65534 "$work/home"
fi
run() { # run EXPECTED_EXIT_CODE VARIABLE=VALUE… -- ARGUMENTS…
    local expected=$1 code=0 variables=()
    shift
    while [ "$1" != -- ]; do
        variables+=("$1")
        shift
    done
    shift
    (cd "$work/home" && "${as_another[@]}" env -i "${variables[@]}" "$program" "$@") >"$work/out" 2>"$work/err" </dev/null || code=$?
    [ "$code" -eq "$expected" ] || fail "ebmlab $* ended with $code: $(cat "$work/err" "$work/out")"
}
says() { grep -qF -- "$1" "$work/err" "$work/out" || fail "'$1' is not in: $(cat "$work/err" "$work/out")"; }

# No folder of the machine that built it is named in any file. A package needs no newer C libraries than Ubuntu 22.04 has, so it is
# built there or on Debian 12.
for place in "$@"; do
    found=$(grep -rlF -- "$place" "$folder" | head -n 3)
    [ -z "$found" ] || fail "'$place' is named in $found"
done
newest() { find "$folder" -type f -exec objdump -T {} + 2>/dev/null | grep -oE "$1_[0-9.]+" | sort -Vu | tail -n 1; }
at_most() { [ "$(printf '%s\n' "$1" "$2" | sort -V | tail -n 1)" = "$2" ] || fail "$1 is needed, Ubuntu 22.04 has $2"; }
if [ -f "$package" ]; then
    at_most "$(newest GLIBC)" GLIBC_2.35
    at_most "$(newest GLIBCXX)" GLIBCXX_3.4.30
fi
bash "$work/binaries.sh" "$folder" || fail "see above"

if [ -n "$APART" ]; then
    for place in "$@"; do mount -t tmpfs none "$place" || fail "$place cannot be hidden"; done
fi
# A python3 that has this torch, one that has another, and none.
python() { # python FOLDER CODE
    mkdir -p "$work/$1"
    printf '#!/bin/sh\n%s\n' "$2" >"$work/$1/python3"
    chmod 755 "$work/$1/python3"
}
python with "echo '$torch'"
mkdir -p "$work/old/torch/lib" "$work/new/lib"
touch "$work/old/torch/lib/libtorch_cpu.so"
echo "__version__ = '2.9.1+cpu'" >"$work/old/torch/version.py"
python without 'echo'
system=/usr/bin:/bin

run 0 PATH="$work/with:$system" -- --version
says "LibTorch 2"
says "$torch/lib"
run 0 EBMLAB_TORCH="$work/site" PATH="$work/without:$system" -- --version
says "$torch"
run 1 PATH="$work/without:$system" -- --version
says "LibTorch is missing"
# The python3 of the system, called from a folder of somebody else's modules, runs none of them and does not find their torch.
mkdir -p "$work/home/torch/lib"
touch "$work/home/torch/__init__.py" "$work/home/torch/lib/libtorch_cpu.so"
cp "$torch/version.py" "$work/home/torch/"
echo "open('$work/home/ran', 'w')" >"$work/home/importlib.py"
chmod -R a+rX "$work/home"
(cd "$work/home" && env -i PATH="$system" "$program" --version) >"$work/out" 2>"$work/err" </dev/null ||
    says "LibTorch is missing"
[ ! -e "$work/home/ran" ] || fail "a module of the current folder was run"
rm -r "$work/home/torch" "$work/home/importlib.py"

run 1 EBMLAB_TORCH="$work/old" PATH="$work/with:$system" -- --version
says "is 2.9.1, and this program needs"
run 1 EBMLAB_TORCH="$work/new" PATH="$work/with:$system" -- --version
says "there is no lib/libtorch_cpu.so"
[ "$(wc -l <"$work/err")" -eq 1 ] || fail "more than a sentence: $(cat "$work/err")"

# It works: scenes, a training, the shipped model, the digits, and the library for the GPU.
run 0 EBMLAB_TORCH="$torch" -- scenes
says fashion_mnist
run 0 EBMLAB_TORCH="$torch" -- train --scene two_moons --iterations 2 --out run --verbose
run 0 EBMLAB_TORCH="$torch" -- sample --checkpoint run/last.safetensors --count 3 --steps 2 --out points.csv
run 0 EBMLAB_TORCH="$torch" -- sample --scene fashion_mnist_convnet --count 1 --steps 1 --out picture.npy
run 1 EBMLAB_TORCH="$torch" CUDA_VISIBLE_DEVICES= -- train --scene two_moons --iterations 1 --device cuda --out cuda
says "CUDA was asked for and cannot be used: "
grep -q "GPU library" "$work/err" && fail "the GPU library was not loaded: $(cat "$work/err")"
# Beside itself.
ln -s "$torch" "$folder/lib/ebmlab/torch"
run 0 PATH="$work/without:$system" -- --version
ln -s "$program" "$work/link"
program="$work/link" run 0 PATH="$work/without:$system" -- --version
# A library that the system lacks is taken from the package. (The name of one is changed in the program, as if it were missing.)
if [ -d "$folder/lib/ebmlab/bundled/libhwy.so.1" ]; then
    LC_ALL=C sed -i 's/libhwy\.so\.1/libhwz.so.1/' "$folder/lib/ebmlab/ebmlab"
    mkdir "$folder/lib/ebmlab/bundled/libhwz.so.1"
    cp "$folder/lib/ebmlab/bundled/libhwy.so.1/libhwy.so.1" "$folder/lib/ebmlab/bundled/libhwz.so.1/libhwz.so.1"
    run 0 PATH="$work/without:$system" -- --version
fi
echo "$(basename "$package") works${APART:+ as another user, with $# folders out of sight}"
