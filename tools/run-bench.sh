#!/usr/bin/env bash
# Runs every benchmark of a build. Figures are medians with the spread of several runs; each program
# compares answers first and shows where ours loses. Use: run-bench.sh BUILD
set -euo pipefail
build=$1
echo "machine: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores," \
    "$(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo), $(uname -r)"
for binary in "$build"/bench/*; do
    echo
    echo "== $(basename "$binary")"
    "$binary"
    # The large size of the whole-ledger runs; the other programs read FULL or have one size.
    if [ -n "${FULL:-}" ] && [ "$(basename "$binary")" = trace ]; then
        "$binary" 50000000 1000000 "1 report(s), 1 seeds"
    fi
done
for script in bench/*.sh; do
    [ -f "$script" ] || continue
    echo
    echo "== $(basename "$script" .sh)"
    MOEI="$build/moei" bash "$script" "$build"
done
