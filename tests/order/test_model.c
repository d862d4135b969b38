// The machine explored whole: from every state that can be reached, every act with every outcome
// by every party, with one officer or two, before the end, at it, and told late, compared with the
// naive model. Then random lists of records, longer than the exploration goes.
#include "model.h"

#define T0 1776000000000000LL
#define NODES_MAX 60000
#define CONFIGS 7

typedef struct World {
    Ctx c;
    OrderFacts facts;
    Model *nodes;
    size_t count, head;
    Dict seen;
    uint64_t pairs, counted, refused;
    bool two;                                 // the addressee speaks by two officers, too
    unsigned may[ORDER_ACTS][ORDER_OUTCOMES]; // parties who may do it at one now
} World;

static bool outcome_fits(OrderAct act, OrderOutcome o) {
    if (act == ORDER_ANSWER)
        return o >= ORDER_DID_EXECUTE && o <= ORDER_DID_REFUSE;
    if (act == ORDER_REVIEW)
        return o >= ORDER_UPHELD;
    if (act == ORDER_TELL)
        return o <= ORDER_DID_REFUSE;
    return o == ORDER_NO_OUTCOME;
}

static OrderFacts config(int i) {
    OrderFacts f = {.hold = i < 4 || i == 6, .amount = 1000, .answer_hours = 24, .made_at = T0};
    f.clock_from = i < 4 ? (OrderClockFrom)i : ORDER_FROM_ISSUED;
    f.request = i >= 5;
    return f;
}

// --- comparing ----------------------------------------------------------------------------------

static void describe(const Model *m) {
    for (size_t i = 0; i < m->n; i++) {
        const OrderEvent *e = &m->events[i];
        print_error("  %zu: %s %s by %u officer %d at +%lld happened +%lld ends %lld amount %lld "
                    "persons %d target %lld\n",
                    i, order_act_name(e->act), order_outcome_name(e->outcome), (unsigned)e->party,
                    e->officer[0], (long long)((e->at - T0) / HOUR),
                    (long long)((e->happened_at - T0) / HOUR),
                    e->has_ends_at ? (long long)((e->ends_at - T0) / HOUR) : -1,
                    e->has_amount ? (long long)e->amount : -1, e->persons,
                    e->has_target ? (long long)e->target : -1);
    }
}

static const char *difference(const Model *m, const OrderEffect *effects, const OrderView *v) {
    unsigned second = 0;
    bool receipt = false;
    for (size_t i = 0; i < m->n; i++) {
        if (effects[i] != model_effect(m, i))
            return "effects";
        if (effects[i] == ORDER_WAITS && m->waits[i] == 's')
            second |= m->events[i].party == ORDER_ADDRESSEE ? ORDER_ADDRESSEE : ORDER_ISSUER;
        receipt = receipt || (effects[i] == ORDER_WAITS && m->waits[i] == 'r');
    }
    if (v->state != m->state || v->appeal != m->appeal)
        return "state or appeal";
    if (v->asked != m->asked || v->held != m->held || v->executed != m->told)
        return "amounts";
    if (v->has_ends_at != m->has_end || (m->has_end && v->ends_at != m->end))
        return "end";
    if (v->has_ended_at != m->ended || (m->ended && v->ended_at != m->ended_at))
        return "ended";
    if (v->has_undone_at != m->undone || v->owes_undone != m->owes ||
        v->waits_reduction != m->reduction_open)
        return "what is to be confirmed";
    if (v->has_adopted_at != m->adopted || v->has_told_at != m->is_told ||
        (m->is_told && (v->told != m->told_outcome || v->told_over != m->over)))
        return "what became of a request";
    if (v->waits_second != second || v->waits_receipt != receipt)
        return "what waits";
    if (v->has_issued_at != m->issued || v->has_received_at != m->received ||
        v->has_answered_at != m->answered || v->has_executed_at != m->executed ||
        v->extensions != m->extensions || v->attempts != m->attempts)
        return "what has been";
    return v->held > v->asked || v->held < 0 ? "held above asked" : NULL;
}

static void compare(Ctx *c, const Model *m, OrderView *ret_view) {
    OrderEffect effects[MODEL_EVENTS_MAX];
    ctx_reset(c);
    assert_ok(c, order_fold(c, &m->facts, m->events, m->n, effects, ret_view));
    const char *what = difference(m, effects, ret_view);
    if (what == NULL)
        return;
    describe(m);
    for (size_t i = 0; i < m->n; i++)
        print_error("  %zu: fold %s, model %s\n", i, order_effect_name(effects[i]),
                    order_effect_name(model_effect(m, i)));
    fail_msg("fold and model differ in: %s (clock %d, request %d, hold %d)", what,
             (int)m->facts.clock_from, m->facts.request, m->facts.hold);
}

// --- exploring ----------------------------------------------------------------------------------

static int64_t last_at(const Model *m) {
    return m->n ? m->events[m->n - 1].at : T0;
}

// What of a model decides how it goes on, but for when and how much.
static void digest(const Model *m, Buf *b) {
    buf_clear(b);
    bool less = m->asked < m->facts.amount, nothing = m->held == 0, all = m->held == m->asked;
    buf_format(b, "%d%d%d ", m->adopted, m->is_told, (int)m->told_outcome);
    buf_format(b, "%d %d %d %d%d%d%d%d%d%d%d%d%d%d%d %d%d", (int)m->state,
               (int)model_state_at(m, last_at(m)), (int)m->appeal, m->issued, m->received,
               m->answered, m->executed, m->complained, m->undone, m->has_end, m->ended, less,
               nothing, all, m->owes, m->reduction_open, m->officers[1] != 0);
    for (size_t i = 0; i < m->n; i++)
        if (model_effect(m, i) == ORDER_WAITS)
            buf_format(b, " %c%d.%d", m->waits[i], (int)m->events[i].act,
                       (int)m->events[i].outcome);
}

static size_t waiting(const Model *m) {
    size_t n = 0;
    for (size_t i = 0; i < m->n; i++)
        n += model_effect(m, i) == ORDER_WAITS;
    return n;
}

static void try_one(World *w, const Model *m, const OrderEvent *e) {
    Model next = *m;
    OrderView v;
    model_step(&next, e);
    compare(&w->c, &next, &v);
    OrderEffect effect = model_effect(&next, next.n - 1);
    w->pairs++;
    // A wrong amount or end is for order_try to say; the act itself may be done.
    if (effect != ORDER_NOT_ALLOWED && effect != ORDER_TOO_LATE && effect != ORDER_SAME_OFFICER)
        w->may[e->act][e->outcome] |= e->party;
    if (effect != ORDER_COUNTED && effect != ORDER_WAITS) {
        w->refused++;
        return;
    }
    w->counted++;
    AUTO(Buf) key = {0};
    uint32_t id = 0;
    digest(&next, &key);
    if (waiting(&next) > 1 || dict_find(&w->seen, buf_view(&key), &id))
        return;
    assert_ok(&w->c, dict_intern(&w->c, &w->seen, buf_view(&key), &id));
    assert_true(w->count < NODES_MAX);
    w->nodes[w->count++] = next;
}

// The same act with all that it may name and all who may do it.
static void try_variants(World *w, const Model *m, OrderEvent e) {
    bool by_officer = e.act == ORDER_SECOND || e.act == ORDER_REVIEW;
    bool names = e.act == ORDER_SECOND || e.act == ORDER_RECEIVE;
    for (uint8_t officer = 0; officer < 5; officer++) {
        e.officer[0] = officer;
        if (!by_officer && officer != 1)
            continue;
        e.has_target = false;
        try_one(w, m, &e);
        for (size_t i = 0; names && i < m->n; i++) {
            if (i > 0 && m->waits[i] == 0 && !(m->reduction_open && m->reduction == i))
                continue;
            e.has_target = true;
            e.target = i;
            try_one(w, m, &e);
        }
    }
}

static void try_amounts(World *w, const Model *m, OrderEvent e) {
    bool reduces = e.act == ORDER_REDUCE || e.outcome == ORDER_REDUCED;
    int64_t most = reduces && m->executed ? m->held : m->asked;
    int64_t amounts[] = {most - 1, most, most + 1};
    e.has_ends_at = true;
    e.ends_at = (m->has_end && m->end > e.at ? m->end : e.at) + 200 * HOUR;
    try_variants(w, m, e);
    if (m->facts.hold && (e.act == ORDER_ANSWER || e.act == ORDER_TELL || reduces)) {
        e.has_amount = true;
        for (size_t i = 0; i < COUNT_OF(amounts); i++) {
            e.amount = amounts[i];
            try_variants(w, m, e);
        }
        e.has_amount = false;
    }
    e.has_ends_at = false;
    if (e.act == ORDER_ISSUE || e.act == ORDER_EXTEND || e.act == ORDER_RECEIVE ||
        e.act == ORDER_ANSWER || e.act == ORDER_COMPLAINT)
        try_variants(w, m, e);
}

static void try_act(World *w, const Model *m, OrderEvent e) {
    bool told = e.act == ORDER_RECEIVE || e.act == ORDER_ANSWER || e.act == ORDER_COMPLAINT;
    OrderState next;
    unsigned who = model_who(&m->facts, m->state, e.act, e.outcome, &next) |
                   model_who(&m->facts, model_state_at(m, e.at), e.act, e.outcome, &next);
    for (unsigned party = 1; party <= 8; party *= 2) {
        e.party = (OrderParty)party;
        if (!(who & party)) {
            // By this party it is refused whatever it says: once is enough.
            try_one(w, m, &e);
            continue;
        }
        int persons = party == ORDER_ADDRESSEE && !w->two ? 1 : 2;
        for (e.persons = 1; e.persons <= persons; e.persons++) {
            e.happened_at = e.at;
            try_amounts(w, m, e);
            if (!told || e.persons == 2)
                continue;
            e.happened_at = m->issued ? m->issued_at + 1 : T0;
            try_amounts(w, m, e);
        }
        e.persons = 1;
        e.happened_at = e.at;
    }
}

// order_allowed lists what each party can do, and nothing else.
static void check_allowed(World *w, const Model *m, const OrderView *v, int64_t now) {
    for (unsigned party = 1; party <= 8; party *= 2) {
        unsigned listed[ORDER_ACTS][ORDER_OUTCOMES] = {0};
        OrderChoice choices[ORDER_CHOICES_MAX];
        size_t n = order_allowed(&m->facts, v, now, party, choices);
        for (size_t i = 0; i < n; i++)
            listed[choices[i].act][choices[i].outcome] = party;
        for (unsigned act = 0; act < ORDER_ACTS; act++) {
            for (unsigned o = 0; o < ORDER_OUTCOMES; o++) {
                if ((w->may[act][o] & party) == listed[act][o])
                    continue;
                describe(m);
                fail_msg("%s %s by %u at +%lld: %s", order_act_name((OrderAct)act),
                         order_outcome_name((OrderOutcome)o), party, (long long)((now - T0) / HOUR),
                         listed[act][o] ? "listed" : "not listed");
            }
        }
    }
}

// order_check says yes to what is listed, and else names all that is. The choices take turns.
static void check_words(World *w, const Model *m, const OrderView *v, int64_t now) {
    for (size_t turn = w->head % 23; turn < ORDER_ACTS * ORDER_OUTCOMES * 4; turn += 23) {
        OrderChoice choice = {(OrderAct)(turn / 28), (OrderOutcome)(turn / 4 % 7)};
        OrderParty party = (OrderParty)(1U << turn % 4);
        ctx_reset(&w->c);
        Err e = order_check(&w->c, &m->facts, v, now, choice, party);
        unsigned may = w->may[choice.act][choice.outcome];
        assert_int_equal(e, may & party ? OK : may ? E_DENIED : E_STATE);
        for (unsigned a = 0; e != OK && a < ORDER_ACTS; a++)
            if (w->may[a][0] && a != ORDER_TELL && !strstr(w->c.error, order_act_name((OrderAct)a)))
                fail_msg("%s is not named: %s", order_act_name((OrderAct)a), w->c.error);
    }
}

static void explore_at(World *w, const Model *m, int64_t now) {
    memset(w->may, 0, sizeof w->may);
    for (unsigned act = 0; act < ORDER_ACTS; act++) {
        for (unsigned outcome = 0; outcome < ORDER_OUTCOMES; outcome++) {
            OrderEvent e = {.act = (OrderAct)act,
                            .outcome = (OrderOutcome)outcome,
                            .party = ORDER_ISSUER,
                            .officer = {1},
                            .at = now,
                            .happened_at = now,
                            .persons = 1};
            if (outcome_fits(e.act, e.outcome)) {
                try_act(w, m, e);
                continue;
            }
            // No outcome of this act: the parties take turns.
            e.party = (OrderParty)(1U << ((act + outcome + w->head) % 4));
            try_one(w, m, &e);
        }
    }
    OrderView v;
    compare(&w->c, m, &v);
    check_allowed(w, m, &v, now);
    check_words(w, m, &v, now);
}

static void explore(World *w, int which) {
    w->facts = config(which);
    w->two = which < 2 || which == 5; // a clock from the issue, from the receipt, and a request
    dict_init(&w->seen, 1);
    w->head = w->count = 0;
    model_init(&w->nodes[w->count++], &w->facts);
    for (; w->head < w->count; w->head++) {
        Model m = w->nodes[w->head];
        int64_t now = last_at(&m) + HOUR;
        explore_at(w, &m, now);
        int64_t end = m.has_end ? m.end : m.issued_at + 72 * HOUR;
        if (!m.facts.request && m.issued && end > now)
            explore_at(w, &m, end);
    }
    dict_done(&w->seen);
}

static void test_explore(void **state) {
    (void)state;
    static World w;
    ctx_init(&w.c);
    w.nodes = malloc(NODES_MAX * sizeof *w.nodes);
    assert_non_null(w.nodes);
    bool reached[ORDER_STATES] = {0};
    size_t states = 0;
    for (int i = 0; i < CONFIGS; i++) {
        explore(&w, i);
        states += w.count;
        for (size_t k = 0; k < w.count; k++)
            reached[model_state_at(&w.nodes[k], last_at(&w.nodes[k]))] = true;
    }
    for (size_t s = 0; s < ORDER_STATES; s++)
        assert_true(reached[s]);
    print_message("%zu states reached, %llu acts tried from them: %llu count or wait, %llu do "
                  "not\n",
                  states, (unsigned long long)w.pairs, (unsigned long long)w.counted,
                  (unsigned long long)w.refused);
    free(w.nodes);
    ctx_done(&w.c);
}

// --- the table itself ---------------------------------------------------------------------------

static void test_table(void **state) {
    (void)state;
    size_t n = 0, held = 0;
    const OrderRule *rules = order_rules(&n);
    for (int which = 3; which < CONFIGS; which++) {
        OrderFacts facts = config(which);
        for (unsigned s = 0; s < ORDER_STATES; s++)
            for (unsigned a = 0; a < ORDER_ACTS; a++)
                for (unsigned o = 0; o < ORDER_OUTCOMES; o++) {
                    const OrderRule *rule = NULL;
                    OrderState next = ORDER_DRAFT;
                    for (size_t i = 0; i < n; i++)
                        if (rules[i].state == s && rules[i].act == a && rules[i].outcome == o &&
                            (facts.request ? rules[i].requests : rules[i].orders) &&
                            (facts.hold || !rules[i].holds_only))
                            rule = &rules[i];
                    unsigned who =
                        model_who(&facts, (OrderState)s, (OrderAct)a, (OrderOutcome)o, &next);
                    if ((rule ? rule->parties : 0) != who || (rule && rule->next != next))
                        fail_msg("%s, %s %s: the table says %u, the document %u",
                                 order_state_name((OrderState)s), order_act_name((OrderAct)a),
                                 order_outcome_name((OrderOutcome)o), rule ? rule->parties : 0,
                                 who);
                    held += rule != NULL;
                }
    }
    print_message("%zu rows; %zu pairs allowed of %d\n", n, held,
                  3 * ORDER_STATES * ORDER_ACTS * ORDER_OUTCOMES);
}

// --- random lists -------------------------------------------------------------------------------

static OrderEvent random_event(Rng *rng, const Model *m) {
    OrderEvent e = {.act = (OrderAct)rng_below(rng, ORDER_ACTS), .persons = 1};
    do
        e.outcome = (OrderOutcome)rng_below(rng, ORDER_OUTCOMES);
    while (!outcome_fits(e.act, e.outcome));
    // Mostly what may be done, so that the lists get somewhere.
    OrderState next;
    unsigned who = model_who(&m->facts, m->state, e.act, e.outcome, &next);
    e.party = (OrderParty)(1U << rng_below(rng, 4));
    if (who && rng_below(rng, 8))
        while (!(who & e.party))
            e.party = (OrderParty)(1U << rng_below(rng, 4));
    e.officer[0] = (uint8_t)rng_below(rng, 4);
    e.at = last_at(m) + (int64_t)rng_below(rng, rng_below(rng, 6) ? 5 : 60) * HOUR;
    e.happened_at = e.at - (int64_t)rng_below(rng, 3) * (int64_t)rng_below(rng, 30) * HOUR;
    e.has_ends_at = rng_below(rng, 8) != 0;
    e.ends_at = e.at + (int64_t)rng_below(rng, 120) * HOUR;
    e.has_amount = rng_below(rng, 2);
    e.amount = (int64_t)rng_below(rng, 2) * m->asked + (int64_t)rng_below(rng, 1100) - 50;
    e.persons = 1 + (rng_below(rng, 4) == 0);
    e.has_target = rng_below(rng, e.act == ORDER_SECOND ? 20 : 3) != 0;
    e.target = rng_below(rng, m->n + 1);
    return e;
}

// Without the records that had no effect the order is the same.
static void without_the_rest(Ctx *c, const Model *m, const OrderView *whole) {
    OrderEvent kept[MODEL_EVENTS_MAX];
    OrderEffect effects[MODEL_EVENTS_MAX];
    size_t to[MODEL_EVENTS_MAX], n = 0;
    OrderView v;
    for (size_t i = 0; i < m->n; i++) {
        OrderEffect effect = model_effect(m, i);
        if (effect != ORDER_COUNTED && effect != ORDER_WAITS)
            continue;
        to[i] = n;
        kept[n] = m->events[i];
        if (kept[n].act == ORDER_SECOND || (kept[n].act == ORDER_RECEIVE && kept[n].has_target))
            kept[n].target = to[kept[n].target];
        n++;
    }
    assert_ok(c, order_fold(c, &m->facts, kept, n, effects, &v));
    OrderView want = *whole;
    if (want.waits_second || want.waits_receipt)
        want.waiting = to[want.waiting];
    if (want.reduced_at)
        want.reduction = to[want.reduction];
    if (memcmp(&v, &want, sizeof v) != 0) {
        describe(m);
        fail_msg("without the records that had no effect the order is another");
    }
}

// No act that happens from the end on changes what was held or until when.
static void after_the_end(const Model *before, const Model *after, const OrderEvent *e) {
    int64_t t = e->act == ORDER_RECEIVE || e->act == ORDER_ANSWER ? e->happened_at : e->at;
    if (!before->has_end || before->facts.request || t < before->end || t > e->at)
        return;
    assert_true(after->end == before->end && after->asked == before->asked);
    assert_true(after->state == before->state && after->told == before->told);
}

static void test_random(void **state) {
    (void)state;
    AUTO(Ctx) c = {0};
    Rng rng;
    ctx_init(&c);
    rng_seed(&rng, test_seed());
    size_t counted = 0, all = 0, ended = 0;
    for (int round = 0; round < 20000; round++) {
        static Model m, before;
        OrderFacts facts = config((int)rng_below(&rng, CONFIGS));
        OrderView v;
        model_init(&m, &facts);
        size_t n = 1 + rng_below(&rng, MODEL_EVENTS_MAX - 1);
        for (size_t i = 0; i < n; i++) {
            OrderEvent e = random_event(&rng, &m);
            before = m;
            model_step(&m, &e);
            after_the_end(&before, &m, &e);
        }
        compare(&c, &m, &v);
        without_the_rest(&c, &m, &v);
        for (size_t i = 0; i < n; i++)
            counted += model_effect(&m, i) == ORDER_COUNTED;
        all += n;
        ended += v.has_ended_at;
    }
    print_message("%zu records, %zu counted, %zu orders ended\n", all, counted, ended);
    assert_true(counted > all / 20 && ended > 1000);
}

const struct CMUnitTest order_model_tests[] = {
    cmocka_unit_test(test_table), cmocka_unit_test(test_explore), cmocka_unit_test(test_random)};
const size_t order_model_test_count = COUNT_OF(order_model_tests);
