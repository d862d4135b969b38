// Law rows, requests, refusals and answers by spreadsheet, through the door of the desk.
#include "office.h"

#define HOUR OFFICE_HOUR

static int64_t at(const char *text) {
    int64_t us;
    assert_true(time_parse(str_of(text), &us));
    return us;
}

// One report of a bank's victim; the first hop's draft.
static DeskOrder one(Office *o, const char *id, const char *loss, const char *currency,
                     const char *account) {
    DeskReportDraft draft = {.id = str_of(id),
                             .loss = str_of(loss),
                             .currency = str_of(currency),
                             .accounts = str_of(account)};
    DeskReport r;
    office_say(&o->w, desk_report_add(&o->w.c, &o->w.desk, &draft, &r), OK, account);
    DeskProposed made = office_first_hop(o, id);
    if (made.created_count != 1)
        fail_msg("%s: left out: " STR_FMT, account,
                 STR_ARG(made.left_out_count ? made.left_out[0].words : STR("nothing")));
    return made.created[0];
}

static bool error_has(Office *o, const char *text) {
    size_t place;
    bool has = str_find(str_of(o->w.c.error), str_of(text), &place);
    if (!has)
        print_message("the words are: %s\n", o->w.c.error);
    return has;
}

// --- several rows -------------------------------------------------------------------------------

// Two rows serve a bank in 2024: the officer must choose, and the draft is written anew under it.
static void test_choice(void **state) {
    (void)state;
    Office o;
    office_open_at(&o, "TH", "bank", at("2024-03-01T03:00:00Z"));
    World *w = &o.w;
    DeskOrder x = one(&o, "R-1", "1000.00", "THB", "TH/014/2000000001");
    assert_true(!x.request && x.law_id.n == 0 && x.law_count == 2);
    office_say(w, office_act(&o, &w->desk, x.id, ACT("issue"), NULL), E_INVALID, "no row chosen");
    assert_true(error_has(&o, "TH-hold-1") && error_has(&o, "TH-hold-2"));
    DeskOrderActDraft t = ACT("issue");
    t.law = STR("TH-hold-3"); // of 2025
    office_say(w, office_act(&o, &w->desk, x.id, t, NULL), E_INVALID, "a row of another time");
    // Confirmed by a bank it holds for the whole term of the row; the moment is the record's own.
    assert_ok(&w->c, desk_report_standing(&w->c, &w->desk, STR("R-1"), STR("bank"), o.document,
                                          STR("its fraud desk")));
    t.law = STR("TH-hold-2");
    DeskOrder y = office_must(&o, x.id, t);
    assert_true(office_is(&y, ORDER_ISSUED) && str_eq_c(y.number, "O-2024-000002"));
    assert_true(str_eq_c(y.law_id, "TH-hold-2") && str_eq_c(y.report, "R-1"));
    assert_int_equal(y.view.ends_at - y.view.issued_at, 168 * HOUR);
    assert_int_equal(y.events[y.event_count - 1].at, y.view.issued_at);
    x = office_get(&o, x.id);
    assert_true(office_is(&x, ORDER_WITHDRAWN) && !x.now.not_confirmed);
    // Only claimed, it holds for the shortest term that any row knows.
    x = one(&o, "R-2", "1000.00", "THB", "TH/014/2000000002");
    y = office_must(&o, x.id, t);
    assert_int_equal(y.view.ends_at - y.view.issued_at, 72 * HOUR);
    // An earlier end may be stated, a later one not.
    x = one(&o, "R-3", "1000.00", "THB", "TH/014/2000000003");
    t.ends_at = STR("2024-03-20T10:00:00+07:00");
    office_say(w, office_act(&o, &w->desk, x.id, t, NULL), E_INVALID, "later than the law");
    t.ends_at = STR("2024-03-02T10:00:00+07:00");
    y = office_must(&o, x.id, t);
    assert_int_equal(y.view.ends_at, at("2024-03-02T03:00:00Z"));
    office_done(&o);
}

// A row that ended between the draft and the issue serves no more.
static void test_row_ends(void **state) {
    (void)state;
    Office o;
    office_open_at(&o, "TH", "fiu", at("2025-04-12T16:00:00Z"));
    World *w = &o.w;
    DeskOrder x = one(&o, "R-1", "1000.00", "THB", "TH/014/2000000001");
    assert_true(str_eq_c(x.law_id, "TH-hold-2"));
    w->now = at("2025-04-12T17:00:00Z"); // midnight in Bangkok
    office_say(w, office_act(&o, &w->desk, x.id, ACT("issue"), NULL), E_STATE, "the row is over");
    assert_true(error_has(&o, "no law row"));
    office_done(&o);
}

// A row of standing none serves with an end that the officer states, and says what it is.
static void test_no_law(void **state) {
    (void)state;
    Office o;
    office_open_at(&o, "KH", "police", 0);
    World *w = &o.w;
    DeskOrder x = one(&o, "R-1", "4000000", "KHR", "KH/ABAAKHPP/400000001");
    assert_true(!x.request && str_eq_c(x.law_id, "KH-hold-0"));
    assert_true(str_eq_c(x.law_standing, "none"));
    office_say(w, office_act(&o, &w->desk, x.id, ACT("issue"), NULL), E_INVALID, "no end stated");
    DeskOrderActDraft t = ACT("issue");
    t.ends_at = STR("2025-12-31T10:00:00+07:00");
    assert_int_not_equal(office_act(&o, &w->desk, x.id, t, NULL), OK); // it is over already
    t.ends_at = STR("2026-01-05T10:00:00+07:00");
    x = office_must(&o, x.id, t);
    assert_int_equal(x.view.ends_at, at("2026-01-05T03:00:00Z"));
    t = ACT("answer");
    t.outcome = STR("executed");
    t.document = o.document;
    (void)office_must(&o, x.id, t);
    // It is extended by us, to an end that we state.
    office_say(w, office_act(&o, &w->desk, x.id, ACT("extend"), NULL), E_INVALID, "no new end");
    t = ACT("extend");
    t.ends_at = STR("2026-01-08T10:00:00+07:00");
    x = office_must(&o, x.id, t);
    assert_true(x.view.waits_receipt && x.view.ends_at == at("2026-01-05T03:00:00Z"));
    t = ACT("receive");
    t.document = o.document;
    x = office_must(&o, x.id, t);
    assert_int_equal(x.view.ends_at, at("2026-01-08T03:00:00Z"));
    office_done(&o);
}

// Up to the limit of its row an order; from it on nobody here may order, only ask.
static void test_amount_limit(void **state) {
    (void)state;
    Office o;
    office_open_at(&o, "IN", "police", at("2026-02-02T04:00:00Z"));
    // No table names the bank: nobody knows whom the order would reach, until a contact is told.
    DeskReportDraft nowhere = {.id = STR("R-0"),
                               .loss = STR("1.00"),
                               .currency = STR("INR"),
                               .accounts = STR("IN/HDFC/500000000")};
    DeskReport r;
    assert_ok(&o.w.c, desk_report_add(&o.w.c, &o.w.desk, &nowhere, &r));
    DeskProposed made = office_first_hop(&o, "R-0");
    assert_true(made.created_count == 0 && str_eq_c(made.left_out[0].why, "no_bank"));
    DeskContact contact = {.country = STR("IN"),
                           .institution = STR("HDFC"),
                           .desk = STR("Desk"),
                           .phone = STR("+91 22 1")};
    assert_ok(&o.w.c, desk_contact_put(&o.w.c, &o.w.desk, &contact, &contact));
    DeskOrder x = one(&o, "R-1", "49999.99", "INR", "IN/HDFC/500000001");
    assert_true(!x.request && str_eq_c(x.law_id, "IN-hold-1"));
    x = one(&o, "R-2", "50000.00", "INR", "IN/HDFC/500000002");
    assert_true(x.request && x.law_id.n == 0);
    x = one(&o, "R-3", "100.00", "USD", "IN/HDFC/500000003");
    assert_true(x.request); // a limit in rupees says nothing about dollars
    office_done(&o);
}

// --- requests -----------------------------------------------------------------------------------

static void test_request(void **state) {
    (void)state;
    Office o;
    office_open(&o);
    World *w = &o.w;
    DeskOrder a = one(&o, "R-1", "1000.00", "CNY", "CN/102/60000001");
    assert_true(a.request && str_eq_c(a.addressee_kind, "fiu") &&
                str_eq_c(a.addressee_country, "CN") && a.law_id.n == 0);
    office_say(w, office_act(&o, &w->desk, a.id, ACT("issue"), NULL), E_INVALID, "asks no end");
    DeskOrderActDraft t = ACT("issue");
    t.ends_at = STR("2026-01-20T12:00:00+07:00");
    t.law = STR("CN-hold-1");
    office_say(w, office_act(&o, &w->desk, a.id, t, NULL), E_INVALID, "the law of another");
    t.law = (Str){0};
    a = office_must(&o, a.id, t);
    assert_true(office_is(&a, ORDER_ISSUED) && !a.view.has_ends_at && !a.now.alive);
    assert_true(a.has_asks_end && a.asks_end == at("2026-01-20T05:00:00Z"));
    // It has no clock: the end that it asks for passes, and it only goes on waiting.
    w->now = at("2026-02-20T05:00:00Z");
    a = office_get(&o, a.id);
    assert_true(office_is(&a, ORDER_ISSUED) && a.now.unanswered);
    DeskOrderCounts counts;
    assert_ok(&w->c, desk_order_counts(&w->c, w->node, &counts));
    assert_true(counts.alive == 0 && counts.unanswered == 1 && counts.overdue == 0);
    t = ACT("extend");
    office_say(w, office_act(&o, &w->desk, a.id, t, NULL), E_STATE, "extend a request");
    office_say(w, office_act(&o, &w->desk, a.id, ACT("adopt"), NULL), E_INVALID, "no document");
    t = ACT("adopt");
    t.document = o.document;
    a = office_must(&o, a.id, t);
    assert_true(office_is(&a, ORDER_ADOPTED));
    const DeskOrderEvent *e = &a.events[a.event_count - 1];
    assert_true(str_eq_c(e->on_behalf_of, "CN/fiu") && str_eq(e->document, o.document));
    office_say(w, office_act(&o, &w->desk, a.id, t, NULL), E_STATE, "adopted is final");
    // Refused, with a code; known centres are asked rather than the FIU.
    DeskContact contact = {.country = STR("CN"),
                           .institution = STR("centre"),
                           .desk = STR("Desk"),
                           .phone = STR("+86 10 1")};
    assert_ok(&w->c, desk_contact_put(&w->c, &w->desk, &contact, &contact));
    DeskOrder b = one(&o, "R-2", "1000.00", "CNY", "CN/102/60000002");
    assert_true(str_eq_c(b.addressee_kind, "centre"));
    t = ACT("issue");
    t.ends_at = STR("2026-03-20T12:00:00+07:00");
    (void)office_must(&o, b.id, t);
    t = ACT("answer");
    t.outcome = STR("refused");
    t.code = STR("not_competent");
    t.document = o.document;
    b = office_must(&o, b.id, t);
    assert_true(office_is(&b, ORDER_REFUSED) && !b.now.not_confirmed);
    office_done(&o);
}

// --- answers ------------------------------------------------------------------------------------

// Each code of the table: what it fits is taken, what it does not fit is refused with words.
static void test_codes(void **state) {
    (void)state;
    Office o;
    office_open(&o);
    World *w = &o.w;
    size_t n;
    const FormatRefusal *codes = format_refusals(desk_tables(w->node), &n);
    assert_true(n >= 10);
    for (size_t i = 0; i < n; i++) {
        char id[32], account[48];
        snprintf(id, sizeof id, "R-%zu", i);
        snprintf(account, sizeof account, "TH/014/30000000%02zu", i);
        DeskOrder x = one(&o, id, "1000.00", "THB", account);
        (void)office_must(&o, x.id, ACT("issue"));
        DeskOrderActDraft t = ACT("answer");
        t.code = codes[i].code;
        t.document = o.document;
        if (str_eq_c(codes[i].code, "moved_to"))
            t.to = STR("TH/002/9990000000");
        t.amount = codes[i].partly ? (Str){0} : STR("1.00");
        t.outcome = codes[i].partly ? STR("refused") : STR("partly");
        office_say(w, office_act(&o, &w->desk, x.id, t, NULL), E_INVALID, "the other outcome");
        t.amount = codes[i].partly ? STR("1.00") : (Str){0};
        t.outcome = codes[i].partly ? STR("partly") : STR("refused");
        x = office_must(&o, x.id, t);
        assert_true(office_is(&x, codes[i].partly ? ORDER_PARTLY : ORDER_REFUSED));
        assert_true(str_eq(x.events[x.event_count - 1].code, codes[i].code));
    }
    office_done(&o);
}

// The table as a spreadsheet: as it came it holds no answer, filled in it does.
static void test_sheet(void **state) {
    (void)state;
    Office o;
    office_open(&o);
    World *w = &o.w;
    Str ids[2];
    for (int i = 0; i < 2; i++) {
        DeskOrder x = one(&o, i ? "R-2" : "R-1", "1000.00", "THB",
                          i ? "TH/014/2000000002" : "TH/014/2000000001");
        (void)office_must(&o, x.id, ACT("issue"));
        assert_ok(&w->c, str_copy(&w->c, x.id, &ids[i]));
    }
    AUTO(Buf) sheet = {0};
    DeskAnswers answers;
    Str path = world_path(w, "orders.xlsx");
    assert_ok(&w->c, desk_order_letter(&w->c, &w->desk, ids, 2, DESK_LETTER_XLSX, &sheet));
    assert_ok(&w->c, file_replace(&w->c, path, buf_view(&sheet)));
    assert_ok(&w->c, desk_answers_import(&w->c, &w->desk, path, false, &answers));
    assert_true(answers.good == 0 && answers.bad_row_count == 0);
    static const char *const names[] = {"order", "answer", "held", "code", "happened_at"};
    static const char *const rows[][5] = {
        {"O-2026-000001", "executed", "", "", "2026-01-01T14:00:30+07:00"},
        {"O-2026-000002", "partly", "12.50", "insufficient", ""},
        {"O-2026-000003", "executed", "", "", ""}};
    FormatSheetColumn columns[COUNT_OF(names)] = {0};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        columns[i].name = str_of(names[i]);
    FormatSheetOptions options = {.columns = columns, .column_count = COUNT_OF(names)};
    AUTO(FormatSheetPtr) out = NULL;
    assert_ok(&w->c, format_sheet_open(&w->c, &options, &out));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        FormatSheetCell cells[COUNT_OF(names)] = {0};
        for (size_t k = 0; k < COUNT_OF(names); k++)
            cells[k].text = str_of(rows[i][k]);
        assert_ok(&w->c, format_sheet_row(&w->c, out, cells));
    }
    buf_clear(&sheet);
    assert_ok(&w->c, format_sheet_end(&w->c, out, &sheet));
    path = world_path(w, "answers.xlsx");
    assert_ok(&w->c, file_replace(&w->c, path, buf_view(&sheet)));
    w->now += HOUR;
    assert_ok(&w->c, desk_answers_import(&w->c, &w->desk, path, false, &answers));
    assert_true(answers.rows == 3 && answers.good == 2 && answers.bad_row_count == 1);
    DeskOrder x = office_get(&o, ids[0]);
    assert_true(office_is(&x, ORDER_EXECUTED) && x.view.held == 100000);
    assert_int_equal(x.view.executed_at, at("2026-01-01T07:00:30Z"));
    x = office_get(&o, ids[1]);
    assert_true(office_is(&x, ORDER_PARTLY) && x.view.held == 1250);
    DeskAttachment kept;
    AUTO(Buf) bytes = {0};
    assert_ok(&w->c, desk_attachment_get(&w->c, &w->desk, str_of(answers.sha256), &kept, &bytes));
    assert_true(str_eq(buf_view(&bytes), buf_view(&sheet)));
    office_done(&o);
}

// --- who extends --------------------------------------------------------------------------------

static void test_extend(void **state) {
    (void)state;
    Office o;
    office_open(&o);
    World *w = &o.w;
    DeskOrder x = one(&o, "R-1", "1000.00", "THB", "TH/014/2000000001");
    (void)office_must(&o, x.id, ACT("issue"));
    (void)office_must(&o, x.id, ACT("complaint"));
    DeskOrderActDraft t = ACT("answer");
    t.outcome = STR("executed");
    t.document = o.document;
    (void)office_must(&o, x.id, t);
    t = ACT("extend");
    t.on_behalf_of = STR("bank");
    t.document = o.document;
    office_say(w, office_act(&o, &w->desk, x.id, t, NULL), E_DENIED, "extend for the bank");
    t.on_behalf_of = STR("police");
    t.document = (Str){0};
    office_say(w, office_act(&o, &w->desk, x.id, t, NULL), E_INVALID, "extend without a document");
    t.document = o.document;
    t.ends_at = STR("2026-03-01T10:00:00+07:00");
    office_say(w, office_act(&o, &w->desk, x.id, t, NULL), E_INVALID, "longer than the law");
    t.ends_at = (Str){0};
    x = office_must(&o, x.id, t);
    const DeskOrderEvent *e = &x.events[x.event_count - 1];
    assert_true(str_eq_c(e->on_behalf_of, "police") && x.view.waits_receipt);
    assert_int_equal(e->ends_at - x.view.complaint_at, 168 * HOUR);
    office_done(&o);
}

// --- what a trace may hold ----------------------------------------------------------------------

static const char shared_transfers[] = TRANSFER_HEADER
    "v1,2026-01-01T10:00:00+07:00,TH,004,1000000001,TH,014,2000000001,1000.00,THB,,,,1000.00,,,\n"
    "v2,2026-01-01T10:01:00+07:00,TH,004,1000000002,TH,014,2000000001,700.00,THB,,,,1700.00,,,\n";

static void test_contested(void **state) {
    (void)state;
    Office o;
    office_open(&o);
    World *w = &o.w;
    world_transfers(w, "t.csv", shared_transfers);
    world_reports(w, "r.csv",
                  REPORT_HEADER "A,2026-01-01T12:00:00+07:00,,TH,bank,1000.00,THB,v1,,,,\n"
                                "B,2026-01-01T12:01:00+07:00,,TH,bank,1000.00,THB,v1,,,,\n"
                                "C,2026-01-01T12:02:00+07:00,,TH,bank,700.00,THB,v2,,,,\n");
    Str case_id = office_case(&o, "A"), more[] = {STR("B"), STR("C")};
    assert_ok(&w->c, desk_case_add(&w->c, &w->desk, case_id, more, 2));
    DeskPropose poison = {.case_id = case_id, .rule = TRACE_POISON};
    DeskProposed made;
    office_say(w, desk_order_propose(&w->c, &w->desk, &poison, &made), E_INVALID, "poison");
    assert_true(error_has(&o, "never hold"));
    // What two claim waits; what only one claims does not.
    made = office_propose(&o, case_id);
    assert_int_equal(made.created_count, 1);
    assert_int_equal(made.created[0].view.asked, 70000);
    assert_true(made.left_out_count == 1 && str_eq_c(made.left_out[0].why, "contested"));
    assert_int_equal(made.left_out[0].amount, 100000);
    (void)office_must(&o, made.created[0].id, ACT("withdraw"));
    // One person told two agencies: nobody contests anything.
    Str both[] = {STR("A"), STR("B")};
    assert_ok(&w->c, desk_case_claimants(&w->c, &w->desk, case_id, both, 2));
    made = office_propose(&o, case_id);
    assert_true(made.created_count == 1 && made.left_out_count == 0);
    assert_int_equal(made.created[0].view.asked, 170000);
    office_done(&o);
}

// The bank holds more than the trace finds: the traced order takes what it asks for, and what is
// beyond goes back, above the threshold by two officers.
static void excess(Office *o, const char *amount, const char *moved, int64_t stays, bool two) {
    World *w = &o->w;
    AUTO(Buf) t = {0}, r = {0};
    buf_format(&t,
               TRANSFER_HEADER "v1,2026-01-01T10:00:00+07:00,TH,004,1000000001,TH,014,2000000001,"
                               "%s,THB,,,,%s,,,\n"
                               "m1,2026-01-01T10:05:00+07:00,TH,014,2000000001,TH,006,3000000001,"
                               "%s,THB,,,,,,,\n",
               amount, amount, moved);
    buf_format(&r,
               REPORT_HEADER "R-1,2026-01-01T12:00:00+07:00,,TH,bank,%s,THB,v1,"
                             "TH/014/2000000001,,,\n",
               amount);
    buf_char(&t, 0);
    buf_char(&r, 0);
    world_transfers(w, "t.csv", t.p);
    world_reports(w, "r.csv", r.p);
    Str first = office_first_hop(o, "R-1").created[0].id;
    (void)office_must(o, first, ACT("issue"));
    DeskOrderActDraft a = ACT("answer");
    a.outcome = STR("executed");
    a.balance = str_of(amount);
    a.document = o->document;
    DeskOrder x = office_must(o, first, a);
    int64_t held = x.view.held;
    DeskProposed made = office_propose(o, office_case(o, "R-1"));
    const DeskOrder *mule = NULL;
    for (size_t i = 0; i < made.created_count; i++) {
        if (made.created[i].replaces.n > 0)
            mule = &made.created[i];
    }
    assert_non_null(mule);
    assert_int_equal(mule->view.asked, stays);
    x = office_must(o, mule->id, ACT("issue"));
    assert_true(x.view.waits_second == two);
    if (two) {
        DeskOrder old = office_get(o, first);
        assert_true(old.now.alive && old.view.held == held && office_is(&x, ORDER_DRAFT));
        assert_ok(&w->c, office_act(o, &o->second, mule->id, ACT("second"), &x));
    }
    assert_true(office_is(&x, ORDER_EXECUTED));
    assert_int_equal(x.view.held, stays);
    DeskOrder old = office_get(o, first);
    assert_true(office_is(&old, ORDER_RELEASED) && old.now.not_confirmed);
    a = ACT("undone");
    a.document = o->document;
    old = office_must(o, first, a);
    assert_true(!old.now.not_confirmed && old.view.held == 0);
    x = office_get(o, mule->id);
    assert_int_equal(x.view.held, stays);
}

static void test_excess(void **state) {
    (void)state;
    Office o;
    office_open(&o);
    excess(&o, "1000.00", "600.00", 40000, false);
    office_done(&o);
    office_open(&o);
    excess(&o, "300000.00", "200000.01", 9999999, true);
    office_done(&o);
}

// --- addresses for people outside ---------------------------------------------------------------

static void test_public_url(void **state) {
    (void)state;
    Office o;
    office_open(&o);
    World *w = &o.w;
    static const char *const bad[] = {"",
                                      "help.example.org",
                                      "http://help.example.org",
                                      "http://127.0.0.1.example.org",
                                      "http://127.0.0.1@example.org",
                                      "https://",
                                      "https:///x",
                                      "https://user@host",
                                      "https://host?x",
                                      "https://host#x",
                                      "https://ho st",
                                      "javascript:alert(1)",
                                      "https://host\"><script>"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        office_say(w, desk_public_url_set(&w->c, w->node, str_of(bad[i])), E_INVALID, bad[i]);
    DeskOrder x = one(&o, "R-1", "1000.00", "THB", "TH/014/2000000001");
    (void)office_must(&o, x.id, ACT("issue"));
    Str address, url;
    assert_ok(&w->c, desk_report_address(&w->c, &w->desk, STR("R-1"), &address));
    assert_true(str_starts(address, STR("/r/")));
    assert_ok(&w->c, desk_public_url_set(&w->c, w->node, STR("https://help.example.org/")));
    world_reopen(w);
    assert_ok(&w->c, desk_unlock(&w->c, &w->desk, str_of(w->secrets.officer_password), &o.key));
    assert_ok(&w->c, desk_public_url(&w->c, w->node, &url));
    assert_true(str_eq_c(url, "https://help.example.org"));
    assert_ok(&w->c, desk_report_address(&w->c, &w->desk, STR("R-1"), &address));
    assert_true(str_starts(address, STR("https://help.example.org/r/")));
    DeskReport r;
    assert_ok(&w->c, desk_report_get(&w->c, &w->desk, STR("R-1"), &r));
    assert_true(str_eq(r.victim_url, address));
    AUTO(Buf) letter = {0};
    size_t place;
    assert_ok(&w->c, desk_order_letter(&w->c, &w->desk, &x.id, 1, DESK_LETTER_HTML, &letter));
    assert_true(str_find(buf_view(&letter), STR("https://help.example.org/h/"), &place));
    // Who sends no letters sees no code by which he could speak as the holder.
    Desk reader = w->desk;
    reader.acts &= ~(UINT64_C(1) << DESK_ORDER_PROPOSE | UINT64_C(1) << DESK_ORDER_ANSWER);
    buf_clear(&letter);
    assert_ok(&w->c, desk_order_letter(&w->c, &reader, &x.id, 1, DESK_LETTER_HTML, &letter));
    assert_false(str_find(buf_view(&letter), STR("/h/"), &place));
    Desk auditor = w->desk;
    auditor.acts = 0;
    assert_int_equal(desk_report_address(&w->c, &auditor, STR("R-1"), &address), E_DENIED);
    assert_ok(&w->c, desk_public_url_set(&w->c, w->node, STR("http://127.0.0.1:8441")));
    assert_ok(&w->c, desk_public_url_set(&w->c, w->node, STR("none")));
    assert_ok(&w->c, desk_public_url(&w->c, w->node, &url));
    assert_int_equal(url.n, 0);
    office_done(&o);
}

int run_desk_order_law_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_choice),     cmocka_unit_test(test_row_ends),
        cmocka_unit_test(test_no_law),     cmocka_unit_test(test_amount_limit),
        cmocka_unit_test(test_request),    cmocka_unit_test(test_codes),
        cmocka_unit_test(test_sheet),      cmocka_unit_test(test_extend),
        cmocka_unit_test(test_contested),  cmocka_unit_test(test_excess),
        cmocka_unit_test(test_public_url),
    };
    return cmocka_run_group_tests_name("orders: law", tests, NULL, NULL);
}
