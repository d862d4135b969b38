// Cards: an agency's genesis, link key and address as a short text that proves itself.
#include "sync/sync_priv.h"

static const char magic[] = "moei/card/1\n";
#define MAGIC_BYTES (sizeof magic - 1)
#define CARD_PREFIX "MOEI1-"

// RFC 6962 leaf of a genesis: what an agency is called by.
static CryptoHash agency_of(Str genesis, const uint8_t salt[RECORD_SALT_BYTES]) {
    CryptoHash commitment = record_commitment(genesis, salt);
    CryptoSha256 s;
    crypto_sha256_init(&s);
    crypto_sha256_add(&s, "\0", 1);
    crypto_sha256_add(&s, commitment.b, sizeof commitment.b);
    return crypto_sha256_finish(&s);
}

bool sync_address_valid(Str address) {
    Str scheme = STR("https://");
    if (address.n == 0)
        return true;
    if (address.n > SYNC_ADDRESS_BYTES_MAX || address.n == scheme.n || !str_starts(address, scheme))
        return false;
    for (size_t i = 0; i < address.n; i++)
        if (address.p[i] <= ' ' || address.p[i] >= 0x7F || strchr("\"'<>\\^`{|}", address.p[i]))
            return false;
    return true;
}

Err sync_card_write(Ctx *c, const SyncCard *card, const CryptoSignKey *log_key, Buf *out_text) {
    AUTO(Buf) b = {0};
    CryptoPublicKey signed_by = crypto_sign_key_public(log_key);
    if (!sync_address_valid(card->address))
        return fail(c, E_INVALID, "an address of a node is https://host:port, not \"" STR_FMT "\"",
                    STR_ARG(card->address));
    if (card->genesis.n == 0 || card->genesis.n > CARD_BYTES_MAX || card->from_size < 0 ||
        card->from_size > SIZE_OF_TREE_MAX)
        return fail(c, E_INVALID, "a card carries a genesis of 1 to %d bytes", CARD_BYTES_MAX);
    buf_append(&b, magic, MAGIC_BYTES);
    sync_buf_u16(&b, (uint16_t)card->genesis.n);
    buf_str(&b, card->genesis);
    buf_append(&b, card->salt, sizeof card->salt);
    buf_append(&b, card->link_key.b, sizeof card->link_key.b);
    sync_buf_u16(&b, (uint16_t)card->address.n);
    buf_str(&b, card->address);
    sync_buf_u64(&b, (uint64_t)card->from_size);
    if (card->from_size > 0)
        buf_append(&b, signed_by.b, sizeof signed_by.b);
    TRY(buf_check(c, &b));
    CryptoSignature sig = crypto_signature_make(log_key, b.p, b.n);
    buf_append(&b, sig.b, sizeof sig.b);
    TRY(buf_check(c, &b));
    if (sizeof CARD_PREFIX - 1 + (b.n * 4 + 2) / 3 > CARD_BYTES_MAX)
        return fail(c, E_LIMIT, "the card would be longer than %d bytes", CARD_BYTES_MAX);
    buf_text(out_text, CARD_PREFIX);
    crypto_base64url_put(out_text, b.p, b.n);
    return buf_check(c, out_text);
}

// The card in a text: from its first letters to an empty line or the end. So what `moei peer card`
// prints may be kept as it is, and a letter may stand around a card. Empty where there is none.
static Str card_part(Str text) {
    size_t at;
    if (!str_find(text, STR(CARD_PREFIX), &at))
        return (Str){0};
    Str part = {text.p + at, text.n - at};
    bool empty = false;
    for (size_t i = 0; i < part.n; i++) {
        if (part.p[i] == '\n' && empty)
            return (Str){part.p, i};
        if (part.p[i] == '\n' || !strchr(" \t\r", part.p[i]))
            empty = part.p[i] == '\n';
    }
    return part;
}

// The bytes behind the text, in the request's arena.
static Err card_bytes(Ctx *c, Str text, Str *ret_bytes) {
    char *letters;
    uint8_t *bytes;
    size_t n = 0, got, prefix = sizeof CARD_PREFIX - 1;
    text = card_part(text);
    if (text.n == 0)
        return fail(c, E_INVALID, "a card begins with %s", CARD_PREFIX);
    if (text.n > 2 * CARD_BYTES_MAX)
        return fail(c, E_LIMIT, "a card is at most %d bytes long", CARD_BYTES_MAX);
    TRY(ctx_alloc(c, text.n + 1, &letters));
    for (size_t i = 0; i < text.n; i++)
        if (!strchr(" \t\r\n", text.p[i]) || text.p[i] == '\0')
            letters[n++] = text.p[i];
    if (n > CARD_BYTES_MAX)
        return fail(c, E_LIMIT, "a card is at most %d bytes long", CARD_BYTES_MAX);
    TRY(ctx_alloc(c, n, &bytes));
    if (!crypto_base64url_decode((Str){letters + prefix, n - prefix}, bytes, n, &got))
        return fail(c, E_INVALID, "the card is damaged: copy it again, whole");
    *ret_bytes = (Str){(const char *)bytes, got};
    return OK;
}

// What stands in the genesis' body.
static Err read_genesis(Ctx *c, JsonReader *reader, SyncCard *card) {
    Record r;
    Str log_key, recovery_key;
    TRY(record_parse(c, reader, card->genesis, &r));
    if (r.kind != RECORD_GENESIS)
        return fail(c, E_INVALID, "the card carries no genesis but a record of kind " STR_FMT,
                    STR_ARG(r.kind_name));
    TRY(json_get_str(c, r.body, "name", &card->name));
    TRY(json_get_str(c, r.body, "title", &card->title));
    TRY(json_get_str(c, r.body, "country", &card->country));
    TRY(json_get_str(c, r.body, "agency_kind", &card->agency_kind));
    TRY(json_get_str(c, r.body, "timezone", &card->timezone));
    TRY(json_get_str(c, r.body, "log_key", &log_key));
    TRY(json_get_str(c, r.body, "recovery_key", &recovery_key));
    if (!hex_decode(log_key, card->log_key.b, sizeof card->log_key.b) ||
        !hex_decode(recovery_key, card->recovery_key.b, sizeof card->recovery_key.b))
        return fail(c, E_INVALID, "the keys of the genesis are no keys");
    return OK;
}

Err sync_card_read(Ctx *c, JsonReader *reader, Str text, SyncCard *ret_card) {
    Str bytes;
    SyncCard card = {0};
    TRY(card_bytes(c, text, &bytes));
    Cursor k = {bytes, false};
    Str front = cursor_bytes(&k, MAGIC_BYTES);
    if (k.short_ || memcmp(front.p, magic, MAGIC_BYTES) != 0)
        return fail(c, E_INVALID, "the card is damaged: copy it again, whole");
    card.genesis = cursor_bytes(&k, cursor_u16(&k));
    Str salt = cursor_bytes(&k, RECORD_SALT_BYTES);
    card.link_key = cursor_key(&k);
    card.address = cursor_bytes(&k, cursor_u16(&k));
    uint64_t from_size = cursor_u64(&k);
    if (from_size > 0)
        card.signed_by = cursor_key(&k);
    Str covered = {bytes.p, bytes.n - k.rest.n};
    CryptoSignature sig = cursor_signature(&k);
    if (!cursor_done(&k) || from_size > (uint64_t)SIZE_OF_TREE_MAX)
        return fail(c, E_INVALID, "the card is cut off, or something was added to it");
    memcpy(card.salt, salt.p, sizeof card.salt);
    card.from_size = (int64_t)from_size;
    if (!sync_address_valid(card.address))
        return fail(c, E_INVALID, "the card names an address that is none");
    TRY(read_genesis(c, reader, &card));
    if (from_size == 0)
        card.signed_by = card.log_key;
    TRY(crypto_signature_check(c, &card.signed_by, covered, &sig));
    card.agency = agency_of(card.genesis, card.salt);
    *ret_card = card;
    return OK;
}

void sync_fingerprint(const CryptoHash *agency, const CryptoPublicKey *link_key,
                      char ret_text[SYNC_FINGERPRINT_TEXT_BYTES]) {
    static const char digits[] = "0123456789abcdef", tag[] = "moei/fingerprint/1\n";
    char *to = ret_text;
    CryptoSha256 s;
    crypto_sha256_init(&s);
    crypto_sha256_add(&s, tag, sizeof tag - 1);
    crypto_sha256_add(&s, agency->b, sizeof agency->b);
    crypto_sha256_add(&s, link_key->b, sizeof link_key->b);
    CryptoHash print = crypto_sha256_finish(&s);
    for (size_t i = 0; i < 10; i++) {
        if (i > 0 && i % 2 == 0)
            *to++ = ' ';
        *to++ = digits[print.b[i] >> 4];
        *to++ = digits[print.b[i] & 15];
    }
    *to = '\0';
}
