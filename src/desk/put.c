// Pieces of JSON that several answers share.
#include "desk/desk_priv.h"

void desk_put_time(JsonWriter *w, const char *key, int64_t at_us) {
    char text[TIME_TEXT_BYTES];
    time_format(at_us, text);
    json_put_key_str(w, key, str_of(text));
}

void desk_put_opt_time(JsonWriter *w, const char *key, bool has, int64_t at_us) {
    if (has)
        desk_put_time(w, key, at_us);
    else
        json_put_key_null(w, key);
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

void desk_put_id(JsonWriter *w, const char *key, RecordId id) {
    char text[RECORD_ID_TEXT_BYTES];
    record_id_text(id, text);
    json_put_key_str(w, key, str_of(text));
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
