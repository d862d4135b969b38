#!/usr/bin/env bash
# A night shift with two lapses in the browser, on a demo node whose clock is moved.
root=$PWD
[ -d web/node_modules/playwright-core ] || { echo "skip night: web/node_modules is absent"; exit 0; }
. tests/e2e/common.inc
expect 0 "demo" "$moei" demo n --transfers 2000 --accounts 600 --reports 10
officer=$(sed -n '1s/.* officer \([^ ,]*\).*/\1/p' out)
night=$(sed -n 's/^ *night (duty_officer) //p' out)
echo 0 >clock
"$moei" serve n --listen 127.0.0.1:0 --drill-clock "$folder/clock" >serve.out 2>serve.err &
server=$!
for _ in $(seq 1 200); do
    url=$(sed -n 's/.* on \(http:.*\)/\1/p' serve.out)
    [ -n "$url" ] && break
    sleep 0.05
done
[ -n "$url" ] || { not_ok "the server starts" "$(cat serve.err)"; exit 1; }
(cd "$root" && timeout 240 node tests/web/night.mjs "$url" "$folder/clock" officer "$officer" night "$night")
status=$?
[ "$status" -eq 124 ] && not_ok "the browser answers in time"
serve_end TERM && ok "the server ends cleanly" || not_ok "the server ends cleanly"
expect 0 "nothing is lost" "$moei" verify n
exit $((failures + status))
