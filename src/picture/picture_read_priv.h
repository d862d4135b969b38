// Inside the room picture: the reader's connection and the one way in which lists are read.
#ifndef MOEI_PICTURE_READ_PRIV_H
#define MOEI_PICTURE_READ_PRIV_H

#include "picture/picture_priv.h"

#define PICTURE_READS(X)                                                                           \
    X(MARK_LIST, mark_list)                                                                        \
    X(PAIRS, pairs)                                                                                \
    X(PAIRS_OF, pairs_of)                                                                          \
    X(COUNTS, counts)                                                                              \
    X(COUNTS_OF, counts_of)                                                                        \
    X(RECORD_LIST, record_list)                                                                    \
    X(RECORD_GET, record_get)                                                                      \
    X(RECORD_CHILDREN, record_children)                                                            \
    X(RECORD_QUOTES, record_quotes)                                                                \
    X(RECORD_ERASED, record_erased)                                                                \
    X(REPORT_LIST, report_list)                                                                    \
    X(RECORD_POS, record_pos)                                                                      \
    X(REPORT_GET, report_get)                                                                      \
    X(REPORT_FIND, report_find)                                                                    \
    X(NAMED_ACCOUNTS, named_accounts)                                                              \
    X(NAMED_TRANSFERS, named_transfers)                                                            \
    X(NAMED_SEEDS, named_seeds)                                                                    \
    X(NAMED_PHONES, named_phones)                                                                  \
    X(NAMED_URLS, named_urls)                                                                      \
    X(REPORT_CASE, report_case)                                                                    \
    X(CASE_LIST, case_list)                                                                        \
    X(CASE_GET, case_get)                                                                          \
    X(CASE_REPORTS, case_reports)                                                                  \
    X(CLAIM_LIST, claim_list)                                                                      \
    X(BATCH_LIST, batch_list)                                                                      \
    X(BATCH_OF_FILE, batch_of_file)                                                                \
    X(PICK_LIST, pick_list)                                                                        \
    X(PICK_FIND, pick_find)                                                                        \
    X(AGENCY_LIST, agency_list)                                                                    \
    X(AGENCY_GET, agency_get)                                                                      \
    X(OFFICER_LIST, officer_list)                                                                  \
    X(OFFICER_GET, officer_get)

typedef enum PictureRead {
#define X(name, text) R_##name,
    PICTURE_READS(X)
#undef X
        R_COUNT
} PictureRead;

struct PictureReader {
    StoreDb *db;
    PictureSight sight;
    int64_t began_us; // 0: no transaction of the caller is open
};

// Copies the current row into an item whose first member is a PictureKey; the key is set already.
typedef Err (*ReadRow)(Ctx *c, StoreStmt *q, void *item);

typedef struct ReadList {
    PictureRead statement;
    PictureTable table; // whose counts name the pairs of mark and state to ask for
    bool newest_first;
    size_t item_bytes;
    ReadRow read;
} ReadList;

// Array in the request's arena.
typedef struct ReadItems {
    void *items;
    size_t n;
    bool more;
} ReadItems;

// Opens the reader's connection with what readers are allowed and these statements.
Err reader_connect(Ctx *c, PictureReader *r, Str path, const StoreSchema *schema) MUST_USE;

// A statement of the reader, after the time of an open transaction was checked.
Err read_begin(Ctx *c, PictureReader *r, PictureRead which, StoreStmt **ret_stmt) MUST_USE;
// One page of a list over all marks that the reader sees; `state` empty: all states.
Err read_list(Ctx *c, PictureReader *r, const ReadList *list, Str state, const PicturePage *page,
              ReadItems *ret_items) MUST_USE;
// All rows of a statement whose values are bound, at most `max` (E_LIMIT). Resets it.
Err read_rows(Ctx *c, StoreStmt *q, const ReadList *list, size_t max,
              ReadItems *ret_items) MUST_USE;
// The first row of a statement whose values are bound; E_NOT_FOUND in the words for all. Resets it.
Err read_one(Ctx *c, StoreStmt *q, ReadRow read, void *ret_item) MUST_USE;
// The same for the row that belongs to the record with this id.
Err read_by_id(Ctx *c, PictureReader *r, PictureRead which, RecordId id, ReadRow read,
               void *ret_item) MUST_USE;
Err read_not_found(Ctx *c);

// Columns, copied.
Err col_text(Ctx *c, StoreStmt *q, int column, Str *ret_text) MUST_USE;
RecordId col_id(StoreStmt *q, int column); // zero where NULL
void col_hash(StoreStmt *q, int column, uint8_t ret_hash[32]);
bool col_i64(StoreStmt *q, int column, int64_t *ret_v); // false where NULL
PictureKey col_key(StoreStmt *q);                       // columns 0 and 1

#endif
