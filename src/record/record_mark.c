// Markings: TLP 2.0, PAP, handling, readers, purposes, end; and the meet of two.
#include "record/record_priv.h"

#include <stdlib.h>

static const char *const tlp_texts[] = {"CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"};
static const char *const pap_texts[] = {"CLEAR", "GREEN", "AMBER", "RED"};
static const char *const handling_texts[] = {"H0", "H1", "H2", "H3"};

RecordMark record_mark_default(void) {
    return (RecordMark){.tlp = RECORD_TLP_AMBER_STRICT, .pap = RECORD_PAP_AMBER};
}

RecordMark record_mark_clear(void) {
    return (RecordMark){.tlp = RECORD_TLP_CLEAR, .pap = RECORD_PAP_CLEAR};
}

const char *record_tlp_text(RecordTlp t) {
    ASSERT(t < COUNT_OF(tlp_texts));
    return tlp_texts[t];
}

// --- rules --------------------------------------------------------------------------------------

static Err list_check(Ctx *c, const char *name, const Str *items, size_t n, size_t max,
                      bool (*good)(Str s)) {
    if (n > max)
        return fail(c, E_LIMIT, "\"mark.%s\" has more than %zu items", name, max);
    for (size_t i = 0; i < n; i++) {
        if (!good(items[i]))
            return fail(c, E_INVALID, "\"mark.%s\" has an item that is none: " STR_FMT, name,
                        STR_ARG(items[i]));
        if (i > 0 && str_cmp(items[i - 1], items[i]) >= 0)
            return fail(c, E_INVALID, "\"mark.%s\" must be sorted, each item once", name);
    }
    return OK;
}

Err record_mark_check(Ctx *c, const RecordMark *m) {
    if (m->tlp > RECORD_TLP_RED || m->pap > RECORD_PAP_RED || m->handling > RECORD_H3)
        return fail(c, E_INVALID, "\"mark\" has a level that there is not");
    if ((m->handling == RECORD_H3) != (m->note.n > 0))
        return fail(c, E_INVALID, "\"mark.note\" holds words where the handling is H3, else null");
    if (m->note.n > RECORD_NOTE_BYTES_MAX)
        return fail(c, E_LIMIT, "\"mark.note\" is longer than %d bytes", RECORD_NOTE_BYTES_MAX);
    if (m->has_until && (m->until_us < BASE_TIME_US_MIN || m->until_us > BASE_TIME_US_MAX))
        return fail(c, E_INVALID, "\"mark.until\" is no time");
    TRY(list_check(c, "to", m->to, m->to_count, RECORD_MARK_TO_MAX, record_is_hash));
    return list_check(c, "purposes", m->purposes, m->purpose_count, RECORD_MARK_PURPOSES_MAX,
                      record_is_word);
}

// --- write --------------------------------------------------------------------------------------

static void put_list(JsonWriter *w, const char *key, const Str *items, size_t n) {
    json_put_key(w, str_of(key));
    json_put_array_begin(w);
    for (size_t i = 0; i < n; i++)
        json_put_str(w, items[i]);
    json_put_array_end(w);
}

Err record_mark_write(Ctx *c, const RecordMark *m, Buf *out) {
    TRY(record_mark_check(c, m));
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key_str(&w, "handling", str_of(handling_texts[m->handling]));
    if (m->handling == RECORD_H3)
        json_put_key_str(&w, "note", m->note);
    else
        json_put_key_null(&w, "note");
    json_put_key_str(&w, "pap", str_of(pap_texts[m->pap]));
    put_list(&w, "purposes", m->purposes, m->purpose_count);
    json_put_key_str(&w, "tlp", str_of(tlp_texts[m->tlp]));
    put_list(&w, "to", m->to, m->to_count);
    if (m->has_until) {
        char text[TIME_TEXT_BYTES];
        time_format_record(m->until_us, text);
        json_put_key_str(&w, "until", str_of(text));
    } else
        json_put_key_null(&w, "until");
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

// --- read ---------------------------------------------------------------------------------------

static Err get_level(Ctx *c, const JsonValue *v, const char *name, const char *const *texts,
                     size_t n, unsigned *ret_level) {
    Str s;
    TRY(record_need_str(c, v, name, &s));
    for (size_t i = 0; i < n; i++)
        if (str_eq_c(s, texts[i])) {
            *ret_level = (unsigned)i;
            return OK;
        }
    return fail(c, E_INVALID, "\"%s\" is " STR_FMT ", which there is not", name, STR_ARG(s));
}

static Err get_list(Ctx *c, const JsonValue *v, const char *name, const Str **ret_items,
                    size_t *ret_n) {
    if (v->type != JSON_ARRAY)
        return fail(c, E_INVALID, "\"%s\" must be a list, not %s", name, json_type_words(v->type));
    Str *items = NULL;
    if (v->count > 0)
        TRY(ctx_alloc(c, v->count * sizeof *items, &items));
    for (uint32_t i = 0; i < v->count; i++)
        TRY(record_need_str(c, &v->items[i], name, &items[i]));
    *ret_items = items;
    *ret_n = v->count;
    return OK;
}

static Err get_note(Ctx *c, const JsonValue *v, Str *ret_note) {
    if (v->type == JSON_NULL) {
        *ret_note = (Str){0};
        return OK;
    }
    Str s;
    TRY(record_need_str(c, v, "mark.note", &s));
    if (s.n == 0)
        return fail(c, E_INVALID, "\"mark.note\" must be null rather than an empty text");
    *ret_note = s;
    return OK;
}

static Err get_until(Ctx *c, const JsonValue *v, RecordMark *m) {
    if (v->type == JSON_NULL)
        return OK;
    Str s;
    TRY(record_need_str(c, v, "mark.until", &s));
    if (!record_time_parse(s, &m->until_us))
        return fail(c, E_INVALID,
                    "\"mark.until\" must be a time such as 2026-01-31T08:00:00.000000Z, or null");
    m->has_until = true;
    return OK;
}

Err record_mark_parse(Ctx *c, const JsonValue *v, RecordMark *ret_mark) {
    static const char *const keys[] = {"handling", "note", "pap", "purposes", "tlp", "to", "until"};
    RecordMark m = {0};
    unsigned handling, pap, tlp;
    TRY(record_exact_keys(c, v, "mark", keys, COUNT_OF(keys)));
    const JsonMember *in = v->members;
    TRY(get_level(c, &in[0].value, "mark.handling", handling_texts, 4, &handling));
    TRY(get_note(c, &in[1].value, &m.note));
    TRY(get_level(c, &in[2].value, "mark.pap", pap_texts, COUNT_OF(pap_texts), &pap));
    TRY(get_list(c, &in[3].value, "mark.purposes", &m.purposes, &m.purpose_count));
    TRY(get_level(c, &in[4].value, "mark.tlp", tlp_texts, COUNT_OF(tlp_texts), &tlp));
    TRY(get_list(c, &in[5].value, "mark.to", &m.to, &m.to_count));
    TRY(get_until(c, &in[6].value, &m));
    m.handling = (RecordHandling)handling;
    m.pap = (RecordPap)pap;
    m.tlp = (RecordTlp)tlp;
    TRY(record_mark_check(c, &m));
    *ret_mark = m;
    return OK;
}

// --- meet ---------------------------------------------------------------------------------------

// What both lists hold; an empty list holds everything.
static Err list_meet(Ctx *c, const Str *a, size_t an, const Str *b, size_t bn,
                     const Str **ret_items, size_t *ret_n) {
    if (an == 0 || bn == 0) {
        *ret_items = an == 0 ? b : a;
        *ret_n = an == 0 ? bn : an;
        return OK;
    }
    Str *items;
    TRY(ctx_alloc(c, (an < bn ? an : bn) * sizeof *items, &items));
    size_t n = 0, i = 0, k = 0;
    while (i < an && k < bn) {
        int order = str_cmp(a[i], b[k]);
        if (order == 0)
            items[n++] = a[i];
        i += order <= 0;
        k += order >= 0;
    }
    *ret_items = items;
    *ret_n = n;
    return OK;
}

#define NOTE_JOIN " / "
#define NOTE_PARTS_MAX (RECORD_NOTE_BYTES_MAX + 2)

typedef struct NoteParts {
    Str *items; // NOTE_PARTS_MAX of them
    size_t n;
} NoteParts;

static void note_split(NoteParts *parts, Str note) {
    size_t at;
    while (str_find(note, STR(NOTE_JOIN), &at)) {
        if (at > 0)
            parts->items[parts->n++] = (Str){note.p, at};
        note = (Str){note.p + at + 3, note.n - at - 3};
    }
    if (note.n > 0)
        parts->items[parts->n++] = note;
}

static int compare_parts(const void *a, const void *b) {
    return str_cmp(*(const Str *)a, *(const Str *)b);
}

// H3 speaks in words, so a meet of H3 with H1 or H2 must say these in words too: the note becomes
// the sorted set of all parts, of H1 and H2 only the stricter.
static Err note_meet(Ctx *c, const RecordMark *a, const RecordMark *b, Str *ret_note) {
    NoteParts parts = {0};
    TRY(ctx_alloc(c, 2 * NOTE_PARTS_MAX * sizeof *parts.items, &parts.items));
    note_split(&parts, a->handling == RECORD_H3 ? a->note : (Str){0});
    note_split(&parts, b->handling == RECORD_H3 ? b->note : (Str){0});
    const RecordMark *both[] = {a, b};
    for (size_t i = 0; i < 2; i++)
        if (both[i]->handling == RECORD_H1 || both[i]->handling == RECORD_H2)
            parts.items[parts.n++] = str_of(handling_texts[both[i]->handling]);
    qsort(parts.items, parts.n, sizeof *parts.items, compare_parts);
    bool has_h2 = false;
    for (size_t i = 0; i < parts.n; i++)
        has_h2 = has_h2 || str_eq_c(parts.items[i], "H2");
    AUTO(Buf) out = {0};
    for (size_t i = 0; i < parts.n; i++) {
        if ((i > 0 && str_eq(parts.items[i], parts.items[i - 1])) ||
            (has_h2 && str_eq_c(parts.items[i], "H1")))
            continue;
        if (out.n > 0)
            buf_text(&out, NOTE_JOIN);
        buf_str(&out, parts.items[i]);
    }
    TRY(buf_check(c, &out));
    return str_copy(c, buf_view(&out), ret_note);
}

Err record_mark_meet(Ctx *c, const RecordMark *a, const RecordMark *b, RecordMark *ret_mark) {
    RecordMark m = {.tlp = a->tlp > b->tlp ? a->tlp : b->tlp,
                    .pap = a->pap > b->pap ? a->pap : b->pap,
                    .handling = a->handling > b->handling ? a->handling : b->handling,
                    .has_until = a->has_until || b->has_until};
    if (m.handling == RECORD_H3)
        TRY(note_meet(c, a, b, &m.note));
    TRY(list_meet(c, a->to, a->to_count, b->to, b->to_count, &m.to, &m.to_count));
    if (m.to_count == 0 && (a->to_count || b->to_count))
        return fail(c, E_DENIED, "the marks of what this is made from have no reader in common");
    TRY(list_meet(c, a->purposes, a->purpose_count, b->purposes, b->purpose_count, &m.purposes,
                  &m.purpose_count));
    if (m.purpose_count == 0 && (a->purpose_count || b->purpose_count))
        return fail(c, E_DENIED, "the marks of what this is made from have no purpose in common");
    if (a->has_until && b->has_until)
        m.until_us = a->until_us < b->until_us ? a->until_us : b->until_us;
    else if (m.has_until)
        m.until_us = a->has_until ? a->until_us : b->until_us;
    TRY(record_mark_check(c, &m));
    *ret_mark = m;
    return OK;
}
