// The case file's parts: records with their proofs, letters, documents, the trace, who read what.
#include "desk/casefile_priv.h"

typedef struct Write {
    const Desk *desk;
    DeskSlot *slot;
    const CaseContents *k;
    FormatZip *zip;
    DeskProgress progress;
    LedgerCheckpoint checkpoint;
    uint64_t done, total;
} Write;

static Err add(Ctx *c, Write *w, const char *folder, Str name, const char *end, Str bytes) {
    Str path;
    TRY(str_format(c, &path, "%s" STR_FMT "%s", folder, STR_ARG(name), end));
    return format_zip_add(c, w->zip, path, bytes);
}

static Err step(Ctx *c, Write *w) {
    w->done++;
    return desk_step(&w->progress, "writing the case file", w->done, w->total) ? OK
                                                                               : desk_cancelled(c);
}

// --- records and proofs -------------------------------------------------------------------------

// The neighbours on the way to the root, and on which side each stands (RFC 9162, 2.1.3.2).
static void put_path(Buf *out, const LedgerProof *proof, uint64_t leaf, uint64_t size) {
    uint64_t fn = leaf, sn = size - 1;
    for (size_t i = 0; i < proof->count; i++) {
        bool left = (fn & 1) != 0 || fn == sn;
        buf_text(out, left ? "L " : "R ");
        buf_hex(out, proof->nodes[i].b, sizeof proof->nodes[i].b);
        buf_char(out, '\n');
        while (left && (fn & 1) == 0 && fn != 0) {
            fn >>= 1;
            sn >>= 1;
        }
        fn >>= 1;
        sn >>= 1;
    }
}

static Err proof_text(Ctx *c, Write *w, Str id, const LedgerItem *item, Buf *out) {
    LedgerProof proof;
    TRY(ledger_inclusion(c, w->slot->ledger, item->place, w->checkpoint.size, &proof));
    buf_format(out, "record " STR_FMT "\nlog " STR_FMT "\nsize %lld\nleaf %lld\nsalt ", STR_ARG(id),
               STR_ARG(w->checkpoint.origin), (long long)w->checkpoint.size,
               (long long)item->place.seq);
    buf_hex(out, item->salt, sizeof item->salt);
    buf_text(out, "\ncommitment ");
    buf_hex(out, item->commitment.b, sizeof item->commitment.b);
    buf_char(out, '\n');
    put_path(out, &proof, (uint64_t)item->place.seq, (uint64_t)w->checkpoint.size);
    return buf_check(c, out);
}

// One record and its proof. The work is done in a workspace of its own, so that a large case does
// not fill the request's.
static Err write_record(Ctx *c, Write *w, RecordId id, Buf *lines) {
    LedgerPlace place;
    LedgerItem item;
    Str text;
    AUTO(Buf) proof = {0};
    TRY(desk_id_text(c, id, &text));
    TRY(desk_place_of(c, w->slot, id, &place));
    TRY(ledger_get(c, w->slot->ledger, place, &item));
    if (item.state != LEDGER_HELD || place.log != LEDGER_MAIN)
        return OK;
    TRY(add(c, w, "records/", text, ".json", item.envelope));
    TRY(proof_text(c, w, text, &item, &proof));
    TRY(add(c, w, "proofs/", text, ".txt", buf_view(&proof)));
    buf_str(lines, item.envelope);
    buf_char(lines, '\n');
    return buf_check(c, lines);
}

static Err write_records(Ctx *c, Write *w) {
    AUTO(Buf) lines = {0};
    AUTO(Ctx) each;
    ctx_init(&each);
    for (size_t i = 0; i < w->k->record_count; i++) {
        ctx_reset(&each);
        TRY(desk_pass(c, &each, write_record(&each, w, w->k->records[i].id, &lines)));
        TRY(step(c, w));
    }
    return format_zip_add(c, w->zip, STR("records.jsonl"), buf_view(&lines));
}

static Err write_checkpoint(Ctx *c, Write *w) {
    CryptoPublicKey key;
    Str hex;
    TRY(ledger_log_key(c, w->slot->ledger, LEDGER_MAIN, w->checkpoint.size, &key));
    TRY(desk_hex_text(c, key.b, sizeof key.b, &hex));
    TRY(format_zip_add(c, w->zip, STR("checkpoint.txt"), w->checkpoint.note));
    return format_zip_add(c, w->zip, STR("log-key.txt"), hex);
}

// --- letters and documents ----------------------------------------------------------------------

static Err write_letters(Ctx *c, Write *w) {
    for (size_t i = 0; i < w->k->order_count; i++) {
        AUTO(Buf) letter = {0};
        Str id;
        TRY(step(c, w));
        if (!w->k->orders[i].issued)
            continue; // a draft reached nobody
        TRY(desk_id_text(c, w->k->orders[i].id, &id));
        TRY(desk_order_letter(c, w->desk, &id, 1, DESK_LETTER_HTML, &letter));
        TRY(add(c, w, "letters/", w->k->orders[i].number, ".html", buf_view(&letter)));
    }
    return OK;
}

static Err write_files(Ctx *c, Write *w) {
    AUTO(StoreDbOwned) db = NULL;
    AUTO(Buf) index = {0};
    if (w->k->file_count == 0)
        return OK;
    TRY(shelf_reader_open(c, str_of(w->desk->node->dir), &db));
    buf_text(&index, "sha256,bytes,type,name\n");
    for (size_t i = 0; i < w->k->file_count; i++) {
        const PictureAttachment *a = &w->k->files[i];
        AUTO(Buf) bytes = {0};
        CryptoHash hash;
        Str hex;
        memcpy(hash.b, a->sha256, sizeof hash.b);
        TRY(desk_hex_text(c, hash.b, sizeof hash.b, &hex));
        Err e = shelf_get(c, db, &hash, &bytes);
        if (e == E_NOT_FOUND)
            continue; // erased since
        TRY(e);
        TRY(add(c, w, "attachments/", hex, "", buf_view(&bytes)));
        buf_format(&index, STR_FMT ",%lld,", STR_ARG(hex), (long long)a->bytes);
        format_csv_field_safe(&index, a->type);
        buf_char(&index, ',');
        format_csv_field_safe(&index, a->name);
        buf_char(&index, '\n');
        TRY(step(c, w));
    }
    TRY(buf_check(c, &index));
    return format_zip_add(c, w->zip, STR("attachments.csv"), buf_view(&index));
}

// --- the trace ----------------------------------------------------------------------------------

static const char *rule_words(TraceRule rule) {
    switch (rule) {
    case TRACE_FIFO:
        return "First in, first out: what came into an account first leaves it first.";
    case TRACE_LIFO:
        return "Last in, first out: what came into an account last leaves it first.";
    case TRACE_PRO_RATA:
        return "Pro rata: each payment takes from all money on the account in proportion.";
    case TRACE_LIBR:
        return "Lowest intermediate balance: the account's own money is spent first; what was "
               "traced is gone only as far as the balance fell below it.";
    case TRACE_POISON:
        return "Poison: an account that was reached is tainted as a whole. It alerts, and never "
               "holds.";
    }
    UNREACHABLE();
}

static Err write_trace(Ctx *c, Write *w) {
    DeskTraceQuery q = {.case_id = {0}};
    DeskTrace t;
    Str id, summary;
    if (!desk_may(w->desk, DESK_TRACE_RUN) || !trace_rule_find(w->k->rule, &q.rule))
        return OK;
    TRY(desk_id_text(c, w->k->k.id, &id));
    q.case_id = id;
    Err e = desk_trace(c, w->desk, &q, &t);
    if (e == E_STATE || e == E_NOT_FOUND)
        return OK; // no report of the case has a known transfer: there is nothing to follow
    TRY(e);
    AUTO(Buf) json = {0}, words = {0};
    TRY(desk_trace_json(c, &t, &json));
    TRY(desk_trace_summary(c, w->desk->node, &t, &summary));
    buf_format(&words,
               "Rule: " STR_FMT "\n%s\n\n" STR_FMT "\n\ntrace.json is the whole answer as of the "
               "time of this file. The trace\non which an order rests is a record of kind trace; "
               "its evidence pack (the rows\nthat were touched, and the balances before) lies in "
               "attachments/ under the hash\nthat the record names.\n",
               STR_ARG(w->k->rule), rule_words(q.rule), STR_ARG(summary));
    TRY(buf_check(c, &words));
    TRY(format_zip_add(c, w->zip, STR("trace/trace.json"), buf_view(&json)));
    return format_zip_add(c, w->zip, STR("trace/RULE.txt"), buf_view(&words));
}

// --- who read what ------------------------------------------------------------------------------

static Err put_read(Ctx *c, DeskSlot *s, const PictureReadEntry *e, RecordId of, Buf *out) {
    Str name = STR("the machine");
    if (e->has_officer)
        TRY(desk_officer_name(c, s, e->officer, &name));
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    desk_put_time(&w, "at", e->at);
    desk_put_id(&w, "id", e->id);
    json_put_key_str(&w, "officer", name);
    json_put_key_str(&w, "outlet", e->outlet);
    desk_put_id(&w, "record", of);
    json_put_object_end(&w);
    TRY(json_writer_end(c, &w));
    buf_char(out, '\n');
    return buf_check(c, out);
}

static Err reads_of(Ctx *c, DeskSlot *s, RecordId id, Buf *out) {
    PicturePage page = {.limit = LIST_PAGE_ITEMS_MAX};
    for (bool more = true; more;) {
        const PictureReadEntry *items;
        size_t n;
        TRY(picture_read_list(c, s->picture, (PictureReadFilter){.record = &id}, page, &items, &n,
                              &more));
        for (size_t i = 0; i < n; i++)
            TRY(put_read(c, s, &items[i], id, out));
        if (n == 0)
            break;
        page.after = items[n - 1].key;
    }
    return OK;
}

// The log of reads is the auditor's to browse; what of it is about this case goes with the case,
// whoever writes the file.
static Err write_reads(Ctx *c, Write *w) {
    AUTO(DeskReading) r = {0};
    AUTO(Buf) lines = {0};
    AUTO(Ctx) each;
    ctx_init(&each);
    TRY(desk_reading_machine(c, w->desk->node, &r));
    for (size_t i = 0; i < w->k->record_count; i++) {
        ctx_reset(&each);
        TRY(desk_pass(c, &each, reads_of(&each, r.slot, w->k->records[i].id, &lines)));
        TRY(step(c, w));
    }
    return format_zip_add(c, w->zip, STR("reads.jsonl"), buf_view(&lines));
}

// --- all of it ----------------------------------------------------------------------------------

static Err write_case(Ctx *c, Write *w) {
    AUTO(Buf) json = {0};
    DeskCase k;
    Str id, how;
    TRY(desk_id_text(c, w->k->k.id, &id));
    TRY(desk_case_get(c, w->desk, id, &k));
    TRY(desk_case_json(c, &k, &json));
    TRY(format_zip_add(c, w->zip, STR("case.json"), buf_view(&json)));
    TRY(format_data_get(c, STR("data/case-file/HOW-TO-CHECK.txt"), &how));
    return format_zip_add(c, w->zip, STR("HOW-TO-CHECK.txt"), how);
}

Err casefile_write(Ctx *c, const Desk *d, const CaseContents *k, FormatZip *z,
                   DeskProgress progress, CryptoHash *ret_manifest) {
    AUTO(DeskReading) r = {0};
    AUTO(Buf) manifest = {0};
    TRY(desk_reading_begin(c, d, &r));
    Write w = {.desk = d,
               .slot = r.slot,
               .k = k,
               .zip = z,
               .progress = progress,
               .total = 2 * k->record_count + k->order_count + k->file_count};
    TRY(ledger_checkpoint(c, r.slot->ledger, LEDGER_MAIN, &w.checkpoint));
    TRY(write_records(c, &w));
    TRY(write_checkpoint(c, &w));
    TRY(write_letters(c, &w));
    TRY(write_files(c, &w));
    TRY(write_trace(c, &w));
    TRY(write_reads(c, &w));
    TRY(write_case(c, &w));
    TRY(format_zip_manifest(c, z, &manifest));
    TRY(format_zip_begin(c, z, STR("manifest.sha256")));
    TRY(format_zip_write(c, z, manifest.p, manifest.n));
    return format_zip_end(c, z, ret_manifest);
}
