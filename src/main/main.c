// The program `moei`.
#include <sys/stat.h>

#include "base/base.h"
#include "cli/cli.h"

int main(int argc, char **argv) {
    // What it writes names victims and accounts: nobody else's business, wherever it lies.
    umask(077);
    mem_settle();
    CliIo io = cli_io_standard();
    return cli_run(&io, argc, (const char *const *)argv);
}
