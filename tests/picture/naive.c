// What docs/picture.md says, read as slowly as possible: every question walks the whole world.
#include "world.h"

static bool known(const Plan *p) {
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
    if (known(t) && (t->kind == RECORD_ERASE || t->kind == RECORD_GENESIS || t->kind == RECORD_KEY))
        return false;
    for (size_t k = 0; k < w->count; k++) {
        const Plan *e = &w->plans[k];
        if (e->kind == RECORD_ERASE && known(e) && record_id_eq(e->target, t->id) &&
            e->agency == t->agency && strcmp(e->target_log, t->log) == 0 && e->target_seq == t->seq)
            return true;
    }
    return false;
}

// Index of the record with this id whose content is here, -1 for none.
static int find(const World *w, RecordId id) {
    for (size_t i = 0; i < w->count; i++)
        if (record_id_eq(w->plans[i].id, id))
            return naive_erased(w, i) ? -1 : (int)i;
    return -1;
}

static bool named_by_erase(const World *w, RecordId id) {
    for (size_t k = 0; k < w->count; k++)
        if (w->plans[k].kind == RECORD_ERASE && known(&w->plans[k]) &&
            record_id_eq(w->plans[k].target, id))
            return true;
    return false;
}

static bool same_mark(const Plan *a, const Plan *b) {
    return a->mark == b->mark && a->has_until == b->has_until &&
           (!a->has_until || a->at % 2 == b->at % 2);
}

static const char *child_state(const World *w, const Plan *p) {
    int root = find(w, p->of);
    if (root < 0)
        return named_by_erase(w, p->of) ? "stray" : "waiting";
    const Plan *r = &w->plans[root];
    return known(r) && !r->has_of && r->kind == record_kind_row(p->kind)->of_kind && same_mark(r, p)
               ? "held"
               : "stray";
}

static const char *report_state(const World *w, size_t i) {
    for (size_t k = 0; k < w->count; k++) {
        const Plan *a = &w->plans[k], *b = &w->plans[i];
        if (k != i && a->kind == RECORD_REPORT && known(a) && a->agency == b->agency &&
            strcmp(a->name, b->name) == 0 && !naive_erased(w, k) && earlier(w, a, b))
            return "duplicate";
    }
    return "held";
}

static const char *pick_state(const World *w, size_t i) {
    for (size_t k = 0; k < w->count; k++) {
        const Plan *a = &w->plans[k], *b = &w->plans[i];
        if (a->kind == RECORD_TRANSFER_PICK && known(a) && strcmp(a->name, b->name) == 0 &&
            !naive_erased(w, k) && earlier(w, b, a))
            return "superseded";
    }
    return "held";
}

const char *naive_state(const World *w, size_t i) {
    const Plan *p = &w->plans[i];
    if (naive_erased(w, i))
        return NULL;
    if (!known(p))
        return "unknown";
    if (p->kind == RECORD_ERASE) {
        int target = find(w, p->target);
        return target < 0 ? "held" : "stray";
    }
    if (p->has_of)
        return child_state(w, p);
    return p->kind == RECORD_REPORT          ? report_state(w, i)
           : p->kind == RECORD_TRANSFER_PICK ? pick_state(w, i)
                                             : "held";
}

// The held children of a root in the order of the fold; returns how many.
static size_t children(const World *w, size_t root, size_t ret[WORLD_RECORDS_MAX]) {
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
                    int ref = find(w, w->plans[i].refs[k]);
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
    size_t order[WORLD_RECORDS_MAX], n = children(w, report, order);
    return n ? (int)order[n - 1] : -1;
}

bool naive_case_closed(const World *w, size_t case_index) {
    size_t order[WORLD_RECORDS_MAX], n = children(w, case_index, order);
    for (size_t i = 0; i < n; i++)
        if (w->plans[order[i]].kind == RECORD_CASE_CLOSE)
            return true;
    return false;
}

// Goes through the case's events; "live" for an add that stands in an open case.
static const char *local_member(const World *w, size_t case_index, size_t add) {
    size_t order[WORLD_RECORDS_MAX], n = children(w, case_index, order);
    const char *state = NULL;
    int standing = -1; // the add by which the report stands in the case
    bool closed = false;
    for (size_t i = 0; i < n; i++) {
        const Plan *p = &w->plans[order[i]];
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
    const char *local = local_member(w, (size_t)find(w, w->plans[add].of), add);
    if (!local || strcmp(local, "live") != 0)
        return local;
    for (size_t k = 0; k < w->count; k++) {
        const Plan *p = &w->plans[k];
        const char *other = naive_state(w, k);
        if (k == add || p->kind != RECORD_CASE_ADD || !other || strcmp(other, "held") != 0 ||
            !record_id_eq(p->report, w->plans[add].report) || !earlier(w, p, &w->plans[add]))
            continue;
        const char *there = local_member(w, (size_t)find(w, p->of), k);
        if (there && strcmp(there, "live") == 0)
            return "refused";
    }
    return "in";
}
