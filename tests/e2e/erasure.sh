#!/usr/bin/env bash
# What is erased is in no file of the folder, however it came in: typed at the command line under a
# key, or through the API, whose answers are kept for those who ask again.
. tests/e2e/common.inc
"$moei" init n --agency th-test --name "Test centre" --country TH --kind centre --timezone Asia/Bangkok --json >init.json
sed -n 's/.*"officer_password":"\([^"]*\)".*/\1/p' init.json >pw
expect 0 "a token" "$moei" token add n program --password-file pw --json
token=$(sed -n 's/.*"token":"\([^"]*\)".*/\1/p' out)
typed() { "$moei" report add n --id R-1 --victim "Zebulon Typed" --story "quux one" --key k1 --password-file pw --json; }
expect 0 "a report is typed under a key" typed
says out "and answered with its victim" "Zebulon Typed"
ask() { # answers with the status
    curl -s -o body.json -w '%{http_code}' -H "Authorization: Bearer $token" -H 'Idempotency-Key: k2' \
        -H 'Content-Type: application/json' -d '{"id":"R-2","victim":"Zebulon Called","story":"quux two"}' "$url/api/v1/reports"
}
serve n || exit 1
[ "$(ask)" = 201 ] && ok "a report through the API" || not_ok "a report through the API" "$(cat body.json)"
[ "$(ask)" = 201 ] && grep -qF "Zebulon Called" body.json && ok "asked again: the same answer" || not_ok "asked again: the same answer"
expect 0 "the one is erased beside the server" "$moei" erase n R-1 --reason "asked for" --password-file pw
expect 0 "and the other" "$moei" erase n R-2 --reason "asked for" --password-file pw
[ "$(ask)" = 409 ] && grep -qF "went with an erasure" body.json && ok "asked again: done, and nothing more" ||
    not_ok "asked again: done, and nothing more" "$(cat body.json)"
for word in "Zebulon Typed" "Zebulon Called" "quux one" "quux two"; do
    where=$(grep -rlF -- "$word" n)
    [ -z "$where" ] && ok "no file holds \"$word\" while the server runs" || not_ok "no file holds \"$word\" while the server runs" "$where"
done
serve_end TERM && ok "the server ends cleanly" || not_ok "the server ends cleanly"
expect 1 "the key at the command line" typed
says err "says that it was done" "went with an erasure"
for word in "Zebulon Typed" "Zebulon Called" "quux one" "quux two"; do
    where=$(grep -rlF -- "$word" n)
    [ -z "$where" ] && ok "nor afterwards" || not_ok "nor afterwards" "$where"
done
expect 0 "the node is whole" "$moei" verify n
exit "$failures"
