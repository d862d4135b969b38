// Which addresses a server may listen on and be called by.
#include "web/web_priv.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

// Splits "host:port" or "[host]:port"; the port may be absent (-1).
static bool split_host(Str s, Str *ret_host, int64_t *ret_port) {
    *ret_port = -1;
    Str host = s, port = {0};
    if (s.n && s.p[0] == '[') {
        const char *close = memchr(s.p, ']', s.n);
        if (!close)
            return false;
        host = (Str){s.p + 1, (size_t)(close - s.p) - 1};
        port = (Str){close + 1, s.n - host.n - 2};
        if (port.n && port.p[0] != ':')
            return false;
    } else {
        const char *colon = s.n ? memchr(s.p, ':', s.n) : NULL;
        if (colon) {
            host.n = (size_t)(colon - s.p);
            port = (Str){colon, s.n - host.n};
        }
    }
    if (port.n) {
        port = (Str){port.p + 1, port.n - 1};
        if (port.n == 0 || port.n > 5 || port.p[0] == '-' || !str_to_i64(port, ret_port) ||
            *ret_port > 65535)
            return false;
    }
    *ret_host = host;
    return host.n > 0;
}

static bool host_text(Str host, char *ret_text, size_t bytes) {
    if (host.n >= bytes || memchr(host.p, 0, host.n))
        return false;
    memcpy(ret_text, host.p, host.n);
    ret_text[host.n] = 0;
    return true;
}

static bool is_loopback4(const struct in_addr *a) {
    return (ntohl(a->s_addr) >> 24) == 127;
}

bool web_host_is_loopback(Str s) {
    Str host;
    int64_t port;
    char text[64];
    struct in_addr a4;
    struct in6_addr a6;
    if (!split_host(s, &host, &port) || !host_text(host, text, sizeof text))
        return false;
    if (s.p[0] == '[')
        return inet_pton(AF_INET6, text, &a6) == 1 && IN6_IS_ADDR_LOOPBACK(&a6);
    if (inet_pton(AF_INET, text, &a4) == 1)
        return is_loopback4(&a4);
    static const char name[] = "localhost";
    if (host.n != sizeof name - 1)
        return false;
    for (size_t i = 0; i < host.n; i++)
        if ((text[i] | 0x20) != name[i])
            return false;
    return true;
}

Err web_address_parse(Ctx *c, Str listen, bool anywhere, struct sockaddr_storage *ret_address,
                      size_t *ret_bytes) {
    Str host;
    int64_t port;
    char text[64];
    struct sockaddr_in a4 = {.sin_family = AF_INET};
    struct sockaddr_in6 a6 = {.sin6_family = AF_INET6};
    if (!split_host(listen, &host, &port) || port < 0 || !host_text(host, text, sizeof text))
        return fail(c, E_INVALID, "\"" STR_FMT "\" is no ADDR:PORT such as 127.0.0.1:8441",
                    STR_ARG(listen));
    bool six = listen.p[0] == '[';
    const char *address = !six && strcmp(text, "localhost") == 0 ? "127.0.0.1" : text;
    if (inet_pton(six ? AF_INET6 : AF_INET, address,
                  six ? (void *)&a6.sin6_addr : (void *)&a4.sin_addr) != 1)
        return fail(c, E_INVALID, "\"" STR_FMT "\" is no address such as 127.0.0.1:8441",
                    STR_ARG(listen));
    bool loopback = six ? IN6_IS_ADDR_LOOPBACK(&a6.sin6_addr) : is_loopback4(&a4.sin_addr);
    if (!loopback && !anywhere)
        return fail(c, E_INVALID,
                    "%s is not a loopback address: without TLS the server listens on this machine "
                    "only (127.0.0.1:8441); give --tls-cert FILE and --tls-key FILE",
                    text);
    a4.sin_port = a6.sin6_port = htons((uint16_t)port);
    *ret_address = (struct sockaddr_storage){0};
    *ret_bytes = six ? sizeof a6 : sizeof a4;
    if (six)
        memcpy(ret_address, &a6, sizeof a6);
    else
        memcpy(ret_address, &a4, sizeof a4);
    return OK;
}
