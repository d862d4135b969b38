#!/usr/bin/env bash
# The pages' own sums, then a small demo node is served and its pages are used in headless Chromium.
set -u
folder=$(mktemp -d)
server=
trap '[ -n "$server" ] && kill "$server" 2>/dev/null; wait 2>/dev/null; rm -rf "$folder"' EXIT
[ -d web/node_modules/playwright-core ] || { echo "skip page: web/node_modules is absent"; exit 0; }

if (cd web && timeout 120 node --test tests/) >"$folder/units.log" 2>&1; then
    echo "ok the pages' own sums"
else
    echo "not ok the pages' own sums"
    tail -n 40 "$folder/units.log"
fi

port=$((20000 + RANDOM % 12000))
if ! "$MOEI" demo "$folder/demo" --transfers 40000 --accounts 6000 --reports 60 >"$folder/demo.log" 2>&1; then
    echo "not ok demo"
    tail -n 20 "$folder/demo.log"
    exit 1
fi
echo "ok demo"
# Shown once, on the first line: "… admin AAA, officer BBB".
password=$(sed -n '1s/.* officer \([^ ,]*\).*/\1/p' "$folder/demo.log")
MOEI_ADMIN_PASSWORD=$(sed -n '1s/.* admin \([^ ,]*\).*/\1/p' "$folder/demo.log")
MOEI_AUDITOR_PASSWORD=$(sed -n 's/^ *auditor (auditor) //p' "$folder/demo.log")
export MOEI_ADMIN_PASSWORD MOEI_AUDITOR_PASSWORD
# Another agency, for the pages of the exchange: it is confirmed by its card.
"$MOEI" init "$folder/other" --agency mm-centre --name "Yangon centre" --country MM --kind centre --timezone Asia/Yangon >"$folder/other.log" 2>&1
MOEI_PEER_CARD=$("$MOEI" peer card "$folder/other" --json | sed -n 's/.*"card":"\([^"]*\)".*/\1/p')
MOEI_PEER_DIR=$folder/other MOEI_NODE_DIR=$folder/demo
export MOEI MOEI_PEER_CARD MOEI_PEER_DIR MOEI_NODE_DIR
"$MOEI" serve "$folder/demo" --listen "127.0.0.1:$port" >"$folder/serve.log" 2>&1 &
server=$!
for _ in $(seq 1 100); do
    curl -fs "http://127.0.0.1:$port/healthz" >/dev/null && break
    sleep 0.1
done
timeout 900 node tests/web/page.mjs "http://127.0.0.1:$port" officer "$password"
status=$?
[ "$status" -eq 124 ] && echo "not ok the browser did not answer in time"
kill -TERM "$server"
wait "$server"
code=$?
server=
[ "$code" -eq 0 ] && echo "ok the server ends cleanly" || echo "not ok the server ended with $code"
exit "$status"
