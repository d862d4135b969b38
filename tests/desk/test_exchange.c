// Two and three nodes in one process: what flows, what is taken back, what is false.
#include "desk/exchange_priv.h"
#include "groups.h"
#include "node.h"

typedef struct Pair {
    World a, b;
    CryptoSignKey a_key, b_key;
} Pair;

static CryptoHash agency_of(const World *w) {
    CryptoHash h;
    assert_true(desk_unhex(str_of(w->node->agency_id), &h));
    return h;
}

// --- records as people's functions would write them
// ------------------------------------------------

static RecordId add(World *w, const DeskDraft *draft) {
    RecordId id;
    AUTO(DeskWriting) writing = {0};
    assert_ok(&w->c, desk_writing_begin(&w->c, w->node, &w->desk, &writing));
    assert_ok(&w->c, desk_record_add(&w->c, &writing, draft, &id));
    return id;
}

static RecordMark mark_to(World *w, Str *to, const World *other) {
    Str us = str_of(w->node->agency_id), them = str_of(other->node->agency_id);
    bool first = str_cmp(us, them) < 0;
    to[0] = first ? us : them;
    to[1] = first ? them : us;
    RecordMark m = record_mark_default();
    m.to = to;
    m.to_count = 2;
    (void)w;
    return m;
}

static void confirm(World *w, World *other, bool relay) {
    SyncCard card = {.agency = agency_of(other), .link_key = other->node->exchange->link_public};
    LedgerItem genesis;
    AUTO(DeskReading) r = {0};
    assert_ok(&w->c, desk_reading_machine(&w->c, other->node, &r));
    assert_ok(&w->c, ledger_get(&w->c, r.slot->ledger, (LedgerPlace){0, 0}, &genesis));
    card.genesis = genesis.envelope;
    memcpy(card.salt, genesis.salt, sizeof card.salt);
    Str body;
    assert_ok(&w->c,
              str_format(&w->c, &body,
                         "{\"address\":null,\"agency\":\"%s\",\"institutions\":[],"
                         "\"name\":\"p-%.6s\",\"reason\":null,\"relay\":%s,"
                         "\"state\":\"confirmed\"}",
                         other->node->agency_id, other->node->agency_id, relay ? "true" : "false"));
    DeskDraft draft = {.kind = RECORD_PEER, .body = body};
    AUTO(DeskWriting) writing = {0};
    assert_ok(&w->c, desk_writing_begin(&w->c, w->node, &w->desk, &writing));
    assert_ok(&w->c, desk_group_begin(&w->c, &writing));
    assert_ok(&w->c, desk_exchange_meet(&w->c, &writing, &card));
    assert_ok(&w->c, desk_group_add(&w->c, &writing, &draft, NULL));
    assert_ok(&w->c, desk_group_commit(&w->c, &writing));
}

static RecordId share(World *w, RecordId record, const World *to) {
    char id[RECORD_ID_TEXT_BYTES];
    Str body, names[2];
    record_id_text(record, id);
    RecordMark mark = mark_to(w, names, to);
    assert_ok(&w->c, str_format(&w->c, &body,
                                "{\"accept\":false,\"answers\":null,\"contact\":null,"
                                "\"due_at\":null,\"kind\":\"case\",\"record\":\"%s\","
                                "\"title\":null}",
                                id));
    DeskDraft draft = {.kind = RECORD_SHARE, .mark = &mark, .body = body};
    return add(w, &draft);
}

static RecordId retract(World *w, RecordId record, const World *from, const World *by) {
    char id[RECORD_ID_TEXT_BYTES];
    Str body, names[3];
    record_id_text(record, id);
    RecordMark mark = mark_to(w, names, from);
    if (by) { // who relays it has to get it, too
        names[mark.to_count++] = str_of(by->node->agency_id);
        desk_sort_strs(names, mark.to_count);
    }
    assert_ok(&w->c,
              str_format(&w->c, &body, "{\"from\":[\"%s\"],\"reason\":\"wrong\",\"record\":\"%s\"}",
                         from->node->agency_id, id));
    DeskDraft draft = {.kind = RECORD_RETRACT, .mark = &mark, .body = body};
    return add(w, &draft);
}

static RecordId case_new(World *w, const char *title) {
    DeskCase k;
    RecordId id;
    assert_ok(&w->c, desk_case_new(&w->c, &w->desk, str_of(title), &k));
    assert_true(record_id_parse(k.id, &id));
    return id;
}

// Both officers sign: in force when each node has both signatures.
static RecordId accord(Pair *p, const char *kinds, bool mirror, World *third) {
    World *w = &p->a;
    Str body, to[3] = {str_of(p->a.node->agency_id), str_of(p->b.node->agency_id), {0}};
    size_t n = 2;
    AUTO(Buf) members = {0};
    if (third)
        to[n++] = str_of(third->node->agency_id);
    desk_sort_strs(to, n);
    for (size_t i = 0; i < n; i++)
        buf_format(&members, "%s{\"agency\":\"" STR_FMT "\",\"law\":\"a law\",\"mirror\":%s}",
                   i ? "," : "", STR_ARG(to[i]), mirror ? "true" : "false");
    RecordMark m = record_mark_default();
    m.to = to;
    m.to_count = n;
    assert_ok(&w->c, str_format(&w->c, &body,
                                "{\"begins_at\":\"2020-01-01T00:00:00.000000Z\",\"ends_at\":null,"
                                "\"kinds\":[%s],\"mark\":{\"days\":0,\"handling\":\"H0\",\"pap\":"
                                "\"AMBER\",\"tlp\":\"AMBER\"},\"members\":[" STR_FMT
                                "],\"name\":\"accord\",\"purposes\":[],\"title\":\"Accord\"}",
                                kinds, STR_ARG(buf_view(&members))));
    DeskDraft draft = {.kind = RECORD_ACCORD, .mark = &m, .body = body};
    RecordId id = add(w, &draft);
    DeskDraft sign = {.kind = RECORD_ACCORD_SIGN,
                      .has_of = true,
                      .of = id,
                      .mark = &m,
                      .body = STR("{\"note\":null,\"signed\":true}")};
    add(w, &sign);
    add(&p->b, &sign);
    if (third)
        add(third, &sign);
    return id;
}

static void unlock(World *w, CryptoSignKey *key) {
    assert_ok(&w->c, desk_unlock(&w->c, &w->desk, str_of(w->secrets.officer_password), key));
}

// A case whose mark names another agency, as what is made under an accord does.
static RecordId case_to(World *w, const char *title, const World *other, const World *third) {
    Str names[3], body;
    RecordMark m = mark_to(w, names, other);
    if (third) {
        names[m.to_count++] = str_of(third->node->agency_id);
        desk_sort_strs(names, m.to_count);
    }
    assert_ok(&w->c, str_format(&w->c, &body, "{\"title\":\"%s\"}", title));
    DeskDraft draft = {.kind = RECORD_CASE, .mark = &m, .body = body};
    return add(w, &draft);
}

// --- carrying -----------------------------------------------------------------------------------

static void tick(World *w) {
    int64_t next;
    assert_ok(&w->c, desk_exchange_tick(&w->c, w->node, &next));
}

// One message from `a` to `b`. True when it said something.
static bool carry_one(World *a, World *b, uint32_t bytes_max) {
    CryptoHash from = agency_of(a), to = agency_of(b);
    AUTO(Buf) message = {0};
    bool news;
    DeskSyncAsk ask = {.bytes_max = bytes_max};
    DeskSyncTaken taken;
    assert_ok(&a->c, desk_sync_make(&a->c, a->node, &to, &ask, &message, &news));
    assert_ok(&b->c, desk_sync_take(&b->c, b->node, &from, buf_view(&message), &taken));
    ctx_reset(&a->c);
    ctx_reset(&b->c);
    return news;
}

// The same where the link may be stopped.
static void carry_try(World *a, World *b) {
    World *sides[2] = {a, b};
    for (int i = 0; i < 6; i++) {
        World *from = sides[i % 2], *to = sides[1 - i % 2];
        CryptoHash from_id = agency_of(from), to_id = agency_of(to);
        AUTO(Buf) message = {0};
        bool news;
        DeskSyncAsk ask = {0};
        DeskSyncTaken taken;
        tick(from);
        if (desk_sync_make(&from->c, from->node, &to_id, &ask, &message, &news) == OK)
            (void)!desk_sync_take(&to->c, to->node, &from_id, buf_view(&message), &taken);
    }
}

static void carry(World *a, World *b) {
    bool news = true;
    for (int i = 0; i < 60 && news; i++) {
        tick(a);
        tick(b);
        news = carry_one(a, b, 0);
        news |= carry_one(b, a, 0);
    }
    assert_false(news);
}

static bool holds(World *w, RecordId id) {
    AUTO(DeskReading) r = {0};
    PictureRecord found;
    assert_ok(&w->c, desk_reading_begin(&w->c, &w->desk, &r));
    Err e = picture_record_get(&w->c, r.slot->picture, id, &found);
    return e == OK && (str_eq_c(found.state, "held") || str_eq_c(found.state, "waiting"));
}

static void pair_open_relay(Pair *p, bool relay) {
    memset(p, 0, sizeof *p);
    world_open_at(&p->a, "TH", "centre", 0);
    world_open_seeded(&p->b, 8, "MM", "centre");
    unlock(&p->a, &p->a_key);
    unlock(&p->b, &p->b_key);
    confirm(&p->a, &p->b, relay);
    confirm(&p->b, &p->a, false);
}

static void pair_open(Pair *p) {
    pair_open_relay(p, false);
}

static void pair_done(Pair *p) {
    world_done(&p->a);
    world_done(&p->b);
}

// --- tests --------------------------------------------------------------------------------------

static void test_link(void **state) {
    (void)state;
    Pair p;
    pair_open(&p);
    const DeskLink *links;
    size_t n;
    CryptoHash found;
    assert_ok(&p.a.c, desk_link_list(&p.a.c, p.a.node, &links, &n));
    assert_int_equal(n, 1);
    assert_memory_equal(&links[0].key, &p.b.node->exchange->link_public, sizeof links[0].key);
    assert_ok(&p.a.c, desk_link_peer(&p.a.c, p.a.node, &links[0].key, &found));
    CryptoHash b = agency_of(&p.b);
    assert_memory_equal(&found, &b, sizeof b);
    assert_int_equal(desk_link_peer(&p.a.c, p.a.node, &p.a.node->exchange->link_public, &found),
                     E_DENIED);
    assert_ok(&p.b.c, desk_link_address_set(&p.b.c, p.b.node, STR("https://b.example:8442")));
    carry(&p.a, &p.b);
    assert_ok(&p.a.c, desk_link_list(&p.a.c, p.a.node, &links, &n));
    assert_true(str_eq_c(links[0].address, "https://b.example:8442"));
    assert_false(desk_sync_waits(p.a.node, &b));
    pair_done(&p);
}

static void test_share_and_retract(void **state) {
    (void)state;
    Pair p;
    pair_open(&p);
    RecordId secret = case_new(&p.a, "Stays at home zq1"), shared = case_new(&p.a, "Goes out zq2");
    carry(&p.a, &p.b);
    assert_false(holds(&p.b, secret));
    assert_false(holds(&p.b, shared));
    RecordId by = share(&p.a, shared, &p.b);
    CryptoHash b = agency_of(&p.b);
    tick(&p.a);
    assert_true(desk_sync_waits(p.a.node, &b));
    carry(&p.a, &p.b);
    assert_true(holds(&p.b, shared));
    assert_true(holds(&p.b, by));
    assert_false(holds(&p.b, secret));
    assert_false(world_grep(&p.b, p.b.dir, STR("zq1"), NULL));
    assert_true(world_grep(&p.b, p.b.dir, STR("zq2"), NULL));
    retract(&p.a, shared, &p.b, NULL);
    carry(&p.a, &p.b);
    assert_false(holds(&p.b, shared));
    assert_false(world_grep(&p.b, p.b.dir, STR("zq2"), NULL));
    {
        AUTO(DeskReading) r = {0};
        const PictureRetract *items;
        size_t n;
        assert_ok(&p.a.c, desk_reading_machine(&p.a.c, p.a.node, &r));
        assert_ok(&p.a.c, picture_retract_of(&p.a.c, r.slot->picture, shared, &items, &n));
        assert_int_equal(n, 1);
        assert_true(items[0].from[0].has_let_go);
    }
    pair_done(&p);
}

// Taken back before it was carried: it never leaves.
static void test_hole(void **state) {
    (void)state;
    Pair p;
    pair_open(&p);
    carry(&p.a, &p.b);
    RecordId first = case_new(&p.a, "First zq3"), second = case_new(&p.a, "Second zq4");
    share(&p.a, first, &p.b);
    share(&p.a, second, &p.b);
    tick(&p.a);
    retract(&p.a, first, &p.b, NULL);
    carry(&p.a, &p.b);
    assert_false(holds(&p.b, first));
    assert_true(holds(&p.b, second));
    assert_false(world_grep(&p.b, p.b.dir, STR("zq3"), NULL));
    // It said that it let go: a later share brings nothing, and the journal goes on.
    share(&p.a, first, &p.b);
    carry(&p.a, &p.b);
    assert_false(holds(&p.b, first));
    assert_false(world_grep(&p.b, p.b.dir, STR("zq3"), NULL));
    RecordId third = case_new(&p.a, "Third zq5");
    share(&p.a, third, &p.b);
    carry(&p.a, &p.b);
    assert_true(holds(&p.b, third));
    pair_done(&p);
}

static void test_small_messages(void **state) {
    (void)state;
    Pair p;
    pair_open(&p);
    RecordId ids[40];
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        char title[40];
        snprintf(title, sizeof title, "Case %zu", i);
        ids[i] = case_new(&p.a, title);
        share(&p.a, ids[i], &p.b);
    }
    tick(&p.a);
    size_t messages = 0;
    while (carry_one(&p.a, &p.b, 4096) && messages < 500) {
        carry_one(&p.b, &p.a, 4096);
        messages++;
    }
    assert_true(messages > 5 && messages < 500);
    for (size_t i = 0; i < COUNT_OF(ids); i++)
        assert_true(holds(&p.b, ids[i]));
    pair_done(&p);
}

// Doubled, lost, late and spoilt messages change nothing but the time it takes.
static void test_noise(void **state) {
    (void)state;
    Pair p;
    pair_open(&p);
    CryptoHash a = agency_of(&p.a), b = agency_of(&p.b);
    RecordId one = case_new(&p.a, "One"), two = case_new(&p.a, "Two");
    share(&p.a, one, &p.b);
    AUTO(Buf) first = {0}, second = {0};
    bool news;
    DeskSyncAsk ask = {0};
    DeskSyncTaken taken;
    assert_ok(&p.a.c, desk_sync_make(&p.a.c, p.a.node, &b, &ask, &first, &news));
    assert_true(news);
    share(&p.a, two, &p.b);
    assert_ok(&p.a.c, desk_sync_make(&p.a.c, p.a.node, &b, &ask, &second, &news));
    assert_ok(&p.b.c, desk_sync_take(&p.b.c, p.b.node, &a, buf_view(&second), &taken));
    assert_true(taken.fresh > 0);
    assert_ok(&p.b.c, desk_sync_take(&p.b.c, p.b.node, &a, buf_view(&second), &taken));
    assert_int_equal(taken.fresh, 0);
    assert_ok(&p.b.c, desk_sync_take(&p.b.c, p.b.node, &a, buf_view(&first), &taken));
    assert_int_equal(taken.fresh, 0);
    for (size_t i = 0; i < first.n; i += 7) {
        AUTO(Buf) spoilt = {0};
        buf_append(&spoilt, first.p, first.n);
        assert_false(spoilt.failed);
        spoilt.p[i] = (char)(spoilt.p[i] ^ 4);
        assert_int_not_equal(desk_sync_take(&p.b.c, p.b.node, &a, buf_view(&spoilt), &taken), OK);
        ctx_reset(&p.b.c);
    }
    world_reopen(&p.a);
    world_reopen(&p.b);
    carry(&p.a, &p.b);
    assert_true(holds(&p.b, one));
    assert_true(holds(&p.b, two));
    pair_done(&p);
}

static void test_nothing_new(void **state) {
    (void)state;
    Pair p;
    pair_open(&p);
    carry(&p.a, &p.b);
    CryptoHash b = agency_of(&p.b);
    DeskInfo before, after;
    assert_ok(&p.a.c, desk_info(&p.a.c, p.a.node, &before));
    for (int i = 0; i < 5; i++) {
        tick(&p.a);
        assert_false(desk_sync_waits(p.a.node, &b));
        assert_false(carry_one(&p.a, &p.b, 0));
    }
    assert_ok(&p.a.c, desk_info(&p.a.c, p.a.node, &after));
    assert_int_equal(before.records, after.records);
    pair_done(&p);
}

static void test_accord(void **state) {
    (void)state;
    Pair p;
    pair_open(&p);
    carry(&p.a, &p.b);
    RecordId old = case_to(&p.a, "Before the accord zq5", &p.b, NULL);
    RecordId own = case_new(&p.a, "Ours zq6");
    carry(&p.a, &p.b);
    assert_false(holds(&p.b, old));
    RecordId id = accord(&p, "\"case\"", true, NULL);
    carry(&p.a, &p.b);
    assert_true(holds(&p.b, old)); // what is old flows when the accord comes into force
    RecordId fresh = case_to(&p.a, "After zq7", &p.b, NULL),
             back = case_to(&p.b, "Back zq8", &p.a, NULL);
    carry(&p.a, &p.b);
    assert_true(holds(&p.b, fresh));
    assert_true(holds(&p.a, back));
    assert_false(world_grep(&p.b, p.b.dir, STR("zq6"), NULL));
    (void)own;
    // B leaves: what comes after does not flow.
    Str names[2];
    RecordMark m = mark_to(&p.b, names, &p.a);
    DeskDraft leave = {.kind = RECORD_ACCORD_SIGN,
                       .has_of = true,
                       .of = id,
                       .mark = &m,
                       .body = STR("{\"note\":null,\"signed\":false}")};
    add(&p.b, &leave);
    carry(&p.a, &p.b);
    RecordId late = case_to(&p.a, "Late zq9", &p.b, NULL);
    carry(&p.a, &p.b);
    assert_false(holds(&p.b, late));
    pair_done(&p);
}

static void test_erase(void **state) {
    (void)state;
    Pair p;
    pair_open(&p);
    RecordId one = case_new(&p.a, "Erased zq10");
    share(&p.a, one, &p.b);
    carry(&p.a, &p.b);
    assert_true(holds(&p.b, one));
    char id[RECORD_ID_TEXT_BYTES];
    DeskRecord erase;
    record_id_text(one, id);
    assert_ok(&p.a.c, desk_erase(&p.a.c, &p.a.desk, str_of(id), STR("mistake"), &erase));
    carry(&p.a, &p.b);
    assert_false(holds(&p.b, one));
    Str where = {0};
    if (world_grep(&p.b, p.b.dir, STR("zq10"), &where))
        fail_msg("zq10 is still in " STR_FMT, STR_ARG(where));
    assert_false(world_grep(&p.a, p.a.dir, STR("zq10"), NULL));
    pair_done(&p);
}

static void test_document(void **state) {
    (void)state;
    Pair p;
    pair_open(&p);
    AUTO(Buf) bytes = {0};
    for (int i = 0; i < 20000; i++)
        buf_format(&bytes, "line %d of a letter\n", i);
    DeskAttachment put, got;
    assert_ok(&p.a.c, desk_attachment_put(&p.a.c, &p.a.desk, STR("letter.txt"), STR("text/plain"),
                                          buf_view(&bytes), NULL, 0, &put));
    RecordId id;
    assert_true(record_id_parse(put.id, &id));
    Str sha256;
    assert_ok(&p.b.c, str_copy(&p.b.c, str_of(put.sha256), &sha256));
    char hex[65];
    memcpy(hex, put.sha256, sizeof hex);
    carry(&p.a, &p.b);
    AUTO(Buf) out = {0};
    assert_int_equal(desk_attachment_get(&p.b.c, &p.b.desk, str_of(hex), &got, &out), E_NOT_FOUND);
    share(&p.a, id, &p.b);
    tick(&p.a);
    for (int i = 0; i < 60; i++) { // 400 KB in messages of 16 KiB
        carry_one(&p.a, &p.b, 16384);
        carry_one(&p.b, &p.a, 16384);
    }
    buf_clear(&out);
    assert_ok(&p.b.c, desk_attachment_get(&p.b.c, &p.b.desk, str_of(hex), &got, &out));
    assert_int_equal(out.n, bytes.n);
    assert_memory_equal(out.p, bytes.p, out.n);
    retract(&p.a, id, &p.b, NULL);
    carry(&p.a, &p.b);
    buf_clear(&out);
    assert_int_equal(desk_attachment_get(&p.b.c, &p.b.desk, str_of(hex), &got, &out), E_NOT_FOUND);
    assert_false(world_grep(&p.b, p.b.dir, STR("line 777 of a letter"), NULL));
    pair_done(&p);
}

// A, B and D share an accord; D speaks with B alone, and has what A made from there.
static void test_relay(void **state) {
    (void)state;
    Pair p;
    World d;
    CryptoSignKey d_key;
    pair_open_relay(&p, true);
    world_open_seeded(&d, 9, "LA", "centre");
    unlock(&d, &d_key);
    confirm(&p.b, &d, true);
    confirm(&d, &p.b, true);
    carry(&p.a, &p.b);
    carry(&p.b, &d);
    accord(&p, "\"case\"", false, &d);
    for (int i = 0; i < 3; i++) {
        carry(&p.a, &p.b);
        carry(&p.b, &d);
    }
    RecordId all = case_to(&p.a, "For all zq11", &p.b, &d),
             two = case_to(&p.a, "For two zq12", &p.b, NULL);
    carry(&p.a, &p.b);
    carry(&p.b, &d);
    assert_true(holds(&p.b, all));
    assert_true(holds(&p.b, two));
    assert_true(holds(&d, all));
    assert_false(world_grep(&d, d.dir, STR("zq12"), NULL));
    carry(&p.a, &p.b);
    {
        AUTO(DeskReading) r = {0};
        const PicturePassed *items;
        size_t n;
        assert_ok(&p.a.c, desk_reading_machine(&p.a.c, p.a.node, &r));
        assert_ok(&p.a.c, picture_passed_of(&p.a.c, r.slot->picture, all, &items, &n));
        size_t by_b = 0; // what D hands back to B is told to A as well
        for (size_t i = 0; i < n; i++)
            by_b += str_eq_c(items[i].agency, p.b.node->agency_id) &&
                    str_eq_c(items[i].to, d.node->agency_id);
        assert_int_equal(by_b, 1);
    }
    retract(&p.a, all, &d, &p.b);
    for (int i = 0; i < 2; i++) {
        carry(&p.a, &p.b);
        carry(&p.b, &d);
    }
    assert_false(holds(&d, all));
    assert_true(holds(&p.b, all));
    world_done(&d);
    pair_done(&p);
}

// A set back to an older copy: it is shown its own signature and writes nothing.
static void test_set_back(void **state) {
    (void)state;
    Pair p;
    pair_open(&p);
    carry(&p.a, &p.b);
    Str copy = world_path(&p.a, "copy");
    assert_ok(&p.a.c,
              desk_backup(&p.a.c, p.a.node, copy, STR("long enough words"), (DeskProgress){0}));
    RecordId one = case_new(&p.a, "After the copy");
    share(&p.a, one, &p.b);
    carry(&p.a, &p.b);
    desk_close(p.a.node);
    p.a.node = NULL;
    snprintf(p.a.dir, sizeof p.a.dir, "%s/again", p.a.folder);
    copy = world_path(&p.a, "copy");
    assert_ok(&p.a.c, desk_recover(&p.a.c, &p.a.env, str_of(p.a.dir), copy,
                                   STR("long enough words"), (DeskProgress){0}));
    world_reopen(&p.a);
    for (int i = 0; i < 3; i++) {
        carry_one(&p.a, &p.b, 0);
        carry_one(&p.b, &p.a, 0);
    }
    DeskCase k;
    assert_int_equal(desk_case_new(&p.a.c, &p.a.desk, STR("More"), &k), E_READ_ONLY);
    world_reopen(&p.a);
    assert_int_equal(desk_case_new(&p.a.c, &p.a.desk, STR("More"), &k), E_READ_ONLY);
    pair_done(&p);
}

// --- what is false ------------------------------------------------------------------------------

// The message as the peer itself would sign it, with the salt of one opening spoilt.
static void spoil(Pair *p, const Buf *message, Buf *out) {
    CryptoPublicKey by;
    SyncMessage m;
    SyncWriter w;
    assert_ok(&p->a.c, sync_read(&p->a.c, buf_view(message), &by, &m));
    assert_true(m.opening_count > 0);
    assert_ok(&p->a.c, sync_write_begin(&p->a.c, &w, &m.head));
    sync_put_have(&w, &m.have);
    sync_put_journal(&w, m.journal_start, m.journal_end);
    for (size_t i = 0; i < m.opening_count; i++) {
        SyncOpening o = m.openings[i];
        o.salt[0] = (uint8_t)(o.salt[0] ^ (i == 0));
        sync_put_opening(&w, &o);
    }
    for (size_t i = 0; i < m.tree_count; i++)
        sync_put_tree(&w, &m.trees[i]);
    assert_ok(&p->a.c, sync_write_end(&p->a.c, &w, &p->a.node->exchange->link_key, out));
}

static void test_fault(void **state) {
    (void)state;
    Pair p;
    pair_open(&p);
    CryptoHash a = agency_of(&p.a), b = agency_of(&p.b);
    AUTO(Buf) message = {0}, false_one = {0};
    DeskSyncAsk ask = {0};
    DeskSyncTaken taken;
    bool news;
    RecordId one = case_new(&p.a, "One");
    share(&p.a, one, &p.b);
    assert_ok(&p.a.c, desk_sync_make(&p.a.c, p.a.node, &b, &ask, &message, &news));
    spoil(&p, &message, &false_one);
    assert_int_equal(desk_sync_take(&p.b.c, p.b.node, &a, buf_view(&false_one), &taken), E_CRYPTO);
    // The link is stopped until an officer says to go on, also behind a start.
    assert_int_equal(desk_sync_take(&p.b.c, p.b.node, &a, buf_view(&message), &taken), E_DENIED);
    world_reopen(&p.b);
    unlock(&p.b, &p.b_key);
    const DeskLink *links;
    size_t n;
    assert_ok(&p.b.c, desk_link_list(&p.b.c, p.b.node, &links, &n));
    assert_true(n == 1 && links[0].stopped);
    assert_int_equal(desk_sync_take(&p.b.c, p.b.node, &a, buf_view(&message), &taken), E_DENIED);
    {
        AUTO(DeskWriting) w = {0};
        assert_ok(&p.b.c, desk_writing_begin(&p.b.c, p.b.node, &p.b.desk, &w));
        assert_ok(&p.b.c, desk_exchange_resume(&p.b.c, &w, &a));
        assert_int_equal(desk_exchange_resume(&p.b.c, &w, &a), E_STATE);
    }
    carry(&p.a, &p.b);
    assert_true(holds(&p.b, one));
    pair_done(&p);
}

static DeskPeer peer_of(World *w, const World *other) {
    DeskPeer p;
    CryptoHash agency = agency_of(other);
    assert_ok(&w->c, desk_exchange_fresh(&w->c, w->node));
    assert_ok(&w->c, desk_exchange_peer(&w->c, w->node, &agency, &p));
    return p;
}

// A node and its copy go on apart: each tells another agency its own history.
static void fork_of(Pair *p, World *d, bool same_size) {
    static World copy;
    CryptoSignKey key;
    Str file = world_path(&p->a, "copy");
    assert_ok(&p->a.c,
              desk_backup(&p->a.c, p->a.node, file, STR("long enough words"), (DeskProgress){0}));
    world_folder(&copy);
    copy.env.random = crypto_random_seeded(&copy.random, 77);
    copy.secrets = p->a.secrets;
    copy.now = p->a.now;
    assert_ok(&copy.c, desk_recover(&copy.c, &copy.env, str_of(copy.dir), file,
                                    STR("long enough words"), (DeskProgress){0}));
    assert_ok(&copy.c, desk_open(&copy.c, &copy.env, str_of(copy.dir), &copy.node));
    assert_ok(&copy.c, desk_as(&copy.c, copy.node, (Str){0}, &copy.desk));
    unlock(&copy, &key);
    share(&p->a, case_new(&p->a, "Told to one"), &p->b);
    if (!same_size)
        case_new(&p->a, "One more");
    share(&copy, case_new(&copy, "Told to the other"), d);
    carry(&p->a, &p->b);
    carry(&copy, d);
    world_done(&copy);
}

static void test_fork(void **state) {
    (void)state;
    for (int same_size = 0; same_size < 2; same_size++) {
        Pair p;
        World d;
        CryptoSignKey d_key;
        pair_open_relay(&p, true);
        world_open_seeded(&d, 9, "LA", "centre");
        unlock(&d, &d_key);
        confirm(&p.b, &d, true);
        confirm(&d, &p.b, true);
        confirm(&p.a, &d, false);
        confirm(&d, &p.a, false);
        accord(&p, "\"case\"", false, &d);
        for (int i = 0; i < 3; i++) {
            carry(&p.a, &p.b);
            carry(&p.b, &d);
            carry(&p.a, &d);
        }
        fork_of(&p, &d, same_size);
        for (int i = 0; i < 6 && peer_of(&p.b, &p.a).j.fault == JOURNAL_SOUND; i++) {
            carry(&p.b, &d);
            p.a.now += 61000000;
            p.b.now += 61000000;
            d.now += 61000000;
            carry_try(&p.a, &p.b);
        }
        carry(&p.b, &d);
        assert_int_equal(peer_of(&p.b, &p.a).j.fault, JOURNAL_FORKED);
        assert_int_equal(peer_of(&p.b, &d).j.fault, JOURNAL_SOUND);
        { // No officer makes that good.
            CryptoHash a = agency_of(&p.a);
            AUTO(DeskWriting) w = {0};
            assert_ok(&p.b.c, desk_writing_begin(&p.b.c, p.b.node, NULL, &w));
            assert_int_equal(desk_exchange_resume(&p.b.c, &w, &a), E_STATE);
        }
        assert_int_equal(peer_of(&p.b, &p.a).j.fault, JOURNAL_FORKED);
        // The other links go on, and D hears of it.
        RecordId more = case_to(&p.b, "Between us", &d, NULL);
        carry(&p.b, &d);
        assert_true(holds(&d, more));
        // Two notes of one size prove it to anybody; that it could not prove, each finds out
        // itself.
        assert_int_equal(peer_of(&d, &p.a).j.fault, same_size ? JOURNAL_FORKED : JOURNAL_SOUND);
        world_done(&d);
        pair_done(&p);
    }
}

static void test_mirror(void **state) {
    (void)state;
    Pair p;
    pair_open(&p);
    accord(&p, "\"case\"", true, NULL);
    carry(&p.a, &p.b);
    for (int i = 0; i < 30; i++)
        case_new(&p.a, "Not disclosed");
    carry(&p.a, &p.b);
    uint32_t log;
    int64_t size, ours;
    CryptoHash a = agency_of(&p.a), all[8];
    AUTO(DeskReading) r = {0};
    assert_ok(&p.b.c, desk_reading_machine(&p.b.c, p.b.node, &r));
    assert_ok(&p.b.c, ledger_log_find(&p.b.c, r.slot->ledger, &a, &log));
    assert_ok(&p.b.c, ledger_reader_size(&p.b.c, r.slot->ledger, log, &size));
    DeskInfo info;
    assert_ok(&p.a.c, desk_info(&p.a.c, p.a.node, &info));
    ours = (int64_t)info.records;
    assert_int_equal(size, ours);
    assert_ok(&p.b.c, ledger_commitments(&p.b.c, r.slot->ledger, log, size - 8, 8, all));
    DeskReading_cleanup(&r);
    assert_false(world_grep(&p.b, p.b.dir, STR("Not disclosed"), NULL));
    pair_done(&p);
}

static void test_cosigned(void **state) {
    (void)state;
    Pair p;
    pair_open(&p);
    carry(&p.a, &p.b);
    JournalCosign *items;
    size_t n;
    CryptoHash a = agency_of(&p.a), b = agency_of(&p.b);
    assert_ok(&p.a.c, journal_cosign_list(&p.a.c, ledger_db(p.a.node->ledger), &a, &items, &n));
    assert_int_equal(n, 1);
    assert_memory_equal(&items[0].witness, &b, sizeof b);
    assert_true(items[0].size > 0 && items[0].line.n > 0);
    pair_done(&p);
}

static void test_clocks(void **state) {
    (void)state;
    Pair p;
    pair_open(&p);
    carry(&p.a, &p.b);
    assert_ok(&p.a.c, desk_clock_check(&p.a.c, p.a.node));
    p.b.now += 700000000;
    case_new(&p.b, "Something");
    share(&p.b, case_new(&p.b, "Later"), &p.a);
    carry(&p.a, &p.b);
    assert_int_equal(desk_clock_check(&p.a.c, p.a.node), E_STATE);
    pair_done(&p);
}

int run_desk_exchange_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_link),     cmocka_unit_test(test_share_and_retract),
        cmocka_unit_test(test_hole),     cmocka_unit_test(test_small_messages),
        cmocka_unit_test(test_noise),    cmocka_unit_test(test_nothing_new),
        cmocka_unit_test(test_accord),   cmocka_unit_test(test_erase),
        cmocka_unit_test(test_document), cmocka_unit_test(test_relay),
        cmocka_unit_test(test_set_back), cmocka_unit_test(test_fault),
        cmocka_unit_test(test_fork),     cmocka_unit_test(test_mirror),
        cmocka_unit_test(test_cosigned), cmocka_unit_test(test_clocks),
    };
    return cmocka_run_group_tests_name("exchange", tests, NULL, NULL);
}
