// Reports: what victims told, typed or taken in; looking them up.
#include "desk/order_priv.h"
#include "desk/share_priv.h"

// --- body ---------------------------------------------------------------------------------------

static void put_accounts(JsonWriter *w, const FormatReport *r) {
    json_put_key(w, STR("accounts"));
    json_put_array_begin(w);
    for (size_t i = 0; i < r->account_count; i++)
        desk_put_account(w, &r->accounts[i]);
    json_put_array_end(w);
}

void desk_report_row_hash(const FormatReport *r, Buf *scratch, CryptoHash *ret_hash) {
    buf_clear(scratch);
    format_report_row(r, scratch);
    *ret_hash = crypto_sha256(scratch->p, scratch->n);
}

Err desk_report_body(Ctx *c, const FormatReport *r, Buf *out) {
    AUTO(Buf) row = {0};
    CryptoHash hash;
    desk_report_row_hash(r, &row, &hash);
    TRY(buf_check(c, &row));
    buf_clear(&row);
    buf_hex(&row, hash.b, sizeof hash.b);
    TRY(buf_check(c, &row));
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    put_accounts(&w, r);
    desk_put_opt_str(&w, "channel", r->channel);
    desk_put_opt_str(&w, "country", r->country);
    desk_put_opt_str(&w, "currency", r->currency ? str_of(r->currency->code) : (Str){0});
    desk_put_record_time(&w, "happened_at", r->has_happened_at, r->happened_at_us);
    if (r->has_loss)
        json_put_key_i64(&w, "loss", r->loss);
    else
        json_put_key_null(&w, "loss");
    desk_put_strs(&w, "phones", r->phones, r->phone_count);
    json_put_key_str(&w, "report", r->id);
    desk_put_record_time(&w, "reported_at", true, r->reported_at_us);
    json_put_key_str(&w, "row", buf_view(&row));
    desk_put_strs(&w, "transfers", r->transfers, r->transfer_count);
    desk_put_strs(&w, "urls", r->urls, r->url_count);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

// --- look up ------------------------------------------------------------------------------------

static Err find_of_peer(Ctx *c, DeskSlot *s, Str id, PictureReport *ret_report) {
    const Str *agencies;
    size_t n;
    TRY(desk_agencies_called(c, s, &id, &agencies, &n));
    Err e = E_NOT_FOUND;
    for (size_t i = 0; e == E_NOT_FOUND && i < n; i++)
        e = picture_report_find(c, s->picture, agencies[i], id, ret_report);
    return e;
}

Err desk_report_name(Ctx *c, const DeskNode *n, DeskSlot *s, const PictureReport *report,
                     Str *ret_name) {
    const PicturePeer *peers;
    size_t count;
    if (str_eq_c(report->agency, n->agency_id)) {
        *ret_name = report->report;
        return OK;
    }
    TRY(picture_peer_list(c, s->picture, &peers, &count));
    for (size_t i = 0; i < count; i++)
        if (str_eq(peers[i].agency, report->agency))
            return str_format(c, ret_name, STR_FMT "/" STR_FMT, STR_ARG(peers[i].name),
                              STR_ARG(report->report));
    return desk_id_text(c, report->id, ret_name);
}

Err desk_report_find(Ctx *c, const DeskNode *n, DeskSlot *s, Str id, PictureReport *ret_report) {
    RecordId record;
    Err e = record_id_parse(id, &record) ? picture_report_get(c, s->picture, record, ret_report)
                                         : E_NOT_FOUND;
    if (e == E_NOT_FOUND)
        e = picture_report_find(c, s->picture, str_of(n->agency_id), id, ret_report);
    if (e == E_NOT_FOUND)
        e = find_of_peer(c, s, id, ret_report);
    if (e == E_NOT_FOUND)
        return fail(c, E_NOT_FOUND,
                    "there is no report " STR_FMT ": `moei report list` shows those that are here; "
                    "one of a peer is called PEER/ID",
                    STR_ARG(id));
    return e;
}

static Err fill_named(Ctx *c, DeskSlot *s, RecordId id, DeskReport *r) {
    PictureNamed named;
    TRY(picture_report_named(c, s->picture, id, &named));
    FormatAccount *accounts;
    TRY(ctx_alloc(c, (named.account_count + 1) * sizeof *accounts, &accounts));
    for (size_t i = 0; i < named.account_count; i++) {
        const PictureAccount *a = &named.accounts[i];
        accounts[i] = (FormatAccount){a->country, a->institution, a->account};
    }
    r->accounts = accounts;
    r->account_count = named.account_count;
    r->transfers = named.transfers;
    r->transfer_count = named.transfer_count;
    r->seeds = named.seeds;
    r->seed_count = named.seed_count;
    RecordId in;
    Err e = picture_report_case(c, s->picture, id, &in);
    if (e == OK)
        return desk_id_text(c, in, &r->case_id);
    return e == E_NOT_FOUND ? OK : e;
}

static Err fill(Ctx *c, const DeskNode *n, DeskSlot *s, const PictureReport *p,
                DeskReport *ret_report) {
    DeskReport r = {
        .id = p->report,
        .duplicate = str_eq_c(p->state, "duplicate"),
        .reported_at = p->has_reported_at ? p->reported_at : p->at,
        .has_happened_at = p->has_happened_at,
        .happened_at = p->happened_at,
        .has_loss = p->has_loss,
        .loss = p->loss,
        .currency = p->currency,
        .country = p->country,
        .channel = p->channel,
    };
    TRY(desk_id_text(c, p->id, &r.record));
    TRY(desk_report_name(c, n, s, p, &r.name));
    TRY(picture_report_standing(c, s->picture, p->id, &r.standing));
    TRY(fill_named(c, s, p->id, &r));
    *ret_report = r;
    return OK;
}

typedef struct Got {
    DeskReport report;
    RecordId ids[2]; // of the report and its victim
    bool named;
} Got;

// What stands in bodies alone: of the report, and of its victim where the user may see it.
static Err fill_body(Ctx *c, const Desk *d, DeskSlot *s, RecordId id, Got *got) {
    DeskReport *r = &got->report;
    Record record;
    TRY(desk_body_get(c, s, id, &record));
    TRY(desk_strs_get(c, record.body, "phones", &r->phones, &r->phone_count));
    TRY(desk_strs_get(c, record.body, "urls", &r->urls, &r->url_count));
    if (!desk_may(d, DESK_VICTIM_READ))
        return OK;
    DeskVictim v;
    TRY(desk_victim_read(c, s, &record, &v));
    r->victim = v.victim;
    r->story = v.story;
    r->contact = v.contact;
    got->ids[1] = v.record;
    got->named = v.victim.n > 0 || v.story.n > 0 || v.contact.n > 0;
    return OK;
}

// The last word about its standing counts, whoever said it: a bank may confirm another's report.
static Err fill_standing(Ctx *c, const DeskNode *n, DeskSlot *s, const PictureReport *p,
                         DeskReport *r) {
    const PictureRecord *items, *last = NULL;
    size_t count;
    TRY(picture_record_object(c, s->picture, p->id, &items, &count));
    for (size_t i = 0; i < count; i++)
        if (str_eq_c(items[i].kind, "standing"))
            last = &items[i];
    if (!last || str_eq(last->agency, p->agency))
        return OK;
    return desk_order_agency(c, n, s, last->agency, &r->standing_by);
}

// Flags, and the address for the victim where the user speaks with victims.
static Err fill_around(Ctx *c, const Desk *d, DeskSlot *s, RecordId id, DeskReport *r) {
    TRY(desk_flags_of(c, s, r->accounts, r->account_count, &r->flags, &r->flag_count));
    if (!desk_may(d, DESK_REPORT_WRITE) || ledger_rolled_back(d->node->ledger))
        return OK;
    return desk_public_address(c, d->node, 'r', id, &r->victim_url);
}

static Err get(Ctx *c, const Desk *d, Str id, Got *ret_got) {
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    TRY(desk_reading_snapshot(c, &r));
    PictureReport p;
    TRY(desk_report_find(c, d->node, r.slot, id, &p));
    Got got = {.ids[0] = p.id};
    TRY(fill(c, d->node, r.slot, &p, &got.report));
    TRY(fill_body(c, d, r.slot, p.id, &got));
    TRY(fill_around(c, d, r.slot, p.id, &got.report));
    TRY(fill_standing(c, d->node, r.slot, &p, &got.report));
    *ret_got = got;
    return OK;
}

// The read is in the log before it is answered. A node that can write nothing names nobody.
Err desk_report_get(Ctx *c, const Desk *d, Str id, DeskReport *ret_report) {
    TRY(desk_need(c, d, DESK_REPORT_READ));
    Got got;
    TRY(get(c, d, id, &got));
    if (got.named && ledger_rolled_back(d->node->ledger))
        got.report.victim = got.report.story = got.report.contact = (Str){0};
    else if (got.named)
        TRY(desk_reads_note(c, d, got.ids, COUNT_OF(got.ids), "victim,story,contact"));
    *ret_report = got.report;
    return OK;
}

Err desk_report_list(Ctx *c, const Desk *d, DeskPage page, DeskReportList *ret_list) {
    TRY(desk_need(c, d, DESK_REPORT_READ));
    if (page.state.n && !str_eq_c(page.state, "held") && !str_eq_c(page.state, "duplicate"))
        return fail(c, E_INVALID, "the state of a report is held or duplicate");
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    TRY(desk_reading_snapshot(c, &r));
    PicturePage p;
    TRY(desk_cursor_open(c, d, "report", page, &p));
    const PictureReport *found;
    size_t n;
    bool more;
    TRY(picture_report_list(c, r.slot->picture, page.state, p, &found, &n, &more));
    DeskReport *items;
    TRY(ctx_alloc(c, (n + 1) * sizeof *items, &items));
    for (size_t i = 0; i < n; i++)
        TRY(fill(c, d->node, r.slot, &found[i], &items[i]));
    DeskReportList list = {items, n, {0}};
    if (more && n > 0)
        TRY(desk_cursor_seal(c, d, "report", found[n - 1].key, &list.next));
    *ret_list = list;
    return OK;
}

// --- add ----------------------------------------------------------------------------------------

// A typed time, local or with an offset, as the file format wants it.
static Err typed_time(Ctx *c, const DeskNode *n, const char *field, Str text, Str *ret_text) {
    int64_t at;
    text = str_trim(text);
    if (text.n == 0) {
        *ret_text = text;
        return OK;
    }
    Err e = format_time_parse(c, text, n->zone, &at);
    if (e != OK) {
        Str why;
        TRY(str_copy(c, str_of(c->error), &why));
        return fail(c, e, "%s: " STR_FMT, field, STR_ARG(why));
    }
    char out[TIME_TEXT_BYTES];
    time_format(at, out);
    return str_copy(c, str_of(out), ret_text);
}

// The draft as a file of one row: what is typed obeys the rules of what is taken in.
static Err draft_file(Ctx *c, const DeskNode *n, const DeskReportDraft *d, Str id, Buf *out) {
    Str reported, happened;
    TRY(typed_time(c, n, "reported_at", d->reported_at, &reported));
    TRY(typed_time(c, n, "happened_at", d->happened_at, &happened));
    if (reported.n == 0) {
        char now[TIME_TEXT_BYTES];
        time_format(clock_now(n->env.clock), now);
        TRY(str_copy(c, str_of(now), &reported));
    }
    const Str fields[] = {id,      reported,    d->victim,    d->country,  d->channel,
                          d->loss, d->currency, d->transfers, d->accounts, d->phones,
                          d->urls, d->story,    happened};
    buf_str(out, STR("id,reported_at,victim,country,channel,loss,currency,transfers,accounts,"
                     "phones,urls,story,happened_at\n"));
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        if (i > 0)
            buf_char(out, ',');
        format_csv_field(out, fields[i]);
    }
    buf_char(out, '\n');
    return buf_check(c, out);
}

static Err number_next(Ctx *c, DeskNode *n, int64_t year, int64_t *ret_number) {
    int64_t last = 0;
    {
        AUTO(StoreQuery) q = store_stmt(n->local, LOCAL_REPORT_NUMBER_GET);
        store_bind_i64(q, ":year", year);
        bool row;
        TRY(store_step(c, q, &row));
        if (row)
            last = store_col_i64(q, 0);
    }
    StoreStmt *put = store_stmt(n->local, LOCAL_REPORT_NUMBER_PUT);
    store_bind_i64(put, ":year", year);
    store_bind_i64(put, ":last", last + 1);
    TRY(store_run(c, put));
    *ret_number = last + 1;
    return OK;
}

// R-YYYY-NNNNNN, the year as the node's wall clock shows it. A number is used once, also where the
// report then cannot be kept; ids that files brought are passed over.
static Err typed_id(Ctx *c, DeskNode *n, DeskSlot *s, Str *ret_id) {
    int64_t year;
    unsigned month, day;
    int64_t local = text_zone_to_local(n->zone, clock_now(n->env.clock));
    civil_from_days(time_day(local), &year, &month, &day);
    for (int tries = 0; tries < LIST_PAGE_ITEMS_MAX; tries++) {
        int64_t number;
        pthread_mutex_lock(&n->local_lock);
        Err e = number_next(c, n, year, &number);
        pthread_mutex_unlock(&n->local_lock);
        TRY(e);
        Str id;
        TRY(str_format(c, &id, "R-%04lld-%06lld", (long long)year, (long long)number));
        PictureReport other;
        e = picture_report_find(c, s->picture, str_of(n->agency_id), id, &other);
        if (e == E_NOT_FOUND) {
            *ret_id = id;
            return OK;
        }
        TRY(e);
    }
    return fail(c, E_LIMIT, "no free report number was found: give an id with --id");
}

// E_EXISTS when the id is taken by other content; *ret_known when it is this very report.
static Err taken(Ctx *c, DeskNode *n, DeskSlot *s, const FormatReport *r, bool *ret_known) {
    PictureReport other;
    Err e = picture_report_find(c, s->picture, str_of(n->agency_id), r->id, &other);
    if (e == E_NOT_FOUND) {
        *ret_known = false;
        return OK;
    }
    TRY(e);
    AUTO(Buf) scratch = {0};
    CryptoHash hash;
    desk_report_row_hash(r, &scratch, &hash);
    TRY(buf_check(c, &scratch));
    if (!other.has_row || !crypto_equal(other.row, hash.b, sizeof hash.b))
        return fail(c, E_EXISTS,
                    "report " STR_FMT " is here already and says something else: `moei report "
                    "show` shows it; give this one another id",
                    STR_ARG(r->id));
    *ret_known = true;
    return OK;
}

static Err add_row(Ctx *c, DeskWriting *w, DeskSlot *s, const FormatReport *r,
                   const DeskReportDraft *typed) {
    bool known;
    RecordId id;
    RecordMark mark;
    TRY(desk_mark_under(c, w->by, s, typed->accord, "report", &mark));
    TRY(taken(c, w->node, s, r, &known));
    if (known)
        return OK;
    AUTO(Buf) body = {0};
    TRY(desk_report_body(c, r, &body));
    DeskDraft draft = {
        .kind = RECORD_REPORT, .mark = &mark, .purpose = "investigation", .body = buf_view(&body)};
    DeskVictim victim = {
        .victim = r->victim, .story = r->story, .contact = str_trim(typed->contact)};
    TRY(desk_group_begin(c, w));
    TRY(desk_group_add(c, w, &draft, &id));
    TRY(desk_victim_add(c, w, id, &victim));
    return desk_group_commit(c, w);
}

static Err contact_check(Ctx *c, Str contact) {
    if (contact.n > DESK_TITLE_BYTES_MAX || !text_utf8_valid(contact) ||
        text_has_control(contact, ""))
        return fail(c, E_INVALID, "contact: at most %d bytes in one line", DESK_TITLE_BYTES_MAX);
    return OK;
}

static Err add(Ctx *c, const Desk *d, const DeskReportDraft *draft, DeskWriting *w, DeskSlot *s,
               Str *ret_id) {
    Str id = str_trim(draft->id);
    bool typed = id.n == 0;
    AUTO(Buf) bytes = {0};
    // A slip of the pen must not use up a number: the first reading is under a stand-in.
    TRY(draft_file(c, d->node, draft, typed ? STR("R-0000-000000") : id, &bytes));
    FormatOptions options = {
        .tables = d->node->tables, .kind = FORMAT_REPORTS, .bytes = buf_view(&bytes)};
    AUTO(FormatFilePtr) file = NULL;
    TRY(format_file_open(c, &options, &file));
    FormatRow row;
    TRY(format_file_next(c, file, &row));
    if (row.state != FORMAT_ROW_GOOD)
        return fail(c, E_INVALID, STR_FMT ": " STR_FMT, STR_ARG(row.bad_column),
                    STR_ARG(row.bad_reason));
    FormatReport r = row.report;
    if (typed)
        TRY(typed_id(c, d->node, s, &r.id));
    TRY(add_row(c, w, s, &r, draft));
    return str_copy(c, r.id, ret_id);
}

Err desk_report_add(Ctx *c, const Desk *d, const DeskReportDraft *draft, DeskReport *ret_report) {
    TRY(desk_need(c, d, DESK_REPORT_WRITE));
    TRY(contact_check(c, draft->contact));
    Str id;
    {
        AUTO(DeskReading) r = {0};
        TRY(desk_reading_begin(c, d, &r));
        AUTO(DeskWriting) w = {0};
        TRY(desk_writing_begin(c, d->node, d, &w));
        TRY(add(c, d, draft, &w, r.slot, &id));
    }
    // With new eyes: the record may have brought a mark that was not there before. Who typed the
    // victim's name reads nothing by getting it back.
    Got got;
    TRY(get(c, d, id, &got));
    *ret_report = got.report;
    return OK;
}
