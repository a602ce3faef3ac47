#!/usr/bin/env bash
# run.sh ROOT TEST: runs tests/dev/TEST.sh in an empty folder of its own. $root is the tree; `clone FOLDER` copies what ./dev
# needs. Programs of the folder `stubs` come first on the PATH: there, every system package is installed already.
set -u -o pipefail
tests=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
mkdir stubs
export PATH="$work/stubs:$PATH"
unset EBMLAB_DEPS

fail() {
    printf 'FAILED: %s\n' "$*" >&2
    exit 1
}
clone() {
    mkdir -p "$1"
    cp -a "$root/dev" "$root/.versions" "$root/.hashes" "$1/"
}
# stub NAME: the program NAME, whose lines come from standard input.
stub() {
    { echo '#!/bin/sh'; cat; } >"stubs/$1"
    chmod +x "stubs/$1"
}
stub dpkg-query <<<'echo install ok installed'
. "$tests/$2.sh"
