// A second reading of docs/protocol-sync.md, section 3, made for comparing, not for speed.
#ifndef MOEI_TESTS_SYNC_NAIVE_H
#define MOEI_TESTS_SYNC_NAIVE_H

#include "sync/sync.h"

const char *naive_flow(const SyncQuestion *q); // the name of the first rule that holds, or "stays"
const char *naive_relay(const SyncQuestion *q);

#endif
