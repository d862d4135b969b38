#!/usr/bin/env bash
# A link of 9.6 kbit/s with 800 ms delay, where 5 % of the packets are sent again, cut again and
# again; made by a program between the two nodes (tests/e2e/badlink.mjs), so that it needs no rights.
link=$PWD/tests/e2e/badlink.mjs
part=$PWD/tests/e2e/badlink.inc
. tests/e2e/common.inc
. "$part"
unset -f node
records=40 cuts=20 patience=300
# Under the sanitizers the machine is the bad link: a few cuts are enough there.
[ -n "${MOEI_SANITIZED:-}" ] && cuts=6
[ -n "${MOEI_ROUNDS:-}" ] && records=200 cuts=20 patience=800
pid_link=
trap 'for p in $pid_link $pid_th $pid_mm; do kill -9 "$p" 2>/dev/null; done; wait 2>/dev/null; rm -rf "$folder"' EXIT

start_th() {
    "$moei" serve th --listen 127.0.0.1:0 --peer-listen "127.0.0.1:$(free_port)" >th.out 2>th.err &
    pid_th=$!
    ready th "$pid_th" || return 1
    local port
    port=$(sed -n 's/^Peers reach it at https:.*:\([0-9]*\)$/\1/p' th.out)
    "$(command -v nodejs || command -v node)" "$link" 0 "$port" 9600 800 5 "${MOEI_SEED:-20261122}" >link.out 2>&1 &
    pid_link=$!
    for _ in $(seq 1 100); do [ -s link.out ] && break; sleep 0.05; done
    # The address that peers are told is the far end of the link.
    kill -TERM "$pid_th" && wait "$pid_th"
    : >th.out # what it said before is no sign of life
    "$moei" serve th --listen 127.0.0.1:0 --peer-listen "127.0.0.1:$port" --peer-url "https://127.0.0.1:$(cat link.out)" >>th.out 2>th.err &
    pid_th=$!
    ready th "$pid_th"
}
start_mm() {
    "$moei" serve mm --listen 127.0.0.1:0 >mm.out 2>mm.err &
    pid_mm=$!
    ready mm "$pid_mm"
}
cut() { kill -USR1 "$pid_link"; }
echo "# seed ${MOEI_SEED:-20261122}, $records records, $cuts cuts"
story
[ "$failures" -eq 0 ]
