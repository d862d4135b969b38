#!/usr/bin/env bash
# Installs what is missing of the Debian packages named in the given lists. Quiet when nothing is.
# Use: setup.sh LIST…
set -euo pipefail
missing=()
for package in $(sed 's/#.*//' "$@"); do
    # A node from elsewhere brings its own npm; Debian's would clash with it.
    case $package in
    nodejs) command -v node >/dev/null && continue ;;
    npm) command -v npm >/dev/null && continue ;;
    esac
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed ||
        missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0
echo "Installing ${#missing[@]} Debian packages: ${missing[*]}"
as_root=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
        echo "setup: these packages are missing and neither root nor sudo is here. Ask an" \
            "administrator for: apt-get install ${missing[*]}" >&2
        exit 3
    }
    as_root=sudo
fi
log=$(mktemp)
if ! { $as_root apt-get update -q && $as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "setup: apt-get failed; its whole output is in $log" >&2
    exit 3
fi
rm -f "$log"
