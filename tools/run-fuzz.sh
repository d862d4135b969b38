#!/usr/bin/env bash
# Drives every libFuzzer target for some seconds from its corpus. Use: run-fuzz.sh FOLDER SECONDS
set -u
folder=$1 seconds=$2 bad=0
for binary in "$folder"/*; do
    name=$(basename "$binary")
    found=$(mktemp -d)
    echo "fuzz $name for $seconds s"
    if ! "$binary" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 -print_final_stats=1 \
        -artifact_prefix="$folder/../crash-$name-" "$found" "fuzz/corpus/$name" \
        >"$folder/../fuzz-$name.log" 2>&1; then
        bad=$((bad + 1))
        tail -n 30 "$folder/../fuzz-$name.log"
    else
        grep -E 'stat::(number_of_executed_units|new_units_added|peak_rss_mb)' "$folder/../fuzz-$name.log"
    fi
    rm -rf "$found"
done
[ "$bad" -eq 0 ] || { echo "$bad targets failed; the inputs lie in $folder/../crash-*" >&2; exit 1; }
