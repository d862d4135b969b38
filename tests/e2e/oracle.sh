#!/usr/bin/env bash
# The trace against an independent implementation (tests/oracle). Seeded ledgers go through files,
# stream and desk; every rule must answer the same bytes, before and after an officer's picks, and
# for a case. MOEI_ORACLE_SEEDS (12, under the sanitizers 5), MOEI_ORACLE_FIRST (1);
# MOEI_ORACLE_KEEP: a folder that keeps what went wrong.
set -u
command -v python3 >/dev/null || { echo "skip oracle: python3 is absent"; exit 0; }
: "${MOEI:=build/release/moei}"
seeds=${MOEI_ORACLE_SEEDS:-$([ -n "${MOEI_SANITIZED:-}" ] && echo 5 || echo 12)}
first=${MOEI_ORACLE_FIRST:-1}
keep=${MOEI_ORACLE_KEEP:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

why() { # WORDS [FILE]: a reason for this seed's failure.
    reason="${reason:+$reason; }$1${2:+: $(head -c 600 "$2")}"
}

moei() { # WORDS ARGUMENTS: runs it; false and a reason where it is refused.
    local words=$1
    shift
    "$MOEI" "$@" >"$work/out" 2>"$work/log" </dev/null && return 0
    why "$words" "$work/log"
    return 1
}

take_in() { # Imports the files, some in one command, some one by one, one of them again.
    local files=() name
    while read -r name; do files+=("$folder/$name"); done <"$folder/files.txt"
    moei "init" init "$node" --agency oracle --name Oracle --country TH --kind centre || return 1
    if [ $((seed % 2)) -eq 0 ]; then
        moei "reports" import reports "$node" "$folder/reports.csv" || return 1
    fi
    if [ $((seed % 3)) -eq 0 ]; then
        moei "transfers" import transfers "$node" "${files[@]}" || return 1
    else
        for name in "${files[@]}"; do
            moei "transfers of $name" import transfers "$node" "$name" || return 1
        done
    fi
    moei "the same file again" import transfers "$node" "${files[0]}" || return 1
    [ $((seed % 2)) -eq 0 ] || moei "reports" import reports "$node" "$folder/reports.csv"
}

oracle() { # FOLDER [options]: the oracle's answers to every line of traces.txt.
    rm -rf "$1"
    python3 tests/oracle/trace.py --transfers "$folder"/transfers-*.csv \
        --reports "$folder/reports.csv" --traces "$folder/traces.txt" --out "$@" 2>"$work/log" &&
        return 0
    why "oracle" "$work/log"
    return 1
}

compare() { # ANSWER OPTIONS...: our trace with these options against the oracle's answer.
    local answer=$1 status=0
    shift
    "$MOEI" trace "$node" "$@" --json >"$work/ours" 2>"$work/log" </dev/null || status=$?
    compared=$((compared + 1))
    if [ -f "$answer.none" ]; then
        [ "$status" -eq 1 ] || why "trace $*: exit $status, but no seed is known"
    elif [ "$status" -ne 0 ]; then
        why "trace $*: exit $status" "$work/log"
    elif ! cmp -s "$work/ours" "$answer.json"; then
        why "trace $*: $(python3 tests/oracle/first_difference.py "$work/ours" "$answer.json")"
    fi
    [ -z "$reason" ]
}

compare_all() { # FOLDER: every line of traces.txt by every rule.
    local line=0 reports until rule limit
    while IFS=$'\t' read -r reports until; do
        line=$((line + 1)) limit=()
        [ "$until" = - ] || limit=(--until "$until")
        for rule in fifo lifo pro_rata libr poison; do
            compare "$1/$line-$rule" --report "$reports" --rule "$rule" "${limit[@]}" || return 1
        done
    done <"$folder/traces.txt"
}

pick() { # Other versions and further seeds, as an officer would.
    local id row report ids
    moei "conflicts" transfer list "$node" --limit 1000 --json || return 1
    if ! python3 tests/oracle/pick.py "$seed" "$work/out" "$folder/seeds.txt" \
        "$work/picks.json" >"$work/picks" 2>"$work/log"; then
        why "pick.py" "$work/log"
        return 1
    fi
    while IFS=$'\t' read -r id row; do
        moei "pick of $id" transfer pick "$node" "$id" --row "$row" || return 1
    done <"$work/picks"
    while IFS=$'\t' read -r report ids; do
        moei "seeds of $report" report match "$node" "$report" --pick "$ids" || return 1
    done <"$folder/seeds.txt"
}

compare_case() { # FOLDER: the reports of the first line, as a case.
    local reports id
    IFS=$'\t' read -r reports _ <"$folder/traces.txt"
    moei "case new" case new "$node" --title Oracle --json || return 1
    id=$(sed -n 's/.*"id":"\([^"]*\)".*/\1/p' "$work/out")
    IFS=, read -r -a reports <<<"$reports"
    moei "case add" case add "$node" "$id" "${reports[@]}" || return 1
    compare "$1/1-pro_rata" --case "$id" --rule pro_rata
}

story() {
    if ! python3 tests/oracle/make.py "$seed" "$folder" 2>"$work/log"; then
        why "make.py" "$work/log"
        return 1
    fi
    take_in && oracle "$work/told" && compare_all "$work/told" &&
        pick && oracle "$work/picked" --picks "$work/picks.json" &&
        compare_all "$work/picked" && compare_case "$work/picked" &&
        moei "verify" verify "$node"
}

for seed in $(seq "$first" $((first + seeds - 1))); do
    folder=$work/ledger node=$work/node reason='' compared=0
    rm -rf "$folder" "$node"
    if story; then
        echo "ok oracle seed $seed: $compared traces"
    else
        echo "not ok oracle seed $seed: $reason"
        [ -z "$keep" ] || { mkdir -p "$keep/$seed" && cp -r "$work/." "$keep/$seed"; }
    fi
done
