// Orders between nodes: which peer answers for the addressee, and what goes along with an act.
#include "desk/act_priv.h"

// --- whose it is --------------------------------------------------------------------------------

Err desk_order_agency(Ctx *c, const DeskNode *n, DeskSlot *s, Str agency, Str *ret_name) {
    PicturePeer peer;
    PictureAgency genesis;
    if (str_eq_c(agency, n->agency_id)) {
        *ret_name = n->agency;
        return OK;
    }
    Err e = picture_peer_get(c, s->picture, agency, &peer);
    if (e == OK)
        *ret_name = peer.name;
    if (e != E_NOT_FOUND)
        return e;
    e = picture_agency_get(c, s->picture, agency, &genesis);
    if (e == OK)
        *ret_name = genesis.name;
    if (e != E_NOT_FOUND)
        return e;
    const size_t digits = agency.n < 8 ? agency.n : 8;
    *ret_name = (Str){agency.p, digits};
    return OK;
}

// --- the addressee's node -----------------------------------------------------------------------

static Err serves_bank(Ctx *c, const PicturePeer *p, const DeskOrderNew *o, bool *ret_serves) {
    Str code;
    *ret_serves = false;
    TRY(str_format(c, &code, STR_FMT "/" STR_FMT, STR_ARG(o->addressee_country),
                   STR_ARG(o->addressee_institution)));
    for (size_t i = 0; i < p->institution_count; i++)
        *ret_serves |= str_eq(p->institutions[i], code);
    return OK;
}

// How well a peer stands for the addressee: 0 not at all.
static Err fits(Ctx *c, DeskSlot *s, const PicturePeer *p, const DeskOrderNew *o, int *ret_fit) {
    PictureAgency a;
    *ret_fit = 0;
    if (!str_eq_c(p->state, "confirmed"))
        return OK;
    if (!o->request) {
        bool serves;
        TRY(serves_bank(c, p, o, &serves));
        *ret_fit = serves ? 1 : 0;
        return OK;
    }
    Err e = picture_agency_get(c, s->picture, p->agency, &a);
    if (e == E_NOT_FOUND) // its log is not here yet
        return OK;
    TRY(e);
    if (!str_eq(a.country, o->addressee_country))
        return OK;
    *ret_fit = str_eq_c(a.agency_kind, "centre") ? 2 : str_eq_c(a.agency_kind, "fiu") ? 1 : 0;
    return OK;
}

Err desk_addressee_find(Ctx *c, DeskSlot *s, DeskOrderNew *o) {
    const PicturePeer *peers;
    size_t n;
    int best = 0;
    o->addressee_agency = (Str){0};
    TRY(picture_peer_list(c, s->picture, &peers, &n));
    for (size_t i = 0; i < n; i++) {
        int fit;
        TRY(fits(c, s, &peers[i], o, &fit));
        if (fit <= best)
            continue;
        best = fit;
        o->addressee_agency = peers[i].agency;
    }
    if (o->request && best > 0)
        o->addressee_kind = best == 2 ? STR("centre") : STR("fiu");
    return OK;
}

// --- what an act is read after ------------------------------------------------------------------

size_t desk_act_heads(const PictureOrder *o, const PictureOrderEvent *events, size_t n,
                      RecordId *ret_refs) {
    size_t count = 0;
    Str last = {0};
    bool several = false;
    for (size_t i = 0; i < n; i++)
        several |= !str_eq(events[i].agency, o->agency);
    // An order of one log is read in the order of that log.
    if (n == 0 || (!several && o->addressee_agency.n == 0))
        return 0;
    for (size_t i = n; i-- > 0 && count < 2;) {
        if (count == 1 && str_eq(events[i].agency, last))
            continue;
        last = events[i].agency;
        ret_refs[count++] = events[i].id;
    }
    return count;
}

// --- documents ----------------------------------------------------------------------------------

static bool is_open(const PictureShare *s, Str recipient) {
    return str_eq(s->to, recipient) && s->is_last && !s->is_retracted && !s->has_until;
}

Err desk_document_share(Ctx *c, DeskWriting *w, DeskSlot *s, Str hex, Str recipient) {
    CryptoHash hash;
    PictureAttachment a;
    PictureRecord record;
    PicturePeer peer;
    const PictureShare *shares;
    size_t n;
    if (recipient.n == 0 || str_eq_c(recipient, w->node->agency_id) || !desk_unhex(hex, &hash))
        return OK;
    Err e = picture_peer_get(c, s->picture, recipient, &peer);
    if (e == E_NOT_FOUND || (e == OK && !str_eq_c(peer.state, "confirmed")))
        return OK;
    TRY(e);
    TRY(picture_attachment_find(c, s->picture, hash.b, &a));
    TRY(picture_record_get(c, s->picture, a.id, &record));
    if (!str_eq_c(record.agency, w->node->agency_id))
        return OK; // another's document is not ours to give
    TRY(picture_share_of(c, s->picture, a.id, &shares, &n));
    for (size_t i = 0; i < n; i++) {
        if (is_open(&shares[i], recipient))
            return OK;
    }
    DeskShareNew share = {.record = a.id, .kind = STR("attachment"), .recipient = recipient};
    TRY(desk_mark_of(c, s, a.id, &share.mark));
    share.mark.handling = RECORD_H0;
    share.mark.note = (Str){0};
    return desk_share_add(c, w, &share, NULL);
}
