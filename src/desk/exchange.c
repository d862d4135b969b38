// Links to other agencies: keys, who is a peer, and what is known of each in memory.
#include "desk/share_priv.h"

DeskHex desk_hex(const CryptoHash *agency) {
    static const char digits[] = "0123456789abcdef";
    DeskHex h = {{0}};
    for (size_t i = 0; i < sizeof agency->b; i++) {
        h.text[2 * i] = digits[agency->b[i] >> 4];
        h.text[2 * i + 1] = digits[agency->b[i] & 15];
    }
    return h;
}

bool desk_unhex(Str text, CryptoHash *ret_agency) {
    return hex_decode(text, ret_agency->b, sizeof ret_agency->b);
}

// What another agency showed us of our own log, and is still not here.
static Err open_ahead(Ctx *c, DeskNode *n) {
    Str text;
    int64_t ahead;
    Err e = desk_setting_get(c, n->local, STR("ahead"), &text);
    if (e == E_NOT_FOUND)
        return OK;
    TRY(e);
    if (str_to_i64(text, &ahead) && ahead > ledger_size(n->ledger, LEDGER_MAIN))
        n->exchange->ahead_size = ahead;
    return OK;
}

// --- open and close -----------------------------------------------------------------------------

Err desk_exchange_open(Ctx *c, DeskNode *n) {
    n->exchange = mem_alloc_zero(1, sizeof *n->exchange);
    if (!n->exchange || pthread_mutex_init(&n->exchange->lock, NULL) != 0)
        return fail(c, E_MEMORY, "no memory for the links to other agencies");
    n->exchange->made = true;
    n->exchange->stale = true;
    TRY(open_ahead(c, n));
    TRY(desk_recover_load(c, n));
    TRY(desk_link_key_open(c, n));
    TRY(desk_exchange_fresh(c, n));
    TRY(desk_link_key_switch(c, n));
    return desk_recover_resume(c, n);
}

void desk_exchange_close(DeskNode *n) {
    DeskExchange *x = n->exchange;
    if (!x)
        return;
    if (x->made)
        pthread_mutex_destroy(&x->lock);
    mem_free(x->peers);
    arena_done(&x->words);
    crypto_wipe(&x->link_key, sizeof x->link_key);
    mem_free(x);
    n->exchange = NULL;
}

void desk_exchange_touch(DeskNode *n) {
    if (n->exchange)
        atomic_store(&n->exchange->stale, true);
}

// --- who is a peer ------------------------------------------------------------------------------

static const PicturePeer *peer_named(const PicturePeer *items, size_t n, Str hex) {
    for (size_t i = 0; i < n; i++)
        if (str_eq(items[i].agency, hex))
            return &items[i];
    return NULL;
}

static const PictureLink *link_named(const PictureLink *items, size_t n, Str hex) {
    for (size_t i = 0; i < n; i++)
        if (str_eq(items[i].agency, hex))
            return &items[i];
    return NULL;
}

static void peer_fill(DeskPeer *p, const PicturePeer *said, const PictureLink *link) {
    p->confirmed = said && str_eq_c(said->state, "confirmed");
    p->revoked = said && str_eq_c(said->state, "revoked");
    p->relay = said && said->relay;
    str_fit(p->name, sizeof p->name, said ? said->name : (Str){0});
    // The address that the agency states itself counts, else the one of its card; that one before
    // what was stated when the card was confirmed.
    Str address = said ? said->address : (Str){0};
    if (link && link->address.n > 0 && (address.n == 0 || (int64_t)link->seq >= p->j.address_from))
        address = link->address;
    str_fit(p->address, sizeof p->address, address);
    p->has_key = link != NULL || p->j.has_card_key;
    // A key that a recovery statement named counts until a later `link` record is here.
    if (link && desk_link_counts(link, &p->j))
        memcpy(p->key.b, link->link_key, sizeof p->key.b);
    else
        p->key = p->j.card_key;
}

bool desk_peer_speaks(const DeskPeer *p, const CryptoPublicKey *key) {
    return (p->has_key && memcmp(key->b, p->key.b, sizeof key->b) == 0) ||
           (p->j.has_spoke_key && memcmp(key->b, p->j.spoke_key.b, sizeof key->b) == 0);
}

CryptoPublicKey desk_peer_key(const DeskPeer *p) {
    bool by_card = p->j.has_card_key && memcmp(p->j.card_key.b, p->key.b, sizeof p->key.b) == 0;
    return p->j.has_spoke_key && !by_card ? p->j.spoke_key : p->key;
}

static size_t peer_at(const DeskExchange *x, const CryptoHash *agency) {
    size_t i = 0;
    while (i < x->count && memcmp(x->peers[i].j.agency.b, agency->b, sizeof agency->b) != 0)
        i++;
    return i;
}

// What no longer goes to a flagged party is for the rule of flow to say.
static Err flags_read(Ctx *c, DeskNode *n, DeskSlot *s, const PicturePeer *said, size_t said_n) {
    DeskExchange *x = n->exchange;
    DeskFlagged flagged;
    TRY(desk_flagged_in(c, s, &flagged));
    for (size_t i = 0; i < x->count; i++) {
        DeskFlagSince since;
        Str hex = str_of(x->peers[i].hex.text);
        TRY(desk_flag_since(c, &flagged, s, peer_named(said, said_n, hex), hex, &since));
        pthread_mutex_lock(&x->lock);
        x->peers[i].flagged = since.flagged;
        x->peers[i].flagged_at = since.at;
        pthread_mutex_unlock(&x->lock);
    }
    return OK;
}

static Err peers_read(Ctx *c, DeskNode *n, DeskSlot *s) {
    DeskExchange *x = n->exchange;
    JournalPeer *rows;
    const PicturePeer *said;
    const PictureLink *links;
    size_t count, said_n, link_n;
    TRY(journal_peer_list(c, ledger_db(n->ledger), &rows, &count));
    TRY(picture_peer_list(c, s->picture, &said, &said_n));
    TRY(picture_link_list(c, s->picture, &links, &link_n));
    pthread_mutex_lock(&x->lock);
    Err e = mem_grow(c, &x->peers, &x->cap, count + 1, sizeof *x->peers);
    for (size_t i = 0; e == OK && i < count; i++) {
        size_t at = peer_at(x, &rows[i].agency);
        if (at == x->count) {
            x->peers[at] = (DeskPeer){.hex = desk_hex(&rows[i].agency), .lacks = true};
            x->count++;
        }
        DeskPeer *p = &x->peers[at];
        // What is in memory is newer than the row, but for what a card says; unless a group failed
        // behind its commit, and memory missed it.
        bool first = p->j.peer == 0;
        if (first || x->missed) {
            p->j = rows[i];
            p->lacks = true; // a document may be wanted since
        }
        if (first)
            e = desk_blob_asked_load(c, n, p);
        p->j.has_card_key = rows[i].has_card_key;
        p->j.card_key = rows[i].card_key;
        p->j.card_from = rows[i].card_from;
        p->j.address_from = rows[i].address_from;
        Str hex = str_of(p->hex.text);
        peer_fill(p, peer_named(said, said_n, hex), link_named(links, link_n, hex));
    }
    x->missed = x->missed && e != OK;
    pthread_mutex_unlock(&x->lock);
    return e == OK ? flags_read(c, n, s, said, said_n) : e;
}

void desk_exchange_missed(DeskNode *n, const DeskWriting *w, Err e) {
    if (e == OK || !w->committed)
        return;
    pthread_mutex_lock(&n->exchange->lock);
    n->exchange->missed = true;
    pthread_mutex_unlock(&n->exchange->lock);
    desk_exchange_touch(n);
}

Err desk_exchange_refresh(Ctx *c, DeskNode *n, DeskSlot *s) {
    DeskExchange *x = n->exchange;
    if (!atomic_exchange(&x->stale, false))
        return OK;
    Err e = peers_read(c, n, s);
    if (e == OK)
        e = desk_accords_read(c, n, s);
    if (e != OK)
        atomic_store(&x->stale, true);
    return e;
}

Err desk_exchange_fresh(Ctx *c, DeskNode *n) {
    if (!atomic_load(&n->exchange->stale))
        return OK;
    // Not desk_writing_begin: a node that is read-only has peers, too.
    pthread_mutex_lock(&n->write_lock);
    AUTO(DeskReading) r = {0};
    Err e = desk_reading_machine(c, n, &r);
    if (e == OK)
        e = desk_exchange_refresh(c, n, r.slot);
    pthread_mutex_unlock(&n->write_lock);
    return e;
}

// A copy of its row, where it is here and in this state.
static bool peer_copy(DeskNode *n, const CryptoHash *agency, bool revoked, DeskPeer *ret_peer) {
    DeskExchange *x = n->exchange;
    pthread_mutex_lock(&x->lock);
    size_t i = peer_at(x, agency);
    bool found = i < x->count && (revoked ? x->peers[i].revoked : x->peers[i].confirmed);
    if (found)
        *ret_peer = x->peers[i];
    pthread_mutex_unlock(&x->lock);
    return found;
}

Err desk_exchange_peer(Ctx *c, DeskNode *n, const CryptoHash *agency, DeskPeer *ret_peer) {
    DeskPeer was;
    if (peer_copy(n, agency, false, ret_peer))
        return OK;
    return fail(c, E_DENIED,
                peer_copy(n, agency, true, &was)
                    ? "this agency was revoked here, and nothing of it is taken: `moei peer add` "
                      "confirms it again"
                    : "this agency is no confirmed peer here, and nothing of it is taken: confirm "
                      "it by its card (`moei peer add`), then try again");
}

bool desk_exchange_revoked(DeskNode *n, const CryptoHash *agency, DeskPeer *ret_peer) {
    return peer_copy(n, agency, true, ret_peer);
}

void desk_exchange_publish(DeskNode *n, const DeskPeer *p) {
    DeskExchange *x = n->exchange;
    pthread_mutex_lock(&x->lock);
    size_t i = peer_at(x, &p->j.agency);
    if (i < x->count) {
        DeskLinkState link = x->peers[i].link; // that belongs to the driver
        x->peers[i] = *p;
        x->peers[i].link = link;
    }
    pthread_mutex_unlock(&x->lock);
}

Err desk_exchange_peers(Ctx *c, DeskNode *n, DeskPeer **ret_peers, size_t *ret_n) {
    DeskExchange *x = n->exchange;
    DeskPeer *peers;
    TRY(desk_exchange_fresh(c, n));
    pthread_mutex_lock(&x->lock);
    size_t count = x->count;
    Err e = ctx_alloc(c, (count + 1) * sizeof *peers, &peers);
    if (e == OK && count > 0)
        memcpy(peers, x->peers, count * sizeof *peers);
    pthread_mutex_unlock(&x->lock);
    TRY(e);
    *ret_peers = peers;
    *ret_n = count;
    return OK;
}

Err desk_exchange_meet(Ctx *c, DeskWriting *w, const SyncCard *card) {
    ASSERT(w->group);
    uint32_t log;
    JournalPeer p;
    bool fresh;
    Ledger *l = w->node->ledger;
    TRY(ledger_foreign_open(c, l, card->genesis, card->salt, &log));
    TRY(journal_peer_add(c, ledger_db(l), &card->agency, &p));
    TRY(desk_card_key(c, w->node, card, &p, &fresh));
    TRY(journal_peer_save(c, ledger_db(l), &p));
    // The genesis came with the card, not from the peer: the picture takes it up behind the commit.
    w->foreign = true;
    desk_exchange_touch(w->node);
    return OK;
}

// --- faults -------------------------------------------------------------------------------------

Err desk_exchange_save(Ctx *c, DeskWriting *w, DeskPeer *p) {
    TRY(desk_group_begin(c, w));
    TRY(journal_peer_save(c, ledger_db(w->node->ledger), &p->j));
    Err e = desk_group_commit(c, w);
    desk_exchange_missed(w->node, w, e);
    TRY(e);
    desk_exchange_publish(w->node, p);
    return OK;
}

void desk_exchange_fault(const DeskNode *n, JournalPeer *j, JournalFault fault, const char *words) {
    j->fault = fault;
    j->fault_at = clock_now(n->env.clock);
    str_fit(j->words, sizeof j->words, str_of(words));
}

Err desk_exchange_stop(Ctx *c, DeskWriting *w, DeskPeer *p, JournalFault fault, const char *words) {
    desk_exchange_fault(w->node, &p->j, fault, words);
    return desk_exchange_save(c, w, p);
}

Err desk_exchange_resume(Ctx *c, DeskWriting *w, const CryptoHash *agency) {
    DeskPeer p;
    {
        AUTO(DeskReading) r = {0};
        TRY(desk_reading_machine(c, w->node, &r));
        TRY(desk_exchange_refresh(c, w->node, r.slot));
    }
    TRY(desk_exchange_peer(c, w->node, agency, &p));
    if (p.j.fault == JOURNAL_SOUND)
        return fail(c, E_STATE, "the link with %s is not stopped", p.name);
    if (p.j.fault == JOURNAL_FORKED)
        return fail(c, E_STATE,
                    "%s showed two histories of its log: it is not taken from anybody any more. It "
                    "has to say with its recovery key which one counts",
                    p.name);
    p.j.fault = JOURNAL_SOUND;
    p.j.words[0] = 0;
    if (p.j.prove_since > 0) // it is asked anew
        p.j.prove_since = clock_now(w->node->env.clock);
    p.j.prove_silent = 0;
    TRY(desk_exchange_save(c, w, &p));
    desk_bell_ring(&w->node->bell);
    return OK;
}

// --- clocks -------------------------------------------------------------------------------------

Err desk_clock_check(Ctx *c, DeskNode *n) {
    DeskExchange *x = n->exchange;
    size_t spoke = 0, far = 0;
    pthread_mutex_lock(&x->lock); // not desk_exchange_peers: the caller may be the writer
    for (size_t i = 0; i < x->count; i++) {
        const DeskPeer *p = &x->peers[i];
        if (!p->confirmed || p->j.messages == 0)
            continue;
        spoke++;
        far += p->j.skew_us > SYNC_CLOCK_STOP_S * 1000000LL ||
               p->j.skew_us < -SYNC_CLOCK_STOP_S * 1000000LL;
    }
    pthread_mutex_unlock(&x->lock);
    if (2 * far <= spoke)
        return OK;
    return fail(c, E_STATE,
                "this node's clock differs by more than %d minutes from those of %zu of %zu other "
                "agencies: set it first, because the times of an order would not hold",
                SYNC_CLOCK_STOP_S / 60, far, spoke);
}

// --- for the driver of links --------------------------------------------------------------------

static bool peer_of_key(DeskNode *n, const CryptoPublicKey *key, bool revoked,
                        CryptoHash *ret_agency) {
    DeskExchange *x = n->exchange;
    bool found = false;
    pthread_mutex_lock(&x->lock);
    for (size_t i = 0; i < x->count && !found; i++) {
        const DeskPeer *p = &x->peers[i];
        found = (revoked ? p->revoked : p->confirmed) && desk_peer_speaks(p, key);
        if (found)
            *ret_agency = p->j.agency;
    }
    pthread_mutex_unlock(&x->lock);
    return found;
}

Err desk_link_peer(Ctx *c, DeskNode *n, const CryptoPublicKey *key, CryptoHash *ret_agency) {
    TRY(desk_exchange_fresh(c, n));
    return peer_of_key(n, key, false, ret_agency)
               ? OK
               : fail(c, E_DENIED, "this is the link key of no confirmed peer");
}

bool desk_link_revoked(DeskNode *n, const CryptoPublicKey *key, CryptoHash *ret_agency) {
    return peer_of_key(n, key, true, ret_agency);
}

Err desk_link_list(Ctx *c, DeskNode *n, const DeskLink **ret_links, size_t *ret_n) {
    DeskPeer *peers;
    DeskLink *links;
    size_t count, found = 0;
    TRY(desk_exchange_peers(c, n, &peers, &count));
    TRY(ctx_alloc(c, (count + 1) * sizeof *links, &links));
    for (size_t i = 0; i < count; i++) {
        DeskPeer *p = &peers[i];
        if (!p->confirmed || !p->has_key)
            continue;
        links[found++] = (DeskLink){.agency = p->j.agency,
                                    .key = p->key,
                                    .before = p->j.has_spoke_key ? p->j.spoke_key : p->key,
                                    .name = str_of(p->name),
                                    .address = str_of(p->address),
                                    .stopped = p->j.fault != JOURNAL_SOUND};
    }
    *ret_links = links;
    *ret_n = found;
    return OK;
}

void desk_link_state_set(DeskNode *n, const CryptoHash *peer, const DeskLinkState *state) {
    DeskExchange *x = n->exchange;
    pthread_mutex_lock(&x->lock);
    size_t i = peer_at(x, peer);
    if (i < x->count) {
        // A link that fails does not take away when it was heard last.
        int64_t heard = state->at_us ? state->at_us : x->peers[i].link.at_us;
        x->peers[i].link = *state;
        x->peers[i].link.at_us = heard;
    }
    pthread_mutex_unlock(&x->lock);
}

bool desk_sync_waits(DeskNode *n, const CryptoHash *peer) {
    DeskExchange *x = n->exchange;
    pthread_mutex_lock(&x->lock);
    size_t i = peer_at(x, peer);
    bool waits = i < x->count && x->peers[i].confirmed && x->peers[i].waits &&
                 x->peers[i].j.fault == JOURNAL_SOUND;
    pthread_mutex_unlock(&x->lock);
    return waits;
}
