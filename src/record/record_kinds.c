// The kinds of docs/format-record.md, section 6, as a table, and the check of a body against it.
#include "record/record_priv.h"

#define KINDS_OF_AGENCY                                                                            \
    "centre|police|court|prosecutor|regulator|bank|operator|exchange|platform|fiu|border|"         \
    "immigration|customs|embassy|shelter|utility"

// Fields stand in bytewise order of their names, the order of members in canonical JSON.
static const RecordField genesis_fields[] = {
    {"agency_kind", RECORD_FIELD_KEYWORD, false, KINDS_OF_AGENCY},
    {"country", RECORD_FIELD_COUNTRY, false, NULL},
    {"log_key", RECORD_FIELD_HASH, false, NULL},
    {"name", RECORD_FIELD_NAME, false, NULL},
    {"recovery_key", RECORD_FIELD_HASH, false, NULL},
    {"timezone", RECORD_FIELD_TEXT, false, NULL},
    {"title", RECORD_FIELD_TEXT, false, NULL},
};
static const RecordField key_fields[] = {
    {"from_size", RECORD_FIELD_COUNT, false, NULL},
    {"log", RECORD_FIELD_KEYWORD, false, "main|reads"},
    {"log_key", RECORD_FIELD_HASH, false, NULL},
};
static const RecordField officer_fields[] = {
    {"key", RECORD_FIELD_HASH, false, NULL},
    {"name", RECORD_FIELD_TEXT, false, NULL},
    {"role", RECORD_FIELD_TEXT, false, NULL},
};
static const RecordField report_fields[] = {
    {"accounts", RECORD_FIELD_ACCOUNTS, false, NULL}, {"channel", RECORD_FIELD_TEXT, true, NULL},
    {"country", RECORD_FIELD_COUNTRY, true, NULL},    {"currency", RECORD_FIELD_TEXT, true, NULL},
    {"happened_at", RECORD_FIELD_TIME, true, NULL},   {"loss", RECORD_FIELD_COUNT, true, NULL},
    {"phones", RECORD_FIELD_TEXTS, false, NULL},      {"report", RECORD_FIELD_NAME, false, NULL},
    {"reported_at", RECORD_FIELD_TIME, true, NULL},   {"row", RECORD_FIELD_HASH, false, NULL},
    {"transfers", RECORD_FIELD_TEXTS, false, NULL},   {"urls", RECORD_FIELD_TEXTS, false, NULL},
};
static const RecordField seed_fields[] = {{"transfers", RECORD_FIELD_TEXTS, false, NULL}};
static const RecordField case_fields[] = {{"title", RECORD_FIELD_TEXT, false, NULL}};
static const RecordField case_add_fields[] = {{"report", RECORD_FIELD_ID, false, NULL}};
static const RecordField case_remove_fields[] = {
    {"reason", RECORD_FIELD_TEXT, false, NULL},
    {"report", RECORD_FIELD_ID, false, NULL},
};
static const RecordField case_close_fields[] = {{"reason", RECORD_FIELD_TEXT, false, NULL}};
static const RecordField batch_fields[] = {
    {"bad", RECORD_FIELD_COUNT, false, NULL},
    {"conflicts", RECORD_FIELD_COUNT, false, NULL},
    {"filled", RECORD_FIELD_COUNT, false, NULL},
    {"known", RECORD_FIELD_COUNT, false, NULL},
    {"mapping", RECORD_FIELD_TEXT, true, NULL},
    {"part", RECORD_FIELD_COUNT, false, NULL},
    {"root", RECORD_FIELD_HASH, false, NULL},
    {"rows", RECORD_FIELD_COUNT, false, NULL},
    {"sha256", RECORD_FIELD_HASH, false, NULL},
    {"taken", RECORD_FIELD_COUNT, false, NULL},
    {"what", RECORD_FIELD_KEYWORD, false, "transfers"},
};
static const RecordField transfer_pick_fields[] = {
    {"row", RECORD_FIELD_HASH, false, NULL},
    {"transfer", RECORD_FIELD_TEXT, false, NULL},
};
static const RecordField claim_fields[] = {
    {"key", RECORD_FIELD_TEXT, false, NULL},
    {"row", RECORD_FIELD_ROW, false, NULL},
    {"source", RECORD_FIELD_TEXT, false, NULL},
    {"table", RECORD_FIELD_TEXT, false, NULL},
};
static const RecordField erase_fields[] = {
    {"leaf", RECORD_FIELD_COUNT, false, NULL},
    {"log", RECORD_FIELD_KEYWORD, false, "main|reads"},
    {"reason", RECORD_FIELD_TEXT, false, NULL},
    {"record", RECORD_FIELD_ID, false, NULL},
};

// People who lost money: apart from the report, so that it can be seen and shared by fewer.
static const RecordField victim_fields[] = {
    {"contact", RECORD_FIELD_TEXT, true, NULL},
    {"report", RECORD_FIELD_ID, false, NULL},
    {"story", RECORD_FIELD_TEXT, true, NULL},
    {"victim", RECORD_FIELD_TEXT, true, NULL},
};
static const RecordField standing_fields[] = {
    {"document", RECORD_FIELD_HASH, true, NULL},
    {"note", RECORD_FIELD_TEXT, true, NULL},
    {"standing", RECORD_FIELD_KEYWORD, false, "claimed|bank|police"},
};
static const RecordField claimant_fields[] = {{"reports", RECORD_FIELD_IDS, false, NULL}};
static const RecordField attachment_fields[] = {
    {"bytes", RECORD_FIELD_COUNT, false, NULL},
    {"name", RECORD_FIELD_TEXT, false, NULL},
    {"sha256", RECORD_FIELD_HASH, false, NULL},
    {"type", RECORD_FIELD_TEXT, false, NULL},
};
static const RecordField trace_fields[] = {
    {"engine", RECORD_FIELD_TEXT, false, NULL},   {"manifest", RECORD_FIELD_HASH, false, NULL},
    {"pack", RECORD_FIELD_HASH, false, NULL},     {"reports", RECORD_FIELD_IDS, false, NULL},
    {"result", RECORD_FIELD_HASH, false, NULL},   {"rule", RECORD_FIELD_TEXT, false, NULL},
    {"seeds", RECORD_FIELD_OBJECTS, false, NULL}, {"until", RECORD_FIELD_TIME, true, NULL},
};
static const RecordField order_fields[] = {
    {"account", RECORD_FIELD_ACCOUNT, true, NULL},
    {"addressee", RECORD_FIELD_OBJECT, false, NULL},
    {"amount", RECORD_FIELD_COUNT, true, NULL},
    {"answer_hours", RECORD_FIELD_COUNT, false, NULL},
    {"asks_end", RECORD_FIELD_TIME, true, NULL},
    {"case", RECORD_FIELD_ID, true, NULL},
    {"clock_from", RECORD_FIELD_KEYWORD, false, "issued|received|executed|complaint_filed"},
    {"currency", RECORD_FIELD_TEXT, true, NULL},
    {"law", RECORD_FIELD_ROW, false, NULL},
    {"level", RECORD_FIELD_COUNT, true, NULL},
    {"note", RECORD_FIELD_TEXT, true, NULL},
    {"number", RECORD_FIELD_NAME, false, NULL},
    {"order", RECORD_FIELD_TEXT, false, NULL},
    {"pack", RECORD_FIELD_HASH, true, NULL},
    {"persons", RECORD_FIELD_COUNT, false, NULL},
    {"policy", RECORD_FIELD_TEXT, true, NULL},
    {"replaces", RECORD_FIELD_ID, true, NULL},
    {"report", RECORD_FIELD_ID, true, NULL},
    {"request", RECORD_FIELD_FLAG, false, NULL},
    {"rule", RECORD_FIELD_TEXT, true, NULL},
    {"subject", RECORD_FIELD_TEXT, true, NULL},
    {"tags", RECORD_FIELD_TAGS, false, NULL},
    {"trace", RECORD_FIELD_ID, true, NULL},
};
#define ACT_FIELDS(words)                                                                          \
    {"act", RECORD_FIELD_KEYWORD, false, words}, {"amount", RECORD_FIELD_COUNT, true, NULL},       \
        {"balance", RECORD_FIELD_COUNT, true, NULL}, {"code", RECORD_FIELD_TEXT, true, NULL},      \
        {"document", RECORD_FIELD_HASH, true, NULL}, {"ends_at", RECORD_FIELD_TIME, true, NULL},   \
        {"happened_at", RECORD_FIELD_TIME, true, NULL}, {"note", RECORD_FIELD_TEXT, true, NULL},   \
        {"on_behalf_of", RECORD_FIELD_TEXT, true, NULL},                                           \
        {"outcome", RECORD_FIELD_KEYWORD, true,                                                    \
         "executed|partly|refused|upheld|reduced|overturned"},                                     \
        {"party", RECORD_FIELD_KEYWORD, false, "issuer|addressee|holder|court"},                   \
        {"persons", RECORD_FIELD_COUNT, false, NULL}, {"target", RECORD_FIELD_ID, true, NULL}, {   \
        "to", RECORD_FIELD_ACCOUNT, true, NULL                                                     \
    }
static const RecordField order_act_fields[] = {
    ACT_FIELDS("issue|receive|answer|adopt|complaint|extend|reduce|withdraw|release|supersede|"
               "settle|undone|appeal|review|second")};
// What changes nothing by itself, or is done by somebody who has no officer's key.
static const RecordField order_note_fields[] = {ACT_FIELDS("attempt|appeal|tell")};
static const RecordField contact_fields[] = {
    {"country", RECORD_FIELD_COUNTRY, false, NULL},  {"desk", RECORD_FIELD_TEXT, false, NULL},
    {"email", RECORD_FIELD_TEXT, true, NULL},        {"hours", RECORD_FIELD_TEXT, true, NULL},
    {"institution", RECORD_FIELD_TEXT, false, NULL}, {"language", RECORD_FIELD_TEXT, true, NULL},
    {"note", RECORD_FIELD_TEXT, true, NULL},         {"phone", RECORD_FIELD_TEXT, true, NULL},
};
static const RecordField account_class_fields[] = {
    {"account", RECORD_FIELD_ACCOUNT, false, NULL},
    {"class", RECORD_FIELD_TEXT, false, NULL},
    {"document", RECORD_FIELD_HASH, true, NULL},
    {"on_behalf_of", RECORD_FIELD_TEXT, true, NULL},
};
static const RecordField grievance_fields[] = {
    {"contact", RECORD_FIELD_TEXT, true, NULL},
    {"documents", RECORD_FIELD_TEXTS, false, NULL},
    {"order", RECORD_FIELD_ID, false, NULL},
    {"text", RECORD_FIELD_TEXT, false, NULL},
};
static const RecordField refund_plan_fields[] = {
    {"case", RECORD_FIELD_ID, false, NULL},
    {"inputs", RECORD_FIELD_HASH, false, NULL},
    {"plan", RECORD_FIELD_OBJECT, false, NULL},
    {"plan_hash", RECORD_FIELD_HASH, false, NULL},
};
static const RecordField refund_sign_fields[] = {{"plan_hash", RECORD_FIELD_HASH, false, NULL}};
static const RecordField refund_paid_fields[] = {
    {"account", RECORD_FIELD_ACCOUNT, false, NULL}, {"amount", RECORD_FIELD_COUNT, false, NULL},
    {"currency", RECORD_FIELD_TEXT, false, NULL},   {"reference", RECORD_FIELD_TEXT, false, NULL},
    {"report", RECORD_FIELD_ID, false, NULL},
};
static const RecordField refund_account_fields[] = {
    {"account", RECORD_FIELD_ACCOUNT, false, NULL},
    {"document", RECORD_FIELD_HASH, true, NULL},
    {"persons", RECORD_FIELD_COUNT, false, NULL},
};
static const RecordField second_fields[] = {{"target", RECORD_FIELD_ID, false, NULL}};
static const RecordField shift_fields[] = {
    {"began_at", RECORD_FIELD_TIME, false, NULL}, {"ended_at", RECORD_FIELD_TIME, false, NULL},
    {"items", RECORD_FIELD_OBJECTS, false, NULL}, {"next", RECORD_FIELD_TEXT, false, NULL},
    {"note", RECORD_FIELD_TEXT, true, NULL},
};
static const RecordField shift_sign_fields[] = {{"note", RECORD_FIELD_TEXT, true, NULL}};
static const RecordField read_fields[] = {
    {"fields", RECORD_FIELD_TEXTS, false, NULL},
    {"outlet", RECORD_FIELD_TEXT, false, NULL},
    {"records", RECORD_FIELD_IDS, false, NULL},
};
static const RecordField glass_fields[] = {
    {"grants", RECORD_FIELD_TEXT, false, NULL},
    {"reason", RECORD_FIELD_TEXT, false, NULL},
    {"until", RECORD_FIELD_TIME, false, NULL},
};
static const RecordField glass_ratify_fields[] = {
    {"note", RECORD_FIELD_TEXT, true, NULL},
    {"ratified", RECORD_FIELD_FLAG, false, NULL},
};
static const RecordField officer_change_fields[] = {
    {"active", RECORD_FIELD_FLAG, false, NULL},
    {"key", RECORD_FIELD_HASH, false, NULL},
    {"role", RECORD_FIELD_TEXT, false, NULL},
};
static const RecordField export_decision_fields[] = {
    {"case", RECORD_FIELD_ID, false, NULL},
    {"reason", RECORD_FIELD_TEXT, false, NULL},
    {"records", RECORD_FIELD_IDS, false, NULL},
    {"to", RECORD_FIELD_TEXT, false, NULL},
};
static const RecordField case_export_fields[] = {
    {"case", RECORD_FIELD_ID, false, NULL},     {"decision", RECORD_FIELD_ID, true, NULL},
    {"items", RECORD_FIELD_COUNT, false, NULL}, {"manifest", RECORD_FIELD_HASH, false, NULL},
    {"to", RECORD_FIELD_TEXT, true, NULL},
};

// What agencies say to one another: docs/protocol-sync.md.
static const RecordField link_fields[] = {
    {"address", RECORD_FIELD_TEXT, true, NULL},
    {"key", RECORD_FIELD_HASH, false, NULL},
};
static const RecordField recover_fields[] = {
    {"reason", RECORD_FIELD_KEYWORD, false, "lost|compromised"},
    {"statement", RECORD_FIELD_TEXT, false, NULL},
};
static const RecordField peer_fields[] = {
    {"address", RECORD_FIELD_TEXT, true, NULL},
    {"agency", RECORD_FIELD_HASH, false, NULL},
    {"institutions", RECORD_FIELD_TEXTS, false, NULL},
    {"name", RECORD_FIELD_NAME, false, NULL},
    {"reason", RECORD_FIELD_TEXT, true, NULL},
    {"relay", RECORD_FIELD_FLAG, false, NULL},
    {"state", RECORD_FIELD_KEYWORD, false, "confirmed|revoked"},
};
static const RecordField flag_fields[] = {
    {"active", RECORD_FIELD_FLAG, false, NULL}, {"country", RECORD_FIELD_COUNTRY, true, NULL},
    {"party", RECORD_FIELD_TEXT, false, NULL},  {"reason", RECORD_FIELD_TEXT, true, NULL},
    {"source", RECORD_FIELD_TEXT, false, NULL},
};
static const RecordField accord_fields[] = {
    {"begins_at", RECORD_FIELD_TIME, false, NULL},  {"ends_at", RECORD_FIELD_TIME, true, NULL},
    {"kinds", RECORD_FIELD_TEXTS, false, NULL},     {"mark", RECORD_FIELD_OBJECT, false, NULL},
    {"members", RECORD_FIELD_OBJECTS, false, NULL}, {"name", RECORD_FIELD_NAME, false, NULL},
    {"purposes", RECORD_FIELD_TEXTS, false, NULL},  {"title", RECORD_FIELD_TEXT, false, NULL},
};
static const RecordField accord_sign_fields[] = {
    {"note", RECORD_FIELD_TEXT, true, NULL},
    {"signed", RECORD_FIELD_FLAG, false, NULL},
};
static const RecordField share_fields[] = {
    {"accept", RECORD_FIELD_FLAG, false, NULL}, {"answers", RECORD_FIELD_ID, true, NULL},
    {"contact", RECORD_FIELD_TEXT, true, NULL}, {"due_at", RECORD_FIELD_TIME, true, NULL},
    {"kind", RECORD_FIELD_NAME, false, NULL},   {"record", RECORD_FIELD_ID, false, NULL},
    {"title", RECORD_FIELD_TEXT, true, NULL},
};
static const RecordField share_act_fields[] = {
    {"act", RECORD_FIELD_KEYWORD, false, "receive|accept|refuse"},
    {"code", RECORD_FIELD_NAME, true, NULL},
    {"handling", RECORD_FIELD_KEYWORD, true, "H0|H1|H2|H3"},
    {"note", RECORD_FIELD_TEXT, true, NULL},
};
static const RecordField retract_fields[] = {
    {"from", RECORD_FIELD_TEXTS, false, NULL},
    {"reason", RECORD_FIELD_TEXT, false, NULL},
    {"record", RECORD_FIELD_ID, false, NULL},
};
static const RecordField let_go_fields[] = {
    {"agency", RECORD_FIELD_HASH, false, NULL},
    {"because", RECORD_FIELD_KEYWORD, false, "retract|erase|until|disowned"},
    {"by", RECORD_FIELD_ID, true, NULL},
    {"leaves", RECORD_FIELD_COUNTS, false, NULL},
    {"record", RECORD_FIELD_ID, false, NULL},
};
static const RecordField disclosed_fields[] = {
    {"from", RECORD_FIELD_COUNT, false, NULL},
    {"logs", RECORD_FIELD_OBJECTS, false, NULL},
    {"to", RECORD_FIELD_HASH, false, NULL},
};
static const RecordField passed_fields[] = {
    {"agency", RECORD_FIELD_HASH, false, NULL},   {"by", RECORD_FIELD_ID, false, NULL},
    {"leaves", RECORD_FIELD_COUNTS, false, NULL}, {"record", RECORD_FIELD_ID, false, NULL},
    {"to", RECORD_FIELD_HASH, false, NULL},
};
static const RecordField notice_fields[] = {
    {"act", RECORD_FIELD_KEYWORD, false, "request|alert|pass_on"},
    {"contact", RECORD_FIELD_TEXT, false, NULL},
    {"due_at", RECORD_FIELD_TIME, false, NULL},
    {"handling", RECORD_FIELD_KEYWORD, false, "H0|H1|H2|H3"},
    {"recipient", RECORD_FIELD_HASH, true, NULL},
    {"records", RECORD_FIELD_IDS, false, NULL},
    {"text", RECORD_FIELD_TEXT, false, NULL},
    {"title", RECORD_FIELD_TEXT, false, NULL},
};
static const RecordField notice_act_fields[] = {
    {"act", RECORD_FIELD_KEYWORD, false, "receive|provide|grant|refuse|close"},
    {"code", RECORD_FIELD_NAME, true, NULL},
    {"note", RECORD_FIELD_TEXT, true, NULL},
    {"shares", RECORD_FIELD_IDS, false, NULL},
    {"until", RECORD_FIELD_TIME, true, NULL},
};
static const RecordField fork_fields[] = {
    {"agency", RECORD_FIELD_HASH, false, NULL},
    {"log", RECORD_FIELD_KEYWORD, false, "main"},
    {"notes", RECORD_FIELD_TEXTS, false, NULL},
    {"why", RECORD_FIELD_KEYWORD, false, "two_roots|cannot_prove"},
};

#define ROW(name, of, of_kind, fields)                                                             \
    { name, of, of_kind, false, fields, COUNT_OF(fields) }
// Kinds that bind carry their author's own signature.
#define BINDING(name, of, of_kind, fields)                                                         \
    { name, of, of_kind, true, fields, COUNT_OF(fields) }
static const RecordKindRow kind_rows[RECORD_KINDS] = {
    [RECORD_GENESIS] = ROW("genesis", RECORD_OF_NULL, RECORD_UNKNOWN, genesis_fields),
    [RECORD_KEY] = ROW("key", RECORD_OF_ROOT, RECORD_GENESIS, key_fields),
    [RECORD_OFFICER] = ROW("officer", RECORD_OF_NULL, RECORD_UNKNOWN, officer_fields),
    [RECORD_REPORT] = ROW("report", RECORD_OF_NULL, RECORD_UNKNOWN, report_fields),
    [RECORD_SEED] = ROW("seed", RECORD_OF_ROOT, RECORD_REPORT, seed_fields),
    [RECORD_CASE] = ROW("case", RECORD_OF_NULL, RECORD_UNKNOWN, case_fields),
    [RECORD_CASE_ADD] = ROW("case_add", RECORD_OF_ROOT, RECORD_CASE, case_add_fields),
    [RECORD_CASE_REMOVE] = ROW("case_remove", RECORD_OF_ROOT, RECORD_CASE, case_remove_fields),
    [RECORD_CASE_CLOSE] = ROW("case_close", RECORD_OF_ROOT, RECORD_CASE, case_close_fields),
    [RECORD_BATCH] = ROW("batch", RECORD_OF_NULL, RECORD_UNKNOWN, batch_fields),
    [RECORD_TRANSFER_PICK] =
        ROW("transfer_pick", RECORD_OF_NULL, RECORD_UNKNOWN, transfer_pick_fields),
    [RECORD_CLAIM] = ROW("claim", RECORD_OF_NULL, RECORD_UNKNOWN, claim_fields),
    [RECORD_ERASE] = ROW("erase", RECORD_OF_ANY, RECORD_UNKNOWN, erase_fields),
    [RECORD_VICTIM] = ROW("victim", RECORD_OF_NULL, RECORD_UNKNOWN, victim_fields),
    [RECORD_STANDING] = ROW("standing", RECORD_OF_ROOT, RECORD_REPORT, standing_fields),
    [RECORD_CLAIMANT] = ROW("claimant", RECORD_OF_ROOT, RECORD_CASE, claimant_fields),
    [RECORD_ATTACHMENT] = ROW("attachment", RECORD_OF_NULL, RECORD_UNKNOWN, attachment_fields),
    [RECORD_TRACE] = ROW("trace", RECORD_OF_NULL, RECORD_UNKNOWN, trace_fields),
    [RECORD_ORDER] = ROW("order", RECORD_OF_NULL, RECORD_UNKNOWN, order_fields),
    [RECORD_ORDER_ACT] = BINDING("order_act", RECORD_OF_ROOT, RECORD_ORDER, order_act_fields),
    [RECORD_ORDER_NOTE] = ROW("order_note", RECORD_OF_ROOT, RECORD_ORDER, order_note_fields),
    [RECORD_CONTACT] = ROW("contact", RECORD_OF_NULL, RECORD_UNKNOWN, contact_fields),
    [RECORD_ACCOUNT_CLASS] =
        ROW("account_class", RECORD_OF_NULL, RECORD_UNKNOWN, account_class_fields),
    [RECORD_GRIEVANCE] = ROW("grievance", RECORD_OF_NULL, RECORD_UNKNOWN, grievance_fields),
    [RECORD_REFUND_PLAN] = ROW("refund_plan", RECORD_OF_NULL, RECORD_UNKNOWN, refund_plan_fields),
    [RECORD_REFUND_SIGN] =
        BINDING("refund_sign", RECORD_OF_ROOT, RECORD_REFUND_PLAN, refund_sign_fields),
    [RECORD_REFUND_PAID] =
        BINDING("refund_paid", RECORD_OF_ROOT, RECORD_REFUND_PLAN, refund_paid_fields),
    [RECORD_REFUND_ACCOUNT] =
        BINDING("refund_account", RECORD_OF_ROOT, RECORD_REPORT, refund_account_fields),
    [RECORD_SECOND] = BINDING("second", RECORD_OF_ANY, RECORD_UNKNOWN, second_fields),
    [RECORD_SHIFT] = ROW("shift", RECORD_OF_NULL, RECORD_UNKNOWN, shift_fields),
    [RECORD_SHIFT_SIGN] = BINDING("shift_sign", RECORD_OF_ROOT, RECORD_SHIFT, shift_sign_fields),
    [RECORD_READ] = ROW("read", RECORD_OF_NULL, RECORD_UNKNOWN, read_fields),
    [RECORD_GLASS] = BINDING("glass", RECORD_OF_NULL, RECORD_UNKNOWN, glass_fields),
    [RECORD_GLASS_RATIFY] =
        BINDING("glass_ratify", RECORD_OF_ROOT, RECORD_GLASS, glass_ratify_fields),
    [RECORD_OFFICER_CHANGE] =
        ROW("officer_change", RECORD_OF_ROOT, RECORD_OFFICER, officer_change_fields),
    [RECORD_EXPORT_DECISION] =
        BINDING("export_decision", RECORD_OF_NULL, RECORD_UNKNOWN, export_decision_fields),
    [RECORD_CASE_EXPORT] = ROW("case_export", RECORD_OF_NULL, RECORD_UNKNOWN, case_export_fields),
    [RECORD_LINK] = ROW("link", RECORD_OF_ROOT, RECORD_GENESIS, link_fields),
    [RECORD_RECOVER] = ROW("recover", RECORD_OF_ROOT, RECORD_GENESIS, recover_fields),
    [RECORD_PEER] = ROW("peer", RECORD_OF_NULL, RECORD_UNKNOWN, peer_fields),
    [RECORD_FLAG] = ROW("flag", RECORD_OF_NULL, RECORD_UNKNOWN, flag_fields),
    [RECORD_ACCORD] = ROW("accord", RECORD_OF_NULL, RECORD_UNKNOWN, accord_fields),
    [RECORD_ACCORD_SIGN] =
        BINDING("accord_sign", RECORD_OF_ROOT, RECORD_ACCORD, accord_sign_fields),
    [RECORD_SHARE] = ROW("share", RECORD_OF_NULL, RECORD_UNKNOWN, share_fields),
    [RECORD_SHARE_ACT] = BINDING("share_act", RECORD_OF_ROOT, RECORD_SHARE, share_act_fields),
    [RECORD_RETRACT] = ROW("retract", RECORD_OF_NULL, RECORD_UNKNOWN, retract_fields),
    [RECORD_LET_GO] = ROW("let_go", RECORD_OF_NULL, RECORD_UNKNOWN, let_go_fields),
    [RECORD_DISCLOSED] = ROW("disclosed", RECORD_OF_NULL, RECORD_UNKNOWN, disclosed_fields),
    [RECORD_PASSED] = ROW("passed", RECORD_OF_NULL, RECORD_UNKNOWN, passed_fields),
    [RECORD_NOTICE] = ROW("notice", RECORD_OF_NULL, RECORD_UNKNOWN, notice_fields),
    [RECORD_NOTICE_ACT] = BINDING("notice_act", RECORD_OF_ROOT, RECORD_NOTICE, notice_act_fields),
    [RECORD_FORK] = ROW("fork", RECORD_OF_NULL, RECORD_UNKNOWN, fork_fields),
};

const RecordKindRow *record_kind_row(RecordKind kind) {
    ASSERT(kind < RECORD_UNKNOWN);
    return &kind_rows[kind];
}

RecordKind record_kind_of(Str name) {
    for (size_t i = 0; i < RECORD_KINDS; i++)
        if (str_eq_c(name, kind_rows[i].name))
            return (RecordKind)i;
    return RECORD_UNKNOWN;
}

// --- small forms --------------------------------------------------------------------------------

// Classes of bytes, one bit each; these checks run on every record that is read.
enum { DIGIT = 1, HEX = 2, LOWER = 4, CAPITAL = 8, BAR = 16, HYPHEN = 32, NAME_MARK = 64 };
#define TEN(first, bits)                                                                           \
    [(first) + 0] = (bits), [(first) + 1] = (bits), [(first) + 2] = (bits),                        \
               [(first) + 3] = (bits), [(first) + 4] = (bits), [(first) + 5] = (bits),             \
               [(first) + 6] = (bits), [(first) + 7] = (bits), [(first) + 8] = (bits),             \
               [(first) + 9] = (bits)
#define SIX(first, bits)                                                                           \
    [(first) + 0] = (bits), [(first) + 1] = (bits), [(first) + 2] = (bits),                        \
               [(first) + 3] = (bits), [(first) + 4] = (bits), [(first) + 5] = (bits)
#define NAME_BITS (DIGIT | LOWER | CAPITAL | BAR | HYPHEN | NAME_MARK)
static const uint8_t classes[256] = {
    TEN('0', DIGIT | HEX), SIX('a', LOWER | HEX), TEN('g', LOWER),   TEN('q', LOWER),
    TEN('A', CAPITAL),     TEN('K', CAPITAL),     SIX('U', CAPITAL), ['_'] = BAR,
    ['-'] = HYPHEN,        ['.'] = NAME_MARK,     [':'] = NAME_MARK,
};

static bool all_of(Str s, size_t max, unsigned bits) {
    if (s.n == 0 || s.n > max)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!(classes[(uint8_t)s.p[i]] & bits))
            return false;
    return true;
}

bool record_is_hash(Str s) {
    return s.n == 64 && all_of(s, 64, HEX);
}

bool record_is_word(Str s) {
    return all_of(s, 64, LOWER | DIGIT | BAR | HYPHEN) && s.p[0] != '_' && s.p[0] != '-';
}

bool record_is_kind(Str s) {
    return all_of(s, 32, LOWER | DIGIT | BAR) && all_of((Str){s.p, 1}, 1, LOWER);
}

bool record_time_parse(Str s, int64_t *ret_at_us) {
    return s.n == RECORD_TIME_TEXT_BYTES && s.p[10] == 'T' && s.p[19] == '.' && s.p[26] == 'Z' &&
           time_parse(s, ret_at_us);
}

static bool is_keyword(Str s, const char *words) {
    Str rest = str_of(words), word;
    while (str_split(&rest, '|', &word))
        if (str_eq(s, word))
            return true;
    return false;
}

Err record_need_str(Ctx *c, const JsonValue *v, const char *name, Str *ret_s) {
    if (v->type != JSON_STR)
        return fail(c, E_INVALID, "\"%s\" must be a text, not %s", name, json_type_words(v->type));
    *ret_s = v->s;
    return OK;
}

Err record_exact_keys(Ctx *c, const JsonValue *v, const char *name, const char *const *keys,
                      size_t n) {
    if (v->type != JSON_OBJECT)
        return fail(c, E_INVALID, "\"%s\" must be an object, not %s", name,
                    json_type_words(v->type));
    for (size_t i = 0; i < n && i < v->count; i++) {
        Str have = v->members[i].key;
        if (str_eq_c(have, keys[i]))
            continue;
        if (json_key_cmp(have, str_of(keys[i])) < 0)
            return fail(c, E_INVALID, "\"%s\" has the unknown member \"" STR_FMT "\"", name,
                        STR_ARG(have));
        return fail(c, E_INVALID, "\"%s.%s\" is missing", name, keys[i]);
    }
    if (v->count < n)
        return fail(c, E_INVALID, "\"%s.%s\" is missing", name, keys[v->count]);
    if (v->count > n)
        return fail(c, E_INVALID, "\"%s\" has the unknown member \"" STR_FMT "\"", name,
                    STR_ARG(v->members[n].key));
    return OK;
}

// --- bodies -------------------------------------------------------------------------------------

// Each returns what the value should be, in words, or NULL when it is that.
static const char *text_fault(const RecordField *f, Str s) {
    switch (f->type) {
    case RECORD_FIELD_TEXT:
        return s.n ? NULL : "a text that is not empty";
    case RECORD_FIELD_TIME: {
        int64_t at;
        return record_time_parse(s, &at) ? NULL : "a time such as 2026-01-31T08:00:00.000000Z";
    }
    case RECORD_FIELD_HASH:
        return record_is_hash(s) ? NULL : "64 hex digits in lower case";
    case RECORD_FIELD_ID: {
        RecordId id;
        return record_id_parse(s, &id) ? NULL : "the id of a record";
    }
    case RECORD_FIELD_COUNTRY:
        return s.n == 2 && all_of(s, 2, CAPITAL) ? NULL : "two capital letters";
    case RECORD_FIELD_KEYWORD:
        return is_keyword(s, f->words) ? NULL : f->words;
    case RECORD_FIELD_NAME:
        return all_of(s, 64, NAME_BITS) ? NULL : "1 to 64 of A-Z a-z 0-9 . _ : -";
    case RECORD_FIELD_COUNT:
    case RECORD_FIELD_TEXTS:
    case RECORD_FIELD_ACCOUNTS:
    case RECORD_FIELD_ROW:
    case RECORD_FIELD_FLAG:
    case RECORD_FIELD_ACCOUNT:
    case RECORD_FIELD_IDS:
    case RECORD_FIELD_COUNTS:
    case RECORD_FIELD_TAGS:
    case RECORD_FIELD_OBJECT:
    case RECORD_FIELD_OBJECTS:
        break;
    }
    UNREACHABLE();
}

static const char *texts_fault(const JsonValue *v) {
    for (uint32_t i = 0; i < v->count; i++)
        if (v->items[i].type != JSON_STR || v->items[i].s.n == 0)
            return "a list of texts that are not empty";
    return NULL;
}

static bool is_account(const JsonValue *v) {
    static const char *const keys[] = {"account", "country", "institution"};
    if (v->type != JSON_OBJECT || v->count != COUNT_OF(keys))
        return false;
    for (uint32_t k = 0; k < COUNT_OF(keys); k++) {
        const JsonMember *m = &v->members[k];
        bool empty = m->value.type == JSON_NULL && k > 0;
        if (!str_eq_c(m->key, keys[k]) ||
            (!empty && (m->value.type != JSON_STR || m->value.s.n == 0)))
            return false;
    }
    const JsonValue *country = &v->members[1].value;
    return country->type == JSON_NULL || (country->s.n == 2 && all_of(country->s, 2, CAPITAL));
}

static const char *account_fault(const JsonValue *v) {
    return is_account(v) ? NULL
                         : "{\"account\",\"country\",\"institution\"}, the account a text, the "
                           "country two capital letters or null, the institution a text or null";
}

static const char *accounts_fault(const JsonValue *v) {
    for (uint32_t i = 0; i < v->count; i++)
        if (!is_account(&v->items[i]))
            return "a list of {\"account\",\"country\",\"institution\"}, the account a text, the "
                   "country two capital letters or null, the institution a text or null";
    return NULL;
}

static bool is_id(const JsonValue *v) {
    RecordId id;
    return v->type == JSON_STR && record_id_parse(v->s, &id);
}

static const char *ids_fault(const JsonValue *v) {
    for (uint32_t i = 0; i < v->count; i++)
        if (!is_id(&v->items[i]))
            return "a list of ids of records";
    return NULL;
}

static const char *tags_fault(const JsonValue *v) {
    for (uint32_t i = 0; i < v->count; i++) {
        const JsonValue *t = &v->items[i];
        if (t->type != JSON_OBJECT || t->count != 2 || !str_eq_c(t->members[0].key, "amount") ||
            t->members[0].value.type != JSON_INT || t->members[0].value.i <= 0 ||
            !str_eq_c(t->members[1].key, "report") || !is_id(&t->members[1].value))
            return "a list of {\"amount\",\"report\"}, the amount above 0, the report a record's "
                   "id";
    }
    return NULL;
}

static const char *counts_fault(const JsonValue *v) {
    for (uint32_t i = 0; i < v->count; i++)
        if (v->items[i].type != JSON_INT || v->items[i].i < 0)
            return "a list of whole numbers, 0 or more";
    return NULL;
}

static const char *objects_fault(const JsonValue *v) {
    for (uint32_t i = 0; i < v->count; i++)
        if (v->items[i].type != JSON_OBJECT)
            return "a list of objects";
    return NULL;
}

static const char *row_fault(const JsonValue *v) {
    for (uint32_t i = 0; i < v->count; i++)
        if (v->members[i].value.type != JSON_STR)
            return "an object whose values are texts";
    return NULL;
}

static const char *field_fault(const RecordField *f, const JsonValue *v) {
    if (f->nullable && v->type == JSON_NULL)
        return NULL;
    switch (f->type) {
    case RECORD_FIELD_COUNT:
        return v->type == JSON_INT && v->i >= 0 ? NULL : "a whole number, 0 or more";
    case RECORD_FIELD_TEXTS:
        return v->type == JSON_ARRAY ? texts_fault(v) : "a list of texts";
    case RECORD_FIELD_ACCOUNTS:
        return v->type == JSON_ARRAY ? accounts_fault(v) : "a list of accounts";
    case RECORD_FIELD_ROW:
        return v->type == JSON_OBJECT ? row_fault(v) : "an object";
    case RECORD_FIELD_FLAG:
        return v->type == JSON_BOOL ? NULL : "true or false";
    case RECORD_FIELD_ACCOUNT:
        return account_fault(v);
    case RECORD_FIELD_IDS:
        return v->type == JSON_ARRAY ? ids_fault(v) : "a list of ids of records";
    case RECORD_FIELD_COUNTS:
        return v->type == JSON_ARRAY ? counts_fault(v) : "a list of whole numbers";
    case RECORD_FIELD_TAGS:
        return v->type == JSON_ARRAY ? tags_fault(v) : "a list of tags";
    case RECORD_FIELD_OBJECT:
        return v->type == JSON_OBJECT ? NULL : "an object";
    case RECORD_FIELD_OBJECTS:
        return v->type == JSON_ARRAY ? objects_fault(v) : "a list of objects";
    case RECORD_FIELD_TEXT:
    case RECORD_FIELD_TIME:
    case RECORD_FIELD_HASH:
    case RECORD_FIELD_ID:
    case RECORD_FIELD_COUNTRY:
    case RECORD_FIELD_KEYWORD:
    case RECORD_FIELD_NAME:
        return v->type == JSON_STR ? text_fault(f, v->s) : "a text";
    }
    UNREACHABLE();
}

Err record_body_check(Ctx *c, const RecordKindRow *row, const JsonValue *body) {
    // Both sides are sorted, so one walk finds each field; what lies between is unknown and kept.
    uint32_t at = 0;
    for (size_t i = 0; i < row->field_count; i++) {
        const RecordField *f = &row->fields[i];
        while (at < body->count && !str_eq_c(body->members[at].key, f->name) &&
               json_key_cmp(body->members[at].key, str_of(f->name)) < 0)
            at++;
        if (at == body->count || !str_eq_c(body->members[at].key, f->name))
            return fail(c, E_INVALID, "\"body.%s\" is missing in this %s", f->name, row->name);
        const char *fault = field_fault(f, &body->members[at].value);
        if (fault)
            return fail(c, E_INVALID, "\"body.%s\" of this %s must be %s%s", f->name, row->name,
                        fault, f->nullable ? ", or null" : "");
        at++;
    }
    return OK;
}
