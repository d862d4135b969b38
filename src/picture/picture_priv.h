// Inside the room picture: the writer's state and the steps of a fold.
#ifndef MOEI_PICTURE_PRIV_H
#define MOEI_PICTURE_PRIV_H

#include "picture/picture.h"

// --- statements of the writer -------------------------------------------------------------------

// Those of DROP_RECORD … DROP_FORK stand together: they take one record out of every
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
    X(FIND_ADD, find_add)                                                                          \
    X(FIND_COUNT, find_count)                                                                      \
    X(FIND_END, find_end)                                                                          \
    X(FIND_MOVE, find_move)                                                                        \
    X(FIND_MOVED, find_moved)                                                                      \
    X(FIND_LOAD, find_load)                                                                        \
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
    X(LINK_ADD, link_add)                                                                          \
    X(PEER_ADD, peer_add)                                                                          \
    X(WORD_ADD, word_add)                                                                          \
    X(FLAG_ADD, flag_add)                                                                          \
    X(ACCORD_ADD, accord_add)                                                                      \
    X(MEMBER_ADD, member_add)                                                                      \
    X(ACCORD_SIGN_ADD, accord_sign_add)                                                            \
    X(SHARE_ADD, share_add)                                                                        \
    X(SHARE_ACT_ADD, share_act_add)                                                                \
    X(RETRACT_ADD, retract_add)                                                                    \
    X(LET_GO_ADD, let_go_add)                                                                      \
    X(LET_GO_LEAF_ADD, let_go_leaf_add)                                                            \
    X(SHELL_SET, shell_set)                                                                        \
    X(DISCLOSED_ADD, disclosed_add)                                                                \
    X(RANGE_ADD, range_add)                                                                        \
    X(PASSED_ADD, passed_add)                                                                      \
    X(NOTICE_ADD, notice_add)                                                                      \
    X(NAMED_ADD, named_add)                                                                        \
    X(NOTICE_ACT_ADD, notice_act_add)                                                              \
    X(FORK_ADD, fork_add)                                                                          \
    X(SHARE_HERE, share_here)                                                                      \
    X(LET_GO_NAMING, let_go_naming)                                                                \
    X(RECORD_LAST, record_last)                                                                    \
    X(RECORD_TWIN, record_twin)                                                                    \
    X(ARRIVAL_ADD, arrival_add)                                                                    \
    X(ARRIVAL_LAST, arrival_last)                                                                  \
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
    X(SHARES_OF, shares_of)                                                                        \
    X(SHARE_RECORD, share_record)                                                                  \
    X(ERASE_TARGET, erase_target)                                                                  \
    X(TWINS_OF_ID, twins_of_id)                                                                    \
    X(LET_GO_GET, let_go_get)                                                                      \
    X(LET_GO_LEAVES, let_go_leaves)                                                                \
    X(LET_GO_OF_ID, let_go_of_id)                                                                  \
    X(OF_OBJECT, of_object)                                                                        \
    X(OWED_CLEAR, owed_clear)                                                                      \
    X(OWED_PUT, owed_put)                                                                          \
    X(OWED_ASKS, owed_asks)                                                                        \
    X(ERASABLE, erasable)                                                                          \
    X(MARK_RECORD, mark_record)                                                                    \
    X(MARK_GENESIS, mark_genesis)                                                                  \
    X(MARK_OFFICER, mark_officer)                                                                  \
    X(MARK_REPORT, mark_report)                                                                    \
    X(MARK_CASE, mark_case)                                                                        \
    X(MARK_BATCH, mark_batch)                                                                      \
    X(MARK_PICK, mark_pick)                                                                        \
    X(MARK_CLAIM, mark_claim)                                                                      \
    X(MARK_VICTIM, mark_victim)                                                                    \
    X(MARK_STANDING, mark_standing)                                                                \
    X(MARK_ATTACHMENT, mark_attachment)                                                            \
    X(MARK_ORDER, mark_order)                                                                      \
    X(MARK_ORDER_EVENT, mark_order_event)                                                          \
    X(MARK_CONTACT, mark_contact)                                                                  \
    X(MARK_ACCOUNT_CLASS, mark_account_class)                                                      \
    X(MARK_GRIEVANCE, mark_grievance)                                                              \
    X(MARK_PLAN, mark_plan)                                                                        \
    X(MARK_PLAN_SIGN, mark_plan_sign)                                                              \
    X(MARK_PAID, mark_paid)                                                                        \
    X(MARK_REFUND_ACCOUNT, mark_refund_account)                                                    \
    X(MARK_SECOND, mark_second)                                                                    \
    X(MARK_SHIFT, mark_shift)                                                                      \
    X(MARK_READ, mark_read)                                                                        \
    X(MARK_GLASS, mark_glass)                                                                      \
    X(MARK_GLASS_DECISION, mark_glass_decision)                                                    \
    X(MARK_OFFICER_CHANGE, mark_officer_change)                                                    \
    X(CONTENT_GET, content_get)                                                                    \
    X(DROP_RECORD, drop_record)                                                                    \
    X(DROP_REF, drop_ref)                                                                          \
    X(DROP_GENESIS, drop_genesis)                                                                  \
    X(DROP_KEY, drop_key)                                                                          \
    X(DROP_OFFICER, drop_officer)                                                                  \
    X(DROP_FIND, drop_find)                                                                        \
    X(DROP_FIND_NEW, drop_find_new)                                                                \
    X(DROP_REPORT, drop_report)                                                                    \
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
    X(DROP_LINK, drop_link)                                                                        \
    X(DROP_PEER, drop_peer)                                                                        \
    X(DROP_WORD, drop_word)                                                                        \
    X(DROP_FLAG, drop_flag)                                                                        \
    X(DROP_ACCORD, drop_accord)                                                                    \
    X(DROP_MEMBER, drop_member)                                                                    \
    X(DROP_ACCORD_SIGN, drop_accord_sign)                                                          \
    X(DROP_SHARE, drop_share)                                                                      \
    X(DROP_SHARE_ACT, drop_share_act)                                                              \
    X(DROP_RETRACT, drop_retract)                                                                  \
    X(DROP_LET_GO, drop_let_go)                                                                    \
    X(DROP_LET_GO_LEAF, drop_let_go_leaf)                                                          \
    X(DROP_OWED, drop_owed)                                                                        \
    X(DROP_DISCLOSED, drop_disclosed)                                                              \
    X(DROP_RANGE, drop_range)                                                                      \
    X(DROP_PASSED, drop_passed)                                                                    \
    X(DROP_NOTICE, drop_notice)                                                                    \
    X(DROP_NAMED, drop_named)                                                                      \
    X(DROP_NOTICE_ACT, drop_notice_act)                                                            \
    X(DROP_FORK, drop_fork)                                                                        \
    X(ALL_ERASED, all_erased)                                                                      \
    X(ALL_OBJECTS, all_objects)                                                                    \
    X(ALL_TWINS, all_twins)                                                                        \
    X(ALL_PICKS, all_picks)                                                                        \
    X(ALL_ORDERS, all_orders)                                                                      \
    X(ALL_GRIEVANCES, all_grievances)                                                              \
    X(ALL_CLASHES, all_clashes)                                                                    \
    X(ALL_SHARED, all_shared)                                                                      \
    X(ALL_LET_GO, all_let_go)                                                                      \
    X(ALL_ASKING, all_asking)                                                                      \
    X(DUMP_RECORD, dump_record)                                                                    \
    X(DUMP_REF, dump_ref)                                                                          \
    X(DUMP_GENESIS, dump_genesis)                                                                  \
    X(DUMP_KEY, dump_key)                                                                          \
    X(DUMP_OFFICER, dump_officer)                                                                  \
    X(DUMP_REPORT, dump_report)                                                                    \
    X(DUMP_REPORT_NAMED, dump_report_named)                                                        \
    X(DUMP_FIND, dump_find)                                                                        \
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
    X(DUMP_LINK, dump_link)                                                                        \
    X(DUMP_PEER, dump_peer)                                                                        \
    X(DUMP_FLAG, dump_flag)                                                                        \
    X(DUMP_ACCORD, dump_accord)                                                                    \
    X(DUMP_ACCORD_SIGN, dump_accord_sign)                                                          \
    X(DUMP_SHARE, dump_share)                                                                      \
    X(DUMP_SHARE_ACT, dump_share_act)                                                              \
    X(DUMP_RETRACT, dump_retract)                                                                  \
    X(DUMP_LET_GO, dump_let_go)                                                                    \
    X(DUMP_DISCLOSED, dump_disclosed)                                                              \
    X(DUMP_PASSED, dump_passed)                                                                    \
    X(DUMP_NOTICE, dump_notice)                                                                    \
    X(DUMP_NOTICE_ACT, dump_notice_act)                                                            \
    X(DUMP_FORK, dump_fork)                                                                        \
    X(DUMP_WORD, dump_word)                                                                        \
    X(DUMP_MEMBER, dump_member)                                                                    \
    X(DUMP_LET_GO_LEAF, dump_let_go_leaf)                                                          \
    X(DUMP_RANGE, dump_range)                                                                      \
    X(DUMP_NAMED, dump_named)                                                                      \
    X(DUMP_OWED, dump_owed)                                                                        \
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
    uint32_t agency_n, ledger_log;
    char name[PICTURE_LOG_NAME_BYTES_MAX];
    int64_t upto, top;
    bool changed;
} PictureLog;

// Numbers that our own agency and its logs always have.
enum { OWN_AGENCY = 0, OWN_MAIN = 0, OWN_READS = 1 };

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
    Dict gone;      // places of let_go records of ours
    Dict clashes;   // ids that more than one record has, or had
    Dict transfers; // agency number, transfer of picks
    Dict reports;   // ids of reports in cases
    Dict orders;    // ids of orders whose grievances follow them
    Dict owed;      // ids of records that may ask us to let go
} PictureTouched;

#define PICTURE_SQL_FILES_MAX 32

struct Picture {
    StoreDb *db;
    StoreSql load_sql[PICTURE_SQL_FILES_MAX]; // the schema of a rebuild's first half
    StoreSchema load_schema;
    char dir[BASE_PATH_BYTES_MAX];
    JsonReader json;
    Ctx work;              // memory of one step, emptied before the next
    JsonReader ahead_json; // of the thread that reads ahead
    Ctx ahead;
    bool stale; // after a rollback: what follows here must be read again
    bool bulk;  // a rebuild loads: nothing is derived yet, there are no indexes
    char own[2 * sizeof(CryptoHash) + 1];
    Dict agencies, marks; // ids as in the file
    Buf mark_text;        // of the record at hand, without its `until`
    PictureLog *logs;
    size_t log_count, log_cap;
    // How many there are: mostly 0, which saves look-ups. Of shares at least so many.
    int64_t waiting, erases, let_gos, shares, clashes;
    int64_t arrival;  // the last of the ledger's numbers that was folded
    RecordId id_last; // no id here is greater: ids begin with their time, so that most are new
    PictureCounts counts;
    PictureTouched touched;
    Buf named; // of the report at hand
    JsonWriter named_writer;
    struct {
        int64_t fresh;            // rows of the small table, or some more
        int64_t fresh_max, added; // since the last move
        int64_t what, pos;        // behind which the next move begins
        Buf text;
    } find;
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
Err picture_make(Ctx *c, Str dir, Str own_agency, Picture **ret_picture) MUST_USE;
// Reads logs, agencies, marks and counts that the writer keeps in memory.
Err picture_reload(Ctx *c, Picture *p) MUST_USE;
// Before any work of the writer: opens the file again where a swap failed half way, and reads what
// is stale.
Err picture_ready(Ctx *c, Picture *p) MUST_USE;
// Moves WAL pages into the file when there are many; called between groups. After a large
// group more may wait: a backlog writes the same pages again and again.
Err picture_tidy(Ctx *c, Picture *p, size_t folded) MUST_USE;

// --- picture_find.c -----------------------------------------------------------------------------

typedef enum PictureFind { FIND_ACCOUNT, FIND_PHONE } PictureFind;
typedef struct PictureFindKey {
    int64_t what; // INT64_MAX: behind all
    Str text;
    int64_t pos;
} PictureFindKey;
Err find_add(Picture *p, PictureFind what, Str text, int64_t pos) MUST_USE;
// At the end of a group, in its transaction: moves on about as many rows as came, once the small
// table is full.
Err find_settle(Picture *p) MUST_USE;
// Of all reports that a rebuild has loaded.
Err find_load(Picture *p) MUST_USE;
Err find_reload(Ctx *c, Picture *p) MUST_USE;

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
// Our agency and its two logs get their numbers, in an empty file.
Err fold_own(Picture *p) MUST_USE;
// The number of a mark (without `until`) together with a compartment.
Err mark_intern(Picture *p, Str compartment, Str mark, uint32_t *ret_mark) MUST_USE;
// The number of the same mark with another compartment.
Err mark_moved(Picture *p, uint32_t mark_id, Str compartment, uint32_t *ret_mark) MUST_USE;
// Some kinds are for fewer eyes than their mark says.
Str compartment_of(Str kind_name);

// --- picture_load.c -----------------------------------------------------------------------------

typedef struct PictureOwnLog {
    uint32_t log;
    const char *name;
} PictureOwnLog;
#define PICTURE_OWN_LOGS 2
extern const PictureOwnLog picture_own_logs[PICTURE_OWN_LOGS];
// What the picture calls the logs of the ledger.
typedef struct PictureLogNames {
    Ctx memory;
    uint32_t *logs; // the ledger's numbers, and what belongs to each
    Str *agencies, *names;
    size_t count;
} PictureLogNames;
void PictureLogNames_cleanup(PictureLogNames *k); // ctx_init(&k->memory) first
// Fills in agency, log and ledger_log of an item; asks the ledger where the log is not known yet.
Err log_names_put(Ctx *c, PictureLogNames *k, LedgerReader *ledger, uint32_t log,
                  PictureItem *item) MUST_USE;
// Leaves of the own logs and contents of others in all; of them those that `p` has (NULL: none).
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
// Adds `change` to the counts in which such a record stands.
Err fact_count_order(Picture *p, int64_t pos, RecordKind kind, uint32_t mark_id,
                     int64_t change) MUST_USE;
// Grievances that follow such a record are touched.
Err fact_touch_order(Picture *p, RecordKind kind, Str id) MUST_USE;
// The same for what agencies say to one another: picture_fact_exchange.c.
Err fact_add_exchange(Picture *p, const PictureFact *f) MUST_USE;
Err fact_touch_exchange(Picture *p, int64_t pos, RecordKind kind, Str id) MUST_USE;
// Whether the mark's `to`, or this list, names us. False for a record of our own.
bool fact_for_us(const Picture *p, const PictureFact *f, const JsonValue *list);
// The first agency of the mark's `to` that is not the author; empty: none.
Str fact_recipient(const Record *r);

// What CONTENT_GET says of a record, copied out of the statement.
typedef struct PictureContent {
    int64_t pos;
    uint32_t mark_id, agency_n;
    bool folded;
    Str id, kind_name, state, of, report, report_state, case_state, transfer, pick_state,
        claim_table;
    RecordKind kind; // RECORD_UNKNOWN where it is not folded
} PictureContent;
Err content_get(Picture *p, int64_t pos, bool *ret_found, PictureContent *ret_content) MUST_USE;
// Takes the record out of every table of facts and touches what it had a part in.
Err fact_drop(Picture *p, int64_t pos) MUST_USE;
// Touches whatever depends on the record.
Err fact_touch(Picture *p, const PictureContent *k) MUST_USE;
// From now on this mark counts for the record, in all its rows and counts.
typedef struct PictureEnd {
    bool has_until;
    int64_t until;
} PictureEnd;
Err fact_remark(Picture *p, int64_t pos, uint32_t mark_id, PictureEnd end) MUST_USE;

// --- picture_count.c ----------------------------------------------------------------------------

const char *count_table_name(PictureTable t);
Err count_add(Picture *p, PictureTable t, Str state, uint32_t mark_id, int64_t change) MUST_USE;
Err count_move(Picture *p, PictureTable t, Str from, Str to, uint32_t mark_id) MUST_USE;
Err count_flush(Picture *p) MUST_USE;
void count_clear(PictureCounts *k); // forgets changes
void count_done(PictureCounts *k);

// --- picture_derive.c, picture_case.c -----------------------------------------------------------

Err touch(Picture *p, Dict *set, Str key) MUST_USE;
// Of reports and of transfers: what an agency names.
Err touch_name(Picture *p, Dict *set, uint32_t agency_n, Str name) MUST_USE;
void touched_clear(PictureTouched *t);
Err derive_touched(Picture *p) MUST_USE;
// Sets raw_record.state and its count.
Err derive_state(Picture *p, int64_t pos, uint32_t mark_id, Str from, Str to) MUST_USE;

// These hold a log together, or keep away what was taken: no erase record takes them.
static inline bool kind_erasable(RecordKind kind) {
    return kind != RECORD_GENESIS && kind != RECORD_KEY && kind != RECORD_ERASE &&
           kind != RECORD_LET_GO;
}

// A record that speaks of a root, in the order of the fold.
typedef struct PictureChild {
    int64_t pos;
    uint8_t id[16];
    RecordKind kind;
    char state[PICTURE_STATE_BYTES_MAX];
    uint32_t mark_id, own_mark;
    PictureEnd end, own_end;
    bool folded, has_report;
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

// --- picture_derive_exchange.c ------------------------------------------------------------------

// A root as the derivation of its object needs it.
typedef struct PictureRoot {
    bool here, gone; // gone: an erase record or a let_go of ours took it
    bool is_root;    // names no object itself
    bool folded;     // a root whose kind and version are known
    int64_t pos;
    RecordKind kind;
    uint32_t mark_id, own_mark, agency_n;
    PictureEnd end, own_end;
} PictureRoot;

// One marking of an object: its own, or that of a share.
typedef struct PictureMarking {
    uint32_t mark_id, agency_n; // agency_n: whose share
    bool for_us;
    PictureEnd end;
} PictureMarking;

// Markings that a record of the object may carry, and the one that counts for those that do.
typedef struct PictureMarkings {
    PictureMarking *items; // the root's own first, then shares of its author; without a root all
    size_t count, cap;
    bool has_root;
} PictureMarkings;
void PictureMarkings_cleanup(PictureMarkings *k);
Err markings_get(Picture *p, Str id, const PictureRoot *root,
                 PictureMarkings *ret_markings) MUST_USE;
bool markings_fit(const PictureMarkings *k, uint32_t own_mark, PictureEnd own_end);
// Sets the marks of root and children to those that count; *root and *children have them then.
Err markings_apply(Picture *p, const PictureMarkings *k, PictureRoot *root,
                   PictureChildren *children) MUST_USE;
Err derive_gone(Picture *p, Str place) MUST_USE;
Err derive_clash(Picture *p, Str id) MUST_USE;
Err derive_owed(Picture *p, Str id) MUST_USE;
// What a root comes to: with no children, what it was when it came.
Err derive_root(Picture *p, const PictureRoot *root, Str id,
                const PictureChildren *children) MUST_USE;

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
