// Inside of room web: the listener for peers.
#ifndef MOEI_WEB_PEER_PRIV_H
#define MOEI_WEB_PEER_PRIV_H

#include "tls/tls.h"
#include "web/web_priv.h"

// One request of a peer. Who has it: the connection's thread while it is read and sent, the queue
// or a worker while it is at work, the list of those that wait for news.
typedef struct PeerRequest {
    WebPeers *s;
    struct MHD_Connection *connection;
    CryptoHash agency;
    CryptoPublicKey key; // that it showed
    Buf body, answer;
    size_t held; // bytes of both that are counted
    int wait_s;
    int64_t until_us; // of waiting, monotonic
    unsigned status;  // of the answer; 0: not yet
    const char *type; // of the answer
    bool entered, polls, at_work, taken;
    bool revoked;  // its key is that of a peer which we revoked: it is told so
    bool stranger; // of no peer's key: it may bring a recovery statement, and hears nothing
    uint32_t answer_max;
    bool brief; // it brought records: they are acknowledged first
    bool bare;  // the peer takes no more of our records today: they are no news for it
    struct PeerRequest *next;
} PeerRequest;

// What a stranger brought, until a worker looks at it.
typedef struct PeerOffer {
    uint8_t bytes[WEB_PEER_OFFER_BYTES_MAX];
    size_t n;
} PeerOffer;

// What is known of a peer by its requests.
typedef struct PeerSeen {
    CryptoHash agency;
    int requests, polls; // at present
    int64_t last_us;     // monotonic
    bool connected;
} PeerSeen;

typedef struct PeerList {
    PeerRequest *first, *last;
    size_t count;
} PeerList;

struct WebPeers {
    struct MHD_Daemon *daemon;
    DeskNode *node;
    WebPeerConfig config;
    TlsIdentity identity;
    char url[80];
    WebRates rates;
    atomic_llong held; // bytes of bodies and answers
    pthread_mutex_t lock;
    pthread_cond_t come;
    PeerList queue, waiting;
    PeerOffer offers[WEB_PEER_OFFERS_MAX]; // the last came last
    size_t offer_count;
    PeerSeen *seen;
    size_t seen_count, seen_cap;
    bool ending, made, listens; // made: lock and condition
    pthread_t workers[WEB_PEER_WORKERS], bell;
    size_t worker_count;
};

// Threads: workers that take and make messages, and one that looks after those who wait.
Err web_peer_work_open(Ctx *c, WebPeers *s) MUST_USE;
void web_peer_work_close(WebPeers *s); // after the last request; those who wait are answered
// Suspends the connection and hands its request to a worker. False when there is no more room.
bool web_peer_push(PeerRequest *r);
// Hands what a stranger brought to a worker; where there is no room it is forgotten.
void web_peer_offer(WebPeers *s, Str statements);
// Counts bytes that are held in memory. False when there would be too many.
bool web_peer_hold(PeerRequest *r, size_t n);
void web_peer_let_go(PeerRequest *r); // all that it holds
// A peer's request begins; false when it has too many at once. And ends.
bool web_peer_enter(PeerRequest *r);
void web_peer_leave(PeerRequest *r);

#endif
