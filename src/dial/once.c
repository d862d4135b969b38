// One exchange with one peer, here and now.
#include "dial/dial_priv.h"

#include <time.h>

static Err find_link(Ctx *c, DeskNode *node, const CryptoHash *agency, DeskLink *ret_link) {
    const DeskLink *links;
    size_t n;
    TRY(desk_link_list(c, node, &links, &n));
    for (size_t i = 0; i < n; i++) {
        if (memcmp(links[i].agency.b, agency->b, sizeof agency->b) != 0)
            continue;
        if (links[i].stopped)
            return fail(c, E_STATE, "the link with " STR_FMT " is stopped; see `moei peer list`",
                        STR_ARG(links[i].name));
        if (!links[i].address.n)
            return fail(c, E_STATE, STR_FMT " has no address: it calls this node, or takes bundles",
                        STR_ARG(links[i].name));
        *ret_link = links[i];
        return OK;
    }
    return fail(c, E_NOT_FOUND, "no confirmed peer of this name");
}

typedef struct Turn {
    uint32_t bytes; // of a message
    bool brief;     // the last answer brought records, and is acknowledged first
    bool bare;      // the peer takes no more of our records today,
    int refused;    // as it says by this code,
    bool over;      // or we none of its
    bool more;      // there is more to say or to hear
    uint64_t left;  // of the peer's for us
    DialResult result;
} Turn;

// One request and its answer.
static Err one(Ctx *c, DeskNode *node, const DeskLink *link, DialCall *call, Turn *turn) {
    DialResult *result = &turn->result;
    DeskSyncAsk ask = {.bytes_max = turn->bytes,
                       .answer_max = turn->bytes,
                       .wants_answer = true,
                       .brief = turn->brief,
                       .bare = turn->bare};
    DeskSyncTaken taken = {.gap_at = UINT64_MAX};
    buf_clear(&call->message);
    TRY(desk_sync_make(c, node, &link->agency, &ask, &call->message, &call->news));
    TRY(dial_call_begin(c, call, link, 0));
    TRY(dial_call_end(c, call, curl_easy_perform(call->curl)));
    result->messages++;
    if (call->answer.n)
        TRY(desk_sync_take(c, node, &link->agency, buf_view(&call->answer), &taken));
    if (taken.refused_us && !taken.bare)
        return fail(c, E_DENIED, STR_FMT ": %s", STR_ARG(link->name),
                    desk_refusal_words(taken.refused_us));
    result->fresh += taken.fresh;
    result->known += taken.known;
    if (dial_call_took_us(call) < DIAL_SLOW_US)
        turn->bytes = dial_bytes_more(turn->bytes);
    turn->brief = taken.fresh > 0;
    turn->left = taken.left;
    turn->bare = taken.bare;
    turn->refused = taken.refused_us;
    turn->over = turn->over || taken.over;
    turn->more = call->news || taken.fresh > 0 || (taken.more && !turn->bare);
    return OK;
}

// What was too much for one day waits, on either side: said when all else has come and gone.
static Err too_much(Ctx *c, DeskNode *node, const DeskLink *link, const Turn *turn) {
    if (turn->bare)
        return fail(c, E_DENIED, STR_FMT ": %s", STR_ARG(link->name),
                    desk_refusal_words(turn->refused));
    return turn->over ? desk_sync_over(c, node, &link->agency) : OK;
}

// What came is folded while the peer makes its next message, and while that one is taken.
typedef struct Ticking {
    DeskNode *node;
    pthread_t thread;
    Ctx c;
    Err e;
} Ticking;

static void *tick(void *self) {
    Ticking *t = self;
    int64_t next_us;
    t->e = desk_exchange_tick(&t->c, t->node, &next_us);
    return NULL;
}

// One message and, beside it or before it, a tick: what came may have to be answered.
static Err one_and_tick(Ctx *c, DeskNode *node, const DeskLink *link, DialCall *call, Turn *turn) {
    AUTO(Ctx) beside = {0};
    Ticking t = {.node = node};
    bool threaded = turn->brief && pthread_create(&t.thread, NULL, tick, &t) == 0;
    if (!threaded)
        tick(&t);
    Err e = threaded || t.e == OK ? one(c, node, link, call, turn) : OK;
    if (threaded)
        pthread_join(t.thread, NULL);
    beside = t.c;
    TRY(e);
    return t.e == OK ? OK : fail(c, t.e, "%s", beside.error);
}

static Err once(Ctx *c, DeskNode *node, const DeskLink *link, DeskProgress progress,
                DialResult *result, bool *ret_again) {
    AUTO(DialOwnOpen) own = {.certificate_fd = -1, .key_fd = -1};
    AUTO(DialCallOpen) call = {0};
    // The arena of each message is its own: a long exchange is no larger than a short one.
    AUTO(Ctx) each = {0};
    DeskLinkIdentity identity;
    Turn turn = {.bytes = SYNC_MESSAGE_BYTES_MIN, .more = true};
    TRY(dial_own_open(c, &own));
    TRY(desk_link_identity(c, node, &identity));
    Err e = dial_own_set(c, &own, &identity.link_key);
    crypto_wipe(&identity, sizeof identity);
    TRY(e);
    TRY(dial_call_open(c, &own, &call));
    for (int i = 0; turn.more && i < DIAL_ONCE_MESSAGES_MAX; i++) {
        e = one_and_tick(&each, node, link, &call, &turn);
        if (e != OK) {
            DialStatement s = {
                .node = node, .own = &own, .link = link, .other_key = call.other_key};
            // A recovery statement may be why, and then the next try goes through.
            if (turn.result.messages == 0 && (call.other_key || call.no_word))
                TRY(dial_statement(c, &s, ret_again));
            return fail(c, e, "%s", each.error);
        }
        turn.more = turn.more || (!turn.bare && desk_sync_waits(node, &link->agency));
        ctx_reset(&each);
        uint64_t came = turn.result.fresh + turn.result.known;
        if (progress.step && !progress.step(progress.self, "exchanging", came, came + turn.left))
            return fail(c, E_CANCELLED, "stopped: what came and went so far stays");
    }
    TRY(too_much(c, node, link, &turn));
    *result = turn.result;
    result->waits = desk_sync_waits(node, &link->agency);
    return OK;
}

Err dial_once(Ctx *c, DeskNode *node, const CryptoHash *agency, DeskProgress progress,
              DialResult *ret_result) {
    DeskLink link;
    DialResult result = {0};
    if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK)
        return fail(c, E_MEMORY, "no memory for a call to a peer");
    Err e = OK;
    // The first may end with a recovery statement that is brought or taken: it is looked at by the
    // peer behind the end of the connection, so a moment is given to it.
    bool again = true;
    for (int tries = 0; again && tries < 3; tries++) {
        again = false;
        struct timespec moment = {.tv_nsec = tries * 400000000L};
        nanosleep(&moment, NULL);
        TRY(find_link(c, node, agency, &link));
        e = once(c, node, &link, progress, &result, &again);
    }
    DeskLinkState state = {.connected = false, .at_us = desk_now(node)};
    if (e != OK) {
        state = (DeskLinkState){.failed_at = desk_now(node)};
        str_fit(state.words, sizeof state.words, str_of(c->error));
    }
    desk_link_state_set(node, agency, &state);
    TRY(e);
    *ret_result = result;
    return OK;
}
