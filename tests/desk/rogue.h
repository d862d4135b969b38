// An agency that does not keep to docs/protocol-sync.md: keys and a log of its own, and messages
// made byte by byte from that page, so that any part of them can be false.
#ifndef MOEI_TESTS_DESK_ROGUE_H
#define MOEI_TESTS_DESK_ROGUE_H

#include "net.h"

#define ROGUE_LEAVES_MAX 64

typedef struct RogueLeaf {
    Str envelope; // in `keep`
    uint8_t salt[RECORD_SALT_BYTES];
    RecordId id;
    CryptoHash hash; // of the leaf in the tree
} RogueLeaf;

typedef struct Rogue {
    Ctx keep;
    CryptoRandomSeeded seeded;
    CryptoRandom random;
    int64_t now; // of its next record
    CryptoSignKey log_key, link_key, officer_key;
    RecordId officer;
    CryptoHash agency;
    char hex[65];
    RogueLeaf leaves[ROGUE_LEAVES_MAX];
    int64_t count;
    Buf plain; // of the message that is being made
    RecordId last;
} Rogue;

// Genesis, link and officer are leaves 0 to 2.
void rogue_open(Rogue *r, uint64_t seed, int64_t now);
void rogue_done(Rogue *r);
// The same agency again, for another history: leaves up to `size` are kept.
void rogue_fork(const Rogue *from, int64_t size, Rogue *ret_other);
// Its card, to be confirmed.
Str rogue_card(Rogue *r, Ctx *c);

// Adds a record with this body; `by`: the agency that it says it is by (NULL: its own), `id`: NULL
// for a new one. `to`: agency ids in hex, sorted.
typedef struct RogueRecord {
    RecordKind kind;
    const RecordId *of, *id;
    const char *by;
    Str to[4];
    size_t to_count;
    const RecordMark *mark; // NULL: one of its own, with `to`
    const char *body;
} RogueRecord;
int64_t rogue_add(Rogue *r, const RogueRecord *record); // its leaf

// --- messages -----------------------------------------------------------------------------------

void rogue_head(Rogue *r, const CryptoHash *to, int64_t now);
void rogue_have(Rogue *r, uint64_t position, uint64_t size, const CryptoHash *root);
void rogue_journal(Rogue *r, uint64_t start, uint64_t end);
// Leads from old_size to new_size and proves these leaves, in rising order.
void rogue_tree(Rogue *r, int64_t old_size, int64_t new_size, const int64_t *leaves, size_t n);
// That a head of this size and root leads to its own of new_size, as its own log would have it.
void rogue_prove(Rogue *r, int64_t size, const CryptoHash *root, int64_t new_size);
void rogue_opening(Rogue *r, uint8_t tree, int64_t leaf);
void rogue_frame(Rogue *r, uint8_t type, const void *bytes, size_t n); // any
// Signs by `key` (NULL: its link key) and packs. The message is in c's arena.
Str rogue_end(Rogue *r, Ctx *c, const CryptoSignKey *key);
// The plain bytes as they are now, packed as a message, with this number as their length.
Str rogue_pack(Ctx *c, Str plain, uint32_t said);
// The whole of it: leaves [first, size) from old_size on, at this position of the journal.
Str rogue_message(Rogue *r, Ctx *c, const CryptoHash *to, int64_t now, int64_t first,
                  int64_t old_size);
CryptoHash rogue_root(const Rogue *r, int64_t size);

#endif
