// Taking in a file of victims' reports: each row one record, in groups.
#include "desk/share_priv.h"

#define ROWS_BETWEEN_STEPS 1024

typedef struct ReportImport {
    DeskIntake intake;
    DeskWriting writing;
    DeskReading reading;
    Dict ids;           // of this file
    CryptoHash *hashes; // of their rows, by id of the dict
    size_t hash_cap;
    Buf body, scratch;
    RecordMark mark; // that they carry
} ReportImport;

static void ReportImport_cleanup(ReportImport *t) {
    DeskWriting_cleanup(&t->writing);
    DeskReading_cleanup(&t->reading);
    DeskIntake_cleanup(&t->intake);
    dict_done(&t->ids);
    mem_free(t->hashes);
    buf_done(&t->body);
    buf_done(&t->scratch);
}

typedef enum Telling { TELLING_NEW, TELLING_KNOWN, TELLING_OTHER } Telling;

// Whether the report's id is new, known with the same row, or taken by another one.
static Err telling_of(Ctx *c, Ctx *rows, ReportImport *t, const FormatReport *r,
                      Telling *ret_telling) {
    CryptoHash hash;
    desk_report_row_hash(r, &t->scratch, &hash);
    TRY(buf_check(c, &t->scratch));
    uint32_t id;
    if (dict_find(&t->ids, r->id, &id)) {
        bool same = crypto_equal(t->hashes[id].b, hash.b, sizeof hash.b);
        *ret_telling = same ? TELLING_KNOWN : TELLING_OTHER;
        return OK;
    }
    PictureReport other;
    DeskNode *n = t->intake.desk->node;
    Err e =
        picture_report_find(rows, t->reading.slot->picture, str_of(n->agency_id), r->id, &other);
    if (e != OK && e != E_NOT_FOUND)
        return desk_pass(c, rows, e);
    if (e == OK) {
        bool same = other.has_row && crypto_equal(other.row, hash.b, sizeof hash.b);
        *ret_telling = same ? TELLING_KNOWN : TELLING_OTHER;
        return OK;
    }
    TRY(dict_intern(c, &t->ids, r->id, &id));
    TRY(mem_grow(c, &t->hashes, &t->hash_cap, (size_t)id + 1, sizeof *t->hashes));
    t->hashes[id] = hash;
    *ret_telling = TELLING_NEW;
    return OK;
}

static Err add_report(Ctx *c, ReportImport *t, const FormatReport *r) {
    DeskWriting *w = &t->writing;
    if (!w->group)
        TRY(desk_group_begin(c, w));
    buf_clear(&t->body);
    TRY(desk_report_body(c, r, &t->body));
    DeskDraft draft = {.kind = RECORD_REPORT,
                       .mark = &t->mark,
                       .purpose = "investigation",
                       .body = buf_view(&t->body)};
    RecordId id;
    DeskVictim victim = {.victim = r->victim, .story = r->story};
    TRY(desk_group_add(c, w, &draft, &id));
    TRY(desk_victim_add(c, w, id, &victim));
    return w->count + 2 > LEDGER_GROUP_RECORDS_MAX ? desk_group_commit(c, w) : OK;
}

static Err take_row(Ctx *c, Ctx *rows, ReportImport *t, const FormatRow *row, bool dry) {
    DeskImportResult *result = &t->intake.result;
    TRY(desk_intake_count(c, &t->intake, row));
    if (row->state == FORMAT_ROW_BAD)
        return OK;
    Telling telling;
    TRY(telling_of(c, rows, t, &row->report, &telling));
    switch (telling) {
    case TELLING_KNOWN:
        result->known++;
        return OK;
    case TELLING_OTHER:
        result->good--;
        return desk_intake_bad(c, &t->intake, row, STR("id"),
                               STR("another report has this id and says something else; the "
                                   "first one stays"));
    case TELLING_NEW:
        result->taken++;
        return dry ? OK : desk_pass(c, rows, add_report(rows, t, &row->report));
    }
    UNREACHABLE();
}

static Err pass_rows(Ctx *c, Ctx *rows, ReportImport *t, bool dry) {
    const char *what = dry ? "checking rows" : "taking in reports";
    for (uint64_t n = 0;; n++) {
        if (n % ROWS_BETWEEN_STEPS == 0)
            TRY(desk_intake_progress(c, &t->intake, what));
        ctx_reset(rows);
        FormatRow row;
        TRY(desk_pass(c, rows, format_file_next(rows, t->intake.file, &row)));
        if (row.state == FORMAT_ROW_END)
            break;
        TRY(take_row(c, rows, t, &row, dry));
    }
    if (t->writing.group)
        TRY(desk_group_commit(c, &t->writing));
    return desk_intake_progress(c, &t->intake, what);
}

static Err pass(Ctx *c, ReportImport *t, bool dry) {
    dict_done(&t->ids);
    dict_init(&t->ids, load_u64le(t->intake.sha256.b));
    AUTO(Ctx) rows;
    ctx_init(&rows);
    return pass_rows(c, &rows, t, dry);
}

static Err import(Ctx *c, ReportImport *t) {
    DeskIntake *k = &t->intake;
    if (k->in->dry_run || k->in->all_or_nothing) {
        TRY(pass(c, t, true));
        if (k->in->dry_run)
            return desk_intake_dry_end(c, k);
        if (k->result.bad > 0) {
            k->result.refused = true;
            k->result.taken = k->result.known = 0;
            return OK;
        }
        TRY(desk_intake_again(c, k));
    }
    TRY(pass(c, t, false));
    return desk_intake_done(c, k);
}

Err desk_import_reports(Ctx *c, const Desk *d, const DeskImport *in, DeskImportResult *ret_result) {
    TRY(desk_need(c, d, DESK_IMPORT));
    AUTO(ReportImport) t = {0};
    TRY(desk_intake_open(c, d, in, FORMAT_REPORTS, &t.intake));
    bool known;
    TRY(desk_intake_known(c, &t.intake, &known));
    if (!known) {
        TRY(desk_reading_begin(c, d, &t.reading));
        TRY(desk_mark_under(c, d, t.reading.slot, in->accord, "report", &t.mark));
        TRY(desk_writing_begin(c, d->node, d, &t.writing));
        TRY(import(c, &t));
    }
    *ret_result = t.intake.result;
    return OK;
}
