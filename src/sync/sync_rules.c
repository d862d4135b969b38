// What may flow: docs/protocol-sync.md, section 3, and nothing beside it.
#include "sync/sync_priv.h"

SyncClass sync_class(RecordKind kind) {
    switch (kind) {
    case RECORD_GENESIS:
    case RECORD_KEY:
    case RECORD_LINK:
    case RECORD_RECOVER:
    case RECORD_OFFICER:
    case RECORD_OFFICER_CHANGE:
        return SYNC_IDENTITY;
    case RECORD_ACCORD:
    case RECORD_ACCORD_SIGN:
    case RECORD_SHARE:
    case RECORD_SHARE_ACT:
    case RECORD_RETRACT:
    case RECORD_LET_GO:
    case RECORD_DISCLOSED:
    case RECORD_PASSED:
    case RECORD_NOTICE:
    case RECORD_NOTICE_ACT:
    case RECORD_FORK:
        return SYNC_DIRECTED;
    case RECORD_READ:
    case RECORD_GLASS:
    case RECORD_GLASS_RATIFY:
    case RECORD_PEER:
    case RECORD_FLAG:
    case RECORD_BATCH:
        return SYNC_NEVER;
    case RECORD_REPORT:
    case RECORD_SEED:
    case RECORD_CASE:
    case RECORD_CASE_ADD:
    case RECORD_CASE_REMOVE:
    case RECORD_CASE_CLOSE:
    case RECORD_TRANSFER_PICK:
    case RECORD_CLAIM:
    case RECORD_ERASE:
    case RECORD_VICTIM:
    case RECORD_STANDING:
    case RECORD_CLAIMANT:
    case RECORD_ATTACHMENT:
    case RECORD_TRACE:
    case RECORD_ORDER:
    case RECORD_ORDER_ACT:
    case RECORD_ORDER_NOTE:
    case RECORD_CONTACT:
    case RECORD_ACCOUNT_CLASS:
    case RECORD_GRIEVANCE:
    case RECORD_REFUND_PLAN:
    case RECORD_REFUND_SIGN:
    case RECORD_REFUND_PAID:
    case RECORD_REFUND_ACCOUNT:
    case RECORD_SECOND:
    case RECORD_SHIFT:
    case RECORD_SHIFT_SIGN:
    case RECORD_EXPORT_DECISION:
    case RECORD_CASE_EXPORT:
    case RECORD_UNKNOWN:
        return SYNC_OBJECT;
    }
    UNREACHABLE();
}

const char *sync_rule_name(SyncRule rule) {
    static const char *const names[SYNC_RULES] = {
        [SYNC_STAYS] = "stays",
        [SYNC_FLOWS_IDENTITY] = "identity",
        [SYNC_FLOWS_DIRECTED] = "directed",
        [SYNC_FLOWS_ACCORD] = "accord",
        [SYNC_FLOWS_SHARE] = "share",
        [SYNC_FLOWS_ANSWER] = "answer",
        [SYNC_FLOWS_ERASURE] = "erasure",
        [SYNC_RELAYS_IDENTITY] = "relay of identity",
        [SYNC_RELAYS_DIRECTED] = "relay of directed",
        [SYNC_RELAYS_ACCORD] = "relay by accord",
        [SYNC_RELAYS_GRANT] = "relay by grant",
        [SYNC_RELAYS_ERASURE] = "relay of erasure",
    };
    ASSERT(rule < SYNC_RULES);
    return names[rule];
}

// --- accords and shares -------------------------------------------------------------------------

static const SyncMember *member_of(const SyncAccord *a, Str agency) {
    for (size_t i = 0; i < a->member_count; i++)
        if (str_eq(a->members[i].agency, agency))
            return &a->members[i];
    return NULL;
}

bool sync_accord_holds(const SyncAccord *a, Str one, Str other, int64_t now_us) {
    const SyncMember *m = member_of(a, one), *k = member_of(a, other);
    if (!m || !k || m->left || k->left)
        return false;
    for (size_t i = 0; i < a->member_count; i++)
        if (!a->members[i].signed_here)
            return false;
    return now_us >= a->begins_us && (!a->has_end || now_us < a->ends_us);
}

bool sync_accord_mirrors(const SyncAccord *a, Str us, Str peer, int64_t now_us) {
    const SyncMember *m = member_of(a, peer);
    return m && m->mirror && !str_eq(us, peer) && sync_accord_holds(a, us, peer, now_us);
}

bool sync_share_open(const SyncShare *s, int64_t now_us) {
    if (s->retracted || (s->has_until && now_us >= s->until_us))
        return false;
    return !s->accept || (s->accepted && s->taken == s->handling);
}

static bool among(const Str *list, size_t n, Str word) {
    for (size_t i = 0; i < n; i++)
        if (str_eq(list[i], word))
            return true;
    return false;
}

// Kinds of their own compartment must be named; all others may come by `*`.
static bool accord_has_kind(const SyncAccord *a, const SyncQuestion *q) {
    if (among(a->kinds, a->kind_count, q->root_kind_name))
        return true;
    return q->root_kind != RECORD_VICTIM && q->root_kind != RECORD_GRIEVANCE &&
           among(a->kinds, a->kind_count, STR("*"));
}

static bool accord_has_purpose(const SyncAccord *a, const RecordMark *m) {
    if (m->purpose_count == 0)
        return true;
    for (size_t i = 0; i < m->purpose_count; i++)
        if (among(a->purposes, a->purpose_count, m->purposes[i]))
            return true;
    return false;
}

static bool mark_names(const RecordMark *m, Str agency) {
    return among(m->to, m->to_count, agency);
}

static bool mark_ended(const RecordMark *m, int64_t now_us) {
    return m->has_until && now_us >= m->until_us;
}

// --- the rules ----------------------------------------------------------------------------------

// What is the same for both: the peer, the log, the kind. False: nothing flows.
static bool may_at_all(const SyncQuestion *q) {
    return q->peer_confirmed && q->main_log && !str_eq(q->us, q->peer) &&
           sync_class(q->kind) != SYNC_NEVER;
}

// Rule 3. The index of the first accord by which the object goes to the peer.
static bool flows_by_accord(const SyncQuestion *q, size_t *ret_accord) {
    if (q->retracted || q->peer_flagged || !mark_names(q->object_mark, q->peer) ||
        mark_ended(q->object_mark, q->now_us))
        return false;
    for (size_t i = 0; i < q->accord_count; i++)
        if (sync_accord_holds(&q->accords[i], q->us, q->peer, q->now_us) &&
            accord_has_kind(&q->accords[i], q) &&
            accord_has_purpose(&q->accords[i], q->object_mark)) {
            *ret_accord = i;
            return true;
        }
    return false;
}

// Rule 4.
static bool flows_by_share(const SyncQuestion *q, size_t *ret_share) {
    for (size_t i = 0; i < q->share_count; i++)
        if (sync_share_open(&q->shares[i], q->now_us) &&
            !(q->peer_flagged && q->shares[i].at_us < q->flagged_us)) {
            *ret_share = i;
            return true;
        }
    return false;
}

SyncAnswer sync_may_flow(const SyncQuestion *q) {
    SyncAnswer a = {SYNC_STAYS, 0};
    SyncClass class = sync_class(q->kind);
    // Whether anything of the object may leave at all, by whatever accord or share.
    bool own = str_eq(q->root_author, q->us) && sync_class(q->root_kind) == SYNC_OBJECT &&
               !q->root_draft && !q->half_signed;
    if (!may_at_all(q) || !str_eq(q->author, q->us))
        return a;
    if (class == SYNC_IDENTITY)
        a.rule = SYNC_FLOWS_IDENTITY;
    else if (class == SYNC_DIRECTED)
        a.rule = mark_names(q->mark, q->peer) ? SYNC_FLOWS_DIRECTED : SYNC_STAYS;
    else if (own && flows_by_accord(q, &a.by))
        a.rule = SYNC_FLOWS_ACCORD;
    else if (own && flows_by_share(q, &a.by))
        a.rule = SYNC_FLOWS_SHARE;
    else if (str_eq(q->root_author, q->peer) && !q->half_signed)
        a.rule = SYNC_FLOWS_ANSWER;
    else if (q->kind == RECORD_ERASE && q->erased_disclosed)
        a.rule = SYNC_FLOWS_ERASURE;
    return a;
}

static bool relays_by_accord(const SyncQuestion *q, size_t *ret_accord) {
    const RecordMark *m = q->object_mark;
    if (!mark_names(m, q->peer) || m->handling > RECORD_H1 || mark_ended(m, q->now_us))
        return false;
    for (size_t i = 0; i < q->accord_count; i++) {
        const SyncAccord *a = &q->accords[i];
        if (sync_accord_holds(a, q->author, q->peer, q->now_us) &&
            sync_accord_holds(a, q->us, q->peer, q->now_us) && accord_has_kind(a, q) &&
            accord_has_purpose(a, m)) {
            *ret_accord = i;
            return true;
        }
    }
    return false;
}

static bool relays_by_grant(const SyncQuestion *q) {
    return q->granted && (!q->grant_has_until || q->now_us < q->grant_until_us);
}

SyncAnswer sync_may_relay(const SyncQuestion *q) {
    SyncAnswer a = {SYNC_STAYS, 0};
    SyncClass class = sync_class(q->kind);
    bool object = sync_class(q->root_kind) == SYNC_OBJECT && str_eq(q->root_author, q->author) &&
                  !q->root_draft && !q->retracted && !q->peer_flagged;
    if (!may_at_all(q) || !q->peer_relay || str_eq(q->author, q->us) || str_eq(q->author, q->peer))
        return a;
    if (class == SYNC_IDENTITY)
        a.rule = q->other_flows ? SYNC_RELAYS_IDENTITY : SYNC_STAYS;
    else if (class == SYNC_DIRECTED)
        a.rule = mark_names(q->mark, q->peer) ? SYNC_RELAYS_DIRECTED : SYNC_STAYS;
    else if (object && relays_by_accord(q, &a.by))
        a.rule = SYNC_RELAYS_ACCORD;
    else if (object && relays_by_grant(q))
        a.rule = SYNC_RELAYS_GRANT;
    else if (q->kind == RECORD_ERASE && q->erased_disclosed)
        a.rule = SYNC_RELAYS_ERASURE;
    return a;
}
