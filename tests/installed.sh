#!/usr/bin/env bash
# installed.sh BUILD SOURCE TORCH: what `cmake --install` writes, without LibTorch, works wherever it lies. See package.sh.
set -eu -o pipefail
here=$(dirname "$0")
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
cmake --install "$1" --prefix "$prefix/ebmlab" --strip --component Unspecified >/dev/null
bash "$here/package.sh" "$prefix/ebmlab" "$3" "$2"
