// Inside the room stream only: files of sections, accounts, rows, tellings, tail, snapshots.
//
// Everything that a snapshot holds is immutable and counted by references: files, the account
// table, the tail, the tellings. A session of the writer builds new ones beside and swaps them.
#ifndef MOEI_STREAM_PRIV_H
#define MOEI_STREAM_PRIV_H

#include <pthread.h>
#include <stdatomic.h>

#include "stream/stream.h"

#define UNIT_SEPARATOR '\x1f'
#define KEY_BYTES_MAX (4 * (STREAM_FIELD_BYTES_MAX + 1))
#define CURRENCY_BYTES_MAX 8
#define DETAILS_BYTES_MAX                                                                          \
    (STREAM_MEMO_BYTES_MAX + STREAM_FIELD_BYTES_MAX + STREAM_ID_BYTES_MAX + 64)
#define CONTRIBUTION_BYTES_MAX 21
#define FILE_SECTIONS_MAX 10
#define ACCOUNT_FILES_MAX 64

typedef enum Presence {
    HAS_CREDITED = 1,
    HAS_CREDITED_CURRENCY = 2,
    HAS_FROM_BALANCE = 4,
    HAS_TO_BALANCE = 8,
    HAS_SEQ = 16,
    HAS_CHANNEL = 32,
    HAS_MEMO = 64
} Presence;

// --- sections.c: a file of checksummed sections, and its mapping

typedef struct FileHead {
    char magic[8];
    uint64_t number, n, p, a, sections, key, zero;
} FileHead;
static_assert(sizeof(FileHead) == 64, "the head is 64 bytes");

typedef struct SectionRow {
    uint32_t kind, crc;
    uint64_t offset, bytes, zero;
} SectionRow;
static_assert(sizeof(SectionRow) == 32, "a row of the section table is 32 bytes");

typedef struct FileKind {
    char magic[9];
    const char *prefix, *suffix;
    uint32_t sections;
} FileKind;
extern const FileKind FILE_KIND_SEGMENT, FILE_KIND_ACCOUNTS;

// A mapped file: what the head says and where the sections lie.
typedef struct SectionMap {
    const uint8_t *bytes;
    uint64_t n;
    FileHead head;
    SectionRow rows[FILE_SECTIONS_MAX];
} SectionMap;

// A file of the stream, shared by snapshots. When the last one lets go, it is unmapped, and removed
// if `doomed`.
typedef struct StreamFile {
    atomic_uint refs;
    atomic_bool doomed;
    bool mapped;
    const FileKind *kind;
    SectionMap map;
    TraceSegment segment; // where it is one
    CryptoHash hash;
    char path[BASE_PATH_BYTES_MAX];
} StreamFile;

// The path of a file by its number, in the request's arena.
Err file_path_of(Ctx *c, Str folder, const FileKind *kind, uint64_t number, Str *ret_path) MUST_USE;
// Checks head and section table of bytes that lie in memory.
Err section_map_read(Ctx *c, const char *name, const FileKind *kind, SectionMap *map) MUST_USE;
const void *section_at(const SectionMap *map, uint32_t kind);
uint64_t section_bytes(const SectionMap *map, uint32_t kind);
// Maps a file and checks head, table and the sizes of the sections. *ret_file has one reference.
Err stream_file_open(Ctx *c, Str path, const FileKind *kind, StreamFile **ret_file) MUST_USE;
StreamFile *stream_file_ref(StreamFile *f);
void stream_file_put(StreamFile *f); // NULL is fine
// The hash that the manifest keeps: all bytes behind the head and table, then head and table.
CryptoHash section_map_hash(const SectionMap *map);

typedef struct SectionWriter {
    File file;
    char path[BASE_PATH_BYTES_MAX]; // as it will be called; written under path + ".tmp"
    FileHead head;
    SectionRow rows[FILE_SECTIONS_MAX];
    Buf buffer;
    CryptoSha256 sha;
    size_t settled; // bytes of the buffer that the section's checksum holds
    uint64_t at;
    uint32_t current, kinds;
    bool began; // a temporary file exists
} SectionWriter;

Err section_writer_begin(Ctx *c, Str path, const FileKind *kind, const FileHead *head,
                         SectionWriter *w) MUST_USE;
void section_begin(SectionWriter *w); // the next kind
Err section_put(Ctx *c, SectionWriter *w, const void *bytes, size_t n) MUST_USE;
Err section_end(Ctx *c, SectionWriter *w) MUST_USE;
// One section of one array.
Err section_put_whole(Ctx *c, SectionWriter *w, const void *bytes, size_t n) MUST_USE;
// Head and table, fdatasync, rename. The folder is synced by the caller.
Err section_writer_finish(Ctx *c, SectionWriter *w, CryptoHash *ret_hash) MUST_USE;
void SectionWriter_cleanup(SectionWriter *w); // removes a temporary file

// --- accounts.c: keys <-> dense ids

typedef struct Currency {
    char code[CURRENCY_BYTES_MAX];
    uint8_t n, exponent;
} Currency;

typedef struct Currencies {
    Currency *items;
    size_t n, cap;
} Currencies;

// Accounts that are not in a file yet: ids first, first + 1, …
typedef struct Young {
    uint32_t first, count;
    uint64_t *offsets; // count + 1
    char *bytes;
    uint16_t *currencies;
    uint64_t *slots; // upper half of the hash, and 1 + index; open addressing
    size_t slot_count, offset_cap, bytes_cap, currency_cap;
} Young;

typedef struct Accounts {
    atomic_uint refs;
    uint64_t hash_key;
    StreamFile *files[ACCOUNT_FILES_MAX];
    size_t file_count;
    Young young;
    Currencies currencies;
    uint16_t *currency_of; // by id, all
    uint32_t count;
} Accounts;

// Keys of a table and, in a session, of the accounts that came with it.
typedef struct Keys {
    const Accounts *base;
    const Young *fresh; // or NULL
    const Currencies *currencies;
} Keys;

void young_done(Young *y);
Err young_add(Ctx *c, Young *y, uint64_t hash_key, Str key, uint16_t currency) MUST_USE;
bool young_find(const Young *y, Str key, uint64_t hash, uint32_t *ret_id);
// The three steps of a look-up that wait for memory: slot, offset, bytes of the key.
void young_prefetch(const Young *y, uint64_t hash, int step);
void currencies_done(Currencies *k);
Err currencies_copy(Ctx *c, const Currencies *from, Currencies *ret_to) MUST_USE;
// The number of a currency, added where new. E_INVALID when it came with other digits before.
Err currencies_intern(Ctx *c, Currencies *k, Str code, uint8_t exponent,
                      uint16_t *ret_number) MUST_USE;

Err accounts_empty(Ctx *c, uint64_t hash_key, Accounts **ret_accounts) MUST_USE;
// Takes over the references of `files` on success.
Err accounts_of_files(Ctx *c, uint64_t hash_key, StreamFile *const *files, size_t n,
                      Accounts **ret_accounts) MUST_USE;
Accounts *accounts_ref(Accounts *a);
void accounts_put(Accounts *a);
typedef Accounts *AccountsPtr;
void AccountsPtr_cleanup(AccountsPtr *a);
bool accounts_find(const Accounts *a, Str key, uint64_t hash, uint32_t *ret_id);
void accounts_prefetch(const Accounts *a, uint64_t hash, int step);
// A new table: the old one and `fresh` behind it, in memory.
Err accounts_extend(Ctx *c, const Keys *with, Accounts **ret_accounts) MUST_USE;
// A new table with all young and fresh accounts in a new file at `path`; files that are not much
// larger are merged into it. Not to be called when there is nothing young or fresh.
Err accounts_write(Ctx *c, const Keys *with, Str path, uint64_t number,
                   Accounts **ret_accounts) MUST_USE;
Err accounts_file_bind(Ctx *c, StreamFile *f) MUST_USE; // checks the sizes of its sections
// The key of the i-th account of a file; empty where the file is damaged.
Str accounts_file_key(const StreamFile *f, uint32_t i);
// Ids of the accounts of one number, of any country, institution and currency.
typedef struct IdList {
    uint32_t *items;
    size_t n, cap;
} IdList;
Err accounts_by_number(Ctx *c, const Accounts *a, Str number, IdList *list) MUST_USE;
// Everything that an account file must hold true. E_CORRUPT.
Err accounts_file_check(Ctx *c, const StreamFile *f) MUST_USE;

Str keys_get(const Keys *k, uint32_t id);          // the joined key
Str keys_order_prefix(const Keys *k, uint32_t id); // country US institution US
uint16_t keys_currency(const Keys *k, uint32_t id);
uint32_t keys_count(const Keys *k);
bool key_split(Str key, StreamParty *ret_party, Str *ret_currency);
size_t key_join(const StreamParty *party, Str currency, char ret_key[KEY_BYTES_MAX]);

// --- row.c: details, packed rows, comparing

// A row in memory. Its details lie elsewhere, at details_at.
typedef struct Row {
    uint32_t from, to;
    int64_t amount, credited, booked_at, seq;
    uint64_t prior; // position of the row of the snapshot that this one replaces, or 0
    uint64_t id_hash;
    uint64_t details_at;
    uint32_t details_n, unused;
} Row;

// Decoded details; views into them.
typedef struct Details {
    uint8_t presence;
    Str id, channel, memo;
    int64_t from_balance, to_balance, seq;
    uint64_t contribution_count;
    const uint8_t *contributions, *end;
} Details;

typedef struct Contribution {
    uint64_t batch, row;
    uint8_t mask;
} Contribution;

// Writes what a transfer gives, without contributions; bytes written.
size_t details_put(uint8_t *p, const StreamTransfer *t);
size_t contribution_put(uint8_t *p, const Contribution *k);
// False when the bytes are no details.
bool details_read(const uint8_t *p, size_t n, Details *ret_details);
bool contribution_read(const uint8_t **p, const uint8_t *end, Contribution *ret_contribution);
Str details_id(const uint8_t *p); // of details known to be good
uint8_t transfer_mask(const StreamTransfer *t);
// Blanks the optional fields outside the mask.
void transfer_blank(StreamTransfer *t, uint8_t mask);
// Put together from a row, its details and the account keys. False when the keys are damaged.
bool transfer_of(const Keys *keys, const TraceTransfer *t, int64_t booked_at, const Details *d,
                 StreamTransfer *ret_transfer);
Err transfer_check(Ctx *c, const StreamTransfer *t) MUST_USE;

// A whole row without account ids, as it lies in ledger.db. `details` with contributions.
Err row_pack(Ctx *c, const StreamTransfer *t, Str details, Buf *out) MUST_USE;
// Views into `packed`. False when it is damaged.
bool row_unpack(Str packed, StreamTransfer *ret_transfer, Str *ret_details);

// The place of a row in Order.
typedef struct OrderKey {
    int64_t booked_at;
    uint32_t from;
    Str prefix; // country US institution US of the debited account
    int64_t seq;
    Str id;
} OrderKey;
int order_cmp(const OrderKey *a, const OrderKey *b);
OrderKey order_of_row(const Keys *keys, const Row *r, const uint8_t *details);
// Sorts row numbers by Order.
Err rows_sort(Ctx *c, const Keys *keys, const Row *rows, const uint8_t *details, size_t n,
              uint32_t *ret_sorted) MUST_USE;

// --- segment.c

enum {
    SECTION_TRANSFERS = 1,
    SECTION_BOOKED_AT,
    SECTION_PRESENT,
    SECTION_RANK,
    SECTION_ENTRY_FIRST,
    SECTION_ENTRIES,
    SECTION_SUMS,
    SECTION_ROW_AT,
    SECTION_DETAILS,
    SECTION_ID_INDEX
};
uint32_t segment_slot_tag(uint64_t hash); // upper five bits of a slot of the id index

Err segment_bind(Ctx *c, StreamFile *f) MUST_USE; // sizes of sections -> f->segment
bool segment_find(const StreamFile *f, Str id, uint64_t hash, uint32_t *ret_row);
void segment_prefetch(const StreamFile *f, uint64_t hash);
// Bytes of a row's details; false when the file is damaged there.
bool segment_details_bytes(const StreamFile *f, uint32_t row, const uint8_t **ret_p, size_t *ret_n);
bool segment_details(const StreamFile *f, uint32_t row, Details *ret_details);
bool segment_order(const StreamFile *f, const Keys *keys, uint32_t row, OrderKey *ret_key);
// The first row whose place is not before `key`.
uint32_t segment_lower_bound(const StreamFile *f, const Keys *keys, const OrderKey *key);
// The entries and sums of an account; false when it has none.
typedef struct SegmentEntries {
    const TraceEntry *entries;
    uint32_t n;
    const TraceSum *sum;
} SegmentEntries;
bool segment_entries(const TraceSegment *s, uint32_t account, SegmentEntries *ret_entries);
// Everything that a segment must hold true in itself; E_CORRUPT names section and row. No index is
// followed before it was checked. `keys` may be NULL: then nothing about accounts is checked.
Err segment_check(Ctx *c, const StreamFile *f, const Keys *keys) MUST_USE;

// --- tail.c: rows that are not sealed

typedef struct Touch {
    uint32_t account;
    bool debit, replaced; // replaced: the sealed entry at `position` no longer counts
    uint64_t position;
    uint32_t tail; // index of the late row
    uint32_t unused;
} Touch;

typedef struct Tail {
    atomic_uint refs;
    size_t n;
    Row *rows;      // in Order; prior = sealed position replaced, or 0
    uint64_t *gaps; // sealed rows before each
    uint8_t *details;
    size_t details_n;
    uint32_t *slots; // 1 + index, by id
    size_t slot_count;
    uint64_t *positions;
    TraceTransfer *transfers;
    int64_t *booked_at;
    uint64_t *replaced; // sealed positions, sorted
    size_t replaced_count;
    Touch *touches; // by (account, position)
    size_t touch_count;
} Tail;

// Sealed segments in order.
typedef struct Sealed {
    StreamFile *const *files;
    size_t n;
} Sealed;

// What a new tail is made from: the old one (may be NULL) and rows that come to it.
typedef struct TailInput {
    Sealed sealed;
    Keys keys;
    const Tail *old;
    const Row *rows;
    const uint8_t *details;
    size_t n;
} TailInput;
Err tail_build(Ctx *c, const TailInput *in, Tail **ret_tail) MUST_USE;
Tail *tail_ref(Tail *t);
void tail_put(Tail *t);
bool tail_find(const Tail *t, Str id, uint64_t hash, uint32_t *ret_index);
bool tail_at(const Tail *t, uint64_t position, uint32_t *ret_index);
// The sealed row at a position, NULL when there is none.
const TraceTransfer *sealed_at(const Sealed *sealed, uint64_t position, const StreamFile **ret_file,
                               uint32_t *ret_row);

// --- tellings.c: what was told of one transfer, and which version is current

typedef struct Telling {
    StreamTransfer t; // blanked to what it told
    uint8_t mask;
    uint64_t batch, row;
} Telling;

typedef struct Versions { // of one transfer; all in the arena that made it
    struct Version {
        StreamTransfer t; // merged
        Str row;          // its mapped row
        CryptoHash hash;
        const Telling **tellings;
        size_t n;
        bool picked;
    } * items;
    size_t n;
    size_t current;
} Versions;
typedef struct Version Version;

// Two tellings of one transfer with equal mandatory fields?
bool transfers_same(const StreamTransfer *a, const StreamTransfer *b);
// Everything that a tells, b tells too.
bool transfer_within(const StreamTransfer *a, const StreamTransfer *b);
// No field that both fill differently.
bool transfers_compatible(const StreamTransfer *a, const StreamTransfer *b);
void transfer_fill(StreamTransfer *into, const StreamTransfer *from);
// The versions that a set of tellings makes; docs/format-stream.md, section 1. Depends on the set
// only.
// `pick`: the row that an officer holds to be right, or NULL.
Err versions_make(Ctx *c, const Telling *tellings, size_t n, const StreamTransfer *pick,
                  Versions *ret_versions) MUST_USE;
// Details with contributions of a version.
Err version_details(Ctx *c, const Version *v, Buf *out) MUST_USE;
// Adds the tellings of a row to a growing array in the request's arena.
typedef struct TellingList {
    Telling *items;
    size_t n, cap;
} TellingList;
Err tellings_add(Ctx *c, TellingList *list, const Telling *t) MUST_USE;
Err tellings_of_row(Ctx *c, const StreamTransfer *t, const Details *d, TellingList *list) MUST_USE;

// One telling as it lies aside: packed with its one contribution.
Err tellings_add_packed(Ctx *c, Str packed, TellingList *list) MUST_USE;
Err telling_pack(Ctx *c, const Telling *t, Buf *out) MUST_USE;
// All tellings of the transfer at a position: of its current row and aside. At least one.
Err tellings_gather(Ctx *c, const StreamSnapshot *snap, uint64_t position,
                    TellingList *list) MUST_USE;

// Tellings beside current rows, and picks: sorted by id.
typedef struct Aside {
    Str id, packed;
} Aside;
typedef struct Pick {
    Str id, packed;
} Pick;
typedef struct Asides {
    atomic_uint refs;
    Aside *items;
    size_t n, cap;
    Pick *picks;
    size_t pick_count, pick_cap;
    size_t conflicts; // different ids in items
    Arena bytes;      // owns what the strings point to
} Asides;
Err asides_new(Ctx *c, Asides **ret_asides) MUST_USE;
Err asides_add(Ctx *c, Asides *a, Str id, Str packed) MUST_USE;
Err asides_add_pick(Ctx *c, Asides *a, Str id, Str packed) MUST_USE;
void asides_sort(Asides *a);
Asides *asides_ref(Asides *a);
void asides_put(Asides *a);
size_t asides_find(const Asides *a, Str id, size_t *ret_n); // first index
// The picked row; false when there is none.
bool asides_pick(const Asides *a, Str id, StreamTransfer *ret_pick);

// --- snapshot.c and history.c

struct StreamSnapshot {
    atomic_uint refs;
    StreamFile *files[STREAM_SEGMENTS_MAX];
    TraceSegment segments[STREAM_SEGMENTS_MAX];
    size_t n;
    Accounts *accounts;
    Tail *tail;
    Asides *asides;
    uint64_t sealed_rows, batches;
    Keys keys;
    TraceView view;
    TraceOverlay overlay;
    pthread_mutex_t lock;  // guards `built`
    uint32_t *touched;     // accounts that late rows touch, sorted, each once
    uint32_t *touch_first; // touched_count + 1, into tail->touches
    TraceHistory **built;  // NULL until asked for
    size_t touched_count;
};

// What a snapshot is made of; it takes references of its own.
typedef struct SnapshotParts {
    StreamFile *const *files;
    size_t n;
    Accounts *accounts;
    Tail *tail;
    Asides *asides;
    uint64_t batches;
} SnapshotParts;
Err snapshot_make(Ctx *c, const SnapshotParts *parts, StreamSnapshot **ret_snapshot) MUST_USE;
Err history_init(Ctx *c, StreamSnapshot *snap) MUST_USE;
void history_done(StreamSnapshot *snap);
Err history_ask(Ctx *c, void *snap, uint32_t account, TraceHistory *ret_history,
                bool *ret_known) MUST_USE;
// Current row of a transfer with its details, by position.
typedef struct StoredRow {
    TraceTransfer t;
    int64_t booked_at;
    const uint8_t *details;
    size_t details_n;
} StoredRow;
Err snapshot_row(Ctx *c, const StreamSnapshot *snap, uint64_t position,
                 StoredRow *ret_row) MUST_USE;

struct Stream {
    char folder[BASE_PATH_BYTES_MAX]; // DIR/stream
    StoreDb *db;
    CryptoRandom random;
    uint64_t hash_key, next_file, next_batch;
    pthread_mutex_t lock; // guards `current`
    StreamSnapshot *current;
    bool session_open;
};

// --- import.c, seal.c, commit.c: a session of the writer

#define IMPORT_BLOCK_ROWS 64

// The account of one side of a telling on its way.
typedef struct PendingSide {
    uint64_t hash;
    size_t key_at, key_n; // in block_keys
    uint16_t currency;
    bool outside;
} PendingSide;

// A telling on its way: its row without contributions, its accounts, and its mapped row.
typedef struct Pending {
    Row row;
    size_t details_at, text_at, text_n;
    PendingSide sides[2];
} Pending;

// The tellings aside of one transfer, after this session.
typedef struct Delta {
    uint32_t first, n; // in delta_items
    Str pick;          // packed; p NULL where nothing was picked in this session
} Delta;

// The Merkle tree over leaves that come one by one: roots of the full subtrees, largest first.
typedef struct MerkleStack {
    CryptoHash nodes[64];
    uint64_t n;
} MerkleStack;
void merkle_add(MerkleStack *m, const CryptoHash *leaf);
CryptoHash merkle_root(const MerkleStack *m);

// The leaf of a row in its batch.
typedef struct LeafKey {
    CryptoHmacKey salt;
    uint8_t message[20];
} LeafKey;
void leaf_key_init(LeafKey *k, const CryptoHash *batch_salt);
CryptoHash leaf_of_row(LeafKey *k, uint64_t number, Str row, Buf *scratch);

// Leaves are hashed on a second thread, in chunks, while the next rows come in; small batches are
// hashed where they are.
#define LEAF_CHUNK_ROWS 4096
typedef struct LeafChunk {
    Buf text;
    uint32_t ends[LEAF_CHUNK_ROWS]; // of each row in text
    uint32_t n;
} LeafChunk;
typedef struct Leaves {
    LeafKey key;
    MerkleStack merkle;
    Buf scratch;
    LeafChunk chunks[2];
    int filling; // the other one may be in the worker's hands
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t turn;
    bool running, busy, stop; // running: owned by the session; the others guarded by lock
} Leaves;
void leaves_begin(Leaves *l, const CryptoHash *batch_salt);
Err leaves_add(Ctx *c, Leaves *l, Str row) MUST_USE;
Err leaves_root(Ctx *c, Leaves *l, CryptoHash *ret_root) MUST_USE;
void leaves_done(Leaves *l); // stops the thread

typedef enum ImportState { IMPORT_OPEN, IMPORT_SEALED, IMPORT_COMMITTED } ImportState;

struct StreamImport {
    Stream *s;
    StreamSnapshot *base;
    ImportState state;
    bool published; // the next row begins a new batch
    Young fresh;
    Currencies currencies;
    Keys keys;
    Row *rows;
    size_t n, cap;
    uint8_t *details;
    size_t details_n, details_cap;
    uint32_t *slots; // by id: 1 + row, and ten bits of the hash above
    size_t slot_count;
    Pending block[IMPORT_BLOCK_ROWS];
    size_t block_n;
    Buf block_details, block_text, block_keys;
    StreamBatch batch;
    CryptoHash salt;
    Leaves leaves;
    Dict changed; // ids with new tellings aside or a pick
    Delta *deltas;
    size_t delta_cap;
    Str *delta_items; // packed tellings, in delta_bytes
    size_t delta_item_n, delta_item_cap;
    Arena delta_bytes;
    Ctx scratch;
    // After sealing:
    StreamSnapshot *next; // NULL where nothing changed
    bool to_segments;
    uint64_t next_file;
    CryptoHash root;
};

Err import_ready(Ctx *c, StreamImport *imp) MUST_USE; // E_STATE when it is sealed
Err import_drain(Ctx *c, StreamImport *imp) MUST_USE;
// A transfer with its accounts interned, without details. E_INVALID as currencies_intern.
Err import_row_of(Ctx *c, StreamImport *imp, const StreamTransfer *t, Row *ret_row) MUST_USE;
Err import_retell(Ctx *c, StreamImport *imp, const Pending *p, uint64_t place) MUST_USE;
uint64_t import_place(const StreamImport *imp, Str id, uint64_t hash);
Err import_put_row(Ctx *c, StreamImport *imp, const Row *row, Str details) MUST_USE;
void import_clear(StreamImport *imp);
// Where a transfer's current row lies: a row of the session, or a position of the snapshot.
#define PLACE_NONE UINT64_MAX
#define PLACE_SESSION (1ULL << 63)

// Segments, in order, for the next snapshot: some of the old ones and new ones.
typedef struct SealedSet {
    StreamFile *files[STREAM_SEGMENTS_MAX + 2];
    size_t n;
} SealedSet;
void SealedSet_cleanup(SealedSet *set);
// Merges the rows of the session and the tail into segments. Files are written and durable when
// the folder is synced after it. Numbers start at imp->next_file, which rises.
Err seal_segments(Ctx *c, StreamImport *imp, SealedSet *ret_set) MUST_USE;

// db.c
Err db_load(Ctx *c, Stream *s) MUST_USE; // state, manifest, tail, tellings -> s->current
Err db_commit(Ctx *c, StreamImport *imp) MUST_USE;
typedef struct BatchRow {
    uint64_t number, rows, taken;
    CryptoHash salt, root;
} BatchRow;
Err db_batches(Ctx *c, Stream *s, BatchRow **ret_batches, size_t *ret_n) MUST_USE;

#endif
