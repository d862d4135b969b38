// What concerns a party under sanctions is done by two officers, or not at all: every act by which
// something would go to it or be done for it, as a table.
#include "duo.h"
#include "groups.h"
#include "office.h"

#define KBZ "MM/KBZBMMMY"

// MM is flagged by TH, after they confirmed one another.
typedef struct Dual {
    Duo d;
    Str id;     // what the second officer signs
    Str record; // what it is about
    Str word;   // must not be in a message before that
} Dual;

static Err act(Dual *k, const Desk *by, DeskOrderActDraft t) {
    DeskOrder o;
    Err e = desk_order_act(&k->d.c, by, k->id, &t, &o);
    if (e == OK)
        k->id = o.id;
    return e;
}

static Err second_act(Dual *k, const Desk *by) {
    return act(k, by, ACT("second"));
}

// --- what goes out ------------------------------------------------------------------------------

static void own_report(Dual *k) {
    k->record = duo_report(&k->d, &k->d.th, "R1", "");
}

static Err share(Dual *k, const Desk *by) {
    AUTO(Buf) json = {0};
    Str mm = STR("mm");
    DeskShareDraft draft = {.to = &mm, .to_count = 1, .title = k->word};
    TRY(desk_share(&k->d.c, by, k->record, &draft, &json));
    k->id = duo_str(&duo_list(duo_read(&k->d, &json), "shares")->items[0], "id");
    return OK;
}

static Err share_second(Dual *k, const Desk *by) {
    AUTO(Buf) json = {0};
    DeskShareActDraft t = {.act = STR("second")};
    return desk_share_act(&k->d.c, by, k->id, &t, &json);
}

static Str notice(Dual *k, Side *s, const Desk *by, DeskNoticeDraft n, Err *ret_e) {
    AUTO(Buf) json = {0};
    Str other = s == &k->d.th ? STR("mm") : STR("th");
    n.to = &other;
    n.to_count = 1;
    n.title = STR("Account 77");
    n.text = n.text.n ? n.text : STR("Who holds it?");
    n.contact = STR("duty desk");
    *ret_e = desk_notice_new(&k->d.c, by, &n, &json);
    return *ret_e == OK ? duo_str(duo_read(&k->d, &json), "id") : (Str){0};
}

static Err alert(Dual *k, const Desk *by) {
    Err e;
    DeskNoticeDraft n = {.act = STR("alert"), .text = k->word};
    k->id = notice(k, &k->d.th, by, n, &e);
    return e;
}

static Err notice_act(Dual *k, const Desk *by, DeskNoticeActDraft t) {
    AUTO(Buf) json = {0};
    TRY(desk_notice_act(&k->d.c, by, k->id, &t, &json));
    k->id = duo_str(duo_read(&k->d, &json), "id");
    return OK;
}

static Err notice_second(Dual *k, const Desk *by) {
    return notice_act(k, by, (DeskNoticeActDraft){.act = STR("second")});
}

// --- what is answered ---------------------------------------------------------------------------

static void asked(Dual *k) {
    Err e;
    k->id = notice(k, &k->d.mm, &k->d.mm.w.desk, (DeskNoticeDraft){.act = STR("request")}, &e);
    assert_ok(&k->d.c, e);
}

static Err answer(Dual *k, const Desk *by) {
    return notice_act(k, by, (DeskNoticeActDraft){.act = STR("refuse"), .note = k->word});
}

static void asked_to_pass_on(Dual *k) {
    Err e;
    DeskNoticeDraft n = {.act = STR("pass_on"), .records = &k->record, .record_count = 1};
    own_report(k);
    duo_share(&k->d, &k->d.th, k->record, (DeskShareDraft){0});
    duo_carry(&k->d);
    assert_ok(&k->d.c, str_format(&k->d.c, &n.recipient, "%064d", 7));
    k->id = notice(k, &k->d.mm, &k->d.mm.w.desk, n, &e);
    assert_ok(&k->d.c, e);
}

static Err grant(Dual *k, const Desk *by) {
    return notice_act(k, by,
                      (DeskNoticeActDraft){.act = STR("grant"),
                                           .until = STR("2026-06-01T00:00:00Z"),
                                           .note = k->word});
}

// --- orders -------------------------------------------------------------------------------------

static void drafted_by(Dual *k, Side *s, const char *account) {
    AUTO(Buf) csv = {0};
    buf_format(&csv,
               REPORT_HEADER "R-1,2026-01-01T12:00:00+07:00,Somchai,TH,phone,1000.00,THB,,%s,,,x\n",
               account);
    buf_char(&csv, 0);
    world_reports(&s->w, "r.csv", csv.p);
    DeskPropose p = {.report = STR("R-1")};
    DeskProposed made;
    assert_ok(&s->w.c, desk_order_propose(&s->w.c, &s->w.desk, &p, &made));
    assert_int_equal(made.created_count, 1);
    assert_ok(&k->d.c, str_copy(&k->d.c, made.created[0].id, &k->id));
}

static void drafted(Dual *k) {
    drafted_by(k, &k->d.th, KBZ "/2000000001");
}

static Err issue(Dual *k, const Desk *by) {
    DeskOrderActDraft t = ACT("issue");
    t.ends_at = STR("2026-01-02T00:00:00Z");
    t.note = k->word;
    return act(k, by, t);
}

static void issued(Dual *k) {
    Str word = k->word;
    drafted(k);
    k->word = STR("asked");
    assert_ok(&k->d.c, issue(k, &k->d.th.w.desk));
    k->word = word;
}

// A document whose name nobody may read before.
static Str document(Dual *k, const Desk *by) {
    DeskAttachment *a;
    assert_ok(&k->d.c, ctx_alloc(&k->d.c, sizeof *a, &a));
    assert_ok(&k->d.c, desk_attachment_put(&k->d.c, by, k->word, STR("text/plain"), STR("bytes"),
                                           NULL, 0, a));
    return str_of(a->sha256);
}

static Err withdraw_by_document(Dual *k, const Desk *by) {
    DeskOrderActDraft t = ACT("withdraw");
    t.document = document(k, by);
    return act(k, by, t);
}

static Err withdraw(Dual *k, const Desk *by) {
    DeskOrderActDraft t = ACT("withdraw");
    t.note = k->word;
    return act(k, by, t);
}

// MM asks; the adoption is told by the order that stands on it, under whatever law row serves.
static void asked_to_hold(Dual *k) {
    drafted_by(k, &k->d.mm, "TH/004/0011223344");
    DeskOrderActDraft t = ACT("issue");
    t.ends_at = STR("2026-01-02T00:00:00Z");
    assert_ok(&k->d.c, act(k, &k->d.mm.w.desk, t));
}

static Err receive(Dual *k, const Desk *by) {
    DeskOrderActDraft t = ACT("receive");
    t.note = k->word;
    return act(k, by, t);
}

static DeskOrderActDraft refusal(void) {
    DeskOrderActDraft t = ACT("answer");
    t.outcome = STR("refused");
    t.code = STR("no_basis");
    return t;
}

static Err refuse(Dual *k, const Desk *by) {
    DeskOrderActDraft t = refusal();
    t.note = k->word;
    return act(k, by, t);
}

static Err refuse_by_document(Dual *k, const Desk *by) {
    DeskOrderActDraft t = refusal();
    t.document = document(k, by);
    return act(k, by, t);
}

// MM orders what TH serves, TH has it, and MM takes it back.
static void withdrawn_by_them(Dual *k) {
    DeskOrderActDraft t = ACT("issue");
    duo_confirm(&k->d, &k->d.mm, &k->d.th, "th", KBZ);
    drafted_by(k, &k->d.mm, KBZ "/2000000001");
    t.law = STR("MM-hold-0");
    t.ends_at = STR("2026-01-02T00:00:00Z");
    assert_ok(&k->d.c, act(k, &k->d.mm.w.desk, t));
    duo_carry(&k->d);
    assert_ok(&k->d.c, act(k, &k->d.th.w.desk, ACT("receive")));
    duo_carry(&k->d);
    assert_ok(&k->d.c, act(k, &k->d.mm.w.desk, ACT("withdraw")));
}

static Err undone(Dual *k, const Desk *by) {
    DeskOrderActDraft t = ACT("undone");
    t.note = k->word;
    return act(k, by, t);
}

static Err adopt(Dual *k, const Desk *by) {
    DeskOrder o;
    Err e = E_STATE;
    DeskOrderActDraft t = ACT("adopt");
    TRY(desk_order_act(&k->d.c, by, k->id, &t, &o));
    k->id = k->word = o.id;
    t = ACT("issue");
    for (size_t i = 0; e != OK && i < o.law_count; i++) {
        t.law = o.laws[i].law->id;
        e = act(k, by, t);
    }
    k->word = k->id;
    return e;
}

// --- the table ----------------------------------------------------------------------------------

static const struct {
    const char *what;
    void (*before)(Dual *k);
    Err (*first)(Dual *k, const Desk *by);
    Err (*second)(Dual *k, const Desk *by);
} rows[] = {
    {"a share", own_report, share, share_second},
    {"an alert", own_report, alert, notice_second},
    {"the answer to a request", asked, answer, notice_second},
    {"permission to pass on", asked_to_pass_on, grant, notice_second},
    {"the issue of a request", drafted, issue, second_act},
    {"a withdrawal", issued, withdraw, second_act},
    {"the document of a withdrawal", issued, withdraw_by_document, second_act},
    {"the adoption of its request", asked_to_hold, adopt, second_act},
    {"the receipt of its request", asked_to_hold, receive, second_act},
    {"the refusal of its request", asked_to_hold, refuse, second_act},
    {"the document of that refusal", asked_to_hold, refuse_by_document, second_act},
    {"that its order is undone", withdrawn_by_them, undone, second_act},
};

static bool in_packets(const Dual *k) {
    size_t at;
    return str_find(buf_view(&k->d.packets), k->word, &at);
}

static void flag(Dual *k, const char *party) {
    AUTO(Buf) json = {0};
    DeskPartyDraft draft = {.party = str_of(party), .source = STR("a list"), .active = true};
    assert_ok(&k->d.c, desk_party_flag(&k->d.c, &k->d.th.w.desk, &draft, &json));
}

static void test_two_officers_for_every_act(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Dual k = {.word = STR("zqdual")};
        duo_open(&k.d);
        rows[i].before(&k);
        duo_carry(&k.d);
        flag(&k, "mm");
        Err e = rows[i].first(&k, &k.d.th.w.desk);
        if (e != OK)
            fail_msg("%s: %s: %s", rows[i].what, err_name(e), k.d.c.error);
        duo_carry(&k.d);
        if (in_packets(&k))
            fail_msg("%s went out by one officer", rows[i].what);
        e = rows[i].second(&k, &k.d.th.w.desk);
        if (e != E_DENIED)
            fail_msg("%s: the same officer twice: %s (%s)", rows[i].what, err_name(e), k.d.c.error);
        e = rows[i].second(&k, &k.d.th.second);
        if (e != OK)
            fail_msg("%s: its second: %s: %s", rows[i].what, err_name(e), k.d.c.error);
        duo_carry(&k.d);
        if (!in_packets(&k))
            fail_msg("%s did not go out by two officers", rows[i].what);
        if (rows[i].second(&k, &k.d.th.second) == OK)
            fail_msg("%s: a second time", rows[i].what);
        duo_done(&k.d);
    }
}

static DeskOrder seen_by(Dual *k, const Desk *d) {
    DeskOrder o;
    assert_ok(&k->d.c, desk_order_get(&k->d.c, d, k->id, &o));
    return o;
}

// What one officer said of its order waits here, and is nothing there; by two it counts on both
// sides alike.
static void test_answer_of_two(void **state) {
    (void)state;
    Dual k = {.word = STR("zqdual")};
    duo_open(&k.d);
    asked_to_hold(&k);
    duo_carry(&k.d);
    flag(&k, "mm");
    assert_ok(&k.d.c, receive(&k, &k.d.th.w.desk));
    DeskOrder o = seen_by(&k, &k.d.th.w.desk);
    assert_true(office_is(&o, ORDER_ISSUED) && o.view.waits_second == ORDER_ADDRESSEE);
    assert_string_equal(o.events[o.event_count - 1].effect.p, "waits");
    duo_carry(&k.d);
    o = seen_by(&k, &k.d.mm.w.desk);
    assert_true(office_is(&o, ORDER_ISSUED) && o.view.waits_second == 0);
    assert_int_equal(act(&k, &k.d.mm.second, ACT("second")), E_STATE); // theirs is not its to sign
    assert_ok(&k.d.c, second_act(&k, &k.d.th.second));
    o = seen_by(&k, &k.d.th.w.desk);
    assert_true(office_is(&o, ORDER_RECEIVED) && o.view.waits_second == 0);
    duo_carry(&k.d);
    DeskOrder there = seen_by(&k, &k.d.mm.w.desk);
    assert_true(office_is(&there, ORDER_RECEIVED));
    assert_true(there.view.received_at == o.view.received_at);
    assert_int_equal(there.event_count, o.event_count);
    for (size_t i = 0; i < there.event_count; i++)
        assert_string_equal(there.events[i].effect.p, "counted");
    duo_done(&k.d);
}

// What two officers cannot do either.
static void test_never(void **state) {
    (void)state;
    Dual k = {.word = STR("zqdual")};
    AUTO(Buf) json = {0};
    duo_open(&k.d);
    Ctx *c = &k.d.c;
    DeskMemberDraft member = {.agency = STR("th")};
    Str kind = STR("report");
    DeskAccordDraft draft = {.name = STR("mekong"),
                             .title = STR("Mekong"),
                             .members = &member,
                             .member_count = 1,
                             .kinds = &kind,
                             .kind_count = 1};
    assert_ok(c, desk_accord_new(c, &k.d.mm.w.desk, &draft, &json));
    asked_to_pass_on(&k);
    duo_carry(&k.d);
    Str kh;
    assert_ok(c, str_format(c, &kh, "%064d", 7));
    AUTO(Buf) name = {0};
    buf_str(&name, kh);
    buf_char(&name, 0);
    flag(&k, name.p);
    assert_int_equal(grant(&k, &k.d.th.w.desk), E_DENIED); // to whom it would be passed on
    flag(&k, "mm");
    assert_int_equal(desk_accord_sign(c, &k.d.th.w.desk, STR("mekong"), true, (Str){0}, &json),
                     E_DENIED);
    member.agency = STR("mm");
    draft.name = STR("other");
    assert_int_equal(desk_accord_new(c, &k.d.th.w.desk, &draft, &json), E_DENIED);
    DeskPeerDraft peer = {.card = duo_card(&k.d, &k.d.mm), .name = STR("mm")};
    assert_int_equal(desk_peer_add(c, &k.d.th.w.desk, &peer, &json), E_DENIED);
    duo_done(&k.d);
}

int run_desk_dual_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_officers_for_every_act),
        cmocka_unit_test(test_answer_of_two),
        cmocka_unit_test(test_never),
    };
    return cmocka_run_group_tests_name("desk: two officers for a flagged party", tests, NULL, NULL);
}
