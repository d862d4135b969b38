#!/usr/bin/env bash
# Every command of the help has a help of its own, and what the issue names is there.
. tests/e2e/common.inc
expect 0 "help" "$moei" --help
cp out all
n=0
while read -r line; do
    words=$(sed 's/   *.*//' <<<"$line")
    # shellcheck disable=SC2086
    expect 0 "moei $words --help" "$moei" $words --help
    grep -q "^moei $words" out || not_ok "usage of $words"
    grep -A1 "^For example" out | grep -q "^  moei $words" || not_ok "an example of $words"
    n=$((n + 1))
done < <(sed -n 's/^  \([a-z].*\)/\1/p' all | grep -v '^moei')
[ "$n" -ge 29 ] && ok "$n commands" || not_ok "only $n commands"
for words in init serve demo "import transfers" "import reports" "import public-record" "report add" "report list" \
    "report show" "report match" "case new" "case add" "case remove" "case list" "case show" trace "record list" \
    "record show" verify rebuild backup recover erase "drill make" bench version; do
    grep -q "^  $words  " all && ok "there is $words" || not_ok "there is $words"
done
for verb in import report case transfer record drill; do
    expect 0 "moei $verb --help" "$moei" "$verb" --help
    cp out so
    expect 0 "moei help $verb" "$moei" help "$verb"
    same "says the same" out so
done
expect 0 "moei help peer add" "$moei" help peer add
says out "of that command" "moei peer add DIR CARD"
expect 2 "moei help of nothing" "$moei" help nothing
exit "$failures"
