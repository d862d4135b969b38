#!/usr/bin/env bash
# The trace against an independent implementation (tests/oracle): seeded ledgers go through files,
# stream and desk, and every rule must answer the same bytes. MOEI_ORACLE_SEEDS (12),
# MOEI_ORACLE_FIRST (1).
set -u
command -v python3 >/dev/null || { echo "skip oracle: python3 is absent"; exit 0; }
: "${MOEI:=build/release/moei}"
seeds=${MOEI_ORACLE_SEEDS:-12}
first=${MOEI_ORACLE_FIRST:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rules="fifo lifo pro_rata libr poison"

why() { # WORDS [FILE]: a reason for this seed's failure.
    reason="${reason:+$reason; }$1${2:+: $(head -c 600 "$2")}"
}

take_in() { # Imports the files, some in one command, some one by one, one of them again.
    local files=() name
    while read -r name; do files+=("$folder/$name"); done <"$folder/files.txt"
    if [ $((seed % 2)) -eq 0 ]; then
        "$MOEI" import reports "$node" "$folder/reports.csv" >"$work/log" 2>&1 ||
            { why "reports are refused" "$work/log"; return 1; }
    fi
    if [ $((seed % 3)) -eq 0 ]; then
        "$MOEI" import transfers "$node" "${files[@]}" >"$work/log" 2>&1 ||
            { why "transfers are refused" "$work/log"; return 1; }
    else
        for name in "${files[@]}"; do
            "$MOEI" import transfers "$node" "$name" >"$work/log" 2>&1 ||
                { why "$name is refused" "$work/log"; return 1; }
        done
    fi
    "$MOEI" import transfers "$node" "${files[0]}" >"$work/log" 2>&1 ||
        { why "the same file again is refused" "$work/log"; return 1; }
    [ $((seed % 2)) -eq 0 ] && return 0
    "$MOEI" import reports "$node" "$folder/reports.csv" >"$work/log" 2>&1 ||
        { why "reports are refused" "$work/log"; return 1; }
}

compare() { # REPORTS UNTIL RULE [ours by other options …]
    local reports=$1 until=$2 rule=$3 limit=() ours theirs
    shift 3
    [ "$until" = - ] || limit=(--until "$until")
    "$MOEI" trace "$node" "${@:---report=$reports}" --rule "$rule" "${limit[@]}" --json \
        >"$work/ours" 2>"$work/ours.err"
    ours=$?
    python3 tests/oracle/trace.py --transfers "$folder"/transfers-*.csv \
        --reports "$folder/reports.csv" --report "$reports" --rule "$rule" "${limit[@]}" \
        >"$work/theirs" 2>"$work/theirs.err"
    theirs=$?
    compared=$((compared + 1))
    if [ "$ours" -ne "$theirs" ]; then
        why "rule $rule, until $until, reports $reports: exit $ours, oracle $theirs" \
            "$work/ours.err"
    elif [ "$ours" -eq 0 ] && ! cmp -s "$work/ours" "$work/theirs"; then
        why "rule $rule, until $until, reports $reports: $(
            python3 tests/oracle/first_difference.py "$work/ours" "$work/theirs")"
    fi
}

for seed in $(seq "$first" $((first + seeds - 1))); do
    folder=$work/ledger node=$work/node reason= compared=0
    rm -rf "$folder" "$node"
    if ! python3 tests/oracle/make.py "$seed" "$folder" >"$work/log" 2>&1; then
        why "make.py fails" "$work/log"
    elif ! "$MOEI" init "$node" --agency oracle --name Oracle --country TH --kind centre \
        >"$work/log" 2>&1; then
        why "init fails" "$work/log"
    elif take_in; then
        while IFS=$'\t' read -r reports until; do
            for rule in $rules; do
                compare "$reports" "$until" "$rule"
                [ -z "$reason" ] || break 2
            done
        done <"$folder/traces.txt"
    fi
    if [ -z "$reason" ]; then
        echo "ok oracle seed $seed: $compared traces"
    else
        echo "not ok oracle seed $seed: $reason"
        [ -z "${MOEI_ORACLE_KEEP:-}" ] || { rm -rf "$MOEI_ORACLE_KEEP/$seed"; mkdir -p "$MOEI_ORACLE_KEEP"; cp -r "$work" "$MOEI_ORACLE_KEEP/$seed"; }
    fi
done
