// shelf: bytes kept by their hash in ledger.db: documents, evidence packs.
//
// Owns the tables shelf_*. Invariants: what lies under a hash has that hash; bytes are put in the
// transaction of the records that name them, so that neither is there without the other, or come in
// parts, and are there when the last has come and the hash fits; no more than a piece of them is in
// memory, but for what callers ask for whole;
// erased bytes are overwritten before they go (the WAL is emptied by ledger_erase after it). What
// may be read by whom is the picture's matter: the shelf knows hashes only.
// Threads: a connection belongs to one thread; readers have connections of their own.
#ifndef MOEI_SHELF_H
#define MOEI_SHELF_H

#include "base/base.h"
#include "crypto/crypto.h"
#include "store/store.h"

// What the shelf keeps in ledger.db; hand it to ledger_create and ledger_open.
const StoreSchema *shelf_schema(void);

// A connection that only reads the shelf of DIR. E_NOT_FOUND, and the errors of store_open. Close
// with store_close or AUTO(StoreDbOwned).
Err shelf_reader_open(Ctx *c, Str dir, StoreDb **ret_db) MUST_USE;

// Keeps the bytes under their hash, in the transaction that the caller has open. The same bytes
// twice are kept once. E_LIMIT over SHELF_BYTES_MAX.
Err shelf_put(Ctx *c, StoreDb *db, Str bytes, CryptoHash *ret_sha256) MUST_USE;
// Appends the bytes to `out`. E_NOT_FOUND; E_CORRUPT when they do not have their hash any more.
Err shelf_get(Ctx *c, StoreDb *db, const CryptoHash *sha256, Buf *out) MUST_USE;
// Appends up to `max` bytes from `at` on, and tells how many there are in all; without looking at
// the hash, because only the whole has one. E_NOT_FOUND.
Err shelf_part(Ctx *c, StoreDb *db, const CryptoHash *sha256, int64_t at, int64_t max, Buf *out,
               int64_t *ret_total) MUST_USE;
// E_NOT_FOUND; E_CORRUPT when the bytes do not have their hash any more.
Err shelf_check(Ctx *c, StoreDb *db, const CryptoHash *sha256) MUST_USE;

// A document that comes in parts, from its beginning on, each behind the one before: the caller
// keeps count. It is not there for anybody until the end. What is there already stays as it is.
// E_LIMIT over SHELF_BYTES_MAX.
Err shelf_part_add(Ctx *c, StoreDb *db, const CryptoHash *sha256, int64_t at, Str bytes) MUST_USE;
// All has come. E_CRYPTO: these are other bytes, or not so many.
Err shelf_part_end(Ctx *c, StoreDb *db, const CryptoHash *sha256, int64_t bytes) MUST_USE;
// No more of it will come: what has come goes, unless it is there whole.
Err shelf_part_drop(Ctx *c, StoreDb *db, const CryptoHash *sha256) MUST_USE;

// How many bytes lie there. E_NOT_FOUND.
Err shelf_size(Ctx *c, StoreDb *db, const CryptoHash *sha256, int64_t *ret_bytes) MUST_USE;
// Overwrites with zeros and removes, in the transaction that the caller has open. Absent is OK.
Err shelf_erase(Ctx *c, StoreDb *db, const CryptoHash *sha256) MUST_USE;

// The first hash behind `after` (NULL: of all), bytewise; *ret_found false behind the last.
Err shelf_next(Ctx *c, StoreDb *db, const CryptoHash *after, CryptoHash *ret_sha256,
               bool *ret_found) MUST_USE;

typedef struct ShelfCounts {
    int64_t items, bytes;
} ShelfCounts;
Err shelf_counts(Ctx *c, StoreDb *db, ShelfCounts *ret_counts) MUST_USE;

#endif
