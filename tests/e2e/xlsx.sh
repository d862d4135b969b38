#!/usr/bin/env bash
# Spreadsheets: the same as their CSV; a sheet with its errors goes back and comes again; a sender's
# mapping is remembered; what is broken takes nothing.
. tests/e2e/common.inc
golden_files
node n
node m

# A dry run writes the sheet with its errors, as XLSX or CSV.
sed '3s/,10\.00,/,ten,/' t.csv >some-bad.csv
expect 0 "errors as a spreadsheet" "$moei" import transfers n some-bad.csv --dry-run --errors bad.xlsx
[ "$(head -c 2 bad.xlsx)" = PK ] && ok "it is one" || not_ok "it is one"
expect 0 "errors as CSV" "$moei" import transfers n some-bad.csv --dry-run --errors bad.csv
grep -q '^m,.*,ten,THB,"\?amount: ' bad.csv && ok "the reason stands beside its row" ||
    not_ok "the reason stands beside its row" "$(cat bad.csv)"
[ "$(wc -l <bad.csv)" -eq 6 ] && ok "every row is there" || not_ok "every row is there"
expect 2 "errors without a dry run" "$moei" import transfers n some-bad.csv --errors x.csv
[ -e x.csv ] && not_ok "writes nothing" || ok "writes nothing"

# The same rows as XLSX and as CSV.
expect 0 "errors of a good file" "$moei" import transfers n t.csv --dry-run --errors t.xlsx
expect 0 "errors of good reports" "$moei" import reports n r.csv --dry-run --errors r.xlsx
expect 0 "transfers as CSV" "$moei" import transfers n t.csv
expect 0 "transfers as XLSX" "$moei" import transfers m t.xlsx
says out "all are taken" "5 taken"
says out "says which sheet" "XLSX sheet Sheet1"
expect 0 "reports as CSV" "$moei" import reports n r.csv
expect 0 "reports as XLSX" "$moei" import reports m r.xlsx
for node in n m; do
    "$moei" trace "$node" --report K --json 2>/dev/null |
        sed 's/"\(manifest\|agency\|result\|id\|at\)":"[^"]*",\?//g' >"$node.trace"
done
grep -q '"rule"' n.trace && ok "a trace of it" || not_ok "a trace of it"
same "traces are the same" n.trace m.trace
expect 0 "once more" "$moei" import transfers m t.xlsx
says out "is known" "nothing new"

# A sheet that went back is mended and taken in as it is.
node b
expect 0 "the bad row again" "$moei" import transfers b bad.xlsx
says err "is named" "row 2 (line 3)"
says out "the rest is taken" "4 taken"
sed 's/,ten,/,10.00,/' bad.csv >mended.csv
expect 0 "mended" "$moei" import transfers b mended.csv
says out "the last one is taken" "1 taken, 4 known"

# A sender's mapping, named once. It has no header, so it is used for that sender only.
cat >plain.json <<'JSON'
{"name":"plain","kind":"transfers","columns":{"id":{"from":"#1"},"booked_at":{"from":"#2"},
"from_country":{"const":"XA"},"from_institution":{"const":"1"},"from_account":{"from":"#3"},
"amount":{"from":"#4"},"currency":{"const":"THB"}}}
JSON
printf 'ref,when,who,how much\na1,2026-03-01T01:00:00Z,77,5.00\n' >one.csv
printf 'ref,when,who,how much\na2,2026-03-02T01:00:00Z,77,6.00\n' >two.csv
expect 1 "no mapping has the header" "$moei" import transfers n one.csv --sender "Bank 7"
expect 0 "named for the sender" "$moei" import transfers n one.csv --sender "Bank 7" --mapping plain.json
expect 0 "found for the sender" "$moei" import transfers n two.csv --sender "Bank 7"
says out "the mapping" "mapping plain"
expect 1 "not for another" "$moei" import transfers n two.csv --sender "Bank 8"
expect 0 "where it does not fit, the header decides" "$moei" import transfers n t.csv --sender "Bank 7" --dry-run

# Broken or other files take nothing and say what to do.
node c
head -c 900 t.xlsx >cut.xlsx
expect 1 "cut off" "$moei" import transfers c cut.xlsx
says err "says so" "broken or was cut off"
printf '\320\317\021\340\241\261\032\341 old' >old.xls
expect 1 "an old spreadsheet" "$moei" import transfers c old.xls
says err "says what to do" "save it as .xlsx or CSV"
expect 1 "another sheet" "$moei" import transfers c t.xlsx --sheet Summer
says err "names those that are there" '"Sheet1"'
expect 1 "a sheet of a CSV" "$moei" import transfers c t.csv --sheet Sheet1
expect 0 "nothing was taken" "$moei" import transfers c t.csv
says out "all five are new" "5 taken"
exit "$failures"
