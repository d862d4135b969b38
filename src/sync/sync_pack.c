// The outside of a message: "moei/sync/1\n", u32 plain bytes, zstd frame. And the byte cursor.
#include <zstd.h>

#include "sync/sync_priv.h"

// Small messages go over slow lines, which gain from every byte; a large one over a line that took
// its like in no time (dial), and there packing would be what takes longest.
#define PACK_LEVEL 3
#define PACK_LEVEL_LARGE 1
#define PACK_LARGE_BYTES (1 << 20)
#define PACK_WINDOW_LOG_MAX 22

static const char magic[] = "moei/sync/1\n";
#define MAGIC_BYTES (sizeof magic - 1)
#define FRONT_BYTES (MAGIC_BYTES + 4)

static_assert(SYNC_MESSAGE_BYTES_MAX == 1 << PACK_WINDOW_LOG_MAX, "the window of a whole message");
static_assert(SYNC_PACKED_BYTES_MAX > ZSTD_COMPRESSBOUND(SYNC_MESSAGE_BYTES_MAX) + FRONT_BYTES,
              "any message that we write is one that we read");

typedef ZSTD_CCtx *Packer;
static void Packer_cleanup(Packer *z) {
    ZSTD_freeCCtx(*z);
}
typedef ZSTD_DCtx *Unpacker;
static void Unpacker_cleanup(Unpacker *z) {
    ZSTD_freeDCtx(*z);
}
typedef uint8_t *Part;
static void Part_cleanup(Part *p) {
    mem_free(*p);
}

Err sync_pack(Ctx *c, Str plain, Buf *out) {
    ASSERT(plain.n <= SYNC_MESSAGE_BYTES_MAX);
    AUTO(Packer) z = ZSTD_createCCtx();
    // In one piece, so that no window of its own is filled; untouched pages cost nothing.
    size_t room = ZSTD_compressBound(plain.n);
    AUTO(Part) part = mem_alloc(room);
    int level = plain.n < PACK_LARGE_BYTES ? PACK_LEVEL : PACK_LEVEL_LARGE;
    if (!z || !part || ZSTD_isError(ZSTD_CCtx_setParameter(z, ZSTD_c_compressionLevel, level)))
        return fail(c, E_MEMORY, "no memory for packing a message");
    size_t n = ZSTD_compress2(z, part, room, plain.p, plain.n);
    if (ZSTD_isError(n))
        return fail(c, E_MEMORY, "a message cannot be packed: %s", ZSTD_getErrorName(n));
    size_t before = out->n;
    buf_append(out, magic, MAGIC_BYTES);
    sync_buf_u32(out, (uint32_t)plain.n);
    buf_append(out, part, n);
    if (out->failed)
        out->n = before;
    return buf_check(c, out);
}

// Splits a message into the stated size and the zstd frame.
static Err split_front(Ctx *c, Str message, size_t *ret_plain_n, Str *ret_frame) {
    if (message.n > SYNC_PACKED_BYTES_MAX)
        return fail(c, E_LIMIT, "a message of %zu bytes is longer than any may be", message.n);
    if (message.n < FRONT_BYTES + 4 || memcmp(message.p, magic, MAGIC_BYTES) != 0)
        return fail(c, E_INVALID, "this is no message between nodes, or it is cut off");
    uint32_t n = load_u32le(message.p + MAGIC_BYTES);
    if (n > SYNC_MESSAGE_BYTES_MAX)
        return fail(c, E_LIMIT, "the message claims %u bytes; %d are the most", n,
                    SYNC_MESSAGE_BYTES_MAX);
    Str frame = {message.p + FRONT_BYTES, message.n - FRONT_BYTES};
    if (load_u32le(frame.p) != ZSTD_MAGICNUMBER ||
        ZSTD_findFrameCompressedSize(frame.p, frame.n) != frame.n)
        return fail(c, E_INVALID, "the message is not one whole zstd frame: cut off or changed");
    *ret_plain_n = n;
    *ret_frame = frame;
    return OK;
}

Err sync_unpack(Ctx *c, Str message, Str *ret_plain) {
    size_t n;
    Str frame;
    char *plain;
    TRY(split_front(c, message, &n, &frame));
    unsigned long long stated = ZSTD_getFrameContentSize(frame.p, frame.n);
    if (stated != ZSTD_CONTENTSIZE_UNKNOWN && stated != n)
        return fail(c, E_INVALID, "the message says two sizes of itself");
    AUTO(Unpacker) z = ZSTD_createDCtx();
    if (!z)
        return fail(c, E_MEMORY, "no memory for unpacking a message");
    // One byte more, so that there is an address when it is empty; never more than was claimed.
    TRY(ctx_alloc(c, n + 1, &plain));
    size_t got = ZSTD_decompressDCtx(z, plain, n, frame.p, frame.n);
    if (ZSTD_isError(got) || got != n)
        return fail(c, E_INVALID, "the message does not unpack to the %zu bytes that it claims", n);
    *ret_plain = (Str){plain, n};
    return OK;
}

Err sync_unpack_start(Ctx *c, Str message, uint8_t *ret_bytes, size_t n) {
    size_t plain_n;
    Str frame;
    TRY(split_front(c, message, &plain_n, &frame));
    AUTO(Unpacker) z = ZSTD_createDCtx();
    if (!z || ZSTD_isError(ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax, PACK_WINDOW_LOG_MAX)))
        return fail(c, E_MEMORY, "no memory for unpacking a message");
    ZSTD_inBuffer from = {frame.p, frame.n, 0};
    ZSTD_outBuffer to = {ret_bytes, n, 0};
    while (to.pos < n && from.pos < from.size) {
        size_t left = ZSTD_decompressStream(z, &to, &from);
        if (ZSTD_isError(left))
            return fail(c, E_INVALID, "the message does not unpack");
        if (left == 0)
            break;
    }
    if (to.pos < n)
        return fail(c, E_INVALID, "the message ends in its first frame");
    return OK;
}

CryptoHash sync_signed_hash(Str plain) {
    CryptoSha256 s;
    crypto_sha256_init(&s);
    crypto_sha256_add(&s, "moei/sync/v1\n", 13);
    crypto_sha256_add(&s, plain.p, plain.n);
    return crypto_sha256_finish(&s);
}

// --- bytes --------------------------------------------------------------------------------------

Str cursor_bytes(Cursor *k, size_t n) {
    if (k->short_ || n > k->rest.n) {
        k->short_ = true;
        return (Str){0};
    }
    Str got = {k->rest.p, n};
    k->rest = (Str){k->rest.p + n, k->rest.n - n};
    return got;
}

// Copies n bytes; zero when they are not there.
static void cursor_copy(Cursor *k, void *ret_bytes, size_t n) {
    Str s = cursor_bytes(k, n);
    memset(ret_bytes, 0, n);
    if (s.n > 0)
        memcpy(ret_bytes, s.p, s.n);
}

uint8_t cursor_u8(Cursor *k) {
    uint8_t v;
    cursor_copy(k, &v, sizeof v);
    return v;
}

uint16_t cursor_u16(Cursor *k) {
    uint16_t v;
    cursor_copy(k, &v, sizeof v);
    return v;
}

uint32_t cursor_u32(Cursor *k) {
    uint32_t v;
    cursor_copy(k, &v, sizeof v);
    return v;
}

uint64_t cursor_u64(Cursor *k) {
    uint64_t v;
    cursor_copy(k, &v, sizeof v);
    return v;
}

CryptoHash cursor_hash(Cursor *k) {
    CryptoHash h;
    cursor_copy(k, h.b, sizeof h.b);
    return h;
}

CryptoPublicKey cursor_key(Cursor *k) {
    CryptoPublicKey p;
    cursor_copy(k, p.b, sizeof p.b);
    return p;
}

CryptoSignature cursor_signature(Cursor *k) {
    CryptoSignature s;
    cursor_copy(k, s.b, sizeof s.b);
    return s;
}

bool cursor_done(const Cursor *k) {
    return !k->short_ && k->rest.n == 0;
}

void sync_buf_u16(Buf *b, uint16_t v) {
    buf_append(b, &v, sizeof v);
}

void sync_buf_u32(Buf *b, uint32_t v) {
    buf_append(b, &v, sizeof v);
}

void sync_buf_u64(Buf *b, uint64_t v) {
    buf_append(b, &v, sizeof v);
}
