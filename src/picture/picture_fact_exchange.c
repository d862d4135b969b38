// Facts of what agencies say to one another: lists within such records, and what each touches. The
// rows themselves are in picture_fact_order.c.
#include "picture/picture_priv.h"

// --- whom it is for -----------------------------------------------------------------------------

// A share that a third agency carries says for whom it is; its mark names that agency as well.
static Str named_recipient(const Record *r) {
    const JsonValue *v = r->kind == RECORD_SHARE ? json_find(r->body, STR("recipient")) : NULL;
    return v && v->type == JSON_STR ? v->s : (Str){0};
}

bool fact_for_us(const Picture *p, const PictureFact *f, const JsonValue *list) {
    if (f->agency_n == OWN_AGENCY)
        return false;
    Str named = named_recipient(f->record);
    if (named.n > 0)
        return str_eq_c(named, p->own);
    for (uint32_t i = 0; list && i < list->count; i++)
        if (str_eq_c(list->items[i].s, p->own))
            return true;
    const RecordMark *m = &f->record->mark;
    for (size_t i = 0; !list && i < m->to_count; i++)
        if (str_eq_c(m->to[i], p->own))
            return true;
    return false;
}

Str fact_recipient(const Record *r) {
    Str named = named_recipient(r);
    for (size_t i = 0; i < r->mark.to_count; i++)
        if (str_eq(r->mark.to[i], named))
            return named;
    for (size_t i = 0; i < r->mark.to_count; i++)
        if (!str_eq(r->mark.to[i], r->agency))
            return r->mark.to[i];
    return (Str){0};
}

// --- lists --------------------------------------------------------------------------------------

static Err word_add(Picture *p, int64_t pos, const char *list, uint32_t n, Str word) {
    StoreStmt *s = write_stmt(p, W_WORD_ADD);
    store_bind_at_i64(s, 1, pos);
    store_bind_at_str(s, 2, str_of(list));
    store_bind_at_i64(s, 3, n);
    store_bind_at_str(s, 4, word);
    return store_run(&p->work, s);
}

static Err words_add(Picture *p, const PictureFact *f, const char *list) {
    const JsonValue *v = json_find(f->record->body, str_of(list));
    for (uint32_t i = 0; v && v->type == JSON_ARRAY && i < v->count; i++)
        TRY(word_add(p, f->pos, list, i, v->items[i].s));
    return OK;
}

// The agencies of the mark but the author.
static Err to_add(Picture *p, const PictureFact *f, const char *list) {
    const Record *r = f->record;
    uint32_t n = 0;
    for (size_t i = 0; i < r->mark.to_count; i++)
        if (!str_eq(r->mark.to[i], r->agency))
            TRY(word_add(p, f->pos, list, n++, r->mark.to[i]));
    return OK;
}

static Err named_add(Picture *p, const PictureFact *f, const char *list) {
    const JsonValue *v = json_find(f->record->body, str_of(list));
    for (uint32_t i = 0; v && i < v->count; i++) {
        RecordId id;
        if (!record_id_parse(v->items[i].s, &id))
            continue;
        StoreStmt *s = write_stmt(p, W_NAMED_ADD);
        store_bind_at_i64(s, 1, f->pos);
        store_bind_at_i64(s, 2, i);
        store_bind_at_blob(s, 3, id.b, sizeof id.b);
        TRY(store_run(&p->work, s));
    }
    return OK;
}

static Str text_in(const JsonValue *object, const char *name) {
    const JsonValue *v = object->type == JSON_OBJECT ? json_find(object, str_of(name)) : NULL;
    return v && v->type == JSON_STR ? v->s : (Str){0};
}

// A member without an agency is none; one that is named twice stands twice and signs twice.
static Err members_add(Picture *p, const PictureFact *f, const char *list_name) {
    const JsonValue *list = json_find(f->record->body, str_of(list_name));
    for (uint32_t i = 0; list && i < list->count && i < ACCORD_MEMBERS_MAX; i++) {
        const JsonValue *member = &list->items[i];
        Str agency = text_in(member, "agency"), law = text_in(member, "law");
        const JsonValue *mirror = json_find(member, STR("mirror"));
        StoreStmt *s = write_stmt(p, W_MEMBER_ADD);
        store_bind_at_i64(s, 1, f->pos);
        store_bind_at_i64(s, 2, i);
        store_bind_at_str(s, 3, agency.n ? agency : STR(""));
        if (law.n)
            store_bind_at_str(s, 4, law);
        store_bind_at_i64(s, 5, mirror && mirror->type == JSON_BOOL && mirror->b);
        TRY(store_run(&p->work, s));
    }
    return OK;
}

static Err leaves_add(Picture *p, const PictureFact *f, const char *list_name) {
    const JsonValue *list = json_find(f->record->body, str_of(list_name));
    for (uint32_t i = 0; list && i < list->count; i++) {
        StoreStmt *s = write_stmt(p, W_LET_GO_LEAF_ADD);
        store_bind_at_i64(s, 1, f->pos);
        store_bind_at_i64(s, 2, list->items[i].i);
        TRY(store_run(&p->work, s));
    }
    return OK;
}

// What is left of an object that we let go of is for those who saw it: our let_go tells its last
// mark, and its kind for the compartment. One that tells no such mark leaves its own.
static Err shell_add(Picture *p, const PictureFact *f, const char *member) {
    const JsonValue *v = json_find(f->record->body, str_of(member));
    AUTO(Buf) text = {0};
    RecordMark m;
    uint32_t mark;
    if (f->agency_n != OWN_AGENCY || !v || v->type != JSON_OBJECT ||
        record_mark_parse(&p->work, v, &m) != OK || m.has_until)
        return OK;
    TRY(record_mark_write(&p->work, &m, &text));
    TRY(mark_intern(p, compartment_of(text_in(f->record->body, "kind")), buf_view(&text), &mark));
    StoreStmt *s = write_stmt(p, W_SHELL_SET);
    store_bind_at_i64(s, 1, mark);
    store_bind_at_i64(s, 2, f->pos);
    return store_run(&p->work, s);
}

typedef struct Range {
    int64_t first, last;
} Range;

// [first, last]; a longer one than a block of a journal has is none that a node wrote.
static bool range_read(const JsonValue *v, Range *ret_range) {
    if (v->type != JSON_ARRAY || v->count != 2 || v->items[0].type != JSON_INT ||
        v->items[1].type != JSON_INT)
        return false;
    Range r = {v->items[0].i, v->items[1].i};
    *ret_range = r;
    return r.first >= 0 && r.first <= r.last && r.last - r.first < SYNC_OPENINGS_MAX;
}

static Err ranges_add(Picture *p, const PictureFact *f, const char *list_name) {
    const JsonValue *logs = json_find(f->record->body, str_of(list_name));
    int64_t n = 0;
    for (uint32_t i = 0; logs && i < logs->count; i++) {
        Str agency = text_in(&logs->items[i], "agency");
        const JsonValue *list = json_find(&logs->items[i], STR("leaves"));
        for (uint32_t k = 0; agency.n && list && list->type == JSON_ARRAY && k < list->count; k++) {
            Range r;
            if (!range_read(&list->items[k], &r))
                continue;
            StoreStmt *s = write_stmt(p, W_RANGE_ADD);
            store_bind_at_i64(s, 1, f->pos);
            store_bind_at_i64(s, 2, n++);
            store_bind_at_str(s, 3, agency);
            store_bind_at_i64(s, 4, r.first);
            store_bind_at_i64(s, 5, r.last);
            TRY(store_run(&p->work, s));
        }
    }
    return OK;
}

typedef Err (*ListAdd)(Picture *p, const PictureFact *f, const char *list);

static const struct {
    RecordKind kind;
    ListAdd add;
    const char *list; // the member of the body
} lists[] = {{RECORD_PEER, words_add, "institutions"},
             {RECORD_ACCORD, members_add, "members"},
             {RECORD_ACCORD, words_add, "kinds"},
             {RECORD_ACCORD, words_add, "purposes"},
             {RECORD_RETRACT, words_add, "from"},
             {RECORD_LET_GO, leaves_add, "leaves"},
             {RECORD_LET_GO, shell_add, "mark"},
             {RECORD_DISCLOSED, ranges_add, "logs"},
             {RECORD_NOTICE, to_add, "to"},
             {RECORD_NOTICE, named_add, "records"},
             {RECORD_NOTICE_ACT, named_add, "shares"},
             {RECORD_FORK, words_add, "notes"}};

static Err lists_add(Picture *p, const PictureFact *f) {
    for (size_t i = 0; i < COUNT_OF(lists); i++)
        if (lists[i].kind == f->record->kind)
            TRY(lists[i].add(p, f, lists[i].list));
    return OK;
}

// --- what it touches ----------------------------------------------------------------------------

static Err touch_id(Picture *p, Dict *set, const JsonValue *v) {
    RecordId id;
    if (!v || v->type != JSON_STR || !record_id_parse(v->s, &id))
        return OK;
    return touch(p, set, (Str){(const char *)id.b, sizeof id.b});
}

Err fact_add_exchange(Picture *p, const PictureFact *f) {
    const Record *r = f->record;
    // What an agency thinks of others is its own; that of another agency does not come this way.
    bool own_only = r->kind == RECORD_PEER || r->kind == RECORD_FLAG;
    if (own_only && f->agency_n != OWN_AGENCY)
        return OK;
    TRY(fact_add_order(p, f));
    TRY(lists_add(p, f));
    if (p->bulk)
        return OK;
    Str id = {(const char *)r->id.b, sizeof r->id.b};
    if (r->kind == RECORD_SHARE)
        return touch_id(p, &p->touched.objects, json_find(r->body, STR("record")));
    if (r->kind == RECORD_RETRACT)
        return touch(p, &p->touched.owed, id);
    if (r->kind != RECORD_LET_GO || f->agency_n != OWN_AGENCY)
        return OK;
    char place[8];
    store_u64le(place, (uint64_t)f->pos);
    TRY(touch(p, &p->touched.gone, (Str){place, sizeof place}));
    return touch_id(p, &p->touched.owed, json_find(r->body, STR("by")));
}

// The id that a row names, where there is one.
static Err touch_named(Picture *p, PictureWrite which, int64_t pos, Dict *set) {
    AUTO(StoreQuery) q = write_stmt(p, which);
    store_bind_at_i64(q, 1, pos);
    bool row;
    TRY(store_step(&p->work, q, &row));
    return row ? touch(p, set, store_col_str(q, 0)) : OK;
}

Err fact_touch_exchange(Picture *p, int64_t pos, RecordKind kind, Str id) {
    if (p->erases)
        TRY(touch(p, &p->touched.erased, id));
    if (kind == RECORD_RETRACT || kind == RECORD_ERASE)
        TRY(touch(p, &p->touched.owed, id));
    if (kind == RECORD_ERASE)
        return touch_named(p, W_ERASE_TARGET, pos, &p->touched.erased);
    return kind == RECORD_SHARE ? touch_named(p, W_SHARE_RECORD, pos, &p->touched.objects) : OK;
}
