// Writing: one writer at a time; a group is durable, proven and folded before its call returns.
#include "desk/exchange_priv.h"

// Under the lock of folding.
static Err catch_up(Ctx *c, DeskNode *n) {
    int64_t behind = atomic_load(&n->behind); // what comes meanwhile may not be seen
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_machine(c, n, &r));
    Err e = picture_catch_up(c, n->picture, r.slot->ledger, (PictureProgress){0});
    atomic_fetch_add(&n->folds, 1);
    if (e != OK) // what is not folded yet may be of that kind
        atomic_store(&n->touch_behind, true);
    TRY(e);
    // Who read peers and accords before the fold reads them again.
    if (atomic_exchange(&n->touch_behind, false))
        desk_exchange_touch(n);
    atomic_fetch_sub(&n->behind, behind);
    return OK;
}

Err desk_fold_behind(Ctx *c, DeskNode *n) {
    if (atomic_load(&n->behind) == 0)
        return OK;
    pthread_mutex_lock(&n->fold_lock);
    bool any = atomic_load(&n->behind) > 0;
    Err e = any ? catch_up(c, n) : OK;
    pthread_mutex_unlock(&n->fold_lock);
    if (any && e == OK)
        desk_bell_ring(&n->bell);
    return e;
}

Err desk_writing_begin(Ctx *c, DeskNode *n, const Desk *by, DeskWriting *ret_writing) {
    return desk_writing_begin_ahead(c, n, by, 0, ret_writing);
}

Err desk_writing_begin_ahead(Ctx *c, DeskNode *n, const Desk *by, int64_t behind_max,
                             DeskWriting *ret_writing) {
    if (ledger_rolled_back(n->ledger))
        return fail(c, E_READ_ONLY,
                    "%s is older than what it has given out (was it restored from a copy?): it is "
                    "read-only; see `moei recover --help`",
                    n->dir);
    if (n->exchange && n->exchange->ahead_size > 0)
        return fail(c, E_READ_ONLY,
                    "another agency holds record %lld of this node's log, which is not here: the "
                    "node was restored from an older copy and is read-only; see `moei recover "
                    "--help`",
                    (long long)n->exchange->ahead_size - 1);
    pthread_mutex_lock(&n->write_lock);
    *ret_writing = (DeskWriting){.node = n, .by = by};
    return atomic_load(&n->behind) > behind_max ? desk_fold_behind(c, n) : OK;
}

void DeskWriting_cleanup(DeskWriting *w) {
    if (!w->node)
        return;
    if (w->group)
        ledger_rollback(w->node->ledger);
    buf_done(&w->bytes);
    pthread_mutex_unlock(&w->node->write_lock);
    w->node = NULL;
}

Err desk_group_begin(Ctx *c, DeskWriting *w) {
    ASSERT(!w->group);
    buf_clear(&w->bytes);
    w->count = 0;
    w->committed = false;
    w->foreign = false;
    w->later = 0;
    TRY(ledger_begin(c, w->node->ledger));
    w->group = true;
    return OK;
}

static Err envelope_of(Ctx *c, DeskWriting *w, const DeskDraft *draft, LedgerEntry *ret_entry) {
    DeskNode *n = w->node;
    int64_t at = ledger_next_at(n->ledger, draft->log,
                                draft->at_us ? draft->at_us : clock_now(n->env.clock));
    RecordDraft r = {
        .kind = draft->kind,
        .id = record_id_new(at, n->env.random),
        .has_of = draft->has_of,
        .of = draft->of,
        .refs = draft->refs,
        .ref_count = draft->ref_count,
        .at_us = at,
        .agency = str_of(n->agency_id),
        .has_officer = w->by != NULL,
        .mark = draft->mark ? *draft->mark : record_mark_default(),
        .law = draft->law.n ? draft->law : (Str){0},
        .purpose = draft->purpose ? str_of(draft->purpose)
                   : w->by        ? w->by->purpose
                                  : STR("machine"),
        .body_json = draft->body,
    };
    RecordSigner signer = {0};
    if (w->by) {
        r.officer = w->by->officer;
        signer = (RecordSigner){w->by->officer, w->by->key};
    }
    if (record_kind_row(draft->kind)->binds) {
        if (!signer.key)
            return fail(c, E_DENIED,
                        "this binds and is signed with your own key: log in, or give "
                        "--password-file, to sign");
        r.signers = &signer;
        r.signer_count = 1;
    }
    size_t start = w->bytes.n;
    TRY(record_write(c, &r, &w->bytes));
    TRY(buf_check(c, &w->bytes));
    *ret_entry = (LedgerEntry){{w->bytes.p + start, w->bytes.n - start}, r.id, at};
    return OK;
}

static void item_add(DeskWriting *w, const LedgerEntry *entry, LedgerPlace place) {
    w->items[w->count].start = w->bytes.n - entry->envelope.n;
    w->items[w->count].n = entry->envelope.n;
    w->items[w->count].place = place;
    w->count++;
}

// Kinds by which peers, accords or what is taken back change.
static bool changes_links(RecordKind kind) {
    return kind == RECORD_PEER || kind == RECORD_LINK || kind == RECORD_ACCORD ||
           kind == RECORD_ACCORD_SIGN || kind == RECORD_RETRACT;
}

// Kinds that count only where the agency of the object says them (docs/picture.md, 3): said by
// another they would be kept, and change nothing.
static bool own_only(RecordKind kind) {
    return kind == RECORD_SEED || kind == RECORD_CASE_ADD || kind == RECORD_CASE_REMOVE ||
           kind == RECORD_CASE_CLOSE || kind == RECORD_CLAIMANT || kind == RECORD_REFUND_SIGN ||
           kind == RECORD_REFUND_PAID || kind == RECORD_REFUND_ACCOUNT;
}

static Err check_own(Ctx *c, DeskWriting *w, const DeskDraft *draft) {
    if (!own_only(draft->kind) || record_id_eq(draft->of, w->own_object))
        return OK;
    AUTO(DeskReading) r = {0};
    LedgerPlace place;
    TRY(desk_reading_machine(c, w->node, &r));
    Err e = desk_place_of(c, r.slot, draft->of, &place);
    if (e == E_NOT_FOUND) // it is made in this group
        return OK;
    TRY(e);
    if (place.log != LEDGER_MAIN)
        return fail(c, E_DENIED,
                    "this is another agency's, and only it can change it: tell or ask it by `moei "
                    "notice new`");
    w->own_object = draft->of;
    return OK;
}

Err desk_group_add(Ctx *c, DeskWriting *w, const DeskDraft *draft, RecordId *ret_id) {
    ASSERT(w->group && w->count < LEDGER_GROUP_RECORDS_MAX);
    TRY(check_own(c, w, draft));
    LedgerEntry entry;
    LedgerPlace place;
    TRY(envelope_of(c, w, draft, &entry));
    if (draft->next_log_key) {
        TRY(ledger_append_key(c, w->node->ledger, &entry, draft->next_log_key));
        place = (LedgerPlace){LEDGER_MAIN, ledger_size(w->node->ledger, LEDGER_MAIN) - 1};
    } else {
        TRY(ledger_append(c, w->node->ledger, draft->log, &entry, &place));
    }
    item_add(w, &entry, place);
    if (changes_links(draft->kind))
        desk_exchange_touch(w->node);
    if (ret_id)
        *ret_id = entry.id;
    return OK;
}

static Err fold(Ctx *c, DeskWriting *w) {
    DeskNode *n = w->node;
    PictureItem *items;
    TRY(ctx_alloc(c, w->count * sizeof *items, &items));
    for (size_t i = 0; i < w->count; i++)
        items[i] = (PictureItem){
            .agency = str_of(n->agency_id),
            .log = w->items[i].place.log == LEDGER_MAIN ? STR("main") : STR("reads"),
            .seq = (uint64_t)w->items[i].place.seq,
            .envelope = {w->bytes.p + w->items[i].start, w->items[i].n},
        };
    pthread_mutex_lock(&n->fold_lock);
    // The records are kept, whatever happens here: a failure only leaves the picture behind.
    bool current = atomic_fetch_add(&n->behind, (int64_t)w->count) == 0;
    Err e;
    if (current) {
        e = picture_fold(c, n->picture, items, w->count);
        atomic_fetch_add(&n->folds, 1);
        if (e == OK)
            atomic_fetch_sub(&n->behind, (int64_t)w->count);
        else
            atomic_store(&n->touch_behind, true);
    } else {
        e = catch_up(c, n);
    }
    pthread_mutex_unlock(&n->fold_lock);
    TRY(e);
    desk_bell_ring(&n->bell);
    return OK;
}

Err desk_group_commit(Ctx *c, DeskWriting *w) {
    ASSERT(w->group);
    w->group = false; // a failed commit has rolled back by itself
    TRY(ledger_commit(c, w->node->ledger));
    w->committed = true;
    if (!w->foreign)
        return w->count > 0 ? fold(c, w) : OK;
    // Records of other agencies came: the picture takes them up from the ledger, ours with them.
    w->foreign = false;
    atomic_fetch_add(&w->node->behind, w->later > 0 ? w->later : 1);
    desk_bell_ring(&w->node->bell);
    return w->later > 0 ? OK : desk_fold_behind(c, w->node);
}

Err desk_erase_append(Ctx *c, DeskWriting *w, LedgerPlace place, const DeskDraft *draft,
                      RecordId *ret_id) {
    ASSERT(!w->group);
    buf_clear(&w->bytes);
    w->count = 0;
    LedgerEntry entry;
    LedgerPlace at;
    TRY(envelope_of(c, w, draft, &entry));
    Err e = ledger_erase(c, w->node->ledger, place, &entry, &at);
    if (e != OK && e != E_BUSY)
        return e;
    // E_BUSY: it is erased, and only the WAL still has to be emptied.
    w->node->erase_unfinished = e == E_BUSY;
    item_add(w, &entry, at);
    *ret_id = entry.id;
    return fold(c, w);
}

Err desk_record_add(Ctx *c, DeskWriting *w, const DeskDraft *draft, RecordId *ret_id) {
    TRY(desk_group_begin(c, w));
    TRY(desk_group_add(c, w, draft, ret_id));
    return desk_group_commit(c, w);
}
