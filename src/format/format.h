// format: files of others, in and out. This half is the intake: CSV of banks and victims' reports.
//
// A file is read once, streaming, in bounded memory: bytes -> encoding -> CSV rows -> mapping ->
// checked transfers or reports. A file that is broken as a whole (encoding, header, mapping) is an
// error; a row that breaks a rule is left out whole and comes back as FORMAT_ROW_BAD with column
// and reason in plain words. What is taken with a doubt carries warnings. The forms are described
// in docs/format-csv.md and docs/format-mapping.md.
// Owns tables, mappings and open files, each closed by the caller. Threads: FormatTables and
// FormatMapping may be read by many once made; FormatCsv and FormatFile belong to one.
#ifndef MOEI_FORMAT_H
#define MOEI_FORMAT_H

#include "base/base.h"
#include "crypto/crypto.h"
#include "stream/stream.h"
#include "text/text.h"

// --- tables that the product ships
// ----------------------------------------------------------------

typedef struct FormatCurrency {
    char code[8]; // "THB"; ISO 4217, or USDT, USDC, XBT
    uint8_t code_n;
    uint8_t exponent; // digits after the point of the major unit
    bool iso;
    Str name;
} FormatCurrency;

typedef struct FormatInstitution {
    Str code, country, name;
    int64_t valid_from_us, valid_until_us; // [from, until); BASE_TIME_US_MIN / MAX where open
    Str successor;                         // code, or empty
    Str account_pattern;                   // "d10", "d10-12", several by '|'; empty: not known
    Str check_digit;                       // "" or "luhn"
} FormatInstitution;

typedef struct FormatTables FormatTables;
typedef FormatTables *FormatTablesPtr;

// Reads the embedded currencies, countries, institutions and mappings. Opened once a process.
Err format_tables_open(Ctx *c, FormatTables **ret_tables) MUST_USE;
void format_tables_close(FormatTables *t);
void FormatTablesPtr_cleanup(FormatTablesPtr *t);
// NULL when there is none. Valid as long as the tables.
const FormatCurrency *format_currency_find(const FormatTables *t, Str code);
bool format_country_known(const FormatTables *t, Str code);
Str format_country_name(const FormatTables *t, Str code); // empty when not known
const FormatInstitution *format_institution_find(const FormatTables *t, Str country, Str code);
// The i-th row of a table, in the order of its file; NULL behind the last.
const FormatCurrency *format_currency_at(const FormatTables *t, size_t i);
const FormatInstitution *format_institution_at(const FormatTables *t, size_t i);
// An embedded file by its name in the project ("data/law/orders.csv"). E_NOT_FOUND.
Err format_data_get(Ctx *c, Str name, Str *ret_bytes) MUST_USE;
// The i-th embedded file; false behind the last.
bool format_data_at(size_t i, Str *ret_name, Str *ret_bytes);

// --- CSV
// ------------------------------------------------------------------------------------------

typedef struct FormatCsv FormatCsv;
typedef FormatCsv *FormatCsvPtr;

typedef struct FormatCsvOptions {
    Str path;       // of a file; or, when empty,
    Str bytes;      // the whole content, borrowed until close
    Str encoding;   // used where there is no BOM; empty: valid UTF-8 or refused
    char delimiter; // 0 means ','
} FormatCsvOptions;

// What the cell of a spreadsheet holds, where its text alone does not tell.
typedef enum FormatCellKind {
    FORMAT_CELL_TEXT,
    FORMAT_CELL_NUMBER, // plain digits, '.' before the fraction
    FORMAT_CELL_TIME,   // "2026-11-22", "10:15:00" or both with a T between, local
    FORMAT_CELL_BOOL,   // TRUE or FALSE
    FORMAT_CELL_ERROR   // #N/A, #REF! … or FORMAT_CELL_NOT_COMPUTED
} FormatCellKind;

// The text of a cell whose formula was saved without its value.
#define FORMAT_CELL_NOT_COMPUTED "#NOT COMPUTED"

typedef struct FormatCsvRow {
    const Str *fields;           // valid UTF-8, quotes taken off; valid until the next call
    const FormatCellKind *kinds; // of the fields in a spreadsheet; NULL in CSV: all are text
    size_t field_count;
    uint64_t line;       // physical line on which the row starts, or row of the sheet, from 1
    bool hidden, merged; // in a spreadsheet: not shown; cells merged with those of a row above
    bool end;            // no more rows; all else is 0
    const char *bad;     // NULL, or why the row is no row: too long, a stray quote, NUL …
    size_t bad_column;   // 1-based where known, else 0
} FormatCsvRow;

// E_IO; E_INVALID (encoding); E_UNSUPPORTED.
Err format_csv_open(Ctx *c, const FormatCsvOptions *options, FormatCsv **ret_csv) MUST_USE;
void format_csv_close(FormatCsv *r);
void FormatCsvPtr_cleanup(FormatCsvPtr *r);
// The next row; blank lines are passed over. E_INVALID where the bytes are not the encoding's.
Err format_csv_next(Ctx *c, FormatCsv *r, FormatCsvRow *ret_row) MUST_USE;
// Appends one field, in quotes where RFC 4180 wants them.
void format_csv_field(Buf *b, Str field);

#include "format/format_law.h"
#include "format/format_letter.h"
#include "format/format_qr.h"
#include "format/format_sheet.h"
#include "format/format_zip.h"

// --- mappings
// ---------------------------------------------------------------------------------------

typedef enum FormatKind { FORMAT_TRANSFERS, FORMAT_REPORTS } FormatKind;
const char *format_kind_name(FormatKind kind); // "transfers", "reports"

typedef struct FormatMapping FormatMapping;
typedef FormatMapping *FormatMappingPtr;

// Parses and checks a mapping in JSON. E_INVALID says which key and why.
Err format_mapping_parse(Ctx *c, Str json, FormatMapping **ret_mapping) MUST_USE;
void format_mapping_close(FormatMapping *m);
void FormatMappingPtr_cleanup(FormatMappingPtr *m);
// The i-th mapping inside the program; NULL behind the last.
const FormatMapping *format_mapping_at(const FormatTables *t, size_t i);
Str format_mapping_name(const FormatMapping *m);
FormatKind format_mapping_kind(const FormatMapping *m);

// --- what a row says
// ----------------------------------------------------------------------------------

typedef struct FormatAccount {
    Str country, institution, account; // an empty account is the outside
} FormatAccount;

// Strings are trimmed, NFC, without control characters, and valid until the next row.
typedef struct FormatTransfer {
    Str id;
    bool id_made; // from the row's content: the file gave none
    int64_t booked_at_us;
    FormatAccount from, to;
    int64_t amount; // minor units of `currency`, > 0
    const FormatCurrency *currency;
    bool has_credited, has_credited_currency, has_from_balance, has_to_balance, has_seq;
    int64_t credited;                        // = amount where not given
    const FormatCurrency *credited_currency; // = currency where not given
    int64_t from_balance, to_balance;        // after the transfer; 0 where not given
    int64_t seq;                             // 0 where not given
    Str channel, memo;                       // may be empty
} FormatTransfer;

typedef struct FormatReport {
    Str id;
    bool id_made;
    int64_t reported_at_us;
    bool has_happened_at, has_loss;
    int64_t happened_at_us;
    Str victim, country, channel, story;
    int64_t loss;                   // minor units of `currency`
    const FormatCurrency *currency; // NULL where not given
    const Str *transfers, *phones, *urls;
    size_t transfer_count, phone_count, url_count;
    const FormatAccount *accounts; // country and institution may be empty
    size_t account_count;
} FormatReport;

// The same transfer as the stream takes it; texts are borrowed.
void format_stream_transfer(const FormatTransfer *t, StreamTransfer *ret_transfer);
// The canonical mapped row, without a line end: the native columns in their order, times in Z,
// amounts with the currency's digits, what was not given empty. Reading it back gives the same.
void format_transfer_row(const FormatTransfer *t, Buf *b);
void format_report_row(const FormatReport *r, Buf *b);
// The native header lines that go with them, without a line end.
Str format_transfer_header(void);
Str format_report_header(void);

// --- files
// ----------------------------------------------------------------------------------------------

typedef struct FormatFile FormatFile;
typedef FormatFile *FormatFilePtr;

typedef struct FormatOptions {
    const FormatTables *tables;
    FormatKind kind;             // what the caller takes; a mapping of the other kind is refused
    Str path;                    // of a file; or, when empty,
    Str bytes;                   // the whole content, borrowed until close
    Str encoding;                // as asked for by the user, or empty
    Str sheet;                   // of a spreadsheet with several, or empty: the first shown
    Str mapping;                 // name or file as asked for by the user, or empty: by header
    FormatMapping *const *saved; // further mappings to choose from (borrowed), or NULL
    size_t saved_count;
} FormatOptions;

typedef enum FormatRowState { FORMAT_ROW_GOOD, FORMAT_ROW_BAD, FORMAT_ROW_END } FormatRowState;

typedef struct FormatWarning {
    const char *column; // target column
    const char *words;  // "institution TH/999 is not in the table"
} FormatWarning;

typedef struct FormatRow {
    FormatRowState state;
    uint64_t row;            // data row, from 1; bad rows count, blank lines do not
    uint64_t line;           // physical line on which it starts, from 1
    FormatTransfer transfer; // where good, by the file's kind
    FormatReport report;
    const Str *cells; // as they stand in the file, moei_error left out
    size_t cell_count;
    size_t bad_cell; // where bad: the cell that is wrong, from 1; 0 where it is none or several
    Str bad_column;  // where bad: target column, "column 7", or empty for the whole row
    Str bad_reason;  // in plain words
    const FormatWarning *warnings;
    size_t warning_count; // the row was taken all the same
} FormatRow;

typedef struct FormatFileInfo {
    FormatKind kind;
    char encoding[TEXT_ENCODING_NAME_BYTES_MAX]; // "XLSX" of a spreadsheet
    Str mapping;                                 // its name; valid until the file is closed
    Str sheet;                                   // of a spreadsheet, else empty; valid as long
    size_t sheet_count;                          // sheets that are shown
    const Str *header;                           // valid as long
    size_t header_count;
    char delimiter; // of a CSV
    uint64_t bytes_total, bytes_read;
    uint64_t good, bad, warnings;
} FormatFileInfo;

// A last column of this name is passed over: a sheet that came back with its errors may be mended
// and taken in as it is.
#define FORMAT_ERROR_COLUMN "moei_error"

// Opens, chooses encoding and mapping, checks the header. E_INVALID (broken file or mapping),
// E_NOT_FOUND (no mapping fits, or none of that name), E_IO. Takes nothing in yet.
Err format_file_open(Ctx *c, const FormatOptions *options, FormatFile **ret_file) MUST_USE;
void format_file_close(FormatFile *f);
void FormatFilePtr_cleanup(FormatFilePtr *f);
// The next row, good, bad or end; strings valid until the next call. An error means that the file
// is broken as a whole from here on and nothing of it should be taken.
Err format_file_next(Ctx *c, FormatFile *f, FormatRow *ret_row) MUST_USE;
FormatFileInfo format_file_info(const FormatFile *f);
// Reads on to the end without looking at what the rows say, so that a file that is broken as a
// whole is known before anything of it is taken.
Err format_file_skip(Ctx *c, FormatFile *f) MUST_USE;
// SHA-256 of the file's bytes. E_STATE before FORMAT_ROW_END.
Err format_file_sha256(Ctx *c, FormatFile *f, uint8_t ret_hash[32]) MUST_USE;

// --- single values, for what people type
// ------------------------------------------------------------------

// "1,234.50" without separators to minor units; E_INVALID says why. Sign allowed: check it.
Err format_amount_parse(Ctx *c, Str text, const FormatCurrency *currency,
                        int64_t *ret_minor) MUST_USE;
void format_amount_write(Buf *b, int64_t minor, unsigned exponent); // "1234.50"
// RFC 3339 with offset, or local where zone is not NULL; Buddhist years are understood.
Err format_time_parse(Ctx *c, Str text, const TextZone *zone, int64_t *ret_at_us) MUST_USE;
// `[country/[institution/]]account`. Views into text.
Err format_account_parse(Ctx *c, const FormatTables *t, Str text,
                         FormatAccount *ret_account) MUST_USE;
bool format_report_id_valid(Str id); // [A-Za-z0-9._:-]{1,64}

#endif
