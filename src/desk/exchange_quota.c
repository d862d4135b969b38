// How much a peer may send in a day (of UTC): counted, refused, shown, and changed by who runs the
// node. What an administrator allows lies beside the peer's journal, on this node alone.
#include "desk/share_priv.h"

typedef struct Quota {
    int64_t records, bytes, messages;
} Quota;

static int64_t or_default(int64_t own, int64_t otherwise) {
    return own > 0 ? own : otherwise;
}

static Quota quota_of(const JournalPeer *j) {
    return (Quota){.records = or_default(j->quota_records, SYNC_QUOTA_RECORDS_DAY),
                   .bytes = or_default(j->quota_bytes, SYNC_QUOTA_BYTES_DAY),
                   .messages = or_default(j->quota_messages, SYNC_QUOTA_MESSAGES_DAY)};
}

// What came on the day of `now`.
static Quota today_of(const JournalPeer *j, int64_t now) {
    if (j->day != time_day(now))
        return (Quota){0};
    return (Quota){.records = j->records, .bytes = j->bytes, .messages = j->messages};
}

bool desk_quota_over(const JournalPeer *j, int64_t now) {
    return j->over_at > 0 && time_day(j->over_at) == time_day(now);
}

int64_t desk_quota_opens(int64_t now) {
    return (time_day(now) + 1) * TIME_DAY_US;
}

Err desk_quota_take(Ctx *c, DeskPeer *p, const SyncMessage *m, size_t bytes, int64_t now,
                    bool *ret_over) {
    Quota may = quota_of(&p->j), came = today_of(&p->j, now);
    if (came.messages + 1 > may.messages)
        return fail(c, E_LIMIT,
                    "%s sent more than it may in one day: it goes on at midnight UTC, or when an "
                    "administrator allows more (moei peer quota)",
                    p->name);
    int64_t records = came.records + (int64_t)m->opening_count;
    int64_t all = came.bytes + (int64_t)bytes;
    bool full = records > may.records || all > may.bytes;
    p->j.day = time_day(now);
    p->j.messages = came.messages + 1;
    p->j.bytes = full ? came.bytes : all;
    p->j.records = full ? came.records : records;
    // What is small counts on any day: that we take something back is acknowledged by it.
    *ret_over = full && (m->opening_count > 0 || m->tree_count > 0 || m->blob_count > 0);
    return OK;
}

Err desk_sync_over(Ctx *c, DeskNode *n, const CryptoHash *peer) {
    DeskPeer *p;
    TRY(ctx_alloc(c, sizeof *p, &p));
    TRY(desk_exchange_peer(c, n, peer, p));
    return fail(c, E_LIMIT,
                "%s sent more than it may in one day: its records are refused until midnight UTC, "
                "or until an administrator allows more (moei peer quota); what it says beside them "
                "counts",
                p->name);
}

// --- shown --------------------------------------------------------------------------------------

static void put_one(JsonWriter *w, const char *key, int64_t limit, int64_t today) {
    json_put_key(w, str_of(key));
    json_put_object_begin(w);
    json_put_key_i64(w, "limit", limit);
    json_put_key_i64(w, "today", today);
    json_put_object_end(w);
}

void desk_quota_put(JsonWriter *w, const JournalPeer *j, int64_t now) {
    Quota may = quota_of(j), came = today_of(j, now);
    bool full = desk_quota_over(j, now);
    json_put_object_begin(w);
    put_one(w, "bytes", may.bytes, came.bytes);
    json_put_key_bool(w, "full", full);
    put_one(w, "messages", may.messages, came.messages);
    desk_put_opt_time(w, "opens_at", full, desk_quota_opens(now));
    json_put_key_bool(w, "own",
                      j->quota_records > 0 || j->quota_bytes > 0 || j->quota_messages > 0);
    put_one(w, "records", may.records, came.records);
    desk_put_opt_time(w, "set_at", j->quota_at > 0, j->quota_at);
    desk_put_opt_str(w, "set_by", str_of(j->quota_by));
    json_put_object_end(w);
}

// How the link is, for who runs the node: no record, and nothing that is in one but the name of the
// agency.
static Err put_link(Ctx *c, DeskSlot *s, const DeskPeer *p, int64_t now, JsonWriter *w) {
    PictureAgency a = {0};
    Err e = picture_agency_get(c, s->picture, str_of(p->hex.text), &a);
    if (e != E_NOT_FOUND)
        TRY(e);
    json_put_object_begin(w);
    json_put_key_str(w, "agency", str_of(p->hex.text));
    json_put_key_bool(w, "connected", p->link.connected);
    json_put_key_str(w, "name", str_of(p->name));
    json_put_key(w, STR("quota"));
    desk_quota_put(w, &p->j, now);
    json_put_key_bool(w, "stopped", p->j.fault != JOURNAL_SOUND);
    desk_put_opt_str(w, "title", a.title);
    json_put_object_end(w);
    return OK;
}

static Err link_json(Ctx *c, DeskNode *n, const CryptoHash *agency, Buf *out) {
    DeskPeer p;
    AUTO(DeskReading) r = {0};
    TRY(desk_exchange_peer(c, n, agency, &p));
    TRY(desk_reading_machine(c, n, &r));
    JsonWriter w = json_writer_start(out);
    TRY(put_link(c, r.slot, &p, clock_now(n->env.clock), &w));
    return json_writer_end(c, &w);
}

// What may be said of any peer, and what counts where nothing is.
static void put_bounds(JsonWriter *w) {
    static const struct {
        const char *key;
        int64_t usual, max, min;
    } bounds[] = {
        {"bytes", SYNC_QUOTA_BYTES_DAY, SYNC_QUOTA_BYTES_DAY_MAX, SYNC_QUOTA_BYTES_DAY_MIN},
        {"messages", SYNC_QUOTA_MESSAGES_DAY, SYNC_QUOTA_MESSAGES_DAY_MAX,
         SYNC_QUOTA_MESSAGES_DAY_MIN},
        {"records", SYNC_QUOTA_RECORDS_DAY, SYNC_QUOTA_RECORDS_DAY_MAX, SYNC_QUOTA_RECORDS_DAY_MIN},
    };
    json_put_object_begin(w);
    for (size_t i = 0; i < COUNT_OF(bounds); i++) {
        json_put_key(w, str_of(bounds[i].key));
        json_put_object_begin(w);
        json_put_key_i64(w, "default", bounds[i].usual);
        json_put_key_i64(w, "max", bounds[i].max);
        json_put_key_i64(w, "min", bounds[i].min);
        json_put_object_end(w);
    }
    json_put_object_end(w);
}

Err desk_links_json(Ctx *c, const Desk *d, Buf *out) {
    TRY(desk_need(c, d, DESK_NODE_READ));
    DeskNode *n = d->node;
    DeskPeer *peers;
    size_t count;
    TRY(desk_exchange_peers(c, n, &peers, &count));
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key(&w, STR("bounds"));
    put_bounds(&w);
    json_put_key(&w, STR("keys"));
    TRY(desk_keys_put(c, n, &w));
    json_put_key(&w, STR("may"));
    json_put_array_begin(&w);
    if (desk_may(d, DESK_LINK_WRITE))
        json_put_str(&w, STR("link.write"));
    json_put_array_end(&w);
    json_put_key(&w, STR("peers"));
    json_put_array_begin(&w);
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_machine(c, n, &r));
    for (size_t i = 0; i < count; i++)
        if (peers[i].confirmed)
            TRY(put_link(c, r.slot, &peers[i], clock_now(n->env.clock), &w));
    json_put_array_end(&w);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

// --- changed ------------------------------------------------------------------------------------

static Err bounded(Ctx *c, const char *what, int64_t v, int64_t min, int64_t max) {
    if (v <= 0 || (v >= min && v <= max)) // 0: the default; less: as it is
        return OK;
    return fail(c, E_INVALID, "%s: a day's limit is from %lld to %lld", what, (long long)min,
                (long long)max);
}

// An administrator sees no records, and names peers all the same.
static Err find(Ctx *c, DeskNode *n, Str name, CryptoHash *ret_agency) {
    AUTO(DeskReading) r = {0};
    DeskParties p;
    const PicturePeer *peer;
    TRY(desk_reading_machine(c, n, &r));
    TRY(desk_parties(c, n, r.slot, &p));
    TRY(desk_peer_by_name(c, &p, name, &peer));
    if (str_eq_c(peer->state, "revoked"))
        return fail(c, E_STATE, "peer " STR_FMT " was revoked: it sends nothing",
                    STR_ARG(peer->name));
    if (!desk_unhex(peer->agency, ret_agency))
        return fail(c, E_CORRUPT, "a peer record names no agency");
    return OK;
}

static void set(int64_t *quota, int64_t v) {
    if (v >= 0)
        *quota = v;
}

static Err change(Ctx *c, const Desk *d, const CryptoHash *agency, const DeskQuotaDraft *q) {
    DeskPeer p;
    AUTO(DeskWriting) w = {0};
    TRY(desk_writing_begin(c, d->node, d, &w));
    TRY(desk_exchange_peer(c, d->node, agency, &p));
    set(&p.j.quota_records, q->records);
    set(&p.j.quota_bytes, q->bytes);
    set(&p.j.quota_messages, q->messages);
    p.j.quota_at = clock_now(d->node->env.clock);
    str_fit(p.j.quota_by, sizeof p.j.quota_by, d->name);
    p.j.over_at = 0; // the next message shows whether it is still too much
    p.waits = true;  // a call of it that waits is answered, and hears that
    TRY(desk_exchange_save(c, &w, &p));
    desk_bell_ring(&d->node->bell);
    return OK;
}

Err desk_peer_quota(Ctx *c, const Desk *d, Str peer, const DeskQuotaDraft *draft, Buf *out) {
    CryptoHash agency;
    TRY(desk_need(c, d, draft ? DESK_LINK_WRITE : DESK_NODE_READ));
    TRY(desk_exchange_fresh(c, d->node));
    TRY(find(c, d->node, peer, &agency));
    if (draft) {
        TRY(bounded(c, "records", draft->records, SYNC_QUOTA_RECORDS_DAY_MIN,
                    SYNC_QUOTA_RECORDS_DAY_MAX));
        TRY(bounded(c, "bytes", draft->bytes, SYNC_QUOTA_BYTES_DAY_MIN, SYNC_QUOTA_BYTES_DAY_MAX));
        TRY(bounded(c, "messages", draft->messages, SYNC_QUOTA_MESSAGES_DAY_MIN,
                    SYNC_QUOTA_MESSAGES_DAY_MAX));
        TRY(change(c, d, &agency, draft));
    }
    return link_json(c, d->node, &agency, out);
}
