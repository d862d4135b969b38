// Flags: parties under sanctions. No confirmation for them, and two officers for what concerns
// them.
#include "desk/share_priv.h"

// --- who is meant -------------------------------------------------------------------------------

Err desk_flagged_in(Ctx *c, DeskSlot *s, DeskFlagged *ret_flagged) {
    const PictureFlag *found;
    PictureFlag *items;
    size_t count, kept = 0;
    TRY(picture_flag_list(c, s->picture, &found, &count));
    TRY(ctx_alloc(c, (count + 1) * sizeof *items, &items));
    for (size_t i = 0; i < count; i++)
        if (found[i].active)
            items[kept++] = found[i];
    *ret_flagged = (DeskFlagged){items, kept};
    return OK;
}

Err desk_flagged(Ctx *c, DeskNode *n, DeskFlagged *ret_flagged) {
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_machine(c, n, &r));
    return desk_flagged_in(c, r.slot, ret_flagged);
}

static char small(char ch) {
    return ch >= 'A' && ch <= 'Z' ? (char)(ch - 'A' + 'a') : ch;
}

// Case of Latin letters does not count. "TH/004" means its accounts "TH/004/…" too.
static bool names(Str party, Str text) {
    if (text.n < party.n || party.n == 0)
        return false;
    for (size_t i = 0; i < party.n; i++)
        if (small(party.p[i]) != small(text.p[i]))
            return false;
    size_t at;
    return text.n == party.n || (text.p[party.n] == '/' && str_find(party, STR("/"), &at));
}

// The last flag that names one of these texts.
static void named_since(const DeskFlagged *f, const Str *texts, size_t n, DeskFlagSince *inout) {
    for (size_t i = 0; i < f->count; i++)
        for (size_t k = 0; k < n; k++)
            if (names(f->items[i].party, texts[k])) {
                if (!inout->flagged || f->items[i].at > inout->at)
                    inout->at = f->items[i].at;
                inout->flagged = true;
            }
}

bool desk_flag_names(const DeskFlagged *f, const Str *texts, size_t n) {
    DeskFlagSince since = {0};
    named_since(f, texts, n, &since);
    return since.flagged;
}

Err desk_flag_since(Ctx *c, const DeskFlagged *f, DeskSlot *s, const PicturePeer *peer, Str agency,
                    DeskFlagSince *ret_since) {
    DeskFlagSince since = {0};
    PictureAgency a;
    *ret_since = since;
    if (f->count == 0)
        return OK;
    named_since(f, &agency, 1, &since);
    Err e = picture_agency_get(c, s->picture, agency, &a);
    if (e != E_NOT_FOUND)
        TRY(e);
    if (e == OK) {
        Str texts[] = {a.name, a.title};
        named_since(f, texts, COUNT_OF(texts), &since);
    }
    if (peer) {
        named_since(f, &peer->name, 1, &since);
        named_since(f, peer->institutions, peer->institution_count, &since);
    }
    *ret_since = since;
    return OK;
}

Err desk_flag_agency(Ctx *c, const DeskFlagged *f, const DeskParties *p, Str agency,
                     bool *ret_flagged) {
    DeskFlagSince since;
    TRY(desk_flag_since(c, f, p->slot, desk_peer_by_id(p, agency), agency, &since));
    *ret_flagged = since.flagged;
    return OK;
}

// --- put and list -------------------------------------------------------------------------------

static Err body_of(Ctx *c, const DeskPartyDraft *d, Buf *out) {
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key_bool(&w, "active", d->active);
    desk_put_opt_str(&w, "country", d->country);
    json_put_key_str(&w, "party", d->party);
    desk_put_opt_str(&w, "reason", d->reason);
    json_put_key_str(&w, "source", d->source);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

static void put_party(JsonWriter *w, const PictureFlag *f) {
    json_put_object_begin(w);
    json_put_key_bool(w, "active", f->active);
    desk_put_time(w, "at", f->at);
    desk_put_opt_str(w, "country", f->country);
    desk_put_id(w, "id", f->id);
    json_put_key_str(w, "party", f->party);
    desk_put_opt_str(w, "reason", f->reason);
    json_put_key_str(w, "source", f->source);
    json_put_object_end(w);
}

static Err check(Ctx *c, const Desk *d, const DeskPartyDraft *in, DeskPartyDraft *ret_draft) {
    DeskPartyDraft f = *in;
    TRY(desk_words(c, "party", f.party, DESK_TITLE_BYTES_MAX, &f.party));
    if (str_trim(f.source).n == 0)
        return fail(c, E_INVALID, "source: say which list or decision names this party (--source)");
    TRY(desk_words(c, "source", f.source, DESK_TITLE_BYTES_MAX, &f.source));
    TRY(desk_typed_words(c, "reason", f.reason, DESK_NOTE_BYTES_MAX, &f.reason));
    f.country = str_trim(f.country);
    if (f.country.n > 0 && !format_country_known(d->node->tables, f.country))
        return fail(c, E_INVALID, "country: there is no country \"" STR_FMT "\"",
                    STR_ARG(f.country));
    *ret_draft = f;
    return OK;
}

// A flag is not lifted where none is in force.
static Err lift_check(Ctx *c, DeskSlot *s, const DeskPartyDraft *f) {
    const PictureFlag *items;
    size_t n;
    TRY(picture_flag_list(c, s->picture, &items, &n));
    size_t active = 0;
    for (size_t i = 0; i < n; i++) {
        active += items[i].active;
        if (!f->active && items[i].active && str_eq(items[i].party, f->party))
            return OK;
    }
    if (f->active && active >= FLAGS_MAX)
        return fail(c, E_LIMIT, "at most %d parties can be flagged", FLAGS_MAX);
    return f->active ? OK : fail(c, E_STATE, "\"" STR_FMT "\" is not flagged", STR_ARG(f->party));
}

Err desk_party_flag(Ctx *c, const Desk *d, const DeskPartyDraft *draft, Buf *out) {
    TRY(desk_need(c, d, DESK_PEER_WRITE));
    DeskPartyDraft f;
    TRY(check(c, d, draft, &f));
    PictureFlag made = {.party = f.party,
                        .country = f.country,
                        .source = f.source,
                        .reason = f.reason,
                        .active = f.active};
    {
        AUTO(DeskWriting) w = {0};
        AUTO(DeskReading) r = {0};
        AUTO(Buf) body = {0};
        TRY(desk_writing_begin(c, d->node, d, &w));
        TRY(desk_reading_begin(c, d, &r));
        TRY(lift_check(c, r.slot, &f));
        TRY(body_of(c, &f, &body));
        DeskDraft record = {.kind = RECORD_FLAG, .body = buf_view(&body)};
        TRY(desk_record_add(c, &w, &record, &made.id));
    }
    desk_exchange_touch(d->node);
    made.at = clock_now(d->node->env.clock);
    JsonWriter j = json_writer_start(out);
    put_party(&j, &made);
    return json_writer_end(c, &j);
}

Err desk_party_list_json(Ctx *c, const Desk *d, Buf *out) {
    TRY(desk_need(c, d, DESK_EXCHANGE_READ));
    AUTO(DeskReading) r = {0};
    const PictureFlag *items;
    size_t n;
    TRY(desk_reading_begin(c, d, &r));
    TRY(picture_flag_list(c, r.slot->picture, &items, &n));
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key(&w, STR("items"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < n; i++)
        put_party(&w, &items[i]);
    json_put_array_end(&w);
    desk_put_next(&w, (Str){0});
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}
