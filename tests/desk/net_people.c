// What people of a network do, by the seed: they report, make accords, share, take back, erase,
// pass on, end their ties.
#include "net.h"

#include "desk/order_priv.h"

#define ALL_PURPOSES 3

static const char *const purposes[ALL_PURPOSES] = {"intake", "investigation", "liaison"};

// --- marks
// ----------------------------------------------------------------------------------------

typedef struct Marking {
    RecordMark mark;
    Str to[FLOW_NODES_MAX], purposes[ALL_PURPOSES];
} Marking;

static int by_hex(const void *a, const void *b) {
    const Str *x = a, *y = b;
    return str_cmp(*x, *y);
}

static void mark_to(Net *net, Marking *m, uint32_t bits) {
    m->mark.to_count = 0;
    for (int i = 0; i < net->count; i++)
        if (bits >> i & 1)
            m->to[m->mark.to_count++] = str_of(net->nodes[i].hex);
    qsort(m->to, m->mark.to_count, sizeof m->to[0], by_hex);
    m->mark.to = m->to;
}

static void mark_any(Net *net, Marking *m, uint32_t to) {
    memset(m, 0, sizeof *m);
    m->mark = record_mark_default();
    m->mark.tlp = (RecordTlp)rng_below(&net->rng, 5);
    m->mark.pap = (RecordPap)rng_below(&net->rng, 4);
    m->mark.handling =
        rng_below(&net->rng, 4) ? RECORD_H0 : (RecordHandling)rng_below(&net->rng, 3);
    mark_to(net, m, to);
    for (size_t i = 0; i < ALL_PURPOSES && rng_below(&net->rng, 6) == 0; i++)
        m->purposes[m->mark.purpose_count++] = str_of(purposes[i]);
    m->mark.purposes = m->purposes;
}

// The very mark of a record: what is said of an object carries it.
static void mark_same(Net *net, Marking *m, const FlowRecord *r) {
    const JsonValue *v;
    memset(m, 0, sizeof *m);
    net_ok(net, json_read(&net->c, &net->json, r->mark.text, &v));
    net_ok(net, record_mark_parse(&net->c, v, &m->mark));
}

// --- words
// ----------------------------------------------------------------------------------------

typedef struct Word {
    char text[FLOW_WORD_BYTES];
} Word;

static Word word(Net *net) {
    Word w;
    snprintf(w.text, sizeof w.text, "zq%05ux", ++net->words % 100000);
    return w;
}

typedef struct IdText {
    char text[RECORD_ID_TEXT_BYTES];
} IdText;

static IdText id_text(RecordId id) {
    IdText t;
    record_id_text(id, t.text);
    return t;
}

static RecordId put(Net *net, int node, DeskDraft draft, const char *format, ...) PRINTF_LIKE(4, 5);
static RecordId put(Net *net, int node, DeskDraft draft, const char *format, ...) {
    char body[4096];
    va_list args;
    va_start(args, format);
    vsnprintf(body, sizeof body, format, args);
    va_end(args);
    draft.body = str_of(body);
    RecordId id = net_record(net, node, &draft);
    const FlowRecord *r = flow_find(&net->flow, id);
    net_say(net, "%s writes %s %s, leaf %lld, to %x%s%s", net->nodes[node].name, r->kind, r->word,
            (long long)r->leaf, r->mark.to, draft.has_of ? ", of " : "",
            draft.has_of ? id_text(draft.of).text : "");
    return id;
}

// --- who and what
// ---------------------------------------------------------------------------------

static int any_node(Net *net) {
    return (int)rng_below(&net->rng, (uint64_t)net->count);
}

typedef bool (*Fits)(const Net *net, const FlowRecord *r, int node);

// A record that fits, by chance; NULL when none does.
static FlowRecord *any_record(Net *net, int node, Fits fits) {
    size_t n = net->flow.count, begin = n ? rng_below(&net->rng, n) : 0;
    for (size_t i = 0; i < n; i++) {
        FlowRecord *r = &net->flow.items[(begin + i) % n];
        if (fits(net, r, node))
            return r;
    }
    return NULL;
}

static bool is_object(const FlowRecord *r) {
    static const char *const kinds[] = {"report", "case",  "contact",   "claim",
                                        "victim", "order", "attachment"};
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (strcmp(r->kind, kinds[i]) == 0)
            return true;
    return false;
}

static bool own_object(const Net *net, const FlowRecord *r, int node) {
    (void)net;
    return r->author == node && is_object(r) && !r->erased;
}

static bool is_node(const FlowRecord *r, int node, const char *kind) {
    return strcmp(r->kind, kind) == 0 && (r->know >> node & 1);
}

static uint32_t some_nodes(Net *net, int with) {
    uint32_t bits = 1U << with;
    for (int i = 0; i < net->count; i++)
        bits |= rng_below(&net->rng, 3) == 0 ? 1U << i : 0;
    return bits;
}

// Those of an accord, or any.
static uint32_t readers(Net *net, int node) {
    uint32_t bits = 0;
    size_t n = net->flow.said_count;
    if (rng_below(&net->rng, 8) == 0)
        return 0; // by the TLP alone
    for (size_t i = 0, begin = rng_below(&net->rng, n + 1); i < n && !bits; i++) {
        const FlowRecord *r = &net->flow.items[net->flow.said[(begin + i) % n]];
        if (strcmp(r->kind, "accord") == 0 && (r->agencies >> node & 1))
            bits = r->agencies;
    }
    return bits ? bits : some_nodes(net, node);
}

// --- objects
// --------------------------------------------------------------------------------------

static void write_report(Net *net, int node, const Marking *m) {
    Word w = word(net);
    RecordId id = put(net, node, (DeskDraft){.kind = RECORD_REPORT, .mark = &m->mark},
                      "{\"accounts\":[],\"channel\":null,\"country\":null,\"currency\":null,"
                      "\"happened_at\":null,\"loss\":null,\"phones\":[],\"report\":\"%s\","
                      "\"reported_at\":\"2026-01-01T07:00:00.000000Z\",\"row\":"
                      "\"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\","
                      "\"transfers\":[],\"urls\":[]}",
                      w.text);
    if (rng_below(&net->rng, 2) == 0)
        return;
    put(net, node,
        (DeskDraft){.kind = RECORD_VICTIM, .mark = &m->mark, .refs = &id, .ref_count = 1},
        "{\"contact\":null,\"report\":\"%s\",\"story\":null,\"victim\":\"%s\"}", id_text(id).text,
        word(net).text);
}

static void say_written(Net *net, int node, RecordId id) {
    desk_exchange_touch(net->nodes[node].node);
    net_absorb_node(net, &net->nodes[node]);
    const FlowRecord *r = flow_find(&net->flow, id);
    net_say(net, "%s writes %s %s (%s), leaf %lld, to %x", net->nodes[node].name, r->kind, r->word,
            id_text(id).text, (long long)r->leaf, r->mark.to);
}

// Its bytes are its word, which is its name, too.
static void write_attachment(Net *net, int node, const Marking *m) {
    NetNode *n = &net->nodes[node];
    CryptoHash sha256;
    RecordId id;
    Word w = word(net);
    {
        AUTO(DeskWriting) writing = {0};
        DeskAttach a = {str_of(w.text), STR("text/plain"), str_of(w.text), NULL, 0, &m->mark};
        net_ok(net, desk_writing_begin(&net->c, n->node, &n->desk, &writing));
        net_ok(net, desk_group_begin(&net->c, &writing));
        net_ok(net, desk_attach(&net->c, &writing, &a, &sha256, &id));
        net_ok(net, desk_group_commit(&net->c, &writing));
    }
    say_written(net, node, id);
}

static void write_order(Net *net, int node, const Marking *m) {
    NetNode *n = &net->nodes[node];
    RecordId id;
    Word w = word(net);
    {
        AUTO(DeskWriting) writing = {0};
        DeskNumbers numbers = {0};
        DeskOrderNew o = {.account = {STR("TH"), STR("014"), STR("A1")},
                          .currency = STR("THB"),
                          .addressee_country = STR("TH"),
                          .addressee_institution = STR("014"),
                          .addressee_kind = STR("bank"),
                          .amount = 5000,
                          .persons = 1,
                          .note = str_of(w.text),
                          .mark = m->mark};
        net_ok(net, desk_writing_begin(&net->c, n->node, &n->desk, &writing));
        net_ok(net, desk_group_begin(&net->c, &writing));
        net_ok(net, desk_order_add(&net->c, &writing, &numbers, &o, &id));
        net_ok(net, desk_group_commit(&net->c, &writing));
    }
    say_written(net, node, id);
}

static void write_object(Net *net, int node) {
    Marking m;
    mark_any(net, &m, readers(net, node));
    switch (rng_below(&net->rng, 8)) {
    case 3:
        write_attachment(net, node, &m);
        return;
    case 4:
        write_order(net, node, &m);
        return;
    case 0:
        put(net, node, (DeskDraft){.kind = RECORD_CASE, .mark = &m.mark}, "{\"title\":\"%s\"}",
            word(net).text);
        return;
    case 1:
        put(net, node, (DeskDraft){.kind = RECORD_CONTACT, .mark = &m.mark},
            "{\"country\":\"TH\",\"desk\":\"%s\",\"email\":null,\"hours\":null,\"institution\":"
            "\"014\",\"language\":\"th\",\"note\":null,\"phone\":null}",
            word(net).text);
        return;
    case 2:
        put(net, node, (DeskDraft){.kind = RECORD_CLAIM, .mark = &m.mark},
            "{\"key\":\"%s\",\"row\":{\"url\":\"https://a.example/\"},\"source\":\"bot\","
            "\"table\":\"sources\"}",
            word(net).text);
        return;
    default:
        write_report(net, node, &m);
        return;
    }
}

static bool held_report(const Net *net, const FlowRecord *r, int node) {
    // Of another agency: what we say of it goes back to that agency.
    return strcmp(r->kind, "report") == 0 && (r->know >> node & 1) && !r->erased &&
           !flow_gone(&net->flow, r, node);
}

static bool own_order(const Net *net, const FlowRecord *r, int node) {
    (void)net;
    return strcmp(r->kind, "order") == 0 && r->author == node && !r->erased;
}

static bool is_issued(const Net *net, RecordId order) {
    for (size_t i = 0; i < net->flow.count; i++) {
        const FlowRecord *r = &net->flow.items[i];
        if (strcmp(r->act, "issue") == 0 && record_id_eq(r->root, order) && !r->erased)
            return true;
    }
    return false;
}

// An act of an order of ours, signed. The first one may be its issue: before that it goes nowhere.
static void write_act(Net *net, int node) {
    const FlowRecord *r = any_record(net, node, own_order);
    NetNode *n = &net->nodes[node];
    Marking m;
    RecordId id;
    Word w = word(net);
    if (!r)
        return;
    mark_same(net, &m, r);
    bool issue = !is_issued(net, r->id) && rng_below(&net->rng, 3) > 0;
    {
        AUTO(DeskWriting) writing = {0};
        DeskActNew a = {.order = r->id,
                        .event = {.act = issue ? ORDER_ISSUE : ORDER_ATTEMPT,
                                  .party = ORDER_ISSUER,
                                  .persons = 1,
                                  .has_ends_at = issue,
                                  .ends_at = net->now + 1000 * NET_HOUR},
                        .mark = &m.mark,
                        .note = str_of(w.text)};
        net_ok(net, desk_writing_begin(&net->c, n->node, &n->desk, &writing));
        net_ok(net, desk_group_begin(&net->c, &writing));
        net_ok(net, desk_order_act_add(&net->c, &writing, &a, &id));
        net_ok(net, desk_group_commit(&net->c, &writing));
    }
    say_written(net, node, id);
}

static void write_standing(Net *net, int node) {
    const FlowRecord *r = any_record(net, node, held_report);
    Marking m;
    if (!r)
        return;
    mark_same(net, &m, r);
    put(net, node,
        (DeskDraft){.kind = RECORD_STANDING, .has_of = true, .of = r->id, .mark = &m.mark},
        "{\"document\":null,\"note\":\"%s\",\"standing\":\"claimed\"}", word(net).text);
}

// What never leaves, whatever its mark says.
static void write_secret(Net *net, int node) {
    Marking m;
    mark_any(net, &m, (1U << net->count) - 1);
    if (rng_below(&net->rng, 2)) {
        put(net, node, (DeskDraft){.kind = RECORD_FLAG, .mark = &m.mark},
            "{\"active\":true,\"country\":null,\"party\":\"%s\",\"reason\":null,\"source\":\"un\"}",
            word(net).text);
        return;
    }
    put(net, node, (DeskDraft){.kind = RECORD_GLASS, .mark = &m.mark},
        "{\"grants\":\"grievance.read\",\"reason\":\"%s\",\"until\":"
        "\"2026-01-01T09:00:00.000000Z\"}",
        word(net).text);
}

// A party under sanctions, or one that is none any more.
static void write_flag(Net *net, int node) {
    int of = any_node(net);
    Marking m;
    if (of == node)
        return;
    mark_any(net, &m, 1U << node);
    put(net, node, (DeskDraft){.kind = RECORD_FLAG, .mark = &m.mark},
        "{\"active\":%s,\"country\":null,\"party\":\"%s\",\"reason\":\"%s\",\"source\":\"un\"}",
        rng_below(&net->rng, 3) ? "true" : "false", net->nodes[of].hex, word(net).text);
}

// --- accords
// --------------------------------------------------------------------------------------

static void write_accord(Net *net, int node) {
    static const char *const kinds[] = {"\"*\"", "\"report\"", "\"case\",\"report\"",
                                        "\"*\",\"victim\""};
    AUTO(Buf) members = {0};
    Marking m;
    uint32_t bits = 1U << node;
    for (int i = 0; i < net->count; i++)
        if (flow_confirmed(&net->flow, node, i) && rng_below(&net->rng, 2))
            bits |= 1U << i;
    if (rng_below(&net->rng, 3) == 0)
        bits |= 1U << any_node(net);
    mark_any(net, &m, bits);
    m.mark.purpose_count = 0;
    for (size_t i = 0; i < m.mark.to_count; i++)
        buf_format(&members, "%s{\"agency\":\"" STR_FMT "\",\"law\":\"law\",\"mirror\":%s}",
                   i ? "," : "", STR_ARG(m.to[i]), rng_below(&net->rng, 6) ? "false" : "true");
    put(net, node, (DeskDraft){.kind = RECORD_ACCORD, .mark = &m.mark},
        "{\"begins_at\":\"2026-01-01T00:00:00.000000Z\",\"ends_at\":null,\"kinds\":[%s],"
        "\"mark\":{\"days\":0,\"handling\":\"H0\",\"pap\":\"AMBER\",\"tlp\":\"AMBER\"},"
        "\"members\":[" STR_FMT "],\"name\":\"accord-%u\",\"purposes\":[%s],\"title\":\"%s\"}",
        kinds[rng_below(&net->rng, COUNT_OF(kinds))], STR_ARG(buf_view(&members)), net->words,
        rng_below(&net->rng, 2) ? "" : "\"intake\",\"liaison\"", word(net).text);
}

static void sign(Net *net, int node, const FlowRecord *accord, bool yes) {
    Marking m;
    mark_same(net, &m, accord);
    put(net, node,
        (DeskDraft){.kind = RECORD_ACCORD_SIGN, .has_of = true, .of = accord->id, .mark = &m.mark},
        "{\"note\":\"%s\",\"signed\":%s}", word(net).text, yes ? "true" : "false");
}

static const FlowRecord *said_last(const Net *net, int node, const char *kind, RecordId root) {
    const FlowRecord *last = NULL;
    for (size_t i = 0; i < net->flow.said_count; i++) {
        const FlowRecord *r = &net->flow.items[net->flow.said[i]];
        if (r->author == node && strcmp(r->kind, kind) == 0 && record_id_eq(r->root, root) &&
            (!last || r->leaf > last->leaf))
            last = r;
    }
    return last;
}

static bool unsigned_accord(const Net *net, const FlowRecord *r, int node) {
    return is_node(r, node, "accord") && (r->agencies >> node & 1) &&
           !said_last(net, node, "accord_sign", r->id);
}

static bool signed_accord(const Net *net, const FlowRecord *r, int node) {
    if (!is_node(r, node, "accord"))
        return false;
    const FlowRecord *s = said_last(net, node, "accord_sign", r->id);
    return s && s->yes;
}

// --- shares
// ---------------------------------------------------------------------------------------

static bool shared_with(const Net *net, const FlowRecord *r, int to) {
    for (size_t i = 0; i < net->flow.said_count; i++) {
        const FlowRecord *s = &net->flow.items[net->flow.said[i]];
        if (s->author == r->author && record_id_eq(s->about, r->id) &&
            ((strcmp(s->kind, "share") == 0 && (s->mark.to >> to & 1)) ||
             (strcmp(s->kind, "retract") == 0 && (s->agencies >> to & 1))))
            return true;
    }
    return false;
}

static void write_share(Net *net, int node) {
    const FlowRecord *r = any_record(net, node, own_object);
    int to = any_node(net);
    Marking m;
    if (!r || to == node || !flow_confirmed(&net->flow, node, to) || shared_with(net, r, to))
        return;
    RecordId about = r->id;
    bool by_accord = r->mark.to >> to & 1;
    char kind[32];
    snprintf(kind, sizeof kind, "%s", r->kind);
    mark_any(net, &m, 1U << node | 1U << to);
    // One who has it by an accord as well gets it without an end: two marks would count there.
    if (rng_below(&net->rng, 4) == 0 && !by_accord) {
        m.mark.has_until = true;
        m.mark.until_us = net->now + NET_HOUR;
    }
    bool accept = m.mark.handling > RECORD_H0 || rng_below(&net->rng, 4) == 0;
    put(net, node, (DeskDraft){.kind = RECORD_SHARE, .mark = &m.mark},
        "{\"accept\":%s,\"answers\":null,\"contact\":null,\"due_at\":null,\"kind\":\"%s\","
        "\"record\":\"%s\",\"title\":\"%s\"}",
        accept ? "true" : "false", kind, id_text(about).text, word(net).text);
}

static bool open_share(const Net *net, const FlowRecord *r, int node) {
    return is_node(r, node, "share") && r->author != node && r->yes &&
           !said_last(net, node, "share_act", r->id);
}

static void act_on_share(Net *net, int node) {
    const FlowRecord *s = any_record(net, node, open_share);
    Marking m;
    if (!s)
        return;
    int handling = rng_below(&net->rng, 4) ? s->mark.handling : 0;
    bool accept = rng_below(&net->rng, 4);
    mark_same(net, &m, s);
    put(net, node,
        (DeskDraft){.kind = RECORD_SHARE_ACT, .has_of = true, .of = s->id, .mark = &m.mark},
        "{\"act\":\"%s\",\"code\":null,\"handling\":\"H%d\",\"note\":\"%s\"}",
        accept ? "accept" : "refuse", handling, word(net).text);
}

static void write_retract(Net *net, int node) {
    const FlowRecord *r = any_record(net, node, own_object);
    AUTO(Buf) from = {0};
    Marking m;
    uint32_t bits = 0;
    for (int i = 0; r && i < net->count; i++)
        if (i != node && rng_below(&net->rng, 2) &&
            (shared_with(net, r, i) || (r->mark.to >> i & 1) || (r->had >> i & 1)))
            bits |= 1U << i;
    if (!bits)
        return;
    RecordId about = r->id;
    mark_any(net, &m, bits);
    m.mark.purpose_count = 0;
    for (size_t i = 0; i < m.mark.to_count; i++)
        buf_format(&from, "%s\"" STR_FMT "\"", i ? "," : "", STR_ARG(m.to[i]));
    mark_to(net, &m, bits | 1U << node);
    put(net, node, (DeskDraft){.kind = RECORD_RETRACT, .mark = &m.mark},
        "{\"from\":[" STR_FMT "],\"reason\":\"%s\",\"record\":\"%s\"}", STR_ARG(buf_view(&from)),
        word(net).text, id_text(about).text);
}

static bool own_erasable(const Net *net, const FlowRecord *r, int node) {
    return own_object(net, r, node) ||
           (r->author == node && strcmp(r->kind, "standing") == 0 && !r->erased);
}

static void erase(Net *net, int node) {
    const FlowRecord *r = any_record(net, node, own_erasable);
    DeskRecord erased;
    Word w = word(net);
    if (!r)
        return;
    net_say(net, "%s erases %s %s", net->nodes[node].name, r->kind, r->word);
    NetNode *n = &net->nodes[node];
    // An officer who sees it: a mark may hide it from the one who wrote it.
    Desk d = n->desk;
    d.acts |= (uint64_t)1 << DESK_VICTIM_READ;
    d.clearance = RECORD_TLP_RED;
    Err e = desk_erase(&net->c, &d, str_of(id_text(r->id).text), str_of(w.text), &erased);
    if (e == E_STATE) // a legal hold: something that is not finished rests on it
        net_say(net, "it is held: %s", net->c.error);
    else if (e != OK && e != E_NOT_FOUND)
        net_fail(net, "%s cannot erase: %s: %s", n->name, err_name(e), net->c.error);
    desk_exchange_touch(n->node);
    net_absorb_node(net, n);
}

// --- passing on
// -----------------------------------------------------------------------------------

static bool foreign_object(const Net *net, const FlowRecord *r, int node) {
    return r->author != node && is_object(r) && (r->know >> node & 1) && !r->erased &&
           !flow_gone(&net->flow, r, node);
}

static void ask_pass_on(Net *net, int node) {
    const FlowRecord *r = any_record(net, node, foreign_object);
    int to = any_node(net);
    Marking m;
    if (!r || to == node || to == r->author)
        return;
    RecordId about = r->id;
    mark_any(net, &m, 1U << node | 1U << r->author);
    m.mark.purpose_count = 0;
    put(net, node, (DeskDraft){.kind = RECORD_NOTICE, .mark = &m.mark},
        "{\"act\":\"pass_on\",\"contact\":\"desk\",\"due_at\":\"2026-01-02T07:00:00.000000Z\","
        "\"handling\":\"H0\",\"recipient\":\"%s\",\"records\":[\"%s\"],\"text\":\"%s\",\"title\":"
        "\"May we\"}",
        net->nodes[to].hex, id_text(about).text, word(net).text);
}

static bool open_notice(const Net *net, const FlowRecord *r, int node) {
    return is_node(r, node, "notice") && r->author != node &&
           !said_last(net, node, "notice_act", r->id);
}

static void answer_notice(Net *net, int node) {
    const FlowRecord *n = any_record(net, node, open_notice);
    Marking m;
    if (!n)
        return;
    const FlowRecord *about = flow_find(&net->flow, n->about);
    bool ours = about && about->author == node;
    mark_same(net, &m, n);
    put(net, node,
        (DeskDraft){.kind = RECORD_NOTICE_ACT, .has_of = true, .of = n->id, .mark = &m.mark},
        "{\"act\":\"%s\",\"code\":null,\"note\":\"%s\",\"shares\":[],\"until\":null}",
        ours && rng_below(&net->rng, 4) ? "grant" : "refuse", word(net).text);
}

// --- all of it
// ------------------------------------------------------------------------------------

static void revoke_any(Net *net, int node) {
    int to = any_node(net);
    AUTO(Buf) out = {0};
    if (to == node || !flow_confirmed(&net->flow, node, to))
        return;
    net_say(net, "%s revokes %s", net->nodes[node].name, net->nodes[to].name);
    net_ok(net, desk_peer_revoke(&net->c, &net->nodes[node].desk, str_of(net->nodes[to].name),
                                 STR("ended"), &out));
    desk_exchange_touch(net->nodes[node].node);
    net_absorb_node(net, &net->nodes[node]);
}

static void sign_any(Net *net, int node) {
    const FlowRecord *a = any_record(net, node, unsigned_accord);
    if (a)
        sign(net, node, a, true);
}

static void leave_any(Net *net, int node) {
    const FlowRecord *a = any_record(net, node, signed_accord);
    if (a)
        sign(net, node, a, false);
}

void net_people(Net *net, int steps) {
    static const struct {
        void (*act)(Net *net, int node);
        unsigned weight;
    } acts[] = {
        {write_object, 30}, {write_standing, 12}, {write_act, 9},  {write_secret, 3},
        {write_accord, 4},  {sign_any, 14},       {leave_any, 1},  {write_share, 14},
        {act_on_share, 10}, {write_retract, 4},   {erase, 3},      {ask_pass_on, 3},
        {answer_notice, 5}, {revoke_any, 1},      {write_flag, 1},
    };
    unsigned all = 0;
    for (size_t i = 0; i < COUNT_OF(acts); i++)
        all += acts[i].weight;
    for (int s = 0; s < steps; s++) {
        unsigned at = (unsigned)rng_below(&net->rng, all);
        int node = any_node(net);
        for (int i = 0; i < net->count; i++)
            net->flow.now[i] = net->now + net->nodes[i].skew;
        for (size_t i = 0; i < COUNT_OF(acts); i++) {
            if (at < acts[i].weight) {
                acts[i].act(net, node);
                break;
            }
            at -= acts[i].weight;
        }
        ctx_reset(&net->c);
    }
}

void net_begin(Net *net) {
    for (int a = 0; a < net->count; a++)
        for (int b = 0; b < a; b++) {
            // A chain at least; now and then one side has not confirmed.
            bool near = a - b == 1;
            if (!near && rng_below(&net->rng, 2))
                continue;
            net_confirm(net, a, b, rng_below(&net->rng, 2));
            if (near || rng_below(&net->rng, 8))
                net_confirm(net, b, a, rng_below(&net->rng, 2));
            ctx_reset(&net->c);
        }
    for (int i = 0; i < 2 + net->count / 4; i++)
        write_accord(net, any_node(net));
    net_settle(net);
    for (int node = 0; node < net->count; node++)
        for (int i = 0; i < 4; i++)
            sign_any(net, node);
    net_settle(net);
}
