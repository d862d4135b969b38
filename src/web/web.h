// web: what a node answers over HTTP: its page, the data of the demo page, its health.
//
// GET and HEAD only, on loopback only: there are no users yet. A WebServer owns its listening
// socket and its threads; it borrows the node, which must outlive it. Invariants: every answer
// carries the security headers; whatever is not there is answered with the same bytes; a request
// whose Host is no loopback name is refused (DNS rebinding); the log holds no paths or parameters.
// docs/page-data.md describes the data. Threads: web_open and web_close from one thread.
#ifndef MOEI_WEB_H
#define MOEI_WEB_H

#include "base/base.h"
#include "desk/desk.h"

typedef struct WebConfig {
    DeskNode *node;
    Str listen; // "127.0.0.1:8441", "[::1]:8441"; port 0: any free one
    const char *version;
    unsigned threads; // 0: one a core
} WebConfig;

typedef struct WebServer WebServer;

// Listens and answers until web_close. E_INVALID for an address that is none or not loopback,
// E_BUSY when the port is taken, E_IO, E_MEMORY.
Err web_open(Ctx *c, const WebConfig *config, WebServer **ret_server) MUST_USE;
void web_close(WebServer *s); // NULL is fine
// "http://127.0.0.1:8441", valid as long as the server.
const char *web_url(const WebServer *s);

#endif
