#!/usr/bin/env bash
# A drill: what the traces say is what was planned; a victim without a transfer id is helped.
. tests/e2e/common.inc
plan="--seed 5 --transfers 30000 --accounts 5000 --reports 60"
# shellcheck disable=SC2086
expect 0 "drill make" "$moei" drill make d $plan
# shellcheck disable=SC2086
"$moei" drill make e $plan >/dev/null 2>&1
for file in transfers.csv reports.csv truth.json; do same "the same seed, the same $file" "d/$file" "e/$file"; done
node n
expect 0 "its transfers are good" "$moei" import transfers n d/transfers.csv --all-or-nothing
says out "all of them" "30,000 taken"
grep -q "warning" out && not_ok "without a warning" || ok "without a warning"
expect 0 "its reports are good" "$moei" import reports n d/reports.csv --all-or-nothing

# Each report that knows its transfers, alone: the seed is the truth's.
checked=0 wrong=0
while read -r line; do
    id=$(sed 's/.*"id":"\([^"]*\)".*/\1/' <<<"$line")
    seed=$(sed 's/.*\("seed":\[[^]]*\]\).*/\1/' <<<"$line")
    for rule in fifo pro_rata; do
        "$moei" trace n --report "$id" --rule "$rule" --json >out 2>err || wrong=$((wrong + 1))
        grep -qF "$seed" out || { wrong=$((wrong + 1)); echo "    $id $rule: no $seed"; }
    done
    checked=$((checked + 1))
done < <(grep '"named":true' d/truth.json)
[ "$checked" -gt 30 ] && [ "$wrong" -eq 0 ] && ok "$checked seeds are the truth's" || not_ok "$wrong of $checked seeds"

# A report without ids: the true transfer is among the first three proposals, and can be picked.
first=0 reports=0
while read -r line; do
    id=$(sed 's/.*"id":"\([^"]*\)".*/\1/' <<<"$line")
    true_one=$(sed 's/.*"transfers":\["\([^"]*\)".*/\1/' <<<"$line")
    "$moei" report match n "$id" --json >out 2>err
    grep -o '"transfer":"[^"]*"' out | head -n 3 | grep -qF "\"$true_one\"" && first=$((first + 1))
    reports=$((reports + 1))
    last=$id last_true=$true_one last_seed=$(sed 's/.*\("seed":\[[^]]*\]\).*/\1/' <<<"$line")
done < <(grep '"named":false' d/truth.json)
[ "$reports" -gt 3 ] && [ "$first" -eq "$reports" ] && ok "$reports victims without ids are matched" ||
    not_ok "only $first of $reports victims without ids are matched"
expect 1 "nothing is traced before a pick" "$moei" trace n --report "$last"
expect 1 "a transfer that is not there cannot be picked" "$moei" report match n "$last" --pick no-such
expect 0 "pick" "$moei" report match n "$last" --pick "$last_true"
expect 0 "then it is traced" "$moei" trace n --report "$last" --json
says out "from the true seed" "$last_seed"
expect 0 "the pick is a record" "$moei" record list n --kind seed
expect 0 "and can be taken back" "$moei" report match n "$last" --pick none
expect 1 "so that nothing is traced again" "$moei" trace n --report "$last"

expect 0 "verify" "$moei" verify n
expect 2 "a drill that cannot be" "$moei" drill make x --institutions 40
expect 1 "more reports than transfers carry" "$moei" drill make x --transfers 1000 --reports 400
exit "$failures"
