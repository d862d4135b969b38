// A node full of records with any marks, each of which can be told in any answer by a word that
// stands in no other; and a naive reading of docs/sight.md over them.
#ifndef MOEI_TESTS_DESK_OUTLETS_H
#define MOEI_TESTS_DESK_OUTLETS_H

#include "money.h"

#define SEA_RECORDS_MAX 2000
#define SEA_WORD_BYTES 12

typedef struct SeaRecord {
    RecordId id;
    char text[RECORD_ID_TEXT_BYTES];
    char kind[32];
    Str mark;                  // canonical JSON
    char word[SEA_WORD_BYTES]; // empty: none
    uint64_t asks;             // who sees the record and none of these acts does not see the word
    char sha256[65];           // of an attachment's bytes
    char number[16];           // of an order
    bool reads;                // stands in the log of reads
} SeaRecord;

typedef struct Sea {
    Money m;
    Rng rng;
    bool plain; // records made now have the mark that all see
    SeaRecord *all;
    size_t count;
    struct {
        char word[SEA_WORD_BYTES];
        uint64_t asks;
    } words[SEA_RECORDS_MAX];
    size_t word_count;
} Sea;

void sea_open(Sea *s, uint64_t seed);
void sea_done(Sea *s);
// Reads the ledger again: what there is now.
void sea_read(Sea *s);
// A user such as may log in, or any acts at all: the rule must hold all the same.
Desk sea_viewer(Sea *s);
bool sea_may(const Sea *s, const SeaRecord *r, const Desk *d);
bool sea_word_may(const Sea *s, const SeaRecord *r, const Desk *d);
const SeaRecord *sea_find(const Sea *s, Str id); // NULL: none

#endif
