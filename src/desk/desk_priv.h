// Inside of room desk: what an open node holds, and how its files read and write.
#ifndef MOEI_DESK_PRIV_H
#define MOEI_DESK_PRIV_H

#include <pthread.h>
#include <stdatomic.h>

#include "desk/desk.h"
#include "ledger/ledger.h"
#include "picture/picture.h"
#include "record/record.h"
#include "shelf/shelf.h"
#include "store/store.h"
#include "stream/stream.h"
#include "text/text.h"
#include "json/json.h"

// --- local.db -----------------------------------------------------------------------------------

// Statements of sql/local.sql, in the order of desk_local_schema's names.
typedef enum LocalStatement {
    LOCAL_SETTING_GET,
    LOCAL_SETTING_PUT,
    LOCAL_LOG_KEY_ADD,
    LOCAL_LOG_KEY_LIST,
    LOCAL_USER_ADD,
    LOCAL_USER_FIND,
    LOCAL_USER_FIRST,
    LOCAL_USER_KEY,
    LOCAL_USER_GET,
    LOCAL_USER_LIST,
    LOCAL_USER_SET,
    LOCAL_USER_SECRET,
    LOCAL_USER_LOGIN,
    LOCAL_USER_ADMINS,
    LOCAL_USER_COUNT,
    LOCAL_SESSION_ADD,
    LOCAL_SESSION_FIND,
    LOCAL_SESSION_SEEN,
    LOCAL_SESSION_END,
    LOCAL_SESSION_END_USER,
    LOCAL_SESSION_PRUNE,
    LOCAL_SESSION_SPARE,
    LOCAL_TOKEN_ADD,
    LOCAL_TOKEN_FIND,
    LOCAL_TOKEN_USED,
    LOCAL_TOKEN_LIST,
    LOCAL_TOKEN_COUNT,
    LOCAL_TOKEN_REVOKE,
    LOCAL_TOKEN_END_USER,
    LOCAL_TRIES_GET,
    LOCAL_TRIES_ADD,
    LOCAL_TRIES_CLEAR,
    LOCAL_TRIES_PRUNE,
    LOCAL_REPLAY_GET,
    LOCAL_REPLAY_ADD,
    LOCAL_REPLAY_END,
    LOCAL_REPLAY_BEGUN,
    LOCAL_REPLAY_EMPTY,
    LOCAL_REPLAY_FORGET,
    LOCAL_REPLAY_PRUNE,
    LOCAL_CODE_ADD,
    LOCAL_CODE_FIND,
    LOCAL_MAPPING_PUT,
    LOCAL_MAPPING_LIST,
    LOCAL_MAPPING_NAMES,
    LOCAL_SENDER_PUT,
    LOCAL_SENDER_FIND,
    LOCAL_IMPORT_FIND,
    LOCAL_IMPORT_PUT,
    LOCAL_REPORT_NUMBER_GET,
    LOCAL_REPORT_NUMBER_PUT,
    LOCAL_LINK_KEY_ADD,
    LOCAL_LINK_KEY_LIST,
    LOCAL_LINK_KEY_RECORDED
} LocalStatement;

// Opens DIR/local.db; `create` makes it, readable by its owner only.
Err desk_local_open(Ctx *c, Str dir, bool create, StoreDb **ret_db) MUST_USE;
// E_NOT_FOUND when there is no such setting.
Err desk_setting_get(Ctx *c, StoreDb *db, Str name, Str *ret_value) MUST_USE;
Err desk_setting_put(Ctx *c, StoreDb *db, Str name, Str value) MUST_USE;
// Keys of local.db as a statement lists them, in the request's arena: wipe them. Those of another
// length are left out.
Err desk_secret_list(Ctx *c, StoreStmt *list, size_t max, CryptoSignKey **ret_keys,
                     size_t *ret_n) MUST_USE;
// All log keys, the newest first, as desk_secret_list gives them. E_CORRUPT where there is none.
Err desk_log_key_list(Ctx *c, StoreDb *db, CryptoSignKey **ret_keys, size_t *ret_n) MUST_USE;

// --- node ---------------------------------------------------------------------------------------

// What one reading thread needs; kept between calls.
typedef struct DeskSlot {
    PictureReader *picture;
    LedgerReader *ledger;
    JsonReader json;
    uint64_t generation; // of the picture's file
    uint64_t *bits;      // what its present user sees
    size_t bits_cap;
    bool open, used;
} DeskSlot;

// A user's name that was asked for; it stays as long as the node is open.
typedef struct DeskName DeskName;
struct DeskName {
    Str name;
    DeskName *next;
};

// What a broken glass grants; `acts` or a clearance.
typedef struct DeskGrant {
    RecordId id, officer;
    int64_t at, until;
    uint64_t acts;
    int clearance;
    bool decided, ratified;
} DeskGrant;

// Who looks, as far as sight goes.
typedef struct DeskViewer {
    Str agency, purpose;
    uint64_t acts;
    int clearance;
} DeskViewer;
// The rule of docs/sight.md.
bool desk_sight_may(const RecordMark *m, Str compartment, const DeskViewer *v);

typedef struct DeskSightMark {
    RecordMark mark;
    Str compartment;
} DeskSightMark;
typedef struct DeskSight {
    uint64_t acts; // those that open a compartment
    int clearance;
    Str purpose; // of node->purposes
    uint64_t *bits;
    size_t cap, marks; // words; bits that are computed
} DeskSight;
// The marks of the picture and who sees them.
typedef struct DeskSights {
    pthread_mutex_t lock;
    bool ready;
    uint64_t generation, folds; // of what was read
    Arena words;
    DeskSightMark *marks;
    size_t mark_count, mark_cap;
    DeskSight items[DESK_SIGHTS_MAX];
    size_t count;
} DeskSights;

// Entries for the log of reads, waiting for the next commit.
typedef struct DeskReadsWait DeskReadsWait;
typedef struct DeskReadsQueue {
    pthread_mutex_t lock;
    pthread_cond_t done;
    DeskReadsWait *first, *last;
    bool leader; // somebody commits
} DeskReadsQueue;

// A session or token as it was found lately, so that a request waits for no write of local.db. It
// counts while nothing changed about who may act (`epoch`), and for SESSION_KEPT_MS at most.
typedef struct DeskSessionKept {
    CryptoHash hash; // of the token
    uint64_t epoch;  // 0: none
    int64_t at, seen_at, expires_at;
    Desk desk;
    uint8_t sealed[sizeof(CryptoSignKey) + CRYPTO_SEAL_EXTRA_BYTES];
    size_t sealed_n;
    bool must_change;
} DeskSessionKept;
typedef struct DeskSessions {
    pthread_mutex_t lock;
    uint64_t epoch;                       // under local_lock and `lock`
    DeskSessionKept items[SESSIONS_KEPT]; // by the hash
    CryptoHash codes[CODES_KEPT];         // of desk_code_of, by themselves
} DeskSessions;
// To be called under local_lock by whatever changes who may act: users, sessions, tokens, grants.
void desk_access_changed(DeskNode *n);

// Rung after each commit, so that those who wait for news wake up.
typedef struct DeskBell {
    pthread_mutex_t lock;
    pthread_cond_t rung;
    uint64_t count;
    bool made;
} DeskBell;

// Links to other agencies: exchange_priv.h.
typedef struct DeskExchange DeskExchange;

struct DeskNode {
    DeskEnv env;
    DeskExchange *exchange;
    char dir[BASE_PATH_BYTES_MAX];
    File lock;
    StoreDb *local;
    Ledger *ledger;
    Stream *stream;
    Picture *picture;
    FormatTables *tables;
    TextZone *zone;
    Arena words; // name, title … below
    char agency_id[65];
    Str agency, name, country, kind, timezone;
    bool demo;
    DeskRole roles[DESK_ROLES_MAX];
    size_t role_count;
    Str act_words[DESK_ACT_COUNT];
    DeskPurpose purposes[DESK_PURPOSES_MAX];
    unsigned purpose_roles[DESK_PURPOSES_MAX]; // bits by index of roles
    size_t purpose_count;
    DeskName *names; // under local_lock
    int64_t opened_at;
    pthread_mutex_t password_lock;                // one Argon2id at a time, and its tries in turn
    char nobody[CRYPTO_PASSWORD_HASH_TEXT_BYTES]; // hash that no password fits; made when needed
    DeskGrant grants[GLASS_KEPT_MAX];             // under local_lock
    size_t grant_count;
    DeskReadsQueue reads;
    DeskSessions sessions;
    DeskSights sights;
    _Atomic uint64_t folds; // rises with each change of the picture
    atomic_bool swapping;   // the picture is being replaced
    CryptoKey cursor_key;
    pthread_mutex_t write_lock, pool_lock, local_lock;
    pthread_mutex_t fold_lock; // of the picture as it is written; taken behind write_lock, or alone
    bool locks_made;
    _Atomic int64_t behind;   // records that the picture lacks; 0: it is current
    atomic_bool touch_behind; // of those, some change peers, accords or what was taken back
    bool erase_unfinished;    // the WAL still holds what was erased
    int64_t emptied_at;       // answers of writes begun until then are not kept: an erasure came
    bool shelf_unswept;       // a document was erased: bytes may lie there that nothing names
    uint64_t generation;      // rises when the picture's file is swapped
    DeskBell bell;
    DeskSlot slots[DESK_READERS_MAX];
};

Err desk_bell_open(Ctx *c, DeskBell *bell) MUST_USE;
void desk_bell_done(DeskBell *bell);
void desk_bell_ring(DeskBell *bell);

// DIR/name in the request's arena.
Err desk_path(Ctx *c, Str dir, const char *name, Str *ret_path) MUST_USE;
// DIR/lock, taken. E_BUSY, E_NOT_FOUND.
Err desk_lock_take(Ctx *c, Str dir, File *ret_lock) MUST_USE;
// Carries the words of an error from a worker's Ctx to the caller's.
Err desk_pass(Ctx *c, const Ctx *from, Err e) MUST_USE;
bool desk_step(const DeskProgress *p, const char *what, uint64_t done, uint64_t total);
Err desk_cancelled(Ctx *c) MUST_USE;

typedef struct DeskWriting DeskWriting;

// --- who acts -----------------------------------------------------------------------------------

// Reads data/roles.csv and data/purposes.csv. E_INVALID naming the row that does not fit.
Err desk_roles_open(Ctx *c, DeskNode *n) MUST_USE;
// Index into node->roles, role_count when there is none.
size_t desk_role_find(const DeskNode *n, Str role);
// The purpose asked for, or the role's first. E_DENIED naming those of the role.
Err desk_purpose_of(Ctx *c, const DeskNode *n, size_t role, Str asked, Str *ret_purpose) MUST_USE;
extern const uint64_t desk_reading_acts; // those that show records
// A Desk of a row of `user`: id, name, role, officer, clearance. Under local_lock.
Err desk_of_row(Ctx *c, DeskNode *n, StoreStmt *q, Str purpose, Desk *ret_desk) MUST_USE;
#define DESK_KEY_PURPOSE "moei/officer-key/v1"
// E_CRYPTO for another password.
Err desk_key_open(Ctx *c, Str sealed, Str password, CryptoSignKey *ret_key) MUST_USE;

// local.db is used under this lock; unlock moves pages out of its WAL when there are many.
void desk_local_lock(DeskNode *n);
void desk_local_unlock(DeskNode *n);

// A user who is being made, or gets new secrets.
typedef struct DeskNewUser {
    Str name, role;
    int clearance;
    bool must_change;
    char *password; // DESK_PASSWORD_BYTES
    CryptoSeed seed;
    CryptoPublicKey public;
    RecordId record;
} DeskNewUser;
// Letters and digits that are not taken for one another (Crockford's base 32), a hyphen between
// groups; group 0: none.
void desk_letters_put(const uint8_t *bytes, size_t bits, size_t group, char *ret_text);
void desk_new_user_secrets(DeskNode *n, DeskNewUser *u);                   // password and key
Err desk_new_user_record(Ctx *c, DeskWriting *w, DeskNewUser *u) MUST_USE; // in an open group
bool desk_clearance_find(Str text, int *ret_clearance);                    // "AMBER+STRICT"
Err desk_new_user_row(Ctx *c, DeskNode *n, const DeskNewUser *u) MUST_USE; // local.db, in a tx

// Limits of tries: E_LIMIT with the seconds to wait. `who` is "user/NAME" or "from/ADDRESS". Under
// local_lock.
Err desk_tries_check(Ctx *c, DeskNode *n, const char *what, Str who, int64_t free) MUST_USE;
Err desk_tries_failed(Ctx *c, DeskNode *n, const char *what, Str who) MUST_USE;
Err desk_tries_clear(Ctx *c, DeskNode *n, const char *what, Str who) MUST_USE;
// Checks a password; wrong ones count against `user` and `from` (which may be empty). `hash` empty:
// there is no such user, and it takes as long. E_DENIED, E_LIMIT.
Err desk_password_try(Ctx *c, DeskNode *n, const DeskLogin *login, Str hash) MUST_USE;

// What break-glass grants an officer now; reads the records once, at open.
Err desk_glass_open(Ctx *c, DeskNode *n) MUST_USE;
void desk_glass_apply(const DeskNode *n, Desk *d); // under local_lock

// --- reading ------------------------------------------------------------------------------------

typedef struct DeskReading {
    DeskNode *node;
    DeskSlot *slot;
    bool snapshot;
} DeskReading;
// A slot of the node's for the time of a call. E_DENIED when the user may not read bodies; E_BUSY
// when all are in use. AUTO(DeskReading) r = {0};
Err desk_reading_begin(Ctx *c, const Desk *d, DeskReading *ret_reading) MUST_USE;
// Sees all: for the machine's own matters, never for an answer to a user.
Err desk_reading_machine(Ctx *c, DeskNode *n, DeskReading *ret_reading) MUST_USE;
// Gives the slot the user's eyes. *ret_old: the slot stands on a picture that was replaced.
Err desk_sight_apply(Ctx *c, DeskNode *n, const Desk *d, DeskSlot *slot, bool *ret_old) MUST_USE;
void desk_sights_done(DeskSights *s);
// From here to the end of the reading all questions to the picture see one state, so that nothing
// that one answer names is gone in the next. For short calls only.
Err desk_reading_snapshot(Ctx *c, DeskReading *r) MUST_USE;
void DeskReading_cleanup(DeskReading *r);
// Closes the connections that no call uses, so that they hold nothing of an old file.
void desk_slots_shut(DeskNode *n);

// Empties both WALs after an erasure or letting go, and sweeps the shelf. The lock of writing is
// held.
Err desk_purge(Ctx *c, DeskNode *n) MUST_USE;
// Takes the kept answers of writes away, those of writes still at work too: an erasure comes.
Err desk_replay_empty(Ctx *c, DeskNode *n) MUST_USE;

// Where the record lies that counts under this id. E_NOT_FOUND.
Err desk_place_of(Ctx *c, DeskSlot *s, RecordId id, LedgerPlace *ret_place) MUST_USE;
// The body of a held record, parsed. E_NOT_FOUND, E_STATE when it is withheld or erased.
Err desk_body_get(Ctx *c, DeskSlot *s, RecordId id, Record *ret_record) MUST_USE;
// The same by its place; *ret_held false, and no record: its content is not here.
Err desk_body_at(Ctx *c, DeskSlot *s, LedgerPlace place, bool *ret_held,
                 Record *ret_record) MUST_USE;

Err desk_cursor_open(Ctx *c, const Desk *d, const char *list, DeskPage page,
                     PicturePage *ret_page) MUST_USE;
Err desk_cursor_seal(Ctx *c, const Desk *d, const char *list, PictureKey key,
                     Str *ret_cursor) MUST_USE;

// --- writing ------------------------------------------------------------------------------------

// One writer at a time: the lock is held from begin to cleanup, an open group is rolled back.
// AUTO(DeskWriting) w = {0};
struct DeskWriting {
    DeskNode *node;
    const Desk *by; // NULL: the machine speaks
    bool group;
    bool committed;      // of the last group: it is in the ledger, also where its fold failed
    bool foreign;        // the open group takes records of other agencies in,
    int64_t later;       // so many, else 0, that another thread folds them behind the commit
    RecordId own_object; // the last one that was found to be ours
    Buf bytes;           // envelopes of the open group
    struct {
        size_t start, n;
        LedgerPlace place;
    } items[LEDGER_GROUP_RECORDS_MAX];
    size_t count;
};

typedef struct DeskDraft {
    RecordKind kind;
    bool has_of;
    RecordId of;
    const RecordId *refs; // relied on
    size_t ref_count;
    const RecordMark *mark; // NULL: the default
    const char *purpose;    // NULL: that of who writes
    Str law;                // id of the law row that it rests on, or empty
    uint32_t log;           // LEDGER_MAIN, or LEDGER_READS
    int64_t at_us;          // when, where terms are counted from it; 0: now. Never before the last
    Str body;               // canonical JSON
    const CryptoSignKey *next_log_key; // that a `key` record names
} DeskDraft;

// E_READ_ONLY. That `by` has the act is the caller's to ask (desk_need). Kinds that bind are signed
// with by->key: E_DENIED where it is locked.
Err desk_writing_begin(Ctx *c, DeskNode *n, const Desk *by, DeskWriting *ret_writing) MUST_USE;
// The same for who does not need the picture to show the last of what peers sent: it may lack so
// many records, which another thread folds at the same time.
Err desk_writing_begin_ahead(Ctx *c, DeskNode *n, const Desk *by, int64_t behind_max,
                             DeskWriting *ret_writing) MUST_USE;
// Folds what was left for later; nothing where nothing was. Needs no other lock.
Err desk_fold_behind(Ctx *c, DeskNode *n) MUST_USE;
void DeskWriting_cleanup(DeskWriting *w);
Err desk_group_begin(Ctx *c, DeskWriting *w) MUST_USE;
Err desk_group_add(Ctx *c, DeskWriting *w, const DeskDraft *draft, RecordId *ret_id) MUST_USE;
// Durable and in the picture after OK.
Err desk_group_commit(Ctx *c, DeskWriting *w) MUST_USE;
// Erases the opening at `place` by the record that the draft becomes, and folds it.
// node->erase_unfinished tells that the WAL has still to be emptied.
Err desk_erase_append(Ctx *c, DeskWriting *w, LedgerPlace place, const DeskDraft *draft,
                      RecordId *ret_id) MUST_USE;
// begin, add, commit.
Err desk_record_add(Ctx *c, DeskWriting *w, const DeskDraft *draft, RecordId *ret_id) MUST_USE;
// Reads the kept mark back, so that an object's later records carry exactly its mark.
Err desk_mark_of(Ctx *c, DeskSlot *s, RecordId id, RecordMark *ret_mark) MUST_USE;

// --- reports, cases -----------------------------------------------------------------------------

// Two agencies may give one id: "mm/R-2026-000001" is that of the peer mm. Cuts the petname off *id
// and gives the agencies that have, or had, it; none where there is no petname.
Err desk_agencies_called(Ctx *c, DeskSlot *s, Str *id, const Str **ret_agencies,
                         size_t *ret_n) MUST_USE;
// By report id or record id; held ones first. E_NOT_FOUND.
Err desk_report_find(Ctx *c, const DeskNode *n, DeskSlot *s, Str id,
                     PictureReport *ret_report) MUST_USE;
// What desk_report_find finds it by, whoever wrote it: its own id, "PEER/ID" of a peer's, else the
// record's id.
Err desk_report_name(Ctx *c, const DeskNode *n, DeskSlot *s, const PictureReport *report,
                     Str *ret_name) MUST_USE;
Err desk_case_find(Ctx *c, DeskSlot *s, Str id, PictureCase *ret_case) MUST_USE;
// Names of the reports that stand in a case, and of those refused there, each bytewise.
typedef struct DeskCaseReports {
    Str *in, *refused;
    size_t in_count, refused_count;
} DeskCaseReports;
Err desk_case_reports(Ctx *c, const DeskNode *n, DeskSlot *s, RecordId id,
                      DeskCaseReports *ret_reports) MUST_USE;
// The whole address of a holder's ('h') or a victim's ('r') page; without a public address its
// path.
Err desk_public_address(Ctx *c, DeskNode *n, char kind, RecordId id, Str *ret_address) MUST_USE;
// Fills what only desk_case_get tells: reports in short, claimants, orders.
Err desk_case_whole(Ctx *c, const Desk *d, DeskSlot *s, RecordId id, DeskCase *k) MUST_USE;
// Body of a report record. `row` is the hash of the report's row.
Err desk_report_body(Ctx *c, const FormatReport *r, Buf *out) MUST_USE;
void desk_report_row_hash(const FormatReport *r, Buf *scratch, CryptoHash *ret_hash);
void desk_sort_strs(Str *items, size_t n);
size_t desk_unique_strs(Str *items, size_t n); // of sorted items

// A record by its id, or a report as desk_report_find finds it. E_NOT_FOUND.
Err desk_record_resolve(Ctx *c, const DeskNode *n, DeskSlot *s, Str id,
                        PictureRecord *ret_record) MUST_USE;

// --- victims ------------------------------------------------------------------------------------

typedef struct DeskVictim {
    RecordId record; // of the victim, or the report of an older node
    Str victim, story, contact;
} DeskVictim;
// Adds the record beside its report, in the same group; nothing where nothing is told.
Err desk_victim_add(Ctx *c, DeskWriting *w, RecordId report, const DeskVictim *v) MUST_USE;
// E_STATE naming what rests on the record and is not finished: then it is not erased. `user` is the
// reader of who erases, and is told only what it may see.
Err desk_hold_check(Ctx *c, const Desk *d, DeskSlot *user, const PictureRecord *p) MUST_USE;
// The victim's record. E_NOT_FOUND, the same for hidden and absent.
Err desk_victim_find(Ctx *c, DeskSlot *s, RecordId report, PictureRecord *ret_record) MUST_USE;
Err desk_victim_read(Ctx *c, DeskSlot *s, const Record *report, DeskVictim *ret_victim) MUST_USE;
// True where the body holds a person's name or story, so that reading it is noted.
bool desk_body_names(const Record *r);
// Who reads why a glass was broken.
bool desk_glass_reason_may(const Desk *d, RecordId author);

// --- transfers ----------------------------------------------------------------------------------

void desk_transfer_of(const StreamTransfer *t, DeskTransfer *ret_transfer);

// --- import -------------------------------------------------------------------------------------

// The sheet as it came with a column that says what is wrong: row by row, whole or not at all.
typedef struct DeskErrorSheet DeskErrorSheet;
Err desk_errors_open(Ctx *c, Str path, const FormatFileInfo *info, int64_t now,
                     DeskErrorSheet **ret_errors) MUST_USE;
void desk_errors_close(DeskErrorSheet *e); // NULL is fine
Err desk_errors_row(Ctx *c, DeskErrorSheet *e, const FormatRow *row) MUST_USE;
// Something more that is wrong with the row told last.
void desk_errors_add(DeskErrorSheet *e, Str column, Str why);
Err desk_errors_end(Ctx *c, DeskErrorSheet *e) MUST_USE;

typedef struct DeskIntake {
    const Desk *desk;
    const DeskImport *in;
    FormatFile *file;
    FormatKind kind;
    FormatMapping *saved[DESK_SAVED_MAPPINGS_MAX];
    Str saved_json[DESK_SAVED_MAPPINGS_MAX];
    size_t saved_count;
    Str mapping_json;  // where the mapping was given as a file
    Str mapping_asked; // named by the caller or, before, for the sender; or empty
    Str mapping;       // its name and, where people may change it, the hash of its text
    const char *what;
    CryptoHash sha256;
    DeskImportResult result;
    DeskBadRow *bad_rows, *warning_rows;
    DeskErrorSheet *errors; // where one is written
} DeskIntake;
Err desk_intake_open(Ctx *c, const Desk *d, const DeskImport *in, FormatKind kind,
                     DeskIntake *ret_intake) MUST_USE;
// Starts the file again from its first row, with all counts at 0.
Err desk_intake_again(Ctx *c, DeskIntake *k) MUST_USE;
void DeskIntake_cleanup(DeskIntake *k);
// Counts and keeps what a row says about itself.
Err desk_intake_count(Ctx *c, DeskIntake *k, const FormatRow *row) MUST_USE;
Err desk_intake_bad(Ctx *c, DeskIntake *k, const FormatRow *row, Str column, Str why) MUST_USE;
// Looks the file up among those taken in whole, and remembers it.
Err desk_intake_known(Ctx *c, DeskIntake *k, bool *ret_known) MUST_USE;
Err desk_intake_done(Ctx *c, DeskIntake *k) MUST_USE;
Err desk_intake_progress(Ctx *c, const DeskIntake *k, const char *what) MUST_USE;
// The end of a dry run: the sheet with the errors gets its name.
Err desk_intake_dry_end(Ctx *c, DeskIntake *k) MUST_USE;

// --- backup -------------------------------------------------------------------------------------

// E_NOT_FOUND, or E_CORRUPT naming the file that is gone.
Err desk_node_exists(Ctx *c, Str dir) MUST_USE;
// True when the folder is absent or holds nothing.
Err desk_folder_empty(Ctx *c, Str dir, bool *ret_empty) MUST_USE;
// Takes away the files of a node that could not be made, and the folder itself if asked.
void desk_folder_clear(Str dir, bool also_itself);

// --- small values
// ----------------------------------------------------------------------------------

Err desk_id_text(Ctx *c, RecordId id, Str *ret_text) MUST_USE;
Err desk_hex_text(Ctx *c, const void *bytes, size_t n, Str *ret_text) MUST_USE;
FormatAccount desk_account_of(PictureAccount a); // the same texts
PictureAccount desk_picture_account(FormatAccount a);
bool desk_account_eq(FormatAccount a, FormatAccount b);
// "TH/004/0011223344" with a bank that is named. E_INVALID.
Err desk_account_typed(Ctx *c, const DeskNode *n, Str text, FormatAccount *ret_account) MUST_USE;
// "Kasikornbank (TH/004)", for letters and words.
Str desk_bank_name(const DeskNode *n, Str country, Str institution);
// The meet of the marks of these records: what is derived from them may carry no less.
Err desk_marks_meet(Ctx *c, DeskSlot *s, const RecordId *ids, size_t count,
                    RecordMark *ret_mark) MUST_USE;
// Free words that a record keeps: at most DESK_NOTE_BYTES_MAX, no controls but line ends.
Err desk_note_check(Ctx *c, const char *what, Str text) MUST_USE;
// Pseudonym of an officer, or its id where it is not known.
Err desk_officer_name(Ctx *c, DeskSlot *s, RecordId officer, Str *ret_name) MUST_USE;
// Trimmed and NFC, `max` bytes of UTF-8 at most. E_INVALID with `what` in the words.
Err desk_words(Ctx *c, const char *what, Str s, size_t max, Str *ret_s) MUST_USE;
// The texts of a list in a body.
Err desk_strs_get(Ctx *c, const JsonValue *body, const char *key, const Str **ret_items,
                  size_t *ret_n) MUST_USE;
DeskContact desk_contact_of(const PictureContact *p); // without its id

// --- JSON ---------------------------------------------------------------------------------------

void desk_put_time(JsonWriter *w, const char *key, int64_t at_us);
void desk_put_opt_time(JsonWriter *w, const char *key, bool has, int64_t at_us); // or null
void desk_put_strs(JsonWriter *w, const char *key, const Str *items, size_t n);
void desk_put_account(JsonWriter *w, const FormatAccount *a); // an object
void desk_put_opt_str(JsonWriter *w, const char *key, Str s); // null when empty
void desk_put_next(JsonWriter *w, Str next);                  // "next"
void desk_put_id(JsonWriter *w, const char *key, RecordId id);
// Time as a record writes it, or null.
void desk_put_record_time(JsonWriter *w, const char *key, bool has, int64_t at_us);
void desk_put_opt_i64(JsonWriter *w, const char *key, bool has, int64_t v);
void desk_put_opt_id(JsonWriter *w, const char *key, bool has, RecordId id);
// The account as a member, null without an account's number.
void desk_put_opt_account(JsonWriter *w, const char *key, const FormatAccount *a);

#endif
