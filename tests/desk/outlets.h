// Nodes of several agencies full of records with any marks, each of which can be told in any answer
// by a word that stands in no other; accords, shares and what flowed by them; and a naive reading
// of docs/sight.md over what one node holds.
#ifndef MOEI_TESTS_DESK_OUTLETS_H
#define MOEI_TESTS_DESK_OUTLETS_H

#include "duo.h"
#include "frames.h"
#include "money.h"

#define SEA_RECORDS_MAX 4000
#define SEA_NODES_MAX 4
#define SEA_SENT_MAX 20000
#define SEA_MARK_TEXTS 8 // that a mark made here names
#define SEA_WORD_BYTES 12

typedef struct SeaRecord {
    RecordId id, root;
    RecordId about; // of a share: what is shared
    size_t author;  // number of its agency
    char text[RECORD_ID_TEXT_BYTES];
    char kind[32];
    Str own_mark;              // canonical JSON
    Str mark;                  // the one that counts at the node that is looked at
    char word[SEA_WORD_BYTES]; // empty: none
    uint64_t asks;             // who sees the record and none of these acts does not see the word
    char sha256[65];           // of an attachment's bytes
    char number[16];           // of an order
    bool reads;                // stands in the log of reads
} SeaRecord;

// An opening that was in a message, or a part of a document.
typedef struct SeaSent {
    size_t from, to;
    char what[65]; // id, or hash
} SeaSent;

typedef struct Sea {
    Money m; // agency 0: ours
    Side others[SEA_NODES_MAX - 1];
    size_t nodes;
    size_t writes; // number of the agency that writes now
    size_t at;     // of the one that is looked at
    Rng rng;
    bool plain; // records made now have the mark that all see
    // Of the node that is looked at: what it holds.
    Ctx texts;
    SeaRecord *all;
    size_t count;
    struct {
        char word[SEA_WORD_BYTES];
        uint64_t asks;
        size_t author;
        bool here; // in a record that the node holds
    } words[SEA_RECORDS_MAX];
    size_t word_count;
    SeaSent *sent;
    size_t sent_count;
    size_t frames[256]; // of each type, in all messages
} Sea;

// Of agency 0, and what each agency shares.
void sea_open(Sea *s, uint64_t seed);
void sea_done(Sea *s);
World *sea_world(Sea *s, size_t node);
// The officer who writes for this agency, and one who wrote nothing; both have their key.
Desk sea_officer(Sea *s, size_t node);
Desk sea_second(Sea *s, size_t node);
// Reads the ledger of the node that is looked at again: what there is now.
void sea_read(Sea *s);
// A user such as may log in, or any acts at all: the rule must hold all the same.
Desk sea_viewer(Sea *s);
bool sea_may(const Sea *s, const SeaRecord *r, const Desk *d);
bool sea_word_may(const Sea *s, const SeaRecord *r, const Desk *d);
const SeaRecord *sea_find(const Sea *s, Str id); // NULL: none

// --- for across.c -------------------------------------------------------------------------------

// Any mark, its lists in `room`: open, for agencies that are none, or for all that take part.
RecordMark sea_any_mark(Sea *s, Str room[SEA_MARK_TEXTS]);
const char *sea_word(Sea *s, uint64_t asks); // a new one of the agency that writes
RecordId sea_put(Sea *s, DeskDraft draft, const char *format, ...) PRINTF_LIKE(3, 4);
void sea_put_family(Sea *s, size_t i);
// Opens the other agencies; all confirm one another, and there is an accord of all.
void sea_agencies(Sea *s);
// Lets the others write and all share, carries what may flow, and lets an hour pass.
void sea_across(Sea *s);

#endif
