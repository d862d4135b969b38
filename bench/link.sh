#!/usr/bin/env bash
# A backlog between two real nodes over TLS on loopback: how fast it arrives, what each side needs of
# processor and memory, and how soon one new report is there over an open link. FULL=1: a million
# reports.
# Use: link.sh BUILD
set -euo pipefail
moei=$(readlink -f "${MOEI:-$1/moei}") rounds=${ROUNDS:-21}
reports=${REPORTS:-100000}
[ -n "${FULL:-}" ] && reports=1000000
folder=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; wait 2>/dev/null; [ -n "${KEEP:-}" ] || rm -rf "$folder"' EXIT
cd "$folder"

now_us() { echo $(($(date +%s%N) / 1000)); }
member() { grep -oE "\"$1\":(\"[^\"]*\"|[0-9]+)" | head -n 1 | sed 's/^[^:]*://; s/"//g'; }
up() { # NODE OPTIONS…
    local n=$1
    shift
    "$moei" serve "$n" --listen 127.0.0.1:0 "$@" >"$n.out" 2>"$n.err" &
    pids+=($!)
    until grep -q ' on http:' "$n.out" && [ -S "$n/moei.sock" ]; do sleep 0.05; done
}
# Peak memory in MiB and processor time in ms of a process.
used() {
    awk -v hz="$(getconf CLK_TCK)" '/^VmHWM/ { peak = $2 / 1024 }
        FILENAME ~ /stat$/ { sub(/.*\) /, ""); cpu = ($12 + $13) * 1000 / hz }
        END { printf "%.0f %.0f\n", peak, cpu }' "/proc/$1/status" "/proc/$1/stat" 2>/dev/null
}

for n in a b; do
    "$moei" init "$n" --agency "$n" --name "Agency $n" --country TH --kind centre >"$n.init"
    sed -n 's/^officer *//p' "$n.init" >"$n.pw"
done
# The address goes into the card, so that it has to be known before.
up a --peer-listen 127.0.0.1:0
address=$(sed -n 's/^Peers reach it at //p' a.out)
kill "${pids[0]}" && wait "${pids[0]}" || true
pids=()
up a --peer-listen "${address#https://}" --peer-url "$address"
kill "${pids[0]}" && wait "${pids[0]}" || true
pids=()
"$moei" peer add b "$("$moei" peer card a --json | member card)" --name a >/dev/null
"$moei" peer add a "$("$moei" peer card b --json | member card)" --name b >/dev/null
"$moei" accord new a bench --title Bench --members b=MoU --kinds report >/dev/null
"$moei" accord sign a bench --password-file a.pw >/dev/null
pass() { # FROM TO
    "$moei" bundle export "$1" --to "$2" "$1$2" >/dev/null
    "$moei" bundle import "$2" "$1$2" >/dev/null
}
pass a b
"$moei" accord sign b bench --password-file b.pw >/dev/null
pass b a

awk -v n="$reports" 'BEGIN {
    print "id,reported_at,victim,country,channel,loss,currency,transfers,accounts,phones,urls,story"
    srand(7)
    for (i = 1; i <= n; i++)
        printf "R-%07d,2026-11-20T08:%02d:%02dZ,,TH,hotline,%d.00,THB,,TH/004/%010.0f;TH/014/%010.0f,+66812%06d,https://p%d.example/%d,\n",
            i, i / 60 % 60, i % 60, 100 + rand() * 90000, rand() * 1e10, rand() * 1e10, rand() * 1e6,
            rand() * 1e6, i
}' >reports.csv
"$moei" import reports a reports.csv --accord bench >/dev/null 2>&1
up a --peer-listen "${address#https://}" --peer-url "$address"
read -r before cpu_before < <(used "${pids[0]}")
begin=$(now_us)
"$moei" sync b --peer a --json >sync.out &
receiver=$! got="0 0"
# Both can be read only while it runs: what its last 20 ms add is missed.
while now=$(used "$receiver") && [ "${now%% *}" != 0 ]; do
    got=$now
    sleep 0.02
done
wait "$receiver"
us=$(($(now_us) - begin))
fresh=$(member new <sync.out)
read -r most cpu_most < <(used "${pids[0]}")
awk -v n="$fresh" -v us="$us" 'BEGIN {
    printf "backlog over TLS on loopback: %d records in %.1f s: %.0f records/s (aim: 30000)\n", n, us / 1e6, n / us * 1e6
}'
awk -v n="$fresh" -v before="$before" -v most="$most" -v cpu="$((cpu_most - cpu_before))" -v got="$got" 'BEGIN {
    split(got, r, " ")
    printf "memory at the most (aim: 64): sender %d MiB (%d before), receiver %d MiB\n", most, before, r[1]
    printf "processor time of one record: sender %.1f us, receiver %.1f us\n", cpu * 1000 / n, r[2] * 1000 / n
}'

up b
until "$moei" peer list b --json | grep -q '"connected":true'; do sleep 0.05; done
# A report is there when the other side shows it; asking takes some ms of what is measured.
for i in $(seq "$rounds"); do
    record=$("$moei" report add a --id "N-$i" --loss 1.00 --currency THB --accounts TH/004/1 --accord bench --json | member record)
    begin=$(now_us)
    until "$moei" record show b "$record" --json >/dev/null 2>&1; do :; done
    echo $((($(now_us) - begin) / 1000))
done | sort -n | awk '{ v[NR] = $1 } END { printf "a new report is shown at the peer after %d ms (%d to %d; aim: 1000)\n", v[int((NR + 1) / 2)], v[1], v[NR] }'
