// Inside of room cli: the options of a drill, shared by `drill make` and `demo`.
#ifndef MOEI_CLI_DRILL_PLAN_H
#define MOEI_CLI_DRILL_PLAN_H

#include "cli/cli_priv.h"
#include "drill/drill.h"

Err cli_drill_plan(CliCall *call, DrillPlan *ret_plan) MUST_USE;

#endif
