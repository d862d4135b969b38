#include "world.h"

#include <ftw.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

char answer[1 << 20], other[1 << 20];

const WebLimits world_wide = {.user_per_s = 100000,
                              .user_burst = 100000,
                              .address_per_s = 100000,
                              .address_burst = 100000,
                              .open_per_s = 100000,
                              .open_burst = 100000,
                              .public_per_s = 100000,
                              .public_burst = 100000,
                              .heartbeat_ms = 200};

static int remove_one(const char *path, const struct stat *s, int kind, struct FTW *where) {
    (void)s;
    (void)kind;
    (void)where;
    return remove(path);
}

void world_open(World *w, bool demo, const WebLimits *limits) {
    memset(w, 0, sizeof *w);
    ctx_init(&w->c);
    test_folder(w->dir, sizeof w->dir);
    assert_ok(&w->c, crypto_init(&w->c));
    log_level_set(LOG_ERROR);
    Str dir;
    assert_ok(&w->c, str_format(&w->c, &dir, "%s/node", w->dir));
    DeskEnv env = {
        .clock = clock_system(), .random = crypto_random_system(), .cost = crypto_cost_least()};
    DeskInit init = {.dir = dir,
                     .agency = STR("test"),
                     .name = STR("Test"),
                     .country = STR("TH"),
                     .kind = STR("centre"),
                     .timezone = STR("Asia/Bangkok"),
                     .demo = demo};
    assert_ok(&w->c, desk_init(&w->c, &env, &init, &w->secrets));
    assert_ok(&w->c, desk_open(&w->c, &env, dir, &w->node));
    WebConfig config = {.node = w->node,
                        .listen = STR("127.0.0.1:0"),
                        .version = "9.9.9",
                        .threads = 2,
                        .limits = limits ? *limits : (WebLimits){0}};
    assert_ok(&w->c, web_open(&w->c, &config, &w->server));
    const char *colon = strrchr(web_url(w->server), ':');
    int64_t port = 0;
    assert_true(str_to_i64(str_of(colon + 1), &port));
    w->port = (uint16_t)port;
}

void world_log_in(World *w, Person *p) {
    DeskLogin login = {
        .user = str_of(p->name), .password = str_of(p->password), .from = STR("127.0.0.1")};
    assert_ok(&w->c, desk_session_open(&w->c, w->node, &login, &p->session));
}

// The first thing that anybody does.
static void own_password(World *w, Person *p) {
    Desk d;
    char own[DESK_PASSWORD_BYTES];
    snprintf(own, sizeof own, "own password of %.8s", p->name);
    assert_ok(&w->c, desk_as(&w->c, w->node, str_of(p->name), &d));
    assert_ok(&w->c, desk_password_change(&w->c, &d, str_of(p->password), str_of(own)));
    memcpy(p->password, own, sizeof own);
}

void world_people(World *w) {
    size_t n;
    Desk admin;
    const DeskRole *roles = desk_roles(w->node, &n);
    assert_int_equal(n, WORLD_ROLES);
    assert_ok(&w->c, desk_as(&w->c, w->node, STR("admin"), &admin));
    for (size_t i = 0; i < n; i++) {
        Person *p = &w->people[i];
        DeskUser user;
        snprintf(p->role, sizeof p->role, STR_FMT, STR_ARG(roles[i].role));
        snprintf(p->name, sizeof p->name, "p%zu", i);
        p->acts = roles[i].acts;
        DeskUserDraft draft = {.name = str_of(p->name), .role = roles[i].role};
        assert_ok(&w->c, desk_user_add(&w->c, &admin, &draft, &user, p->password));
        own_password(w, p);
        world_log_in(w, p);
    }
}

Person *world_person(World *w, const char *role) {
    for (size_t i = 0; i < WORLD_ROLES; i++)
        if (strcmp(w->people[i].role, role) == 0)
            return &w->people[i];
    fail_msg("there is no role %s", role);
    return NULL;
}

void world_close(World *w) {
    web_close(w->server);
    desk_close(w->node);
    nftw(w->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    ctx_done(&w->c);
    log_level_set(LOG_INFO);
}

int world_dial(const World *w) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(w->port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    void *any = &a;
    assert_true(fd >= 0 && connect(fd, any, sizeof a) == 0);
    struct timeval patience = {.tv_sec = 20};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return fd;
}

int world_send(const World *w, const char *request, size_t n, char *ret_answer, size_t bytes) {
    int fd = world_dial(w);
    (void)!send(fd, request, n, MSG_NOSIGNAL);
    size_t got = 0;
    ssize_t k;
    while (got + 1 < bytes && (k = recv(fd, ret_answer + got, bytes - 1 - got, 0)) > 0)
        got += (size_t)k;
    ret_answer[got] = 0;
    close(fd);
    int64_t status = 0;
    if (got > 12 && strncmp(ret_answer, "HTTP/1.1 ", 9) == 0)
        assert_true(str_to_i64((Str){ret_answer + 9, 3}, &status));
    return (int)status;
}

int world_call(const World *w, const Call *call, char *ret_answer, size_t bytes) {
    AUTO(Buf) b = {0};
    buf_format(&b, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n", call->method,
               call->path);
    if (call->as) {
        buf_format(&b, "Cookie: moei=%s\r\n", call->as->session.token);
        if (strcmp(call->method, "GET") != 0 && !call->no_csrf)
            buf_format(&b, "X-Moei-CSRF: %s\r\n", call->as->session.csrf);
    }
    if (call->token)
        buf_format(&b, "Authorization: Bearer %s\r\n", call->token);
    if (call->type)
        buf_format(&b, "Content-Type: %s\r\n", call->type);
    if (call->key)
        buf_format(&b, "Idempotency-Key: %s\r\n", call->key);
    if (call->more)
        buf_text(&b, call->more);
    if (call->body)
        buf_format(&b, "Content-Length: %zu\r\n", strlen(call->body));
    buf_text(&b, "\r\n");
    buf_text(&b, call->body ? call->body : "");
    assert_false(b.failed);
    return world_send(w, b.p, b.n, ret_answer, bytes);
}

int world_get(const World *w, const char *path, char *ret_answer, size_t bytes) {
    return world_call(w, &(Call){.method = "GET", .path = path}, ret_answer, bytes);
}

const char *world_body(const char *text) {
    const char *end = strstr(text, "\r\n\r\n");
    assert_non_null(end);
    return end + 4;
}

bool world_header(const char *text, const char *name, char *ret_value, size_t bytes) {
    char line[128];
    snprintf(line, sizeof line, "\r\n%s: ", name);
    const char *at = strstr(text, line);
    if (!at || at > world_body(text))
        return false;
    at += strlen(line);
    size_t n = strcspn(at, "\r");
    assert_true(n < bytes);
    memcpy(ret_value, at, n);
    ret_value[n] = 0;
    return true;
}
