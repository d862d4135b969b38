// Written from docs/sight.md, not from the desk's code: on the text of the mark.
#include "naive_sight.h"

#include <stdio.h>

static bool open_to(Str mark, const char *member, Str wanted) {
    char open[32], quoted[128];
    size_t at, end;
    snprintf(open, sizeof open, "\"%s\":[", member);
    snprintf(quoted, sizeof quoted, "\"" STR_FMT "\"", STR_ARG(wanted));
    assert_true(str_find(mark, str_of(open), &at));
    Str list = {mark.p + at + strlen(open), mark.n - at - strlen(open)};
    assert_true(str_find(list, STR("]"), &end));
    list.n = end;
    return list.n == 0 || str_find(list, str_of(quoted), &at);
}

bool naive_names(Str mark, Str agency) {
    size_t at;
    return !str_find(mark, STR("\"to\":[]"), &at) && open_to(mark, "to", agency);
}

bool naive_may(Str mark, const char *kind, const Desk *d, Str agency) {
    static const char *const levels[] = {"CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"};
    int level = 0;
    for (int i = 0; i < 5; i++) {
        char text[40];
        size_t at;
        snprintf(text, sizeof text, "\"tlp\":\"%s\"", levels[i]);
        if (str_find(mark, str_of(text), &at))
            level = i;
    }
    if (strcmp(kind, "victim") == 0 && !desk_may(d, DESK_VICTIM_READ))
        return false;
    if (strcmp(kind, "grievance") == 0 && !desk_may(d, DESK_GRIEVANCE_READ))
        return false;
    return level <= d->clearance && open_to(mark, "purposes", d->purpose) &&
           open_to(mark, "to", agency);
}
