// Messages, the writing side: frames go straight into one Buf.
#include "sync/sync_priv.h"

#define SIGN_FRAME_BYTES (FRAME_FRONT_BYTES + SIGN_BYTES)
#define OPENING_FRONT_BYTES (1 + 8 + RECORD_SALT_BYTES)
#define TREE_FRONT_BYTES (CRYPTO_HASH_BYTES + 8 + 2 + 4)

// Starts a frame of `bytes` payload; false, and the writer is over, when it has no place.
static bool frame_begin(SyncWriter *w, Frame type, size_t bytes) {
    if (w->over || bytes > SYNC_MESSAGE_BYTES_MAX || w->frames + 2 > SYNC_FRAMES_MAX ||
        sync_write_bytes(w) + FRAME_FRONT_BYTES + bytes > SYNC_MESSAGE_BYTES_MAX) {
        w->over = true;
        return false;
    }
    w->frames++;
    buf_char(&w->plain, (char)(uint8_t)type);
    sync_buf_u32(&w->plain, (uint32_t)bytes);
    return true;
}

// Counts one more of something of which a message has at most `max`.
static bool count_one(SyncWriter *w, size_t *count, size_t max) {
    if (*count >= max) {
        w->over = true;
        return false;
    }
    (*count)++;
    return true;
}

static void put_hash(SyncWriter *w, const CryptoHash *h) {
    buf_append(&w->plain, h->b, sizeof h->b);
}

static void put_size(SyncWriter *w, int64_t v) {
    ASSERT(v >= 0);
    sync_buf_u64(&w->plain, (uint64_t)v);
}

Err sync_write_begin(Ctx *c, SyncWriter *w, const SyncHead *head) {
    *w = (SyncWriter){0};
    uint8_t flags =
        (uint8_t)((head->relay ? FLAG_RELAY : 0) | (head->wants_answer ? FLAG_WANTS_ANSWER : 0));
    if (!frame_begin(w, FRAME_HEAD, HEAD_BYTES))
        UNREACHABLE();
    buf_char(&w->plain, 1);
    put_hash(w, &head->from);
    put_hash(w, &head->to);
    buf_append(&w->plain, head->link_key.b, sizeof head->link_key.b);
    put_size(w, head->now_us);
    buf_char(&w->plain, (char)flags);
    sync_buf_u32(&w->plain, head->answer_bytes);
    return buf_check(c, &w->plain);
}

void sync_put_have(SyncWriter *w, const SyncHave *have) {
    if (!frame_begin(w, FRAME_HAVE, 8 + 8 + CRYPTO_HASH_BYTES))
        return;
    put_size(w, have->position);
    put_size(w, have->size);
    put_hash(w, &have->root);
}

void sync_put_journal(SyncWriter *w, int64_t start, int64_t end) {
    if (!frame_begin(w, FRAME_JOURNAL, 8 + 8))
        return;
    put_size(w, start);
    put_size(w, end);
}

static void put_note_and_proof(SyncWriter *w, Str note, const CryptoHash *proof, size_t n) {
    sync_buf_u16(&w->plain, (uint16_t)note.n);
    buf_str(&w->plain, note);
    sync_buf_u32(&w->plain, (uint32_t)n);
    buf_append(&w->plain, proof, n * CRYPTO_HASH_BYTES);
}

void sync_put_tree(SyncWriter *w, const SyncTree *tree) {
    if (tree->note.n > LEDGER_NOTE_BYTES_MAX || tree->proof_count > SYNC_MESSAGE_BYTES_MAX)
        w->over = true;
    size_t bytes = TREE_FRONT_BYTES + tree->note.n + tree->proof_count * CRYPTO_HASH_BYTES;
    if (!count_one(w, &w->trees, SYNC_TREES_MAX) || !frame_begin(w, FRAME_TREE, bytes))
        return;
    put_hash(w, &tree->origin);
    put_size(w, tree->old_size);
    put_note_and_proof(w, tree->note, tree->proof, tree->proof_count);
}

static void name_tree(SyncWriter *w, uint32_t tree) {
    ASSERT(tree < SYNC_TREES_MAX);
    if (tree + 1 > w->tree_named_max)
        w->tree_named_max = tree + 1;
}

void sync_put_opening(SyncWriter *w, const SyncOpening *o) {
    if (o->envelope.n > RECORD_BYTES_MAX)
        w->over = true;
    if (!count_one(w, &w->openings, SYNC_OPENINGS_MAX) ||
        !frame_begin(w, FRAME_OPENING, OPENING_FRONT_BYTES + o->envelope.n))
        return;
    if (o->envelope.n > 0)
        name_tree(w, o->tree);
    buf_char(&w->plain, (char)(uint8_t)o->tree);
    put_size(w, o->leaf);
    buf_append(&w->plain, o->salt, sizeof o->salt);
    buf_str(&w->plain, o->envelope);
}

void sync_put_leaves(SyncWriter *w, uint32_t tree, int64_t first, const CryptoHash *commitments,
                     size_t n) {
    ASSERT(n > 0);
    if (n > SYNC_LEAVES_MAX - w->leaves)
        w->over = true;
    if (!frame_begin(w, FRAME_LEAVES, 1 + 8 + n * CRYPTO_HASH_BYTES))
        return;
    w->leaves += n;
    name_tree(w, tree);
    buf_char(&w->plain, (char)(uint8_t)tree);
    put_size(w, first);
    buf_append(&w->plain, commitments, n * CRYPTO_HASH_BYTES);
}

void sync_put_cosign(SyncWriter *w, const CryptoHash *origin, int64_t size, Str line) {
    if (line.n > SYNC_LINE_BYTES_MAX)
        w->over = true;
    if (!count_one(w, &w->heads, SYNC_HEADS_MAX) ||
        !frame_begin(w, FRAME_COSIGN, CRYPTO_HASH_BYTES + 8 + line.n))
        return;
    put_hash(w, origin);
    put_size(w, size);
    buf_str(&w->plain, line);
}

void sync_put_seen(SyncWriter *w, const CryptoHash *origin, Str note) {
    if (note.n > LEDGER_NOTE_BYTES_MAX)
        w->over = true;
    if (!count_one(w, &w->heads, SYNC_HEADS_MAX) ||
        !frame_begin(w, FRAME_SEEN, CRYPTO_HASH_BYTES + note.n))
        return;
    put_hash(w, origin);
    buf_str(&w->plain, note);
}

void sync_put_ask(SyncWriter *w, const SyncAsk *ask) {
    if (!count_one(w, &w->heads, SYNC_HEADS_MAX) ||
        !frame_begin(w, FRAME_ASK, 8 + CRYPTO_HASH_BYTES))
        return;
    put_size(w, ask->size);
    put_hash(w, &ask->root);
}

void sync_put_prove(SyncWriter *w, const SyncProve *prove) {
    size_t n = prove->cannot ? 0 : prove->proof_count;
    if (prove->note.n > LEDGER_NOTE_BYTES_MAX || n > SYNC_MESSAGE_BYTES_MAX)
        w->over = true;
    size_t bytes = 8 + CRYPTO_HASH_BYTES + 2 + prove->note.n + 4 + n * CRYPTO_HASH_BYTES;
    if (!count_one(w, &w->heads, SYNC_HEADS_MAX) || !frame_begin(w, FRAME_PROVE, bytes))
        return;
    put_size(w, prove->of.size);
    put_hash(w, &prove->of.root);
    if (prove->cannot) {
        sync_buf_u16(&w->plain, (uint16_t)prove->note.n);
        buf_str(&w->plain, prove->note);
        sync_buf_u32(&w->plain, CANNOT_PROVE);
    } else
        put_note_and_proof(w, prove->note, prove->proof, n);
}

void sync_put_want(SyncWriter *w, const CryptoHash *sha256, int64_t offset) {
    if (!count_one(w, &w->wants, SYNC_WANTS_MAX) ||
        !frame_begin(w, FRAME_WANT, CRYPTO_HASH_BYTES + 8))
        return;
    put_hash(w, sha256);
    put_size(w, offset);
}

void sync_put_blob(SyncWriter *w, const SyncBlob *blob) {
    if (blob->bytes.n > SYNC_BLOB_BYTES_MAX)
        w->over = true;
    if (!count_one(w, &w->blobs, SYNC_WANTS_MAX) ||
        !frame_begin(w, FRAME_BLOB, CRYPTO_HASH_BYTES + 8 + 8 + blob->bytes.n))
        return;
    put_hash(w, &blob->sha256);
    put_size(w, blob->offset);
    put_size(w, blob->total);
    buf_str(&w->plain, blob->bytes);
}

void sync_put_recover(SyncWriter *w, Str statement) {
    if (!count_one(w, &w->heads, SYNC_HEADS_MAX) || !frame_begin(w, FRAME_RECOVER, statement.n))
        return;
    buf_str(&w->plain, statement);
}

void sync_put_refuse(SyncWriter *w, SyncRefusal code, Str words) {
    if (words.n > SYNC_LINE_BYTES_MAX)
        w->over = true;
    if (!frame_begin(w, FRAME_REFUSE, 1 + words.n))
        return;
    buf_char(&w->plain, (char)(uint8_t)code);
    buf_str(&w->plain, words);
}

size_t sync_write_bytes(const SyncWriter *w) {
    return w->plain.n + SIGN_FRAME_BYTES;
}

size_t sync_opening_bytes(Str envelope) {
    return FRAME_FRONT_BYTES + OPENING_FRONT_BYTES + envelope.n;
}

size_t sync_tree_bytes(size_t note_bytes, size_t proof_count) {
    return FRAME_FRONT_BYTES + TREE_FRONT_BYTES + note_bytes + proof_count * CRYPTO_HASH_BYTES;
}

Err sync_write_end(Ctx *c, SyncWriter *w, const CryptoSignKey *link_key, Buf *out) {
    AUTO(SyncWriter) taken = *w;
    *w = (SyncWriter){0};
    if (taken.over)
        return fail(c, E_LIMIT, "more was put into a message than one may have");
    if (taken.tree_named_max > taken.trees)
        return fail(c, E_INVALID, "an opening names tree %u, and %zu were put",
                    taken.tree_named_max - 1, taken.trees);
    TRY(buf_check(c, &taken.plain));
    CryptoHash hash = sync_signed_hash(buf_view(&taken.plain));
    CryptoSignature sig = crypto_signature_make(link_key, hash.b, sizeof hash.b);
    // Its room was kept free by frame_begin.
    buf_char(&taken.plain, (char)(uint8_t)FRAME_SIGN);
    sync_buf_u32(&taken.plain, SIGN_BYTES);
    buf_append(&taken.plain, sig.b, sizeof sig.b);
    TRY(buf_check(c, &taken.plain));
    return sync_pack(c, buf_view(&taken.plain), out);
}

void SyncWriter_cleanup(SyncWriter *w) {
    buf_done(&w->plain);
    *w = (SyncWriter){0};
}
