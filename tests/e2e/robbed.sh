#!/usr/bin/env bash
# An agency whose machine was stolen: it goes on from its backup with new keys, and its peers follow
# over the link, the one that it calls and the one that calls it; the thief is answered by nobody.
. tests/e2e/common.inc
declare -A pid url
trap 'for n in "${!pid[@]}"; do [ -n "${pid[$n]}" ] && kill -9 "${pid[$n]}" 2>/dev/null; done; wait 2>/dev/null; rm -rf "$folder"' EXIT

make_node() { # NAME KIND
    "$moei" init "$1" --agency "$1" --name "Agency $1" --country TH --kind "$2" --timezone Asia/Bangkok >"$1.init" || not_ok "init $1"
    sed -n 's/^Recovery key *//p' "$1.init" >"$1.paper"
}
up() { # FOLDER [NAME]: tel only calls; the others keep their address
    local n=${2:-$1} options=()
    if [ "$n" != tel ]; then
        options=(--peer-listen "${url[$n]:-127.0.0.1:$(free_port)}")
        [ -n "${url[$n]:-}" ] && options+=(--peer-url "https://${url[$n]}")
    fi
    : >"$n.out" # what the last run said is no sign of life
    "$moei" serve "$1" --listen 127.0.0.1:0 "${options[@]}" >>"$n.out" 2>>"$n.err" &
    pid[$n]=$!
    for _ in $(seq 1 400); do
        grep -q ' on http:' "$n.out" && [ -S "$1/moei.sock" ] && break
        kill -0 "${pid[$n]}" 2>/dev/null || { not_ok "$n starts" "$(tail -n 3 "$n.err")"; return 1; }
        sleep 0.02
    done
    [ "$n" = tel ] || url[$n]=$(sed -n 's/^Peers reach it at https:\/\/\(.*\)/\1/p' "$n.out")
}
down() { kill "-$2" "${pid[$1]}"; wait "${pid[$1]}" 2>/dev/null; pid[$1]=; }
within() { # SECONDS COMMAND…
    local end=$(($(date +%s) + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$(date +%s)" -ge "$end" ] && return 1
        sleep 0.1
    done
}
connected() { [ "$("$moei" peer list "$1" --json | grep -o '"connected":true' | wc -l)" -ge "$2" ]; }
alerts() { "$moei" notice list "$1" --json | grep -q "$2"; }
alert() { "$moei" notice new "$1" alert --to "$2" --title "$3" --text "look out" --contact desk >out 2>err || not_ok "alert $3" "$(cat err)"; }

make_node th centre
make_node mm centre
make_node tel operator
for n in th mm tel; do up "$n" || exit 1; done
for n in th mm; do down "$n" TERM && up "$n" || exit 1; done
for n in th mm tel; do "$moei" peer card "$n" --json | sed -n 's/.*"card":"\([^"]*\)".*/\1/p' >"card-$n"; done
for n in mm tel; do
    "$moei" peer add th "card-$n" --name "$n" >out 2>err || not_ok "th confirms $n"
    "$moei" peer add "$n" card-th --name th >out 2>err || not_ok "$n confirms th"
done
within 40 connected th 2 && ok "connected" || not_ok "connected" "$("$moei" peer list th)"
alert th mm,tel before-the-backup
within 20 alerts mm before-the-backup && within 20 alerts tel before-the-backup && ok "an alert arrives" || not_ok "an alert arrives"
echo "a passphrase of last week" >pass
expect 0 "the backup of last week" "$moei" backup th week.moei --passphrase-file pass
alert th mm,tel behind-the-backup
within 20 alerts mm behind-the-backup && within 20 alerts tel behind-the-backup || not_ok "what came after it"

# The machine is gone, with its keys.
down th KILL
mv th thief
expect 0 "a new machine, from the backup" "$moei" recover th week.moei --passphrase-file pass
expect 1 "how long the copy is" "$moei" recover th --good-size 1 --recovery-key th.paper --compromised
good=$(sed -n 's/.*has \([0-9]*\) records.*/\1/p' err)
expect 0 "it goes on with new keys" "$moei" recover th --good-size "$good" --recovery-key th.paper --compromised
up th || exit 1
within 60 connected th 2 && ok "both peers follow over the link" || not_ok "both peers follow" "$("$moei" peer list th)" "$("$moei" peer list mm)" "$("$moei" peer list tel)"
alert th mm,tel under-new-keys
within 20 alerts mm under-new-keys && ok "who is called hears it" || not_ok "who is called hears it" "$("$moei" peer list mm)"
within 20 alerts tel under-new-keys && ok "who calls hears it" || not_ok "who calls hears it" "$("$moei" peer list tel)"
alert mm th back-again
within 20 alerts th back-again && ok "and is heard" || not_ok "and is heard"
for n in mm tel; do
    within 10 bash -c '! "$0" notice list "$1" --json | grep -q behind-the-backup' "$moei" "$n" && ok "$n let go of what th disowned" || not_ok "$n let go of what th disowned"
    alerts "$n" before-the-backup && ok "$n keeps what came before" || not_ok "$n keeps what came before"
done
# Who becomes a peer now, and is shown a card by the thief: the fingerprint is not the one that th reads out.
make_node bank bank
print() { grep -oE '"fingerprint":"[^"]*"' | cut -d'"' -f4; }
ours=$("$moei" peer card th --json | print)
"$moei" peer card thief --json | sed -n 's/.*"card":"\([^"]*\)".*/\1/p' >card-thief
"$moei" peer card th --json | sed -n 's/.*"card":"\([^"]*\)".*/\1/p' >card-th
[ "$("$moei" peer add bank card-thief --look --json | print)" != "$ours" ] && ok "the thief's card shows another fingerprint" || not_ok "the thief's fingerprint"
[ "$("$moei" peer add bank card-th --look --json | print)" = "$ours" ] && ok "the agency's card shows its own" || not_ok "the agency's fingerprint"
[ "$("$moei" peer list mm --json | print)" = "$ours" ] && ok "and so does a peer that followed" || not_ok "the fingerprint at mm"
# The thief has the whole folder, and the address of mm.
expect 3 "the thief is answered by nobody" "$moei" sync thief --peer mm
alerts mm before-the-backup || not_ok "mm is as it was"
grep -aq "behind-the-backup" mm/ledger.db && not_ok "no byte of it is left" || ok "no byte of it is left"
for n in th mm tel; do
    down "$n" TERM
    expect 0 "$n verifies" "$moei" verify "$n"
done
# mm calls where th was, and finds the thief: nothing is said to him.
MOEI_PEER=${url[th]}
"$moei" serve thief --listen 127.0.0.1:0 --peer-listen "$MOEI_PEER" >thief.out 2>thief.err &
pid[thief]=$!
within 10 grep -q ' on http:' thief.out || not_ok "the thief listens" "$(cat thief.err)"
expect 1 "mm finds another key there" "$moei" sync mm --peer th
says err "and says so" "another key"
[ "$failures" -eq 0 ]
