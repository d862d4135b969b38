// Inside of room cli: the command table, a parsed call, and what commands print with.
#ifndef MOEI_CLI_PRIV_H
#define MOEI_CLI_PRIV_H

#include <stdatomic.h>

#include "base/base.h"
#include "cli/cli.h"
#include "desk/desk.h"
#include "json/json.h"

// --- the table ----------------------------------------------------------------------------------

typedef struct CliOption {
    const char *name;  // without the two hyphens
    const char *value; // word that stands for the value in the help; NULL for a flag
    const char *help;
    bool required;
} CliOption;

// What a command needs of its DIR.
typedef enum CliNeed {
    CLI_NEEDS_NOTHING, // no node, or it opens one by itself
    CLI_NEEDS_NODE,    // DIR is opened for it, or the call goes to the server that owns DIR
    CLI_WANTS_NODE     // the same, and it runs without where DIR is too damaged to be opened
} CliNeed;

typedef struct CliCall CliCall;
typedef struct CliCommand {
    const char *verb, *noun; // noun is NULL where there is none
    const char *args;        // "DIR FILE…" as in the help
    unsigned args_min, args_max;
    const char *help; // one line
    const CliOption *options;
    size_t option_count;
    CliNeed need;
    unsigned acts; // 0, or bits: CLI_ACTS …
    bool json;     // takes --json
    Err (*run)(CliCall *call);
    const char *more;    // paragraphs for --help, or NULL
    const char *example; // for --help: what stands behind `moei`, as a shell reads it
} CliCommand;

// How a command acts; `true` in the table is CLI_ACTS.
enum {
    CLI_ACTS = 1,    // as a user: takes the options of cli_acting
    CLI_SIGNS = 2,   // binds: at a terminal it asks for the password where no file is given
    CLI_SECRET = 8,  // its answer holds a secret, which is not kept for --key
    CLI_AS_ADMIN = 4 // by default as the admin, else as the officer made by init
};

// What every command that acts takes.
typedef enum CliActing { CLI_AS, CLI_PURPOSE, CLI_PASSWORD_FILE, CLI_KEY, CLI_ACTING } CliActing;
extern const CliOption cli_acting[CLI_ACTING];

extern const CliCommand cli_commands[];
extern const size_t cli_command_count;

// --- a call -------------------------------------------------------------------------------------

struct CliCall {
    Ctx *c;
    CliIo io;
    const CliCommand *command;
    Str args[CLI_ARGS_MAX];
    size_t arg_count;
    const char *values[CLI_OPTIONS_MAX]; // by index of command->options; NULL: not given
    bool json, help;
    const char *help_verb;          // of which help is asked, where no command is named; or NULL
    const char *acting[CLI_ACTING]; // values of cli_acting; NULL: not given
    Str cwd;                        // folder that relative paths mean; empty: the process's own
    Buf out;                        // written to io.out by cli_flush
    DeskNode *node;                 // where the command needs one; borrowed
    Desk desk;                      // who acts, where the command acts
    bool in_server;                 // runs for a caller of the socket:
    int peer;                       // the caller's connection
    const atomic_bool *stop;        // the server ends
};

// Parses argv[1 …] against the table. E_USAGE with words; call->command may be NULL with help.
Err cli_call_parse(Ctx *c, int argc, const char *const *argv, CliCall *ret_call) MUST_USE;
void CliCall_cleanup(CliCall *call);
// Value of an option of the command's table, NULL when it was not given.
const char *cli_option(const CliCall *call, const char *name);
Str cli_option_str(const CliCall *call, const char *name); // empty when not given
bool cli_flag(const CliCall *call, const char *name);
// Whole number within [min, max], or `otherwise` when not given. E_USAGE.
Err cli_option_int(CliCall *call, const char *name, int64_t min, int64_t max, int64_t otherwise,
                   int64_t *ret_v) MUST_USE;
// Items of a list by commas, in the request's arena; none when not given.
Err cli_option_list(CliCall *call, const char *name, Str **ret_items, size_t *ret_n) MUST_USE;
// A path as the caller means it: relative to the caller's folder.
Err cli_path(CliCall *call, Str path, Str *ret_path) MUST_USE;
// The nearest of the words to a mistyped one, NULL when none is near.
const char *cli_nearest(const char *typed, const char *const *words, size_t n);

// Says so where opening the folder will take its time.
void cli_open_note(CliCall *call, Str dir);

// --- help ---------------------------------------------------------------------------------------

void cli_help_all(Buf *b);
void cli_help_verb(Buf *b, const char *verb);
// "O-2026-000001", another agency's with its name: "mm/O-2026-000001". Commands find it by that.
Err cli_order_name(Ctx *c, const DeskOrder *o, Str *ret_name) MUST_USE;
void cli_help_command(Buf *b, const CliCommand *command);
void cli_usage_line(Buf *b, const CliCommand *command);
const CliCommand *cli_command_find(const char *verb, const char *noun);
bool cli_verb_has_nouns(const char *verb);

// --- print --------------------------------------------------------------------------------------

void cli_print(CliCall *call, const char *format, ...) PRINTF_LIKE(2, 3);
void cli_note(CliCall *call, const char *format, ...) PRINTF_LIKE(2, 3); // one line on io.err
// Writes what was printed. E_IO when the reader is gone.
Err cli_flush(CliCall *call) MUST_USE;
// Whole text to a descriptor, in spite of short writes. False when the other side is gone.
bool cli_write_all(const CliCall *call, int fd, const void *bytes, size_t n);
// True when nobody waits for the answer any more: the caller hung up, or the server ends.
bool cli_gone(const CliCall *call);
unsigned cli_columns(const CliCall *call); // of the terminal; without one nothing is cut

// A table in plain text: columns as wide as needed, the widest text columns cut where the terminal
// is narrow. Cells are copied. Numbers stand right.
typedef struct CliTable {
    const char *const *titles;
    const bool *right; // a flag a column
    size_t columns;
    Buf text;     // all cells, one after the other
    size_t *ends; // end of each cell in text; heap
    size_t cell_count, cell_cap;
    bool failed;
} CliTable;
void cli_table_start(CliTable *t, const char *const *titles, const bool *right, size_t columns);
void cli_table_cell(CliTable *t, Str cell);
void cli_table_cell_i64(CliTable *t, int64_t v);
Err cli_table_print(CliCall *call, CliTable *t) MUST_USE;
void CliTable_cleanup(CliTable *t);

// Digits in threes: 1,204,500.
void cli_put_count(Buf *b, int64_t v);
// Minor units with the exponent's digits and threes: 1,204,500.00.
void cli_put_amount(Buf *b, int64_t minor, unsigned exponent);

// Progress of a long command: a bar on a terminal, a line now and then elsewhere.
typedef struct CliProgress {
    CliCall *call;
    const char *what;
    int64_t started_us, shown_us, asked_us;
    uint64_t done, total;
    bool line_open;
} CliProgress;
void cli_progress_start(CliProgress *p, CliCall *call, const char *what);
// May be called often; false when the caller is gone. Fits DeskProgress and DrillProgress, `self`
// being the CliProgress.
bool cli_progress_step(void *self, const char *what, uint64_t done, uint64_t total);
DeskProgress cli_progress_desk(CliProgress *p);
void cli_progress_end(CliProgress *p, const char *unit); // last line: how many in what time

// --- helpers of commands
// --------------------------------------------------------------------------

// Ends a JSON answer with its newline.
void cli_end_json(CliCall *call);
// "Name        value" with the names in one column; nothing where the value is empty.
void cli_field(CliCall *call, const char *name, Str value);
// The same from a scratch; one that failed makes the answer fail instead of being shown in part.
void cli_field_buf(CliCall *call, const char *name, const Buf *value);
void cli_print_buf(CliCall *call, const Buf *text);
Err cli_field_time(CliCall *call, const char *name, int64_t at_us) MUST_USE;
// "KH/ABA/001234567", the outside as "outside (KH/ABA)".
Err cli_account_text(Ctx *c, const FormatAccount *a, Str *ret_text) MUST_USE;
Err cli_money_text(Ctx *c, const DeskNode *n, const DeskMoney *money, size_t count,
                   Str *ret_text) MUST_USE; // "1,000.00 THB, 3.500000 USDT"; "" for none
void cli_put_list(Buf *b, const Str *items, size_t count);
// The page that --limit and --after ask for.
Err cli_page(CliCall *call, DeskPage *ret_page) MUST_USE;
void cli_say_next(CliCall *call, Str next); // how to see the next page
// From --passphrase-file, else typed at the terminal (twice where it is a new one). E_USAGE.
Err cli_passphrase(CliCall *call, bool twice, Str *ret_passphrase) MUST_USE;
// The password of who acts: from --password-file, else typed where the command signs and there is a
// terminal, else empty. Wipe it.
Err cli_password(CliCall *call, Str *ret_password) MUST_USE;

// An answer of the desk in JSON, parsed; its members: empty, 0, [] where they are null or of
// another type.
Err cli_answer_read(CliCall *call, const Buf *json, const JsonValue **ret_value) MUST_USE;
Str cli_json_str(const JsonValue *v, const char *key);
// A time as people read it, in the node's zone; empty where it is null.
Err cli_json_time(CliCall *call, const JsonValue *v, const char *key, Str *ret_text) MUST_USE;
int64_t cli_json_i64(const JsonValue *v, const char *key);
const JsonValue *cli_json_list(const JsonValue *v, const char *key);
bool cli_json_true(const JsonValue *v, const char *key);
const JsonValue *cli_json_part(const JsonValue *v, const char *key);       // an object
Err cli_json_texts(Ctx *c, const JsonValue *list, Str *ret_text) MUST_USE; // "a, b"
Err cli_field_list(CliCall *call, const char *name, const JsonValue *v, const char *key) MUST_USE;
Err cli_field_when(CliCall *call, const char *name, const JsonValue *v, const char *key) MUST_USE;
// Hands out the JSON of the desk, or has it printed for people.
typedef Err (*CliPrint)(CliCall *call, const JsonValue *v);
Err cli_answer_print(CliCall *call, const Buf *json, CliPrint print) MUST_USE;

// --- commands: one file a noun
// --------------------------------------------------------------------

Err cli_init(CliCall *call) MUST_USE;
Err cli_serve(CliCall *call) MUST_USE;
Err cli_demo(CliCall *call) MUST_USE;
Err cli_import_transfers(CliCall *call) MUST_USE;
Err cli_import_reports(CliCall *call) MUST_USE;
Err cli_import_public_record(CliCall *call) MUST_USE;
Err cli_report_add(CliCall *call) MUST_USE;
Err cli_report_list(CliCall *call) MUST_USE;
Err cli_report_code(CliCall *call) MUST_USE;
Err cli_report_code(CliCall *call) MUST_USE;
Err cli_report_show(CliCall *call) MUST_USE;
// Says so where an address for `whom` has no host yet.
Err cli_note_public_url(CliCall *call, const char *whom) MUST_USE;
Err cli_report_match(CliCall *call) MUST_USE;
Err cli_case_new(CliCall *call) MUST_USE;
Err cli_case_add(CliCall *call) MUST_USE;
Err cli_case_remove(CliCall *call) MUST_USE;
Err cli_case_list(CliCall *call) MUST_USE;
Err cli_case_show(CliCall *call) MUST_USE;
Err cli_case_export(CliCall *call) MUST_USE;
Err cli_case_decide(CliCall *call) MUST_USE;
Err cli_case_claimants(CliCall *call) MUST_USE;
Err cli_case_close(CliCall *call) MUST_USE;
Err cli_refund_compare(CliCall *call) MUST_USE;
Err cli_refund_plan(CliCall *call) MUST_USE;
Err cli_refund_sign(CliCall *call) MUST_USE;
Err cli_refund_show(CliCall *call) MUST_USE;
Err cli_refund_list(CliCall *call) MUST_USE;
Err cli_refund_paid(CliCall *call) MUST_USE;
Err cli_refund_account(CliCall *call) MUST_USE;
Err cli_refund_export(CliCall *call) MUST_USE;
Err cli_grievance_add(CliCall *call) MUST_USE;
Err cli_grievance_show(CliCall *call) MUST_USE;
Err cli_grievance_list(CliCall *call) MUST_USE;
Err cli_shift_close(CliCall *call) MUST_USE;
Err cli_shift_sign(CliCall *call) MUST_USE;
Err cli_shift_show(CliCall *call) MUST_USE;
Err cli_shift_list(CliCall *call) MUST_USE;
Err cli_transfer_list(CliCall *call) MUST_USE;
Err cli_transfer_show(CliCall *call) MUST_USE;
Err cli_transfer_pick(CliCall *call) MUST_USE;
Err cli_trace(CliCall *call) MUST_USE;
Err cli_order_propose(CliCall *call) MUST_USE;
Err cli_order_act(CliCall *call) MUST_USE; // the act is the noun
Err cli_order_letter(CliCall *call) MUST_USE;
Err cli_order_answers(CliCall *call) MUST_USE;
Err cli_order_list(CliCall *call) MUST_USE;
Err cli_order_show(CliCall *call) MUST_USE;
Err cli_contact_add(CliCall *call) MUST_USE;
Err cli_contact_list(CliCall *call) MUST_USE;
Err cli_account_show(CliCall *call) MUST_USE;
Err cli_account_class(CliCall *call) MUST_USE;
Err cli_report_standing(CliCall *call) MUST_USE;
Err cli_record_list(CliCall *call) MUST_USE;
Err cli_record_show(CliCall *call) MUST_USE;
Err cli_verify(CliCall *call) MUST_USE;
Err cli_rebuild(CliCall *call) MUST_USE;
Err cli_backup(CliCall *call) MUST_USE;
Err cli_recover(CliCall *call) MUST_USE;
Err cli_erase(CliCall *call) MUST_USE;
Err cli_drill_make(CliCall *call) MUST_USE;
Err cli_bench(CliCall *call) MUST_USE;
Err cli_version(CliCall *call) MUST_USE;
Err cli_user_add(CliCall *call) MUST_USE;
Err cli_user_list(CliCall *call) MUST_USE;
Err cli_user_set(CliCall *call) MUST_USE;
Err cli_user_password(CliCall *call) MUST_USE;
Err cli_role_list(CliCall *call) MUST_USE;
Err cli_token_add(CliCall *call) MUST_USE;
Err cli_token_list(CliCall *call) MUST_USE;
Err cli_token_revoke(CliCall *call) MUST_USE;
Err cli_glass_break(CliCall *call) MUST_USE;
Err cli_glass_ratify(CliCall *call) MUST_USE;
Err cli_glass_list(CliCall *call) MUST_USE;
Err cli_reads_list(CliCall *call) MUST_USE;
Err cli_peer_card(CliCall *call) MUST_USE;
Err cli_peer_add(CliCall *call) MUST_USE;
Err cli_peer_revoke(CliCall *call) MUST_USE;
Err cli_peer_resume(CliCall *call) MUST_USE;
Err cli_peer_quota(CliCall *call) MUST_USE;
Err cli_key_show(CliCall *call) MUST_USE;
Err cli_key_roll(CliCall *call) MUST_USE;
Err cli_peer_list(CliCall *call) MUST_USE;
Err cli_peer_flag(CliCall *call) MUST_USE;
Err cli_accord_new(CliCall *call) MUST_USE;
Err cli_accord_sign(CliCall *call) MUST_USE;
Err cli_accord_list(CliCall *call) MUST_USE;
Err cli_accord_show(CliCall *call) MUST_USE;
Err cli_share(CliCall *call) MUST_USE;
// Before something is written under --accord: who will see it. Nothing without the option.
Err cli_say_sees(CliCall *call, const char *kind) MUST_USE;
Err cli_shared_list(CliCall *call) MUST_USE;
Err cli_shared_show(CliCall *call) MUST_USE;
Err cli_shared_act(CliCall *call) MUST_USE;
Err cli_shared_back(CliCall *call) MUST_USE;
Err cli_retract(CliCall *call) MUST_USE;
Err cli_notice_new(CliCall *call) MUST_USE;
Err cli_notice_list(CliCall *call) MUST_USE;
Err cli_notice_show(CliCall *call) MUST_USE;
Err cli_notice_act(CliCall *call) MUST_USE;
Err cli_sync(CliCall *call) MUST_USE;
Err cli_bundle_export(CliCall *call) MUST_USE;
Err cli_bundle_import(CliCall *call) MUST_USE;
Err cli_log_proof(CliCall *call) MUST_USE;

// The trace of a case as people read it: summary, a table a level, totals, notes. `all` shows every
// account of a level.
Err cli_trace_print(CliCall *call, const DeskNode *n, const DeskTrace *t, bool all) MUST_USE;

// What --document names becomes an attachment; empty when it was not given.
Err cli_document(CliCall *call, Str *ret_sha256) MUST_USE;
Err cli_proposed_print(CliCall *call, const DeskProposed *p) MUST_USE;

// --- the socket ---------------------------------------------------------------------------------

// Hands the call to the server that owns DIR. E_BUSY (words) when none answers there.
Err cli_socket_call(CliCall *call, Str dir, int argc, const char *const *argv,
                    int *ret_exit) MUST_USE;
// The world of this process: system clock and randomness.
DeskEnv cli_env(void);
// Says on io.err what went wrong and returns the exit code.
int cli_say_error(CliCall *call, Err e);

// A call as it goes through the socket, parsed; views into the bytes.
typedef struct CliRequest {
    Str cwd;
    unsigned columns;
    bool out_tty, err_tty;
    const char *argv[CLI_CALL_WORDS_MAX];
    int argc;
} CliRequest;
Err cli_request_write(Ctx *c, const CliRequest *request, Buf *out) MUST_USE;
Err cli_request_parse(Ctx *c, Str bytes, CliRequest *ret_request) MUST_USE;

// A listener on DIR/moei.sock, a thread a caller.
typedef struct CliSocket CliSocket;
Err cli_socket_open(Ctx *c, DeskNode *node, Str dir, CliSocket **ret_socket) MUST_USE;
void cli_socket_close(CliSocket *s); // waits for the calls that run; NULL is fine

// Parses and runs a call on an open node, for a caller elsewhere; the exit code. call holds io,
// cwd, peer and stop.
int cli_run_in_server(CliCall *call, DeskNode *node, int argc, const char *const *argv);

#endif
