// The log main as others read it: C2SP tlog-tiles. Hashes and sizes only, so nobody is asked for.
#include "desk/desk_exchange.h"
#include "desk/desk_priv.h"

Err desk_log_checkpoint(Ctx *c, DeskNode *n, Str *ret_note) {
    AUTO(DeskReading) r = {0};
    LedgerCheckpoint head;
    TRY(desk_reading_machine(c, n, &r));
    TRY(ledger_checkpoint(c, r.slot->ledger, LEDGER_MAIN, &head));
    *ret_note = head.note;
    return OK;
}

Err desk_log_tile(Ctx *c, DeskNode *n, const DeskLogTile *tile, Buf *out) {
    AUTO(DeskReading) r = {0};
    if (tile->number < 0 || tile->number > LEDGER_SEQ_MAX || tile->width < 1 || tile->width > 256 ||
        tile->level > 5)
        return fail(c, E_NOT_FOUND, "the log has no such tile");
    LedgerTile t = {.level = tile->level, .number = tile->number, .width = tile->width};
    TRY(desk_reading_machine(c, n, &r));
    return tile->entries ? ledger_tile_entries(c, r.slot->ledger, LEDGER_MAIN, &t, out)
                         : ledger_tile(c, r.slot->ledger, LEDGER_MAIN, &t, out);
}
