// The clock of an exercise: the system's, moved forward by the seconds that a file says.
#ifndef MOEI_CLI_DRILL_CLOCK_H
#define MOEI_CLI_DRILL_CLOCK_H

#include <stdatomic.h>

#include "base/base.h"

typedef struct CliDrillClock {
    char path[BASE_PATH_BYTES_MAX];
    atomic_llong highest; // what was given out last: an exercise never goes back
} CliDrillClock;

// A clock that reads `path` each time it is asked. A file that is absent or holds no number from 0
// to CLI_DRILL_SECONDS_MAX moves nothing. `k` must live as long as the clock. E_LIMIT for the path.
Err cli_drill_clock(Ctx *c, Str path, CliDrillClock *k, Clock *ret_clock) MUST_USE;

#endif
