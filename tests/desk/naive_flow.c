// Written from docs/protocol-sync.md, not from the code of sync or desk.
#include "naive_flow.h"

#include <stdio.h>

#define BIT(node) (1U << (node))

static bool one_of(const char *kind, const char *const *kinds, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(kind, kinds[i]) == 0)
            return true;
    return false;
}

bool flow_identity(const FlowRecord *r) {
    static const char *const kinds[] = {"genesis", "key",     "link",
                                        "recover", "officer", "officer_change"};
    return one_of(r->kind, kinds, COUNT_OF(kinds));
}

bool flow_directed(const FlowRecord *r) {
    static const char *const kinds[] = {"accord",    "accord_sign", "share",  "share_act",
                                        "retract",   "let_go",      "passed", "notice",
                                        "disclosed", "notice_act",  "fork"};
    return one_of(r->kind, kinds, COUNT_OF(kinds));
}

static bool never(const FlowRecord *r) {
    static const char *const kinds[] = {"read", "glass", "glass_ratify", "peer", "flag", "batch"};
    return one_of(r->kind, kinds, COUNT_OF(kinds));
}

const FlowRecord *flow_find(const Flow *f, RecordId id) {
    for (size_t i = 0; i < f->count; i++)
        if (record_id_eq(f->items[i].id, id))
            return &f->items[i];
    return NULL;
}

static bool named(Str list, const char *word) {
    char quoted[128];
    size_t at;
    snprintf(quoted, sizeof quoted, "\"%s\"", word);
    return str_find(list, str_of(quoted), &at);
}

// True where both lists name a word.
static bool meet(Str a, Str b) {
    Str rest = a, part;
    while (str_split(&rest, ',', &part)) {
        char word[80];
        size_t n = 0;
        for (size_t i = 0; i < part.n && n < sizeof word - 1; i++)
            if (part.p[i] != '[' && part.p[i] != ']' && part.p[i] != '"')
                word[n++] = part.p[i];
        word[n] = 0;
        if (n > 0 && named(b, word))
            return true;
    }
    return false;
}

static bool empty(Str list) {
    return list.n <= 2;
}

static bool ended(const FlowMark *m, int64_t now) {
    return m->has_until && m->until <= now;
}

// --- who speaks with whom
// -------------------------------------------------------------------------

static const FlowRecord *peer_of(const Flow *f, int from, int to) {
    const FlowRecord *last = NULL;
    for (size_t i = 0; i < f->said_count; i++) {
        const FlowRecord *r = &f->items[f->said[i]];
        if (r->author == from && strcmp(r->kind, "peer") == 0 && r->agencies == BIT(to) &&
            (!last || r->leaf > last->leaf))
            last = r;
    }
    return last;
}

bool flow_confirmed(const Flow *f, int from, int to) {
    const FlowRecord *p = peer_of(f, from, to);
    return p && p->yes;
}

bool flow_link(const Flow *f, int a, int b) {
    return flow_confirmed(f, a, b) && flow_confirmed(f, b, a) && !(f->fault[a] & BIT(b)) &&
           !(f->fault[b] & BIT(a));
}

static bool asks_relay(const Flow *f, int who, int from) {
    const FlowRecord *p = peer_of(f, who, from);
    return p && p->yes && p->relay;
}

// The last flag of `from` that names `to`, where it is in force. NULL: none is.
static const FlowRecord *flagged(const Flow *f, int from, int to) {
    const FlowRecord *last = NULL;
    for (size_t i = 0; i < f->said_count; i++) {
        const FlowRecord *r = &f->items[f->said[i]];
        if (r->author == from && strcmp(r->kind, "flag") == 0 && r->agencies == BIT(to) &&
            (!last || r->leaf > last->leaf))
            last = r;
    }
    return last && last->yes ? last : NULL;
}

// --- accords
// --------------------------------------------------------------------------------------

// The last word of a member about an accord, as far as `node` holds it.
static bool signs(const Flow *f, const FlowRecord *accord, int member, int node, bool *ret_left) {
    const FlowRecord *last = NULL;
    bool ever = false;
    for (size_t i = 0; i < f->said_count; i++) {
        const FlowRecord *r = &f->items[f->said[i]];
        if (strcmp(r->kind, "accord_sign") != 0 || r->author != member || !(r->know & BIT(node)) ||
            !record_id_eq(r->root, accord->id))
            continue;
        ever = ever || r->yes;
        if (!last || r->leaf > last->leaf)
            last = r;
    }
    *ret_left = last && !last->yes;
    return ever;
}

// In force for `node`, between these members (bits).
static bool in_force(const Flow *f, const FlowRecord *accord, int node, uint32_t between) {
    if (!(accord->know & BIT(node)) || (accord->agencies & between) != between ||
        f->now[node] < accord->begins || f->now[node] >= accord->ends)
        return false;
    for (int m = 0; m < f->nodes; m++) {
        bool left;
        if (!(accord->agencies & BIT(m)))
            continue;
        if (!signs(f, accord, m, node, &left) || (left && (between & BIT(m))))
            return false;
    }
    return true;
}

const FlowRecord *flow_mirrors(const Flow *f, int from, int to) {
    for (size_t i = 0; i < f->said_count; i++) {
        const FlowRecord *a = &f->items[f->said[i]];
        if (strcmp(a->kind, "accord") == 0 && (a->mirrors & BIT(to)) &&
            in_force(f, a, from, BIT(from) | BIT(to)))
            return a;
    }
    return NULL;
}

bool flow_tells(const Flow *f, int from, int origin, int to) {
    for (size_t i = 0; i < f->said_count; i++) {
        const FlowRecord *a = &f->items[f->said[i]];
        if (strcmp(a->kind, "accord") == 0 &&
            in_force(f, a, from, BIT(from) | BIT(origin) | BIT(to)))
            return true;
    }
    return false;
}

// Not meant by `*`.
static bool apart(const FlowRecord *r) {
    return strcmp(r->kind, "victim") == 0 || strcmp(r->kind, "grievance") == 0;
}

static bool by_accord(const Flow *f, const FlowRecord *root, const FlowMark *mark, int node,
                      uint32_t between) {
    for (size_t i = 0; i < f->said_count; i++) {
        const FlowRecord *a = &f->items[f->said[i]];
        if (strcmp(a->kind, "accord") == 0 && in_force(f, a, node, between) &&
            (named(a->kinds, root->kind) || (named(a->kinds, "*") && !apart(root))) &&
            (empty(mark->purposes) || meet(mark->purposes, a->purposes)))
            return true;
    }
    return false;
}

// --- shares
// ---------------------------------------------------------------------------------------

// The author took it back from `to`, and has not shared it since: as `node` knows.
static bool retracted(const Flow *f, const FlowRecord *root, int to, int64_t after, int node) {
    int64_t shared = after, taken = -1;
    for (size_t i = 0; i < f->said_count; i++) {
        const FlowRecord *r = &f->items[f->said[i]];
        if (r->author != root->author || !(r->know & BIT(node)) ||
            !record_id_eq(r->about, root->id))
            continue;
        if (strcmp(r->kind, "share") == 0 && (r->mark.to & BIT(to)) && r->leaf > shared)
            shared = r->leaf;
        if (strcmp(r->kind, "retract") == 0 && (r->agencies & BIT(to)) && r->leaf > taken)
            taken = r->leaf;
    }
    return taken > shared;
}

static bool accepted(const Flow *f, const FlowRecord *share, int to, int node) {
    if (!share->yes)
        return true;
    for (size_t i = 0; i < f->said_count; i++) {
        const FlowRecord *r = &f->items[f->said[i]];
        if (strcmp(r->kind, "share_act") == 0 && r->author == to && (r->know & BIT(node)) &&
            record_id_eq(r->root, share->id) && strcmp(r->act, "accept") == 0 &&
            r->handling == share->mark.handling)
            return true;
    }
    return false;
}

static bool by_share(const Flow *f, int from, const FlowRecord *root, int to) {
    const FlowRecord *flag = flagged(f, from, to);
    for (size_t i = 0; i < f->said_count; i++) {
        const FlowRecord *s = &f->items[f->said[i]];
        if (strcmp(s->kind, "share") == 0 && s->author == from && (s->mark.to & BIT(to)) &&
            (!flag || s->leaf > flag->leaf) && record_id_eq(s->about, root->id) &&
            !retracted(f, root, to, s->leaf, from) && !ended(&s->mark, f->now[from]) &&
            accepted(f, s, to, from))
            return true;
    }
    return false;
}

// --- a record of our own
// --------------------------------------------------------------------------

static const FlowRecord *root_of(const Flow *f, const FlowRecord *r) {
    return record_id_eq(r->root, r->id) ? r : flow_find(f, r->root);
}

// Whose root is not here (erased, let go), of that nothing more goes.
static bool here(const Flow *f, const FlowRecord *root, int at) {
    return (root->know & BIT(at)) && !(f->settling && flow_gone(f, root, at));
}

// Of an order nothing goes before it is issued: as `at` knows.
static bool draft(const Flow *f, const FlowRecord *root, int at) {
    if (strcmp(root->kind, "order") != 0)
        return false;
    for (size_t i = 0; i < f->count; i++) {
        const FlowRecord *r = &f->items[i];
        if (r->author == root->author && strcmp(r->act, "issue") == 0 &&
            record_id_eq(r->root, root->id) && here(f, r, at))
            return false;
    }
    return true;
}

static bool own_may(const Flow *f, int from, const FlowRecord *r, int to) {
    if (!flow_confirmed(f, from, to))
        return false;
    if (flow_identity(r))
        return true;
    if (never(r))
        return false;
    if (flow_directed(r))
        return r->mark.to & BIT(to);
    if (strcmp(r->kind, "erase") == 0) {
        const FlowRecord *what = flow_find(f, r->about);
        if (what && (what->disclosed[from] & BIT(to)))
            return true;
    }
    const FlowRecord *root = root_of(f, r);
    if (!root || never(root) || !here(f, root, from))
        return false;
    if (root->author == to)
        return true;
    if (root->author != from || flow_identity(root) || flow_directed(root) || draft(f, root, from))
        return false;
    if ((root->mark.to & BIT(to)) && !flagged(f, from, to) && !retracted(f, root, to, -1, from) &&
        !ended(&root->mark, f->now[from]) &&
        by_accord(f, root, &root->mark, from, BIT(from) | BIT(to)))
        return true;
    return by_share(f, from, root, to);
}

// --- a record of another agency
// -------------------------------------------------------------------

static bool by_permission(const Flow *f, int by, const FlowRecord *root, int to) {
    for (size_t i = 0; i < f->said_count; i++) {
        const FlowRecord *n = &f->items[f->said[i]];
        if (strcmp(n->kind, "notice") != 0 || strcmp(n->act, "pass_on") != 0 || n->author != by ||
            n->agencies != BIT(to) || !record_id_eq(n->about, root->id))
            continue;
        for (size_t k = 0; k < f->said_count; k++) {
            const FlowRecord *a = &f->items[f->said[k]];
            if (strcmp(a->kind, "notice_act") == 0 && strcmp(a->act, "grant") == 0 &&
                a->author == root->author && (a->know & BIT(by)) && record_id_eq(a->root, n->id) &&
                f->now[by] < a->ends)
                return true;
        }
    }
    return false;
}

static bool relay_other(const Flow *f, int by, const FlowRecord *r, int to) {
    if (flow_identity(r) || never(r) || !(r->know & BIT(by)))
        return false;
    if (flow_directed(r))
        return r->mark.to & BIT(to);
    if (strcmp(r->kind, "erase") == 0) {
        const FlowRecord *what = flow_find(f, r->about);
        if (what && (what->passed[by] & BIT(to)))
            return true;
    }
    const FlowRecord *root = root_of(f, r);
    // Or held back from `to` by its author, as far as we know.
    if (!root || !here(f, root, by) || root->author != r->author || never(root) ||
        flow_gone(f, r, by) || retracted(f, root, to, -1, by) || draft(f, root, by))
        return false;
    if (flagged(f, by, to))
        return false;
    const FlowMark *m = flow_mark(f, r, by);
    if ((m->to & BIT(to)) && m->handling <= 1 && !ended(m, f->now[by]) &&
        by_accord(f, root, m, by, BIT(r->author) | BIT(to) | BIT(by)))
        return true;
    return by_permission(f, by, root, to);
}

static bool relay_may(const Flow *f, int by, const FlowRecord *r, int to) {
    if (r->author == to || !(r->know & BIT(by)) || !flow_confirmed(f, by, to) ||
        !(f->asks[by] & BIT(to)))
        return false;
    if (!flow_identity(r))
        return relay_other(f, by, r, to);
    for (size_t i = 0; i < f->count; i++) {
        const FlowRecord *other = &f->items[i];
        if (other->author == r->author && !flow_identity(other) &&
            ((other->disclosed[by] & BIT(to)) || relay_other(f, by, other, to)))
            return true;
    }
    return false;
}

bool flow_may(const Flow *f, int from, const FlowRecord *r, int to) {
    return r->author == from ? own_may(f, from, r, to) : relay_may(f, from, r, to);
}

// --- at the receiver
// ------------------------------------------------------------------------------

// The last share of the object's author for us; also of what we say of it ourselves. Where the root
// is not here, of the record's own author.
const FlowMark *flow_mark(const Flow *f, const FlowRecord *r, int at) {
    const FlowRecord *last = NULL, *root = root_of(f, r);
    int author = root && (root->know & BIT(at)) ? root->author : r->author;
    if (author == at)
        return &r->mark;
    for (size_t i = 0; i < f->said_count; i++) {
        const FlowRecord *s = &f->items[f->said[i]];
        if (strcmp(s->kind, "share") == 0 && s->author == author && (s->mark.to & BIT(at)) &&
            (s->know & BIT(at)) && record_id_eq(s->about, r->root) &&
            (!last || s->leaf > last->leaf))
            last = s;
    }
    return last ? &last->mark : &r->mark;
}

bool flow_gone(const Flow *f, const FlowRecord *r, int at) {
    if (r->author == at)
        return r->erased;
    if (flow_identity(r) || flow_directed(r) || strcmp(r->kind, "erase") == 0)
        return false;
    const FlowMark *m = flow_mark(f, r, at);
    if (ended(m, f->now[at]))
        return true;
    for (size_t i = 0; i < f->said_count; i++) {
        const FlowRecord *t = &f->items[f->said[i]];
        if (t->author != r->author || !(t->know & BIT(at)))
            continue;
        if (strcmp(t->kind, "erase") == 0 &&
            (record_id_eq(t->about, r->id) || record_id_eq(t->about, r->root)))
            return true;
        if (strcmp(t->kind, "retract") == 0 && record_id_eq(t->about, r->root) &&
            (t->agencies & BIT(at)) && r->leaf < t->leaf)
            return true;
    }
    return false;
}

static bool settle_record(Flow *f, FlowRecord *r, int to) {
    if ((r->know & BIT(to)) || r->erased || r->author == to || flow_gone(f, r, to))
        return false;
    for (int by = 0; by < f->nodes; by++) {
        if (by != to && (r->know & BIT(by)) && flow_link(f, by, to) && flow_may(f, by, r, to)) {
            r->know |= BIT(to);
            return true;
        }
    }
    return false;
}

// What is said about flows spreads first, then what says what was erased, then the rest: so the
// answer is what must arrive, in whatever order messages came.
void flow_settle(Flow *f) {
    for (int by = 0; by < f->nodes; by++)
        for (int to = 0; to < f->nodes; to++)
            if (to != by && flow_link(f, by, to))
                f->asks[by] =
                    asks_relay(f, to, by) ? f->asks[by] | BIT(to) : f->asks[by] & ~BIT(to);
    f->settling = true;
    for (int stage = 0; stage < 3; stage++)
        for (bool changed = true; changed;) {
            changed = false;
            for (size_t i = 0; i < f->count; i++) {
                FlowRecord *r = &f->items[i];
                int of = flow_identity(r) || flow_directed(r) ? 0
                         : strcmp(r->kind, "erase") == 0      ? 1
                                                              : 2;
                for (int to = 0; of <= stage && to < f->nodes; to++)
                    changed |= settle_record(f, r, to);
            }
        }
    f->settling = false;
    for (size_t i = 0; i < f->count; i++)
        for (int at = 0; at < f->nodes; at++)
            if (flow_gone(f, &f->items[i], at))
                f->items[i].know &= ~BIT(at);
}
