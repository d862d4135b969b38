// The part of format's door that reads and writes spreadsheets; included by format/format.h.
//
// Reading is bounded: limits on parts, unpacked bytes, ratio and depth refuse zip bombs, and a
// document type or entity refuses the file. Nothing is fetched from outside, no formula is
// computed: the value that the program saved counts. docs/format-xlsx.md has the rules.
#ifndef MOEI_FORMAT_SHEET_H
#define MOEI_FORMAT_SHEET_H

#include "format/format.h"

// --- XLSX in
// --------------------------------------------------------------------------------------

typedef struct FormatXlsx FormatXlsx;
typedef FormatXlsx *FormatXlsxPtr;

typedef struct FormatXlsxOptions {
    Str path;  // of a file; or, when empty,
    Str bytes; // the whole content, borrowed until close
    Str sheet; // its name, or empty: the first that is shown
} FormatXlsxOptions;

typedef struct FormatXlsxInfo {
    Str sheet;          // which is read; valid until close
    size_t sheet_count; // that are shown
    uint64_t bytes_total, bytes_read;
    CryptoHash sha256; // of the file
} FormatXlsxInfo;

// True for the first 8 bytes of a ZIP, or of an old or locked file of Excel, which
// format_xlsx_open refuses with words.
bool format_xlsx_looks(Str first);
// E_IO; E_INVALID, E_UNSUPPORTED (locked, .xls, .xlsb, .ods), E_LIMIT; E_NOT_FOUND for a sheet.
Err format_xlsx_open(Ctx *c, const FormatXlsxOptions *options, FormatXlsx **ret_xlsx) MUST_USE;
void format_xlsx_close(FormatXlsx *r);
void FormatXlsxPtr_cleanup(FormatXlsxPtr *r);
// The next row; rows without any value are passed over. A row has as many fields as the first one,
// or more where it holds more. Errors mean that the file is broken from here on.
Err format_xlsx_next(Ctx *c, FormatXlsx *r, FormatCsvRow *ret_row) MUST_USE;
FormatXlsxInfo format_xlsx_info(const FormatXlsx *r);

// --- XLSX out
// -------------------------------------------------------------------------------------

typedef enum FormatSheetType {
    FORMAT_SHEET_TEXT,
    FORMAT_SHEET_AMOUNT, // a number with the currency's digits; as text from 16 digits on
    FORMAT_SHEET_TIME    // date and time in UTC; " (UTC)" is added to the column's name
} FormatSheetType;

typedef struct FormatSheetColumn {
    Str name;
    FormatSheetType type;
    unsigned width; // in characters; 0: 16
} FormatSheetColumn;

typedef struct FormatSheetCell {
    Str text;          // of a text column
    bool filled;       // of the others: false leaves the cell empty
    int64_t value;     // minor units, or µs UTC
    unsigned exponent; // of an amount: digits behind the point
} FormatSheetCell;

typedef struct FormatSheetOptions {
    const char *name; // of the sheet, up to 31 bytes; NULL: "Sheet1"
    const FormatSheetColumn *columns;
    size_t column_count; // up to SHEET_COLUMNS_MAX
    int64_t at_us;       // when it is made; written into the file's properties
} FormatSheetOptions;

typedef struct FormatSheet FormatSheet;
typedef FormatSheet *FormatSheetPtr;

// A sheet with its header row. Texts are always written as texts: = + - @ in front make no formula.
// E_LIMIT, E_INVALID, E_MEMORY, E_IO.
Err format_sheet_open(Ctx *c, const FormatSheetOptions *options, FormatSheet **ret_sheet) MUST_USE;
void format_sheet_close(FormatSheet *s);
void FormatSheetPtr_cleanup(FormatSheetPtr *s);
// One row: as many cells as columns. A text over SHEET_CELL_BYTES_MAX ends in an ellipsis.
Err format_sheet_row(Ctx *c, FormatSheet *s, const FormatSheetCell *cells) MUST_USE;
// Appends the finished XLSX to *out. Only close may follow.
Err format_sheet_end(Ctx *c, FormatSheet *s, Buf *out) MUST_USE;
// The same into a file, whole or not at all (0600).
Err format_sheet_save(Ctx *c, FormatSheet *s, Str path) MUST_USE;

// --- CSV for people
// -------------------------------------------------------------------------------

// Like format_csv_field, for a file that people open in a spreadsheet program: a ' is put before
// what the program would compute (= + - @ or a tab in front), but for plain numbers.
void format_csv_field_safe(Buf *b, Str field);

#endif
