// What the cells of a sheet refer to: the workbook's parts, shared strings, styles, merged cells.
#include "format/xlsx_priv.h"

#include <stdio.h>

// --- small helpers
// --------------------------------------------------------------------------------

static Err name_put(Ctx *c, char name[XLSX_NAME_BYTES_MAX], Str text) {
    if (text.n >= XLSX_NAME_BYTES_MAX)
        return fail(c, E_LIMIT, "a name inside the spreadsheet is longer than %d bytes",
                    XLSX_NAME_BYTES_MAX - 1);
    memcpy(name, text.n ? text.p : "", text.n);
    name[text.n] = 0;
    return OK;
}

// A target is relative to the folder of the part that names it, or begins with a slash.
static Err target_put(Ctx *c, const char *part, Str target, char name[XLSX_NAME_BYTES_MAX]) {
    const char *slash = strrchr(part, '/');
    Str path;
    if (str_starts(target, STR("/")))
        return name_put(c, name, (Str){target.p + 1, target.n - 1});
    TRY(str_format(c, &path, "%.*s" STR_FMT, slash ? (int)(slash - part + 1) : 0, part,
                   STR_ARG(target)));
    return name_put(c, name, path);
}

static bool attribute_true(Str value) {
    return str_eq_c(value, "1") || str_eq_c(value, "true") || str_eq_c(value, "on");
}

static int64_t attribute_whole(XlsxPart *part, const char *name, int64_t otherwise) {
    int64_t v = otherwise;
    if (!str_to_i64(xlsx_part_attribute(part, name), &v))
        return otherwise;
    return v;
}

// --- relationships
// --------------------------------------------------------------------------------

// Calls back for each relationship of a part; texts are valid during the call.
typedef Err (*RelationFunction)(Ctx *c, XlsxBook *b, Str id, Str type, Str target, void *arg);

static Err relations_read(Ctx *c, XlsxZip *zip, const char *name, RelationFunction f, XlsxBook *b,
                          void *arg) {
    AUTO(XlsxPart) part = {0};
    XlsxNode node;
    TRY(xlsx_part_open(c, zip, name, &part));
    for (;;) {
        TRY(xlsx_part_next(c, &part, &node));
        if (node == XLSX_END)
            return OK;
        if (node != XLSX_START || !xlsx_part_is(&part, "Relationship"))
            continue;
        Str id, type, target;
        TRY(str_copy(c, xlsx_part_attribute(&part, "Id"), &id));
        TRY(str_copy(c, xlsx_part_attribute(&part, "Type"), &type));
        TRY(str_copy(c, xlsx_part_attribute(&part, "Target"), &target));
        TRY(f(c, b, id, type, target, arg));
    }
}

static Err relation_of_package(Ctx *c, XlsxBook *b, Str id, Str type, Str target, void *arg) {
    (void)id;
    (void)arg;
    if (!str_ends(type, STR("/officeDocument")))
        return OK;
    return target_put(c, "", target, b->workbook);
}

static Err relation_of_book(Ctx *c, XlsxBook *b, Str id, Str type, Str target, void *arg) {
    const Str *wanted = arg;
    if (str_ends(type, STR("/sharedStrings")))
        return target_put(c, b->workbook, target, b->strings);
    if (str_ends(type, STR("/styles")))
        return target_put(c, b->workbook, target, b->styles);
    if (!str_eq(id, *wanted))
        return OK;
    if (!str_ends(type, STR("/worksheet")))
        return fail(c, E_INVALID, "the sheet \"%s\" is a chart or a macro, not a table",
                    b->sheet_name);
    return target_put(c, b->workbook, target, b->sheet);
}

// --- workbook
// -------------------------------------------------------------------------------------

typedef struct SheetChoice {
    Str wanted, id;
    Buf names; // of the visible sheets, for an error
    size_t sheets;
} SheetChoice;

static Err sheet_look(Ctx *c, XlsxPart *part, XlsxBook *b, SheetChoice *choice) {
    Str name, state;
    if (++choice->sheets > XLSX_SHEETS_MAX)
        return fail(c, E_LIMIT, "the spreadsheet has more than %d sheets", XLSX_SHEETS_MAX);
    TRY(str_copy(c, xlsx_part_attribute(part, "name"), &name));
    state = xlsx_part_attribute(part, "state");
    bool hidden = str_eq_c(state, "hidden") || str_eq_c(state, "veryHidden");
    if (!hidden) {
        buf_format(&choice->names, "%s\"" STR_FMT "\"", b->sheet_count ? ", " : "", STR_ARG(name));
        b->sheet_count++;
    }
    bool wanted = choice->wanted.n ? str_eq(name, choice->wanted) : !hidden;
    if (choice->id.n || !wanted)
        return OK;
    TRY(name_put(c, b->sheet_name, name));
    return str_copy(c, xlsx_part_attribute(part, "id"), &choice->id);
}

static Err workbook_read(Ctx *c, XlsxZip *zip, XlsxBook *b, SheetChoice *choice) {
    AUTO(XlsxPart) part = {0};
    XlsxNode node;
    TRY(xlsx_part_open(c, zip, b->workbook, &part));
    for (;;) {
        TRY(xlsx_part_next(c, &part, &node));
        if (node == XLSX_END)
            break;
        if (node != XLSX_START)
            continue;
        if (xlsx_part_is(&part, "workbookPr"))
            b->from_1904 = attribute_true(xlsx_part_attribute(&part, "date1904"));
        else if (xlsx_part_is(&part, "sheet"))
            TRY(sheet_look(c, &part, b, choice));
    }
    TRY(buf_check(c, &choice->names));
    if (choice->id.n == 0 && choice->wanted.n)
        return fail(c, E_NOT_FOUND, "there is no sheet \"" STR_FMT "\"; sheets here: %.300s",
                    STR_ARG(choice->wanted), choice->names.n ? choice->names.p : "none");
    if (choice->id.n == 0)
        return fail(c, E_INVALID, "the spreadsheet has no sheet that is shown");
    return OK;
}

// --- shared strings
// -------------------------------------------------------------------------------

static Err string_end(Ctx *c, XlsxBook *b) {
    if (b->string_count == XLSX_STRINGS_MAX || b->text.n > XLSX_STRING_BYTES_MAX)
        return fail(c, E_LIMIT, "the spreadsheet has too much text: save it as CSV");
    TRY(mem_grow(c, &b->ends, &b->ends_cap, b->string_count + 1, sizeof *b->ends));
    b->ends[b->string_count++] = b->text.n;
    return buf_check(c, &b->text);
}

// A string may come in runs of differing looks; phonetic hints (rPh) are no part of it.
static Err strings_read(Ctx *c, XlsxZip *zip, XlsxBook *b) {
    AUTO(XlsxPart) part = {0};
    XlsxNode node;
    bool in_text = false, in_hint = false;
    TRY(xlsx_part_open(c, zip, b->strings, &part));
    for (;;) {
        TRY(xlsx_part_next(c, &part, &node));
        if (node == XLSX_END)
            return OK;
        if (node == XLSX_TEXT) {
            if (in_text && !in_hint)
                xlsx_text_write(&b->text, xlsx_part_text(&part));
            continue;
        }
        bool starts = node == XLSX_START && !xlsx_part_empty(&part);
        if (xlsx_part_is(&part, "t"))
            in_text = starts;
        else if (xlsx_part_is(&part, "rPh"))
            in_hint = starts;
        else if (xlsx_part_is(&part, "si") && !starts)
            TRY(string_end(c, b));
    }
}

Str xlsx_book_string(const XlsxBook *b, size_t i) {
    size_t from = i ? b->ends[i - 1] : 0;
    return (Str){b->text.p + from, b->ends[i] - from};
}

// --- styles
// ---------------------------------------------------------------------------------------

typedef struct NumberFormat {
    int64_t id;
    XlsxStyle style;
} NumberFormat;

static XlsxStyle style_find(const NumberFormat *formats, size_t n, int64_t id) {
    for (size_t i = 0; i < n; i++)
        if (formats[i].id == id)
            return formats[i].style;
    return xlsx_style_of(id < 0 ? 0 : (uint64_t)id, (Str){0});
}

static Err styles_parse(Ctx *c, XlsxPart *part, XlsxBook *b, NumberFormat *formats) {
    XlsxNode node;
    size_t n = 0;
    bool in_cells = false;
    for (;;) {
        TRY(xlsx_part_next(c, part, &node));
        if (node == XLSX_END)
            return OK;
        if (node == XLSX_TEXT)
            continue;
        if (xlsx_part_is(part, "cellXfs"))
            in_cells = node == XLSX_START && !xlsx_part_empty(part);
        if (node != XLSX_START)
            continue;
        if (xlsx_part_is(part, "numFmt")) {
            int64_t id = attribute_whole(part, "numFmtId", -1);
            if (n == XLSX_FORMATS_MAX)
                return fail(c, E_LIMIT, "the spreadsheet has more than %d number formats",
                            XLSX_FORMATS_MAX);
            formats[n++] = (NumberFormat){
                .id = id, .style = xlsx_style_of(0, xlsx_part_attribute(part, "formatCode"))};
        } else if (in_cells && xlsx_part_is(part, "xf")) {
            if (b->style_count == XLSX_STYLES_MAX)
                return fail(c, E_LIMIT, "the spreadsheet has more than %d styles", XLSX_STYLES_MAX);
            TRY(mem_grow(c, &b->style, &b->style_cap, b->style_count + 1, sizeof *b->style));
            b->style[b->style_count++] =
                style_find(formats, n, attribute_whole(part, "numFmtId", 0));
        }
    }
}

static Err styles_read(Ctx *c, XlsxZip *zip, XlsxBook *b) {
    AUTO(XlsxPart) part = {0};
    NumberFormat *formats;
    TRY(ctx_alloc(c, XLSX_FORMATS_MAX * sizeof *formats, &formats));
    TRY(xlsx_part_open(c, zip, b->styles, &part));
    return styles_parse(c, &part, b, formats);
}

// --- merged cells
// ---------------------------------------------------------------------------------

static Err merge_add(Ctx *c, XlsxBook *b, Str ref) {
    Str first;
    XlsxMerge m;
    if (!str_split(&ref, ':', &first) || !xlsx_cell_name(first, &m.column_first, &m.row_first) ||
        !xlsx_cell_name(ref, &m.column_last, &m.row_last))
        return OK;
    if (b->merge_count == XLSX_MERGES_MAX)
        return fail(c, E_LIMIT, "the sheet has more than %d merged cells: save it as CSV",
                    XLSX_MERGES_MAX);
    TRY(mem_grow(c, &b->merges, &b->merge_cap, b->merge_count + 1, sizeof *b->merges));
    b->merges[b->merge_count++] = m;
    return OK;
}

// The value of `ref` in an element's text, from its '<' to its '>'.
static bool merge_ref(Str element, Str *ret_ref) {
    size_t name = 1, at = 0;
    while (name < element.n && element.p[name] > ' ' && element.p[name] != '>')
        name++;
    if (!str_ends((Str){element.p, name}, STR("mergeCell")))
        return false;
    Str rest = {element.p + name, element.n - name};
    if (!str_find(rest, STR(" ref=\""), &at))
        return false;
    rest = (Str){rest.p + at + 6, rest.n - at - 6};
    return str_split(&rest, '"', ret_ref);
}

// Takes the merged cells out of whole elements; returns how many bytes were looked at.
static Err merges_scan(Ctx *c, XlsxBook *b, Str text, size_t *ret_used) {
    size_t at = 0;
    *ret_used = 0;
    while (at < text.n) {
        const char *from = memchr(text.p + at, '<', text.n - at);
        size_t start = from ? (size_t)(from - text.p) : text.n;
        *ret_used = start;
        if (from == NULL)
            return OK;
        // Few elements begin so; the rest is passed over quickly.
        const char *to = memchr(from, '>', text.n - start);
        if (to == NULL)
            return OK;
        at = (size_t)(to - text.p) + 1;
        Str ref;
        if (merge_ref((Str){from, (size_t)(to - from)}, &ref))
            TRY(merge_add(c, b, ref));
        *ret_used = at;
    }
    return OK;
}

#define SCAN_BYTES (64 << 10)

// They stand behind the rows, which need them: so the sheet is unpacked once for them alone, and
// looked through as bytes, which is many times quicker than as XML. They only make warnings: in a
// sheet that is not UTF-8 they are not found.
static Err merges_read(Ctx *c, XlsxZip *zip, XlsxBook *b) {
    AUTO(XlsxPart) part = {0};
    char *bytes;
    size_t held = 0;
    TRY(ctx_alloc(c, SCAN_BYTES, &bytes));
    TRY(xlsx_part_open(c, zip, b->sheet, &part));
    for (;;) {
        size_t got = 0, used = 0;
        TRY(xlsx_part_bytes(c, &part, bytes + held, SCAN_BYTES - held, &got));
        if (got == 0)
            break;
        TRY(merges_scan(c, b, (Str){bytes, held + got}, &used));
        held += got - used;
        memmove(bytes, bytes + used, held);
        // An element as long as all of it is none of these.
        if (held == SCAN_BYTES)
            held = 0;
    }
    zip->unpacked -= part.read;
    return OK;
}

// --- the whole
// ------------------------------------------------------------------------------------

static Err rels_name(Ctx *c, const char *part, char name[XLSX_NAME_BYTES_MAX]) {
    const char *slash = strrchr(part, '/');
    Str path;
    TRY(str_format(c, &path, "%.*s_rels/%s.rels", slash ? (int)(slash - part + 1) : 0, part,
                   slash ? slash + 1 : part));
    return name_put(c, name, path);
}

Err xlsx_book_read(Ctx *c, XlsxZip *zip, Str sheet, XlsxBook *book) {
    XlsxBook *b = book; // done by the caller also after an error
    char rels[XLSX_NAME_BYTES_MAX];
    SheetChoice choice = {.wanted = sheet};
    *b = (XlsxBook){.workbook = "xl/workbook.xml"};
    if (xlsx_zip_has(zip, "_rels/.rels"))
        TRY(relations_read(c, zip, "_rels/.rels", relation_of_package, b, NULL));
    Err e = workbook_read(c, zip, b, &choice);
    buf_done(&choice.names);
    TRY(e);
    TRY(rels_name(c, b->workbook, rels));
    TRY(relations_read(c, zip, rels, relation_of_book, b, &choice.id));
    if (b->sheet[0] == 0)
        return fail(c, E_INVALID, "the spreadsheet is broken: its sheet \"%s\" has no part",
                    b->sheet_name);
    if (b->strings[0] && xlsx_zip_has(zip, b->strings))
        TRY(strings_read(c, zip, b));
    if (b->styles[0] && xlsx_zip_has(zip, b->styles))
        TRY(styles_read(c, zip, b));
    return merges_read(c, zip, b);
}

void xlsx_book_done(XlsxBook *b) {
    buf_done(&b->text);
    mem_free(b->ends);
    mem_free(b->style);
    mem_free(b->merges);
    *b = (XlsxBook){0};
}
