// Between the files that propose orders.
#ifndef MOEI_DESK_PROPOSE_PRIV_H
#define MOEI_DESK_PROPOSE_PRIV_H

#include "desk/order_priv.h"

// An amount that lies at an account, and for whom.
typedef struct DeskHolding {
    FormatAccount account;
    Str currency, policy;
    int64_t amount, contested, level;
    const PictureTag *tags;
    size_t tag_count;
    bool known, drafted, has_replaces;
    RecordId replaces;
} DeskHolding;

typedef struct DeskProposing {
    DeskNode *node;
    DeskSlot *slot;
    DeskWriting *w;
    FormatAccount *named; // decided by a person
    size_t named_count;
    RecordId case_id, trace;
    bool traced;
    CryptoHash manifest;
    Str pack;
    bool *contested; // by report of the trace
    DeskVictims victims;
    DeskNumbers numbers;
    DeskLeftOut *left_out; // heap
    size_t left_count, left_cap;
    RecordId *made; // heap
    size_t made_count, made_cap;
} DeskProposing;
void DeskProposing_cleanup(DeskProposing *p);

Err desk_leave_out(Ctx *c, DeskProposing *p, const DeskLeftOut *l) MUST_USE;
// Fills the draft as policy and law want it; h->drafted false: it was left out.
Err desk_holding_draft(Ctx *c, DeskProposing *p, DeskHolding *h, DeskOrderNew *o) MUST_USE;
Err desk_draft_write(Ctx *c, DeskProposing *p, DeskOrderNew *o) MUST_USE;
Err desk_propose_case(Ctx *c, const Desk *d, DeskProposing *p, const DeskPropose *q) MUST_USE;
Err desk_propose_first_hop(Ctx *c, DeskProposing *p, const DeskPropose *q) MUST_USE;

#endif
