#!/usr/bin/env bash
# Requests between two real nodes whose clock is moved: each has a contact and a time on both sides,
# turns red on both when it is late, and its answer still comes.
. tests/e2e/common.inc
echo 0 >clock
for n in a b; do
    expect 0 "$n is a demo" "$moei" demo "$n" --transfers 1000 --accounts 600 --reports 5
    sed -n '1s/.* officer \([^ ,]*\).*/\1/p' out >"pw-$n"
    "$moei" peer card "$n" --json | grep -oE '"card":"[^"]*"' | cut -d'"' -f4 >"card-$n"
done
expect 0 "a confirms b" "$moei" peer add a card-b --name mm
expect 0 "b confirms a" "$moei" peer add b card-a --name th
servers=()
trap 'kill "${servers[@]}" 2>/dev/null; wait 2>/dev/null; rm -rf "$folder"' EXIT
for n in a b; do
    "$moei" serve "$n" --listen 127.0.0.1:0 --drill-clock "$folder/clock" >"$n.out" 2>"$n.err" &
    servers+=($!)
done
for n in a b; do
    for _ in $(seq 1 200); do [ -S "$n/moei.sock" ] && break; sleep 0.05; done
done
carry() { # FROM NAME OF THE OTHER, TO
    expect 0 "$1 writes a bundle" "$moei" bundle export "$1" --to "$2" "$folder/bundle"
    expect 0 "$3 takes it" "$moei" bundle import "$3" "$folder/bundle"
}
both() { carry a mm b; carry b th a; carry a mm b; }
both
# Handed out as the officer signs it; the clock and the contact are the same on both sides.
expect 0 "asked" "$moei" notice new a request --to mm --title "Account 77" --text "Who holds it?" \
    --contact "duty desk, +66 2 000 0000" --json
id=$(grep -oE '"id":"[^"]*"' out | tail -n 1 | cut -d'"' -f4)
both
for n in a b; do
    expect 0 "$n shows it" "$moei" notice show "$n" "$id"
    says out "by when" "Answer by"
    says out "whom to call" "+66 2 000 0000"
done
echo $((73 * 3600)) >clock
for n in a b; do
    expect 0 "$n shows that it is late" "$moei" notice show "$n" "$id"
    says out "in words" "OVERDUE since"
    expect 0 "$n lists it" "$moei" notice list "$n" --json
    says out "for programs" '"overdue":true'
done
expect 1 "a refusal says why" "$moei" notice act b "$id" refuse --password-file pw-b
expect 0 "refused" "$moei" notice act b "$id" refuse --code not_competent --password-file pw-b
both
expect 0 "the answer came" "$moei" notice show a "$id"
says out "refused" "refused"
says out "why" "not_competent"
grep -q OVERDUE out && not_ok "it is late no more" || ok "it is late no more"
exit "$failures"
