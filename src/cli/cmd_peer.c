// peer, accord: who we exchange with, and under which agreements.
#include "cli/cli_priv.h"

// --- cards --------------------------------------------------------------------------------------

static Err card_print(CliCall *call, const JsonValue *v) {
    AUTO(Buf) qr = {0};
    cli_print(call, STR_FMT "\n\n", STR_ARG(cli_json_str(v, "card")));
    cli_field(call, "Agency", cli_json_str(v, "agency"));
    cli_field(call, "Fingerprint", cli_json_str(v, "fingerprint"));
    Str address = cli_json_str(v, "address");
    cli_field(call, "Address",
              address.n ? address : STR("none: this node calls, and is not called"));
    if (cli_flag(call, "qr")) {
        TRY(desk_card_qr_text(call->c, &call->desk, &qr));
        cli_print(call, "\n");
        cli_print_buf(call, &qr);
    }
    cli_print(call, "\nHand over the card by any way. Then compare the fingerprint by telephone or "
                    "face to face:\nonly that shows that it came from us. They confirm it with "
                    "`moei peer add DIR CARD`.\n");
    return OK;
}

Err cli_peer_card(CliCall *call) {
    AUTO(Buf) json = {0};
    TRY(desk_card_json(call->c, &call->desk, &json));
    return cli_answer_print(call, &json, card_print);
}

// --- peers --------------------------------------------------------------------------------------

static Err peer_print(CliCall *call, const JsonValue *v) {
    Str text;
    cli_field(call, "Peer", cli_json_str(v, "name"));
    cli_field(call, "Agency", cli_json_str(v, "agency"));
    cli_field(call, "Called", cli_json_str(v, "title"));
    TRY(str_format(call->c, &text, STR_FMT " of " STR_FMT, STR_ARG(cli_json_str(v, "kind")),
                   STR_ARG(cli_json_str(v, "country"))));
    cli_field(call, "Is", text);
    cli_field(call, "Fingerprint", cli_json_str(v, "fingerprint"));
    cli_field(call, "State", cli_json_str(v, "state"));
    if (cli_json_true(v, "flagged"))
        cli_field(call, "FLAGGED", STR("what concerns it needs a second officer"));
    cli_field(call, "Address", cli_json_str(v, "address"));
    TRY(cli_field_list(call, "Answers for", v, "institutions"));
    cli_field(call, "Reason", cli_json_str(v, "reason"));
    cli_field(call, "Now", cli_json_str(v, "words"));
    return OK;
}

static Err look_print(CliCall *call, const JsonValue *v) {
    Str text;
    cli_field(call, "Claims to be", cli_json_str(v, "title"));
    cli_field(call, "Short name", cli_json_str(v, "name"));
    TRY(str_format(call->c, &text, STR_FMT " of " STR_FMT, STR_ARG(cli_json_str(v, "kind")),
                   STR_ARG(cli_json_str(v, "country"))));
    cli_field(call, "Is", text);
    cli_field(call, "Agency", cli_json_str(v, "agency"));
    cli_field(call, "Fingerprint", cli_json_str(v, "fingerprint"));
    cli_field(call, "Known", cli_json_str(v, "known"));
    if (cli_json_true(v, "flagged"))
        cli_print(call, "This party is flagged: it gets no confirmation.\n");
    return OK;
}

#define CARD_FILE_BYTES_MAX (1 << 20) // with the QR code that `peer card --qr` draws, and a letter

// CARD is the text, or a file that holds it.
static Err card_of(CliCall *call, Str arg, Str *ret_card) {
    Str path;
    size_t at;
    *ret_card = str_trim(arg);
    if (str_starts(*ret_card, STR("MOEI1-")))
        return OK;
    TRY(cli_path(call, arg, &path));
    if (!file_exists(path))
        return OK; // the name of a peer that is here
    TRY(file_read_all(call->c, path, CARD_FILE_BYTES_MAX, ret_card));
    // What else the file holds may be of any kind: it is named, and not shown.
    if (!str_find(*ret_card, STR("MOEI1-"), &at))
        return fail(call->c, E_INVALID,
                    "the file " STR_FMT " holds no card: one begins with MOEI1-", STR_ARG(arg));
    *ret_card = (Str){ret_card->p + at, ret_card->n - at};
    return OK;
}

// Neither a card, nor a file that is here, nor the name of a peer.
static Err no_card(CliCall *call, Str arg, Err e) {
    if (e != E_NOT_FOUND || str_starts(arg, STR("MOEI1-")))
        return e;
    Str shown = {arg.p, arg.n < 80 ? arg.n : 80};
    return fail(call->c, E_NOT_FOUND,
                "\"" STR_FMT "\" is no card (one begins with MOEI1-), no file that is there, and "
                "not the name of a peer",
                STR_ARG(shown));
}

Err cli_peer_add(CliCall *call) {
    AUTO(Buf) json = {0};
    DeskPeerDraft draft = {.name = cli_option_str(call, "name"), .relay = cli_flag(call, "relay")};
    Str *institutions;
    TRY(card_of(call, call->args[1], &draft.card));
    TRY(cli_option_list(call, "institution", &institutions, &draft.institution_count));
    draft.institutions = institutions;
    if (cli_flag(call, "look")) {
        TRY(desk_card_look_json(call->c, &call->desk, draft.card, &json));
        return cli_answer_print(call, &json, look_print);
    }
    Err e = desk_peer_add(call->c, &call->desk, &draft, &json);
    if (e != OK)
        return no_card(call, str_trim(call->args[1]), e);
    TRY(cli_answer_print(call, &json, peer_print));
    if (!call->json)
        cli_print(call, "\nCompare the fingerprint by telephone or face to face before anything is "
                        "shared; the link\nworks when both sides have confirmed.\n");
    return OK;
}

Err cli_peer_revoke(CliCall *call) {
    AUTO(Buf) json = {0};
    TRY(desk_peer_revoke(call->c, &call->desk, call->args[1], cli_option_str(call, "reason"),
                         &json));
    TRY(cli_answer_print(call, &json, peer_print));
    if (!call->json)
        cli_print(call, "\nNothing more goes to it. What it received stays listed: `moei retract` "
                        "asks it to let go.\n");
    return OK;
}

Err cli_peer_resume(CliCall *call) {
    AUTO(Buf) json = {0};
    TRY(desk_peer_resume(call->c, &call->desk, call->args[1], &json));
    return cli_answer_print(call, &json, peer_print);
}

static Err peers_print(CliCall *call, const JsonValue *v) {
    static const char *const titles[] = {"Peer", "Agency", "Is", "State", "Last", "Waits", "Now"};
    static const bool right[COUNT_OF(titles)] = {[5] = true};
    const JsonValue *items = cli_json_list(v, "items");
    AUTO(CliTable) t = {0};
    if (items->count == 0) {
        cli_print(call, "There are no peers yet: `moei peer card` prints the card to hand over.\n");
        return OK;
    }
    cli_table_start(&t, titles, right, COUNT_OF(titles));
    for (uint32_t i = 0; i < items->count; i++) {
        const JsonValue *p = &items->items[i];
        Str is, last, agency = cli_json_str(p, "agency");
        TRY(str_format(call->c, &is, STR_FMT " of " STR_FMT, STR_ARG(cli_json_str(p, "kind")),
                       STR_ARG(cli_json_str(p, "country"))));
        TRY(cli_json_time(call, p, "last_at", &last));
        cli_table_cell(&t, cli_json_str(p, "name"));
        cli_table_cell(&t, (Str){agency.p, agency.n < 12 ? agency.n : 12});
        cli_table_cell(&t, is);
        cli_table_cell(&t, cli_json_true(p, "flagged") ? STR("FLAGGED") : cli_json_str(p, "state"));
        cli_table_cell(&t, last);
        cli_table_cell_i64(&t, cli_json_i64(cli_json_part(p, "lag"), "ours"));
        cli_table_cell(&t, cli_json_str(p, "words"));
    }
    return cli_table_print(call, &t);
}

Err cli_peer_list(CliCall *call) {
    AUTO(Buf) json = {0};
    TRY(desk_peer_list_json(call->c, &call->desk, &json));
    return cli_answer_print(call, &json, peers_print);
}

// --- flags --------------------------------------------------------------------------------------

static Err flag_print(CliCall *call, const JsonValue *v) {
    cli_field(call, "Flag", cli_json_str(v, "id"));
    cli_field(call, "Party", cli_json_str(v, "party"));
    cli_field(call, "Country", cli_json_str(v, "country"));
    cli_field(call, "Source", cli_json_str(v, "source"));
    cli_field(call, "Reason", cli_json_str(v, "reason"));
    cli_field(call, "State", cli_json_true(v, "active") ? STR("in force") : STR("taken back"));
    return OK;
}

static Err flags_print(CliCall *call, const JsonValue *v) {
    static const char *const titles[] = {"Party", "Country", "Source", "Since", "State"};
    static const bool right[COUNT_OF(titles)] = {false};
    const JsonValue *items = cli_json_list(v, "items");
    AUTO(CliTable) t = {0};
    if (items->count == 0) {
        cli_print(call, "No party is flagged.\n");
        return OK;
    }
    cli_table_start(&t, titles, right, COUNT_OF(titles));
    for (uint32_t i = 0; i < items->count; i++) {
        const JsonValue *p = &items->items[i];
        Str since;
        TRY(cli_json_time(call, p, "at", &since));
        cli_table_cell(&t, cli_json_str(p, "party"));
        cli_table_cell(&t, cli_json_str(p, "country"));
        cli_table_cell(&t, cli_json_str(p, "source"));
        cli_table_cell(&t, since);
        cli_table_cell(&t, cli_json_true(p, "active") ? STR("in force") : STR("taken back"));
    }
    return cli_table_print(call, &t);
}

Err cli_peer_flag(CliCall *call) {
    AUTO(Buf) json = {0};
    DeskPartyDraft draft = {.party = cli_option_str(call, "party"),
                            .country = cli_option_str(call, "country"),
                            .source = cli_option_str(call, "source"),
                            .reason = cli_option_str(call, "reason"),
                            .active = !cli_flag(call, "lift")};
    if (draft.party.n == 0) {
        TRY(desk_party_list_json(call->c, &call->desk, &json));
        return cli_answer_print(call, &json, flags_print);
    }
    TRY(desk_party_flag(call->c, &call->desk, &draft, &json));
    return cli_answer_print(call, &json, flag_print);
}

// --- accords ------------------------------------------------------------------------------------

static Err members_print(CliCall *call, const JsonValue *members) {
    static const char *const titles[] = {"Member", "Signed", "Left", "Mirrors", "Legal basis"};
    static const bool right[COUNT_OF(titles)] = {false};
    AUTO(CliTable) t = {0};
    cli_table_start(&t, titles, right, COUNT_OF(titles));
    for (uint32_t i = 0; i < members->count; i++) {
        const JsonValue *m = &members->items[i];
        Str is, left;
        TRY(cli_json_time(call, m, "signed_at", &is));
        TRY(cli_json_time(call, m, "left_at", &left));
        cli_table_cell(&t, cli_json_str(m, "name"));
        cli_table_cell(&t, is.n ? is : STR("not yet"));
        cli_table_cell(&t, left);
        cli_table_cell(&t, cli_json_true(m, "mirror") ? STR("yes") : STR(""));
        cli_table_cell(&t, cli_json_str(m, "law"));
    }
    return cli_table_print(call, &t);
}

static Err accord_print(CliCall *call, const JsonValue *v) {
    const JsonValue *mark = cli_json_part(v, "mark");
    Str text;
    cli_field(call, "Accord", cli_json_str(v, "name"));
    cli_field(call, "Id", cli_json_str(v, "id"));
    cli_field(call, "Title", cli_json_str(v, "title"));
    TRY(cli_field_list(call, "Kinds", v, "kinds"));
    TRY(cli_field_list(call, "Purposes", v, "purposes"));
    TRY(str_format(call->c, &text, "TLP:" STR_FMT ", PAP:" STR_FMT ", " STR_FMT,
                   STR_ARG(cli_json_str(mark, "tlp")), STR_ARG(cli_json_str(mark, "pap")),
                   STR_ARG(cli_json_str(mark, "handling"))));
    if (cli_json_i64(mark, "days") > 0)
        TRY(str_format(call->c, &text, STR_FMT ", for %lld days", STR_ARG(text),
                       (long long)cli_json_i64(mark, "days")));
    cli_field(call, "Marking", text);
    TRY(cli_field_when(call, "From", v, "begins_at"));
    TRY(cli_field_when(call, "Until", v, "ends_at"));
    cli_field(call, "Now", cli_json_str(v, "words"));
    cli_print(call, "\n");
    return members_print(call, cli_json_list(v, "members"));
}

// "mm-centre=ASEAN treaty, art. 5": the basis may be left out. By `;`, because words have commas.
static Err members_of(CliCall *call, DeskMemberDraft **ret_items, size_t *ret_n) {
    Str rest = cli_option_str(call, "members"), one, *mirrors;
    size_t n = 0, mirror_count;
    DeskMemberDraft *items;
    TRY(cli_option_list(call, "mirrors", &mirrors, &mirror_count));
    TRY(ctx_alloc(call->c, (ACCORD_MEMBERS_MAX + 1) * sizeof *items, &items));
    while (str_split(&rest, ';', &one)) {
        Str who = one, law = {0};
        size_t at;
        if (str_find(one, STR("="), &at)) {
            who = (Str){one.p, at};
            law = (Str){one.p + at + 1, one.n - at - 1};
            if (str_find(law, STR("="), &at))
                return fail(call->c, E_USAGE,
                            "--members: a second `=` behind " STR_FMT ": members go by `;`",
                            STR_ARG(str_trim(who)));
        }
        if (str_trim(who).n == 0)
            continue;
        if (n == ACCORD_MEMBERS_MAX)
            return fail(call->c, E_LIMIT, "an accord has at most %d members", ACCORD_MEMBERS_MAX);
        items[n] = (DeskMemberDraft){.agency = str_trim(who), .law = str_trim(law)};
        for (size_t i = 0; i < mirror_count; i++)
            items[n].mirror |= str_eq(mirrors[i], items[n].agency);
        n++;
    }
    for (size_t i = 0, k; i < mirror_count; i++) {
        for (k = 0; k < n && !str_eq(mirrors[i], items[k].agency); k++)
            ;
        if (k == n)
            return fail(call->c, E_USAGE,
                        "--mirrors: " STR_FMT " is not among the members: name it in --members, "
                        "also where it is this agency",
                        STR_ARG(mirrors[i]));
    }
    *ret_items = items;
    *ret_n = n;
    return OK;
}

Err cli_accord_new(CliCall *call) {
    AUTO(Buf) json = {0};
    DeskAccordDraft draft = {.name = call->args[1],
                             .title = cli_option_str(call, "title"),
                             .tlp = cli_option_str(call, "tlp"),
                             .pap = cli_option_str(call, "pap"),
                             .handling = cli_option_str(call, "handling"),
                             .begins_at = cli_option_str(call, "begins-at"),
                             .ends_at = cli_option_str(call, "ends-at")};
    DeskMemberDraft *members;
    Str *kinds, *purposes;
    TRY(members_of(call, &members, &draft.member_count));
    TRY(cli_option_list(call, "kinds", &kinds, &draft.kind_count));
    TRY(cli_option_list(call, "purposes", &purposes, &draft.purpose_count));
    TRY(cli_option_int(call, "days", 0, ACCORD_DAYS_MAX, 0, &draft.days));
    draft.members = members;
    draft.kinds = kinds;
    draft.purposes = purposes;
    TRY(desk_accord_new(call->c, &call->desk, &draft, &json));
    TRY(cli_answer_print(call, &json, accord_print));
    if (!call->json)
        cli_print(call,
                  "\nIt holds when every member has signed: `moei accord sign " STR_FMT " " STR_FMT
                  "` signs for us.\n",
                  STR_ARG(call->args[0]), STR_ARG(draft.name));
    return OK;
}

Err cli_accord_sign(CliCall *call) {
    AUTO(Buf) json = {0};
    TRY(desk_accord_sign(call->c, &call->desk, call->args[1], !cli_flag(call, "leave"),
                         cli_option_str(call, "note"), &json));
    return cli_answer_print(call, &json, accord_print);
}

Err cli_accord_show(CliCall *call) {
    AUTO(Buf) json = {0};
    TRY(desk_accord_json(call->c, &call->desk, call->args[1], &json));
    return cli_answer_print(call, &json, accord_print);
}

static Err accords_print(CliCall *call, const JsonValue *v) {
    static const char *const titles[] = {"Accord", "Members", "Kinds", "Now", "Title"};
    static const bool right[COUNT_OF(titles)] = {[1] = true};
    const JsonValue *items = cli_json_list(v, "items");
    AUTO(CliTable) t = {0};
    if (items->count == 0) {
        cli_print(call, "There are no accords: `moei accord new` proposes one.\n");
        return OK;
    }
    cli_table_start(&t, titles, right, COUNT_OF(titles));
    for (uint32_t i = 0; i < items->count; i++) {
        const JsonValue *a = &items->items[i];
        Str kinds;
        TRY(cli_json_texts(call->c, cli_json_list(a, "kinds"), &kinds));
        cli_table_cell(&t, cli_json_str(a, "name"));
        cli_table_cell_i64(&t, (int64_t)cli_json_list(a, "members")->count);
        cli_table_cell(&t, kinds);
        cli_table_cell(&t, cli_json_str(a, "words"));
        cli_table_cell(&t, cli_json_str(a, "title"));
    }
    return cli_table_print(call, &t);
}

Err cli_accord_list(CliCall *call) {
    AUTO(Buf) json = {0};
    TRY(desk_accord_list_json(call->c, &call->desk, &json));
    return cli_answer_print(call, &json, accords_print);
}
