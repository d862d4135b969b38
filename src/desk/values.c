// Small values that many files of the desk read, write and check alike.
#include "desk/desk_priv.h"

Err desk_id_text(Ctx *c, RecordId id, Str *ret_text) {
    char text[RECORD_ID_TEXT_BYTES];
    record_id_text(id, text);
    return str_copy(c, str_of(text), ret_text);
}

Err desk_hex_text(Ctx *c, const void *bytes, size_t n, Str *ret_text) {
    AUTO(Buf) hex = {0};
    buf_hex(&hex, bytes, n);
    TRY(buf_check(c, &hex));
    return str_copy(c, buf_view(&hex), ret_text);
}

FormatAccount desk_account_of(PictureAccount a) {
    return (FormatAccount){a.country, a.institution, a.account};
}

PictureAccount desk_picture_account(FormatAccount a) {
    return (PictureAccount){a.country, a.institution, a.account};
}

bool desk_account_eq(FormatAccount a, FormatAccount b) {
    return str_eq(a.account, b.account) && str_eq(a.institution, b.institution) &&
           str_eq(a.country, b.country);
}

Err desk_account_typed(Ctx *c, const DeskNode *n, Str text, FormatAccount *ret_account) {
    FormatAccount a;
    TRY(format_account_parse(c, n->tables, str_trim(text), &a));
    if (a.country.n == 0 || a.institution.n == 0 || a.account.n == 0)
        return fail(c, E_INVALID,
                    "\"" STR_FMT "\" does not say at which bank: write country/bank/account, such "
                    "as TH/004/0011223344",
                    STR_ARG(text));
    *ret_account = a;
    return OK;
}

Str desk_bank_name(const DeskNode *n, Str country, Str institution) {
    const FormatInstitution *i = format_institution_find(n->tables, country, institution);
    return i ? i->name : institution;
}

Err desk_marks_meet(Ctx *c, DeskSlot *s, const RecordId *ids, size_t count, RecordMark *ret_mark) {
    RecordMark mark = record_mark_default();
    for (size_t i = 0; i < count; i++) {
        RecordMark one;
        TRY(desk_mark_of(c, s, ids[i], &one));
        if (i == 0)
            mark = one;
        else
            TRY(record_mark_meet(c, &mark, &one, &mark));
    }
    *ret_mark = mark;
    return OK;
}

Err desk_note_check(Ctx *c, const char *what, Str text) {
    if (text.n > DESK_NOTE_BYTES_MAX)
        return fail(c, E_LIMIT, "%s: at most %d bytes", what, DESK_NOTE_BYTES_MAX);
    if (!text_utf8_valid(text) || text_has_control(text, "\n\t"))
        return fail(c, E_INVALID, "%s: control characters have no place here", what);
    return OK;
}

Err desk_words(Ctx *c, const char *what, Str s, size_t max, Str *ret_s) {
    s = str_trim(s);
    if (s.n == 0 || s.n > max || !text_utf8_valid(s) || text_has_control(s, "\n\t"))
        return fail(c, E_INVALID, "%s must be 1 to %zu bytes of UTF-8 without control characters",
                    what, max);
    return text_nfc(c, s, ret_s);
}

Err desk_officer_name(Ctx *c, DeskSlot *s, RecordId officer, Str *ret_name) {
    PictureOfficer o;
    Err e = picture_officer_get(c, s->picture, officer, &o);
    if (e == E_NOT_FOUND)
        return desk_id_text(c, officer, ret_name);
    TRY(e);
    *ret_name = o.name;
    return OK;
}

Err desk_strs_get(Ctx *c, const JsonValue *body, const char *key, const Str **ret_items,
                  size_t *ret_n) {
    const JsonValue *list;
    TRY(json_get_array(c, body, key, &list));
    Str *items;
    TRY(ctx_alloc(c, (list->count + (size_t)1) * sizeof *items, &items));
    for (size_t i = 0; i < list->count; i++)
        TRY(json_as_str(c, &list->items[i], key, &items[i]));
    *ret_items = items;
    *ret_n = list->count;
    return OK;
}

DeskContact desk_contact_of(const PictureContact *p) {
    return (DeskContact){.country = p->country,
                         .institution = p->institution,
                         .desk = p->desk,
                         .phone = p->phone,
                         .email = p->email,
                         .hours = p->hours,
                         .language = p->language,
                         .note = p->note};
}
