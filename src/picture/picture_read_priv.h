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
    X(RECORD_LET_GONE, record_let_gone)                                                            \
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
    X(OFFICER_GET, officer_get)                                                                    \
    X(REPORT_STANDING_GET, report_standing_get)                                                    \
    X(REPORT_VICTIM, report_victim)                                                                \
    X(REPORTS_OF_ACCOUNT, reports_of_account)                                                      \
    X(ORDER_LIST, order_list)                                                                      \
    X(ORDER_BOARD, order_board)                                                                    \
    X(ORDER_GET, order_get)                                                                        \
    X(ORDER_FIND, order_find)                                                                      \
    X(ORDER_FIND_OF, order_find_of)                                                                \
    X(ORDERS_OF_CASE, orders_of_case)                                                              \
    X(ORDERS_OF_ACCOUNT, orders_of_account)                                                        \
    X(ORDERS_OF_REPORT, orders_of_report)                                                          \
    X(ORDER_TAGS, order_tags)                                                                      \
    X(ORDER_EVENTS_OF, order_events_of)                                                            \
    X(CASE_CLAIMANTS, case_claimants)                                                              \
    X(CONTACTS_ALL, contacts_all)                                                                  \
    X(CONTACTS_OF_COUNTRY, contacts_of_country)                                                    \
    X(CLASSES_OF, classes_of)                                                                      \
    X(GRIEVANCE_LIST, grievance_list)                                                              \
    X(GRIEVANCE_GET, grievance_get)                                                                \
    X(PLAN_LIST, plan_list)                                                                        \
    X(PLANS_OF_CASE, plans_of_case)                                                                \
    X(PLAN_GET, plan_get)                                                                          \
    X(PLAN_SIGNERS, plan_signers)                                                                  \
    X(PAID_OF_PLAN, paid_of_plan)                                                                  \
    X(PAID_TO_REPORT, paid_to_report)                                                              \
    X(REFUND_ACCOUNTS, refund_accounts)                                                            \
    X(SHIFT_LIST, shift_list)                                                                      \
    X(ATTACHMENTS_OF, attachments_of)                                                              \
    X(ATTACHMENT_FIND, attachment_find)                                                            \
    X(GLASS_LIST, glass_list)                                                                      \
    X(READ_LIST, read_list)                                                                        \
    X(READS_BY_OFFICER, reads_by_officer)                                                          \
    X(READS_OF_RECORD, reads_of_record)                                                            \
    X(READ_ITEMS, read_items)                                                                      \
    X(NEWS_END, news_end)                                                                          \
    X(NEWS, news)                                                                                  \
    X(NEWS_ARRIVALS, news_arrivals)                                                                \
    X(WORDS_OF, words_of)                                                                          \
    X(NAMED_OF, named_of)                                                                          \
    X(LINK_LIST, link_list)                                                                        \
    X(LINK_GET, link_get)                                                                          \
    X(PEER_LIST, peer_list)                                                                        \
    X(PEER_GET, peer_get)                                                                          \
    X(FLAG_LIST, flag_list)                                                                        \
    X(ACCORD_LIST, accord_list)                                                                    \
    X(ACCORD_GET, accord_get)                                                                      \
    X(MEMBERS_OF, members_of)                                                                      \
    X(SIGNS_OF, signs_of)                                                                          \
    X(SHARE_LIST, share_list)                                                                      \
    X(SHARE_LIST_IN, share_list_in)                                                                \
    X(SHARE_LIST_OUT, share_list_out)                                                              \
    X(SHARE_GET, share_get)                                                                        \
    X(SHARE_OF, share_of)                                                                          \
    X(SHARE_ACTS, share_acts)                                                                      \
    X(RETRACT_LIST, retract_list)                                                                  \
    X(RETRACT_LIST_IN, retract_list_in)                                                            \
    X(RETRACT_LIST_OUT, retract_list_out)                                                          \
    X(RETRACT_GET, retract_get)                                                                    \
    X(RETRACT_OF, retract_of)                                                                      \
    X(TARGETS_OF, targets_of)                                                                      \
    X(ERASURE_LIST, erasure_list)                                                                  \
    X(LET_GO_LIST, let_go_list)                                                                    \
    X(OWED_LIST, owed_list)                                                                        \
    X(ENDED_LIST, ended_list)                                                                      \
    X(DISCLOSED_LIST, disclosed_list)                                                              \
    X(RANGES_OF, ranges_of)                                                                        \
    X(RANGES_AT, ranges_at)                                                                        \
    X(DISCLOSED_HAS, disclosed_has)                                                                \
    X(PASSED_OF, passed_of)                                                                        \
    X(NOTICE_LIST, notice_list)                                                                    \
    X(NOTICE_LIST_IN, notice_list_in)                                                              \
    X(NOTICE_LIST_OUT, notice_list_out)                                                            \
    X(NOTICE_GET, notice_get)                                                                      \
    X(NOTICES_NAMING, notices_naming)                                                              \
    X(NOTICE_ACTS, notice_acts)                                                                    \
    X(GRANT_OF, grant_of)                                                                          \
    X(FORK_LIST, fork_list)                                                                        \
    X(SCAN_OWN, scan_own)                                                                          \
    X(SCAN_ARRIVALS, scan_arrivals)                                                                \
    X(SCAN_OPENING, scan_opening)                                                                  \
    X(ARRIVAL_NEWEST, arrival_newest)                                                              \
    X(SCAN_ROOT, scan_root)                                                                        \
    X(SCAN_CHILDREN, scan_children)                                                                \
    X(SCAN_KIND, scan_kind)                                                                        \
    X(SEARCH_REPORT, search_report)                                                                \
    X(SEARCH_ORDER, search_order)                                                                  \
    X(SEARCH_ACCOUNT, search_account)                                                              \
    X(SEARCH_ORDER_ACCOUNT, search_order_account)                                                  \
    X(SEARCH_PHONE, search_phone)                                                                  \
    X(SEARCH_CASE, search_case)

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
    int64_t now_us;   // of the board's query
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
// Place of a visible object; `which` is the statement that gets one of its kind by :pos.
Err read_pos(Ctx *c, PictureReader *r, PictureRead which, RecordId id, int64_t *ret_pos) MUST_USE;
// One page of a list of what belongs to `id`, newest first; the statement takes :sort, :pos,
// :limit.
Err read_page_of(Ctx *c, PictureReader *r, const ReadList *list, PictureRead which,
                 const char *name, RecordId id, const PicturePage *page,
                 ReadItems *ret_items) MUST_USE;
Err read_not_found(Ctx *c);
// A list of words (picture_exchange.h) of the record at this place.
Err read_words(Ctx *c, PictureReader *r, int64_t pos, const char *list, const Str **ret_words,
               size_t *ret_n) MUST_USE;
// Record ids that the record at this place names.
Err read_named(Ctx *c, PictureReader *r, int64_t pos, const RecordId **ret_ids,
               size_t *ret_n) MUST_USE;
// All rows of a statement that takes one blob, at most PICTURE_CHILDREN_MAX.
Err read_of(Ctx *c, PictureReader *r, const ReadList *list, const char *name, RecordId id,
            ReadItems *ret_items) MUST_USE;
// All rows of a statement that takes :pos.
Err read_at(Ctx *c, PictureReader *r, const ReadList *list, int64_t pos,
            ReadItems *ret_items) MUST_USE;
// Between begin and end of one state of the file, unless the caller has one open.
Err read_together(Ctx *c, PictureReader *r, bool *ret_own) MUST_USE;
void read_apart(PictureReader *r, bool own);

// Gives out what a list found, with the type of its items.
#define READ_GIVE(found, ret_items, ret_n)                                                         \
    do {                                                                                           \
        *(ret_items) = (found).items;                                                              \
        *(ret_n) = (found).n;                                                                      \
    } while (0)

extern const ReadList record_read_list; // of PictureRecord

// Columns, copied.
Err col_text(Ctx *c, StoreStmt *q, int column, Str *ret_text) MUST_USE;
RecordId col_id(StoreStmt *q, int column); // zero where NULL
bool col_has_id(StoreStmt *q, int column, RecordId *ret_id);
void col_hash(StoreStmt *q, int column, uint8_t ret_hash[32]);
bool col_i64(StoreStmt *q, int column, int64_t *ret_v); // false where NULL
PictureKey col_key(StoreStmt *q);                       // columns 0 and 1

#endif
