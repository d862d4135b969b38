#!/usr/bin/env bash
# Four agencies on loopback: a centre, a bank and a telecom operator of one country, and the centre
# of another. Peers confirmed both ways, an accord signed by all, pushes within a second, kill -9 of
# each node in the middle of an exchange, and a retraction that reaches every holder.
. tests/e2e/common.inc
names=(th bank mm tel)
declare -A pid url card agency
trap 'for n in "${names[@]}"; do [ -n "${pid[$n]:-}" ] && kill -9 "${pid[$n]}" 2>/dev/null; done; wait 2>/dev/null; rm -rf "$folder"' EXIT

make_node() { # NAME COUNTRY KIND
    "$moei" init "$1" --agency "$1" --name "Agency $1" --country "$2" --kind "$3" --timezone Asia/Bangkok >"$1.init" ||
        not_ok "init $1"
    sed -n 's/^officer *//p' "$1.init" >"$1.pw"
}
# Starts a node; the first time it takes any free port, and keeps it then. tel only calls.
up() { # NAME
    local n=$1 options=()
    if [ "$n" != tel ]; then
        options=(--peer-listen "${url[$n]:-127.0.0.1:$(free_port)}")
        [ -n "${url[$n]:-}" ] && options+=(--peer-url "https://${url[$n]}")
    fi
    # What the last run said, and the socket that a kill left, are no signs of life.
    : >"$n.out"
    "$moei" serve "$n" --listen 127.0.0.1:0 "${options[@]}" >>"$n.out" 2>>"$n.err" &
    pid[$n]=$!
    for _ in $(seq 1 400); do
        grep -q ' on http:' "$n.out" && "$moei" peer list "$n" >/dev/null 2>&1 && break
        kill -0 "${pid[$n]}" 2>/dev/null || { not_ok "$n starts" "$(tail -n 3 "$n.err")"; return 1; }
        sleep 0.02
    done
    [ "$n" = tel ] || url[$n]=$(sed -n 's/^Peers reach it at https:\/\/\(.*\)/\1/p' "$n.out")
}
down() { # NAME SIGNAL
    kill "-$2" "${pid[$1]}"
    wait "${pid[$1]}" 2>/dev/null
    local got=$?
    pid[$1]=
    [ "$2" = KILL ] || [ "$got" -eq 0 ] || not_ok "$1 ends well" "exit $got" "$(tail -n 20 "$1.err")"
}
member() { sed -n "s/.*\"$2\":\"\([^\"]*\)\".*/\1/p" <<<"$1" | head -n 1; } # JSON NAME
count() { # NODE KIND
    "$moei" record list "$1" --kind "$2" --limit 1000 --json 2>/dev/null | grep -o '"id":' | wc -l
}
now_ms() { echo $(($(date +%s%N) / 1000000)); }
# within SECONDS COMMAND…: tried until it holds; says in `took` how many ms that was.
within() {
    local begin end=$(($(now_ms) + $1 * 1000))
    begin=$(now_ms)
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$(now_ms)" -ge "$end" ] && { took=$(($(now_ms) - begin)); return 1; }
        sleep 0.02
    done
    took=$(($(now_ms) - begin))
}
holds() { # NODE KIND COUNT
    [ "$(count "$1" "$2")" -eq "$3" ]
}
shows() { # NODE RECORD
    "$moei" record show "$1" "$2" --json
}
connected() { # NODE COUNT
    [ "$("$moei" peer list "$1" --json | grep -o '"connected":true' | wc -l)" -ge "$2" ]
}

make_node th TH centre
make_node bank TH bank
make_node mm MM centre
make_node tel TH operator
for n in "${names[@]}"; do up "$n" || exit 1; done
# The address goes into the card: so it has to be known, and is kept from now on.
for n in th bank mm; do down "$n" TERM && up "$n" || exit 1; done

for n in "${names[@]}"; do
    json=$("$moei" peer card "$n" --json) || not_ok "card of $n"
    card[$n]=$(member "$json" card)
done
# One side alone is not enough.
"$moei" peer add th "${card[mm]}" --name mm --json >out 2>err || not_ok "th confirms mm"
sleep 1.5
connected th 1 && not_ok "no link before both have confirmed" || ok "no link before both have confirmed"
for n in "${names[@]}"; do
    for p in "${names[@]}"; do
        [ "$n" = "$p" ] || [ "$n$p" = thmm ] && continue
        "$moei" peer add "$n" "${card[$p]}" --name "$p" --relay --json >out 2>err || not_ok "$n confirms $p"
    done
done
for n in "${names[@]}"; do
    if within 40 connected "$n" 3; then ok "$n is connected with all"; else not_ok "$n is connected with all" "$("$moei" peer list "$n")"; fi
done

# A stranger gets no word out of the listener, with or without a certificate, by any version.
curl -sk --max-time 5 -o stranger -w '%{http_code}' "https://${url[th]}/sync/v1" >code 2>&1
[ -s stranger ] && not_ok "a stranger is not answered" "$(cat stranger)" || ok "a stranger is not answered"
openssl req -x509 -newkey ed25519 -nodes -keyout s.key -out s.crt -subj /CN=moei -days 2 2>/dev/null
curl -sk --max-time 5 --cert s.crt --key s.key -o stranger -X POST -H 'Content-Type: application/vnd.moei.sync' \
    --data-binary x "https://${url[th]}/sync/v1" 2>&1
[ -s stranger ] && not_ok "another certificate is not answered" || ok "another certificate is not answered"
curl -sk --max-time 5 --tls-max 1.2 -o stranger "https://${url[th]}/sync/v1" && not_ok "TLS 1.2 is refused" || ok "TLS 1.2 is refused"

# --- an accord ------------------------------------------------------------------------------------
expect 0 "an accord is drafted" "$moei" accord new th frauds --title "Frauds of four" \
    --members "bank=Emergency Decree;mm=MoU of 2026;tel=Emergency Decree" --kinds report,case,order --days 90 --json
for n in "${names[@]}"; do
    within 20 "$moei" accord show "$n" frauds --json || not_ok "the accord reaches $n" "$("$moei" accord list "$n" 2>&1)"
    expect 0 "$n signs" "$moei" accord sign "$n" frauds --password-file "$n.pw"
done
in_force() { "$moei" accord show "$1" frauds --json | grep -q '"in_force":true'; }
for n in "${names[@]}"; do
    if within 20 in_force "$n"; then ok "the accord holds at $n"; else not_ok "the accord holds at $n" "$("$moei" accord show "$n" frauds 2>&1)"; fi
done

# --- one report, pushed ---------------------------------------------------------------------------
reports() { # FIRST LAST WORDS
    echo "id,reported_at,victim,country,channel,loss,currency,transfers,accounts,phones,urls,story"
    seq -f "R%.0f,2026-03-02T00:00:00Z,,TH,bank,10.00,THB,,,,http://$3.example/,a story that stays inside" "$1" "$2"
}
worst=0
for i in 1 2 3 4 5; do
    reports "$i" "$i" "marker-PUSH-$i" >r.csv
    "$moei" import reports th r.csv --accord frauds >out 2>err || not_ok "a report under the accord"
    for n in bank mm tel; do
        within 20 holds "$n" report "$i" || not_ok "report $i reaches $n"
        [ "$took" -gt "$worst" ] && worst=$took
    done
done
if [ "$worst" -le 1000 ]; then ok "pushes arrive within a second (worst $worst ms)"; else not_ok "pushes within a second" "$worst ms"; fi
# By hand, from the node that only calls, to one peer alone.
reports 9001 9001 "marker-BY-HAND" >r.csv
expect 0 "a report of tel's own" "$moei" import reports tel r.csv
own=$("$moei" record list tel --kind report --json | sed 's/{"agency"/\n{"agency"/g' | sed -n 's/.*"id":"\([0-9a-f-]*\)".*/\1/p' | head -n 1)
expect 0 "what a share shows before" "$moei" share tel "$own" --to mm --dry-run
says out "who will see it" mm
expect 0 "it is shared by hand" "$moei" share tel "$own" --to mm --title "A SIM box"
if within 20 shows mm "$own"; then ok "it is there after $took ms"; else not_ok "the share arrives" "$("$moei" shared list mm 2>&1)"; fi
[ "$took" -le 1000 ] && ok "within a second" || not_ok "within a second" "$took ms"
shows bank "$own" >/dev/null 2>&1 && not_ok "nobody else has it" || ok "nobody else has it"

# --- kill -9 of each, in the middle ----------------------------------------------------------------
total=5
for n in "${names[@]}"; do
    reports $((total + 100)) $((total + 219)) "marker-MANY-$n" >r.csv
    "$moei" import reports th r.csv --accord frauds >out 2>err &
    import=$!
    sleep 0.0$((RANDOM % 9))
    down "$n" KILL
    wait "$import"
    up "$n" || exit 1
    # What the node did not acknowledge is handed in again; a file twice changes nothing.
    "$moei" import reports th r.csv --accord frauds >out 2>err || not_ok "the import after kill -9 of $n" "$(cat err)"
    total=$((total + 120))
    good=1
    for p in bank mm tel; do
        extra=0
        case $p in mm | tel) extra=1 ;; esac
        within 60 holds "$p" report $((total + extra)) || { good=0; not_ok "after kill -9 of $n, $p has all" "$(count "$p" report) of $((total + extra))" "$("$moei" peer list "$p")"; }
    done
    [ "$good" -eq 1 ] && ok "after kill -9 of $n all have all"
done

# --- by hand, without a server ------------------------------------------------------------------------
down mm TERM
reports 8001 8003 "marker-sync" >r.csv
"$moei" import reports th r.csv --accord frauds >out 2>err || not_ok "three more" "$(cat err)"
total=$((total + 3))
expect 0 "moei sync with one peer" "$moei" sync mm --peer th
says out "says what came" "new records"
holds mm report $((total + 1)) && ok "and it is here" || not_ok "and it is here" "$(count mm report)"
expect 1 "a peer without an address cannot be called" "$moei" sync mm --peer tel
down bank TERM
expect 3 "a peer that is not there" "$moei" sync mm --peer bank
expect 0 "again" "$moei" sync mm --peer th --json
says out "nothing is new" '"name":"th","new":0,"waits":false'
up bank && up mm || exit 1

# --- at rest --------------------------------------------------------------------------------------
for n in "${names[@]}"; do within 40 connected "$n" 3 || not_ok "$n is connected again" "$("$moei" peer list "$n" --json | sed 's/},{"address/},\n    {"address/g' | grep -o '"name":"[a-z]*"\|"connected":[a-z]*\|"words":"[^"]*"\|"failed_at":[^,]*' | paste -sd ' ')"; done
sleep 3
ticks() { awk '{ print $14 + $15 }' "/proc/${pid[$1]}/stat"; }
declare -A before
for n in "${names[@]}"; do before[$n]=$(ticks "$n"); done
sleep 6
for n in "${names[@]}"; do
    used=$(($(ticks "$n") - before[$n]))
    [ "$used" -le 30 ] && ok "$n at rest uses at most 5 % of a core" || not_ok "$n at rest" "$used hundredths of a second in 6 s"
    echo "# $n: $used hundredths of a second in 6 s"
done

# --- taken back --------------------------------------------------------------------------------------
back=$("$moei" report show th R3 --json | sed -n 's/.*"record":"\([0-9a-f-]\{36\}\)".*/\1/p')
grep -rqa "marker-PUSH-3" mm && ok "mm holds the words" || not_ok "mm holds the words"
expect 0 "it is taken back" "$moei" retract th "$back" --reason "the victim asks for it"
let_go() { [ "$("$moei" shared retractions th --json | grep -o '"let_go_at":"2' | wc -l)" -eq 3 ]; }
if within 30 let_go; then ok "all three acknowledge (after $took ms)"; else not_ok "all three acknowledge" "$("$moei" shared retractions th)"; fi
for n in bank mm tel; do
    if grep -rqa "marker-PUSH-3" "$n"; then not_ok "$n has let go" "$(grep -rla "marker-PUSH-3" "$n")"; else ok "$n has let go of every byte"; fi
done
for n in "${names[@]}"; do
    expect 0 "$n verifies" "$moei" verify "$n"
    down "$n" TERM
    expect 0 "$n verifies when it is closed" "$moei" verify "$n"
done
[ "$failures" -eq 0 ]
