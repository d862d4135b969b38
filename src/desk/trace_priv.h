// Between the files of the trace desk.
#ifndef MOEI_DESK_TRACE_PRIV_H
#define MOEI_DESK_TRACE_PRIV_H

#include "desk/desk_priv.h"

typedef struct DeskTraceInput {
    const StreamSnapshot *snap;
    const TraceResult *result;
    const TraceQuery *query;
    DeskTraceReport *reports; // filled in with their sums
} DeskTraceInput;

// Turns numbers into names, in the order of the answer. Nothing points into the snapshot after it.
Err desk_trace_build(Ctx *c, const DeskTraceInput *in, DeskTrace *trace) MUST_USE;

#endif
