// Part of the door of desk (included by desk.h): logging in, users, tokens, break-glass, the log of
// reads, repeated writes, codes.
#ifndef MOEI_DESK_ACCESS_H
#define MOEI_DESK_ACCESS_H

#include "desk/desk_user.h"

// --- sessions and tokens ------------------------------------------------------------------------

#define DESK_TOKEN_TEXT_BYTES 72
typedef struct DeskSession {
    char token[DESK_TOKEN_TEXT_BYTES]; // 256 bits; kept only as a hash
    char csrf[DESK_TOKEN_TEXT_BYTES];
    int64_t expires_at;
    bool must_change_password;
} DeskSession;
typedef struct DeskLogin {
    Str user, password, purpose;
    Str from; // address of the caller, for the limit of tries
} DeskLogin;
// E_DENIED for a wrong name or password alike, in equal time; E_LIMIT after too many tries, with
// the seconds to wait in the words.
Err desk_session_open(Ctx *c, DeskNode *n, const DeskLogin *login,
                      DeskSession *ret_session) MUST_USE;
// Who a session or API token belongs to; `key` takes the officer's key (zeros where the token has
// none) and must outlive the Desk. E_DENIED when it is none, has ended or its user is disabled.
Err desk_session_find(Ctx *c, DeskNode *n, Str token, Desk *ret_desk, CryptoSignKey *key,
                      DeskSession *ret_session) MUST_USE;
// The same without counting as a use, for what runs while nobody does anything; without the key.
Err desk_session_look(Ctx *c, DeskNode *n, Str token, Desk *ret_desk) MUST_USE;
Err desk_session_close(Ctx *c, DeskNode *n, Str token) MUST_USE;

typedef struct DeskToken {
    int64_t id;
    Str name, purpose, user;
    int64_t created_at, expires_at, last_used_at; // 0: never
} DeskToken;
Err desk_token_add(Ctx *c, const Desk *d, Str name, Str purpose, int64_t days,
                   char ret_token[DESK_TOKEN_TEXT_BYTES]) MUST_USE;
Err desk_token_list(Ctx *c, const Desk *d, const DeskToken **ret_items, size_t *ret_n) MUST_USE;
Err desk_token_list_json(Ctx *c, const DeskToken *items, size_t n, Buf *out) MUST_USE;
Err desk_token_revoke(Ctx *c, const Desk *d, int64_t id) MUST_USE;

// --- users --------------------------------------------------------------------------------------

typedef struct DeskUser {
    Str name, role, clearance; // "AMBER+STRICT"
    Str officer;
    bool active;
    int64_t created_at, last_login_at; // 0: never
} DeskUser;
typedef struct DeskUserDraft {
    Str name, role, clearance; // clearance empty: AMBER+STRICT
} DeskUserDraft;
Err desk_user_add(Ctx *c, const Desk *d, const DeskUserDraft *draft, DeskUser *ret_user,
                  char ret_password[DESK_PASSWORD_BYTES]) MUST_USE;
// Role, clearance; `active` false ends sessions and tokens at once.
Err desk_user_set(Ctx *c, const Desk *d, const DeskUserDraft *draft, bool active,
                  DeskUser *ret_user) MUST_USE;
Err desk_user_list(Ctx *c, const Desk *d, const DeskUser **ret_items, size_t *ret_n) MUST_USE;
// A new random password and a new signing key (the old one cannot be opened without the old
// password; records signed before stay valid). As the machine: `moei user password`.
Err desk_user_password(Ctx *c, DeskNode *n, Str name,
                       char ret_password[DESK_PASSWORD_BYTES]) MUST_USE;
Err desk_password_change(Ctx *c, const Desk *d, Str old, Str new_password) MUST_USE;
Err desk_user_json(Ctx *c, const DeskUser *u, Buf *out) MUST_USE;
Err desk_user_list_json(Ctx *c, const DeskUser *items, size_t n, Buf *out) MUST_USE;

// --- break-glass --------------------------------------------------------------------------------

typedef struct DeskGlass {
    Str id, officer, grants, reason, decided_by; // reason: where the user may read it
    int64_t at, until;
    bool decided, ratified, active;
} DeskGlass;
// Grants one reading act of data/roles.csv (or a clearance) for up to GLASS_HOURS_MAX hours; undone
// unless a second officer ratifies within GLASS_RATIFY_HOURS. Everything read meanwhile is in the
// log.
Err desk_glass_break(Ctx *c, const Desk *d, Str grants, Str reason, int64_t hours,
                     DeskGlass *ret_glass) MUST_USE;
Err desk_glass_ratify(Ctx *c, const Desk *d, Str id, bool ratified, Str note,
                      DeskGlass *ret_glass) MUST_USE;
Err desk_glass_list(Ctx *c, const Desk *d, const DeskGlass **ret_items, size_t *ret_n) MUST_USE;
Err desk_glass_json(Ctx *c, const DeskGlass *g, Buf *out) MUST_USE;
Err desk_glass_list_json(Ctx *c, const DeskGlass *items, size_t n, Buf *out) MUST_USE;

// --- the log of reads ---------------------------------------------------------------------------

// Notes that the user reads these fields of these records; durable before it returns. Many callers
// share one commit.
Err desk_reads_note(Ctx *c, const Desk *d, const CryptoUuid *records, size_t count,
                    const char *fields) MUST_USE; // fields by commas: "victim,story"

typedef struct DeskRead {
    uint64_t leaf; // in the log; id empty where the entry was erased
    Str id, officer, outlet, purpose;
    int64_t at;
    const Str *fields, *records;
    size_t field_count, record_count;
} DeskRead;
typedef struct DeskReadList {
    const DeskRead *items; // newest first
    size_t count;
    Str next;
} DeskReadList;
Err desk_reads_list(Ctx *c, const Desk *d, DeskPage page, DeskReadList *ret_list) MUST_USE;
Err desk_reads_list_json(Ctx *c, const DeskReadList *l, Buf *out) MUST_USE;

// --- the same write asked for twice -------------------------------------------------------------

typedef struct DeskReplay {
    bool known;
    int status;
    Str answer;
} DeskReplay;
// Looks a key up; `request` is the SHA-256 of what is asked. E_EXISTS where the key came with
// another request, E_BUSY while the first is still at work.
Err desk_replay_begin(Ctx *c, const Desk *d, Str key, const CryptoHash *request,
                      DeskReplay *ret_replay) MUST_USE;
// Keeps the answer; status 0 forgets the key, because nothing was done.
Err desk_replay_end(Ctx *c, const Desk *d, Str key, int status, Str answer) MUST_USE;

// --- codes for people without a log-in ----------------------------------------------------------

#define DESK_CODE_TEXT_BYTES 28 // 26 letters of Crockford's base 32: 128 bits
// The code of the holder of an order's account ('h'), or of the victim of a report ('r'): made from
// a secret of the node, so that a letter can be printed again; kept as a hash to be looked up.
Err desk_code_of(Ctx *c, DeskNode *n, char kind, CryptoUuid record,
                 char ret_code[DESK_CODE_TEXT_BYTES]) MUST_USE;
// E_NOT_FOUND for any text that is no code of that kind, in equal time.
Err desk_code_find(Ctx *c, DeskNode *n, char kind, Str code, CryptoUuid *ret_record) MUST_USE;

#endif
