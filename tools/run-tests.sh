#!/usr/bin/env bash
# Runs every test of a build: the groups of the rooms (cmocka), fuzz corpora, end to end, pages; the
# longest first, one more at a time than there are cores, because the stories wait a lot. Ends with
# the totals. Use: run-tests.sh BUILD
set -u
build=$1
export CMOCKA_MESSAGE_OUTPUT=STDOUT
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0}
export MOEI=$PWD/$build/moei MOEI_BUILD=$build
# What repeats seeds or looks does so less often where each costs several times as much.
if ldd "$MOEI" | grep -q libasan; then export MOEI_SANITIZED=1; fi
log=$build/test.log
slots=$(($(nproc) + 1))
passed=0 failed=0 skipped=0
: >"$log"

# The nodes of the tests lie in memory where there is room: of a disk they ask its faults, which
# they make themselves, and not its time. TMPDIR says otherwise; MOEI_KEEP leaves what is there.
parent=${TMPDIR:-/tmp}
memory=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)
shared=$(df -Pm /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
if [ -z "${TMPDIR:-}" ] && [ -w /dev/shm ] && [ "${memory:-0}" -ge 4096 ] && [ "${shared:-0}" -ge 2048 ]; then
    parent=/dev/shm
fi
TMPDIR=$(mktemp -d "$parent/moei-tests-XXXXXX") || exit 1
export TMPDIR
trap '[ -n "${MOEI_KEEP:-}" ] || { chmod -R u+w "$TMPDIR"; rm -rf "$TMPDIR"; }' EXIT

count() { # NAME PASSED FAILED SKIPPED SECONDS
    passed=$((passed + $2)) failed=$((failed + $3)) skipped=$((skipped + $4))
    printf '%-24s %5d passed %3d failed %3d skipped %5ds\n' "$1" "$2" "$3" "$4" "$5"
}

# run LOG COMMAND…: in the background, once fewer than `slots` others run. LOG.end gets the exit
# code, the seconds and the seconds of a core.
run() {
    local file=$1
    shift
    while [ "$(jobs -rp | wc -l)" -ge "$slots" ]; do wait -n; done
    (
        begin=$SECONDS
        TIMEFORMAT='%U %S'
        used=$({ time "$@" >"$file" 2>&1 </dev/null; echo $? >"$file.status"; } 2>&1)
        used=$(awk -v t="$used" 'BEGIN { split(t, s); printf "%.1f", s[1] + s[2] }')
        echo "$(cat "$file.status") $((SECONDS - begin)) $used" >"$file.end"
        echo "  $(basename "$file" .log) ended after $((SECONDS - begin)) s ($used s of a core)"
    ) &
}

replay() { # Every fuzz target on its corpus.
    local binary name
    for binary in "$build"/replay/*; do
        [ -f "$binary" ] && [ -x "$binary" ] || continue
        name=$(basename "$binary")
        if "$binary" "fuzz/corpus/$name" >"$build/replay-$name.log" 2>&1; then
            echo "ok $name"
        else
            echo "not ok $name"
            tail -n 20 "$build/replay-$name.log"
        fi
    done
}

count_room() { # NAME: its groups together
    local name=$1 file=$build/test-$1.log part status seconds ok=0 skip=0 bad=0 total=0 listed n s
    : >"$file"
    for part in "${parts[@]}"; do
        case $part in "$build/test-$name+"*) ;; *) continue ;; esac
        read -r status seconds _ <"$part.end"
        cat "$part" >>"$file"
        total=$((total + seconds))
        n=$(grep -c '^\[       OK \]' "$part")
        s=$(grep -c '^\[  SKIPPED \] [a-z]' "$part")
        listed=$(sed -n 's/^\[  SKIPPED \] \([0-9]*\) test.*/\1/p' "$part" | tail -n 1)
        [ -n "$listed" ] && s=$listed
        listed=$(sed -n 's/^ *\([0-9]*\) FAILED TEST(S)$/\1/p' "$part" | tail -n 1)
        [ -n "$listed" ] || listed=$(grep -cE '^\[  (FAILED|ERROR)  ?\] [a-zA-Z_]+' "$part")
        # A group that dies or says nothing has failed, whatever it printed before.
        if [ "$status" -ne 0 ] && [ "$listed" -eq 0 ]; then listed=1; fi
        if [ "$((n + s + listed))" -eq 0 ]; then listed=1; fi
        ok=$((ok + n)) skip=$((skip + s)) bad=$((bad + listed))
        [ "$listed" -eq 0 ] || failures+=("$part")
    done
    cat "$file" >>"$log"
    count "$name" "$ok" "$bad" "$skip" "$total"
    grep -hE '^SKIPPED|SKIPPED:' "$file" | sort | uniq -c | sed 's/^/    /'
}

count_story() { # NAME LOG
    local file=$2 status seconds ok bad skip
    read -r status seconds _ <"$file.end"
    cat "$file" >>"$log"
    ok=$(grep -c '^ok ' "$file")
    bad=$(grep -c '^not ok ' "$file")
    skip=$(grep -c '^skip ' "$file")
    if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
    if [ "$((ok + bad + skip))" -eq 0 ]; then bad=1; fi
    count "$1" "$ok" "$bad" "$skip" "$seconds"
    [ "$bad" -eq 0 ] || { grep -A 3 '^not ok ' "$file" | head -n 20 && tail -n 20 "$file"; }
}

# What there is to run: a room's groups each, where its binary can say them, and the stories. What
# tools/longest.txt names comes first, in its order.
work() {
    local binary room group groups script
    for binary in "$build"/test/*; do
        [ -f "$binary" ] && [ -x "$binary" ] || continue
        room=$(basename "$binary")
        if groups=$(MOEI_GROUP=list "$binary" 2>/dev/null) && [ -n "$groups" ]; then
            sort -u <<<"$groups" | while read -r group; do printf '%s\t%s\n' "$room" "$group"; done
        else
            printf '%s\t\n' "$room"
        fi
    done
    for script in tests/e2e/*.sh; do
        [ -f "$script" ] && printf 'e2e\t%s\n' "$(basename "$script" .sh)"
    done
}
ranked() {
    awk -F '\t' 'NR == FNR { rank[$0] = NR; next } { print (($0 in rank) ? rank[$0] : 9999) "\t" $0 }' \
        tools/longest.txt - | sort -s -n -k 1,1 | cut -f 2-
}
rooms=() parts=() stories=() failures=()
while IFS=$'\t' read -r room group; do
    if [ "$room" = e2e ]; then
        stories+=("$group")
        run "$build/e2e-$group.log" timeout "${MOEI_TIMEOUT:-1800}" bash "tests/e2e/$group.sh"
    else
        case " ${rooms[*]:-} " in *" $room "*) ;; *) rooms+=("$room") ;; esac
        part="$build/test-$room+$(tr -c 'a-zA-Z0-9\n' - <<<"$group").log"
        parts+=("$part")
        MOEI_GROUP=$group run "$part" timeout "${MOEI_TIMEOUT:-1800}" "$build/test/$room"
    fi
done < <(work | ranked)
run "$build/replay.log" replay
wait

mapfile -t rooms < <(printf '%s\n' "${rooms[@]}" | sort)
mapfile -t stories < <(printf '%s\n' "${stories[@]}" | sort)
for name in "${rooms[@]}"; do count_room "$name"; done
for part in "${failures[@]}"; do
    echo "== $part"
    grep -vE '^\[ (RUN|      OK)' "$part" | tail -n 40
done
count_story "fuzz corpora" "$build/replay.log"
for name in "${stories[@]}"; do count_story "e2e/$name" "$build/e2e-$name.log"; done

echo
cat "$build"/test-*+*.log.end "$build"/e2e-*.log.end | awk '{ n += $3 } END { printf "%d s of a core\n", n }'
echo "whole output: $log"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
