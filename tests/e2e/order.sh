#!/usr/bin/env bash
# An order from the phone call to the bank's answer: typed report, first hop, letter, table, traced
# hold in its place, release by two officers; the clock in words.
. tests/e2e/common.inc
"$moei" init n --agency th-test --name "Test centre" --country TH --kind centre --timezone Asia/Bangkok --json >init.json
sed -n 's/.*"officer_password":"\([^"]*\)".*/\1/p' init.json >pw
sed -n 's/.*"admin_password":"\([^"]*\)".*/\1/p' init.json >admin-pw
"$moei" user add n malee --role investigator --as admin --password-file admin-pw --json >user.json 2>err ||
    "$moei" user add n --name malee --role investigator --as admin --password-file admin-pw --json >user.json 2>err
sed -n 's/.*"password":"\([^"]*\)".*/\1/p' user.json >malee-pw
sign() { "$moei" order "$@" --password-file pw; }

expect 0 "a report is typed" "$moei" report add n --id R-1 --victim "Somchai Jaidee" --phones +66812345678 \
    --loss 1000.00 --currency THB --accounts TH/014/2000000001 --story "They said they were police" --password-file pw
expect 0 "its first hop is drafted" sign propose n --report R-1
says out "with its number" "Draft O-2"
number=$(sed -n 's/^Draft \(O-[0-9-]*\):.*/\1/p' out)
expect 1 "a draft cannot be released" sign release n "$number" --note x
says err "and the words say what can be done" "issue"
expect 1 "a locked key signs nothing" "$moei" order issue n "$number"
expect 0 "it is issued" sign issue n "$number"
says out "and says what comes next" "order letter"
says out "and that the law row is not confirmed" "not confirmed by a lawyer"
expect 0 "the letter" "$moei" order letter n "$number" --out letter.html
for word in Somchai 66812345678 police R-1 "<script"; do
    grep -qF -- "$word" letter.html && not_ok "the letter is silent about $word" || ok "the letter is silent about $word"
done
grep -qF "$number" letter.html && ok "the letter has the number" || not_ok "the letter has the number"
expect 0 "the table" "$moei" order letter n "$number" --form csv --out table.csv
sed "2s/.*/$number,2000000001,THB,1000.00,,partly,420.00,450.00,insufficient,,,KB-77/" table.csv >filled.csv
expect 0 "the bank's answer comes back" sign answers n filled.csv
says out "one answer" "1 row: 1 answer taken, 0 bad rows left out"
expect 0 "the same again" sign answers n filled.csv --dry-run
expect 0 "the board" "$moei" order list n
says out "has the time left" "h "
says out "and the state" "partly"
expect 0 "the account" "$moei" account show n TH/014/2000000001
says out "its balance is the bank's" '"orders":[{'

cat >t.csv <<'CSV'
id,booked_at,from_country,from_institution,from_account,to_country,to_institution,to_account,amount,currency,to_balance
v1,2026-03-01T01:00:00Z,TH,004,1000000001,TH,014,2000000001,1000.00,THB,1000.00
CSV
expect 0 "the bank's transfers" "$moei" import transfers n t.csv --password-file pw
expect 0 "the seed is picked" "$moei" report match n R-1 --pick v1 --password-file pw
expect 0 "a case" "$moei" case new n --title "Case one" --password-file pw
expect 0 "with the report" "$moei" case add n "Case one" R-1 --password-file pw
expect 0 "the traced hold is drafted" sign propose n --case "Case one"
says out "for the first hop's place" "takes the place of the first hop"
traced=$(sed -n 's/^Draft \(O-[0-9-]*\):.*/\1/p' out)
expect 0 "it is issued" sign issue n "$traced"
says out "what is held stays held" "420.00"
expect 0 "the first hop" "$moei" order show n "$number" --json
says out "is superseded" '"state":"superseded"'
expect 0 "the standing of the report" "$moei" report standing n R-1 police --document filled.csv --password-file pw
expect 0 "a contact" "$moei" contact add n --country TH --institution 014 --desk "Fraud desk" --phone "+66 2 123" --password-file pw
expect 0 "an attempt to call" sign attempt n "$traced" --channel phone --note "no answer"
expect 0 "the holder contests" sign appeal n "$traced" --note "I sold a car"
expect 1 "who issued it does not review it" sign review n "$traced" --outcome upheld --note "no"
expect 0 "another officer reduces it" "$moei" order review n "$traced" --outcome reduced --amount 400.00 \
    --note "20.00 are wages" --as malee --password-file malee-pw
says out "and the bank must confirm" "must confirm"
expect 0 "the bank confirms" sign receive n "$traced" --channel phone --note "done"
expect 0 "released" sign release n "$traced" --note "the case is settled between them"
expect 0 "nothing is lost" "$moei" verify n
expect 0 "rebuild" "$moei" rebuild n
says out "an equal picture" "equals"
exit "$failures"
