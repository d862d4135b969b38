// case file: what leaves of a case, by whose decision; who is one victim; the end of a case.
#include "cli/cli_priv.h"

Err cli_case_export(CliCall *call) {
    DeskCaseFile file = {.case_id = call->args[1],
                         .to = cli_option_str(call, "to"),
                         .decision = cli_option_str(call, "decision")};
    Str path;
    CliProgress progress;
    TRY(cli_path(call, cli_option_str(call, "out"), &path));
    cli_progress_start(&progress, call, "case file");
    TRY(desk_case_export(call->c, &call->desk, &file, path, cli_progress_desk(&progress)));
    cli_progress_end(&progress, "steps");
    cli_note(call, "written: " STR_FMT "; HOW-TO-CHECK.txt in it says how to check it by hand",
             STR_ARG(path));
    return OK;
}

Err cli_case_decide(CliCall *call) {
    Str id;
    TRY(desk_export_decide(call->c, &call->desk, call->args[1], call->args + 2, call->arg_count - 2,
                           cli_option_str(call, "to"), cli_option_str(call, "reason"), &id));
    if (call->json)
        cli_print(call, "{\"id\":\"" STR_FMT "\"}\n", STR_ARG(id));
    else
        cli_field(call, "Decision", id);
    return OK;
}

Err cli_case_claimants(CliCall *call) {
    TRY(desk_case_claimants(call->c, &call->desk, call->args[1], call->args + 2,
                            call->arg_count - 2));
    return cli_case_show(call);
}

Err cli_case_close(CliCall *call) {
    TRY(desk_case_close(call->c, &call->desk, call->args[1], cli_option_str(call, "reason")));
    return cli_case_show(call);
}
