// Letters: an order on paper, in two languages.
#include "format/format_letter.h"

#define LETTER_KEYS_MAX 96

static const char style[] =
    "@page{size:A4;margin:18mm}body{font:11pt/1.4 sans-serif;color:#000;background:#fff;"
    "max-width:174mm;margin:1em auto}h1{font-size:16pt;margin:0 0 .2em}h1+p{margin:0 0 1em;"
    "font-size:13pt}table{border-collapse:collapse;width:100%;margin:.6em 0}td,th{border:1px solid "
    "#555;padding:3pt 5pt;text-align:left;vertical-align:top}th{width:34%;font-weight:normal}b,"
    ".big{font-weight:bold}.big{font-size:13pt}.l{color:#333}.box{border:2px solid "
    "#000;padding:6pt;"
    "margin:.8em 0}.fill td{height:9mm}.tear{border-top:2px dashed #000;margin-top:8mm;"
    "padding-top:4mm;page-break-inside:avoid}code{font-size:12pt;letter-spacing:.05em}";

Str format_letter_language(Str country) {
    static const char *const languages[][2] = {{"TH", "th"}, {"MM", "my"}, {"CN", "zh-Hans"},
                                               {"LA", "lo"}, {"KH", "km"}, {"VN", "vi"},
                                               {"MY", "ms"}};
    for (size_t i = 0; i < COUNT_OF(languages); i++) {
        if (str_eq_c(country, languages[i][0]))
            return str_of(languages[i][1]);
    }
    return (Str){0};
}

// --- words --------------------------------------------------------------------------------------

typedef struct Words {
    Str language;
    Str keys[LETTER_KEYS_MAX], texts[LETTER_KEYS_MAX];
    size_t count;
} Words;

static Err words_read(Ctx *c, Str language, Words *w) {
    Str name, bytes;
    w->language = language;
    TRY(str_format(c, &name, "data/letters/" STR_FMT ".csv", STR_ARG(language)));
    TRY(format_data_get(c, name, &bytes));
    FormatCsvOptions options = {.bytes = bytes};
    AUTO(FormatCsvPtr) csv = NULL;
    TRY(format_csv_open(c, &options, &csv));
    for (bool header = true;; header = false) {
        FormatCsvRow row;
        TRY(format_csv_next(c, csv, &row));
        if (row.end)
            return OK;
        if (row.bad || row.field_count != 2 || w->count == LETTER_KEYS_MAX)
            return fail(c, E_CORRUPT, STR_FMT ", line %llu: a row is key,text", STR_ARG(name),
                        (unsigned long long)row.line);
        if (header)
            continue;
        TRY(str_copy(c, row.fields[0], &w->keys[w->count]));
        TRY(str_copy(c, row.fields[1], &w->texts[w->count]));
        w->count++;
    }
}

static Str word(const Words *w, const char *key) {
    for (size_t i = 0; i < w->count; i++) {
        if (str_eq_c(w->keys[i], key))
            return w->texts[i];
    }
    return (Str){0};
}

// --- page ---------------------------------------------------------------------------------------

typedef struct Page {
    const FormatLetter *l;
    Words english, local;
    Buf *out;
} Page;

static void put_escaped(Buf *b, Str s) {
    for (size_t i = 0; i < s.n; i++) {
        switch (s.p[i]) {
        case '&':
            buf_text(b, "&amp;");
            break;
        case '<':
            buf_text(b, "&lt;");
            break;
        case '>':
            buf_text(b, "&gt;");
            break;
        case '"':
            buf_text(b, "&quot;");
            break;
        default:
            buf_char(b, s.p[i]);
        }
    }
}

// A text of the catalogue with {name} filled in.
static void put_filled(const Page *p, Str text) {
    const struct {
        const char *name;
        Str value;
    } fills[] = {{"{time}", p->l->answer_by},
                 {"{phone}", p->l->phone},
                 {"{number}", p->l->number},
                 {"{agency}", p->l->agency}};
    while (text.n > 0) {
        size_t i = 0;
        while (i < COUNT_OF(fills) && !str_starts(text, str_of(fills[i].name)))
            i++;
        size_t taken = i < COUNT_OF(fills) ? strlen(fills[i].name) : 1;
        put_escaped(p->out, i < COUNT_OF(fills) ? fills[i].value : (Str){text.p, 1});
        text = (Str){text.p + taken, text.n - taken};
    }
}

// English, then the other language on a line of its own.
static void put_both(const Page *p, const char *key) {
    put_filled(p, word(&p->english, key));
    Str local = word(&p->local, key);
    if (local.n == 0)
        return;
    buf_format(p->out, "<br><span class=\"l\" lang=\"" STR_FMT "\">", STR_ARG(p->local.language));
    put_filled(p, local);
    buf_text(p->out, "</span>");
}

static void put_line(const Page *p, const char *key, Str value, const char *class_name) {
    if (value.n == 0)
        return;
    buf_text(p->out, "<tr><th>");
    put_both(p, key);
    buf_format(p->out, "</th><td class=\"%s\">", class_name);
    put_escaped(p->out, value);
    buf_text(p->out, "</td></tr>\n");
}

static void put_paragraph(const Page *p, const char *key) {
    buf_text(p->out, "<p>");
    put_both(p, key);
    buf_text(p->out, "</p>\n");
}

static const char *title_key(FormatLetterKind kind) {
    switch (kind) {
    case FORMAT_LETTER_HOLD:
        return "hold_title";
    case FORMAT_LETTER_REQUEST:
        return "request_title";
    case FORMAT_LETTER_EXTENDED:
        return "extended_title";
    case FORMAT_LETTER_REDUCED:
        return "reduced_title";
    case FORMAT_LETTER_RELEASE:
        return "release_title";
    }
    UNREACHABLE();
}

static void put_head(const Page *p) {
    const char *key = title_key(p->l->kind);
    Str local = word(&p->local, key);
    buf_text(p->out, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>");
    put_escaped(p->out, p->l->number);
    buf_format(p->out, "</title><style>%s</style></head><body>\n<h1>", style);
    put_filled(p, word(&p->english, key));
    buf_text(p->out, "</h1>\n");
    if (local.n > 0) {
        buf_format(p->out, "<p lang=\"" STR_FMT "\">", STR_ARG(p->local.language));
        put_filled(p, local);
        buf_text(p->out, "</p>\n");
    }
}

static void put_facts(const Page *p) {
    const FormatLetter *l = p->l;
    buf_text(p->out, "<table>\n");
    put_line(p, "number", l->number, "big");
    put_line(p, "from", l->agency, "");
    put_line(p, "to", l->to, "");
    put_line(p, "issued", l->issued, "");
    put_line(p, "account", l->account, "big");
    put_line(p, "amount", l->amount, "big");
    put_line(p, "until", l->until, "big");
    put_line(p, "exempt", l->exempt, "");
    put_line(p, "basis", l->basis, "");
    put_line(p, "officer", l->officer, "");
    put_line(p, "marking", l->marking, "");
    buf_text(p->out, "</table>\n");
    if (l->kind == FORMAT_LETTER_REQUEST)
        put_paragraph(p, "basis_none");
    else if (!l->basis_confirmed)
        put_paragraph(p, "basis_unconfirmed");
    const Str more[] = {l->replaces, l->network};
    for (size_t i = 0; i < COUNT_OF(more); i++) {
        if (more[i].n == 0)
            continue;
        buf_text(p->out, "<p>");
        put_escaped(p->out, more[i]);
        buf_text(p->out, "</p>\n");
    }
}

static void put_todo(const Page *p) {
    const char *const holds[] = {"do_hold", "do_later", "until_note", "do_answer",
                                 p->l->phone.n > 0 ? "do_how" : "do_file"};
    buf_text(p->out, "<div class=\"box\"><b>");
    put_both(p, "do_title");
    buf_text(p->out, "</b>\n");
    if (p->l->kind == FORMAT_LETTER_RELEASE || p->l->kind == FORMAT_LETTER_REDUCED)
        put_paragraph(p, "undone_note");
    else {
        for (size_t i = 0; i < COUNT_OF(holds); i++)
            put_paragraph(p, holds[i]);
        if (p->l->is_void_without_event)
            put_paragraph(p, "void_note");
    }
    buf_text(p->out, "</div>\n");
}

static void put_answer(const Page *p) {
    static const char *const rows[] = {"answer_executed", "answer_partly",    "answer_refused",
                                       "answer_time",     "answer_reference", "answer_signature"};
    buf_text(p->out, "<h2>");
    put_both(p, "answer_title");
    buf_text(p->out, "</h2>\n<table class=\"fill\">\n");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        buf_text(p->out, "<tr><th>");
        put_both(p, rows[i]);
        buf_text(p->out, "</th><td></td></tr>\n");
    }
    buf_text(p->out, "</table>\n<h2>");
    put_both(p, "codes_title");
    buf_text(p->out, "</h2>\n<table>\n");
    for (size_t i = 0; i < p->l->code_count; i++) {
        buf_text(p->out, "<tr><th><code>");
        put_escaped(p->out, p->l->codes[i].code);
        buf_text(p->out, "</code></th><td>");
        put_escaped(p->out, p->l->codes[i].meaning);
        buf_text(p->out, "</td></tr>\n");
    }
    buf_text(p->out, "</table>\n");
}

// What the bank hands to the holder of the account.
static void put_tear(const Page *p) {
    if (p->l->holder_address.n == 0)
        return;
    buf_text(p->out, "<div class=\"tear\"><h2>");
    put_both(p, "tear_title");
    buf_text(p->out, "</h2>\n");
    put_paragraph(p, "tear_text");
    buf_text(p->out, "<table>\n");
    put_line(p, "account", p->l->holder_account, "");
    put_line(p, "tear_address", p->l->holder_address, "big");
    buf_text(p->out, "</table></div>\n");
}

Err format_letter_html(Ctx *c, const FormatLetter *l, Buf *out) {
    Page *p;
    TRY(ctx_alloc(c, sizeof *p, &p));
    p->l = l;
    p->out = out;
    TRY(words_read(c, STR("en"), &p->english));
    Str language = format_letter_language(l->country);
    if (language.n > 0)
        TRY(words_read(c, language, &p->local));
    put_head(p);
    put_facts(p);
    put_todo(p);
    if (l->kind == FORMAT_LETTER_HOLD || l->kind == FORMAT_LETTER_REQUEST)
        put_answer(p);
    put_tear(p);
    buf_text(out, "</body></html>\n");
    return buf_check(c, out);
}
