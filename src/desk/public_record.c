// The public record: each row of each table becomes a claim with its source. Demo nodes only.
#include "desk/desk_priv.h"

typedef struct PublicFile {
    Str table; // name without .csv
    Str bytes;
} PublicFile;

typedef struct PublicImport {
    const Desk *desk;
    const DeskImport *in;
    PublicFile files[DESK_PUBLIC_FILES_MAX];
    size_t file_count;
    DeskWriting writing;
    Dict keys;       // table US key US row of every claim that is here
    Dict names;      // table US key
    uint64_t number; // of the row in its file
    bool dry;        // nothing is written
    DeskImportResult result;
    DeskBadRow *bad_rows;
} PublicImport;

static void PublicImport_cleanup(PublicImport *p) {
    DeskWriting_cleanup(&p->writing);
    dict_done(&p->keys);
    dict_done(&p->names);
}

// --- files --------------------------------------------------------------------------------------

static Err add_file(Ctx *c, PublicImport *p, Str name, Str bytes) {
    if (p->file_count == DESK_PUBLIC_FILES_MAX)
        return fail(c, E_LIMIT, "more than %d tables", DESK_PUBLIC_FILES_MAX);
    PublicFile *f = &p->files[p->file_count++];
    f->bytes = bytes;
    return str_copy(c, (Str){name.p, name.n - 4}, &f->table);
}

static Err list_embedded(Ctx *c, PublicImport *p) {
    static const char folder[] = "data/public-record/";
    Str name, bytes;
    for (size_t i = 0; format_data_at(i, &name, &bytes); i++) {
        if (!str_starts(name, STR("data/public-record/")) || !str_ends(name, STR(".csv")))
            continue;
        Str file = {name.p + sizeof folder - 1, name.n - (sizeof folder - 1)};
        TRY(add_file(c, p, file, bytes));
    }
    return OK;
}

static Err list_folder(Ctx *c, PublicImport *p) {
    Str *names;
    size_t n;
    TRY(dir_list(c, p->in->path, &names, &n));
    for (size_t i = 0; i < n; i++) {
        if (!str_ends(names[i], STR(".csv")))
            continue;
        Str path, bytes;
        TRY(str_format(c, &path, STR_FMT "/" STR_FMT, STR_ARG(p->in->path), STR_ARG(names[i])));
        TRY(file_read_all(c, path, DESK_PUBLIC_FILE_BYTES_MAX, &bytes));
        TRY(add_file(c, p, names[i], bytes));
    }
    return OK;
}

static Err list_files(Ctx *c, PublicImport *p) {
    TRY(p->in->path.n > 0 ? list_folder(c, p) : list_embedded(c, p));
    if (p->file_count == 0)
        return fail(c, E_NOT_FOUND, "there is no .csv file in " STR_FMT, STR_ARG(p->in->path));
    CryptoSha256 sha;
    crypto_sha256_init(&sha);
    for (size_t i = 0; i < p->file_count; i++)
        crypto_sha256_add(&sha, p->files[i].bytes.p, p->files[i].bytes.n);
    CryptoHash hash = crypto_sha256_finish(&sha);
    AUTO(Buf) hex = {0};
    buf_hex(&hex, hash.b, sizeof hash.b);
    TRY(buf_check(c, &hex));
    memcpy(p->result.sha256, hex.p, hex.n);
    return OK;
}

// --- what is here -------------------------------------------------------------------------------

static Err remember(Ctx *c, PublicImport *p, Str table, Str key, Str row) {
    Str name, whole;
    uint32_t id;
    TRY(str_format(c, &name, STR_FMT "\x1f" STR_FMT, STR_ARG(table), STR_ARG(key)));
    TRY(str_format(c, &whole, STR_FMT "\x1f" STR_FMT, STR_ARG(name), STR_ARG(row)));
    TRY(dict_intern(c, &p->names, name, &id));
    return dict_intern(c, &p->keys, whole, &id);
}

static Err remember_all(Ctx *c, PublicImport *p) {
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, p->desk, &r));
    PicturePage page = {.limit = LIST_PAGE_ITEMS_MAX};
    for (bool more = true; more;) {
        const PictureClaim *items;
        size_t n;
        TRY(picture_claim_list(c, r.slot->picture, (Str){0}, page, &items, &n, &more));
        for (size_t i = 0; i < n; i++)
            TRY(remember(c, p, items[i].table, items[i].name, items[i].row));
        if (n == 0)
            break;
        page.after = items[n - 1].key;
    }
    return OK;
}

// --- rows ---------------------------------------------------------------------------------------

typedef struct Header {
    Str *names;
    uint32_t *order; // columns by name
    size_t count;
    size_t id, source; // column, or count
} Header;

static Err header_read(Ctx *c, const PublicFile *f, FormatCsv *csv, Header *ret_header) {
    FormatCsvRow row;
    TRY(format_csv_next(c, csv, &row));
    if (row.end || row.bad || row.field_count == 0)
        return fail(c, E_INVALID, STR_FMT ".csv has no header line", STR_ARG(f->table));
    Header h = {.count = row.field_count, .id = row.field_count, .source = row.field_count};
    TRY(ctx_alloc(c, h.count * sizeof *h.names, &h.names));
    TRY(ctx_alloc(c, h.count * sizeof *h.order, &h.order));
    for (uint32_t i = 0; i < h.count; i++) {
        TRY(str_copy(c, str_trim(row.fields[i]), &h.names[i]));
        uint32_t at = i;
        while (at > 0 && json_key_cmp(h.names[i], h.names[h.order[at - 1]]) <= 0) {
            h.order[at] = h.order[at - 1];
            at--;
        }
        h.order[at] = i;
        if (h.names[i].n == 0 || (at < i && str_eq(h.names[h.order[at + 1]], h.names[i])))
            return fail(c, E_INVALID, STR_FMT ".csv: column %u has no name or one used twice",
                        STR_ARG(f->table), i + 1);
        if (str_eq_c(h.names[i], "id"))
            h.id = i;
        if (str_eq_c(h.names[i], "source"))
            h.source = i;
    }
    *ret_header = h;
    return OK;
}

static Err row_json(Ctx *c, const Header *h, const FormatCsvRow *row, Buf *out) {
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    for (size_t i = 0; i < h->count; i++) {
        Str value = row->fields[h->order[i]];
        if (value.n == 0)
            continue;
        json_put_key(&w, h->names[h->order[i]]);
        json_put_str(&w, value);
    }
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

typedef struct Claim {
    Str table, key, source, row;
} Claim;

static Err claim_add(Ctx *c, PublicImport *p, const Claim *claim) {
    AUTO(Buf) body = {0};
    JsonWriter w = json_writer_start(&body);
    json_put_object_begin(&w);
    json_put_key_str(&w, "key", claim->key);
    json_put_key(&w, STR("row"));
    json_put_raw(&w, claim->row);
    json_put_key_str(&w, "source", claim->source);
    json_put_key_str(&w, "table", claim->table);
    json_put_object_end(&w);
    TRY(json_writer_end(c, &w));
    RecordMark mark = record_mark_clear();
    if (!p->writing.group)
        TRY(desk_group_begin(c, &p->writing));
    DeskDraft draft = {
        .kind = RECORD_CLAIM, .mark = &mark, .purpose = "public-record", .body = buf_view(&body)};
    TRY(desk_group_add(c, &p->writing, &draft, NULL));
    return p->writing.count == LEDGER_GROUP_RECORDS_MAX ? desk_group_commit(c, &p->writing) : OK;
}

static Err bad(Ctx *c, PublicImport *p, const PublicFile *f, uint64_t line, const char *why) {
    p->result.bad++;
    if (p->result.bad_row_count == IMPORT_BAD_ROWS_SHOWN_MAX)
        return OK;
    DeskBadRow *r = &p->bad_rows[p->result.bad_row_count++];
    *r = (DeskBadRow){.row = p->result.rows, .line = line};
    TRY(str_copy(c, f->table, &r->column));
    return str_copy(c, str_of(why), &r->reason);
}

static Err take_row(Ctx *c, PublicImport *p, const PublicFile *f, const Header *h,
                    const FormatCsvRow *row) {
    p->result.rows++;
    p->number++;
    if (row->bad || row->field_count != h->count)
        return bad(c, p, f, row->line, row->bad ? row->bad : "not as many fields as the header");
    Claim claim = {.table = f->table};
    if (h->id < h->count)
        TRY(str_copy(c, row->fields[h->id], &claim.key));
    else
        TRY(str_format(c, &claim.key, "%llu", (unsigned long long)p->number));
    // A source speaks for itself.
    claim.source = h->source < h->count ? row->fields[h->source] : claim.key;
    if (claim.key.n == 0 || claim.source.n == 0)
        return bad(c, p, f, row->line, "no id or no source: a claim needs both");
    AUTO(Buf) json = {0};
    TRY(row_json(c, h, row, &json));
    claim.row = buf_view(&json);
    Str name, whole;
    uint32_t id;
    TRY(str_format(c, &name, STR_FMT "\x1f" STR_FMT, STR_ARG(claim.table), STR_ARG(claim.key)));
    TRY(str_format(c, &whole, STR_FMT "\x1f" STR_FMT, STR_ARG(name), STR_ARG(claim.row)));
    if (dict_find(&p->keys, whole, &id)) {
        p->result.good++;
        p->result.known++;
        return OK;
    }
    if (dict_find(&p->names, name, &id))
        return bad(c, p, f, row->line, "this id has another row already; the first one stays");
    p->result.good++;
    p->result.taken++;
    TRY(remember(c, p, claim.table, claim.key, claim.row));
    return p->dry ? OK : claim_add(c, p, &claim);
}

static Err take_file(Ctx *c, PublicImport *p, const PublicFile *f) {
    FormatCsvOptions options = {.bytes = f->bytes};
    AUTO(FormatCsvPtr) csv = NULL;
    TRY(format_csv_open(c, &options, &csv));
    Header h;
    TRY(header_read(c, f, csv, &h));
    p->number = 0;
    for (;;) {
        FormatCsvRow row;
        TRY(format_csv_next(c, csv, &row));
        if (row.end)
            return OK;
        TRY(take_row(c, p, f, &h, &row));
    }
}

static Err pass(Ctx *c, PublicImport *p, bool dry) {
    p->dry = dry;
    DeskImportResult *r = &p->result;
    r->rows = r->good = r->taken = r->known = r->bad = 0;
    r->bad_row_count = 0;
    dict_done(&p->keys);
    dict_done(&p->names);
    dict_init(&p->keys, 1);
    dict_init(&p->names, 2);
    TRY(remember_all(c, p));
    for (size_t i = 0; i < p->file_count; i++) {
        if (!desk_step(&p->in->progress, "taking in the public record", i, p->file_count))
            return desk_cancelled(c);
        TRY(take_file(c, p, &p->files[i]));
    }
    if (p->writing.group)
        TRY(desk_group_commit(c, &p->writing));
    return desk_step(&p->in->progress, "taking in the public record", p->file_count, p->file_count)
               ? OK
               : desk_cancelled(c);
}

Err desk_import_public_record(Ctx *c, const Desk *d, const DeskImport *in,
                              DeskImportResult *ret_result) {
    TRY(desk_need(c, d, DESK_IMPORT));
    if (!d->node->demo)
        return fail(c, E_DENIED,
                    "the public record goes into a demo node only (`moei demo`): "
                    "claims of the press must not stand beside an agency's records");
    AUTO(PublicImport) p = {.desk = d, .in = in};
    TRY(ctx_alloc(c, IMPORT_BAD_ROWS_SHOWN_MAX * sizeof *p.bad_rows, &p.bad_rows));
    p.result.bad_rows = p.bad_rows;
    p.result.file = in->path.n > 0 ? in->path : STR("data/public-record");
    p.result.encoding = STR("UTF-8");
    p.result.mapping = STR("public-record");
    p.result.dry_run = in->dry_run;
    TRY(list_files(c, &p));
    TRY(desk_writing_begin(c, d->node, d, &p.writing));
    if (in->dry_run || in->all_or_nothing)
        TRY(pass(c, &p, true));
    if (in->all_or_nothing && p.result.bad > 0 && !in->dry_run) {
        p.result.refused = true;
        p.result.taken = p.result.known = 0;
    } else if (!in->dry_run) {
        TRY(pass(c, &p, false));
    }
    p.result.nothing_new = !p.result.refused && p.result.taken == 0 && p.result.bad == 0;
    *ret_result = p.result;
    return OK;
}
