// Small things that the files of the desk of orders share.
#include "desk/order_priv.h"

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

void desk_put_record_time(JsonWriter *w, const char *key, bool has, int64_t at_us) {
    char text[TIME_TEXT_BYTES];
    if (!has) {
        json_put_key_null(w, key);
        return;
    }
    time_format_record(at_us, text);
    json_put_key_str(w, key, str_of(text));
}

void desk_put_opt_i64(JsonWriter *w, const char *key, bool has, int64_t v) {
    if (has)
        json_put_key_i64(w, key, v);
    else
        json_put_key_null(w, key);
}

void desk_put_opt_id(JsonWriter *w, const char *key, bool has, RecordId id) {
    char text[RECORD_ID_TEXT_BYTES];
    if (!has) {
        json_put_key_null(w, key);
        return;
    }
    record_id_text(id, text);
    json_put_key_str(w, key, str_of(text));
}

void desk_put_opt_account(JsonWriter *w, const char *key, const FormatAccount *a) {
    json_put_key(w, str_of(key));
    if (a->account.n > 0)
        desk_put_account(w, a);
    else
        json_put_null(w);
}
