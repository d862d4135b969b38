// What all imports share: the file looked through before anything is taken, its counts, its memory.
#include "desk/desk_priv.h"

// --- mappings -----------------------------------------------------------------------------------

static Err load_mappings(Ctx *c, DeskIntake *k, FormatKind kind) {
    AUTO(StoreQuery) q = store_stmt(k->desk->node->local, LOCAL_MAPPING_LIST);
    store_bind_str(q, ":kind", str_of(format_kind_name(kind)));
    for (;;) {
        bool row;
        TRY(store_step(c, q, &row));
        if (!row)
            return OK;
        if (k->saved_count == DESK_SAVED_MAPPINGS_MAX)
            return fail(c, E_LIMIT, "more than %d mappings are kept", DESK_SAVED_MAPPINGS_MAX);
        TRY(str_copy(c, store_col_str(q, 0), &k->saved_json[k->saved_count]));
        TRY(format_mapping_parse(c, k->saved_json[k->saved_count], &k->saved[k->saved_count]));
        k->saved_count++;
    }
}

// A mapping that people may change is named with the hash of its text: the same file through
// another text is another import.
static Err mapping_identity(Ctx *c, DeskIntake *k, Str name) {
    Str json = k->mapping_json;
    for (size_t i = 0; i < k->saved_count && json.n == 0; i++) {
        if (str_eq(format_mapping_name(k->saved[i]), name))
            json = k->saved_json[i];
    }
    if (json.n == 0)
        return str_copy(c, name, &k->mapping);
    CryptoHash hash = crypto_sha256(json.p, json.n);
    AUTO(Buf) hex = {0};
    buf_hex(&hex, hash.b, 4);
    TRY(buf_check(c, &hex));
    return str_format(c, &k->mapping, STR_FMT "#" STR_FMT, STR_ARG(name), STR_ARG(buf_view(&hex)));
}

// --- the file as a whole ------------------------------------------------------------------------

static Err start_decoder(Ctx *c, Str first, const char *encoding, TextEncoding *ret_encoding,
                         TextDecoder **ret_decoder) {
    TRY(text_encoding_choose(c, first, str_of(encoding), ret_encoding));
    return text_decoder_open(c, ret_encoding, ret_decoder);
}

// Hashes and decodes every byte, so that a file that is broken in its middle takes nothing.
typedef struct Survey {
    char bytes[TEXT_DECODE_BYTES_MAX];
    size_t held; // bytes in front that the decoder wants again
    uint64_t done, total;
    CryptoSha256 sha;
} Survey;

static Err survey_decode(Ctx *c, TextDecoder *decoder, Survey *s, bool last) {
    size_t at = 0;
    while (at < s->held) {
        size_t used;
        Str text;
        TRY(text_decoder_feed(c, decoder, (Str){s->bytes + at, s->held - at}, last, &used, &text));
        if (used == 0)
            break;
        at += used;
    }
    memmove(s->bytes, s->bytes + at, s->held - at);
    s->held -= at;
    return OK;
}

static Err survey_run(Ctx *c, DeskIntake *k, Survey *s) {
    AUTO(File) f = {0};
    TRY(file_open(c, k->in->path, FILE_READ, &f));
    TRY(file_size(c, &f, &s->total));
    AUTO(TextDecoderPtr) decoder = NULL;
    for (bool last = false; !last;) {
        size_t got;
        TRY(file_read(c, &f, s->bytes + s->held, sizeof s->bytes - s->held, &got));
        last = got == 0;
        crypto_sha256_add(&s->sha, s->bytes + s->held, got);
        s->held += got;
        s->done += got;
        if (!decoder) {
            TextEncoding encoding;
            TRY(start_decoder(c, (Str){s->bytes, s->held}, format_file_info(k->file).encoding,
                              &encoding, &decoder));
            s->held -= encoding.bom_bytes;
            memmove(s->bytes, s->bytes + encoding.bom_bytes, s->held);
        }
        TRY(survey_decode(c, decoder, s, last));
        if (!desk_step(&k->in->progress, "checking the file", s->done, s->total))
            return desk_cancelled(c);
    }
    return OK;
}

// A spreadsheet is unpacked to its end instead; then it starts again.
static Err survey_sheet(Ctx *c, DeskIntake *k) {
    TRY(format_file_skip(c, k->file));
    TRY(format_file_sha256(c, k->file, k->sha256.b));
    return desk_intake_again(c, k);
}

static Err survey_text(Ctx *c, DeskIntake *k) {
    Survey *s = mem_alloc_zero(1, sizeof *s);
    if (!s)
        return fail(c, E_MEMORY, "no memory to read the file");
    crypto_sha256_init(&s->sha);
    Err e = survey_run(c, k, s);
    k->sha256 = crypto_sha256_finish(&s->sha);
    mem_free(s);
    return e;
}

static Err survey(Ctx *c, DeskIntake *k) {
    TRY(k->result.sheet.n ? survey_sheet(c, k) : survey_text(c, k));
    AUTO(Buf) hex = {0};
    buf_hex(&hex, k->sha256.b, sizeof k->sha256.b);
    TRY(buf_check(c, &hex));
    memcpy(k->result.sha256, hex.p, hex.n);
    return OK;
}

// --- open ---------------------------------------------------------------------------------------

Err desk_intake_again(Ctx *c, DeskIntake *k) {
    format_file_close(k->file);
    k->file = NULL;
    FormatOptions options = {
        .tables = k->desk->node->tables,
        .kind = k->kind,
        .path = k->in->path,
        .encoding = k->in->encoding,
        .sheet = k->in->sheet,
        .mapping = k->mapping_asked,
        .saved = k->saved,
        .saved_count = k->saved_count,
    };
    TRY(format_file_open(c, &options, &k->file));
    DeskImportResult *r = &k->result;
    r->rows = r->good = r->taken = r->known = r->filled = r->conflicts = 0;
    r->bad = r->warnings = r->resumed = 0;
    r->bad_row_count = r->warning_row_count = 0;
    return OK;
}

static Err sender_find(Ctx *c, DeskIntake *k, Str *ret_mapping) {
    AUTO(StoreQuery) q = store_stmt(k->desk->node->local, LOCAL_SENDER_FIND);
    store_bind_str(q, ":sender", k->in->sender);
    store_bind_str(q, ":kind", str_of(k->what));
    bool row;
    TRY(store_step(c, q, &row));
    return row ? str_copy(c, store_col_str(q, 0), ret_mapping) : OK;
}

static Err local_read(Ctx *c, DeskIntake *k) {
    TRY(load_mappings(c, k, k->kind));
    if (k->in->sender.n == 0 || k->in->mapping.n > 0)
        return OK;
    return sender_find(c, k, &k->mapping_asked);
}

static Err sender_check(Ctx *c, Str sender) {
    if (sender.n > DESK_SENDER_BYTES_MAX || !text_utf8_valid(sender) ||
        str_trim(sender).n != sender.n)
        return fail(c, E_INVALID, "a sender is named with up to %d bytes, without blanks around",
                    DESK_SENDER_BYTES_MAX);
    return OK;
}

// What was remembered for the sender is a guess: where it does not fit, the header decides.
static Err file_open_first(Ctx *c, DeskIntake *k) {
    Err e = desk_intake_again(c, k);
    if (k->in->mapping.n > 0 || k->mapping_asked.n == 0 || (e != E_INVALID && e != E_NOT_FOUND))
        return e;
    k->mapping_asked = (Str){0};
    return desk_intake_again(c, k);
}

static Err keep_info(Ctx *c, DeskIntake *k) {
    FormatFileInfo info = format_file_info(k->file);
    TRY(str_copy(c, info.mapping, &k->result.mapping));
    TRY(str_copy(c, str_of(info.encoding), &k->result.encoding));
    TRY(str_copy(c, info.sheet, &k->result.sheet));
    k->result.sheet_count = info.sheet_count;
    return OK;
}

Err desk_intake_open(Ctx *c, const Desk *d, const DeskImport *in, FormatKind kind,
                     DeskIntake *ret_intake) {
    DeskIntake *k = ret_intake; // the caller's, cleaned up by it also after an error
    *k = (DeskIntake){.desk = d, .in = in, .kind = kind, .what = format_kind_name(kind)};
    TRY(ctx_alloc(c, IMPORT_BAD_ROWS_SHOWN_MAX * sizeof *k->bad_rows, &k->bad_rows));
    TRY(ctx_alloc(c, IMPORT_BAD_ROWS_SHOWN_MAX * sizeof *k->warning_rows, &k->warning_rows));
    k->result.bad_rows = k->bad_rows;
    k->result.warning_rows = k->warning_rows;
    k->result.dry_run = in->dry_run;
    const char *slash = in->path.n ? memrchr(in->path.p, '/', in->path.n) : NULL;
    size_t skip = slash ? (size_t)(slash - in->path.p) + 1 : 0;
    k->result.file = (Str){in->path.p + skip, in->path.n - skip};
    TRY(sender_check(c, in->sender));
    k->mapping_asked = in->mapping;
    pthread_mutex_lock(&d->node->local_lock);
    Err e = local_read(c, k);
    pthread_mutex_unlock(&d->node->local_lock);
    TRY(e);
    if (in->mapping.n > 0 && file_exists(in->mapping))
        TRY(file_read_all(c, in->mapping, MAPPING_BYTES_MAX, &k->mapping_json));
    TRY(file_open_first(c, k));
    TRY(keep_info(c, k));
    TRY(mapping_identity(c, k, k->result.mapping));
    TRY(survey(c, k));
    if (in->errors_path.n == 0 || !in->dry_run)
        return OK;
    FormatFileInfo info = format_file_info(k->file);
    return desk_errors_open(c, in->errors_path, &info, clock_now(d->node->env.clock), &k->errors);
}

void DeskIntake_cleanup(DeskIntake *k) {
    format_file_close(k->file);
    desk_errors_close(k->errors);
    for (size_t i = 0; i < k->saved_count; i++)
        format_mapping_close(k->saved[i]);
    *k = (DeskIntake){0};
}

// --- counts -------------------------------------------------------------------------------------

static Err row_of(Ctx *c, const FormatRow *row, Str column, Str why, DeskBadRow *ret_row) {
    DeskBadRow r = {.row = row->row, .line = row->line};
    TRY(str_copy(c, column, &r.column));
    TRY(str_copy(c, why, &r.reason));
    *ret_row = r;
    return OK;
}

Err desk_intake_bad(Ctx *c, DeskIntake *k, const FormatRow *row, Str column, Str why) {
    k->result.bad++;
    if (k->errors && row->state == FORMAT_ROW_GOOD)
        desk_errors_add(k->errors, column, why);
    if (k->result.bad_row_count == IMPORT_BAD_ROWS_SHOWN_MAX)
        return OK;
    TRY(row_of(c, row, column, why, &k->bad_rows[k->result.bad_row_count]));
    k->result.bad_row_count++;
    return OK;
}

Err desk_intake_count(Ctx *c, DeskIntake *k, const FormatRow *row) {
    k->result.rows++;
    if (k->errors)
        TRY(desk_errors_row(c, k->errors, row));
    if (row->state == FORMAT_ROW_BAD)
        return desk_intake_bad(c, k, row, row->bad_column, row->bad_reason);
    k->result.good++;
    for (size_t i = 0; i < row->warning_count; i++) {
        k->result.warnings++;
        if (k->result.warning_row_count == IMPORT_BAD_ROWS_SHOWN_MAX)
            continue;
        const FormatWarning *w = &row->warnings[i];
        TRY(row_of(c, row, str_of(w->column), str_of(w->words),
                   &k->warning_rows[k->result.warning_row_count]));
        k->result.warning_row_count++;
    }
    return OK;
}

Err desk_intake_progress(Ctx *c, const DeskIntake *k, const char *what) {
    FormatFileInfo info = format_file_info(k->file);
    return desk_step(&k->in->progress, what, info.bytes_read, info.bytes_total) ? OK
                                                                                : desk_cancelled(c);
}

Err desk_intake_dry_end(Ctx *c, DeskIntake *k) {
    return k->errors ? desk_errors_end(c, k->errors) : OK;
}

// --- memory -------------------------------------------------------------------------------------

static Err find_done(Ctx *c, DeskIntake *k, bool *ret_known) {
    AUTO(StoreQuery) q = store_stmt(k->desk->node->local, LOCAL_IMPORT_FIND);
    store_bind_blob(q, ":sha256", k->sha256.b, sizeof k->sha256.b);
    store_bind_str(q, ":what", str_of(k->what));
    store_bind_str(q, ":mapping", k->mapping);
    bool row;
    TRY(store_step(c, q, &row));
    if (row) {
        k->result.nothing_new = true;
        k->result.rows = (uint64_t)store_col_i64(q, 0);
        k->result.good = k->result.known = (uint64_t)store_col_i64(q, 1);
        k->result.bad = (uint64_t)store_col_i64(q, 2);
    }
    *ret_known = row;
    return OK;
}

Err desk_intake_known(Ctx *c, DeskIntake *k, bool *ret_known) {
    if (k->errors) {
        // Who asks for the errors wants them again.
        *ret_known = false;
        return OK;
    }
    pthread_mutex_lock(&k->desk->node->local_lock);
    Err e = find_done(c, k, ret_known);
    pthread_mutex_unlock(&k->desk->node->local_lock);
    return e;
}

static Err put_done(Ctx *c, DeskIntake *k, int64_t now) {
    StoreDb *db = k->desk->node->local;
    AUTO(StoreTx) tx = {0};
    TRY(store_tx_begin(c, db, &tx));
    StoreStmt *q = store_stmt(db, LOCAL_IMPORT_PUT);
    store_bind_blob(q, ":sha256", k->sha256.b, sizeof k->sha256.b);
    store_bind_str(q, ":what", str_of(k->what));
    store_bind_str(q, ":mapping", k->mapping);
    store_bind_i64(q, ":rows", (int64_t)k->result.rows);
    store_bind_i64(q, ":good", (int64_t)k->result.good);
    store_bind_i64(q, ":bad", (int64_t)k->result.bad);
    store_bind_i64(q, ":at", now);
    TRY(store_run(c, q));
    if (k->mapping_json.n > 0) {
        // A mapping that worked is kept, so that its name or the file's header finds it next time.
        StoreStmt *m = store_stmt(db, LOCAL_MAPPING_PUT);
        store_bind_str(m, ":name", k->result.mapping);
        store_bind_str(m, ":kind", str_of(k->what));
        store_bind_str(m, ":json", k->mapping_json);
        store_bind_i64(m, ":at", now);
        TRY(store_run(c, m));
    }
    if (k->in->sender.n > 0 && k->in->mapping.n > 0 && k->result.good > 0) {
        StoreStmt *s = store_stmt(db, LOCAL_SENDER_PUT);
        store_bind_str(s, ":sender", k->in->sender);
        store_bind_str(s, ":kind", str_of(k->what));
        store_bind_str(s, ":mapping", k->result.mapping);
        store_bind_i64(s, ":at", now);
        TRY(store_run(c, s));
    }
    return store_tx_commit(c, &tx);
}

Err desk_intake_done(Ctx *c, DeskIntake *k) {
    DeskNode *n = k->desk->node;
    pthread_mutex_lock(&n->local_lock);
    Err e = put_done(c, k, clock_now(n->env.clock));
    pthread_mutex_unlock(&n->local_lock);
    return e;
}

// --- JSON ---------------------------------------------------------------------------------------

static void put_rows(JsonWriter *w, const char *key, const DeskBadRow *rows, size_t n) {
    json_put_key(w, str_of(key));
    json_put_array_begin(w);
    for (size_t i = 0; i < n; i++) {
        json_put_object_begin(w);
        json_put_key_str(w, "column", rows[i].column);
        json_put_key_i64(w, "line", (int64_t)rows[i].line);
        json_put_key_str(w, "reason", rows[i].reason);
        json_put_key_i64(w, "row", (int64_t)rows[i].row);
        json_put_object_end(w);
    }
    json_put_array_end(w);
}

Err desk_import_json(Ctx *c, const DeskImportResult *r, Buf *out) {
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key_i64(&w, "bad", (int64_t)r->bad);
    put_rows(&w, "bad_rows", r->bad_rows, r->bad_row_count);
    json_put_key_i64(&w, "conflicts", (int64_t)r->conflicts);
    json_put_key_bool(&w, "dry_run", r->dry_run);
    json_put_key_str(&w, "encoding", r->encoding);
    json_put_key_str(&w, "file", r->file);
    json_put_key_i64(&w, "filled", (int64_t)r->filled);
    json_put_key_i64(&w, "good", (int64_t)r->good);
    json_put_key_i64(&w, "known", (int64_t)r->known);
    json_put_key_str(&w, "mapping", r->mapping);
    json_put_key_bool(&w, "nothing_new", r->nothing_new);
    json_put_key_bool(&w, "refused", r->refused);
    json_put_key_i64(&w, "resumed", (int64_t)r->resumed);
    json_put_key_i64(&w, "rows", (int64_t)r->rows);
    json_put_key_str(&w, "sha256", str_of(r->sha256));
    if (r->sheet.n)
        json_put_key_str(&w, "sheet", r->sheet);
    json_put_key_i64(&w, "taken", (int64_t)r->taken);
    put_rows(&w, "warning_rows", r->warning_rows, r->warning_row_count);
    json_put_key_i64(&w, "warnings", (int64_t)r->warnings);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}
