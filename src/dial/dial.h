// dial: the calls that a node makes to its peers, and what drives the exchange: the clock's ticks.
//
// A Dial owns a thread that ticks (desk_exchange_tick, each second and after news) and one thread
// for each confirmed peer with an address. That thread keeps a request open in which the peer may
// wait for news (long poll), and pushes beside it what waits for the peer. TLS 1.3 only; before a
// byte of a request leaves, the key that the other side has proven is compared with the peer's link
// key. Sizes of messages follow the link; a link that fails is tried again after a time that grows
// up to 30 s. How a link is doing goes to the desk (desk_link_state_set). The node is borrowed and
// must outlive the Dial. Threads: dial_open and dial_close from one thread, the rest from any.
#ifndef MOEI_DIAL_H
#define MOEI_DIAL_H

#include "crypto/crypto.h"
#include "desk/desk.h"

typedef struct Dial Dial;

// Starts to tick and to call. E_IO, E_MEMORY.
Err dial_open(Ctx *c, DeskNode *node, Dial **ret_dial) MUST_USE;
void dial_close(Dial *d); // NULL is fine; ends open requests

// The peer keeps a request open at our listener, or no longer does. Where both sides could call,
// one connection is enough: the one with the greater agency id leaves it to the other.
void dial_polled(Dial *d, const CryptoHash *agency, bool polled);

typedef struct DialResult {
    uint64_t messages;     // sent
    uint64_t fresh, known; // openings that came
    bool waits;            // something for the peer is left
} DialResult;
// One peer, here and now, until nothing waits on either side. For `moei sync`; a Dial may run
// beside it. E_NOT_FOUND: no such peer; E_STATE: it has no address, or its link is stopped; E_IO
// when it is not reached, with words why; E_DENIED when it shows another key or refuses us; errors
// of desk_sync_make and desk_sync_take.
// `progress` is told the messages so far, and may end it: E_CANCELLED.
Err dial_once(Ctx *c, DeskNode *node, const CryptoHash *agency, DeskProgress progress,
              DialResult *ret_result) MUST_USE;

#endif
