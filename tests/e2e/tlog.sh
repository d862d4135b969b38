#!/usr/bin/env bash
# The log under /log/ is read by a reader of another make: tests/e2e/tlog.mjs, from the public
# specifications alone.
reader=$PWD/tests/e2e/tlog.mjs
. tests/e2e/common.inc
node n
reports() { # FIRST LAST
    echo "id,reported_at,victim,country,channel,loss,currency,transfers,accounts,phones,urls,story"
    seq -f 'R%.0f,2026-03-02T00:00:00Z,,TH,bank,10.00,THB,,,,,a story that stays inside' "$1" "$2"
}
"$moei" record list n --kind genesis --json >genesis.list
id=$(sed -n 's/.*"id":"\([0-9a-f-]*\)".*/\1/p' genesis.list)
"$moei" record show n "$id" --json >genesis.json
key=$(sed -n 's/.*"log_key":"\([0-9a-f]*\)".*/\1/p' genesis.json)
agency=$(sed -n 's/.*{"agency":"\([0-9a-f]*\)".*/\1/p' genesis.list)
[ "${#key}" -eq 64 ] && [ "${#agency}" -eq 64 ] && ok "key and agency are known" || not_ok "key and agency" "$(cat genesis.json)"
read_log() { # NAME [RECORD-FILE]
    "$(command -v node || command -v nodejs)" "$reader" "$url" "$key" "$agency" "$folder/state" "${@:2}" >reader.out 2>&1
    local got=$?
    sed "s/^\(ok\|not ok\) /\1 $1: /" reader.out
    [ "$got" -eq 0 ] || not_ok "$1: the reader ends well" "$(tail -n 5 reader.out)"
}
# `node` is a function of common.inc here: the program is called by its path.
unset -f node
serve n || exit 1
read_log "a young log"
reports 1 700 >r.csv
expect 0 "700 reports" "$moei" import reports n r.csv
"$moei" record show n "$("$moei" record list n --kind report --json | sed 's/"id":"/\n/g' | sed -n '2s/".*//p')" --json >record.json
read_log "three tiles" record.json
reports 701 760 >r.csv
expect 0 "60 more" "$moei" import reports n r.csv
read_log "grown again" record.json
curl -s "$url/log/tile/entries/000" | grep -qa "a story that" && not_ok "the log tells no story" || ok "the log tells no story"
# One process, so that a busy machine asks often enough too.
for _ in $(seq 1 800); do printf 'url = "%s/log/checkpoint"\noutput = "out"\n' "$url"; done >many
curl -s -K many -w '%{http_code}\n' | sort | uniq -c >codes
grep -q ' 429$' codes && ok "who asks too often waits" || not_ok "who asks too often waits" "$(cat codes)"
serve_end TERM && ok "the server ends" || not_ok "the server ends"
[ "$failures" -eq 0 ]
