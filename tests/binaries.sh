#!/usr/bin/env bash
# binaries.sh FOLDER…: what the loader is told by every program and library of these folders. Refused: a search path that is
# empty, relative or writable for everyone, and a file without the hardening of CMakeLists.txt.
set -u
status=0 count=0 fortified=0
refuse() {
    printf '%s: %s\n' "$1" "$2" >&2
    status=1
}

check_path() { # check_path FILE ENTRY
    local folder=$2
    case "$2" in
        '') refuse "$1" "an empty entry in its search path, which is the current folder" ;;
        "\$ORIGIN" | "\$ORIGIN/"*) folder="$(dirname "$1")${2#"\$ORIGIN"}" ;;
        /*) ;;
        *) refuse "$1" "the relative entry '$2' in its search path" ;;
    esac
    [ -d "$folder" ] && [ -n "$(find -L "$folder" -maxdepth 0 -perm -o+w)" ] &&
        refuse "$1" "everyone may write to '$2' of its search path"
}

check() { # check FILE
    local dynamic headers path
    dynamic=$(readelf --wide --dynamic "$1")
    headers=$(readelf --wide --file-header --program-headers "$1")
    while IFS= read -r path; do
        # With a mark at the end, so that an empty last entry is seen.
        while IFS= read -r -d : path_entry; do check_path "$1" "$path_entry"; done <<<"$path:"
    done < <(sed -nE 's/.*\((RUNPATH|RPATH)\)[^[]*\[(.*)\]$/\2/p' <<<"$dynamic")
    grep -q GNU_RELRO <<<"$headers" || refuse "$1" "no RELRO"
    grep -qE '\(FLAGS(_1)?\).*NOW|BIND_NOW' <<<"$dynamic" || refuse "$1" "symbols are bound lazily, so RELRO is not full"
    grep -qE 'Type: +DYN' <<<"$headers" || refuse "$1" "not position-independent"
    grep -E 'GNU_STACK' <<<"$headers" | grep -q 'RWE' && refuse "$1" "an executable stack"
    # The linker lets the libraries for cards lack symbols, of which only those of CUDA may come later.
    nm --dynamic --undefined-only "$1" | grep -q '3ebm' && refuse "$1" "a function of this program is missing in it"
    # A small library may have no array to protect.
    [ "$(stat -c %s "$1")" -lt 100000 ] || readelf --wide --symbols "$1" | grep -q '__stack_chk_fail' ||
        refuse "$1" "no stack protector"
    readelf --wide --dyn-syms "$1" | grep -qE '__[a-z]+_chk(@|$| )' && fortified=$((fortified + 1))
    count=$((count + 1))
}

for folder in "$@"; do
    while IFS= read -r -d '' file; do
        [ "$(head -c 4 "$file" | od -An -c | tr -d ' \n')" = '177ELF' ] && [ "$(od -An -t u2 -j 16 -N 2 "$file" | tr -d ' ')" != 1 ] &&
            check "$file"
    done < <(find "$folder" \( -name CMakeFiles -o -name torch -o -name nvidia -o -name bundled \) -prune -o -type f -print0)
done
[ "$count" -gt 0 ] || refuse "$*" "there is no program here"
[ "${FORTIFIED:-0}" = 0 ] || [ "$fortified" -gt 0 ] || refuse "$*" "no call is fortified"
echo "$count programs and libraries"
exit $status
