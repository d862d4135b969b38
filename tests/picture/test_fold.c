// The fold: whatever order and groups the records come in, the tables are the same, and they are
// what a naive reading of the rules says.
#include "groups.h"

#include "folder.h"
#include "picture/picture_priv.h"
#include "world.h"

#ifdef __SANITIZE_ADDRESS__
#define WORLDS 60 // as much of the time as the others take without
#else
#define WORLDS 200
#endif

// A run of consecutive items of a random order into groups of random size.
static void fold_shuffled(Ctx *c, Picture *p, World *w, bool one_by_one) {
    PictureItem items[WORLD_RECORDS_MAX];
    memcpy(items, w->items, w->count * sizeof *items);
    for (size_t i = w->count; i > 1; i--) {
        size_t k = (size_t)rng_below(&w->rng, i);
        PictureItem t = items[i - 1];
        items[i - 1] = items[k];
        items[k] = t;
    }
    for (size_t at = 0; at < w->count;) {
        size_t n = one_by_one ? 1 : 1 + (size_t)rng_below(&w->rng, w->count - at);
        assert_ok(c, picture_fold(c, p, items + at, n));
        // What was folded already changes nothing.
        if (rng_below(&w->rng, 4) == 0)
            assert_ok(c, picture_fold(c, p, items, at + n));
        at += n;
    }
}

static Str dump_of(Ctx *c, Picture *p) {
    AUTO(Buf) b = {0};
    Str s;
    assert_ok(c, picture_dump(c, p, &b));
    assert_ok(c, str_copy(c, buf_view(&b), &s));
    return s;
}

static void same_dump(Str want, Str have, const char *what) {
    if (str_eq(want, have))
        return;
    size_t line = 0, at = 0;
    while (at < want.n && at < have.n && want.p[at] == have.p[at])
        line = want.p[at++] == '\n' ? at : line;
    fail_msg("%s: the dumps differ:\n%.*s\n%.*s", what,
             (int)(want.n - line < 300 ? want.n - line : 300), want.p + line,
             (int)(have.n - line < 300 ? have.n - line : 300), have.p + line);
}

static size_t shared_seen; // records whose mark a share gave

// --- against the naive reading ------------------------------------------------------------------

static void check_record(Ctx *c, PictureReader *r, const World *w, size_t i) {
    PictureRecord record;
    const char *want = naive_state(w, i);
    int here = naive_find(w, w->plans[i].id);
    if (here >= 0 && here != (int)i)
        return;
    Err e = picture_record_get(c, r, w->plans[i].id, &record);
    // What went with its object, and not by its own name, is not found.
    if (!want && !naive_named_by_erase(w, w->plans[i].id) && !naive_let_go_of(w, w->plans[i].id)) {
        assert_int_equal(e, E_NOT_FOUND);
        return;
    }
    assert_int_equal(e, OK);
    if (!want) {
        bool erased = naive_named_by_erase(w, w->plans[i].id);
        if (!str_eq_c(record.state, erased ? "erased" : "let_go"))
            fail_msg("record %zu is %.*s", i, STR_ARG(record.state));
        assert_true(record.has_erased_by);
        assert_int_equal(record.kind.n, 0);
        return;
    }
    if (!str_eq_c(record.state, want))
        fail_msg("record %zu of kind %.*s: \"%.*s\" where it is \"%s\"", i, STR_ARG(record.kind),
                 STR_ARG(record.state), want);
    assert_int_equal(record.seq, w->plans[i].seq);
    assert_true(str_eq_c(record.log, w->plans[i].log));
    assert_true(str_eq_c(record.agency, w->agency[w->plans[i].agency]));
}

// The mark that counts, in the record, in its row and with its end.
static void check_marking(Ctx *c, PictureReader *r, const World *w, size_t i) {
    static const char *const paps[] = {"AMBER", "CLEAR", "GREEN"};
    const Plan *p = &w->plans[i], *m = &w->plans[naive_marking(w, i)];
    PictureRecord record;
    PictureReport report;
    Str words;
    size_t at;
    if (naive_find(w, p->id) != (int)i)
        return;
    assert_ok(c, picture_record_get(c, r, p->id, &record));
    assert_ok(c, str_format(c, &words, "\"pap\":\"%s\"", paps[m->mark]));
    if (!str_find(record.mark, words, &at))
        fail_msg("record %zu of %zu (kind %d, own %zu, of %d): the mark is " STR_FMT
                 ", where it is that of %zu (kind %d, mark %zu)",
                 i, p->agency, (int)p->kind, w->own, p->has_of, STR_ARG(record.mark),
                 naive_marking(w, i), (int)m->kind, m->mark);
    for (size_t a = 0; a < WORLD_AGENCIES; a++)
        assert_int_equal(str_find(record.mark, str_of(w->agency[a]), &at), m->to_bits >> a & 1);
    assert_int_equal(record.has_until, m->has_until);
    if (m->has_until)
        assert_int_equal(record.until, 1900000000000000 + m->until_n);
    if (p->kind == RECORD_REPORT && naive_known(p)) {
        assert_ok(c, picture_report_get(c, r, p->id, &report));
        assert_true(str_eq(report.mark, record.mark));
    }
    shared_seen += m != p;
}

static void check_report(Ctx *c, PictureReader *r, const World *w, size_t i) {
    const Plan *p = &w->plans[i];
    PictureReport report;
    PictureNamed named;
    assert_ok(c, picture_report_get(c, r, p->id, &report));
    assert_true(str_eq_c(report.report, p->name));
    int seed = naive_seed(w, i);
    assert_int_equal(report.has_seed, seed >= 0);
    assert_ok(c, picture_report_named(c, r, p->id, &named));
    assert_int_equal(named.transfer_count, p->text_count);
    assert_int_equal(named.account_count, p->text_count);
    assert_int_equal(named.phone_count, p->text_count / 2);
    assert_int_equal(named.url_count, p->text_count / 3);
    assert_int_equal(named.seed_count, seed < 0 ? 0 : w->plans[seed].text_count);
    for (size_t k = 0; k < named.seed_count; k++)
        assert_true(str_eq_c(named.seeds[k], w->plans[seed].texts[k]));
    if (seed >= 0)
        assert_true(record_id_eq(report.seed, w->plans[seed].id));
}

static void check_case(Ctx *c, PictureReader *r, const World *w, size_t i) {
    PictureCase found;
    const PictureCaseReport *items;
    size_t n, wanted = 0;
    bool more;
    assert_ok(c, picture_case_get(c, r, w->plans[i].id, &found));
    assert_true(str_eq_c(found.state, naive_case_closed(w, i) ? "closed" : "open"));
    assert_ok(c, picture_case_reports(c, r, w->plans[i].id, (PicturePage){.limit = 1000}, &items,
                                      &n, &more));
    for (size_t k = 0; k < w->count; k++) {
        const Plan *p = &w->plans[k];
        const char *want = NULL;
        if (naive_find(w, p->id) != (int)k && naive_clash(w, p->id))
            continue;
        if (p->kind == RECORD_CASE_ADD && p->has_of && record_id_eq(p->of, w->plans[i].id))
            want = naive_member(w, k);
        for (size_t m = 0; m < n; m++) {
            if (!record_id_eq(items[m].added_by, p->id))
                continue;
            if (!want || !str_eq_c(items[m].state, want))
                fail_msg("case %zu, add %zu: \"%.*s\" where it is \"%s\"", i, k,
                         STR_ARG(items[m].state), want ? want : "nothing");
            wanted--;
        }
        wanted += want != NULL;
    }
    assert_int_equal(wanted, 0);
}

// --- orders and what speaks of them -------------------------------------------------------------

// Both began as zeros, so that whole structs are compared: a field that the picture forgets shows.
static void same_view(const OrderView *want, const OrderView *have, size_t i) {
    if (memcmp(want, have, sizeof *want) != 0)
        fail_msg("order %zu: \"%s\" where it is \"%s\", or another field differs", i,
                 order_state_name(have->state), order_state_name(want->state));
}

static size_t effects_seen[ORDER_EFFECTS], states_seen[ORDER_STATES];

static void check_order(Ctx *c, PictureReader *r, const World *w, size_t i) {
    size_t events[WORLD_RECORDS_MAX];
    OrderEffect effects[WORLD_RECORDS_MAX];
    OrderView view;
    PictureOrder order;
    const PictureOrderEvent *items;
    const PictureTag *tags;
    size_t n, want = naive_order(c, w, i, events, effects, &view);
    assert_ok(c, picture_order_get(c, r, w->plans[i].id, &order));
    same_view(&view, &order.view, i);
    states_seen[view.state]++;
    OrderFacts facts = naive_facts(&w->plans[i]);
    assert_int_equal(order.facts.request, facts.request);
    assert_int_equal(order.facts.hold, facts.hold);
    assert_int_equal(order.facts.amount, facts.amount);
    assert_int_equal(order.facts.clock_from, facts.clock_from);
    assert_int_equal(order.facts.made_at, facts.made_at);
    assert_true(str_eq_c(order.number, w->plans[i].name));
    assert_true(str_eq_c(order.addressee_agency, w->agency[w->plans[i].to_agency]));
    assert_true(record_id_eq(order.case_id, w->plans[i].case_id));
    assert_ok(c, picture_order_events(c, r, w->plans[i].id, &items, &n));
    assert_int_equal(n, want);
    for (size_t k = 0; k < n; k++) {
        assert_true(record_id_eq(items[k].id, w->plans[events[k]].id));
        assert_int_equal(items[k].event.act, w->plans[events[k]].act);
        assert_int_equal(items[k].effect, effects[k]);
        effects_seen[effects[k]]++;
    }
    assert_ok(c, picture_order_tags(c, r, w->plans[i].id, &tags, &n));
    assert_int_equal(n, w->plans[i].text_count);
    for (size_t k = 0; k < n; k++) {
        assert_int_equal(tags[k].amount, 1 + k);
        assert_true(record_id_eq(tags[k].report, k % 2 ? w->plans[i].report : w->plans[i].target));
    }
}

// The claimant record in which a report of the case stands last, -1 for none.
static int naive_claimant(const World *w, size_t case_index, RecordId report) {
    size_t order[WORLD_RECORDS_MAX], n = naive_children(w, case_index, order);
    int last = -1;
    for (size_t i = 0; i < n; i++) {
        const Plan *p = &w->plans[order[i]];
        if (p->kind == RECORD_CLAIMANT && p->agency == w->plans[case_index].agency &&
            (record_id_eq(p->report, report) || (p->flag && record_id_eq(p->case_id, report))))
            last = (int)order[i];
    }
    return last;
}

static void check_claimants(Ctx *c, PictureReader *r, const World *w, size_t i) {
    const PictureClaimant *items;
    size_t n, got = 0, want = 0;
    assert_ok(c, picture_case_claimants(c, r, w->plans[i].id, &items, &n));
    for (size_t k = 0; k < n; k++) {
        assert_true(items[k].report_count > 0);
        got += items[k].report_count;
        for (size_t m = 0; m < items[k].report_count; m++) {
            int last = naive_claimant(w, i, items[k].reports[m]);
            assert_true(last >= 0 && record_id_eq(items[k].id, w->plans[last].id));
        }
    }
    size_t order[WORLD_RECORDS_MAX], count = naive_children(w, i, order);
    for (size_t k = 0; k < count; k++) {
        const Plan *p = &w->plans[order[k]];
        if (p->kind != RECORD_CLAIMANT)
            continue;
        want += naive_claimant(w, i, p->report) == (int)order[k];
        want += p->flag && !record_id_eq(p->case_id, p->report) &&
                naive_claimant(w, i, p->case_id) == (int)order[k];
    }
    assert_int_equal(got, want);
}

static void check_officer(Ctx *c, PictureReader *r, const World *w, size_t i) {
    PictureOfficer officer;
    assert_ok(c, picture_officer_get(c, r, w->plans[i].id, &officer));
    int change = naive_officer_change(w, i);
    assert_int_equal(officer.active, change < 0 || w->plans[change].flag);
    const char *role = change < 0 ? "officer" : w->plans[change].seq % 2 ? "duty" : "liaison";
    assert_true(str_eq_c(officer.role, role));
    uint64_t key = change < 0 ? w->plans[i].seq : w->plans[change].seq + 77;
    assert_int_equal(load_u64be(officer.officer_key + 24), key);
}

static void check_plan(Ctx *c, PictureReader *r, const World *w, size_t i) {
    PicturePlan plan;
    size_t officers[WORLD_OFFICERS], n = naive_signers(w, i, officers);
    assert_ok(c, picture_plan_get(c, r, w->plans[i].id, &plan));
    assert_int_equal(plan.signer_count, n);
    for (size_t k = 0; k < n; k++)
        assert_true(record_id_eq(plan.signers[k], w->officers[officers[k] - 1]));
}

static void check_grievance(Ctx *c, PictureReader *r, const World *w, size_t i) {
    PictureGrievance found;
    const PictureGrievance *open;
    size_t n, events[WORLD_RECORDS_MAX];
    bool more, listed = false, want = false;
    OrderEffect effects[WORLD_RECORDS_MAX];
    OrderView view;
    assert_ok(c, picture_grievance_get(c, r, w->plans[i].id, &found));
    int order = naive_find(w, w->plans[i].order);
    const Plan *p = order < 0 ? NULL : &w->plans[order];
    if (p && p->kind == RECORD_ORDER && naive_known(p)) {
        (void)naive_order(c, w, (size_t)order, events, effects, &view);
        want = view.appeal == ORDER_APPEALED;
        assert_int_equal(found.appeal, view.appeal);
    }
    assert_ok(c,
              picture_grievance_list(c, r, true, (PicturePage){.limit = 1000}, &open, &n, &more));
    for (size_t k = 0; k < n; k++)
        listed = listed || record_id_eq(open[k].id, w->plans[i].id);
    assert_int_equal(listed, want);
}

static void check_report_more(Ctx *c, PictureReader *r, const World *w, size_t i) {
    Str standing;
    const PictureRefundAccount *items;
    size_t n, accounts[WORLD_RECORDS_MAX];
    bool waits[WORLD_RECORDS_MAX];
    int in_force;
    assert_ok(c, picture_report_standing(c, r, w->plans[i].id, &standing));
    assert_true(str_eq_c(standing, naive_standing(w, i)));
    size_t want = naive_refunds(w, i, accounts, &in_force, waits);
    assert_ok(c, picture_refund_accounts(c, r, w->plans[i].id, &items, &n));
    assert_int_equal(n, want);
    for (size_t k = 0; k < n; k++) {
        assert_true(record_id_eq(items[k].id, w->plans[accounts[k]].id));
        assert_int_equal(items[k].in_force, (int)k == in_force);
        assert_int_equal(items[k].waits, waits[k]);
    }
}

// Shifts and break-glass: who else signed or decided.
static void check_others(Ctx *c, PictureReader *r, const World *w) {
    const PictureShift *shifts;
    const PictureGlass *glasses;
    size_t n;
    bool more;
    PicturePage page = {.limit = 1000};
    assert_ok(c, picture_shift_list(c, r, page, &shifts, &n, &more));
    for (size_t k = 0; k < n; k++) {
        if (naive_clash(w, shifts[k].id))
            continue;
        int other = naive_other(w, (size_t)naive_find(w, shifts[k].id), RECORD_SHIFT_SIGN);
        assert_int_equal(shifts[k].is_signed, other >= 0);
        if (other >= 0)
            assert_true(record_id_eq(shifts[k].signer, w->officers[w->plans[other].officer - 1]));
    }
    assert_ok(c, picture_glass_list(c, r, page, &glasses, &n, &more));
    for (size_t k = 0; k < n; k++) {
        if (naive_clash(w, glasses[k].id))
            continue;
        int other = naive_other(w, (size_t)naive_find(w, glasses[k].id), RECORD_GLASS_RATIFY);
        assert_int_equal(glasses[k].decided, other >= 0);
        assert_int_equal(glasses[k].ratified, other >= 0 && w->plans[other].flag);
    }
}

static void check_naive(Ctx *c, Str dir, const World *w) {
    static const struct {
        RecordKind kind;
        void (*check)(Ctx *c, PictureReader *r, const World *w, size_t i);
    } checks[] = {{RECORD_REPORT, check_report},    {RECORD_REPORT, check_report_more},
                  {RECORD_CASE, check_case},        {RECORD_CASE, check_claimants},
                  {RECORD_ORDER, check_order},      {RECORD_OFFICER, check_officer},
                  {RECORD_REFUND_PLAN, check_plan}, {RECORD_GRIEVANCE, check_grievance}};
    AUTO(PictureReaderOwned) r = NULL;
    assert_ok(c, picture_reader_open(c, dir, &r));
    picture_reader_sight(r, (PictureSight){.all = true});
    for (size_t i = 0; i < w->count; i++) {
        const char *state = naive_state(w, i);
        check_record(c, r, w, i);
        check_marking(c, r, w, i);
        if (!state || strcmp(state, "unknown") == 0 || strcmp(state, "clash") == 0)
            continue;
        for (size_t k = 0; k < COUNT_OF(checks); k++)
            if (w->plans[i].kind == checks[k].kind)
                checks[k].check(c, r, w, i);
    }
    check_others(c, r, w);
}

// The counts are those of the rows.
static void check_counts(Ctx *c, Str dir, const World *w) {
    AUTO(PictureReaderOwned) r = NULL;
    assert_ok(c, picture_reader_open(c, dir, &r));
    picture_reader_sight(r, (PictureSight){.all = true});
    const PictureCount *counts;
    size_t n;
    int64_t held = 0, duplicates = 0, waiting = 0, records = 0;
    for (size_t i = 0; i < w->count; i++) {
        const char *state = naive_state(w, i);
        records += state != NULL;
        waiting += state && strcmp(state, "waiting") == 0;
        bool report = state && w->plans[i].kind == RECORD_REPORT;
        // One that steps back is counted under a mark of its own, as it came.
        held += report && (strcmp(state, "held") == 0 ||
                           (strcmp(state, "clash") == 0 && naive_known(&w->plans[i])));
        duplicates += report && strcmp(state, "duplicate") == 0;
    }
    assert_ok(c, picture_counts(c, r, STR(""), &counts, &n));
    for (size_t i = 0; i < n; i++) {
        assert_true(counts[i].n > 0);
        if (str_eq_c(counts[i].table, "record"))
            records -= counts[i].n;
        if (str_eq_c(counts[i].table, "fold") && str_eq_c(counts[i].state, "waiting"))
            waiting -= counts[i].n;
        if (str_eq_c(counts[i].table, "report") && str_eq_c(counts[i].state, "held"))
            held -= counts[i].n;
        if (str_eq_c(counts[i].table, "report") && str_eq_c(counts[i].state, "duplicate"))
            duplicates -= counts[i].n;
    }
    assert_int_equal(records, 0);
    assert_int_equal(waiting, 0);
    assert_int_equal(held, 0);
    assert_int_equal(duplicates, 0);
}

// --- worlds -------------------------------------------------------------------------------------

static void one_order(Ctx *c, World *w, int which, Str *ret_dump) {
    Folder f;
    Str dir = folder_make(&f);
    Picture *p;
    assert_ok(c, picture_open(c, dir, world_own(w), &p));
    // What a search finds goes on into the large table, a few rows at a time.
    p->find.fresh_max = 3 * which;
    if (which == 0)
        assert_ok(c, picture_fold(c, p, w->items, w->count));
    else
        fold_shuffled(c, p, w, which == 2);
    *ret_dump = dump_of(c, p);
    picture_close(p);
    if (which == 0) {
        check_naive(c, dir, w);
        check_counts(c, dir, w);
    }
    folder_remove(c, &f);
}

// The worlds must meet every rule, or equal dumps say little.
static void tally(const World *w, size_t seen[], const char *const *states, size_t n) {
    for (size_t i = 0; i < w->count; i++) {
        const char *state = naive_state(w, i);
        const char *member = w->plans[i].kind == RECORD_CASE_ADD ? naive_member(w, i) : NULL;
        for (size_t k = 0; k < n; k++)
            seen[k] += strcmp(state ? state : "erased", states[k]) == 0 ||
                       (member && strcmp(member, states[k]) == 0);
    }
}

static void one_world(World *w, uint64_t seed) {
    AUTO(Ctx) c;
    ctx_init(&c);
    Str first, other;
    one_order(&c, w, 0, &first);
    for (int which = 1; which <= 1 + (int)(seed % 2); which++) {
        one_order(&c, w, which, &other);
        same_dump(first, other, which == 1 ? "in groups" : "one by one");
    }
    // The same where what was erased or let go comes without its content, as from the ledger.
    for (size_t i = 0; i < w->count; i++)
        if (naive_erased(w, i) || naive_let_go(w, i))
            w->items[i].envelope = (Str){0};
    one_order(&c, w, 1, &other);
    same_dump(first, other, "without content that is gone");
    world_done(w);
}

static void test_any_order_any_groups(void **state) {
    (void)state;
    static World w;
    static const char *const states[] = {"held",       "waiting", "stray", "unknown", "duplicate",
                                         "superseded", "erased",  "in",    "refused", "removed"};
    size_t seen[COUNT_OF(states)] = {0};
    for (uint64_t seed = 1; seed <= WORLDS; seed++) {
        print_message("world %llu\r", (unsigned long long)seed);
        world_make(&w, seed, 1 + seed % WORLD_AGENCIES);
        tally(&w, seen, states, COUNT_OF(states));
        one_world(&w, seed);
    }
    for (size_t k = 0; k < COUNT_OF(states); k++)
        if (seen[k] < WORLDS / 8)
            fail_msg("only %zu records of all worlds are \"%s\"", seen[k], states[k]);
    // The others are for the tests of order: here it matters that events meet a live order.
    for (size_t k = ORDER_COUNTED; k <= ORDER_TOO_LATE; k++)
        if (effects_seen[k] < (WORLDS + 39) / 40)
            fail_msg("only %zu events are \"%s\"", effects_seen[k],
                     order_effect_name((OrderEffect)k));
    size_t lived = 0;
    for (size_t k = ORDER_RECEIVED; k < ORDER_STATES; k++)
        lived += states_seen[k];
    print_message("orders: %zu drafts, %zu issued, %zu further\n", states_seen[ORDER_DRAFT],
                  states_seen[ORDER_ISSUED], lived);
    assert_true(lived >= WORLDS / 20 && states_seen[ORDER_ISSUED] >= WORLDS / 20);
}

// With shares, retracts and let_go records, and with ids that a hostile agency copied.
static void test_exchange(void **state) {
    (void)state;
    static World w;
    static const char *const states[] = {"clash", "erased", "waiting", "stray"};
    size_t seen[COUNT_OF(states)] = {0};
    shared_seen = 0;
    for (uint64_t seed = 5000; seed < 5000 + WORLDS / 2; seed++) {
        print_message("world %llu\r", (unsigned long long)seed);
        world_make_exchange(&w, seed, WORLD_AGENCIES - seed % 2, seed % 3 == 0);
        tally(&w, seen, states, COUNT_OF(states));
        one_world(&w, seed);
    }
    print_message("%zu marks by shares, %zu clashes\n", shared_seen, seen[0]);
    assert_true(shared_seen > WORLDS / 4 && seen[0] > WORLDS / 4);
}

int run_picture_fold_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_order_any_groups),
        cmocka_unit_test(test_exchange),
    };
    return cmocka_run_group_tests_name("picture fold", tests, NULL, NULL);
}
