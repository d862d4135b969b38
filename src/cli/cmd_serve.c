// serve: the node at work, until it is told to end.
#include "cli/cli_priv.h"
#include "cli/drill_clock.h"
#include "dial/dial.h"
#include "web/web.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

// The signals that end the server come through a descriptor; SIGPIPE is an error of a write. Set
// before any thread is made, so that all of them inherit it.
static Err signals_take(Ctx *c, int *ret_fd) {
    sigset_t end;
    sigemptyset(&end);
    sigaddset(&end, SIGINT);
    sigaddset(&end, SIGTERM);
    sigaddset(&end, SIGHUP);
    signal(SIGPIPE, SIG_IGN);
    if (sigprocmask(SIG_BLOCK, &end, NULL) != 0)
        return fail_errno(c, "cannot hold back signals");
    int fd = signalfd(-1, &end, SFD_CLOEXEC);
    if (fd < 0)
        return fail_errno(c, "cannot wait for signals");
    *ret_fd = fd;
    return OK;
}

// The clock's driver: writes the checkpoint file while the tree grows, until a signal comes.
static Err serve_until_signal(CliCall *call, DeskNode *node, int signals) {
    struct pollfd wait = {.fd = signals, .events = POLLIN};
    for (;;) {
        int k = poll(&wait, 1, CLI_CHECKPOINT_EVERY_MS);
        if (k > 0) {
            struct signalfd_siginfo got;
            if (read(signals, &got, sizeof got) != (ssize_t)sizeof got)
                continue;
            log_line(LOG_INFO, "cli", NULL, "signal=%u ending", got.ssi_signo);
            return OK;
        }
        if (k < 0 && errno != EINTR)
            return fail_errno(call->c, "cannot wait for signals");
        Err e = desk_checkpoint_save(call->c, node);
        if (e != OK)
            log_line(LOG_ERROR, "cli", NULL, "checkpoint not written error=%s", err_name(e));
        ctx_reset(call->c);
    }
}

typedef WebServer *WebServerPtr;
static void WebServerPtr_cleanup(WebServerPtr *s) {
    web_close(*s);
}
typedef CliSocket *CliSocketPtr;
static void CliSocketPtr_cleanup(CliSocketPtr *s) {
    cli_socket_close(*s);
}
typedef Dial *DialPtr;
static void DialPtr_cleanup(DialPtr *d) {
    dial_close(*d);
}
typedef WebPeers *WebPeersPtr;
static void WebPeersPtr_cleanup(WebPeersPtr *s) {
    web_peers_close(*s);
}
typedef struct SignalFd {
    int fd;
} SignalFd;
static void SignalFd_cleanup(SignalFd *s) {
    if (s->fd >= 0)
        close(s->fd);
}

static void polled(void *self, const CryptoHash *agency, bool on) {
    dial_polled(self, agency, on);
}

// Calls peers, and listens to them where that was asked for.
static Err links_open(CliCall *call, DeskNode *node, DialPtr *ret_dial, WebPeersPtr *ret_peers) {
    Ctx *c = call->c;
    if (cli_option(call, "peer-url"))
        TRY(desk_link_address_set(c, node, cli_option_str(call, "peer-url")));
    TRY(dial_open(c, node, ret_dial));
    if (!cli_option(call, "peer-listen"))
        return OK;
    WebPeerConfig config = {.node = node,
                            .listen = cli_option_str(call, "peer-listen"),
                            .on_polled = polled,
                            .self = *ret_dial};
    TRY(web_peers_open(c, &config, ret_peers));
    cli_print(call, "Peers reach it at %s\n", web_peers_url(*ret_peers));
    return OK;
}

static Err owned_elsewhere(CliCall *call) {
    return fail(call->c, E_BUSY,
                STR_FMT " is owned by another process, most likely a running server; use that one, "
                        "or end it first",
                STR_ARG(call->args[0]));
}

Err cli_serve(CliCall *call) {
    Ctx *c = call->c;
    DeskEnv env = cli_env();
    DeskInfo info;
    Str listen = cli_option_str(call, "listen");
    Str dir;
    TRY(str_copy(c, call->args[0], &dir));
    CliDrillClock drill;
    const char *drill_file = cli_option(call, "drill-clock");
    if (drill_file)
        TRY(cli_drill_clock(c, str_of(drill_file), &drill, &env.clock));
    AUTO(SignalFd) signals = {-1};
    TRY(signals_take(c, &signals.fd));
    AUTO(DeskNodePtr) node = NULL;
    cli_open_note(call, dir);
    Err e = desk_open(c, &env, dir, &node);
    if (e == E_BUSY)
        return owned_elsewhere(call);
    TRY(e);
    if (cli_option(call, "public-url"))
        TRY(desk_public_url_set(c, node, cli_option_str(call, "public-url")));
    TRY(desk_info(c, node, &info));
    if (drill_file && !info.demo)
        return fail(c, E_DENIED,
                    "only a demo node may move its clock: orders of a real one have legal ends");
    if (info.read_only)
        cli_note(call, "moei: the node is read-only: " STR_FMT, STR_ARG(info.read_only_why));
    // Declared after the node, so that all end before it is closed; what listens ends first.
    AUTO(DialPtr) dial = NULL;
    AUTO(WebPeersPtr) peers = NULL;
    AUTO(CliSocketPtr) socket = NULL;
    AUTO(WebServerPtr) web = NULL;
    WebConfig config = {
        .node = node,
        .listen = listen.n ? listen : STR("127.0.0.1:8441"),
        .version = CLI_VERSION,
        .tls_cert = cli_option_str(call, "tls-cert"),
        .tls_key = cli_option_str(call, "tls-key"),
    };
    TRY(web_open(c, &config, &web));
    TRY(cli_socket_open(c, node, dir, &socket));
    TRY(links_open(call, node, &dial, &peers));
    cli_print(call, "Moei %s serves " STR_FMT " on %s\n", CLI_VERSION, STR_ARG(info.agency),
              web_url(web));
    TRY(cli_flush(call));
    log_line(LOG_INFO, "cli", NULL, "serving url=%s records=%llu transfers=%llu", web_url(web),
             (unsigned long long)info.records, (unsigned long long)info.transfers);
    return serve_until_signal(call, node, signals.fd);
}
