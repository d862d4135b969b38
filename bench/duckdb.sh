#!/usr/bin/env bash
# A case of about 1,400 events in 5 M transfers: ours against DuckDB's recursive CTE, in turn.
# Use: duckdb.sh BUILD
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
[ -d bench/duckdb/node_modules ] || (cd bench/duckdb && npm ci --no-audit --no-fund --loglevel=error)
node bench/duckdb/reach.mjs "$1/bench/trace" "$folder" 7
