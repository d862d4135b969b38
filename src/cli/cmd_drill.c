// drill make: a scenario with its truth, into a folder.
#include "cli/cli_priv.h"
#include "cli/drill_plan.h"
#include "drill/drill.h"
#include "json/json.h"

Err cli_drill_plan(CliCall *call, DrillPlan *ret_plan) {
    DrillPlan p = drill_plan_default();
    int64_t seed, transfers, accounts, institutions, countries, reports, planted;
    TRY(cli_option_int(call, "seed", 0, BASE_INT_SAFE_MAX, (int64_t)p.seed, &seed));
    TRY(cli_option_int(call, "transfers", DRILL_TRANSFERS_MIN, DRILL_TRANSFERS_MAX,
                       (int64_t)p.transfers, &transfers));
    TRY(cli_option_int(call, "accounts", DRILL_ACCOUNTS_MIN, DRILL_ACCOUNTS_MAX, p.accounts,
                       &accounts));
    TRY(cli_option_int(call, "institutions", 2, DRILL_INSTITUTIONS_MAX, p.institutions,
                       &institutions));
    TRY(cli_option_int(call, "countries", 1, DRILL_COUNTRIES_MAX, p.countries, &countries));
    TRY(cli_option_int(call, "reports", 1, DRILL_REPORTS_MAX, p.reports, &reports));
    TRY(cli_option_int(call, "planted", 0, DRILL_PLANTED_MAX, p.planted, &planted));
    *ret_plan = (DrillPlan){.seed = (uint64_t)seed,
                            .transfers = (uint64_t)transfers,
                            .accounts = (uint32_t)accounts,
                            .institutions = (uint32_t)institutions,
                            .countries = (uint32_t)countries,
                            .reports = (uint32_t)reports,
                            .planted = (uint32_t)planted};
    return OK;
}

Err cli_drill_make(CliCall *call) {
    DrillPlan plan;
    DrillMade made;
    CliProgress p;
    TRY(cli_drill_plan(call, &plan));
    cli_progress_start(&p, call, "drill");
    TRY(drill_make(call->c, &plan, call->args[0],
                   (DrillProgress){.step = cli_progress_step, .self = &p}, &made));
    p.done = made.transfers;
    cli_progress_end(&p, "transfers");
    if (!call->json) {
        cli_print(call, "Written to " STR_FMT ": transfers.csv, reports.csv, truth.json\n",
                  STR_ARG(call->args[0]));
        return OK;
    }
    JsonWriter w = json_writer_start(&call->out);
    json_put_object_begin(&w);
    json_put_key_i64(&w, "bytes", (int64_t)made.bytes);
    json_put_key_i64(&w, "reports", made.reports);
    json_put_key_i64(&w, "rings", made.rings);
    json_put_key_i64(&w, "transfers", (int64_t)made.transfers);
    json_put_object_end(&w);
    TRY(json_writer_end(call->c, &w));
    cli_end_json(call);
    return OK;
}
