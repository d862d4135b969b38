// Inside of room format: tables, mappings and the readers of single fields.
#ifndef MOEI_FORMAT_PRIV_H
#define MOEI_FORMAT_PRIV_H

#include "format/csv_priv.h"
#include "format/format.h"

// --- native columns -----------------------------------------------------------------------------

typedef enum TransferTarget {
    T_ID,
    T_BOOKED_AT,
    T_FROM_COUNTRY,
    T_FROM_INSTITUTION,
    T_FROM_ACCOUNT,
    T_TO_COUNTRY,
    T_TO_INSTITUTION,
    T_TO_ACCOUNT,
    T_AMOUNT,
    T_CURRENCY,
    T_CREDITED_AMOUNT,
    T_CREDITED_CURRENCY,
    T_FROM_BALANCE,
    T_TO_BALANCE,
    T_SEQ,
    T_CHANNEL,
    T_MEMO,
    T_COUNT
} TransferTarget;

typedef enum ReportTarget {
    R_ID,
    R_REPORTED_AT,
    R_VICTIM,
    R_COUNTRY,
    R_CHANNEL,
    R_LOSS,
    R_CURRENCY,
    R_TRANSFERS,
    R_ACCOUNTS,
    R_PHONES,
    R_URLS,
    R_STORY,
    R_HAPPENED_AT,
    R_COUNT
} ReportTarget;

#define TARGETS_MAX T_COUNT
static_assert((int)R_COUNT <= (int)TARGETS_MAX, "one array serves both kinds");

size_t targets_count(FormatKind kind);
const char *target_name(FormatKind kind, size_t target);
bool target_find(FormatKind kind, Str name, size_t *ret_target);
// Columns up to this one must stand in a native header; the rest may be left out.
size_t targets_needed(FormatKind kind);

// --- mapping ------------------------------------------------------------------------------------

typedef enum SourceKind { SOURCE_NAME, SOURCE_NUMBER, SOURCE_ROW } SourceKind;

typedef struct Source {
    SourceKind kind;
    Str name;        // SOURCE_NAME
    uint32_t number; // SOURCE_NUMBER, from 1
} Source;

typedef struct MapColumn {
    bool set, has_const, has_map;
    uint32_t source_count;
    Source sources[MAPPING_FROM_MAX];
    Str constant, join, fallback;
    Dict keys;   // of `map`
    Str *values; // by id of the key
} MapColumn;

struct FormatMapping {
    Arena memory;
    Str name;
    FormatKind kind;
    bool native; // columns by the native names; optional ones may be absent
    const Str *header;
    size_t header_count; // 0: not told
    Str encoding, timezone, time_format;
    char delimiter;
    char decimal;
    Str thousands;
    bool has_step;
    int64_t step_origin_us, step_seconds;
    MapColumn columns[TARGETS_MAX];
};

// The identity: native header of the kind.
Err mapping_native(Ctx *c, FormatKind kind, FormatMapping **ret_mapping) MUST_USE;

// --- tables -------------------------------------------------------------------------------------

#define SHIPPED_MAPPINGS_MAX 16

typedef struct FormatLawTables FormatLawTables;

struct FormatTables {
    Arena memory;
    FormatLawTables *law; // law_priv.h
    FormatCurrency *currencies;
    size_t currency_count, currency_cap;
    uint16_t currency_slots[1024]; // index + 1 by hash of the code
    Str country_names[26 * 26];    // empty: no such country
    Dict institution_keys;         // country, US, code
    FormatInstitution *institutions;
    size_t institution_cap;
    FormatMapping *mappings[SHIPPED_MAPPINGS_MAX];
    size_t mapping_count;
};

// --- fields -------------------------------------------------------------------------------------

// Reads `text` in the form of the mapping (decimal sign, thousands separator); currency gives the
// digits. E_INVALID with the reason.
typedef struct AmountForm {
    char decimal;
    Str thousands;
} AmountForm;
Err amount_read(Ctx *c, Str text, AmountForm form, const FormatCurrency *currency,
                int64_t *ret_minor) MUST_USE;

typedef struct TimeForm {
    Str format;           // empty: RFC 3339, with offset or local
    const TextZone *zone; // NULL: an offset must be there
    Str zone_name;
    bool has_step;
    int64_t step_origin_us, step_seconds;
} TimeForm;
// *ret_doubled: the local time came twice and the earlier was taken.
Err time_read(Ctx *c, Str text, const TimeForm *form, int64_t *ret_at_us,
              bool *ret_doubled) MUST_USE;
// E_INVALID unless the format has a whole date, known signs, and %p with %I. *ret_offset: has %z.
Err time_format_check(Ctx *c, Str format, bool *ret_offset) MUST_USE;

// ASCII blanks, no-break space and ideographic space off both ends.
Str field_trim(Str s);
// What is quoted in an error: the first bytes, cut between characters.
Str field_shown(Str s);
// Each run of tabs and line ends becomes one blank: a quoted field may hold them (RFC 4180), a
// mapped row is one line.
Err field_one_line(Ctx *c, Str text, Str *ret_text) MUST_USE;
// Trimmed NFC without control characters, at most bytes_max long. `controls` are let through.
Err field_text(Ctx *c, Str text, size_t bytes_max, const char *controls, Str *ret_text) MUST_USE;
// The same for names that must be found again: nothing invisible inside either.
Err field_name(Ctx *c, Str text, size_t bytes_max, Str *ret_text) MUST_USE;
Err field_country(Ctx *c, const FormatTables *t, Str text, Str *ret_country) MUST_USE;
Err field_currency(Ctx *c, const FormatTables *t, Str text,
                   const FormatCurrency **ret_currency) MUST_USE;
Err field_whole(Ctx *c, Str text, int64_t *ret_v) MUST_USE;
// Items between ';', trimmed, empty ones left out. In the request's arena.
Err field_list(Ctx *c, Str text, Str **ret_items, size_t *ret_n) MUST_USE;
// True when the account fits the pattern ("d10", "d10-12", by '|'); blanks and '-' do not count.
bool account_fits(Str account, Str pattern);
bool pattern_valid(Str pattern);
bool account_luhn(Str account);

// --- files --------------------------------------------------------------------------------------

#define AT_ROW UINT32_MAX           // the data row's number
#define AT_NOWHERE (UINT32_MAX - 1) // an optional native column that the file lacks

// Counts of equal rows, by the first 16 bytes of their hash.
typedef struct SameSlot {
    uint64_t a, b;
    uint32_t count;
} SameSlot;
typedef struct SameRows {
    SameSlot *slots;
    size_t slot_count, used;
} SameRows;

struct FormatFile {
    FormatOptions options;
    FormatCsv *csv;   // or, of a spreadsheet,
    FormatXlsx *xlsx; // the rows of its sheet
    const FormatMapping *mapping;
    FormatMapping *own_mapping; // when it was read from a file
    TextZone *zone;
    TimeForm time_form;
    AmountForm amount_form;
    Str *header; // own heap copy, one block with its bytes
    size_t header_count;
    bool has_errors; // a column moei_error follows, which is passed over
    uint32_t at[TARGETS_MAX][MAPPING_FROM_MAX];
    Ctx row;                // what one row needs, and the words of what is wrong with it
    const char *bad_target; // column being read, NULL for the whole row
    const Str *fields;
    const FormatCellKind *kinds; // NULL in CSV
    unsigned value_kinds;        // of the cells that made the value read last, as bits
    uint64_t row_number, good, bad, warnings;
    FormatWarning row_warnings[FORMAT_ROW_WARNINGS_MAX];
    size_t row_warning_count;
    SameRows same;
    Buf line;
    bool ended;
};

// The mapped value of a target: trimmed, empty when not given.
Err row_value(FormatFile *f, size_t target, Str *ret_value) MUST_USE;
void row_warn(FormatFile *f, size_t target, const char *format, ...) PRINTF_LIKE(3, 4);
Err row_time(FormatFile *f, size_t target, Str value, int64_t *ret_at_us) MUST_USE;
Err row_transfer(FormatFile *f, FormatTransfer *ret_transfer) MUST_USE;
Err row_report(FormatFile *f, FormatReport *ret_report) MUST_USE;
// The id of a row that has none, from its line and its count among equal lines of the file.
Err row_make_id(FormatFile *f, Str line, Str *ret_id) MUST_USE;
void row_check_account(FormatFile *f, const FormatAccount *a, size_t institution_target,
                       size_t account_target, int64_t at_us);

#endif
