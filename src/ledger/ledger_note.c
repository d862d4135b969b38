// Checkpoints as C2SP signed notes with one Ed25519 signature. Pure.
#include "ledger/ledger_priv.h"

#define NOTE_DASH "\xE2\x80\x94 " // em dash and a blank
#define KEY_HASH_BYTES 4

static void key_hash_of(Str origin, const CryptoPublicKey *key, uint8_t ret_hash[KEY_HASH_BYTES]) {
    CryptoSha256 s;
    crypto_sha256_init(&s);
    crypto_sha256_add(&s, origin.p, origin.n);
    crypto_sha256_add(&s, "\n\x01", 2);
    crypto_sha256_add(&s, key->b, sizeof key->b);
    CryptoHash h = crypto_sha256_finish(&s);
    memcpy(ret_hash, h.b, KEY_HASH_BYTES);
}

Err ledger_note_write(Ctx *c, Str origin, const LedgerTreeHead *head, const CryptoSignKey *key,
                      Buf *out) {
    AUTO(Buf) text = {0};
    buf_str(&text, origin);
    buf_char(&text, '\n');
    buf_i64(&text, (int64_t)head->size);
    buf_char(&text, '\n');
    crypto_base64_put(&text, head->root.b, sizeof head->root.b);
    buf_char(&text, '\n');
    TRY(buf_check(c, &text));
    CryptoPublicKey public_key = crypto_sign_key_public(key);
    CryptoSignature sig = crypto_signature_make(key, text.p, text.n);
    uint8_t signed_by[KEY_HASH_BYTES + sizeof sig.b];
    key_hash_of(origin, &public_key, signed_by);
    memcpy(signed_by + KEY_HASH_BYTES, sig.b, sizeof sig.b);
    buf_text(&text, "\n" NOTE_DASH);
    buf_str(&text, origin);
    buf_char(&text, ' ');
    crypto_base64_put(&text, signed_by, sizeof signed_by);
    buf_char(&text, '\n');
    TRY(buf_check(c, &text));
    buf_str(out, buf_view(&text));
    return buf_check(c, out);
}

// The parts of a note; `text` is what is signed.
typedef struct NoteParts {
    LedgerCheckpoint cp;
    Str text;
    uint8_t key_hash[KEY_HASH_BYTES];
    CryptoSignature sig;
} NoteParts;

static bool take_line(Str *rest, Str *ret_line) {
    for (size_t i = 0; i < rest->n; i++)
        if (rest->p[i] == '\n') {
            *ret_line = (Str){rest->p, i};
            *rest = (Str){rest->p + i + 1, rest->n - i - 1};
            return true;
        }
    return false;
}

static bool size_parse(Str s, int64_t *ret_size) {
    bool digits = s.n > 0 && s.n <= 13 && (s.n == 1 || s.p[0] != '0');
    for (size_t i = 0; digits && i < s.n; i++)
        digits = s.p[i] >= '0' && s.p[i] <= '9';
    return digits && str_to_i64(s, ret_size) && *ret_size <= LEDGER_SEQ_MAX;
}

static Err note_split(Ctx *c, Str note, NoteParts *ret_parts) {
    NoteParts p = {.cp.note = note};
    Str rest = note, size, root, empty, signature;
    size_t n;
    if (note.n > LEDGER_NOTE_BYTES_MAX)
        return fail(c, E_LIMIT, "a checkpoint is longer than %d bytes", LEDGER_NOTE_BYTES_MAX);
    if (!take_line(&rest, &p.cp.origin) || !take_line(&rest, &size) || !take_line(&rest, &root))
        return fail(c, E_INVALID, "a checkpoint has three lines of text");
    p.text = (Str){note.p, note.n - rest.n};
    if (!take_line(&rest, &empty) || empty.n != 0 || !take_line(&rest, &signature) || rest.n != 0)
        return fail(c, E_INVALID, "a checkpoint has an empty line and one signature line");
    if (p.cp.origin.n == 0 || !json_utf8_valid(p.cp.origin))
        return fail(c, E_INVALID, "the first line of a checkpoint is its origin");
    if (!size_parse(size, &p.cp.size))
        return fail(c, E_INVALID, "the second line of a checkpoint is the size of the tree");
    if (!crypto_base64_decode(root, p.cp.root.b, sizeof p.cp.root.b, &n) || n != sizeof p.cp.root.b)
        return fail(c, E_INVALID, "the third line of a checkpoint is the root in base64");
    uint8_t signed_by[KEY_HASH_BYTES + sizeof p.sig.b];
    size_t head = sizeof NOTE_DASH - 1 + p.cp.origin.n + 1;
    if (signature.n <= head || !str_starts(signature, STR(NOTE_DASH)) ||
        !str_eq((Str){signature.p + sizeof NOTE_DASH - 1, p.cp.origin.n}, p.cp.origin) ||
        signature.p[head - 1] != ' ' ||
        !crypto_base64_decode((Str){signature.p + head, signature.n - head}, signed_by,
                              sizeof signed_by, &n) ||
        n != sizeof signed_by)
        return fail(c, E_INVALID, "a checkpoint is signed by its origin in one line");
    memcpy(p.key_hash, signed_by, KEY_HASH_BYTES);
    memcpy(p.sig.b, signed_by + KEY_HASH_BYTES, sizeof p.sig.b);
    *ret_parts = p;
    return OK;
}

Err ledger_note_parse(Ctx *c, Str note, LedgerCheckpoint *ret_cp) {
    NoteParts p;
    TRY(note_split(c, note, &p));
    *ret_cp = p.cp;
    return OK;
}

Err ledger_note_verify(Ctx *c, Str note, Str origin, const CryptoPublicKey *key,
                       LedgerCheckpoint *ret_cp) {
    NoteParts p;
    TRY(note_split(c, note, &p));
    if (!str_eq(p.cp.origin, origin))
        return fail(c, E_CRYPTO, "the checkpoint is of " STR_FMT ", not of " STR_FMT,
                    STR_ARG(p.cp.origin), STR_ARG(origin));
    uint8_t key_hash[KEY_HASH_BYTES];
    key_hash_of(origin, key, key_hash);
    if (memcmp(key_hash, p.key_hash, KEY_HASH_BYTES) != 0)
        return fail(c, E_CRYPTO,
                    "the checkpoint of size %lld is signed by another key than the "
                    "log's",
                    (long long)p.cp.size);
    if (!crypto_signature_holds(key, p.text.p, p.text.n, &p.sig))
        return fail(c, E_CRYPTO, "the signature of the checkpoint of size %lld does not hold",
                    (long long)p.cp.size);
    *ret_cp = p.cp;
    return OK;
}
