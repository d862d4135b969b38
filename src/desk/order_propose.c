// Drafts from a trace: for each account where the money still lies, what may be held there.
#include "desk/propose_priv.h"

// --- what is left out ---------------------------------------------------------------------------

Err desk_leave_out(Ctx *c, DeskProposing *p, const DeskLeftOut *l) {
    TRY(mem_grow(c, &p->left_out, &p->left_cap, p->left_count + 1, sizeof *p->left_out));
    p->left_out[p->left_count++] = *l;
    return OK;
}

static Err leave(Ctx *c, DeskProposing *p, const DeskHolding *h, const char *why,
                 const char *words) {
    DeskLeftOut l = {h->account, h->currency, str_of(why), str_of(words), h->amount};
    return desk_leave_out(c, p, &l);
}

void DeskProposing_cleanup(DeskProposing *p) {
    mem_free(p->left_out);
    mem_free(p->made);
}

// --- policy -------------------------------------------------------------------------------------

static bool named_by_person(const DeskProposing *p, FormatAccount a) {
    for (size_t i = 0; i < p->named_count; i++) {
        if (desk_account_eq(p->named[i], a))
            return true;
    }
    return false;
}

// What policy says; *ret_draft false when it is left out.
static Err ask_policy(Ctx *c, DeskProposing *p, DeskHolding *h, bool *ret_draft) {
    DeskPolicyQuery q = {h->account, h->currency, h->amount, h->level};
    OrderPolicyAnswer a;
    TRY(desk_policy_ask(c, p->node, p->slot, &p->victims, &q, &a));
    bool person = named_by_person(p, h->account);
    TRY(str_format(c, &h->policy, STR_FMT ": %s%s", STR_ARG(a.class_name), order_hold_name(a.hold),
                   a.hold == ORDER_HOLD_PERSON && person ? ", decided by an officer" : ""));
    *ret_draft = a.hold == ORDER_HOLD_PROPOSE || (a.hold == ORDER_HOLD_PERSON && person);
    if (*ret_draft)
        return OK;
    if (a.hold == ORDER_HOLD_NEVER)
        return leave(c, p, h, "policy_never",
                     str_eq_c(a.class_name, "claimant")
                         ? "it is the own account of a victim in an open case: never held"
                         : "accounts of this class are never held");
    if (strcmp(a.why, "minimum") == 0)
        return leave(c, p, h, "below_minimum",
                     "less than policy proposes by itself: name the account to decide it yourself");
    if (strcmp(a.why, "level") == 0)
        return leave(c, p, h, "too_deep",
                     "further from the victim than policy proposes by itself: name the account to "
                     "decide it yourself");
    return leave(c, p, h, "policy_person",
                 "a person decides about accounts of this class: name the account to hold it");
}

// --- one draft ----------------------------------------------------------------------------------

static Err addressee(Ctx *c, DeskProposing *p, const DeskHolding *h, DeskOrderNew *o) {
    DeskLawQuery q = {h->account.country, STR("hold_account"), h->currency, h->amount,
                      clock_now(p->node->env.clock)};
    const FormatLaw **laws;
    size_t n;
    TRY(desk_laws_serving(c, p->node, &q, &laws, &n));
    o->request = n == 0;
    o->addressee_country = h->account.country;
    if (!o->request) {
        o->addressee_institution = h->account.institution;
        o->addressee_kind = STR("bank");
        if (n == 1) // of several an officer chooses when issuing
            o->law = laws[0];
        return desk_addressee_find(c, p->slot, o);
    }
    const PictureContact *centre;
    TRY(picture_contacts(c, p->slot->picture, o->addressee_country, STR("centre"), &centre, &n));
    o->addressee_kind = n > 0 ? STR("centre") : STR("fiu");
    return desk_addressee_find(c, p->slot, o);
}

// An order of ours goes to a bank that the tables name, or that somebody here knows how to reach.
static Err bank_is_known(Ctx *c, DeskProposing *p, const DeskHolding *h, bool *ret_known) {
    const PictureContact *contacts;
    size_t n = 0;
    *ret_known = format_institution_find(p->node->tables, h->account.country,
                                         h->account.institution) != NULL;
    if (*ret_known)
        return OK;
    TRY(picture_contacts(c, p->slot->picture, h->account.country, h->account.institution, &contacts,
                         &n));
    *ret_known = n > 0;
    return OK;
}

Err desk_holding_draft(Ctx *c, DeskProposing *p, DeskHolding *h, DeskOrderNew *o) {
    bool draft, flagged, known = true;
    DeskFlag flag;
    TRY(ask_policy(c, p, h, &draft));
    if (draft && str_eq(h->account.country, p->node->country))
        TRY(bank_is_known(c, p, h, &known));
    if (!known) {
        h->drafted = false;
        return leave(c, p, h, "no_bank",
                     "no bank here has this code: correct the report, or add a contact for it");
    }
    h->drafted = draft;
    if (!draft)
        return OK;
    o->account = h->account;
    o->currency = h->currency;
    o->amount = h->amount;
    o->has_level = true;
    o->level = h->level;
    o->policy = h->policy;
    o->tags = h->tags;
    o->tag_count = h->tag_count;
    o->persons = 1;
    TRY(addressee(c, p, h, o));
    TRY(desk_account_flag(c, p->slot, h->account, &flag, &flagged));
    if (flagged)
        o->persons = 2;
    RecordId *ids;
    TRY(ctx_alloc(c, (h->tag_count + 1) * sizeof *ids, &ids));
    for (size_t i = 0; i < h->tag_count; i++)
        ids[i] = h->tags[i].report;
    return desk_marks_meet(c, p->slot, ids, h->tag_count, &o->mark);
}

// Writes it, in a group that is kept below its limit.
Err desk_draft_write(Ctx *c, DeskProposing *p, DeskOrderNew *o) {
    if (p->w->count + 1 >= LEDGER_GROUP_RECORDS_MAX) {
        TRY(desk_group_commit(c, p->w));
        TRY(desk_group_begin(c, p->w));
    }
    TRY(mem_grow(c, &p->made, &p->made_cap, p->made_count + 1, sizeof *p->made));
    TRY(desk_order_add(c, p->w, &p->numbers, o, &p->made[p->made_count]));
    p->made_count++;
    return OK;
}

// --- from a trace -------------------------------------------------------------------------------

// One victim may have told several agencies: their reports share a transfer without contradicting
// each other.
static bool one_claimant(const PictureClaimant *claimants, size_t n, Str a, Str b) {
    for (size_t i = 0; i < n; i++) {
        size_t found = 0;
        for (size_t k = 0; k < claimants[i].report_count; k++) {
            char text[RECORD_ID_TEXT_BYTES];
            record_id_text(claimants[i].reports[k], text);
            found += str_eq_c(a, text) + str_eq_c(b, text);
        }
        if (found >= 2)
            return true;
    }
    return false;
}

static size_t report_index(const DeskTrace *t, Str id) {
    size_t i = 0;
    while (i < t->report_count && !str_eq(t->reports[i].id, id))
        i++;
    return i;
}

// Marks the reports of which another one claims a transfer.
static Err find_contested(Ctx *c, DeskProposing *p, const DeskTrace *t) {
    const PictureClaimant *claimants;
    size_t n;
    TRY(picture_case_claimants(c, p->slot->picture, p->case_id, &claimants, &n));
    TRY(ctx_alloc(c, t->report_count + 1, &p->contested));
    for (size_t i = 0; i < t->note_count; i++) {
        if (t->notes[i].belongs_to.n == 0)
            continue;
        size_t a = report_index(t, t->notes[i].report);
        size_t b = report_index(t, t->notes[i].belongs_to);
        if (a == t->report_count || b == t->report_count ||
            one_claimant(claimants, n, t->reports[a].record, t->reports[b].record))
            continue;
        p->contested[a] = p->contested[b] = true;
    }
    return OK;
}

// Tags of an account without the contested ones.
static Err holding_of(Ctx *c, DeskProposing *p, const DeskTrace *t, const DeskTraceAccount *a,
                      DeskHolding *h) {
    *h = (DeskHolding){.account = a->account, .currency = a->currency, .level = a->level};
    PictureTag *tags;
    TRY(ctx_alloc(c, (a->tag_count + 1) * sizeof *tags, &tags));
    for (size_t i = 0; i < a->tag_count; i++) {
        if (p->contested[a->tags[i].report]) {
            h->contested += a->tags[i].amount;
            continue;
        }
        PictureTag *tag = &tags[h->tag_count++];
        tag->amount = a->tags[i].amount;
        if (!record_id_parse(t->reports[a->tags[i].report].record, &tag->report))
            return fail(c, E_CORRUPT, "a report of the trace has no id");
        h->amount += tag->amount;
    }
    h->tags = tags;
    return OK;
}

// An order of this case on this account that is a draft or binds; a first hop of one of its
// reports is to be replaced.
static void look_at_orders(const DeskProposing *p, const PictureOrder *orders, size_t n,
                           DeskHolding *h) {
    int64_t now = clock_now(p->node->env.clock);
    for (size_t i = 0; i < n; i++) {
        const PictureOrder *o = &orders[i];
        if (!o->has_account || !str_eq(o->currency, h->currency) ||
            !desk_account_eq(desk_account_of(o->account), h->account))
            continue;
        OrderNow state = order_now(&o->facts, &o->view, now);
        if (!state.alive && state.state != ORDER_DRAFT)
            continue;
        if (o->has_case && record_id_eq(o->case_id, p->case_id) && !o->has_report) {
            h->known = true;
            continue;
        }
        for (size_t k = 0; o->has_report && k < h->tag_count; k++) {
            if (record_id_eq(o->report, h->tags[k].report) && !h->has_replaces) {
                h->has_replaces = true;
                h->replaces = o->id;
            }
        }
    }
}

static Err one_account(Ctx *c, DeskProposing *p, const DeskTrace *t, const DeskTraceAccount *a) {
    DeskHolding h;
    TRY(holding_of(c, p, t, a, &h));
    if (h.contested > 0) {
        DeskHolding waits = h;
        waits.amount = h.contested;
        TRY(leave(c, p, &waits, "contested",
                  "several reports claim the transfers that this amount came by: settle whose they "
                  "are, or say that they are one victim's"));
    }
    if (h.amount == 0)
        return OK;
    if (h.account.institution.n == 0 || h.account.country.n == 0)
        return leave(c, p, &h, "no_bank", "at which bank the account is, is not known");
    const PictureOrder *orders;
    size_t n;
    TRY(picture_orders_of_account(c, p->slot->picture, desk_picture_account(h.account), &orders,
                                  &n));
    look_at_orders(p, orders, n, &h);
    if (h.known)
        return leave(c, p, &h, "held_already", "an order of this case stands on this account");
    DeskOrderNew o = {.has_case = true,
                      .case_id = p->case_id,
                      .has_trace = true,
                      .trace = p->trace,
                      .pack = p->pack,
                      .rule = str_of(trace_rule_name(t->rule)),
                      .has_replaces = h.has_replaces,
                      .replaces = h.replaces};
    TRY(desk_holding_draft(c, p, &h, &o));
    return h.drafted ? desk_draft_write(c, p, &o) : OK;
}

static Err trace_body(Ctx *c, DeskProposing *p, const DeskTrace *t, const DeskSeeds *seeds,
                      Buf *out) {
    AUTO(Buf) json = {0};
    TRY(desk_trace_json(c, t, &json));
    CryptoHash result = crypto_sha256(json.p, json.n), manifest = p->manifest;
    Str result_hex, manifest_hex;
    TRY(desk_hex_text(c, result.b, sizeof result.b, &result_hex));
    TRY(desk_hex_text(c, manifest.b, sizeof manifest.b, &manifest_hex));
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key_str(&w, "engine", STR(TRACE_ENGINE));
    json_put_key_str(&w, "manifest", manifest_hex);
    json_put_key_str(&w, "pack", p->pack);
    json_put_key(&w, STR("reports"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < t->report_count; i++)
        json_put_str(&w, t->reports[i].record);
    json_put_array_end(&w);
    json_put_key_str(&w, "result", result_hex);
    json_put_key_str(&w, "rule", str_of(trace_rule_name(t->rule)));
    desk_seeds_put(&w, seeds, t->report_count, true);
    desk_put_record_time(&w, "until", t->has_until, t->until_us);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

// The trace and its evidence become records, under the strictest of their marks.
static Err freeze(Ctx *c, DeskProposing *p, const DeskTrace *t, const StreamSnapshot *snap) {
    DeskSeeds *seeds;
    AUTO(Buf) pack = {0}, body = {0};
    TRY(desk_seeds_get(c, p->slot, t, &seeds));
    TRY(desk_pack_write(c, snap, t, seeds, &pack));
    RecordId *ids, attachment;
    RecordMark mark;
    size_t n = t->report_count < RECORD_REFS_MAX - 1 ? t->report_count : RECORD_REFS_MAX - 1;
    TRY(ctx_alloc(c, (n + 1) * sizeof *ids, &ids));
    for (size_t i = 0; i < n; i++)
        (void)!record_id_parse(t->reports[i].record, &ids[i]);
    TRY(desk_marks_meet(c, p->slot, ids, n, &mark));
    DeskAttach a = {
        STR("evidence.json"), STR("application/json"), buf_view(&pack), &p->case_id, 1, &mark};
    CryptoHash sha256;
    TRY(desk_attach(c, p->w, &a, &sha256, &attachment));
    TRY(desk_hex_text(c, sha256.b, sizeof sha256.b, &p->pack));
    TRY(trace_body(c, p, t, seeds, &body));
    ids[n] = p->case_id;
    DeskDraft draft = {.kind = RECORD_TRACE,
                       .refs = ids,
                       .ref_count = n + 1,
                       .mark = &mark,
                       .body = buf_view(&body)};
    return desk_group_add(c, p->w, &draft, &p->trace);
}

static bool asked_for(const DeskProposing *p, FormatAccount a) {
    return p->named_count == 0 || named_by_person(p, a);
}

static bool anything_lies(const DeskProposing *p, const DeskTrace *t) {
    for (size_t i = 0; i < t->account_count; i++) {
        if (t->accounts[i].tag_count > 0 && asked_for(p, t->accounts[i].account))
            return true;
    }
    return false;
}

Err desk_propose_case(Ctx *c, const Desk *d, DeskProposing *p, const DeskPropose *q) {
    PictureCase k;
    TRY(desk_case_find(c, p->slot, q->case_id, &k));
    if (!str_eq_c(k.state, "open"))
        return fail(c, E_STATE, "the case is closed: nothing is proposed from it");
    p->case_id = k.id;
    DeskTraceQuery query = {
        .case_id = q->case_id, .rule = q->rule, .has_until = q->has_until, .until_us = q->until_us};
    // No import can come between: the caller is the writer.
    AUTO(StreamSnapshotPtr) snap = stream_snapshot_get(p->node->stream);
    DeskTrace t;
    TRY(desk_trace(c, d, &query, &t));
    p->manifest = stream_manifest_hash(snap);
    if (!anything_lies(p, &t))
        return fail(c, E_STATE,
                    "nothing of this money lies where it can be held: `moei trace` shows where it "
                    "went");
    TRY(find_contested(c, p, &t));
    TRY(desk_victim_accounts(c, p->node, p->slot, &p->victims));
    TRY(desk_group_begin(c, p->w));
    TRY(freeze(c, p, &t, snap));
    for (size_t i = 0; i < t.account_count; i++) {
        const DeskTraceAccount *a = &t.accounts[t.by_level[i]];
        if (a->tag_count > 0 && asked_for(p, a->account))
            TRY(one_account(c, p, &t, a));
    }
    if (p->made_count == 0) {
        // Nothing stands on the trace: it is not kept either.
        desk_group_drop(p->w);
        p->trace = (RecordId){0};
        return OK;
    }
    p->traced = true;
    return desk_group_commit(c, p->w);
}

// --- the answer ---------------------------------------------------------------------------------

static Err answer(Ctx *c, const Desk *d, DeskProposing *p, DeskProposed *ret_proposed) {
    DeskProposed a = {.created_count = p->made_count, .left_out_count = p->left_count};
    DeskOrder *created;
    DeskLeftOut *left_out;
    DeskFlag *flags;
    TRY(ctx_alloc(c, (p->made_count + 1) * sizeof *created, &created));
    TRY(ctx_alloc(c, (p->left_count + 1) * sizeof *left_out, &left_out));
    TRY(ctx_alloc(c, (p->made_count + 1) * sizeof *flags, &flags));
    if (p->left_count > 0)
        memcpy(left_out, p->left_out, p->left_count * sizeof *left_out);
    for (size_t i = 0; i < p->made_count; i++) {
        PictureOrder o;
        TRY(picture_order_get(c, p->slot->picture, p->made[i], &o));
        TRY(desk_order_whole(c, d, p->slot, &o, &created[i]));
        for (size_t k = 0; k < created[i].flag_count; k++)
            flags[a.flag_count++] = created[i].flags[k];
    }
    a.created = created;
    a.left_out = left_out;
    a.flags = flags;
    if (p->traced)
        TRY(desk_id_text(c, p->trace, &a.trace));
    *ret_proposed = a;
    return OK;
}

static Err named_accounts(Ctx *c, DeskProposing *p, const DeskPropose *q) {
    TRY(ctx_alloc(c, (q->account_count + 1) * sizeof *p->named, &p->named));
    for (size_t i = 0; i < q->account_count; i++)
        TRY(desk_account_typed(c, p->node, q->accounts[i], &p->named[i]));
    p->named_count = q->account_count;
    return OK;
}

Err desk_order_propose(Ctx *c, const Desk *d, const DeskPropose *q, DeskProposed *ret_proposed) {
    TRY(desk_need(c, d, DESK_ORDER_PROPOSE));
    if ((q->case_id.n > 0) == (q->report.n > 0))
        return fail(c, E_INVALID, "name a case, or a report for its first hop");
    if (q->rule == TRACE_POISON)
        return fail(c, E_INVALID,
                    "poison marks accounts and knows no amounts: it may alert, never hold");
    AUTO(DeskProposing) p = {.node = d->node};
    {
        AUTO(DeskWriting) w = {0};
        TRY(desk_writing_begin(c, d->node, d, &w));
        AUTO(DeskReading) r = {0};
        TRY(desk_reading_begin(c, d, &r));
        p.slot = r.slot;
        p.w = &w;
        TRY(named_accounts(c, &p, q));
        if (q->case_id.n > 0)
            TRY(desk_propose_case(c, d, &p, q));
        else
            TRY(desk_propose_first_hop(c, &p, q));
    }
    AUTO(DeskReading) r = {0}; // one that sees what was written
    TRY(desk_reading_begin(c, d, &r));
    p.slot = r.slot;
    return answer(c, d, &p, ret_proposed);
}
