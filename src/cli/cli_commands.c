// The table of commands: help, usage errors and options are read from here.
#include "cli/cli_priv.h"

static const CliOption init_options[] = {
    {"agency", "NAME", "short name, such as th-centre", true},
    {"name", "TEXT", "name in words", true},
    {"country", "CC", "country, ISO 3166-1 (TH, MM …)", true},
    {"kind", "KIND", "what the agency is, see above", true},
    {"timezone", "ZONE", "IANA zone (default: that of the country)", false},
};

static const CliOption serve_options[] = {
    {"listen", "ADDR:PORT", "address and port (default 127.0.0.1:8441)", false},
    {"public-url", "URL",
     "the address that holders and victims use, such as https://host; it is kept", false},
    {"drill-clock", "FILE", "demo node only: moves the clock by the seconds in FILE", false},
    {"tls-cert", "FILE", "certificate chain in PEM; with it the server may listen anywhere", false},
    {"tls-key", "FILE", "its private key in PEM", false},
    {"peer-listen", "ADDR:PORT", "listen to the nodes of confirmed peers too", false},
    {"peer-url", "URL",
     "the address at which peers reach it, such as https://host:8442; it is kept", false},
};

#define DRILL_OPTIONS                                                                              \
    {"seed", "N", "same seed, same bytes (default 1)", false},                                     \
        {"transfers", "N", "bank transfers (default 1000000)", false},                             \
        {"accounts", "N", "accounts (default 100000)", false},                                     \
        {"institutions", "N", "banks and exchanges (default and most 12)", false},                 \
        {"countries", "N", "countries (default and most 5)", false},                               \
        {"reports", "N", "victims' reports (default 300)", false}, {                               \
        "planted", "N", "false reports against one merchant (default 0)", false                    \
    }
static const CliOption drill_options[] = {DRILL_OPTIONS};

static const CliOption import_options[] = {
    {"mapping", "NAME|FILE", "how columns are read (default: by the header)", false},
    {"encoding", "NAME", "of a file without a byte order mark that is not UTF-8", false},
    {"sheet", "NAME", "of a spreadsheet (default: the first that is shown)", false},
    {"sender", "NAME", "whose files these are: remembers the mapping named for them", false},
    {"dry-run", NULL, "say what would happen, take nothing", false},
    {"errors", "FILE", "with --dry-run: write the file with a column moei_error", false},
    {"all-or-nothing", NULL, "take nothing if any row is bad", false},
    {"accord", "NAME", "of reports: share them from the start under this accord", false},
};

static const CliOption report_add_options[] = {
    {"id", "ID", "the report's id elsewhere (default: R-YYYY-NNNNNN)", false},
    {"reported-at", "TIME", "when it was reported (default: now)", false},
    {"happened-at", "TIME", "when the money was sent, as the victim remembers", false},
    {"victim", "TEXT", "reference of the victim", false},
    {"country", "CC", "country of the victim", false},
    {"channel", "TEXT", "hotline, police, bank …", false},
    {"loss", "AMOUNT", "such as 48200.00", false},
    {"currency", "CODE", "of the loss", false},
    {"transfers", "LIST", "ids of transfers, by `;`", false},
    {"accounts", "LIST", "[country/[institution/]]account, by `;`", false},
    {"phones", "LIST", "telephone numbers, by `;`", false},
    {"urls", "LIST", "links, by `;`", false},
    {"story", "TEXT", "what happened, in the victim's words", false},
    {"accord", "NAME", "share it from the start under this accord", false},
};

static const CliOption list_options[] = {
    {"limit", "N", "items a page (default 100, at most 1000)", false},
    {"after", "CURSOR", "the next page, as the page before names it", false},
};

static const CliOption match_options[] = {
    {"pick", "TRANSFER[,…]",
     "make these transfers the seeds of the report (`none` takes them back)", false},
};

static const CliOption case_new_options[] = {
    {"title", "TEXT", "what the case is called", true},
    {"accord", "NAME", "share it from the start under this accord", false},
};

static const CliOption reason_options[] = {
    {"reason", "TEXT", "why, in words; it is kept", true},
};

static const CliOption pick_options[] = {
    {"row", "HEX", "hash of the version that is right (8 digits or more)", true},
};

static const CliOption trace_options[] = {
    {"report", "ID[,…]", "follow the money of these reports", false},
    {"case", "ID", "follow the money of a case's reports", false},
    {"rule", "RULE", "fifo (default), lifo, pro_rata, libr or poison", false},
    {"until", "TIME", "only transfers booked at or before it, such as 2026-03-01T12:00:00+07:00",
     false},
    {"why", "ACCOUNT", "the path of the money to [country/[institution/]]account, in words", false},
    {"all", NULL, "show every account of a level", false},
};

static const CliOption record_list_options[] = {
    {"kind", "KIND", "only records of this kind", false},
    {"limit", "N", "items a page (default 100, at most 1000)", false},
    {"after", "CURSOR", "the next page, as the page before names it", false},
};

static const CliOption backup_options[] = {
    {"passphrase-file", "FILE", "its first line is the passphrase (default: asked for)", false},
};

static const CliOption recover_options[] = {
    {"passphrase-file", "FILE", "its first line is the passphrase (default: asked for)", false},
    {"accept-loss", NULL, "give up the records that a restored node has lost", false},
    {"from-peers", NULL, "fetch from peers what a restored node has lost", false},
    {"good-size", "N", "up to record N the log is good: say so with the recovery key", false},
    {"recovery-key", "FILE", "its first line is the recovery key from paper", false},
    {"compromised", NULL, "keys were stolen, not only lost: the link key is renewed too", false},
};

static const CliOption user_options[] = {
    {"role", "ROLE", "see `moei role list`", true},
    {"clearance", "TLP", "CLEAR, GREEN, AMBER, AMBER+STRICT (default) or RED", false},
};

static const CliOption user_set_options[] = {
    {"role", "ROLE", "the new role", false},
    {"clearance", "TLP", "CLEAR, GREEN, AMBER, AMBER+STRICT or RED", false},
    {"disable", NULL, "no log-in any more; sessions and tokens end at once", false},
};

static const CliOption token_options[] = {
    {"days", "N", "how long it lives (default 90, at most 730)", false},
};

static const CliOption glass_break_options[] = {
    {"reason", "TEXT", "why, in words; it is kept for ever", true},
    {"hours", "N", "how long (default 2, at most 12)", false},
};

static const CliOption glass_ratify_options[] = {
    {"refuse", NULL, "it was not right: it ends at once", false},
    {"note", "TEXT", "in words; it is kept", false},
};

static const CliOption propose_options[] = {
    {"case", "ID", "where the money of this case lies", false},
    {"report", "ID", "or the first hop of this report", false},
    {"account", "LIST", "only these, decided by you: country/bank/account, by commas", false},
    {"rule", "RULE", "fifo (default), lifo, pro_rata or libr", false},
    {"until", "TIME", "only transfers booked at or before it", false},
};

// One table for all acts: docs/order.md says which needs what.
static const CliOption act_options[] = {
    {"outcome", "WORD", "answer: executed, partly, refused; review: upheld, reduced, overturned",
     false},
    {"amount", "AMOUNT", "held (answer) or what stays (reduce, review)", false},
    {"balance", "AMOUNT", "what lies at the account, as the bank says", false},
    {"code", "CODE", "of a refusal", false},
    {"to", "ACCOUNT", "where the money went (code moved_to)", false},
    {"at", "TIME", "when it happened (default: now)", false},
    {"ends-at", "TIME", "the end, where the law does not give it", false},
    {"law", "ID", "the law row, where several serve", false},
    {"document", "FILE", "the document that says so; it is kept", false},
    {"on-behalf-of", "WHO", "who says so: a bank (TH/004), police, court", false},
    {"channel", "WORD", "phone, e-mail, visit …", false},
    {"target", "ID", "the act that is confirmed or seconded (default: the one that waits)", false},
    {"note", "TEXT", "why, in words; it is kept", false},
};

static const CliOption letter_options[] = {
    {"form", "FORM", "html (default, one order), csv or xlsx (with columns for answers)", false},
    {"out", "FILE", "write it there (default: print)", false},
};

static const CliOption answers_options[] = {
    {"dry-run", NULL, "say what would happen, take nothing", false},
};

static const CliOption order_list_options[] = {
    {"all", NULL, "all orders, newest first (default: the board, by time left)", false},
    {"state", "STATE", "only those in this state now (lapsed, void too)", false},
    {"case", "ID", "only those of a case", false},
    {"account", "ACCOUNT", "only those on country/bank/account", false},
    {"box", "BOX", "in: what others ask of us; out: what we ask", false},
    {"limit", "N", "items a page (default 100, at most 1000)", false},
    {"after", "CURSOR", "the next page, as the page before names it", false},
};

static const CliOption contact_options[] = {
    {"country", "CC", "country of the institution", true},
    {"institution", "CODE", "its code, or centre, fiu", true},
    {"desk", "TEXT", "which desk there", true},
    {"phone", "NUMBER", "", false},
    {"email", "ADDRESS", "", false},
    {"hours", "TEXT", "when it can be reached", false},
    {"language", "TEXT", "", false},
    {"note", "TEXT", "", false},
};

static const CliOption contact_list_options[] = {
    {"country", "CC", "only of this country", false},
    {"institution", "CODE", "only of this institution", false},
};

static const CliOption document_options[] = {
    {"document", "FILE", "the document that says so; it is kept", false},
    {"on-behalf-of", "WHO", "who says so", false},
};

static const CliOption standing_options[] = {
    {"document", "FILE", "the bank's confirmation or the complaint; it is kept", false},
    {"note", "TEXT", "in words", false},
};

static const CliOption rates_options[] = {
    {"rates", "FILE", "CSV: from,to,numerator,denominator,source,date (of minor units)", false},
};

static const CliOption plan_options[] = {
    {"rule", "RULE", "by_trace, pro_rata_loss, trace_else_pro_rata or equal_awards", true},
    {"rates", "FILE", "CSV: from,to,numerator,denominator,source,date (of minor units)", false},
};

static const CliOption paid_options[] = {
    {"report", "ID", "the claimant's report", true},
    {"account", "ACCOUNT", "the held account that paid, country/bank/account", true},
    {"currency", "CODE", "THB … (default: that of the plan)", false},
    {"amount", "AMOUNT", "what was paid, such as 60.00", true},
    {"reference", "TEXT", "the bank's reference", true},
};

static const CliOption refund_list_options[] = {
    {"case", "ID", "only those of a case", false},
    {"limit", "N", "items a page (default 100, at most 1000)", false},
    {"after", "CURSOR", "the next page, as the page before names it", false},
};

static const CliOption refund_account_options[] = {
    {"document", "SHA256", "of the document that says so, taken in before", false},
    {"second", NULL, "confirm what another officer entered", false},
    {"target", "ID", "with --second: the entry, where several wait", false},
};

static const CliOption refund_export_options[] = {
    {"form", "FORM", "csv, xlsx or html (to print)", true},
    {"out", "FILE", "write it there", true},
};

static const CliOption grievance_add_options[] = {
    {"text", "TEXT", "what the holder says", true},
    {"contact", "TEXT", "how to reach the holder", false},
    {"documents", "LIST", "files, by commas; they are kept", false},
};

static const CliOption grievance_list_options[] = {
    {"open", NULL, "only those that wait for their review", false},
    {"limit", "N", "items a page (default 100, at most 1000)", false},
    {"after", "CURSOR", "the next page, as the page before names it", false},
};

static const CliOption shift_close_options[] = {
    {"next", "OFFICER", "who takes over", true},
    {"note", "TEXT", "what the next officer must know", false},
};

static const CliOption shift_sign_options[] = {
    {"note", "TEXT", "why, where it was handed to another officer", false},
};

static const CliOption case_export_options[] = {
    {"out", "FILE", "the ZIP to be written", true},
    {"to", "TEXT", "to whom it goes", false},
    {"decision", "ID", "lets go what may leave only by decision", false},
};

static const CliOption case_decide_options[] = {
    {"to", "TEXT", "to whom they may go", true},
    {"reason", "TEXT", "why", true},
};

static const CliOption card_options[] = {
    {"qr", NULL, "draw it as a QR code too", false},
};

static const CliOption peer_add_options[] = {
    {"name", "NAME", "how we call it (default: its own short name)", false},
    {"institution", "LIST", "CC/CODE that it answers for, by commas", false},
    {"relay", NULL, "take what it relays from others", false},
    {"look", NULL, "say who the card claims to be, change nothing", false},
};

static const CliOption quota_options[] = {
    {"records", "N", "records that it may send in a day", false},
    {"bytes", "N", "bytes of messages", false},
    {"messages", "N", "messages, empty ones too", false},
    {"default", NULL, "what every peer may", false},
};

static const CliOption roll_options[] = {
    {"log", NULL, "the key that signs the log", false},
    {"link", NULL, "the key of links, messages and cosignatures", false},
};

static const CliOption flag_options[] = {
    {"party", "TEXT", "name, agency id, CC/CODE or CC/CODE/ACCOUNT (default: list them)", false},
    {"source", "TEXT", "which list or decision names it", false},
    {"country", "CC", "its country", false},
    {"reason", "TEXT", "in words", false},
    {"lift", NULL, "take the flag back", false},
};

static const CliOption accord_options[] = {
    {"title", "TEXT", "in words", true},
    {"members", "LIST", "peers by `;`, each with its legal basis: mm-centre=Treaty, art. 4", true},
    {"kinds", "LIST", "kinds of records, by commas (* is any but victim and grievance)", true},
    {"purposes", "LIST", "by commas (default: any)", false},
    {"mirrors", "LIST", "members that keep all commitments of the others", false},
    {"tlp", "TLP", "default marking (default AMBER)", false},
    {"pap", "PAP", "CLEAR, GREEN, AMBER (default) or RED", false},
    {"handling", "H", "H0 (default) to H3", false},
    {"days", "N", "until what is shared ends (default: without an end)", false},
    {"begins-at", "TIME", "default: now", false},
    {"ends-at", "TIME", "of the accord (default: never)", false},
};

static const CliOption accord_sign_options[] = {
    {"leave", NULL, "we leave it", false},
    {"note", "TEXT", "in words; it is kept", false},
};

static const CliOption share_options[] = {
    {"to", "AGENCY[,…]", "peers, or an accord, meaning its other members", true},
    {"accord", "NAME", "by whose default marking (default: one in force that all are in)", false},
    {"tlp", "TLP", "CLEAR, GREEN, AMBER, AMBER+STRICT or RED", false},
    {"pap", "PAP", "CLEAR, GREEN, AMBER or RED", false},
    {"handling", "H", "H0; H1 not in court, H2 not passed on without our consent; H3 in words",
     false},
    {"handling-words", "TEXT", "of H3", false},
    {"purpose", "LIST", "only for these purposes", false},
    {"until", "TIME", "when they let go of it by themselves", false},
    {"title", "TEXT", "what it is, seen before its handling is accepted", false},
    {"due-at", "TIME", "when an answer is due", false},
    {"contact", "TEXT", "who can be asked here", false},
    {"answers", "NOTICE", "the request that it answers", false},
    {"only", NULL, "who has it and is not named loses it", false},
    {"dry-run", NULL, "say who would see it, share nothing", false},
};

static const CliOption retract_options[] = {
    {"from", "AGENCY[,…]", "from these (default: from all who have it)", false},
    {"reason", "TEXT", "why; they are told", true},
};

static const CliOption box_options[] = {
    {"box", "in|out", "from others, or ours (default: both)", false},
    {"limit", "N", "items a page (default 100, at most 1000)", false},
    {"after", "CURSOR", "the next page, as the page before names it", false},
};

static const CliOption share_act_options[] = {
    {"handling", "H", "accept: the handling that you accept", false},
    {"code", "CODE", "refuse: why, as a code", false},
    {"note", "TEXT", "in words; they read it", false},
};

static const CliOption notice_options[] = {
    {"to", "LIST", "peers", true},
    {"title", "TEXT", "in one line", true},
    {"text", "TEXT", "what is asked or told, and why", true},
    {"contact", "TEXT", "who can be asked here", true},
    {"record", "ID[,…]", "records that it speaks of; of pass_on: what is passed on", false},
    {"recipient", "AGENCY", "of pass_on: to whom", false},
    {"handling", "H", "the handling that we offer to keep", false},
    {"due-at", "TIME", "when an answer is due (default: in 72 hours)", false},
};

static const CliOption notice_act_options[] = {
    {"share", "ID[,…]", "provide: the shares that answer it", false},
    {"until", "TIME", "grant: when the permission ends", false},
    {"code", "CODE", "refuse: why, as a code", false},
    {"note", "TEXT", "in words; they read it", false},
};

static const CliOption sync_options[] = {{"peer", "AGENCY", "this one alone", false}};
static const CliOption bundle_options[] = {
    {"to", "AGENCY", "the peer that it is sealed to", true},
};

#define ROW_OPTIONS(list) list, COUNT_OF(list)
#define NO_OPTIONS NULL, 0

// verb, noun, args, least, most, help, options, need, acts, json, function, more
const CliCommand cli_commands[] = {
    {"init", NULL, "DIR", 1, 1, "make a node in a new folder", ROW_OPTIONS(init_options),
     CLI_NEEDS_NOTHING, false, true, cli_init,
     "Kinds: centre, police, court, prosecutor, regulator, bank, operator, exchange, platform,\n"
     "fiu, border, immigration, customs, embassy, shelter, utility.\n"
     "Prints two passwords and the recovery key once; they are kept nowhere in plain."},
    {"serve", NULL, "DIR", 1, 1, "run the node: its page, its socket", ROW_OPTIONS(serve_options),
     CLI_NEEDS_NOTHING, false, false, cli_serve,
     "Listens on loopback only, unless TLS is given. Ends by SIGINT or SIGTERM.\n"
     "Other commands on DIR go through it."},
    {"demo", NULL, "DIR", 1, 1, "make a demo node: public record, drill, one case",
     ROW_OPTIONS(drill_options), CLI_NEEDS_NOTHING, false, false, cli_demo,
     "Goes on where it was broken off; a demo that is there is only named."},
    {"import", "transfers", "DIR FILE…", 2, CLI_ARGS_MAX, "take in a bank's transfers (CSV, XLSX)",
     ROW_OPTIONS(import_options), CLI_NEEDS_NODE, true, true, cli_import_transfers,
     "Bad rows are left out whole and named. The same file twice changes nothing."},
    {"import", "reports", "DIR FILE…", 2, CLI_ARGS_MAX, "take in victims' reports (CSV, XLSX)",
     ROW_OPTIONS(import_options), CLI_NEEDS_NODE, true, true, cli_import_reports,
     "Bad rows are left out whole and named. The same file twice changes nothing."},
    {"import", "public-record", "DIR [FOLDER]", 1, 2,
     "take in the public record, each row as a claim (demo only)", NO_OPTIONS, CLI_NEEDS_NODE, true,
     true, cli_import_public_record, "Without FOLDER: the one inside this program."},
    {"report", "add", "DIR", 1, 1, "type in a victim's report", ROW_OPTIONS(report_add_options),
     CLI_NEEDS_NODE, true, true, cli_report_add,
     "Nearly everything may be left out; an account, an amount and a time are a good start."},
    {"report", "list", "DIR", 1, 1, "list the reports", ROW_OPTIONS(list_options), CLI_NEEDS_NODE,
     true, true, cli_report_list, NULL},
    {"report", "show", "DIR ID", 2, 2, "show one report", NO_OPTIONS, CLI_NEEDS_NODE, true, true,
     cli_report_show, NULL},
    {"report", "code", "DIR ID", 2, 2, "print the address of the victim's own page", NO_OPTIONS,
     CLI_NEEDS_NODE, true, true, cli_report_code,
     "To be read out or sent to the victim: the page shows how far the report is, and no names."},
    {"report", "match", "DIR ID", 2, 2, "propose the transfers that a victim may speak of",
     ROW_OPTIONS(match_options), CLI_NEEDS_NODE, true, true, cli_report_match,
     "Nothing is traced from a proposal until an officer picks it; a pick is a record."},
    {"case", "new", "DIR", 1, 1, "open a case", ROW_OPTIONS(case_new_options), CLI_NEEDS_NODE, true,
     true, cli_case_new, NULL},
    {"case", "add", "DIR CASE REPORT…", 3, CLI_ARGS_MAX, "put reports into a case", NO_OPTIONS,
     CLI_NEEDS_NODE, true, true, cli_case_add, NULL},
    {"case", "remove", "DIR CASE REPORT…", 3, CLI_ARGS_MAX, "take reports out of a case",
     ROW_OPTIONS(reason_options), CLI_NEEDS_NODE, true, true, cli_case_remove, NULL},
    {"case", "list", "DIR", 1, 1, "list the cases", ROW_OPTIONS(list_options), CLI_NEEDS_NODE, true,
     true, cli_case_list, NULL},
    {"case", "show", "DIR CASE", 2, 2, "show one case", NO_OPTIONS, CLI_NEEDS_NODE, true, true,
     cli_case_show, NULL},
    {"case", "claimants", "DIR CASE REPORT…", 3, CLI_ARGS_MAX, "say that these are one victim's",
     NO_OPTIONS, CLI_NEEDS_NODE, true, true, cli_case_claimants,
     "One victim may report to the bank, a hotline and the police: that is one claim."},
    {"case", "close", "DIR CASE", 2, 2, "close a case", ROW_OPTIONS(reason_options), CLI_NEEDS_NODE,
     true, true, cli_case_close, NULL},
    {"case", "decide", "DIR CASE RECORD…", 3, CLI_ARGS_MAX, "let guarded records leave",
     ROW_OPTIONS(case_decide_options), CLI_NEEDS_NODE, CLI_ACTS | CLI_SIGNS, true, cli_case_decide,
     "Records under handling H1 or higher leave only by such a decision."},
    {"case", "export", "DIR CASE", 2, 2, "write the case file: a ZIP that can be checked by hand",
     ROW_OPTIONS(case_export_options), CLI_NEEDS_NODE, true, false, cli_case_export,
     "Holds what you may see of the case; the export is a record."},
    {"refund", "compare", "DIR CASE", 2, 2, "what each rule would give, side by side",
     ROW_OPTIONS(rates_options), CLI_NEEDS_NODE, true, true, cli_refund_compare, NULL},
    {"refund", "plan", "DIR CASE", 2, 2, "make a plan by one rule", ROW_OPTIONS(plan_options),
     CLI_NEEDS_NODE, true, true, cli_refund_plan,
     "Two officers sign it. Any change of a hold, a loss or a rate voids it."},
    {"refund", "sign", "DIR PLAN", 2, 2, "sign a plan", NO_OPTIONS, CLI_NEEDS_NODE,
     CLI_ACTS | CLI_SIGNS, true, cli_refund_sign, NULL},
    {"refund", "show", "DIR PLAN", 2, 2, "show one plan", NO_OPTIONS, CLI_NEEDS_NODE, true, true,
     cli_refund_show, NULL},
    {"refund", "list", "DIR", 1, 1, "list the plans", ROW_OPTIONS(refund_list_options),
     CLI_NEEDS_NODE, true, true, cli_refund_list, NULL},
    {"refund", "paid", "DIR PLAN", 2, 2, "note a payment with the bank's reference",
     ROW_OPTIONS(paid_options), CLI_NEEDS_NODE, CLI_ACTS | CLI_SIGNS, true, cli_refund_paid, NULL},
    {"refund", "account", "DIR REPORT [ACCOUNT]", 2, 3, "where a refund goes: two officers",
     ROW_OPTIONS(refund_account_options), CLI_NEEDS_NODE, CLI_ACTS | CLI_SIGNS, true,
     cli_refund_account, NULL},
    {"refund", "export", "DIR PLAN", 2, 2, "a plan as a file for the banks",
     ROW_OPTIONS(refund_export_options), CLI_NEEDS_NODE, true, false, cli_refund_export, NULL},
    {"grievance", "add", "DIR ORDER", 2, 2, "type what a holder says against an order",
     ROW_OPTIONS(grievance_add_options), CLI_NEEDS_NODE, true, true, cli_grievance_add,
     "The review is due within a day, by another officer: `moei order review`."},
    {"grievance", "list", "DIR", 1, 1, "list grievances", ROW_OPTIONS(grievance_list_options),
     CLI_NEEDS_NODE, true, true, cli_grievance_list, NULL},
    {"grievance", "show", "DIR ID", 2, 2, "show one grievance", NO_OPTIONS, CLI_NEEDS_NODE, true,
     true, cli_grievance_show, NULL},
    {"shift", "close", "DIR", 1, 1, "close a shift: what is open is frozen for the next officer",
     ROW_OPTIONS(shift_close_options), CLI_NEEDS_NODE, true, true, cli_shift_close, NULL},
    {"shift", "sign", "DIR SHIFT", 2, 2, "take over a shift", ROW_OPTIONS(shift_sign_options),
     CLI_NEEDS_NODE, CLI_ACTS | CLI_SIGNS, true, cli_shift_sign, NULL},
    {"shift", "show", "DIR [SHIFT]", 1, 2, "what is open now, or one closed shift", NO_OPTIONS,
     CLI_NEEDS_NODE, true, true, cli_shift_show, NULL},
    {"shift", "list", "DIR", 1, 1, "list the shifts", ROW_OPTIONS(list_options), CLI_NEEDS_NODE,
     true, true, cli_shift_list, NULL},
    {"transfer", "list", "DIR", 1, 1, "list the transfers that were told differently",
     ROW_OPTIONS(list_options), CLI_NEEDS_NODE, true, true, cli_transfer_list, NULL},
    {"transfer", "show", "DIR ID", 2, 2, "show one transfer and what was told of it", NO_OPTIONS,
     CLI_NEEDS_NODE, true, true, cli_transfer_show, NULL},
    {"transfer", "pick", "DIR ID", 2, 2, "say which version of a transfer is right",
     ROW_OPTIONS(pick_options), CLI_NEEDS_NODE, true, true, cli_transfer_pick, NULL},
    {"trace", NULL, "DIR", 1, 1, "follow the money of reports or of a case",
     ROW_OPTIONS(trace_options), CLI_NEEDS_NODE, true, true, cli_trace,
     "Rules: fifo oldest first, lifo newest first, pro_rata in proportion, libr clean money "
     "first,\n"
     "poison marks every account behind (alert only). The exact meaning is in docs/trace.md."},
    {"order", "propose", "DIR", 1, 1, "draft orders where the money lies, or a first hop",
     ROW_OPTIONS(propose_options), CLI_NEEDS_NODE, true, true, cli_order_propose,
     "A draft binds nobody. What policy leaves to a person is named with the reason."},
    {"order", "issue", "DIR ORDER", 2, 2, "issue a draft: it binds from now on",
     ROW_OPTIONS(act_options), CLI_NEEDS_NODE, CLI_ACTS | CLI_SIGNS, true, cli_order_act, NULL},
    {"order", "receive", "DIR ORDER", 2, 2,
     "note that the addressee has it (or an extension, a reduction)", ROW_OPTIONS(act_options),
     CLI_NEEDS_NODE, CLI_ACTS | CLI_SIGNS, true, cli_order_act, NULL},
    {"order", "answer", "DIR ORDER", 2, 2, "note the addressee's answer: executed, partly, refused",
     ROW_OPTIONS(act_options), CLI_NEEDS_NODE, CLI_ACTS | CLI_SIGNS, true, cli_order_act, NULL},
    {"order", "adopt", "DIR ORDER", 2, 2,
     "draft an order of our own of a request to us; note that ours was adopted",
     ROW_OPTIONS(act_options), CLI_NEEDS_NODE, CLI_ACTS | CLI_SIGNS, true, cli_order_act,
     "Issuing that order answers the request. An order of another agency with a number of ours is\n"
     "named by its id, or with the agency: mm/O-2026-000001."},
    {"order", "refuse", "DIR ORDER", 2, 2, "refuse an order or request to us, by --code",
     ROW_OPTIONS(act_options), CLI_NEEDS_NODE, CLI_ACTS | CLI_SIGNS, true, cli_order_act, NULL},
    {"order", "complaint", "DIR ORDER", 2, 2, "note that the police complaint was filed",
     ROW_OPTIONS(act_options), CLI_NEEDS_NODE, CLI_ACTS | CLI_SIGNS, true, cli_order_act, NULL},
    {"order", "extend", "DIR ORDER", 2, 2, "move the end", ROW_OPTIONS(act_options), CLI_NEEDS_NODE,
     CLI_ACTS | CLI_SIGNS, true, cli_order_act, NULL},
    {"order", "reduce", "DIR ORDER", 2, 2, "hold less", ROW_OPTIONS(act_options), CLI_NEEDS_NODE,
     CLI_ACTS | CLI_SIGNS, true, cli_order_act, NULL},
    {"order", "withdraw", "DIR ORDER", 2, 2, "take it back before it is executed",
     ROW_OPTIONS(act_options), CLI_NEEDS_NODE, CLI_ACTS | CLI_SIGNS, true, cli_order_act, NULL},
    {"order", "release", "DIR ORDER", 2, 2, "give back what is held", ROW_OPTIONS(act_options),
     CLI_NEEDS_NODE, CLI_ACTS | CLI_SIGNS, true, cli_order_act, NULL},
    {"order", "supersede", "DIR ORDER", 2, 2, "note what takes its place (a court, a seizure)",
     ROW_OPTIONS(act_options), CLI_NEEDS_NODE, CLI_ACTS | CLI_SIGNS, true, cli_order_act, NULL},
    {"order", "settle", "DIR ORDER", 2, 2, "note that what was held was paid out",
     ROW_OPTIONS(act_options), CLI_NEEDS_NODE, CLI_ACTS | CLI_SIGNS, true, cli_order_act, NULL},
    {"order", "undone", "DIR ORDER", 2, 2, "note that the addressee set the amount free",
     ROW_OPTIONS(act_options), CLI_NEEDS_NODE, CLI_ACTS | CLI_SIGNS, true, cli_order_act, NULL},
    {"order", "appeal", "DIR ORDER", 2, 2, "note that the holder contests it",
     ROW_OPTIONS(act_options), CLI_NEEDS_NODE, true, true, cli_order_act, NULL},
    {"order", "review", "DIR ORDER", 2, 2, "decide about an appeal, by another officer",
     ROW_OPTIONS(act_options), CLI_NEEDS_NODE, CLI_ACTS | CLI_SIGNS, true, cli_order_act, NULL},
    {"order", "second", "DIR ORDER", 2, 2, "sign an act that waits for a second officer",
     ROW_OPTIONS(act_options), CLI_NEEDS_NODE, CLI_ACTS | CLI_SIGNS, true, cli_order_act, NULL},
    {"order", "attempt", "DIR ORDER", 2, 2, "note an attempt to reach the addressee",
     ROW_OPTIONS(act_options), CLI_NEEDS_NODE, true, true, cli_order_act, NULL},
    {"order", "list", "DIR", 1, 1, "the board: what is open, by time left",
     ROW_OPTIONS(order_list_options), CLI_NEEDS_NODE, true, true, cli_order_list, NULL},
    {"order", "show", "DIR ORDER", 2, 2, "show one order, and what you may do now", NO_OPTIONS,
     CLI_NEEDS_NODE, true, true, cli_order_show, NULL},
    {"order", "letter", "DIR ORDER…", 2, CLI_ARGS_MAX, "the letter or table for the addressee",
     ROW_OPTIONS(letter_options), CLI_NEEDS_NODE, true, false, cli_order_letter,
     "A letter names no victim, phone or story. Its foot is for the holder of the account."},
    {"order", "answers", "DIR FILE", 2, 2, "take in a bank's answers (the table of the letter)",
     ROW_OPTIONS(answers_options), CLI_NEEDS_NODE, CLI_ACTS | CLI_SIGNS, true, cli_order_answers,
     "CSV or XLSX. Bad rows are named and left out; the good ones are taken all together."},
    {"contact", "add", "DIR", 1, 1, "say whom to call at an institution",
     ROW_OPTIONS(contact_options), CLI_NEEDS_NODE, true, true, cli_contact_add, NULL},
    {"contact", "list", "DIR", 1, 1, "list the contacts", ROW_OPTIONS(contact_list_options),
     CLI_NEEDS_NODE, true, true, cli_contact_list, NULL},
    {"account", "show", "DIR ACCOUNT", 2, 2, "balance, classes, orders and reports of an account",
     NO_OPTIONS, CLI_NEEDS_NODE, true, true, cli_account_show, NULL},
    {"account", "class", "DIR ACCOUNT CLASS", 3, 3, "say of which class an account is",
     ROW_OPTIONS(document_options), CLI_NEEDS_NODE, true, false, cli_account_class,
     "Classes are those of data/policy/hold.csv: ordinary, merchant, wage, biller …"},
    {"report", "standing", "DIR ID claimed|bank|police", 3, 3, "say how far a report is confirmed",
     ROW_OPTIONS(standing_options), CLI_NEEDS_NODE, true, false, cli_report_standing,
     "bank and police need their document."},
    {"record", "list", "DIR", 1, 1, "list the records", ROW_OPTIONS(record_list_options),
     CLI_NEEDS_NODE, true, true, cli_record_list, NULL},
    {"record", "show", "DIR ID", 2, 2, "show one record with its proof", NO_OPTIONS, CLI_NEEDS_NODE,
     true, true, cli_record_show, NULL},
    {"verify", NULL, "DIR", 1, 1, "check every record and segment", NO_OPTIONS, CLI_WANTS_NODE,
     false, true, cli_verify, "Names the first that does not fit; the exit code is then 3."},
    {"rebuild", NULL, "DIR", 1, 1, "make the picture anew from the records", NO_OPTIONS,
     CLI_NEEDS_NODE, false, true, cli_rebuild, NULL},
    {"backup", NULL, "DIR FILE", 2, 2, "write everything into one encrypted file",
     ROW_OPTIONS(backup_options), CLI_NEEDS_NODE, false, true, cli_backup, NULL},
    {"recover", NULL, "DIR [FILE]", 1, 2, "make a node from a backup, or bring a log back",
     ROW_OPTIONS(recover_options), CLI_NEEDS_NOTHING, false, true, cli_recover,
     "With FILE: DIR is made from the backup. Without: DIR is a node that stands behind the\n"
     "checkpoint it gave out. --from-peers lets the next exchange (serve, sync,\n"
     "bundle) fetch what a mirror holds. --good-size N with --recovery-key tells all peers to let\n"
     "go of what they have behind record N, and goes on with new keys. --accept-loss gives up\n"
     "records that nobody else has."},
    {"erase", NULL, "DIR RECORD", 2, 2, "remove the content of a record for ever",
     ROW_OPTIONS(reason_options), CLI_NEEDS_NODE, true, true, cli_erase,
     "The proofs of all other records stay valid. What was erased cannot be brought back."},
    {"peer", "card", "DIR", 1, 1, "print the card that another agency needs to know us",
     ROW_OPTIONS(card_options), CLI_NEEDS_NODE, true, true, cli_peer_card,
     "Hand it over by any way, and compare the fingerprint by telephone or face to face."},
    {"peer", "add", "DIR CARD", 2, 2, "confirm another agency by its card (text or file)",
     ROW_OPTIONS(peer_add_options), CLI_NEEDS_NODE, true, true, cli_peer_add,
     "CARD may also be a peer's name, to change what is given. A flagged party gets no "
     "confirmation."},
    {"peer", "list", "DIR", 1, 1, "list the peers and how their links are", NO_OPTIONS,
     CLI_NEEDS_NODE, true, true, cli_peer_list, NULL},
    {"peer", "revoke", "DIR PEER", 2, 2, "end it: nothing more goes to it",
     ROW_OPTIONS(reason_options), CLI_NEEDS_NODE, true, true, cli_peer_revoke,
     "What it received stays listed: `moei retract` asks it to let go."},
    {"peer", "resume", "DIR PEER", 2, 2, "let a link go on that was stopped by a fault", NO_OPTIONS,
     CLI_NEEDS_NODE, true, true, cli_peer_resume, NULL},
    {"peer", "flag", "DIR", 1, 1, "flag a party under sanctions, or list those that are",
     ROW_OPTIONS(flag_options), CLI_NEEDS_NODE, true, true, cli_peer_flag,
     "It gets no confirmation as a peer; what concerns it needs a second officer."},
    {"peer", "quota", "DIR PEER", 2, 2, "show or change how much a peer may send in a day",
     ROW_OPTIONS(quota_options), CLI_NEEDS_NODE, CLI_ACTS | CLI_AS_ADMIN, true, cli_peer_quota,
     "What is too much is refused until midnight UTC, and lost to nobody: it comes then. Without\n"
     "options: how much came today. What is not given stays as it is."},
    {"key", "show", "DIR", 1, 1, "show the keys of this node, and which peers know of them",
     NO_OPTIONS, CLI_NEEDS_NODE, CLI_ACTS | CLI_AS_ADMIN, true, cli_key_show, NULL},
    {"key", "roll", "DIR", 1, 1, "change a key of this node", ROW_OPTIONS(roll_options),
     CLI_NEEDS_NODE, CLI_ACTS | CLI_AS_ADMIN, true, cli_key_roll,
     "One of --log and --link. All peers are told by a record. A new link key comes into use when\n"
     "every confirmed peer has that record, with the next start of the node. A stolen key\n"
     "is not rolled: see `moei recover --help`."},
    {"accord", "new", "DIR NAME", 2, 2, "propose an accord between agencies",
     ROW_OPTIONS(accord_options), CLI_NEEDS_NODE, true, true, cli_accord_new,
     "It is in force when every member has signed."},
    {"accord", "sign", "DIR ACCORD", 2, 2, "sign an accord for this agency, or leave it",
     ROW_OPTIONS(accord_sign_options), CLI_NEEDS_NODE, CLI_ACTS | CLI_SIGNS, true, cli_accord_sign,
     NULL},
    {"accord", "list", "DIR", 1, 1, "list the accords", NO_OPTIONS, CLI_NEEDS_NODE, true, true,
     cli_accord_list, NULL},
    {"accord", "show", "DIR ACCORD", 2, 2, "show one accord and who signed", NO_OPTIONS,
     CLI_NEEDS_NODE, true, true, cli_accord_show, NULL},
    {"share", NULL, "DIR RECORD", 2, 2, "share a record with other agencies",
     ROW_OPTIONS(share_options), CLI_NEEDS_NODE, true, true, cli_share,
     "Says who will be able to see it; --dry-run says only that. Shared again with less, or with\n"
     "--only, those who lose it are asked to let go."},
    {"shared", "list", "DIR", 1, 1, "list what is shared, by us and with us",
     ROW_OPTIONS(box_options), CLI_NEEDS_NODE, true, true, cli_shared_list, NULL},
    {"shared", "show", "DIR ID", 2, 2, "show one share, or who holds a record", NO_OPTIONS,
     CLI_NEEDS_NODE, true, true, cli_shared_show, NULL},
    {"shared", "act", "DIR SHARE receive|accept|refuse|second", 3, 3, "answer a share",
     ROW_OPTIONS(share_act_options), CLI_NEEDS_NODE, CLI_ACTS | CLI_SIGNS, true, cli_shared_act,
     "Under H1 to H3 the content comes when the handling is accepted. second: ours, that goes to\n"
     "a flagged party."},
    {"shared", "retractions", "DIR", 1, 1, "list what was taken back, and who acknowledged",
     ROW_OPTIONS(list_options), CLI_NEEDS_NODE, true, true, cli_shared_back, NULL},
    {"retract", NULL, "DIR RECORD", 2, 2, "take a shared record back", ROW_OPTIONS(retract_options),
     CLI_NEEDS_NODE, true, true, cli_retract,
     "Every agency that has it is asked to let go, and shows as waiting until it says so."},
    {"notice", "new", "DIR request|alert|pass_on", 2, 2, "ask, alert, or ask to pass a record on",
     ROW_OPTIONS(notice_options), CLI_NEEDS_NODE, true, true, cli_notice_new, NULL},
    {"notice", "list", "DIR", 1, 1, "list requests, alerts and permissions",
     ROW_OPTIONS(box_options), CLI_NEEDS_NODE, true, true, cli_notice_list, NULL},
    {"notice", "show", "DIR ID", 2, 2, "show one of them", NO_OPTIONS, CLI_NEEDS_NODE, true, true,
     cli_notice_show, NULL},
    {"notice", "act", "DIR ID receive|provide|grant|refuse|close|second", 3, 3, "answer it",
     ROW_OPTIONS(notice_act_options), CLI_NEEDS_NODE, CLI_ACTS | CLI_SIGNS, true, cli_notice_act,
     NULL},
    {"sync", NULL, "DIR", 1, 1, "exchange with peers now, until nothing waits",
     ROW_OPTIONS(sync_options), CLI_NEEDS_NODE, true, true, cli_sync,
     "A running server does it by itself. Only peers with an address are called; the others\n"
     "call, or take bundles."},
    {"bundle", "export", "DIR FILE", 2, 2, "write what waits for a peer into a sealed file",
     ROW_OPTIONS(bundle_options), CLI_NEEDS_NODE, true, true, cli_bundle_export,
     "A bundle back is the acknowledgement. Two of the same do no harm."},
    {"bundle", "import", "DIR FILE", 2, 2, "take in a bundle from a peer", NO_OPTIONS,
     CLI_NEEDS_NODE, true, true, cli_bundle_import, NULL},
    {"log", "proof", "DIR RECORD", 2, 2, "print the proof of a record: for checking without moei",
     NO_OPTIONS, CLI_NEEDS_NODE, true, true, cli_log_proof,
     "docs/format-record.md, section 5, says how. Records of other agencies too."},
    {"user", "add", "DIR NAME", 2, 2, "add a user; prints the password once",
     ROW_OPTIONS(user_options), CLI_NEEDS_NODE, CLI_ACTS | CLI_AS_ADMIN | CLI_SECRET, true,
     cli_user_add, "Other agencies see the name: take no person's own."},
    {"user", "list", "DIR", 1, 1, "list the users", NO_OPTIONS, CLI_NEEDS_NODE,
     CLI_ACTS | CLI_AS_ADMIN, true, cli_user_list, NULL},
    {"user", "set", "DIR NAME", 2, 2, "change a user's role or clearance, or disable the user",
     ROW_OPTIONS(user_set_options), CLI_NEEDS_NODE, CLI_ACTS | CLI_AS_ADMIN, true, cli_user_set,
     "Without --disable a disabled user is active again."},
    {"user", "password", "DIR NAME", 2, 2, "give a user a new password; prints it once", NO_OPTIONS,
     CLI_NEEDS_NODE, false, true, cli_user_password,
     "The signing key is a new one too: the old one opens by the old password only."},
    {"role", "list", "DIR", 1, 1, "list the roles and their acts", NO_OPTIONS, CLI_NEEDS_NODE,
     false, true, cli_role_list, NULL},
    {"token", "add", "DIR NAME", 2, 2, "make a token for a program; prints it once",
     ROW_OPTIONS(token_options), CLI_NEEDS_NODE, CLI_ACTS | CLI_SECRET, true, cli_token_add,
     "With --password-file the program signs what binds with your key."},
    {"token", "list", "DIR", 1, 1, "list your tokens (as the admin: all)", NO_OPTIONS,
     CLI_NEEDS_NODE, true, true, cli_token_list, NULL},
    {"token", "revoke", "DIR NUMBER", 2, 2, "end a token at once", NO_OPTIONS, CLI_NEEDS_NODE, true,
     true, cli_token_revoke, NULL},
    {"glass", "break", "DIR ACT", 2, 2, "see more for some hours, by a reason that is kept",
     ROW_OPTIONS(glass_break_options), CLI_NEEDS_NODE, CLI_ACTS | CLI_SIGNS, true, cli_glass_break,
     "ACT is an act that reads, such as victim.read, or a clearance, such as RED. It holds at "
     "once,\n"
     "and undoes itself unless a second officer ratifies it within 8 hours."},
    {"glass", "ratify", "DIR ID", 2, 2, "decide about what another officer broke",
     ROW_OPTIONS(glass_ratify_options), CLI_NEEDS_NODE, CLI_ACTS | CLI_SIGNS, true,
     cli_glass_ratify, NULL},
    {"glass", "list", "DIR", 1, 1, "list what was broken, and what was decided", NO_OPTIONS,
     CLI_NEEDS_NODE, true, true, cli_glass_list, NULL},
    {"reads", "list", "DIR", 1, 1, "list who read which personal data (as an auditor)",
     ROW_OPTIONS(list_options), CLI_NEEDS_NODE, true, true, cli_reads_list, NULL},
    {"drill", "make", "DIR_OUT", 1, 1, "write a drill with its truth: transfers, reports",
     ROW_OPTIONS(drill_options), CLI_NEEDS_NOTHING, false, true, cli_drill_make,
     "Writes transfers.csv, reports.csv and truth.json."},
    {"bench", NULL, "", 0, 0, "measure import, append, trace, verify on this machine", NO_OPTIONS,
     CLI_NEEDS_NOTHING, false, true, cli_bench, "Works in a folder of its own under TMPDIR."},
    {"version", NULL, "", 0, 0, "say which version this is", NO_OPTIONS, CLI_NEEDS_NOTHING, false,
     true, cli_version, NULL},
};
const size_t cli_command_count = COUNT_OF(cli_commands);

static_assert(COUNT_OF(cli_commands) <= CLI_COMMANDS_MAX, "suggestions look at all commands");
static_assert(COUNT_OF(report_add_options) <= CLI_OPTIONS_MAX, "a call holds all options");
