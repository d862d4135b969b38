// TH of a Duo loses its folder or its keys, and goes on.
#ifndef MOEI_TESTS_DESK_SET_BACK_H
#define MOEI_TESTS_DESK_SET_BACK_H

#include "duo.h"

Str duo_backup(Duo *d, const char *name); // its path; lives as long as the Duo
void duo_shut(Duo *d);
void duo_reopen(Duo *d);
// The folder is lost and made again from the copy in one of this name; the node is not open yet.
void duo_set_back(Duo *d, Str copy, const char *name);
int64_t duo_size(Duo *d);
int64_t duo_size_shut(Duo *d); // of a node that is shut
// A statement by the recovery key, for the folder of a node that is shut.
Err duo_recover(Duo *d, int64_t good_size, bool compromised);

#endif
