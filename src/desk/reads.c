// The log `reads`: who read which personal data, for what. An entry is durable before the answer
// goes out. Callers that come together share one commit: the first of them leads, the others wait.
#include "desk/desk_priv.h"

struct DeskReadsWait {
    const Desk *desk;
    Str body;
    bool done;
    Err e;
    char words[BASE_ERROR_TEXT_BYTES_MAX];
    DeskReadsWait *next;
};

static Err body_of(Ctx *c, const Desk *d, const CryptoUuid *records, size_t count,
                   const char *fields, Buf *out) {
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key(&w, STR("fields"));
    json_put_array_begin(&w);
    Str rest = str_of(fields), part;
    while (str_split(&rest, ',', &part))
        json_put_str(&w, part);
    json_put_array_end(&w);
    json_put_key_str(&w, "outlet", str_of(d->outlet ? d->outlet : "cli"));
    json_put_key(&w, STR("records"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < count; i++) {
        char text[RECORD_ID_TEXT_BYTES];
        record_id_text(records[i], text);
        json_put_str(&w, str_of(text));
    }
    json_put_array_end(&w);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

// --- the commit ---------------------------------------------------------------------------------

// Takes up to a group of waiting entries. Under the queue's lock.
static DeskReadsWait *take(DeskReadsQueue *q) {
    DeskReadsWait *first = q->first, *last = first;
    for (size_t n = 1; n < LEDGER_GROUP_RECORDS_MAX && last->next; n++)
        last = last->next;
    q->first = last->next;
    if (!q->first)
        q->last = NULL;
    last->next = NULL;
    return first;
}

// Takes the group when the writer is free, so that whoever came while another wrote goes along.
static Err commit(Ctx *c, DeskNode *n, DeskReadsWait **ret_group) {
    AUTO(DeskWriting) w = {0};
    Err e = desk_writing_begin(c, n, NULL, &w);
    pthread_mutex_lock(&n->reads.lock);
    *ret_group = take(&n->reads);
    pthread_mutex_unlock(&n->reads.lock);
    TRY(e);
    TRY(desk_group_begin(c, &w));
    for (DeskReadsWait *each = *ret_group; each; each = each->next) {
        DeskDraft draft = {.kind = RECORD_READ, .log = LEDGER_READS, .body = each->body};
        w.by = each->desk;
        TRY(desk_group_add(c, &w, &draft, NULL));
    }
    return desk_group_commit(c, &w);
}

static void lead(DeskNode *n) {
    DeskReadsQueue *q = &n->reads;
    DeskReadsWait *group = NULL;
    q->leader = true;
    pthread_mutex_unlock(&q->lock);
    AUTO(Ctx) c;
    ctx_init(&c);
    Err e = commit(&c, n, &group);
    pthread_mutex_lock(&q->lock);
    q->leader = false;
    for (DeskReadsWait *each = group, *next; each; each = next) {
        next = each->next; // the entry is its caller's again once it is done
        each->e = e;
        memcpy(each->words, c.error, sizeof each->words);
        each->done = true;
    }
    pthread_cond_broadcast(&q->done);
}

Err desk_reads_note(Ctx *c, const Desk *d, const CryptoUuid *records, size_t count,
                    const char *fields) {
    if (!d->node || !d->user)
        return fail(c, E_DENIED, "nobody is logged in: log in first");
    if (count > READS_RECORDS_MAX)
        return fail(c, E_LIMIT, "at most %d records are read at once", READS_RECORDS_MAX);
    AUTO(Buf) body = {0};
    TRY(body_of(c, d, records, count, fields, &body));
    DeskReadsWait *wait;
    TRY(ctx_alloc(c, sizeof *wait, &wait));
    *wait = (DeskReadsWait){.desk = d, .body = buf_view(&body)};
    DeskReadsQueue *q = &d->node->reads;
    pthread_mutex_lock(&q->lock);
    if (q->last)
        q->last->next = wait;
    else
        q->first = wait;
    q->last = wait;
    while (!wait->done) {
        if (q->leader)
            pthread_cond_wait(&q->done, &q->lock);
        else
            lead(d->node);
    }
    pthread_mutex_unlock(&q->lock);
    return wait->e == OK ? OK : fail(c, wait->e, "%s", wait->words);
}

// --- looking at it ------------------------------------------------------------------------------

static Err read_of(Ctx *c, DeskSlot *s, int64_t seq, DeskRead *ret_read) {
    Record r;
    bool held;
    TRY(desk_body_at(c, s, (LedgerPlace){LEDGER_READS, seq}, &held, &r));
    *ret_read = (DeskRead){.leaf = (uint64_t)seq};
    if (!held)
        return OK;
    char text[RECORD_ID_TEXT_BYTES];
    record_id_text(r.id, text);
    TRY(str_copy(c, str_of(text), &ret_read->id));
    if (r.has_officer) {
        record_id_text(r.officer, text);
        TRY(str_copy(c, str_of(text), &ret_read->officer));
    }
    ret_read->at = r.at_us;
    ret_read->purpose = r.purpose;
    TRY(json_get_str(c, r.body, "outlet", &ret_read->outlet));
    TRY(desk_strs_get(c, r.body, "fields", &ret_read->fields, &ret_read->field_count));
    return desk_strs_get(c, r.body, "records", &ret_read->records, &ret_read->record_count);
}

// Newest first, by leaf. The cursor names the last leaf shown.
Err desk_reads_list(Ctx *c, const Desk *d, DeskPage page, DeskReadList *ret_list) {
    TRY(desk_need(c, d, DESK_READS_READ));
    PicturePage p;
    TRY(desk_cursor_open(c, d, "reads", page, &p));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_machine(c, d->node, &r));
    int64_t size;
    TRY(ledger_reader_size(c, r.slot->ledger, LEDGER_READS, &size));
    int64_t from = p.after.set && p.after.pos < size ? p.after.pos : size;
    DeskRead *items;
    size_t n = 0;
    TRY(ctx_alloc(c, (p.limit + 1) * sizeof *items, &items));
    for (; n < p.limit && from > 0; n++)
        TRY(read_of(c, r.slot, --from, &items[n]));
    DeskReadList list = {items, n, {0}};
    if (from > 0 && n > 0)
        TRY(desk_cursor_seal(c, d, "reads", (PictureKey){true, items[n - 1].at, from}, &list.next));
    *ret_list = list;
    return OK;
}

Err desk_reads_list_json(Ctx *c, const DeskReadList *l, Buf *out) {
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key(&w, STR("items"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < l->count; i++) {
        const DeskRead *r = &l->items[i];
        json_put_object_begin(&w);
        desk_put_time(&w, "at", r->at);
        desk_put_strs(&w, "fields", r->fields, r->field_count);
        desk_put_opt_str(&w, "id", r->id);
        desk_put_opt_str(&w, "officer", r->officer);
        desk_put_opt_str(&w, "outlet", r->outlet);
        desk_put_opt_str(&w, "purpose", r->purpose);
        desk_put_strs(&w, "records", r->records, r->record_count);
        json_put_object_end(&w);
    }
    json_put_array_end(&w);
    desk_put_next(&w, l->next);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}
