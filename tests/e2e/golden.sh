#!/usr/bin/env bash
# From nothing to the golden trace: init, import, case, trace; to the last byte.
. tests/e2e/common.inc
golden_files

expect 0 "init" "$moei" init n --agency th-test --name "Test centre" --country TH --kind centre
says out "init shows the recovery key once" "Recovery key"
expect 1 "init refuses a folder that is not empty" "$moei" init n --agency x --name X --country TH --kind bank
expect 0 "import transfers" "$moei" import transfers n t.csv
says out "five rows are taken" "5 taken"
expect 0 "import reports" "$moei" import reports n r.csv
expect 0 "the same file again" "$moei" import transfers n t.csv
says out "changes nothing" "nothing new"

cat >fifo.json <<'JSON'
{"accounts":[{"account":"3000000001","balance":1000,"country":"TH","currency":"THB","first_at":"2026-03-01T03:00:00Z","institution":"002","level":2,"tags":[{"amount":1000,"report":"P"}]},{"account":"3000000002","balance":1000,"country":"TH","currency":"THB","first_at":"2026-03-01T05:00:00Z","institution":"002","level":2,"tags":[{"amount":1000,"report":"M"}]},{"account":"2000000001","balance":1000,"country":"TH","currency":"THB","first_at":"2026-03-01T01:00:00Z","institution":"014","level":1,"tags":[{"amount":1000,"report":"K"}]}],"notes":[],"reports":[{"cost":[],"currency":"THB","exits":[],"id":"K","left":[{"amount":1000,"currency":"THB"}],"seed":[{"amount":1000,"currency":"THB"}]},{"cost":[],"currency":"THB","exits":[],"id":"M","left":[{"amount":1000,"currency":"THB"}],"seed":[{"amount":1000,"currency":"THB"}]},{"cost":[],"currency":"THB","exits":[],"id":"P","left":[{"amount":1000,"currency":"THB"}],"seed":[{"amount":1000,"currency":"THB"}]}],"rule":"fifo","transfers":[{"id":"k","level":1,"tags":[{"amount":1000,"report":"K"}]},{"id":"m","level":1,"tags":[{"amount":1000,"report":"M"}]},{"id":"p","level":1,"tags":[{"amount":1000,"report":"P"}]},{"id":"x","level":2,"tags":[{"amount":1000,"report":"P"}]},{"id":"y","level":2,"tags":[{"amount":1000,"report":"M"}]}],"until":null}
JSON
expect 0 "trace by fifo" "$moei" trace n --report P,M,K --json
same "fifo to the last byte" fifo.json out
expect 0 "trace by pro rata" "$moei" trace n --report P,M,K --rule pro_rata --json
says out "250, 250 and 500 lie at the mule" '"institution":"014","level":1,"tags":[{"amount":500,"report":"K"},{"amount":250,"report":"M"},{"amount":250,"report":"P"}]'
expect 0 "trace until a time" "$moei" trace n --report P --until 2026-03-01T09:30:00+07:00 --json
says out "the time is said in UTC" '"until":"2026-03-01T02:30:00Z"'
says out "what came later is not there" '"transfers":[{"id":"p","level":1,"tags":[{"amount":1000,"report":"P"}]}]'
cp out until.json
expect 0 "trace until a Buddhist year" "$moei" trace n --report P --until 2569-03-01T09:30:00+07:00 --json
same "means the same" until.json out
expect 2 "trace until no time" "$moei" trace n --report P --until 2026-03-01
expect 0 "trace by poison" "$moei" trace n --report P --rule poison --json
says out "poison gives no amounts" '"tags":[{"report":"P"}]'

expect 0 "a case" "$moei" case new n --title "Golden case" --json
id=$(sed -n 's/.*"id":"\([0-9a-f-]*\)".*/\1/p' out)
expect 0 "reports into the case" "$moei" case add n "$id" P M K
expect 0 "trace of the case" "$moei" trace n --case "$id" --json
same "is the trace of its reports" fifo.json out
expect 0 "trace of the case by its title" "$moei" trace n --case "Golden case" --json
expect 0 "trace as tables" "$moei" trace n --case "$id"
says out "a table a level" "Level 2: 2 accounts"
expect 0 "why" "$moei" trace n --case "$id" --why 3000000001
says out "the path in words" "2000000001"
expect 1 "why of an account that is not reached" "$moei" trace n --case "$id" --why 9999999999
expect 0 "record list" "$moei" record list n --kind seed --json
expect 0 "verify" "$moei" verify n
expect 0 "rebuild" "$moei" rebuild n
says out "an equal picture" "equals"
expect 0 "trace after rebuild" "$moei" trace n --case "$id" --json
same "is the same" fifo.json out
exit "$failures"
