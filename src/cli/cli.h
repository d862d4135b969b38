// cli: the commands of `moei`, one file per noun, and how they are called.
//
// A command is a row of one table; its help, its usage errors and its options are read from there.
// Commands write to the descriptors of a CliIo, never to the process's own streams, because the
// same functions run inside a server for somebody who called from another process: when a folder
// is owned by a running server, the call goes through its socket (cli_socket.c) and gives the same
// bytes and the same exit code.
// Owns nothing between calls. Threads: cli_run may be called by one thread of a process; a server
// runs one thread a caller.
#ifndef MOEI_CLI_H
#define MOEI_CLI_H

#include "base/base.h"

#define CLI_VERSION "0.3.0"

// Where a command reads and writes. The descriptors are borrowed.
typedef struct CliIo {
    int in, out, err;
    bool out_tty, err_tty; // a person reads along: tables fit the width, progress is a bar
    unsigned columns;      // width of the terminal; 0 where there is none
} CliIo;

enum { CLI_DONE = 0, CLI_REFUSED = 1, CLI_USAGE = 2, CLI_FAULT = 3 };

// The process's own streams and the width of its terminal (COLUMNS, else what the terminal says).
CliIo cli_io_standard(void);

// Runs one command; argv[0] is the program's name. Returns the exit code: CLI_DONE (also with some
// bad rows, which are counted), CLI_REFUSED (refused, nothing found, no good row), CLI_USAGE,
// CLI_FAULT (of the machine). All words go to io; errors say what, where, and what to do.
int cli_run(const CliIo *io, int argc, const char *const *argv);

// The exit code that belongs to an error.
int cli_exit_code(Err e);

#endif
