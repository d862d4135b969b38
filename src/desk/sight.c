// What a user may see, as one bit a mark: docs/sight.md. The bits are the same for all who share
// purpose, clearance and compartments, and are made again when a new mark comes.
#include "desk/desk_priv.h"

static bool names(const Str *items, size_t n, Str wanted) {
    for (size_t i = 0; i < n; i++) {
        if (str_eq(items[i], wanted))
            return true;
    }
    return false;
}

bool desk_sight_may(const RecordMark *m, Str compartment, const DeskViewer *v) {
    if (str_eq_c(compartment, "victim")) {
        if (!(v->acts >> DESK_VICTIM_READ & 1))
            return false;
    } else if (str_eq_c(compartment, "grievance")) {
        if (!(v->acts >> DESK_GRIEVANCE_READ & 1))
            return false;
    } else if (str_eq_c(compartment, "reads")) {
        if (!(v->acts >> DESK_READS_READ & 1))
            return false;
    } else if (compartment.n > 0) {
        return false; // of a newer picture: closed to all
    }
    if ((int)m->tlp > v->clearance)
        return false;
    if (m->purpose_count > 0 && !names(m->purposes, m->purpose_count, v->purpose))
        return false;
    return m->to_count == 0 || names(m->to, m->to_count, v->agency);
}

// --- the marks in use ---------------------------------------------------------------------------

static void sights_forget(DeskSights *s) {
    for (size_t i = 0; i < s->count; i++)
        mem_free(s->items[i].bits);
    s->count = 0;
}

void desk_sights_done(DeskSights *s) {
    sights_forget(s);
    arena_done(&s->words);
    mem_free(s->marks);
    s->marks = NULL;
}

static Err words_keep(Ctx *c, Arena *a, Str s, Str *ret_s) {
    char *p = arena_alloc(a, s.n + 1);
    if (!p)
        return fail(c, E_MEMORY, "no memory for the marks");
    if (s.n)
        memcpy(p, s.p, s.n);
    *ret_s = (Str){p, s.n};
    return OK;
}

static Err list_keep(Ctx *c, Arena *a, const Str *items, size_t n, const Str **ret_items) {
    Str *kept = arena_alloc(a, (n + 1) * sizeof *kept);
    if (!kept)
        return fail(c, E_MEMORY, "no memory for the marks");
    for (size_t i = 0; i < n; i++)
        TRY(words_keep(c, a, items[i], &kept[i]));
    *ret_items = kept;
    return OK;
}

static Err mark_keep(Ctx *c, DeskSights *s, DeskSlot *slot, const PictureMark *from,
                     DeskSightMark *ret_mark) {
    const JsonValue *v;
    RecordMark m;
    TRY(json_read(c, &slot->json, from->mark, &v));
    TRY(record_mark_parse(c, v, &m));
    DeskSightMark kept = {.mark = m};
    TRY(words_keep(c, &s->words, from->compartment, &kept.compartment));
    TRY(list_keep(c, &s->words, m.to, m.to_count, &kept.mark.to));
    TRY(list_keep(c, &s->words, m.purposes, m.purpose_count, &kept.mark.purposes));
    kept.mark.note = (Str){0};
    *ret_mark = kept;
    return OK;
}

// Marks only come to it; a picture made anew numbers them afresh.
static Err marks_refresh(Ctx *c, DeskNode *n, DeskSlot *slot) {
    DeskSights *s = &n->sights;
    uint64_t folds = atomic_load(&n->folds);
    if (atomic_load(&n->swapping))
        s->ready = false;
    if (s->generation == slot->generation && s->folds == folds && s->ready)
        return OK;
    if (s->generation != slot->generation || !s->ready) {
        sights_forget(s);
        s->mark_count = 0;
        s->generation = slot->generation;
        s->ready = false;
    }
    const PictureMark *marks;
    size_t count;
    TRY(picture_marks(c, slot->picture, &marks, &count));
    TRY(mem_grow(c, &s->marks, &s->mark_cap, count, sizeof *s->marks));
    for (size_t i = s->mark_count; i < count; i++) {
        if (marks[i].id != i)
            return fail(c, E_CORRUPT,
                        "the picture's marks are not numbered in turn: `moei "
                        "rebuild` makes it anew");
        TRY(mark_keep(c, s, slot, &marks[i], &s->marks[i]));
        s->mark_count = i + 1;
    }
    s->folds = folds;
    s->ready = true;
    return OK;
}

// --- the bits -----------------------------------------------------------------------------------

static DeskSight *sight_find(DeskSights *s, const DeskSight *want) {
    for (size_t i = 0; i < s->count; i++) {
        DeskSight *each = &s->items[i];
        if (each->acts == want->acts && each->clearance == want->clearance &&
            str_eq(each->purpose, want->purpose))
            return each;
    }
    return NULL;
}

static Err sight_get(Ctx *c, DeskNode *n, const Desk *d, DeskSight **ret_sight) {
    const uint64_t compartments = (uint64_t)1 << DESK_VICTIM_READ |
                                  (uint64_t)1 << DESK_GRIEVANCE_READ |
                                  (uint64_t)1 << DESK_READS_READ;
    DeskSights *s = &n->sights;
    DeskSight want = {
        .acts = d->acts & compartments, .clearance = d->clearance, .purpose = d->purpose};
    DeskSight *found = sight_find(s, &want);
    if (!found) {
        if (s->count == COUNT_OF(s->items))
            sights_forget(s);
        found = &s->items[s->count++];
        *found = want;
    }
    size_t words = s->mark_count / 64 + 1;
    if (!found->bits || words > found->cap) {
        size_t cap = found->cap;
        TRY(mem_grow(c, &found->bits, &found->cap, words, sizeof *found->bits));
        if (!found->bits)
            return fail(c, E_MEMORY, "no memory for the marks");
        memset(found->bits + cap, 0, (found->cap - cap) * sizeof *found->bits);
    }
    ASSERT(found->bits);
    DeskViewer v = {str_of(n->agency_id), want.purpose, want.acts, want.clearance};
    for (; found->marks < s->mark_count; found->marks++) {
        const DeskSightMark *m = &s->marks[found->marks];
        if (desk_sight_may(&m->mark, m->compartment, &v))
            found->bits[found->marks / 64] |= (uint64_t)1 << found->marks % 64;
    }
    *ret_sight = found;
    return OK;
}

// Under the lock of the sights. The slot keeps bits of its own, so that nobody frees them under it.
static Err sight_put(Ctx *c, DeskNode *n, const Desk *d, DeskSlot *slot) {
    TRY(marks_refresh(c, n, slot));
    DeskSight *found;
    TRY(sight_get(c, n, d, &found));
    size_t words = found->marks / 64 + 1;
    TRY(mem_grow(c, &slot->bits, &slot->bits_cap, words, sizeof *slot->bits));
    ASSERT(slot->bits && found->bits);
    memcpy(slot->bits, found->bits, words * sizeof *slot->bits);
    picture_reader_sight(slot->picture,
                         (PictureSight){.marks = (uint32_t)found->marks, .bits = slot->bits});
    return OK;
}

Err desk_sight_apply(Ctx *c, DeskNode *n, const Desk *d, DeskSlot *slot, bool *ret_old) {
    pthread_mutex_lock(&n->sights.lock);
    // The marks were read from a newer picture than the slot stands on.
    bool old = n->sights.ready && slot->generation < n->sights.generation;
    Err e = old ? OK : sight_put(c, n, d, slot);
    pthread_mutex_unlock(&n->sights.lock);
    *ret_old = old;
    return e;
}
