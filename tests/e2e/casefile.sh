#!/usr/bin/env bash
# Follows HOW-TO-CHECK.txt of a case file to the letter: the lines that are set in by four spaces are
# typed into a shell that has none of our programs. Then one byte is changed, and it must show.
. tests/e2e/common.inc
node n
golden_files
expect 0 "transfers" "$moei" import transfers n t.csv
expect 0 "reports" "$moei" import reports n r.csv
expect 0 "a case" "$moei" case new n --title Ring
expect 0 "its reports" "$moei" case add n Ring P M K
expect 0 "drafts" "$moei" order propose n --case Ring --json
number=$(grep -oE '"number":"O-[0-9-]+"' out | head -n 1 | cut -d'"' -f4)
"$moei" user password n officer >pw.txt 2>/dev/null
grep -oE '[A-Za-z0-9]{4,}(-[A-Za-z0-9]{4,})+' pw.txt | tail -n 1 >pw
expect 0 "what binds is signed" "$moei" order withdraw n "$number" --note "a test" --password-file pw
expect 0 "the case file" "$moei" case export n Ring --out case.zip
unpack_zip case.zip unpacked && cd unpacked || exit 1
[ "$(wc -l <HOW-TO-CHECK.txt)" -eq 60 ] && ok "sixty lines" || not_ok "sixty lines"
sed -n 's/^    //p' HOW-TO-CHECK.txt >../steps.sh
grep -q moei ../steps.sh && grep -v 'moei/record\|moei/sig' ../steps.sh | grep -q moei && not_ok "nothing of ours" || ok "nothing of ours"
check() { env -i PATH="$PATH" HOME=/ TMPDIR="$folder" bash ../steps.sh >../out 2>../err; }
check
for word in MANIFEST-OK COMMITMENT-OK PROOF-OK; do says out "$word" "$word"; done
[ "$(grep -c 'Signature Verified Successfully' ../out)" -eq 2 ] && ok "two signatures" || not_ok "two signatures"
# Every record, not only the first.
all=$(ls records | sed 's/\.json$//')
bad=0
for id in $all; do
    sed "s/^ID=\$(ls records | sed -n '1s[^;]*;/ID=$id;/" ../steps.sh >../one.sh
    env -i PATH="$PATH" HOME=/ TMPDIR="$folder" bash ../one.sh 2>/dev/null | grep -q PROOF-OK || bad=$((bad + 1))
done
[ "$bad" -eq 0 ] && ok "all $(wc -l <<<"$all") proofs" || not_ok "$bad proofs do not hold"
first=$(head -n 1 <<<"$all")
sed -i 's/"v":1/"v":2/' "records/$first.json"
check
grep -q 'MANIFEST-OK\|COMMITMENT-OK\|PROOF-OK' ../out && not_ok "a changed record shows" || ok "a changed record shows"
exit "$failures"
