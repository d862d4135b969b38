// Inside of room desk: one record as it is shown.
#ifndef MOEI_DESK_RECORD_PRIV_H
#define MOEI_DESK_RECORD_PRIV_H

#include "desk/desk_priv.h"

// The signatures of a record, none of their keys known yet.
Err desk_sigs_read(Ctx *c, const Record *record, DeskRecord *r) MUST_USE;
// Looks for the officers' keys. No reading of the caller may be open.
Err desk_sigs_check(Ctx *c, DeskNode *n, DeskRecord *r) MUST_USE;
// "signatures": an array of Signature.
void desk_sigs_put(JsonWriter *w, const DeskRecord *r);

#endif
