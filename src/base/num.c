#include "base/base.h"

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

void store_u64be(void *p, uint64_t v) {
    v = __builtin_bswap64(v);
    memcpy(p, &v, sizeof v);
}

uint64_t load_u64be(const void *p) {
    return __builtin_bswap64(load_u64le(p));
}

size_t varint_put(uint8_t *p, uint64_t v) {
    size_t n = 0;
    while (v >= 0x80) {
        p[n++] = (uint8_t)(v | 0x80);
        v >>= 7;
    }
    p[n++] = (uint8_t)v;
    return n;
}

size_t varint_get(const uint8_t *p, size_t n, uint64_t *ret_v) {
    uint64_t v = 0;
    for (size_t i = 0; i < n && i < 10; i++) {
        uint64_t part = p[i] & 0x7f;
        if (i == 9 && part > 1)
            return 0;
        v |= part << (7 * i);
        if (!(p[i] & 0x80)) {
            // A last byte of zero would spell the same number twice.
            if (i > 0 && part == 0)
                return 0;
            *ret_v = v;
            return i + 1;
        }
    }
    return 0;
}

static inline uint64_t mix(uint64_t a, uint64_t b) {
    U128 wide = (U128)a * b;
    return (uint64_t)wide ^ (uint64_t)(wide >> 64);
}

// Multiply-and-fold over 16 bytes a step, keyed (in the manner of wyhash). Good against the
// accidental and the casual; a table that it serves must still be bounded.
uint64_t hash_bytes(uint64_t key, const void *bytes, size_t n) {
    const uint8_t *p = bytes;
    uint64_t h = key ^ mix(key ^ 0xa0761d6478bd642fULL, 0xe7037ed1a0b428dbULL ^ n);
    size_t left = n;
    for (; left >= 16; p += 16, left -= 16)
        h = mix(load_u64le(p) ^ 0x8ebc6af09c88c6e3ULL, load_u64le(p + 8) ^ h);
    uint64_t a = 0, b = 0;
    if (left >= 8) {
        a = load_u64le(p);
        memcpy(&b, p + 8, left - 8);
    } else if (left) {
        memcpy(&a, p, left);
    }
    h = mix(a ^ 0x589965cc75374cc3ULL, b ^ h);
    return mix(h ^ key, 0x1d8e4e27c47d124fULL);
}

static uint32_t crc32c_table_get(uint32_t i) {
    for (int bit = 0; bit < 8; bit++)
        i = i & 1 ? (i >> 1) ^ 0x82f63b78U : i >> 1;
    return i;
}

static uint32_t crc32c_plain(uint32_t crc, const uint8_t *p, size_t n) {
    while (n--)
        crc = (crc >> 8) ^ crc32c_table_get((crc ^ *p++) & 0xff);
    return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t crc32c_sse(uint32_t crc, const uint8_t *p,
                                                             size_t n) {
    uint64_t wide = crc;
    for (; n >= 8; p += 8, n -= 8)
        wide = _mm_crc32_u64(wide, load_u64le(p));
    crc = (uint32_t)wide;
    while (n--)
        crc = _mm_crc32_u8(crc, *p++);
    return crc;
}
#endif

uint32_t crc32c(uint32_t crc, const void *bytes, size_t n) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2"))
        return ~crc32c_sse(~crc, bytes, n);
#endif
    return ~crc32c_plain(~crc, bytes, n);
}

// --- Rng ----------------------------------------------------------------------------------------

static inline uint64_t rotate_left(uint64_t x, int k) {
    return (x << k) | (x >> (64 - k));
}

void rng_seed(Rng *r, uint64_t seed) {
    for (int i = 0; i < 4; i++) {
        seed += 0x9e3779b97f4a7c15ULL;
        r->s[i] = hash_u64(seed);
    }
}

uint64_t rng_next(Rng *r) {
    uint64_t *s = r->s;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

uint64_t rng_below(Rng *r, uint64_t bound) {
    ASSERT(bound > 0);
    uint64_t threshold = (0 - bound) % bound;
    for (;;) {
        uint64_t x = rng_next(r);
        if (x >= threshold)
            return x % bound;
    }
}

// --- Dict ---------------------------------------------------------------------------------------

void dict_init(Dict *d, uint64_t key) {
    *d = (Dict){.key = key};
}

void dict_done(Dict *d) {
    mem_free(d->slots);
    mem_free(d->hashes);
    mem_free(d->offsets);
    mem_free(d->bytes);
    *d = (Dict){0};
}

void Dict_cleanup(Dict *d) {
    dict_done(d);
}

Str dict_get(const Dict *d, uint32_t id) {
    ASSERT(id < d->count);
    return (Str){d->bytes + d->offsets[id], (size_t)(d->offsets[id + 1] - d->offsets[id])};
}

static bool dict_probe(const Dict *d, Str s, uint64_t hash, uint32_t *ret_id) {
    if (!d->slot_count)
        return false;
    for (size_t i = hash & (d->slot_count - 1);; i = (i + 1) & (d->slot_count - 1)) {
        uint32_t slot = d->slots[i];
        if (!slot)
            return false;
        if (d->hashes[slot - 1] == hash && str_eq(dict_get(d, slot - 1), s)) {
            *ret_id = slot - 1;
            return true;
        }
    }
}

bool dict_find(const Dict *d, Str s, uint32_t *ret_id) {
    return dict_probe(d, s, hash_bytes(d->key, s.p, s.n), ret_id);
}

static void dict_place(uint32_t *slots, size_t slot_count, uint64_t hash, uint32_t id) {
    size_t i = hash & (slot_count - 1);
    while (slots[i])
        i = (i + 1) & (slot_count - 1);
    slots[i] = id + 1;
}

static Err dict_rehash(Ctx *c, Dict *d) {
    size_t slot_count = d->slot_count ? d->slot_count * 2 : 64;
    uint32_t *slots = mem_alloc_zero(slot_count, sizeof *slots);
    if (!slots)
        return fail(c, E_MEMORY, "not enough memory for a table of %zu names", d->count);
    for (size_t id = 0; id < d->count; id++)
        dict_place(slots, slot_count, d->hashes[id], (uint32_t)id);
    mem_free(d->slots);
    d->slots = slots;
    d->slot_count = slot_count;
    return OK;
}

Err dict_intern(Ctx *c, Dict *d, Str s, uint32_t *ret_id) {
    uint64_t hash = hash_bytes(d->key, s.p, s.n);
    if (dict_probe(d, s, hash, ret_id))
        return OK;
    if (d->count + 1 >= STREAM_ACCOUNTS_MAX)
        return fail(c, E_LIMIT, "more than %u different names", STREAM_ACCOUNTS_MAX - 1);
    TRY(mem_grow(c, &d->hashes, &d->cap, d->count + 1, sizeof *d->hashes));
    TRY(mem_grow(c, &d->offsets, &d->offset_cap, d->count + 2, sizeof *d->offsets));
    uint64_t at = d->count ? d->offsets[d->count] : 0;
    TRY(mem_grow(c, &d->bytes, &d->bytes_cap, (size_t)at + s.n + 1, 1));
    if ((d->count + 1) * 2 > d->slot_count)
        TRY(dict_rehash(c, d));
    uint32_t id = (uint32_t)d->count;
    if (s.n)
        memcpy(d->bytes + at, s.p, s.n);
    d->offsets[id] = at;
    d->offsets[id + 1] = at + s.n;
    d->hashes[id] = hash;
    d->count++;
    dict_place(d->slots, d->slot_count, hash, id);
    *ret_id = id;
    return OK;
}
