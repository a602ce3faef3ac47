#!/usr/bin/env bash
# run.sh PROGRAM TEST: runs tests/cli/TEST.sh in an empty folder of its own.
here=$(cd "$(dirname "$0")" && pwd)
ebmlab=$(realpath "$1")
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work" || exit 1
. "$here/common.sh"
. "$here/$2.sh"
