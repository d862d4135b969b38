// desk, the part for exchange between agencies: docs/protocol-sync.md.
//
// Two halves. The machine's: messages made and taken, links, clocks; no user, no socket: what dials
// and what listens calls it, and so does a bundle and a simulated network. The people's: peers,
// accords, shares, retractions, notices: src/desk/desk_share.h.
#ifndef MOEI_DESK_EXCHANGE_H
#define MOEI_DESK_EXCHANGE_H

#include "crypto/crypto.h"
#include "desk/desk.h"

// --- the machine --------------------------------------------------------------------------------

typedef struct DeskLinkIdentity {
    CryptoHash agency;
    CryptoSignKey link_key; // of TLS, messages and cosignatures: wipe it
} DeskLinkIdentity;
Err desk_link_identity(Ctx *c, DeskNode *n, DeskLinkIdentity *ret_identity) MUST_USE;
// Whose link key this is. E_DENIED: of no confirmed peer.
Err desk_link_peer(Ctx *c, DeskNode *n, const CryptoPublicKey *key,
                   CryptoHash *ret_agency) MUST_USE;

// The same of a peer that was revoked: it is told so (desk_sync_refuse), and nothing else.
bool desk_link_revoked(DeskNode *n, const CryptoPublicKey *key, CryptoHash *ret_agency);

// A confirmed peer as the driver of links sees it.
typedef struct DeskLink {
    CryptoHash agency;
    CryptoPublicKey key;    // its link key, to be pinned
    CryptoPublicKey before; // or the one that it used last, while a new one is on its way
    Str name, address;      // address empty: it calls us
    bool stopped;           // fault, two histories or revoked: not called, not answered
} DeskLink;
Err desk_link_list(Ctx *c, DeskNode *n, const DeskLink **ret_links, size_t *ret_n) MUST_USE;

// Our address for peers, as `moei serve --peer-url` says it: a new `link` record where it changed.
Err desk_link_address_set(Ctx *c, DeskNode *n, Str url) MUST_USE;

// Messages that follow one another without an answer between, as in a bundle. Zero it before the
// first.
typedef struct DeskSyncRun {
    bool begun;
    int64_t position; // the next entry of the journal
    int64_t head;     // size of our head that the peer has when it took what came before
    bool more;        // the log was not looked through to its end: the next message may have news
} DeskSyncRun;
typedef struct DeskSyncAsk {
    uint32_t bytes_max;  // plain bytes that the message may have; 0: SYNC_MESSAGE_BYTES_MAX
    uint32_t answer_max; // that the answer may have
    bool wants_answer;
    DeskSyncRun *run; // NULL over a link: then it begins where the peer's last HAVE says
    // An acknowledgement will do: where what came is still being folded, what we have for the peer
    // waits for another message.
    bool brief;
    // The peer takes no more of our records today: what stands in its journal, the head that it
    // would lead to and documents wait, what else is said goes.
    bool bare;
} DeskSyncAsk;
// The message that the peer should have now: HEAD and HAVE, and what waits for it as far as there
// is room. Journal entries and their `disclosed` record are durable when this returns. *ret_news:
// it says more than HEAD and HAVE. E_DENIED when the peer is none, or its link is stopped.
Err desk_sync_make(Ctx *c, DeskNode *n, const CryptoHash *peer, const DeskSyncAsk *ask,
                   Buf *out_message, bool *ret_news) MUST_USE;

typedef struct DeskSyncTaken {
    uint64_t fresh, known; // openings (our own, too, that come back) that were new, or known
    uint64_t gap_at;       // position that is missing; UINT64_MAX: none
    bool wants_answer;     // the sender asked for one,
    uint32_t answer_max;   // of at most so many plain bytes
    bool more;             // the sender has more for us, or we for it
    uint64_t left;         // so many openings has it for us, at least
    int refused_us;        // code of its REFUSE, 0: none
    // More records or bytes than it may send in a day: they wait at the sender, what it says beside
    // them was taken. Each message to it says so (REFUSE) until the day ends, or more is allowed.
    bool over;
    bool bare; // the same of ours there: what is said to it is bare until it says so no more
} DeskSyncTaken;
// Checks the message and takes all of it (but see `over`) or nothing. E_DENIED: not from this peer,
// link stopped; E_CRYPTO, E_INVALID: false (where the peer's own signature stands under it, the
// link is now in fault; else anybody may have sent it); E_LIMIT: quota of messages; E_BUSY,
// E_NO_SPACE, E_IO: ours, try again. The words are for the page and the log: they hold no content.
Err desk_sync_take(Ctx *c, DeskNode *n, const CryptoHash *peer, Str message,
                   DeskSyncTaken *ret_taken) MUST_USE;
// The answer to a message that was not taken: REFUSE with the code of docs/protocol-sync.md, 6.
Err desk_sync_refuse(Ctx *c, DeskNode *n, const CryptoHash *peer, Err why,
                     Buf *out_message) MUST_USE;
// E_LIMIT, in words: what was `over`. E_DENIED for no peer.
Err desk_sync_over(Ctx *c, DeskNode *n, const CryptoHash *peer) MUST_USE;
// What the REFUSE of a peer says to us, by its code.
const char *desk_refusal_words(int code);
// True when a message to this peer would say more than HEAD and HAVE. Cheap: no query of records.
bool desk_sync_waits(DeskNode *n, const CryptoHash *peer);
// What time brings: looks for what is to be disclosed, lets go of what was retracted, erased or has
// ended. The driver calls it each second and after news. *ret_next_us: when it has to be called at
// the latest.
Err desk_exchange_tick(Ctx *c, DeskNode *n, int64_t *ret_next_us) MUST_USE;
// What the driver knows of a link, for pages and `moei peer list`; kept in memory only.
typedef struct DeskLinkState {
    bool connected;
    int64_t at_us;     // of the last message that went through
    int64_t failed_at; // 0: not since
    char words[256];   // why the last try failed, or empty
    int refused;       // code of the REFUSE that it answered last; 0: none since
} DeskLinkState;
void desk_link_state_set(DeskNode *n, const CryptoHash *peer, const DeskLinkState *state);

// --- the log as others read it: C2SP tlog-tiles -------------------------------------------------

typedef struct DeskLogTile {
    unsigned level; // of its hashes, 0 to 5
    int64_t number;
    unsigned width; // 1 to 256
    bool entries;   // the entries of its leaves in place of hashes
} DeskLogTile;
// The newest checkpoint of the log main, in the request's arena.
Err desk_log_checkpoint(Ctx *c, DeskNode *n, Str *ret_note) MUST_USE;
// Appends the bytes of a tile. E_NOT_FOUND unless the log has all of it.
Err desk_log_tile(Ctx *c, DeskNode *n, const DeskLogTile *tile, Buf *out) MUST_USE;

// --- a log that was lost or compromised: docs/protocol-sync.md, 9 -------------------------------

// A node that was restored from an old copy: what its peers hold behind its end is fetched from
// them when they speak next. E_STATE when nothing says that it is one.
Err desk_recover_from_peers(Ctx *c, const DeskEnv *env, Str dir) MUST_USE;

// Recovery statements of our own, by time, SYNC_RECOVER_BYTES each; empty where there are none.
// They are of the node and stay as long. No secret: each peer is told them.
Str desk_statements_own(const DeskNode *n);
// The same of another agency, from anybody: they prove themselves by the recovery key in the
// genesis of a confirmed peer (of `asked`, where one was asked). What is no such thing, or was
// said before, changes nothing and is no error, and *ret_taken is false. A log that is taken anew
// by it has the next link key pinned at once. E_INVALID for other sizes; E_BUSY, E_IO, … ours.
Err desk_statements_offer(Ctx *c, DeskNode *n, const CryptoHash *asked, Str statements,
                          bool *ret_taken) MUST_USE;

typedef struct DeskRecoverAsk {
    int64_t good_size; // up to here the log is good; the folder's log must end there
    Str recovery_key;  // as it was written on paper
    bool compromised;  // keys were stolen: the link key is a new one too
} DeskRecoverAsk;
// Says with the recovery key that what peers have behind the good size is not ours, and goes on
// with new keys. May be given again when it was broken off. E_INVALID, E_CRYPTO for another key,
// E_STATE for another size.
Err desk_recover_statement(Ctx *c, const DeskEnv *env, Str dir, const DeskRecoverAsk *ask) MUST_USE;

#endif
