// The rule of docs/sight.md once more, naively.
#ifndef MOEI_TESTS_DESK_NAIVE_SIGHT_H
#define MOEI_TESTS_DESK_NAIVE_SIGHT_H

#include "desk/desk.h"
#include "test.h"

// Whether the user may see a record of this kind; `mark` is its canonical JSON, `agency` ours.
bool naive_may(Str mark, const char *kind, const Desk *d, Str agency);
// Whether the mark names this agency in `to`.
bool naive_names(Str mark, Str agency);

#endif
