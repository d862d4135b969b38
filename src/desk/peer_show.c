// The page Exchange: peers as they stand, what waits, and what is wrong, first.
#include "desk/share_priv.h"

// --- one peer -----------------------------------------------------------------------------------

typedef struct Shown {
    const Desk *d;
    DeskParties p;
    DeskFlagged flagged;
    const DeskPeer *states;
    size_t state_count;
    const JournalCosign *cosigned; // checkpoints of our own log
    size_t cosigned_count;
    int64_t now;
} Shown;

static Err shown_load(Ctx *c, const Desk *d, DeskSlot *s, Shown *ret_shown) {
    Shown v = {.d = d, .now = clock_now(d->node->env.clock)};
    DeskPeer *states;
    CryptoHash us;
    ASSERT(desk_unhex(str_of(d->node->agency_id), &us));
    TRY(desk_cosigns_of(c, d->node, &us, &v.cosigned, &v.cosigned_count));
    TRY(desk_exchange_peers(c, d->node, &states, &v.state_count));
    v.states = states;
    TRY(desk_flagged(c, d->node, &v.flagged));
    TRY(desk_parties(c, d->node, s, &v.p));
    *ret_shown = v;
    return OK;
}

static const DeskPeer *state_of(const Shown *v, Str agency) {
    for (size_t i = 0; i < v->state_count; i++)
        if (str_eq_c(agency, v->states[i].hex.text))
            return &v->states[i];
    return NULL;
}

static int64_t waits_ours(const DeskPeer *s) {
    return s && s->j.entries > s->j.told ? s->j.entries - s->j.told : 0;
}

static int64_t waits_theirs(const DeskPeer *s) {
    return s && s->j.ends > s->j.taken ? s->j.ends - s->j.taken : 0;
}

static bool stopped(const DeskPeer *s) {
    return s && s->j.fault != JOURNAL_SOUND;
}

// It was asked to prove a head of its log, and spoke on without.
static bool unproven(const DeskPeer *s) {
    return s && s->confirmed && !stopped(s) && s->j.prove_silent >= PROVE_SILENT_SHOWN;
}

static const char *day_text(int64_t day, char text[static TIME_TEXT_BYTES]) {
    time_format(day * TIME_DAY_US, text);
    text[10] = 0;
    return text;
}

// How the link is, in one line. Of who carries files the day is kept, and no more.
static Err state_words(Ctx *c, const PicturePeer *p, const DeskPeer *s, Str *ret_words) {
    char day[TIME_TEXT_BYTES];
    AUTO(Buf) b = {0};
    if (str_eq_c(p->state, "revoked"))
        buf_text(&b, "revoked: nothing goes to it, and nothing is taken from it");
    else if (s && s->j.fault == JOURNAL_FORKED)
        buf_format(&b, "two histories: nothing of it is taken any more (%s)", s->j.words);
    else if (s && s->j.fault == JOURNAL_FALSE)
        buf_format(&b, "stopped: %s", s->j.words);
    else if (s && s->link.failed_at > 0 && s->link.words[0])
        buf_text(&b, s->link.words);
    else if (s && s->j.refused)
        buf_text(&b, desk_refusal_words(s->j.refused));
    else if (s && s->link.connected)
        buf_text(&b, "connected");
    else if (s && s->link.at_us == 0 && s->j.day > 0)
        buf_format(&b, "heard last on %s (UTC)", day_text(s->j.day, day));
    else if (!s || s->link.at_us == 0)
        buf_text(&b, "confirmed by us, and not heard yet");
    else
        buf_text(&b, "not connected now");
    if (unproven(s))
        buf_text(&b, "; it does not prove that its log is one: ask it by telephone");
    if (waits_ours(s) > 0 && !str_eq_c(p->state, "revoked"))
        buf_format(&b, "; %lld of ours wait for it", (long long)waits_ours(s));
    if (waits_theirs(s) > 0)
        buf_format(&b, "; it has %lld more for us", (long long)waits_theirs(s));
    TRY(buf_check(c, &b));
    return str_copy(c, buf_view(&b), ret_words);
}

static Err put_head(Ctx *c, const Shown *v, const CryptoHash *agency, JsonWriter *w) {
    uint32_t log;
    LedgerCheckpoint cp;
    json_put_key(w, STR("head"));
    Err e = ledger_log_find(c, v->p.slot->ledger, agency, &log);
    if (e == OK)
        e = ledger_checkpoint(c, v->p.slot->ledger, log, &cp);
    if (e == E_NOT_FOUND) {
        json_put_null(w);
        return OK;
    }
    TRY(e);
    json_put_object_begin(w);
    json_put_key_i64(w, "size", cp.size);
    json_put_object_end(w);
    return OK;
}

// Which checkpoints of our own log it has signed as its witness.
static void put_cosigned(const Shown *v, const PicturePeer *p, const CryptoHash *agency,
                         JsonWriter *w) {
    json_put_key(w, STR("cosigned"));
    json_put_array_begin(w);
    for (size_t i = 0; i < v->cosigned_count; i++) {
        if (memcmp(v->cosigned[i].witness.b, agency->b, sizeof agency->b) != 0)
            continue;
        json_put_object_begin(w);
        desk_put_time(w, "at", v->cosigned[i].at);
        json_put_key_str(w, "by", p->agency);
        json_put_key_str(w, "name", p->name);
        json_put_key_i64(w, "size", v->cosigned[i].size);
        json_put_object_end(w);
    }
    json_put_array_end(w);
}

static CryptoPublicKey link_key_of(const PictureLink *link) {
    CryptoPublicKey key;
    memcpy(key.b, link->link_key, sizeof key.b);
    return key;
}

static void put_when(JsonWriter *w, const char *key, int64_t at_us) { // 0: never
    desk_put_opt_time(w, key, at_us != 0, at_us);
}

// Why it takes nothing of us, as it said last: by link since the node started, or by whatever way
// before. 0: it does not refuse.
static int refusal_of(const DeskPeer *s) {
    return !s ? 0 : s->link.refused ? s->link.refused : s->j.refused;
}

static Str refusal_name(const DeskPeer *s) {
    static const char *const names[] = {[SYNC_REFUSED_NOT_CONFIRMED] = "revoked",
                                        [SYNC_REFUSED_QUOTA] = "quota",
                                        [SYNC_REFUSED_TWO_HISTORIES] = "fork",
                                        [SYNC_REFUSED_MALFORMED] = "malformed",
                                        [SYNC_REFUSED_BUSY] = "busy",
                                        [SYNC_REFUSED_CLOCK] = "clock"};
    int code = refusal_of(s);
    bool known = code > 0 && (size_t)code < COUNT_OF(names) && names[code];
    return known ? str_of(names[code]) : (Str){0};
}

static Err put_peer(Ctx *c, const Shown *v, const PicturePeer *p, JsonWriter *w) {
    static const JournalPeer nobody;
    const DeskPeer *s = state_of(v, p->agency);
    PictureAgency a = {0};
    PictureLink link = {0};
    CryptoHash id;
    bool flagged;
    Str words;
    char fingerprint[SYNC_FINGERPRINT_TEXT_BYTES];
    Err e = picture_agency_get(c, v->p.slot->picture, p->agency, &a);
    if (e != E_NOT_FOUND)
        TRY(e);
    e = picture_link_get(c, v->p.slot->picture, p->agency, &link);
    if (e != E_NOT_FOUND)
        TRY(e);
    if (!desk_unhex(p->agency, &id))
        return fail(c, E_CORRUPT, "a peer record names no agency");
    TRY(desk_flag_agency(c, &v->flagged, &v->p, p->agency, &flagged));
    TRY(state_words(c, p, s, &words));
    CryptoPublicKey key = s && s->has_key ? desk_peer_key(s) : link_key_of(&link);
    sync_fingerprint(&id, &key, fingerprint);
    json_put_object_begin(w);
    desk_put_opt_str(w, "address", s ? str_of(s->address) : p->address);
    json_put_key_str(w, "agency", p->agency);
    put_when(w, "confirmed_at", p->since);
    json_put_key_bool(w, "connected", s && s->link.connected);
    put_cosigned(v, p, &id, w);
    desk_put_opt_str(w, "country", a.country);
    put_when(w, "failed_at", s ? s->link.failed_at : 0);
    json_put_key_str(w, "fingerprint", str_of(fingerprint));
    json_put_key_bool(w, "flagged", flagged);
    TRY(put_head(c, v, &id, w));
    desk_put_strs(w, "institutions", p->institutions, p->institution_count);
    desk_put_opt_str(w, "kind", a.agency_kind);
    json_put_key(w, STR("lag"));
    json_put_object_begin(w);
    json_put_key_i64(w, "ours", waits_ours(s));
    json_put_key_i64(w, "theirs", waits_theirs(s));
    json_put_object_end(w);
    put_when(w, "last_at", s ? s->link.at_us : 0);
    json_put_key_str(w, "name", p->name);
    json_put_key(w, STR("quota"));
    desk_quota_put(w, s ? &s->j : &nobody, v->now);
    desk_put_opt_str(w, "reason", p->reason);
    desk_put_opt_str(w, "refused", refusal_name(s));
    json_put_key_bool(w, "relay", p->relay);
    json_put_key_str(w, "state", p->state);
    json_put_key_bool(w, "stopped", stopped(s));
    desk_put_opt_str(w, "title", a.title);
    json_put_key_str(w, "words", words);
    json_put_object_end(w);
    return OK;
}

Err desk_peer_json(Ctx *c, const Desk *d, Str agency, Buf *out) {
    TRY(desk_need(c, d, DESK_EXCHANGE_READ));
    AUTO(DeskReading) r = {0};
    Shown v;
    const PicturePeer *peer;
    TRY(desk_reading_begin(c, d, &r));
    TRY(shown_load(c, d, r.slot, &v));
    TRY(desk_peer_by_name(c, &v.p, agency, &peer));
    JsonWriter w = json_writer_start(out);
    TRY(put_peer(c, &v, peer, &w));
    return json_writer_end(c, &w);
}

Err desk_peer_list_json(Ctx *c, const Desk *d, Buf *out) {
    TRY(desk_need(c, d, DESK_EXCHANGE_READ));
    AUTO(DeskReading) r = {0};
    Shown v;
    TRY(desk_reading_begin(c, d, &r));
    TRY(shown_load(c, d, r.slot, &v));
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key(&w, STR("items"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < v.p.peer_count; i++)
        TRY(put_peer(c, &v, &v.p.peers[i], &w));
    json_put_array_end(&w);
    desk_put_next(&w, (Str){0});
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

// --- alarms -------------------------------------------------------------------------------------

static void put_alarm(JsonWriter *w, Str agency, Str name, const char *what, Str words) {
    json_put_object_begin(w);
    json_put_key_str(w, "agency", agency);
    json_put_key_str(w, "name", name);
    json_put_key_str(w, "what", str_of(what));
    json_put_key_str(w, "words", words);
    json_put_object_end(w);
}

static Err peer_alarms(Ctx *c, const Shown *v, JsonWriter *w) {
    for (size_t i = 0; i < v->p.peer_count; i++) {
        const PicturePeer *p = &v->p.peers[i];
        const DeskPeer *s = state_of(v, p->agency);
        int64_t skew = !s ? 0 : s->j.skew_us < 0 ? -s->j.skew_us : s->j.skew_us;
        Str words;
        if (stopped(s)) {
            TRY(state_words(c, p, s, &words));
            put_alarm(w, p->agency, p->name, s->j.fault == JOURNAL_FORKED ? "fork" : "fault",
                      words);
        }
        int refused = s && s->confirmed ? refusal_of(s) : 0;
        if (refused && refused != SYNC_REFUSED_BUSY)
            put_alarm(w, p->agency, p->name, "refused", str_of(desk_refusal_words(refused)));
        if (unproven(s)) {
            Str at;
            TRY(desk_time_local(c, v->d->node, s->j.prove_since, &at));
            TRY(str_format(c, &words,
                           "another agency saw a head of its log that ours does not lead to, and "
                           "it has not proven since " STR_FMT
                           " that both are of one history. Ask it by telephone; after %d hours "
                           "the link stops",
                           STR_ARG(at), PROVE_SILENT_HOURS));
            put_alarm(w, p->agency, p->name, "unproven", words);
        }
        if (s && s->confirmed && desk_quota_over(&s->j, v->now)) {
            Str at;
            TRY(desk_time_local(c, v->d->node, desk_quota_opens(v->now), &at));
            TRY(str_format(c, &words,
                           "sent more than it may in one day: what comes is refused until " STR_FMT
                           ", or until an administrator allows more; nothing is lost",
                           STR_ARG(at)));
            put_alarm(w, p->agency, p->name, "quota", words);
        }
        if (skew > SYNC_CLOCK_WARN_S * 1000000LL) {
            TRY(str_format(c, &words, "its clock and ours differ by %lld minutes",
                           (long long)(skew / 60000000)));
            put_alarm(w, p->agency, p->name, "clock", words);
        }
    }
    return OK;
}

// A peer that went on by its recovery key. Whoever has the paper can say so: people ask.
static Err anew_alarms(Ctx *c, const Shown *v, JsonWriter *w) {
    for (size_t i = 0; i < v->p.peer_count; i++) {
        const PicturePeer *p = &v->p.peers[i];
        const LedgerStated *items;
        CryptoHash id;
        SyncRecovery said;
        size_t n;
        Str at, words;
        if (!desk_unhex(p->agency, &id))
            return fail(c, E_CORRUPT, "a peer record names no agency");
        TRY(ledger_statement_list(c, v->p.slot->ledger, &id, &items, &n));
        if (n == 0 || v->now - items[n - 1].at_us > PEER_ANEW_DAYS * TIME_DAY_US)
            continue;
        TRY(sync_recover_parse(c, items[n - 1].statement, &said));
        TRY(desk_time_local(c, v->d->node, said.at_us, &at));
        TRY(str_format(c, &words,
                       "went on by its recovery key on " STR_FMT ", because %s: its log counts up "
                       "to record %lld, and what came after that was let go of. Ask by telephone "
                       "whether it was they; if it was not, revoke it",
                       STR_ARG(at),
                       said.reason == SYNC_COMPROMISED ? "its keys were stolen"
                                                       : "records were lost",
                       (long long)said.good_size));
        put_alarm(w, p->agency, p->name, "anew", words);
    }
    return OK;
}

// Logs with two histories that belong to no peer of ours.
static Err fork_alarms(Ctx *c, const Shown *v, JsonWriter *w) {
    const PictureFork *items;
    size_t n;
    TRY(picture_fork_list(c, v->p.slot->picture, &items, &n));
    for (size_t i = 0; i < n; i++) {
        Str name;
        if (stopped(state_of(v, items[i].whose)))
            continue;
        TRY(desk_agency_name(c, &v->p, items[i].whose, &name));
        put_alarm(w, items[i].whose, name, "fork",
                  str_eq_c(items[i].why, "two_roots")
                      ? STR("its log shows two histories: nothing of it is taken any more")
                      : STR("it could not prove that its log only grew"));
    }
    return OK;
}

static Err back_alarms(Ctx *c, const Shown *v, JsonWriter *w) {
    DeskBacks late;
    TRY(desk_backs_overdue(c, &v->p, &late));
    for (size_t i = 0; i < late.n; i++)
        for (size_t k = 0; k < late.items[i].from_count; k++) {
            const PictureTarget *t = &late.items[i].from[k];
            Str name, words;
            char id[RECORD_ID_TEXT_BYTES];
            if (t->has_let_go)
                continue;
            record_id_text(late.items[i].record, id);
            TRY(desk_agency_name(c, &v->p, t->agency, &name));
            TRY(str_format(c, &words, "has not let go of record %s, which was %s", id,
                           str_eq_c(str_of(late.items[i].what), "erase") ? "erased"
                                                                         : "taken back"));
            put_alarm(w, t->agency, name, "retraction", words);
        }
    return OK;
}

Err desk_exchange_json(Ctx *c, const Desk *d, Buf *out) {
    TRY(desk_need(c, d, DESK_EXCHANGE_READ));
    AUTO(DeskReading) r = {0};
    Shown v;
    CryptoHash us;
    char fingerprint[SYNC_FINGERPRINT_TEXT_BYTES];
    int64_t waiting = 0;
    TRY(desk_reading_begin(c, d, &r));
    TRY(shown_load(c, d, r.slot, &v));
    ASSERT(desk_unhex(str_of(d->node->agency_id), &us));
    sync_fingerprint(&us, &d->node->exchange->link_public, fingerprint);
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key_str(&w, "agency", str_of(d->node->agency_id));
    json_put_key(&w, STR("alarms"));
    json_put_array_begin(&w);
    TRY(peer_alarms(c, &v, &w));
    TRY(anew_alarms(c, &v, &w));
    TRY(fork_alarms(c, &v, &w));
    TRY(back_alarms(c, &v, &w));
    json_put_array_end(&w);
    json_put_key_str(&w, "fingerprint", str_of(fingerprint));
    json_put_key(&w, STR("may"));
    json_put_array_begin(&w);
    if (desk_may(d, DESK_PEER_WRITE))
        json_put_str(&w, STR("peer.write"));
    json_put_array_end(&w);
    json_put_key(&w, STR("peers"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < v.p.peer_count; i++) {
        TRY(put_peer(c, &v, &v.p.peers[i], &w));
        waiting += waits_ours(state_of(&v, v.p.peers[i].agency));
    }
    json_put_array_end(&w);
    LedgerCheckpoint head = {0};
    Err e = ledger_checkpoint(c, r.slot->ledger, LEDGER_MAIN, &head);
    if (e != E_NOT_FOUND)
        TRY(e);
    json_put_key_i64(&w, "size", head.size);
    json_put_key_i64(&w, "waiting", waiting);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}
