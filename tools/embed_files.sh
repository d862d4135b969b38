#!/usr/bin/env bash
# Turns files into one C table NAME[] of { name, bytes, n }. Names are the paths without PREFIX.
# Use: embed_files.sh NAME PREFIX FILE…
set -euo pipefail
name=$1 prefix=$2
shift 2
echo "// Made by tools/embed_files.sh. Bytes of files that the program carries with it."
i=0
for file in "$@"; do
    echo "static const unsigned char ${name}_$i[] = {"
    od -An -v -tu1 "$file" | sed 's/^ *//; s/  */,/g; s/$/,/'
    echo "0};"
    i=$((i + 1))
done
echo "static const struct { const char *name; const unsigned char *bytes; size_t n; } $name[] = {"
i=0
for file in "$@"; do
    echo "    {\"${file#"$prefix"}\", ${name}_$i, sizeof ${name}_$i - 1},"
    i=$((i + 1))
done
echo "};"
