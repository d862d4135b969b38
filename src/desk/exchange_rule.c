// What may flow: the question of docs/protocol-sync.md, section 3, put together from the picture.
// Shares, retracts and permissions are looked up only where the answer hangs on them: most records
// are settled by their kind and mark.
#include "desk/exchange_priv.h"

// --- accords ------------------------------------------------------------------------------------

static Err keep(Ctx *c, Arena *words, Str s, Str *ret_s) {
    char *p = arena_alloc(words, s.n + 1);
    if (!p)
        return fail(c, E_MEMORY, "no memory for the accords");
    if (s.n > 0)
        memcpy(p, s.p, s.n);
    *ret_s = (Str){p, s.n};
    return OK;
}

static Err keep_strs(Ctx *c, Arena *words, const Str *items, size_t n, const Str **ret_items) {
    Str *kept = arena_alloc(words, (n + 1) * sizeof *kept);
    if (!kept)
        return fail(c, E_MEMORY, "no memory for the accords");
    for (size_t i = 0; i < n; i++)
        TRY(keep(c, words, items[i], &kept[i]));
    *ret_items = kept;
    return OK;
}

static Err accord_of(Ctx *c, Arena *words, const PictureAccord *p, SyncAccord *ret_accord) {
    SyncAccord a = {.id = p->id,
                    .member_count = p->member_count,
                    .kind_count = p->kind_count,
                    .purpose_count = p->purpose_count,
                    .begins_us = p->begins_at,
                    .has_end = p->has_ends_at,
                    .ends_us = p->ends_at};
    SyncMember *members = arena_alloc(words, (p->member_count + 1) * sizeof *members);
    if (!members)
        return fail(c, E_MEMORY, "no memory for the accords");
    for (size_t i = 0; i < p->member_count; i++) {
        const PictureMember *m = &p->members[i];
        members[i] =
            (SyncMember){.signed_here = m->has_signed, .left = m->has_left, .mirror = m->mirror};
        TRY(keep(c, words, m->agency, &members[i].agency));
    }
    a.members = members;
    TRY(keep_strs(c, words, p->kinds, p->kind_count, &a.kinds));
    TRY(keep_strs(c, words, p->purposes, p->purpose_count, &a.purposes));
    *ret_accord = a;
    return OK;
}

Err desk_accords_read(Ctx *c, DeskNode *n, DeskSlot *s) {
    DeskExchange *x = n->exchange;
    const PictureAccord *items;
    const PictureRetract *retracts;
    const PictureRecord *let_gos;
    size_t count, retract_n, let_go_n;
    bool more;
    TRY(picture_accord_list(c, s->picture, &items, &count));
    TRY(picture_retract_list(c, s->picture, PICTURE_ANY, (PicturePage){.limit = 1}, &retracts,
                             &retract_n, &more));
    x->any_retracts = retract_n > 0;
    TRY(picture_record_list(c, s->picture, STR("let_go"), (PicturePage){.limit = 1}, &let_gos,
                            &let_go_n, &more));
    x->any_let_gos = let_go_n > 0;
    arena_reset(&x->words);
    x->accord_count = 0;
    x->accords = arena_alloc(&x->words, (count + 1) * sizeof *x->accords);
    if (!x->accords)
        return fail(c, E_MEMORY, "no memory for the accords");
    for (size_t i = 0; i < count; i++)
        TRY(accord_of(c, &x->words, &items[i], &x->accords[i]));
    x->accord_count = count;
    return OK;
}

// now NULL: whenever the accord counts, so it is signed.
static bool mirrors(const DeskExchange *x, Str whose, Str mirror, const int64_t *now) {
    bool found = false;
    for (size_t i = 0; i < x->accord_count && !found; i++) {
        const SyncAccord *a = &x->accords[i];
        found = sync_accord_mirrors(a, whose, mirror, now ? *now : a->begins_us);
    }
    return found;
}

bool desk_mirrors(const DeskNode *n, const DeskPeer *p) {
    int64_t now = clock_now(n->env.clock);
    return mirrors(n->exchange, str_of(n->agency_id), str_of(p->hex.text), &now);
}

// The peer's clock decides from when to when, and may be another than ours.
bool desk_mirrored(const DeskNode *n, const DeskPeer *p) {
    return mirrors(n->exchange, str_of(p->hex.text), str_of(n->agency_id), NULL);
}

// --- marks --------------------------------------------------------------------------------------

static Err mark_of(Ctx *c, DeskJudge *j, Str text, bool has_until, int64_t until,
                   RecordMark *ret_mark) {
    size_t i = 0;
    while (i < COUNT_OF(j->marks) && !(j->marks[i].text.n > 0 && str_eq(j->marks[i].text, text)))
        i++;
    if (i == COUNT_OF(j->marks)) {
        const JsonValue *v;
        RecordMark m;
        i = j->mark_next;
        TRY(json_read(c, &j->slot->json, text, &v));
        TRY(record_mark_parse(c, v, &m));
        j->marks[i].text = text;
        j->marks[i].mark = m;
        j->mark_next = (i + 1) % COUNT_OF(j->marks);
    }
    *ret_mark = j->marks[i].mark;
    ret_mark->has_until = has_until;
    ret_mark->until_us = until;
    return OK;
}

// --- looking up ---------------------------------------------------------------------------------

// Our shares of this object with the peer, as the rule wants them. The last comes first: it is the
// one that counts where several are open.
static Err shares_of(Ctx *c, DeskJudge *j, const PictureScan *r, Str peer, SyncQuestion *q,
                     const RecordId **ret_ids) {
    const PictureShare *items;
    size_t n, found = 0;
    TRY(picture_share_of(c, j->slot->picture, r->root, &items, &n));
    SyncShare *shares;
    RecordId *ids;
    TRY(ctx_alloc(c, (n + 1) * sizeof *shares, &shares));
    TRY(ctx_alloc(c, (n + 1) * sizeof *ids, &ids));
    for (size_t i = n; i-- > 0;) {
        const PictureShare *p = &items[i];
        RecordMark granted;
        if (!str_eq(p->agency, q->us) || !str_eq(p->to, peer))
            continue;
        TRY(mark_of(c, j, p->mark, p->has_until, p->until, &granted));
        SyncShare s = {.at_us = p->at,
                       .retracted = p->is_retracted,
                       .has_until = p->has_until,
                       .until_us = p->until,
                       .handling = granted.handling,
                       .accept = p->accept,
                       .accepted = str_eq_c(p->act, "accept"),
                       .taken = RECORD_H3};
        if (p->handling.n == 2 && p->handling.p[1] >= '0' && p->handling.p[1] <= '3')
            s.taken = (RecordHandling)(p->handling.p[1] - '0');
        else
            s.accepted = false;
        ids[found] = p->id;
        shares[found++] = s;
    }
    q->shares = shares;
    q->share_count = found;
    *ret_ids = ids;
    return OK;
}

// Whether the author took the object back from the peer and shared it not since.
static Err retracted_of(Ctx *c, DeskJudge *j, const PictureScan *r, Str peer, bool *ret_retracted) {
    const PictureRetract *items;
    const PictureShare *shares;
    size_t n, share_n;
    int64_t last = INT64_MIN;
    bool back = false;
    TRY(picture_retract_of(c, j->slot->picture, r->root, &items, &n));
    for (size_t i = 0; i < n; i++) {
        if (!str_eq(items[i].agency, r->root_agency))
            continue;
        for (size_t k = 0; k < items[i].from_count; k++)
            if (str_eq(items[i].from[k].agency, peer) && items[i].at > last) {
                last = items[i].at;
                back = true;
            }
    }
    if (back) {
        TRY(picture_share_of(c, j->slot->picture, r->root, &shares, &share_n));
        for (size_t i = 0; i < share_n; i++)
            if (str_eq(shares[i].agency, r->root_agency) && str_eq(shares[i].to, peer) &&
                shares[i].at > last)
                back = false;
    }
    *ret_retracted = back;
    return OK;
}

static Err granted_of(Ctx *c, DeskJudge *j, const PictureScan *r, Str peer, SyncQuestion *q,
                      RecordId *ret_grant) {
    const PictureGrant *items;
    size_t n;
    TRY(picture_grant_of(c, j->slot->picture, r->root, &items, &n));
    for (size_t i = 0; i < n; i++) {
        if (!str_eq(items[i].recipient, peer))
            continue;
        if (items[i].has_until && items[i].until <= q->now_us)
            continue;
        q->granted = true;
        q->grant_has_until = items[i].has_until;
        q->grant_until_us = items[i].until;
        *ret_grant = items[i].notice;
    }
    return OK;
}

// Whether the record that an erase record names ever left to the peer.
static Err erased_of(Ctx *c, DeskJudge *j, const PictureScan *r, SyncQuestion *q) {
    if (!r->has_target)
        return OK;
    LedgerPlace place = {r->place.log, (int64_t)r->target_leaf};
    bool given;
    return journal_bits_get(c, ledger_db(j->node->ledger), &j->bits, j->peer->j.peer,
                            ledger_place_key(place), &given, &q->erased_disclosed);
}

// Whether anything but identity records of this agency flows, or has flowed: then its genesis stood
// in the journal. That the peer gave us the genesis says nothing. It lies in the first of its logs,
// also where a later one goes on.
static Err others_of(Ctx *c, DeskJudge *j, const PictureScan *r, SyncQuestion *q) {
    bool given;
    LedgerPlace genesis = {.seq = 0};
    TRY(ledger_log_first(c, j->slot->ledger, r->place.log, &genesis.log));
    return journal_bits_get(c, ledger_db(j->node->ledger), &j->bits, j->peer->j.peer,
                            ledger_place_key(genesis), &given, &q->other_flows);
}

// --- the question -------------------------------------------------------------------------------

typedef struct Marks {
    RecordMark own, object;
} Marks;

static Err question(Ctx *c, DeskJudge *j, const PictureScan *r, Marks *m, SyncQuestion *ret_q) {
    DeskExchange *x = j->node->exchange;
    TRY(mark_of(c, j, r->mark, r->has_until, r->until, &m->own));
    m->object = m->own;
    if (r->root_mark.n > 0)
        TRY(mark_of(c, j, r->root_mark, r->has_root_until, r->root_until, &m->object));
    *ret_q = (SyncQuestion){.now_us = j->now,
                            .us = str_of(j->node->agency_id),
                            .peer = str_of(j->peer->hex.text),
                            .peer_confirmed = j->peer->confirmed,
                            .peer_relay = j->peer->j.relay,
                            .peer_flagged = j->peer->flagged,
                            .flagged_us = j->peer->flagged_at,
                            .author = r->agency,
                            .main_log = r->place.log != LEDGER_READS,
                            .kind = record_kind_of(r->kind),
                            .mark = &m->own,
                            .root_author = r->root_agency,
                            .root_kind = record_kind_of(r->root_kind),
                            .root_kind_name = r->root_kind,
                            .object_mark = &m->object,
                            .accords = x->accords,
                            .accord_count = x->accord_count};
    return OK;
}

// What came by a share ends with it, though an accord would let it go on: at the receiver the mark
// of the last share counts. A new root was never shared before.
static Err ended_of(Ctx *c, DeskJudge *j, const PictureScan *r, SyncQuestion *q) {
    const PictureShare *items;
    size_t n;
    TRY(picture_share_of(c, j->slot->picture, r->root, &items, &n));
    for (size_t i = n; i-- > 0;) {
        const PictureShare *p = &items[i];
        if (!str_eq(p->agency, q->us) || !str_eq(p->to, q->peer))
            continue;
        q->retracted |= p->has_until && p->until <= q->now_us;
        return OK;
    }
    return OK;
}

// An order is nobody's business before its officers have issued it, both where it asks for two.
static Err draft_of(Ctx *c, DeskJudge *j, const PictureScan *r, SyncQuestion *q) {
    PictureOrder o;
    if (q->root_kind != RECORD_ORDER || sync_class(q->kind) != SYNC_OBJECT)
        return OK;
    Err e = picture_order_get(c, j->slot->picture, r->root, &o);
    if (e != E_NOT_FOUND)
        TRY(e);
    q->root_draft = e == E_NOT_FOUND || !o.view.has_issued_at;
    return OK;
}

// What asks for two officers leaves with the word of the second.
static Err signed_of(Ctx *c, DeskJudge *j, const PictureScan *r, SyncQuestion *q) {
    const PictureOrderEvent *events;
    size_t n, at = 0;
    if (q->kind != RECORD_ORDER_ACT)
        return OK;
    Err e = picture_order_events(c, j->slot->picture, r->root, &events, &n);
    if (e == E_NOT_FOUND)
        return OK;
    TRY(e);
    while (at < n && !record_id_eq(events[at].id, r->id))
        at++;
    q->half_signed = at < n && events[at].event.persons > 1;
    for (size_t i = at; q->half_signed && i < n; i++) {
        const PictureOrderEvent *s = &events[i];
        q->half_signed = s->event.act != ORDER_SECOND || !s->has_target ||
                         !record_id_eq(s->target, r->id) || !str_eq(s->agency, r->agency) ||
                         record_id_eq(s->officer, events[at].officer);
    }
    return OK;
}

static Err flow(Ctx *c, DeskJudge *j, const PictureScan *r, SyncQuestion *q,
                DeskVerdictOfFlow *ret_verdict) {
    const RecordId *ids = NULL;
    if (q->kind == RECORD_ERASE)
        TRY(erased_of(c, j, r, q));
    TRY(signed_of(c, j, r, q));
    bool object = sync_class(q->kind) == SYNC_OBJECT && str_eq(r->root_agency, q->us);
    SyncAnswer a = sync_may_flow(q);
    if (a.rule == SYNC_FLOWS_ACCORD && j->node->exchange->any_retracts) {
        TRY(retracted_of(c, j, r, q->peer, &q->retracted));
        a = sync_may_flow(q);
    }
    if (a.rule == SYNC_FLOWS_ACCORD && !record_id_eq(r->id, r->root)) {
        TRY(ended_of(c, j, r, q));
        a = sync_may_flow(q);
    }
    if (a.rule == SYNC_STAYS && object) {
        TRY(shares_of(c, j, r, q->peer, q, &ids));
        if (q->share_count > 0)
            a = sync_may_flow(q);
    }
    DeskVerdictOfFlow v = {.rule = a.rule};
    if (a.rule == SYNC_FLOWS_SHARE && ids) {
        v.has_by = true;
        v.by = ids[a.by];
    }
    *ret_verdict = v;
    return OK;
}

// Whether its author took it back from the peer, or whether we are to let go of it ourselves: what
// we hold until we come to it goes nowhere any more.
static Err held_back_of(Ctx *c, DeskJudge *j, const PictureScan *r, SyncQuestion *q) {
    q->retracted = (r->has_root_until && r->root_until <= j->now) ||
                   (r->has_effective_until && r->effective_until <= j->now);
    if (!q->retracted && j->node->exchange->any_retracts)
        TRY(retracted_of(c, j, r, q->peer, &q->retracted));
    if (!q->retracted && j->node->exchange->any_retracts)
        TRY(retracted_of(c, j, r, q->us, &q->retracted));
    return OK;
}

static Err relay(Ctx *c, DeskJudge *j, const PictureScan *r, SyncQuestion *q,
                 DeskVerdictOfFlow *ret_verdict) {
    SyncClass class = sync_class(q->kind);
    DeskVerdictOfFlow v = {0};
    RecordId grant = {{0}};
    if (q->kind == RECORD_ERASE)
        TRY(erased_of(c, j, r, q));
    if (class == SYNC_IDENTITY)
        TRY(others_of(c, j, r, q));
    if (class == SYNC_OBJECT && q->kind != RECORD_ERASE)
        TRY(granted_of(c, j, r, q->peer, q, &grant));
    SyncAnswer a = sync_may_relay(q);
    if (a.rule == SYNC_RELAYS_ACCORD || a.rule == SYNC_RELAYS_GRANT) {
        TRY(held_back_of(c, j, r, q));
        a = sync_may_relay(q);
    }
    v.rule = a.rule;
    if (a.rule == SYNC_RELAYS_ACCORD) {
        v.has_by = true;
        v.by = q->accords[a.by].id;
    } else if (a.rule == SYNC_RELAYS_GRANT) {
        v.has_by = true;
        v.by = grant;
    }
    *ret_verdict = v;
    return OK;
}

Err desk_judge(Ctx *c, DeskJudge *j, const PictureScan *r, DeskVerdictOfFlow *ret_verdict) {
    SyncQuestion q;
    Marks m;
    // What is not here, or was taken out, has nothing that could go.
    if (r->mark.n == 0 || !j->peer->confirmed) {
        *ret_verdict = (DeskVerdictOfFlow){0};
        return OK;
    }
    TRY(question(c, j, r, &m, &q));
    TRY(draft_of(c, j, r, &q));
    if (str_eq(r->agency, q.us))
        return flow(c, j, r, &q, ret_verdict);
    if (str_eq(r->agency, q.peer) || !j->peer->j.relay) {
        *ret_verdict = (DeskVerdictOfFlow){0};
        return OK;
    }
    return relay(c, j, r, &q, ret_verdict);
}

// The record at a place as the rules ask for it. *ret_found false: its content is gone.
static Err scan_at(Ctx *c, DeskSlot *s, LedgerPlace place, PictureScan *ret_scan, bool *ret_found) {
    const PictureScan *items;
    size_t n;
    *ret_found = false;
    if (place.log == LEDGER_MAIN) {
        uint64_t next;
        TRY(picture_scan(c, s->picture, (uint64_t)place.seq, 1, &items, &n, &next));
    } else {
        Record r;
        bool held;
        TRY(desk_body_at(c, s, place, &held, &r));
        if (!held)
            return OK;
        TRY(picture_object_leaves(c, s->picture, r.root, &items, &n));
    }
    for (size_t i = 0; i < n && !*ret_found; i++)
        if (ledger_place_key(items[i].place) == ledger_place_key(place)) {
            *ret_scan = items[i];
            *ret_found = true;
        }
    return OK;
}

Err desk_judge_place(Ctx *c, DeskJudge *j, LedgerPlace place, bool *ret_may) {
    PictureScan r;
    DeskVerdictOfFlow v = {0};
    bool found;
    TRY(scan_at(c, j->slot, place, &r, &found));
    if (found)
        TRY(desk_judge(c, j, &r, &v));
    *ret_may = v.rule != SYNC_STAYS;
    return OK;
}

static Err judge_run(Ctx *c, DeskJudge *j, int64_t from_seq, size_t n, bool *ret_may) {
    const PictureScan *items;
    size_t found, at = 0;
    uint64_t next;
    TRY(picture_scan(c, j->slot->picture, (uint64_t)from_seq, n, &items, &found, &next));
    for (size_t i = 0; i < n; i++) {
        DeskVerdictOfFlow v = {0};
        while (at < found && items[at].place.seq < from_seq + (int64_t)i)
            at++;
        if (at < found && items[at].place.seq == from_seq + (int64_t)i)
            TRY(desk_judge(c, j, &items[at], &v));
        ret_may[i] = v.rule != SYNC_STAYS;
    }
    return OK;
}

Err desk_judge_run(Ctx *c, DeskJudge *j, int64_t from_seq, size_t n, bool *ret_may) {
    AUTO(Ctx) inner;
    ctx_init(&inner);
    memset(j->marks, 0, sizeof j->marks);
    Err e = desk_pass(c, &inner, judge_run(&inner, j, from_seq, n, ret_may));
    // The marks that were read lie in the memory that goes now.
    memset(j->marks, 0, sizeof j->marks);
    return e;
}
