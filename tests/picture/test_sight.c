// What a reader may not see is in no list, no count and no answer.
#include "groups.h"

#include "folder.h"
#include "world.h"

#include "picture/picture_read_priv.h"
#include "store/store.h"

#include "picture_sql.h"

#define WORLDS 30
#define ITEMS_MAX 512

static Ctx ctx;

static bool sees(PictureSight s, uint32_t mark) {
    return s.all || (mark < s.marks && (s.bits[mark / 64] >> (mark % 64) & 1));
}

// What is compared: ids of one list in order, with sort keys.
typedef struct Seen {
    RecordId ids[ITEMS_MAX];
    Str states[ITEMS_MAX];
    size_t n;
} Seen;

typedef Err (*ListPage)(PictureReader *r, PicturePage page, Seen *seen, PictureKey *ret_last,
                        bool *ret_more);

static void see(Seen *s, RecordId id, Str state) {
    assert_true(s->n < ITEMS_MAX);
    s->ids[s->n] = id;
    s->states[s->n++] = state;
}

#define LIST_PAGE(name, Type, call, state_of)                                                      \
    static Err name(PictureReader *r, PicturePage page, Seen *seen, PictureKey *ret_last,          \
                    bool *ret_more) {                                                              \
        const Type *items;                                                                         \
        size_t n;                                                                                  \
        TRY(call);                                                                                 \
        for (size_t i = 0; i < n; i++)                                                             \
            see(seen, items[i].id, state_of);                                                      \
        if (n)                                                                                     \
            *ret_last = items[n - 1].key;                                                          \
        return OK;                                                                                 \
    }

LIST_PAGE(records, PictureRecord, picture_record_list(&ctx, r, STR(""), page, &items, &n, ret_more),
          items[i].kind)
LIST_PAGE(reports, PictureReport, picture_report_list(&ctx, r, STR(""), page, &items, &n, ret_more),
          items[i].state)
LIST_PAGE(cases, PictureCase, picture_case_list(&ctx, r, STR(""), page, &items, &n, ret_more),
          items[i].state)
LIST_PAGE(claims, PictureClaim, picture_claim_list(&ctx, r, STR(""), page, &items, &n, ret_more),
          items[i].table)
LIST_PAGE(batches, PictureBatch, picture_batch_list(&ctx, r, page, &items, &n, ret_more),
          STR("held"))
LIST_PAGE(picks, PicturePick, picture_pick_list(&ctx, r, page, &items, &n, ret_more),
          items[i].state)
LIST_PAGE(agencies, PictureAgency, picture_agency_list(&ctx, r, page, &items, &n, ret_more),
          STR("held"))
LIST_PAGE(officers, PictureOfficer, picture_officer_list(&ctx, r, page, &items, &n, ret_more),
          STR("held"))

static bool is_open(PictureReader *r, RecordId id) {
    const PictureGrievance *items;
    size_t n;
    bool more;
    assert_ok(&ctx, picture_grievance_list(&ctx, r, true, (PicturePage){.limit = 1000}, &items, &n,
                                           &more));
    for (size_t i = 0; i < n; i++)
        if (record_id_eq(items[i].id, id))
            return true;
    return false;
}

LIST_PAGE(orders, PictureOrder, picture_order_list(&ctx, r, STR(""), page, &items, &n, ret_more),
          str_of(order_state_name(items[i].view.state)))
LIST_PAGE(board, PictureOrder, picture_order_board(&ctx, r, INT64_MIN, page, &items, &n, ret_more),
          STR("open"))
// The list does not say the state of each: what is open is asked for again.
LIST_PAGE(grievances, PictureGrievance,
          picture_grievance_list(&ctx, r, false, page, &items, &n, ret_more),
          is_open(r, items[i].id) ? STR("open") : STR("closed"))
LIST_PAGE(plans, PicturePlan, picture_plan_list(&ctx, r, NULL, page, &items, &n, ret_more),
          STR("held"))
LIST_PAGE(shifts, PictureShift, picture_shift_list(&ctx, r, page, &items, &n, ret_more),
          STR("held"))
LIST_PAGE(glasses, PictureGlass, picture_glass_list(&ctx, r, page, &items, &n, ret_more),
          STR("held"))
LIST_PAGE(reads, PictureReadEntry,
          picture_read_list(&ctx, r, (PictureReadFilter){0}, page, &items, &n, ret_more),
          STR("held"))

static const struct {
    const char *table; // of the counts
    ListPage page;
} lists[] = {{"record", records},  {"report", reports},       {"case", cases},
             {"claim", claims},    {"batch", batches},        {"pick", picks},
             {"agency", agencies}, {"officer", officers},     {"order", orders},
             {"board", board},     {"grievance", grievances}, {"plan", plans},
             {"shift", shifts},    {"glass", glasses},        {"read", reads}};

static void read_all(PictureReader *r, size_t list, size_t limit, Seen *seen) {
    PicturePage page = {.limit = limit};
    seen->n = 0;
    for (bool more = true; more;) {
        size_t before = seen->n;
        assert_ok(&ctx, lists[list].page(r, page, seen, &page.after, &more));
        assert_true(seen->n - before <= limit);
        assert_true(!more || seen->n - before == limit);
    }
}

// The mark of each record, asked as one who sees all.
typedef struct Marks {
    uint32_t of[WORLD_RECORDS_MAX];
    bool here[WORLD_RECORDS_MAX];
    size_t count;
} Marks;

static void marks_read(PictureReader *r, const World *w, Marks *m) {
    const PictureMark *marks;
    assert_ok(&ctx, picture_marks(&ctx, r, &marks, &m->count));
    for (size_t i = 0; i < w->count; i++) {
        PictureRecord record;
        assert_ok(&ctx, picture_record_get(&ctx, r, w->plans[i].id, &record));
        m->here[i] = !str_eq_c(record.state, "erased");
        for (size_t k = 0; k < m->count; k++)
            if (str_eq(marks[k].mark, record.mark) &&
                str_eq_c(marks[k].compartment, m->here[i] ? naive_compartment(&w->plans[i]) : ""))
                m->of[i] = marks[k].id;
    }
}

static int find(const World *w, RecordId id) {
    for (size_t i = 0; i < w->count; i++)
        if (record_id_eq(w->plans[i].id, id))
            return (int)i;
    return -1;
}

// The list of one who sees less is that of one who sees all without what is hidden.
static void check_list(PictureReader *r, const World *w, const Marks *m, PictureSight sight,
                       size_t list) {
    static Seen all, part;
    picture_reader_sight(r, (PictureSight){.all = true});
    read_all(r, list, 1000, &all);
    picture_reader_sight(r, sight);
    read_all(r, list, 1 + w->count % 7, &part);
    size_t at = 0;
    for (size_t i = 0; i < all.n; i++) {
        int plan = find(w, all.ids[i]);
        assert_true(plan >= 0 && m->here[plan]);
        if (!sees(sight, m->of[plan]))
            continue;
        assert_true(at < part.n);
        assert_true(record_id_eq(part.ids[at++], all.ids[i]));
    }
    assert_int_equal(at, part.n);
    // Counts say how many rows of each state the list has.
    const PictureCount *counts;
    size_t n;
    int64_t total = 0;
    assert_ok(&ctx, picture_counts(&ctx, r, str_of(lists[list].table), &counts, &n));
    for (size_t i = 0; i < n; i++) {
        int64_t same = 0;
        for (size_t k = 0; k < part.n; k++)
            same += str_eq(part.states[k], counts[i].state);
        assert_int_equal(counts[i].n, same);
        total += counts[i].n;
    }
    assert_int_equal(total, part.n);
}

static void check_children(PictureReader *r, const World *w, const Marks *m, PictureSight sight,
                           size_t i) {
    const PictureRecord *items;
    size_t n, want = 0;
    assert_ok(&ctx, picture_record_object(&ctx, r, w->plans[i].id, &items, &n));
    for (size_t k = 0; k < w->count; k++)
        want += m->here[k] && sees(sight, m->of[k]) &&
                (k == i || (w->plans[k].has_of && record_id_eq(w->plans[k].of, w->plans[i].id)));
    assert_int_equal(n, want);
    assert_ok(&ctx, picture_record_quotes(&ctx, r, w->plans[i].id, &items, &n));
    for (size_t k = 0; k < n; k++)
        assert_true(sees(sight, m->of[find(w, items[k].id)]));
}

// Hidden and absent are the same answer in the same words.
static void check_gets(PictureReader *r, const World *w, const Marks *m, PictureSight sight) {
    char words[BASE_ERROR_TEXT_BYTES_MAX];
    PictureRecord record;
    RecordId absent = {.b = {1}};
    assert_int_equal(picture_record_get(&ctx, r, absent, &record), E_NOT_FOUND);
    snprintf(words, sizeof words, "%s", ctx.error);
    for (size_t i = 0; i < w->count; i++) {
        RecordId id = w->plans[i].id, in;
        Err want = m->here[i] && sees(sight, m->of[i]) ? OK : E_NOT_FOUND;
        PictureReport report;
        PictureNamed named;
        PictureCase found;
        PictureOfficer officer;
        const PictureCaseReport *of_case;
        size_t n;
        bool more;
        if (m->here[i])
            assert_int_equal(picture_record_get(&ctx, r, id, &record), want);
        if (want != OK && m->here[i])
            assert_string_equal(ctx.error, words);
        Err got[5];
        got[0] = picture_report_get(&ctx, r, id, &report);
        got[1] = picture_report_named(&ctx, r, id, &named);
        got[2] = picture_case_get(&ctx, r, id, &found);
        got[3] = picture_case_reports(&ctx, r, id, (PicturePage){.limit = 0}, &of_case, &n, &more);
        got[4] = picture_officer_get(&ctx, r, id, &officer);
        for (size_t k = 0; k < COUNT_OF(got); k++)
            assert_true(want == OK || got[k] == E_NOT_FOUND);
        if (picture_report_case(&ctx, r, id, &in) == OK)
            assert_true(sees(sight, m->of[find(w, in)]));
        check_children(r, w, m, sight, i);
    }
    static const char *const names[] = {"R-1", "R-2", "R-3", "R-4", "R-5"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        PictureReport report;
        if (picture_report_find(&ctx, r, STR(""), str_of(names[i]), &report) == OK)
            assert_true(sees(sight, m->of[find(w, report.id)]));
    }
    static const char *const transfers[] = {"t1", "t2", "t3"};
    for (size_t i = 0; i < COUNT_OF(transfers); i++) {
        PicturePick pick;
        if (picture_pick_find(&ctx, r, str_of(transfers[i]), &pick) == OK)
            assert_true(sees(sight, m->of[find(w, pick.id)]));
    }
    for (uint8_t i = 0; i < 3; i++) {
        const PictureBatch *items;
        size_t n;
        uint8_t sha256[32] = {[31] = i};
        assert_ok(&ctx, picture_batch_of_file(&ctx, r, sha256, &items, &n));
        for (size_t k = 0; k < n; k++)
            assert_true(sees(sight, m->of[find(w, items[k].id)]));
    }
}

// --- orders and what speaks of them -------------------------------------------------------------

// Rows of this kind that are folded and may be seen.
static bool seen(const World *w, const Marks *m, PictureSight sight, size_t i, RecordKind kind) {
    return w->plans[i].kind == kind && naive_known(&w->plans[i]) && m->here[i] &&
           sees(sight, m->of[i]);
}

static bool is_held(const World *w, size_t i) {
    const char *state = naive_state(w, i);
    return state && strcmp(state, "held") == 0;
}

static void same_set(const World *w, const RecordId *ids, size_t n, const bool *want,
                     const char *what) {
    size_t count = 0;
    for (size_t i = 0; i < w->count; i++)
        count += want[i];
    for (size_t k = 0; k < n; k++) {
        int i = find(w, ids[k]);
        if (i < 0 || !want[i])
            fail_msg("%s: a row that should not be there", what);
    }
    if (n != count)
        fail_msg("%s: %zu rows where there are %zu", what, n, count);
}

static bool tagged(const Plan *p, RecordId report) {
    for (size_t k = 0; k < p->text_count; k++)
        if (record_id_eq(k % 2 ? p->report : p->target, report))
            return true;
    return record_id_eq(p->report, report);
}

// Orders by case, report, account and number are those of a walk through everything.
static void check_orders(PictureReader *r, const World *w, const Marks *m, PictureSight sight) {
    static RecordId ids[WORLD_RECORDS_MAX];
    bool want[WORLD_RECORDS_MAX];
    const PictureOrder *items;
    size_t n;
    for (size_t i = 0; i < w->count; i += 7) {
        RecordId id = w->plans[i].id;
        assert_ok(&ctx, picture_orders_of_case(&ctx, r, id, &items, &n));
        for (size_t k = 0; k < n; k++)
            ids[k] = items[k].id;
        for (size_t k = 0; k < w->count; k++)
            want[k] = seen(w, m, sight, k, RECORD_ORDER) && record_id_eq(w->plans[k].case_id, id);
        same_set(w, ids, n, want, "orders of a case");
        assert_ok(&ctx, picture_orders_of_report(&ctx, r, id, &items, &n));
        for (size_t k = 0; k < n; k++)
            ids[k] = items[k].id;
        for (size_t k = 0; k < w->count; k++)
            want[k] = seen(w, m, sight, k, RECORD_ORDER) && tagged(&w->plans[k], id);
        same_set(w, ids, n, want, "orders of a report");
        PictureOrder order;
        const PictureOrderEvent *events;
        const PictureTag *tags;
        Err e = picture_order_get(&ctx, r, id, &order);
        assert_int_equal(e, seen(w, m, sight, i, RECORD_ORDER) ? OK : E_NOT_FOUND);
        assert_int_equal(picture_order_events(&ctx, r, id, &events, &n), e);
        assert_int_equal(picture_order_tags(&ctx, r, id, &tags, &n), e);
    }
    for (size_t t = 1; t <= 3; t++) {
        char name[] = {'t', (char)('0' + t), 0};
        bool any = false;
        PictureAccount account = {STR("TH"), {0}, str_of(name)};
        assert_ok(&ctx, picture_orders_of_account(&ctx, r, account, &items, &n));
        for (size_t k = 0; k < n; k++)
            ids[k] = items[k].id;
        for (size_t k = 0; k < w->count; k++) {
            want[k] = seen(w, m, sight, k, RECORD_ORDER) && strcmp(w->plans[k].name, name) == 0;
            any = any || want[k];
        }
        same_set(w, ids, n, want, "orders on an account");
        PictureOrder order;
        assert_int_equal(picture_order_find(&ctx, r, str_of(name), &order), any ? OK : E_NOT_FOUND);
    }
}

static bool names_account(const Plan *p, const char *name) {
    for (size_t k = 0; k < p->text_count; k++)
        if (strcmp(p->texts[k], name) == 0)
            return true;
    return false;
}

static void check_reports_of(PictureReader *r, const World *w, const Marks *m, PictureSight sight) {
    static RecordId ids[WORLD_RECORDS_MAX];
    bool want[WORLD_RECORDS_MAX];
    const PictureReportOfAccount *items;
    size_t n;
    assert_ok(&ctx, picture_reports_of_account(&ctx, r, (PictureAccount){{0}, {0}, STR("t2")},
                                               &items, &n));
    for (size_t k = 0; k < n; k++)
        ids[k] = items[k].id;
    for (size_t k = 0; k < w->count; k++)
        want[k] = seen(w, m, sight, k, RECORD_REPORT) && is_held(w, k) &&
                  names_account(&w->plans[k], "t2");
    same_set(w, ids, n, want, "reports of an account");
}

// Contacts and classes: the last that this reader sees of each, whatever is hidden; of contacts our
// own before others'.
static void check_contacts(PictureReader *r, const World *w, const Marks *m, PictureSight sight) {
    const PictureContact *contacts;
    const Str *classes;
    size_t n, visible = 0, merchant = 0;
    assert_ok(&ctx, picture_contacts(&ctx, r, STR("TH"), STR(""), &contacts, &n));
    for (size_t k = 0; k < n; k++)
        assert_true(seen(w, m, sight, (size_t)find(w, contacts[k].id), RECORD_CONTACT));
    bool names[4] = {0};
    for (size_t i = 0; i < w->count; i++)
        if (seen(w, m, sight, i, RECORD_CONTACT))
            names[w->plans[i].name[1] - '0'] = true;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        visible += names[i];
    assert_int_equal(n, visible);
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < w->count; i++)
            if (seen(w, m, sight, i, RECORD_CONTACT) &&
                str_eq_c(contacts[k].institution, w->plans[i].name) &&
                (w->plans[i].agency == w->own ||
                 w->plans[find(w, contacts[k].id)].agency != w->own))
                assert_true(contacts[k].at >= 1700000000000000 + w->plans[i].at);
    assert_ok(&ctx, picture_account_classes(&ctx, r, (PictureAccount){{0}, {0}, STR("t1")},
                                            &classes, &n));
    for (size_t i = 0; i < w->count; i++)
        merchant +=
            seen(w, m, sight, i, RECORD_ACCOUNT_CLASS) && strcmp(w->plans[i].name, "t1") == 0;
    assert_int_equal(n > 0, merchant > 0);
    assert_true(n <= 2);
}

static void check_around(PictureReader *r, const World *w, const Marks *m, PictureSight sight) {
    const PictureAttachment *items;
    const PictureReadEntry *entries;
    const PicturePaid *paid;
    const PicturePlan *plans;
    size_t n;
    bool more;
    PicturePage page = {.limit = 1000};
    for (size_t i = 0; i < w->count; i += 5) {
        RecordId id = w->plans[i].id, victim;
        bool any = false;
        size_t read = 0, paid_want = 0, attached = 0, of_case = 0;
        for (size_t k = 0; k < w->count; k++) {
            const Plan *p = &w->plans[k];
            any = any || (seen(w, m, sight, k, RECORD_VICTIM) && record_id_eq(p->report, id));
            read += seen(w, m, sight, k, RECORD_READ) &&
                    (record_id_eq(p->report, id) || (p->flag && record_id_eq(p->case_id, id)));
            of_case += seen(w, m, sight, k, RECORD_REFUND_PLAN) && record_id_eq(p->case_id, id);
            int plan = p->kind == RECORD_REFUND_PAID ? find(w, p->of) : -1;
            paid_want += plan >= 0 && seen(w, m, sight, k, RECORD_REFUND_PAID) && is_held(w, k) &&
                         p->agency == w->plans[plan].agency && record_id_eq(p->report, id);
            for (size_t f = 0; f < p->ref_count; f++)
                attached += seen(w, m, sight, k, RECORD_ATTACHMENT) && record_id_eq(p->refs[f], id);
        }
        assert_int_equal(picture_report_victim(&ctx, r, id, &victim), any ? OK : E_NOT_FOUND);
        assert_ok(&ctx, picture_read_list(&ctx, r, (PictureReadFilter){.record = &id}, page,
                                          &entries, &n, &more));
        assert_int_equal(n, read);
        assert_ok(&ctx, picture_plan_list(&ctx, r, &id, page, &plans, &n, &more));
        assert_int_equal(n, of_case);
        assert_ok(&ctx, picture_paid_to_report(&ctx, r, id, &paid, &n));
        assert_int_equal(n, paid_want);
        for (size_t k = 0; k < n; k++) {
            const Plan *p = &w->plans[find(w, paid[k].id)];
            assert_true(record_id_eq(paid[k].plan, p->of) && paid[k].amount == p->amount &&
                        str_eq_c(paid[k].account.account, p->name));
        }
        assert_ok(&ctx, picture_attachments_of(&ctx, r, id, &items, &n));
        assert_int_equal(n, attached);
        for (size_t k = 0; k < n; k++)
            assert_true(items[k].bytes == 10 && str_eq_c(items[k].name, "letter.pdf"));
    }
    for (size_t o = 0; o < WORLD_OFFICERS; o++) {
        size_t want = 0;
        for (size_t k = 0; k < w->count; k++)
            want += seen(w, m, sight, k, RECORD_READ) && w->plans[k].officer == o + 1;
        assert_ok(&ctx, picture_read_list(&ctx, r, (PictureReadFilter){.officer = &w->officers[o]},
                                          page, &entries, &n, &more));
        assert_int_equal(n, want);
    }
    check_reports_of(r, w, m, sight);
    check_contacts(r, w, m, sight);
}

// --- news and search ----------------------------------------------------------------------------

// The items are those that may be seen: ours in the order of the log, others' as they came.
static void check_news(PictureReader *r, const World *w, const Marks *m, PictureSight sight) {
    const PictureRecord *items;
    size_t n, got = 0, limit = 1 + w->count % 5, want = 0;
    PictureKey after = {0}, next, end;
    bool seen_once[WORLD_RECORDS_MAX] = {0};
    for (bool more = true; more; after = next) {
        uint64_t last = 0, arrival = 0;
        assert_ok(&ctx, picture_news(&ctx, r, after, limit, &items, &n, &next));
        for (size_t k = 0; k < n; k++, got++) {
            int i = find(w, items[k].id);
            assert_true(i >= 0 && sees(sight, m->of[i]) && !seen_once[i]);
            seen_once[i] = true;
            bool own = w->plans[i].agency == w->own;
            assert_true(own ? items[k].seq >= last && arrival == 0 : (uint64_t)i + 1 > arrival);
            last = own ? items[k].seq + 1 : last;
            arrival = own ? 0 : (uint64_t)i + 1;
            // Who goes on from the middle misses nothing.
            assert_int_equal(items[k].key.sort,
                             own ? (int64_t)items[k].seq + 1 : items[k].key.sort);
            assert_int_equal(items[k].key.pos, own ? after.pos : (int64_t)i + 1);
        }
        more = next.sort != after.sort || next.pos != after.pos;
    }
    for (size_t i = 0; i < w->count; i++)
        want += m->here[i] && sees(sight, m->of[i]) &&
                (w->plans[i].agency != w->own || strcmp(w->plans[i].log, "main") == 0);
    assert_int_equal(got, want);
    assert_ok(&ctx, picture_news_end(&ctx, r, &end));
    assert_int_equal(end.sort, after.sort);
    assert_int_equal(end.pos, after.pos);
}

static void check_search(PictureReader *r, const World *w, const Marks *m, PictureSight sight) {
    const PictureHit *hits;
    size_t n, counts[3] = {0}, want[3] = {0};
    int64_t last[3] = {INT64_MAX, INT64_MAX, INT64_MAX};
    assert_ok(&ctx, picture_search(&ctx, r, STR("R-"), 200, &hits, &n));
    for (size_t k = 0; k < n; k++)
        assert_true(str_eq_c(hits[k].what, "report"));
    for (size_t i = 0; i < w->count; i++)
        want[0] += seen(w, m, sight, i, RECORD_REPORT) && is_held(w, i);
    assert_int_equal(n, want[0]);
    static const char *const whats[] = {"order", "account", "phone"};
    assert_ok(&ctx, picture_search(&ctx, r, STR("t"), 200, &hits, &n));
    for (size_t k = 0; k < n; k++) {
        size_t what = 0;
        while (what < COUNT_OF(whats) && !str_eq_c(hits[k].what, whats[what]))
            what++;
        assert_true(what < COUNT_OF(whats));
        assert_true(hits[k].at <= last[what]);
        last[what] = hits[k].at;
        counts[what]++;
        assert_true(sees(sight, m->of[find(w, hits[k].id)]));
    }
    memset(want, 0, sizeof want);
    for (size_t t = 1; t <= 3; t++) {
        char name[] = {'t', (char)('0' + t), 0};
        bool account = false, phone = false;
        for (size_t i = 0; i < w->count; i++) {
            const Plan *p = &w->plans[i];
            bool order = seen(w, m, sight, i, RECORD_ORDER) && strcmp(p->name, name) == 0;
            bool report = seen(w, m, sight, i, RECORD_REPORT) && is_held(w, i);
            want[0] += order;
            account = account || order || (report && names_account(p, name));
            for (size_t k = 0; k < p->text_count / 2; k++)
                phone = phone || (report && strcmp(p->texts[k], name) == 0);
        }
        want[1] += account;
        want[2] += phone;
    }
    for (size_t k = 0; k < COUNT_OF(whats); k++)
        if (counts[k] != want[k])
            fail_msg("search for %s: %zu where there are %zu", whats[k], counts[k], want[k]);
}

static void test_hidden_is_absent(void **state) {
    (void)state;
    static World w;
    static Marks m;
    for (uint64_t seed = 500; seed < 500 + WORLDS; seed++) {
        print_message("world %llu\r", (unsigned long long)seed);
        ctx_init(&ctx);
        Folder f;
        Str dir = folder_make(&f);
        Picture *p;
        PictureReader *r;
        world_make(&w, seed, 1 + seed % WORLD_AGENCIES);
        assert_ok(&ctx, picture_open(&ctx, dir, world_own(&w), &p));
        // A search finds in both of its tables.
        size_t half = w.count / 2;
        p->find.fresh_max = 0;
        assert_ok(&ctx, picture_fold(&ctx, p, w.items, half));
        p->find.fresh_max = PICTURE_FIND_FRESH_MAX;
        assert_ok(&ctx, picture_fold(&ctx, p, w.items + half, w.count - half));
        assert_ok(&ctx, picture_reader_open(&ctx, dir, &r));
        picture_reader_sight(r, (PictureSight){.all = true});
        marks_read(r, &w, &m);
        // Nothing, all, each mark alone, all but each, some.
        assert_true(m.count > 0 && m.count < 20);
        for (uint64_t turn = 0; turn < 2 * m.count + 8; turn++) {
            uint64_t all = (1ULL << m.count) - 1, one = 1ULL << (turn / 2 % m.count);
            uint64_t bits = turn >= 2 * m.count + 2 ? rng_next(&w.rng) & all
                            : turn == 2 * m.count   ? 0
                            : turn > 2 * m.count    ? all
                            : turn % 2              ? one
                                                    : all & ~one;
            PictureSight sight = {.marks = (uint32_t)m.count, .bits = &bits};
            for (size_t list = 0; list < COUNT_OF(lists); list++)
                check_list(r, &w, &m, sight, list);
            check_gets(r, &w, &m, sight);
            check_orders(r, &w, &m, sight);
            check_around(r, &w, &m, sight);
            check_news(r, &w, &m, sight);
            check_search(r, &w, &m, sight);
        }
        picture_reader_close(r);
        picture_close(p);
        world_done(&w);
        folder_remove(&ctx, &f);
        ctx_done(&ctx);
    }
}

// A reader that was told nothing sees nothing, and a mark that came later is not seen by chance.
static void test_nothing_by_default(void **state) {
    (void)state;
    static World w;
    ctx_init(&ctx);
    Folder f;
    Str dir = folder_make(&f);
    Picture *p;
    PictureReader *r;
    const PictureCount *counts;
    size_t n;
    world_make(&w, 77, 2);
    assert_ok(&ctx, picture_open(&ctx, dir, world_own(&w), &p));
    assert_ok(&ctx, picture_reader_open(&ctx, dir, &r));
    assert_ok(&ctx, picture_fold(&ctx, p, w.items, w.count));
    assert_ok(&ctx, picture_counts(&ctx, r, STR(""), &counts, &n));
    assert_int_equal(n, 0);
    uint64_t first = 1;
    picture_reader_sight(r, (PictureSight){.marks = 1, .bits = &first});
    assert_ok(&ctx, picture_counts(&ctx, r, STR(""), &counts, &n));
    assert_true(n > 0);
    picture_reader_close(r);
    picture_close(p);
    world_done(&w);
    folder_remove(&ctx, &f);
    ctx_done(&ctx);
}

// One state from begin to end, and not for long.
static void test_one_snapshot(void **state) {
    (void)state;
    static World w;
    ctx_init(&ctx);
    Folder f;
    Str dir = folder_make(&f);
    Picture *p;
    PictureReader *r;
    const PictureCount *counts;
    size_t n;
    world_make(&w, 78, 1);
    assert_ok(&ctx, picture_open(&ctx, dir, world_own(&w), &p));
    assert_ok(&ctx, picture_reader_open(&ctx, dir, &r));
    picture_reader_sight(r, (PictureSight){.all = true});
    assert_ok(&ctx, picture_read_begin(&ctx, r));
    assert_ok(&ctx, picture_counts(&ctx, r, STR(""), &counts, &n));
    assert_int_equal(n, 0);
    assert_ok(&ctx, picture_fold(&ctx, p, w.items, w.count));
    assert_ok(&ctx, picture_counts(&ctx, r, STR(""), &counts, &n));
    assert_int_equal(n, 0);
    picture_read_end(r);
    assert_ok(&ctx, picture_counts(&ctx, r, STR(""), &counts, &n));
    assert_true(n > 0);
    assert_ok(&ctx, picture_read_begin(&ctx, r));
    usleep((READ_TRANSACTION_MS_MAX + 20) * 1000);
    assert_int_equal(picture_counts(&ctx, r, STR(""), &counts, &n), E_LIMIT);
    picture_read_end(r);
    assert_ok(&ctx, picture_counts(&ctx, r, STR(""), &counts, &n));
    picture_reader_close(r);
    picture_close(p);
    world_done(&w);
    folder_remove(&ctx, &f);
    ctx_done(&ctx);
}

static Str sql_of(const char *name) {
    for (size_t i = 0; i < COUNT_OF(picture_sql); i++)
        if (strcmp(picture_sql[i].name, name) == 0)
            return str_of(picture_sql[i].text);
    fail_msg("no SQL named %s", name);
    return (Str){0};
}

// A WITH clause could take the name of a view and get round the authorizer; a name used twice would
// give one statement the text of another.
static void test_the_sql_itself(void **state) {
    (void)state;
    static const char *const banned[] = {"WITH ", "with ", "raw_", "sqlite_", "INSERT", "UPDATE"};
    static const char *const files[] = {"read", "read_order", "read_exchange"};
    size_t at;
    for (size_t i = 0; i < COUNT_OF(banned) * COUNT_OF(files); i++)
        assert_false(
            str_find(sql_of(files[i % COUNT_OF(files)]), str_of(banned[i / COUNT_OF(files)]), &at));
    ctx_init(&ctx);
    Dict names;
    dict_init(&names, 1);
    for (size_t i = 0; i < COUNT_OF(picture_sql); i++) {
        Str rest = str_of(picture_sql[i].text), line;
        while (str_split(&rest, '\n', &line)) {
            uint32_t id;
            if (!str_starts(line, STR("-- :")))
                continue;
            if (dict_find(&names, line, &id))
                fail_msg("two statements are named %.*s", STR_ARG(line));
            assert_ok(&ctx, dict_intern(&ctx, &names, line, &id));
        }
    }
    assert_true(names.count > 100);
    dict_done(&names);
    ctx_done(&ctx);
}

// A reader's connection with one statement of our own.
static Err try_sql(Str path, const char *text, PictureReader *r) {
    static StoreSql sql[COUNT_OF(picture_sql) + 1];
    static const char *const names[] = {"try"};
    static const StoreSchema schema = {"picture", sql, COUNT_OF(sql), names, 1};
    memcpy(sql, picture_sql, sizeof picture_sql);
    sql[COUNT_OF(picture_sql)] = (StoreSql){"zz_try", text};
    return reader_connect(&ctx, r, path, &schema);
}

// The raw tables are refused to a connection with the reader's allowance, counting included.
static void test_raw_tables_are_refused(void **state) {
    (void)state;
    static const char *const tries[] = {
        "-- :try\nSELECT pos FROM raw_report;\n",
        "-- :try\nSELECT count(*) FROM raw_report;\n",
        "-- :try\nSELECT 1 FROM v_report, raw_record;\n",
        "-- :try\nSELECT pos FROM v_report WHERE pos IN (SELECT pos FROM raw_report);\n",
        "-- :try\nSELECT name FROM sqlite_schema;\n",
        "-- :try\nSELECT name FROM sqlite_master;\n",
        "-- :try\nPRAGMA table_list;\n",
        "-- :try\nSELECT * FROM pragma_table_list;\n",
        "-- :try\nATTACH 'x.db' AS x;\n",
        "-- :try\nDELETE FROM raw_report;\n",
        "-- :try\nINSERT INTO raw_count VALUES ('a', 'b', 1, 1);\n",
        "-- :try\nSELECT hex(report) FROM v_report;\n",
        "-- :try\nSELECT load_extension('x');\n",
    };
    char own[65];
    memset(own, 'a', 64);
    own[64] = 0;
    ctx_init(&ctx);
    Folder f;
    Str dir = folder_make(&f), path;
    Picture *p;
    assert_ok(&ctx, picture_open(&ctx, dir, str_of(own), &p));
    assert_ok(&ctx, str_format(&ctx, &path, "%s/picture-%d.db", f.path, PICTURE_VERSION));
    PictureReader r = {.sight = {.all = true}};
    for (size_t i = 0; i < COUNT_OF(tries); i++) {
        Err e = try_sql(path, tries[i], &r);
        if (e != E_DENIED)
            fail_msg("%s is not denied: %s", tries[i], e == OK ? "OK" : ctx.error);
    }
    assert_ok(&ctx, try_sql(path, "-- :try\nSELECT report FROM v_report;\n", &r));
    store_close(r.db);
    picture_close(p);
    folder_remove(&ctx, &f);
    ctx_done(&ctx);
}

int run_picture_sight_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hidden_is_absent),       cmocka_unit_test(test_nothing_by_default),
        cmocka_unit_test(test_one_snapshot),           cmocka_unit_test(test_the_sql_itself),
        cmocka_unit_test(test_raw_tables_are_refused),
    };
    return cmocka_run_group_tests_name("picture sight", tests, NULL, NULL);
}
