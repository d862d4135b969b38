#!/usr/bin/env bash
# Runs every test of a build: rooms (cmocka), fuzz corpora, end to end, pages. Ends with the totals.
# Use: run-tests.sh BUILD
set -u
build=$1
export CMOCKA_MESSAGE_OUTPUT=STDOUT
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0}
export MOEI=$PWD/$build/moei MOEI_BUILD=$build
log=$build/test.log
passed=0 failed=0 skipped=0
: >"$log"

count() { # NAME PASSED FAILED SKIPPED SECONDS
    passed=$((passed + $2)) failed=$((failed + $3)) skipped=$((skipped + $4))
    printf '%-24s %5d passed %3d failed %3d skipped %5ds\n' "$1" "$2" "$3" "$4" "$5"
}

for binary in "$build"/test/*; do
    [ -f "$binary" ] && [ -x "$binary" ] || continue
    name=$(basename "$binary") begin=$SECONDS
    "$binary" >"$build/test-$name.log" 2>&1
    status=$?
    cat "$build/test-$name.log" >>"$log"
    ok=$(grep -c '^\[       OK \]' "$build/test-$name.log")
    skip=$(grep -c '^\[  SKIPPED \] [a-z]' "$build/test-$name.log")
    skip_total=$(sed -n 's/^\[  SKIPPED \] \([0-9]*\) test.*/\1/p' "$build/test-$name.log" | tail -n 1)
    bad=$(grep -cE '^\[  (FAILED|ERROR)  ?\] [a-zA-Z_]+' "$build/test-$name.log")
    listed=$(sed -n 's/^ *\([0-9]*\) FAILED TEST(S)$/\1/p' "$build/test-$name.log" | tail -n 1)
    [ -n "$listed" ] && bad=$listed
    [ -n "$skip_total" ] && skip=$skip_total
    # A binary that dies or says nothing has failed, whatever it printed before.
    if [ "$status" -ne 0 ] && [ "${bad:-0}" -eq 0 ]; then bad=1; fi
    if [ "$((ok + skip + bad))" -eq 0 ]; then bad=1; fi
    count "$name" "$ok" "$bad" "$skip" $((SECONDS - begin))
    grep -hE '^SKIPPED|SKIPPED:' "$build/test-$name.log" | sort | uniq -c | sed 's/^/    /'
    [ "$bad" -eq 0 ] || grep -vE '^\[ (RUN|      OK)' "$build/test-$name.log" | tail -n 40
done

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

for script in tests/e2e/*.sh; do
    [ -f "$script" ] || continue
    name=$(basename "$script" .sh) begin=$SECONDS
    timeout 600 bash "$script" >"$build/e2e-$name.log" 2>&1
    status=$?
    cat "$build/e2e-$name.log" >>"$log"
    ok=$(grep -c '^ok ' "$build/e2e-$name.log")
    bad=$(grep -c '^not ok ' "$build/e2e-$name.log")
    skip=$(grep -c '^skip ' "$build/e2e-$name.log")
    if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
    if [ "$((ok + bad + skip))" -eq 0 ]; then bad=1; fi
    count "e2e/$name" "$ok" "$bad" "$skip" $((SECONDS - begin))
    [ "$bad" -eq 0 ] || tail -n 40 "$build/e2e-$name.log"
done

echo
echo "whole output: $log"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
