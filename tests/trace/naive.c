// Lists of parts, largest remainder by sorting, no index, no speed. Written from docs/trace.md.
#include "trace/naive.h"

#define CLEAN NAIVE_REPORTS

typedef struct List {
    struct {
        int tag;
        int64_t amount;
    } parts[NAIVE_PARTS];
    int n;
} List;

static List lying[NAIVE_ACCOUNTS], leaving;

static void list_add(List *l, int tag, int64_t amount) {
    ASSERT(l->n < NAIVE_PARTS);
    l->parts[l->n].tag = tag;
    l->parts[l->n].amount = amount;
    l->n++;
}

static int64_t list_sum(const List *l) {
    int64_t sum = 0;
    for (int i = 0; i < l->n; i++)
        sum += l->parts[i].amount;
    return sum;
}

static int64_t list_of(const List *l, int tag) {
    int64_t sum = 0;
    for (int i = 0; i < l->n; i++)
        sum += l->parts[i].tag == tag ? l->parts[i].amount : 0;
    return sum;
}

// Drops parts of 0 and joins neighbours of one tag.
static void list_tidy(List *l) {
    int n = 0;
    for (int i = 0; i < l->n; i++) {
        if (l->parts[i].amount == 0)
            continue;
        if (n > 0 && l->parts[n - 1].tag == l->parts[i].tag)
            l->parts[n - 1].amount += l->parts[i].amount;
        else
            l->parts[n++] = l->parts[i];
    }
    l->n = n;
}

static void list_remove(List *l, int i) {
    for (; i + 1 < l->n; i++)
        l->parts[i] = l->parts[i + 1];
    l->n--;
}

// Makes the parts sum to `to` in proportion; ties of remainders go to the earlier part.
static void list_scale(List *l, int64_t to) {
    static I128 rest[NAIVE_PARTS];
    int64_t from = list_sum(l), given = 0;
    for (int i = 0; i < l->n; i++) {
        I128 product = (I128)l->parts[i].amount * to;
        rest[i] = product % from;
        l->parts[i].amount = (int64_t)(product / from);
        given += l->parts[i].amount;
    }
    for (; given < to; given++) {
        int best = 0;
        for (int i = 1; i < l->n; i++)
            if (rest[i] > rest[best])
                best = i;
        rest[best] = -1;
        l->parts[best].amount++;
    }
}

// Sorted by report, clean last, one part each.
static void list_sort(List *l) {
    static List sorted;
    sorted.n = 0;
    for (int tag = 0; tag <= CLEAN; tag++)
        list_add(&sorted, tag, list_of(l, tag));
    list_tidy(&sorted);
    *l = sorted;
}

static void take_in_turn(List *from, int64_t amount, bool newest) {
    while (amount > 0 && from->n > 0) {
        int i = newest ? from->n - 1 : 0;
        int64_t part = from->parts[i].amount < amount ? from->parts[i].amount : amount;
        list_add(&leaving, from->parts[i].tag, part);
        from->parts[i].amount -= part;
        amount -= part;
        if (from->parts[i].amount == 0)
            list_remove(from, i);
    }
    list_add(&leaving, CLEAN, amount);
}

static void take_shares(List *from, int64_t amount, bool clean_first) {
    int64_t total = list_sum(from), clean = list_of(from, CLEAN);
    leaving = *from;
    if (amount >= total) {
        list_add(&leaving, CLEAN, amount - total);
    } else if (!clean_first) {
        list_scale(&leaving, amount);
    } else if (amount <= clean) {
        leaving.n = 0;
        list_add(&leaving, CLEAN, amount);
    } else {
        for (int i = 0; i < leaving.n; i++)
            if (leaving.parts[i].tag == CLEAN)
                leaving.parts[i].amount = 0;
        list_tidy(&leaving);
        list_scale(&leaving, amount - clean);
        list_add(&leaving, CLEAN, clean);
    }
    list_sort(&leaving);
    for (int i = 0; i < from->n; i++) {
        int64_t gone = list_of(&leaving, from->parts[i].tag);
        from->parts[i].amount -= gone < from->parts[i].amount ? gone : from->parts[i].amount;
    }
    list_tidy(from);
}

int64_t naive_opening(const NaiveLedger *l, int account) {
    int64_t net = 0, lowest = 0;
    for (int i = 0; i < l->n; i++) {
        const NaiveTransfer *t = &l->transfers[i];
        int64_t balance = TRACE_BALANCE_NONE;
        if (t->from == account) {
            net -= t->amount;
            balance = t->from_balance;
        } else if (t->to == account) {
            net += t->credited;
            balance = t->to_balance;
        }
        if (balance != TRACE_BALANCE_NONE)
            return balance - net;
        lowest = net < lowest ? net : lowest;
    }
    return -lowest;
}

static void answer_list(NaiveAnswer *a, const NaiveTransfer *t, NaiveTagged *tagged) {
    tagged->key = t->position;
    a->transfers[a->transfer_n++] = *tagged;
    if (t->to < 0)
        return;
    NaiveTagged *account = &a->accounts[t->to];
    if (!a->account_listed[t->to]) {
        a->account_listed[t->to] = true;
        account->first_at = t->booked_at;
        account->level = tagged->level;
    }
    if (tagged->level < account->level)
        account->level = tagged->level;
}

static void take(TraceRule rule, const NaiveTransfer *t) {
    leaving.n = 0;
    if (t->from < 0) {
        list_add(&leaving, CLEAN, t->amount);
        return;
    }
    List *from = &lying[t->from];
    if (rule == TRACE_FIFO || rule == TRACE_LIFO)
        take_in_turn(from, t->amount, rule == TRACE_LIFO);
    else
        take_shares(from, t->amount, rule == TRACE_LIBR);
}

static void apply(const NaiveLedger *l, const NaiveTransfer *t, TraceRule rule, NaiveAnswer *a) {
    take(rule, t);
    list_tidy(&leaving);
    static List before;
    before = leaving;
    if (t->amount != t->credited)
        list_scale(&leaving, t->credited);
    for (int r = 0; r < l->reports && t->from_currency == t->to_currency; r++)
        a->totals[r][TRACE_COST][t->from_currency] += list_of(&before, r) - list_of(&leaving, r);
    for (int i = 0; i < leaving.n && t->seed >= 0; i++)
        if (leaving.parts[i].tag == CLEAN) {
            leaving.parts[i].tag = t->seed;
            a->totals[t->seed][TRACE_SEEDED][t->to_currency] += leaving.parts[i].amount;
        }
    list_tidy(&leaving);
    NaiveTagged tagged = {.level = 1};
    bool any = false;
    for (int r = 0; r < NAIVE_REPORTS; r++) {
        int64_t amount = list_of(&leaving, r);
        any = any || amount > 0;
        tagged.tags[r] = amount > 0 ? amount : -1;
        if (t->to < 0)
            a->totals[r][TRACE_EXITS][t->to_currency] += amount;
    }
    if (t->seed < 0 && t->from >= 0)
        tagged.level = a->accounts[t->from].level + 1;
    if (any)
        answer_list(a, t, &tagged);
    if (t->to < 0)
        return;
    for (int i = 0; i < leaving.n; i++)
        list_add(&lying[t->to], leaving.parts[i].tag, leaving.parts[i].amount);
    list_tidy(&lying[t->to]);
    if (rule == TRACE_PRO_RATA || rule == TRACE_LIBR)
        list_sort(&lying[t->to]);
}

static void apply_poison(const NaiveTransfer *t, bool reached[NAIVE_ACCOUNTS][NAIVE_REPORTS],
                         NaiveAnswer *a) {
    NaiveTagged tagged = {.level =
                              t->seed >= 0 || t->from < 0 ? 1 : a->accounts[t->from].level + 1};
    bool any = false;
    for (int r = 0; r < NAIVE_REPORTS; r++) {
        bool carried = r == t->seed || (t->from >= 0 && reached[t->from][r]);
        tagged.tags[r] = carried ? 0 : -1;
        any = any || carried;
        if (t->to >= 0 && carried)
            reached[t->to][r] = true;
    }
    if (any)
        answer_list(a, t, &tagged);
}

void naive_trace(const NaiveLedger *l, TraceRule rule, NaiveAnswer *a) {
    static bool reached[NAIVE_ACCOUNTS][NAIVE_REPORTS];
    memset(a, 0, sizeof *a);
    memset(reached, 0, sizeof reached);
    for (int k = 0; k < NAIVE_ACCOUNTS; k++) {
        int64_t opening = naive_opening(l, k);
        a->accounts[k].balance = opening;
        lying[k].n = 0;
        if (opening > 0)
            list_add(&lying[k], CLEAN, opening);
    }
    for (int i = 0; i < l->n && l->transfers[i].position < l->position_end; i++) {
        const NaiveTransfer *t = &l->transfers[i];
        if (t->from >= 0)
            a->accounts[t->from].balance -= t->amount;
        if (t->to >= 0)
            a->accounts[t->to].balance += t->credited;
        if (rule == TRACE_POISON)
            apply_poison(t, reached, a);
        else
            apply(l, t, rule, a);
    }
    for (int k = 0; k < NAIVE_ACCOUNTS; k++)
        for (int r = 0; r < NAIVE_REPORTS; r++) {
            int64_t amount = list_of(&lying[k], r);
            a->accounts[k].tags[r] = amount > 0 ? amount : -1;
            if (rule == TRACE_POISON)
                a->accounts[k].tags[r] = reached[k][r] ? 0 : -1;
        }
}
