#!/usr/bin/env bash
# From two reports to a signed refund plan: hold, compare, plan, two signatures, payment, export; and
# what a change of a hold does to it. Then the case file, checked without the program.
. tests/e2e/common.inc
pass() { # FILE: a new password of the user, written there
    "$moei" user password n "$1" >"pw.$1.txt" 2>/dev/null || return 1
    grep -oE '[A-Za-z0-9]{4,}(-[A-Za-z0-9]{4,})+' "pw.$1.txt" | tail -n 1 >"pw.$1"
}
json() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" out | head -n 1; }
node n
golden_files
expect 0 "a second investigator" "$moei" user add n bea --role investigator
pass officer && pass bea && [ -s pw.officer ] && [ -s pw.bea ] && ok "passwords" || not_ok "passwords" "$(cat pw.*.txt)"
me=(--password-file pw.officer)
bea=(--as bea --password-file pw.bea)
expect 0 "transfers" "$moei" import transfers n t.csv
expect 0 "reports" "$moei" import reports n r.csv
expect 0 "a case" "$moei" case new n --title Ring
expect 0 "its reports" "$moei" case add n Ring P M K
expect 0 "drafts" "$moei" order propose n --case Ring --json
orders=$(grep -oE '"number":"O-[0-9-]+"' out | sort -u | cut -d'"' -f4)
[ -n "$orders" ] && ok "orders are drafted: $(echo $orders)" || not_ok "orders are drafted"
echo "the bank's letter" >letter.txt
law=$("$moei" order show n "$(head -n 1 <<<"$orders")" --json | grep -oE '"id":"TH-[A-Za-z0-9-]+"' | head -n 1 | cut -d'"' -f4)
for o in $orders; do
    expect 0 "issue $o" "$moei" order issue n "$o" --law "$law" "${me[@]}"
    expect 0 "answer $o" "$moei" order answer n "$o" --outcome executed --document letter.txt "${me[@]}"
done
expect 0 "all rules side by side" "$moei" refund compare n Ring
says out "by trace" by_trace
says out "equal awards" equal_awards
says out "the law names a rule" "The law of TH names: pro_rata_loss (second-hand)"
expect 0 "a plan" "$moei" refund plan n Ring --rule by_trace --json
plan=$(json id)
expect 1 "not paid before it is signed" "$moei" refund paid n "$plan" --report P --account nope --amount 1.00 --reference B1 "${me[@]}"
expect 0 "first signature" "$moei" refund sign n "$plan" "${me[@]}"
"$moei" refund sign n "$plan" "${me[@]}" >out 2>err && not_ok "never twice by one officer" || ok "never twice by one officer"
says err "the words say why" "somebody else's"
expect 0 "second signature" "$moei" refund sign n "$plan" "${bea[@]}"
says out "it is signed" "signed"
expect 0 "as CSV" "$moei" refund export n "$plan" --form csv --out plan.csv
expect 0 "as XLSX" "$moei" refund export n "$plan" --form xlsx --out plan.xlsx
expect 0 "to print" "$moei" refund export n "$plan" --form html --out plan.html
IFS=, read -r _ cc bank account _ amount _ report _ < <(sed -n 2p plan.csv | tr -d '\r')
expect 0 "a payment" "$moei" refund paid n "$plan" --report "$report" --account "$cc/$bank/$account" --amount "$amount" --reference B1 "${me[@]}"
says out "it shows as paid" "$amount"
"$moei" refund paid n "$plan" --report "$report" --account "$cc/$bank/$account" --amount 0.01 --reference B2 "${me[@]}" >out 2>err && not_ok "never over the share" || ok "never over the share"
expect 0 "the holder contests" "$moei" grievance add n "$(tail -n 1 <<<"$orders")" --text "I sold a car"
expect 0 "it waits for its review" "$moei" grievance list n --open
says out "with the order" "$(tail -n 1 <<<"$orders")"
expect 0 "the plan is void" "$moei" refund show n "$plan"
says out "and says why" "its holder contests it"
"$moei" refund export n "$plan" --form csv --out void.csv >out 2>err && not_ok "a void plan is not exported" || ok "a void plan is not exported"
expect 0 "a shift is closed" "$moei" shift close n --next bea --note quiet --json
shift_id=$(sed -n 's/.*"id":"\([^"]*\)","items".*/\1/p' out)
expect 0 "and signed" "$moei" shift sign n "$shift_id" "${bea[@]}"
expect 0 "a case file" "$moei" case export n Ring --out case.zip --to court
unpack_zip case.zip unpacked
(cd unpacked && sha256sum --quiet -c manifest.sha256) && ok "the manifest holds" || not_ok "the manifest holds"
paper=$(sha256sum letter.txt | cut -d' ' -f1)
cmp -s letter.txt "unpacked/attachments/$paper" && ok "the bank's letter is in it" || not_ok "the bank's letter is in it"
exit "$failures"
