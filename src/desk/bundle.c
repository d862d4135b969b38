// The exchange by file: the messages of a link, sealed to the recipient (docs/format-bundle.md).
#include "desk/share_priv.h"

// Where no server runs, this is when time does its work: what was taken back or has ended is let
// go, and said. A node that is read-only cannot, and is exchanged with to get its log back.
static Err time_passes(Ctx *c, DeskNode *n) {
    int64_t next;
    Err e = desk_exchange_tick(c, n, &next);
    return e == E_READ_ONLY ? OK : e;
}

static Err told(Ctx *c, DeskProgress p, const char *what, uint64_t records) {
    return !p.step || p.step(p.self, what, records, 0)
               ? OK
               : fail(c, E_CANCELLED, "stopped: what was done so far stays");
}

// --- export -------------------------------------------------------------------------------------

typedef struct Export {
    CryptoHash peer;
    CryptoPublicKey key;
    Str name;
    bool revoked; // it is told that it is
    DeskSyncRun run;
    uint64_t messages;
    int64_t first; // position from which it begins
    DeskProgress progress;
} Export;

// That a cosignature is owed, or that the other was restored from an old copy, is known in memory
// only, and who carries files may end the program between: a bundle cosigns the newest head and
// shows the other its own signature of it in any case.
static Err cosign_owed(Ctx *c, DeskNode *n, DeskPeer *peer) {
    AUTO(DeskWriting) w = {0};
    AUTO(DeskReading) r = {0};
    LedgerCheckpoint head;
    uint32_t log;
    if (desk_exchange_silent(n))
        return OK; // it asks for what is its own, and says nothing else
    TRY(desk_writing_begin(c, n, NULL, &w));
    TRY(desk_reading_machine(c, n, &r));
    Err e = ledger_log_find(c, r.slot->ledger, &peer->j.agency, &log);
    if (e == OK)
        e = ledger_checkpoint(c, r.slot->ledger, log, &head);
    if (e == E_NOT_FOUND)
        return OK; // nothing was seen of its log yet
    TRY(e);
    peer->owes_cosign = peer->owes_note = true;
    desk_exchange_publish(n, peer);
    return OK;
}

static Err export_begin(Ctx *c, const Desk *d, Str name, Export *x) {
    DeskPeer peer;
    TRY(desk_peer_find(c, d, name, &x->peer));
    TRY(desk_exchange_fresh(c, d->node));
    x->revoked = desk_exchange_revoked(d->node, &x->peer, &peer);
    if (!x->revoked)
        TRY(desk_exchange_peer(c, d->node, &x->peer, &peer));
    if (!peer.has_key)
        return fail(c, E_STATE, "the link key of " STR_FMT " is not known: add its card again",
                    STR_ARG(name));
    if (!x->revoked)
        TRY(cosign_owed(c, d->node, &peer));
    x->key = peer.key;
    x->first = peer.j.told;
    return str_copy(c, str_of(peer.name), &x->name);
}

// Message after message until nothing waits. The first goes also where nothing waits: it carries
// our HAVE, which is the acknowledgement of what came before.
static Err export_messages(Ctx *c, const Desk *d, Export *x, SyncBundleWriter *bundle) {
    AUTO(Buf) message = {0};
    DeskSyncAsk ask = {.run = &x->run};
    if (x->revoked) {
        // That the exchange has ended, and nothing else.
        TRY(desk_sync_refuse(c, d->node, &x->peer, E_DENIED, &message));
        x->messages = 1;
        return sync_bundle_write(c, bundle, buf_view(&message));
    }
    for (bool news = true; news && x->messages < BUNDLE_MESSAGES_MAX;) {
        buf_clear(&message);
        TRY(desk_sync_make(c, d->node, &x->peer, &ask, &message, &news));
        // A long log is looked through in parts, and a part may hold nothing for this peer.
        if (!news && x->run.more) {
            news = true;
            continue;
        }
        if (!news && x->messages > 0)
            break;
        TRY(sync_bundle_write(c, bundle, buf_view(&message)));
        x->messages++;
        TRY(told(c, x->progress, "writing records", (uint64_t)(x->run.position - x->first)));
    }
    return OK;
}

static Err export_file(Ctx *c, const Desk *d, Export *x, Str path) {
    AUTO(File) file = {0};
    AUTO(SyncBundleWriter) bundle = {0};
    TRY(file_open(c, path, FILE_CREATE, &file));
    TRY(sync_bundle_create(c, &file, &x->key, d->node->env.random, &bundle));
    TRY(export_messages(c, d, x, &bundle));
    TRY(sync_bundle_finish(c, &bundle));
    return file_sync(c, &file);
}

static Str folder_of(Str path) {
    for (size_t i = path.n; i > 0; i--)
        if (path.p[i - 1] == '/')
            return (Str){path.p, i};
    return STR(".");
}

Err desk_bundle_export(Ctx *c, const Desk *d, Str peer, Str path, DeskProgress progress, Buf *out) {
    TRY(desk_need(c, d, DESK_SHARE));
    Export x = {.progress = progress};
    Str beside, file = path;
    TRY(time_passes(c, d->node));
    TRY(export_begin(c, d, peer, &x));
    TRY(str_format(c, &beside, STR_FMT ".making", STR_ARG(path)));
    Err e = export_file(c, d, &x, beside);
    if (e == E_NOT_FOUND)
        e = fail(c, e, "the folder for " STR_FMT " is not there", STR_ARG(path));
    if (e == OK)
        e = file_rename(c, beside, path);
    if (e != OK) {
        AUTO(Ctx) scratch;
        ctx_init(&scratch);
        (void)!file_remove(&scratch, beside); // what went wrong before is told
        return e;
    }
    TRY(dir_sync(c, folder_of(path)));
    size_t from = folder_of(path).n;
    if (from < path.n && path.p[from - 1] == '/')
        file = (Str){path.p + from, path.n - from};
    DeskHex hex = desk_hex(&x.peer);
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key_str(&w, "agency", str_of(hex.text));
    json_put_key_str(&w, "file", file);
    json_put_key_i64(&w, "messages", (int64_t)x.messages);
    json_put_key_str(&w, "name", x.name);
    json_put_key_i64(&w, "records",
                     x.run.begun && x.run.position > x.first ? x.run.position - x.first : 0);
    json_put_key_bool(&w, "revoked", x.revoked);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

// --- import -------------------------------------------------------------------------------------

typedef struct Import {
    CryptoHash from;
    bool has_from;
    uint64_t messages, fresh, known, refused;
    bool has_gap;
    uint64_t gap;
    Str words; // why it stopped, or why a message was refused
    DeskProgress progress;
} Import;

static Err keep_words(Ctx *c, Import *in) {
    Str words = str_of(c->error);
    return str_copy(c, words, &in->words);
}

// One message: a bad one is named and passed over, and the next may still count. What is ours
// (disk, memory) stops the import.
static Err import_message(Ctx *c, const Desk *d, Str message, Import *in) {
    SyncHead head;
    DeskSyncTaken taken;
    Err e = sync_peek(c, message, &head);
    if (e == OK) {
        in->from = head.from;
        in->has_from = true;
        e = desk_sync_take(c, d->node, &head.from, message, &taken);
    }
    switch (e) {
    case OK:
        if (taken.over) {
            in->refused++;
            (void)!desk_sync_over(c, d->node, &head.from);
            return keep_words(c, in);
        }
        in->messages++;
        if (taken.refused_us == SYNC_REFUSED_NOT_CONFIRMED)
            in->words = STR("the sender has ended the exchange with us: it revoked us. What it has "
                            "of us and we of it stays listed; ask its officers why");
        in->fresh += taken.fresh;
        in->known += taken.known;
        if (taken.gap_at != UINT64_MAX && !in->has_gap) {
            in->has_gap = true;
            in->gap = taken.gap_at;
        }
        return OK;
    case E_DENIED:
    case E_CRYPTO:
    case E_INVALID:
    case E_LIMIT:
    case E_UNSUPPORTED:
    case E_STATE:
    case E_EXISTS:
    case E_NOT_FOUND:
        in->refused++;
        return keep_words(c, in);
    case E_USAGE:
    case E_BUSY:
    case E_IO:
    case E_NO_SPACE:
    case E_READ_ONLY:
    case E_CORRUPT:
    case E_MEMORY:
    case E_CANCELLED:
        return e;
    }
    UNREACHABLE();
}

static Err import_all(Ctx *c, const Desk *d, SyncBundleReader *bundle, Import *in) {
    AUTO(Ctx) one;
    ctx_init(&one);
    for (;;) {
        Str message;
        ctx_reset(&one);
        Err e = sync_bundle_read(&one, bundle, &message);
        if (e == OK && message.n == 0)
            return OK;
        if (e == OK)
            e = import_message(&one, d, message, in);
        if (e == OK)
            TRY(told(c, in->progress, "taking in records", in->fresh + in->known));
        if (in->words.n > 0)
            TRY(str_copy(c, in->words, &in->words)); // out of the message's own memory
        if (e == OK)
            continue;
        // What was whole before the cut counts, and is told beside the reason.
        if (e != E_CORRUPT && e != E_CRYPTO)
            return desk_pass(c, &one, e);
        return str_copy(c, str_of(one.error), &in->words);
    }
}

static Err import_open(Ctx *c, const Desk *d, File *file, SyncBundleReader *bundle) {
    CryptoSignKey *keys;
    size_t n;
    TRY(desk_link_keys(c, d->node, &keys, &n));
    Err e = sync_bundle_open(c, file, keys, n, bundle);
    crypto_wipe(keys, n * sizeof *keys);
    return e;
}

static Err put_import(Ctx *c, const Desk *d, const Import *in, Buf *out) {
    AUTO(DeskReading) r = {0};
    DeskParties p;
    DeskHex hex = desk_hex(&in->from);
    Str name = {0};
    TRY(desk_reading_begin(c, d, &r));
    TRY(desk_parties(c, d->node, r.slot, &p));
    if (in->has_from)
        TRY(desk_agency_name(c, &p, str_of(hex.text), &name));
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    desk_put_opt_str(&w, "agency", in->has_from ? str_of(hex.text) : (Str){0});
    desk_put_opt_i64(&w, "gap", in->has_gap, (int64_t)in->gap);
    json_put_key_i64(&w, "known", (int64_t)in->known);
    json_put_key_i64(&w, "messages", (int64_t)in->messages);
    desk_put_opt_str(&w, "name", name);
    json_put_key_i64(&w, "new", (int64_t)in->fresh);
    json_put_key_i64(&w, "refused", (int64_t)in->refused);
    desk_put_opt_str(&w, "words", in->words);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

Err desk_bundle_import(Ctx *c, const Desk *d, Str path, DeskProgress progress, Buf *out) {
    TRY(desk_need(c, d, DESK_SHARE));
    Import in = {.progress = progress};
    {
        AUTO(File) file = {0};
        AUTO(SyncBundleReader) bundle = {0};
        TRY(file_open(c, path, FILE_READ, &file));
        Err e = import_open(c, d, &file, &bundle);
        // A file from outside is refused; nothing of ours is damaged.
        TRY(e == E_CORRUPT ? E_INVALID : e);
        TRY(import_all(c, d, &bundle, &in));
    }
    TRY(time_passes(c, d->node));
    return put_import(c, d, &in, out);
}
