#!/usr/bin/env bash
# The story in the browser, from the phone call to the case file; then the case file without Moei.
root=$PWD
[ -d web/node_modules/playwright-core ] || { echo "skip story: web/node_modules is absent"; exit 0; }
. tests/e2e/common.inc
"$moei" init n --agency th-test --name "Test centre" --country TH --kind centre --timezone Asia/Bangkok --json >init.json
secret() { sed -n "s/.*\"$2\":\"\([^\"]*\)\".*/\1/p" "$1"; }
secret init.json admin_password >admin-pw
expect 0 "a second investigator" "$moei" user add n malee --role investigator --as admin --password-file admin-pw --json
second=$(secret out password)
serve n || exit 1
(cd "$root" && timeout 240 node tests/web/story.mjs "$url" officer "$(secret "$folder/init.json" officer_password)" malee "$second" "$folder")
status=$?
[ "$status" -eq 124 ] && not_ok "the browser answers in time"
serve_end TERM && ok "the server ends cleanly" || not_ok "the server ends cleanly"
unpack_zip case.zip unpacked
(cd unpacked && sha256sum --quiet -c manifest.sha256) && ok "sha256sum -c accepts the case file" || not_ok "sha256sum -c accepts the case file"
[ "$(ls unpacked/letters | wc -l)" -ge 2 ] && ok "with its letters" || not_ok "with its letters"
expect 0 "nothing is lost" "$moei" verify n
exit $((failures + status))
