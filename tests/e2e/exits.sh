#!/usr/bin/env bash
# Exit codes: 0 done, 1 refused, 2 usage, 3 fault of the machine; errors on stderr with what to do.
. tests/e2e/common.inc
golden_files
node n
expect 2 "no command" "$moei"
says err "names the help" "moei --help"
expect 2 "a typo" "$moei" trce n
says err "suggests the nearest" 'did you mean "trace"'
expect 2 "an unknown option" "$moei" trace n --reports P
says err "suggests the option" "did you mean --report"
expect 2 "a missing argument" "$moei" verify
expect 2 "too many arguments" "$moei" rebuild n n
expect 2 "neither report nor case" "$moei" trace n
expect 2 "both report and case" "$moei" trace n --report P --case C
expect 2 "until without offset" "$moei" trace n --report P --until 2026-03-01T12:00:00
expect 2 "a number that is none" "$moei" drill make d --seed x
expect 2 "no terminal for a passphrase" "$moei" backup n b.moei
expect 1 "no such folder" "$moei" report list nowhere
expect 1 "no such report" "$moei" report show n nobody
expect 1 "no such case" "$moei" case show n 0198aaaa-0000-7000-8000-000000000000
expect 1 "no such file" "$moei" import transfers n nowhere.csv
expect 1 "the public record outside a demo" "$moei" import public-record n
expect 1 "an address that is not loopback" "$moei" serve n --listen 0.0.0.0:8441
says err "says why" "loopback"
expect 1 "no such user" "$moei" report list n --as nobody
[ -s out ] && not_ok "errors go to stderr" || ok "errors go to stderr"

# Bad rows: counted, named; 1 only where none is good.
sed '3s/,10\.00,/,ten,/' t.csv >some-bad.csv
expect 0 "some bad rows" "$moei" import transfers n some-bad.csv
says err "the row is named" "row 2"
says err "the column is named" "amount"
says out "the rest is taken" "4 taken"
(head -n 1 t.csv; sed -n '2p' t.csv | sed 's/,10\.00,/,ten,/') >all-bad.csv
expect 1 "no good row" "$moei" import transfers n all-bad.csv
node m
expect 1 "all or nothing" "$moei" import transfers m some-bad.csv --all-or-nothing
expect 1 "takes nothing" "$moei" trace m --report P
expect 0 "a dry run" "$moei" import transfers m t.csv --dry-run
expect 0 "then the file is still new" "$moei" import transfers m t.csv
says out "and is taken" "5 taken"
expect 1 "a file with another header" "$moei" import transfers m r.csv
printf 'id,booked_at\xff\n' >broken.csv
expect 1 "a file of no encoding" "$moei" import transfers m broken.csv

# A report without a known transfer: 1 and what to do; beside others a line on stderr.
expect 0 "import reports" "$moei" import reports m r.csv
expect 0 "a report without transfers" "$moei" report add m --id LOST --accounts TH/014/2000000001 --loss 10 --currency THB
expect 1 "cannot be traced alone" "$moei" trace m --report LOST
says err "and says what to do" "report match"
expect 0 "beside another it can" "$moei" trace m --report LOST,P --json
says err "with a line on stderr" "LOST"
says out "and four empty lists" '{"cost":[],"currency":"THB","exits":[],"id":"LOST","left":[],"seed":[]}'

# Faults of the machine.
"$moei" report list m >/dev/full 2>err
[ $? -eq 3 ] && ok "a full disk behind the output is 3" || not_ok "a full disk behind the output is 3"
if mkdir small && mount -t tmpfs -o size=512k none small 2>/dev/null; then
    expect 3 "a full disk" "$moei" drill make small/d --transfers 20000 --accounts 2000 --reports 20
    says err "is called so" "No space left"
    rm -rf small/d
    mount -o remount,size=4m small
    "$moei" drill make d --transfers 60000 --accounts 5000 --reports 40 >/dev/null 2>&1
    node small/n
    expect 3 "a disk that fills up in the middle of an import" "$moei" import transfers small/n d/transfers.csv
    expect 0 "leaves a sound node" "$moei" verify small/n
    mount -o remount,size=200m small
    expect 0 "and the import is done when there is room" "$moei" import transfers small/n d/transfers.csv
    says out "whole" "60,000 taken"
    mount -o remount,ro small
    expect 3 "a node on a read-only disk" "$moei" report list small/n
    says err "is called so" "read-only"
    expect 3 "a read-only disk" "$moei" init small/other --agency x --name X --country TH --kind bank
    umount small
else
    echo "skip full and read-only disk: mount is not allowed here"
fi
printf 'x' | dd of=m/ledger.db bs=1 seek=40960 conv=notrunc 2>/dev/null
expect 3 "a damaged ledger" "$moei" verify m
exit "$failures"
