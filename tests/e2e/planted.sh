#!/usr/bin/env bash
# Twenty planted reports against a merchant: each is taken as it would come by phone, drafted and
# issued. They are flagged at the third, then nobody issues alone, and what is asked stays within
# the claims that one officer let through.
. tests/e2e/common.inc
expect 0 "a drill with planted reports" "$moei" drill make drill --transfers 5000 --accounts 1000 --reports 10 --planted 20
"$moei" init n --agency th-test --name "Test centre" --country TH --kind centre --timezone Asia/Bangkok --json >init.json
sed -n 's/.*"officer_password":"\([^"]*\)".*/\1/p' init.json >pw
sed -n 's/.*"admin_password":"\([^"]*\)".*/\1/p' init.json >admin-pw
"$moei" user add n malee --role duty_officer --as admin --password-file admin-pw --json >user.json 2>err
sed -n 's/.*"password":"\([^"]*\)".*/\1/p' user.json >malee-pw
expect 0 "the banks' transfers" "$moei" import transfers n drill/transfers.csv --password-file pw

head -n 1 drill/reports.csv >header.csv
grep '^F-2026-' drill/reports.csv >planted.csv
account=$(sed -n 's/^{"planted":{"account":"\([^"]*\)".*/\1/p' drill/truth.json)
flagged=0 issued=0 waiting=0 claims=0
i=0
while IFS= read -r line; do
    i=$((i + 1))
    { cat header.csv; echo "$line"; } >one.csv
    id=$(printf 'F-2026-%06d' "$i")
    "$moei" import reports n one.csv --password-file pw >out 2>err || not_ok "report $i is taken"
    "$moei" report show n "$id" --json >report.json 2>err
    if [ "$flagged" -eq 0 ] && grep -q '"what":"claimed_only"' report.json; then flagged=$i; fi
    loss=$(sed -n 's/.*"loss":\([0-9]*\).*/\1/p' report.json)
    "$moei" order propose n --report "$id" --password-file pw >out 2>err || continue
    number=$(sed -n 's/^Draft \(O-[0-9-]*\):.*/\1/p' out | head -n 1)
    [ -n "$number" ] || continue
    "$moei" order issue n "$number" --password-file pw >out 2>err
    state=$("$moei" order show n "$number" --json | sed -n 's/.*"state":"\([a-z]*\)".*/\1/p')
    if [ "$state" = issued ]; then
        issued=$((issued + 1)) claims=$((claims + loss))
    elif [ "$state" = draft ]; then
        waiting=$((waiting + 1))
    fi
done <planted.csv
echo "# flagged at report $flagged; issued by one officer: $issued; waiting for a second: $waiting"
if [ "$flagged" -gt 0 ] && [ "$flagged" -le 3 ]; then ok "flagged within three"; else not_ok "flagged within three" "at $flagged"; fi
if [ "$issued" -le 2 ]; then ok "one officer alone let at most two through"; else not_ok "one officer alone let at most two through" "$issued"; fi
if [ "$waiting" -gt 0 ]; then ok "the others wait for a second officer"; else not_ok "the others wait for a second officer" "$waiting"; fi
live=$("$moei" order list n --state issued --account "$account" --json | tr ',' '\n' | sed -n 's/.*"asked":\([0-9]*\)$/\1/p' | awk '{ n += $1 } END { print n + 0 }')
if [ "$live" -le "$claims" ]; then ok "what is asked stays within the claims"; else not_ok "what is asked stays within the claims" "$live of $claims"; fi
number=$("$moei" order list n --state draft --account "$account" --json | tr ',' '\n' | sed -n 's/.*"number":"\([^"]*\)".*/\1/p' | head -n 1)
if [ -n "$number" ]; then
    expect 1 "the same officer is no second" "$moei" order second n "$number" --password-file pw
    expect 0 "another officer may, by name" "$moei" order second n "$number" --as malee --password-file malee-pw
fi
expect 0 "the bank says that it is a merchant" "$moei" account class n "$account" merchant --password-file pw
last=$("$moei" order list n --state draft --account "$account" --json | tr ',' '\n' | sed -n 's/.*"number":"\([^"]*\)".*/\1/p' | tail -n 1)
expect 0 "the last draft is taken back" "$moei" order withdraw n "$last" --note "planted" --password-file pw
expect 0 "and is not proposed again" "$moei" order propose n --report F-2026-000020 --password-file pw
says out "because a merchant is a person's decision" "policy_person"
says out "and nothing is drafted" "Left out"
expect 0 "the node is whole" "$moei" verify n
