#!/usr/bin/env bash
# The demo: made once, goes on where it was broken off, and is only named when it is there.
. tests/e2e/common.inc
plan="--transfers 60000 --accounts 6000 --reports 60"
# shellcheck disable=SC2086
expect 0 "demo" "$moei" demo whole $plan
says out "prints the passwords" "shown once"
password=$(sed -n '1s/.* officer \([^ ,]*\).*/\1/p' out)
says out "prints the case level by level" "Level 3"
says out "and by report" "By report"
says err "says how far it is" "public record: 143 rows"
id=$(sed -n 's/^Case .*(\(.*\))$/\1/p' out)
"$moei" trace whole --case "$id" --json >whole.json 2>err
[ -e whole/drill ] && not_ok "nothing is left beside the node" || ok "nothing is left beside the node"
start=$(date +%s%N)
expect 0 "a second time" "$moei" demo whole
says out "it is there" "is there"
[ $((($(date +%s%N) - start) / 1000000)) -lt 2000 ] && ok "within two seconds" || not_ok "within two seconds"

for wait in 0.02 0.08 0.15 0.25 0.35; do
    # shellcheck disable=SC2086
    "$moei" demo broken $plan >/dev/null 2>&1 &
    pid=$!
    sleep "$wait"
    kill -9 "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
done
# shellcheck disable=SC2086
expect 0 "a demo that was broken off is finished" "$moei" demo broken $plan
expect 0 "it verifies" "$moei" verify broken
expect 0 "its case" "$moei" trace broken --case "Ring 1" --json
same "tells the same" whole.json out

serve whole || exit 1
expect 0 "beside a server" "$moei" demo whole
says out "it says so" "server runs"
api() { curl -fs --cookie jar --cookie-jar jar "$@" >out 2>err; }
printf '{"password":"%s","purpose":"","user":"officer"}' "$password" >login.json
api -H 'Content-Type: application/json' --data-binary @login.json "$url/api/v1/session" &&
    ok "its officer logs in with the password shown" || not_ok "its officer logs in with the password shown"
api "$url/api/v1/trace" && ok "the page has its data" || not_ok "the page has its data"
says out "of the same case" "$id"
api "$url/api/v1/public-record" && ok "and the public record" || not_ok "and the public record"
code=$(curl -s -o /dev/null -w '%{http_code}' "$url/api/v1/trace")
[ "$code" = 401 ] && ok "who is not logged in sees nothing of it" || not_ok "who is not logged in sees nothing of it" "$code"
serve_end TERM || not_ok "the server ends"

node own
expect 1 "a node of its own does not become a demo" "$moei" demo own
exit "$failures"
