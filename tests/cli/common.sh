# Sourced by every test of the command line. $ebmlab is the program, the working folder is empty and the test's own.
set -u -o pipefail
# The driver of a machine that has a card then says that it sees none.
export CUDA_VISIBLE_DEVICES=

fail() {
    printf 'FAILED: %s\n' "$*" >&2
    exit 1
}

# skip REASON: the test cannot run here; ctest reports it as skipped.
skip() {
    printf 'SKIPPED: %s\n' "$*"
    exit 77
}

# run EXPECTED_EXIT_CODE ARGUMENTS…: runs the program; its output is in ./stdout and ./stderr.
run() {
    local expected=$1 code=0
    shift
    "$ebmlab" "$@" >stdout 2>stderr </dev/null || code=$?
    [ "$code" -eq "$expected" ] ||
        fail "ebmlab $* exited with $code instead of $expected; stderr: $(head -c 2000 stderr)"
}

# refused PHRASE ARGUMENTS…: the program must exit with 1 and say one line that contains PHRASE.
refused() {
    local phrase=$1
    shift
    run 1 "$@"
    [ "$(wc -l <stderr)" -eq 1 ] || fail "ebmlab $* said $(wc -l <stderr) lines: $(cat stderr)"
    [ ! -s stdout ] || fail "ebmlab $* failed but wrote to stdout: $(cat stdout)"
    contains stderr "$phrase"
    grep -q '^ebmlab: .*\.$\|^ebmlab: .*?$' stderr || fail "not a sentence: $(cat stderr)"
}

contains() { grep -qF -- "$2" "$1" || fail "$1 does not contain '$2': $(head -c 2000 "$1")"; }
lacks() { ! grep -qF -- "$2" "$1" || fail "$1 contains '$2'"; }
exists() { [ -s "$1" ] || fail "$1 is missing or empty"; }
rows() { wc -l <"$1"; }
same() { cmp -s "$1" "$2" || fail "$1 and $2 differ"; }

# tensors FILE: the bytes of a safetensors file after its header.
tensors() {
    local header
    header=$(od -An -t u8 -N 8 "$1" | tr -d ' ')
    tail -c +$((9 + header)) "$1"
}

# overwrite FILE OFFSET OCTAL…: replaces bytes in place.
overwrite() {
    local file=$1 offset=$2
    shift 2
    printf "$(printf '\\%s' "$@")" | dd of="$file" bs=1 seek="$offset" conv=notrunc status=none
}

# Small enough that a training takes a moment.
small=(--set model.width=8 --set model.layers=2 --set train.batch=32 --set buffer.size=64 --set data.count=500
    --set sampler.steps=3 --set sampler.chains=16 --threads 1)

# pictures FILE COUNT: an IDX file of COUNT pictures of 28 × 28 pixels.
pictures() {
    {
        printf '\000\000\010\003\000\000'
        printf "\\$(printf %03o $(($2 / 256)))\\$(printf %03o $(($2 % 256)))"
        printf '\000\000\000\034\000\000\000\034'
        head -c $(($2 * 784)) < <(seq 1 100000000 | LC_ALL=C tr 0-9 '\200\216\234\252\270\306\324\342\360\377')
    } >"$1"
}

# picture_scene FILE.json PICTURES: a scene that learns these pictures quickly and badly.
picture_scene() {
    cat >"$1" <<JSON
{"format": "ebmlab-scene", "version": 1, "name": "pictures", "title": "Pictures",
 "settings": {"data": {"set": "idx", "path": "$2"}, "model": {"energy": "conv", "channels": 4},
              "sampler": {"kind": "langevin", "mode": "published", "step_size": 10, "gradient_clip": 0.03,
                          "drift_limit": 0, "step_spread": 1, "box_low": -1, "box_high": 1, "jump_share": 0,
                          "steps": 2, "chains": 4},
              "buffer": {"size": 32, "reinit_share": 0.05}, "train": {"batch": 8, "iterations": 6}}}
JSON
}
