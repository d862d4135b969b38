// A call through the socket: what arrives, what is refused, and that the server stays up.
#include "capture.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void test_request_round_trip(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    static CliRequest in, out;
    in = (CliRequest){.cwd = STR("/tmp/ที่"), .columns = 132, .err_tty = true, .argc = 3};
    in.argv[0] = "moei";
    in.argv[1] = "";
    in.argv[2] = "--title=เรื่อง 1";
    AUTO(Buf) bytes = {0};
    assert_ok(&c, cli_request_write(&c, &in, &bytes));
    assert_ok(&c, cli_request_parse(&c, buf_view(&bytes), &out));
    assert_true(str_eq(in.cwd, out.cwd) && out.columns == 132 && !out.out_tty && out.err_tty);
    assert_int_equal(out.argc, 3);
    for (int i = 0; i < 3; i++)
        assert_string_equal(in.argv[i], out.argv[i]);
    // Cut anywhere but after a word, it is refused; after one, it is a shorter call.
    for (size_t n = 0; n < bytes.n; n++) {
        Err e = cli_request_parse(&c, (Str){bytes.p, n}, &out);
        if (n == 0 || bytes.p[n - 1] != 0)
            assert_int_equal(e, E_INVALID);
    }
}

static void test_request_limits(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    static CliRequest out;
    AUTO(Buf) b = {0};
    buf_append(&b,
               "moei-call-1\0/\0"
               "80\0"
               "11",
               20);
    buf_char(&b, 0);
    for (int i = 0; i <= CLI_CALL_WORDS_MAX; i++)
        buf_append(&b, "x", 2);
    assert_int_equal(cli_request_parse(&c, buf_view(&b), &out), E_LIMIT);
    static const struct {
        const char *bytes;
        size_t n;
    } bad[] = {
        {"moei-call-2\0/\0"
         "80\0"
         "11",
         21},
        {"moei-call-1\0x\0"
         "80\0"
         "11",
         21},
        {"moei-call-1\0/\0"
         "-1\0"
         "11",
         21},
        {"moei-call-1\0/\0"
         "x\0"
         "11",
         20},
        {"moei-call-1\0/\0"
         "80\0"
         "1",
         20},
        {"moei-call-1\0/\0"
         "99999\0"
         "11",
         24},
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_equal(cli_request_parse(&c, (Str){bad[i].bytes, bad[i].n}, &out), E_INVALID);
}

typedef struct Place {
    char dir[64];
    CliSocket *socket;
} Place;

static void place_open(Ctx *c, Place *p) {
    *p = (Place){0};
    test_folder(p->dir, sizeof p->dir);
    log_level_set(LOG_ERROR);
    // These calls end before the node is looked at, so that none is needed.
    assert_ok(c, cli_socket_open(c, NULL, str_of(p->dir), &p->socket));
}

static void place_close(Place *p) {
    cli_socket_close(p->socket);
    char path[128];
    snprintf(path, sizeof path, "%s/moei.sock", p->dir);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(rmdir(p->dir), 0);
    log_level_set(LOG_INFO);
}

static int call_through(Ctx *c, const Place *p, int argc, const char *const *argv, Capture *got) {
    int out = capture_file(), err = capture_file(), code = -1;
    AUTO(CliCall)
    call = {.c = c, .io = {.in = STDIN_FILENO, .out = out, .err = err}, .peer = -1};
    assert_ok(c, cli_socket_call(&call, str_of(p->dir), argc, argv, &code));
    capture_read(out, got->out, sizeof got->out);
    capture_read(err, got->err, sizeof got->err);
    close(out);
    close(err);
    return code;
}

static void test_calls(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Place p;
    Capture got, direct;
    place_open(&c, &p);
    char path[128];
    struct stat s;
    snprintf(path, sizeof path, "%s/moei.sock", p.dir);
    assert_int_equal(stat(path, &s), 0);
    assert_int_equal(s.st_mode & 0777, 0600);
    // The same bytes and code as without a server.
    const char *help[] = {"moei", "report", "list", "--help"};
    assert_int_equal(call_through(&c, &p, 4, help, &got), CLI_DONE);
    capture_run(&direct, 0, (const char *const[]){"report", "list", "--help", NULL});
    assert_string_equal(got.out, direct.out);
    const char *wrong[] = {"moei", "report", "lst", "d"};
    assert_int_equal(call_through(&c, &p, 4, wrong, &got), CLI_USAGE);
    capture_run(&direct, 0, (const char *const[]){"report", "lst", "d", NULL});
    assert_string_equal(got.err, direct.err);
    // What makes or owns a folder does not run inside a server.
    const char *other[] = {"moei", "version"};
    assert_int_equal(call_through(&c, &p, 2, other, &got), CLI_REFUSED);
    assert_non_null(strstr(got.err, "does not go through a server"));
    place_close(&p);
}

// Connects and sends bytes without the manners of a caller.
static void poke(const Place *p, const void *bytes, size_t n) {
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    snprintf(a.sun_path, sizeof a.sun_path, "%s/moei.sock", p->dir);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof a) == 0);
    if (n)
        assert_int_equal(send(fd, bytes, n, MSG_NOSIGNAL), n);
    shutdown(fd, SHUT_WR);
    char answer[64];
    // The server hangs up without a word.
    assert_true(recv(fd, answer, sizeof answer, 0) <= 0);
    close(fd);
}

static void test_bad_callers(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Place p;
    Capture got;
    place_open(&c, &p);
    poke(&p, "", 0);
    poke(&p, "MOEI\4\0\0\0abcd", 12); // no descriptors
    poke(&p, "GET / HTTP/1.1\r\n\r\n", 18);
    const char *help[] = {"moei", "trace", "--help"};
    assert_int_equal(call_through(&c, &p, 3, help, &got), CLI_DONE);
    place_close(&p);
}

// Who hung up is noticed by the next step of what runs for him, and so is the end of the server.
static void test_caller_gone(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    int pair[2], err = capture_file();
    atomic_bool stop = false;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    AUTO(CliCall)
    call = {.c = &c,
            .io = {.in = -1, .out = err, .err = err},
            .in_server = true,
            .peer = pair[0],
            .stop = &stop};
    CliProgress p;
    cli_progress_start(&p, &call, "work");
    assert_false(cli_gone(&call));
    p.asked_us = 0;
    assert_true(cli_progress_step(&p, "work", 1, 10));
    atomic_store(&stop, true);
    assert_true(cli_gone(&call));
    atomic_store(&stop, false);
    close(pair[1]);
    assert_true(cli_gone(&call));
    p.asked_us = 0;
    assert_false(cli_progress_step(&p, "work", 2, 10));
    // A pipe that nobody reads does not hold the server: the caller is gone.
    int full[2];
    assert_int_equal(pipe(full), 0);
    static const char bytes[1 << 18];
    assert_false(cli_write_all(&call, full[1], bytes, sizeof bytes));
    close(full[0]);
    close(full[1]);
    close(pair[0]);
    close(err);
}

static void test_nobody_answers(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    char dir[64];
    test_folder(dir, sizeof dir);
    AUTO(CliCall) call = {.c = &c, .peer = -1};
    int code = -1;
    const char *argv[] = {"moei", "verify", dir};
    assert_int_equal(cli_socket_call(&call, str_of(dir), 3, argv, &code), E_BUSY);
    assert_non_null(strstr(c.error, "owned by another process"));
    assert_int_equal(code, -1);
    rmdir(dir);
}

const struct CMUnitTest socket_tests[] = {
    cmocka_unit_test(test_request_round_trip),
    cmocka_unit_test(test_request_limits),
    cmocka_unit_test(test_calls),
    cmocka_unit_test(test_bad_callers),
    cmocka_unit_test(test_caller_gone),
    cmocka_unit_test(test_nobody_answers),
};
const size_t socket_test_count = COUNT_OF(socket_tests);
