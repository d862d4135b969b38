// Inside sync only: frames, packing, and a cursor over bytes of outside.
#ifndef MOEI_SYNC_PRIV_H
#define MOEI_SYNC_PRIV_H

#include "sync/sync.h"

typedef enum Frame {
    FRAME_HEAD = 1,
    FRAME_HAVE = 2,
    FRAME_JOURNAL = 3,
    FRAME_TREE = 4,
    FRAME_OPENING = 5,
    FRAME_LEAVES = 6,
    FRAME_COSIGN = 7,
    FRAME_SEEN = 8,
    FRAME_ASK = 9,
    FRAME_PROVE = 10,
    FRAME_WANT = 11,
    FRAME_BLOB = 12,
    FRAME_RECOVER = 13,
    FRAME_REFUSE = 14,
    FRAME_SIGN = 255
} Frame;

#define FRAME_FRONT_BYTES 5 // type, length
#define HEAD_BYTES 110
#define SIGN_BYTES 64
#define SIZE_OF_TREE_MAX (1LL << 40) // leaves of a log
#define CANNOT_PROVE UINT32_MAX
#define FLAG_RELAY 1
#define FLAG_WANTS_ANSWER 2

// What SIGN covers, for a plain text that ends before it.
CryptoHash sync_signed_hash(Str plain);

// Appends the front and one zstd frame of `plain`; nothing on an error.
Err sync_pack(Ctx *c, Str plain, Buf *out) MUST_USE;
// The plain text in the request's arena, bounded by SYNC_MESSAGE_BYTES_MAX whatever the bytes
// claim.
Err sync_unpack(Ctx *c, Str message, Str *ret_plain) MUST_USE;
// The first n bytes of the plain text. E_INVALID when it has less.
Err sync_unpack_start(Ctx *c, Str message, uint8_t *ret_bytes, size_t n) MUST_USE;

// The payload of HEAD.
Err sync_head_read(Ctx *c, Str payload, SyncHead *ret_head) MUST_USE;

// Takes from the front of `rest`. After one that did not fit, `short_` stays true and all values
// are zero.
typedef struct Cursor {
    Str rest;
    bool short_;
} Cursor;
Str cursor_bytes(Cursor *k, size_t n);
uint8_t cursor_u8(Cursor *k);
uint16_t cursor_u16(Cursor *k);
uint32_t cursor_u32(Cursor *k);
uint64_t cursor_u64(Cursor *k);
CryptoHash cursor_hash(Cursor *k);
CryptoPublicKey cursor_key(Cursor *k);
CryptoSignature cursor_signature(Cursor *k);
bool cursor_done(const Cursor *k); // all was there, and nothing is left

void sync_buf_u16(Buf *b, uint16_t v);
void sync_buf_u32(Buf *b, uint32_t v);
void sync_buf_u64(Buf *b, uint64_t v);

// Empty, or https:// and printable ASCII.
bool sync_address_valid(Str address);

#endif
