// Orders and requests between nodes: they arrive, are answered, adopted, refused, and set free.
#include "duo.h"
#include "groups.h"
#include "office.h"

#define KBZ "MM/KBZBMMMY"

static const char reports[] =
    REPORT_HEADER "R-1,2026-01-01T12:00:00+07:00,Somchai zqvictim,TH,phone,1000.00,THB,," KBZ
                  "/2000000001,+66812345678,,zqstory\n";

// --- what people do -----------------------------------------------------------------------------

static Err try_act(Side *s, Str id, DeskOrderActDraft t, DeskOrder *ret_order) {
    return desk_order_act(&s->w.c, &s->w.desk, id, &t, ret_order);
}

static DeskOrder act(Side *s, Str id, DeskOrderActDraft t) {
    DeskOrder o;
    assert_ok(&s->w.c, try_act(s, id, t, &o));
    return o;
}

static DeskOrder get(Side *s, Str id) {
    DeskOrder o;
    assert_ok(&s->w.c, desk_order_get(&s->w.c, &s->w.desk, id, &o));
    return o;
}

static DeskOrderList box(Side *s, const char *name) {
    DeskOrderFilter f = {.board = true, .box = str_of(name)};
    DeskOrderList list;
    assert_ok(&s->w.c, desk_order_list(&s->w.c, &s->w.desk, &f, (DeskPage){0}, &list));
    return list;
}

static void refused(Side *s, Str id, DeskOrderActDraft t, Err wanted, const char *words) {
    DeskOrder o;
    size_t at;
    Err e = try_act(s, id, t, &o);
    if (e != wanted || !str_find(str_of(s->w.c.error), str_of(words), &at))
        fail_msg("%s: %s (%s), not %s: %s", t.act.p, err_name(e), s->w.c.error, err_name(wanted),
                 words);
}

static Str document(Side *s, const char *name, const char *bytes) {
    DeskAttachment *a;
    assert_ok(&s->w.c, ctx_alloc(&s->w.c, sizeof *a, &a));
    assert_ok(&s->w.c, desk_attachment_put(&s->w.c, &s->w.desk, str_of(name),
                                           STR("application/pdf"), str_of(bytes), NULL, 0, a));
    return str_of(a->sha256);
}

static bool opens(Side *s, Str sha256, const char *bytes) {
    AUTO(Buf) out = {0};
    DeskAttachment a;
    Err e = desk_attachment_get(&s->w.c, &s->w.desk, sha256, &a, &out);
    return e == OK && str_eq_c(buf_view(&out), bytes);
}

static bool allows(const DeskOrder *o, OrderAct what) {
    for (size_t i = 0; i < o->allowed_count; i++)
        if (o->allowed[i].act == what)
            return true;
    return false;
}

static const DeskOrderEvent *adoption(const DeskOrder *o) {
    for (size_t i = 0; i < o->event_count; i++)
        if (str_eq_c(o->events[i].act, "adopt"))
            return &o->events[i];
    fail_msg("nobody adopted it");
    return NULL;
}

// Thailand asks Myanmar's centre to hold; the request is there when it is issued.
static Str ask(Duo *d) {
    world_reports(&d->th.w, "r.csv", reports);
    DeskPropose p = {.report = STR("R-1")};
    DeskProposed made;
    assert_ok(&d->th.w.c, desk_order_propose(&d->th.w.c, &d->th.w.desk, &p, &made));
    assert_int_equal(made.created_count, 1);
    const DeskOrder *o = &made.created[0];
    assert_true(o->request && str_eq_c(o->addressee_kind, "centre"));
    assert_true(str_eq_c(o->addressee_agency, d->mm.w.node->agency_id));
    assert_true(o->is_ours && !o->is_to_us);
    duo_carry(d);
    assert_int_equal(box(&d->mm, "in").count, 0); // a draft reaches nobody
    DeskOrderActDraft t = ACT("issue");
    t.ends_at = STR("2026-01-02T00:00:00Z");
    DeskOrder issued = act(&d->th, o->id, t);
    AUTO(Buf) letter = {0};
    assert_ok(&d->th.w.c, desk_order_letter(&d->th.w.c, &d->th.w.desk, &issued.id, 1,
                                            DESK_LETTER_HTML, &letter));
    size_t at;
    assert_true(str_find(buf_view(&letter), STR("by the network"), &at));
    duo_carry(d);
    return issued.id;
}

// --- requests -----------------------------------------------------------------------------------

static void test_request_adopted(void **state) {
    (void)state;
    Duo d;
    duo_open(&d);
    Str id = ask(&d);
    DeskOrderList in = box(&d.mm, "in");
    assert_int_equal(in.count, 1);
    assert_true(str_eq(in.items[0].id, id) && str_eq_c(in.items[0].agency_name, "th"));
    assert_int_equal(box(&d.mm, "out").count, 0);
    assert_int_equal(box(&d.th, "out").count, 1);
    assert_int_equal(box(&d.th, "in").count, 0);
    DeskOrder o = get(&d.mm, id);
    assert_true(o.request && o.is_to_us && office_is(&o, ORDER_ISSUED));
    assert_true(o.has_asks_end && o.now.has_due && strcmp(o.now.due, "answer") == 0);
    assert_true(allows(&o, ORDER_RECEIVE) && allows(&o, ORDER_ADOPT) && allows(&o, ORDER_ANSWER));
    assert_false(allows(&o, ORDER_WITHDRAW) || allows(&o, ORDER_ATTEMPT));
    // What is the issuer's stays the issuer's, and nobody speaks for others here.
    refused(&d.mm, id, ACT("withdraw"), E_DENIED, "is th's");
    DeskOrderActDraft t = ACT("receive");
    t.on_behalf_of = STR("bank");
    refused(&d.mm, id, t, E_INVALID, "speaks for itself");
    o = act(&d.mm, id, ACT("receive")); // no document: it is our own word
    assert_true(office_is(&o, ORDER_RECEIVED));
    // Adopting drafts an order of our own: nothing is said to them before it is issued.
    DeskOrder own = act(&d.mm, id, ACT("adopt"));
    assert_true(own.is_ours && !own.request && office_is(&own, ORDER_DRAFT));
    assert_true(str_eq(own.adopts, id) && str_eq_c(own.law_id, "MM-hold-0"));
    assert_int_equal(own.view.asked, 100000);
    assert_true(str_eq_c(own.addressee_institution, "KBZBMMMY"));
    refused(&d.mm, id, ACT("adopt"), E_STATE, "adopts this request already");
    duo_carry(&d);
    DeskOrder there = get(&d.th, id);
    assert_true(office_is(&there, ORDER_RECEIVED));
    // One number at two agencies: the own one first, the other by its name.
    o = get(&d.mm, STR("O-2026-000001"));
    assert_true(str_eq(o.id, own.id));
    o = get(&d.mm, STR("th/O-2026-000001"));
    assert_true(str_eq(o.id, id));
    own = act(&d.mm, own.id, ACT("issue"));
    assert_true(office_is(&own, ORDER_ISSUED) && own.view.has_ends_at);
    int64_t asked;
    assert_true(time_parse(STR("2026-01-02T00:00:00Z"), &asked));
    assert_int_equal(own.view.ends_at, asked);
    o = get(&d.mm, id);
    assert_true(office_is(&o, ORDER_ADOPTED));
    duo_carry(&d);
    there = get(&d.th, id);
    assert_true(office_is(&there, ORDER_ADOPTED));
    const DeskOrderEvent *last = adoption(&there);
    assert_true(str_eq_c(last->agency_name, "mm"));
    assert_true(last->order.n == 0 && last->on_behalf_of.n == 0); // the order was not shared
    // Shared by hand, its number shows at the request.
    (void)duo_share(&d, &d.mm, own.id, (DeskShareDraft){0});
    duo_carry(&d);
    there = get(&d.th, id);
    assert_true(str_eq(adoption(&there)->order, own.number));
    o = get(&d.th, own.id);
    assert_true(!o.is_ours && !o.is_to_us && o.allowed_count == 0);
    refused(&d.th, own.id, ACT("receive"), E_DENIED, "not to us");
    duo_done(&d);
}

static void test_request_refused(void **state) {
    (void)state;
    Duo d;
    duo_open(&d);
    Str id = ask(&d);
    DeskOrderActDraft t = ACT("answer");
    t.outcome = STR("refused");
    refused(&d.mm, id, t, E_INVALID, "code");
    t.code = STR("political");
    DeskOrder o = act(&d.mm, id, t);
    assert_true(office_is(&o, ORDER_REFUSED));
    refused(&d.mm, id, ACT("adopt"), E_STATE, "is refused");
    duo_carry(&d);
    o = get(&d.th, id);
    assert_true(office_is(&o, ORDER_REFUSED));
    assert_true(str_eq_c(o.events[o.event_count - 1].code, "political"));
    duo_done(&d);
}

// What a traced request rests on comes with it, and opens there.
static void test_evidence(void **state) {
    (void)state;
    Duo d;
    duo_open(&d);
    World *w = &d.th.w;
    world_transfers(w, "t.csv",
                    TRANSFER_HEADER
                    "v1,2026-01-01T10:00:00+07:00,TH,004,1000000001,MM,KBZBMMMY,2000000001,1000.00,"
                    "THB,,,,1050.00,,,\n");
    world_reports(w, "r.csv",
                  REPORT_HEADER "R-1,2026-01-01T12:00:00+07:00,Somchai,TH,phone,1000.00,THB,v1," KBZ
                                "/2000000001,,,x\n");
    DeskCase k;
    Str report = STR("R-1");
    DeskProposed made;
    assert_ok(&w->c, desk_case_new(&w->c, &w->desk, STR("Case"), &k));
    assert_ok(&w->c, desk_case_add(&w->c, &w->desk, k.id, &report, 1));
    DeskPropose p = {.case_id = k.id, .rule = TRACE_FIFO};
    assert_ok(&w->c, desk_order_propose(&w->c, &w->desk, &p, &made));
    assert_int_equal(made.created_count, 1);
    DeskOrder o = made.created[0];
    assert_true(o.request && o.pack.n == 64);
    DeskOrderActDraft t = ACT("issue");
    t.ends_at = STR("2026-01-02T00:00:00Z");
    o = act(&d.th, o.id, t);
    duo_carry(&d);
    DeskOrder there = get(&d.mm, o.id);
    assert_true(str_eq(there.pack, o.pack) && there.is_to_us);
    AUTO(Buf) ours = {0}, theirs = {0};
    DeskAttachment a;
    assert_ok(&w->c, desk_attachment_get(&w->c, &w->desk, o.pack, &a, &ours));
    assert_ok(&d.mm.w.c, desk_attachment_get(&d.mm.w.c, &d.mm.w.desk, o.pack, &a, &theirs));
    assert_true(ours.n > 0 && str_eq(buf_view(&ours), buf_view(&theirs)));
    // The adopting order refers to the request, and does not hand their evidence on.
    DeskOrder own = act(&d.mm, o.id, ACT("adopt"));
    assert_true(own.pack.n == 0 && own.tag_count == 1);
    duo_done(&d);
}

// The request is withdrawn while its adoption waits to be issued.
static void test_withdrawn_before_issue(void **state) {
    (void)state;
    Duo d;
    duo_open(&d);
    Str id = ask(&d);
    DeskOrder own = act(&d.mm, id, ACT("adopt"));
    DeskOrderActDraft t = ACT("withdraw");
    t.note = STR("the victim was mistaken");
    (void)act(&d.th, id, t);
    duo_carry(&d);
    refused(&d.mm, own.id, ACT("issue"), E_STATE, "can be adopted no more");
    t = ACT("withdraw");
    (void)act(&d.mm, own.id, t);
    DeskOrder o = get(&d.th, id);
    assert_true(office_is(&o, ORDER_WITHDRAWN));
    duo_done(&d);
}

// Clocks differ by minutes, in both directions: what was said after something is read after it.
static void test_clocks_differ(void **state) {
    (void)state;
    for (int64_t minutes = -8; minutes <= 8; minutes += 16) {
        Duo d;
        duo_open(&d);
        d.mm.w.now += minutes * 60000000LL;
        Str id = ask(&d);
        DeskOrder o = act(&d.mm, id, ACT("receive"));
        assert_true(office_is(&o, ORDER_RECEIVED));
        duo_carry(&d);
        o = get(&d.th, id);
        assert_true(office_is(&o, ORDER_RECEIVED));
        DeskOrderActDraft t = ACT("withdraw");
        t.note = STR("a mistake");
        o = act(&d.th, id, t);
        assert_true(office_is(&o, ORDER_WITHDRAWN));
        duo_carry(&d);
        o = get(&d.mm, id);
        assert_true(office_is(&o, ORDER_WITHDRAWN));
        duo_done(&d);
    }
}

static void test_clock_far_off(void **state) {
    (void)state;
    Duo d;
    duo_open(&d);
    world_reports(&d.th.w, "r.csv", reports);
    DeskPropose p = {.report = STR("R-1")};
    DeskProposed made;
    assert_ok(&d.th.w.c, desk_order_propose(&d.th.w.c, &d.th.w.desk, &p, &made));
    d.mm.w.now += (SYNC_CLOCK_STOP_S + 60) * 1000000LL;
    duo_carry(&d);
    DeskOrderActDraft t = ACT("issue");
    t.ends_at = STR("2026-01-02T00:00:00Z");
    refused(&d.th, made.created[0].id, t, E_STATE, "clock differs");
    d.mm.w.now = d.th.w.now;
    duo_carry(&d);
    DeskOrder o = act(&d.th, made.created[0].id, t);
    assert_true(office_is(&o, ORDER_ISSUED));
    duo_done(&d);
}

// --- before it is issued ------------------------------------------------------------------------

static void accord_of_all(Duo *d) {
    AUTO(Buf) json = {0};
    DeskMemberDraft member = {.agency = STR("mm")};
    Str kinds[] = {STR("*"), STR("order"), STR("report")};
    DeskAccordDraft draft = {.name = STR("all"),
                             .title = STR("All of it"),
                             .members = &member,
                             .member_count = 1,
                             .kinds = kinds,
                             .kind_count = COUNT_OF(kinds)};
    assert_ok(&d->c, desk_accord_new(&d->c, &d->th.w.desk, &draft, &json));
    buf_clear(&json);
    assert_ok(&d->c, desk_accord_sign(&d->c, &d->th.w.desk, STR("all"), true, (Str){0}, &json));
    duo_carry(d);
    buf_clear(&json);
    assert_ok(&d->c, desk_accord_sign(&d->c, &d->mm.w.desk, STR("all"), true, (Str){0}, &json));
    duo_carry(d);
}

static bool in_packets(const Duo *d, Str words) {
    size_t at;
    return str_find(buf_view(&d->packets), words, &at);
}

// Under an accord that names orders nothing of one leaves before both officers issued it.
static void test_drafts_stay(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    duo_open(&d);
    Ctx *c = &d.th.w.c;
    accord_of_all(&d);
    DeskPartyDraft flag = {
        .party = STR("TH/004/0011223344"), .source = STR("a list"), .active = true};
    assert_ok(c, desk_party_flag(c, &d.th.w.desk, &flag, &json));
    Str report = duo_report(&d, &d.th, "R-1", "all");
    DeskPropose p = {.report = STR("R-1")};
    DeskProposed made;
    assert_ok(c, desk_order_propose(c, &d.th.w.desk, &p, &made));
    assert_int_equal(made.created_count, 1);
    Str id = made.created[0].id, number = made.created[0].number;
    duo_carry(&d);
    assert_true(duo_sees(&d, &d.mm, report) && in_packets(&d, report)); // the accord is in force
    assert_false(in_packets(&d, number) || in_packets(&d, id));
    DeskOrderActDraft t = ACT("issue");
    DeskOrder o = act(&d.th, id, t);
    assert_true(o.view.waits_second && office_is(&o, ORDER_DRAFT));
    duo_carry(&d);
    assert_false(in_packets(&d, number) || in_packets(&d, id));
    assert_false(world_grep(&d.mm.w, d.mm.w.dir, id, NULL));
    t = ACT("second");
    assert_ok(c, desk_order_act(c, &d.th.second, id, &t, &o));
    assert_true(office_is(&o, ORDER_ISSUED));
    duo_carry(&d);
    assert_true(in_packets(&d, number) && in_packets(&d, id));
    o = get(&d.mm, id);
    assert_true(office_is(&o, ORDER_ISSUED) && !o.is_to_us);
    duo_done(&d);
}

// --- a bank with a node -------------------------------------------------------------------------

typedef struct Trio {
    Duo d;
    Side bank;
    Str request, order;
} Trio;

static void trio_carry(Trio *t) {
    duo_carry(&t->d);
    duo_carry_between(&t->d, &t->d.mm, &t->bank);
    duo_carry(&t->d);
}

static void trio_open(Trio *t) {
    memset(t, 0, sizeof *t);
    duo_open(&t->d);
    duo_side_open(&t->bank, 23, "MM", "bank");
    duo_confirm(&t->d, &t->d.mm, &t->bank, "kbz", KBZ);
    duo_confirm(&t->d, &t->bank, &t->d.mm, "mm", "");
    trio_carry(t);
    t->request = ask(&t->d);
    DeskOrder own = act(&t->d.mm, t->request, ACT("adopt"));
    assert_true(str_eq_c(own.addressee_agency, t->bank.w.node->agency_id));
    own = act(&t->d.mm, own.id, ACT("issue"));
    t->order = own.id;
    trio_carry(t);
}

static void trio_done(Trio *t) {
    duo_done(&t->d);
    world_done(&t->bank.w);
}

static void test_bank_answers(void **state) {
    (void)state;
    Trio t;
    trio_open(&t);
    DeskOrderList in = box(&t.bank, "in");
    assert_int_equal(in.count, 1);
    assert_true(str_eq(in.items[0].id, t.order) && !in.items[0].request);
    // The request is between the centres alone.
    DeskOrder o;
    assert_int_equal(desk_order_get(&t.bank.w.c, &t.bank.w.desk, t.request, &o), E_NOT_FOUND);
    o = act(&t.bank, t.order, ACT("receive"));
    assert_true(office_is(&o, ORDER_RECEIVED));
    DeskOrderActDraft a = ACT("answer");
    a.outcome = STR("partly");
    a.amount = STR("450.00");
    a.balance = STR("450.00");
    a.code = STR("insufficient");
    a.document = document(&t.bank, "slip.pdf", "zqslip: 450.00 are held");
    o = act(&t.bank, t.order, a);
    assert_true(office_is(&o, ORDER_PARTLY));
    trio_carry(&t);
    o = get(&t.d.mm, t.order);
    assert_true(office_is(&o, ORDER_PARTLY) && o.view.held == 45000);
    const DeskOrderEvent *last = &o.events[o.event_count - 1];
    assert_true(str_eq_c(last->agency_name, "kbz") && str_eq(last->document, a.document));
    assert_true(opens(&t.d.mm, a.document, "zqslip: 450.00 are held"));
    assert_false(opens(&t.d.th, a.document, "zqslip: 450.00 are held"));
    // Less is asked: the bank must say that it knows.
    DeskOrderActDraft less = ACT("reduce");
    less.amount = STR("300.00");
    less.note = STR("a part is the holder's wage");
    less.document = document(&t.d.mm, "finding.pdf", "zqfinding");
    o = act(&t.d.mm, t.order, less);
    assert_true(o.view.waits_reduction && o.now.not_confirmed);
    trio_carry(&t);
    assert_true(opens(&t.bank, less.document, "zqfinding"));
    o = get(&t.bank, t.order);
    assert_true(o.now.not_confirmed && allows(&o, ORDER_RECEIVE));
    o = act(&t.bank, t.order, ACT("receive"));
    assert_false(o.view.waits_reduction);
    trio_carry(&t);
    o = get(&t.d.mm, t.order);
    assert_false(o.now.not_confirmed);
    trio_done(&t);
}

static void test_release_is_undone(void **state) {
    (void)state;
    Trio t;
    trio_open(&t);
    DeskOrderActDraft a = ACT("answer");
    a.outcome = STR("executed");
    DeskOrder o = act(&t.bank, t.order, a);
    assert_true(office_is(&o, ORDER_EXECUTED));
    trio_carry(&t);
    // An extension waits for the receipt of the bank's node.
    a = ACT("extend");
    a.ends_at = STR("2026-01-03T00:00:00Z");
    o = act(&t.d.mm, t.order, a);
    assert_true(o.view.waits_receipt);
    trio_carry(&t);
    o = act(&t.bank, t.order, ACT("receive"));
    trio_carry(&t);
    o = get(&t.d.mm, t.order);
    assert_true(!o.view.waits_receipt && o.view.extensions == 1);
    a = ACT("release");
    a.note = STR("it was not fraud");
    o = act(&t.d.mm, t.order, a);
    if (o.view.waits_second) {
        DeskOrderActDraft second = ACT("second");
        assert_ok(&t.d.mm.w.c, desk_order_act(&t.d.mm.w.c, &t.d.mm.second, t.order, &second, &o));
    }
    assert_true(office_is(&o, ORDER_RELEASED) && o.now.not_confirmed);
    trio_carry(&t);
    o = get(&t.bank, t.order);
    assert_true(office_is(&o, ORDER_RELEASED) && o.now.not_confirmed);
    duo_pass(&t.d, 25 * OFFICE_HOUR);
    t.bank.w.now += 25 * OFFICE_HOUR;
    o = get(&t.d.mm, t.order);
    assert_true(o.now.overdue);
    o = get(&t.bank, t.order);
    assert_true(o.now.overdue && allows(&o, ORDER_UNDONE));
    o = act(&t.bank, t.order, ACT("undone"));
    assert_true(!o.now.not_confirmed && o.view.held == 0);
    trio_carry(&t);
    o = get(&t.d.mm, t.order);
    assert_true(!o.now.not_confirmed && o.view.held == 0);
    assert_int_equal(box(&t.d.mm, "out").count, 0);
    assert_int_equal(box(&t.bank, "in").count, 0);
    DeskVerdict verdict;
    assert_ok(&t.bank.w.c, desk_verify(&t.bank.w.c, t.bank.w.node, (DeskProgress){0}, &verdict));
    if (!verdict.ok)
        fail_msg(STR_FMT ": " STR_FMT, STR_ARG(verdict.where), STR_ARG(verdict.what));
    trio_done(&t);
}

// --- what stands behind it ----------------------------------------------------------------------

static void stands(Side *s, Str report, const char *standing, const char *by) {
    DeskReport r;
    assert_ok(&s->w.c, desk_report_get(&s->w.c, &s->w.desk, report, &r));
    if (!str_eq_c(r.standing, standing) || !str_eq_c(r.standing_by, by))
        fail_msg("it stands as " STR_FMT " by " STR_FMT, STR_ARG(r.standing),
                 STR_ARG(r.standing_by));
}

// The agency of the victim's bank confirms another's report: its author sees it, who says so, and
// opens the document. To an agency that would never learn of it nothing is said.
static void test_standing_of_anothers_report(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    duo_open(&d);
    Ctx *c = &d.mm.w.c;
    const Desk *mm = &d.mm.w.desk;
    Str report = duo_report(&d, &d.th, "R1", "");
    duo_share(&d, &d.th, report, (DeskShareDraft){0});
    duo_carry(&d);
    stands(&d.mm, STR("th/R1"), "claimed", "");
    Str slip = document(&d.mm, "bank.pdf", "zqbank: it was paid out here");
    assert_int_equal(desk_report_standing(c, mm, STR("th/R1"), STR("bank"), (Str){0}, (Str){0}),
                     E_INVALID);
    assert_ok(c, desk_report_standing(c, mm, STR("th/R1"), STR("bank"), slip, (Str){0}));
    stands(&d.mm, report, "bank", d.mm.w.node->agency.p);
    duo_carry(&d);
    stands(&d.th, report, "bank", "mm");
    assert_true(opens(&d.th, slip, "zqbank: it was paid out here"));
    assert_ok(&d.th.w.c, desk_report_standing(&d.th.w.c, &d.th.w.desk, report, STR("claimed"),
                                              (Str){0}, STR("a forged slip")));
    duo_carry(&d);
    stands(&d.mm, report, "claimed", ""); // its author has the last word
    assert_ok(c, desk_peer_revoke(c, mm, STR("th"), STR("no more"), &json));
    assert_int_equal(desk_report_standing(c, mm, report, STR("bank"), slip, (Str){0}), E_STATE);
    duo_done(&d);
}

// --- a node that came later ---------------------------------------------------------------------

static void confirm_both(Duo *d) {
    duo_confirm(d, &d->th, &d->mm, "mm", "");
    duo_confirm(d, &d->mm, &d->th, "th", "");
    duo_carry(d);
}

static Str drafted(Duo *d) {
    world_reports(&d->th.w, "r.csv", reports);
    DeskPropose p = {.report = STR("R-1")};
    DeskProposed made;
    assert_ok(&d->th.w.c, desk_order_propose(&d->th.w.c, &d->th.w.desk, &p, &made));
    assert_int_equal(made.created[0].addressee_agency.n, 0);
    return made.created[0].id;
}

// The draft was made when nobody there had a node: it goes by the link all the same.
static void test_confirmed_after_the_draft(void **state) {
    (void)state;
    Duo d;
    duo_open_apart(&d);
    Str id = drafted(&d);
    confirm_both(&d);
    DeskOrderActDraft t = ACT("issue");
    t.ends_at = STR("2026-01-02T00:00:00Z");
    DeskOrder o = act(&d.th, id, t);
    assert_true(office_is(&o, ORDER_ISSUED) && !str_eq(o.id, id));
    assert_true(str_eq_c(o.number, "O-2026-000002"));
    assert_true(str_eq_c(o.addressee_agency, d.mm.w.node->agency_id));
    DeskOrder old = get(&d.th, id);
    assert_true(office_is(&old, ORDER_WITHDRAWN));
    duo_carry(&d);
    DeskOrderList in = box(&d.mm, "in");
    assert_int_equal(in.count, 1);
    assert_true(str_eq(in.items[0].id, o.id) && in.items[0].is_to_us);
    assert_true(office_is(&in.items[0], ORDER_ISSUED));
    DeskOrder there;
    assert_int_equal(desk_order_get(&d.mm.w.c, &d.mm.w.desk, id, &there), E_NOT_FOUND);
    duo_done(&d);
}

// And also when it was confirmed between the two signatures: then two officers sign what goes out.
static void test_confirmed_between_signatures(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    duo_open_apart(&d);
    Ctx *c = &d.th.w.c;
    DeskPartyDraft flag = {
        .party = STR("MM/KBZBMMMY/2000000001"), .source = STR("a list"), .active = true};
    assert_ok(c, desk_party_flag(c, &d.th.w.desk, &flag, &json));
    Str id = drafted(&d);
    DeskOrderActDraft t = ACT("issue");
    t.ends_at = STR("2026-01-02T00:00:00Z");
    t.document = document(&d.th, "letter.txt", "zqletter");
    assert_true(act(&d.th, id, t).view.waits_second);
    confirm_both(&d);
    refused(&d.th, id, ACT("second"), E_DENIED, "another officer"); // not by who signed first
    DeskOrder o;
    t = ACT("second");
    assert_ok(c, desk_order_act(c, &d.th.second, id, &t, &o));
    assert_true(!str_eq(o.id, id) && office_is(&o, ORDER_DRAFT) && o.view.waits_second);
    assert_true(str_eq_c(o.addressee_agency, d.mm.w.node->agency_id));
    DeskOrder old = get(&d.th, id);
    assert_true(office_is(&old, ORDER_WITHDRAWN));
    duo_carry(&d);
    assert_int_equal(box(&d.mm, "in").count, 0);
    assert_int_equal(desk_order_act(c, &d.th.second, o.id, &t, &o), E_DENIED);
    o = act(&d.th, o.id, t);
    assert_true(office_is(&o, ORDER_ISSUED) && o.asks_end == 1767312000000000LL);
    duo_carry(&d);
    DeskOrderList in = box(&d.mm, "in");
    assert_int_equal(in.count, 1);
    assert_true(str_eq(in.items[0].id, o.id) && office_is(&in.items[0], ORDER_ISSUED));
    assert_true(world_grep(&d.mm.w, d.mm.w.dir, STR("letter.txt"), NULL));
    duo_done(&d);
}

// Of an order under a law row the same; and a node that is none any more is not asked.
static void test_bank_confirmed_later(void **state) {
    (void)state;
    Duo d;
    Side bank;
    duo_open_apart(&d);
    duo_side_open(&bank, 23, "TH", "bank");
    world_reports(&d.th.w, "r.csv",
                  REPORT_HEADER "R-1,2026-01-01T12:00:00+07:00,Somchai,TH,phone,1000.00,THB,,TH/004"
                                "/0011223344,,,x\n");
    DeskPropose p = {.report = STR("R-1")};
    DeskProposed made;
    assert_ok(&d.th.w.c, desk_order_propose(&d.th.w.c, &d.th.w.desk, &p, &made));
    duo_confirm(&d, &d.th, &bank, "kbank", "TH/004");
    duo_confirm(&d, &bank, &d.th, "th", "");
    duo_carry_between(&d, &d.th, &bank);
    DeskOrder draft = get(&d.th, made.created[0].id);
    assert_true(draft.law_count > 0);
    DeskOrderActDraft t = ACT("issue");
    Err e;
    DeskOrder o;
    for (size_t i = 0; i < draft.law_count; i++) { // of several rows one that needs no more
        t.law = draft.laws[i].law->id;
        e = try_act(&d.th, draft.id, t, &o);
        if (e == OK)
            break;
    }
    assert_ok(&d.th.w.c, e);
    assert_true(str_eq_c(o.addressee_agency, bank.w.node->agency_id) && !o.request);
    duo_carry_between(&d, &d.th, &bank);
    assert_int_equal(box(&bank, "in").count, 1);
    (void)act(&bank, o.id, ACT("receive"));
    duo_carry_between(&d, &d.th, &bank);
    o = get(&d.th, o.id);
    assert_true(office_is(&o, ORDER_RECEIVED));
    world_done(&bank.w);
    duo_done(&d);
}

// --- what became of it, told to who asked -------------------------------------------------------

static void assert_told(Side *s, Str id, OrderOutcome outcome, int64_t held, const char *over) {
    DeskOrder o = get(s, id);
    if (!o.view.has_told_at || o.view.told != outcome || o.view.held != held ||
        !str_eq_c(o.told_code, over) || o.view.told_over != (over[0] != 0))
        fail_msg("told %d: %s, %lld held, over " STR_FMT, o.view.has_told_at,
                 order_outcome_name(o.view.told), (long long)o.view.held, STR_ARG(o.told_code));
}

static void clock_says(Side *s, Str id, const char *words) {
    DeskOrder o = get(s, id);
    Str clock;
    size_t at;
    assert_ok(&s->w.c, desk_order_clock(&s->w.c, s->w.node, &o, &clock));
    if (!str_find(clock, str_of(words), &at))
        fail_msg("the clock says " STR_FMT ", not: %s", STR_ARG(clock), words);
}

static void test_outcome_is_told(void **state) {
    (void)state;
    Trio t;
    trio_open(&t);
    assert_told(&t.d.th, t.request, ORDER_NO_OUTCOME, 0, "");
    clock_says(&t.d.th, t.request, "its order is not answered yet");
    DeskOrder own = get(&t.d.mm, t.order), o = get(&t.d.th, t.request);
    assert_true(o.view.has_ends_at && o.view.ends_at == own.view.ends_at);
    assert_true(o.now.has_due && strcmp(o.now.due, "end") == 0);
    assert_int_equal(box(&t.d.th, "out").count, 1); // it is followed until that ends
    DeskOrderActDraft a = ACT("answer");
    a.outcome = STR("partly");
    a.amount = STR("450.00");
    a.balance = STR("450.00");
    a.code = STR("insufficient");
    a.document = document(&t.bank, "slip.pdf", "zqslip");
    (void)act(&t.bank, t.order, a);
    trio_carry(&t);
    assert_told(&t.d.th, t.request, ORDER_DID_PARTLY, 45000, "");
    clock_says(&t.d.th, t.request, "partly, 450.00 THB held, ");
    size_t before = get(&t.d.th, t.request).event_count;
    trio_carry(&t); // nothing new is said again
    assert_int_equal(get(&t.d.th, t.request).event_count, before);
    // Neither the order nor what the bank wrote went to who asked.
    assert_false(world_grep(&t.d.th.w, t.d.th.w.dir, STR("zqslip"), NULL));
    assert_int_equal(desk_order_get(&t.d.th.w.c, &t.d.th.w.desk, t.order, &o), E_NOT_FOUND);
    refused(&t.d.mm, t.request, ACT("tell"), E_INVALID, "there is no act");
    a = ACT("release");
    a.note = STR("it was not fraud");
    (void)act(&t.d.mm, t.order, a);
    trio_carry(&t);
    assert_told(&t.d.th, t.request, ORDER_DID_PARTLY, 45000, "released");
    clock_says(&t.d.th, t.request, "not confirmed");
    (void)act(&t.bank, t.order, ACT("undone"));
    trio_carry(&t);
    assert_told(&t.d.th, t.request, ORDER_DID_PARTLY, 0, "released");
    assert_int_equal(box(&t.d.th, "out").count, 0);
    trio_done(&t);
}

// Nobody signs the end: who asked sees it by the clock, as all others do.
static void test_told_end(void **state) {
    (void)state;
    Trio t;
    trio_open(&t);
    DeskOrderActDraft a = ACT("answer");
    a.outcome = STR("executed");
    (void)act(&t.bank, t.order, a);
    trio_carry(&t);
    assert_told(&t.d.th, t.request, ORDER_DID_EXECUTE, 100000, "");
    duo_pass(&t.d, 30 * OFFICE_HOUR);
    t.bank.w.now += 30 * OFFICE_HOUR;
    clock_says(&t.d.th, t.request, "lapsed");
    assert_int_equal(box(&t.d.th, "out").count, 0);
    (void)act(&t.bank, t.order, ACT("undone"));
    trio_carry(&t);
    assert_told(&t.d.th, t.request, ORDER_DID_EXECUTE, 0, "lapsed");
    trio_done(&t);
}

static void test_partly_adopted(void **state) {
    (void)state;
    Duo d;
    duo_open(&d);
    Str id = ask(&d);
    DeskOrderActDraft t = ACT("adopt");
    t.amount = STR("1000.01");
    refused(&d.mm, id, t, E_INVALID, "or less");
    t.amount = STR("0.00");
    refused(&d.mm, id, t, E_INVALID, "or less");
    t.amount = STR("600.00");
    DeskOrder own = act(&d.mm, id, t);
    assert_int_equal(own.view.asked, 60000);
    assert_int_equal(own.tags[0].amount, 60000);
    own = act(&d.mm, own.id, ACT("issue"));
    duo_carry(&d);
    DeskOrder o = get(&d.th, id);
    const DeskOrderEvent *adopt = adoption(&o);
    assert_true(adopt->has_amount && adopt->amount == 60000);
    // The bank has no node: its letter is told by the centre, and what became of it to who asked.
    t = ACT("answer");
    t.outcome = STR("executed");
    t.document = document(&d.mm, "letter.pdf", "zqletter");
    (void)act(&d.mm, own.id, t);
    duo_carry(&d);
    assert_told(&d.th, id, ORDER_DID_PARTLY, 60000, "");         // of what was asked
    refused(&d.mm, id, ACT("adopt"), E_STATE, "cannot be done"); // and not a second time
    duo_done(&d);
}

static void test_bank_refuses_what_was_adopted(void **state) {
    (void)state;
    Trio t;
    trio_open(&t);
    DeskOrderActDraft a = ACT("answer");
    a.outcome = STR("refused");
    a.code = STR("closed");
    (void)act(&t.bank, t.order, a);
    trio_carry(&t);
    assert_told(&t.d.th, t.request, ORDER_DID_REFUSE, 0, "refused");
    clock_says(&t.d.th, t.request, "its order was refused");
    trio_done(&t);
}

// Who asked wants it no more: the order that it became is the other's own, and its officers are
// told.
static void test_withdrawn_after_adoption(void **state) {
    (void)state;
    Trio t;
    trio_open(&t);
    DeskOrderActDraft a = ACT("withdraw");
    a.note = STR("the victim was mistaken");
    DeskOrder o = act(&t.d.th, t.request, a);
    assert_true(office_is(&o, ORDER_WITHDRAWN));
    trio_carry(&t);
    o = get(&t.d.mm, t.order);
    assert_true(o.now.alive && str_eq_c(o.adopts_state, "withdrawn"));
    clock_says(&t.d.mm, t.order, "was withdrawn: release it");
    a = ACT("answer");
    a.outcome = STR("executed");
    (void)act(&t.bank, t.order, a);
    trio_carry(&t);
    assert_told(&t.d.th, t.request, ORDER_DID_EXECUTE, 100000, "");
    clock_says(&t.d.th, t.request, "withdrawn after it was adopted");
    a = ACT("release");
    a.note = STR("asked no more");
    (void)act(&t.d.mm, t.order, a);
    trio_carry(&t);
    (void)act(&t.bank, t.order, ACT("undone"));
    trio_carry(&t);
    assert_told(&t.d.th, t.request, ORDER_DID_EXECUTE, 0, "released");
    trio_done(&t);
}

int run_desk_order_across_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request_adopted),
        cmocka_unit_test(test_request_refused),
        cmocka_unit_test(test_evidence),
        cmocka_unit_test(test_withdrawn_before_issue),
        cmocka_unit_test(test_clocks_differ),
        cmocka_unit_test(test_clock_far_off),
        cmocka_unit_test(test_drafts_stay),
        cmocka_unit_test(test_standing_of_anothers_report),
        cmocka_unit_test(test_confirmed_after_the_draft),
        cmocka_unit_test(test_confirmed_between_signatures),
        cmocka_unit_test(test_bank_confirmed_later),
        cmocka_unit_test(test_outcome_is_told),
        cmocka_unit_test(test_told_end),
        cmocka_unit_test(test_partly_adopted),
        cmocka_unit_test(test_bank_refuses_what_was_adopted),
        cmocka_unit_test(test_withdrawn_after_adoption),
        cmocka_unit_test(test_bank_answers),
        cmocka_unit_test(test_release_is_undone),
    };
    return cmocka_run_group_tests_name("desk/order_across", tests, NULL, NULL);
}
