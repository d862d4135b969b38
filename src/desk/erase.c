// Removing the content of a record for ever: no byte of it stays in any file of the folder, and all
// proofs stay valid.
#include "desk/order_priv.h"

#include <time.h>

// Records without which nothing else can be understood or proven.
static bool holds_together(RecordKind kind) {
    return kind == RECORD_GENESIS || kind == RECORD_KEY || kind == RECORD_OFFICER ||
           kind == RECORD_BATCH || kind == RECORD_ERASE || kind == RECORD_READ ||
           kind == RECORD_OFFICER_CHANGE || kind == RECORD_LINK || kind == RECORD_RECOVER ||
           kind == RECORD_PEER || kind == RECORD_ACCORD || kind == RECORD_ACCORD_SIGN ||
           kind == RECORD_RETRACT || kind == RECORD_LET_GO || kind == RECORD_DISCLOSED ||
           kind == RECORD_PASSED || kind == RECORD_FORK;
}

static Err check(Ctx *c, const PictureRecord *p, Str reason) {
    if (str_eq_c(p->state, "erased"))
        return fail(c, E_STATE, "this record was erased already");
    if (holds_together(record_kind_of(p->kind)))
        return fail(c, E_DENIED,
                    "a record of kind " STR_FMT " cannot be erased: other records are proven by it "
                    "and it holds no person's data",
                    STR_ARG(p->kind));
    if (reason.n == 0 || reason.n > DESK_TITLE_BYTES_MAX || !text_utf8_valid(reason) ||
        text_has_control(reason, ""))
        return fail(c, E_INVALID,
                    "say why (--reason), in 1 to %d bytes: the reason is kept for ever, so name no "
                    "person in it",
                    DESK_TITLE_BYTES_MAX);
    return OK;
}

static Err body_of(Ctx *c, const PictureRecord *p, Str reason, Buf *out) {
    char id[RECORD_ID_TEXT_BYTES];
    record_id_text(p->id, id);
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key_i64(&w, "leaf", (int64_t)p->seq);
    json_put_key_str(&w, "log", p->log);
    json_put_key_str(&w, "reason", reason);
    json_put_key_str(&w, "record", str_of(id));
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

static void wait_a_little(void) {
    struct timespec t = {0, DESK_RETRY_US * 1000L};
    (void)!nanosleep(&t, NULL);
}

// Empties both WALs. Short reads of other calls may hold them for a moment.
Err desk_purge(Ctx *c, DeskNode *n) {
    {
        // Bytes that no attachment names any more go with the record that named them last.
        AUTO(DeskReading) r = {0};
        TRY(desk_reading_machine(c, n, &r));
        TRY(desk_shelf_sweep(c, n, r.slot));
    }
    desk_slots_shut(n);
    Err e = OK;
    for (int i = 0; i < DESK_RETRIES_MAX; i++) {
        e = n->erase_unfinished ? ledger_erase_finish(c, n->ledger) : OK;
        if (e == OK) {
            n->erase_unfinished = false;
            pthread_mutex_lock(&n->fold_lock);
            e = picture_purge(c, n->picture);
            pthread_mutex_unlock(&n->fold_lock);
        }
        if (e != E_BUSY)
            return e;
        wait_a_little();
    }
    return fail(c, e,
                "the record is erased, but other calls keep reading and old pages of it are "
                "still in a WAL file: stop the server, or erase again");
}

// One record; the lock of writing is held.
static Err erase_one(Ctx *c, DeskWriting *w, const PictureRecord *p, Str reason,
                     RecordId *ret_erase) {
    RecordMark mark;
    {
        AUTO(DeskReading) r = {0};
        TRY(desk_reading_machine(c, w->node, &r));
        TRY(desk_mark_of(c, r.slot, p->id, &mark));
    }
    AUTO(Buf) body = {0};
    TRY(body_of(c, p, reason, &body));
    DeskDraft draft = {.kind = RECORD_ERASE,
                       .has_of = !record_id_eq(p->id, p->root),
                       .of = p->root,
                       .mark = &mark,
                       .purpose = "erasure",
                       .body = buf_view(&body)};
    LedgerPlace place = {LEDGER_MAIN, (int64_t)p->seq};
    return desk_erase_append(c, w, place, &draft, ret_erase);
}

// A report goes with the record of its victim, and that one first: a crash between leaves what can
// be erased again.
static Err victim_of(Ctx *c, DeskNode *n, const PictureRecord *p, bool *ret_has,
                     PictureRecord *ret_victim) {
    *ret_has = false;
    if (!str_eq_c(p->kind, "report"))
        return OK;
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_machine(c, n, &r));
    Err e = desk_victim_find(c, r.slot, p->id, ret_victim);
    *ret_has = e == OK;
    return e == E_NOT_FOUND ? OK : e;
}

Err desk_erase(Ctx *c, const Desk *d, Str record, Str reason, DeskRecord *ret_erase) {
    TRY(desk_need(c, d, DESK_RECORD_ERASE));
    reason = str_trim(reason);
    RecordId erase;
    {
        AUTO(DeskWriting) w = {0};
        TRY(desk_writing_begin(c, d->node, d, &w));
        PictureRecord p, victim;
        bool has_victim;
        {
            AUTO(DeskReading) r = {0};
            TRY(desk_reading_begin(c, d, &r));
            TRY(desk_record_resolve(c, d->node, r.slot, record, &p));
            TRY(check(c, &p, reason));
            if (!str_eq_c(p.agency, d->node->agency_id))
                return fail(c, E_DENIED,
                            "this record is another agency's: only it can erase it, and we let go "
                            "when it does");
            TRY(desk_hold_check(c, d, r.slot, &p));
        }
        TRY(victim_of(c, d->node, &p, &has_victim, &victim));
        TRY(desk_replay_empty(c, d->node));
        if (str_eq_c(p.kind, "attachment"))
            TRY(desk_shelf_mark(c, d->node, true));
        if (has_victim)
            TRY(erase_one(c, &w, &victim, reason, &erase));
        TRY(erase_one(c, &w, &p, reason, &erase));
        TRY(desk_purge(c, d->node));
    }
    char id[RECORD_ID_TEXT_BYTES];
    record_id_text(erase, id);
    DeskRecord found;
    TRY(desk_record_get(c, d, str_of(id), &found));
    *ret_erase = found;
    return OK;
}
