// Documents: asked for by their hash where a record that came names them, sent in parts where a
// record that was disclosed names them, put on the shelf when whole and the hash fits.
#include "desk/exchange_priv.h"

#define PART_BYTES_MIN 1024

Err desk_blob_named(Ctx *c, const Record *r, CryptoHash *ret_sha256, bool *ret_names) {
    Str hex = {0};
    *ret_names = false;
    if (r->kind != RECORD_ATTACHMENT)
        return OK;
    TRY(json_get_str(c, r->body, "sha256", &hex));
    *ret_names = hex_decode(hex, ret_sha256->b, sizeof ret_sha256->b);
    return OK;
}

Err desk_blob_drop(Ctx *c, StoreDb *db, const CryptoHash *sha256) {
    TRY(journal_want_drop(c, db, sha256));
    return shelf_part_drop(c, db, sha256);
}

// A record that was disclosed and may still go names it.
static Err may_ask(Ctx *c, DeskJudge *j, const DeskPeer *p, const CryptoHash *sha256,
                   bool *ret_may) {
    int64_t *places;
    size_t n;
    *ret_may = false;
    TRY(journal_name_list(c, ledger_db(j->node->ledger), p->j.peer, sha256, &places, &n));
    for (size_t i = 0; i < n && !*ret_may; i++)
        TRY(desk_judge_place(c, j, ledger_place_of_key(places[i]), ret_may));
    return OK;
}

// *ret_left: bytes of it are still to be given, from want->offset on.
static Err put_part(Ctx *c, DeskJudge *j, const DeskPeer *p, SyncWriter *w, SyncBlob *want,
                    size_t bytes_max, bool *ret_left) {
    StoreDb *db = ledger_db(j->node->ledger);
    bool may;
    *ret_left = false;
    TRY(may_ask(c, j, p, &want->sha256, &may));
    size_t used = sync_write_bytes(w) + 256;
    *ret_left = may;
    if (!may || used + PART_BYTES_MIN > bytes_max)
        return OK;
    *ret_left = false;
    size_t room = bytes_max - used;
    AUTO(Buf) bytes = {0};
    SyncBlob part = {.sha256 = want->sha256, .offset = want->offset};
    Err e = shelf_part(c, db, &want->sha256, want->offset,
                       room < SYNC_BLOB_BYTES_MAX ? (int64_t)room : SYNC_BLOB_BYTES_MAX, &bytes,
                       &part.total);
    if (e == E_NOT_FOUND)
        return OK;
    TRY(e);
    part.bytes = buf_view(&bytes);
    sync_put_blob(w, &part);
    want->offset += (int64_t)part.bytes.n;
    *ret_left = want->offset < part.total;
    return OK;
}

Err desk_blob_put(Ctx *c, DeskJudge *j, DeskPeer *p, SyncWriter *w, size_t bytes_max, bool run) {
    DeskNode *n = j->node;
    JournalWant *wants;
    size_t count;
    int64_t now = clock_now(n->env.clock);
    size_t left_n = 0;
    for (size_t i = 0; i < p->asked_n; i++) {
        bool left;
        TRY(put_part(c, j, p, w, &p->wants[i], bytes_max, &left));
        // Over a link the next part is asked for; in a run of messages it follows by itself.
        if (left && run)
            p->wants[left_n++] = p->wants[i];
    }
    p->asked_n = left_n;
    // Asked again after a while, because an answer may be lost.
    if (!p->owes_want && now - p->wanted_at < SYNC_WANT_EVERY_S * 1000000LL)
        return OK;
    TRY(journal_want_list(c, ledger_db(n->ledger), p->j.peer, SYNC_WANTS_MAX, &wants, &count));
    for (size_t i = 0; i < count; i++)
        sync_put_want(w, &wants[i].sha256, wants[i].have);
    p->owes_want = false;
    p->lacks = count > 0;
    p->wanted_at = now;
    return OK;
}

static Err take_part(Ctx *c, DeskWriting *w, DeskPeer *p, const SyncBlob *blob) {
    StoreDb *db = ledger_db(w->node->ledger);
    JournalPart part = {.sha256 = blob->sha256,
                        .at = blob->offset,
                        .bytes = (int64_t)blob->bytes.n,
                        .total = blob->total};
    JournalPartIs is;
    Err e = journal_part_take(c, db, p->j.peer, &part, SYNC_DOCUMENT_BYTES_MAX, &is);
    if (e == E_LIMIT)
        return desk_blob_drop(c, db, &blob->sha256);
    TRY(e);
    p->owes_want = true;
    if (is == JOURNAL_PART_OTHER)
        return OK;
    TRY(shelf_part_add(c, db, &blob->sha256, blob->offset, blob->bytes));
    if (is == JOURNAL_PART_NEXT)
        return OK;
    e = shelf_part_end(c, db, &blob->sha256, blob->total);
    return e == E_CRYPTO ? fail(c, e, "%s sent a document that does not have its hash", p->name)
                         : e;
}

Err desk_blob_take(Ctx *c, DeskWriting *w, DeskPeer *p, const SyncMessage *m) {
    for (size_t i = 0; i < m->blob_count; i++)
        TRY(take_part(c, w, p, &m->blobs[i]));
    if (m->want_count == 0)
        return OK;
    p->asked_n = m->want_count < COUNT_OF(p->wants) ? m->want_count : COUNT_OF(p->wants);
    for (size_t i = 0; i < p->asked_n; i++)
        p->wants[i] = (SyncBlob){.sha256 = m->wants[i].sha256, .offset = m->wants[i].offset};
    return desk_blob_asked_save(c, w->node, p);
}

Err desk_blob_asked_save(Ctx *c, DeskNode *n, const DeskPeer *p) {
    JournalWant items[COUNT_OF(p->wants)];
    for (size_t i = 0; i < p->asked_n; i++)
        items[i] = (JournalWant){.sha256 = p->wants[i].sha256, .have = p->wants[i].offset};
    return journal_asked_put(c, ledger_db(n->ledger), p->j.peer, items, p->asked_n);
}

Err desk_blob_asked_load(Ctx *c, DeskNode *n, DeskPeer *p) {
    JournalWant *items;
    TRY(journal_asked_list(c, ledger_db(n->ledger), p->j.peer, COUNT_OF(p->wants), &items,
                           &p->asked_n));
    for (size_t i = 0; i < p->asked_n; i++)
        p->wants[i] = (SyncBlob){.sha256 = items[i].sha256, .offset = items[i].have};
    p->waits |= p->asked_n > 0;
    return OK;
}
