// Break-glass: an act or a clearance for some hours, at once, with a reason; a second officer
// decides within GLASS_RATIFY_HOURS or it undoes itself. What is in force is computed from the
// records and the clock; the grants that can still matter are kept in memory.
#include "desk/desk_priv.h"

// What may be granted: what only reads, never what changes.
static const uint64_t grantable =
    (uint64_t)1 << DESK_REPORT_READ | (uint64_t)1 << DESK_VICTIM_READ |
    (uint64_t)1 << DESK_TRANSFER_READ | (uint64_t)1 << DESK_CASE_READ |
    (uint64_t)1 << DESK_TRACE_RUN | (uint64_t)1 << DESK_ORDER_READ |
    (uint64_t)1 << DESK_GRIEVANCE_READ | (uint64_t)1 << DESK_REFUND_READ |
    (uint64_t)1 << DESK_RECORD_READ;

static bool grants_read(Str text, DeskGrant *g) {
    DeskAct act;
    g->acts = 0;
    g->clearance = 0;
    if (desk_act_find(text, &act) && (grantable >> act & 1)) {
        g->acts = (uint64_t)1 << act;
        return true;
    }
    return desk_clearance_find(text, &g->clearance) && g->clearance > 0;
}

static bool in_force(const DeskGrant *g, int64_t now) {
    if (now >= g->until || (g->decided && !g->ratified))
        return false;
    return g->ratified || now < g->at + GLASS_RATIFY_HOURS * TIME_HOUR_US;
}

void desk_glass_apply(const DeskNode *n, Desk *d) {
    int64_t now = n->grant_count ? clock_now(n->env.clock) : 0;
    for (size_t i = 0; i < n->grant_count; i++) {
        const DeskGrant *g = &n->grants[i];
        if (!record_id_eq(g->officer, d->officer) || !in_force(g, now))
            continue;
        d->acts |= g->acts;
        if (g->clearance > d->clearance)
            d->clearance = g->clearance;
    }
    d->may_read = (d->acts & desk_reading_acts) != 0;
}

// --- from the records ---------------------------------------------------------------------------

// One glass: what was granted, why, and what was decided.
typedef struct Glass {
    DeskGrant grant;
    Str grants, reason;
    bool has_decider;
    RecordId decider;
} Glass;

static Err glass_decided(Ctx *c, DeskSlot *s, Glass *g) {
    const PictureRecord *items;
    size_t n;
    TRY(picture_record_object(c, s->picture, g->grant.id, &items, &n));
    for (size_t i = 0; i < n && !g->grant.decided; i++) {
        Record r;
        if (!str_eq_c(items[i].kind, "glass_ratify") || !str_eq_c(items[i].state, "held"))
            continue;
        TRY(desk_body_get(c, s, items[i].id, &r));
        // One's own ratification is none.
        if (!r.has_officer || record_id_eq(r.officer, g->grant.officer))
            continue;
        TRY(json_get_bool(c, r.body, "ratified", &g->grant.ratified));
        g->grant.decided = true;
        g->has_decider = true;
        g->decider = r.officer;
    }
    return OK;
}

static Err glass_read(Ctx *c, DeskSlot *s, RecordId id, Glass *ret_glass) {
    Record r;
    Str until;
    TRY(desk_body_get(c, s, id, &r));
    Glass g = {.grant = {.id = id, .officer = r.officer, .at = r.at_us}};
    TRY(json_get_str(c, r.body, "grants", &g.grants));
    TRY(json_get_str(c, r.body, "reason", &g.reason));
    TRY(json_get_str(c, r.body, "until", &until));
    // Nobody grants more than the longest time, whatever the record says.
    if (!time_parse(until, &g.grant.until))
        return fail(c, E_CORRUPT, "a glass record without its end");
    if (g.grant.until > g.grant.at + GLASS_HOURS_MAX * TIME_HOUR_US)
        g.grant.until = g.grant.at + GLASS_HOURS_MAX * TIME_HOUR_US;
    if (!grants_read(g.grants, &g.grant))
        g.grant.acts = 0;
    TRY(glass_decided(c, s, &g));
    *ret_glass = g;
    return OK;
}

// Our own ones, newest first; stops at those made before `since`.
static Err glass_all(Ctx *c, const DeskNode *n, DeskSlot *s, int64_t since, Glass **ret_items,
                     size_t *ret_n) {
    PicturePage page = {.limit = GLASS_KEPT_MAX};
    const PictureRecord *found;
    size_t count, kept = 0;
    bool more;
    TRY(picture_record_list(c, s->picture, STR("glass"), page, &found, &count, &more));
    Glass *items;
    TRY(ctx_alloc(c, (count + 1) * sizeof *items, &items));
    for (size_t i = 0; i < count && found[i].at >= since; i++) {
        if (!str_eq_c(found[i].state, "held") || !str_eq(found[i].agency, str_of(n->agency_id)))
            continue;
        TRY(glass_read(c, s, found[i].id, &items[kept++]));
    }
    *ret_items = items;
    *ret_n = kept;
    return OK;
}

Err desk_glass_open(Ctx *c, DeskNode *n) {
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_machine(c, n, &r));
    int64_t since = clock_now(n->env.clock) - GLASS_HOURS_MAX * TIME_HOUR_US;
    Glass *items;
    size_t count;
    TRY(glass_all(c, n, r.slot, since, &items, &count));
    desk_local_lock(n);
    n->grant_count = count;
    for (size_t i = 0; i < count; i++)
        n->grants[i] = items[i].grant;
    desk_access_changed(n);
    desk_local_unlock(n);
    return OK;
}

bool desk_glass_reason_may(const Desk *d, RecordId author) {
    return desk_may(d, DESK_GLASS_RATIFY) || desk_may(d, DESK_READS_READ) ||
           record_id_eq(author, d->officer);
}

// --- to people ----------------------------------------------------------------------------------

static Err shown(Ctx *c, const Desk *d, const Glass *g, DeskGlass *ret_glass) {
    DeskGlass out = {
        .grants = g->grants,
        .at = g->grant.at,
        .until = g->grant.until,
        .decided = g->grant.decided,
        .ratified = g->grant.ratified,
        .active = in_force(&g->grant, clock_now(d->node->env.clock)),
    };
    if (desk_glass_reason_may(d, g->grant.officer))
        out.reason = g->reason;
    TRY(desk_id_text(c, g->grant.id, &out.id));
    TRY(desk_id_text(c, g->grant.officer, &out.officer));
    if (g->has_decider)
        TRY(desk_id_text(c, g->decider, &out.decided_by));
    *ret_glass = out;
    return OK;
}

// `own`: just made by this user, who is told of it whatever they see.
static Err glass_get(Ctx *c, const Desk *d, RecordId id, bool own, Glass *ret_glass) {
    AUTO(DeskReading) r = {0};
    if (own)
        TRY(desk_reading_machine(c, d->node, &r));
    else
        TRY(desk_reading_begin(c, d, &r));
    PictureRecord p;
    Err e = picture_record_get(c, r.slot->picture, id, &p);
    if (e == E_NOT_FOUND || (e == OK && !str_eq_c(p.kind, "glass")))
        return fail(c, E_NOT_FOUND, "there is no such break-glass: `moei glass list` shows them");
    TRY(e);
    return glass_read(c, r.slot, id, ret_glass);
}

Err desk_glass_list(Ctx *c, const Desk *d, const DeskGlass **ret_items, size_t *ret_n) {
    if (!desk_may(d, DESK_GLASS_BREAK) && !desk_may(d, DESK_READS_READ))
        TRY(desk_need(c, d, DESK_GLASS_RATIFY));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    Glass *found;
    size_t n;
    TRY(glass_all(c, d->node, r.slot, BASE_TIME_US_MIN, &found, &n));
    DeskGlass *items;
    TRY(ctx_alloc(c, (n + 1) * sizeof *items, &items));
    for (size_t i = 0; i < n; i++)
        TRY(shown(c, d, &found[i], &items[i]));
    *ret_items = items;
    *ret_n = n;
    return OK;
}

// --- break and ratify ---------------------------------------------------------------------------

static Err break_check(Ctx *c, const Desk *d, Str grants, Str reason, int64_t hours) {
    DeskGrant g = {0};
    if (!grants_read(grants, &g))
        return fail(c, E_INVALID,
                    "break-glass grants one act that reads (such as victim.read) or a clearance "
                    "(such as RED), not \"" STR_FMT "\"",
                    STR_ARG(grants));
    if ((g.acts && (d->acts & g.acts)) || (!g.acts && d->clearance >= g.clearance))
        return fail(c, E_STATE, "you have " STR_FMT " already: no glass need be broken",
                    STR_ARG(grants));
    if (reason.n == 0 || reason.n > GLASS_REASON_BYTES_MAX || !text_utf8_valid(reason) ||
        text_has_control(reason, "\n"))
        return fail(c, E_INVALID, "say why, in 1 to %d bytes: the reason is kept for ever",
                    GLASS_REASON_BYTES_MAX);
    if (hours < 1 || hours > GLASS_HOURS_MAX)
        return fail(c, E_INVALID, "a glass is broken for 1 to %d hours", GLASS_HOURS_MAX);
    return OK;
}

Err desk_glass_break(Ctx *c, const Desk *d, Str grants, Str reason, int64_t hours,
                     DeskGlass *ret_glass) {
    TRY(desk_need(c, d, DESK_GLASS_BREAK));
    reason = str_trim(reason);
    TRY(break_check(c, d, grants, reason, hours));
    char until[TIME_TEXT_BYTES];
    time_format_record(clock_now(d->node->env.clock) + hours * TIME_HOUR_US, until);
    AUTO(Buf) body = {0};
    JsonWriter j = json_writer_start(&body);
    json_put_object_begin(&j);
    json_put_key_str(&j, "grants", grants);
    json_put_key_str(&j, "reason", reason);
    json_put_key_str(&j, "until", str_of(until));
    json_put_object_end(&j);
    TRY(json_writer_end(c, &j));
    RecordId id;
    {
        AUTO(DeskWriting) w = {0};
        TRY(desk_writing_begin(c, d->node, d, &w));
        DeskDraft draft = {.kind = RECORD_GLASS, .body = buf_view(&body)};
        TRY(desk_record_add(c, &w, &draft, &id));
    }
    TRY(desk_glass_open(c, d->node));
    Glass g;
    TRY(glass_get(c, d, id, true, &g));
    return shown(c, d, &g, ret_glass);
}

static Err ratify_check(Ctx *c, const Desk *d, const Glass *g) {
    if (record_id_eq(g->grant.officer, d->officer))
        return fail(c, E_DENIED, "another officer must decide about what you broke");
    if (g->grant.decided)
        return fail(c, E_STATE, "this break-glass was decided already");
    if (!in_force(&g->grant, clock_now(d->node->env.clock)))
        return fail(c, E_STATE, "this break-glass has ended by itself: nothing is left to decide");
    return OK;
}

Err desk_glass_ratify(Ctx *c, const Desk *d, Str id, bool ratified, Str note,
                      DeskGlass *ret_glass) {
    TRY(desk_need(c, d, DESK_GLASS_RATIFY));
    note = str_trim(note);
    RecordId record;
    if (!record_id_parse(id, &record))
        return fail(c, E_NOT_FOUND, "there is no such break-glass: `moei glass list` shows them");
    if (note.n > GLASS_REASON_BYTES_MAX || !text_utf8_valid(note) || text_has_control(note, "\n"))
        return fail(c, E_INVALID, "a note has at most %d bytes", GLASS_REASON_BYTES_MAX);
    AUTO(Buf) body = {0};
    JsonWriter j = json_writer_start(&body);
    json_put_object_begin(&j);
    desk_put_opt_str(&j, "note", note);
    json_put_key_bool(&j, "ratified", ratified);
    json_put_object_end(&j);
    TRY(json_writer_end(c, &j));
    Glass g;
    {
        AUTO(DeskWriting) w = {0};
        TRY(desk_writing_begin(c, d->node, d, &w));
        TRY(glass_get(c, d, record, false, &g));
        TRY(ratify_check(c, d, &g));
        DeskDraft draft = {
            .kind = RECORD_GLASS_RATIFY, .has_of = true, .of = record, .body = buf_view(&body)};
        TRY(desk_record_add(c, &w, &draft, NULL));
    }
    TRY(desk_glass_open(c, d->node));
    TRY(glass_get(c, d, record, false, &g));
    return shown(c, d, &g, ret_glass);
}
