#!/usr/bin/env bash
# Runs every test of a build: rooms (cmocka), fuzz corpora, end to end, pages; as many at a time as
# there are cores. Ends with the totals. Use: run-tests.sh BUILD
set -u
build=$1
export CMOCKA_MESSAGE_OUTPUT=STDOUT
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0}
export MOEI=$PWD/$build/moei MOEI_BUILD=$build
log=$build/test.log
cores=$(nproc)
passed=0 failed=0 skipped=0
: >"$log"

count() { # NAME PASSED FAILED SKIPPED SECONDS
    passed=$((passed + $2)) failed=$((failed + $3)) skipped=$((skipped + $4))
    printf '%-24s %5d passed %3d failed %3d skipped %5ds\n' "$1" "$2" "$3" "$4" "$5"
}

# run LOG COMMAND…: in the background, once fewer than `cores` others run. LOG.end gets the exit
# code and the seconds.
run() {
    local file=$1
    shift
    while [ "$(jobs -rp | wc -l)" -ge "$cores" ]; do wait -n; done
    (
        begin=$SECONDS
        "$@" >"$file" 2>&1
        echo "$? $((SECONDS - begin))" >"$file.end"
        echo "  $(basename "$file" .log) ended after $((SECONDS - begin)) s"
    ) &
}

count_room() { # NAME
    local file=$build/test-$1.log status seconds ok skip bad listed skip_total
    read -r status seconds <"$file.end"
    cat "$file" >>"$log"
    ok=$(grep -c '^\[       OK \]' "$file")
    skip=$(grep -c '^\[  SKIPPED \] [a-z]' "$file")
    skip_total=$(sed -n 's/^\[  SKIPPED \] \([0-9]*\) test.*/\1/p' "$file" | tail -n 1)
    bad=$(grep -cE '^\[  (FAILED|ERROR)  ?\] [a-zA-Z_]+' "$file")
    listed=$(sed -n 's/^ *\([0-9]*\) FAILED TEST(S)$/\1/p' "$file" | tail -n 1)
    [ -n "$listed" ] && bad=$listed
    [ -n "$skip_total" ] && skip=$skip_total
    # A binary that dies or says nothing has failed, whatever it printed before.
    if [ "$status" -ne 0 ] && [ "${bad:-0}" -eq 0 ]; then bad=1; fi
    if [ "$((ok + skip + bad))" -eq 0 ]; then bad=1; fi
    count "$1" "$ok" "$bad" "$skip" "$seconds"
    grep -hE '^SKIPPED|SKIPPED:' "$file" | sort | uniq -c | sed 's/^/    /'
    [ "$bad" -eq 0 ] || grep -vE '^\[ (RUN|      OK)' "$file" | tail -n 40
}

count_story() { # NAME
    local file=$build/e2e-$1.log status seconds ok bad skip
    read -r status seconds <"$file.end"
    cat "$file" >>"$log"
    ok=$(grep -c '^ok ' "$file")
    bad=$(grep -c '^not ok ' "$file")
    skip=$(grep -c '^skip ' "$file")
    if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
    if [ "$((ok + bad + skip))" -eq 0 ]; then bad=1; fi
    count "e2e/$1" "$ok" "$bad" "$skip" "$seconds"
    [ "$bad" -eq 0 ] || { grep -A 3 '^not ok ' "$file" | head -n 20 && tail -n 20 "$file"; }
}

# The pages take longest: they begin first.
stories=()
for script in tests/e2e/page.sh tests/e2e/*.sh; do
    [ -f "$script" ] || continue
    name=$(basename "$script" .sh)
    case " ${stories[*]:-} " in *" $name "*) continue ;; esac
    stories+=("$name")
    run "$build/e2e-$name.log" timeout 900 bash "$script"
done
rooms=()
for binary in "$build"/test/*; do
    [ -f "$binary" ] && [ -x "$binary" ] || continue
    rooms+=("$(basename "$binary")")
    run "$build/test-$(basename "$binary").log" "$binary"
done
wait
for name in "${rooms[@]}"; do count_room "$name"; done

begin=$SECONDS good=0 bad=0
for binary in "$build"/replay/*; do
    [ -f "$binary" ] && [ -x "$binary" ] || continue
    name=$(basename "$binary")
    if "$binary" "fuzz/corpus/$name" >"$build/replay-$name.log" 2>&1; then
        good=$((good + 1))
    else
        bad=$((bad + 1))
        echo "fuzz corpus of $name:" && tail -n 20 "$build/replay-$name.log"
    fi
done
count "fuzz corpora" "$good" "$bad" 0 $((SECONDS - begin))
for name in "${stories[@]}"; do count_story "$name"; done

echo
echo "whole output: $log"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
