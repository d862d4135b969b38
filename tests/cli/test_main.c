#include "capture.h"

#include <sys/mman.h>
#include <unistd.h>

int capture_file(void) {
    int fd = memfd_create("capture", MFD_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

void capture_read(int fd, char *ret_text, size_t bytes) {
    ssize_t n = pread(fd, ret_text, bytes - 1, 0);
    assert_true(n >= 0);
    ret_text[n] = 0;
}

void capture_run(Capture *ret_capture, unsigned columns, const char *const *argv) {
    const char *words[64] = {"moei"};
    int argc = 1;
    for (; argv[argc - 1]; argc++)
        words[argc] = argv[argc - 1];
    int out = capture_file(), err = capture_file();
    CliIo io = {.in = STDIN_FILENO, .out = out, .err = err, .columns = columns};
    io.out_tty = columns > 0;
    ret_capture->code = cli_run(&io, argc, words);
    capture_read(out, ret_capture->out, sizeof ret_capture->out);
    capture_read(err, ret_capture->err, sizeof ret_capture->err);
    close(out);
    close(err);
}

int main(void) {
    struct CMUnitTest tests[64];
    size_t n = 0;
    for (size_t i = 0; i < args_test_count; i++)
        tests[n++] = args_tests[i];
    for (size_t i = 0; i < print_test_count; i++)
        tests[n++] = print_tests[i];
    for (size_t i = 0; i < socket_test_count; i++)
        tests[n++] = socket_tests[i];
    for (size_t i = 0; i < json_test_count; i++)
        tests[n++] = json_tests[i];
    // cmocka's macro wants an array of known size.
    return _cmocka_run_group_tests("cli", tests, n, NULL, NULL);
}
