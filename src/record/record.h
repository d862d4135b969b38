// record: one statement of an agency: kinds, marks, envelopes, as docs/format-record.md fixes them.
//
// Pure: bytes in, values out; owns nothing. Invariants: what record_parse accepts is byte for byte
// RFC 8785, has exactly the members of version 1, and a body that fits its kind; signatures are
// checked by record_verify_sigs, not by parsing. A kind that this build does not know, or a greater
// version, is accepted as RECORD_UNKNOWN: it is kept, proven, relayed and not folded.
// Threads: everything is safe on different Ctx and JsonReader.
#ifndef MOEI_RECORD_H
#define MOEI_RECORD_H

#include "crypto/crypto.h"
#include "json/json.h"

// --- ids --------------------------------------------------------------------------------------

typedef CryptoUuid RecordId; // UUIDv7
#define RECORD_ID_TEXT_BYTES CRYPTO_UUID_TEXT_BYTES

void record_id_text(RecordId id, char ret_text[RECORD_ID_TEXT_BYTES]);
// False unless text is a UUIDv7 in lower case with hyphens.
bool record_id_parse(Str text, RecordId *ret_id);
bool record_id_eq(RecordId a, RecordId b);
int record_id_cmp(RecordId a, RecordId b); // bytewise, which is the order of their texts
// A new id for a record made at `at_us`.
RecordId record_id_new(int64_t at_us, CryptoRandom random);

// --- kinds ------------------------------------------------------------------------------------

typedef enum RecordKind {
    RECORD_GENESIS,
    RECORD_KEY,
    RECORD_OFFICER,
    RECORD_REPORT,
    RECORD_SEED,
    RECORD_CASE,
    RECORD_CASE_ADD,
    RECORD_CASE_REMOVE,
    RECORD_CASE_CLOSE,
    RECORD_BATCH,
    RECORD_TRANSFER_PICK,
    RECORD_CLAIM,
    RECORD_ERASE,
    RECORD_VICTIM,
    RECORD_STANDING,
    RECORD_CLAIMANT,
    RECORD_ATTACHMENT,
    RECORD_TRACE,
    RECORD_ORDER,
    RECORD_ORDER_ACT,
    RECORD_ORDER_NOTE,
    RECORD_CONTACT,
    RECORD_ACCOUNT_CLASS,
    RECORD_GRIEVANCE,
    RECORD_REFUND_PLAN,
    RECORD_REFUND_SIGN,
    RECORD_REFUND_PAID,
    RECORD_REFUND_ACCOUNT,
    RECORD_SECOND,
    RECORD_SHIFT,
    RECORD_SHIFT_SIGN,
    RECORD_READ,
    RECORD_GLASS,
    RECORD_GLASS_RATIFY,
    RECORD_OFFICER_CHANGE,
    RECORD_EXPORT_DECISION,
    RECORD_CASE_EXPORT,
    RECORD_LINK,
    RECORD_RECOVER,
    RECORD_PEER,
    RECORD_FLAG,
    RECORD_ACCORD,
    RECORD_ACCORD_SIGN,
    RECORD_SHARE,
    RECORD_SHARE_ACT,
    RECORD_RETRACT,
    RECORD_LET_GO,
    RECORD_DISCLOSED,
    RECORD_PASSED,
    RECORD_NOTICE,
    RECORD_NOTICE_ACT,
    RECORD_FORK,
    RECORD_UNKNOWN // of a newer program
} RecordKind;
#define RECORD_KINDS ((size_t)RECORD_UNKNOWN)

typedef enum RecordFieldType {
    RECORD_FIELD_TEXT,     // at least one byte
    RECORD_FIELD_COUNT,    // whole number >= 0
    RECORD_FIELD_TIME,     // six digits of fraction and Z
    RECORD_FIELD_HASH,     // 64 hex digits
    RECORD_FIELD_ID,       // record id
    RECORD_FIELD_COUNTRY,  // two capital letters
    RECORD_FIELD_KEYWORD,  // one of `words`
    RECORD_FIELD_NAME,     // [A-Za-z0-9._:-]{1,64}
    RECORD_FIELD_TEXTS,    // list of texts, may be empty
    RECORD_FIELD_ACCOUNTS, // list of {"country","institution","account"}, the first two or null
    RECORD_FIELD_ROW,      // object whose values are texts
    RECORD_FIELD_FLAG,     // true or false
    RECORD_FIELD_ACCOUNT,  // one account, as in ACCOUNTS
    RECORD_FIELD_IDS,      // list of record ids, may be empty
    RECORD_FIELD_COUNTS,   // list of whole numbers >= 0, may be empty
    RECORD_FIELD_TAGS,     // list of {"amount","report"}: minor units > 0, record id
    RECORD_FIELD_OBJECT,   // any object
    RECORD_FIELD_OBJECTS   // list of objects, may be empty
} RecordFieldType;

typedef struct RecordField {
    const char *name;
    RecordFieldType type;
    bool nullable;
    const char *words; // for KEYWORD, joined by '|'
} RecordField;

typedef enum RecordOf { RECORD_OF_NULL, RECORD_OF_ROOT, RECORD_OF_ANY } RecordOf;

typedef struct RecordKindRow {
    const char *name;
    RecordOf of;
    RecordKind of_kind; // where `of` is RECORD_OF_ROOT: the kind of that root
    bool binds;         // needs its author's signature
    const RecordField *fields;
    size_t field_count;
} RecordKindRow;

// The row of a kind; not for RECORD_UNKNOWN.
const RecordKindRow *record_kind_row(RecordKind kind);
RecordKind record_kind_of(Str name); // RECORD_UNKNOWN when there is none

// --- marks ------------------------------------------------------------------------------------

// Each from the least to the most strict.
typedef enum RecordTlp {
    RECORD_TLP_CLEAR,
    RECORD_TLP_GREEN,
    RECORD_TLP_AMBER,
    RECORD_TLP_AMBER_STRICT,
    RECORD_TLP_RED
} RecordTlp;
typedef enum RecordPap {
    RECORD_PAP_CLEAR,
    RECORD_PAP_GREEN,
    RECORD_PAP_AMBER,
    RECORD_PAP_RED
} RecordPap;
typedef enum RecordHandling { RECORD_H0, RECORD_H1, RECORD_H2, RECORD_H3 } RecordHandling;

typedef struct RecordMark {
    RecordTlp tlp;
    RecordPap pap;
    RecordHandling handling;
    Str note;      // words where handling is H3, else p is NULL
    const Str *to; // agency ids, sorted; none: by the TLP alone
    size_t to_count;
    const Str *purposes; // sorted words; none: any
    size_t purpose_count;
    bool has_until;
    int64_t until_us;
} RecordMark;

// TLP:AMBER+STRICT, PAP:AMBER, H0: what an agency's own records carry where nothing else is said.
RecordMark record_mark_default(void);
// TLP:CLEAR, PAP:CLEAR, H0: claims from the public record.
RecordMark record_mark_clear(void);
// Appends the mark as canonical JSON. E_INVALID when it breaks a rule, E_MEMORY.
Err record_mark_write(Ctx *c, const RecordMark *m, Buf *out) MUST_USE;
// Lists and texts point into the value. E_INVALID naming the member.
Err record_mark_parse(Ctx *c, const JsonValue *v, RecordMark *ret_mark) MUST_USE;
// What is derived from both may carry no less: the stricter TLP, PAP and handling, the notes of
// both, the readers and purposes that both allow, the earlier end. Commutative and associative. In
// the request's arena. E_DENIED when no reader or no purpose is left: nothing may be derived.
Err record_mark_meet(Ctx *c, const RecordMark *a, const RecordMark *b,
                     RecordMark *ret_mark) MUST_USE;
const char *record_tlp_text(RecordTlp t); // "AMBER+STRICT"

// --- records ----------------------------------------------------------------------------------

typedef struct RecordSig {
    RecordId officer;
    CryptoPublicKey key;
    CryptoSignature sig;
} RecordSig;

// A parsed record. Texts point into the request's arena, `bytes` and `mark_bytes` into the
// envelope.
typedef struct Record {
    int64_t v;
    RecordKind kind;
    Str kind_name;
    RecordId id;
    bool has_of;
    RecordId of;
    RecordId root; // of, or id where the record is itself a root
    const RecordId *refs;
    size_t ref_count;
    int64_t at_us;
    Str agency; // 64 hex digits; empty in a genesis
    bool has_officer;
    RecordId officer;
    RecordMark mark;
    Str mark_bytes; // canonical JSON: equal marks have equal bytes
    Str law;        // p NULL where null
    Str purpose;
    bool has_grade;
    char grade_source, grade_info; // 'A'…'F', '1'…'6'
    const JsonValue *body;
    Str bytes; // the record in RFC 8785 form, as signed
    const RecordSig *sigs;
    size_t sig_count;
} Record;

// Reads and checks an envelope. E_INVALID naming the member that does not fit, E_LIMIT, E_MEMORY.
Err record_parse(Ctx *c, JsonReader *reader, Str envelope, Record *ret_record) MUST_USE;

// What a new record says. Zero it and fill in.
typedef struct RecordSigner {
    RecordId officer;
    const CryptoSignKey *key;
} RecordSigner;
typedef struct RecordDraft {
    RecordKind kind;
    RecordId id;
    bool has_of;
    RecordId of;
    const RecordId *refs;
    size_t ref_count;
    int64_t at_us;
    Str agency; // empty in a genesis only
    bool has_officer;
    RecordId officer;
    RecordMark mark;
    Str law; // p NULL: null
    Str purpose;
    bool has_grade;
    char grade_source, grade_info;
    const JsonValue *body;       // any order of members, or else
    Str body_json;               // … the body as canonical JSON text
    const RecordSigner *signers; // in any order, each officer once
    size_t signer_count;
} RecordDraft;

// Appends the envelope in RFC 8785 form, signed by the signers. E_INVALID for a draft that cannot
// be a record, E_LIMIT over RECORD_BYTES_MAX, E_MEMORY. The body is not checked against its kind
// here: record_parse of the result does.
Err record_write(Ctx *c, const RecordDraft *draft, Buf *envelope) MUST_USE;

// E_CRYPTO naming the officer whose signature does not hold for the key that stands beside it.
// Whether that key is the officer's, desk/record_sigs.c says.
Err record_verify_sigs(Ctx *c, const Record *r) MUST_USE;

// --- commitment -------------------------------------------------------------------------------

#define RECORD_SALT_BYTES 32
// SHA-256("moei/record/v1\n" ‖ salt ‖ envelope).
CryptoHash record_commitment(Str envelope, const uint8_t salt[RECORD_SALT_BYTES]);

#endif
