// A node in a folder of its own, with a clock and randomness that a test can repeat.
#ifndef MOEI_TESTS_DESK_NODE_H
#define MOEI_TESTS_DESK_NODE_H

#include "desk/desk.h"
#include "test.h"

typedef struct World {
    Ctx c;
    char folder[64];
    char dir[96]; // the node's, inside
    DeskEnv env;
    int64_t now;
    CryptoRandomSeeded random;
    DeskNode *node;
    Desk desk; // the officer
    DeskSecrets secrets;
} World;

// The folder alone; the folder with an open node.
void world_folder(World *w);
void world_open(World *w, bool demo);
// Another agency, at a time of its own (µs, 0: the usual one).
void world_open_at(World *w, const char *country, const char *kind, int64_t now);
// One whose keys are not those of the others.
void world_open_seeded(World *w, uint64_t seed, const char *country, const char *kind);
void world_done(World *w);
// Closes the node and opens it again.
void world_reopen(World *w);
Str world_path(World *w, const char *name); // in the folder, not in the node's

// A file in the folder with this text.
Str world_file(World *w, const char *name, const char *text);
// Imports a file with this text; the import itself must not fail.
DeskImportResult world_transfers(World *w, const char *name, const char *text);
DeskImportResult world_reports(World *w, const char *name, const char *text);

#define TRANSFER_HEADER                                                                            \
    "id,booked_at,from_country,from_institution,from_account,to_country,to_institution,"           \
    "to_account,amount,currency,credited_amount,credited_currency,from_balance,to_balance,seq,"    \
    "channel,memo\n"
#define REPORT_HEADER                                                                              \
    "id,reported_at,victim,country,channel,loss,currency,transfers,accounts,phones,urls,story\n"

// The JSON of a trace of these reports (by commas), in the request's arena.
Str world_trace(World *w, const char *reports, TraceRule rule);
// True when a file under `path` holds the bytes. Which one, in `ret_name`, when not NULL.
bool world_grep(World *w, const char *path, Str bytes, Str *ret_name);

// The golden example of docs/trace.md, as files: reports P, M, K.
extern const char golden_transfers[], golden_reports[];

#endif
