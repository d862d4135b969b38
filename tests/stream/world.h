// A stream on a temporary folder, random tellings, and a dump of all that can be read.
#ifndef TESTS_STREAM_WORLD_H
#define TESTS_STREAM_WORLD_H

#include "test.h"

#include "stream/stream.h"

#define WORLD_IDS_MAX 4096

typedef struct World {
    Ctx ctx;
    char dir[128];
    StoreDb *db;
    Stream *stream;
    CryptoRandomSeeded random;
} World;

// The texts of a random telling.
typedef struct WorldText {
    char id[24], from[16], to[16], memo[24], channel[16];
} WorldText;
typedef struct WorldSet {
    StreamTransfer *items;
    WorldText *texts;
    size_t n;
} WorldSet;
void WorldSet_cleanup(WorldSet *s);

void world_make(World *w); // a new folder, opened
void world_open(World *w);
Err world_try_open(World *w);
void world_shut(World *w); // as a crash would: nothing is sealed or tidied
void world_done(World *w); // and removes the folder

// Imports items[0 … n) in batches that end at the (sorted) cuts; all in one where there are none.
StreamBatch world_import(World *w, const StreamTransfer *items, size_t n);
Err world_try_import(Ctx *c, World *w, const StreamTransfer *items, size_t n,
                     StreamBatch *ret_batch);
void world_pick(World *w, const char *id, const CryptoHash *row);
void world_verify_good(World *w);
// True when verify finds damage; its words are left in ret_words.
bool world_verify_bad(World *w, char ret_words[512]);
// Rows in Order, openings and balances of all accounts, conflicts, traces by all rules.
void world_dump(World *w, Buf *out);

// A plain transfer, to be changed by the test.
StreamTransfer world_transfer(const char *id, int64_t at_s, const char *from, const char *to,
                              int64_t amount);
// n random tellings of about n / 2 transfers: fees, FX, exits, deposits, ties of time, balances,
// and, where `retold`, fills and conflicts.
void world_random(Rng *r, size_t n, bool retold, WorldSet *ret_set);

#endif
