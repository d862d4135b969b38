#!/usr/bin/env bash
# Commands beside a running server give what they give without one; one owner a folder.
. tests/e2e/common.inc
golden_files
node n
"$moei" import transfers n t.csv >/dev/null 2>&1 || not_ok "import"
"$moei" import reports n r.csv >/dev/null 2>&1 || not_ok "import reports"
commands=("trace n --report P,M,K --json" "trace n --report P,M,K" "report list n" "report list n --json"
    "report show n P" "record list n --json" "case list n" "report show n nobody" "trace n --report nobody"
    "trace n --rule best --report P" "verify n --json" "transfer show n x" "report match n P")
i=0
for words in "${commands[@]}"; do
    i=$((i + 1))
    # shellcheck disable=SC2086
    "$moei" $words >"alone.$i.out" 2>"alone.$i.err"
    echo $? >"alone.$i.code"
done

serve n || exit 1
i=0
for words in "${commands[@]}"; do
    i=$((i + 1))
    # shellcheck disable=SC2086
    "$moei" $words >"beside.$i.out" 2>"beside.$i.err"
    echo $? >"beside.$i.code"
    # The time that an engine took is not the same twice.
    sed -i '/^Rule /d' "alone.$i.out" "beside.$i.out"
    same "beside a server: $words" "alone.$i.out" "beside.$i.out"
    same "its errors: $words" "alone.$i.err" "beside.$i.err"
    same "its exit code: $words" "alone.$i.code" "beside.$i.code"
done

# A file is found from where the caller stands, not from where the server was started.
mkdir elsewhere
sed 's/^K,/Q,/; /^[PM],/d' r.csv >elsewhere/more.csv
cd elsewhere || exit 1
expect 0 "a relative file through the socket" "$moei" import reports ../n more.csv
cd .. || exit 1
expect 0 "what was taken is there" "$moei" report show n Q
expect 1 "a second server is refused" "$moei" serve n --listen 127.0.0.1:0
says err "and says why" "owned by another process"
expect 1 "the folder is not made anew" "$moei" init n --agency x --name X --country TH --kind bank
[ "$(stat -c %a n/moei.sock)" = 600 ] && ok "the socket is for its owner only" || not_ok "mode of the socket"

# Many at once, each with its own answer.
pids=()
for i in $(seq 1 24); do
    "$moei" trace n --report P,M,K --json >"many.$i" 2>&1 &
    pids+=($!)
done
bad=0
for pid in "${pids[@]}"; do wait "$pid" || bad=1; done
for i in $(seq 1 24); do cmp -s "many.$i" alone.1.out || bad=1; done
[ "$bad" -eq 0 ] && ok "24 calls at once" || not_ok "24 calls at once"

# A caller who does not read, and one who goes away, hold up nobody.
"$moei" record list n --json --limit 1000 | sleep 0 # the reader is gone at once
expect 0 "a caller went away" "$moei" case list n
serve_end TERM && ok "the server ends by SIGTERM with 0" || not_ok "the server ends by SIGTERM with 0"
[ -e n/moei.sock ] && not_ok "the socket goes with the server" || ok "the socket goes with the server"
expect 0 "alone again" "$moei" report show n Q

# A server that was killed leaves its socket file; the next owner does not mind.
serve n || exit 1
serve_end KILL
[ -S n/moei.sock ] && ok "a killed server leaves its socket" || not_ok "a killed server leaves its socket"
expect 0 "the folder is free after kill -9" "$moei" report list n
serve n && ok "a server starts over the old socket"
curl -fs "$url/healthz" >out && ok "it answers" || not_ok "it answers"
serve_end INT && ok "the server ends by SIGINT with 0" || not_ok "the server ends by SIGINT with 0"

# An owner without a socket: a call says who is in the way.
exec 9<>n/lock
if flock -n 9; then
    expect 1 "another process owns the folder" "$moei" report list n
    says err "and the words say so" "owned by another process"
fi
exec 9>&-
exit "$failures"
