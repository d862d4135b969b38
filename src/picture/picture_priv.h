// Inside the room picture: the writer's state and the steps of a fold.
#ifndef MOEI_PICTURE_PRIV_H
#define MOEI_PICTURE_PRIV_H

#include "picture/picture.h"

// --- statements of the writer -------------------------------------------------------------------

// Those of DROP_RECORD … DROP_OFFICER_CHANGE stand together: they take one record out of every
// table of facts. The same holds for DUMP_RECORD … DUMP_COUNT.
#define PICTURE_WRITES(X)                                                                          \
    X(AGENCY_ALL, agency_all)                                                                      \
    X(AGENCY_ADD, agency_add)                                                                      \
    X(LOG_ALL, log_all)                                                                            \
    X(LOG_ADD, log_add)                                                                            \
    X(LOG_SET, log_set)                                                                            \
    X(MARK_ALL, mark_all)                                                                          \
    X(MARK_ADD, mark_add)                                                                          \
    X(RECORD_AT, record_at)                                                                        \
    X(RECORD_ADD, record_add)                                                                      \
    X(REF_ADD, ref_add)                                                                            \
    X(GENESIS_ADD, genesis_add)                                                                    \
    X(KEY_ADD, key_add)                                                                            \
    X(OFFICER_ADD, officer_add)                                                                    \
    X(REPORT_ADD, report_add)                                                                      \
    X(REPORT_TWIN, report_twin)                                                                    \
    X(ACCOUNT_ADD, account_add)                                                                    \
    X(TRANSFER_ADD, transfer_add)                                                                  \
    X(PHONE_ADD, phone_add)                                                                        \
    X(URL_ADD, url_add)                                                                            \
    X(SEED_ADD, seed_add)                                                                          \
    X(CASE_ADD, case_add)                                                                          \
    X(CASE_EVENT_ADD, case_event_add)                                                              \
    X(BATCH_ADD, batch_add)                                                                        \
    X(PICK_ADD, pick_add)                                                                          \
    X(CLAIM_ADD, claim_add)                                                                        \
    X(VICTIM_ADD, victim_add)                                                                      \
    X(STANDING_ADD, standing_add)                                                                  \
    X(CLAIMANT_ADD, claimant_add)                                                                  \
    X(ATTACHMENT_ADD, attachment_add)                                                              \
    X(ORDER_ADD, order_add)                                                                        \
    X(ORDER_TAG_ADD, order_tag_add)                                                                \
    X(ORDER_EVENT_ADD, order_event_add)                                                            \
    X(CONTACT_ADD, contact_add)                                                                    \
    X(CLASS_ADD, class_add)                                                                        \
    X(GRIEVANCE_ADD, grievance_add)                                                                \
    X(PLAN_ADD, plan_add)                                                                          \
    X(PLAN_SIGN_ADD, plan_sign_add)                                                                \
    X(PAID_ADD, paid_add)                                                                          \
    X(REFUND_ACCOUNT_ADD, refund_account_add)                                                      \
    X(SECOND_ADD, second_add)                                                                      \
    X(SHIFT_ADD, shift_add)                                                                        \
    X(READ_ADD, read_add)                                                                          \
    X(READ_ITEM_ADD, read_item_add)                                                                \
    X(GLASS_ADD, glass_add)                                                                        \
    X(GLASS_DECISION_ADD, glass_decision_add)                                                      \
    X(OFFICER_CHANGE_ADD, officer_change_add)                                                      \
    X(ORDER_LAST, order_last)                                                                      \
    X(ERASE_ADD, erase_add)                                                                        \
    X(ERASE_NAMING, erase_naming)                                                                  \
    X(COUNT_CHANGE, count_change)                                                                  \
    X(COUNT_TRIM, count_trim)                                                                      \
    X(COUNT_TOTAL, count_total)                                                                    \
    X(ROOT_GET, root_get)                                                                          \
    X(CHILDREN, children)                                                                          \
    X(CHILD_ANY, child_any)                                                                        \
    X(REFS_OF_CHILDREN, refs_of_children)                                                          \
    X(RECORD_STATE, record_state)                                                                  \
    X(REPORT_SEED, report_seed)                                                                    \
    X(CASE_NOW, case_now)                                                                          \
    X(CASE_SET, case_set)                                                                          \
    X(MEMBERS, members)                                                                            \
    X(MEMBER_PUT, member_put)                                                                      \
    X(MEMBER_DROP, member_drop)                                                                    \
    X(MEMBERS_OF_REPORT, members_of_report)                                                        \
    X(MEMBER_STATE, member_state)                                                                  \
    X(TWINS, twins)                                                                                \
    X(REPORT_STATE, report_state)                                                                  \
    X(PICKS, picks)                                                                                \
    X(PICK_STATE, pick_state)                                                                      \
    X(ERASES_OF, erases_of)                                                                        \
    X(ERASED_GET, erased_get)                                                                      \
    X(ERASED_PUT, erased_put)                                                                      \
    X(ERASED_DROP, erased_drop)                                                                    \
    X(CHILDREN_CLEAR, children_clear)                                                              \
    X(CHILD_PUT, child_put)                                                                        \
    X(CHILD_EFFECT, child_effect)                                                                  \
    X(REPORT_STANDING, report_standing)                                                            \
    X(OFFICER_NOW, officer_now)                                                                    \
    X(ORDER_FACTS, order_facts)                                                                    \
    X(ORDER_EVENTS, order_events)                                                                  \
    X(ORDER_SET, order_set)                                                                        \
    X(GRIEVANCES_OF, grievances_of)                                                                \
    X(ORDER_APPEAL, order_appeal)                                                                  \
    X(GRIEVANCE_STATE, grievance_state)                                                            \
    X(CONTENT_ORDER, content_order)                                                                \
    X(CONTENT_GET, content_get)                                                                    \
    X(DROP_RECORD, drop_record)                                                                    \
    X(DROP_REF, drop_ref)                                                                          \
    X(DROP_GENESIS, drop_genesis)                                                                  \
    X(DROP_KEY, drop_key)                                                                          \
    X(DROP_OFFICER, drop_officer)                                                                  \
    X(DROP_REPORT, drop_report)                                                                    \
    X(DROP_ACCOUNT, drop_account)                                                                  \
    X(DROP_TRANSFER, drop_transfer)                                                                \
    X(DROP_PHONE, drop_phone)                                                                      \
    X(DROP_URL, drop_url)                                                                          \
    X(DROP_SEED, drop_seed)                                                                        \
    X(DROP_CASE, drop_case)                                                                        \
    X(DROP_CASE_EVENT, drop_case_event)                                                            \
    X(DROP_BATCH, drop_batch)                                                                      \
    X(DROP_PICK, drop_pick)                                                                        \
    X(DROP_CLAIM, drop_claim)                                                                      \
    X(DROP_CHILD, drop_child)                                                                      \
    X(DROP_CHILDREN, drop_children)                                                                \
    X(DROP_VICTIM, drop_victim)                                                                    \
    X(DROP_STANDING, drop_standing)                                                                \
    X(DROP_CLAIMANT, drop_claimant)                                                                \
    X(DROP_ATTACHMENT, drop_attachment)                                                            \
    X(DROP_ORDER, drop_order)                                                                      \
    X(DROP_ORDER_TAG, drop_order_tag)                                                              \
    X(DROP_ORDER_EVENT, drop_order_event)                                                          \
    X(DROP_CONTACT, drop_contact)                                                                  \
    X(DROP_CLASS, drop_class)                                                                      \
    X(DROP_GRIEVANCE, drop_grievance)                                                              \
    X(DROP_PLAN, drop_plan)                                                                        \
    X(DROP_PLAN_SIGN, drop_plan_sign)                                                              \
    X(DROP_PAID, drop_paid)                                                                        \
    X(DROP_REFUND_ACCOUNT, drop_refund_account)                                                    \
    X(DROP_SECOND, drop_second)                                                                    \
    X(DROP_SHIFT, drop_shift)                                                                      \
    X(DROP_READ, drop_read)                                                                        \
    X(DROP_READ_ITEM, drop_read_item)                                                              \
    X(DROP_GLASS, drop_glass)                                                                      \
    X(DROP_GLASS_DECISION, drop_glass_decision)                                                    \
    X(DROP_OFFICER_CHANGE, drop_officer_change)                                                    \
    X(ALL_ERASED, all_erased)                                                                      \
    X(ALL_OBJECTS, all_objects)                                                                    \
    X(ALL_TWINS, all_twins)                                                                        \
    X(ALL_PICKS, all_picks)                                                                        \
    X(ALL_ORDERS, all_orders)                                                                      \
    X(ALL_GRIEVANCES, all_grievances)                                                              \
    X(DUMP_RECORD, dump_record)                                                                    \
    X(DUMP_REF, dump_ref)                                                                          \
    X(DUMP_GENESIS, dump_genesis)                                                                  \
    X(DUMP_KEY, dump_key)                                                                          \
    X(DUMP_OFFICER, dump_officer)                                                                  \
    X(DUMP_REPORT, dump_report)                                                                    \
    X(DUMP_ACCOUNT, dump_account)                                                                  \
    X(DUMP_TRANSFER, dump_transfer)                                                                \
    X(DUMP_PHONE, dump_phone)                                                                      \
    X(DUMP_URL, dump_url)                                                                          \
    X(DUMP_SEED, dump_seed)                                                                        \
    X(DUMP_CASE, dump_case)                                                                        \
    X(DUMP_CASE_EVENT, dump_case_event)                                                            \
    X(DUMP_CASE_REPORT, dump_case_report)                                                          \
    X(DUMP_BATCH, dump_batch)                                                                      \
    X(DUMP_PICK, dump_pick)                                                                        \
    X(DUMP_CLAIM, dump_claim)                                                                      \
    X(DUMP_CHILD, dump_child)                                                                      \
    X(DUMP_VICTIM, dump_victim)                                                                    \
    X(DUMP_STANDING, dump_standing)                                                                \
    X(DUMP_CLAIMANT, dump_claimant)                                                                \
    X(DUMP_ATTACHMENT, dump_attachment)                                                            \
    X(DUMP_ORDER, dump_order)                                                                      \
    X(DUMP_ORDER_TAG, dump_order_tag)                                                              \
    X(DUMP_ORDER_EVENT, dump_order_event)                                                          \
    X(DUMP_CONTACT, dump_contact)                                                                  \
    X(DUMP_CLASS, dump_class)                                                                      \
    X(DUMP_GRIEVANCE, dump_grievance)                                                              \
    X(DUMP_PLAN, dump_plan)                                                                        \
    X(DUMP_PLAN_SIGN, dump_plan_sign)                                                              \
    X(DUMP_PAID, dump_paid)                                                                        \
    X(DUMP_REFUND_ACCOUNT, dump_refund_account)                                                    \
    X(DUMP_SECOND, dump_second)                                                                    \
    X(DUMP_SHIFT, dump_shift)                                                                      \
    X(DUMP_READ, dump_read)                                                                        \
    X(DUMP_READ_ITEM, dump_read_item)                                                              \
    X(DUMP_GLASS, dump_glass)                                                                      \
    X(DUMP_GLASS_DECISION, dump_glass_decision)                                                    \
    X(DUMP_OFFICER_CHANGE, dump_officer_change)                                                    \
    X(DUMP_ERASE, dump_erase)                                                                      \
    X(DUMP_ERASED, dump_erased)                                                                    \
    X(DUMP_COUNT, dump_count)

typedef enum PictureWrite {
#define X(name, text) W_##name,
    PICTURE_WRITES(X)
#undef X
        W_COUNT
} PictureWrite;

// --- state --------------------------------------------------------------------------------------

// Which table of counts a row belongs to; names in picture_count.c.
typedef enum PictureTable {
    TABLE_REPORT,
    TABLE_CASE,
    TABLE_BATCH,
    TABLE_PICK,
    TABLE_OFFICER,
    TABLE_AGENCY,
    TABLE_CLAIM,
    TABLE_ORDER, // by state
    TABLE_BOARD, // orders that stand on the board
    TABLE_GRIEVANCE,
    TABLE_PLAN,
    TABLE_SHIFT,
    TABLE_ATTACHMENT,
    TABLE_CONTACT,
    TABLE_READ,
    TABLE_GLASS,
    TABLE_RECORD, // by kind
    TABLE_FOLD,   // by state, but "held"
    TABLE_COUNT
} PictureTable;

typedef struct PictureLog {
    uint32_t agency_n;
    char name[PICTURE_LOG_NAME_BYTES_MAX];
    int64_t upto, top;
    bool changed;
} PictureLog;

// Changes of raw_count within one transaction, summed up before they are written.
typedef struct PictureCounts {
    Dict keys; // table, mark, state
    int64_t *changes;
    size_t cap;
    Buf key; // of the count at hand
} PictureCounts;

// What has to be derived again at the end of a group.
typedef struct PictureTouched {
    Dict erased;    // ids that erase records name
    Dict objects;   // ids of roots
    Dict names;     // agency number, report id
    Dict transfers; // of picks
    Dict reports;   // ids of reports in cases
    Dict orders;    // ids of orders whose grievances follow them
} PictureTouched;

#define PICTURE_SQL_FILES_MAX 16

struct Picture {
    StoreDb *db;
    StoreSql load_sql[PICTURE_SQL_FILES_MAX]; // the schema of a rebuild's first half
    StoreSchema load_schema;
    char dir[BASE_PATH_BYTES_MAX];
    JsonReader json;
    Ctx work;              // memory of one step, emptied before the next
    JsonReader ahead_json; // of the thread that reads ahead
    Ctx ahead;
    bool stale;           // after a rollback: what follows here must be read again
    bool bulk;            // a rebuild loads: nothing is derived yet, there are no indexes
    Dict agencies, marks; // ids as in the file
    Buf mark_text;        // of the record at hand, without its `until`
    PictureLog *logs;
    size_t log_count, log_cap;
    int64_t waiting, erases; // how many there are: mostly 0, which saves look-ups
    PictureCounts counts;
    PictureTouched touched;
};

static inline StoreStmt *write_stmt(Picture *p, PictureWrite w) {
    return store_stmt(p->db, w);
}

// --- picture_open.c -----------------------------------------------------------------------------

Err picture_file(Ctx *c, Str dir, const char *suffix, Str *ret_path) MUST_USE;
typedef enum PictureOpenMode { OPEN_FULL, OPEN_BULK } PictureOpenMode;
// Opens the tables of `path` inside a Picture made by picture_make.
Err picture_attach(Ctx *c, Picture *p, Str path, PictureOpenMode mode) MUST_USE;
void picture_detach(Picture *p);
Err picture_make(Ctx *c, Str dir, Picture **ret_picture) MUST_USE;
// Reads logs, agencies, marks and counts that the writer keeps in memory.
Err picture_reload(Ctx *c, Picture *p) MUST_USE;
// Before any work of the writer: opens the file again where a swap failed half way, and reads what
// is stale.
Err picture_ready(Ctx *c, Picture *p) MUST_USE;

// --- picture_fold.c -----------------------------------------------------------------------------

static inline int64_t place_key(uint32_t log_n, uint64_t seq) {
    return (int64_t)((uint64_t)log_n << 40 | seq);
}
// Reads the envelope; E_CORRUPT names its place.
Err fold_parse(Ctx *c, JsonReader *json, const PictureItem *item, Record *ret_record) MUST_USE;
// Folds inside an open transaction; the words of an error are in p->work. `parsed` NULL: it is read
// here.
Err fold_item(Picture *p, const PictureItem *item, const Record *parsed) MUST_USE;
// The same for up to PICTURE_AHEAD_RECORDS_MAX items, read on a second thread.
Err fold_items_ahead(Picture *p, const PictureItem *items, size_t n) MUST_USE;
Err fold_finish(Picture *p) MUST_USE; // writes counts and logs

// --- picture_load.c -----------------------------------------------------------------------------

typedef struct PictureOwnLog {
    uint32_t log;
    const char *name;
} PictureOwnLog;
#define PICTURE_OWN_LOGS 2
extern const PictureOwnLog picture_own_logs[PICTURE_OWN_LOGS];
// Leaves of the own logs in all; of them those that `p` has (NULL: none).
Err load_leaves(Ctx *c, Picture *p, LedgerReader *ledger, uint64_t *ret_done,
                uint64_t *ret_all) MUST_USE;
// Puts every record of the ledger into the tables of a picture opened in bulk; nothing is derived.
Err load_all(Picture *p, LedgerReader *ledger, PictureProgress progress) MUST_USE;

// --- picture_fact.c -----------------------------------------------------------------------------

typedef struct PictureFact {
    int64_t pos;
    uint32_t mark_id, agency_n;
    const Record *record;
} PictureFact;
Err fact_add(Picture *p, const PictureFact *f) MUST_USE;
// The same for the kinds of orders and all that speaks of them: picture_fact_order.c.
Err fact_add_order(Picture *p, const PictureFact *f) MUST_USE;
// Counts and touches what goes with such a record, before its rows are removed.
Err fact_drop_order(Picture *p, int64_t pos, RecordKind kind, Str id, uint32_t mark_id) MUST_USE;
// Takes the record with this id out of every table of facts and touches what it had a part in.
Err fact_drop(Picture *p, Str id) MUST_USE;

// --- picture_count.c ----------------------------------------------------------------------------

const char *count_table_name(PictureTable t);
Err count_add(Picture *p, PictureTable t, Str state, uint32_t mark_id, int64_t change) MUST_USE;
Err count_move(Picture *p, PictureTable t, Str from, Str to, uint32_t mark_id) MUST_USE;
Err count_flush(Picture *p) MUST_USE;
void count_clear(PictureCounts *k); // forgets changes
void count_done(PictureCounts *k);

// --- picture_derive.c, picture_case.c -----------------------------------------------------------

Err touch(Picture *p, Dict *set, Str key) MUST_USE;
Err touch_name(Picture *p, uint32_t agency_n, Str report) MUST_USE;
void touched_clear(PictureTouched *t);
Err derive_touched(Picture *p) MUST_USE;
// Sets raw_record.state and its count.
Err derive_state(Picture *p, int64_t pos, uint32_t mark_id, Str from, Str to) MUST_USE;

// These hold a log together: no erase record takes them.
static inline bool kind_erasable(RecordKind kind) {
    return kind != RECORD_GENESIS && kind != RECORD_KEY && kind != RECORD_ERASE;
}

// A record that speaks of a root, in the order of the fold.
typedef struct PictureChild {
    int64_t pos;
    uint8_t id[16];
    RecordKind kind;
    char state[PICTURE_STATE_BYTES_MAX];
    uint32_t mark_id;
    bool has_until, has_report;
    int64_t until;
    uint8_t report[16];
} PictureChild;

typedef struct PictureChildren {
    PictureChild *items;
    size_t count, cap;
} PictureChildren;
void PictureChildren_cleanup(PictureChildren *k);
// Brings children into an order in which none stands before what it refers to; ties stay.
Err order_children(Picture *p, Str root, PictureChildren *children) MUST_USE;
Err derive_case(Picture *p, int64_t case_pos, uint32_t mark_id,
                const PictureChildren *children) MUST_USE;
Err derive_member(Picture *p, Str report) MUST_USE;

// --- picture_order.c ----------------------------------------------------------------------------

// What of an object its new kinds of children decide.
typedef struct PictureObject {
    int64_t pos;
    RecordKind kind;
    uint32_t mark_id;
    Str id;
} PictureObject;
// Keeps which children the object has and in which order, and derives what follows from them.
Err derive_children(Picture *p, const PictureObject *object,
                    const PictureChildren *children) MUST_USE;
// Grievances are open while their order is under appeal.
Err derive_grievances(Picture *p, Str order) MUST_USE;
// "issuer", "addressee", "holder", "court".
bool event_party_find(Str name, OrderParty *ret_party);
// An OrderView as bytes and back; false when the bytes are of another build.
void order_view_put(const OrderView *v, Buf *out);
bool order_view_get(Str bytes, OrderView *ret_view);

#endif
