// Inside of room order: the table, and what state an order is in at a moment.
#ifndef MOEI_ORDER_PRIV_H
#define MOEI_ORDER_PRIV_H

#include "order/order.h"

// The row of the table for this order or request, or NULL.
const OrderRule *rule_find(const OrderFacts *facts, OrderState state, OrderAct act,
                           OrderOutcome outcome);
bool rule_serves(const OrderFacts *facts, const OrderRule *rule);

// Issued, received, executed, partly.
bool state_is_alive(OrderState s);
// Ended in one way or another; not refused or adopted, which never took effect.
bool state_is_ended(OrderState s);
// What an act whose moment is t meets: the state by the records, or lapsed or void.
OrderState state_at(const OrderFacts *facts, const OrderView *v, int64_t t);
// What may be told after it happened: receive, answer, complaint.
bool act_is_told(OrderAct act);
// What the table cannot say, as far as it depends on the view alone (docs/order.md, States).
bool act_fits_view(const OrderView *v, OrderState state, OrderAct act);
bool officer_is_none(const uint8_t officer[16]);
// May not review: issued the order, was its second, or is the machine.
bool officer_is_bound(const OrderView *v, const uint8_t officer[16]);

#endif
