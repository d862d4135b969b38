// The history of a network: every record that an agency wrote, as its own log holds it, and who
// holds what of it now.
#include "net.h"

int net_node_of(const Net *net, Str agency) {
    for (int i = 0; i < net->count; i++)
        if (str_eq_c(agency, net->nodes[i].hex))
            return i;
    return -1;
}

static uint32_t bit_of(const Net *net, Str agency) {
    int node = net_node_of(net, agency);
    return node < 0 ? 0 : 1U << node;
}

// --- the parts of a record that rules look at
// -----------------------------------------------------

static Str kept(Net *net, Str s) {
    Str copy;
    net_ok(net, str_copy(&net->keep, s, &copy));
    return copy;
}

static Str text_at(const JsonValue *body, const char *key) {
    const JsonValue *v = json_find(body, str_of(key));
    return v && v->type == JSON_STR ? v->s : (Str){0};
}

static bool yes_at(const JsonValue *body, const char *key) {
    const JsonValue *v = json_find(body, str_of(key));
    return v && v->type == JSON_BOOL && v->b;
}

static int64_t time_at(const JsonValue *body, const char *key) {
    int64_t at;
    return time_parse(text_at(body, key), &at) ? at : INT64_MAX;
}

// ["a","b"] of the texts of a list.
static Str list_at(Net *net, const JsonValue *body, const char *key) {
    AUTO(Buf) text = {0};
    const JsonValue *v = json_find(body, str_of(key));
    buf_char(&text, '[');
    for (uint32_t i = 0; v && v->type == JSON_ARRAY && i < v->count; i++)
        buf_format(&text, "%s\"" STR_FMT "\"", i ? "," : "", STR_ARG(v->items[i].s));
    buf_char(&text, ']');
    return kept(net, buf_view(&text));
}

static uint32_t agencies_at(const Net *net, const JsonValue *body, const char *key) {
    const JsonValue *v = json_find(body, str_of(key));
    uint32_t bits = 0;
    if (v && v->type == JSON_STR)
        return bit_of(net, v->s);
    for (uint32_t i = 0; v && v->type == JSON_ARRAY && i < v->count; i++) {
        const JsonValue *one = &v->items[i];
        bits |= bit_of(net, one->type == JSON_STR ? one->s : text_at(one, "agency"));
    }
    return bits;
}

static void read_mark(Net *net, const Record *from, FlowMark *ret_mark) {
    FlowMark m = {.handling = (int)from->mark.handling,
                  .open = from->mark.to_count == 0,
                  .text = kept(net, from->mark_bytes),
                  .has_until = from->mark.has_until,
                  .until = from->mark.until_us};
    size_t at, end;
    if (!str_find(m.text, STR("\"purposes\":"), &at))
        net_fail(net, "a mark without purposes");
    m.purposes = (Str){m.text.p + at + 11, m.text.n - at - 11};
    if (!str_find(m.purposes, STR("]"), &end))
        net_fail(net, "a mark whose purposes do not end");
    m.purposes.n = end + 1;
    for (size_t i = 0; i < from->mark.to_count; i++)
        m.to |= bit_of(net, from->mark.to[i]);
    *ret_mark = m;
}

static void read_body(Net *net, const JsonValue *body, FlowRecord *r) {
    static const char *const one[] = {"agency", "recipient", "to", "members", "from", "party"};
    static const char *const flags[] = {"accept", "signed", "active"};
    Str record = text_at(body, "record"), handling = text_at(body, "handling");
    const JsonValue *records = json_find(body, STR("records"));
    if (record.n == 0 && records && records->type == JSON_ARRAY && records->count > 0)
        record = records->items[0].s;
    (void)record_id_parse(record, &r->about);
    for (size_t i = 0; i < COUNT_OF(one); i++)
        if (!r->agencies)
            r->agencies = agencies_at(net, body, one[i]);
    for (size_t i = 0; i < COUNT_OF(flags); i++)
        r->yes = r->yes || yes_at(body, flags[i]);
    r->yes = r->yes || str_eq_c(text_at(body, "state"), "confirmed");
    r->relay = yes_at(body, "relay");
    snprintf(r->act, sizeof r->act, STR_FMT, STR_ARG(text_at(body, "act")));
    r->handling = handling.n == 2 ? handling.p[1] - '0' : -1;
    const JsonValue *members = json_find(body, STR("members"));
    for (uint32_t i = 0; members && members->type == JSON_ARRAY && i < members->count; i++)
        if (yes_at(&members->items[i], "mirror"))
            r->mirrors |= bit_of(net, text_at(&members->items[i], "agency"));
    r->kinds = list_at(net, body, "kinds");
    r->purposes = list_at(net, body, "purposes");
    r->begins = time_at(body, "begins_at");
    r->ends = time_at(body, strcmp(r->kind, "accord") == 0 ? "ends_at" : "until");
}

// Leaves named by `disclosed` and `passed` records.
static void note_leaf(Net *net, int author, int64_t leaf, uint32_t *(*of)(FlowRecord *, int),
                      const FlowRecord *by) {
    for (size_t i = 0; i < net->flow.count; i++) {
        FlowRecord *r = &net->flow.items[i];
        if (r->author == author && r->leaf == leaf)
            *of(r, by->author) |= by->agencies;
    }
}

static uint32_t *disclosed_of(FlowRecord *r, int by) {
    return &r->disclosed[by];
}

static uint32_t *passed_of(FlowRecord *r, int by) {
    return &r->passed[by];
}

static void read_disclosed(Net *net, const JsonValue *body, FlowRecord *r) {
    r->agencies = agencies_at(net, body, "to");
    const JsonValue *logs = json_find(body, STR("logs"));
    for (uint32_t i = 0; logs && logs->type == JSON_ARRAY && i < logs->count; i++) {
        int author = net_node_of(net, text_at(&logs->items[i], "agency"));
        const JsonValue *ranges = json_find(&logs->items[i], STR("leaves"));
        for (uint32_t k = 0; ranges && ranges->type == JSON_ARRAY && k < ranges->count; k++) {
            const JsonValue *range = &ranges->items[k];
            if (range->type != JSON_ARRAY || range->count != 2)
                net_fail(net, "a disclosed record names something that is no range");
            for (int64_t leaf = range->items[0].i; leaf <= range->items[1].i; leaf++)
                note_leaf(net, author, leaf, disclosed_of, r);
        }
    }
}

static void read_passed(Net *net, const JsonValue *body, FlowRecord *r) {
    int author = net_node_of(net, text_at(body, "agency"));
    const JsonValue *leaves = json_find(body, STR("leaves"));
    r->agencies = agencies_at(net, body, "to");
    for (uint32_t i = 0; leaves && leaves->type == JSON_ARRAY && i < leaves->count; i++)
        note_leaf(net, author, leaves->items[i].i, passed_of, r);
}

static void read_word(Str envelope, char ret_word[FLOW_WORD_BYTES]) {
    size_t at;
    ret_word[0] = 0;
    if (str_find(envelope, STR("zq"), &at) && at + 8 <= envelope.n)
        snprintf(ret_word, FLOW_WORD_BYTES, "%.8s", envelope.p + at);
}

static FlowRecord *record_new(Net *net) {
    Flow *f = &net->flow;
    net_ok(net, mem_grow(&net->c, &f->items, &f->cap, f->count + 1, sizeof *f->items));
    memset(&f->items[f->count], 0, sizeof *f->items);
    return &f->items[f->count];
}

static void add_said(Net *net, size_t at) {
    Flow *f = &net->flow;
    const FlowRecord *r = &f->items[at];
    if (!flow_directed(r) && strcmp(r->kind, "peer") != 0 && strcmp(r->kind, "erase") != 0 &&
        strcmp(r->kind, "flag") != 0)
        return;
    net_ok(net, mem_grow(&net->c, &f->said, &f->said_cap, f->said_count + 1, sizeof *f->said));
    f->said[f->said_count++] = at;
}

static void absorb_one(Net *net, NetNode *n, const LedgerItem *item) {
    Record r;
    net_ok(net, record_parse(&net->c, &net->json, item->envelope, &r));
    FlowRecord *h = record_new(net);
    h->author = n->number;
    h->leaf = item->place.seq;
    h->at = r.at_us;
    h->id = r.id;
    h->root = r.root;
    h->know = 1U << n->number;
    snprintf(h->kind, sizeof h->kind, STR_FMT, STR_ARG(r.kind_name));
    read_mark(net, &r, &h->mark);
    read_word(item->envelope, h->word);
    read_body(net, r.body, h);
    if (strcmp(h->kind, "disclosed") == 0)
        read_disclosed(net, r.body, h);
    if (strcmp(h->kind, "passed") == 0)
        read_passed(net, r.body, h);
    for (size_t i = 0; strcmp(h->kind, "erase") == 0 && i < net->flow.count; i++)
        if (record_id_eq(net->flow.items[i].id, h->about)) {
            net->flow.items[i].erased = true;
            net->flow.items[i].know &= ~(1U << n->number);
        }
    add_said(net, net->flow.count++);
}

typedef struct Absorbing {
    Net *net;
    NetNode *node;
} Absorbing;

static Err absorb_visit(void *self, Ctx *c, const LedgerItem *item) {
    Absorbing *a = self;
    (void)c;
    if (item->state != LEDGER_HELD)
        net_fail(a->net, "%s: leaf %lld of its own log was never seen", a->node->name,
                 (long long)item->place.seq);
    absorb_one(a->net, a->node, item);
    a->node->absorbed = item->place.seq + 1;
    return OK;
}

void net_absorb_node(Net *net, NetNode *n) {
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(DeskReading) r = {0};
    Absorbing a = {net, n};
    Err e = desk_reading_machine(&c, n->node, &r);
    if (e == OK)
        e = ledger_scan(&c, r.slot->ledger, LEDGER_MAIN, n->absorbed,
                        (LedgerVisit){absorb_visit, &a});
    if (e != OK)
        net_fail(net, "%s: its log cannot be read: %s", n->name, c.error);
}

void net_absorb(Net *net) {
    for (int i = 0; i < net->count; i++)
        net_absorb_node(net, &net->nodes[i]);
}

// --- who holds what
// -------------------------------------------------------------------------------

typedef struct Looking {
    Net *net;
    NetNode *node;
    int author;
} Looking;

static Err look_visit(void *self, Ctx *c, const LedgerItem *item) {
    Looking *l = self;
    (void)c;
    if (item->state != LEDGER_HELD)
        return OK;
    for (size_t i = 0; i < l->net->flow.count; i++) {
        FlowRecord *r = &l->net->flow.items[i];
        if (r->author == l->author && r->leaf == item->place.seq) {
            r->know |= 1U << l->node->number;
            r->had |= r->know;
            return OK;
        }
    }
    net_fail(l->net, "%s holds leaf %lld of %s, which its author does not", l->node->name,
             (long long)item->place.seq, l->net->nodes[l->author].name);
}

void net_look(Net *net, NetNode *n) {
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(DeskReading) r = {0};
    const LedgerLogInfo *logs;
    size_t count;
    for (size_t i = 0; i < net->flow.count; i++)
        net->flow.items[i].know &= ~(1U << n->number);
    Err e = desk_reading_machine(&c, n->node, &r);
    if (e == OK)
        e = ledger_log_list(&c, r.slot->ledger, &logs, &count);
    for (size_t i = 0; e == OK && i < count; i++) {
        AUTO(Buf) hex = {0};
        buf_hex(&hex, logs[i].agency.b, sizeof logs[i].agency.b);
        Looking l = {net, n, net_node_of(net, buf_view(&hex))};
        if (l.author < 0 && str_eq_c(buf_view(&hex), net->rogue))
            continue;
        if (l.author < 0)
            net_fail(net, "%s has a log of nobody", n->name);
        if (str_eq_c(logs[i].name, "main"))
            e = ledger_scan(&c, r.slot->ledger, logs[i].log, 0, (LedgerVisit){look_visit, &l});
    }
    if (e != OK)
        net_fail(net, "%s: its logs cannot be read: %s", n->name, c.error);
}

// --- packets
// --------------------------------------------------------------------------------------

bool net_unpack(Net *net, Str message) {
    return frames_unpack(message, &net->plain);
}

void net_heard(Net *net, int who, int from) {
    // HEAD comes first: version, from, to, link key, time, flags.
    if (net->plain.n < 5 + 106 || net->plain.p[0] != 1)
        return;
    if (net->plain.p[5 + 105] & 1)
        net->flow.asks[who] |= 1U << from;
    else
        net->flow.asks[who] &= ~(1U << from);
}

bool net_brings(const Net *net) {
    for (size_t at = 0; at + 5 <= net->plain.n;) {
        Frame type = (Frame)net->plain.p[at];
        if (type == FRAME_OPENING || type == FRAME_BLOB || type == FRAME_ASK || type == FRAME_PROVE)
            return true;
        at += 5 + load_u32le(net->plain.p + at + 1);
    }
    return false;
}

void net_talk(Net *net, int from, int to) {
    AUTO(Buf) text = {0};
    for (size_t at = 0; at + 5 <= net->plain.n;) {
        size_t n = load_u32le(net->plain.p + at + 1);
        buf_format(&text, " %d", net->plain.p[at]);
        if (net->plain.p[at] == 2)
            buf_format(&text, "(%llu %llu)", (unsigned long long)load_u64le(net->plain.p + at + 5),
                       (unsigned long long)load_u64le(net->plain.p + at + 13));
        if (net->plain.p[at] == 3)
            buf_format(&text, "(%llu %llu)", (unsigned long long)load_u64le(net->plain.p + at + 5),
                       (unsigned long long)load_u64le(net->plain.p + at + 13));
        if (net->plain.p[at] == 5)
            buf_format(&text, "(%d %llu %zu)", net->plain.p[at + 5],
                       (unsigned long long)load_u64le(net->plain.p + at + 6), n - 41);
        if (net->plain.p[at] == 4)
            buf_format(&text, "(%llu)", (unsigned long long)load_u64le(net->plain.p + at + 37));
        at += 5 + n;
    }
    net_say(net, "%s to %s:" STR_FMT, net->nodes[from].name, net->nodes[to].name,
            STR_ARG(buf_view(&text)));
}

static bool is_word(const char *at) {
    bool digits = at[0] == 'z' && at[1] == 'q' && at[7] == 'x';
    for (int i = 2; i < 7; i++)
        digits = digits && at[i] >= '0' && at[i] <= '9';
    return digits;
}

// A word of a record that may go there: the victim's and the report's erasure have the same.
static void check_word(Net *net, int from, int to, const char *word) {
    const FlowRecord *hidden = NULL;
    for (size_t i = 0; i < net->flow.count; i++) {
        const FlowRecord *r = &net->flow.items[i];
        if (strncmp(r->word, word, 8) != 0)
            continue;
        if (flow_may(&net->flow, from, r, to))
            return;
        hidden = r;
    }
    if (!hidden)
        net_fail(net, "%s gives %.8s to %s, which nobody wrote", net->nodes[from].name, word,
                 net->nodes[to].name);
    net_fail(net, "%s gives %s %s of %s to %s, which may not have it", net->nodes[from].name,
             hidden->kind, hidden->word, net->nodes[hidden->author].name, net->nodes[to].name);
}

// An opening's record, by its id: also those that hold no word.
static void check_opening(Net *net, int from, int to, Str envelope) {
    size_t at;
    RecordId id;
    if (envelope.n == 0)
        return; // a hole
    if (!str_find(envelope, STR("\"id\":\""), &at))
        net_fail(net, "an opening without an id");
    // The first "id" may stand in the body, whose members come before.
    Record r;
    net_ok(net, record_parse(&net->c, &net->json, envelope, &r));
    id = r.id;
    const FlowRecord *h = flow_find(&net->flow, id);
    if (!h)
        net_fail(net, "%s gives a record that nobody wrote", net->nodes[from].name);
    if (!flow_may(&net->flow, from, h, to))
        net_fail(net,
                 "%s gives %s %s (leaf %lld of %s, mark " STR_FMT
                 ", known to %x) to %s, which may not have it",
                 net->nodes[from].name, h->kind, h->word, (long long)h->leaf,
                 net->nodes[h->author].name, STR_ARG(flow_mark(&net->flow, h, from)->text), h->know,
                 net->nodes[to].name);
}

typedef struct Passing {
    Net *net;
    int from, to;
} Passing;

static void pass_opening(void *self, Str envelope) {
    Passing *p = self;
    check_opening(p->net, p->from, p->to, envelope);
}

// Its bytes are a word, which is looked for in all of the message.
static void pass_blob(void *self, Str sha256) {
    Passing *p = self;
    for (size_t i = 0; i < p->net->flow.count; i++) {
        const FlowRecord *r = &p->net->flow.items[i];
        AUTO(Buf) hex = {0};
        CryptoHash of = crypto_sha256(r->word, strlen(r->word));
        buf_hex(&hex, of.b, sizeof of.b);
        if (strcmp(r->kind, "attachment") == 0 && str_eq(buf_view(&hex), sha256) &&
            flow_may(&p->net->flow, p->from, r, p->to))
            return;
    }
    net_fail(p->net, "%s gives bytes to %s of no document that may go there",
             p->net->nodes[p->from].name, p->net->nodes[p->to].name);
}

static const char *pass_told(void *self, Frame type, Str origin) {
    const Passing *p = self;
    const Net *net = p->net;
    if (type == FRAME_LEAVES)
        return flow_mirrors(&net->flow, p->from, p->to) ? NULL : "goes to who is no mirror";
    int of = net_node_of(net, origin);
    if (of == p->to) // its own signature, where it was set back
        return NULL;
    if (of < 0 && !net->rogue[0]) // a scene of its own, whose rogue is in an accord
        return NULL;
    return of >= 0 && of != p->from && flow_tells(&net->flow, p->from, of, p->to)
               ? NULL
               : "tells of a log to who shares no accord with it";
}

void net_check_packet(Net *net, int from, int to, Str message) {
    if (!net_unpack(net, message))
        net_fail(net, "%s makes a message that cannot be unpacked", net->nodes[from].name);
    Str plain = buf_view(&net->plain);
    Passing passing = {net, from, to};
    FramesLook look = {&passing,  net->nodes[from].hex, net->nodes[to].hex, pass_opening,
                       pass_blob, net->tally.frames,    pass_told};
    const char *bad = frames_check(plain, &look);
    if (bad)
        net_fail(net, "%s to %s: %s", net->nodes[from].name, net->nodes[to].name, bad);
    for (size_t at = 0; at + 8 <= plain.n; at++)
        if (is_word(plain.p + at))
            check_word(net, from, to, plain.p + at);
}
