// The program `moei`.
#include "base/base.h"
#include "cli/cli.h"

int main(int argc, char **argv) {
    CliIo io = cli_io_standard();
    return cli_run(&io, argc, (const char *const *)argv);
}
