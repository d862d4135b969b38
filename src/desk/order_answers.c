// A bank's answers by file: each good row is an answer on its behalf with the hash of the file.
#include "desk/act_priv.h"

typedef struct Answering {
    const Desk *d;
    Str name, bytes, document;
    DeskAnswers result;
    DeskBadRow *bad;
    DeskOrderActDraft *drafts; // of the good rows
    Str *orders;
    size_t good, cap, order_cap, bad_cap;
} Answering;

static void Answering_cleanup(Answering *a) {
    mem_free(a->drafts);
    mem_free(a->orders);
    mem_free(a->bad);
}

static Err bad_row(Ctx *c, Answering *a, const FormatAnswer *row, Str column, Str reason) {
    TRY(mem_grow(c, &a->bad, &a->bad_cap, a->result.bad_row_count + 1, sizeof *a->bad));
    DeskBadRow *b = &a->bad[a->result.bad_row_count++];
    *b = (DeskBadRow){.row = row->row, .line = row->line};
    TRY(str_copy(c, column, &b->column));
    return str_copy(c, reason, &b->reason);
}

static Err keep_row(Ctx *c, Answering *a, const FormatAnswer *row) {
    const Str *from[] = {&row->answer,   &row->held,        &row->balance,  &row->code,
                         &row->moved_to, &row->happened_at, &row->reference};
    Str kept[COUNT_OF(from)];
    for (size_t i = 0; i < COUNT_OF(from); i++)
        TRY(str_copy(c, *from[i], &kept[i]));
    TRY(mem_grow(c, &a->drafts, &a->cap, a->good + 1, sizeof *a->drafts));
    TRY(mem_grow(c, &a->orders, &a->order_cap, a->good + 1, sizeof *a->orders));
    TRY(str_copy(c, row->order, &a->orders[a->good]));
    bool refused = str_eq_c(kept[0], "refused");
    a->drafts[a->good] = (DeskOrderActDraft){.act = STR("answer"),
                                             .outcome = kept[0],
                                             .amount = refused ? (Str){0} : kept[1],
                                             .balance = kept[2],
                                             .code = kept[3],
                                             .to = kept[4],
                                             .happened_at = kept[5],
                                             .note = kept[6],
                                             .document = a->document};
    a->good++;
    return OK;
}

// Every row is tried first on what stands now: what would not count is a bad row.
static Err look(Ctx *c, Answering *a) {
    AUTO(FormatAnswersPtr) file = NULL;
    TRY(format_answers_open(c, a->bytes, &file));
    for (;;) {
        FormatAnswer row;
        TRY(format_answers_next(c, file, &row));
        if (row.end)
            return OK;
        if (a->result.rows++ >= ANSWER_ROWS_MAX)
            return fail(c, E_LIMIT, "a file of answers has at most %d rows", ANSWER_ROWS_MAX);
        if (row.bad_reason.n > 0) {
            TRY(bad_row(c, a, &row, row.bad_column, row.bad_reason));
            continue;
        }
        for (size_t i = 0; i < a->good; i++) {
            if (str_eq(a->orders[i], row.order))
                row.bad_reason = STR("the order was answered in an earlier row of this file");
        }
        if (row.bad_reason.n > 0) {
            TRY(bad_row(c, a, &row, STR("order"), row.bad_reason));
            continue;
        }
        TRY(keep_row(c, a, &row));
        DeskOrderActDraft *draft = &a->drafts[a->good - 1];
        Err e = desk_order_act_check(c, a->d, a->orders[a->good - 1], draft);
        if (e == OK)
            continue;
        if (e != E_INVALID && e != E_STATE && e != E_NOT_FOUND && e != E_DENIED)
            return e;
        a->good--;
        Str why;
        TRY(str_copy(c, str_of(c->error), &why));
        TRY(bad_row(c, a, &row, STR("answer"), why));
    }
}

static Err keep_file(Ctx *c, Answering *a) {
    DeskAttachment file;
    Str type = format_xlsx_looks(a->bytes)
                   ? STR("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
                   : STR("text/csv");
    return desk_attachment_put(c, a->d, a->name, type, a->bytes, NULL, 0, &file);
}

// Every good row is written in one group with its document: all of them, or none.
static Err take(Ctx *c, Answering *a) {
    TRY(keep_file(c, a));
    return desk_order_acts(c, a->d, a->orders, a->drafts, a->good);
}

static Str file_name(Str path) {
    size_t at = path.n;
    while (at > 0 && path.p[at - 1] != '/')
        at--;
    return (Str){path.p + at, path.n - at};
}

Err desk_answers_import(Ctx *c, const Desk *d, Str path, bool dry_run, DeskAnswers *ret_answers) {
    TRY(desk_need(c, d, DESK_ORDER_ANSWER));
    AUTO(Answering) a = {.d = d, .name = file_name(path)};
    TRY(file_read_all(c, path, ATTACHMENT_BYTES_MAX, &a.bytes));
    CryptoHash sha256 = crypto_sha256(a.bytes.p, a.bytes.n);
    TRY(desk_hex_text(c, sha256.b, sizeof sha256.b, &a.document));
    memcpy(a.result.sha256, a.document.p, a.document.n + 1);
    TRY(look(c, &a));
    if (!dry_run && a.good > 0)
        TRY(take(c, &a));
    DeskBadRow *bad;
    Str *orders;
    TRY(ctx_alloc(c, (a.result.bad_row_count + 1) * sizeof *bad, &bad));
    TRY(ctx_alloc(c, (a.good + 1) * sizeof *orders, &orders));
    if (a.result.bad_row_count > 0)
        memcpy(bad, a.bad, a.result.bad_row_count * sizeof *bad);
    if (a.good > 0)
        memcpy(orders, a.orders, a.good * sizeof *orders);
    a.result.good = a.good;
    a.result.bad_rows = bad;
    a.result.orders = orders;
    a.result.order_count = a.good;
    *ret_answers = a.result;
    return OK;
}

Err desk_answers_json(Ctx *c, const DeskAnswers *a, Buf *out) {
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key(&w, STR("bad_rows"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < a->bad_row_count; i++) {
        json_put_object_begin(&w);
        desk_put_opt_str(&w, "column", a->bad_rows[i].column);
        json_put_key_i64(&w, "line", (int64_t)a->bad_rows[i].line);
        json_put_key_str(&w, "reason", a->bad_rows[i].reason);
        json_put_object_end(&w);
    }
    json_put_array_end(&w);
    json_put_key_i64(&w, "good", (int64_t)a->good);
    desk_put_strs(&w, "orders", a->orders, a->order_count);
    json_put_key_i64(&w, "rows", (int64_t)a->rows);
    json_put_key_str(&w, "sha256", str_of(a->sha256));
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}
