#include "duo.h"

#include "desk/exchange_priv.h"
#include "frames.h"

void duo_side_open(Side *s, uint64_t seed, const char *country, const char *kind) {
    Desk admin;
    DeskUser made;
    CryptoSignKey admin_key;
    DeskUserDraft draft = {.name = STR("malee"), .role = STR("investigator")};
    memset(s, 0, sizeof *s);
    world_open_seeded(&s->w, seed, country, kind);
    Ctx *c = &s->w.c;
    assert_ok(c, desk_unlock(c, &s->w.desk, str_of(s->w.secrets.officer_password), &s->key));
    assert_ok(c, desk_as(c, s->w.node, STR("admin"), &admin));
    assert_ok(c, desk_unlock(c, &admin, str_of(s->w.secrets.admin_password), &admin_key));
    assert_ok(c, desk_user_add(c, &admin, &draft, &made, s->second_password));
    assert_ok(c, desk_as(c, s->w.node, STR("malee"), &s->second));
    assert_ok(c, desk_unlock(c, &s->second, str_of(s->second_password), &s->second_key));
}

void duo_open_apart(Duo *d) {
    memset(d, 0, sizeof *d);
    ctx_init(&d->c);
    duo_side_open(&d->th, 21, "TH", "centre");
    duo_side_open(&d->mm, 22, "MM", "centre");
}

CryptoHash duo_id(const Side *s) {
    CryptoHash h;
    assert_true(desk_unhex(str_of(s->w.node->agency_id), &h));
    return h;
}

Str duo_card(Duo *d, Side *s) {
    AUTO(Buf) json = {0};
    assert_ok(&d->c, desk_card_json(&d->c, &s->w.desk, &json));
    return duo_str(duo_read(d, &json), "card");
}

void duo_confirm(Duo *d, Side *s, Side *other, const char *name, const char *institution) {
    AUTO(Buf) json = {0};
    Str bank = str_of(institution);
    DeskPeerDraft draft = {.card = duo_card(d, other),
                           .name = str_of(name),
                           .institutions = &bank,
                           .institution_count = bank.n > 0};
    assert_ok(&d->c, desk_peer_add(&d->c, &s->w.desk, &draft, &json));
}

void duo_open(Duo *d) {
    duo_open_apart(d);
    duo_confirm(d, &d->th, &d->mm, "mm", "");
    duo_confirm(d, &d->mm, &d->th, "th", "");
    duo_carry(d);
}

void duo_done(Duo *d) {
    world_done(&d->th.w);
    world_done(&d->mm.w);
    ctx_done(&d->c);
    buf_done(&d->packets);
}

bool duo_message(Duo *d, Side *from, Side *to, Buf *message, DeskSyncTaken *ret_taken) {
    CryptoHash a = duo_id(from), b = duo_id(to);
    DeskSyncAsk ask = {0};
    bool news;
    assert_ok(&d->c, desk_sync_make(&d->c, from->w.node, &b, &ask, message, &news));
    assert_ok(&d->c, desk_sync_take(&d->c, to->w.node, &a, buf_view(message), ret_taken));
    return news;
}

static bool carry_one(Duo *d, Side *from, Side *to) {
    AUTO(Buf) message = {0};
    AUTO(Buf) plain = {0};
    DeskSyncTaken taken;
    bool news = duo_message(d, from, to, &message, &taken);
    assert_true(frames_unpack(buf_view(&message), &plain));
    buf_str(&d->packets, buf_view(&plain));
    return news;
}

void duo_carry(Duo *d) {
    duo_carry_between(d, &d->th, &d->mm);
}

void duo_carry_between(Duo *d, Side *a, Side *b) {
    bool news = true;
    for (int i = 0; i < 60 && news; i++) {
        int64_t next;
        assert_ok(&d->c, desk_exchange_tick(&d->c, a->w.node, &next));
        assert_ok(&d->c, desk_exchange_tick(&d->c, b->w.node, &next));
        news = carry_one(d, a, b);
        news |= carry_one(d, b, a);
    }
    assert_false(news);
}

void duo_carry_three(Duo *d, Side *kh) {
    for (int i = 0; i < 4; i++) {
        duo_carry(d);
        duo_carry_between(d, &d->mm, kh);
    }
}

void duo_tick(Duo *d, Side *s) {
    int64_t next;
    assert_ok(&d->c, desk_exchange_tick(&d->c, s->w.node, &next));
}

void duo_bundle(Duo *d, Side *from, Side *to, const char *name) {
    AUTO(Buf) json = {0};
    Str file = world_path(&d->mm.w, "bundle");
    assert_ok(&d->c, desk_bundle_export(&d->c, &from->w.desk, str_of(name), file, (DeskProgress){0},
                                        &json));
    buf_clear(&json);
    assert_ok(&d->c, desk_bundle_import(&d->c, &to->w.desk, file, (DeskProgress){0}, &json));
    const JsonValue *v = duo_read(d, &json);
    if (duo_int(v, "refused") != 0)
        fail_msg(STR_FMT, STR_ARG(duo_str(v, "words")));
}

void duo_relay(Duo *d, Side *s, Str card, const char *name) {
    AUTO(Buf) json = {0};
    DeskPeerDraft draft = {.card = card, .name = str_of(name), .relay = true};
    assert_ok(&d->c, desk_peer_add(&d->c, &s->w.desk, &draft, &json));
}

void duo_sign(Duo *d, Side *s, const char *accord) {
    AUTO(Buf) json = {0};
    assert_ok(&d->c,
              desk_accord_sign(&d->c, &s->w.desk, str_of(accord), true, STR("by order"), &json));
}

void duo_sound(Duo *d, Side *s) {
    DeskVerdict v;
    assert_ok(&d->c, desk_verify(&d->c, s->w.node, (DeskProgress){0}, &v));
    if (!v.ok)
        fail_msg(STR_FMT ": " STR_FMT, STR_ARG(v.where), STR_ARG(v.what));
}

CryptoPublicKey duo_link_key(const Side *s) {
    return s->w.node->exchange->link_public;
}

Desk duo_admin(Duo *d, Side *s) {
    Desk admin;
    assert_ok(&d->c, desk_as(&d->c, s->w.node, STR("admin"), &admin));
    return admin;
}

void duo_pass(Duo *d, int64_t us) {
    d->th.w.now += us;
    d->mm.w.now += us;
}

// --- answers ------------------------------------------------------------------------------------

const JsonValue *duo_read(Duo *d, const Buf *json) {
    AUTO(JsonReader) reader = {0};
    const JsonValue *v;
    Str copy;
    assert_ok(&d->c, json_reader_open(&d->c, &reader));
    assert_ok(&d->c, str_copy(&d->c, buf_view(json), &copy));
    assert_ok(&d->c, json_read(&d->c, &reader, copy, &v));
    // What the desk writes is canonical: written again it gives the same bytes.
    AUTO(Buf) again = {0};
    assert_ok(&d->c, json_canonical(&d->c, v, &again));
    assert_true(str_eq(buf_view(&again), buf_view(json)));
    return v;
}

static const JsonValue *at_path(const JsonValue *v, const char *path) {
    Str rest = str_of(path), key;
    while (v && str_split(&rest, '.', &key))
        v = v->type == JSON_OBJECT ? json_find(v, key) : NULL;
    return v;
}

Str duo_str(const JsonValue *v, const char *path) {
    const JsonValue *m = at_path(v, path);
    return m && m->type == JSON_STR ? m->s : (Str){0};
}

int64_t duo_int(const JsonValue *v, const char *path) {
    const JsonValue *m = at_path(v, path);
    return m && m->type == JSON_INT ? m->i : -1;
}

bool duo_true(const JsonValue *v, const char *path) {
    const JsonValue *m = at_path(v, path);
    assert_non_null(m);
    assert_int_equal(m->type, JSON_BOOL);
    return m->b;
}

const JsonValue *duo_list(const JsonValue *v, const char *key) {
    const JsonValue *m = at_path(v, key);
    assert_non_null(m);
    assert_int_equal(m->type, JSON_ARRAY);
    return m;
}

bool duo_has(const JsonValue *list, const char *text) {
    for (uint32_t i = 0; i < list->count; i++)
        if (list->items[i].type == JSON_STR && str_eq_c(list->items[i].s, text))
            return true;
    return false;
}

// --- what people do -----------------------------------------------------------------------------

Str duo_report(Duo *d, Side *s, const char *id, const char *accord) {
    DeskReportDraft draft = {.id = str_of(id),
                             .victim = STR("Somchai zqvictim"),
                             .country = STR("TH"),
                             .loss = STR("10.00"),
                             .currency = STR("THB"),
                             .accounts = STR("TH/004/0011223344"),
                             .story = STR("zqstory"),
                             .accord = str_of(accord)};
    DeskReport r;
    assert_ok(&d->c, desk_report_add(&d->c, &s->w.desk, &draft, &r));
    return r.record;
}

const JsonValue *duo_share(Duo *d, Side *s, Str record, DeskShareDraft draft) {
    AUTO(Buf) json = {0};
    Str other = s == &d->th ? STR("mm") : STR("th");
    if (draft.to_count == 0) {
        draft.to = &other;
        draft.to_count = 1;
    }
    assert_ok(&d->c, desk_share(&d->c, &s->w.desk, record, &draft, &json));
    return duo_read(d, &json);
}

bool duo_sees(Duo *d, Side *s, Str record) {
    DeskRecord r;
    Err e = desk_record_get(&d->c, &s->w.desk, record, &r);
    if (e != E_NOT_FOUND)
        assert_ok(&d->c, e);
    return e == OK && str_eq_c(r.state, "held") && r.envelope.n > 0;
}

Str duo_ask_to_pass_on(Duo *d, Str record) {
    AUTO(Buf) json = {0};
    Str th = STR("th");
    DeskNoticeDraft draft = {.act = STR("pass_on"),
                             .to = &th,
                             .to_count = 1,
                             .title = STR("May we"),
                             .text = STR("they have the account"),
                             .contact = STR("duty desk"),
                             .recipient = STR("kh"),
                             .records = &record,
                             .record_count = 1};
    assert_ok(&d->c, desk_notice_new(&d->c, &d->mm.w.desk, &draft, &json));
    return duo_str(duo_read(d, &json), "id");
}

void duo_grant(Duo *d, Str notice) {
    AUTO(Buf) json = {0};
    DeskNoticeActDraft grant = {.act = STR("grant"), .until = STR("2027-01-01T00:00:00Z")};
    assert_ok(&d->c, desk_notice_act(&d->c, &d->th.w.desk, notice, &grant, &json));
}
