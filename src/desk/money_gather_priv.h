// What the files that gather a refund's inputs share.
#ifndef MOEI_DESK_MONEY_GATHER_PRIV_H
#define MOEI_DESK_MONEY_GATHER_PRIV_H

#include "desk/money_priv.h"

// A report of the case. Members of one group are reports of one victim.
typedef struct MoneyMember {
    RecordId record;
    Str id, currency;
    bool has_loss;
    int64_t loss;
    size_t group; // index of the group's first member
    bool contested;
} MoneyMember;

typedef struct MoneyGather {
    const Desk *desk;
    DeskSlot *slot;
    const MoneyQuestion *q;
    MoneyMember *members; // by record id
    size_t member_count;
    const PicturePaid *const *paid; // to each member
    const size_t *paid_count;
    const MoneyPlan *plans; // of the case, without the one that is looked at again
    size_t plan_count;
    Buf left_out, waiting; // of MoneyAside
    RecordMark mark;
    bool has_mark;
} MoneyGather;

// The member with this record, NULL when it does not stand in the case.
const MoneyMember *money_member_find(const MoneyGather *g, RecordId record);
Err money_mark_add(Ctx *c, MoneyGather *g, Str mark_json) MUST_USE;
Err money_left_out(Ctx *c, MoneyGather *g, Str report, const char *why, Str words) MUST_USE;
Err money_waits(Ctx *c, MoneyGather *g, Str order, Str report, const char *why, Str words) MUST_USE;

// A pot with tags by group, before its currency's claims have their places.
typedef struct MoneyHeld {
    Str currency;
    MoneyPot pot;
    const PictureTag *tags;
    size_t tag_count;
} MoneyHeld;
// The orders of the case that hold money which may be shared now, by currency, account key, id.
Err money_pots(Ctx *c, MoneyGather *g, MoneyHeld **ret_items, size_t *ret_n) MUST_USE;

#endif
