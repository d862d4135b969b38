// Taking in a bank's file of transfers: in parts, each durable with its batch record.
#include "desk/desk_priv.h"

#define ROWS_BETWEEN_STEPS 4096

typedef struct TransferImport {
    DeskIntake intake;
    DeskWriting writing; // held all along: the stream has one writer
    StreamImport *session;
    int64_t part;       // number of the next batch of this file
    uint64_t skip;      // rows that earlier parts covered
    uint64_t part_rows; // rows of the file in the part being filled
    uint64_t part_bad;
    uint64_t session_rows; // since the last commit, with a record or without
} TransferImport;

static void TransferImport_cleanup(TransferImport *t) {
    stream_import_close(t->session);
    DeskWriting_cleanup(&t->writing);
    DeskIntake_cleanup(&t->intake);
}

// --- parts --------------------------------------------------------------------------------------

static Err batch_body(Ctx *c, const TransferImport *t, const StreamBatch *b, Buf *out) {
    AUTO(Buf) root = {0};
    buf_hex(&root, b->root.b, sizeof b->root.b);
    TRY(buf_check(c, &root));
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key_i64(&w, "bad", (int64_t)t->part_bad);
    json_put_key_i64(&w, "conflicts", (int64_t)b->conflicts);
    json_put_key_i64(&w, "filled", (int64_t)b->filled);
    json_put_key_i64(&w, "known", (int64_t)b->known);
    json_put_key_str(&w, "mapping", t->intake.mapping);
    json_put_key_i64(&w, "part", t->part);
    json_put_key_str(&w, "root", buf_view(&root));
    json_put_key_i64(&w, "rows", (int64_t)t->part_rows);
    json_put_key_str(&w, "sha256", str_of(t->intake.result.sha256));
    json_put_key_i64(&w, "taken", (int64_t)b->taken);
    json_put_key_str(&w, "what", STR("transfers"));
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

static void add_counts(DeskImportResult *r, const StreamBatch *b) {
    r->taken += b->taken;
    r->known += b->known;
    r->filled += b->filled;
    r->conflicts += b->conflicts;
}

static Err commit_part(Ctx *c, TransferImport *t) {
    StreamBatch batch;
    t->session_rows = 0;
    TRY(stream_import_seal(c, t->session, &batch));
    TRY(desk_group_begin(c, &t->writing));
    if (batch.taken > 0) {
        AUTO(Buf) body = {0};
        TRY(batch_body(c, t, &batch, &body));
        DeskDraft draft = {
            .kind = RECORD_BATCH, .purpose = "investigation", .body = buf_view(&body)};
        TRY(desk_group_add(c, &t->writing, &draft, NULL));
    }
    TRY(stream_import_commit(c, t->session));
    Err e = desk_group_commit(c, &t->writing);
    if (t->writing.committed)
        stream_import_publish(t->session);
    TRY(e);
    add_counts(&t->intake.result, &batch);
    if (batch.taken > 0) {
        // Rows before a part without a record are looked at again by an import that resumes.
        t->part++;
        t->part_rows = 0;
        t->part_bad = 0;
    }
    return OK;
}

// A dry run goes through the same session, which is then dropped.
static Err count_part(Ctx *c, TransferImport *t) {
    StreamBatch batch;
    t->session_rows = 0;
    TRY(stream_import_count(c, t->session, &batch));
    add_counts(&t->intake.result, &batch);
    stream_import_close(t->session);
    t->session = NULL;
    return stream_import_begin(c, t->intake.desk->node->stream, &t->session);
}

// --- rows ---------------------------------------------------------------------------------------

static Err take_row(Ctx *c, Ctx *rows, TransferImport *t, const FormatRow *row) {
    t->part_rows++;
    t->session_rows++;
    uint64_t bad = t->intake.result.bad;
    TRY(desk_intake_count(c, &t->intake, row));
    if (row->state == FORMAT_ROW_GOOD) {
        StreamTransfer transfer;
        format_stream_transfer(&row->transfer, &transfer);
        Err e = stream_import_add(rows, t->session, &transfer);
        if (e == E_INVALID) {
            t->intake.result.good--;
            TRY(desk_intake_bad(c, &t->intake, row, (Str){0}, str_of(rows->error)));
        } else if (e != OK) {
            return desk_pass(c, rows, e);
        }
    }
    t->part_bad += t->intake.result.bad - bad;
    return OK;
}

static bool part_full(const TransferImport *t) {
    size_t most = t->intake.desk->node->env.import_rows;
    return stream_import_full(t->session) || (most > 0 && t->session_rows >= most);
}

static Err pass_rows(Ctx *c, Ctx *rows, TransferImport *t, bool dry) {
    const char *what = dry ? "checking rows" : "taking in transfers";
    for (uint64_t n = 0;; n++) {
        if (n % ROWS_BETWEEN_STEPS == 0) {
            ctx_reset(rows);
            TRY(desk_intake_progress(c, &t->intake, what));
        }
        FormatRow row;
        TRY(desk_pass(c, rows, format_file_next(rows, t->intake.file, &row)));
        if (row.state == FORMAT_ROW_END)
            break;
        if (!dry && row.row <= t->skip) {
            t->intake.result.resumed++;
            TRY(desk_intake_count(c, &t->intake, &row));
            continue;
        }
        TRY(take_row(c, rows, t, &row));
        if (part_full(t))
            TRY(dry ? count_part(c, t) : commit_part(c, t));
    }
    TRY(dry ? count_part(c, t) : commit_part(c, t));
    return desk_intake_progress(c, &t->intake, what);
}

static Err pass(Ctx *c, TransferImport *t, bool dry) {
    if (!t->session)
        TRY(stream_import_begin(c, t->intake.desk->node->stream, &t->session));
    AUTO(Ctx) rows;
    ctx_init(&rows);
    TRY(pass_rows(c, &rows, t, dry));
    stream_import_close(t->session);
    t->session = NULL;
    return OK;
}

// How far an import of this file that was broken off came: its batch records say so.
static Err find_resume(Ctx *c, TransferImport *t) {
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, t->intake.desk, &r));
    const PictureBatch *parts;
    size_t n;
    TRY(picture_batch_of_file(c, r.slot->picture, t->intake.sha256.b, &parts, &n));
    for (size_t i = 0; i < n; i++) {
        if (!str_eq(parts[i].mapping, t->intake.mapping) || !str_eq_c(parts[i].what, "transfers"))
            continue;
        t->skip += (uint64_t)parts[i].rows;
        if (parts[i].part >= t->part)
            t->part = parts[i].part + 1;
    }
    return OK;
}

static Err import(Ctx *c, TransferImport *t) {
    DeskIntake *k = &t->intake;
    if (k->in->dry_run || k->in->all_or_nothing) {
        TRY(pass(c, t, true));
        if (k->in->dry_run)
            return desk_intake_dry_end(c, k);
        if (k->result.bad > 0) {
            k->result.refused = true;
            k->result.taken = k->result.known = k->result.filled = k->result.conflicts = 0;
            return OK;
        }
        TRY(desk_intake_again(c, k));
        t->part_rows = t->part_bad = 0;
    }
    TRY(find_resume(c, t));
    TRY(pass(c, t, false));
    return desk_intake_done(c, k);
}

Err desk_import_transfers(Ctx *c, const Desk *d, const DeskImport *in,
                          DeskImportResult *ret_result) {
    TRY(desk_need(c, d, DESK_IMPORT));
    AUTO(TransferImport) t = {0};
    TRY(desk_intake_open(c, d, in, FORMAT_TRANSFERS, &t.intake));
    bool known;
    TRY(desk_intake_known(c, &t.intake, &known));
    if (!known) {
        TRY(desk_writing_begin(c, d->node, d, &t.writing));
        TRY(import(c, &t));
    }
    *ret_result = t.intake.result;
    return OK;
}
