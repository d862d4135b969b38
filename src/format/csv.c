// CSV after RFC 4180, streaming: a window of a little over the longest line is all that is kept,
// whatever the file's size.
#include "format/csv_priv.h"

#define READ_BYTES (256 << 10)
#define WINDOW_BYTES (CSV_LINE_BYTES_MAX + READ_BYTES + TEXT_DECODE_BYTES_MAX * 12 + 64)

struct FormatCsv {
    // where bytes come from
    File file;
    Str memory;
    size_t memory_at;
    bool from_memory, source_end;
    uint64_t bytes_read, bytes_total;
    CryptoSha256 hash;
    // first bytes, read to choose the encoding
    char look[TEXT_ENCODING_LOOK_BYTES];
    size_t look_at, look_n;
    // how they become text
    TextEncoding encoding;
    TextDecoder *decoder;
    // text[row_at … text_n) is decoded and not given out yet; tail_n bytes of a cut character
    // follow
    char *text;
    size_t row_at, text_n, tail_n;
    bool text_end;
    uint64_t line;
    char delimiter;
    bool special[256]; // bytes that end or break a plain field
    Str fields[CSV_COLUMNS_MAX];
};

// --- source -------------------------------------------------------------------------------------

static Err source_read_new(Ctx *c, FormatCsv *r, char *bytes, size_t n, size_t *ret_n) {
    size_t got = 0;
    if (r->from_memory) {
        got = r->memory.n - r->memory_at < n ? r->memory.n - r->memory_at : n;
        if (got)
            memcpy(bytes, r->memory.p + r->memory_at, got);
        r->memory_at += got;
    } else {
        TRY(file_read(c, &r->file, bytes, n, &got));
    }
    crypto_sha256_add(&r->hash, bytes, got);
    r->bytes_read += got;
    r->source_end = got == 0;
    *ret_n = got;
    return OK;
}

// Up to n bytes; 0 at the end, where source_end is set.
static Err source_read(Ctx *c, FormatCsv *r, char *bytes, size_t n, size_t *ret_n) {
    size_t left = r->look_n - r->look_at;
    if (left == 0)
        return source_read_new(c, r, bytes, n, ret_n);
    size_t take = left < n ? left : n;
    memcpy(bytes, r->look + r->look_at, take);
    r->look_at += take;
    *ret_n = take;
    return OK;
}

static Err look_fill(Ctx *c, FormatCsv *r) {
    while (r->look_n < sizeof r->look && !r->source_end) {
        size_t got = 0;
        TRY(source_read_new(c, r, r->look + r->look_n, sizeof r->look - r->look_n, &got));
        r->look_n += got;
    }
    return OK;
}

// Moves what is not given out to the front of the window and decodes more behind it.
static Err fill(Ctx *c, FormatCsv *r) {
    if (r->row_at) {
        memmove(r->text, r->text + r->row_at, r->text_n - r->row_at + r->tail_n);
        r->text_n -= r->row_at;
        r->row_at = 0;
    }
    size_t got = 0, used = 0;
    Str text = {0};
    if (text_decoder_is_utf8(r->decoder)) {
        char *at = r->text + r->text_n;
        TRY(source_read(c, r, at + r->tail_n, READ_BYTES, &got));
        size_t n = r->tail_n + got;
        TRY(text_decoder_feed(c, r->decoder, (Str){at, n}, got == 0, &used, &text));
        r->text_n += used;
        r->tail_n = n - used;
    } else {
        char bytes[TEXT_DECODE_BYTES_MAX];
        TRY(source_read(c, r, bytes, sizeof bytes, &got));
        TRY(text_decoder_feed(c, r->decoder, (Str){bytes, got}, got == 0, &used, &text));
        ASSERT(used == got && r->text_n + text.n < WINDOW_BYTES);
        if (text.n)
            memcpy(r->text + r->text_n, text.p, text.n);
        r->text_n += text.n;
    }
    ASSERT(r->text_n + r->tail_n < WINDOW_BYTES);
    r->text_end = got == 0;
    return OK;
}

// --- open and close
// -------------------------------------------------------------------------------

static void delimiter_set(FormatCsv *r, char delimiter) {
    r->delimiter = delimiter;
    memset(r->special, 0, sizeof r->special);
    r->special[(uint8_t)delimiter] = true;
    r->special['\n'] = r->special['\r'] = r->special['"'] = r->special[0] = true;
}

static Err source_open(Ctx *c, const FormatCsvOptions *o, FormatCsv *r) {
    if (o->path.n == 0) {
        r->from_memory = true;
        r->memory = o->bytes;
        r->bytes_total = o->bytes.n;
        return OK;
    }
    TRY(file_open(c, o->path, FILE_READ, &r->file));
    return file_size(c, &r->file, &r->bytes_total);
}

Err format_csv_open(Ctx *c, const FormatCsvOptions *options, FormatCsv **ret_csv) {
    AUTO(FormatCsvPtr) r = mem_alloc_zero(1, sizeof *r);
    if (r == NULL)
        return fail(c, E_MEMORY, "no memory to read a file");
    crypto_sha256_init(&r->hash);
    r->line = 1;
    r->text = mem_alloc(WINDOW_BYTES);
    if (r->text == NULL)
        return fail(c, E_MEMORY, "no memory to read a file");
    delimiter_set(r, options->delimiter ? options->delimiter : ',');
    TRY(source_open(c, options, r));
    TRY(look_fill(c, r));
    Str look = {r->look, r->look_n};
    TRY(text_encoding_choose(c, look, options->encoding, &r->encoding));
    r->look_at = r->encoding.bom_bytes;
    TRY(text_decoder_open(c, &r->encoding, &r->decoder));
    *ret_csv = r;
    r = NULL;
    return OK;
}

void format_csv_close(FormatCsv *r) {
    if (r == NULL)
        return;
    file_close(&r->file);
    text_decoder_close(r->decoder);
    mem_free(r->text);
    mem_free(r);
}

void FormatCsvPtr_cleanup(FormatCsvPtr *r) {
    format_csv_close(*r);
}

const char *csv_encoding(const FormatCsv *r) {
    return r->encoding.name;
}

uint64_t csv_bytes_read(const FormatCsv *r) {
    return r->bytes_read;
}

uint64_t csv_bytes_total(const FormatCsv *r) {
    return r->bytes_total;
}

CryptoHash csv_sha256(const FormatCsv *r) {
    CryptoSha256 copy = r->hash;
    return crypto_sha256_finish(&copy);
}

// --- one row
// --------------------------------------------------------------------------------------

typedef enum Step {
    STEP_FIELD, // a field ended at a delimiter
    STEP_ROW,   // a field and the row ended
    STEP_MORE   // the window ends inside the row
} Step;

typedef struct Scan {
    char *p; // next byte
    char *end;
    size_t field_n;
    uint64_t lines;
    const char *bad; // the first thing that is wrong
    size_t bad_column;
    char *close;      // closing quote of the field, or NULL
    size_t doubled;   // pairs of quotes in the field so far, each one byte of its content
    bool any_doubled; // some field has such pairs
} Scan;

static void scan_bad(Scan *s, const char *why) {
    if (s->bad)
        return;
    s->bad = why;
    s->bad_column = s->field_n + 1;
}

static void scan_field(FormatCsv *r, Scan *s, char *from, char *to) {
    if (s->close)
        to = s->close;
    if (to - from - (ptrdiff_t)s->doubled > CSV_FIELD_BYTES_MAX)
        scan_bad(s, "the field is longer than 64 KiB");
    if (s->field_n < CSV_COLUMNS_MAX)
        r->fields[s->field_n] = (Str){from, (size_t)(to - from)};
    else
        scan_bad(s, "the row has more than 4096 columns");
    s->field_n++;
    s->any_doubled |= s->doubled != 0;
    s->close = NULL;
    s->doubled = 0;
}

static_assert(CSV_FIELD_BYTES_MAX / 1024 == 64 && CSV_COLUMNS_MAX / 1024 == 4, "as the words say");

// Bytes of the line end at p: 0 when p is none, and SIZE_MAX when the next byte would tell.
static size_t line_end_bytes(const FormatCsv *r, const char *p, const char *end) {
    if (*p == '\n')
        return 1;
    if (*p != '\r')
        return 0;
    if (p + 1 == end)
        return r->text_end ? 1 : SIZE_MAX;
    return p[1] == '\n' ? 2 : 0;
}

// A field without quotes, or what follows a closing quote: s->p stands in it, it began at `from`.
static Step scan_plain(FormatCsv *r, Scan *s, char *from) {
    char *p = s->p;
    for (;; p++) {
        // A line end stands behind the window, so that the loop needs no other guard.
        while (!r->special[(uint8_t)*p])
            p++;
        if (p == s->end) {
            if (!r->text_end)
                return STEP_MORE;
            scan_field(r, s, from, p);
            s->p = p;
            return STEP_ROW;
        }
        if (*p == r->delimiter) {
            scan_field(r, s, from, p);
            s->p = p + 1;
            return STEP_FIELD;
        }
        size_t line_end = line_end_bytes(r, p, s->end);
        if (line_end == SIZE_MAX)
            return STEP_MORE;
        if (line_end) {
            scan_field(r, s, from, p);
            s->p = p + line_end;
            s->lines++;
            return STEP_ROW;
        }
        if (*p == '"')
            scan_bad(s, "a quotation mark stands inside a field that is not in quotes");
        else if (*p == 0)
            scan_bad(s, "the field has a NUL byte");
        else
            scan_bad(s, "a carriage return stands alone, without a line feed");
    }
}

// Moves s->p to the closing quote of the field; false when the window ends before.
static bool scan_to_quote(Scan *s) {
    for (char *p = s->p; p < s->end; p++) {
        if (*p == '"') {
            if (p + 1 < s->end && p[1] == '"') {
                s->doubled++;
                p++;
                continue;
            }
            s->p = p;
            return true;
        }
        if (*p == '\n')
            s->lines++;
        else if (*p == 0)
            scan_bad(s, "the field has a NUL byte");
    }
    return false;
}

// A field in quotes: s->p stands behind the opening one.
static Step scan_quoted(FormatCsv *r, Scan *s) {
    char *from = s->p;
    if (!scan_to_quote(s)) {
        if (!r->text_end)
            return STEP_MORE;
        scan_bad(s, "the quotation mark that opens the field is never closed; everything after it "
                    "to the end of the file is left out");
        scan_field(r, s, from, s->end);
        s->p = s->end;
        return STEP_ROW;
    }
    char *close = s->p;
    // What follows the quote tells whether it closes; it must be in the window.
    if (close + 1 == s->end && !r->text_end)
        return STEP_MORE;
    s->p = close + 1;
    if (s->p == s->end || *s->p == r->delimiter || *s->p == '\n' ||
        (*s->p == '\r' && line_end_bytes(r, s->p, s->end) != 0)) {
        s->close = close;
        return scan_plain(r, s, from);
    }
    scan_bad(s, "text follows the closing quotation mark of the field");
    return scan_plain(r, s, from);
}

static Step scan_row(FormatCsv *r, Scan *s) {
    Step step = STEP_FIELD;
    while (step == STEP_FIELD) {
        if (s->p < s->end && *s->p == '"') {
            s->p++;
            step = scan_quoted(r, s);
        } else {
            step = scan_plain(r, s, s->p);
        }
    }
    return step;
}

// Takes doubled quotes out of the fields in quotes, in place.
static void undouble(FormatCsv *r, const Scan *s) {
    for (size_t i = 0; i < s->field_n; i++) {
        Str *f = &r->fields[i];
        char *row = r->text + r->row_at;
        size_t at = (size_t)(f->p - row);
        // Only the quote that opens a field can stand before it.
        if (f->n == 0 || at == 0 || row[at - 1] != '"')
            continue;
        size_t out = 0;
        for (size_t k = 0; k < f->n; k++) {
            row[at + out++] = f->p[k];
            if (f->p[k] == '"')
                k++;
        }
        f->n = out;
    }
}

// --- rows too long to keep
// --------------------------------------------------------------------------

typedef enum SkipState { SKIP_START, SKIP_PLAIN, SKIP_QUOTED, SKIP_QUOTE } SkipState;

static SkipState skip_byte(const FormatCsv *r, SkipState state, char ch) {
    if (state == SKIP_QUOTED)
        return ch == '"' ? SKIP_QUOTE : SKIP_QUOTED;
    if (ch == r->delimiter)
        return SKIP_START;
    if (ch == '"' && state != SKIP_PLAIN)
        return SKIP_QUOTED;
    return SKIP_PLAIN;
}

// Passes over the row from its start to its end by the same rules, keeping nothing.
static Err skip_row(Ctx *c, FormatCsv *r) {
    SkipState state = SKIP_START;
    for (;;) {
        const char *end = r->text + r->text_n;
        for (const char *p = r->text + r->row_at; p < end; p++) {
            if (*p == '\n') {
                r->line++;
                if (state != SKIP_QUOTED) {
                    r->row_at = (size_t)(p + 1 - r->text);
                    return OK;
                }
                continue;
            }
            state = skip_byte(r, state, *p);
        }
        r->row_at = r->text_n;
        if (r->text_end)
            return OK;
        TRY(fill(c, r));
    }
}

static void row_bad(const FormatCsv *r, const Scan *s, uint64_t line, FormatCsvRow *ret_row) {
    size_t kept = s->field_n < CSV_COLUMNS_MAX ? s->field_n : CSV_COLUMNS_MAX;
    *ret_row = (FormatCsvRow){.fields = r->fields,
                              .field_count = kept,
                              .line = line,
                              .bad = s->bad,
                              .bad_column = s->bad_column};
}

static Err row_too_long(Ctx *c, FormatCsv *r, FormatCsvRow *ret_row) {
    Scan s = {.bad = "the line is longer than 1 MiB"};
    uint64_t line = r->line;
    TRY(skip_row(c, r));
    row_bad(r, &s, line, ret_row);
    return OK;
}

static_assert(CSV_LINE_BYTES_MAX / 1024 == 1024, "as the words say");

Err format_csv_next(Ctx *c, FormatCsv *r, FormatCsvRow *ret_row) {
    for (;;) {
        Scan s = {.p = r->text + r->row_at, .end = r->text + r->text_n};
        char *from = s.p;
        if (from == s.end && r->text_end) {
            *ret_row = (FormatCsvRow){.end = true};
            return OK;
        }
        char kept = *s.end;
        *s.end = '\n';
        Step step = from == s.end ? STEP_MORE : scan_row(r, &s);
        *s.end = kept;
        if (step == STEP_MORE) {
            if (r->text_n - r->row_at > CSV_LINE_BYTES_MAX)
                return row_too_long(c, r, ret_row);
            TRY(fill(c, r));
            continue;
        }
        uint64_t line = r->line;
        if (s.p - from > CSV_LINE_BYTES_MAX)
            s = (Scan){.p = s.p, .lines = s.lines, .bad = "the line is longer than 1 MiB"};
        r->line += s.lines;
        bool blank = s.field_n == 1 && r->fields[0].n == 0 && *from != '"';
        if (s.any_doubled && !s.bad)
            undouble(r, &s);
        r->row_at = (size_t)(s.p - r->text);
        if (blank && !s.bad)
            continue;
        row_bad(r, &s, line, ret_row);
        return OK;
    }
}

// --- writing
// ----------------------------------------------------------------------------------------

void format_csv_field(Buf *b, Str field) {
    bool quote = false;
    for (size_t i = 0; i < field.n && !quote; i++)
        quote = field.p[i] == '"' || field.p[i] == ',' || field.p[i] == '\n' || field.p[i] == '\r';
    if (!quote) {
        buf_str(b, field);
        return;
    }
    buf_char(b, '"');
    while (field.n) {
        const char *mark = memchr(field.p, '"', field.n);
        size_t n = mark ? (size_t)(mark - field.p) + 1 : field.n;
        buf_append(b, field.p, n);
        if (mark)
            buf_char(b, '"');
        field = (Str){field.p + n, field.n - n};
    }
    buf_char(b, '"');
}
