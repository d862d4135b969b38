// Pieces of JSON that several answers share.
#include "desk/desk_priv.h"

void desk_put_time(JsonWriter *w, const char *key, int64_t at_us) {
    char text[TIME_TEXT_BYTES];
    time_format(at_us, text);
    json_put_key_str(w, key, str_of(text));
}

void desk_put_strs(JsonWriter *w, const char *key, const Str *items, size_t n) {
    json_put_key(w, str_of(key));
    json_put_array_begin(w);
    for (size_t i = 0; i < n; i++)
        json_put_str(w, items[i]);
    json_put_array_end(w);
}

void desk_put_opt_str(JsonWriter *w, const char *key, Str s) {
    if (s.n > 0)
        json_put_key_str(w, key, s);
    else
        json_put_key_null(w, key);
}

void desk_put_account(JsonWriter *w, const FormatAccount *a) {
    json_put_object_begin(w);
    json_put_key_str(w, "account", a->account);
    desk_put_opt_str(w, "country", a->country);
    desk_put_opt_str(w, "institution", a->institution);
    json_put_object_end(w);
}

void desk_put_next(JsonWriter *w, Str next) {
    desk_put_opt_str(w, "next", next);
}
