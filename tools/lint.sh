#!/usr/bin/env bash
# The house at a glance: layers, banned calls, sizes, clang-format, clang-tidy, TypeScript.
# Use: lint.sh BUILD CPPFLAGS
set -u
build=$1 cppflags=$2 bad=0
say() { echo "lint: $*"; bad=$((bad + 1)); }

# Layers: every include of another room must be named in src/LAYERS, and only its door.
while IFS=: read -r room allowed; do
    case $room in '#'* | '') continue ;; esac
    for file in src/"$room"/*.[ch] src/"$room"/*.cc; do
        [ -f "$file" ] || continue
        while read -r included; do
            other=${included%%/*}
            [ "$other" = "$room" ] && continue
            case " $allowed " in *" $other "*) ;; *) say "$file includes $included; src/LAYERS does not let $room" ;; esac
            [ "$included" = "$other/$other.h" ] || [ "$included" = base/limits.h ] ||
                say "$file includes $included, which is not a door"
        done < <(sed -n 's/^#include "\([a-z]*\/[^"]*\)".*/\1/p' "$file")
    done
done <src/LAYERS
for folder in src/*/; do
    grep -q "^$(basename "$folder"):" src/LAYERS || say "$folder is not in src/LAYERS"
done

# Banned calls. malloc and its kin live in base; logging in web, cli, main.
banned='\b(strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|alloca|localtime|gmtime|rand|srand|system|popen|gets)\('
hits=$(grep -nE "$banned" src/*/*.[ch] src/*/*.cc 2>/dev/null) && say "banned calls:
$hits"
hits=$(grep -nE '\b(malloc|calloc|realloc|free)\(' src/*/*.[ch] 2>/dev/null | grep -v '^src/base/mem.c') && say "memory outside base:
$hits"
hits=$(grep -nE '\b(log_line|printf|fprintf|puts)\(' src/*/*.c 2>/dev/null |
    grep -vE '^src/(base/(log|err)\.c|web/|cli/|main/)') && say "output outside web, cli, main:
$hits"
hits=$(grep -nE '\bgoto\b' src/*/*.[ch] 2>/dev/null | grep -v '//') && say "goto:
$hits"
hits=$(grep -nE '#include <(sqlite3|sodium|openssl|unicode|simdjson|microhttpd|zstd|phonenumbers|libxml|zip|xlsxwriter|curl|gnutls)' src/*/*.* |
    grep -vE '^src/(store/[^:]*:.*sqlite3|crypto/[^:]*:.*(sodium|openssl)|text/[^:]*:.*(unicode|phonenumbers)|json/[^:]*:.*simdjson|web/[^:]*:.*microhttpd|(ledger|desk|sync)/[^:]*:.*zstd|format/[^:]*:.*(libxml|zip|xlsxwriter)|tls/[^:]*:.*gnutls|dial/[^:]*:.*curl)') && say "a library outside its room:
$hits"

# Sizes.
for file in src/*/*.[ch] src/*/*.cc web/src/*/*.ts web/src/*/*.tsx; do
    [ -f "$file" ] || continue
    lines=$(wc -l <"$file")
    [ "$lines" -le 800 ] || say "$file has $lines lines; 800 are allowed"
done
hits=$(LC_ALL=C.UTF-8 grep -nHoE '^.{101,}' src/*/*.[ch] tests/*/*.[ch] | cut -d: -f1,2 | head -n 20)
[ -z "$hits" ] || say "lines over 100 columns:
$hits"
hits=$(awk -f tools/function_size.awk src/*/*.c)
[ -z "$hits" ] || say "functions over 70 lines:
$hits"
hits=$(grep -nE '\b(TODO|FIXME|HACK)\b' -r src web/src tests tools/*.sh 2>/dev/null | grep -v '^tools/lint.sh') && say "words that promise work:
$hits"

hits=$(printf '%s\n' src/*/*.[ch] tests/*.h tests/*/*.[ch] fuzz/*.c bench/*.c |
    xargs -P "$(nproc)" -n 40 clang-format-14 --dry-run -Werror 2>&1 | grep -E 'error:' | head -n 20)
[ -z "$hits" ] || say "clang-format:
$hits"

# clang-tidy, remembered by the content of each file and of all headers.
mkdir -p "$build/tidy"
headers=$(cat src/*/*.h .clang-tidy | sha256sum | cut -c1-16)
export build cppflags headers
tidy_one() {
    file=$1
    stamp=$build/tidy/$(sha256sum "$file" | cut -c1-16)-$headers
    [ -f "$stamp" ] && return 0
    # shellcheck disable=SC2086
    if out=$(eval clang-tidy-14 --quiet "$file" -- -std=c17 $cppflags 2>/dev/null) && [ -z "$(echo "$out" | grep -E 'warning:|error:')" ]; then
        touch "$stamp"
    else
        echo "$out" | grep -E -A4 'warning:|error:' | head -n 20
        return 1
    fi
}
export -f tidy_one
# The longest first, so that no core waits for the other at the end.
find src -name '*.c' -printf '%s %p\n' | sort -rn | cut -d' ' -f2- |
    xargs -P "$(nproc)" -I{} bash -c 'tidy_one {}' || say "clang-tidy, see above"
# The types of the pages are checked when these are built, which `make lint` has done.

[ "$bad" -eq 0 ] && echo "lint: clean" && exit 0
echo "lint: $bad findings"
exit 1
