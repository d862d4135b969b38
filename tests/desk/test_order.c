// Orders through the door of the desk, with a clock that the test moves.
#include "desk/order_priv.h"
#include "groups.h"
#include "office.h"
#include "shelf/shelf.h"
#include "json/json.h"

#define HOUR OFFICE_HOUR

// A victim of KBank pays 1,000.00 to a mule, who moves 600.00 on and keeps 400.00. W has money of
// its own.
static const char story_transfers[] = TRANSFER_HEADER
    "w0,2026-01-01T09:00:00+07:00,TH,002,9000000001,TH,014,2000000001,50.00,THB,,,,50.00,,,\n"
    "v1,2026-01-01T10:00:00+07:00,TH,004,1000000001,TH,014,2000000001,1000.00,THB,,,,1050.00,,,\n"
    "m1,2026-01-01T10:05:00+07:00,TH,014,2000000001,TH,006,3000000001,600.00,THB,,,450.00,,,,\n"
    "k1,2026-01-01T10:06:00+07:00,TH,006,3000000001,KH,ABA,4000000001,100.00,THB,,,,,,,\n";
static const char story_reports[] = REPORT_HEADER
    "R-1,2026-01-01T12:00:00+07:00,Somchai Jaidee,TH,phone,1000.00,THB,,TH/014/2000000001,"
    "+66812345678,,They said they were police\n";

// propose → issue → receive → executed → complaint → extend → lapse → undone.
static void test_life(void **state) {
    (void)state;
    Office o;
    office_open(&o);
    World *w = &o.w;
    world_transfers(w, "t.csv", story_transfers);
    world_reports(w, "r.csv", story_reports);
    DeskProposed made = office_first_hop(&o, "R-1");
    assert_int_equal(made.created_count, 1);
    assert_int_equal(made.left_out_count, 0);
    DeskOrder x = made.created[0];
    assert_true(str_eq_c(x.number, "O-2026-000001") && office_is(&x, ORDER_DRAFT));
    assert_int_equal(x.view.asked, 100000);
    assert_true(str_eq_c(x.law_id, "TH-hold-3") && !x.request && str_eq_c(x.report, "R-1"));
    Str id = x.id;
    // The same again makes no second draft.
    made = office_first_hop(&o, "R-1");
    assert_int_equal(made.created_count, 0);
    assert_true(made.left_out_count == 1 && str_eq_c(made.left_out[0].why, "held_already"));
    // What is not allowed is refused with what is.
    office_say(w, office_act(&o, &w->desk, id, ACT("release"), NULL), E_STATE,
               "release of a draft");
    size_t at;
    assert_true(str_find(str_of(w->c.error), STR("issue"), &at));
    x = office_must(&o, id, ACT("issue"));
    assert_true(office_is(&x, ORDER_ISSUED) && x.view.has_ends_at);
    int64_t term = x.view.ends_at - x.view.issued_at;
    assert_int_equal(term, 72 * HOUR);
    // By phone: channel and note instead of a document.
    office_say(w, office_act(&o, &w->desk, id, ACT("receive"), NULL), E_INVALID,
               "receive without a word");
    DeskOrderActDraft t = ACT("receive");
    t.channel = STR("phone");
    t.note = STR("the fraud desk has it");
    x = office_must(&o, id, t);
    assert_true(office_is(&x, ORDER_RECEIVED));
    t = ACT("answer");
    t.outcome = STR("executed");
    t.balance = STR("450.00");
    office_say(w, office_act(&o, &w->desk, id, t, NULL), E_INVALID, "answer without a document");
    t.document = o.document;
    office_say(w, office_act(&o, &w->desk, id, t, NULL), E_INVALID, "more than lies there");
    t.outcome = STR("partly");
    t.amount = STR("450.00");
    t.code = STR("insufficient");
    x = office_must(&o, id, t);
    assert_true(office_is(&x, ORDER_PARTLY));
    assert_int_equal(x.view.held, 45000);
    // The extension runs from the complaint, and the police extends.
    t = ACT("extend");
    office_say(w, office_act(&o, &w->desk, id, t, NULL), E_INVALID, "extend without the police");
    t.on_behalf_of = STR("police");
    t.document = o.document;
    office_say(w, office_act(&o, &w->desk, id, t, NULL), E_STATE, "extend without a complaint");
    w->now += 10 * HOUR;
    (void)office_must(&o, id, ACT("complaint"));
    int64_t complaint = w->now;
    x = office_must(&o, id, t);
    assert_true(x.view.waits_receipt);
    t = ACT("receive");
    t.document = o.document;
    x = office_must(&o, id, t);
    assert_true(x.view.ends_at > complaint + 167 * HOUR && x.view.ends_at < complaint + 168 * HOUR);
    t = ACT("extend");
    t.on_behalf_of = STR("police");
    t.document = o.document;
    office_say(w, office_act(&o, &w->desk, id, t, NULL), E_STATE, "a second extension");
    w->now = x.view.ends_at + HOUR;
    x = office_get(&o, id);
    assert_true(office_is(&x, ORDER_LAPSED) && x.now.not_confirmed && !x.now.overdue);
    Str words;
    assert_ok(&w->c, desk_order_clock(&w->c, w->node, &x, &words));
    assert_true(str_find(words, STR("lapsed 1 h"), &at) &&
                str_find(words, STR("not confirmed"), &at));
    w->now += 24 * HOUR;
    x = office_get(&o, id);
    assert_true(x.now.overdue);
    DeskOrderFilter board = {.board = true};
    DeskOrderList list;
    assert_ok(&w->c, desk_order_list(&w->c, &w->desk, &board, (DeskPage){0}, &list));
    assert_int_equal(list.count, 1);
    t = ACT("undone");
    t.document = o.document;
    x = office_must(&o, id, t);
    assert_true(!x.now.not_confirmed && x.view.held == 0);
    assert_ok(&w->c, desk_order_list(&w->c, &w->desk, &board, (DeskPage){0}, &list));
    assert_int_equal(list.count, 0);
    DeskVerdict verdict;
    assert_ok(&w->c, desk_verify(&w->c, w->node, (DeskProgress){0}, &verdict));
    if (!verdict.ok)
        fail_msg(STR_FMT ": " STR_FMT, STR_ARG(verdict.where), STR_ARG(verdict.what));
    office_done(&o);
}

// --- an auditor with the pack alone: fifo of one report, written from docs/order.md and
// docs/trace.md

typedef struct AuditAccount {
    Str number;
    struct {
        bool tagged;
        int64_t amount;
    } parts[32];
    size_t count;
} AuditAccount;

static AuditAccount *audit_find(AuditAccount *all, size_t n, Str number) {
    for (size_t i = 0; i < n; i++) {
        if (str_eq(all[i].number, number))
            return &all[i];
    }
    return NULL; // not listed: the outside
}

static int64_t audit_amount(Str text) {
    int64_t minor = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != '.')
            minor = minor * 10 + (text.p[i] - '0');
    }
    return minor;
}

static void audit_row(AuditAccount *all, size_t n, Str row, Str seed) {
    Str f[17] = {0}, rest = row;
    for (size_t i = 0; i < COUNT_OF(f) && str_split(&rest, ',', &f[i]); i++)
        ;
    AuditAccount *from = audit_find(all, n, f[4]), *to = audit_find(all, n, f[7]);
    int64_t left = audit_amount(f[8]);
    bool is_seed = str_eq(f[0], seed);
    while (left > 0) {
        bool tagged = false;
        int64_t part = left;
        if (from && from->count > 0) {
            tagged = from->parts[0].tagged;
            part = from->parts[0].amount < left ? from->parts[0].amount : left;
            from->parts[0].amount -= part;
            if (from->parts[0].amount == 0)
                memmove(from->parts, from->parts + 1, --from->count * sizeof *from->parts);
        }
        left -= part;
        if (!to)
            continue;
        assert_true(to->count < COUNT_OF(to->parts));
        to->parts[to->count].tagged = tagged || is_seed;
        to->parts[to->count++].amount = part;
    }
}

static void audit(World *w, Str pack, const DeskProposed *made) {
    AUTO(JsonReader) reader = {0};
    const JsonValue *v, *accounts, *rows;
    AuditAccount all[8] = {0};
    assert_ok(&w->c, json_reader_open(&w->c, &reader));
    assert_ok(&w->c, json_read_canonical(&w->c, &reader, pack, &v));
    assert_ok(&w->c, json_get_array(&w->c, v, "accounts", &accounts));
    assert_ok(&w->c, json_get_array(&w->c, v, "rows", &rows));
    assert_true(accounts->count > 0 && accounts->count <= COUNT_OF(all));
    for (uint32_t i = 0; i < accounts->count; i++) {
        int64_t lies;
        assert_ok(&w->c, json_get_str(&w->c, &accounts->items[i], "account", &all[i].number));
        assert_ok(&w->c, json_get_int(&w->c, &accounts->items[i], "lies_before", &lies));
        all[i].parts[0].amount = lies;
        all[i].count = lies > 0;
    }
    for (uint32_t i = 0; i < rows->count; i++)
        audit_row(all, accounts->count, rows->items[i].s, STR("v1"));
    for (size_t i = 0; i < made->created_count; i++) {
        AuditAccount *a = audit_find(all, accounts->count, made->created[i].account.account);
        int64_t sum = 0;
        assert_non_null(a);
        for (size_t k = 0; k < a->count; k++)
            sum += a->parts[k].tagged ? a->parts[k].amount : 0;
        assert_int_equal(sum, made->created[i].view.asked);
    }
}

// A traced order takes the place of the first hop, and what is held stays held.
static void test_replaced(void **state) {
    (void)state;
    Office o;
    office_open(&o);
    World *w = &o.w;
    world_transfers(w, "t.csv", story_transfers);
    world_reports(w, "r.csv", story_reports);
    Str first = office_first_hop(&o, "R-1").created[0].id;
    (void)office_must(&o, first, ACT("issue"));
    DeskOrderActDraft t = ACT("answer");
    t.outcome = STR("partly");
    t.amount = STR("420.00");
    t.balance = STR("450.00");
    t.code = STR("insufficient");
    t.document = o.document;
    (void)office_must(&o, first, t);
    Str seed = STR("v1"), case_id = office_case(&o, "R-1");
    assert_ok(&w->c, desk_report_pick(&w->c, &w->desk, STR("R-1"), &seed, 1));
    DeskProposed made = office_propose(&o, case_id);
    // 050.00 of its own left first: 450.00 of the victim's lie at the mule, 500.00 at the second,
    // and 100.00 in Cambodia, which can only be asked.
    assert_true(made.trace.n > 0);
    int64_t sum = 0;
    const DeskOrder *mule = NULL, *abroad = NULL;
    for (size_t i = 0; i < made.created_count; i++) {
        sum += made.created[i].view.asked;
        assert_true(made.created[i].pack.n == 64);
        if (str_eq_c(made.created[i].account.account, "2000000001"))
            mule = &made.created[i];
        if (made.created[i].request)
            abroad = &made.created[i];
    }
    for (size_t i = 0; i < made.left_out_count; i++)
        sum += made.left_out[i].amount;
    assert_int_equal(sum, 100000);
    assert_true(mule && str_eq(mule->replaces, first) && mule->view.asked == 45000);
    if (abroad) {
        assert_true(str_eq_c(abroad->addressee_kind, "fiu") && abroad->law_id.n == 0);
        office_say(w, office_act(&o, &w->desk, abroad->id, ACT("issue"), NULL), E_INVALID,
                   "no end asked for");
        t = ACT("issue");
        t.ends_at = STR("2026-01-20T12:00:00+07:00");
        DeskOrder request = office_must(&o, abroad->id, t);
        assert_true(!request.view.has_ends_at && request.now.state == ORDER_ISSUED);
    }
    DeskOrder x = office_must(&o, mule->id, ACT("issue"));
    assert_true(office_is(&x, ORDER_PARTLY));
    assert_int_equal(x.view.held, 42000);
    DeskOrder old = office_get(&o, first);
    assert_true(office_is(&old, ORDER_SUPERSEDED) && old.view.held == 0);
    // The evidence is here and has its hash.
    DeskAttachment a;
    AUTO(Buf) pack = {0};
    assert_ok(&w->c, desk_attachment_get(&w->c, &w->desk, x.pack, &a, &pack));
    CryptoHash hash = crypto_sha256(pack.p, pack.n);
    uint8_t named[32];
    assert_true(hex_decode(x.pack, named, sizeof named));
    assert_memory_equal(hash.b, named, sizeof named);
    assert_true(made.created_count >= 2);
    audit(w, buf_view(&pack), &made);
    office_done(&o);
}

// What was planted against a merchant holds no more than the claims, and is noticed.
static void test_planted(void **state) {
    (void)state;
    Office o;
    office_open(&o);
    World *w = &o.w;
    world_transfers(w, "t.csv", story_transfers);
    AUTO(Buf) file = {0};
    buf_text(&file, REPORT_HEADER);
    for (int i = 0; i < 20; i++)
        buf_format(&file, "F-%02d,2026-01-01T12:%02d:00+07:00,,TH,web,500.00,THB,,TH/006/777,,,\n",
                   i, i);
    buf_char(&file, 0);
    world_reports(w, "r.csv", file.p);
    DeskProposed made = office_first_hop(&o, "F-00");
    assert_int_equal(made.created_count, 1);
    assert_int_equal(made.created[0].persons, 2); // three are here already
    assert_int_equal(made.flag_count, 1);
    assert_int_equal(made.flags[0].reports, 20);
    // Once the bank says that it is a merchant, a person must decide each.
    assert_ok(&w->c, desk_account_class(&w->c, &w->desk, STR("TH/006/777"), STR("merchant"),
                                        o.document, STR("TH/006")));
    made = office_first_hop(&o, "F-01");
    assert_int_equal(made.created_count, 0);
    assert_true(made.left_out_count == 1 && str_eq_c(made.left_out[0].why, "policy_person"));
    Str named = STR("TH/006/777");
    DeskPropose p = {.report = STR("F-01"), .accounts = &named, .account_count = 1};
    assert_ok(&w->c, desk_order_propose(&w->c, &w->desk, &p, &made));
    assert_int_equal(made.created_count, 1);
    Str id = made.created[0].id;
    // The first officer's signature binds nobody; the same officer's second does not count.
    DeskOrder x = office_must(&o, id, ACT("issue"));
    assert_true(office_is(&x, ORDER_DRAFT) && x.view.waits_second);
    office_say(w, office_act(&o, &w->desk, id, ACT("second"), NULL), E_DENIED,
               "second by the same officer");
    assert_ok(&w->c, office_act(&o, &o.second, id, ACT("second"), &x));
    assert_true(office_is(&x, ORDER_ISSUED) && x.view.has_ends_at);
    assert_int_equal(x.view.asked, 50000);
    office_done(&o);
}

// Σ of what is held never exceeds what lies there; a later order waits in the queue.
static void test_queue(void **state) {
    (void)state;
    Office o;
    office_open(&o);
    World *w = &o.w;
    world_reports(w, "r.csv",
                  REPORT_HEADER "A,2026-01-01T12:00:00+07:00,,TH,bank,600.00,THB,,TH/006/888,,,\n"
                                "B,2026-01-01T12:01:00+07:00,,TH,bank,500.00,THB,,TH/006/888,,,\n");
    Str a = office_first_hop(&o, "A").created[0].id, b = office_first_hop(&o, "B").created[0].id;
    (void)office_must(&o, a, ACT("issue"));
    (void)office_must(&o, b, ACT("issue"));
    DeskOrderActDraft t = ACT("answer");
    t.outcome = STR("executed");
    t.balance = STR("800.00");
    t.document = o.document;
    (void)office_must(&o, a, t);
    DeskOrder x = office_get(&o, b);
    assert_true(x.has_balance && x.balance == 80000 && x.covered == 20000);
    assert_true(x.queued_count == 1 && str_eq_c(x.queued_behind[0], "O-2026-000001"));
    office_say(w, office_act(&o, &w->desk, b, t, NULL), E_INVALID, "both whole");
    t.outcome = STR("partly");
    t.amount = STR("200.01");
    office_say(w, office_act(&o, &w->desk, b, t, NULL), E_INVALID, "one satang too much");
    t.amount = STR("200.00");
    t.code = STR("insufficient");
    x = office_must(&o, b, t);
    assert_int_equal(x.view.held, 20000);
    // A refusal has a code that fits; what moved is proposed anew.
    t = ACT("answer");
    t.outcome = STR("refused");
    t.document = o.document;
    office_say(w, office_act(&o, &w->desk, b, t, NULL), E_INVALID, "refused without a code");
    t.code = STR("insufficient");
    office_say(w, office_act(&o, &w->desk, b, t, NULL), E_INVALID, "refused with a code of a part");
    t.code = STR("moved_to");
    office_say(w, office_act(&o, &w->desk, b, t, NULL), E_INVALID, "moved to nowhere");
    t.to = STR("TH/002/999");
    x = office_must(&o, b, t);
    assert_true(office_is(&x, ORDER_REFUSED));
    x = office_get(&o, STR("O-2026-000003"));
    assert_true(office_is(&x, ORDER_DRAFT) && str_eq_c(x.account.account, "999"));
    assert_int_equal(x.view.asked, 50000);
    office_done(&o);
}

// A letter says what the bank needs, and nothing about the victim; the table comes back filled in.
static void test_letter(void **state) {
    (void)state;
    Office o;
    office_open(&o);
    World *w = &o.w;
    world_reports(w, "r.csv", story_reports);
    Str id = office_first_hop(&o, "R-1").created[0].id;
    AUTO(Buf) letter = {0};
    assert_int_equal(desk_order_letter(&w->c, &w->desk, &id, 1, DESK_LETTER_HTML, &letter),
                     E_STATE);
    (void)office_must(&o, id, ACT("issue"));
    buf_clear(&letter);
    assert_ok(&w->c, desk_order_letter(&w->c, &w->desk, &id, 1, DESK_LETTER_HTML, &letter));
    static const char *const said[] = {"O-2026-000001",   "2000000001", "1,000.00 THB",
                                       "TH-hold-3",       "/h/",        "lang=\"th\"",
                                       "no_such_account", "UTC"};
    static const char *const silent[] = {"Somchai", "66812345678", "police", "R-1", "<script"};
    size_t at;
    for (size_t i = 0; i < COUNT_OF(said); i++) {
        if (!str_find(buf_view(&letter), str_of(said[i]), &at))
            fail_msg("the letter does not say %s", said[i]);
    }
    for (size_t i = 0; i < COUNT_OF(silent); i++) {
        if (str_find(buf_view(&letter), str_of(silent[i]), &at))
            fail_msg("the letter says %s", silent[i]);
    }
    AUTO(Buf) table = {0};
    assert_ok(&w->c, desk_order_letter(&w->c, &w->desk, &id, 1, DESK_LETTER_CSV, &table));
    assert_true(str_find(buf_view(&table), STR("O-2026-000001,2000000001,THB,1000.00,"), &at));
    // As it came it holds no answer; filled in, it does, once.
    Str path = world_path(w, "answers.csv");
    DeskAnswers answers;
    assert_ok(&w->c, file_replace(&w->c, path, buf_view(&table)));
    assert_ok(&w->c, desk_answers_import(&w->c, &w->desk, path, false, &answers));
    assert_true(answers.good == 0 && answers.bad_row_count == 0);
    path = world_file(w, "filled.csv",
                      "order,answer,held,balance,code,reference\n"
                      "O-2026-000001,partly,300.00,300.00,insufficient,KB-77\n"
                      "O-2026-000001,executed,,,,\nO-2026-000009,executed,,,,\n");
    assert_ok(&w->c, desk_answers_import(&w->c, &w->desk, path, true, &answers));
    DeskOrder x = office_get(&o, id);
    assert_true(answers.good == 1 && answers.bad_row_count == 2 && office_is(&x, ORDER_ISSUED));
    assert_ok(&w->c, desk_answers_import(&w->c, &w->desk, path, false, &answers));
    x = office_get(&o, id);
    assert_true(office_is(&x, ORDER_PARTLY) && x.view.held == 30000);
    const DeskOrderEvent *e = &x.events[x.event_count - 1];
    assert_true(str_eq_c(e->document, answers.sha256) && str_eq_c(e->on_behalf_of, "TH/014"));
    assert_true(str_eq_c(e->note, "KB-77"));
    office_done(&o);
}

// Erasing the record of a document takes its bytes with it; damage on the shelf is named.
static void test_documents(void **state) {
    (void)state;
    Office o;
    office_open(&o);
    World *w = &o.w;
    DeskAttachment a, b;
    assert_ok(&w->c, desk_attachment_put(&w->c, &w->desk, STR("a"), STR("text/plain"),
                                         STR("a very secret page"), NULL, 0, &a));
    assert_ok(&w->c, desk_attachment_put(&w->c, &w->desk, STR("b"), STR("text/plain"),
                                         STR("a very secret page"), NULL, 0, &b));
    AUTO(Buf) out = {0};
    DeskRecord erased;
    assert_ok(&w->c, desk_erase(&w->c, &w->desk, a.id, STR("asked for"), &erased));
    assert_ok(&w->c, desk_attachment_get(&w->c, &w->desk, str_of(b.sha256), &b, &out));
    assert_ok(&w->c, desk_erase(&w->c, &w->desk, b.id, STR("asked for"), &erased));
    assert_int_equal(desk_attachment_get(&w->c, &w->desk, str_of(b.sha256), &b, &out), E_NOT_FOUND);
    Str where;
    if (world_grep(w, w->dir, STR("a very secret page"), &where))
        fail_msg("the bytes are still in " STR_FMT, STR_ARG(where));
    DeskVerdict verdict;
    assert_ok(&w->c, desk_verify(&w->c, w->node, (DeskProgress){0}, &verdict));
    assert_true(verdict.ok);
    office_done(&o);
}

// Bytes that nothing names, as a crash in the middle of an erasure leaves them.
static void put_orphan(World *w) {
    StoreDb *db = ledger_db(w->node->ledger);
    CryptoHash hash;
    AUTO(StoreTx) tx = {0};
    assert_ok(&w->c, store_tx_begin(&w->c, db, &tx));
    assert_ok(&w->c, shelf_put(&w->c, db, STR("a page left behind"), &hash));
    assert_ok(&w->c, store_tx_commit(&w->c, &tx));
}

// What an erasure of documents left behind goes at the next start, and is looked for only then.
static void test_documents_after_a_crash(void **state) {
    (void)state;
    Office o;
    office_open(&o);
    World *w = &o.w;
    DeskAttachment kept;
    AUTO(Buf) out = {0};
    Str where;
    assert_ok(&w->c, desk_attachment_put(&w->c, &w->desk, STR("a"), STR("text/plain"),
                                         STR("a page that stays"), NULL, 0, &kept));
    put_orphan(w);
    world_reopen(w);
    assert_true(world_grep(w, w->dir, STR("a page left behind"), &where));
    assert_ok(&w->c, desk_shelf_mark(&w->c, w->node, true));
    world_reopen(w);
    if (world_grep(w, w->dir, STR("a page left behind"), &where))
        fail_msg("the bytes are still in " STR_FMT, STR_ARG(where));
    assert_false(w->node->shelf_unswept);
    assert_ok(&w->c, desk_attachment_get(&w->c, &w->desk, str_of(kept.sha256), &kept, &out));
    office_done(&o);
}

int run_desk_order_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_life),
        cmocka_unit_test(test_replaced),
        cmocka_unit_test(test_planted),
        cmocka_unit_test(test_queue),
        cmocka_unit_test(test_letter),
        cmocka_unit_test(test_documents),
        cmocka_unit_test(test_documents_after_a_crash),
    };
    int failures = cmocka_run_group_tests_name("orders", tests, NULL, NULL);
    failures += run_desk_order_law_tests();
    failures += run_desk_order_clock_tests();
    return failures + run_desk_order_fault_tests();
}
