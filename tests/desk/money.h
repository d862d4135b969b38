// A node with officers whose keys are open, reports, cases, and orders that hold money.
#ifndef MOEI_TESTS_DESK_MONEY_H
#define MOEI_TESTS_DESK_MONEY_H

#include "desk/order_priv.h"
#include "node.h"

#define HOUR_US 3600000000LL

typedef struct Money {
    World w;
    Desk ann, bea, duty; // two investigators and a duty officer
    CryptoSignKey keys[3];
} Money;

void money_open(Money *m);
void money_done(Money *m);
// A report with a loss in minor units of a currency with two digits; transfers by `;`, or "".
void money_report(Money *m, const char *id, int64_t loss, const char *currency,
                  const char *transfers);
// A case of these reports (by commas); its id.
Str money_case(Money *m, const char *title, const char *reports);

typedef struct MoneyTagged {
    const char *report;
    int64_t amount;
} MoneyTagged;
// An order on TH/004/<account> that holds `amount`, issued and executed. Tags end at a NULL report.
RecordId money_hold(Money *m, Str case_id, const char *account, const char *currency,
                    int64_t amount, const MoneyTagged *tags);
// An act about an order as Ann, or as the machine where the holder appeals.
void money_act(Money *m, RecordId order, OrderEvent event);
RecordId money_id(Str text);
bool money_has(const Buf *b, const char *text);

#endif
