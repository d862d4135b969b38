# Turns data/states.csv into one C table of OrderRule. A row that cannot be read stops the build.
function bad(why) {
    printf "%s:%d: %s\n", FILENAME, FNR, why > "/dev/stderr"
    failed = 1
    exit 1
}
function known(word, words, what) {
    if (word == "" || index(" " words " ", " " word " ") == 0)
        bad("\"" word "\" is no " what)
    return "ORDER_" toupper(word)
}
BEGIN {
    FS = ","
    states = "draft issued received executed partly adopted refused withdrawn released superseded"
    states = states " settled lapsed void"
    acts = "issue receive answer adopt complaint extend reduce withdraw release supersede settle"
    acts = acts " undone appeal review attempt second tell"
    split("executed DID_EXECUTE partly DID_PARTLY refused DID_REFUSE upheld UPHELD " \
          "reduced REDUCED overturned OVERTURNED", pair, " ")
    for (i = 1; i in pair; i += 2) outcome[pair[i]] = "ORDER_" pair[i + 1]
    outcome[""] = "ORDER_NO_OUTCOME"
    print "// Made from data/states.csv. Include order/order.h first."
    print "static const OrderRule order_states[] = {"
}
{ sub(/\r$/, "") }
FNR == 1 {
    if ($0 != "state,act,outcome,next,who,for,note") bad("the header is wrong")
    next
}
{
    if (NF != 7) bad("a row has seven fields")
    if ($0 ~ /["\\]/) bad("quotes and backslashes have no place here")
    if (!($3 in outcome)) bad("\"" $3 "\" is no outcome")
    if (($2 == "answer" && $3 !~ /^(executed|partly|refused)$/) ||
        ($2 == "tell" && $3 !~ /^(executed|partly|refused|)$/) ||
        ($2 == "review" && $3 !~ /^(upheld|reduced|overturned)$/) ||
        ($2 !~ /^(answer|review|tell)$/ && $3 != "")) bad("\"" $3 "\" is no outcome of " $2)
    if (seen[$1, $2, $3]++) bad("the pair stands twice")
    if ($6 !~ /^(order|request|both|hold)$/) bad("for is order, request, both or hold")
    if ($1 != state) {
        if ($1 in first) bad("the rows of a state stand together")
        state = $1
        first[state] = rows + 0
    }
    last[state] = rows + 1
    n = split($5, who, ";")
    if (n == 0) bad("nobody may do it")
    parties = ""
    for (i = 1; i <= n; i++)
        parties = parties (i > 1 ? " | " : "") known(who[i], "issuer addressee holder court", "party")
    printf "    {%s, %s, %s, %s, %s, %s, %s, %s, \"%s\"},\n", known($1, states, "state"),
        known($2, acts, "act"), outcome[$3], known($4, states, "state"), parties,
        $6 == "request" ? "false" : "true", $6 ~ /^(request|both)$/ ? "true" : "false",
        $6 == "hold" ? "true" : "false", $7
    rows++
}
END {
    if (failed) exit 1
    if (!rows) { print FILENAME ": no rows" > "/dev/stderr"; exit 1 }
    print "};\n// Where the rows of each state stand: [from, until).\nstatic const struct {"
    print "    size_t from, until;\n} order_state_rows[ORDER_STATES] = {"
    for (state in first)
        printf "    [ORDER_%s] = {%d, %d},\n", toupper(state), first[state], last[state] | "LC_ALL=C sort"
    close("LC_ALL=C sort")
    print "};"
}
