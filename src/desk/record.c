// Records as they lie in the ledger, with the proof that they do.
#include "desk/record_priv.h"

static Err fill(Ctx *c, const PictureRecord *p, DeskRecord *ret_record) {
    DeskRecord r = {.kind = p->kind,
                    .at = p->at,
                    .agency = p->agency,
                    .log = p->log,
                    .leaf = p->seq,
                    .state = p->state};
    TRY(desk_id_text(c, p->id, &r.id));
    if (!record_id_eq(p->id, p->root))
        TRY(desk_id_text(c, p->root, &r.of));
    if (p->has_officer)
        TRY(desk_id_text(c, p->officer, &r.officer));
    *ret_record = r;
    return OK;
}

Err desk_record_list(Ctx *c, const Desk *d, Str kind, DeskPage page, DeskRecordList *ret_list) {
    TRY(desk_need(c, d, DESK_RECORD_READ));
    if (kind.n > 0 && record_kind_of(kind) == RECORD_UNKNOWN)
        return fail(c, E_INVALID,
                    "there is no kind of record \"" STR_FMT "\": see "
                    "docs/format-record.md",
                    STR_ARG(kind));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    PicturePage p;
    TRY(desk_cursor_open(c, d, "record", page, &p));
    const PictureRecord *found;
    size_t n;
    bool more;
    TRY(picture_record_list(c, r.slot->picture, kind, p, &found, &n, &more));
    DeskRecord *items;
    TRY(ctx_alloc(c, (n + 1) * sizeof *items, &items));
    for (size_t i = 0; i < n; i++)
        TRY(fill(c, &found[i], &items[i]));
    DeskRecordList list = {items, n, {0}};
    if (more && n > 0)
        TRY(desk_cursor_seal(c, d, "record", found[n - 1].key, &list.next));
    *ret_list = list;
    return OK;
}

// --- one record ---------------------------------------------------------------------------------

typedef struct Proven {
    LedgerItem item;
    LedgerCheckpoint checkpoint;
    LedgerProof proof;
} Proven;

// Checks what a stranger would check with the proof in hand.
static Err check(Ctx *c, LedgerReader *reader, const Proven *p) {
    if (p->item.state == LEDGER_HELD) {
        CryptoHash commitment = record_commitment(p->item.envelope, p->item.salt);
        if (!crypto_equal(commitment.b, p->item.commitment.b, sizeof commitment.b))
            return fail(c, E_CORRUPT, "the record does not fit its commitment");
    }
    CryptoHash leaf = ledger_merkle_leaf(p->item.commitment.b, sizeof p->item.commitment.b);
    LedgerTreeHead head = {(uint64_t)p->checkpoint.size, p->checkpoint.root};
    TRY(ledger_merkle_inclusion(c, &head, (uint64_t)p->item.place.seq, &leaf, p->proof.nodes,
                                p->proof.count));
    CryptoPublicKey key;
    LedgerCheckpoint signed_one;
    TRY(ledger_log_key(c, reader, p->item.place.log, p->checkpoint.size, &key));
    return ledger_note_verify(c, p->checkpoint.note, p->checkpoint.origin, &key, &signed_one);
}

static Err put_content(Ctx *c, const LedgerItem *item, DeskRecord *r) {
    r->leaf = (uint64_t)item->place.seq;
    r->state = item->state == LEDGER_HELD       ? STR("held")
               : item->state == LEDGER_WITHHELD ? STR("withheld")
                                                : STR("erased");
    r->envelope = item->envelope;
    if (item->state == LEDGER_HELD)
        TRY(desk_hex_text(c, item->salt, sizeof item->salt, &r->salt));
    return desk_hex_text(c, item->commitment.b, sizeof item->commitment.b, &r->commitment);
}

// A genesis that is known from a card alone stands under no checkpoint yet: it proves itself, its
// leaf hash being the id of its agency.
static Err put_unproven(Ctx *c, const LedgerItem *item, DeskRecord *r) {
    CryptoHash leaf = ledger_merkle_leaf(item->commitment.b, sizeof item->commitment.b);
    CryptoHash commitment = record_commitment(item->envelope, item->salt);
    Str hex;
    TRY(desk_hex_text(c, leaf.b, sizeof leaf.b, &hex));
    r->verified = item->state == LEDGER_HELD && item->place.seq == 0 && str_eq(hex, r->agency) &&
                  crypto_equal(commitment.b, item->commitment.b, sizeof commitment.b);
    return OK;
}

static Err put_proof(Ctx *c, LedgerReader *reader, LedgerPlace place, DeskRecord *r) {
    Proven p = {0};
    TRY(ledger_get(c, reader, place, &p.item));
    TRY(put_content(c, &p.item, r));
    // Of another agency's log not every leaf is connected with its newest head.
    Err e = ledger_leaf_head(c, reader, place, &p.checkpoint);
    if (e == E_NOT_FOUND)
        return put_unproven(c, &p.item, r);
    TRY(e);
    TRY(ledger_inclusion(c, reader, place, p.checkpoint.size, &p.proof));
    r->tree_size = (uint64_t)p.checkpoint.size;
    r->checkpoint = p.checkpoint.note;
    Str *nodes;
    TRY(ctx_alloc(c, (p.proof.count + 1) * sizeof *nodes, &nodes));
    for (size_t i = 0; i < p.proof.count; i++)
        TRY(desk_hex_text(c, p.proof.nodes[i].b, sizeof p.proof.nodes[i].b, &nodes[i]));
    r->proof = nodes;
    r->proof_count = p.proof.count;
    e = check(c, reader, &p);
    if (e != OK && e != E_CORRUPT && e != E_CRYPTO && e != E_INVALID)
        return e;
    r->verified = e == OK;
    return OK;
}

static Err put_quotes(Ctx *c, PictureReader *picture, RecordId id, DeskRecord *r) {
    const PictureRecord *items;
    size_t n;
    TRY(picture_record_quotes(c, picture, id, &items, &n));
    Str *ids;
    TRY(ctx_alloc(c, (n + 1) * sizeof *ids, &ids));
    for (size_t i = 0; i < n; i++)
        TRY(desk_id_text(c, items[i].id, &ids[i]));
    r->quoted_by = ids;
    r->quoted_count = n;
    return OK;
}

Err desk_record_resolve(Ctx *c, const DeskNode *n, DeskSlot *s, Str id, PictureRecord *ret_record) {
    RecordId record;
    if (!record_id_parse(id, &record)) {
        // People name a report by its own id, one of a peer by PEER/ID.
        PictureReport report;
        Err e = desk_report_find(c, n, s, id, &report);
        if (e == E_NOT_FOUND)
            return fail(c, E_NOT_FOUND,
                        "there is no record " STR_FMT ": `moei record list` shows those that are "
                        "here; a report of a peer is called PEER/ID",
                        STR_ARG(id));
        TRY(e);
        record = report.id;
    }
    Err e = picture_record_get(c, s->picture, record, ret_record);
    if (e == E_NOT_FOUND)
        return fail(c, E_NOT_FOUND,
                    "there is no record " STR_FMT ": `moei record list` shows those that are here",
                    STR_ARG(id));
    return e;
}

// Reads who signed it, and takes away what the user may not see of a record whose body names a
// person. *ret_named: the read is to be noted.
static Err cover(Ctx *c, const Desk *d, DeskSlot *s, DeskRecord *r, bool *ret_named) {
    Record record;
    *ret_named = false;
    if (r->envelope.n == 0)
        return OK;
    TRY(record_parse(c, &s->json, r->envelope, &record));
    TRY(desk_sigs_read(c, &record, r));
    if (record.kind == RECORD_GLASS && !desk_glass_reason_may(d, record.officer)) {
        r->envelope = r->salt = (Str){0};
        return OK;
    }
    if (!desk_body_names(&record))
        return OK;
    bool may = record.kind == RECORD_GRIEVANCE || desk_may(d, DESK_VICTIM_READ);
    if (may && !ledger_rolled_back(d->node->ledger)) {
        *ret_named = true;
        return OK;
    }
    r->envelope = r->salt = (Str){0};
    return OK;
}

static Err get(Ctx *c, const Desk *d, Str id, DeskRecord *ret_record, bool *ret_named,
               RecordId *ret_id) {
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    PictureRecord p;
    TRY(desk_record_resolve(c, d->node, r.slot, id, &p));
    DeskRecord record;
    TRY(fill(c, &p, &record));
    LedgerPlace place;
    TRY(desk_place_of(c, r.slot, p.id, &place));
    TRY(put_proof(c, r.slot->ledger, place, &record));
    TRY(put_quotes(c, r.slot->picture, p.id, &record));
    TRY(cover(c, d, r.slot, &record, ret_named));
    *ret_id = p.id;
    *ret_record = record;
    return OK;
}

Err desk_record_get(Ctx *c, const Desk *d, Str id, DeskRecord *ret_record) {
    TRY(desk_need(c, d, DESK_RECORD_READ));
    DeskRecord record;
    RecordId read;
    bool named;
    TRY(get(c, d, id, &record, &named, &read));
    TRY(desk_sigs_check(c, d->node, &record));
    if (named)
        TRY(desk_reads_note(c, d, &read, 1, "record"));
    *ret_record = record;
    return OK;
}

// --- JSON ---------------------------------------------------------------------------------------

static void put_record(JsonWriter *w, const DeskRecord *r, bool whole) {
    json_put_object_begin(w);
    desk_put_opt_str(w, "agency", r->agency);
    desk_put_time(w, "at", r->at);
    if (whole) {
        desk_put_opt_str(w, "checkpoint", r->checkpoint);
        json_put_key_str(w, "commitment", r->commitment);
        json_put_key(w, STR("envelope"));
        if (r->envelope.n > 0)
            json_put_raw(w, r->envelope);
        else
            json_put_null(w);
    }
    json_put_key_str(w, "id", r->id);
    desk_put_opt_str(w, "kind", r->kind);
    json_put_key_i64(w, "leaf", (int64_t)r->leaf);
    json_put_key_str(w, "log", r->log);
    desk_put_opt_str(w, "of", r->of);
    desk_put_opt_str(w, "officer", r->officer);
    if (whole) {
        desk_put_strs(w, "proof", r->proof, r->proof_count);
        desk_put_strs(w, "quoted_by", r->quoted_by, r->quoted_count);
        desk_put_opt_str(w, "salt", r->salt);
        desk_sigs_put(w, r);
    }
    json_put_key_str(w, "state", r->state);
    if (whole) {
        json_put_key_i64(w, "tree_size", (int64_t)r->tree_size);
        json_put_key_bool(w, "verified", r->verified);
    }
    json_put_object_end(w);
}

Err desk_record_json(Ctx *c, const DeskRecord *r, Buf *out) {
    JsonWriter w = json_writer_start(out);
    put_record(&w, r, true);
    return json_writer_end(c, &w);
}

Err desk_record_list_json(Ctx *c, const DeskRecordList *l, Buf *out) {
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key(&w, STR("items"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < l->count; i++)
        put_record(&w, &l->items[i], false);
    json_put_array_end(&w);
    desk_put_next(&w, l->next);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}
