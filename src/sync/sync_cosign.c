// Cosignatures of C2SP tlog-cosignature, type cosignature/v1 with Ed25519; and recovery statements.
#include "sync/sync_priv.h"

#define DASH "\xE2\x80\x94 " // em dash and a blank
#define KEY_ID_BYTES 4
#define BLOB_BYTES (KEY_ID_BYTES + 8 + 64) // key id, seconds (big endian), signature
#define US_PER_S 1000000

// What is signed of a note: its text up to the empty line, with the last line end.
static bool note_text(Str note, Str *ret_text) {
    size_t at;
    if (!str_find(note, STR("\n\n"), &at) || at == 0 || note.n > LEDGER_NOTE_BYTES_MAX)
        return false;
    *ret_text = (Str){note.p, at + 1};
    return true;
}

static bool name_valid(Str name) {
    for (size_t i = 0; i < name.n; i++)
        if ((uint8_t)name.p[i] <= ' ' || name.p[i] == '+' || name.p[i] == 0x7F)
            return false;
    return name.n > 0 && name.n <= 128 && json_utf8_valid(name);
}

static void key_id(Str name, const CryptoPublicKey *key, uint8_t ret_id[KEY_ID_BYTES]) {
    CryptoSha256 s;
    crypto_sha256_init(&s);
    crypto_sha256_add(&s, name.p, name.n);
    crypto_sha256_add(&s, "\n\x04", 2);
    crypto_sha256_add(&s, key->b, sizeof key->b);
    CryptoHash h = crypto_sha256_finish(&s);
    memcpy(ret_id, h.b, KEY_ID_BYTES);
}

static Err message_of(Ctx *c, Str text, uint64_t seconds, Buf *out) {
    buf_format(out, "cosignature/v1\ntime %llu\n", (unsigned long long)seconds);
    buf_str(out, text);
    return buf_check(c, out);
}

Err sync_cosign_make(Ctx *c, Str name, Str note, int64_t at_us, const CryptoSignKey *link_key,
                     Buf *out_line) {
    Str text;
    AUTO(Buf) message = {0};
    if (!name_valid(name) || !note_text(note, &text) || at_us < 0)
        return fail(c, E_INVALID, "a cosignature needs a name, a signed note and a time from 1970");
    uint64_t seconds = (uint64_t)(at_us / US_PER_S);
    TRY(message_of(c, text, seconds, &message));
    CryptoPublicKey public_key = crypto_sign_key_public(link_key);
    CryptoSignature sig = crypto_signature_make(link_key, message.p, message.n);
    uint8_t blob[BLOB_BYTES];
    key_id(name, &public_key, blob);
    store_u64be(blob + KEY_ID_BYTES, seconds);
    memcpy(blob + KEY_ID_BYTES + 8, sig.b, sizeof sig.b);
    buf_text(out_line, DASH);
    buf_str(out_line, name);
    buf_char(out_line, ' ');
    crypto_base64_put(out_line, blob, sizeof blob);
    buf_char(out_line, '\n');
    return buf_check(c, out_line);
}

Err sync_cosign_check(Ctx *c, Str name, Str note, Str line, const CryptoPublicKey *link_key,
                      int64_t *ret_at_us) {
    Str text;
    uint8_t blob[BLOB_BYTES], id[KEY_ID_BYTES];
    size_t n, front = sizeof DASH - 1;
    AUTO(Buf) message = {0};
    if (!name_valid(name) || !note_text(note, &text))
        return fail(c, E_INVALID, "a cosignature belongs to a name and a signed note");
    if (!str_starts(line, STR(DASH)) || !str_ends(line, STR("\n")))
        return fail(c, E_INVALID, "a cosignature is one line that begins with a dash");
    Str rest = {line.p + front, line.n - front - 1}, who;
    if (!str_split(&rest, ' ', &who) || !rest.p ||
        !crypto_base64_decode(rest, blob, sizeof blob, &n) || n != sizeof blob)
        return fail(c, E_INVALID, "a cosignature is a name and %d bytes in base64", BLOB_BYTES);
    key_id(name, link_key, id);
    if (!str_eq(who, name) || memcmp(id, blob, sizeof id) != 0)
        return fail(c, E_CRYPTO, "the cosignature is by another name or key than " STR_FMT,
                    STR_ARG(name));
    uint64_t seconds = load_u64be(blob + KEY_ID_BYTES);
    if (seconds > (uint64_t)(BASE_TIME_US_MAX / US_PER_S))
        return fail(c, E_INVALID, "the cosignature tells a time that is none");
    TRY(message_of(c, text, seconds, &message));
    CryptoSignature sig;
    memcpy(sig.b, blob + KEY_ID_BYTES + 8, sizeof sig.b);
    if (!crypto_signature_holds(link_key, message.p, message.n, &sig))
        return fail(c, E_CRYPTO, "the cosignature does not hold for this checkpoint");
    *ret_at_us = (int64_t)seconds * US_PER_S;
    return OK;
}

// --- recovery -----------------------------------------------------------------------------------

static const char recover_magic[] = "moei/recover/1\n";
#define RECOVER_MAGIC_BYTES (sizeof recover_magic - 1)
#define RECOVER_SIGNED_BYTES (SYNC_RECOVER_BYTES - sizeof(CryptoSignature))
static_assert(SYNC_RECOVER_BYTES == RECOVER_MAGIC_BYTES + 32 + 8 + 32 + 32 + 32 + 8 + 1 + 64,
              "docs/protocol-sync.md, 9");

static uint8_t *append(uint8_t *to, const void *bytes, size_t n) {
    memcpy(to, bytes, n);
    return to + n;
}

void sync_recover_make(const SyncRecovery *r, const CryptoSignKey *recovery_key,
                       uint8_t ret_statement[SYNC_RECOVER_BYTES]) {
    uint8_t *to = append(ret_statement, recover_magic, RECOVER_MAGIC_BYTES);
    ASSERT(r->good_size >= 0 && r->good_size <= SIZE_OF_TREE_MAX && r->at_us >= 0);
    to = append(to, r->agency.b, sizeof r->agency.b);
    store_u64le(to, (uint64_t)r->good_size);
    to = append(to + 8, r->root.b, sizeof r->root.b);
    to = append(to, r->next_log_key.b, sizeof r->next_log_key.b);
    to = append(to, r->next_link_key.b, sizeof r->next_link_key.b);
    store_u64le(to, (uint64_t)r->at_us);
    to += 8;
    *to++ = (uint8_t)r->reason;
    CryptoSignature sig = crypto_signature_make(recovery_key, ret_statement, RECOVER_SIGNED_BYTES);
    append(to, sig.b, sizeof sig.b);
}

Err sync_recover_parse(Ctx *c, Str statement, SyncRecovery *ret_recovery) {
    Cursor k = {statement, false};
    SyncRecovery r = {0};
    Str magic = cursor_bytes(&k, RECOVER_MAGIC_BYTES);
    if (k.short_ || memcmp(magic.p, recover_magic, RECOVER_MAGIC_BYTES) != 0)
        return fail(c, E_INVALID, "this is no recovery statement");
    r.agency = cursor_hash(&k);
    uint64_t size = cursor_u64(&k);
    r.root = cursor_hash(&k);
    r.next_log_key = cursor_key(&k);
    r.next_link_key = cursor_key(&k);
    uint64_t at = cursor_u64(&k);
    uint8_t reason = cursor_u8(&k);
    cursor_bytes(&k, sizeof(CryptoSignature));
    if (!cursor_done(&k) || size > (uint64_t)SIZE_OF_TREE_MAX || at > (uint64_t)BASE_TIME_US_MAX ||
        (reason != SYNC_LOST && reason != SYNC_COMPROMISED))
        return fail(c, E_INVALID, "the recovery statement is cut off, or a value is out of range");
    r.good_size = (int64_t)size;
    r.at_us = (int64_t)at;
    r.reason = (SyncRecoverReason)reason;
    *ret_recovery = r;
    return OK;
}

Err sync_recover_read(Ctx *c, Str statement, const CryptoPublicKey *recovery_key,
                      SyncRecovery *ret_recovery) {
    SyncRecovery r;
    CryptoSignature sig;
    TRY(sync_recover_parse(c, statement, &r));
    memcpy(sig.b, statement.p + RECOVER_SIGNED_BYTES, sizeof sig.b);
    if (!crypto_signature_holds(recovery_key, statement.p, RECOVER_SIGNED_BYTES, &sig))
        return fail(c, E_CRYPTO, "the statement is not signed by the agency's recovery key");
    *ret_recovery = r;
    return OK;
}
