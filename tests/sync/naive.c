// Sentence by sentence from the page: every rule is asked by itself, then the first one named.
#include "naive.h"

#include "test.h"

static bool in_words(const char *words, const char *word) {
    const char *at = words;
    size_t n = strlen(word);
    while ((at = strstr(at, word))) {
        if ((at == words || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
            return true;
        at += n;
    }
    return false;
}

static const char *kind_name(RecordKind k) {
    return k == RECORD_UNKNOWN ? "new_kind" : record_kind_row(k)->name;
}

static bool is_identity(RecordKind k) {
    return in_words("genesis key link recover officer officer_change", kind_name(k));
}

static bool is_of_exchange(RecordKind k) {
    return in_words("accord accord_sign share share_act retract let_go disclosed passed notice "
                    "notice_act fork",
                    kind_name(k));
}

static bool flows_by_none(RecordKind k) {
    return in_words("read glass glass_ratify peer flag batch", kind_name(k));
}

static bool is_another_kind(RecordKind k) {
    return !is_identity(k) && !is_of_exchange(k) && !flows_by_none(k);
}

static bool same(Str a, Str b) {
    return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

static bool names(const RecordMark *m, Str agency) {
    size_t found = 0;
    for (size_t i = 0; i < m->to_count; i++)
        found += same(m->to[i], agency);
    return found > 0;
}

static bool not_ended(const RecordMark *m, int64_t now) {
    return m->has_until ? m->until_us > now : true;
}

static bool is_member(const SyncAccord *a, Str agency, bool *ret_left) {
    for (size_t i = 0; i < a->member_count; i++)
        if (same(a->members[i].agency, agency)) {
            *ret_left = a->members[i].left;
            return true;
        }
    return false;
}

// In force for both: signatures of all members, between begin and end, and neither has left.
static bool in_force_for(const SyncAccord *a, Str one, Str other, int64_t now) {
    bool one_left, other_left;
    size_t unsigned_members = 0;
    for (size_t i = 0; i < a->member_count; i++)
        unsigned_members += !a->members[i].signed_here;
    if (unsigned_members > 0 || now < a->begins_us)
        return false;
    if (a->has_end && !(now < a->ends_us))
        return false;
    return is_member(a, one, &one_left) && is_member(a, other, &other_left) && !one_left &&
           !other_left;
}

static bool has_kind(const SyncAccord *a, RecordKind root_kind, Str name) {
    bool star = false, named = false;
    for (size_t i = 0; i < a->kind_count; i++) {
        star = star || same(a->kinds[i], STR("*"));
        named = named || same(a->kinds[i], name);
    }
    if (in_words("victim grievance", kind_name(root_kind)))
        star = false;
    return star || named;
}

static bool has_purpose(const SyncAccord *a, const RecordMark *m) {
    if (m->purpose_count == 0)
        return true;
    for (size_t i = 0; i < a->purpose_count; i++)
        for (size_t k = 0; k < m->purpose_count; k++)
            if (same(a->purposes[i], m->purposes[k]))
                return true;
    return false;
}

const char *naive_flow(const SyncQuestion *q) {
    bool ours = same(q->author, q->us), root_ours = same(q->root_author, q->us);
    // An order goes to nobody before it is issued.
    bool object = root_ours && is_another_kind(q->root_kind) && !q->root_draft && !q->half_signed;
    bool identity = is_identity(q->kind);
    bool directed = is_of_exchange(q->kind) && names(q->mark, q->peer);
    bool accord = false, share = false;
    for (size_t i = 0; i < q->accord_count; i++)
        accord =
            accord || (object && is_another_kind(q->kind) && names(q->object_mark, q->peer) &&
                       !q->peer_flagged && not_ended(q->object_mark, q->now_us) && !q->retracted &&
                       in_force_for(&q->accords[i], q->us, q->peer, q->now_us) &&
                       has_kind(&q->accords[i], q->root_kind, q->root_kind_name) &&
                       has_purpose(&q->accords[i], q->object_mark));
    for (size_t i = 0; i < q->share_count; i++) {
        const SyncShare *s = &q->shares[i];
        bool open = !s->retracted && (!s->has_until || q->now_us < s->until_us);
        if (s->accept)
            open = open && s->accepted && s->handling == s->taken;
        if (q->peer_flagged) // only what two officers shared counts
            open = open && s->at_us >= q->flagged_us;
        share = share || (object && is_another_kind(q->kind) && open);
    }
    bool answer = same(q->root_author, q->peer) && !is_of_exchange(q->kind) && !q->half_signed;
    bool erasure = q->kind == RECORD_ERASE && q->erased_disclosed;
    if (!ours || !q->peer_confirmed || !q->main_log || same(q->us, q->peer) ||
        flows_by_none(q->kind))
        return "stays";
    return identity   ? "identity"
           : directed ? "directed"
           : accord   ? "accord"
           : share    ? "share"
           : answer   ? "answer"
           : erasure  ? "erasure"
                      : "stays";
}

const char *naive_relay(const SyncQuestion *q) {
    bool of_author = same(q->root_author, q->author) && is_another_kind(q->root_kind) &&
                     is_another_kind(q->kind) && !q->root_draft && !q->peer_flagged;
    const RecordMark *m = q->object_mark;
    bool accord = false;
    if (of_author && names(m, q->peer) && (m->handling == RECORD_H0 || m->handling == RECORD_H1) &&
        not_ended(m, q->now_us) && !q->retracted)
        for (size_t i = 0; i < q->accord_count; i++) {
            const SyncAccord *a = &q->accords[i];
            bool all_three = in_force_for(a, q->author, q->peer, q->now_us) &&
                             in_force_for(a, q->author, q->us, q->now_us);
            accord = accord || (all_three && has_kind(a, q->root_kind, q->root_kind_name) &&
                                has_purpose(a, m));
        }
    bool grant = of_author && q->granted && !q->retracted &&
                 !(q->grant_has_until && q->grant_until_us <= q->now_us);
    if (same(q->author, q->us) || same(q->author, q->peer) || same(q->us, q->peer) ||
        !q->peer_relay || !q->peer_confirmed || !q->main_log || flows_by_none(q->kind))
        return "stays";
    if (is_identity(q->kind))
        return q->other_flows ? "relay of identity" : "stays";
    if (is_of_exchange(q->kind))
        return names(q->mark, q->peer) ? "relay of directed" : "stays";
    if (accord)
        return "relay by accord";
    if (grant)
        return "relay by grant";
    return q->kind == RECORD_ERASE && q->erased_disclosed ? "relay of erasure" : "stays";
}
