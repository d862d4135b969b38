// Inside of room web: a request on its way to an answer, and the data of the pages.
#ifndef MOEI_WEB_PRIV_H
#define MOEI_WEB_PRIV_H

#include "desk/desk.h"
#include "web/web.h"

// What a route sees. Parameters are valid UTF-8, without NUL; empty when absent.
typedef struct WebRequest {
    Ctx *c;
    DeskNode *node;
    const char *version;
    Str case_id, rule, until;
} WebRequest;

// Routes write their answer into `out`; errors become answers by their code.
Err web_health(WebRequest *r, Buf *out) MUST_USE;
Err web_demo_trace(WebRequest *r, Buf *out) MUST_USE;
Err web_demo_public_record(WebRequest *r, Buf *out) MUST_USE;

// A file of the page. False when there is none of this name ("index.html", "assets/x.js").
typedef struct WebPage {
    const unsigned char *bytes;
    size_t n;
    const char *type;
    bool forever; // its name changes with its content
} WebPage;
bool web_page_find(Str name, WebPage *ret_page);

// "127.0.0.1:8441" or "[::1]:8441" as a socket address. E_INVALID.
struct sockaddr_storage;
Err web_address_parse(Ctx *c, Str listen, struct sockaddr_storage *ret_address,
                      size_t *ret_bytes) MUST_USE;
// True for localhost, 127.x.x.x and [::1], with or without a port.
bool web_host_is_loopback(Str host);

#endif
