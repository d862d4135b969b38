// What was taken back, by retractions and by erasures of what others had: from whom, who has let go
// of it, and who is late.
#include "desk/share_priv.h"

#define OVERDUE_PAGES 10 // looked through for what is overdue

// --- taken back, shown --------------------------------------------------------------------------

// As people call it: its number or title, "" where it has none or is not for these eyes.
static Err called(Ctx *c, DeskSlot *s, Str kind, RecordId id, Str *ret_name) {
    PictureReport report;
    PictureOrder order;
    PictureCase k;
    Err e = E_NOT_FOUND;
    *ret_name = (Str){0};
    if (str_eq_c(kind, "report") && (e = picture_report_get(c, s->picture, id, &report)) == OK)
        *ret_name = report.report;
    else if (str_eq_c(kind, "order") && (e = picture_order_get(c, s->picture, id, &order)) == OK)
        *ret_name = order.number;
    else if (str_eq_c(kind, "case") && (e = picture_case_get(c, s->picture, id, &k)) == OK)
        *ret_name = k.title;
    return e == E_NOT_FOUND ? OK : e;
}

// "our report R-1 of 2026-01-01 14:00:00 +07:00". What was erased, or is hidden here, is known by
// its shares alone.
static Err own_words(Ctx *c, const DeskParties *p, RecordId root, const PictureRecord *r,
                     const PictureShare *first, bool part, DeskBack *b) {
    AUTO(Buf) words = {0};
    Str name, at;
    TRY(called(c, p->slot, b->kind, root, &name));
    buf_text(&words, part ? "a part of our " : "our ");
    for (size_t i = 0; i < b->kind.n; i++)
        buf_char(&words, b->kind.p[i] == '_' ? ' ' : b->kind.p[i]);
    if (b->kind.n == 0)
        buf_text(&words, "record");
    if (name.n > 0)
        buf_format(&words, " " STR_FMT, STR_ARG(name));
    if (r || first) {
        TRY(desk_time_zoned(c, p->node, r ? r->at : first->at, &at));
        buf_format(&words, "%s " STR_FMT, r ? " of" : ", shared", STR_ARG(at));
    }
    TRY(buf_check(c, &words));
    return str_copy(c, buf_view(&words), &b->title);
}

// What it was called when it was shared, or what it is in words of ours.
static Err back_title(Ctx *c, const DeskParties *p, RecordId root, DeskBack *b) {
    const PictureShare *shares;
    PictureRecord r;
    size_t n;
    TRY(picture_share_of(c, p->slot->picture, root, &shares, &n));
    for (size_t i = 0; i < n; i++) {
        b->kind = shares[i].kind;
        b->title = shares[i].title.n ? shares[i].title : b->title;
    }
    Err e = picture_record_get(c, p->slot->picture, root, &r);
    if (e != E_NOT_FOUND)
        TRY(e);
    bool here = e == OK && r.kind.n > 0;
    if (here)
        b->kind = r.kind;
    if (b->title.n > 0)
        return OK;
    return own_words(c, p, root, here ? &r : NULL, n > 0 ? &shares[0] : NULL,
                     !record_id_eq(root, b->record), b);
}

Err desk_back_of_retract(Ctx *c, const DeskParties *p, const PictureRetract *r,
                         DeskBack *ret_back) {
    DeskBack b = {.key = r->key,
                  .id = r->id,
                  .record = r->record,
                  .what = "retract",
                  .at = r->at,
                  .from = r->from,
                  .from_count = r->from_count};
    Record record;
    TRY(desk_body_get(c, p->slot, r->id, &record));
    TRY(json_get_str(c, record.body, "reason", &b.reason));
    TRY(back_title(c, p, r->record, &b));
    *ret_back = b;
    return OK;
}

static Err back_of_erase(Ctx *c, const DeskParties *p, const PictureErasure *e,
                         DeskBack *ret_back) {
    DeskBack b = {.key = e->key, .id = e->id, .record = e->record, .what = "erase", .at = e->at};
    Record record;
    TRY(desk_body_get(c, p->slot, e->id, &record));
    TRY(json_get_str(c, record.body, "reason", &b.reason));
    TRY(back_title(c, p, e->root, &b));
    TRY(picture_erasure_targets(c, p->slot->picture, e, str_of(p->node->agency_id), &b.from,
                                &b.from_count));
    *ret_back = b;
    return OK;
}

static size_t gone_from(const DeskBack *b) {
    size_t gone = 0;
    for (size_t i = 0; i < b->from_count; i++)
        gone += b->from[i].has_let_go;
    return gone;
}

static bool overdue_now(const DeskBack *b, int64_t now) {
    return gone_from(b) < b->from_count && now > b->at + DESK_BACK_US;
}

static Err back_words(Ctx *c, const DeskBack *b, bool overdue, Str *ret_words) {
    size_t gone = gone_from(b);
    if (gone == b->from_count)
        return str_format(c, ret_words, "acknowledged by all %zu", b->from_count);
    return str_format(c, ret_words, "%zu of %zu acknowledged%s", gone, b->from_count,
                      overdue ? ", the rest is overdue" : "");
}

Err desk_back_put(Ctx *c, const DeskParties *p, const DeskBack *b, JsonWriter *w) {
    bool overdue = overdue_now(b, clock_now(p->node->env.clock));
    Str words;
    TRY(back_words(c, b, overdue, &words));
    json_put_object_begin(w);
    desk_put_time(w, "at", b->at);
    desk_put_time(w, "due_at", b->at + DESK_BACK_US);
    json_put_key(w, STR("from"));
    json_put_array_begin(w);
    for (size_t i = 0; i < b->from_count; i++) {
        const PictureTarget *t = &b->from[i];
        Str name;
        TRY(desk_agency_name(c, p, t->agency, &name));
        json_put_object_begin(w);
        json_put_key_str(w, "agency", t->agency);
        desk_put_opt_time(w, "let_go_at", t->has_let_go, t->let_go_at);
        json_put_key_str(w, "name", name);
        json_put_key_bool(w, "overdue", overdue && !t->has_let_go);
        json_put_object_end(w);
    }
    json_put_array_end(w);
    desk_put_id(w, "id", b->id);
    desk_put_opt_str(w, "kind", b->kind);
    json_put_key_bool(w, "overdue", overdue);
    json_put_key_str(w, "reason", b->reason);
    desk_put_id(w, "record", b->record);
    desk_put_opt_str(w, "title", b->title);
    json_put_key_str(w, "what", str_of(b->what));
    json_put_key_str(w, "words", words);
    json_put_object_end(w);
    return OK;
}

// --- pages of it --------------------------------------------------------------------------------

static bool newer(PictureKey a, PictureKey b) {
    return a.sort != b.sort ? a.sort > b.sort : a.pos > b.pos;
}

// Both lists merged, newest first; with one key, because both are cut by the same one.
static Err backs_read(Ctx *c, const DeskParties *p, PicturePage page, DeskBacks *ret_backs) {
    const PictureRetract *found;
    const PictureErasure *erased;
    size_t n, m, r = 0, e = 0;
    bool more, more_erased;
    DeskBacks k = {0};
    TRY(picture_retract_list(c, p->slot->picture, PICTURE_OUT, page, &found, &n, &more));
    TRY(picture_erasure_list(c, p->slot->picture, page, &erased, &m, &more_erased));
    TRY(ctx_alloc(c, (n + m + 1) * sizeof *k.items, &k.items));
    while (k.n < page.limit && (r < n || e < m)) {
        if (e == m || (r < n && newer(found[r].key, erased[e].key)))
            TRY(desk_back_of_retract(c, p, &found[r++], &k.items[k.n++]));
        else
            TRY(back_of_erase(c, p, &erased[e++], &k.items[k.n++]));
    }
    k.more = r < n || e < m || more || more_erased;
    *ret_backs = k;
    return OK;
}

Err desk_backs_overdue(Ctx *c, const DeskParties *p, DeskBacks *ret_backs) {
    int64_t now = clock_now(p->node->env.clock);
    DeskBacks late = {0}, page = {.more = true};
    PicturePage at = {.limit = LIST_PAGE_ITEMS_MAX};
    TRY(ctx_alloc(c, DESK_BACKS_OVERDUE_MAX * sizeof *late.items, &late.items));
    for (int i = 0; i < OVERDUE_PAGES && page.more && !late.more; i++) {
        TRY(backs_read(c, p, at, &page));
        for (size_t k = 0; k < page.n && !late.more; k++) {
            late.more = late.n == DESK_BACKS_OVERDUE_MAX;
            if (!late.more && overdue_now(&page.items[k], now))
                late.items[late.n++] = page.items[k];
        }
        if (page.n > 0)
            at.after = page.items[page.n - 1].key;
        at.after.set = true;
    }
    *ret_backs = late;
    return OK;
}

Err desk_retraction_list_json(Ctx *c, const Desk *d, DeskPage page, Buf *out) {
    TRY(desk_need(c, d, DESK_EXCHANGE_READ));
    AUTO(DeskReading) r = {0};
    DeskParties p;
    PicturePage pp;
    DeskBacks k;
    Str next = {0};
    TRY(desk_reading_begin(c, d, &r));
    TRY(desk_parties(c, d->node, r.slot, &p));
    TRY(desk_cursor_open(c, d, "retract", page, &pp));
    TRY(backs_read(c, &p, pp, &k));
    if (k.more && k.n > 0)
        TRY(desk_cursor_seal(c, d, "retract", k.items[k.n - 1].key, &next));
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key(&w, STR("items"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < k.n; i++)
        TRY(desk_back_put(c, &p, &k.items[i], &w));
    json_put_array_end(&w);
    desk_put_next(&w, next);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}
