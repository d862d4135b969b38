// Between the files that do acts about orders.
#ifndef MOEI_DESK_ACT_PRIV_H
#define MOEI_DESK_ACT_PRIV_H

#include "desk/order_priv.h"
#include "desk/share_priv.h"

typedef struct DeskActing {
    const Desk *d;
    DeskNode *node;
    DeskSlot *slot;
    DeskWriting *w;
    const DeskOrderActDraft *draft;
    const FormatCurrency *currency; // of the order, NULL where it has none
    PictureOrder o;
    DeskOrderBody body;
    const PictureOrderEvent *events;
    size_t event_count;
    int64_t now;          // time of the record
    bool to_flagged;      // to a party under sanctions
    bool redrafts;        // it is issued as another draft: under another law row, or to a node
    bool to_node;         // its addressee has a node by now, and had none when it was drafted
    const FormatLaw *law; // of that other draft, NULL where none is needed
    Str document_follows; // its hash, where it is kept only after all was looked at
    bool issues;          // it, or what it seconds, is an issue
    bool is_ours;         // the order; else it is another agency's, and to us
    bool is_one_of_many;  // its document speaks of other orders too, and stays here
    DeskActNew a;
} DeskActing;

// Whether an act would count now; its document need not be kept yet.
Err desk_order_act_check(Ctx *c, const Desk *d, Str id, const DeskOrderActDraft *draft) MUST_USE;
// Several acts about different orders: all of them in one group where they fit, or none.
Err desk_order_acts(Ctx *c, const Desk *d, const Str *ids, const DeskOrderActDraft *drafts,
                    size_t n) MUST_USE;
// Fills k->a for the act; says what is missing.
Err desk_act_prepare(Ctx *c, DeskActing *k) MUST_USE;
Err desk_act_issue(Ctx *c, DeskActing *k) MUST_USE;
// A second of an issue, where a peer answers for the addressee since the first officer signed: it
// becomes the issue of the same draft to that peer, which waits for another officer's second.
Err desk_second_anew(Ctx *c, DeskActing *k, bool *ret_anew) MUST_USE;
Err desk_act_answer(Ctx *c, DeskActing *k) MUST_USE;
Err desk_act_extend(Ctx *c, DeskActing *k) MUST_USE;
// The end that an issue made at `at` states, where the clock runs from it.
Err desk_issue_end(Ctx *c, const DeskActing *k, const OrderLaw *law, int64_t at,
                   int64_t *ret_ends_at) MUST_USE;
// Sets the end where the clock of the law runs from this event.
Err desk_act_clock(Ctx *c, DeskActing *k, OrderClockFrom from) MUST_USE;
// E_STATE, E_DENIED or E_INVALID when it would not count.
Err desk_act_try(Ctx *c, DeskActing *k, OrderEffect *ret_effect) MUST_USE;

// --- what follows an issue that counts, in the same group ---------------------------------------

// First hops of this order's reports on the same account, and what is held under them.
typedef struct DeskReplaced {
    const PictureOrder **items;
    size_t count;
    int64_t held;
    int64_t excess; // held beyond what the new order asks for: it goes back
} DeskReplaced;
Err desk_replaced_find(Ctx *c, DeskActing *k, DeskReplaced *ret_replaced) MUST_USE;
Err desk_replaced_write(Ctx *c, DeskActing *k, const DeskReplaced *replaced) MUST_USE;
// The same draft under another law row, or to its addressee's node; k then stands on it. Two
// records: the new draft, and the withdrawal of the old one.
#define DESK_REDRAFT_RECORDS 2
Err desk_redraft(Ctx *c, DeskActing *k) MUST_USE;
// E_INVALID in words: a stated end behind the latest that may be.
Err desk_end_too_late(Ctx *c, const OrderLaw *law) MUST_USE;
// The end that a request asked for cuts the term of the order that adopts it, which begins at
// from_us.
void desk_asked_end(const DeskActing *k, int64_t from_us, int64_t *inout_end);

// --- adoption (adopt.c) -------------------------------------------------------------------------

// An order of our own for what the request asks for, by our own law; k then stands on it.
Err desk_adopt_draft(Ctx *c, DeskActing *k) MUST_USE;
// E_STATE where the request that this order adopts can be adopted no more.
Err desk_adopt_check(Ctx *c, DeskActing *k) MUST_USE;
// Answers the request, in the group in which the issue counts.
Err desk_adopt_answer(Ctx *c, DeskActing *k) MUST_USE;

// A draft for the account to which the money was moved.
Err desk_moved_draft(Ctx *c, DeskActing *k) MUST_USE;

#endif
