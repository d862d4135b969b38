// Writing an envelope, and the officers' signatures.
#include "record/record_priv.h"

static Err draft_check(Ctx *c, const RecordDraft *d) {
    if (d->kind >= RECORD_UNKNOWN)
        return fail(c, E_INVALID, "a record of an unknown kind cannot be written");
    if ((d->kind == RECORD_GENESIS) != (d->agency.n == 0) ||
        (d->agency.n > 0 && !record_is_hash(d->agency)))
        return fail(c, E_INVALID, "a record needs its agency's id, and a genesis has none");
    if (!d->body == (d->body_json.n == 0))
        return fail(c, E_INVALID, "a record needs one body");
    if (!crypto_uuid_is_v7(d->id))
        return fail(c, E_INVALID, "a record needs an id");
    if (d->ref_count > RECORD_REFS_MAX)
        return fail(c, E_LIMIT, "a record relies on at most %d others", RECORD_REFS_MAX);
    if (d->signer_count > RECORD_SIGS_MAX)
        return fail(c, E_LIMIT, "a record is signed by at most %d officers", RECORD_SIGS_MAX);
    if (!record_is_word(d->purpose))
        return fail(c, E_INVALID, "the purpose of a record must be one word of a-z 0-9 _ -");
    if (d->has_grade && (d->grade_source < 'A' || d->grade_source > 'F' || d->grade_info < '1' ||
                         d->grade_info > '6'))
        return fail(c, E_INVALID, "a grade is A to F and 1 to 6");
    if (d->at_us < BASE_TIME_US_MIN || d->at_us > BASE_TIME_US_MAX)
        return fail(c, E_INVALID, "a record's time is out of range");
    return OK;
}

static void put_id(JsonWriter *w, RecordId id) {
    char text[RECORD_ID_TEXT_BYTES];
    record_id_text(id, text);
    json_put_str(w, str_of(text));
}

static void put_text_or_null(JsonWriter *w, const char *key, Str s) {
    if (s.n > 0)
        json_put_key_str(w, key, s);
    else
        json_put_key_null(w, key);
}

static void put_by(JsonWriter *w, const RecordDraft *d) {
    json_put_key(w, STR("by"));
    json_put_object_begin(w);
    put_text_or_null(w, "agency", d->agency);
    json_put_key(w, STR("officer"));
    if (d->has_officer)
        put_id(w, d->officer);
    else
        json_put_null(w);
    json_put_object_end(w);
}

static void put_basis(JsonWriter *w, const RecordDraft *d) {
    json_put_key(w, STR("basis"));
    json_put_object_begin(w);
    put_text_or_null(w, "law", d->law);
    json_put_key_str(w, "purpose", d->purpose);
    json_put_object_end(w);
}

static void put_grade(JsonWriter *w, const RecordDraft *d) {
    json_put_key(w, STR("grade"));
    if (!d->has_grade) {
        json_put_null(w);
        return;
    }
    json_put_object_begin(w);
    json_put_key_str(w, "info", (Str){&d->grade_info, 1});
    json_put_key_str(w, "source", (Str){&d->grade_source, 1});
    json_put_object_end(w);
}

static Err put_body(Ctx *c, JsonWriter *w, const RecordDraft *d) {
    json_put_key(w, STR("body"));
    if (!d->body) {
        json_put_raw(w, d->body_json);
        return OK;
    }
    AUTO(Buf) body = {0};
    TRY(json_canonical(c, d->body, &body));
    json_put_raw(w, buf_view(&body));
    return OK;
}

static Err put_record(Ctx *c, JsonWriter *w, const RecordDraft *d) {
    char at[TIME_TEXT_BYTES];
    time_format_record(d->at_us, at);
    AUTO(Buf) mark = {0};
    TRY(record_mark_write(c, &d->mark, &mark));
    json_put_object_begin(w);
    json_put_key_str(w, "at", str_of(at));
    put_basis(w, d);
    TRY(put_body(c, w, d));
    put_by(w, d);
    put_grade(w, d);
    json_put_key(w, STR("id"));
    put_id(w, d->id);
    json_put_key_str(w, "kind", str_of(record_kind_row(d->kind)->name));
    json_put_key(w, STR("mark"));
    json_put_raw(w, buf_view(&mark));
    json_put_key(w, STR("of"));
    if (d->has_of)
        put_id(w, d->of);
    else
        json_put_null(w);
    json_put_key(w, STR("refs"));
    json_put_array_begin(w);
    for (size_t i = 0; i < d->ref_count; i++)
        put_id(w, d->refs[i]);
    json_put_array_end(w);
    json_put_key_i64(w, "v", 1);
    json_put_object_end(w);
    return OK;
}

static void signed_bytes(Buf *out, Str record) {
    buf_text(out, RECORD_SIG_DOMAIN);
    buf_str(out, record);
}

static Err put_sigs(Ctx *c, JsonWriter *w, const RecordDraft *d, Str record) {
    const RecordSigner *sorted[RECORD_SIGS_MAX];
    for (size_t i = 0; i < d->signer_count; i++) {
        size_t k = i;
        for (; k > 0 && record_id_cmp(sorted[k - 1]->officer, d->signers[i].officer) > 0; k--)
            sorted[k] = sorted[k - 1];
        sorted[k] = &d->signers[i];
    }
    AUTO(Buf) bytes = {0};
    AUTO(Buf) hex = {0};
    signed_bytes(&bytes, record);
    TRY(buf_check(c, &bytes));
    for (size_t i = 0; i < d->signer_count; i++) {
        if (i > 0 && record_id_eq(sorted[i - 1]->officer, sorted[i]->officer))
            return fail(c, E_INVALID, "one officer signs a record once");
        CryptoSignature sig = crypto_signature_make(sorted[i]->key, bytes.p, bytes.n);
        CryptoPublicKey key = crypto_sign_key_public(sorted[i]->key);
        buf_clear(&hex);
        buf_hex(&hex, key.b, sizeof key.b);
        buf_hex(&hex, sig.b, sizeof sig.b);
        TRY(buf_check(c, &hex));
        json_put_object_begin(w);
        json_put_key_str(w, "key", (Str){hex.p, 64});
        json_put_key(w, STR("officer"));
        put_id(w, sorted[i]->officer);
        json_put_key_str(w, "sig", (Str){hex.p + 64, 128});
        json_put_object_end(w);
    }
    return OK;
}

static Err write_envelope(Ctx *c, const RecordDraft *d, Buf *out) {
    size_t start = out->n;
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key(&w, STR("record"));
    size_t record_at = out->n;
    TRY(put_record(c, &w, d));
    TRY(buf_check(c, out));
    // The writer may grow the buffer while it signs, so the record is copied out first.
    AUTO(Buf) record = {0};
    if (d->signer_count > 0)
        buf_append(&record, out->p + record_at, out->n - record_at);
    TRY(buf_check(c, &record));
    json_put_key(&w, STR("sigs"));
    json_put_array_begin(&w);
    if (d->signer_count > 0)
        TRY(put_sigs(c, &w, d, buf_view(&record)));
    json_put_array_end(&w);
    json_put_object_end(&w);
    TRY(json_writer_end(c, &w));
    if (out->n - start > RECORD_BYTES_MAX)
        return fail(c, E_LIMIT, "the record would be longer than %d bytes", RECORD_BYTES_MAX);
    return OK;
}

Err record_write(Ctx *c, const RecordDraft *draft, Buf *envelope) {
    TRY(draft_check(c, draft));
    size_t start = envelope->n;
    Err e = write_envelope(c, draft, envelope);
    if (e != OK)
        envelope->n = start; // outputs are untouched on failure
    return e;
}

Err record_verify_sigs(Ctx *c, const Record *r) {
    if (r->sig_count == 0)
        return OK;
    AUTO(Buf) bytes = {0};
    signed_bytes(&bytes, r->bytes);
    TRY(buf_check(c, &bytes));
    for (size_t i = 0; i < r->sig_count; i++) {
        const RecordSig *s = &r->sigs[i];
        if (!crypto_signature_holds(&s->key, bytes.p, bytes.n, &s->sig)) {
            char officer[RECORD_ID_TEXT_BYTES];
            record_id_text(s->officer, officer);
            return fail(c, E_CRYPTO, "the signature of officer %s does not hold", officer);
        }
    }
    return OK;
}
