#!/usr/bin/env bash
# What is kept: backup and recover, erase, kill -9 in the middle of an import, conflicts and picks.
. tests/e2e/common.inc
golden_files
node n
"$moei" import transfers n t.csv >/dev/null 2>&1 && "$moei" import reports n r.csv >/dev/null 2>&1 || not_ok "import"
"$moei" trace n --report P,M,K --json >before.json 2>err || not_ok "trace"

# Backup and recover.
echo "a long passphrase" >pass
echo "another passphrase" >wrong
expect 0 "backup" "$moei" backup n b.moei --passphrase-file pass
grep -qa "2000000001" b.moei && not_ok "a backup is encrypted" || ok "a backup is encrypted"
expect 1 "another passphrase opens nothing" "$moei" recover r1 b.moei --passphrase-file wrong
expect 0 "recover" "$moei" recover r2 b.moei --passphrase-file pass
expect 0 "the trace of the recovered node" "$moei" trace r2 --report P,M,K --json
same "is the same" before.json out
expect 0 "it verifies" "$moei" verify r2
head -c 2000 b.moei >cut.moei
expect 1 "a backup cut short is refused" "$moei" recover r3 cut.moei --passphrase-file pass
expect 1 "nothing is recovered over a node" "$moei" recover n b.moei --passphrase-file pass

# Erase: the words are nowhere under the folder afterwards.
expect 0 "a report with a story" "$moei" report add n --id STORY --story "zebracrossing happened" --victim okapi-victim --json
record=$(sed -n 's/.*"record":"\([0-9a-f-]*\)".*/\1/p' out)
grep -rqa zebracrossing n && ok "the story is stored" || not_ok "the story is stored"
expect 0 "erase" "$moei" erase n "$record" --reason "court order 7/2026"
grep -rqa -e zebracrossing -e okapi-victim n && not_ok "no byte of it is left" || ok "no byte of it is left"
expect 1 "the report is gone" "$moei" report show n STORY
expect 0 "the record says erased" "$moei" record show n "$record"
says out "in words" "erased"
expect 0 "everything else verifies" "$moei" verify n
expect 1 "it cannot be erased twice" "$moei" erase n "$record" --reason again

# Two banks tell one transfer differently.
sed -n '1p;4s/,10\.00,/,11.00,/p' t.csv >other.csv
expect 0 "a contradiction is taken" "$moei" import transfers n other.csv
says out "and named" "contradict"
expect 0 "it is listed" "$moei" transfer list n
says out "with its id" "x "
expect 0 "both versions are shown" "$moei" transfer show n x --json
cp out card
hashes=$(grep -o '"row_hash":"[0-9a-f]*"' card | cut -d'"' -f4)
[ "$(wc -w <<<"$hashes")" -eq 2 ] && ok "there are two" || not_ok "there are two"
for hash in $hashes; do expect 0 "pick $hash" "$moei" transfer pick n x --row "$hash"; done
expect 1 "a version that is none cannot be picked" "$moei" transfer pick n x --row 0123456789
expect 0 "verify after picks" "$moei" verify n
expect 0 "rebuild after picks" "$moei" rebuild n

# kill -9 in the middle of imports; again and again until the end is the end.
"$moei" drill make d --seed 9 --transfers 60000 --accounts 5000 --reports 40 >/dev/null 2>&1
node k
node whole
for round in 1 2 3 4; do
    "$moei" import transfers k d/transfers.csv >/dev/null 2>&1 &
    pid=$!
    sleep "0.0$((round * 2))"
    kill -9 "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
done
expect 0 "after kill -9 the node verifies" "$moei" verify k
expect 0 "the import ends" "$moei" import transfers k d/transfers.csv
"$moei" import transfers whole d/transfers.csv >/dev/null 2>&1
for name in k whole; do "$moei" import reports $name d/reports.csv >/dev/null 2>&1; done
id=$(sed -n 's/.*"id":"\(D-[^"]*\)","named":true.*/\1/p' d/truth.json | head -n 3 | paste -sd,)
"$moei" trace k --report "$id" --json >k.json 2>err
"$moei" trace whole --report "$id" --json >whole.json 2>err
same "what was broken off ends like what was not" whole.json k.json
[ -s whole.json ] && ok "and is something" || not_ok "and is something"
exit "$failures"
