// The questions of the exchange, against a naive walk through the whole world.
#include "groups.h"

#include "folder.h"
#include "world.h"

#define WORLDS 60

static Ctx ctx;
static size_t seen_acts, seen_retracts, seen_owed, seen_ended, seen_holders, seen_grants;

static bool is_held(const World *w, size_t i) {
    const char *state = naive_state(w, i);
    return state && strcmp(state, "held") == 0;
}

static bool counts_as(const World *w, size_t i, RecordKind kind) {
    return w->plans[i].kind == kind && naive_known(&w->plans[i]) && is_held(w, i);
}

static bool later(const Plan *a, const Plan *b) { // of one agency
    int by_log = strcmp(a->log, b->log);
    return a->at != b->at ? a->at > b->at : by_log ? by_log > 0 : a->seq > b->seq;
}

// --- shares, retracts ---------------------------------------------------------------------------

// The first agency of the mark, which is sorted by id and falls with the number; -1: none.
static int recipient(const Plan *p) {
    for (size_t a = WORLD_AGENCIES; a > 0; a--)
        if (p->to_bits >> (a - 1) & 1 && a - 1 != p->agency)
            return (int)a - 1;
    return -1;
}

// The last held child of this kind by one of these agencies, -1.
static int last_child(const World *w, size_t root, RecordKind kind, unsigned agencies) {
    size_t order[WORLD_RECORDS_MAX], n = naive_children(w, root, order);
    int last = -1;
    for (size_t i = 0; i < n; i++)
        if (w->plans[order[i]].kind == kind && agencies >> w->plans[order[i]].agency & 1)
            last = (int)order[i];
    return last;
}

static bool any_agency(const PictureTarget *items, size_t n, const char *agency) {
    for (size_t i = 0; i < n; i++)
        if (str_eq_c(items[i].agency, agency))
            return true;
    return false;
}

static void check_share(PictureReader *r, const World *w, size_t i) {
    const Plan *p = &w->plans[i];
    PictureShare s;
    int to = recipient(p), act = to < 0 ? -1 : last_child(w, i, RECORD_SHARE_ACT, 1U << to);
    bool retracted = false, is_last = true;
    assert_ok(&ctx, picture_share_get(&ctx, r, p->id, &s));
    assert_true(record_id_eq(s.record, p->record));
    assert_true(str_eq_c(s.to, to < 0 ? "" : w->agency[to]));
    assert_true(str_eq_c(s.act, act < 0 ? "" : w->plans[act].flag ? "accept" : "refuse"));
    if (act >= 0)
        assert_true(record_id_eq(s.act_id, w->plans[act].id));
    for (size_t k = 0; k < w->count && to >= 0; k++) {
        const Plan *o = &w->plans[k];
        bool same = o->agency == p->agency && record_id_eq(o->record, p->record) && later(o, p);
        retracted =
            retracted || (same && counts_as(w, k, RECORD_RETRACT) && o->whose == (size_t)to);
        is_last = is_last && !(same && counts_as(w, k, RECORD_SHARE) && recipient(o) == to);
    }
    assert_int_equal(s.is_retracted, retracted);
    assert_int_equal(s.is_last, is_last);
    seen_acts += act >= 0;
}

static void check_retract(PictureReader *r, const World *w, size_t i) {
    const Plan *p = &w->plans[i];
    PictureRetract t;
    int first = -1;
    for (size_t k = 0; k < w->count; k++) {
        const Plan *g = &w->plans[k];
        if (counts_as(w, k, RECORD_LET_GO) && g->agency == p->whose && g->has_target &&
            record_id_eq(g->target, p->id) && (first < 0 || later(&w->plans[first], g)))
            first = (int)k;
    }
    assert_ok(&ctx, picture_retract_get(&ctx, r, p->id, &t));
    assert_int_equal(t.from_count, 1);
    assert_true(any_agency(t.from, t.from_count, w->agency[p->whose]));
    assert_int_equal(t.from[0].has_let_go, first >= 0);
    assert_int_equal(t.waits, first < 0);
    if (first >= 0)
        assert_true(record_id_eq(t.from[0].let_go, w->plans[first].id));
    seen_retracts += first >= 0;
}

// Boxes hold what they say, newest first, in pages.
static void check_boxes(PictureReader *r, const World *w) {
    for (int box = PICTURE_ANY; box <= PICTURE_OUT; box++) {
        const PictureShare *items;
        size_t n, got = 0, want = 0;
        bool more = true;
        PicturePage page = {.limit = 3};
        int64_t at = INT64_MAX;
        while (more) {
            assert_ok(&ctx, picture_share_list(&ctx, r, (PictureBox)box, page, &items, &n, &more));
            for (size_t k = 0; k < n; k++, got++) {
                assert_true(items[k].at <= at);
                at = items[k].at;
                page.after = items[k].key;
            }
        }
        for (size_t i = 0; i < w->count; i++) {
            const Plan *p = &w->plans[i];
            bool ours = p->agency == w->own, to_us = !ours && p->to_bits >> w->own & 1;
            want += counts_as(w, i, RECORD_SHARE) &&
                    (box == PICTURE_ANY || (box == PICTURE_OUT ? ours : to_us));
        }
        assert_int_equal(got, want);
    }
}

// --- owed, ended --------------------------------------------------------------------------------

static bool owes(const World *w, size_t i) {
    const Plan *p = &w->plans[i];
    bool asks =
        (counts_as(w, i, RECORD_RETRACT) && p->whose == w->own) || counts_as(w, i, RECORD_ERASE);
    for (size_t k = 0; asks && k < w->count; k++) {
        const Plan *g = &w->plans[k];
        asks = !(g->kind == RECORD_LET_GO && naive_known(g) && g->agency == w->own &&
                 g->has_target && record_id_eq(g->target, p->id));
    }
    return asks && p->agency != w->own;
}

static bool ends(const World *w, size_t i) {
    const Plan *p = &w->plans[i];
    bool kept = p->kind == RECORD_GENESIS || p->kind == RECORD_OFFICER || p->kind == RECORD_ERASE ||
                (world_is_exchange(p->kind) && p->kind != RECORD_PEER && p->kind != RECORD_FLAG);
    return p->agency != w->own && !p->has_of && !kept && naive_find(w, p->id) == (int)i &&
           w->plans[naive_marking(w, i)].has_until;
}

static void check_due(PictureReader *r, const World *w) {
    const PictureOwed *owed;
    const PictureEnded *ended;
    size_t n, want = 0;
    assert_ok(&ctx, picture_owed_list(&ctx, r, 1000, &owed, &n));
    for (size_t i = 0; i < w->count; i++)
        want += owes(w, i);
    assert_int_equal(n, want);
    for (size_t k = 0; k < n; k++) {
        int i = naive_find(w, owed[k].by);
        assert_true(i >= 0 && owes(w, (size_t)i));
        const Plan *p = &w->plans[i];
        bool erase = p->kind == RECORD_ERASE;
        assert_true(record_id_eq(owed[k].record, erase ? p->target : p->record));
        assert_true(str_eq_c(owed[k].because, erase ? "erase" : "retract"));
        assert_int_equal(owed[k].leaf, erase ? p->target_seq : 0);
    }
    seen_owed += n;
    want = 0;
    assert_ok(&ctx, picture_ended(&ctx, r, INT64_MAX, 1000, &ended, &n));
    for (size_t i = 0; i < w->count; i++)
        want += ends(w, i);
    assert_int_equal(n, want);
    for (size_t k = 0; k < n; k++) {
        int i = naive_find(w, ended[k].root);
        assert_true(i >= 0 && ends(w, (size_t)i));
        assert_true(k == 0 || ended[k].until >= ended[k - 1].until);
    }
    seen_ended += n;
}

// --- links, accords, notices --------------------------------------------------------------------

static void check_links(PictureReader *r, const World *w) {
    for (size_t a = 0; a < WORLD_AGENCIES; a++) {
        PictureLink link;
        int genesis = -1;
        for (size_t i = 0; i < w->count; i++)
            if (w->plans[i].kind == RECORD_GENESIS && w->plans[i].agency == a)
                genesis = (int)i;
        int want = genesis < 0 ? -1 : last_child(w, (size_t)genesis, RECORD_LINK, 1U << a);
        Err e = picture_link_get(&ctx, r, str_of(w->agency[a]), &link);
        assert_int_equal(e, want < 0 ? E_NOT_FOUND : OK);
        if (want >= 0)
            assert_true(record_id_eq(link.id, w->plans[want].id));
    }
}

static void check_accord(PictureReader *r, const World *w, size_t i) {
    PictureAccord k;
    bool all = w->plans[i].to_bits != 0;
    size_t order[WORLD_RECORDS_MAX], n = naive_children(w, i, order), members = 0;
    assert_ok(&ctx, picture_accord_get(&ctx, r, w->plans[i].id, &k));
    for (size_t a = 0; a < WORLD_AGENCIES; a++) {
        if (!(w->plans[i].to_bits >> a & 1))
            continue;
        bool has_signed = false, left = false;
        for (size_t c = 0; c < n; c++) {
            const Plan *s = &w->plans[order[c]];
            if (s->kind != RECORD_ACCORD_SIGN || s->agency != a)
                continue;
            left = has_signed && !s->flag;
            has_signed = has_signed || s->flag;
        }
        assert_int_equal(k.members[members].has_signed, has_signed);
        assert_int_equal(k.members[members].has_left, left);
        assert_int_equal(k.members[members].mirror, a == 1);
        assert_true(str_eq_c(k.members[members++].agency, w->agency[a]));
        all = all && has_signed;
    }
    assert_int_equal(k.member_count, members);
    assert_int_equal(k.all_signed, all);
    assert_int_equal(k.kind_count, 2);
    assert_int_equal(k.purpose_count, 0);
    assert_int_equal(k.days, 30);
    assert_true(str_eq_c(k.tlp, "AMBER") && str_eq_c(k.handling, "H0"));
}

static void check_notice(PictureReader *r, const World *w, size_t i) {
    const Plan *p = &w->plans[i];
    PictureNotice k;
    const PictureGrant *grants;
    size_t n;
    int act = last_child(w, i, RECORD_NOTICE_ACT, p->to_bits | 1U << p->agency);
    assert_ok(&ctx, picture_notice_get(&ctx, r, p->id, &k));
    assert_true(str_eq_c(k.answer, act < 0 ? "" : w->plans[act].flag ? "grant" : "refuse"));
    assert_int_equal(k.record_count, 1);
    assert_true(record_id_eq(k.records[0], p->report));
    assert_true(str_eq_c(k.act, p->flag ? "pass_on" : "request"));
    int root = naive_find(w, p->report), by = -1;
    if (root >= 0)
        by = last_child(w, i, RECORD_NOTICE_ACT, 1U << w->plans[root].agency);
    bool want = p->agency == w->own && p->flag && by >= 0 && w->plans[by].flag, got = false;
    assert_ok(&ctx, picture_grant_of(&ctx, r, p->report, &grants, &n));
    for (size_t g = 0; g < n; g++)
        got = got || record_id_eq(grants[g].notice, p->id);
    assert_int_equal(got, want);
    seen_grants += got;
}

// --- what the machine asks ----------------------------------------------------------------------

static void check_scan_row(const World *w, const PictureScan *k) {
    int i = -1;
    for (size_t p = 0; p < w->count; p++)
        if (w->plans[p].seq == (uint64_t)k->place.seq && w->items[p].ledger_log == k->place.log)
            i = (int)p;
    assert_true(i >= 0 && naive_state(w, (size_t)i));
    const Plan *p = &w->plans[i];
    int root = naive_find(w, p->has_of ? p->of : p->id);
    assert_true(record_id_eq(k->id, p->id) && str_eq_c(k->state, naive_state(w, (size_t)i)));
    // An object is a root: what speaks of a child has none.
    bool here = root >= 0 && !w->plans[root].has_of;
    assert_true(str_eq_c(k->root_agency, here ? w->agency[w->plans[root].agency] : ""));
    assert_int_equal(k->has_until, p->has_until);
    size_t at;
    for (size_t a = 0; a < WORLD_AGENCIES; a++)
        assert_int_equal(str_find(k->mark, str_of(w->agency[a]), &at), p->to_bits >> a & 1);
    const Plan *m = &w->plans[naive_marking(w, (size_t)i)];
    if (strcmp(naive_state(w, (size_t)i), "clash") != 0)
        assert_int_equal(k->has_effective_until, m->has_until);
}

static void check_scans(PictureReader *r, const World *w) {
    const PictureScan *items;
    size_t n = 1, own = 0, others = 0, want_own = 0, want_others = 0;
    for (uint64_t from = 0; n > 0; own += n) {
        assert_ok(&ctx, picture_scan(&ctx, r, from, 7, &items, &n, &from));
        for (size_t k = 0; k < n; k++)
            check_scan_row(w, &items[k]);
    }
    n = 1;
    for (int64_t after = 0; n > 0; others += n) {
        assert_ok(&ctx, picture_scan_arrivals(&ctx, r, after, 5, &items, &n, &after));
        for (size_t k = 0; k < n; k++)
            check_scan_row(w, &items[k]);
    }
    for (size_t i = 0; i < w->count; i++) {
        bool ours = w->plans[i].agency == w->own;
        want_own += naive_state(w, i) && ours && strcmp(w->plans[i].log, "main") == 0;
        want_others += naive_state(w, i) && !ours;
    }
    assert_int_equal(own, want_own);
    assert_int_equal(others, want_others);
}

// Whether `to` received the leaf, or a passed record about the root says so.
static bool holds(const World *w, size_t root, size_t to) {
    for (size_t k = 0; k < w->count; k++) {
        const Plan *d = &w->plans[k];
        if (counts_as(w, k, RECORD_PASSED) && d->whose == to &&
            record_id_eq(d->record, w->plans[root].id))
            return true;
        if (d->kind != RECORD_DISCLOSED || !naive_known(d) || !naive_state(w, k) ||
            d->agency != w->own || d->whose != to)
            continue;
        for (size_t i = 0; i < w->count; i++) {
            const Plan *p = &w->plans[i];
            bool part = i == root || (p->has_of && record_id_eq(p->of, w->plans[root].id));
            uint64_t first = d->seq > 9 ? d->seq - 9 : 0;
            if (part && naive_find(w, p->id) == (int)i && p->agency == w->own &&
                strcmp(p->log, "main") == 0 && p->seq >= first && p->seq <= d->seq)
                return true;
        }
    }
    return false;
}

static void check_holders(PictureReader *r, const World *w, size_t root) {
    const PictureHolder *items;
    size_t n, at = 0;
    assert_ok(&ctx, picture_holders(&ctx, r, w->plans[root].id, &items, &n));
    for (size_t a = WORLD_AGENCIES; a > 0; a--)
        if (holds(w, root, a - 1)) {
            bool gone = false;
            for (size_t k = 0; k < w->count; k++)
                gone = gone || (counts_as(w, k, RECORD_LET_GO) && w->plans[k].agency == a - 1 &&
                                record_id_eq(w->plans[k].record, w->plans[root].id));
            assert_true(at < n && str_eq_c(items[at].agency, w->agency[a - 1]));
            assert_int_equal(items[at++].has_let_go, gone);
            seen_holders++;
        }
    assert_int_equal(at, n);
}

static void check_world(PictureReader *r, const World *w) {
    static const struct {
        RecordKind kind;
        void (*check)(PictureReader *r, const World *w, size_t i);
    } checks[] = {{RECORD_SHARE, check_share},
                  {RECORD_RETRACT, check_retract},
                  {RECORD_ACCORD, check_accord},
                  {RECORD_NOTICE, check_notice}};
    for (size_t i = 0; i < w->count; i++) {
        for (size_t k = 0; k < COUNT_OF(checks); k++)
            if (counts_as(w, i, checks[k].kind))
                checks[k].check(r, w, i);
        if (naive_find(w, w->plans[i].id) == (int)i && !w->plans[i].has_of)
            check_holders(r, w, i);
    }
    check_boxes(r, w);
    check_due(r, w);
    check_links(r, w);
    check_scans(r, w);
}

static void test_questions(void **state) {
    (void)state;
    static World w;
    for (uint64_t seed = 7000; seed < 7000 + WORLDS; seed++) {
        print_message("world %llu\r", (unsigned long long)seed);
        ctx_init(&ctx);
        Folder f;
        Str dir = folder_make(&f);
        Picture *p;
        PictureReader *r;
        world_make_exchange(&w, seed, WORLD_AGENCIES, seed % 3 == 0);
        assert_ok(&ctx, picture_open(&ctx, dir, world_own(&w), &p));
        assert_ok(&ctx, picture_fold(&ctx, p, w.items, w.count));
        assert_ok(&ctx, picture_reader_open(&ctx, dir, &r));
        picture_reader_sight(r, (PictureSight){.all = true});
        check_world(r, &w);
        picture_reader_close(r);
        picture_close(p);
        folder_remove(&ctx, &f);
        world_done(&w);
        ctx_done(&ctx);
    }
    print_message("%zu acts, %zu acknowledged, %zu owed, %zu ended, %zu holders, %zu grants\n",
                  seen_acts, seen_retracts, seen_owed, seen_ended, seen_holders, seen_grants);
    assert_true(seen_acts > 5 && seen_retracts > 5 && seen_owed > 10 && seen_ended > 10);
    assert_true(seen_holders > 10);
}

int run_picture_exchange_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_questions),
    };
    return cmocka_run_group_tests_name("picture exchange", tests, NULL, NULL);
}
