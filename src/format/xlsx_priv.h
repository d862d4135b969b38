// Inside of room format: the parts of an XLSX file, its strings, styles and merged cells.
#ifndef MOEI_FORMAT_XLSX_PRIV_H
#define MOEI_FORMAT_XLSX_PRIV_H

#include "format/format.h"

#include <libxml/xmlreader.h>
#include <zip.h>

// --- the container ------------------------------------------------------------------------------

// The file's bytes lie in memory: a ZIP is read from its end, and nobody can change it meanwhile.
typedef struct XlsxZip {
    uint8_t *own; // heap, when read from a file
    Str bytes;
    zip_t *zip;
    uint64_t unpacked; // by all parts so far
} XlsxZip;

Err xlsx_zip_open(Ctx *c, Str path, Str bytes, XlsxZip *ret_zip) MUST_USE;
void xlsx_zip_close(XlsxZip *z);
bool xlsx_zip_has(const XlsxZip *z, const char *name);

// One XML part while it is read. Not to be moved while open: the XML reader points into it.
typedef struct XlsxPart {
    Ctx *c; // of the call that reads now
    XlsxZip *zip;
    zip_file_t *file;
    xmlTextReaderPtr xml;
    uint64_t size, packed, read;
    Err err;
    char name[XLSX_NAME_BYTES_MAX];
} XlsxPart;

Err xlsx_part_open(Ctx *c, XlsxZip *zip, const char *name, XlsxPart *part) MUST_USE;
void xlsx_part_close(XlsxPart *part);
void XlsxPart_cleanup(XlsxPart *part);
// Next bytes as they are, for a part that is not read as XML. *ret_n is 0 at its end.
Err xlsx_part_bytes(Ctx *c, XlsxPart *part, char *bytes, size_t n, size_t *ret_n) MUST_USE;

typedef enum XlsxNode { XLSX_END, XLSX_START, XLSX_STOP, XLSX_TEXT } XlsxNode;
// The next node that matters. An element without content gives XLSX_START only; see
// xlsx_part_empty.
Err xlsx_part_next(Ctx *c, XlsxPart *part, XlsxNode *ret_node) MUST_USE;
bool xlsx_part_is(const XlsxPart *part, const char *local_name);
bool xlsx_part_empty(const XlsxPart *part);
Str xlsx_part_text(const XlsxPart *part);
// The value of an attribute by its local name; empty when absent. Valid until the next node.
Str xlsx_part_attribute(XlsxPart *part, const char *local_name);
// Goes through the attributes of the element: false behind the last.
bool xlsx_part_attribute_next(XlsxPart *part, Str *ret_name, Str *ret_value);

// --- what the cells refer to --------------------------------------------------------------------

// How a number is shown.
typedef struct XlsxStyle {
    bool date, time; // of a calendar, of a day
    uint8_t pad;     // "00000": leading zeros up to so many digits
} XlsxStyle;

typedef struct XlsxMerge {
    uint32_t row_first, row_last, column_first, column_last; // from 1
} XlsxMerge;

typedef struct XlsxBook {
    char workbook[XLSX_NAME_BYTES_MAX], sheet[XLSX_NAME_BYTES_MAX];
    char strings[XLSX_NAME_BYTES_MAX], styles[XLSX_NAME_BYTES_MAX]; // part names, or empty
    char sheet_name[XLSX_NAME_BYTES_MAX];
    size_t sheet_count; // visible ones
    bool from_1904;
    Buf text; // of all shared strings
    size_t *ends;
    size_t string_count, ends_cap;
    XlsxStyle *style;
    size_t style_count, style_cap;
    XlsxMerge *merges;
    size_t merge_count, merge_cap;
} XlsxBook;

// `sheet` empty: the first that is not hidden. E_NOT_FOUND names the sheets that are there.
Err xlsx_book_read(Ctx *c, XlsxZip *zip, Str sheet, XlsxBook *book) MUST_USE;
void xlsx_book_done(XlsxBook *b);
Str xlsx_book_string(const XlsxBook *b, size_t i);

// --- values -------------------------------------------------------------------------------------

// How a number format shows a value; docs/format-xlsx.md has the rule.
XlsxStyle xlsx_style_of(uint64_t id, Str code);
// "BC12": column and row from 1; a row of 0 where the text has none. False when it is no cell.
bool xlsx_cell_name(Str text, uint32_t *ret_column, uint32_t *ret_row);
// Appends a stored number as plain digits. False when it is no number.
bool xlsx_number_write(Buf *b, Str stored, unsigned pad);
// Appends a stored number as date, time or both. False when it is none of the calendar.
bool xlsx_time_write(Buf *b, Str stored, XlsxStyle style, bool from_1904);
// Appends text with its `_x000D_` escapes undone.
void xlsx_text_write(Buf *b, Str text);

#endif
