// Who signed a record, and whether the key under the signature is that officer's: by the `officer`
// and `officer_change` records of the same agency's log, as far as they are here.
#include "desk/record_priv.h"

Err desk_sigs_read(Ctx *c, const Record *record, DeskRecord *r) {
    AUTO(Ctx) quiet;
    DeskSigned *sigs;
    ctx_init(&quiet);
    TRY(ctx_alloc(c, (record->sig_count + 1) * sizeof *sigs, &sigs));
    Err e = record_verify_sigs(&quiet, record);
    if (e != OK && e != E_CRYPTO)
        return desk_pass(c, &quiet, e);
    for (size_t i = 0; i < record->sig_count; i++) {
        const RecordSig *s = &record->sigs[i];
        sigs[i] = (DeskSigned){.state = e == OK ? STR("key_unknown") : STR("false")};
        TRY(desk_id_text(c, s->officer, &sigs[i].officer));
        TRY(desk_hex_text(c, s->key.b, sizeof s->key.b, &sigs[i].key));
    }
    r->sigs = sigs;
    r->sig_count = record->sig_count;
    return OK;
}

// The key of an officer at a time. *ret_key empty: not known here. What has no key in it, an
// `officer_change` that changes the role alone, changes none.
static Err key_at(Ctx *c, DeskSlot *s, Str agency, RecordId officer, int64_t at, Str *ret_key) {
    const PictureRecord *items;
    size_t n;
    *ret_key = (Str){0};
    TRY(picture_record_object(c, s->picture, officer, &items, &n));
    if (n == LIST_PAGE_ITEMS_MAX)
        return OK; // the last of very many would be missing
    for (size_t i = 0; i < n && items[i].at <= at; i++) {
        Record r;
        Str key = {0};
        bool held;
        bool is_key =
            str_eq_c(items[i].kind, "officer") || str_eq_c(items[i].kind, "officer_change");
        if (!is_key || !str_eq_c(items[i].state, "held") || !str_eq(items[i].agency, agency))
            continue;
        TRY(desk_body_at(c, s, items[i].place, &held, &r));
        if (!held)
            continue;
        TRY(json_find_str(c, r.body, "key", &key));
        if (key.n > 0)
            TRY(str_copy(c, key, ret_key));
    }
    return OK;
}

Err desk_sigs_check(Ctx *c, DeskNode *n, DeskRecord *r) {
    if (r->sig_count == 0)
        return OK;
    // Whose a key is is no secret of the record: who sees that an officer signed it is told.
    AUTO(DeskReading) machine = {0};
    TRY(desk_reading_machine(c, n, &machine));
    for (size_t i = 0; i < r->sig_count; i++) {
        DeskSigned *s = &r->sigs[i];
        RecordId officer;
        Str key;
        if (!str_eq_c(s->state, "key_unknown") || !record_id_parse(s->officer, &officer))
            continue;
        TRY(key_at(c, machine.slot, r->agency, officer, r->at, &key));
        if (key.n > 0)
            s->state = str_eq(key, s->key) ? STR("checked") : STR("other_key");
    }
    return OK;
}

void desk_sigs_put(JsonWriter *w, const DeskRecord *r) {
    json_put_key(w, STR("signatures"));
    json_put_array_begin(w);
    for (size_t i = 0; i < r->sig_count; i++) {
        json_put_object_begin(w);
        json_put_key_str(w, "key", r->sigs[i].key);
        json_put_key_str(w, "officer", r->sigs[i].officer);
        json_put_key_str(w, "state", r->sigs[i].state);
        json_put_object_end(w);
    }
    json_put_array_end(w);
}
