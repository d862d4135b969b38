#!/usr/bin/env bash
# Two agencies that have no network between them: cards, an accord, shares and retractions go by
# bundles alone, each is acknowledged, and what came is proven without our program.
proofs=$PWD/docs/proof.md exchange=$PWD/docs/exchange.md
. tests/e2e/common.inc
text() { grep -oE "\"$1\":\"[^\"]*\"" "$folder/out" | head -n 1 | cut -d'"' -f4; }
"$moei" init a --agency th-centre --name "Centre of TH" --country TH --kind centre >/dev/null
"$moei" init b --agency mm-centre --name "Centre of MM" --country MM --kind centre >/dev/null
for n in a b; do
    "$moei" user password $n officer >pw.txt 2>/dev/null
    grep -oE '[A-Za-z0-9]{4,}(-[A-Za-z0-9]{4,})+' pw.txt | tail -n 1 >pw-$n
done
signs() { echo --password-file "pw-$1"; }
# carry FROM TO: a bundle from one to the other.
carry() {
    expect 0 "$3: written" "$moei" bundle export "$1" --to "$2"-centre bundle
    expect 0 "$3: taken" "$moei" bundle import "$4" bundle
}
there() { carry a mm "$1" b; }
back() { carry b th "$1" a; }

# --- cards
expect 0 "a card" "$moei" peer card a --qr
says out "tells to compare" "by telephone"
expect 0 "its text" "$moei" peer card a --json
text card >card-a
fingerprint=$(text fingerprint) id=$(text agency)
expect 0 "another" "$moei" peer card b --json
text card >card-b
expect 0 "who it claims to be" "$moei" peer add b card-a --look
says out "the fingerprint" "$fingerprint"
says out "the country" "centre of TH"
expect 0 "confirmed" "$moei" peer add b card-a
"$moei" peer card a --qr >printed
expect 0 "in all that peer card prints, too" "$moei" peer add b printed --look
sed 's/.\{3\}$/AAA/' card-b >bad-card
expect 1 "a false card" "$moei" peer add a bad-card
expect 1 "our own card" "$moei" peer add a card-a
expect 0 "a flag" "$moei" peer flag a --party "Centre of MM" --source "a list"
expect 1 "no confirmation for a flagged party" "$moei" peer add a card-b
says err "says why" "flagged"
expect 0 "the flag lifted" "$moei" peer flag a --party "Centre of MM" --source "an error" --lift
expect 0 "confirmed too" "$moei" peer add a "$(cat card-b)" --institution TH/004
says out "for whom it answers" "TH/004"

expect 0 "known to be there" "$moei" record list a --kind peer
cp out peers-before
expect 0 "confirmed twice" "$moei" peer add a "$(cat card-b)"
says out "keeps what was given" "TH/004"
expect 0 "is confirmed once" "$moei" record list a --kind peer
same "no record more" out peers-before
printf 'no card at all zqsecret\n' >no-card
expect 1 "a file that is no card" "$moei" peer add a no-card
says err "says so" "holds no card"
grep -q zqsecret err && not_ok "its content is not shown" || ok "its content is not shown"
expect 1 "what is nothing" "$moei" peer add a nofile
says err "what it is not" "no file that is there"

# --- a share by hand
expect 0 "a report" "$moei" report add a --id R-1 --victim zqvictim --story zqstory \
    --loss 10.00 --currency THB --accounts TH/004/0099887766
expect 1 "with nobody" "$moei" share a R-1 --to kh-centre
expect 2 "to whom is asked" "$moei" share a R-1
expect 0 "who would see it" "$moei" share a R-1 --to mm-centre --tlp AMBER --dry-run
says out "says who" "mm-centre: those cleared for TLP:AMBER"
says out "says what stays" "victim's name"
expect 0 "nothing was shared" "$moei" shared list a
says out "nothing" "Nothing is shared"
expect 1 "not until a time that is over" "$moei" share a R-1 --to mm-centre --until 2020-12-31T17:00:00Z
expect 1 "nor until what is no time" "$moei" share a R-1 --to mm-centre --until tomorrow
expect 1 "a PAP that there is not" "$moei" share a R-1 --to mm-centre --pap BLUE
says err "those that there are" "CLEAR, GREEN, AMBER or RED"
last=2099-12-31T17:00:00Z
expect 0 "until then, and how it may be used" "$moei" share a R-1 --to mm-centre --tlp AMBER --pap GREEN --until $last --dry-run
says out "the mark that they get" "TLP:AMBER, PAP:GREEN, H0, until 2100-01-01 00:00:00 +07:00"
says out "weaker than its own" "Weaker than the record's own"
expect 0 "shared" "$moei" share a R-1 --to mm-centre --tlp AMBER --pap GREEN --until $last --title "A report"
expect 1 "the same again" "$moei" share a R-1 --to mm-centre --tlp AMBER --pap GREEN --until $last --title "A report"
says err "names the first" "the same share with mm-centre stands since"
there "the report"
expect 0 "shown there" "$moei" shared list b
says out "with its title" "A report"
expect 0 "and its mark" "$moei" shared list b --json
says out "the PAP" '"pap":"GREEN"'
says out "its end" "\"until\":\"$last\""
record=$("$moei" shared list b --json | grep -oE '"record":"[^"]*"' | cut -d'"' -f4)
expect 0 "the record itself" "$moei" report show b "$record"
says out "its account" "0099887766"
expect 0 "and by whose it is" "$moei" report show b th-centre/R-1
expect 0 "as the list calls it" "$moei" report list b
says out "th-centre/R-1" "th-centre/R-1"
expect 1 "which is theirs" "$moei" share b th-centre/R-1 --to th-centre
says err "says so" "another agency's"
grep -rqa zqvictim b && not_ok "the victim stays" || ok "the victim stays"
expect 0 "the same bundle again" "$moei" bundle import b bundle
says out "nothing new" "0 new"
expect 1 "a bundle for another" "$moei" bundle import a bundle
head -c 400 bundle >cut
expect 1 "a bundle that was cut" "$moei" bundle import b cut
says err "says so" "cut off"
says err "what to do" "copy it again"
[ -s out ] && not_ok "and no more" || ok "and no more"
head -c 60 bundle >cut
expect 1 "cut at its beginning" "$moei" bundle import b cut
expect 1 "a folder in its place" "$moei" bundle import b .
says err "is called so" "is a folder"
expect 1 "and written into one" "$moei" bundle export a --to mm-centre b
says err "is called so" "b is a folder"
back "the acknowledgement"

# --- the proof of another's record, by hand
expect 0 "a proof" "$moei" log proof b "$record" --json
cp out proof
field() { grep -oE "\"$1\":(\"[^\"]*\"|[0-9]+)" proof | head -n 1 | sed 's/^[^:]*://; s/"//g'; }
sed 's/.*"envelope":\(.*\),"leaf":.*/\1/' proof | tr -d '\n' >envelope
commitment=$( (printf 'moei/record/v1\n'; field salt | xxd -r -p; cat envelope) | sha256sum | cut -c1-64)
[ "$commitment" = "$(field commitment)" ] && ok "the commitment" || not_ok "the commitment"
node_hash() { printf '%s' "$1" | xxd -r -p | sha256sum | cut -c1-64; }
hash=$(node_hash "00$commitment")
leaf=$(field leaf) last=$(($(field size) - 1))
for next in $(grep -oE '"path":\[[^]]*\]' proof | grep -oE '[0-9a-f]{64}'); do
    if [ $((leaf & 1)) -eq 1 ] || [ "$leaf" -eq "$last" ]; then
        hash=$(node_hash "01$next$hash")
        while [ $((leaf & 1)) -eq 0 ] && [ "$leaf" -gt 0 ]; do leaf=$((leaf >> 1)) last=$((last >> 1)); done
    else
        hash=$(node_hash "01$hash$next")
    fi
    leaf=$((leaf >> 1)) last=$((last >> 1))
done
[ "$hash" = "$(field root)" ] && ok "the path" || not_ok "the path"
printf '%b' "$(field checkpoint)" >checkpoint
[ "$(sed -n 3p checkpoint | base64 -d | xxd -p -c 64)" = "$hash" ] && ok "the root" || not_ok "the root"
sed -n 1,3p checkpoint >body
key() { printf '302a300506032b6570032100%s' "$1" | xxd -r -p | openssl pkey -pubin -inform DER -out key.pem; }
key "$(field log_key)"
sed -n 's/^.* //;5p' checkpoint | base64 -d | tail -c 64 >sig
openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in body -sigfile sig >out 2>err
says out "the signature" "Signature Verified Successfully"
grep -q "$(field agency)" <<<"$(sed -n 1p checkpoint)" && ok "of that agency" || not_ok "of that agency"

# --- the same by the script of docs/proof.md, and what was changed on the way
sed -n '/^```sh$/,/^```$/p' "$proofs" | sed '1d;$d' >check.sh
expect 0 "the script of the document" bash check.sh card-a proof
says out "the id" "$(sed 's/..../& /g' <<<"${id:0:20}")"
says out "the signature" "the signature: fits"
expect 1 "by another's card" bash check.sh card-b proof
sed 's/0099887766/0099887767/' proof >false
expect 1 "another account" bash check.sh card-a false
says out "is found" "the record: DOES NOT FIT"

# --- a witness: B cosigned what it saw of A's log
expect 0 "our own proof" "$moei" log proof a R-1 --json
cp out proof
line=$(grep -oE '"cosignatures":\["[^"]*"' proof | sed 's/.*\["//; s/"$//')
printf '%b' "$(field checkpoint)" >checkpoint
if [ -n "$line" ]; then
    sed 's/.* //' <<<"$line" | base64 -d >cosigned
    time=$((16#$(head -c 12 cosigned | tail -c 8 | xxd -p)))
    (printf 'cosignature/v1\ntime %s\n' "$time"; sed -n 1,3p checkpoint) >body
    tail -c 64 cosigned >sig
    found=0
    for link in $("$moei" record list a --kind link --json | grep -oE '"id":"[^"]*"' | cut -d'"' -f4); do
        key "$("$moei" record show a "$link" --json | sed 's/.*"key":"\([0-9a-f]*\)".*/\1/')"
        openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in body -sigfile sig >/dev/null 2>&1 && found=1
    done
    [ $found -eq 1 ] && ok "cosigned by the other" || not_ok "cosigned by the other"
else
    not_ok "cosigned by the other" "no cosignature"
fi

# --- taken back
expect 0 "who holds it" "$moei" shared show a R-1
says out "the other" "mm-centre"
expect 2 "a reason is asked" "$moei" retract a R-1
expect 0 "taken back" "$moei" retract a R-1 --reason "the wrong account"
says out "waits" "0 of 1 acknowledged"
expect 1 "not twice" "$moei" retract a R-1 --reason "again"
there "the retraction"
expect 1 "gone there" "$moei" report show b "$record"
grep -rqa 0099887766 b && not_ok "gone from the disk" || ok "gone from the disk"
back "that it is gone"
expect 0 "the list" "$moei" shared retractions a --json
says out "acknowledged" "acknowledged by all 1"
expect 0 "both are whole" "$moei" verify a
expect 0 "both are whole" "$moei" verify b

# --- by mistake: what was let go of stays away, the same is said again
expect 0 "who will see it" "$moei" share a R-1 --to mm-centre --dry-run
says out "told before" "as a record of its own"
expect 0 "shared again" "$moei" share a R-1 --to mm-centre
there "the second record"
expect 1 "the first stays gone" "$moei" report show b "$record"
grep -rqa 0099887766 b && ok "the second is there" || not_ok "the second is there"
expect 0 "still whole" "$moei" verify b

# --- the handling is accepted before the content comes
expect 0 "a second report" "$moei" report add a --id R-2 --loss 20.00 --currency THB \
    --accounts TH/004/0055443322
expect 1 "a title is asked" "$moei" share a R-2 --to mm-centre --handling H2
expect 0 "offered" "$moei" share a R-2 --to mm-centre --handling H2 --title "An account"
share=$("$moei" shared list a --json | grep -oE '"id":"[^"]*"' | head -n 1 | cut -d'"' -f4)
there "the offer"
grep -rqa 0055443322 b && not_ok "no content yet" || ok "no content yet"
expect 1 "without the code" "$moei" shared act b "$share" accept $(signs b)
expect 1 "without a signature" "$moei" shared act b "$share" accept --handling H2
expect 0 "accepted" "$moei" shared act b "$share" accept --handling H2 $(signs b)
back "the acceptance"
there "the content"
expect 0 "it is there" "$moei" shared show b "$share" --json
says out "here" '"here":true'

# --- an accord
expect 2 "members by commas" "$moei" accord new a wrong --title T --kinds report \
    --members "mm-centre=Treaty, th-centre=Law"
expect 2 "a mirror that is no member" "$moei" accord new a wrong --title T --kinds report \
    --members mm-centre --mirrors kh-centre
expect 1 "a kind that there is not" "$moei" accord new a wrong --title T --kinds reports \
    --members mm-centre
says err "those that there are" "report, case"
expect 1 "a purpose that there is not" "$moei" accord new a wrong --title T --kinds report \
    --members mm-centre --purposes police
says err "those that there are" "investigation, "
expect 0 "proposed" "$moei" accord new a mekong --title "Along the Mekong" \
    --members "mm-centre=Treaty of 2019, art. 4" --kinds report,case --tlp AMBER --days 30
says out "not in force" "waits for the signature of"
says out "times have their zone" " +07:00"
expect 1 "not left before it is signed" "$moei" accord sign a mekong --leave $(signs a)
expect 1 "not signed yet" "$moei" report add a --id R-3 --accord mekong
expect 0 "signed by us" "$moei" accord sign a mekong $(signs a)
there "the accord"
expect 0 "signed by them" "$moei" accord sign b mekong $(signs b)
back "the signature"
expect 0 "in force" "$moei" accord show a mekong
says out "in force" "in force"
expect 0 "a report under it" "$moei" report add a --id R-3 --accord mekong --loss 1.00 \
    --currency THB --accounts TH/004/0066778899
says out "says who sees it" "mm-centre: those cleared for TLP:AMBER"
there "what is under the accord"
grep -rqa 0066778899 b/picture-* && ok "it came by itself" || not_ok "it came by itself"
expect 2 "transfers stay" "$moei" import transfers a nothing.csv --accord mekong

# --- new keys
expect 2 "which key is asked" "$moei" key roll a
expect 0 "a new log key" "$moei" key roll a --log --json
says out "for whom it waits" '"waits_for":["mm-centre"]'
expect 0 "a new link key" "$moei" key roll a --link
expect 1 "one at a time" "$moei" key roll a --link
expect 0 "a report under them" "$moei" report add a --id R-4 --accord mekong --loss 1.00 \
    --currency THB --accounts TH/004/0077889900
there "the keys"
there "what is under them"
grep -rqa 0077889900 b/picture-* && ok "it came" || not_ok "it came"
back "that they are known"
there "by the new link key"
back "and back"
expect 0 "whole with two keys" "$moei" verify a
expect 0 "whole with two keys" "$moei" verify b
expect 0 "a proof by the new key" "$moei" log proof b th-centre/R-4 --json
cp out proof
expect 1 "the first key did not sign it" bash check.sh card-a proof
key=$("$moei" record list a --kind key --json | grep -oE '"id":"[^"]*"' | cut -d'"' -f4)
expect 0 "the proof of the new key" "$moei" log proof b "$key" --json
cp out key-proof
expect 0 "is by the first one" bash check.sh card-a key-proof proof
says out "and leads on" "the next key of the log"

# --- a request, and an erasure
expect 0 "a request" "$moei" notice new b request --to th-centre --title "Account 77" \
    --text "Whose is it?" --contact "duty desk"
back "the request"
notice=$("$moei" notice list a --json | grep -oE '"id":"[^"]*"' | head -n 1 | cut -d'"' -f4)
expect 0 "refused with a code" "$moei" notice act a "$notice" refuse --code no_basis $(signs a)
there "the refusal"
expect 0 "seen" "$moei" notice show b "$notice"
says out "with its code" "no_basis"
expect 0 "erased" "$moei" erase a R-3 --reason "asked"
says out "tells who has it" "mm-centre"
there "the erasure"
grep -rqa 0066778899 b && not_ok "erased there" || ok "erased there"
back "that it is erased"
expect 0 "peers" "$moei" peer list a
says out "listed" "mm-centre"
expect 0 "revoked" "$moei" peer revoke a mm-centre --reason "the accord ended"
# It is told that it was revoked, and nothing else.
expect 0 "nothing more" "$moei" bundle export a --to mm-centre bundle
says out "no records" "has ended, and nothing else"

# --- the first commands of docs/exchange.md, word for word; `serve` and `sync` are agencies.sh
mkdir word && cd word || exit 1
HOME=$PWD "$moei" init ours --agency mm-centre --name "Centre of MM" --country MM --kind centre >init
sed -n 's/^officer *//p' init >pw
"$moei" init theirs --agency th-centre --name "Centre of TH" --country TH --kind centre >/dev/null
"$moei" peer card theirs >their-card.txt
"$moei" report add ours --loss 10.00 --currency THB --accounts TH/004/0099887766 >/dev/null
said=0
while read -r line; do
    line=${line%%  #*}
    case $line in *" serve "* | *" sync "*) continue ;; esac
    case $line in *" import "*)
        "$moei" peer add theirs our-card.txt >/dev/null && "$moei" bundle import theirs to-th >/dev/null
        "$moei" bundle export theirs --to mm-centre from-th >/dev/null ;;
    esac
    said=$((said + 1))
    HOME=$PWD expect 0 "$line" bash -c "moei() { '$moei' \"\$@\"; }; $line"
done < <(sed -n 's/^    \(moei .*\)/\1/p' "$exchange" | head -n 12)
[ "$said" -ge 9 ] && ok "all of them" || not_ok "only $said of them"
cd ..
exit "$failures"
