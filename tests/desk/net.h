// A network of nodes in one process: clocks that differ, links that lose, double, reorder, delay
// and cut, restarts, full disks. Everything that happens is decided by the seed.
//
// Networks run in child processes (net_each_seed): a failure prints the seed and the script of what
// was done, and ends the child.
#ifndef MOEI_TESTS_DESK_NET_H
#define MOEI_TESTS_DESK_NET_H

#include "frames.h"
#include "naive_flow.h"

#include "desk/exchange_priv.h"

#define NET_MINUTE 60000000LL
#define NET_HOUR 3600000000LL
#define NET_PACKETS_MAX 512

#define NET_LIES 8

typedef struct Net Net;

typedef struct NetNode {
    Net *net;
    int number;
    char name[16], dir[96];
    int64_t skew; // of its clock
    CryptoRandomSeeded random;
    DeskEnv env;
    DeskSecrets secrets;
    DeskNode *node;
    Desk desk; // the officer, with the key open
    CryptoSignKey key;
    CryptoHash agency;
    char hex[65];
    int64_t absorbed; // leaves of its own log that are in the history
} NetNode;

typedef struct NetPacket {
    int from, to;
    int64_t due;
    char *bytes; // owned; NULL: a free place
    size_t n;
    bool damaged; // on the way
} NetPacket;

// How bad the links are, in thousandths.
typedef struct NetWeather {
    unsigned lost, doubled, late, cut, flipped, full_disk, restart;
} NetWeather;

// What was tried, over all networks of a process: a test that never saw any of it shows nothing.
// Since when a node mirrors another's log: the one is a whole copy from there on.
typedef struct NetMirror {
    RecordId accord;
    int64_t from; // size of the log when all was quiet and it did; 0: it does not
} NetMirror;

typedef struct NetTally {
    size_t networks, far, mirrored, records, abroad, relayed, gone, raced, sent, lost, restarts,
        full;
    size_t frames[256]; // of each type, in all packets
    size_t lies[NET_LIES];
} NetTally;

struct Net {
    Ctx c;    // of one call
    Ctx keep; // as long as the network
    uint64_t seed;
    Rng rng;
    char folder[64];
    int64_t now; // the true time
    NetNode nodes[FLOW_NODES_MAX];
    int count;
    NetMirror mirrors[FLOW_NODES_MAX][FLOW_NODES_MAX]; // [whose][by whom]
    char rogue[65]; // agency of a peer that lies (net_rogue.c); empty: there is none
    NetWeather weather;
    NetPacket packets[NET_PACKETS_MAX];
    size_t in_flight;
    bool brought; // some message had records or documents
    Flow flow;    // what was said and done, and who holds what
    JsonReader json;
    Buf script, plain;
    unsigned words; // given out
    NetTally tally;
};

// Prints what was done and why this is wrong, and ends the process.
_Noreturn void net_fail(Net *net, const char *format, ...) PRINTF_LIKE(2, 3);
#define net_ok(net, call)                                                                          \
    do {                                                                                           \
        Err net_err_ = (call);                                                                     \
        if (net_err_ != OK)                                                                        \
            net_fail(net, "%s:%d: %s: %s: %s", __FILE__, __LINE__, #call, err_name(net_err_),      \
                     (net)->c.error);                                                              \
    } while (0)
void net_say(Net *net, const char *format, ...) PRINTF_LIKE(2, 3); // a line of the script

void net_open(Net *net, uint64_t seed, int count);
bool net_far(const Net *net); // its clocks differ by up to two days, and not by 90 s
void net_done(Net *net);
void net_restart(Net *net, NetNode *n);
// `a` confirms `b` by its card; `relay`: takes relayed records from it.
void net_confirm(Net *net, int a, int b, bool relay);
// Writes a record as the officer of this node; `by` false: as the machine.
RecordId net_record(Net *net, int node, const DeskDraft *draft);

// --- transport ----------------------------------------------------------------------------------

// Some rounds of what the driver of links does, in the present weather.
void net_run(Net *net, int rounds);
// Until nothing is on its way and nobody has anything to say; good weather.
void net_settle(Net *net);

// --- history ------------------------------------------------------------------------------------

// Takes what is new in each node's own log into net->flow.
void net_absorb(Net *net);
void net_absorb_node(Net *net, NetNode *n);
// Looks up what `n` holds now of all that was said.
void net_look(Net *net, NetNode *n);
int net_node_of(const Net *net, Str agency); // -1: none
// Unpacks into net->plain. False where it is no whole message.
bool net_unpack(Net *net, Str message);
// Whether the unpacked message has openings or parts of documents, or has to do with a proof.
bool net_brings(const Net *net);
// Whether its sender takes relayed records from who heard it.
void net_heard(Net *net, int who, int from);
// Writes its frames into the script: for looking into a network that fails (MOEI_TALK).
void net_talk(Net *net, int from, int to);
// The records of a message that was just made by `from`: each must be one that it may give.
void net_check_packet(Net *net, int from, int to, Str message);

// --- people -------------------------------------------------------------------------------------

void net_people(Net *net, int steps); // does something, any of what people do
void net_begin(Net *net);             // peers and accords

// --- a peer that lies ----------------------------------------------------------------------------

void net_rogue_begin(Net *net);
void net_rogue_act(Net *net); // one lie; nothing where there is no rogue
void net_rogue_done(Net *net);

// --- what must be true when all is quiet ---------------------------------------------------------

void net_check(Net *net, const uint32_t *known, size_t known_count);
// What each record's holders are now: to be given to net_check after net_settle.
uint32_t *net_known(Net *net, size_t *ret_n);

// Runs `one` for `count` seeds from `first` on in as many processes as there are cores; each adds
// to its tally, which is printed. False when one failed, or saw nothing of what it should.
bool net_each_seed(uint64_t first, size_t count, void (*one)(uint64_t seed, NetTally *tally));

#endif
