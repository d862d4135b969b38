// Shifts: what is open when one ends, frozen in a record that the next officer signs.
#include "desk/shift_priv.h"

// --- where the shift stands ---------------------------------------------------------------------

Err desk_shift_last(Ctx *c, const DeskNode *n, DeskSlot *s, ShiftNow *ret_now) {
    const PictureShift *items;
    size_t count;
    bool more;
    ShiftNow now = {0};
    TRY(picture_shift_list(c, s->picture, (PicturePage){.limit = 1}, &items, &count, &more));
    if (count > 0) {
        now.has_last = true;
        now.last = items[0];
        now.began_at = items[0].ended_at;
    } else {
        PictureAgency a;
        // To whoever is cleared for less than the node's own records, it begins now.
        Err e = picture_agency_get(c, s->picture, str_of(n->agency_id), &a);
        if (e != E_NOT_FOUND)
            TRY(e);
        now.began_at = e == OK ? a.at : clock_now(n->env.clock);
    }
    *ret_now = now;
    return OK;
}

// Every order of the board that the sight of the user shows, up to SHIFT_ITEMS_MAX.
static Err board(Ctx *c, const Desk *d, DeskOrder **ret_items, size_t *ret_n) {
    DeskPage page = {.limit = SHIFT_ITEMS_MAX};
    DeskOrderList list;
    TRY(desk_order_list(c, d, &(DeskOrderFilter){.board = true}, page, &list));
    DeskOrder *items;
    TRY(ctx_alloc(c, (list.count + 1) * sizeof *items, &items));
    if (list.count > 0)
        memcpy(items, list.items, list.count * sizeof *items);
    *ret_items = items;
    *ret_n = list.count;
    return OK;
}

static bool is_open(const DeskOrder *o, int64_t now) {
    return o->now.overdue || o->now.not_confirmed || o->now.review_overdue ||
           (o->now.has_due && o->now.due_at <= now + SHIFT_HOURS * TIME_HOUR_US);
}

// Its end falls at night or on a day off, and this shift is the last that can still act.
static bool is_night(const DeskOrder *o, int64_t now) {
    return o->now.alive && o->view.has_ends_at && (o->night || o->day_off) &&
           o->warn_at <= now + SHIFT_HOURS * TIME_HOUR_US;
}

static Err orders_of(Ctx *c, const Desk *d, ShiftItems *items) {
    DeskOrder *all;
    size_t n;
    int64_t now = clock_now(d->node->env.clock);
    TRY(board(c, d, &all, &n));
    TRY(ctx_alloc(c, (n + 1) * sizeof *items->open, &items->open));
    TRY(ctx_alloc(c, (n + 1) * sizeof *items->night, &items->night));
    TRY(ctx_alloc(c, (n + 1) * sizeof *items->silent, &items->silent));
    for (size_t i = 0; i < n; i++) {
        if (is_open(&all[i], now))
            items->open[items->open_count++] = all[i];
        if (is_night(&all[i], now))
            items->night[items->night_count++] = all[i];
        if (all[i].now.unanswered)
            items->silent[items->silent_count++] = all[i];
    }
    return OK;
}

// --- half reports -------------------------------------------------------------------------------

Err desk_report_is_half(Ctx *c, DeskSlot *s, const PictureReport *r, bool *ret_half) {
    PictureNamed named;
    const PictureOrder *orders;
    RecordId in;
    size_t n;
    *ret_half = false;
    if (r->has_seed)
        return OK;
    TRY(picture_report_named(c, s->picture, r->id, &named));
    if (named.transfer_count + named.seed_count > 0)
        return OK;
    Err e = picture_report_case(c, s->picture, r->id, &in);
    if (e != E_NOT_FOUND)
        return e;
    TRY(picture_orders_of_report(c, s->picture, r->id, &orders, &n));
    *ret_half = n == 0;
    return OK;
}

static Err half_reports(Ctx *c, DeskSlot *s, ShiftItems *items) {
    const PictureReport *found;
    size_t n;
    bool more;
    TRY(picture_report_list(c, s->picture, STR("held"), (PicturePage){.limit = SHIFT_REPORTS_MAX},
                            &found, &n, &more));
    TRY(ctx_alloc(c, (n + 1) * sizeof *items->half, &items->half));
    for (size_t i = 0; i < n; i++) {
        bool half;
        TRY(desk_report_is_half(c, s, &found[i], &half));
        if (half)
            items->half[items->half_count++] = found[i];
    }
    return OK;
}

static Err tasks_of(Ctx *c, const Desk *d, ShiftItems *items) {
    int64_t until = clock_now(d->node->env.clock) + SHIFT_HOURS * TIME_HOUR_US;
    size_t n, kept = 0;
    TRY(desk_exchange_tasks(c, d, SHIFT_ITEMS_MAX, &items->tasks, &n));
    for (size_t i = 0; i < n; i++)
        if (items->tasks[i].red || items->tasks[i].due_at <= until)
            items->tasks[kept++] = items->tasks[i];
    items->task_count = kept;
    return OK;
}

Err desk_shift_items(Ctx *c, const Desk *d, ShiftItems *ret_items) {
    ShiftItems items = {0};
    TRY(orders_of(c, d, &items));
    TRY(tasks_of(c, d, &items));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    TRY(half_reports(c, r.slot, &items));
    *ret_items = items;
    return OK;
}

// --- what is audited ----------------------------------------------------------------------------

typedef struct Audit {
    RecordId id;
    const char *kind;
    RecordId officer;
    bool has_officer;
    size_t records;
} Audit;

static Err audit_reads(Ctx *c, DeskSlot *s, int64_t since, Buf *found) {
    PicturePage page = {.limit = LIST_PAGE_ITEMS_MAX};
    for (bool more = true; more;) {
        const PictureReadEntry *items;
        size_t n;
        TRY(picture_read_list(c, s->picture, (PictureReadFilter){0}, page, &items, &n, &more));
        for (size_t i = 0; i < n; i++) {
            if (items[i].at < since)
                return OK;
            buf_append(found,
                       &(Audit){items[i].id, "read", items[i].officer, items[i].has_officer,
                                items[i].record_count},
                       sizeof(Audit));
        }
        if (n == 0)
            break;
        page.after = items[n - 1].key;
    }
    return OK;
}

static bool act_is_audited(Str act) {
    return str_eq_c(act, "release") || str_eq_c(act, "reduce") || str_eq_c(act, "review") ||
           str_eq_c(act, "second");
}

// Records of a kind since the shift began; of acts of orders, those that give something away.
static Err audit_kind(Ctx *c, DeskSlot *s, const char *kind, int64_t since, Buf *found) {
    PicturePage page = {.limit = LIST_PAGE_ITEMS_MAX};
    bool acts = str_eq_c(str_of(kind), "order_act");
    for (bool more = true; more;) {
        const PictureRecord *items;
        size_t n;
        TRY(picture_record_list(c, s->picture, str_of(kind), page, &items, &n, &more));
        for (size_t i = 0; i < n; i++) {
            Record body;
            Str act = {0};
            if (items[i].at < since)
                return OK;
            if (acts) {
                TRY(desk_body_get(c, s, items[i].id, &body));
                TRY(json_get_str(c, body.body, "act", &act));
                if (!act_is_audited(act))
                    continue;
            }
            buf_append(found,
                       &(Audit){items[i].id, kind, items[i].officer, items[i].has_officer, 1},
                       sizeof(Audit));
        }
        if (n == 0)
            break;
        page.after = items[n - 1].key;
    }
    return OK;
}

static uint64_t random_below(CryptoRandom random, uint64_t bound) {
    uint64_t v;
    crypto_random_fill(random, &v, sizeof v);
    // The bias of 2^-40 and less does not matter for a list of a shift.
    return v % bound;
}

// SHIFT_AUDIT_ITEMS of what was read, given away and broken open in this shift, by chance: who
// works does not know which it will be.
static Err audit_pick(Ctx *c, DeskNode *n, DeskSlot *s, int64_t since, Audit **ret_items,
                      size_t *ret_n) {
    AUTO(Buf) found = {0};
    TRY(audit_reads(c, s, since, &found));
    TRY(audit_kind(c, s, "order_act", since, &found));
    TRY(audit_kind(c, s, "glass", since, &found));
    TRY(audit_kind(c, s, "refund_paid", since, &found));
    TRY(buf_check(c, &found));
    Audit *items;
    size_t count = found.n / sizeof *items;
    TRY(ctx_alloc(c, found.n + sizeof *items, &items));
    if (count > 0)
        memcpy(items, found.p, found.n);
    size_t take = count < SHIFT_AUDIT_ITEMS ? count : SHIFT_AUDIT_ITEMS;
    for (size_t i = 0; i < take; i++) {
        size_t at = i + (size_t)random_below(n->env.random, count - i);
        Audit swap = items[i];
        items[i] = items[at];
        items[at] = swap;
    }
    *ret_items = items;
    *ret_n = take;
    return OK;
}

// --- the record ---------------------------------------------------------------------------------

static void put_item(JsonWriter *w, const char *kind, RecordId id, const char *what, Str words) {
    json_put_object_begin(w);
    desk_put_id(w, "id", id);
    json_put_key_str(w, "kind", str_of(kind));
    json_put_key_str(w, "what", str_of(what));
    json_put_key_str(w, "words", words);
    json_put_object_end(w);
}

static Err put_orders(Ctx *c, JsonWriter *w, const DeskOrder *orders, size_t n, const char *what) {
    for (size_t i = 0; i < n; i++) {
        RecordId id;
        Str words;
        if (!record_id_parse(orders[i].id, &id))
            continue;
        TRY(str_format(c, &words, STR_FMT ": %s", STR_ARG(orders[i].number),
                       order_state_name(orders[i].now.state)));
        if (str_eq_c(str_of(what), "silent") && orders[i].has_contact)
            TRY(str_format(c, &words, STR_FMT ": unanswered; call " STR_FMT " " STR_FMT,
                           STR_ARG(orders[i].number), STR_ARG(orders[i].contact.desk),
                           STR_ARG(orders[i].contact.phone)));
        put_item(w, "order", id, what, words);
    }
    return OK;
}

// No title: a shift is read by who may not see what was shared.
static Err put_tasks(Ctx *c, JsonWriter *w, const DeskTask *tasks, size_t n) {
    for (size_t i = 0; i < n; i++) {
        RecordId id;
        Str words;
        if (!record_id_parse(tasks[i].id, &id))
            continue; // a peer: the page Exchange shows it
        TRY(str_format(c, &words, "%s: %s", tasks[i].kind, tasks[i].what));
        put_item(w, tasks[i].kind, id, "exchange", words);
    }
    return OK;
}

static Err put_audit(Ctx *c, JsonWriter *w, DeskSlot *s, const Audit *items, size_t n) {
    for (size_t i = 0; i < n; i++) {
        Str name = STR("the machine"), words;
        if (items[i].has_officer)
            TRY(desk_officer_name(c, s, items[i].officer, &name));
        if (str_eq_c(str_of(items[i].kind), "read"))
            TRY(str_format(c, &words, "what " STR_FMT " read in %zu record%s", STR_ARG(name),
                           items[i].records, items[i].records == 1 ? "" : "s"));
        else
            TRY(str_format(c, &words, "what " STR_FMT " did (%s)", STR_ARG(name), items[i].kind));
        put_item(w, items[i].kind, items[i].id, "audit", words);
    }
    return OK;
}

static Err shift_body(Ctx *c, const ShiftItems *items, const Audit *audit, size_t audit_count,
                      DeskSlot *s, const ShiftClose *k, Buf *out) {
    char began[TIME_TEXT_BYTES], ended[TIME_TEXT_BYTES];
    time_format_record(k->began_at, began);
    time_format_record(k->ended_at, ended);
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key_str(&w, "began_at", str_of(began));
    json_put_key_str(&w, "ended_at", str_of(ended));
    json_put_key(&w, STR("items"));
    json_put_array_begin(&w);
    TRY(put_orders(c, &w, items->open, items->open_count, "open"));
    TRY(put_orders(c, &w, items->night, items->night_count, "night"));
    TRY(put_orders(c, &w, items->silent, items->silent_count, "silent"));
    for (size_t i = 0; i < items->half_count; i++)
        put_item(&w, "report", items->half[i].id, "half", items->half[i].report);
    TRY(put_tasks(c, &w, items->tasks, items->task_count));
    TRY(put_audit(c, &w, s, audit, audit_count));
    json_put_array_end(&w);
    json_put_key_str(&w, "next", k->next);
    desk_put_opt_str(&w, "note", k->note);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

// The officer who takes over, by the pseudonym: somebody who acts here and has shifts.
static Err officer_find(Ctx *c, DeskSlot *s, const DeskNode *n, Str name, PictureOfficer *ret_o) {
    PicturePage page = {.limit = LIST_PAGE_ITEMS_MAX};
    for (bool more = true; more;) {
        const PictureOfficer *items;
        size_t count;
        TRY(picture_officer_list(c, s->picture, page, &items, &count, &more));
        for (size_t i = 0; i < count; i++) {
            if (str_eq(items[i].name, name) && items[i].active &&
                str_eq_c(items[i].agency, n->agency_id)) {
                *ret_o = items[i];
                return OK;
            }
        }
        if (count == 0)
            break;
        page.after = items[count - 1].key;
    }
    return fail(c, E_NOT_FOUND, "there is no active officer \"" STR_FMT "\" here", STR_ARG(name));
}

static Err close_check(Ctx *c, const Desk *d, ShiftClose *k) {
    AUTO(DeskReading) r = {0};
    PictureOfficer next;
    ShiftNow now;
    TRY(desk_reading_begin(c, d, &r));
    TRY(desk_words(c, "who takes over", k->next, DESK_TITLE_BYTES_MAX, &k->next));
    if (str_trim(k->note).n > 0)
        TRY(desk_words(c, "the note", k->note, RECORD_NOTE_BYTES_MAX, &k->note));
    else
        k->note = (Str){0};
    TRY(officer_find(c, r.slot, d->node, k->next, &next));
    if (record_id_eq(next.id, d->officer))
        return fail(c, E_INVALID, "a shift is handed to another officer, not to yourself");
    TRY(desk_shift_last(c, d->node, r.slot, &now));
    k->began_at = now.began_at;
    k->ended_at = clock_now(d->node->env.clock);
    if (k->ended_at <= k->began_at)
        return fail(c, E_STATE,
                    "the shift before this one ends later than now: is the clock right?");
    return OK;
}

Err desk_shift_close(Ctx *c, const Desk *d, Str next, Str note, Str *ret_id) {
    TRY(desk_need(c, d, DESK_SHIFT_CLOSE));
    ShiftClose k = {.next = next, .note = note};
    ShiftItems items;
    Audit *audit;
    size_t audit_count;
    TRY(close_check(c, d, &k));
    TRY(desk_shift_items(c, d, &items));
    AUTO(DeskReading) r = {0};
    AUTO(Buf) body = {0};
    RecordId id;
    // What is audited is drawn from all that was done, whoever closes the shift.
    TRY(desk_reading_machine(c, d->node, &r));
    TRY(audit_pick(c, d->node, r.slot, k.began_at, &audit, &audit_count));
    TRY(shift_body(c, &items, audit, audit_count, r.slot, &k, &body));
    AUTO(DeskWriting) w = {0};
    TRY(desk_writing_begin(c, d->node, d, &w));
    DeskDraft draft = {.kind = RECORD_SHIFT, .body = buf_view(&body)};
    TRY(desk_record_add(c, &w, &draft, &id));
    return desk_id_text(c, id, ret_id);
}

// --- sign ---------------------------------------------------------------------------------------

static Err shift_find(Ctx *c, DeskSlot *s, Str id, PictureShift *ret_shift) {
    RecordId record;
    PicturePage page = {.limit = LIST_PAGE_ITEMS_MAX};
    for (bool more = record_id_parse(id, &record); more;) {
        const PictureShift *items;
        size_t n;
        TRY(picture_shift_list(c, s->picture, page, &items, &n, &more));
        for (size_t i = 0; i < n; i++) {
            if (record_id_eq(items[i].id, record)) {
                *ret_shift = items[i];
                return OK;
            }
        }
        if (n == 0)
            break;
        page.after = items[n - 1].key;
    }
    return fail(c, E_NOT_FOUND,
                "there is no shift " STR_FMT ": `moei shift list` shows those that are here",
                STR_ARG(id));
}

Err desk_shift_sign(Ctx *c, const Desk *d, Str id, Str note) {
    TRY(desk_need(c, d, DESK_SHIFT_CLOSE));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    AUTO(DeskWriting) w = {0};
    TRY(desk_writing_begin(c, d->node, d, &w));
    PictureShift shift;
    PictureOfficer me;
    RecordMark mark;
    TRY(shift_find(c, r.slot, id, &shift));
    if (shift.is_signed)
        return fail(c, E_STATE, "this shift is signed already");
    if (record_id_eq(shift.officer, d->officer))
        return fail(c, E_DENIED, "you closed this shift: the officer who takes over signs it");
    TRY(picture_officer_get(c, r.slot->picture, d->officer, &me));
    if (str_trim(note).n > 0)
        TRY(desk_words(c, "the note", note, RECORD_NOTE_BYTES_MAX, &note));
    else
        note = (Str){0};
    if (!str_eq(me.name, shift.next) && note.n == 0)
        return fail(c, E_INVALID,
                    "this shift was handed to " STR_FMT ": say in a note why you take it over",
                    STR_ARG(shift.next));
    TRY(desk_mark_of(c, r.slot, shift.id, &mark));
    AUTO(Buf) body = {0};
    JsonWriter j = json_writer_start(&body);
    json_put_object_begin(&j);
    desk_put_opt_str(&j, "note", note);
    json_put_object_end(&j);
    TRY(json_writer_end(c, &j));
    DeskDraft draft = {.kind = RECORD_SHIFT_SIGN,
                       .has_of = true,
                       .of = shift.id,
                       .mark = &mark,
                       .body = buf_view(&body)};
    return desk_record_add(c, &w, &draft, NULL);
}

Err desk_shift_of(Ctx *c, DeskSlot *s, Str id, PictureShift *ret_shift) {
    return shift_find(c, s, id, ret_shift);
}
