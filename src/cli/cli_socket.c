// A command beside a running server: the caller hands its words and its three streams to the
// server over DIR/moei.sock, and gets the exit code back. The server writes to the caller's streams
// by itself, so that the answer is the same as without a server.
//
// One call a connection. Caller: "MOEI", u32 length (little endian) with three descriptors
// (SCM_RIGHTS), then the request of that length. Server: u32 exit code.
#include "cli/cli_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define REQUEST_MAGIC "moei-call-1"
#define HEAD_BYTES 8
#define STREAMS 3

// --- the request
// ----------------------------------------------------------------------------------

static void put_word(Buf *b, Str s) {
    buf_str(b, s);
    buf_char(b, 0);
}

Err cli_request_write(Ctx *c, const CliRequest *r, Buf *out) {
    put_word(out, STR(REQUEST_MAGIC));
    put_word(out, r->cwd);
    buf_format(out, "%u", r->columns);
    buf_char(out, 0);
    buf_format(out, "%d%d", r->out_tty, r->err_tty);
    buf_char(out, 0);
    for (int i = 0; i < r->argc; i++)
        put_word(out, str_of(r->argv[i]));
    TRY(buf_check(c, out));
    if (out->n > CLI_CALL_BYTES_MAX || r->argc > CLI_CALL_WORDS_MAX)
        return fail(c, E_LIMIT, "the command is too long to be handed to the server");
    return OK;
}

// Next word up to its NUL; false at the end or where the NUL is missing.
static bool take_word(Str *rest, Str *ret_word) {
    const char *end = rest->n ? memchr(rest->p, 0, rest->n) : NULL;
    if (!end)
        return false;
    size_t n = (size_t)(end - rest->p);
    *ret_word = (Str){rest->p, n};
    *rest = (Str){end + 1, rest->n - n - 1};
    return true;
}

Err cli_request_parse(Ctx *c, Str bytes, CliRequest *ret_request) {
    CliRequest r = {0};
    Str magic, columns, ttys, word;
    int64_t width = 0;
    if (bytes.n > CLI_CALL_BYTES_MAX)
        return fail(c, E_LIMIT, "a call of more than %d bytes", CLI_CALL_BYTES_MAX);
    if (!take_word(&bytes, &magic) || !str_eq_c(magic, REQUEST_MAGIC))
        return fail(c, E_INVALID, "not a call of this version; use the server's own program");
    if (!take_word(&bytes, &r.cwd) || !str_starts(r.cwd, STR("/")))
        return fail(c, E_INVALID, "a call without its folder");
    if (!take_word(&bytes, &columns) || !str_to_i64(columns, &width) || width < 0 || width > 9999)
        return fail(c, E_INVALID, "a call without its width");
    if (!take_word(&bytes, &ttys) || ttys.n != 2)
        return fail(c, E_INVALID, "a call without its terminals");
    r.columns = (unsigned)width;
    r.out_tty = ttys.p[0] == '1';
    r.err_tty = ttys.p[1] == '1';
    while (bytes.n > 0) {
        if (!take_word(&bytes, &word))
            return fail(c, E_INVALID, "a call that is cut short");
        if (r.argc >= CLI_CALL_WORDS_MAX)
            return fail(c, E_LIMIT, "a call of more than %d words", CLI_CALL_WORDS_MAX);
        r.argv[r.argc++] = word.p;
    }
    *ret_request = r;
    return OK;
}

// --- both sides
// -----------------------------------------------------------------------------------

typedef struct Fd {
    int fd;
} Fd;
static void Fd_cleanup(Fd *f) {
    if (f->fd >= 0)
        close(f->fd);
    f->fd = -1;
}

// The address goes over an open folder, because the path of a Unix socket is at most 107 bytes.
static Err socket_address(Ctx *c, Str dir, Fd *ret_folder, struct sockaddr_un *ret_address) {
    char path[BASE_PATH_BYTES_MAX];
    if (dir.n >= sizeof path)
        return fail(c, E_INVALID, "the path of the folder is too long");
    snprintf(path, sizeof path, STR_FMT, STR_ARG(dir));
    Fd folder = {open(path, O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (folder.fd < 0)
        return fail_errno(c, "cannot open the folder %s", path);
    *ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
    snprintf(ret_address->sun_path, sizeof ret_address->sun_path, "/proc/self/fd/%d/moei.sock",
             folder.fd);
    *ret_folder = folder;
    return OK;
}

static bool peer_is_ours(int fd) {
    struct ucred peer;
    socklen_t n = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 &&
           (peer.uid == geteuid() || peer.uid == 0);
}

static bool read_exactly(int fd, void *bytes, size_t n) {
    char *p = bytes;
    while (n > 0) {
        ssize_t k = read(fd, p, n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return false;
        p += k;
        n -= (size_t)k;
    }
    return true;
}

static bool write_exactly(int fd, const void *bytes, size_t n) {
    const char *p = bytes;
    while (n > 0) {
        ssize_t k = send(fd, p, n, MSG_NOSIGNAL);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return false;
        p += k;
        n -= (size_t)k;
    }
    return true;
}

// --- the caller
// -----------------------------------------------------------------------------------

static bool send_head(int fd, const CliIo *io, uint32_t length) {
    uint8_t head[HEAD_BYTES] = {'M', 'O', 'E', 'I'};
    store_u32le(head + 4, length);
    int streams[STREAMS] = {io->in, io->out, io->err};
    union {
        char bytes[CMSG_SPACE(sizeof streams)];
        struct cmsghdr align;
    } control = {0};
    struct iovec part = {head, sizeof head};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof streams);
    memcpy(CMSG_DATA(rights), streams, sizeof streams);
    return sendmsg(fd, &message, MSG_NOSIGNAL) == (ssize_t)sizeof head;
}

Err cli_socket_call(CliCall *call, Str dir, int argc, const char *const *argv, int *ret_exit) {
    Ctx *c = call->c;
    char cwd[BASE_PATH_BYTES_MAX];
    if (!getcwd(cwd, sizeof cwd))
        return fail_errno(c, "cannot tell the current folder");
    if (argc > CLI_CALL_WORDS_MAX)
        return fail(c, E_LIMIT, "the command is too long to be handed to the server");
    CliRequest request = {.cwd = str_of(cwd),
                          .columns = call->io.columns,
                          .out_tty = call->io.out_tty,
                          .err_tty = call->io.err_tty,
                          .argc = argc};
    for (int i = 0; i < argc; i++)
        request.argv[i] = argv[i];
    AUTO(Buf) bytes = {0};
    TRY(cli_request_write(c, &request, &bytes));

    AUTO(Fd) folder = {-1};
    struct sockaddr_un address;
    TRY(socket_address(c, dir, &folder, &address));
    AUTO(Fd) s = {socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (s.fd < 0)
        return fail_errno(c, "cannot make a socket");
    if (connect(s.fd, (struct sockaddr *)&address, sizeof address) != 0)
        return fail(c, E_BUSY,
                    STR_FMT " is owned by another process that takes no calls (no server answers "
                            "at moei.sock); wait for it or end it",
                    STR_ARG(dir));
    if (!peer_is_ours(s.fd))
        return fail(c, E_DENIED, "the server of " STR_FMT " runs as another user", STR_ARG(dir));
    uint8_t answer[4];
    if (!send_head(s.fd, &call->io, (uint32_t)bytes.n) || !write_exactly(s.fd, bytes.p, bytes.n) ||
        !read_exactly(s.fd, answer, sizeof answer))
        return fail(c, E_IO,
                    "the server of " STR_FMT " ended the call; whether it was done shows in `moei "
                    "record list`, and running it again is safe for imports",
                    STR_ARG(dir));
    *ret_exit = (int)load_u32le(answer);
    return OK;
}

// --- the server
// -----------------------------------------------------------------------------------

struct CliSocket {
    DeskNode *node;
    int folder, listener, wake;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t fewer;
    unsigned callers;
    atomic_bool stop;
};

typedef struct Caller {
    CliSocket *socket;
    int fd;
} Caller;

static bool take_head(int fd, int streams[STREAMS], uint32_t *ret_length) {
    uint8_t head[HEAD_BYTES];
    union {
        char bytes[CMSG_SPACE(sizeof(int) * STREAMS)];
        struct cmsghdr align;
    } control = {0};
    struct iovec part = {head, sizeof head};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    ssize_t n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC | MSG_WAITALL);
    size_t got = 0;
    for (struct cmsghdr *m = n > 0 ? CMSG_FIRSTHDR(&message) : NULL; m;
         m = CMSG_NXTHDR(&message, m)) {
        if (m->cmsg_level != SOL_SOCKET || m->cmsg_type != SCM_RIGHTS)
            continue;
        got = (m->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        got = got < STREAMS ? got : STREAMS;
        memcpy(streams, CMSG_DATA(m), got * sizeof(int));
    }
    if (n != (ssize_t)sizeof head || memcmp(head, "MOEI", 4) != 0 || got != STREAMS ||
        (message.msg_flags & MSG_CTRUNC)) {
        for (size_t i = 0; i < got; i++)
            close(streams[i]);
        return false;
    }
    *ret_length = load_u32le(head + 4);
    return true;
}

// Takes the request in and runs it. False when the caller speaks another language.
static bool serve_request(CliSocket *s, int fd, const int streams[STREAMS], uint32_t length,
                          int *ret_exit) {
    AUTO(Ctx) c;
    ctx_init(&c);
    char *bytes = NULL;
    CliRequest *request = NULL;
    if (length > CLI_CALL_BYTES_MAX || ctx_alloc(&c, length + 1, &bytes) != OK ||
        ctx_alloc(&c, sizeof *request, &request) != OK || !read_exactly(fd, bytes, length))
        return false;
    AUTO(CliCall)
    call = {.c = &c,
            .io = {.in = streams[0], .out = streams[1], .err = streams[2]},
            .in_server = true,
            .peer = fd,
            .stop = &s->stop};
    Err e = cli_request_parse(&c, (Str){bytes, length}, request);
    if (e != OK) {
        *ret_exit = cli_say_error(&call, e);
        return true;
    }
    call.cwd = request->cwd;
    call.io.columns = request->columns;
    call.io.out_tty = request->out_tty;
    call.io.err_tty = request->err_tty;
    int64_t start = clock_monotonic_us();
    *ret_exit = cli_run_in_server(&call, s->node, request->argc, request->argv);
    if (call.command)
        log_line(LOG_INFO, "cli", NULL, "call=%s%s%s exit=%d ms=%lld", call.command->verb,
                 call.command->noun ? "-" : "", call.command->noun ? call.command->noun : "",
                 *ret_exit, (long long)((clock_monotonic_us() - start) / 1000));
    return true;
}

static void *caller_thread(void *argument) {
    Caller caller = *(Caller *)argument;
    CliSocket *s = caller.socket;
    mem_free(argument);
    int streams[STREAMS];
    uint32_t length = 0;
    int code = CLI_FAULT;
    // Whoever connects and stays silent must not keep a place for ever.
    struct timeval patience = {.tv_sec = CLI_SOCKET_PATIENCE_S};
    setsockopt(caller.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (peer_is_ours(caller.fd) && take_head(caller.fd, streams, &length)) {
        if (serve_request(s, caller.fd, streams, length, &code)) {
            uint8_t answer[4];
            store_u32le(answer, (uint32_t)code);
            (void)write_exactly(caller.fd, answer, sizeof answer);
        }
        for (size_t i = 0; i < STREAMS; i++)
            close(streams[i]);
    }
    close(caller.fd);
    pthread_mutex_lock(&s->lock);
    s->callers--;
    pthread_cond_broadcast(&s->fewer);
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

static void caller_start(CliSocket *s, int fd) {
    Caller *caller = mem_alloc(sizeof *caller);
    pthread_t thread;
    if (caller) {
        *caller = (Caller){s, fd};
        pthread_mutex_lock(&s->lock);
        s->callers++;
        pthread_mutex_unlock(&s->lock);
        if (pthread_create(&thread, NULL, caller_thread, caller) == 0) {
            pthread_detach(thread);
            return;
        }
        pthread_mutex_lock(&s->lock);
        s->callers--;
        pthread_mutex_unlock(&s->lock);
    }
    log_line(LOG_ERROR, "cli", NULL, "call refused: no memory or thread");
    mem_free(caller);
    close(fd);
}

static void *listener_thread(void *self) {
    CliSocket *s = self;
    while (!atomic_load(&s->stop)) {
        pthread_mutex_lock(&s->lock);
        while (s->callers >= SOCKET_CLIENTS_MAX && !atomic_load(&s->stop))
            pthread_cond_wait(&s->fewer, &s->lock);
        pthread_mutex_unlock(&s->lock);
        struct pollfd wait[2] = {{.fd = s->listener, .events = POLLIN},
                                 {.fd = s->wake, .events = POLLIN}};
        if (poll(wait, 2, -1) < 0 && errno != EINTR)
            break;
        if (atomic_load(&s->stop) || !(wait[0].revents & POLLIN))
            continue;
        int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            caller_start(s, fd);
    }
    return NULL;
}

static Err listener_open(Ctx *c, Str dir, Fd *ret_folder, Fd *ret_listener) {
    AUTO(Fd) folder = {-1};
    struct sockaddr_un address;
    TRY(socket_address(c, dir, &folder, &address));
    // The lock of the folder is ours, so a socket file that stands there is a dead server's.
    if (unlinkat(folder.fd, "moei.sock", 0) != 0 && errno != ENOENT)
        return fail_errno(c, "cannot remove the old " STR_FMT "/moei.sock", STR_ARG(dir));
    AUTO(Fd) s = {socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (s.fd < 0)
        return fail_errno(c, "cannot make a socket");
    // 0600 from the first moment: the mode of a socket file is taken from the socket at bind.
    if (fchmod(s.fd, 0600) != 0 || bind(s.fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        fchmodat(folder.fd, "moei.sock", 0600, 0) != 0 || listen(s.fd, SOCKET_CLIENTS_MAX) != 0)
        return fail_errno(c, "cannot listen at " STR_FMT "/moei.sock", STR_ARG(dir));
    *ret_folder = folder;
    *ret_listener = s;
    folder.fd = s.fd = -1;
    return OK;
}

Err cli_socket_open(Ctx *c, DeskNode *node, Str dir, CliSocket **ret_socket) {
    AUTO(Fd) folder = {-1};
    AUTO(Fd) listener = {-1};
    TRY(listener_open(c, dir, &folder, &listener));
    AUTO(Fd) wake = {eventfd(0, EFD_CLOEXEC)};
    if (wake.fd < 0)
        return fail_errno(c, "cannot make an event");
    CliSocket *s = mem_alloc_zero(1, sizeof *s);
    if (!s)
        return fail(c, E_MEMORY, "no memory for the socket");
    *s = (CliSocket){.node = node, .folder = folder.fd, .listener = listener.fd, .wake = wake.fd};
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->fewer, NULL);
    if (pthread_create(&s->thread, NULL, listener_thread, s) != 0) {
        mem_free(s);
        return fail(c, E_MEMORY, "no thread for the socket");
    }
    folder.fd = listener.fd = wake.fd = -1;
    *ret_socket = s;
    return OK;
}

void cli_socket_close(CliSocket *s) {
    if (!s)
        return;
    uint64_t one = 1;
    unlinkat(s->folder, "moei.sock", 0);
    atomic_store(&s->stop, true);
    pthread_mutex_lock(&s->lock);
    pthread_cond_broadcast(&s->fewer);
    pthread_mutex_unlock(&s->lock);
    if (write(s->wake, &one, sizeof one) < 0)
        log_line(LOG_ERROR, "cli", NULL, "cannot wake the socket");
    pthread_join(s->thread, NULL);
    pthread_mutex_lock(&s->lock);
    while (s->callers > 0)
        pthread_cond_wait(&s->fewer, &s->lock);
    pthread_mutex_unlock(&s->lock);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->fewer);
    close(s->listener);
    close(s->folder);
    close(s->wake);
    mem_free(s);
}
