// Runs a command as a person would, and keeps what it wrote.
#ifndef MOEI_TESTS_CLI_CAPTURE_H
#define MOEI_TESTS_CLI_CAPTURE_H

#include "cli/cli_priv.h"
#include "test.h"

typedef struct Capture {
    int code;
    char out[65536], err[65536]; // NUL-terminated
} Capture;

// argv ends with NULL; "moei" is put in front. columns 0: no terminal.
void capture_run(Capture *ret_capture, unsigned columns, const char *const *argv);
// A file in memory, and what stands in it.
int capture_file(void);
void capture_read(int fd, char *ret_text, size_t bytes);

extern const struct CMUnitTest args_tests[], print_tests[], socket_tests[], json_tests[];
extern const size_t args_test_count, print_test_count, socket_test_count, json_test_count;

#endif
