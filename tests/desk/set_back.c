#include "set_back.h"

#define WORDS "long enough words"

Str duo_backup(Duo *d, const char *name) {
    Str file = world_path(&d->th.w, name), kept;
    assert_ok(&d->c, desk_backup(&d->c, d->th.w.node, file, STR(WORDS), (DeskProgress){0}));
    assert_ok(&d->c, str_copy(&d->c, file, &kept));
    return kept;
}

void duo_shut(Duo *d) {
    desk_close(d->th.w.node);
    d->th.w.node = NULL;
}

void duo_reopen(Duo *d) {
    Side *s = &d->th;
    world_reopen(&s->w);
    assert_ok(&d->c,
              desk_unlock(&d->c, &s->w.desk, str_of(s->w.secrets.officer_password), &s->key));
}

void duo_set_back(Duo *d, Str copy, const char *name) {
    World *w = &d->th.w;
    if (w->node)
        duo_shut(d);
    snprintf(w->dir, sizeof w->dir, "%s/%s", w->folder, name);
    assert_ok(&d->c,
              desk_recover(&d->c, &w->env, str_of(w->dir), copy, STR(WORDS), (DeskProgress){0}));
}

int64_t duo_size(Duo *d) {
    return ledger_size(d->th.w.node->ledger, LEDGER_MAIN);
}

int64_t duo_size_shut(Duo *d) {
    duo_reopen(d);
    int64_t n = duo_size(d);
    duo_shut(d);
    return n;
}

Err duo_recover(Duo *d, int64_t good_size, bool compromised) {
    DeskRecoverAsk ask = {.good_size = good_size,
                          .recovery_key = str_of(d->th.w.secrets.recovery_key),
                          .compromised = compromised};
    return desk_recover_statement(&d->c, &d->th.w.env, str_of(d->th.w.dir), &ask);
}
