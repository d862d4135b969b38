#!/usr/bin/env bash
# The pages for people without a log-in, with real codes: the victim's in seven languages, the
# holder's with a contest and a document; wrong codes; many tries; nothing that they may not see.
. tests/e2e/common.inc
"$moei" init n --agency th-test --name "Test centre" --country TH --kind centre --timezone Asia/Bangkok --json >init.json
sed -n 's/.*"officer_password":"\([^"]*\)".*/\1/p' init.json >pw
expect 0 "a report" "$moei" report add n --id R-1 --victim "Somchai Jaidee" --loss 48200.00 --currency THB \
    --accounts TH/014/2000000001 --story "They said police" --password-file pw
expect 0 "the victim's address" "$moei" report code n R-1 --password-file pw
victim=$(grep -oE '/r/[0-9a-z]{26}' out | head -n 1)
expect 0 "its first hop" "$moei" order propose n --report R-1 --password-file pw
number=$(sed -n 's/^Draft \(O-[0-9-]*\):.*/\1/p' out)
expect 0 "is issued" "$moei" order issue n "$number" --password-file pw
expect 0 "the letter" "$moei" order letter n "$number" --out letter.html --password-file pw
holder=$(grep -oE '/h/[0-9a-z]{26}' letter.html | head -n 1)
[ -n "$victim" ] && [ -n "$holder" ] && ok "two codes" || not_ok "two codes" "$victim $holder"
serve n || exit 1

for lang in en th zh-Hans my lo km vi; do
    curl -s "$url$victim?lang=$lang" >page.html
    stage=$(sed -n 's/^stage_looked_at,//p; s/^stage_received,//p; s/^stage_held,//p' "$OLDPWD/data/public/$lang.csv" | tr -d '"')
    never=$(sed -n 's/^never_ask,//p' "$OLDPWD/data/public/$lang.csv" | tr -d '"')
    told=
    while IFS= read -r words; do grep -qF -- "$words" page.html && told=1; done <<<"$stage"
    [ -n "$told" ] && ok "$lang: the stage" || not_ok "$lang: the stage" "$(head -c 600 page.html)"
    grep -qF -- "${never%%.*}" page.html && ok "$lang: we never ask for money" || not_ok "$lang: we never ask for money"
    for word in Somchai 48200 48,200 2000000001 R-1 "$number" police "<script"; do
        grep -qF -- "$word" page.html && not_ok "$lang: silent about $word"
    done
done
ok "the victim's page names no amount, name or account"
curl -s -D head -o page.html "$url$victim"
grep -qi '^cache-control: no-store' head && grep -qi '^referrer-policy: no-referrer' head && ok "it is kept nowhere" || not_ok "it is kept nowhere" "$(cat head)"

wrong=${victim%?????}00000
curl -s -o wrong1.html -w '%{http_code}' "$url$wrong" >code1
curl -s -o wrong2.html -w '%{http_code}' "$url/r/short" >code2
[ "$(cat code1)" = 404 ] && [ "$(cat code2)" = 404 ] && ok "wrong codes are not found" || not_ok "wrong codes are not found"
same "and alike" wrong1.html wrong2.html
curl -s -o crossed.html "$url/h/${victim#/r/}"
curl -s -o crossed2.html "$url/h/nothing"
same "a victim's code opens no holder's page" crossed.html crossed2.html

curl -s "$url$holder" >page.html
grep -qF "$number" page.html && ok "the holder sees the order" || not_ok "the holder sees the order"
for word in Somchai R-1 "They said" 48200 2000000001; do
    grep -qF -- "$word" page.html && not_ok "the holder's page is silent about $word" || ok "the holder's page is silent about $word"
done
printf '%%PDF-1.4\n%%%%EOF\n' >paper.pdf
field=$(grep -oE '<input[^>]*type="file"[^>]*>' page.html | grep -oE 'name="[^"]*"' | cut -d'"' -f2)
text=$(grep -oE '<textarea[^>]*>' page.html | grep -oE 'name="[^"]*"' | cut -d'"' -f2)
curl -s -o sent.html -w '%{http_code}' -F "$text=I sold a car <b>x</b>" -F "$field=@paper.pdf;type=application/pdf" "$url$holder" >code
[ "$(cat code)" = 303 ] && ok "the holder contests with a paper" || not_ok "the holder contests with a paper" "$(cat code)" "$(head -c 400 sent.html)"
grep -qF "<b>x</b>" sent.html && not_ok "what was typed is not markup" || ok "what was typed is not markup"
expect 0 "the officer sees it" "$moei" order show n "$number"
says out "as an appeal" "appeal"
expect 0 "and the words" "$moei" grievance list n --json
says out "with one document" '"documents":1'
limited=0
for _ in $(seq 1 120); do
    [ "$(curl -s -o last.html -w '%{http_code}' "$url/r/00000000000000000000000000")" = 429 ] && { limited=1; break; }
done
[ "$limited" -eq 1 ] && ok "who guesses is slowed down" || not_ok "who guesses is slowed down"
serve_end TERM && ok "the server ends cleanly" || not_ok "the server ends cleanly"
expect 0 "the node is whole" "$moei" verify n
exit "$failures"
