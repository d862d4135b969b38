// An office of two officers, and what they do with orders all day.
#ifndef MOEI_TESTS_DESK_OFFICE_H
#define MOEI_TESTS_DESK_OFFICE_H

#include "node.h"

#define OFFICE_HOUR 3600000000LL

typedef struct Office {
    World w;
    Desk second;
    CryptoSignKey key, second_key;
    char second_password[DESK_PASSWORD_BYTES];
    Str document; // hash of a bank's letter
} Office;

#define ACT(...) ((DeskOrderActDraft){.act = STR(__VA_ARGS__)})

// A centre in Thailand; any agency, at a time of its own (µs, 0: 2026-01-01).
void office_open(Office *o);
void office_open_at(Office *o, const char *country, const char *kind, int64_t now);
void office_done(Office *o);
void office_say(World *w, Err e, Err wanted, const char *what);
Err office_act(Office *o, const Desk *d, Str id, DeskOrderActDraft t, DeskOrder *ret_order);
DeskOrder office_must(Office *o, Str id, DeskOrderActDraft t);
DeskOrder office_get(Office *o, Str id);
DeskProposed office_first_hop(Office *o, const char *report);
Str office_case(Office *o, const char *report);
DeskProposed office_propose(Office *o, Str case_id);
bool office_is(const DeskOrder *o, OrderState s);

int run_desk_order_law_tests(void);
int run_desk_order_clock_tests(void);
int run_desk_order_fault_tests(void);

#endif
