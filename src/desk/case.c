// Cases: reports that belong together. A report stands in at most one open case.
#include "desk/share_priv.h"

#include <stdlib.h>

static int str_order(const void *a, const void *b) {
    const Str *x = a, *y = b;
    return str_cmp(*x, *y);
}

void desk_sort_strs(Str *items, size_t n) {
    if (n > 1)
        qsort(items, n, sizeof *items, str_order);
}

size_t desk_unique_strs(Str *items, size_t n) {
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (kept == 0 || !str_eq(items[kept - 1], items[i]))
            items[kept++] = items[i];
    }
    return kept;
}

// --- look up ------------------------------------------------------------------------------------

static Err find_by_title(Ctx *c, DeskSlot *s, Str title, PictureCase *ret_case) {
    PicturePage page = {.limit = LIST_PAGE_ITEMS_MAX};
    size_t found = 0;
    bool more = true;
    while (more) {
        const PictureCase *items;
        size_t n;
        TRY(picture_case_list(c, s->picture, STR("open"), page, &items, &n, &more));
        for (size_t i = 0; i < n; i++) {
            if (str_eq(items[i].title, title) && found++ == 0)
                *ret_case = items[i];
        }
        if (n == 0)
            break;
        page.after = items[n - 1].key;
    }
    if (found > 1)
        return fail(c, E_INVALID, "%zu open cases are called \"" STR_FMT "\": name it by its id",
                    found, STR_ARG(title));
    return found ? OK : E_NOT_FOUND;
}

Err desk_case_find(Ctx *c, DeskSlot *s, Str id, PictureCase *ret_case) {
    RecordId record;
    PictureCase k = {0};
    Err e = record_id_parse(id, &record) ? picture_case_get(c, s->picture, record, &k)
                                         : find_by_title(c, s, id, &k);
    if (e == E_NOT_FOUND)
        return fail(c, E_NOT_FOUND,
                    "there is no case " STR_FMT ": `moei case list` shows those that are here",
                    STR_ARG(id));
    TRY(e);
    *ret_case = k;
    return OK;
}

// Ids grown on the heap as an array, handed over sorted in the request's arena.
static Err settle_ids(Ctx *c, const Buf *ids, Str **ret_items, size_t *ret_n) {
    TRY(buf_check(c, ids));
    size_t n = ids->n / sizeof(Str);
    Str *items;
    TRY(ctx_alloc(c, ids->n + sizeof(Str), &items));
    if (n > 0)
        memcpy(items, ids->p, ids->n);
    desk_sort_strs(items, n);
    *ret_items = items;
    *ret_n = desk_unique_strs(items, n);
    return OK;
}

static Err add_name(Ctx *c, const DeskNode *n, DeskSlot *s, const PictureCaseReport *item,
                    Buf *names) {
    PictureReport report;
    Str name;
    TRY(picture_report_get(c, s->picture, item->report, &report));
    TRY(desk_report_name(c, n, s, &report, &name));
    buf_append(names, &name, sizeof name);
    return OK;
}

Err desk_case_reports(Ctx *c, const DeskNode *node, DeskSlot *s, RecordId id,
                      DeskCaseReports *ret_reports) {
    AUTO(Buf) in = {0}, refused = {0};
    PicturePage page = {.limit = LIST_PAGE_ITEMS_MAX};
    for (bool more = true; more;) {
        const PictureCaseReport *items;
        size_t n;
        TRY(picture_case_reports(c, s->picture, id, page, &items, &n, &more));
        for (size_t i = 0; i < n; i++) {
            if (!items[i].has_report)
                continue;
            if (str_eq_c(items[i].state, "in"))
                TRY(add_name(c, node, s, &items[i], &in));
            else if (str_eq_c(items[i].state, "refused"))
                TRY(add_name(c, node, s, &items[i], &refused));
        }
        if (n == 0)
            break;
        page.after = items[n - 1].key;
    }
    DeskCaseReports all = {0};
    TRY(settle_ids(c, &in, &all.in, &all.in_count));
    TRY(settle_ids(c, &refused, &all.refused, &all.refused_count));
    *ret_reports = all;
    return OK;
}

static Err fill(Ctx *c, const PictureCase *p, DeskCase *ret_case) {
    char text[RECORD_ID_TEXT_BYTES];
    record_id_text(p->id, text);
    DeskCase k = {.title = p->title,
                  .at = p->at,
                  .open = str_eq_c(p->state, "open"),
                  .has_closed_at = p->has_closed_at,
                  .closed_at = p->closed_at,
                  .reason = p->reason,
                  .agency = p->agency,
                  .report_count = (size_t)p->reports};
    TRY(str_copy(c, str_of(text), &k.id));
    *ret_case = k;
    return OK;
}

static Err get(Ctx *c, const Desk *d, DeskSlot *s, RecordId id, DeskCase *ret_case) {
    PictureCase p;
    PictureRecord record;
    DeskCaseReports reports;
    TRY(picture_case_get(c, s->picture, id, &p));
    TRY(picture_record_get(c, s->picture, id, &record));
    TRY(desk_case_reports(c, d->node, s, id, &reports));
    DeskCase k;
    TRY(fill(c, &p, &k));
    if (record.has_officer) {
        char text[RECORD_ID_TEXT_BYTES];
        record_id_text(record.officer, text);
        TRY(str_copy(c, str_of(text), &k.officer));
    }
    k.reports = reports.in;
    k.report_count = reports.in_count;
    k.refused = reports.refused;
    k.refused_count = reports.refused_count;
    TRY(desk_case_whole(c, d, s, id, &k));
    *ret_case = k;
    return OK;
}

Err desk_case_get(Ctx *c, const Desk *d, Str case_id, DeskCase *ret_case) {
    TRY(desk_need(c, d, DESK_CASE_READ));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    TRY(desk_reading_snapshot(c, &r));
    PictureCase p;
    TRY(desk_case_find(c, r.slot, case_id, &p));
    return get(c, d, r.slot, p.id, ret_case);
}

Err desk_case_list(Ctx *c, const Desk *d, DeskPage page, DeskCaseList *ret_list) {
    TRY(desk_need(c, d, DESK_CASE_READ));
    if (page.state.n && !str_eq_c(page.state, "open") && !str_eq_c(page.state, "closed"))
        return fail(c, E_INVALID, "the state of a case is open or closed");
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    PicturePage p;
    TRY(desk_cursor_open(c, d, "case", page, &p));
    const PictureCase *found;
    size_t n;
    bool more;
    TRY(picture_case_list(c, r.slot->picture, page.state, p, &found, &n, &more));
    DeskCase *items;
    TRY(ctx_alloc(c, (n + 1) * sizeof *items, &items));
    for (size_t i = 0; i < n; i++)
        TRY(fill(c, &found[i], &items[i]));
    DeskCaseList list = {items, n, {0}};
    if (more && n > 0)
        TRY(desk_cursor_seal(c, d, "case", found[n - 1].key, &list.next));
    *ret_list = list;
    return OK;
}

// --- change -------------------------------------------------------------------------------------

static Err words_check(Ctx *c, const char *what, Str s, Str *ret_s) {
    s = str_trim(s);
    if (s.n == 0 || s.n > DESK_TITLE_BYTES_MAX || !text_utf8_valid(s) || text_has_control(s, ""))
        return fail(c, E_INVALID, "%s must be 1 to %d bytes of UTF-8 without control characters",
                    what, DESK_TITLE_BYTES_MAX);
    return text_nfc(c, s, ret_s);
}

Err desk_case_new(Ctx *c, const Desk *d, Str title, DeskCase *ret_case) {
    return desk_case_new_under(c, d, title, (Str){0}, ret_case);
}

Err desk_case_new_under(Ctx *c, const Desk *d, Str title, Str accord, DeskCase *ret_case) {
    TRY(desk_need(c, d, DESK_CASE_WRITE));
    TRY(words_check(c, "the title", title, &title));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    RecordMark mark;
    TRY(desk_mark_under(c, d, r.slot, accord, "case", &mark));
    AUTO(Buf) body = {0};
    JsonWriter w = json_writer_start(&body);
    json_put_object_begin(&w);
    json_put_key_str(&w, "title", title);
    json_put_object_end(&w);
    TRY(json_writer_end(c, &w));
    AUTO(DeskWriting) writing = {0};
    TRY(desk_writing_begin(c, d->node, d, &writing));
    DeskDraft draft = {
        .kind = RECORD_CASE, .mark = &mark, .purpose = "investigation", .body = buf_view(&body)};
    RecordId id;
    TRY(desk_record_add(c, &writing, &draft, &id));
    DeskReading_cleanup(&r); // new eyes: its mark may not have been there before
    TRY(desk_reading_begin(c, d, &r));
    return get(c, d, r.slot, id, ret_case);
}

// The reports to be added, those left out that stand in this case already.
static Err adds_of(Ctx *c, const Desk *d, DeskSlot *s, RecordId in, const Str *reports,
                   size_t count, RecordId *adds, size_t *ret_n) {
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        PictureReport r;
        TRY(desk_report_find(c, d->node, s, reports[i], &r));
        if (str_eq_c(r.state, "duplicate"))
            return fail(c, E_STATE,
                        "report " STR_FMT " is a duplicate and is not traced: add the "
                        "one that came first",
                        STR_ARG(r.report));
        RecordId other;
        Err e = picture_report_case(c, s->picture, r.id, &other);
        if (e == OK && !record_id_eq(other, in)) {
            char text[RECORD_ID_TEXT_BYTES];
            record_id_text(other, text);
            return fail(c, E_STATE,
                        "report " STR_FMT " stands in the open case %s: take it out there first "
                        "(`moei case remove`)",
                        STR_ARG(r.report), text);
        }
        bool there = e == OK;
        if (e != OK && e != E_NOT_FOUND)
            return e;
        for (size_t k = 0; k < n && !there; k++)
            there = record_id_eq(adds[k], r.id);
        if (!there)
            adds[n++] = r.id;
    }
    *ret_n = n;
    return OK;
}

static Err put_move(Ctx *c, const char *reason_or_null, Str reason, RecordId report, Buf *out) {
    char text[RECORD_ID_TEXT_BYTES];
    record_id_text(report, text);
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    if (reason_or_null)
        json_put_key_str(&w, reason_or_null, reason);
    json_put_key_str(&w, "report", str_of(text));
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

static Err open_case(Ctx *c, DeskSlot *s, Str id, PictureCase *ret_case) {
    TRY(desk_case_find(c, s, id, ret_case));
    if (!str_eq_c(ret_case->state, "open"))
        return fail(c, E_STATE, "case " STR_FMT " is closed: make a new one", STR_ARG(id));
    return OK;
}

static Err add_all(Ctx *c, DeskWriting *w, RecordId in, const RecordMark *mark,
                   const RecordId *adds, size_t n) {
    AUTO(Buf) body = {0};
    for (size_t i = 0; i < n; i++) {
        if (i % LEDGER_GROUP_RECORDS_MAX == 0)
            TRY(desk_group_begin(c, w));
        buf_clear(&body);
        TRY(put_move(c, NULL, (Str){0}, adds[i], &body));
        DeskDraft draft = {.kind = RECORD_CASE_ADD,
                           .has_of = true,
                           .of = in,
                           .refs = &adds[i],
                           .ref_count = 1,
                           .mark = mark,
                           .purpose = "investigation",
                           .body = buf_view(&body)};
        TRY(desk_group_add(c, w, &draft, NULL));
        if (i + 1 == n || (i + 1) % LEDGER_GROUP_RECORDS_MAX == 0)
            TRY(desk_group_commit(c, w));
    }
    return OK;
}

Err desk_case_add(Ctx *c, const Desk *d, Str case_id, const Str *reports, size_t count) {
    TRY(desk_need(c, d, DESK_CASE_WRITE));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    // Under the writer's lock, so that no other call puts a report elsewhere in between.
    AUTO(DeskWriting) w = {0};
    TRY(desk_writing_begin(c, d->node, d, &w));
    PictureCase p;
    TRY(open_case(c, r.slot, case_id, &p));
    if ((size_t)p.reports + count > CASE_REPORTS_MAX)
        return fail(c, E_LIMIT, "a case has at most %d reports", CASE_REPORTS_MAX);
    RecordId *adds;
    TRY(ctx_alloc(c, (count + 1) * sizeof *adds, &adds));
    size_t n;
    TRY(adds_of(c, d, r.slot, p.id, reports, count, adds, &n));
    RecordMark mark;
    TRY(desk_mark_of(c, r.slot, p.id, &mark));
    return add_all(c, &w, p.id, &mark, adds, n);
}

Err desk_case_remove(Ctx *c, const Desk *d, Str case_id, Str report, Str reason) {
    TRY(desk_need(c, d, DESK_CASE_WRITE));
    TRY(words_check(c, "the reason", reason, &reason));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    AUTO(DeskWriting) w = {0};
    TRY(desk_writing_begin(c, d->node, d, &w));
    PictureCase p;
    PictureReport found;
    TRY(open_case(c, r.slot, case_id, &p));
    TRY(desk_report_find(c, d->node, r.slot, report, &found));
    RecordId in;
    Err e = picture_report_case(c, r.slot->picture, found.id, &in);
    if (e == E_NOT_FOUND || (e == OK && !record_id_eq(in, p.id)))
        return fail(c, E_STATE, "report " STR_FMT " does not stand in this case", STR_ARG(report));
    TRY(e);
    RecordMark mark;
    TRY(desk_mark_of(c, r.slot, p.id, &mark));
    AUTO(Buf) body = {0};
    TRY(put_move(c, "reason", reason, found.id, &body));
    DeskDraft draft = {.kind = RECORD_CASE_REMOVE,
                       .has_of = true,
                       .of = p.id,
                       .refs = &found.id,
                       .ref_count = 1,
                       .mark = &mark,
                       .purpose = "investigation",
                       .body = buf_view(&body)};
    return desk_record_add(c, &w, &draft, NULL);
}
