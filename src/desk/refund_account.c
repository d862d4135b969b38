// Where a victim's refund goes: said by one officer and confirmed by another.
#include "desk/desk_priv.h"

static Err document_check(Ctx *c, DeskSlot *s, Str document) {
    CryptoHash hash;
    PictureAttachment a;
    if (document.n == 0)
        return OK;
    if (!hex_decode(document, hash.b, sizeof hash.b))
        return fail(c, E_INVALID, "the document is named by the 64 hex digits of its SHA-256");
    Err e = picture_attachment_find(c, s->picture, hash.b, &a);
    return e == E_NOT_FOUND
               ? fail(c, E_NOT_FOUND, "no document with this SHA-256 is here: take it in first")
               : e;
}

Err desk_refund_account(Ctx *c, const Desk *d, Str report, Str account, Str document) {
    TRY(desk_need(c, d, DESK_REFUND_PAY));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    AUTO(DeskWriting) w = {0};
    TRY(desk_writing_begin(c, d->node, d, &w));
    PictureReport found;
    FormatAccount a;
    RecordMark mark;
    TRY(desk_report_find(c, d->node, r.slot, report, &found));
    TRY(format_account_parse(c, d->node->tables, account, &a));
    if (a.account.n == 0 || a.institution.n == 0 || a.country.n == 0)
        return fail(c, E_INVALID, "name the account as COUNTRY/INSTITUTION/ACCOUNT");
    TRY(document_check(c, r.slot, document));
    TRY(desk_mark_of(c, r.slot, found.id, &mark));
    AUTO(Buf) body = {0};
    JsonWriter j = json_writer_start(&body);
    json_put_object_begin(&j);
    json_put_key(&j, STR("account"));
    desk_put_account(&j, &a);
    desk_put_opt_str(&j, "document", document);
    json_put_key_i64(&j, "persons",
                     format_persons(d->node->tables, STR("refund_account_change"), 0, (Str){0}));
    json_put_object_end(&j);
    TRY(json_writer_end(c, &j));
    DeskDraft draft = {.kind = RECORD_REFUND_ACCOUNT,
                       .has_of = true,
                       .of = found.id,
                       .mark = &mark,
                       .body = buf_view(&body)};
    return desk_record_add(c, &w, &draft, NULL);
}

// The entry that waits: the one named, or the only one.
static Err waiting(Ctx *c, DeskSlot *s, const PictureReport *report, Str target,
                   const PictureRefundAccount **ret_entry) {
    const PictureRefundAccount *items, *found = NULL;
    size_t n, count = 0;
    RecordId id;
    bool named = target.n > 0;
    if (named && !record_id_parse(target, &id))
        return fail(c, E_INVALID, "the entry to be confirmed is named by its record's id");
    TRY(picture_refund_accounts(c, s->picture, report->id, &items, &n));
    for (size_t i = 0; i < n; i++) {
        if (!items[i].waits || (named && !record_id_eq(items[i].id, id)))
            continue;
        found = &items[i];
        count++;
    }
    if (count == 0)
        return fail(c, E_STATE,
                    "no refund account of report " STR_FMT " waits for a second officer",
                    STR_ARG(report->report));
    if (count > 1)
        return fail(c, E_STATE,
                    "%zu refund accounts of report " STR_FMT
                    " wait: name the entry by its record's id",
                    count, STR_ARG(report->report));
    *ret_entry = found;
    return OK;
}

Err desk_refund_account_second(Ctx *c, const Desk *d, Str report, Str target) {
    TRY(desk_need(c, d, DESK_REFUND_PAY));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    AUTO(DeskWriting) w = {0};
    TRY(desk_writing_begin(c, d->node, d, &w));
    PictureReport found;
    const PictureRefundAccount *entry;
    RecordMark mark;
    TRY(desk_report_find(c, d->node, r.slot, report, &found));
    TRY(waiting(c, r.slot, &found, target, &entry));
    if (record_id_eq(entry->officer, d->officer))
        return fail(c, E_DENIED,
                    "you entered this account: another officer must confirm it, who has compared "
                    "it with the victim's document");
    TRY(desk_mark_of(c, r.slot, found.id, &mark));
    AUTO(Buf) body = {0};
    JsonWriter j = json_writer_start(&body);
    json_put_object_begin(&j);
    desk_put_id(&j, "target", entry->id);
    json_put_object_end(&j);
    TRY(json_writer_end(c, &j));
    DeskDraft draft = {.kind = RECORD_SECOND,
                       .has_of = true,
                       .of = found.id,
                       .refs = &entry->id,
                       .ref_count = 1,
                       .mark = &mark,
                       .body = buf_view(&body)};
    return desk_record_add(c, &w, &draft, NULL);
}
