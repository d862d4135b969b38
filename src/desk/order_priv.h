// Between the files of the desk of orders.
#ifndef MOEI_DESK_ORDER_PRIV_H
#define MOEI_DESK_ORDER_PRIV_H

#include "desk/desk_priv.h"

// --- attachments --------------------------------------------------------------------------------

typedef struct DeskAttach {
    Str name, type, bytes;
    const RecordId *about;
    size_t about_count;
    const RecordMark *mark; // NULL: the default
} DeskAttach;
// Bytes and record, in the open group.
Err desk_attach(Ctx *c, DeskWriting *w, const DeskAttach *a, CryptoHash *ret_sha256,
                RecordId *ret_id) MUST_USE;
// A document named by its hash in hex must be here and visible. E_NOT_FOUND, E_INVALID.
Err desk_document_check(Ctx *c, DeskSlot *s, Str hex) MUST_USE;
// Keeps, also over a crash, whether bytes may lie on the shelf that no attachment names.
Err desk_shelf_mark(Ctx *c, DeskNode *n, bool unswept) MUST_USE;
// Erases those bytes, where there may be any. The caller is the writer, or nobody else is here yet.
Err desk_shelf_sweep(Ctx *c, DeskNode *n, DeskSlot *s) MUST_USE;

// --- law ----------------------------------------------------------------------------------------

typedef struct DeskLawQuery {
    Str country, order, currency;
    int64_t amount;
    int64_t at; // when it would be issued
} DeskLawQuery;
// The rows that let this agency's kind issue, in the order of the table.
Err desk_laws_serving(Ctx *c, const DeskNode *n, const DeskLawQuery *q, const FormatLaw ***ret_laws,
                      size_t *ret_n) MUST_USE;
// The row as an order embeds it (NULL: none), and back; without an id it is no row.
void desk_law_put(JsonWriter *w, const FormatLaw *law);
Err desk_law_read(Ctx *c, const DeskNode *n, const JsonValue *row, OrderLaw *ret_law) MUST_USE;
// The end of a term that begins at from_us, by the calendar of the law's country.
Err desk_law_end(Ctx *c, const DeskNode *n, const OrderLaw *law, OrderTerm term, int64_t from_us,
                 int64_t *ret_ends_at) MUST_USE;
// Whether an end falls at night or on a day off; never fails for want of a calendar.
OrderEndNote desk_end_note(const DeskNode *n, Str country, int64_t ends_at);
// --- orders as they are kept --------------------------------------------------------------------

// What the root record says beyond the picture's row.
typedef struct DeskOrderBody {
    Str rule, policy, subject, pack, note, addressee_kind;
    bool has_asks_end, has_adopts;
    int64_t asks_end;
    RecordId adopts; // the request that it adopts
    OrderLaw law;    // id empty: none
    RecordMark mark;
} DeskOrderBody;
Err desk_order_body_get(Ctx *c, const DeskNode *n, DeskSlot *s, RecordId id,
                        DeskOrderBody *ret_body) MUST_USE;
// By number or id. E_NOT_FOUND with words.
Err desk_order_find(Ctx *c, DeskSlot *s, Str id, PictureOrder *ret_order) MUST_USE;
Err desk_order_fill(Ctx *c, const DeskNode *n, DeskSlot *s, const PictureOrder *p,
                    DeskOrder *ret_order) MUST_USE;
Err desk_order_whole(Ctx *c, const Desk *d, DeskSlot *s, const PictureOrder *p,
                     DeskOrder *ret_order) MUST_USE;
// Whom to call at the addressee, where known.
Err desk_order_contact(Ctx *c, DeskSlot *s, DeskOrder *o) MUST_USE;
// One sentence. The time is "Wed 25 Nov 2026, 14:05" on the node's wall clock.
Err desk_when(Ctx *c, const DeskNode *n, int64_t at_us, Str *ret_text) MUST_USE;
Err desk_order_words(Ctx *c, const DeskNode *n, const DeskOrder *o, Str *ret_words) MUST_USE;
// The act of data/roles.csv that somebody needs for it.
DeskAct desk_order_act_needs(OrderAct act, bool request);

// A new draft. Texts empty where there is none.
typedef struct DeskOrderNew {
    Str number;
    bool request;
    FormatAccount account;
    Str currency, addressee_country, addressee_institution, addressee_kind;
    Str addressee_agency; // desk_addressee_find; empty: told by letter
    int64_t amount;
    const PictureTag *tags;
    size_t tag_count;
    bool has_level, has_trace, has_case, has_report, has_replaces, has_asks_end;
    bool has_adopts;
    int64_t level, asks_end, at_us; // at_us 0: now
    RecordId trace, case_id, report, replaces, adopts;
    Str rule, pack, policy, note;
    const FormatLaw *law; // NULL: none, or still to be chosen
    int persons;
    RecordMark mark;
} DeskOrderNew;
// Numbers of one group follow one another: the picture does not know them before the commit.
typedef struct DeskNumbers {
    int64_t year, last; // 0: not looked up yet
} DeskNumbers;
// Gives the next number and writes the draft into the open group.
Err desk_order_add(Ctx *c, DeskWriting *w, DeskNumbers *numbers, DeskOrderNew *o,
                   RecordId *ret_id) MUST_USE;

// Gives up the open group: nothing of it is kept.
void desk_group_drop(DeskWriting *w);

#define DESK_ACT_REFS_MAX 3
typedef struct DeskActNew {
    RecordId order;
    OrderEvent event;                                            // at 0: now
    bool has_balance, has_document, has_to, has_target_id, told; // told: happened_at was given
    int64_t balance;
    Str document; // hex
    Str code, on_behalf_of, note;
    FormatAccount to;
    RecordId target;
    RecordId refs[DESK_ACT_REFS_MAX]; // beside the target
    size_t ref_count;
    const RecordMark *mark;
    Str law;
} DeskActNew;
Err desk_order_act_add(Ctx *c, DeskWriting *w, const DeskActNew *a, RecordId *ret_id) MUST_USE;

void desk_order_put(JsonWriter *w, const DeskOrder *o, bool whole);
void desk_orders_put(JsonWriter *w, const char *key, const DeskOrder *items, size_t n, bool whole);
void desk_left_outs_put(JsonWriter *w, const DeskLeftOut *items, size_t n); // "left_out"
void desk_flags_put(JsonWriter *w, const DeskFlag *items, size_t n);        // "flags"

// --- between nodes (order_across.c) -------------------------------------------------------------

// The confirmed peer that answers for the addressee: of a request the centre, else the FIU, of its
// country; of an order who serves its bank. Sets agency and, of a request, kind.
Err desk_addressee_find(Ctx *c, DeskSlot *s, DeskOrderNew *o) MUST_USE;
// What an act must be read after where two nodes write about one order and their clocks differ: the
// last word of each. At most two.
size_t desk_act_heads(const PictureOrder *o, const PictureOrderEvent *events, size_t n,
                      RecordId *ret_refs);
// In the group of an act: its document goes to the other side of the order, where that is a
// confirmed peer. Documents that are not our own stay.
Err desk_document_share(Ctx *c, DeskWriting *w, DeskSlot *s, Str hex, Str recipient) MUST_USE;
// Petname, else the name of its genesis, else the beginning of its id.
Err desk_order_agency(Ctx *c, const DeskNode *n, DeskSlot *s, Str agency, Str *ret_name) MUST_USE;

// --- policy, flags ------------------------------------------------------------------------------

// Classes of an account, "claimant" included where it is a victim's own in an open case.
typedef struct DeskVictims {
    FormatAccount *items; // sorted, each once
    size_t count;
} DeskVictims;
Err desk_victim_accounts(Ctx *c, DeskNode *n, DeskSlot *s, DeskVictims *ret_victims) MUST_USE;
bool desk_victims_have(const DeskVictims *v, FormatAccount a);
typedef struct DeskPolicyQuery {
    FormatAccount account;
    Str currency;
    int64_t amount, level;
} DeskPolicyQuery;
Err desk_policy_ask(Ctx *c, const DeskNode *n, DeskSlot *s, const DeskVictims *v,
                    const DeskPolicyQuery *q, OrderPolicyAnswer *ret_answer) MUST_USE;
// Three or more reports that name this account and are only claimed.
Err desk_account_flag(Ctx *c, DeskSlot *s, FormatAccount a, DeskFlag *ret_flag,
                      bool *ret_has) MUST_USE;
// The flags of these accounts, in their order.
Err desk_flags_of(Ctx *c, DeskSlot *s, const FormatAccount *accounts, size_t count,
                  const DeskFlag **ret_items, size_t *ret_n) MUST_USE;

// --- the money there ----------------------------------------------------------------------------

// Balance as last known: of the bank's latest answer, else of the stream.
Err desk_balance_of(Ctx *c, DeskNode *n, DeskSlot *s, FormatAccount a, Str currency, bool *ret_has,
                    int64_t *ret_balance) MUST_USE;
// Balance, what of it this order gets, and behind which orders it waits.
Err desk_order_queue_fill(Ctx *c, DeskNode *n, DeskSlot *s, const PictureOrder *p,
                          DeskOrder *o) MUST_USE;
// What an order wants of its account: held where answered, else asked; 0 when it does not bind.
int64_t desk_order_wants(const PictureOrder *o, int64_t now_us);

// --- evidence -----------------------------------------------------------------------------------

// The seeds of a report as the trace settled them.
typedef struct DeskSeeds {
    Str report, record;
    const Str *transfers; // bytewise, each once
    size_t count;
} DeskSeeds;
// One a report of the trace, in its order.
Err desk_seeds_get(Ctx *c, DeskSlot *s, const DeskTrace *t, DeskSeeds **ret_seeds) MUST_USE;
void desk_seeds_put(JsonWriter *w, const DeskSeeds *seeds, size_t n, bool by_record);
// The evidence pack of a trace, canonical JSON (docs/order.md, section 9).
Err desk_pack_write(Ctx *c, const StreamSnapshot *snap, const DeskTrace *t, const DeskSeeds *seeds,
                    Buf *out) MUST_USE;

#endif
