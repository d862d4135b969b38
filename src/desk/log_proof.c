// The proof of one record, whole: with what stands here anybody can check it by
// docs/format-record.md, section 5, a SHA-256 and an Ed25519, and nothing of ours.
#include "desk/share_priv.h"

Err desk_cosigns_of(Ctx *c, DeskNode *n, const CryptoHash *origin, const JournalCosign **ret_items,
                    size_t *ret_n) {
    JournalCosign *items;
    pthread_mutex_lock(&n->write_lock);
    Err e = journal_cosign_list(c, ledger_db(n->ledger), origin, &items, ret_n);
    pthread_mutex_unlock(&n->write_lock);
    if (e == OK)
        *ret_items = items;
    return e;
}

typedef struct Whole {
    DeskRecord r;
    LedgerPlace place;
    LedgerCheckpoint head;
    CryptoPublicKey key;
    const Str *lines; // of who cosigned it
    size_t line_count;
} Whole;

// Proven under this head, where we hold the hashes between. *ret_held false: we do not.
static Err under_head(Ctx *c, DeskSlot *s, const LedgerCheckpoint *cp, Whole *w, bool *ret_held) {
    LedgerProof proof;
    Str *nodes;
    Err e = ledger_inclusion(c, s->ledger, w->place, cp->size, &proof);
    *ret_held = e == OK;
    if (e == E_NOT_FOUND)
        return OK;
    TRY(e);
    TRY(ctx_alloc(c, (proof.count + 1) * sizeof *nodes, &nodes));
    for (size_t k = 0; k < proof.count; k++)
        TRY(desk_hex_text(c, proof.nodes[k].b, sizeof proof.nodes[k].b, &nodes[k]));
    w->r.proof = nodes;
    w->r.proof_count = proof.count;
    w->r.checkpoint = cp->note;
    w->r.tree_size = (uint64_t)cp->size;
    w->head = *cp;
    return OK;
}

// A key is named under the key before it: by later heads, which it signs itself, it proves nothing.
static Err key_head(Ctx *c, DeskSlot *s, Whole *w) {
    LedgerCheckpoint cp;
    int64_t next;
    bool held;
    TRY(ledger_key_next(c, s->ledger, w->place.log, w->place.seq, &next));
    if (next == INT64_MAX)
        return OK; // of the log `reads`
    Err e = ledger_head_below(c, s->ledger, w->place.log, next - 1, &cp);
    if (e == E_NOT_FOUND || (e == OK && cp.size <= w->place.seq))
        return OK;
    TRY(e);
    return under_head(c, s, &cp, w, &held);
}

// The largest head with a cosignature that has the leaf; else the one that the record came with.
static Err cosigned_head(Ctx *c, const Desk *d, DeskSlot *s, Whole *w) {
    const JournalCosign *items;
    CryptoHash agency;
    size_t n;
    int64_t best = 0;
    Str *lines;
    LedgerPlace place = w->place;
    if (place.log == LEDGER_READS || !desk_unhex(w->r.agency, &agency))
        return OK;
    TRY(desk_cosigns_of(c, d->node, &agency, &items, &n));
    for (size_t i = 0; i < n; i++) {
        LedgerCheckpoint cp;
        bool held;
        if (items[i].size <= place.seq || items[i].size < best)
            continue;
        Err e = ledger_checkpoint_at(c, s->ledger, place.log, items[i].size, &cp);
        if (e == E_NOT_FOUND)
            continue; // a head that we do not hold
        TRY(e);
        TRY(under_head(c, s, &cp, w, &held));
        best = held ? cp.size : best;
    }
    TRY(ctx_alloc(c, (n + 1) * sizeof *lines, &lines));
    for (size_t i = 0; i < n; i++)
        if (best > 0 && items[i].size == best)
            lines[w->line_count++] = str_trim(items[i].line);
    w->lines = lines;
    return OK;
}

static Err whole_load(Ctx *c, const Desk *d, Str record, Whole *w) {
    RecordId id;
    TRY(desk_record_get(c, d, record, &w->r));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_machine(c, d->node, &r)); // heads and hashes are no secret of the record
    if (!record_id_parse(w->r.id, &id))
        return fail(c, E_CORRUPT, "a record without its id");
    TRY(desk_place_of(c, r.slot, id, &w->place));
    TRY(ledger_leaf_head(c, r.slot->ledger, w->place, &w->head));
    TRY(str_eq_c(w->r.kind, "key") ? key_head(c, r.slot, w) : cosigned_head(c, d, r.slot, w));
    return ledger_log_key(c, r.slot->ledger, w->place.log, w->head.size, &w->key);
}

static void put_hex(JsonWriter *w, const char *key, const uint8_t bytes[32]) {
    CryptoHash hash;
    memcpy(hash.b, bytes, sizeof hash.b);
    DeskHex hex = desk_hex(&hash);
    json_put_key_str(w, key, str_of(hex.text));
}

Err desk_log_proof_json(Ctx *c, const Desk *d, Str record, Buf *out) {
    Whole v = {0};
    TRY(whole_load(c, d, record, &v)); // asks for its act
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    desk_put_opt_str(&w, "agency", v.r.agency);
    json_put_key_str(&w, "checkpoint", v.r.checkpoint);
    json_put_key_str(&w, "commitment", v.r.commitment);
    desk_put_strs(&w, "cosignatures", v.lines, v.line_count);
    json_put_key(&w, STR("envelope"));
    if (v.r.envelope.n > 0)
        json_put_raw(&w, v.r.envelope);
    else
        json_put_null(&w);
    json_put_key_i64(&w, "leaf", (int64_t)v.r.leaf);
    // As its agency signs it: here the log of one that began anew has a number behind its name.
    json_put_key_str(&w, "log", str_starts(v.r.log, STR("main")) ? STR("main") : v.r.log);
    put_hex(&w, "log_key", v.key.b);
    desk_put_strs(&w, "path", v.r.proof, v.r.proof_count);
    json_put_key_str(&w, "record", v.r.id);
    put_hex(&w, "root", v.head.root.b);
    desk_put_opt_str(&w, "salt", v.r.salt);
    json_put_key_i64(&w, "size", (int64_t)v.r.tree_size);
    json_put_key_bool(&w, "verified", v.r.verified);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}
