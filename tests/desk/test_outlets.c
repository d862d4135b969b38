// The property of sight over every outlet of the desk: whatever a user asks for holds no word of a
// record that docs/sight.md hides from them, lists hold all that it shows, and what is hidden is
// refused in the words of what is not there. At each of several agencies, which share. A function
// of the desk that is not in the table fails.
#include "groups.h"
#include "outlets.h"

#include <zip.h>

#define VIEWERS 8
#define VIEWERS_ABROAD 4

typedef struct Probe {
    Sea *s;
    Ctx *c;
    const Desk *d;
    Buf *out;
} Probe;

// Asks for it and puts the answer into p->out. `id` is of the row's kind.
typedef Err (*Ask)(Probe *p, Str id);

// --- lists --------------------------------------------------------------------------------------

static const DeskPage whole = {.limit = LIST_PAGE_ITEMS_MAX};

#define LIST(function, List, ...)                                                                  \
    static Err function(Probe *p, Str id) {                                                        \
        (void)id;                                                                                  \
        List l;                                                                                    \
        TRY(desk_##function(p->c, p->d, __VA_ARGS__, &l));                                         \
        return desk_##function##_json(p->c, &l, p->out);                                           \
    }
LIST(report_list, DeskReportList, whole)
LIST(case_list, DeskCaseList, whole)
LIST(claim_list, DeskClaimList, (Str){0}, whole)
LIST(order_list, DeskOrderList, &(DeskOrderFilter){0}, whole)
LIST(grievance_list, DeskGrievanceList, false, whole)
LIST(reads_list, DeskReadList, whole)
#undef LIST

static Err record_list(Probe *p, Str id) {
    (void)id;
    DeskPage page = {.limit = 1 + rng_below(&p->s->rng, 200)};
    do {
        DeskRecordList l;
        TRY(desk_record_list(p->c, p->d, (Str){0}, page, &l));
        TRY(desk_record_list_json(p->c, &l, p->out));
        page.cursor = l.next;
    } while (page.cursor.n > 0);
    return OK;
}

static Err board(Probe *p, Str id) {
    (void)id;
    DeskOrderList l;
    TRY(desk_order_list(p->c, p->d, &(DeskOrderFilter){.board = true}, whole, &l));
    return desk_order_list_json(p->c, &l, p->out);
}

static Err contact_list(Probe *p, Str id) {
    (void)id;
    const DeskContact *items;
    size_t n;
    TRY(desk_contact_list(p->c, p->d, STR("TH"), STR("014"), &items, &n));
    return desk_contact_list_json(p->c, items, n, p->out);
}

static Err glass_list(Probe *p, Str id) {
    (void)id;
    const DeskGlass *items;
    size_t n;
    TRY(desk_glass_list(p->c, p->d, &items, &n));
    for (size_t i = 0; i < n; i++)
        TRY(desk_glass_json(p->c, &items[i], p->out));
    return OK;
}

static Err refund_list(Probe *p, Str id) {
    (void)id;
    return desk_refund_list_json(p->c, p->d, (Str){0}, whole, p->out);
}

static Err shift_list(Probe *p, Str id) {
    (void)id;
    return desk_shift_list_json(p->c, p->d, whole, p->out);
}

// Events from the first record on, resumed at any place.
static Err news(Probe *p, Str id) {
    (void)id;
    Str place;
    TRY(desk_cursor_seal(p->c, p->d, "news", (PictureKey){true, 0, 0}, &place));
    for (int i = 0; i < 1000; i++) {
        const DeskNews *items;
        size_t n;
        Str next;
        TRY(desk_news(p->c, p->d, place, 1 + rng_below(&p->s->rng, 90), &items, &n, &next));
        for (size_t k = 0; k < n; k++)
            buf_format(p->out, "\"id\":\"" STR_FMT "\"\n", STR_ARG(items[k].id));
        if (str_eq(next, place) || n == 0)
            return OK;
        place = next;
    }
    fail_msg("events do not end");
    return OK;
}

static Err front(Probe *p, Str id) {
    (void)id;
    return desk_front_json(p->c, p->d, p->out);
}

static Err shift_now(Probe *p, Str id) {
    (void)id;
    return desk_shift_json(p->c, p->d, p->out);
}

static Err accounts(Probe *p, Str id) {
    (void)id;
    TRY(desk_account_json(p->c, p->d, STR("TH/014/A0"), p->out));
    TRY(desk_account_json(p->c, p->d, STR("TH/014/A1"), p->out));
    return desk_account_json(p->c, p->d, STR("TH/014/A2"), p->out);
}

static Err conflicts(Probe *p, Str id) {
    (void)id;
    DeskConflictList l;
    TRY(desk_transfer_conflicts(p->c, p->d, whole, &l));
    return desk_conflict_list_json(p->c, &l, p->out);
}

static Err transfer_get(Probe *p, Str id) {
    (void)id;
    DeskTransferCard t;
    TRY(desk_transfer_get(p->c, p->d, STR("p1"), &t));
    return desk_transfer_json(p->c, &t, p->out);
}

static Err mappings(Probe *p, Str id) {
    (void)id;
    return desk_mapping_list_json(p->c, p->d, p->out);
}

static Err refusals(Probe *p, Str id) {
    (void)id;
    return desk_refusals_json(p->c, p->d, p->out);
}

// A word that is looked for is found only where it may be read; else the answer is that of a word
// that nowhere stands.
static Err search(Probe *p, Str id) {
    (void)id;
    AUTO(Buf) none = {0};
    TRY(desk_search_json(p->c, p->d, STR("zq999xw"), &none));
    for (size_t i = 0; i < p->s->count; i++) {
        const SeaRecord *r = &p->s->all[i];
        if (!r->word[0])
            continue;
        AUTO(Buf) one = {0};
        TRY(desk_search_json(p->c, p->d, str_of(r->word), &one));
        bool found = !str_eq(buf_view(&one), buf_view(&none));
        if (found && !sea_word_may(p->s, r, p->d))
            fail_msg("search finds %s %s", r->kind, r->word);
        if (!found && sea_may(p->s, r, p->d) &&
            (strcmp(r->kind, "report") == 0 || strcmp(r->kind, "case") == 0))
            fail_msg("search does not find %s %s", r->kind, r->word);
        buf_str(p->out, buf_view(&one));
    }
    return desk_search_json(p->c, p->d, STR("zq"), p->out);
}

// --- one by one ---------------------------------------------------------------------------------

#define ONE(function, Thing)                                                                       \
    static Err function(Probe *p, Str id) {                                                        \
        Thing one;                                                                                 \
        TRY(desk_##function(p->c, p->d, id, &one));                                                \
        return desk_##function##_out(p, &one);                                                     \
    }
#define OUT(function, Thing, json)                                                                 \
    static Err desk_##function##_out(Probe *p, const Thing *one) {                                 \
        return json(p->c, one, p->out);                                                            \
    }                                                                                              \
    ONE(function, Thing)
OUT(report_get, DeskReport, desk_report_json)
OUT(case_get, DeskCase, desk_case_json)
OUT(order_get, DeskOrder, desk_order_json)
OUT(report_match, DeskMatch, desk_match_json)

static Err record_get(Probe *p, Str id) {
    DeskRecord r;
    TRY(desk_record_get(p->c, p->d, id, &r));
    for (size_t i = 0; i < r.quoted_count; i++) {
        const SeaRecord *q = sea_find(p->s, r.quoted_by[i]);
        if (!q || !sea_may(p->s, q, p->d))
            fail_msg("a record is quoted by a hidden %s", q ? q->kind : "one");
    }
    return desk_record_json(p->c, &r, p->out);
}

static Err grievance_get(Probe *p, Str id) {
    DeskGrievance g;
    TRY(desk_grievance_get(p->c, p->d, id, &g));
    return desk_grievance_json(p->c, p->d, &g, p->out);
}

static Err report_flags(Probe *p, Str id) {
    const DeskFlag *items;
    size_t n;
    TRY(desk_report_flags(p->c, p->d, id, &items, &n));
    for (size_t i = 0; i < n; i++)
        buf_str(p->out, items[i].words);
    return OK;
}

static Err trace_json(Probe *p, const DeskTraceQuery *q) {
    DeskTrace t;
    TRY(desk_trace(p->c, p->d, q, &t));
    return desk_trace_json(p->c, &t, p->out);
}

static Err trace_case(Probe *p, Str id) {
    return trace_json(p, &(DeskTraceQuery){.case_id = id, .rule = TRACE_FIFO});
}

static Err trace_report(Probe *p, Str id) {
    return trace_json(p, &(DeskTraceQuery){.reports = &id, .report_count = 1, .rule = TRACE_FIFO});
}

static Err letter(Probe *p, Str id) {
    TRY(desk_order_letter(p->c, p->d, &id, 1, DESK_LETTER_HTML, p->out));
    return desk_order_letter(p->c, p->d, &id, 1, DESK_LETTER_CSV, p->out);
}

static Err refund_json(Probe *p, Str id) {
    return desk_refund_json(p->c, p->d, id, p->out);
}

static Err refund_export(Probe *p, Str id) {
    TRY(desk_refund_export(p->c, p->d, id, DESK_REFUND_HTML, p->out));
    return desk_refund_export(p->c, p->d, id, DESK_REFUND_CSV, p->out);
}

static Err refund_compare(Probe *p, Str id) {
    return desk_refund_compare(p->c, p->d, &(DeskRefundQuery){.case_id = id}, p->out);
}

static Err refunds_of_case(Probe *p, Str id) {
    return desk_refund_list_json(p->c, p->d, id, whole, p->out);
}

static Err shift_get(Probe *p, Str id) {
    return desk_shift_get_json(p->c, p->d, id, p->out);
}

static Err attachment_get(Probe *p, Str id) {
    DeskAttachment a;
    TRY(desk_attachment_get(p->c, p->d, id, &a, p->out));
    return desk_attachment_json(p->c, &a, p->out);
}

// All bytes of all files of the ZIP.
static Err case_export(Probe *p, Str id) {
    DeskCaseFile f = {.case_id = id};
    Str path = world_path(sea_world(p->s, p->s->at), "case.zip");
    TRY(desk_case_export(p->c, p->d, &f, path, (DeskProgress){0}));
    int code = 0;
    zip_t *z = zip_open(path.p, ZIP_RDONLY | ZIP_CHECKCONS, &code);
    assert_non_null(z);
    zip_int64_t n = zip_get_num_entries(z, 0);
    assert_true(n > 5);
    for (zip_int64_t i = 0; i < n; i++) {
        zip_stat_t stat;
        char *bytes;
        assert_int_equal(zip_stat_index(z, (zip_uint64_t)i, 0, &stat), 0);
        zip_file_t *in = zip_fopen_index(z, (zip_uint64_t)i, 0);
        TRY(ctx_alloc(p->c, (size_t)stat.size + 1, &bytes));
        assert_int_equal(zip_fread(in, bytes, stat.size), stat.size);
        zip_fclose(in);
        buf_format(p->out, "%s\n", stat.name);
        buf_append(p->out, bytes, (size_t)stat.size);
    }
    zip_close(z);
    return OK;
}

// --- what writes: asked only with what is hidden -----------------------------------------------

static Err report_pick(Probe *p, Str id) {
    return desk_report_pick(p->c, p->d, id, NULL, 0);
}

static Err report_standing(Probe *p, Str id) {
    return desk_report_standing(p->c, p->d, id, STR("claimed"), (Str){0}, (Str){0});
}

static Err first_hop(Probe *p, Str id) {
    DeskProposed made;
    return desk_order_propose(p->c, p->d, &(DeskPropose){.report = id, .rule = TRACE_FIFO}, &made);
}

static Err refund_account(Probe *p, Str id) {
    return desk_refund_account(p->c, p->d, id, STR("TH/004/00112233"), (Str){0});
}

static Err refund_account_second(Probe *p, Str id) {
    return desk_refund_account_second(p->c, p->d, id, id);
}

static Err case_add(Probe *p, Str id) {
    Str report = STR("none");
    return desk_case_add(p->c, p->d, id, &report, 1);
}

// A hidden report into a new case.
static Err case_add_report(Probe *p, Str id) {
    DeskCase k;
    TRY(desk_case_new(p->c, p->d, STR("Of the viewer"), &k));
    return desk_case_add(p->c, p->d, k.id, &id, 1);
}

static Err case_remove(Probe *p, Str id) {
    return desk_case_remove(p->c, p->d, id, STR("none"), STR("wrong"));
}

static Err case_close(Probe *p, Str id) {
    return desk_case_close(p->c, p->d, id, STR("done"));
}

static Err case_claimants(Probe *p, Str id) {
    Str pair[] = {STR("one"), STR("two")};
    return desk_case_claimants(p->c, p->d, id, pair, 2);
}

static Err propose(Probe *p, Str id) {
    DeskProposed made;
    return desk_order_propose(p->c, p->d, &(DeskPropose){.case_id = id, .rule = TRACE_FIFO}, &made);
}

static Err refund_plan(Probe *p, Str id) {
    Str plan;
    return desk_refund_plan(p->c, p->d, &(DeskRefundQuery){.case_id = id}, STR("by_trace"), &plan);
}

static Err export_decide(Probe *p, Str id) {
    Str record = STR("01900000-0000-7000-8000-000000000000"), made;
    return desk_export_decide(p->c, p->d, id, &record, 1, STR("court"), STR("asked"), &made);
}

static Err order_act(Probe *p, Str id) {
    DeskOrder o;
    return desk_order_act(p->c, p->d, id, &(DeskOrderActDraft){.act = STR("withdraw")}, &o);
}

static Err grievance_add(Probe *p, Str id) {
    DeskGrievance g;
    return desk_grievance_add(p->c, p->d, id, STR("mine"), (Str){0}, NULL, 0, &g);
}

static Err refund_sign(Probe *p, Str id) {
    return desk_refund_sign(p->c, p->d, id);
}

static Err refund_paid(Probe *p, Str id) {
    DeskPaidDraft draft = {STR("r"), STR("TH/014/A0"), STR("THB"), STR("1.00"), STR("x")};
    return desk_refund_paid(p->c, p->d, id, &draft);
}

static Err shift_sign(Probe *p, Str id) {
    return desk_shift_sign(p->c, p->d, id, (Str){0});
}

static Err erase(Probe *p, Str id) {
    DeskRecord r;
    return desk_erase(p->c, p->d, id, STR("asked"), &r);
}

static Err glass_ratify(Probe *p, Str id) {
    DeskGlass g;
    return desk_glass_ratify(p->c, p->d, id, true, (Str){0}, &g);
}

static Err attachment_put(Probe *p, Str id) {
    DeskAttachment a;
    RecordId about = money_id(id);
    return desk_attachment_put(p->c, p->d, STR("a"), STR("text/plain"), STR("b"), &about, 1, &a);
}

static Err standing_document(Probe *p, Str id) {
    for (size_t i = 0; i < p->s->count; i++) {
        const SeaRecord *r = &p->s->all[i];
        if (strcmp(r->kind, "report") == 0 && sea_may(p->s, r, p->d))
            return desk_report_standing(p->c, p->d, str_of(r->text), STR("bank"), id, (Str){0});
    }
    return desk_report_standing(p->c, p->d, STR("none"), STR("bank"), STR("none"), (Str){0});
}

static Err report_address(Probe *p, Str id) {
    Str address;
    return desk_report_address(p->c, p->d, id, &address);
}

// --- between agencies ---------------------------------------------------------------------------

#define JSON_OF(function)                                                                          \
    static Err function(Probe *p, Str id) {                                                        \
        (void)id;                                                                                  \
        return desk_##function(p->c, p->d, p->out);                                                \
    }
JSON_OF(card_json)
JSON_OF(card_qr_text)
JSON_OF(peer_list_json)
JSON_OF(exchange_json)
JSON_OF(party_list_json)
JSON_OF(accord_list_json)
#undef JSON_OF

static Err share_list(Probe *p, Str id) {
    (void)id;
    return desk_share_list_json(p->c, p->d, DESK_BOX_ALL, whole, p->out);
}

static Err notice_list(Probe *p, Str id) {
    (void)id;
    return desk_notice_list_json(p->c, p->d, DESK_BOX_ALL, whole, p->out);
}

static Err retraction_list(Probe *p, Str id) {
    (void)id;
    return desk_retraction_list_json(p->c, p->d, whole, p->out);
}

#define JSON_ONE(function)                                                                         \
    static Err function(Probe *p, Str id) {                                                        \
        return desk_##function(p->c, p->d, id, p->out);                                            \
    }
JSON_ONE(accord_json)
JSON_ONE(share_json)
JSON_ONE(notice_json)
JSON_ONE(sharing_json)
JSON_ONE(log_proof_json)
#undef JSON_ONE

static Err accord_sees(Probe *p, Str id) {
    return desk_accord_sees_json(p->c, p->d, id, STR("report"), p->out);
}

static Err accord_sign(Probe *p, Str id) {
    return desk_accord_sign(p->c, p->d, id, true, (Str){0}, p->out);
}

static Err share_preview(Probe *p, Str id) {
    DeskShareDraft draft = {.to = &id, .to_count = 1};
    return desk_share_preview_json(p->c, p->d, id, &draft, p->out);
}

static Err share(Probe *p, Str id) {
    DeskShareDraft draft = {.to = &id, .to_count = 1};
    return desk_share(p->c, p->d, id, &draft, p->out);
}

static Err retract(Probe *p, Str id) {
    DeskRetractDraft draft = {.reason = STR("asked")};
    return desk_retract(p->c, p->d, id, &draft, p->out);
}

static Err share_act(Probe *p, Str id) {
    DeskShareActDraft draft = {.act = STR("receive")};
    return desk_share_act(p->c, p->d, id, &draft, p->out);
}

static Err notice_act(Probe *p, Str id) {
    DeskNoticeActDraft draft = {.act = STR("receive")};
    return desk_notice_act(p->c, p->d, id, &draft, p->out);
}

// --- the table ----------------------------------------------------------------------------------

typedef struct Outlet {
    const char *name; // of the function, after "desk_"
    Ask ask;
    const char *of;    // kind that `id` names; NULL: none. "record": any, "attachment": by hash
    const char *lists; // kind of which it lists all that may be seen, by id; or NULL
    bool writes;
} Outlet;

static const Outlet outlets[] = {
    {"report_list", report_list, NULL, "report", false},
    {"case_list", case_list, NULL, "case", false},
    {"claim_list", claim_list, NULL, "claim", false},
    {"order_list", order_list, NULL, "order", false},
    {"order_list", board, NULL, NULL, false},
    {"grievance_list", grievance_list, NULL, "grievance", false},
    {"reads_list", reads_list, NULL, NULL, false},
    {"record_list", record_list, NULL, "record", false},
    {"contact_list", contact_list, NULL, NULL, false}, // the last of a desk counts
    {"glass_list", glass_list, NULL, "glass", false},
    {"refund_list_json", refund_list, NULL, "refund_plan", false},
    {"shift_list_json", shift_list, NULL, "shift", false},
    {"news", news, NULL, "record", false},
    {"front_json", front, NULL, NULL, false},
    {"shift_json", shift_now, NULL, NULL, false},
    {"account_json", accounts, NULL, NULL, false},
    {"transfer_conflicts", conflicts, NULL, NULL, false},
    {"transfer_get", transfer_get, NULL, NULL, false},
    {"mapping_list_json", mappings, NULL, NULL, false},
    {"refusals_json", refusals, NULL, NULL, false},
    {"search_json", search, NULL, NULL, false},
    {"report_get", report_get, "report", NULL, false},
    {"report_match", report_match, "report", NULL, false},
    {"report_flags", report_flags, "report", NULL, false},
    {"trace", trace_report, "report", NULL, false},
    {"trace", trace_case, "case", NULL, false},
    {"case_get", case_get, "case", NULL, false},
    {"refund_compare", refund_compare, "case", NULL, false},
    {"refund_list_json", refunds_of_case, "case", NULL, false},
    {"case_export", case_export, "case", NULL, false},
    {"order_get", order_get, "order", NULL, false},
    {"order_letter", letter, "order", NULL, false},
    {"grievance_get", grievance_get, "grievance", NULL, false},
    {"grievance_json", grievance_get, "grievance", NULL, false},
    {"refund_json", refund_json, "refund_plan", NULL, false},
    {"refund_export", refund_export, "refund_plan", NULL, false},
    {"shift_get_json", shift_get, "shift", NULL, false},
    {"attachment_get", attachment_get, "attachment", NULL, false},
    {"record_get", record_get, "record", NULL, false},
    {"report_address", report_address, "report", NULL, true}, // an address names nobody
    {"report_pick", report_pick, "report", NULL, true},
    {"report_standing", report_standing, "report", NULL, true},
    {"report_standing", standing_document, "attachment", NULL, true},
    {"order_propose", first_hop, "report", NULL, true},
    {"order_propose", propose, "case", NULL, true},
    {"refund_account", refund_account, "report", NULL, true},
    {"refund_account_second", refund_account_second, "report", NULL, true},
    {"case_add", case_add, "case", NULL, true},
    {"case_add", case_add_report, "report", NULL, true},
    {"case_remove", case_remove, "case", NULL, true},
    {"case_close", case_close, "case", NULL, true},
    {"case_claimants", case_claimants, "case", NULL, true},
    {"refund_plan", refund_plan, "case", NULL, true},
    {"export_decide", export_decide, "case", NULL, true},
    {"order_act", order_act, "order", NULL, true},
    {"grievance_add", grievance_add, "order", NULL, true},
    {"refund_sign", refund_sign, "refund_plan", NULL, true},
    {"refund_paid", refund_paid, "refund_plan", NULL, true},
    {"shift_sign", shift_sign, "shift", NULL, true},
    {"glass_ratify", glass_ratify, "glass", NULL, true},
    {"attachment_put", attachment_put, "order", NULL, true},
    {"erase", erase, "record", NULL, true},
    {"card_json", card_json, NULL, NULL, false},
    {"card_qr_text", card_qr_text, NULL, NULL, false},
    {"peer_list_json", peer_list_json, NULL, NULL, false}, // by agency, without ids of records
    {"exchange_json", exchange_json, NULL, NULL, false},
    {"party_list_json", party_list_json, NULL, "flag", false},
    {"accord_list_json", accord_list_json, NULL, "accord", false},
    {"share_list_json", share_list, NULL, "share", false},
    {"notice_list_json", notice_list, NULL, "notice", false},
    {"retraction_list_json", retraction_list, NULL, "retract", false},
    {"accord_json", accord_json, "accord", NULL, false},
    {"share_json", share_json, "share", NULL, false},
    {"notice_json", notice_json, "notice", NULL, false},
    {"sharing_json", sharing_json, "record", NULL, false},
    {"log_proof_json", log_proof_json, "record", NULL, false},
    {"accord_sees_json", accord_sees, "accord", NULL, true},
    {"accord_sign", accord_sign, "accord", NULL, true},
    {"share_preview_json", share_preview, "record", NULL, true},
    {"share", share, "record", NULL, true},
    {"retract", retract, "record", NULL, true},
    {"share_act", share_act, "share", NULL, true},
    {"notice_act", notice_act, "notice", NULL, true},
};

// Those that answer only what the caller gave them, or speak of users and of nothing recorded.
static const char *const no_outlets[] = {
    "report_add",
    "case_new",
    "import_transfers",
    "import_reports",
    "import_public_record",
    "import_preview",
    "import_preview_json",
    "transfer_pick",
    "token_add",
    "token_list",
    "token_revoke",
    "user_add",
    "user_set",
    "user_list",
    "password_change",
    "glass_break",
    "reads_note",
    "replay_begin",
    "replay_end",
    "need",
    "answers_import",
    "contact_put",
    "account_class",
    "shift_close",
    "case_new_under",
    "card_look_json",
    "peer_add",
    "peer_revoke",
    "peer_resume",
    "key_roll",
    "peer_quota",
    "links_json",
    "peer_json",
    "peer_find",
    "party_flag",
    "accord_new",
    "notice_new",
    "bundle_export",
    "bundle_import",
};

static bool in_table(Str name) {
    for (size_t i = 0; i < COUNT_OF(outlets); i++)
        if (str_eq_c(name, outlets[i].name))
            return true;
    for (size_t i = 0; i < COUNT_OF(no_outlets); i++)
        if (str_eq_c(name, no_outlets[i]))
            return true;
    return false;
}

static void test_every_function_is_in_the_table(void **state) {
    (void)state;
    static const char *const doors[] = {"src/desk/desk.h",        "src/desk/desk_access.h",
                                        "src/desk/desk_user.h",   "src/desk/desk_order.h",
                                        "src/desk/desk_refund.h", "src/desk/desk_share.h"};
    AUTO(Ctx) c;
    ctx_init(&c);
    size_t functions = 0;
    for (size_t i = 0; i < COUNT_OF(doors); i++) {
        Str rest, line;
        assert_ok(&c, file_read_all(&c, str_of(doors[i]), 1 << 20, &rest));
        while (str_split(&rest, '\n', &line)) {
            size_t at, end;
            if (!str_starts(line, STR("Err desk_")) || !str_find(line, STR("("), &end) ||
                !str_find(line, STR("(Ctx *c, const Desk *d"), &at))
                continue;
            functions++;
            if (!in_table((Str){line.p + 9, end - 9}))
                fail_msg("%s: desk_" STR_FMT " is in no row of tests/desk/test_outlets.c", doors[i],
                         (int)(end - 9), line.p + 9);
        }
    }
    assert_true(functions > 70);
}

// --- the check ----------------------------------------------------------------------------------

static bool is_of(const SeaRecord *r, const char *kind) {
    return strcmp(kind, "record") == 0 ? r->kind[0] != '(' && !r->reads
                                       : strcmp(r->kind, kind) == 0;
}

// The numbers of orders of two agencies may be alike, and a plan of another names those of its own.
static bool number_may(const Probe *p, const char *number) {
    for (size_t i = 0; i < p->s->count; i++) {
        const SeaRecord *r = &p->s->all[i];
        bool plan = r->author != p->s->at && strcmp(r->kind, "refund_plan") == 0;
        if ((plan || strcmp(r->number, number) == 0) && sea_word_may(p->s, r, p->d))
            return true;
    }
    return false;
}

static void no_hidden_word(const Probe *p, const Outlet *o) {
    size_t at;
    for (size_t i = 0; i < p->s->count; i++) {
        const SeaRecord *r = &p->s->all[i];
        if (sea_word_may(p->s, r, p->d))
            continue;
        if ((r->word[0] && str_find(buf_view(p->out), str_of(r->word), &at)) ||
            (r->number[0] && str_find(buf_view(p->out), str_of(r->number), &at) &&
             !number_may(p, r->number)))
            fail_msg("desk_%s of agency %zu shows %s %s of %zu to " STR_FMT "/" STR_FMT
                     " (clearance %d): %.160s",
                     o->name, p->s->at, r->kind, r->word, r->author, STR_ARG(p->d->role),
                     STR_ARG(p->d->purpose), p->d->clearance, p->out->p + (at > 80 ? at - 80 : 0));
    }
    // What never came here, or has gone.
    for (size_t i = 0; i < p->s->word_count; i++)
        if (!p->s->words[i].here && str_find(buf_view(p->out), str_of(p->s->words[i].word), &at))
            fail_msg("desk_%s of agency %zu shows %s of %zu, which is not here: %.160s", o->name,
                     p->s->at, p->s->words[i].word, p->s->words[i].author,
                     p->out->p + (at > 80 ? at - 80 : 0));
}

static void lists_all(const Probe *p, const Outlet *o) {
    for (size_t i = 0; i < p->s->count; i++) {
        const SeaRecord *r = &p->s->all[i];
        char id[64], record[64];
        size_t at;
        snprintf(id, sizeof id, "\"id\":\"%s\"", r->text);
        snprintf(record, sizeof record, "\"record\":\"%s\"", r->text);
        bool there = str_find(buf_view(p->out), str_of(id), &at) ||
                     str_find(buf_view(p->out), str_of(record), &at);
        // What was taken back lists what we took back: of others, nobody acknowledges to us.
        bool ours = strcmp(o->lists, "retract") != 0 || r->author == p->s->at;
        if (ours && is_of(r, o->lists) && there != sea_may(p->s, r, p->d))
            fail_msg("desk_%s of agency %zu %s %s %s of %zu for " STR_FMT "/" STR_FMT
                     " (clearance %d, acts %llx)",
                     o->name, p->s->at, there ? "shows" : "hides", r->kind, r->text, r->author,
                     STR_ARG(p->d->role), STR_ARG(p->d->purpose), p->d->clearance,
                     (unsigned long long)p->d->acts);
    }
}

// Both answers, with the names in them made equal.
static void same_as_absent(Probe *p, const Outlet *o, const SeaRecord *r, Str id, Err e) {
    char words[BASE_ERROR_TEXT_BYTES_MAX], none[80];
    snprintf(words, sizeof words, "%s", p->c->error);
    if (strcmp(o->of, "attachment") == 0)
        memset(none, 'e', 64), none[64] = 0;
    else
        record_id_text(record_id_new(p->s->m.w.now, p->s->m.w.env.random), none);
    Err other = o->ask(p, str_of(none));
    for (char *at; (at = strstr(p->c->error, none));)
        memcpy(at, id.p, id.n);
    if (e == OK || e != other || strcmp(words, p->c->error) != 0)
        fail_msg("desk_%s tells a hidden %s from none: %d \"%s\", %d \"%s\"", o->name, r->kind, e,
                 words, other, p->c->error);
}

static void check_one(Probe *p, const Outlet *o, size_t *ret_hidden, size_t *ret_seen) {
    for (size_t i = 0; i < p->s->count; i++) {
        const SeaRecord *r = &p->s->all[i];
        bool may = sea_may(p->s, r, p->d);
        if (!is_of(r, o->of) || (may && o->writes) ||
            (strcmp(o->of, "refund_plan") != 0 && rng_below(&p->s->rng, may ? 2 : 3)) ||
            (strcmp(o->of, "record") == 0 && rng_below(&p->s->rng, 5)))
            continue;
        AUTO(Ctx) c;
        AUTO(Buf) out = {0};
        ctx_init(&c);
        Probe one = {p->s, &c, p->d, &out};
        Str id = str_of(r->sha256[0] && strcmp(o->of, "attachment") == 0 ? r->sha256 : r->text);
        Err e = o->ask(&one, id);
        if (e == E_DENIED && !may) {
            *ret_hidden += 1;
            same_as_absent(&one, o, r, id, e);
            continue;
        }
        if (may && e == E_NOT_FOUND)
            fail_msg("desk_%s of agency %zu hides %s %s of %zu: %s", o->name, p->s->at, r->kind,
                     r->word, r->author, c.error);
        no_hidden_word(&one, o);
        *(may ? ret_seen : ret_hidden) += 1;
        if (!may)
            same_as_absent(&one, o, r, id, e);
    }
}

static void check_outlet(Sea *s, const Desk *d, const Outlet *o, size_t *ret_hidden,
                         size_t *ret_seen) {
    AUTO(Ctx) c;
    AUTO(Buf) out = {0};
    ctx_init(&c);
    Probe p = {s, &c, d, &out};
    if (o->of) {
        check_one(&p, o, ret_hidden, ret_seen);
        return;
    }
    Err e = o->ask(&p, (Str){0});
    if (e != OK && e != E_DENIED)
        fail_msg("desk_%s: %s", o->name, c.error);
    no_hidden_word(&p, o);
    if (e == OK && o->lists)
        lists_all(&p, o);
    *ret_seen += e == OK;
}

typedef struct Counted {
    size_t hidden[COUNT_OF(outlets)], seen[COUNT_OF(outlets)];
} Counted;

// Every outlet of one node, for seeded users.
static void check_node(Sea *s, size_t node, int viewers, Counted *counted) {
    s->at = node;
    sea_read(s);
    for (int i = 0; i < viewers; i++) {
        Desk d = sea_viewer(s);
        // The first sees nearly all, the second nearly nothing; both may ask for anything.
        if (i < 2) {
            d.acts = ((uint64_t)1 << DESK_ACT_COUNT) - 1;
            d.purpose = STR("investigation");
            d.clearance = i == 0 ? RECORD_TLP_RED : RECORD_TLP_CLEAR;
        }
        for (size_t o = 0; o < COUNT_OF(outlets); o++) {
            if (outlets[o].lists || outlets[o].ask == record_get) // reading is written down too
                sea_read(s);
            check_outlet(s, &d, &outlets[o], &counted->hidden[o], &counted->seen[o]);
        }
    }
}

static size_t foreign(const Sea *s) {
    size_t n = 0;
    for (size_t i = 0; i < s->count; i++)
        n += s->all[i].author != s->at && s->all[i].word[0];
    return n;
}

static void test_every_outlet(void **state) {
    (void)state;
    static Sea s;
    Counted counted = {0};
    sea_open(&s, test_seed());
    print_message("%zu agencies, %zu openings carried\n", s.nodes, s.sent_count);
    for (size_t node = 0; node < s.nodes; node++) {
        check_node(&s, node, node == 0 ? VIEWERS : VIEWERS_ABROAD, &counted);
        print_message("agency %zu: %zu records, %zu with words of others\n", node, s.count,
                      foreign(&s));
        assert_true(foreign(&s) > 10);
    }
    // Else the test could not fail.
    for (size_t o = 0; o < COUNT_OF(outlets); o++) {
        if (outlets[o].of && counted.hidden[o] == 0)
            fail_msg("desk_%s was never asked for anything hidden", outlets[o].name);
        if (!outlets[o].writes && counted.seen[o] == 0)
            fail_msg("desk_%s never showed anything", outlets[o].name);
    }
    sea_done(&s);
}

int run_desk_outlet_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_function_is_in_the_table),
        cmocka_unit_test(test_every_outlet),
    };
    return cmocka_run_group_tests_name("desk: outlets", tests, NULL, NULL);
}
