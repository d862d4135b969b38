// Peers: the agencies that we exchange with, confirmed by people who compared a fingerprint.
#include "desk/share_priv.h"

// --- our card -----------------------------------------------------------------------------------

// The tree size from which our present log key signs; 0: it is the genesis' own.
static Err key_since(Ctx *c, DeskSlot *s, int64_t *ret_from) {
    LedgerCheckpoint cp;
    int64_t from = 0, next;
    TRY(ledger_checkpoint(c, s->ledger, LEDGER_MAIN, &cp));
    for (;;) {
        TRY(ledger_key_next(c, s->ledger, LEDGER_MAIN, from, &next));
        if (next > cp.size)
            break;
        from = next;
    }
    *ret_from = from;
    return OK;
}

// The key of the genesis as long as it is here, else the newest.
static Err card_key(Ctx *c, DeskNode *n, const CryptoPublicKey *first, CryptoSignKey *ret_key) {
    CryptoSignKey *keys;
    size_t count;
    desk_local_lock(n);
    Err e = desk_log_key_list(c, n->local, &keys, &count);
    desk_local_unlock(n);
    TRY(e);
    *ret_key = keys[0];
    for (size_t i = 0; i < count; i++) {
        CryptoPublicKey public = crypto_sign_key_public(&keys[i]);
        if (memcmp(public.b, first->b, sizeof first->b) == 0)
            *ret_key = keys[i];
    }
    crypto_wipe(keys, count * sizeof *keys);
    return OK;
}

static Err card_write(Ctx *c, DeskNode *n, DeskSlot *s, SyncCard *card, Buf *out) {
    LedgerItem genesis;
    PictureLink link;
    DeskLinkIdentity me;
    CryptoSignKey key;
    CryptoPublicKey first;
    TRY(ledger_get(c, s->ledger, (LedgerPlace){LEDGER_MAIN, 0}, &genesis));
    *card = (SyncCard){.genesis = genesis.envelope};
    memcpy(card->salt, genesis.salt, sizeof card->salt);
    Err e = picture_link_get(c, s->picture, str_of(n->agency_id), &link);
    if (e != E_NOT_FOUND)
        TRY(e);
    card->address = e == OK ? link.address : (Str){0};
    TRY(desk_link_identity(c, n, &me));
    card->agency = me.agency;
    card->link_key = crypto_sign_key_public(&me.link_key);
    crypto_wipe(&me, sizeof me);
    TRY(key_since(c, s, &card->from_size));
    TRY(ledger_log_key(c, s->ledger, LEDGER_MAIN, 1, &first));
    TRY(card_key(c, n, &first, &key));
    CryptoPublicKey public = crypto_sign_key_public(&key);
    if (memcmp(public.b, first.b, sizeof first.b) == 0)
        card->from_size = 0; // whoever has the genesis can check it
    e = sync_card_write(c, card, &key, out);
    crypto_wipe(&key, sizeof key);
    return e;
}

static Err own_card(Ctx *c, const Desk *d, SyncCard *card, Buf *out) {
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_machine(c, d->node, &r)); // a card is no secret of ours
    return card_write(c, d->node, r.slot, card, out);
}

Err desk_card_json(Ctx *c, const Desk *d, Buf *out) {
    TRY(desk_need(c, d, DESK_EXCHANGE_READ));
    AUTO(Buf) text = {0}, svg = {0};
    SyncCard card;
    char fingerprint[SYNC_FINGERPRINT_TEXT_BYTES];
    TRY(own_card(c, d, &card, &text));
    TRY(format_qr_svg(c, buf_view(&text), d->node->name, &svg));
    sync_fingerprint(&card.agency, &card.link_key, fingerprint);
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    desk_put_opt_str(&w, "address", card.address);
    json_put_key_str(&w, "agency", str_of(d->node->agency_id));
    json_put_key_str(&w, "card", buf_view(&text));
    json_put_key_str(&w, "fingerprint", str_of(fingerprint));
    json_put_key_str(&w, "qr_svg", buf_view(&svg));
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

Err desk_card_qr_text(Ctx *c, const Desk *d, Buf *out) {
    TRY(desk_need(c, d, DESK_EXCHANGE_READ));
    AUTO(Buf) text = {0};
    SyncCard card;
    TRY(own_card(c, d, &card, &text));
    return format_qr_text(c, buf_view(&text), out);
}

// --- another's card -----------------------------------------------------------------------------

static bool is_card(Str text) {
    return str_starts(str_trim(text), STR("MOEI1-"));
}

// Anybody could put a later key of his own on a card with another's genesis: it counts only where
// the log that is here names it.
static Err card_key_check(Ctx *c, DeskSlot *s, const SyncCard *card) {
    uint32_t log;
    CryptoPublicKey key;
    AUTO(Ctx) quiet;
    ctx_init(&quiet);
    if (card->from_size == 0 ||
        (ledger_log_find(&quiet, s->ledger, &card->agency, &log) == OK &&
         ledger_log_key(&quiet, s->ledger, log, card->from_size, &key) == OK &&
         memcmp(key.b, card->signed_by.b, sizeof key.b) == 0))
        return OK;
    return fail(
        c, E_CRYPTO,
        "this card is signed by a later key than that of the agency's genesis, and no record "
        "that is here names it: take a bundle of the agency in first, or ask for a card by "
        "its first key");
}

// What a card claims, by flags and by what is known of it.
static Err card_flagged(Ctx *c, DeskNode *n, const SyncCard *card, bool *ret_flagged) {
    DeskFlagged flagged;
    DeskHex hex = desk_hex(&card->agency);
    Str texts[] = {str_of(hex.text), card->name, card->title};
    TRY(desk_flagged(c, n, &flagged));
    *ret_flagged = desk_flag_names(&flagged, texts, COUNT_OF(texts));
    return OK;
}

Err desk_card_look_json(Ctx *c, const Desk *d, Str card_text, Buf *out) {
    TRY(desk_need(c, d, DESK_EXCHANGE_READ));
    SyncCard card;
    bool flagged;
    char fingerprint[SYNC_FINGERPRINT_TEXT_BYTES];
    AUTO(DeskReading) r = {0};
    DeskParties p;
    TRY(desk_reading_begin(c, d, &r));
    TRY(sync_card_read(c, &r.slot->json, card_text, &card));
    TRY(card_key_check(c, r.slot, &card));
    TRY(card_flagged(c, d->node, &card, &flagged));
    TRY(desk_parties(c, d->node, r.slot, &p));
    DeskHex hex = desk_hex(&card.agency);
    const PicturePeer *known = desk_peer_by_id(&p, str_of(hex.text));
    sync_fingerprint(&card.agency, &card.link_key, fingerprint);
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    desk_put_opt_str(&w, "address", card.address);
    json_put_key_str(&w, "agency", str_of(hex.text));
    json_put_key_str(&w, "country", card.country);
    json_put_key_str(&w, "fingerprint", str_of(fingerprint));
    json_put_key_bool(&w, "flagged", flagged);
    json_put_key_str(&w, "kind", card.agency_kind);
    if (str_eq(str_of(hex.text), str_of(d->node->agency_id)))
        json_put_key_str(&w, "known", STR("self"));
    else
        desk_put_opt_str(&w, "known", known ? known->state : (Str){0});
    json_put_key_str(&w, "name", card.name);
    json_put_key_str(&w, "title", card.title);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

// --- confirm and revoke -------------------------------------------------------------------------

typedef struct PeerNew {
    Str agency, name, state, address, reason;
    const Str *institutions;
    size_t institution_count;
    bool relay;
} PeerNew;

static Err body_of(Ctx *c, const PeerNew *p, Buf *out) {
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    desk_put_opt_str(&w, "address", p->address);
    json_put_key_str(&w, "agency", p->agency);
    desk_put_strs(&w, "institutions", p->institutions, p->institution_count);
    json_put_key_str(&w, "name", p->name);
    desk_put_opt_str(&w, "reason", p->reason);
    json_put_key_bool(&w, "relay", p->relay);
    json_put_key_str(&w, "state", p->state);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

static Err name_check(Ctx *c, const DeskParties *p, const PeerNew *new_one) {
    if (!desk_petname_valid(new_one->name))
        return fail(c, E_INVALID,
                    "name: 1 to %d of a to z, A to Z, digits, hyphens, dots, such as mm-centre",
                    PETNAME_BYTES_MAX);
    bool taken = str_eq(new_one->name, p->node->agency);
    for (size_t i = 0; i < p->peer_count; i++)
        taken |= str_eq(p->peers[i].name, new_one->name) &&
                 str_eq_c(p->peers[i].state, "confirmed") &&
                 !str_eq(p->peers[i].agency, new_one->agency);
    for (size_t i = 0; i < p->accord_count; i++)
        taken |= str_eq(p->accords[i].name, new_one->name);
    return taken ? fail(c, E_EXISTS,
                        "\"" STR_FMT "\" is the name of another peer or accord: give a free one by "
                        "--name",
                        STR_ARG(new_one->name))
                 : OK;
}

static Err institutions_typed(Ctx *c, const DeskNode *n, const DeskPeerDraft *d, PeerNew *p) {
    if (d->institution_count > PEER_INSTITUTIONS_MAX)
        return fail(c, E_LIMIT, "at most %d institutions", PEER_INSTITUTIONS_MAX);
    for (size_t i = 0; i < d->institution_count; i++) {
        Str one = d->institutions[i];
        Str country = {one.p, 2}, code = {one.p + 3, one.n > 3 ? one.n - 3 : 0};
        if (one.n < 4 || one.p[2] != '/' || !format_country_known(n->tables, country) ||
            !format_institution_find(n->tables, country, code))
            return fail(c, E_INVALID,
                        "institution: \"" STR_FMT "\" is not in the table of institutions: write "
                        "country/code, such as TH/004",
                        STR_ARG(one));
    }
    return desk_to_of(c, d->institutions, d->institution_count, &p->institutions,
                      &p->institution_count);
}

// A peer that is here: what is given changes, the rest stays.
static Err peer_changed(Ctx *c, const DeskParties *p, const DeskPeerDraft *d, PeerNew *ret_new) {
    const PicturePeer *peer;
    TRY(desk_peer_by_name(c, p, d->card, &peer));
    *ret_new = (PeerNew){.agency = peer->agency,
                         .name = d->name.n ? str_trim(d->name) : peer->name,
                         .state = STR("confirmed"),
                         .address = peer->address,
                         .relay = d->relay || peer->relay,
                         .institutions = peer->institutions,
                         .institution_count = peer->institution_count};
    return OK;
}

// The card of a peer that is here: what is not given stays as it is, it goes by the same name, and
// is called at the address of the card, but for that of an old one.
static Err card_again(Ctx *c, const DeskParties *p, const DeskPeerDraft *d, const SyncCard *card,
                      PeerNew *n) {
    JournalPeer row;
    bool fresh;
    const PicturePeer *peer = desk_peer_by_id(p, n->agency);
    if (!peer || !str_eq_c(peer->state, "confirmed"))
        return OK;
    if (str_trim(d->name).n == 0)
        n->name = peer->name;
    n->institutions = peer->institutions;
    n->institution_count = peer->institution_count;
    n->relay |= peer->relay;
    TRY(journal_peer_find(c, ledger_db(p->node->ledger), &card->agency, &row));
    TRY(desk_card_key(c, p->node, card, &row, &fresh));
    if (!fresh || card->address.n == 0)
        n->address = peer->address;
    return OK;
}

static bool as_before(const DeskParties *p, const PeerNew *n) {
    const PicturePeer *peer = desk_peer_by_id(p, n->agency);
    bool same = peer && str_eq(peer->state, n->state) && str_eq(peer->name, n->name) &&
                str_eq(peer->address, n->address) && peer->relay == n->relay &&
                peer->institution_count == n->institution_count;
    for (size_t i = 0; same && i < n->institution_count; i++)
        same = str_eq(peer->institutions[i], n->institutions[i]);
    return same;
}

static Err peer_typed(Ctx *c, const DeskParties *p, const DeskPeerDraft *d, SyncCard *card,
                      PeerNew *n) {
    bool flagged = false;
    if (is_card(d->card)) {
        TRY(sync_card_read(c, &p->slot->json, d->card, card));
        TRY(card_key_check(c, p->slot, card));
        DeskHex hex = desk_hex(&card->agency);
        *n = (PeerNew){.name = str_trim(d->name.n ? d->name : card->name),
                       .state = STR("confirmed"),
                       .address = card->address,
                       .relay = d->relay};
        TRY(str_copy(c, str_of(hex.text), &n->agency));
        TRY(card_again(c, p, d, card, n));
        TRY(card_flagged(c, p->node, card, &flagged));
    } else {
        TRY(peer_changed(c, p, d, n));
    }
    DeskFlagged f;
    bool named; // by what we call it, too
    TRY(desk_flagged(c, p->node, &f));
    TRY(desk_flag_agency(c, &f, p, n->agency, &named));
    flagged |= named || desk_flag_names(&f, &n->name, 1);
    if (str_eq(n->agency, str_of(p->node->agency_id)))
        return fail(c, E_DENIED, "this is our own card");
    if (flagged)
        return fail(c, E_DENIED,
                    "this party is flagged: it gets no confirmation (`moei peer flag` shows why)");
    if (d->institution_count > 0)
        TRY(institutions_typed(c, p->node, d, n));
    if (!desk_peer_by_id(p, n->agency) && p->peer_count >= PEERS_MAX)
        return fail(c, E_LIMIT, "at most %d peers", PEERS_MAX);
    return name_check(c, p, n);
}

// `n` may be NULL: the card alone is new.
static Err peer_write(Ctx *c, DeskWriting *w, const PeerNew *n, const SyncCard *card) {
    AUTO(Buf) body = {0};
    if (n)
        TRY(body_of(c, n, &body));
    DeskDraft draft = {.kind = RECORD_PEER, .body = buf_view(&body)};
    TRY(desk_group_begin(c, w));
    if (card)
        TRY(desk_exchange_meet(c, w, card));
    if (n)
        TRY(desk_group_add(c, w, &draft, NULL));
    return desk_group_commit(c, w);
}

Err desk_peer_add(Ctx *c, const Desk *d, const DeskPeerDraft *draft, Buf *out) {
    TRY(desk_need(c, d, DESK_PEER_WRITE));
    PeerNew new_one;
    {
        AUTO(DeskWriting) w = {0};
        AUTO(DeskReading) r = {0};
        DeskParties p;
        SyncCard card = {0};
        TRY(desk_writing_begin(c, d->node, d, &w));
        TRY(desk_reading_begin(c, d, &r));
        TRY(desk_parties(c, d->node, r.slot, &p));
        TRY(peer_typed(c, &p, draft, &card, &new_one));
        // Confirmed twice is confirmed once.
        TRY(peer_write(c, &w, as_before(&p, &new_one) ? NULL : &new_one,
                       is_card(draft->card) ? &card : NULL));
    }
    desk_exchange_touch(d->node);
    return desk_peer_json(c, d, new_one.agency, out);
}

Err desk_peer_revoke(Ctx *c, const Desk *d, Str name, Str reason, Buf *out) {
    TRY(desk_need(c, d, DESK_PEER_WRITE));
    if (str_trim(reason).n == 0)
        return fail(c, E_INVALID, "say why (--reason): it is kept");
    TRY(desk_words(c, "reason", reason, DESK_NOTE_BYTES_MAX, &reason));
    Str agency;
    {
        AUTO(DeskWriting) w = {0};
        AUTO(DeskReading) r = {0};
        DeskParties p;
        const PicturePeer *peer;
        TRY(desk_writing_begin(c, d->node, d, &w));
        TRY(desk_reading_begin(c, d, &r));
        TRY(desk_parties(c, d->node, r.slot, &p));
        TRY(desk_peer_by_name(c, &p, name, &peer));
        if (str_eq_c(peer->state, "revoked"))
            return fail(c, E_STATE, "peer " STR_FMT " was revoked already", STR_ARG(peer->name));
        PeerNew n = {.agency = peer->agency,
                     .name = peer->name,
                     .state = STR("revoked"),
                     .address = peer->address,
                     .reason = reason,
                     .relay = peer->relay,
                     .institutions = peer->institutions,
                     .institution_count = peer->institution_count};
        TRY(peer_write(c, &w, &n, NULL));
        agency = peer->agency;
    }
    desk_exchange_touch(d->node);
    return desk_peer_json(c, d, agency, out);
}

Err desk_peer_resume(Ctx *c, const Desk *d, Str name, Buf *out) {
    TRY(desk_need(c, d, DESK_PEER_WRITE));
    CryptoHash agency;
    TRY(desk_peer_find(c, d, name, &agency));
    {
        AUTO(DeskWriting) w = {0};
        TRY(desk_writing_begin(c, d->node, d, &w));
        TRY(desk_exchange_resume(c, &w, &agency));
    }
    desk_exchange_touch(d->node);
    DeskHex hex = desk_hex(&agency);
    return desk_peer_json(c, d, str_of(hex.text), out);
}

Err desk_peer_find(Ctx *c, const Desk *d, Str name, CryptoHash *ret_agency) {
    TRY(desk_need(c, d, DESK_EXCHANGE_READ));
    AUTO(DeskReading) r = {0};
    DeskParties p;
    const PicturePeer *peer;
    TRY(desk_reading_begin(c, d, &r));
    TRY(desk_parties(c, d->node, r.slot, &p));
    TRY(desk_peer_by_name(c, &p, name, &peer));
    if (!desk_unhex(peer->agency, ret_agency))
        return fail(c, E_CORRUPT, "a peer record names no agency");
    return OK;
}
