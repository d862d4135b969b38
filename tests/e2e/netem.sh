#!/usr/bin/env bash
# The same as badlink.sh by the kernel: two network namespaces and tc netem with 5 % loss, 800 ms
# delay, 9.6 kbit/s, 20 cuts. Needs root and the kernel's netem; long, so only in `make soak`.
part=$PWD/tests/e2e/badlink.inc
. tests/e2e/common.inc
. "$part"
skip() { echo "skip netem: SKIPPED: $1"; exit 0; }
[ -n "${MOEI_ROUNDS:-}" ] || skip "runs in \`make soak\`"
[ "$(id -u)" -eq 0 ] || skip "needs root"
command -v ip >/dev/null && command -v tc >/dev/null || skip "needs ip and tc (iproute2)"
a=moei-$$-a b=moei-$$-b
trap 'for p in $pid_th $pid_mm; do kill -9 "$p" 2>/dev/null; done; wait 2>/dev/null; ip netns del $a 2>/dev/null; ip netns del $b 2>/dev/null; rm -rf "$folder"' EXIT
ip netns add "$a" 2>err && ip netns add "$b" 2>err || skip "no network namespaces here: $(cat err)"
ip link add vetha netns "$a" type veth peer name vethb netns "$b" 2>err || skip "no veth here: $(cat err)"
ip -n "$a" addr add 10.77.0.1/24 dev vetha
ip -n "$b" addr add 10.77.0.2/24 dev vethb
for end in "$a vetha" "$b vethb"; do
    set -- $end
    ip -n "$1" link set lo up
    ip -n "$1" link set "$2" up
    ip netns exec "$1" tc qdisc add dev "$2" root netem delay 800ms loss 5% rate 9600bit limit 200 2>err ||
        skip "no netem in this kernel: $(head -n 1 err)"
done
records=200 cuts=20 patience=800
start_th() {
    ip netns exec "$a" "$moei" serve th --listen 127.0.0.1:0 --peer-listen 10.77.0.1:8442 --peer-url https://10.77.0.1:8442 >th.out 2>th.err &
    pid_th=$!
    ready th "$pid_th"
}
start_mm() {
    ip netns exec "$b" "$moei" serve mm --listen 127.0.0.1:0 >mm.out 2>mm.err &
    pid_mm=$!
    ready mm "$pid_mm"
}
cut() {
    ip -n "$a" link set vetha down
    sleep 2
    ip -n "$a" link set vetha up
}
story
[ "$failures" -eq 0 ]
