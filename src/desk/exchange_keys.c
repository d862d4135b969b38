// Keys of our own: of links and of the log, and how they change (docs/exchange.md, keys).
//
// A new link key is in the log before it is used: until every confirmed peer has told that it has
// the `link` record, everything goes by the old one. A new log key signs from the next checkpoint
// on; the journal puts its record before all that only later heads prove.
#include "desk/exchange_priv.h"
#include "desk/share_priv.h"

// --- link keys ----------------------------------------------------------------------------------

typedef struct KeyRow {
    CryptoSignKey key;
    DeskKeyState state;
} KeyRow;

// The newest key, and the present one. *ret_found false: there is none yet.
static Err keys_read(Ctx *c, StoreDb *db, KeyRow *ret_newest, KeyRow *ret_present,
                     bool *ret_found) {
    AUTO(StoreQuery) q = store_stmt(db, LOCAL_LINK_KEY_LIST);
    bool newest = false, present = false;
    for (bool row = true; !present;) {
        KeyRow k;
        TRY(store_step(c, q, &row));
        if (!row)
            break;
        Str secret = store_col_str(q, 0);
        if (secret.n != sizeof k.key.b)
            return fail(c, E_CORRUPT, "a link key in %s is damaged", store_path(db));
        memcpy(k.key.b, secret.p, secret.n);
        k.state = (DeskKeyState)store_col_i64(q, 1);
        present = k.state == DESK_KEY_NEW || k.state == DESK_KEY_USED;
        if (!newest)
            *ret_newest = k;
        if (present)
            *ret_present = k;
        newest = true;
        crypto_wipe(&k, sizeof k);
    }
    *ret_found = present;
    return OK;
}

static Err key_make(Ctx *c, DeskNode *n, DeskKeyState state) {
    CryptoSeed seed;
    CryptoSignKey key;
    CryptoPublicKey public;
    crypto_random_fill(n->env.random, seed.b, sizeof seed.b);
    crypto_sign_key_from_seed(&seed, &key, &public);
    StoreStmt *q = store_stmt(n->local, LOCAL_LINK_KEY_ADD);
    store_bind_blob(q, ":public", public.b, sizeof public.b);
    store_bind_blob(q, ":secret", key.b, sizeof key.b);
    store_bind_i64(q, ":at", clock_now(n->env.clock));
    store_bind_i64(q, ":recorded", state);
    Err e = store_run(c, q);
    crypto_wipe(&seed, sizeof seed);
    crypto_wipe(&key, sizeof key);
    return e;
}

Err desk_link_keys(Ctx *c, DeskNode *n, CryptoSignKey **ret_keys, size_t *ret_n) {
    desk_local_lock(n);
    Err e = desk_secret_list(c, store_stmt(n->local, LOCAL_LINK_KEY_LIST), LINK_KEYS_MAX, ret_keys,
                             ret_n);
    desk_local_unlock(n);
    return e;
}

// --- the link key on another agency's card ------------------------------------------------------

static Err link_names(Ctx *c, const Record *link, const CryptoPublicKey *key, bool *ret_names) {
    Str hex;
    CryptoPublicKey named;
    TRY(json_get_str(c, link->body, "key", &hex));
    *ret_names =
        hex_decode(hex, named.b, sizeof named.b) && memcmp(named.b, key->b, sizeof named.b) == 0;
    return OK;
}

// Whether a `link` record that is here names the key, and the leaf behind the last of them.
static Err named_by_links(Ctx *c, DeskSlot *s, Str agency, const CryptoPublicKey *key,
                          bool *ret_named, int64_t *ret_behind) {
    const PictureScan *links;
    size_t n;
    *ret_named = false;
    *ret_behind = 0;
    TRY(picture_scan_kind(c, s->picture, agency, STR("link"), &links, &n));
    for (size_t i = 0; i < n; i++) {
        Record r;
        bool held, names;
        TRY(desk_body_at(c, s, links[i].place, &held, &r));
        if (!held)
            continue;
        TRY(link_names(c, &r, key, &names));
        *ret_named |= names;
        if (links[i].place.seq >= *ret_behind)
            *ret_behind = links[i].place.seq + 1;
    }
    return OK;
}

// A node that was set back may have missed that its peer rolled its key: then the peer's card says
// it. An old card that is confirmed once more brings no old key back, and neither does one that is
// signed by a log key which a recovery statement has ended: a thief can make such a card.
static Err card_key(Ctx *c, DeskSlot *s, const SyncCard *card, JournalPeer *p) {
    const LedgerStated *stated;
    SyncRecovery said;
    size_t count;
    bool named;
    int64_t behind;
    DeskHex hex = desk_hex(&card->agency);
    TRY(ledger_statement_list(c, s->ledger, &card->agency, &stated, &count));
    if (count > 0 && card->from_size <= stated[count - 1].good_size) {
        TRY(sync_recover_parse(c, stated[count - 1].statement, &said));
        p->has_card_key = true;
        p->card_key = said.next_link_key;
        p->card_from = said.good_size;
        return OK;
    }
    TRY(named_by_links(c, s, str_of(hex.text), &card->link_key, &named, &behind));
    if (named && p->has_card_key)
        return OK;
    p->has_card_key = true;
    p->card_key = card->link_key;
    if (!named && behind > p->card_from)
        p->card_from = behind;
    return OK;
}

bool desk_link_counts(const PictureLink *link, const JournalPeer *p) {
    return !p->has_card_key || (int64_t)link->seq >= p->card_from;
}

// Where the link key on the card is the one that counts from now on, or by which the agency speaks
// until then, the card is no old one, and its address is newer than that of any `link` record that
// is here.
Err desk_card_key(Ctx *c, DeskNode *n, const SyncCard *card, JournalPeer *p, bool *ret_fresh) {
    PictureLink link;
    DeskHex hex = desk_hex(&card->agency);
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_machine(c, n, &r));
    TRY(card_key(c, r.slot, card, p));
    Err e = picture_link_get(c, r.slot->picture, str_of(hex.text), &link);
    if (e != E_NOT_FOUND)
        TRY(e);
    const uint8_t *now = e == OK && desk_link_counts(&link, p) ? link.link_key : p->card_key.b;
    *ret_fresh = memcmp(now, card->link_key.b, sizeof card->link_key.b) == 0 ||
                 (p->has_spoke_key &&
                  memcmp(p->spoke_key.b, card->link_key.b, sizeof card->link_key.b) == 0);
    if (*ret_fresh && e == OK && card->address.n > 0)
        p->address_from = (int64_t)link.seq + 1;
    return OK;
}

// --- our own ------------------------------------------------------------------------------------

// A record about our own agency, under the mark of its genesis: a `link`, a `key`.
static Err own_record_add(Ctx *c, DeskWriting *w, DeskDraft draft) {
    RecordMark mark;
    {
        PictureAgency a;
        AUTO(DeskReading) r = {0};
        TRY(desk_reading_machine(c, w->node, &r));
        TRY(picture_agency_get(c, r.slot->picture, str_of(w->node->agency_id), &a));
        TRY(desk_mark_of(c, r.slot, a.id, &mark));
        draft.of = a.id;
    }
    draft.has_of = true;
    draft.mark = &mark;
    draft.purpose = "exchange";
    return desk_record_add(c, w, &draft, NULL);
}

// The `link` record that certifies the newest key, with our address.
static Err link_record(Ctx *c, DeskNode *n, DeskWriting *w, Str address) {
    const CryptoPublicKey *key = &n->exchange->newest_public;
    AUTO(Buf) body = {0};
    Str hex;
    TRY(desk_hex_text(c, key->b, sizeof key->b, &hex));
    JsonWriter j = json_writer_start(&body);
    json_put_object_begin(&j);
    desk_put_opt_str(&j, "address", address);
    json_put_key_str(&j, "key", hex);
    json_put_object_end(&j);
    TRY(json_writer_end(c, &j));
    return own_record_add(c, w, (DeskDraft){.kind = RECORD_LINK, .body = buf_view(&body)});
}

static Err state_set(Ctx *c, DeskNode *n, const CryptoPublicKey *public, DeskKeyState state) {
    desk_local_lock(n);
    StoreStmt *q = store_stmt(n->local, LOCAL_LINK_KEY_RECORDED);
    store_bind_blob(q, ":public", public->b, sizeof public->b);
    store_bind_i64(q, ":recorded", state);
    Err e = store_run(c, q);
    desk_local_unlock(n);
    return e;
}

// A crash may come between the record and what is said of it here: then the record is made again,
// and the last counts.
static Err record_newest(Ctx *c, DeskNode *n, DeskKeyState state) {
    AUTO(DeskWriting) w = {0};
    TRY(desk_writing_begin(c, n, NULL, &w));
    TRY(link_record(c, n, &w, (Str){0}));
    return state_set(c, n, &n->exchange->newest_public, state);
}

Err desk_link_key_open(Ctx *c, DeskNode *n) {
    KeyRow newest, present;
    bool found;
    TRY(keys_read(c, n->local, &newest, &present, &found));
    if (!found) {
        TRY(key_make(c, n, DESK_KEY_NEW));
        TRY(keys_read(c, n->local, &newest, &present, &found));
    }
    n->exchange->link_key = present.key;
    n->exchange->link_public = crypto_sign_key_public(&present.key);
    n->exchange->newest_public = crypto_sign_key_public(&newest.key);
    DeskKeyState state = newest.state;
    crypto_wipe(&newest, sizeof newest);
    crypto_wipe(&present, sizeof present);
    if (state == DESK_KEY_USED || state == DESK_KEY_WAITING || desk_exchange_silent(n))
        return OK;
    return record_newest(c, n, state == DESK_KEY_NEW ? DESK_KEY_USED : DESK_KEY_WAITING);
}

// The confirmed peers by whether they told to have this record of our log.
typedef struct Told {
    Str *lack, *have;
    size_t lack_n, have_n;
} Told;

static Err told_of(Ctx *c, DeskNode *n, int64_t seq, Told *ret_told) {
    DeskPeer *peers;
    Told t = {0};
    size_t count;
    TRY(desk_exchange_peers(c, n, &peers, &count));
    TRY(ctx_alloc(c, (count + 1) * sizeof *t.lack, &t.lack));
    TRY(ctx_alloc(c, (count + 1) * sizeof *t.have, &t.have));
    // Under the lock of writing, as all use of the ledger's own connection.
    pthread_mutex_lock(&n->write_lock);
    Err e = OK;
    for (size_t i = 0; e == OK && i < count; i++) {
        const DeskPeer *p = &peers[i];
        int64_t place = ledger_place_key((LedgerPlace){LEDGER_MAIN, seq});
        bool waits = true;
        if (!p->confirmed)
            continue;
        if (p->j.looked > seq)
            e = journal_find(c, ledger_db(n->ledger), &p->j, p->j.told, place, &waits);
        if (waits)
            t.lack[t.lack_n++] = str_of(p->name);
        else
            t.have[t.have_n++] = str_of(p->name);
    }
    pthread_mutex_unlock(&n->write_lock);
    TRY(e);
    *ret_told = t;
    return OK;
}

static Err own_link(Ctx *c, DeskNode *n, PictureLink *ret_link) {
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_machine(c, n, &r));
    return picture_link_get(c, r.slot->picture, str_of(n->agency_id), ret_link);
}

Err desk_link_key_switch(Ctx *c, DeskNode *n) {
    DeskExchange *x = n->exchange;
    PictureLink link;
    Told told;
    if (memcmp(x->newest_public.b, x->link_public.b, sizeof x->link_public.b) == 0 ||
        desk_exchange_silent(n))
        return OK;
    TRY(own_link(c, n, &link));
    if (memcmp(link.link_key, x->newest_public.b, sizeof link.link_key) != 0)
        return OK;
    TRY(told_of(c, n, (int64_t)link.seq, &told));
    if (told.lack_n > 0)
        return OK;
    TRY(state_set(c, n, &x->newest_public, DESK_KEY_USED));
    return desk_link_key_open(c, n);
}

Err desk_link_address_set(Ctx *c, DeskNode *n, Str url) {
    if (url.n > SYNC_ADDRESS_BYTES_MAX)
        return fail(c, E_INVALID, "the address for peers has at most %d bytes",
                    SYNC_ADDRESS_BYTES_MAX);
    AUTO(DeskWriting) w = {0};
    TRY(desk_writing_begin(c, n, NULL, &w));
    PictureLink link;
    TRY(own_link(c, n, &link));
    return str_eq(link.address, url) ? OK : link_record(c, n, &w, url);
}

Err desk_link_identity(Ctx *c, DeskNode *n, DeskLinkIdentity *ret_identity) {
    DeskLinkIdentity i = {.link_key = n->exchange->link_key};
    if (!desk_unhex(str_of(n->agency_id), &i.agency))
        return fail(c, E_CORRUPT, "the ledger names no agency");
    *ret_identity = i;
    crypto_wipe(&i, sizeof i);
    return OK;
}

// --- shown --------------------------------------------------------------------------------------

// One key as it is shown. `next`: one that waits to take its place, or NULL.
typedef struct KeyShown {
    const char *what;
    const CryptoPublicKey *key, *next;
    bool has_at, has_from;
    int64_t at, from, earlier;
} KeyShown;

static Err put_key(Ctx *c, const KeyShown *k, const Told *told, JsonWriter *w) {
    Str key, next = {0};
    TRY(desk_hex_text(c, k->key->b, sizeof k->key->b, &key));
    if (k->next)
        TRY(desk_hex_text(c, k->next->b, sizeof k->next->b, &next));
    json_put_object_begin(w);
    desk_put_opt_time(w, "at", k->has_at, k->at);
    json_put_key_i64(w, "earlier", k->earlier);
    desk_put_opt_i64(w, "from_size", k->has_from, k->from);
    json_put_key_str(w, "key", key);
    desk_put_strs(w, "known_by", told->have, told->have_n);
    desk_put_opt_str(w, "next", next);
    desk_put_strs(w, "waits_for", told->lack, told->lack_n);
    json_put_key_str(w, "what", str_of(k->what));
    json_put_object_end(w);
    return OK;
}

typedef struct LogKey {
    CryptoPublicKey key;
    int64_t at, from, seq; // seq 0: the key of the genesis, which no peer lacks
    int64_t earlier;       // keys before it
} LogKey;

// The newest key of our log main, and the record that names it.
static Err log_key_now(Ctx *c, DeskNode *n, DeskSlot *s, LogKey *ret_key) {
    const PictureScan *items;
    size_t count;
    LogKey k = {0};
    TRY(ledger_log_key(c, s->ledger, LEDGER_MAIN, 1, &k.key));
    TRY(picture_scan_kind(c, s->picture, str_of(n->agency_id), STR("key"), &items, &count));
    for (size_t i = 0; i < count; i++) {
        Record r;
        Str hex, log;
        bool held;
        TRY(desk_body_at(c, s, items[i].place, &held, &r));
        if (!held || items[i].place.seq < k.seq)
            continue;
        TRY(json_get_str(c, r.body, "log", &log));
        TRY(json_get_str(c, r.body, "log_key", &hex));
        if (!str_eq_c(log, "main") || !hex_decode(hex, k.key.b, sizeof k.key.b))
            continue;
        TRY(json_get_int(c, r.body, "from_size", &k.from));
        k.at = r.at_us;
        k.seq = items[i].place.seq;
        k.earlier++;
    }
    *ret_key = k;
    return OK;
}

static Err put_log_key(Ctx *c, DeskNode *n, DeskSlot *s, JsonWriter *w) {
    LogKey k;
    Told told = {0};
    TRY(log_key_now(c, n, s, &k));
    if (k.seq > 0)
        TRY(told_of(c, n, k.seq, &told));
    const KeyShown shown = {.what = "log",
                            .key = &k.key,
                            .has_at = k.seq > 0,
                            .has_from = k.seq > 0,
                            .at = k.at,
                            .from = k.from,
                            .earlier = k.earlier};
    return put_key(c, &shown, &told, w);
}

// The first record that names the newest link key: a later one may say another address alone.
// *ret_seq -1: there is none yet, as in a node that is being restored.
static Err link_key_record(Ctx *c, DeskNode *n, DeskSlot *s, int64_t *ret_at, int64_t *ret_seq) {
    const PictureScan *items;
    size_t count;
    int64_t at = 0, seq = INT64_MAX;
    TRY(picture_scan_kind(c, s->picture, str_of(n->agency_id), STR("link"), &items, &count));
    for (size_t i = 0; i < count; i++) {
        Record r;
        bool held, names;
        TRY(desk_body_at(c, s, items[i].place, &held, &r));
        if (!held || items[i].place.seq >= seq)
            continue;
        TRY(link_names(c, &r, &n->exchange->newest_public, &names));
        if (!names)
            continue;
        at = r.at_us;
        seq = items[i].place.seq;
    }
    *ret_at = at;
    *ret_seq = seq == INT64_MAX ? -1 : seq;
    return OK;
}

static Err put_link_key(Ctx *c, DeskNode *n, DeskSlot *s, JsonWriter *w) {
    const DeskExchange *x = n->exchange;
    CryptoSignKey *keys;
    Told told = {0};
    int64_t at, seq;
    size_t count;
    bool waits = memcmp(x->newest_public.b, x->link_public.b, sizeof x->link_public.b) != 0;
    TRY(link_key_record(c, n, s, &at, &seq));
    if (seq >= 0)
        TRY(told_of(c, n, seq, &told));
    TRY(desk_link_keys(c, n, &keys, &count));
    crypto_wipe(keys, count * sizeof *keys);
    const KeyShown shown = {.what = "link",
                            .key = &x->link_public,
                            .next = waits ? &x->newest_public : NULL,
                            .has_at = seq >= 0,
                            .at = at,
                            .earlier = (int64_t)count - 1 - waits};
    return put_key(c, &shown, &told, w);
}

Err desk_keys_put(Ctx *c, DeskNode *n, JsonWriter *w) {
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_machine(c, n, &r));
    json_put_array_begin(w);
    TRY(put_log_key(c, n, r.slot, w));
    TRY(put_link_key(c, n, r.slot, w));
    json_put_array_end(w);
    return OK;
}

// --- rolling ------------------------------------------------------------------------------------

static Err put_rolled(Ctx *c, DeskNode *n, const char *what, const CryptoPublicKey *key,
                      int64_t seq, int64_t from, Buf *out) {
    Told told;
    Str hex;
    TRY(told_of(c, n, seq, &told));
    TRY(desk_hex_text(c, key->b, sizeof key->b, &hex));
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    desk_put_opt_i64(&w, "from_size", from > 0, from);
    json_put_key_str(&w, "key", hex);
    desk_put_strs(&w, "waits_for", told.lack, told.lack_n);
    json_put_key_str(&w, "what", str_of(what));
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

static Err roll_link(Ctx *c, const Desk *d, Buf *out) {
    DeskNode *n = d->node;
    DeskExchange *x = n->exchange;
    PictureLink link;
    TRY(own_link(c, n, &link));
    {
        AUTO(DeskWriting) w = {0};
        KeyRow newest, present;
        bool found;
        TRY(desk_writing_begin(c, n, d, &w));
        if (memcmp(x->newest_public.b, x->link_public.b, sizeof x->link_public.b) != 0)
            return fail(c, E_STATE,
                        "a new link key is on its way already: it comes into use when all peers "
                        "have its record and this node was started again; revoke a peer that does "
                        "not answer any more");
        desk_local_lock(n);
        Err e = key_make(c, n, DESK_KEY_ROLLED);
        e = e == OK ? keys_read(c, n->local, &newest, &present, &found) : e;
        desk_local_unlock(n);
        TRY(e);
        x->newest_public = crypto_sign_key_public(&newest.key);
        crypto_wipe(&newest, sizeof newest);
        crypto_wipe(&present, sizeof present);
        TRY(link_record(c, n, &w, link.address));
        TRY(state_set(c, n, &x->newest_public, DESK_KEY_WAITING));
    }
    TRY(own_link(c, n, &link));
    return put_rolled(c, n, "link", &x->newest_public, (int64_t)link.seq, 0, out);
}

// In local.db before it is in the log: a key that the log does not name harms nobody.
static Err keep_log_key(Ctx *c, DeskNode *n, const CryptoSignKey *key, int64_t from) {
    CryptoPublicKey public = crypto_sign_key_public(key);
    desk_local_lock(n);
    StoreStmt *q = store_stmt(n->local, LOCAL_LOG_KEY_ADD);
    store_bind_blob(q, ":public", public.b, sizeof public.b);
    store_bind_blob(q, ":secret", key->b, sizeof key->b);
    store_bind_i64(q, ":from_size", from);
    Err e = store_run(c, q);
    desk_local_unlock(n);
    return e;
}

static Err key_record(Ctx *c, DeskWriting *w, const CryptoSignKey *key, int64_t from) {
    CryptoPublicKey public = crypto_sign_key_public(key);
    AUTO(Buf) body = {0};
    buf_format(&body, "{\"from_size\":%lld,\"log\":\"main\",\"log_key\":\"", (long long)from);
    buf_hex(&body, public.b, sizeof public.b);
    buf_text(&body, "\"}");
    TRY(buf_check(c, &body));
    return own_record_add(
        c, w, (DeskDraft){.kind = RECORD_KEY, .next_log_key = key, .body = buf_view(&body)});
}

static Err roll_log(Ctx *c, const Desk *d, Buf *out) {
    DeskNode *n = d->node;
    CryptoSeed seed;
    CryptoSignKey key;
    CryptoPublicKey public;
    int64_t size;
    crypto_random_fill(n->env.random, seed.b, sizeof seed.b);
    crypto_sign_key_from_seed(&seed, &key, &public);
    crypto_wipe(&seed, sizeof seed);
    Err e;
    {
        AUTO(DeskWriting) w = {0};
        e = desk_writing_begin(c, n, d, &w);
        size = e == OK ? ledger_size(n->ledger, LEDGER_MAIN) : 0;
        // The checkpoint of the record itself is the last one that the old key signs.
        e = e == OK ? keep_log_key(c, n, &key, size + 2) : e;
        e = e == OK ? key_record(c, &w, &key, size + 2) : e;
    }
    crypto_wipe(&key, sizeof key);
    TRY(e);
    return put_rolled(c, n, "log", &public, size, size + 2, out);
}

Err desk_key_roll(Ctx *c, const Desk *d, DeskKeyWhich which, Buf *out) {
    TRY(desk_need(c, d, DESK_LINK_WRITE));
    return which == DESK_KEY_OF_LINK ? roll_link(c, d, out) : roll_log(c, d, out);
}
