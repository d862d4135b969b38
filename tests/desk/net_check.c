// What must be true of a quiet network: each node holds exactly what the rules say, no file of it
// has a word of anything else, and its users see by each outlet what docs/sight.md shows them.
#include "naive_sight.h"
#include "net.h"

uint32_t *net_known(Net *net, size_t *ret_n) {
    uint32_t *known = mem_alloc_zero(net->flow.count + 1, sizeof *known);
    if (!known)
        net_fail(net, "no memory");
    for (int i = 0; i < net->count; i++)
        net_look(net, &net->nodes[i]);
    for (size_t i = 0; i < net->flow.count; i++)
        known[i] = net->flow.items[i].know;
    *ret_n = net->flow.count;
    return known;
}

static void tell(Net *net, const FlowRecord *r, int at, const char *words) {
    char id[RECORD_ID_TEXT_BYTES], root[RECORD_ID_TEXT_BYTES];
    record_id_text(r->id, id);
    record_id_text(r->root, root);
    const FlowRecord *of = flow_find(&net->flow, r->root);
    if (of)
        net_say(net,
                "its root is of %s%s, marked " STR_FMT ", here " STR_FMT "; it " STR_FMT
                ", here " STR_FMT,
                net->nodes[of->author].name, of->erased ? ", erased" : "", STR_ARG(of->mark.text),
                STR_ARG(flow_mark(&net->flow, of, at)->text), STR_ARG(r->mark.text),
                STR_ARG(flow_mark(&net->flow, r, at)->text));
    net_fail(net,
             "%s %s %s %s (%s, root %s, leaf %lld of %s, to %x, about to %x, known to %x, "
             "disclosed to %x)",
             net->nodes[at].name, words, r->kind, r->word, id, root, (long long)r->leaf,
             net->nodes[r->author].name, r->mark.to, r->agencies, r->know, r->disclosed[r->author]);
}

// --- who holds what
// -------------------------------------------------------------------------------

// A node that let go says so to the author.
// Why it should be gone.
static void say_why(Net *net, const FlowRecord *r, int at) {
    const FlowMark *m = flow_mark(&net->flow, r, at);
    if (m->has_until)
        net_say(net, "its mark here ends %lld s before now",
                (long long)(net->flow.now[at] - m->until) / 1000000);
    for (size_t i = 0; i < net->flow.said_count; i++) {
        const FlowRecord *t = &net->flow.items[net->flow.said[i]];
        if (record_id_eq(t->about, r->root) || record_id_eq(t->about, r->id))
            net_say(net, "%s of %s about %x, leaf %lld, known to %x", t->kind,
                    net->nodes[t->author].name, t->agencies, (long long)t->leaf, t->know);
    }
}

static void check_let_go(Net *net, const FlowRecord *r, int at) {
    const Flow *f = &net->flow;
    const FlowMark *m = flow_mark(f, r, at);
    if (!(r->had >> at & 1) || !flow_link(f, at, r->author) ||
        (m->has_until && m->until <= f->now[at]))
        return;
    for (size_t i = 0; i < f->said_count; i++) {
        const FlowRecord *l = &f->items[f->said[i]];
        if (strcmp(l->kind, "let_go") == 0 && l->author == at && (l->know >> r->author & 1) &&
            (record_id_eq(l->about, r->root) || record_id_eq(l->about, r->id)))
            return;
    }
    tell(net, r, at, "did not say to its author that it let go of");
}

static void count(Net *net, const FlowRecord *r, int at, bool must) {
    NetTally *t = &net->tally;
    bool here = r->know >> at & 1;
    t->records += at == r->author;
    if (at == r->author)
        return;
    if (flow_identity(r) || flow_directed(r))
        return;
    t->abroad += here;
    t->relayed += here && !flow_confirmed(&net->flow, r->author, at);
    t->raced += here && !must; // it came before what would have stopped it
    t->gone += flow_gone(&net->flow, r, at) && (r->had >> at & 1);
}

// Whether its author erased it, or what it belongs to: a relay may have let go of it before it
// passed it on, and who is no peer of the author any more does not hear of that.
static bool erased(const Flow *f, const FlowRecord *r) {
    const FlowRecord *root = flow_find(f, r->root);
    return r->erased || (root && root->erased);
}

static void check_holders(Net *net, const uint32_t *known, size_t known_count) {
    Flow *f = &net->flow;
    uint32_t *have = mem_alloc_zero(f->count + 1, sizeof *have);
    uint32_t *musts = mem_alloc_zero(f->count + 1, sizeof *musts);
    if (!have || !musts)
        net_fail(net, "no memory");
    for (int i = 0; i < net->count; i++)
        f->now[i] = net->now + net->nodes[i].skew;
    for (size_t i = 0; i < f->count; i++) {
        FlowRecord *r = &f->items[i];
        have[i] = r->know;
        r->know = i < known_count ? known[i] : r->erased ? 0 : 1U << r->author;
        if (r->erased)
            r->know &= ~(1U << r->author);
    }
    flow_settle(f);
    for (size_t i = 0; i < f->count; i++) {
        FlowRecord *r = &f->items[i];
        musts[i] = r->know;
        r->know = have[i];
        for (int at = 0; at < net->count; at++)
            if (((musts[i] & ~have[i]) >> at & 1) && !erased(f, r))
                tell(net, r, at, "does not hold");
    }
    for (size_t i = 0; i < f->count; i++)
        for (int at = 0; at < net->count; at++) {
            const FlowRecord *r = &f->items[i];
            count(net, r, at, musts[i] >> at & 1);
            if (!flow_gone(f, r, at))
                continue;
            if (r->know >> at & 1) {
                say_why(net, r, at);
                tell(net, r, at, "still holds");
            }
            if (at != r->author)
                check_let_go(net, r, at);
        }
    mem_free(have);
    mem_free(musts);
}

// --- the disks
// ------------------------------------------------------------------------------------

static void check_bytes(Net *net, const NetNode *n, Str path, Str bytes) {
    const char *at = bytes.p, *end = bytes.p + bytes.n;
    while (at && end - at >= 8 && (at = memmem(at, (size_t)(end - at), "zq", 2)) != NULL) {
        if (end - at >= 8 && at[7] == 'x') {
            const FlowRecord *r = NULL;
            for (size_t i = 0; i < net->flow.count; i++)
                if (strncmp(net->flow.items[i].word, at, 8) == 0 &&
                    (!r || net->flow.items[i].know >> n->number & 1))
                    r = &net->flow.items[i];
            if (r && !(r->know >> n->number & 1)) {
                net_say(net, "the file is " STR_FMT, STR_ARG(path));
                tell(net, r, n->number, "has in a file a word of");
            }
        }
        at += 2;
    }
}

static void check_files(Net *net, const NetNode *n, Str path) {
    AUTO(Ctx) c;
    ctx_init(&c);
    Str *names;
    size_t count;
    if (dir_list(&c, path, &names, &count) != OK)
        net_fail(net, "%s", c.error);
    for (size_t i = 0; i < count; i++) {
        Str inside, bytes, *below;
        size_t below_count;
        Err e = str_format(&c, &inside, STR_FMT "/" STR_FMT, STR_ARG(path), STR_ARG(names[i]));
        if (e == OK && dir_list(&c, inside, &below, &below_count) == OK) {
            check_files(net, n, inside); // folders of a node lie two deep at most
            continue;
        }
        if (e == OK)
            e = file_read_all(&c, inside, 1 << 28, &bytes);
        if (e != OK)
            net_fail(net, "%s", c.error);
        check_bytes(net, n, inside, bytes);
    }
}

// --- the users
// ------------------------------------------------------------------------------------

// Of what we erased only place, time and mark are left, and no kind that would hide them. What we
// let go of is left to those who saw it.
static bool may_see(const Net *net, const FlowRecord *r, const NetNode *n, const Desk *d) {
    if (r->author != n->number && !(r->know >> n->number & 1))
        return (r->had >> n->number & 1) &&
               naive_may(flow_mark(&net->flow, r, n->number)->text, r->kind, d, str_of(n->hex));
    const char *kind = r->know >> n->number & 1 ? r->kind : "";
    return naive_may(flow_mark(&net->flow, r, n->number)->text, kind, d, str_of(n->hex));
}

static const FlowRecord *find_text(const Net *net, Str id) {
    RecordId record;
    return record_id_parse(id, &record) ? flow_find(&net->flow, record) : NULL;
}

static void check_list(Net *net, const NetNode *n, const Desk *d) {
    bool *seen = mem_alloc_zero(net->flow.count + 1, sizeof *seen);
    DeskPage page = {.limit = 1 + rng_below(&net->rng, 200)};
    if (!seen)
        net_fail(net, "no memory");
    do {
        DeskRecordList l;
        net_ok(net, desk_record_list(&net->c, d, (Str){0}, page, &l));
        for (size_t i = 0; i < l.count; i++) {
            const FlowRecord *r = find_text(net, l.items[i].id);
            if (str_eq_c(l.items[i].log, "reads") && desk_may(d, DESK_READS_READ))
                continue; // its own log of reads
            if (!r && str_eq_c(l.items[i].agency, net->rogue))
                continue;
            if (!r)
                net_fail(net, "%s lists a record that nobody wrote", n->name);
            if (!may_see(net, r, n, d)) {
                net_say(net, STR_FMT "/" STR_FMT ", clearance %d", STR_ARG(d->role),
                        STR_ARG(d->purpose), d->clearance);
                tell(net, r, n->number, "lists, hidden from this user,");
            }
            if (!((r->had | r->know) >> n->number & 1))
                tell(net, r, n->number, "lists, though it never held it,");
            seen[r - net->flow.items] = true;
        }
        page.cursor = l.next;
    } while (page.cursor.n > 0);
    for (size_t i = 0; i < net->flow.count; i++) {
        const FlowRecord *r = &net->flow.items[i];
        if ((r->know >> n->number & 1) && !seen[i] && may_see(net, r, n, d)) {
            net_say(net, STR_FMT "/" STR_FMT ", clearance %d", STR_ARG(d->role),
                    STR_ARG(d->purpose), d->clearance);
            tell(net, r, n->number, "does not list");
        }
    }
    mem_free(seen);
}

// One by one: what is hidden, what is not here and what never was are told alike.
static void check_gets(Net *net, const NetNode *n, const Desk *d) {
    for (size_t i = 0; i < net->flow.count; i++) {
        const FlowRecord *r = &net->flow.items[i];
        bool here = r->know >> n->number & 1, may = here && may_see(net, r, n, d);
        if (rng_below(&net->rng, 12))
            continue;
        char id[RECORD_ID_TEXT_BYTES];
        DeskRecord got;
        size_t at;
        record_id_text(r->id, id);
        Err e = desk_record_get(&net->c, d, str_of(id), &got);
        if (e != OK && e != E_NOT_FOUND)
            net_fail(net, "%s: %s: %s", n->name, err_name(e), net->c.error);
        if (may && e != OK)
            net_say(net, "%s: %s", err_name(e), net->c.error);
        if (may && e != OK)
            tell(net, r, n->number, "does not show");
        if (e == OK && !may_see(net, r, n, d))
            tell(net, r, n->number, "shows, hidden from this user,");
        if (e == OK && !here && got.envelope.n > 0)
            tell(net, r, n->number, "shows the content of");
        if (may && !got.verified)
            tell(net, r, n->number, "cannot prove");
        if (may && r->word[0] && got.envelope.n > 0 &&
            !str_find(got.envelope, str_of(r->word), &at))
            tell(net, r, n->number, "shows something else than");
    }
}

// The bytes of a document have come, where its record is here.
static void check_documents(Net *net, const NetNode *n, const Desk *d) {
    for (size_t i = 0; i < net->flow.count; i++) {
        const FlowRecord *r = &net->flow.items[i];
        if (strcmp(r->kind, "attachment") != 0)
            continue;
        AUTO(Buf) out = {0};
        AUTO(Buf) hex = {0};
        DeskAttachment a;
        CryptoHash sha256 = crypto_sha256(r->word, strlen(r->word));
        bool may = (r->know >> n->number & 1) && may_see(net, r, n, d);
        buf_hex(&hex, sha256.b, sizeof sha256.b);
        Err e = desk_attachment_get(&net->c, d, buf_view(&hex), &a, &out);
        // Who has it from a third may have lost that one before its bytes came.
        if (may && e != OK &&
            !(flow_link(&net->flow, r->author, n->number) &&
              flow_may(&net->flow, r->author, r, n->number)))
            continue;
        if ((e == OK) != may)
            tell(net, r, n->number,
                 may ? "has not the bytes of" : "shows, though hidden, the bytes of");
    }
}

static void check_search(Net *net, const NetNode *n, const Desk *d) {
    AUTO(Buf) none = {0};
    net_ok(net, desk_search_json(&net->c, d, STR("zq99999x"), &none));
    for (size_t i = 0; i < net->flow.count; i++) {
        const FlowRecord *r = &net->flow.items[i];
        AUTO(Buf) out = {0};
        if (!r->word[0] || rng_below(&net->rng, 12))
            continue;
        bool may = (r->know >> n->number & 1) && may_see(net, r, n, d);
        net_ok(net, desk_search_json(&net->c, d, str_of(r->word), &out));
        bool found = !str_eq(buf_view(&out), buf_view(&none));
        if (found && !may)
            tell(net, r, n->number, "finds, hidden from this user or not here,");
    }
}

static void check_counts(Net *net, const NetNode *n, const Desk *d) {
    AUTO(DeskReading) r = {0};
    const PictureCount *counts;
    size_t count;
    net_ok(net, desk_reading_begin(&net->c, d, &r));
    net_ok(net, picture_counts(&net->c, r.slot->picture, STR("record"), &counts, &count));
    static const char *const kinds[] = {"officer", "share", "accord", "retract", "notice_act"};
    for (size_t k = 0; k < COUNT_OF(kinds); k++) {
        int64_t counted = 0, see = 0;
        for (size_t i = 0; i < count; i++)
            if (str_eq_c(counts[i].state, kinds[k]))
                counted += counts[i].n;
        for (size_t i = 0; i < net->flow.count; i++) {
            const FlowRecord *h = &net->flow.items[i];
            see += strcmp(h->kind, kinds[k]) == 0 && (h->know >> n->number & 1) &&
                   may_see(net, h, n, d);
        }
        // The rogue has an officer, too.
        if (counted != see && !(net->rogue[0] && k == 0 && counted == see + 1))
            net_fail(net, "%s counts %lld records of kind %s where " STR_FMT " sees %lld", n->name,
                     (long long)counted, kinds[k], STR_ARG(d->role), (long long)see);
    }
}

// Nothing that pages show in one piece holds a word of what is hidden.
static void check_fronts(Net *net, const NetNode *n, const Desk *d) {
    AUTO(Buf) out = {0};
    DeskReportList reports;
    DeskCaseList cases;
    DeskPage page = {.limit = LIST_PAGE_ITEMS_MAX};
    net_ok(net, desk_report_list(&net->c, d, page, &reports));
    net_ok(net, desk_report_list_json(&net->c, &reports, &out));
    net_ok(net, desk_case_list(&net->c, d, page, &cases));
    net_ok(net, desk_case_list_json(&net->c, &cases, &out));
    net_ok(net, desk_front_json(&net->c, d, &out));
    net_ok(net, desk_exchange_json(&net->c, d, &out));
    net_ok(net, desk_accord_list_json(&net->c, d, &out));
    net_ok(net, desk_share_list_json(&net->c, d, DESK_BOX_ALL, page, &out));
    net_ok(net, desk_retraction_list_json(&net->c, d, page, &out));
    net_ok(net, desk_notice_list_json(&net->c, d, DESK_BOX_ALL, page, &out));
    for (size_t i = 0; i < net->flow.count; i++) {
        const FlowRecord *r = &net->flow.items[i];
        size_t at;
        if (r->word[0] && str_find(buf_view(&out), str_of(r->word), &at) &&
            (!(r->know >> n->number & 1) || !may_see(net, r, n, d)))
            tell(net, r, n->number, "shows on a page, hidden from this user or not here,");
    }
}

static Desk viewer(Net *net, const NetNode *n) {
    size_t roles, purposes;
    const DeskRole *role = desk_roles(n->node, &roles);
    const DeskPurpose *purpose = desk_purposes(n->node, &purposes);
    Desk d = n->desk;
    const DeskRole *r = &role[rng_below(&net->rng, roles - 1)]; // but the admin, who reads nothing
    d.role = r->role;
    d.acts = r->acts;
    d.purpose = purpose[rng_below(&net->rng, purposes)].purpose;
    d.clearance = (int)rng_below(&net->rng, 5);
    return d;
}

static void check_users(Net *net, NetNode *n) {
    for (int i = 0; i < 2; i++) {
        Desk d = viewer(net, n);
        check_list(net, n, &d);
        check_gets(net, n, &d);
        check_documents(net, n, &d);
        check_search(net, n, &d);
        check_counts(net, n, &d);
        check_fronts(net, n, &d);
        ctx_reset(&net->c);
    }
}

static void check_sound(Net *net, NetNode *n) {
    DeskVerdict v;
    net_ok(net, desk_verify(&net->c, n->node, (DeskProgress){0}, &v));
    if (!v.ok)
        net_fail(net, "%s is damaged: " STR_FMT ": " STR_FMT, n->name, STR_ARG(v.where),
                 STR_ARG(v.what));
    const DeskLink *links;
    size_t count;
    net_ok(net, desk_link_list(&net->c, n->node, &links, &count));
    for (size_t i = 0; i < count; i++)
        if (links[i].stopped && !str_eq_c(links[i].name, "rogue"))
            net_fail(net, "%s has stopped the link with " STR_FMT, n->name, STR_ARG(links[i].name));
    // Who is honest has answered what it was asked, unless it takes nothing of the node any more.
    DeskPeer *peers, other;
    AUTO(Ctx) quiet;
    ctx_init(&quiet);
    net_ok(net, desk_exchange_peers(&net->c, n->node, &peers, &count));
    for (size_t i = 0; i < count; i++) {
        int of = net_node_of(net, str_of(peers[i].hex.text));
        if (of >= 0 && peers[i].confirmed && peers[i].j.prove_since > 0 &&
            desk_exchange_peer(&quiet, net->nodes[of].node, &n->agency, &other) == OK)
            net_fail(net, "%s waits for a proof of %s", n->name, peers[i].name);
    }
    ctx_reset(&net->c);
}

// Who mirrors a log has every commitment of it behind the head that it had before, up to the
// newest.
static void check_mirror(Net *net, const NetNode *of, const NetNode *at, NetMirror *m) {
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(DeskReading) theirs = {0};
    AUTO(DeskReading) r = {0};
    LedgerCheckpoint own, head;
    CryptoHash *all;
    uint32_t log;
    Err e = desk_reading_machine(&c, of->node, &theirs);
    e = e == OK ? ledger_checkpoint(&c, theirs.slot->ledger, LEDGER_MAIN, &own) : e;
    e = e == OK ? desk_reading_machine(&c, at->node, &r) : e;
    e = e == OK ? ledger_log_find(&c, r.slot->ledger, &of->agency, &log) : e;
    e = e == OK ? ledger_checkpoint(&c, r.slot->ledger, log, &head) : e;
    if (e == OK && head.size != own.size)
        net_fail(net, "%s mirrors %s up to %lld of %lld", at->name, of->name, (long long)head.size,
                 (long long)own.size);
    int64_t from = m->from > 0 ? m->from : own.size;
    size_t n = (size_t)(own.size - from);
    e = e == OK ? ctx_alloc(&c, (n + 1) * sizeof *all, &all) : e;
    if (e == OK && n > 0)
        e = ledger_commitments(&c, r.slot->ledger, log, from, n, all);
    if (e != OK)
        net_fail(net, "%s does not mirror all of %s: %s", at->name, of->name, c.error);
    m->from = from;
    net->tally.mirrored += n;
}

static void check_mirrors(Net *net) {
    for (int of = 0; of < net->count; of++)
        for (int at = 0; at < net->count; at++) {
            NetMirror *m = &net->mirrors[of][at];
            const FlowRecord *a = at == of || !flow_link(&net->flow, of, at)
                                      ? NULL
                                      : flow_mirrors(&net->flow, of, at);
            if (!a || !record_id_eq(a->id, m->accord))
                *m = (NetMirror){.accord = a ? a->id : m->accord};
            if (a)
                check_mirror(net, &net->nodes[of], &net->nodes[at], m);
        }
}

void net_check(Net *net, const uint32_t *known, size_t known_count) {
    net_absorb(net);
    for (int i = 0; i < net->count; i++)
        net_look(net, &net->nodes[i]);
    check_holders(net, known, known_count);
    for (int i = 0; i < net->count; i++) {
        check_sound(net, &net->nodes[i]);
        check_files(net, &net->nodes[i], str_of(net->nodes[i].dir));
        check_users(net, &net->nodes[i]);
    }
    check_mirrors(net);
}
