// Between the files of shifts and the front page.
#ifndef MOEI_DESK_SHIFT_PRIV_H
#define MOEI_DESK_SHIFT_PRIV_H

#include "desk/money_priv.h"
#include "desk/share_priv.h"

typedef struct ShiftNow {
    int64_t began_at; // of the shift that runs
    bool has_last;
    PictureShift last; // that was closed
} ShiftNow;
Err desk_shift_last(Ctx *c, const DeskNode *n, DeskSlot *s, ShiftNow *ret_now) MUST_USE;

typedef struct ShiftItems {
    DeskOrder *open, *night, *silent;
    PictureReport *half;
    DeskTask *tasks; // of the exchange, that fall due in this shift or are overdue
    size_t open_count, night_count, silent_count, half_count, task_count;
} ShiftItems;
// No reading may be open: orders are listed through the door.
Err desk_shift_items(Ctx *c, const Desk *d, ShiftItems *ret_items) MUST_USE;

typedef struct ShiftClose {
    Str next, note;
    int64_t began_at, ended_at;
} ShiftClose;

// By its id. E_NOT_FOUND.
Err desk_shift_of(Ctx *c, DeskSlot *s, Str id, PictureShift *ret_shift) MUST_USE;
// Taken in, and nothing followed: no transfer, no order, no case.
Err desk_report_is_half(Ctx *c, DeskSlot *s, const PictureReport *r, bool *ret_half) MUST_USE;
// A report as it stands in lists of others: ReportShort of docs/api.md.
Err desk_report_short_put(Ctx *c, DeskSlot *s, JsonWriter *w, const PictureReport *r) MUST_USE;

#endif
