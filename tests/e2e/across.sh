#!/usr/bin/env bash
# A victim in TH, the money at a bank in MM: TH's centre has no power there and asks MM's, which
# adopts the request by its own law and orders its bank; the bank answers from its own node. All of
# it goes by bundles, as between agencies that have no link.
. tests/e2e/common.inc
agency() { # DIR COUNTRY KIND
    "$moei" init "$1" --agency "$1" --name "Agency $1" --country "$2" --kind "$3" >/dev/null
    "$moei" user password "$1" officer >pw.txt 2>/dev/null
    grep -oE '[A-Za-z0-9]{4,}(-[A-Za-z0-9]{4,})+' pw.txt | tail -n 1 >"pw-$1"
    "$moei" peer card "$1" --json | grep -oE '"card":"[^"]*"' | cut -d'"' -f4 >"card-$1"
}
agency th TH centre
agency mm MM centre
agency kbz MM bank
carry() { # FROM TO NAME
    expect 0 "$3: written" "$moei" bundle export "$1" --to "$2" bundle
    expect 0 "$3: taken" "$moei" bundle import "$2" bundle
}
between() { # A B NAME: there, back, and the receipt of that
    carry "$1" "$2" "$3"
    carry "$2" "$1" "$3, back"
    carry "$1" "$2" "$3, again"
}
order() { # VERB DIR ORDER OPTIONS…
    local verb=$1 dir=$2
    shift 2
    "$moei" order "$verb" "$dir" "$@" --password-file "pw-$dir"
}
for pair in "th mm" "mm th" "kbz mm"; do
    read -r a b <<<"$pair"
    expect 0 "$a confirms $b" "$moei" peer add "$a" "card-$b"
done
expect 0 "mm confirms kbz, for its bank" "$moei" peer add mm card-kbz --institution MM/KBZBMMMY
between th mm "the first words"
between mm kbz "the first words to the bank"

# --- the request
expect 0 "a report" "$moei" report add th --id R-1 --victim zqvictim --story zqstory \
    --loss 1000.00 --currency THB --accounts MM/KBZBMMMY/2000000001
if ! "$moei" order list th --json | grep -q O-20; then
    expect 0 "proposed" "$moei" order propose th --report R-1
fi
number=$("$moei" order list th --json | grep -oE '"number":"[^"]*"' | head -n 1 | cut -d'"' -f4)
expect 0 "it goes to the centre's node" "$moei" order show th "$number"
says out "a request" "the centre of Myanmar"
end=$(date -u -d '+30 hours' +%Y-%m-%dT%H:%M:%SZ)
expect 0 "issued" order issue th "$number" --ends-at "$end"
says out "by the network" "by the network"
between th mm "the request"
expect 0 "the board there" "$moei" order list mm --box in
says out "whose it is" "th/$number"
says out "it waits" "waits for our answer"
says out "to us" "us"
expect 1 "theirs is theirs" order withdraw mm "th/$number" --note x
says err "in words" "is th's"
expect 0 "received" order receive mm "th/$number"
expect 0 "adopted" order adopt mm "th/$number"
says out "a draft" "a draft"
own=$("$moei" order list mm --box out --json | grep -oE '"number":"[^"]*"' | head -n 1 | cut -d'"' -f4)
expect 1 "once" order adopt mm "th/$number"
expect 0 "ordered" order issue mm "$own"
between th mm "the adoption"
expect 0 "the request at home" "$moei" order show th "$number"
says out "adopted" "adopted"
says out "by whom" "mm"

# --- the bank
between mm kbz "the order"
expect 0 "the bank's board" "$moei" order list kbz --box in
says out "the order" "mm/$own"
echo "zqslip" >slip.txt
expect 0 "the bank has it" order receive kbz "$own"
expect 0 "the bank answers" order answer kbz "$own" --outcome partly --amount 450.00 \
    --balance 450.00 --code insufficient --document slip.txt
between mm kbz "the answer"
expect 0 "the answer at the centre" "$moei" order show mm "$own"
says out "held" "450.00"
says out "by the bank" "kbz"
carry kbz mm "the document that was asked for"
grep -rqa zqslip mm && ok "the evidence is with the centre" || not_ok "the evidence is with the centre"
grep -rqa zqslip th && not_ok "which goes no further" || ok "which goes no further"
grep -rqa zqvictim mm kbz && not_ok "the victim stays at home" || ok "the victim stays at home"
between th mm "what became of it"
expect 0 "the request at home" "$moei" order show th "$number"
says out "what is held there" "partly, 450.00 THB held"
says out "until when" " left"
expect 0 "it is followed" "$moei" order list th
says out "on the board" "$number"
expect 0 "released" order release mm "$own" --note "not a fraud"
between mm kbz "the release"
expect 0 "not confirmed" "$moei" order show kbz "$own"
says out "by us" "not confirmed by us"
expect 0 "undone" order undone kbz "$own"
between mm kbz "the word"
expect 0 "confirmed" "$moei" order show mm "$own"
grep -q "not confirmed" out && not_ok "nothing is owed" || ok "nothing is owed"
between th mm "the release"
expect 0 "the request at home" "$moei" order show th "$number"
says out "how it ended" "released"
grep -q "not confirmed" out && not_ok "nothing is held there" || ok "nothing is held there"
expect 0 "nothing is open at the bank" "$moei" order list kbz
says out "nothing" "Nothing is open"

# --- another, refused
expect 0 "a second report" "$moei" report add th --id R-2 --victim zqvictim --story zqstory \
    --loss 20.00 --currency THB --accounts MM/KBZBMMMY/2000000002
if ! "$moei" order list th --json | grep -q '"report":"R-2"'; then
    expect 0 "proposed too" "$moei" order propose th --report R-2
fi
second=$("$moei" order list th --json | grep -oE '"number":"[^"]*"' | cut -d'"' -f4 | sort | tail -n 1)
expect 0 "asked" order issue th "$second" --ends-at "$end"
between th mm "the second request"
expect 1 "a refusal has a code" order refuse mm "th/$second"
expect 0 "refused" order refuse mm "th/$second" --code political --note "a matter of the press"
between th mm "the refusal"
expect 0 "it is told" "$moei" order show th "$second"
says out "why" "political"
for n in th mm kbz; do expect 0 "$n is sound" "$moei" verify "$n"; done
exit "$failures"
