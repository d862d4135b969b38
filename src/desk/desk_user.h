// Part of the door of desk (included by desk.h): who acts, what they may do and see.
//
// A Desk is a user at work for one purpose. Every desk function asks desk_need for its act first;
// what the user sees is decided by marks, compartments and the purpose (docs/sight.md), the same
// for every outlet. Acts that bind are signed with the officer's key, which is open only while the
// user is logged in or gave the password.
#ifndef MOEI_DESK_USER_H
#define MOEI_DESK_USER_H

// --- acts ---------------------------------------------------------------------------------------

// (constant, name in data/roles.csv). Each has a row there; a row without an act fails the build's
// tests, and so does an act without a row.
#define DESK_ACTS(X)                                                                               \
    X(REPORT_READ, "report.read")                                                                  \
    X(REPORT_WRITE, "report.write")                                                                \
    X(REPORT_STANDING, "report.standing")                                                          \
    X(VICTIM_READ, "victim.read")                                                                  \
    X(IMPORT, "import")                                                                            \
    X(TRANSFER_READ, "transfer.read")                                                              \
    X(TRANSFER_PICK, "transfer.pick")                                                              \
    X(CASE_READ, "case.read")                                                                      \
    X(CASE_WRITE, "case.write")                                                                    \
    X(TRACE_RUN, "trace.run")                                                                      \
    X(ORDER_READ, "order.read")                                                                    \
    X(ORDER_PROPOSE, "order.propose")                                                              \
    X(ORDER_ISSUE, "order.issue")                                                                  \
    X(ORDER_REQUEST, "order.request")                                                              \
    X(ORDER_ANSWER, "order.answer")                                                                \
    X(ORDER_RELEASE, "order.release")                                                              \
    X(CONTACT_WRITE, "contact.write")                                                              \
    X(GRIEVANCE_READ, "grievance.read")                                                            \
    X(GRIEVANCE_WRITE, "grievance.write")                                                          \
    X(GRIEVANCE_REVIEW, "grievance.review")                                                        \
    X(REFUND_READ, "refund.read")                                                                  \
    X(REFUND_PLAN, "refund.plan")                                                                  \
    X(REFUND_SIGN, "refund.sign")                                                                  \
    X(REFUND_PAY, "refund.pay")                                                                    \
    X(SHIFT_CLOSE, "shift.close")                                                                  \
    X(CASE_EXPORT, "case.export")                                                                  \
    X(EXPORT_DECIDE, "export.decide")                                                              \
    X(RECORD_READ, "record.read")                                                                  \
    X(RECORD_ERASE, "record.erase")                                                                \
    X(PUBLIC_READ, "public.read")                                                                  \
    X(READS_READ, "reads.read")                                                                    \
    X(GLASS_BREAK, "glass.break")                                                                  \
    X(GLASS_RATIFY, "glass.ratify")                                                                \
    X(USER_READ, "user.read")                                                                      \
    X(USER_WRITE, "user.write")                                                                    \
    X(NODE_READ, "node.read")                                                                      \
    X(NODE_VERIFY, "node.verify")                                                                  \
    X(EXCHANGE_READ, "exchange.read")                                                              \
    X(PEER_WRITE, "peer.write")                                                                    \
    X(ACCORD_SIGN, "accord.sign")                                                                  \
    X(SHARE, "share")                                                                              \
    X(RETRACT, "retract")                                                                          \
    X(NOTICE_WRITE, "notice.write")                                                                \
    X(LINK_WRITE, "link.write")

typedef enum DeskAct {
#define X(name, text) DESK_##name,
    DESK_ACTS(X)
#undef X
        DESK_ACT_COUNT
} DeskAct;
const char *desk_act_name(DeskAct act);
bool desk_act_find(Str name, DeskAct *ret_act);

// --- a user at work -----------------------------------------------------------------------------

// A plain value, valid while the node is open. Zero is nobody and may do nothing.
typedef struct Desk {
    DeskNode *node;
    int64_t user;
    Str name, role, purpose;
    uint64_t acts;            // bits by DeskAct, what break-glass grants included
    bool may_read;            // some act that reads records
    int clearance;            // RecordTlp: the strictest that is shown
    CryptoUuid officer;       // record of the officer
    const CryptoSignKey *key; // opens what binds; NULL: locked
    const char *outlet;       // "cli", "page", "api": for the log of reads
    CryptoHash session;       // hash of the session's token; zeros without one
} Desk;

static inline bool desk_may(const Desk *d, DeskAct act) {
    return d->acts >> act & 1;
}
// E_DENIED naming the act and the roles that have it.
Err desk_need(Ctx *c, const Desk *d, DeskAct act) MUST_USE;

// Acts as a user by name; empty means the officer made by desk_init. Purpose empty: the role's
// first. The key is locked. E_NOT_FOUND.
Err desk_as(Ctx *c, DeskNode *n, Str user, Desk *ret_desk) MUST_USE;
Err desk_as_for(Ctx *c, DeskNode *n, Str user, Str purpose, Desk *ret_desk) MUST_USE;
// Opens the officer's key with the password; `key` must live as long as the Desk is used, and be
// wiped. E_DENIED for a wrong password, after which further tries wait.
Err desk_unlock(Ctx *c, Desk *d, Str password, CryptoSignKey *key) MUST_USE;

// --- roles and purposes ---------------------------------------------------------------------

typedef struct DeskRole {
    Str role, words;
    uint64_t acts;
} DeskRole;
const DeskRole *desk_roles(const DeskNode *n, size_t *ret_n);
// What the node takes for now, in microseconds UTC: legal clocks are counted from it.
int64_t desk_now(const DeskNode *n);
typedef struct DeskPurpose {
    Str purpose, words;
} DeskPurpose;
const DeskPurpose *desk_purposes(const DeskNode *n, size_t *ret_n);
Str desk_act_words(const DeskNode *n, DeskAct act); // what it is, in words
// Acts with the roles that have them, and the roles in words.
Err desk_roles_json(Ctx *c, const DeskNode *n, Buf *out) MUST_USE;

#endif
