// The case file: what of a case leaves, and by whose decision.
#include "desk/casefile_priv.h"

#include <stdlib.h>

// --- what belongs to a case ---------------------------------------------------------------------

typedef struct Collect {
    const Desk *desk;
    DeskSlot *slot;
    Dict known; // ids that were added
    Buf records, orders, files, guarded;
    Str last_mark; // its handling was looked at
    bool last_guarded;
    CaseContents *out;
} Collect;

static void Collect_cleanup(Collect *k) {
    dict_done(&k->known);
    buf_done(&k->records);
    buf_done(&k->orders);
    buf_done(&k->files);
    buf_done(&k->guarded);
}

static Err guarded(Ctx *c, Collect *k, Str mark, bool *ret_guarded) {
    if (!str_eq(mark, k->last_mark)) {
        const JsonValue *v;
        RecordMark m;
        TRY(json_read(c, &k->slot->json, mark, &v));
        TRY(record_mark_parse(c, v, &m));
        k->last_mark = mark;
        k->last_guarded = m.handling >= RECORD_H1;
    }
    *ret_guarded = k->last_guarded;
    return OK;
}

// A report of an older node names its victim in its body: the bytes are for who may read that.
static Err names_hidden(Ctx *c, Collect *k, const PictureRecord *r, bool *ret_hidden) {
    *ret_hidden = false;
    if (!str_eq_c(r->kind, "report") || !str_eq_c(r->state, "held") ||
        desk_may(k->desk, DESK_VICTIM_READ))
        return OK;
    Record body;
    TRY(desk_body_get(c, k->slot, r->id, &body));
    *ret_hidden = desk_body_names(&body);
    return OK;
}

static Err add_record(Ctx *c, Collect *k, const PictureRecord *r, bool *ret_new) {
    uint32_t id;
    Str bytes = {(const char *)r->id.b, sizeof r->id.b};
    bool stop;
    *ret_new = false;
    if (dict_find(&k->known, bytes, &id) || str_eq_c(r->state, "erased"))
        return OK;
    TRY(dict_intern(c, &k->known, bytes, &id));
    if (k->known.count > CASE_FILE_RECORDS_MAX)
        return fail(c, E_LIMIT, "a case file holds at most %d records", CASE_FILE_RECORDS_MAX);
    TRY(names_hidden(c, k, r, &stop));
    if (stop)
        return OK;
    TRY(guarded(c, k, r->mark, &stop));
    if (stop)
        buf_append(&k->guarded, &r->id, sizeof r->id);
    CaseRecord item = {r->id, r->kind, r->at, r->has_officer, r->officer};
    buf_append(&k->records, &item, sizeof item);
    *ret_new = true;
    return buf_check(c, &k->records);
}

static Err add_files(Ctx *c, Collect *k, RecordId of) {
    const PictureAttachment *items;
    size_t n;
    bool new_one;
    TRY(picture_attachments_of(c, k->slot->picture, of, &items, &n));
    for (size_t i = 0; i < n; i++) {
        PictureRecord r;
        Err e = picture_record_get(c, k->slot->picture, items[i].id, &r);
        if (e == E_NOT_FOUND)
            continue;
        TRY(e);
        TRY(add_record(c, k, &r, &new_one));
        if (new_one)
            buf_append(&k->files, &items[i], sizeof items[i]);
    }
    return buf_check(c, &k->files);
}

// All records of an object, and the documents that belong to it. What may not be seen, or is not
// here, is left out without a word.
static Err add_object(Ctx *c, Collect *k, RecordId root) {
    const PictureRecord *items;
    size_t n;
    bool new_one;
    Err e = picture_record_object(c, k->slot->picture, root, &items, &n);
    if (e == E_NOT_FOUND)
        return OK;
    TRY(e);
    for (size_t i = 0; i < n; i++)
        TRY(add_record(c, k, &items[i], &new_one));
    return add_files(c, k, root);
}

// Records of these kinds whose refs name the object, with their own objects.
static Err add_quotes(Ctx *c, Collect *k, RecordId of, const char *const *kinds,
                      size_t kind_count) {
    const PictureRecord *items;
    size_t n;
    TRY(picture_record_quotes(c, k->slot->picture, of, &items, &n));
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < kind_count; j++) {
            if (str_eq_c(items[i].kind, kinds[j]))
                TRY(add_object(c, k, items[i].root));
        }
    }
    return OK;
}

static Err add_report(Ctx *c, Collect *k, RecordId report) {
    RecordId victim;
    TRY(add_object(c, k, report));
    Err e = picture_report_victim(c, k->slot->picture, report, &victim);
    if (e == E_NOT_FOUND)
        return OK;
    TRY(e);
    return add_object(c, k, victim);
}

static Err add_reports(Ctx *c, Collect *k) {
    PicturePage page = {.limit = LIST_PAGE_ITEMS_MAX};
    for (bool more = true; more;) {
        const PictureCaseReport *items;
        size_t n;
        TRY(picture_case_reports(c, k->slot->picture, k->out->k.id, page, &items, &n, &more));
        for (size_t i = 0; i < n; i++) {
            if (items[i].has_report && str_eq_c(items[i].state, "in"))
                TRY(add_report(c, k, items[i].report));
        }
        if (n == 0)
            break;
        page.after = items[n - 1].key;
    }
    return OK;
}

static Err add_trace(Ctx *c, Collect *k, RecordId trace) {
    Record body;
    PictureRecord r;
    Err e = picture_record_get(c, k->slot->picture, trace, &r);
    if (e == E_NOT_FOUND)
        return OK;
    TRY(e);
    TRY(add_object(c, k, trace));
    TRY(desk_body_get(c, k->slot, trace, &body));
    return json_get_str(c, body.body, "rule", &k->out->rule);
}

static Err add_orders(Ctx *c, Collect *k) {
    static const char *const kinds[] = {"grievance"};
    const PictureOrder *orders;
    size_t n;
    TRY(picture_orders_of_case(c, k->slot->picture, k->out->k.id, &orders, &n));
    for (size_t i = 0; i < n; i++) {
        CaseOrder o = {orders[i].id, orders[i].number, orders[i].view.has_issued_at};
        buf_append(&k->orders, &o, sizeof o);
        TRY(add_object(c, k, orders[i].id));
        TRY(add_quotes(c, k, orders[i].id, kinds, COUNT_OF(kinds)));
        if (orders[i].has_trace)
            TRY(add_trace(c, k, orders[i].trace));
    }
    return buf_check(c, &k->orders);
}

static Err add_plans(Ctx *c, Collect *k) {
    PicturePage page = {.limit = LIST_PAGE_ITEMS_MAX};
    for (bool more = true; more;) {
        const PicturePlan *items;
        size_t n;
        TRY(picture_plan_list(c, k->slot->picture, &k->out->k.id, page, &items, &n, &more));
        for (size_t i = 0; i < n; i++)
            TRY(add_object(c, k, items[i].id));
        if (n == 0)
            break;
        page.after = items[n - 1].key;
    }
    return OK;
}

// The document that an act names by its hash: a bank's answer, a court's paper. It was put on the
// shelf before the act, and so refers to nothing.
static Err add_document(Ctx *c, Collect *k, RecordId act) {
    Record body;
    PictureAttachment a;
    PictureRecord r;
    uint8_t sha256[32];
    bool new_one;
    Err e = desk_body_get(c, k->slot, act, &body);
    if (e == E_NOT_FOUND || e == E_STATE)
        return OK;
    TRY(e);
    const JsonValue *hex = json_find(body.body, STR("document"));
    if (!hex || hex->type != JSON_STR || !hex_decode(hex->s, sha256, sizeof sha256))
        return OK;
    e = picture_attachment_find(c, k->slot->picture, sha256, &a);
    if (e == E_NOT_FOUND)
        return OK;
    TRY(e);
    TRY(picture_record_get(c, k->slot->picture, a.id, &r));
    TRY(add_record(c, k, &r, &new_one));
    if (new_one)
        buf_append(&k->files, &a, sizeof a);
    return buf_check(c, &k->files);
}

static Err add_documents(Ctx *c, Collect *k) {
    static const char *const kinds[] = {"order_act", "order_note", "standing", "refund_account"};
    size_t n = k->records.n / sizeof(CaseRecord);
    for (size_t i = 0; i < n; i++) {
        CaseRecord r; // a copy: the list grows and may move
        memcpy(&r, k->records.p + i * sizeof r, sizeof r);
        for (size_t j = 0; j < COUNT_OF(kinds); j++) {
            if (str_eq_c(r.kind, kinds[j]))
                TRY(add_document(c, k, r.id));
        }
    }
    return OK;
}

// Who spoke, and the keys by which the checkpoint is signed: without them nothing can be checked.
static Err add_speakers(Ctx *c, Collect *k) {
    PictureAgency a;
    size_t n = k->records.n / sizeof(CaseRecord);
    RecordId *officers;
    size_t count = 0;
    TRY(ctx_alloc(c, (n + 1) * sizeof *officers, &officers));
    const CaseRecord *records = (const CaseRecord *)(const void *)k->records.p;
    for (size_t i = 0; i < n; i++) {
        bool known = !records[i].has_officer;
        for (size_t j = 0; j < count && !known; j++)
            known = record_id_eq(officers[j], records[i].officer);
        if (!known)
            officers[count++] = records[i].officer;
    }
    for (size_t i = 0; i < count; i++)
        TRY(add_object(c, k, officers[i]));
    Err e = picture_agency_get(c, k->slot->picture, str_of(k->desk->node->agency_id), &a);
    if (e == E_NOT_FOUND)
        return fail(c, E_DENIED,
                    "a case file holds the agency's keys, and your clearance does not show them: "
                    "ask somebody cleared for AMBER");
    TRY(e);
    return add_object(c, k, a.id);
}

static int by_time(const void *a, const void *b) {
    const CaseRecord *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return record_id_cmp(x->id, y->id);
}

static int by_hash(const void *a, const void *b) {
    const PictureAttachment *x = a, *y = b;
    return memcmp(x->sha256, y->sha256, sizeof x->sha256);
}

static Err settle(Ctx *c, const Buf *from, size_t each, void *ret_items, size_t *ret_n) {
    void *items;
    TRY(ctx_alloc(c, from->n + each, &items));
    if (from->n > 0)
        memcpy(items, from->p, from->n);
    memcpy(ret_items, &items, sizeof items);
    *ret_n = from->n / each;
    return OK;
}

static Err settle_all(Ctx *c, Collect *k) {
    CaseContents *out = k->out;
    RecordId *stopped;
    TRY(settle(c, &k->records, sizeof *out->records, &out->records, &out->record_count));
    TRY(settle(c, &k->orders, sizeof *out->orders, &out->orders, &out->order_count));
    TRY(settle(c, &k->files, sizeof *out->files, &out->files, &out->file_count));
    TRY(settle(c, &k->guarded, sizeof *stopped, &stopped, &out->guarded_count));
    out->guarded = stopped;
    if (out->record_count > 1)
        qsort(out->records, out->record_count, sizeof *out->records, by_time);
    if (out->file_count > 1)
        qsort(out->files, out->file_count, sizeof *out->files, by_hash);
    size_t kept = 0;
    for (size_t i = 0; i < out->file_count; i++) {
        if (kept == 0 || by_hash(&out->files[kept - 1], &out->files[i]) != 0)
            out->files[kept++] = out->files[i];
    }
    out->file_count = kept;
    return OK;
}

Err casefile_collect(Ctx *c, const Desk *d, DeskSlot *s, Str case_id, CaseContents *ret_contents) {
    static const char *const kinds[] = {"refund_plan", "export_decision", "case_export"};
    CaseContents contents = {.rule = STR("fifo")};
    AUTO(Collect) k = {.desk = d, .slot = s, .out = &contents};
    dict_init(&k.known, 0x6d6f6569);
    TRY(desk_case_find(c, s, case_id, &contents.k));
    TRY(add_object(c, &k, contents.k.id));
    TRY(add_reports(c, &k));
    TRY(add_orders(c, &k));
    TRY(add_plans(c, &k));
    TRY(add_quotes(c, &k, contents.k.id, kinds, COUNT_OF(kinds)));
    TRY(add_documents(c, &k));
    TRY(add_speakers(c, &k));
    TRY(settle_all(c, &k));
    *ret_contents = contents;
    return OK;
}

// --- what leaves only by decision ---------------------------------------------------------------

static Err decision_get(Ctx *c, DeskSlot *s, const CaseContents *k, const DeskCaseFile *f,
                        RecordId *ret_id, const JsonValue **ret_list) {
    RecordId id, of;
    PictureRecord r;
    Record body;
    Str text, to;
    bool known = record_id_parse(f->decision, &id) &&
                 picture_record_get(c, s->picture, id, &r) == OK &&
                 str_eq_c(r.kind, "export_decision");
    if (!known)
        return fail(c, E_NOT_FOUND, "there is no export decision " STR_FMT, STR_ARG(f->decision));
    TRY(desk_body_get(c, s, id, &body));
    TRY(json_get_str(c, body.body, "case", &text));
    if (!record_id_parse(text, &of) || !record_id_eq(of, k->k.id))
        return fail(c, E_INVALID, "this decision is about another case");
    TRY(json_get_str(c, body.body, "to", &to));
    if (!str_eq(to, str_trim(f->to)))
        return fail(c, E_DENIED, "this decision lets them go to " STR_FMT " only: say --to so",
                    STR_ARG(to));
    TRY(json_get_array(c, body.body, "records", ret_list));
    *ret_id = id;
    return OK;
}

static bool named(const JsonValue *list, RecordId id) {
    RecordId each;
    for (uint32_t i = 0; list && i < list->count; i++) {
        if (list->items[i].type == JSON_STR && record_id_parse(list->items[i].s, &each) &&
            record_id_eq(each, id))
            return true;
    }
    return false;
}

Err casefile_decided(Ctx *c, DeskSlot *s, const CaseContents *k, const DeskCaseFile *f,
                     bool *ret_has_decision, RecordId *ret_decision) {
    const JsonValue *list = NULL;
    *ret_has_decision = f->decision.n > 0;
    if (f->decision.n > 0)
        TRY(decision_get(c, s, k, f, ret_decision, &list));
    AUTO(Buf) missing = {0};
    size_t count = 0;
    for (size_t i = 0; i < k->guarded_count; i++) {
        char text[RECORD_ID_TEXT_BYTES];
        if (named(list, k->guarded[i]))
            continue;
        record_id_text(k->guarded[i], text);
        if (count++ < CASE_FILE_IDS_SHOWN_MAX)
            buf_format(&missing, "%s%s", count > 1 ? ", " : "", text);
    }
    TRY(buf_check(c, &missing));
    if (count > 0)
        return fail(c, E_DENIED,
                    "%zu record%s may leave only by a decision (handling H1 or higher): " STR_FMT
                    "%s",
                    count, count == 1 ? "" : "s", STR_ARG(buf_view(&missing)),
                    count > CASE_FILE_IDS_SHOWN_MAX ? " …" : "");
    return OK;
}

Err desk_export_decide(Ctx *c, const Desk *d, Str case_id, const Str *records, size_t count, Str to,
                       Str reason, Str *ret_id) {
    TRY(desk_need(c, d, DESK_EXPORT_DECIDE));
    TRY(desk_words(c, "to whom", to, DESK_TITLE_BYTES_MAX, &to));
    TRY(desk_words(c, "the reason", reason, RECORD_NOTE_BYTES_MAX, &reason));
    if (count == 0 || count > RECORD_REFS_MAX)
        return fail(c, E_INVALID, "name 1 to %d records", RECORD_REFS_MAX);
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    AUTO(DeskWriting) w = {0};
    TRY(desk_writing_begin(c, d->node, d, &w));
    PictureCase k;
    RecordMark mark;
    TRY(desk_case_find(c, r.slot, case_id, &k));
    TRY(desk_mark_of(c, r.slot, k.id, &mark));
    Str *ids;
    TRY(ctx_alloc(c, count * sizeof *ids, &ids));
    for (size_t i = 0; i < count; i++) {
        PictureRecord found;
        TRY(desk_record_resolve(c, d->node, r.slot, records[i], &found));
        TRY(desk_id_text(c, found.id, &ids[i]));
    }
    desk_sort_strs(ids, count);
    AUTO(Buf) body = {0};
    JsonWriter j = json_writer_start(&body);
    json_put_object_begin(&j);
    desk_put_id(&j, "case", k.id);
    json_put_key_str(&j, "reason", reason);
    desk_put_strs(&j, "records", ids, desk_unique_strs(ids, count));
    json_put_key_str(&j, "to", to);
    json_put_object_end(&j);
    TRY(json_writer_end(c, &j));
    DeskDraft draft = {.kind = RECORD_EXPORT_DECISION,
                       .refs = &k.id,
                       .ref_count = 1,
                       .mark = &mark,
                       .body = buf_view(&body)};
    RecordId id;
    TRY(desk_record_add(c, &w, &draft, &id));
    return desk_id_text(c, id, ret_id);
}

// --- export -------------------------------------------------------------------------------------

static Err note_reads(Ctx *c, const Desk *d, const CaseContents *k) {
    RecordId ids[LEDGER_GROUP_RECORDS_MAX];
    for (size_t from = 0; from < k->record_count; from += COUNT_OF(ids)) {
        size_t n = k->record_count - from < COUNT_OF(ids) ? k->record_count - from : COUNT_OF(ids);
        for (size_t i = 0; i < n; i++)
            ids[i] = k->records[from + i].id;
        TRY(desk_reads_note(c, d, ids, n, "export"));
    }
    return OK;
}

typedef struct Exported {
    const CaseContents *k;
    size_t items;
    CryptoHash manifest;
    bool has_decision;
    RecordId decision;
    Str to;
} Exported;

static Err export_record(Ctx *c, const Desk *d, const Exported *e) {
    AUTO(DeskReading) r = {0};
    RecordMark mark;
    Str hex;
    TRY(desk_reading_begin(c, d, &r));
    TRY(desk_mark_of(c, r.slot, e->k->k.id, &mark));
    TRY(desk_hex_text(c, e->manifest.b, sizeof e->manifest.b, &hex));
    AUTO(Buf) body = {0};
    JsonWriter j = json_writer_start(&body);
    json_put_object_begin(&j);
    desk_put_id(&j, "case", e->k->k.id);
    desk_put_opt_id(&j, "decision", e->has_decision, e->decision);
    json_put_key_i64(&j, "items", (int64_t)e->items);
    json_put_key_str(&j, "manifest", hex);
    desk_put_opt_str(&j, "to", e->to);
    json_put_object_end(&j);
    TRY(json_writer_end(c, &j));
    AUTO(DeskWriting) w = {0};
    TRY(desk_writing_begin(c, d->node, d, &w));
    DeskDraft draft = {.kind = RECORD_CASE_EXPORT,
                       .refs = &e->k->k.id,
                       .ref_count = 1,
                       .mark = &mark,
                       .body = buf_view(&body)};
    return desk_record_add(c, &w, &draft, NULL);
}

static Err collect(Ctx *c, const Desk *d, const DeskCaseFile *f, CaseContents *k, Exported *e) {
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    TRY(casefile_collect(c, d, r.slot, f->case_id, k));
    return casefile_decided(c, r.slot, k, f, &e->has_decision, &e->decision);
}

static bool pack_step(void *self, uint64_t done, uint64_t total) {
    return desk_step(self, "packing the case file", done, total);
}

Err desk_case_export(Ctx *c, const Desk *d, const DeskCaseFile *f, Str path,
                     DeskProgress progress) {
    TRY(desk_need(c, d, DESK_CASE_EXPORT));
    CaseContents k;
    Exported e = {.k = &k, .to = str_trim(f->to)};
    if (e.to.n > 0)
        TRY(desk_words(c, "to whom", e.to, DESK_TITLE_BYTES_MAX, &e.to));
    TRY(collect(c, d, f, &k, &e));
    TRY(note_reads(c, d, &k));
    AUTO(FormatZipPtr) z = NULL;
    TRY(format_zip_create(c, path, clock_now(d->node->env.clock), &z));
    TRY(casefile_write(c, d, &k, z, progress, &e.manifest));
    e.items = format_zip_count(z);
    TRY(format_zip_finish(c, z, (FormatZipProgress){pack_step, &progress}));
    // First the record, then the name: no file leaves of which nothing is known.
    TRY(export_record(c, d, &e));
    return format_zip_publish(c, z);
}
