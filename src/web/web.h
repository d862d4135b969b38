// web: what a node answers over HTTP: its pages, the API of docs/api.md, events, metrics, and the
// pages for holders and victims.
//
// A WebServer owns its listening socket, its threads and the files that are being sent to it; it
// borrows the node, which must outlive it. Invariants: every answer carries the security headers;
// whatever is not there, or may not be seen, is answered with the same bytes; a request without
// TLS is answered on loopback only, and its Host must be a loopback name (DNS rebinding); every
// route asks for its act before anything is read; the log holds no paths, names or parameters.
// Reads are answered by the thread that took them in; what writes or takes long works in the
// background, so that nobody else waits for it. Threads: web_open and web_close from one thread.
#ifndef MOEI_WEB_H
#define MOEI_WEB_H

#include "base/base.h"
#include "crypto/crypto.h"
#include "desk/desk.h"

// 0 means the number of base/limits.h.
typedef struct WebLimits {
    int64_t user_per_s, user_burst;       // requests of one user
    int64_t address_per_s, address_burst; // of one address
    int64_t open_per_s, open_burst;       // of one address without a log-in, and refused ones
    int64_t public_per_s, public_burst;   // public pages of all addresses together
    int heartbeat_ms;                     // of event streams
} WebLimits;

typedef struct WebConfig {
    DeskNode *node;
    Str listen; // "127.0.0.1:8441", "[::1]:8441"; port 0: any free one
    const char *version;
    unsigned threads;      // 0: one a core
    Str tls_cert, tls_key; // PEM files; empty: without TLS
    WebLimits limits;
} WebConfig;

typedef struct WebServer WebServer;

// Listens and answers until web_close. E_INVALID for an address that is none, or not loopback
// where there is no TLS, or a certificate that cannot be used; E_BUSY when the port is taken,
// E_IO, E_MEMORY.
Err web_open(Ctx *c, const WebConfig *config, WebServer **ret_server) MUST_USE;
void web_close(WebServer *s); // NULL is fine
// "http://127.0.0.1:8441", valid as long as the server.
const char *web_url(const WebServer *s);

// --- the listener for peers: docs/protocol-sync.md, 6 -------------------------------------------

typedef struct WebPeerConfig {
    DeskNode *node;
    Str listen; // "0.0.0.0:8442"; port 0: any free one
    // Told when a peer begins to keep a request open here and when it no longer does; from any
    // thread. NULL: nobody is told.
    void (*on_polled)(void *self, const CryptoHash *agency, bool polled);
    void *self;
} WebPeerConfig;

typedef struct WebPeers WebPeers;

// TLS 1.3 with the certificate of the link key; answers POST /sync/v1 of confirmed peers and
// nobody else: to others the connection ends without a word. E_INVALID for an address that is
// none, E_BUSY when the port is taken, E_CRYPTO, E_IO, E_MEMORY.
Err web_peers_open(Ctx *c, const WebPeerConfig *config, WebPeers **ret_peers) MUST_USE;
void web_peers_close(WebPeers *s); // NULL is fine; requests that wait are answered
// "https://0.0.0.0:8442", valid as long as the listener.
const char *web_peers_url(const WebPeers *s);

#endif
