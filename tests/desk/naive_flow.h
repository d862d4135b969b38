// The rules of docs/protocol-sync.md, section 3 and 7, once more and naively: over the whole
// history of a network, who may hold what.
#ifndef MOEI_TESTS_DESK_NAIVE_FLOW_H
#define MOEI_TESTS_DESK_NAIVE_FLOW_H

#include "record/record.h"
#include "test.h"

#define FLOW_NODES_MAX 12
#define FLOW_WORD_BYTES 12

typedef struct FlowMark {
    int handling;
    bool open;    // names no agencies
    uint32_t to;  // bits of those it names
    Str text;     // canonical JSON
    Str purposes; // the list as it stands there
    bool has_until;
    int64_t until;
} FlowMark;

typedef struct FlowRecord {
    int author; // number of the node
    int64_t leaf, at;
    RecordId id, root;
    char kind[32];
    char word[FLOW_WORD_BYTES]; // stands in this record and in no other; empty: none
    FlowMark mark;
    // Of the body, where the kind has it:
    RecordId about;      // share, retract, erase, let_go, passed: the record; notice: the first
    uint32_t mirrors;    // accord: those who mirror
    uint32_t agencies;   // accord: members; retract: from; else the one that is named
    bool yes;            // share: accept; accord_sign: signed; peer: confirmed; flag: active
    bool relay;          // peer
    char act[16];        // share_act, notice, notice_act, order_act
    int handling;        // share_act: the one accepted; -1: none
    Str kinds, purposes; // accord
    int64_t begins;      // accord
    int64_t ends;        // accord, notice_act; INT64_MAX: none
    // What has become of it:
    bool erased;                        // by its author
    uint32_t disclosed[FLOW_NODES_MAX]; // [by]: to whom, as that node's `disclosed` records say,
    uint32_t passed[FLOW_NODES_MAX];    // and its `passed` records
    uint32_t know;                      // the nodes that hold its content
    uint32_t had;                       // those that ever did
} FlowRecord;

typedef struct Flow {
    FlowRecord *items;
    size_t count, cap;
    size_t
        *said; // numbers of the records by which agencies speak of flows: the rules look at these
    size_t said_count, said_cap;
    int nodes;
    int64_t now[FLOW_NODES_MAX]; // each node's clock
    bool settling; // what must flow, and not what may: who has to let go of it need not answer
    uint32_t asks[FLOW_NODES_MAX];  // [by]: who asked it for relayed records when it spoke last
    uint32_t fault[FLOW_NODES_MAX]; // links that this node has stopped
} Flow;

const FlowRecord *flow_find(const Flow *f, RecordId id); // NULL: none
bool flow_identity(const FlowRecord *r);
bool flow_directed(const FlowRecord *r);
// `from` has confirmed `to`, and has not revoked it since.
bool flow_confirmed(const Flow *f, int from, int to);
// Whether messages pass between the two.
bool flow_link(const Flow *f, int a, int b);
// By what `from` knows (FlowRecord.know): may it give this record to `to` now? Own records and
// those of others.
bool flow_may(const Flow *f, int from, const FlowRecord *r, int to);
// The accord in force by which `from` gives the commitments of its log to `to`. NULL: none.
const FlowRecord *flow_mirrors(const Flow *f, int from, int to);
// `from` tells `to` which head of `origin` it saw: an accord in force has all three.
bool flow_tells(const Flow *f, int from, int origin, int to);
// `at` must have let go of it, by what it knows.
bool flow_gone(const Flow *f, const FlowRecord *r, int at);
// The mark that counts at this node.
const FlowMark *flow_mark(const Flow *f, const FlowRecord *r, int at);
// Lets everything flow that may, until nothing changes: sets `know` of all records.
void flow_settle(Flow *f);

#endif
