// The options of the commands, a table each. Only the table of the commands includes this.
#ifndef MOEI_CLI_OPTIONS_H
#define MOEI_CLI_OPTIONS_H

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

#endif
