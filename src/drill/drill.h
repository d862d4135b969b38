// drill: a scenario with its truth: banks' transfers, victims' reports, who the mules were.
//
// From a seed, the same bytes on every machine: no clock, no system randomness, no floats. The
// transfers come in Order, with a day's rhythm, salaries, merchants, wallets and remittances; rings
// of mules take victims' money apart within minutes, through levels, to cash, to a crypto exchange
// and across borders. Balances are true: nobody pays what is not there. docs/drill.md says more.
// Owns nothing between calls. Threads: safe.
#ifndef MOEI_DRILL_H
#define MOEI_DRILL_H

#include "base/base.h"

typedef struct DrillPlan {
    uint64_t seed;
    uint64_t transfers;    // DRILL_TRANSFERS_MIN … DRILL_TRANSFERS_MAX
    uint32_t accounts;     // DRILL_ACCOUNTS_MIN … DRILL_ACCOUNTS_MAX
    uint32_t institutions; // 2 … DRILL_INSTITUTIONS_MAX
    uint32_t countries;    // 1 … DRILL_COUNTRIES_MAX
    uint32_t reports;      // 1 … DRILL_REPORTS_MAX
    uint32_t planted;      // false reports against one merchant, 0 … DRILL_PLANTED_MAX
} DrillPlan;
DrillPlan drill_plan_default(void); // of the demo: seed 1, 1 M transfers, 100 k accounts …

// `step` returns false to stop: E_CANCELLED. May be {0}.
typedef struct DrillProgress {
    bool (*step)(void *self, const char *what, uint64_t done, uint64_t total);
    void *self;
} DrillProgress;

typedef struct DrillMade {
    uint64_t transfers, bytes; // bytes of transfers.csv
    uint32_t reports, rings;
    Str case_title;          // of the largest ring
    const Str *case_reports; // its reports, in the request's arena
    size_t case_report_count;
} DrillMade;

// Writes transfers.csv, reports.csv and truth.json into a folder, which is made where absent.
// E_INVALID for a plan that cannot be (words), E_IO, E_NO_SPACE, E_READ_ONLY, E_MEMORY.
Err drill_make(Ctx *c, const DrillPlan *plan, Str dir, DrillProgress progress,
               DrillMade *ret_made) MUST_USE;

#endif
