// A call that comes through the socket of a node: what is taken can be written again, equal.
#include "cli/cli_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(Buf) again = {0};
    CliRequest *once = NULL, *twice = NULL;
    ASSERT(ctx_alloc(&c, sizeof *once, &once) == OK && ctx_alloc(&c, sizeof *twice, &twice) == OK);
    if (cli_request_parse(&c, (Str){(const char *)data, size}, once) != OK)
        return 0;
    ASSERT(cli_request_write(&c, once, &again) == OK);
    ASSERT(cli_request_parse(&c, buf_view(&again), twice) == OK);
    ASSERT(once->argc == twice->argc && once->columns == twice->columns);
    ASSERT(str_eq(once->cwd, twice->cwd));
    for (int i = 0; i < once->argc; i++)
        ASSERT(strcmp(once->argv[i], twice->argv[i]) == 0);
    // Parsing the words is part of what a caller reaches.
    AUTO(CliCall) call = {.peer = -1};
    Err e = cli_call_parse(&c, once->argc, once->argv, &call);
    ASSERT(e == OK || e == E_USAGE);
    return 0;
}
