// The other agencies of a sea: they confirm one another, sign an accord, write, share under any
// mark, and what may flow is carried. Every message is looked at on the way.
#include "outlets.h"

#include "naive_sight.h"

#define FAMILIES_EACH 4
#define MINUTE_US 60000000LL

// --- who takes part -----------------------------------------------------------------------------

static void confirm(Sea *s, size_t who, size_t whom) {
    Ctx *c = &s->m.w.c;
    AUTO(Buf) card = {0};
    AUTO(Buf) out = {0};
    AUTO(JsonReader) json = {0};
    const JsonValue *v;
    char name[16];
    Desk by = sea_officer(s, who), of = sea_officer(s, whom);
    snprintf(name, sizeof name, "agency%zu", whom);
    DeskPeerDraft draft = {.name = str_of(name)};
    assert_ok(c, json_reader_open(c, &json));
    assert_ok(c, desk_card_json(c, &of, &card));
    assert_ok(c, json_read(c, &json, buf_view(&card), &v));
    assert_ok(c, json_get_str(c, v, "card", &draft.card));
    assert_ok(c, desk_peer_add(c, &by, &draft, &out));
}

// --- messages -----------------------------------------------------------------------------------

typedef struct Looking {
    Sea *s;
    size_t from, to;
} Looking;

static void sent(Looking *l, Str what) {
    assert_true(l->s->sent_count < SEA_SENT_MAX);
    SeaSent *one = &l->s->sent[l->s->sent_count++];
    one->from = l->from;
    one->to = l->to;
    snprintf(one->what, sizeof one->what, STR_FMT, STR_ARG(what));
}

static void sent_opening(void *self, Str envelope) {
    Looking *l = self;
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(JsonReader) json = {0};
    Record r;
    assert_ok(&c, json_reader_open(&c, &json));
    assert_ok(&c, record_parse(&c, &json, envelope, &r));
    char id[RECORD_ID_TEXT_BYTES];
    record_id_text(r.id, id);
    sent(l, str_of(id));
    // Nobody asked for relayed records; a genesis names no agency, because it makes one.
    if (r.agency.n > 0 && !str_eq_c(r.agency, sea_world(l->s, l->from)->node->agency_id))
        fail_msg("agency %zu passes another's " STR_FMT " on to %zu", l->from, STR_ARG(r.kind_name),
                 l->to);
}

static void sent_blob(void *self, Str sha256) {
    sent(self, sha256);
}

static bool carry_one(Sea *s, size_t from, size_t to) {
    Ctx *c = &s->m.w.c;
    AUTO(Buf) message = {0};
    AUTO(Buf) plain = {0};
    CryptoHash sender, receiver;
    const char *names[] = {sea_world(s, from)->node->agency_id, sea_world(s, to)->node->agency_id};
    Looking l = {s, from, to};
    FramesLook look = {&l, names[0], names[1], sent_opening, sent_blob, s->frames, NULL};
    DeskSyncTaken taken;
    DeskSyncAsk ask = {0};
    bool news;
    int64_t next;
    assert_true(desk_unhex(str_of(names[0]), &sender) && desk_unhex(str_of(names[1]), &receiver));
    assert_ok(c, desk_exchange_tick(c, sea_world(s, from)->node, &next));
    assert_ok(c, desk_sync_make(c, sea_world(s, from)->node, &receiver, &ask, &message, &news));
    assert_true(frames_unpack(buf_view(&message), &plain));
    const char *bad = frames_check(buf_view(&plain), &look);
    if (bad)
        fail_msg("agency %zu to %zu: %s", from, to, bad);
    assert_ok(c, desk_sync_take(c, sea_world(s, to)->node, &sender, buf_view(&message), &taken));
    return news;
}

// Until nobody has anything to say.
static void carry(Sea *s) {
    bool news = true;
    for (int i = 0; i < 100 && news; i++) {
        news = false;
        for (size_t from = 0; from < s->nodes; from++)
            for (size_t to = 0; to < s->nodes; to++)
                if (from != to)
                    news |= carry_one(s, from, to);
    }
    assert_false(news);
}

static void accord(Sea *s) {
    Ctx *c = &s->m.w.c;
    static const Str kinds[] = {{"*", 1}, {"victim", 6}, {"grievance", 9}};
    AUTO(Buf) out = {0};
    DeskMemberDraft members[SEA_NODES_MAX];
    size_t n = 0;
    for (size_t i = 1; i < s->nodes; i++)
        members[n++] = (DeskMemberDraft){.agency = str_of(sea_world(s, i)->node->agency_id)};
    DeskAccordDraft draft = {.name = STR("all"),
                             .title = STR("All of us"),
                             .members = members,
                             .member_count = n,
                             .kinds = kinds,
                             .kind_count = COUNT_OF(kinds)};
    Desk by = sea_officer(s, 0);
    assert_ok(c, desk_accord_new(c, &by, &draft, &out));
    carry(s);
    for (size_t i = 0; i < s->nodes; i++) {
        Desk signs = sea_officer(s, i);
        buf_clear(&out);
        Err e = desk_accord_sign(c, &signs, STR("all"), true, (Str){0}, &out);
        if (i > 0 || e != E_STATE) // who proposes has signed
            assert_ok(c, e);
    }
    carry(s);
}

void sea_agencies(Sea *s) {
    static const char *const countries[] = {"MM", "TH", "KH"};
    size_t all = 2 + rng_below(&s->rng, SEA_NODES_MAX - 1);
    for (size_t i = 1; i < all; i++) {
        duo_side_open(&s->others[i - 1], 100 + i, countries[i - 1], "centre");
        s->nodes++;
        (void)world_transfers(sea_world(s, i), "t.csv", golden_transfers);
    }
    for (size_t i = 0; i < s->nodes; i++)
        for (size_t k = 0; k < s->nodes; k++)
            if (i != k)
                confirm(s, i, k);
    accord(s);
}

// --- shares -------------------------------------------------------------------------------------

// For the writer and any of the others, under any mark; some end before the hour does.
static void put_share(Sea *s, const char *kind, const char *record) {
    Str room[SEA_MARK_TEXTS], to[SEA_NODES_MAX];
    RecordMark mark = sea_any_mark(s, room);
    size_t n = 0;
    for (size_t i = 0; i < s->nodes; i++) {
        if (i != s->writes && rng_below(&s->rng, 3) == 0)
            continue;
        Str one = str_of(sea_world(s, i)->node->agency_id);
        size_t at = n++;
        for (; at > 0 && str_cmp(to[at - 1], one) > 0; at--)
            to[at] = to[at - 1];
        to[at] = one;
    }
    mark.to = to;
    mark.to_count = n;
    mark.has_until = rng_below(&s->rng, 6) == 0;
    mark.until_us = mark.has_until ? sea_world(s, s->writes)->now + 30 * MINUTE_US : 0;
    sea_put(s, (DeskDraft){.kind = RECORD_SHARE, .mark = &mark},
            "{\"accept\":false,\"answers\":null,\"contact\":null,\"due_at\":null,\"kind\":\"%s\","
            "\"record\":\"%s\",\"title\":\"%s\"}",
            kind, record, sea_word(s, 0));
}

static void share_own(Sea *s) {
    static const char *const kinds[] = {"report", "case",  "victim",     "grievance", "contact",
                                        "shift",  "claim", "attachment", "order"};
    s->at = s->writes;
    sea_read(s);
    for (size_t i = 0, n = s->count; i < n; i++)
        for (size_t k = 0; k < COUNT_OF(kinds); k++)
            if (s->all[i].author == s->writes && strcmp(s->all[i].kind, kinds[k]) == 0 &&
                rng_below(&s->rng, 2))
                put_share(s, s->all[i].kind, s->all[i].text);
}

// --- what may have gone, naively ----------------------------------------------------------------

static bool one_of(const char *kind, const char *const *kinds, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(kind, kinds[i]) == 0)
            return true;
    return false;
}

// By the log of its author alone, and at any time: what ended since may have gone before.
static bool may_have_gone(const Sea *s, const SeaRecord *r, Str to) {
    static const char *const identity[] = {"genesis", "key",     "link",
                                           "recover", "officer", "officer_change"};
    static const char *const directed[] = {"accord",    "accord_sign", "share",  "share_act",
                                           "retract",   "let_go",      "passed", "notice",
                                           "disclosed", "notice_act",  "fork"};
    static const char *const never[] = {"read", "glass", "glass_ratify", "peer", "flag", "batch"};
    if (one_of(r->kind, identity, COUNT_OF(identity)))
        return true;
    if (one_of(r->kind, directed, COUNT_OF(directed)))
        return naive_names(r->own_mark, to);
    if (r->reads || one_of(r->kind, never, COUNT_OF(never)))
        return false;
    for (size_t i = 0; i < s->count; i++) {
        const SeaRecord *o = &s->all[i];
        if (o->author == r->author && strcmp(o->kind, "share") == 0 &&
            record_id_eq(o->about, r->root) && naive_names(o->own_mark, to))
            return true;
        if (record_id_eq(o->id, r->root) && naive_names(o->own_mark, to))
            return true; // the accord is of all and names all kinds
    }
    return false;
}

// One of the records that it may be: of a document, those that have its hash.
static void check_one(const Sea *s, const SeaSent *sent, Str to) {
    const SeaRecord *hidden = NULL;
    for (size_t i = 0; i < s->count; i++) {
        const SeaRecord *r = &s->all[i];
        if (strcmp(r->text, sent->what) != 0 && strcmp(r->sha256, sent->what) != 0)
            continue;
        if (may_have_gone(s, r, to))
            return;
        hidden = r;
    }
    if (!hidden)
        fail_msg("agency %zu gave %s, which it has not, to %zu", sent->from, sent->what, sent->to);
    fail_msg("agency %zu gave %s %s to %zu, which may not have it", sent->from, hidden->kind,
             hidden->word, sent->to);
}

static void check_sent(Sea *s) {
    for (size_t from = 0; from < s->nodes; from++) {
        s->at = from;
        sea_read(s);
        for (size_t i = 0; i < s->sent_count; i++)
            if (s->sent[i].from == from)
                check_one(s, &s->sent[i], str_of(sea_world(s, s->sent[i].to)->node->agency_id));
    }
}

void sea_across(Sea *s) {
    int64_t now = s->m.w.now;
    for (s->writes = 1; s->writes < s->nodes; s->writes++) {
        sea_world(s, s->writes)->now = now;
        for (size_t i = 0; i < FAMILIES_EACH; i++) {
            s->plain = i == 0;
            sea_put_family(s, i);
        }
    }
    s->plain = false;
    for (s->writes = 0; s->writes < s->nodes; s->writes++)
        share_own(s);
    s->writes = 0;
    for (size_t i = 0; i < s->nodes; i++)
        desk_exchange_touch(sea_world(s, i)->node);
    carry(s);
    for (size_t i = 0; i < s->nodes; i++)
        sea_world(s, i)->now += 60 * MINUTE_US;
    carry(s);
    check_sent(s);
    s->at = 0;
}
