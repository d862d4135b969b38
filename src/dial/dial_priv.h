// Inside of room dial: our side of TLS, one request, one link.
#ifndef MOEI_DIAL_PRIV_H
#define MOEI_DIAL_PRIV_H

#include "dial/dial.h"

#include <curl/curl.h>
#include <pthread.h>

// --- our certificate ----------------------------------------------------------------------------

// libcurl's GnuTLS build takes certificate and key by path only: they lie in memory files of this
// process, which nothing else can open by name.
typedef struct DialOwn {
    int certificate_fd, key_fd;
    char certificate_path[48], key_path[48];
    CryptoPublicKey key; // that they are of
} DialOwn;
Err dial_own_open(Ctx *c, DialOwn *ret_own) MUST_USE;
// Writes certificate and key of this link key. E_IO, E_MEMORY, E_CRYPTO.
Err dial_own_set(Ctx *c, DialOwn *own, const CryptoSignKey *link_key) MUST_USE;
void dial_own_close(DialOwn *own);
typedef DialOwn DialOwnOpen;
void DialOwnOpen_cleanup(DialOwnOpen *own);

// --- one request --------------------------------------------------------------------------------

typedef struct DialCall {
    CURL *curl;
    struct curl_slist *headers;
    CryptoPublicKey pinned, before; // either will do
    bool active, news;              // news: the message says more than HEAD and HAVE
    int64_t begun_us;               // monotonic
    bool other_key;                 // the other side showed another key than the peer's
    bool any_key;                   // who answers need not be the peer: see dial_statement
    bool no_word;                   // the other side ended the connection without one
    bool too_long;                  // its answer
    Buf message, answer;
    char error[CURL_ERROR_SIZE];
} DialCall;
Err dial_call_open(Ctx *c, const DialOwn *own, DialCall *ret_call) MUST_USE;
void dial_call_close(DialCall *call);
typedef DialCall DialCallOpen;
void DialCallOpen_cleanup(DialCallOpen *call);
// The address of the peer with this path; `ret_url` has DIAL_URL_BYTES_MAX + 32 bytes. E_INVALID.
Err dial_url(Ctx *c, const DeskLink *link, const char *path, char *ret_url) MUST_USE;
// Sets the request up; the message stands in call->message. E_INVALID for a bad address.
Err dial_call_begin(Ctx *c, DialCall *call, const DeskLink *link, int wait_s) MUST_USE;
// What became of it. E_IO, E_DENIED (another key), E_LIMIT (asked too often) with words.
Err dial_call_end(Ctx *c, DialCall *call, CURLcode code) MUST_USE;
// How long its bytes took, without connecting and without the peer's waiting; µs.
int64_t dial_call_took_us(const DialCall *call);
// The size of the next message: `bytes` doubled, or halved, within the limits.
uint32_t dial_bytes_more(uint32_t bytes);
uint32_t dial_bytes_less(uint32_t bytes);
// What one message may have at most where there are so many links: together they stay within
// DIAL_MEMORY_BYTES.
uint32_t dial_bytes_max(size_t links);
// How long to wait after the n-th failure in a row; `random` any number.
int64_t dial_retry_us(unsigned tries, uint64_t random);

// --- recovery statements ------------------------------------------------------------------------

typedef struct DialStatement {
    DeskNode *node;
    Dial *dial; // whose end ends this, too; NULL: none
    const DialOwn *own;
    const DeskLink *link;
    bool other_key; // who answers at its address has another key: it is asked why
} DialStatement;
// Brings our recovery statements to a peer that ends the connection without a word, or asks for
// those of one that shows another key. Takes up to DIAL_CONNECT_S. *ret_done: brought, or taken:
// the next call may go through. E_MEMORY, and errors of desk_statements_offer.
Err dial_statement(Ctx *c, const DialStatement *s, bool *ret_done) MUST_USE;

// --- a link -------------------------------------------------------------------------------------

typedef struct DialPeer {
    struct Dial *dial;
    pthread_t thread;
    bool used;   // the thread runs, or is to be joined
    bool listed; // the ticker's own: among the peers of the last look
    // Guarded by the dial's lock.
    CryptoHash agency;
    CryptoPublicKey key, before;
    char address[DIAL_URL_BYTES_MAX];
    bool stopped, gone, ended, polled;
    int64_t polled_us; // when that ended
    CURLM *multi;      // curl_multi_wakeup may come from any thread
    // The thread's own.
    DialCall poll, push;
    Ctx c;
    bool up, brief; // brief: the last answer brought records, and is acknowledged first
    bool bare;      // the peer takes no more of our records today
    uint32_t bytes;
    unsigned tries;
    int64_t next_us, push_us; // no request, no push before; monotonic
    int64_t ask_us;           // nor a recovery statement asked for, of a link that is stopped
    uint64_t own_generation;
    Rng rng;
    DeskLinkState state;
} DialPeer;
Err dial_peer_start(Ctx *c, DialPeer *p) MUST_USE;
void dial_peer_join(DialPeer *p); // after `gone` was set and the thread woken

struct Dial {
    DeskNode *node;
    pthread_t ticker;
    bool ticking;
    pthread_mutex_t lock;
    bool ending;
    CryptoHash agency;
    DialOwn own;
    uint64_t own_generation; // of the link key
    DialPeer **peers;
    size_t count, cap;
};

#endif
