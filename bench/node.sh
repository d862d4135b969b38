#!/usr/bin/env bash
# The whole program as a user has it: import of a sorted file, a million reports, start, idle memory,
# verify, rebuild. Medians of ROUNDS (3) where a step can be repeated. Use: node.sh BUILD
set -euo pipefail
moei=${MOEI:-$1/moei} rounds=${ROUNDS:-3}
transfers=5000000 reports=1000000
[ -n "${FULL:-}" ] && transfers=50000000
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

now() { date +%s%N; }
# Runs a command, sets `us` to the microseconds that it took.
timed() {
    local begin
    begin=$(now)
    "$@" >"$folder/out" 2>"$folder/err" || { cat "$folder/err" >&2; exit 1; }
    us=$((($(now) - begin) / 1000))
}
spread() { sort -n | awk '{ v[NR] = $1 } END { printf "%s (%s to %s)", v[int((NR + 1) / 2)], v[1], v[NR] }'; }
rates() { # COUNT, then one duration in µs a line on stdin: thousands a second
    awk -v n="$1" '{ printf "%.0f\n", n / $1 * 1000 }' | spread
}
node() { "$moei" init "$1" --agency bench --name Bench --country TH --kind centre >/dev/null; }

"$moei" drill make "$folder/drill" --seed 7 --transfers "$transfers" --accounts 500000 >/dev/null
file=$(ls "$folder"/drill/*transfers*.csv | head -n 1)
for i in $(seq "$rounds"); do
    rm -rf "$folder/node"
    node "$folder/node"
    timed "$moei" import transfers "$folder/node" "$file"
    echo "$us"
done >"$folder/import"
echo "import of $transfers transfers, sorted file, empty stream, to durable:" \
    "$(rates "$transfers" <"$folder/import") thousand a second (aim: 300, better 500)"
timed "$moei" import transfers "$folder/node" "$file"
echo "the same file again: $((us / 1000)) ms"

awk -v n="$reports" 'BEGIN {
    story = "They called as the police, said that my account was used by a ring and that I must move my savings to a safe one. "
    while (length(story) < 620) story = story story
    story = substr(story, 1, 620)
    print "id,reported_at,victim,country,channel,loss,currency,transfers,accounts,phones,urls,story"
    for (i = 0; i < n; i++)
        printf "B-%07d,2026-03-%02dT%02d:%02d:%02dZ,V-%07d,TH,hotline,%d.50,THB,,TH/004/%010d,+6681%07d,,\"%s\"\n",
            i, i % 28 + 1, i / 3600 % 24, i / 60 % 60, i % 60, i, i % 90000 + 1000, i * 7919 % 9999999999, i % 9999999, story
}' >"$folder/reports.csv"
rm -rf "$folder/node"
node "$folder/node"
timed "$moei" import reports "$folder/node" "$folder/reports.csv"
echo "import of $reports reports, picture current: $(echo "$us" | rates "$reports") thousand a second"
# A report and the name of its victim are two records.
records=$("$moei" verify "$folder/node" --json | sed -n 's/.*"records":\([0-9]*\).*/\1/p')
for i in $(seq "$rounds"); do timed "$moei" case list "$folder/node"; echo "$((us / 1000))"; done >"$folder/start"
echo "start with $records records (a whole command): $(spread <"$folder/start") ms (aim: 1000)"
for i in $(seq "$rounds"); do timed "$moei" verify "$folder/node"; echo "$us"; done >"$folder/verify"
echo "verify: $(rates "$records" <"$folder/verify") thousand records a second (aim: 300 by the ledger alone)"
for i in $(seq "$rounds"); do timed "$moei" rebuild "$folder/node"; echo "$us"; done >"$folder/rebuild"
echo "rebuild: $(rates "$records" <"$folder/rebuild") thousand records a second (aim: 100)"

"$moei" serve "$folder/node" --listen 127.0.0.1:8497 >"$folder/serve.log" 2>&1 &
server=$!
for _ in $(seq 100); do curl -fs http://127.0.0.1:8497/healthz >/dev/null && break; sleep 0.1; done
sleep 2
echo "idle memory beside mapped files: $(awk '/RssAnon/ { printf "%.0f", $2 / 1024 }' "/proc/$server/status") MiB (aim: 64)"
kill "$server"
wait "$server" || true
