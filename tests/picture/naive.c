// What docs/picture.md says, read as slowly as possible: every question walks the whole world.
#include "world.h"

bool naive_known(const Plan *p) {
    return p->kind != RECORD_UNKNOWN && !p->newer && !p->foreign;
}

static bool earlier(const World *w, const Plan *a, const Plan *b) {
    if (a->at != b->at)
        return a->at < b->at;
    int c = strcmp(w->agency[a->agency], w->agency[b->agency]);
    if (c == 0)
        c = strcmp(a->log, b->log);
    return c ? c < 0 : a->seq < b->seq;
}

bool naive_erased(const World *w, size_t i) {
    const Plan *t = &w->plans[i];
    if (naive_known(t) && (t->kind == RECORD_ERASE || t->kind == RECORD_GENESIS ||
                           t->kind == RECORD_KEY || t->kind == RECORD_LET_GO))
        return false;
    for (size_t k = 0; k < w->count; k++) {
        const Plan *e = &w->plans[k];
        if (e->kind == RECORD_ERASE && naive_known(e) && record_id_eq(e->target, t->id) &&
            e->agency == t->agency && strcmp(e->target_log, t->log) == 0 && e->target_seq == t->seq)
            return true;
    }
    return false;
}

// Our let_go records that have an effect.
static bool lets_go(const World *w, const Plan *g) {
    return g->kind == RECORD_LET_GO && naive_known(g) && g->agency == w->own && g->whose != w->own;
}

bool naive_let_go(const World *w, size_t i) {
    const Plan *t = &w->plans[i];
    for (size_t k = 0; k < w->count; k++) {
        const Plan *g = &w->plans[k];
        if (lets_go(w, g) && g->whose == t->agency && g->target_seq == t->seq &&
            t->kind != RECORD_GENESIS && t->kind != RECORD_ERASE &&
            (record_id_eq(g->record, t->id) || (t->has_of && record_id_eq(g->record, t->of))))
            return true;
    }
    return false;
}

bool naive_let_go_of(const World *w, RecordId record) {
    for (size_t k = 0; k < w->count; k++)
        if (lets_go(w, &w->plans[k]) && record_id_eq(w->plans[k].record, record))
            return true;
    return false;
}

bool naive_clash(const World *w, RecordId id) {
    size_t n = 0;
    for (size_t i = 0; i < w->count; i++)
        n += record_id_eq(w->plans[i].id, id);
    return n > 1;
}

// Ours first, then the earliest.
int naive_find(const World *w, RecordId id) {
    int best = -1;
    for (size_t i = 0; i < w->count; i++) {
        const Plan *p = &w->plans[i];
        if (!record_id_eq(p->id, id) || naive_erased(w, i) || naive_let_go(w, i))
            continue;
        const Plan *b = best < 0 ? NULL : &w->plans[best];
        bool ours = p->agency == w->own, better = !b || ours > (b->agency == w->own);
        if (better || (ours == (b->agency == w->own) && earlier(w, p, b)))
            best = (int)i;
    }
    return best;
}

bool naive_named_by_erase(const World *w, RecordId id) {
    for (size_t k = 0; k < w->count; k++)
        if (w->plans[k].kind == RECORD_ERASE && naive_known(&w->plans[k]) &&
            record_id_eq(w->plans[k].target, id))
            return true;
    return false;
}

const char *naive_compartment(const Plan *p) {
    return p->kind == RECORD_VICTIM      ? "victim"
           : p->kind == RECORD_GRIEVANCE ? "grievance"
           : p->kind == RECORD_READ      ? "reads"
                                         : "";
}

static bool same_mark(const Plan *a, const Plan *b) {
    return a->mark == b->mark && strcmp(naive_compartment(a), naive_compartment(b)) == 0 &&
           a->to_bits == b->to_bits && a->has_until == b->has_until &&
           (!a->has_until || a->until_n == b->until_n);
}

// A held share of this root by its author.
static bool shares(const World *w, const Plan *root, size_t k) {
    const Plan *s = &w->plans[k];
    return s->kind == RECORD_SHARE && naive_known(s) && s->agency == root->agency &&
           record_id_eq(s->record, root->id) && naive_find(w, s->id) == (int)k;
}

// Whether the record carries the mark of its object or of a share of it.
static bool fits(const World *w, const Plan *root, const Plan *p) {
    if (same_mark(root, p))
        return true;
    for (size_t k = 0; k < w->count; k++)
        if (shares(w, root, k) && same_mark(&w->plans[k], p))
            return true;
    return false;
}

size_t naive_marking(const World *w, size_t i) {
    const Plan *p = &w->plans[i];
    RecordId of = p->has_of ? p->of : p->id;
    int root = naive_find(w, of), last = -1;
    if (root >= 0 && (w->plans[root].has_of || (root != (int)i && !fits(w, &w->plans[root], p))))
        return i;
    // Without its root a record's own author has the word.
    size_t author = root >= 0 ? w->plans[root].agency : p->agency;
    for (size_t k = 0; k < w->count && author != w->own; k++) {
        const Plan *s = &w->plans[k];
        if (s->kind == RECORD_SHARE && naive_known(s) && s->agency == author &&
            record_id_eq(s->record, of) && naive_find(w, s->id) == (int)k &&
            s->to_bits >> w->own & 1 && (last < 0 || earlier(w, &w->plans[last], s)))
            last = (int)k;
    }
    return last < 0 ? i : (size_t)last;
}

static const char *child_state(const World *w, const Plan *p) {
    int root = naive_find(w, p->of);
    if (root < 0)
        return naive_named_by_erase(w, p->of) || naive_let_go_of(w, p->of) ? "stray" : "waiting";
    const Plan *r = &w->plans[root];
    bool kind = p->kind == RECORD_SECOND || r->kind == record_kind_row(p->kind)->of_kind;
    return naive_known(r) && !r->has_of && kind && fits(w, r, p) ? "held" : "stray";
}

static const char *report_state(const World *w, size_t i) {
    for (size_t k = 0; k < w->count; k++) {
        const Plan *a = &w->plans[k], *b = &w->plans[i];
        if (k != i && a->kind == RECORD_REPORT && naive_known(a) && a->agency == b->agency &&
            strcmp(a->name, b->name) == 0 && naive_find(w, a->id) == (int)k && earlier(w, a, b))
            return "duplicate";
    }
    return "held";
}

static const char *pick_state(const World *w, size_t i) {
    for (size_t k = 0; k < w->count; k++) {
        const Plan *a = &w->plans[k], *b = &w->plans[i];
        if (a->kind == RECORD_TRANSFER_PICK && naive_known(a) && a->agency == b->agency &&
            strcmp(a->name, b->name) == 0 && naive_find(w, a->id) == (int)k && earlier(w, b, a))
            return "superseded";
    }
    return "held";
}

const char *naive_state(const World *w, size_t i) {
    const Plan *p = &w->plans[i];
    if (naive_erased(w, i) || naive_let_go(w, i))
        return NULL;
    if (naive_find(w, p->id) != (int)i)
        return "clash";
    if (!naive_known(p))
        return "unknown";
    if (p->kind == RECORD_ERASE) {
        int target = naive_find(w, p->target);
        return target < 0 ? "held" : "stray";
    }
    if (p->has_of)
        return child_state(w, p);
    return p->kind == RECORD_REPORT          ? report_state(w, i)
           : p->kind == RECORD_TRANSFER_PICK ? pick_state(w, i)
                                             : "held";
}

size_t naive_children(const World *w, size_t root, size_t ret[WORLD_RECORDS_MAX]) {
    bool in[WORLD_RECORDS_MAX] = {0}, placed[WORLD_RECORDS_MAX] = {0};
    size_t n = 0, left = 0;
    for (size_t i = 0; i < w->count; i++) {
        const Plan *p = &w->plans[i];
        in[i] = p->has_of && p->kind != RECORD_ERASE && record_id_eq(p->of, w->plans[root].id) &&
                naive_state(w, i) && strcmp(naive_state(w, i), "held") == 0;
        left += in[i];
    }
    for (; left > 0; left--) {
        int best = -1;
        for (int ring = 0; ring < 2 && best < 0; ring++)
            for (size_t i = 0; i < w->count; i++) {
                bool free = in[i] && !placed[i];
                for (size_t k = 0; free && !ring && k < w->plans[i].ref_count; k++) {
                    int ref = naive_find(w, w->plans[i].refs[k]);
                    free = ref < 0 || !in[ref] || placed[ref];
                }
                if (free && (best < 0 || earlier(w, &w->plans[i], &w->plans[best])))
                    best = (int)i;
            }
        placed[best] = true;
        ret[n++] = (size_t)best;
    }
    return n;
}

int naive_seed(const World *w, size_t report) {
    size_t order[WORLD_RECORDS_MAX], n = naive_children(w, report, order);
    int last = -1;
    for (size_t i = 0; i < n; i++)
        if (w->plans[order[i]].kind == RECORD_SEED &&
            w->plans[order[i]].agency == w->plans[report].agency)
            last = (int)order[i];
    return last;
}

bool naive_case_closed(const World *w, size_t case_index) {
    size_t order[WORLD_RECORDS_MAX], n = naive_children(w, case_index, order);
    for (size_t i = 0; i < n; i++)
        if (w->plans[order[i]].kind == RECORD_CASE_CLOSE &&
            w->plans[order[i]].agency == w->plans[case_index].agency)
            return true;
    return false;
}

// Goes through the case's events; "live" for an add that stands in an open case.
static const char *local_member(const World *w, size_t case_index, size_t add) {
    size_t order[WORLD_RECORDS_MAX], n = naive_children(w, case_index, order);
    const char *state = NULL;
    int standing = -1; // the add by which the report stands in the case
    bool closed = false;
    for (size_t i = 0; i < n; i++) {
        const Plan *p = &w->plans[order[i]];
        if (p->agency != w->plans[case_index].agency)
            continue;
        if (p->kind == RECORD_CASE_CLOSE) {
            closed = true;
            continue;
        }
        if (!record_id_eq(p->report, w->plans[add].report))
            continue;
        if (p->kind == RECORD_CASE_REMOVE && !closed) {
            if (standing == (int)add)
                state = "removed";
            standing = -1;
        } else if (p->kind == RECORD_CASE_ADD && standing < 0) {
            if (order[i] == add)
                state = closed ? "refused" : "live";
            if (!closed)
                standing = (int)order[i];
        }
    }
    return state && strcmp(state, "live") == 0 && closed ? "in" : state;
}

const char *naive_member(const World *w, size_t add) {
    const char *state = naive_state(w, add);
    if (!state || strcmp(state, "held") != 0)
        return NULL;
    const char *local = local_member(w, (size_t)naive_find(w, w->plans[add].of), add);
    if (!local || strcmp(local, "live") != 0)
        return local;
    for (size_t k = 0; k < w->count; k++) {
        const Plan *p = &w->plans[k];
        const char *other = naive_state(w, k);
        if (k == add || p->kind != RECORD_CASE_ADD || !other || p->agency != w->plans[add].agency ||
            strcmp(other, "held") != 0 || !record_id_eq(p->report, w->plans[add].report) ||
            !earlier(w, p, &w->plans[add]))
            continue;
        const char *there = local_member(w, (size_t)naive_find(w, p->of), k);
        if (there && strcmp(there, "live") == 0)
            return "refused";
    }
    return "in";
}

// --- orders and what speaks of them -------------------------------------------------------------

const char *naive_standing(const World *w, size_t report) {
    static const char *const standings[] = {"claimed", "bank", "police"};
    size_t order[WORLD_RECORDS_MAX], n = naive_children(w, report, order);
    const char *standing = "claimed";
    for (size_t i = 0; i < n; i++)
        if (w->plans[order[i]].kind == RECORD_STANDING)
            standing = standings[w->plans[order[i]].seq % 3];
    return standing;
}

int naive_officer_change(const World *w, size_t officer) {
    size_t order[WORLD_RECORDS_MAX], n = naive_children(w, officer, order);
    int last = -1;
    for (size_t i = 0; i < n; i++) {
        const Plan *p = &w->plans[order[i]];
        if (p->kind == RECORD_OFFICER_CHANGE && p->agency == w->plans[officer].agency)
            last = (int)order[i];
    }
    return last;
}

OrderFacts naive_facts(const Plan *p) {
    return (OrderFacts){.request = p->request,
                        .hold = p->has_amount,
                        .amount = p->has_amount ? p->amount : 0,
                        .clock_from = (OrderClockFrom)(p->seq % 8 < 5 ? 0 : p->seq % 4),
                        .answer_hours = 24,
                        .made_at = 1700000000000000 + p->at};
}

// Whether the event of this index of the list is looked at by the fold.
static bool looked_at(const World *w, const Plan *order, const Plan *p) {
    bool own = p->agency == order->agency;
    bool theirs = p->agency == order->to_agency && p->party != ORDER_ISSUER;
    (void)w;
    return own || theirs;
}

size_t naive_order(Ctx *c, const World *w, size_t order, size_t ret_events[WORLD_RECORDS_MAX],
                   OrderEffect ret_effects[WORLD_RECORDS_MAX], OrderView *ret_view) {
    size_t all[WORLD_RECORDS_MAX], whole[WORLD_RECORDS_MAX], n = naive_children(w, order, all);
    OrderEvent events[WORLD_RECORDS_MAX];
    OrderEffect effects[WORLD_RECORDS_MAX];
    size_t count = 0, folded = 0;
    for (size_t i = 0; i < n; i++) {
        const Plan *p = &w->plans[all[i]];
        if (p->kind != RECORD_ORDER_ACT && p->kind != RECORD_ORDER_NOTE)
            continue;
        OrderEvent e = {.act = p->act,
                        .outcome = p->outcome,
                        .party = p->party,
                        .at = 1700000000000000 + p->at,
                        .has_ends_at = p->has_ends_at,
                        .has_amount = p->has_amount,
                        .persons = p->persons};
        e.ends_at = e.has_ends_at ? p->ends_at : 0;
        e.amount = e.has_amount ? p->amount : 0;
        e.over = e.act == ORDER_TELL && p->flag;
        e.happened_at = p->happened_at && p->happened_at < e.at ? p->happened_at : e.at;
        if (p->officer)
            memcpy(e.officer, w->officers[p->officer - 1].b, sizeof e.officer);
        bool good = looked_at(w, &w->plans[order], p);
        for (size_t k = 0; good && p->has_target && k < folded && !e.has_target; k++)
            if (record_id_eq(w->plans[ret_events[whole[k]]].id, p->target)) {
                e.has_target = true;
                e.target = k;
            }
        good = good && e.has_target == p->has_target;
        ret_effects[count] = ORDER_NOT_ALLOWED;
        if (good) {
            whole[folded] = count;
            events[folded++] = e;
        }
        ret_events[count++] = all[i];
    }
    OrderFacts facts = naive_facts(&w->plans[order]);
    memset(ret_view, 0, sizeof *ret_view);
    assert_ok(c, order_fold(c, &facts, events, folded, effects, ret_view));
    for (size_t k = 0; k < folded; k++)
        ret_effects[whole[k]] = effects[k];
    ret_view->waiting = ret_view->waiting < folded ? whole[ret_view->waiting] : 0;
    ret_view->reduction = ret_view->reduction < folded ? whole[ret_view->reduction] : 0;
    return count;
}

size_t naive_refunds(const World *w, size_t report, size_t ret_accounts[WORLD_RECORDS_MAX],
                     int *ret_in_force, bool ret_waits[WORLD_RECORDS_MAX]) {
    size_t order[WORLD_RECORDS_MAX], n = naive_children(w, report, order), count = 0;
    bool good[WORLD_RECORDS_MAX];
    *ret_in_force = -1;
    for (size_t i = 0; i < n; i++) {
        const Plan *p = &w->plans[order[i]];
        if (p->kind != RECORD_REFUND_ACCOUNT || p->agency != w->plans[report].agency)
            continue;
        good[count] = p->persons < 2;
        for (size_t k = i + 1; k < n; k++) {
            const Plan *s = &w->plans[order[k]];
            if (s->kind == RECORD_SECOND && s->agency == p->agency &&
                record_id_eq(s->target, p->id) && s->officer && s->officer != p->officer)
                good[count] = true;
        }
        if (good[count])
            *ret_in_force = (int)count;
        ret_accounts[count++] = order[i];
    }
    for (size_t i = 0; i < count; i++)
        ret_waits[i] = !good[i] && (int)i > *ret_in_force;
    return count;
}

size_t naive_signers(const World *w, size_t plan, size_t ret_officers[WORLD_OFFICERS]) {
    size_t order[WORLD_RECORDS_MAX], n = naive_children(w, plan, order), count = 0;
    for (size_t i = 0; i < n; i++) {
        const Plan *p = &w->plans[order[i]];
        bool counts = p->kind == RECORD_REFUND_SIGN && p->officer &&
                      p->agency == w->plans[plan].agency && p->flag;
        for (size_t k = 0; k < count; k++)
            counts = counts && ret_officers[k] != p->officer;
        if (counts)
            ret_officers[count++] = p->officer;
    }
    return count;
}

int naive_other(const World *w, size_t root, RecordKind kind) {
    size_t order[WORLD_RECORDS_MAX], n = naive_children(w, root, order);
    for (size_t i = 0; i < n; i++) {
        const Plan *p = &w->plans[order[i]];
        if (p->kind == kind && p->officer && p->officer != w->plans[root].officer &&
            p->agency == w->plans[root].agency)
            return (int)order[i];
    }
    return -1;
}
