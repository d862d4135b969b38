// Who is one victim in a case, and the end of a case.
#include "desk/desk_priv.h"

static Err open_case(Ctx *c, DeskSlot *s, Str id, PictureCase *ret_case) {
    TRY(desk_case_find(c, s, id, ret_case));
    if (!str_eq_c(ret_case->state, "open"))
        return fail(c, E_STATE, "case " STR_FMT " is closed", STR_ARG(id));
    return OK;
}

Err desk_case_claimants(Ctx *c, const Desk *d, Str case_id, const Str *reports, size_t count) {
    TRY(desk_need(c, d, DESK_CASE_WRITE));
    if (count == 0 || count > RECORD_REFS_MAX)
        return fail(c, E_INVALID, "name 1 to %d reports of one victim", RECORD_REFS_MAX);
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    AUTO(DeskWriting) w = {0};
    TRY(desk_writing_begin(c, d->node, d, &w));
    PictureCase k;
    RecordMark mark;
    TRY(open_case(c, r.slot, case_id, &k));
    TRY(desk_mark_of(c, r.slot, k.id, &mark));
    RecordId *refs;
    Str *ids;
    TRY(ctx_alloc(c, count * sizeof *refs, &refs));
    TRY(ctx_alloc(c, count * sizeof *ids, &ids));
    for (size_t i = 0; i < count; i++) {
        PictureReport report;
        RecordId in;
        TRY(desk_report_find(c, d->node, r.slot, reports[i], &report));
        Err e = picture_report_case(c, r.slot->picture, report.id, &in);
        if (e == E_NOT_FOUND || (e == OK && !record_id_eq(in, k.id)))
            return fail(c, E_STATE, "report " STR_FMT " does not stand in this case",
                        STR_ARG(reports[i]));
        TRY(e);
        refs[i] = report.id;
        TRY(desk_id_text(c, report.id, &ids[i]));
        for (size_t j = 0; j < i; j++) {
            if (record_id_eq(refs[j], refs[i]))
                return fail(c, E_INVALID, "report " STR_FMT " is named twice", STR_ARG(reports[i]));
        }
    }
    desk_sort_strs(ids, count);
    AUTO(Buf) body = {0};
    JsonWriter j = json_writer_start(&body);
    json_put_object_begin(&j);
    desk_put_strs(&j, "reports", ids, count);
    json_put_object_end(&j);
    TRY(json_writer_end(c, &j));
    DeskDraft draft = {.kind = RECORD_CLAIMANT,
                       .has_of = true,
                       .of = k.id,
                       .refs = refs,
                       .ref_count = count,
                       .mark = &mark,
                       .body = buf_view(&body)};
    return desk_record_add(c, &w, &draft, NULL);
}

// Money that is held, or contested, keeps a case open: nobody would look at it any more.
static Err nothing_open(Ctx *c, const Desk *d, DeskSlot *s, RecordId id) {
    const PictureOrder *orders;
    size_t n;
    TRY(picture_orders_of_case(c, s->picture, id, &orders, &n));
    for (size_t i = 0; i < n; i++) {
        OrderNow now = order_now(&orders[i].facts, &orders[i].view, clock_now(d->node->env.clock));
        if (now.alive || now.not_confirmed || orders[i].view.appeal == ORDER_APPEALED)
            return fail(c, E_STATE,
                        "order " STR_FMT " of this case is not finished (%s): a case is closed "
                        "when nothing is held or contested any more",
                        STR_ARG(orders[i].number), order_state_name(now.state));
    }
    return OK;
}

Err desk_case_close(Ctx *c, const Desk *d, Str case_id, Str reason) {
    TRY(desk_need(c, d, DESK_CASE_WRITE));
    TRY(desk_words(c, "the reason", reason, DESK_TITLE_BYTES_MAX, &reason));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    AUTO(DeskWriting) w = {0};
    TRY(desk_writing_begin(c, d->node, d, &w));
    PictureCase k;
    RecordMark mark;
    TRY(open_case(c, r.slot, case_id, &k));
    TRY(nothing_open(c, d, r.slot, k.id));
    TRY(desk_mark_of(c, r.slot, k.id, &mark));
    AUTO(Buf) body = {0};
    JsonWriter j = json_writer_start(&body);
    json_put_object_begin(&j);
    json_put_key_str(&j, "reason", reason);
    json_put_object_end(&j);
    TRY(json_writer_end(c, &j));
    DeskDraft draft = {.kind = RECORD_CASE_CLOSE,
                       .has_of = true,
                       .of = k.id,
                       .mark = &mark,
                       .body = buf_view(&body)};
    return desk_record_add(c, &w, &draft, NULL);
}
