// Transfers as people see them, and those that two tellings contradict.
#include "desk/desk_priv.h"

void desk_transfer_of(const StreamTransfer *t, DeskTransfer *ret_transfer) {
    *ret_transfer = (DeskTransfer){
        .id = t->id,
        .booked_at = t->booked_at_us,
        .from = {t->from.country, t->from.institution, t->from.account},
        .to = {t->to.country, t->to.institution, t->to.account},
        .amount = {t->currency, t->amount},
        .credited = {t->has_credited_currency ? t->credited_currency : t->currency,
                     t->has_credited ? t->credited : t->amount},
        .has_from_balance = t->has_from_balance,
        .has_to_balance = t->has_to_balance,
        .has_seq = t->has_seq,
        .from_balance = t->from_balance,
        .to_balance = t->to_balance,
        .seq = t->seq,
        .channel = t->channel,
        .memo = t->memo,
    };
}

// Copies what points into a snapshot.
static Err copy_texts(Ctx *c, DeskTransfer *t) {
    Str *texts[] = {&t->id,
                    &t->from.country,
                    &t->from.institution,
                    &t->from.account,
                    &t->to.country,
                    &t->to.institution,
                    &t->to.account,
                    &t->amount.currency,
                    &t->channel,
                    &t->credited.currency,
                    &t->memo};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        TRY(str_copy(c, *texts[i], texts[i]));
    return OK;
}

static Err card_of(Ctx *c, const StreamSnapshot *snap, Str told, DeskTransferCard *ret_card) {
    uint64_t position;
    Str id;
    // Ids are kept in NFC; what is copied from a bank's file may be in another form.
    TRY(text_nfc(c, told, &id));
    if (!stream_transfer_find(snap, id, &position))
        return fail(c, E_NOT_FOUND, "there is no transfer " STR_FMT " in the stream", STR_ARG(id));
    StreamTransfer t;
    TRY(stream_transfer_get(c, snap, position, &t));
    DeskTransferCard card = {0};
    desk_transfer_of(&t, &card.transfer);
    TRY(copy_texts(c, &card.transfer));
    StreamVersion *found;
    size_t n;
    TRY(stream_versions(c, snap, id, &found, &n));
    DeskTransferVersion *versions;
    TRY(ctx_alloc(c, (n + 1) * sizeof *versions, &versions));
    AUTO(Buf) hex = {0};
    for (size_t i = 0; i < n; i++) {
        versions[i] = (DeskTransferVersion){
            .row = found[i].row, .current = found[i].current, .picked = found[i].picked};
        buf_clear(&hex);
        buf_hex(&hex, found[i].hash.b, sizeof found[i].hash.b);
        TRY(buf_check(c, &hex));
        TRY(str_copy(c, buf_view(&hex), &versions[i].row_hash));
    }
    card.versions = versions;
    card.version_count = n;
    *ret_card = card;
    return OK;
}

Err desk_transfer_get(Ctx *c, const Desk *d, Str id, DeskTransferCard *ret_card) {
    TRY(desk_need(c, d, DESK_TRANSFER_READ));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    AUTO(StreamSnapshotPtr) snap = stream_snapshot_get(d->node->stream);
    return card_of(c, snap, id, ret_card);
}

// Ids come bytewise, so that the last id is the cursor: it says nothing that the page did not.
Err desk_transfer_conflicts(Ctx *c, const Desk *d, DeskPage page, DeskConflictList *ret_list) {
    TRY(desk_need(c, d, DESK_TRANSFER_READ));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    size_t limit = page.limit ? page.limit : LIST_PAGE_ITEMS_DEFAULT;
    if (limit > LIST_PAGE_ITEMS_MAX)
        return fail(c, E_LIMIT, "a page has at most %d items", LIST_PAGE_ITEMS_MAX);
    AUTO(StreamSnapshotPtr) snap = stream_snapshot_get(d->node->stream);
    Str *ids;
    size_t n;
    TRY(stream_conflicts(c, snap, page.cursor, limit + 1, &ids, &n));
    DeskConflictList list = {.count = n < limit ? n : limit};
    DeskTransferCard *items;
    TRY(ctx_alloc(c, (list.count + 1) * sizeof *items, &items));
    for (size_t i = 0; i < list.count; i++)
        TRY(card_of(c, snap, ids[i], &items[i]));
    list.items = items;
    if (n > limit)
        TRY(str_copy(c, ids[limit - 1], &list.next));
    *ret_list = list;
    return OK;
}

// --- pick ---------------------------------------------------------------------------------------

static Err version_find(Ctx *c, const DeskTransferCard *card, Str row_hash, Str *ret_hash) {
    if (row_hash.n < 8)
        return fail(c, E_INVALID,
                    "name the version by its row hash, or by 8 or more of its first "
                    "digits: `moei transfer show` lists them");
    size_t found = 0;
    for (size_t i = 0; i < card->version_count; i++) {
        if (str_starts(card->versions[i].row_hash, row_hash) && found++ == 0)
            *ret_hash = card->versions[i].row_hash;
    }
    if (found == 1)
        return OK;
    return fail(c, found ? E_INVALID : E_NOT_FOUND,
                "%s version of transfer " STR_FMT " has a row hash that begins with " STR_FMT
                ": `moei transfer show` lists them",
                found ? "more than one" : "no", STR_ARG(card->transfer.id), STR_ARG(row_hash));
}

static Err pick(Ctx *c, DeskWriting *w, Str id, Str hash) {
    AUTO(Buf) body = {0};
    JsonWriter j = json_writer_start(&body);
    json_put_object_begin(&j);
    json_put_key_str(&j, "row", hash);
    json_put_key_str(&j, "transfer", id);
    json_put_object_end(&j);
    TRY(json_writer_end(c, &j));
    CryptoHash row;
    if (!hex_decode(hash, row.b, sizeof row.b))
        return fail(c, E_INVALID, "the row hash is no hash");
    AUTO(StreamImportPtr) imp = NULL;
    TRY(stream_import_begin(c, w->node->stream, &imp));
    TRY(stream_import_pick(c, imp, id, &row));
    StreamBatch batch;
    TRY(stream_import_seal(c, imp, &batch));
    TRY(desk_group_begin(c, w));
    DeskDraft draft = {
        .kind = RECORD_TRANSFER_PICK, .purpose = "investigation", .body = buf_view(&body)};
    TRY(desk_group_add(c, w, &draft, NULL));
    TRY(stream_import_commit(c, imp));
    Err e = desk_group_commit(c, w);
    // The ledger may have it though the fold failed: what is committed must be seen.
    if (e == OK || w->committed)
        stream_import_publish(imp);
    return e;
}

Err desk_transfer_pick(Ctx *c, const Desk *d, Str id, Str row_hash) {
    TRY(desk_need(c, d, DESK_TRANSFER_PICK));
    AUTO(DeskWriting) w = {0};
    TRY(desk_writing_begin(c, d->node, d, &w));
    DeskTransferCard card;
    {
        AUTO(StreamSnapshotPtr) snap = stream_snapshot_get(d->node->stream);
        TRY(card_of(c, snap, id, &card));
    }
    Str hash;
    TRY(version_find(c, &card, row_hash, &hash));
    return pick(c, &w, card.transfer.id, hash);
}

// --- JSON ---------------------------------------------------------------------------------------

static void put_opt_i64(JsonWriter *w, const char *key, bool has, int64_t v) {
    if (has)
        json_put_key_i64(w, key, v);
    else
        json_put_key_null(w, key);
}

static void put_card(JsonWriter *w, const DeskTransferCard *card) {
    const DeskTransfer *t = &card->transfer;
    json_put_object_begin(w);
    json_put_key_i64(w, "amount", t->amount.amount);
    desk_put_time(w, "booked_at", t->booked_at);
    desk_put_opt_str(w, "channel", t->channel);
    json_put_key_i64(w, "credited_amount", t->credited.amount);
    json_put_key_str(w, "credited_currency", t->credited.currency);
    json_put_key_str(w, "currency", t->amount.currency);
    json_put_key(w, STR("from"));
    desk_put_account(w, &t->from);
    put_opt_i64(w, "from_balance", t->has_from_balance, t->from_balance);
    json_put_key_str(w, "id", t->id);
    desk_put_opt_str(w, "memo", t->memo);
    put_opt_i64(w, "seq", t->has_seq, t->seq);
    json_put_key(w, STR("to"));
    desk_put_account(w, &t->to);
    put_opt_i64(w, "to_balance", t->has_to_balance, t->to_balance);
    json_put_key(w, STR("versions"));
    json_put_array_begin(w);
    for (size_t i = 0; i < card->version_count; i++) {
        const DeskTransferVersion *v = &card->versions[i];
        json_put_object_begin(w);
        json_put_key_bool(w, "current", v->current);
        json_put_key_bool(w, "picked", v->picked);
        json_put_key_str(w, "row", v->row);
        json_put_key_str(w, "row_hash", v->row_hash);
        json_put_object_end(w);
    }
    json_put_array_end(w);
    json_put_object_end(w);
}

Err desk_transfer_json(Ctx *c, const DeskTransferCard *t, Buf *out) {
    JsonWriter w = json_writer_start(out);
    put_card(&w, t);
    return json_writer_end(c, &w);
}

Err desk_conflict_list_json(Ctx *c, const DeskConflictList *l, Buf *out) {
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key(&w, STR("items"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < l->count; i++)
        put_card(&w, &l->items[i]);
    json_put_array_end(&w);
    desk_put_next(&w, l->next);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}
