// Documents and evidence packs: a record that names bytes by their hash, and the bytes on the
// shelf.
#include "desk/order_priv.h"

// --- put ----------------------------------------------------------------------------------------

static bool word_fits(Str s, size_t bytes_max) {
    return s.n > 0 && s.n <= bytes_max && text_utf8_valid(s) && !text_has_control(s, "");
}

static Err attachment_body(Ctx *c, const DeskAttach *a, const CryptoHash *sha256, Buf *out) {
    AUTO(Buf) hex = {0};
    buf_hex(&hex, sha256->b, sizeof sha256->b);
    TRY(buf_check(c, &hex));
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key_i64(&w, "bytes", (int64_t)a->bytes.n);
    json_put_key_str(&w, "name", a->name);
    json_put_key_str(&w, "sha256", buf_view(&hex));
    json_put_key_str(&w, "type", a->type);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

Err desk_attach(Ctx *c, DeskWriting *w, const DeskAttach *a, CryptoHash *ret_sha256,
                RecordId *ret_id) {
    if (!word_fits(a->name, DESK_TITLE_BYTES_MAX))
        return fail(c, E_INVALID, "give the document a name of 1 to %d bytes",
                    DESK_TITLE_BYTES_MAX);
    if (!word_fits(a->type, DESK_TITLE_BYTES_MAX))
        return fail(c, E_INVALID, "say of which type the document is, such as application/pdf");
    CryptoHash sha256;
    TRY(shelf_put(c, ledger_db(w->node->ledger), a->bytes, &sha256));
    AUTO(Buf) body = {0};
    TRY(attachment_body(c, a, &sha256, &body));
    DeskDraft draft = {.kind = RECORD_ATTACHMENT,
                       .refs = a->about,
                       .ref_count = a->about_count,
                       .mark = a->mark,
                       .body = buf_view(&body)};
    TRY(desk_group_add(c, w, &draft, ret_id));
    *ret_sha256 = sha256;
    return OK;
}

// Documents come with reports, orders, grievances and contacts alike.
static Err may_put(Ctx *c, const Desk *d) {
    static const DeskAct acts[] = {DESK_ORDER_ANSWER, DESK_REPORT_STANDING, DESK_GRIEVANCE_WRITE,
                                   DESK_ORDER_ISSUE};
    for (size_t i = 0; i < COUNT_OF(acts); i++) {
        if (desk_may(d, acts[i]))
            return OK;
    }
    return desk_need(c, d, acts[0]);
}

// What a document is about is seen by whom it comes from.
static Err about_check(Ctx *c, DeskSlot *s, const RecordId *about, size_t count) {
    for (size_t i = 0; i < count; i++) {
        PictureRecord r;
        Err e = picture_record_get(c, s->picture, about[i], &r);
        if (e == E_NOT_FOUND) {
            char id[RECORD_ID_TEXT_BYTES];
            record_id_text(about[i], id);
            return fail(c, E_NOT_FOUND, "there is no record %s", id);
        }
        TRY(e);
    }
    return OK;
}

Err desk_attachment_put(Ctx *c, const Desk *d, Str name, Str type, Str bytes,
                        const CryptoUuid *about, size_t about_count,
                        DeskAttachment *ret_attachment) {
    TRY(may_put(c, d));
    if (bytes.n > ATTACHMENT_BYTES_MAX)
        return fail(c, E_LIMIT, "a document has at most %d MiB", ATTACHMENT_BYTES_MAX >> 20);
    AUTO(DeskWriting) w = {0};
    TRY(desk_writing_begin(c, d->node, d, &w));
    RecordMark mark = record_mark_default();
    if (about_count > 0) {
        AUTO(DeskReading) r = {0};
        TRY(desk_reading_begin(c, d, &r));
        TRY(about_check(c, r.slot, about, about_count));
        TRY(desk_marks_meet(c, r.slot, about, about_count, &mark));
    }
    DeskAttach a = {name, type, bytes, about, about_count, &mark};
    CryptoHash sha256;
    RecordId id;
    TRY(desk_group_begin(c, &w));
    TRY(desk_attach(c, &w, &a, &sha256, &id));
    TRY(desk_group_commit(c, &w));
    DeskAttachment put = {.bytes = (int64_t)bytes.n};
    Str hex;
    TRY(desk_hex_text(c, sha256.b, sizeof sha256.b, &hex));
    memcpy(put.sha256, hex.p, hex.n + 1);
    TRY(desk_id_text(c, id, &put.id));
    TRY(str_copy(c, name, &put.name));
    TRY(str_copy(c, type, &put.type));
    *ret_attachment = put;
    return OK;
}

// --- get ----------------------------------------------------------------------------------------

static Err find(Ctx *c, DeskSlot *s, Str hex, CryptoHash *ret_sha256, PictureAttachment *ret_a) {
    CryptoHash sha256;
    if (!hex_decode(hex, sha256.b, sizeof sha256.b))
        return fail(c, E_INVALID, "a document is named by its SHA-256: 64 hex digits, lower case");
    Err e = picture_attachment_find(c, s->picture, sha256.b, ret_a);
    if (e == E_NOT_FOUND)
        return fail(c, E_NOT_FOUND, "there is no document " STR_FMT, STR_ARG(hex));
    TRY(e);
    *ret_sha256 = sha256;
    return OK;
}

Err desk_document_check(Ctx *c, DeskSlot *s, Str hex) {
    CryptoHash sha256;
    PictureAttachment a;
    return find(c, s, hex, &sha256, &a);
}

Err desk_attachment_get(Ctx *c, const Desk *d, Str sha256, DeskAttachment *ret_attachment,
                        Buf *out) {
    if (!d->may_read)
        return desk_need(c, d, DESK_ORDER_READ);
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    CryptoHash hash;
    PictureAttachment a;
    TRY(find(c, r.slot, sha256, &hash, &a));
    AUTO(StoreDbOwned) db = NULL;
    TRY(shelf_reader_open(c, str_of(d->node->dir), &db));
    TRY(shelf_get(c, db, &hash, out));
    DeskAttachment got = {.name = a.name, .type = a.type, .bytes = a.bytes};
    memcpy(got.sha256, sha256.p, sha256.n);
    TRY(desk_id_text(c, a.id, &got.id));
    *ret_attachment = got;
    return OK;
}

Err desk_attachment_json(Ctx *c, const DeskAttachment *a, Buf *out) {
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key_i64(&w, "bytes", a->bytes);
    json_put_key_str(&w, "id", a->id);
    json_put_key_str(&w, "name", a->name);
    json_put_key_str(&w, "sha256", str_of(a->sha256));
    json_put_key_str(&w, "type", a->type);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

// --- what nobody names any more -----------------------------------------------------------------

Err desk_shelf_mark(Ctx *c, DeskNode *n, bool unswept) {
    desk_local_lock(n);
    Err e = desk_setting_put(c, n->local, STR("shelf_unswept"), unswept ? STR("1") : STR("0"));
    desk_local_unlock(n);
    TRY(e);
    n->shelf_unswept = unswept;
    return OK;
}

Err desk_shelf_sweep(Ctx *c, DeskNode *n, DeskSlot *s) {
    StoreDb *db = ledger_db(n->ledger);
    CryptoHash at = {0};
    bool first = true, found = n->shelf_unswept, gone = false;
    while (found) {
        CryptoHash next;
        TRY(shelf_next(c, db, first ? NULL : &at, &next, &found));
        if (!found)
            break;
        first = false;
        at = next;
        PictureAttachment a;
        Err e = picture_attachment_find(c, s->picture, at.b, &a);
        if (e != OK && e != E_NOT_FOUND)
            return e;
        if (e == OK)
            continue;
        AUTO(StoreTx) tx = {0};
        TRY(store_tx_begin(c, db, &tx));
        TRY(shelf_erase(c, db, &at));
        TRY(store_tx_commit(c, &tx));
        gone = true;
    }
    n->erase_unfinished |= gone; // the WAL still holds them
    return n->shelf_unswept ? desk_shelf_mark(c, n, false) : OK;
}
