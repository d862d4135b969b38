// Small things that grievances, refunds, shifts and case files share.
#include "desk/money_priv.h"

Err desk_officer_name(Ctx *c, DeskSlot *s, RecordId officer, Str *ret_name) {
    PictureOfficer o;
    Err e = picture_officer_get(c, s->picture, officer, &o);
    if (e == E_NOT_FOUND)
        return desk_id_text(c, officer, ret_name);
    TRY(e);
    *ret_name = o.name;
    return OK;
}

Err desk_words(Ctx *c, const char *what, Str s, size_t max, Str *ret_s) {
    s = str_trim(s);
    if (s.n == 0 || s.n > max || !text_utf8_valid(s) || text_has_control(s, "\n\t"))
        return fail(c, E_INVALID, "%s must be 1 to %zu bytes of UTF-8 without control characters",
                    what, max);
    return text_nfc(c, s, ret_s);
}
