// The naive model of an order, written from docs/order.md and not from the table.
#ifndef MOEI_TESTS_ORDER_MODEL_H
#define MOEI_TESTS_ORDER_MODEL_H

#include "test_order.h"

#define MODEL_EVENTS_MAX 24

typedef struct Model {
    OrderFacts facts;
    OrderEvent events[MODEL_EVENTS_MAX];
    OrderEffect effects[MODEL_EVENTS_MAX]; // before what waits is settled
    char waits[MODEL_EVENTS_MAX];          // 's' for a second, 'r' for a receipt, or 0
    int64_t since[MODEL_EVENTS_MAX];
    size_t n;
    OrderState state;
    OrderAppeal appeal;
    bool issued, received, answered, executed, complained, undone, has_end, ended;
    bool adopted, is_told, over;
    OrderOutcome told_outcome;
    int64_t issued_at, end, ended_at;
    int64_t asked, held, told;
    struct {
        int64_t at, asked;
    } history[MODEL_EVENTS_MAX]; // what was asked from when
    size_t history_n;
    uint8_t officers[2]; // who issued
    bool owes, reduction_open;
    size_t reduction;
    int64_t extensions, attempts;
} Model;

void model_init(Model *m, const OrderFacts *facts);
// Who may do it from this state, as OrderParty bits, by the document; and where it leads.
unsigned model_who(const OrderFacts *facts, OrderState state, OrderAct act, OrderOutcome outcome,
                   OrderState *ret_next);
void model_step(Model *m, const OrderEvent *e);
// The effect of event i once what waits is settled.
OrderEffect model_effect(const Model *m, size_t i);
OrderState model_state_at(const Model *m, int64_t t);

#endif
