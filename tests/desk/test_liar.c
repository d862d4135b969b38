// What a peer may say of others, of us and of itself, and what comes of it where it is not so: what
// it relays without being asked, heads and positions that never were, kinds that never leave, false
// documents, quotas.
#include "groups.h"
#include "rogue.h"

#include "desk/order_priv.h"
#include "journal/journal.h"
#include "shelf/shelf.h"

typedef struct Stage {
    Net net;
    Rogue rogue, other; // the other is known to nobody
} Stage;

static void confirm(Stage *s, bool relay) {
    AUTO(Buf) out = {0};
    NetNode *n = &s->net.nodes[0];
    DeskPeerDraft draft = {
        .card = rogue_card(&s->rogue, &s->net.c), .name = STR("rogue"), .relay = relay};
    assert_ok(&s->net.c, desk_peer_add(&s->net.c, &n->desk, &draft, &out));
    net_absorb_node(&s->net, n);
}

static Err take(Stage *s, Str message, DeskSyncTaken *ret_taken) {
    DeskSyncTaken taken = {0};
    Err e = desk_sync_take(&s->net.c, s->net.nodes[0].node, &s->rogue.agency, message, &taken);
    if (ret_taken)
        *ret_taken = taken;
    net_absorb_node(&s->net, &s->net.nodes[0]);
    return e;
}

static int set_up(void **state) {
    static Stage s;
    *state = &s;
    net_open(&s.net, 9, 1);
    rogue_open(&s.rogue, 13, s.net.now - NET_HOUR);
    rogue_open(&s.other, 14, s.net.now - NET_HOUR);
    confirm(&s, false);
    const CryptoHash *us = &s.net.nodes[0].agency;
    assert_ok(&s.net.c, take(&s, rogue_message(&s.rogue, &s.net.c, us, s.net.now, 0, 0), NULL));
    return 0;
}

static int tear_down(void **state) {
    Stage *s = *state;
    rogue_done(&s->other);
    rogue_done(&s->rogue);
    net_done(&s->net);
    return 0;
}

static bool stopped(Stage *s) {
    const DeskLink *links;
    size_t n;
    assert_ok(&s->net.c, desk_link_list(&s->net.c, s->net.nodes[0].node, &links, &n));
    assert_int_equal(n, 1);
    return links[0].stopped;
}

static void resume(Stage *s) {
    AUTO(Buf) out = {0};
    assert_ok(&s->net.c, desk_peer_resume(&s->net.c, &s->net.nodes[0].desk, STR("rogue"), &out));
}

// Head, HAVE and JOURNAL of an honest message without anything new.
static void begin(Stage *s) {
    CryptoHash none = {0};
    rogue_head(&s->rogue, &s->net.nodes[0].agency, s->net.now);
    rogue_have(&s->rogue, 0, 0, &none);
    rogue_journal(&s->rogue, 3, 3);
}

static Err end(Stage *s) {
    return take(s, rogue_end(&s->rogue, &s->net.c, NULL), NULL);
}

static bool knows_other(Stage *s) {
    AUTO(DeskReading) r = {0};
    uint32_t log;
    assert_ok(&s->net.c, desk_reading_machine(&s->net.c, s->net.nodes[0].node, &r));
    Err e = ledger_log_find(&s->net.c, r.slot->ledger, &s->other.agency, &log);
    assert_true(e == OK || e == E_NOT_FOUND);
    return e == OK;
}

// --- of others ----------------------------------------------------------------------------------

// The log of the other in a message of the rogue's; `under`: whose it says it is.
static Err relay(Stage *s, const CryptoHash *under) {
    static const int64_t leaves[] = {0, 1, 2};
    Rogue *o = &s->other, *r = &s->rogue;
    CryptoHash own = o->agency;
    CryptoHash none = {0};
    rogue_head(r, &s->net.nodes[0].agency, s->net.now);
    rogue_have(r, 0, 0, &none);
    rogue_journal(r, 3, 6);
    buf_clear(&o->plain);
    o->agency = *under;
    rogue_tree(o, 0, o->count, leaves, 3);
    o->agency = own;
    for (int64_t i = 0; i < 3; i++)
        rogue_opening(o, 0, i);
    buf_str(&r->plain, buf_view(&o->plain));
    return end(s);
}

static void test_relayed_without_being_asked(void **state) {
    Stage *s = *state;
    assert_ok(&s->net.c, relay(s, &s->other.agency));
    assert_false(knows_other(s));
    assert_false(stopped(s));
}

static void test_relayed_under_another_name(void **state) {
    Stage *s = *state;
    AUTO(Buf) out = {0};
    DeskPeerDraft draft = {.card = STR("rogue"), .name = STR("rogue"), .relay = true};
    assert_ok(&s->net.c, desk_peer_add(&s->net.c, &s->net.nodes[0].desk, &draft, &out));
    CryptoHash nobody = {{7}};
    assert_int_equal(relay(s, &nobody), E_CRYPTO);
    assert_true(stopped(s));
    assert_false(knows_other(s));
    resume(s);
    assert_ok(&s->net.c, relay(s, &s->other.agency));
    assert_true(knows_other(s));
}

// SEEN: a checkpoint of this log, of `size` leaves, signed by whoever.
static void put_seen(Stage *s, const CryptoHash *origin, const char *hex,
                     const LedgerTreeHead *head, const CryptoSignKey *key) {
    AUTO(Buf) b = {0};
    AUTO(Buf) note = {0};
    char name[96];
    snprintf(name, sizeof name, "moei/%s/main", hex);
    assert_ok(&s->net.c, ledger_note_write(&s->net.c, str_of(name), head, key, &note));
    buf_append(&b, origin->b, sizeof origin->b);
    buf_str(&b, buf_view(&note));
    rogue_frame(&s->rogue, FRAME_SEEN, b.p, b.n);
}

static bool forked(Stage *s, const CryptoHash *agency) {
    JournalOrigin o;
    assert_ok(&s->net.c,
              journal_origin_get(&s->net.c, ledger_db(s->net.nodes[0].node->ledger), agency, &o));
    return o.forked;
}

// A `fork` record about the other: two trees of one size, signed by whoever.
static void add_fork(Stage *s, const CryptoSignKey *key) {
    Ctx *keep = &s->rogue.keep;
    Str notes[2], body;
    char name[96];
    snprintf(name, sizeof name, "moei/%s/main", s->other.hex);
    for (int i = 0; i < 2; i++) {
        AUTO(Buf) note = {0};
        AUTO(Buf) text = {0};
        LedgerTreeHead head = {9, {{(uint8_t)i}}};
        assert_ok(keep, ledger_note_write(keep, str_of(name), &head, key, &note));
        JsonWriter w = json_writer_start(&text);
        json_put_str(&w, buf_view(&note));
        assert_ok(keep, json_writer_end(keep, &w));
        assert_ok(keep, str_copy(keep, buf_view(&text), &notes[i]));
    }
    assert_ok(keep, str_format(keep, &body,
                               "{\"agency\":\"%s\",\"log\":\"main\",\"notes\":[" STR_FMT "," STR_FMT
                               "],\"why\":\"two_roots\"}",
                               s->other.hex, STR_ARG(notes[0]), STR_ARG(notes[1])));
    RogueRecord fork = {.kind = RECORD_FORK, .to_count = 2, .body = body.p};
    fork.to[0] = str_of(s->rogue.hex);
    fork.to[1] = str_of(s->net.nodes[0].hex);
    desk_sort_strs(fork.to, 2);
    rogue_add(&s->rogue, &fork);
}

// What another says of it counts as far as it proves it.
static void test_slander_by_a_record(void **state) {
    Stage *s = *state;
    Rogue *r = &s->rogue;
    AUTO(Buf) out = {0};
    DeskPeerDraft draft = {.card = STR("rogue"), .name = STR("rogue"), .relay = true};
    assert_ok(&s->net.c, desk_peer_add(&s->net.c, &s->net.nodes[0].desk, &draft, &out));
    assert_ok(&s->net.c, relay(s, &s->other.agency)); // three entries of the journal more
    for (int own_key = 0; own_key < 2; own_key++) {
        int64_t leaf = r->count;
        add_fork(s, own_key ? &s->other.log_key : &r->log_key);
        CryptoHash none = {0};
        rogue_head(r, &s->net.nodes[0].agency, s->net.now);
        rogue_have(r, 0, 0, &none);
        rogue_journal(r, (uint64_t)leaf + 3, (uint64_t)leaf + 4);
        rogue_tree(r, leaf, r->count, &leaf, 1);
        rogue_opening(r, 0, leaf);
        assert_ok(&s->net.c, end(s));
        assert_int_equal(forked(s, &s->other.agency), own_key);
        assert_false(stopped(s));
    }
}

// Nobody brings another into disrepute: only its own signature under two trees does.
static void test_slander(void **state) {
    Stage *s = *state;
    Rogue *o = &s->other;
    AUTO(Buf) out = {0};
    DeskPeerDraft draft = {.card = STR("rogue"), .name = STR("rogue"), .relay = true};
    assert_ok(&s->net.c, desk_peer_add(&s->net.c, &s->net.nodes[0].desk, &draft, &out));
    assert_ok(&s->net.c, relay(s, &o->agency));
    LedgerTreeHead head = {(uint64_t)o->count, rogue_root(o, o->count)};
    head.root.b[9] ^= 1;
    for (int own_key = 0; own_key < 2; own_key++) {
        begin(s);
        put_seen(s, &o->agency, o->hex, &head, own_key ? &o->log_key : &s->rogue.log_key);
        assert_ok(&s->net.c, end(s));
        assert_int_equal(forked(s, &o->agency), own_key);
        assert_false(stopped(s));
    }
}

// --- of us --------------------------------------------------------------------------------------

// Payload of the first frame of this type in the message made last; NULL: it has none.
static const char *frame_of(Stage *s, uint8_t type) {
    Str plain = buf_view(&s->net.plain);
    for (size_t at = 0; at + 5 <= plain.n; at += 5 + load_u32le(plain.p + at + 1))
        if ((uint8_t)plain.p[at] == type)
            return plain.p + at + 5;
    return NULL;
}

static uint64_t number_at(Stage *s, uint8_t type, size_t offset) {
    const char *payload = frame_of(s, type);
    assert_non_null(payload);
    return load_u64le(payload + offset);
}

static void make(Stage *s) {
    AUTO(Buf) message = {0};
    bool news;
    int64_t next;
    DeskSyncAsk ask = {0};
    Ctx *c = &s->net.c;
    DeskNode *n = s->net.nodes[0].node;
    assert_ok(c, desk_exchange_tick(c, n, &next));
    assert_ok(c, desk_sync_make(c, n, &s->rogue.agency, &ask, &message, &news));
    assert_true(net_unpack(&s->net, buf_view(&message)));
}

// A position that we never gave is cut to what there is, and what comes next goes out as ever.
static void test_a_position_that_never_was(void **state) {
    Stage *s = *state;
    CryptoHash none = {0};
    make(s);
    rogue_head(&s->rogue, &s->net.nodes[0].agency, s->net.now);
    rogue_have(&s->rogue, 1ULL << 40, 0, &none);
    rogue_journal(&s->rogue, 3, 3);
    assert_ok(&s->net.c, end(s));
    make(s);
    uint64_t start = number_at(s, FRAME_JOURNAL, 0), over = number_at(s, FRAME_JOURNAL, 8);
    assert_true(start == over && over > 0 && over < 100);
    AUTO(Buf) out = {0};
    Str to = STR("rogue");
    DeskNoticeDraft draft = {.act = STR("alert"),
                             .to = &to,
                             .to_count = 1,
                             .title = STR("Look out"),
                             .text = STR("zqalert"),
                             .contact = STR("desk")};
    assert_ok(&s->net.c, desk_notice_new(&s->net.c, &s->net.nodes[0].desk, &draft, &out));
    make(s);
    size_t at;
    assert_true(number_at(s, FRAME_JOURNAL, 8) > over);
    assert_true(str_find(buf_view(&s->net.plain), STR("zqalert"), &at));
}

// A head of ours that we never signed makes no node believe that it was restored from an old copy.
static void test_a_head_that_we_never_signed(void **state) {
    Stage *s = *state;
    const NetNode *n = &s->net.nodes[0];
    LedgerTreeHead head = {1000000, {{1}}};
    DeskCase k;
    begin(s);
    put_seen(s, &n->agency, n->hex, &head, &s->rogue.log_key);
    (void)end(s);
    assert_false(desk_exchange_silent(n->node));
    assert_ok(&s->net.c, desk_case_new(&s->net.c, &n->desk, STR("still writing"), &k));
}

static void put_cosign(Stage *s, const LedgerCheckpoint *head, const CryptoSignKey *key) {
    AUTO(Buf) b = {0};
    AUTO(Buf) line = {0};
    char name[80], size[8];
    snprintf(name, sizeof name, "moei/%s", s->rogue.hex);
    assert_ok(&s->net.c,
              sync_cosign_make(&s->net.c, str_of(name), head->note, s->net.now, key, &line));
    store_u64le(size, (uint64_t)head->size);
    buf_append(&b, s->net.nodes[0].agency.b, 32);
    buf_append(&b, size, sizeof size);
    buf_str(&b, buf_view(&line));
    rogue_frame(&s->rogue, FRAME_COSIGN, b.p, b.n);
}

// A cosignature counts by the witness' link key alone.
static void test_cosignatures(void **state) {
    Stage *s = *state;
    Ctx *c = &s->net.c;
    LedgerCheckpoint head;
    AUTO(DeskReading) r = {0};
    assert_ok(c, desk_reading_machine(c, s->net.nodes[0].node, &r));
    assert_ok(c, ledger_checkpoint(c, r.slot->ledger, LEDGER_MAIN, &head));
    Str note;
    assert_ok(&s->net.keep, str_copy(&s->net.keep, head.note, &note));
    head.note = note;
    DeskReading_cleanup(&r);
    for (int link = 0; link < 2; link++) {
        JournalCosign *items;
        size_t n;
        begin(s);
        put_cosign(s, &head, link ? &s->rogue.link_key : &s->rogue.log_key);
        assert_ok(c, end(s));
        assert_ok(c, journal_cosign_list(c, ledger_db(s->net.nodes[0].node->ledger),
                                         &s->net.nodes[0].agency, &items, &n));
        assert_int_equal(n, link);
    }
}

// Who has another history of our log stops the link: one of us was set back and went on.
static void test_another_history_of_ours(void **state) {
    Stage *s = *state;
    AUTO(DeskReading) r = {0};
    LedgerCheckpoint head;
    Ctx *c = &s->net.c;
    assert_ok(c, desk_reading_machine(c, s->net.nodes[0].node, &r));
    assert_ok(c, ledger_checkpoint(c, r.slot->ledger, LEDGER_MAIN, &head));
    DeskReading_cleanup(&r);
    for (int truth = 1; truth >= 0; truth--) {
        CryptoHash root = head.root;
        root.b[3] ^= !truth;
        rogue_head(&s->rogue, &s->net.nodes[0].agency, s->net.now);
        rogue_have(&s->rogue, 0, (uint64_t)head.size, &root);
        rogue_journal(&s->rogue, 3, 3);
        assert_int_equal(end(s), truth ? OK : E_EXISTS);
        assert_int_equal(stopped(s), !truth);
    }
}

// What only we may say of our record: a share of it, or that it is taken back, by another counts
// for nothing.
static void test_others_do_not_share_what_is_ours(void **state) {
    Stage *s = *state;
    Ctx *c = &s->net.c;
    Rogue *r = &s->rogue;
    DeskCase one, two;
    AUTO(Buf) out = {0};
    char body[400];
    size_t at;
    Str to = STR("rogue");
    const Desk *d = &s->net.nodes[0].desk;
    DeskShareDraft share = {.to = &to, .to_count = 1};
    assert_ok(c, desk_case_new(c, d, STR("zqstays"), &one));
    assert_ok(c, desk_case_new(c, d, STR("zqgoes"), &two));
    snprintf(body, sizeof body,
             "{\"accept\":false,\"answers\":null,\"contact\":null,\"due_at\":null,\"kind\":"
             "\"case\",\"record\":\"" STR_FMT "\",\"title\":null}",
             STR_ARG(one.id));
    RogueRecord said = {.kind = RECORD_SHARE, .to_count = 2, .body = body};
    said.to[0] = str_of(r->hex);
    said.to[1] = str_of(s->net.nodes[0].hex);
    desk_sort_strs(said.to, 2);
    rogue_add(r, &said);
    char taken_back[400];
    snprintf(taken_back, sizeof taken_back,
             "{\"from\":[\"%s\"],\"reason\":\"x\",\"record\":\"" STR_FMT "\"}", r->hex,
             STR_ARG(two.id));
    said.kind = RECORD_RETRACT;
    said.body = taken_back;
    rogue_add(r, &said);
    assert_ok(c, take(s, rogue_message(r, c, &s->net.nodes[0].agency, s->net.now, 3, 3), NULL));
    make(s);
    assert_false(str_find(buf_view(&s->net.plain), STR("zqstays"), &at));
    assert_ok(c, desk_share(c, d, two.id, &share, &out));
    make(s);
    assert_true(str_find(buf_view(&s->net.plain), STR("zqgoes"), &at));
    assert_false(str_find(buf_view(&s->net.plain), STR("zqstays"), &at));
}

// Content under a handling goes out when its code was accepted, and by no other answer.
static void test_only_the_code_opens(void **state) {
    static const struct {
        const char *act, *handling;
        bool opens;
    } answers[] = {{"refuse", "H1", false},
                   {"receive", "H1", false},
                   {"accept", "H0", false},
                   {"accept", "H2", false},
                   {"accept", "H1", true}};
    Stage *s = *state;
    Ctx *c = &s->net.c;
    Rogue *r = &s->rogue;
    const Desk *d = &s->net.nodes[0].desk;
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        AUTO(Buf) out = {0};
        DeskCase k;
        char title[16], body[200];
        Str to = STR("rogue");
        size_t at;
        DeskShareDraft share = {
            .to = &to, .to_count = 1, .handling = STR("H1"), .title = STR("a case")};
        snprintf(title, sizeof title, "zqguard%zu", i);
        assert_ok(c, desk_case_new(c, d, str_of(title), &k));
        assert_ok(c, desk_share(c, d, k.id, &share, &out));
        net_absorb_node(&s->net, &s->net.nodes[0]);
        const FlowRecord *said = &s->net.flow.items[s->net.flow.count - 1];
        assert_string_equal(said->kind, "share");
        RecordId id = said->id;
        const JsonValue *v;
        RecordMark mark; // an act carries that of its object
        assert_ok(c, json_read(c, &s->net.json, said->mark.text, &v));
        assert_ok(c, record_mark_parse(c, v, &mark));
        snprintf(body, sizeof body,
                 "{\"act\":\"%s\",\"code\":null,\"handling\":\"%s\",\"note\":null}", answers[i].act,
                 answers[i].handling);
        RogueRecord act = {.kind = RECORD_SHARE_ACT, .of = &id, .mark = &mark, .body = body};
        int64_t leaf = rogue_add(r, &act);
        Str m = rogue_message(r, c, &s->net.nodes[0].agency, s->net.now, leaf, leaf);
        assert_ok(c, take(s, m, NULL));
        make(s);
        bool went = str_find(buf_view(&s->net.plain), str_of(title), &at);
        if (went != answers[i].opens)
            fail_msg("%s %s: %d", answers[i].act, answers[i].handling, went);
    }
}

// --- of itself ----------------------------------------------------------------------------------

static void test_kinds_that_never_leave(void **state) {
    static const struct {
        RecordKind kind;
        const char *body;
    } never[] = {
        {RECORD_FLAG, "{\"active\":true,\"country\":null,\"party\":\"zqparty\",\"reason\":null,"
                      "\"source\":\"un\"}"},
        {RECORD_GLASS, "{\"grants\":\"grievance.read\",\"reason\":\"zqglass\",\"until\":"
                       "\"2026-01-01T09:00:00.000000Z\"}"},
    };
    Stage *s = *state;
    Rogue *r = &s->rogue;
    for (size_t i = 0; i < COUNT_OF(never); i++) {
        rogue_add(r, &(RogueRecord){.kind = never[i].kind, .body = never[i].body});
        Str m = rogue_message(r, &s->net.c, &s->net.nodes[0].agency, s->net.now, 3, 3);
        assert_int_equal(take(s, m, NULL), E_INVALID);
        assert_true(stopped(s));
        resume(s);
        r->count--;
    }
}

// An officer's signature that does not hold, and a time that is not later than what came before.
static void test_false_records(void **state) {
    Stage *s = *state;
    Rogue *r = &s->rogue;
    Str accord_mark = str_of(r->hex);
    RogueRecord sign = {.kind = RECORD_SHARE_ACT,
                        .of = &r->leaves[2].id,
                        .to_count = 1,
                        .body = "{\"act\":\"accept\",\"code\":null,\"handling\":\"H0\",\"note\":"
                                "\"zqsigned\"}"};
    sign.to[0] = accord_mark;
    for (int good = 0; good < 2; good++) {
        RogueLeaf *l = &r->leaves[rogue_add(r, &sign)];
        size_t at;
        if (!good) {
            assert_true(str_find(l->envelope, STR("\"sig\":\""), &at));
            char *bent;
            assert_ok(&r->keep, ctx_alloc(&r->keep, l->envelope.n, &bent));
            memcpy(bent, l->envelope.p, l->envelope.n);
            bent[at + 12] = bent[at + 12] == '0' ? '1' : '0';
            l->envelope.p = bent;
            CryptoHash commitment = record_commitment(l->envelope, l->salt);
            l->hash = ledger_merkle_leaf(commitment.b, sizeof commitment.b);
        }
        Str m = rogue_message(r, &s->net.c, &s->net.nodes[0].agency, s->net.now, 3, 3);
        assert_int_equal(take(s, m, NULL), good ? OK : E_CRYPTO);
        assert_int_equal(stopped(s), !good);
        if (!good)
            resume(s);
        r->count -= !good;
    }
    rogue_add(r, &(RogueRecord){.kind = RECORD_CASE, .body = "{\"title\":\"zqfirst\"}"});
    r->now -= 2000;
    rogue_add(r, &(RogueRecord){.kind = RECORD_CASE, .body = "{\"title\":\"zqbefore\"}"});
    Str m = rogue_message(r, &s->net.c, &s->net.nodes[0].agency, s->net.now, 4, 4);
    assert_int_equal(take(s, m, NULL), E_INVALID);
    assert_true(stopped(s));
}

// What it signed and is of no form is its fault; what it did not sign is nobody's.
static void test_signed_and_of_no_form(void **state) {
    Stage *s = *state;
    char opening[60] = {0};
    for (int signs = 0; signs < 2; signs++) {
        begin(s);
        rogue_frame(&s->rogue, FRAME_OPENING, opening,
                    sizeof opening); // of a TREE that is not there
        CryptoSignKey none = s->rogue.officer_key;
        Str m = rogue_end(&s->rogue, &s->net.c, signs ? NULL : &none);
        assert_true(take(s, m, NULL) != OK);
        assert_int_equal(stopped(s), signs);
    }
}

// --- documents ----------------------------------------------------------------------------------

static void put_want(Rogue *r, const CryptoHash *sha256) {
    char bytes[40] = {0};
    memcpy(bytes, sha256->b, 32);
    rogue_frame(r, FRAME_WANT, bytes, sizeof bytes);
}

static void put_blob(Rogue *r, const CryptoHash *sha256, uint64_t total, Str part) {
    AUTO(Buf) b = {0};
    char numbers[16] = {0};
    store_u64le(numbers + 8, total);
    buf_append(&b, sha256->b, sizeof sha256->b);
    buf_append(&b, numbers, sizeof numbers);
    buf_str(&b, part);
    rogue_frame(r, FRAME_BLOB, b.p, b.n);
}

// Who knows the hash of a document has no right to it: only who got a record that names it.
static void test_a_document_is_not_for_who_knows_its_hash(void **state) {
    Stage *s = *state;
    Ctx *c = &s->net.c;
    DeskAttachment a;
    CryptoHash sha256;
    size_t at;
    assert_ok(c, desk_attachment_put(c, &s->net.nodes[0].desk, STR("a.txt"), STR("text/plain"),
                                     STR("zqdocument"), NULL, 0, &a));
    net_absorb_node(&s->net, &s->net.nodes[0]);
    assert_true(hex_decode(str_of(a.sha256), sha256.b, sizeof sha256.b));
    for (int shared = 0; shared < 3; shared++) { // not, with it, not any more
        AUTO(Buf) out = {0};
        Str to = STR("rogue");
        DeskShareDraft share = {.to = &to, .to_count = 1};
        DeskRetractDraft back = {.reason = STR("wrong")};
        if (shared == 1)
            assert_ok(c, desk_share(c, &s->net.nodes[0].desk, a.id, &share, &out));
        if (shared == 2)
            assert_ok(c, desk_retract(c, &s->net.nodes[0].desk, a.id, &back, &out));
        make(s);
        begin(s);
        put_want(&s->rogue, &sha256);
        assert_ok(c, end(s));
        make(s);
        assert_int_equal(str_find(buf_view(&s->net.plain), STR("zqdocument"), &at), shared == 1);
    }
}

// Larger than any shelf takes: it was asked for, and is not any more.
static void test_documents_that_are_too_large(void **state) {
    Stage *s = *state;
    Ctx *c = &s->net.c;
    Rogue *r = &s->rogue;
    NetNode *n = &s->net.nodes[0];
    uint64_t bytes = SYNC_DOCUMENT_BYTES_MAX + 1;
    char hex[65], body[256];
    AUTO(Buf) digits = {0};
    CryptoHash theirs = {{9}};
    buf_hex(&digits, theirs.b, sizeof theirs.b);
    snprintf(hex, sizeof hex, STR_FMT, STR_ARG(buf_view(&digits)));
    snprintf(body, sizeof body,
             "{\"bytes\":%llu,\"name\":\"pack\",\"sha256\":\"%s\",\"type\":\"text/plain\"}",
             (unsigned long long)bytes, hex);
    rogue_add(r, &(RogueRecord){.kind = RECORD_ATTACHMENT, .body = body});
    assert_ok(c, take(s, rogue_message(r, c, &n->agency, s->net.now, 3, 3), NULL));
    make(s);
    assert_memory_equal(frame_of(s, FRAME_WANT), theirs.b, sizeof theirs.b);
    begin(s);
    put_blob(r, &theirs, bytes, STR("its beginning"));
    assert_ok(c, end(s));
    s->net.now += 10 * NET_MINUTE;
    make(s);
    assert_null(frame_of(s, FRAME_WANT));
}

static bool on_shelf(Stage *s, const CryptoHash *sha256) {
    int64_t bytes;
    AUTO(DeskReading) r = {0};
    assert_ok(&s->net.c, desk_reading_machine(&s->net.c, s->net.nodes[0].node, &r));
    return shelf_size(&s->net.c, ledger_db(s->net.nodes[0].node->ledger), sha256, &bytes) == OK;
}

static void test_documents_that_are_false(void **state) {
    Stage *s = *state;
    Rogue *r = &s->rogue;
    char body[512], hex[65];
    Str whole = STR("zqtrue"), wrong = STR("zqfals");
    CryptoHash sha256 = crypto_sha256(whole.p, whole.n), other = crypto_sha256(wrong.p, wrong.n);
    AUTO(Buf) text = {0};
    buf_hex(&text, sha256.b, sizeof sha256.b);
    snprintf(hex, sizeof hex, STR_FMT, STR_ARG(buf_view(&text)));
    // One that no record names is not kept, though its hash fits.
    begin(s);
    put_blob(r, &other, wrong.n, wrong);
    (void)end(s);
    assert_false(on_shelf(s, &other));
    snprintf(body, sizeof body,
             "{\"bytes\":6,\"name\":\"a.txt\",\"sha256\":\"%s\",\"type\":"
             "\"text/plain\"}",
             hex);
    RogueRecord record = {.kind = RECORD_ATTACHMENT, .body = body};
    rogue_add(r, &record);
    assert_ok(
        &s->net.c,
        take(s, rogue_message(r, &s->net.c, &s->net.nodes[0].agency, s->net.now, 3, 3), NULL));
    begin(s);
    put_blob(r, &sha256, wrong.n, wrong);
    assert_int_equal(end(s), E_CRYPTO);
    assert_true(stopped(s));
    assert_false(on_shelf(s, &sha256));
    resume(s);
    begin(s);
    put_blob(r, &sha256, whole.n, whole);
    assert_ok(&s->net.c, end(s));
    assert_true(on_shelf(s, &sha256));
}

// --- quotas -------------------------------------------------------------------------------------

static DeskPeer *row(Stage *s) {
    DeskExchange *x = s->net.nodes[0].node->exchange;
    assert_int_equal(x->count, 1);
    return &x->peers[0];
}

// Whether the page says that today's share is used up: of the peer, and among what is wrong.
static bool shown_full(Stage *s) {
    Ctx *c = &s->net.c;
    AUTO(Buf) json = {0};
    size_t at;
    assert_ok(c, desk_exchange_json(c, &s->net.nodes[0].desk, &json));
    bool full = str_find(buf_view(&json), STR("\"full\":true"), &at);
    assert_true(full == str_find(buf_view(&json), STR("\"what\":\"quota\""), &at));
    return full;
}

static Err quota(Stage *s, bool by_admin, int64_t records) {
    Ctx *c = &s->net.c;
    AUTO(Buf) json = {0};
    Desk admin;
    DeskQuotaDraft draft = {.records = records, .bytes = -1, .messages = -1};
    assert_ok(c, desk_as(c, s->net.nodes[0].node, STR("admin"), &admin));
    return desk_peer_quota(c, by_admin ? &admin : &s->net.nodes[0].desk, STR("rogue"), &draft,
                           &json);
}

// A message without records that begins behind what we took: what lies between has still to come.
static void test_a_beginning_alone_moves_nothing(void **state) {
    Stage *s = *state;
    CryptoHash none = {0};
    int64_t before = row(s)->j.taken;
    rogue_head(&s->rogue, &s->net.nodes[0].agency, s->net.now);
    rogue_have(&s->rogue, 0, 0, &none);
    rogue_journal(&s->rogue, (uint64_t)before + 5, (uint64_t)before + 8);
    assert_ok(&s->net.c, end(s));
    assert_int_equal(row(s)->j.taken, before);
    assert_int_equal(row(s)->j.ends, before + 8);
}

// One day's share of each: refused then, nothing is lost, no fault, and taken the next day.
static void test_quotas(void **state) {
    Stage *s = *state;
    Ctx *c = &s->net.c;
    Rogue *r = &s->rogue;
    for (int which = 0; which < 3; which++) {
        DeskSyncTaken taken;
        size_t at;
        rogue_add(r, &(RogueRecord){.kind = RECORD_CASE, .body = "{\"title\":\"zqquota\"}"});
        Str m = rogue_message(r, c, &s->net.nodes[0].agency, s->net.now, 3 + which, 3 + which);
        Str kept;
        assert_ok(&s->net.keep, str_copy(&s->net.keep, m, &kept));
        JournalPeer *j = &row(s)->j;
        assert_true(j->messages > 0 && j->bytes > 0 && j->records > 0);
        j->messages = which == 0 ? SYNC_QUOTA_MESSAGES_DAY : 1;
        j->bytes = which == 1 ? SYNC_QUOTA_BYTES_DAY - (int64_t)kept.n + 1 : 0;
        j->records = which == 2 ? SYNC_QUOTA_RECORDS_DAY : 0;
        // Too many messages are refused whole; of too many records what is said beside counts.
        if (which == 0) {
            assert_int_equal(take(s, kept, NULL), E_LIMIT);
        } else {
            assert_ok(c, take(s, kept, &taken));
            assert_true(taken.over && taken.fresh == 0);
            assert_int_equal(row(s)->j.taken, 3 + which);
            assert_int_equal(desk_sync_over(c, s->net.nodes[0].node, &r->agency), E_LIMIT);
        }
        assert_true(str_find(str_of(c->error), STR("rogue"), &at) &&
                    str_find(str_of(c->error), STR("midnight"), &at));
        assert_false(stopped(s));
        assert_true(shown_full(s));
        AUTO(Buf) answer = {0};
        assert_ok(c, desk_sync_refuse(c, s->net.nodes[0].node, &r->agency, E_LIMIT, &answer));
        assert_true(net_unpack(&s->net, buf_view(&answer)));
        assert_true(str_find(buf_view(&s->net.plain), STR("one day's share"), &at));
        make(s); // and so says any other message of the day
        assert_non_null(frame_of(s, FRAME_REFUSE));
        if (which == 2) {
            // What an administrator allows counts at once, and on this node alone.
            assert_int_equal(quota(s, false, SYNC_QUOTA_RECORDS_DAY * 2), E_DENIED);
            assert_int_equal(quota(s, true, SYNC_QUOTA_RECORDS_DAY_MIN - 1), E_INVALID);
            assert_int_equal(quota(s, true, SYNC_QUOTA_RECORDS_DAY_MAX + 1), E_INVALID);
            assert_ok(c, quota(s, true, SYNC_QUOTA_RECORDS_DAY + 1));
            assert_false(shown_full(s));
            assert_ok(c, take(s, kept, &taken));
            assert_int_equal(row(s)->j.records, SYNC_QUOTA_RECORDS_DAY + 1);
            assert_int_equal(quota(s, true, 0), OK);
            assert_int_equal(row(s)->j.quota_records, 0);
            return;
        }
        s->net.now += 24 * NET_HOUR;
        assert_false(shown_full(s));
        assert_ok(c, take(s, kept, &taken));
        assert_int_equal(taken.fresh, 1);
        assert_int_equal(row(s)->j.messages, 1);
        assert_int_equal(row(s)->j.records, 1);
    }
}

#define LIAR(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int run_desk_liar_tests(void) {
    const struct CMUnitTest tests[] = {
        LIAR(test_relayed_without_being_asked),
        LIAR(test_relayed_under_another_name),
        LIAR(test_slander),
        LIAR(test_slander_by_a_record),
        LIAR(test_a_position_that_never_was),
        LIAR(test_a_head_that_we_never_signed),
        LIAR(test_cosignatures),
        LIAR(test_another_history_of_ours),
        LIAR(test_others_do_not_share_what_is_ours),
        LIAR(test_only_the_code_opens),
        LIAR(test_kinds_that_never_leave),
        LIAR(test_false_records),
        LIAR(test_signed_and_of_no_form),
        LIAR(test_a_document_is_not_for_who_knows_its_hash),
        LIAR(test_documents_that_are_false),
        LIAR(test_documents_that_are_too_large),
        LIAR(test_a_beginning_alone_moves_nothing),
        LIAR(test_quotas),
    };
    return cmocka_run_group_tests_name("desk: peers that lie", tests, NULL, NULL);
}
