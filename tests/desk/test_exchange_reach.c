// Keys that change reach everybody: over a link under keys that nobody knows yet, through another
// agency, by file, and after a long time (docs/protocol-sync.md, 9); and what a thief gets.
#include "desk/exchange_priv.h"
#include "groups.h"
#include "set_back.h"

static Str statements(Duo *d) {
    Str s;
    assert_ok(&d->c, str_copy(&d->c, desk_statements_own(d->th.w.node), &s));
    return s;
}

// What a stranger brings to MM; whether it was taken.
static bool bring(Duo *d, Side *to, const CryptoHash *asked, Str bytes) {
    bool taken;
    assert_ok(&d->c, desk_statements_offer(&d->c, to->w.node, asked, bytes, &taken));
    return taken;
}

static bool speaks(Duo *d, Side *at, CryptoPublicKey key) {
    CryptoHash whose;
    Err e = desk_link_peer(&d->c, at->w.node, &key, &whose);
    if (e != E_DENIED)
        assert_ok(&d->c, e);
    return e == OK;
}

static Str report(Duo *d, const char *id) {
    Str r = duo_report(d, &d->th, id, ""), to = STR("mm");
    duo_share(d, &d->th, r, (DeskShareDraft){.tlp = STR("AMBER"), .to = &to, .to_count = 1});
    return r;
}

static int64_t size_at(Side *s) {
    return ledger_size(s->w.node->ledger, LEDGER_MAIN);
}

// --- brought by a stranger ----------------------------------------------------------------------

// A thief has the whole folder: his messages, and what was made before the keys changed.
static void thief(Duo *d, const char *dir, Buf *out) {
    CryptoHash mm = duo_id(&d->mm);
    DeskNode *own = d->th.w.node, *stolen;
    DeskSyncAsk ask = {0};
    bool news;
    d->th.w.node = NULL;
    desk_close(own);
    assert_ok(&d->c, desk_open(&d->c, &d->th.w.env, str_of(dir), &stolen));
    assert_ok(&d->c, desk_sync_make(&d->c, stolen, &mm, &ask, out, &news));
    desk_close(stolen);
    duo_reopen(d);
}

static void test_brought(void **state) {
    (void)state;
    Duo d;
    Side kh;
    AUTO(Buf) stolen = {0}, wrong = {0};
    DeskSyncTaken taken;
    char old_dir[sizeof d.th.w.dir];
    duo_open(&d);
    duo_side_open(&kh, 23, "KH", "centre");
    Str first = report(&d, "A");
    duo_carry(&d);
    CryptoPublicKey old = duo_link_key(&d.th);
    CryptoHash th = duo_id(&d.th), mm = duo_id(&d.mm);
    Str copy = duo_backup(&d, "copy");
    Str lost = report(&d, "B");
    duo_carry(&d);
    assert_true(duo_sees(&d, &d.mm, lost));
    memcpy(old_dir, d.th.w.dir, sizeof old_dir);
    duo_set_back(&d, copy, "again");
    int64_t good = duo_size_shut(&d);
    assert_ok(&d.c, duo_recover(&d, good, true));
    duo_reopen(&d);
    assert_false(speaks(&d, &d.mm, duo_link_key(&d.th)));
    Str one = statements(&d);
    assert_int_equal(one.n, SYNC_RECOVER_BYTES);
    int64_t before = size_at(&d.mm);
    bool any;
    // Cut at every byte, doubled, too many, and with each bit wrong.
    for (size_t i = 0; i < one.n; i++) {
        assert_int_equal(desk_statements_offer(&d.c, d.mm.w.node, NULL, (Str){one.p, i}, &any),
                         E_INVALID);
        for (int bit = 0; bit < 8; bit += 3) {
            buf_clear(&wrong);
            buf_str(&wrong, one);
            wrong.p[i] = (char)(wrong.p[i] ^ (1 << bit));
            assert_false(bring(&d, &d.mm, NULL, buf_view(&wrong)));
        }
    }
    // To who has not confirmed us; for another agency than was asked; of MM itself.
    assert_false(bring(&d, &kh, NULL, one));
    assert_false(bring(&d, &d.mm, &mm, one));
    assert_false(bring(&d, &d.th, NULL, one));
    assert_int_equal(size_at(&d.mm), before);
    assert_false(speaks(&d, &d.mm, duo_link_key(&d.th)));
    // Whole: the key counts at once, the old one no more, and what lies behind is let go of.
    assert_true(bring(&d, &d.mm, &th, one));
    assert_true(speaks(&d, &d.mm, duo_link_key(&d.th)));
    assert_false(speaks(&d, &d.mm, old));
    assert_true(duo_sees(&d, &d.mm, first));
    assert_false(duo_sees(&d, &d.mm, lost));
    AUTO(Buf) json = {0};
    assert_ok(&d.c, desk_exchange_json(&d.c, &d.mm.w.desk, &json));
    const JsonValue *alarms = duo_list(duo_read(&d, &json), "alarms");
    assert_int_equal(alarms->count, 1);
    assert_true(str_eq_c(duo_str(&alarms->items[0], "what"), "anew"));
    assert_true(str_eq_c(duo_str(&alarms->items[0], "name"), "th"));
    // A flood of the same: nothing is written.
    before = size_at(&d.mm);
    for (int i = 0; i < 300; i++)
        assert_false(bring(&d, &d.mm, NULL, one));
    assert_int_equal(size_at(&d.mm), before);
    char own_dir[sizeof d.th.w.dir];
    memcpy(own_dir, d.th.w.dir, sizeof own_dir);
    thief(&d, old_dir, &stolen);
    assert_int_equal(desk_sync_take(&d.c, d.mm.w.node, &th, buf_view(&stolen), &taken), E_DENIED);
    Str after = report(&d, "C");
    duo_carry(&d);
    assert_true(duo_sees(&d, &d.mm, after));
    duo_sound(&d, &d.mm);
    duo_sound(&d, &d.th);
    world_done(&kh.w);
    duo_done(&d);
}

// A second statement: the first, played again, brings nothing back; one that goes back further
// takes what the first had left; who was away for both gets both.
static void test_played_again(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) doubled = {0};
    duo_open(&d);
    Str kept = report(&d, "A");
    duo_carry(&d);
    Str early = duo_backup(&d, "early");
    int64_t good = duo_size(&d);
    Str between = report(&d, "B");
    duo_carry(&d);
    Str late = duo_backup(&d, "late");
    Str gone = report(&d, "C");
    duo_carry(&d);
    duo_set_back(&d, late, "second");
    assert_ok(&d.c, duo_recover(&d, duo_size_shut(&d), true));
    duo_reopen(&d);
    Str first = statements(&d);
    CryptoPublicKey stolen = duo_link_key(&d.th);
    assert_true(bring(&d, &d.mm, NULL, first));
    duo_carry(&d);
    assert_true(duo_sees(&d, &d.mm, kept) && duo_sees(&d, &d.mm, between));
    assert_false(duo_sees(&d, &d.mm, gone));
    // These keys are stolen, too, and the newest good copy is the earlier one.
    duo_set_back(&d, early, "third");
    d.th.w.now += 60000000;
    assert_true(duo_size_shut(&d) >= good);
    assert_ok(&d.c, duo_recover(&d, duo_size_shut(&d), true));
    duo_reopen(&d);
    Str second = statements(&d);
    assert_true(bring(&d, &d.mm, NULL, second));
    assert_false(speaks(&d, &d.mm, stolen));
    assert_false(duo_sees(&d, &d.mm, between));
    assert_true(duo_sees(&d, &d.mm, kept));
    int64_t before = size_at(&d.mm);
    assert_false(bring(&d, &d.mm, NULL, first));
    buf_str(&doubled, second);
    buf_str(&doubled, first);
    assert_false(bring(&d, &d.mm, NULL, buf_view(&doubled)));
    assert_int_equal(size_at(&d.mm), before);
    assert_false(speaks(&d, &d.mm, stolen));
    assert_true(speaks(&d, &d.mm, duo_link_key(&d.th)));
    Str after = report(&d, "D");
    duo_carry(&d);
    assert_true(duo_sees(&d, &d.mm, after));
    world_reopen(&d.mm.w);
    assert_true(speaks(&d, &d.mm, duo_link_key(&d.th)));
    assert_false(speaks(&d, &d.mm, stolen));
    duo_sound(&d, &d.mm);
    duo_done(&d);
}

// Names of the logs of TH at MM: a log that began anew is one more, and called like the first.
static void test_logs_that_began_anew(void **state) {
    (void)state;
    Duo d;
    const LedgerLogInfo *logs;
    size_t n, ended = 0, goes_on = 0;
    duo_open(&d);
    Str copy = duo_backup(&d, "copy");
    (void)report(&d, "A");
    duo_carry(&d);
    CryptoHash th = duo_id(&d.th);
    for (int i = 0; i < 2; i++) {
        duo_set_back(&d, copy, i ? "third" : "second");
        d.th.w.now += 60000000;
        assert_ok(&d.c, duo_recover(&d, duo_size_shut(&d), true));
        duo_reopen(&d);
        assert_true(bring(&d, &d.mm, NULL, statements(&d)));
        Str new_one = report(&d, i ? "C" : "B");
        duo_carry(&d);
        assert_true(duo_sees(&d, &d.mm, new_one));
    }
    world_reopen(&d.mm.w);
    AUTO(DeskReading) r = {0};
    assert_ok(&d.c, desk_reading_machine(&d.c, d.mm.w.node, &r));
    assert_ok(&d.c, ledger_log_list(&d.c, r.slot->ledger, &logs, &n));
    for (size_t i = 0; i < n; i++) {
        if (memcmp(logs[i].agency.b, th.b, sizeof th.b) != 0)
            continue;
        assert_true(str_eq_c(logs[i].name, "main"));
        ended += logs[i].frozen;
        goes_on += !logs[i].frozen;
        uint32_t first;
        assert_ok(&d.c, ledger_log_first(&d.c, r.slot->ledger, logs[i].log, &first));
        assert_true(first <= logs[i].log);
    }
    assert_int_equal(ended, 2);
    assert_int_equal(goes_on, 1);
    const LedgerStated *said;
    assert_ok(&d.c, ledger_statement_list(&d.c, r.slot->ledger, &th, &said, &n));
    assert_int_equal(n, 2);
    assert_true(said[0].at_us < said[1].at_us && said[0].next_log == said[1].log);
    DeskRebuild rebuilt;
    DeskReading_cleanup(&r);
    r = (DeskReading){0};
    assert_ok(&d.c, desk_rebuild(&d.c, d.mm.w.node, (DeskProgress){0}, &rebuilt));
    assert_true(rebuilt.compared && rebuilt.equal);
    duo_sound(&d, &d.mm);
    duo_done(&d);
}

// --- everybody ----------------------------------------------------------------------------------

// TH's peers: MM on a link, LA by file, VN that is away for long; KH knows it by MM alone.
typedef struct Region {
    Duo d;
    Side kh, la, vn;
} Region;

static void confirm_relay(Duo *d, Side *s, Side *other, const char *name) {
    AUTO(Buf) json = {0};
    DeskPeerDraft draft = {.card = duo_card(d, other), .name = str_of(name), .relay = true};
    assert_ok(&d->c, desk_peer_add(&d->c, &s->w.desk, &draft, &json));
}

static void region_carry(Region *r, bool away) {
    for (int i = 0; i < 3; i++) {
        duo_carry(&r->d);
        duo_carry_between(&r->d, &r->d.mm, &r->kh);
        duo_bundle(&r->d, &r->d.th, &r->la, "la");
        duo_bundle(&r->d, &r->la, &r->d.th, "th");
        if (!away)
            duo_carry_between(&r->d, &r->d.th, &r->vn);
    }
}

static void region_open(Region *r) {
    memset(r, 0, sizeof *r);
    duo_open_apart(&r->d);
    duo_side_open(&r->kh, 23, "KH", "centre");
    duo_side_open(&r->la, 24, "LA", "centre");
    duo_side_open(&r->vn, 25, "VN", "centre");
    Side *th = &r->d.th, *mm = &r->d.mm;
    confirm_relay(&r->d, th, mm, "mm");
    confirm_relay(&r->d, mm, th, "th");
    confirm_relay(&r->d, mm, &r->kh, "kh");
    confirm_relay(&r->d, &r->kh, mm, "mm");
    duo_confirm(&r->d, th, &r->la, "la", "");
    duo_confirm(&r->d, &r->la, th, "th", "");
    duo_confirm(&r->d, th, &r->vn, "vn", "");
    duo_confirm(&r->d, &r->vn, th, "th", "");
    region_carry(r, false);
}

static void region_done(Region *r) {
    world_done(&r->kh.w);
    world_done(&r->la.w);
    world_done(&r->vn.w);
    duo_done(&r->d);
}

// A report that is shared with all peers, and which MM may pass on to KH.
static Str for_all(Region *r, const char *id, bool away) {
    Duo *d = &r->d;
    Str to[] = {STR("mm"), STR("la"), STR("vn")};
    Str made = duo_report(d, &d->th, id, "");
    duo_share(d, &d->th, made,
              (DeskShareDraft){.tlp = STR("AMBER"), .to = to, .to_count = COUNT_OF(to)});
    region_carry(r, away);
    if (!duo_sees(d, &d->mm, made))
        fail_msg("MM does not see %s", id);
    Str notice = duo_ask_to_pass_on(d, made);
    region_carry(r, away);
    duo_grant(d, notice);
    region_carry(r, away);
    return made;
}

// The newest head of TH that a side verified is behind `size`, and signed by the key that holds
// there.
static void follows(Region *r, Side *s, const char *name, int64_t size, Str made) {
    Ctx *c = &r->d.c;
    CryptoHash th = duo_id(&r->d.th);
    LedgerCheckpoint head;
    CryptoPublicKey key, own;
    uint32_t log;
    if (!duo_sees(&r->d, s, made))
        fail_msg("%s does not see the report", name);
    AUTO(DeskReading) at = {0}, home = {0};
    assert_ok(c, desk_reading_machine(c, s->w.node, &at));
    assert_ok(c, desk_reading_machine(c, r->d.th.w.node, &home));
    assert_ok(c, ledger_log_find(c, at.slot->ledger, &th, &log));
    assert_ok(c, ledger_log_key(c, at.slot->ledger, log, size, &key));
    assert_ok(c, ledger_log_key(c, home.slot->ledger, LEDGER_MAIN, size, &own));
    if (memcmp(key.b, own.b, sizeof key.b) != 0)
        fail_msg("%s does not know the log key of size %lld", name, (long long)size);
    if (s == &r->kh)
        return; // no peer of TH: its heads may stand apart
    assert_ok(c, ledger_checkpoint(c, at.slot->ledger, log, &head));
    assert_true(head.size >= size);
}

static void all_follow(Region *r, int64_t size, Str made, bool away) {
    follows(r, &r->d.mm, "MM", size, made);
    follows(r, &r->kh, "KH", size, made);
    follows(r, &r->la, "LA", size, made);
    if (!away)
        follows(r, &r->vn, "VN", size, made);
    duo_sound(&r->d, &r->d.mm);
    duo_sound(&r->d, &r->kh);
    duo_sound(&r->d, &r->la);
    duo_sound(&r->d, &r->vn);
}

static void roll(Region *r, DeskKeyWhich which) {
    AUTO(Buf) json = {0};
    Desk admin = duo_admin(&r->d, &r->d.th);
    assert_ok(&r->d.c, desk_key_roll(&r->d.c, &admin, which, &json));
}

static void test_everybody(void **state) {
    (void)state;
    Region *r = mem_alloc_zero(1, sizeof *r);
    assert_non_null(r);
    region_open(r);
    Duo *d = &r->d;
    // VN goes away; the log key rolls, twice.
    Str before = for_all(r, "A", false);
    roll(r, DESK_KEY_OF_LOG);
    Str made = for_all(r, "B", true);
    roll(r, DESK_KEY_OF_LOG);
    made = for_all(r, "C", true);
    all_follow(r, duo_size(d) - 10, made, true);
    // The keys are stolen, and so is what was said behind the copy.
    Str copy = duo_backup(d, "copy");
    int64_t good = duo_size(d);
    Str stolen = for_all(r, "D", true);
    duo_set_back(d, copy, "again");
    assert_ok(&d->c, duo_recover(d, duo_size_shut(d), true));
    duo_reopen(d);
    assert_true(bring(d, &d->mm, NULL, statements(d))); // by its call
    made = for_all(r, "E", true);
    all_follow(r, good + 1, made, true);
    assert_false(duo_sees(d, &d->mm, stolen) || duo_sees(d, &r->la, stolen));
    assert_false(duo_sees(d, &r->kh, stolen));
    assert_true(duo_sees(d, &r->kh, before));
    // VN is back after all that, and asks who answers with another key.
    CryptoHash th = duo_id(&d->th);
    assert_false(speaks(d, &r->vn, duo_link_key(&d->th)));
    assert_true(bring(d, &r->vn, &th, statements(d)));
    region_carry(r, false);
    all_follow(r, good + 1, made, false);
    // The link key rolls, too, when all know it.
    CryptoPublicKey old = duo_link_key(&d->th), now;
    roll(r, DESK_KEY_OF_LINK);
    region_carry(r, false);
    duo_reopen(d);
    now = duo_link_key(&d->th);
    assert_memory_not_equal(now.b, old.b, sizeof now.b);
    made = for_all(r, "F", false);
    all_follow(r, duo_size(d) - 10, made, false);
    assert_true(speaks(d, &d->mm, now) && speaks(d, &r->la, now) && speaks(d, &r->vn, now));
    assert_false(speaks(d, &d->mm, old) || speaks(d, &r->la, old) || speaks(d, &r->vn, old));
    region_done(r);
    mem_free(r);
}

// --- cards --------------------------------------------------------------------------------------

static void confirm_card(Duo *d, Side *s, Str card, const char *name) {
    AUTO(Buf) json = {0};
    DeskPeerDraft draft = {.card = card, .name = str_of(name)};
    assert_ok(&d->c, desk_peer_add(&d->c, &s->w.desk, &draft, &json));
}

// TH missed that MM rolled its link key: a fresh card says it, and an old one brings nothing back.
static void test_missed_roll(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    duo_open(&d);
    duo_carry(&d);
    Str copy = duo_backup(&d, "copy"), old_card = duo_card(&d, &d.mm);
    CryptoPublicKey old = duo_link_key(&d.mm), now;
    Desk admin = duo_admin(&d, &d.mm);
    assert_ok(&d.c, desk_key_roll(&d.c, &admin, DESK_KEY_OF_LINK, &json));
    duo_carry(&d);
    world_reopen(&d.mm.w);
    assert_ok(&d.c,
              desk_unlock(&d.c, &d.mm.w.desk, str_of(d.mm.w.secrets.officer_password), &d.mm.key));
    now = duo_link_key(&d.mm);
    assert_memory_not_equal(now.b, old.b, sizeof now.b);
    duo_carry(&d);
    assert_true(speaks(&d, &d.th, now));
    duo_set_back(&d, copy, "again");
    assert_ok(&d.c, duo_recover(&d, duo_size_shut(&d), false));
    duo_reopen(&d);
    assert_false(speaks(&d, &d.th, now));
    Str new_card = duo_card(&d, &d.mm);
    confirm_card(&d, &d.th, new_card, "mm");
    assert_true(speaks(&d, &d.th, now));
    confirm_card(&d, &d.th, old_card, "mm");
    assert_true(speaks(&d, &d.th, now));
    Str made = report(&d, "A");
    duo_carry(&d);
    assert_true(duo_sees(&d, &d.mm, made));
    assert_false(speaks(&d, &d.th, old));
    confirm_card(&d, &d.th, old_card, "mm");
    assert_false(speaks(&d, &d.th, old));
    assert_true(speaks(&d, &d.th, now));
    duo_done(&d);
}

// Where MM calls TH, as the links and the page say.
static void called_at(Duo *d, const char *address) {
    AUTO(Buf) json = {0};
    const DeskLink *links;
    size_t n;
    assert_ok(&d->c, desk_exchange_fresh(&d->c, d->mm.w.node));
    assert_ok(&d->c, desk_link_list(&d->c, d->mm.w.node, &links, &n));
    assert_int_equal(n, 1);
    if (!str_eq_c(links[0].address, address))
        fail_msg("%.*s, not %s", (int)links[0].address.n, links[0].address.p, address);
    assert_ok(&d->c, desk_peer_json(&d->c, &d->mm.w.desk, STR("th"), &json));
    assert_true(str_eq_c(duo_str(duo_read(d, &json), "address"), address));
}

static void moves(Duo *d, const char *address) {
    assert_ok(&d->c, desk_link_address_set(&d->c, d->th.w.node, str_of(address)));
}

// TH moved, and MM has only its new card: it is called there, though an older record says another
// address; a later record counts more; and an old card, a stolen one, or one without an address
// bring nothing back.
static void test_moved(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    duo_open(&d);
    Str silent = duo_card(&d, &d.th);
    moves(&d, "https://one.example:8442");
    duo_carry(&d);
    called_at(&d, "https://one.example:8442");
    Str first = duo_card(&d, &d.th);
    moves(&d, "https://two.example:8442");
    confirm_card(&d, &d.mm, duo_card(&d, &d.th), "th");
    called_at(&d, "https://two.example:8442");
    confirm_card(&d, &d.mm, silent, "th");
    called_at(&d, "https://two.example:8442");
    world_reopen(&d.mm.w);
    called_at(&d, "https://two.example:8442");
    duo_carry(&d);
    called_at(&d, "https://two.example:8442");
    moves(&d, "https://three.example:8442");
    duo_carry(&d);
    called_at(&d, "https://three.example:8442");
    // The link key rolls: what it speaks by until then counts; afterwards its card is an old one.
    Desk admin = duo_admin(&d, &d.th);
    assert_ok(&d.c, desk_key_roll(&d.c, &admin, DESK_KEY_OF_LINK, &json));
    duo_carry(&d);
    moves(&d, "https://four.example:8442");
    confirm_card(&d, &d.mm, duo_card(&d, &d.th), "th");
    called_at(&d, "https://four.example:8442");
    CryptoPublicKey old = duo_link_key(&d.th);
    duo_carry(&d);
    duo_shut(&d);
    duo_reopen(&d);
    duo_carry(&d);
    assert_false(speaks(&d, &d.mm, old));
    moves(&d, "https://five.example:8442");
    confirm_card(&d, &d.mm, duo_card(&d, &d.th), "th");
    confirm_card(&d, &d.mm, first, "th");
    called_at(&d, "https://five.example:8442");
    // Robbed: the thief's card does not say where TH is called, and its new record does, though it
    // stands further in front than what the thief wrote.
    Str copy = duo_backup(&d, "copy");
    for (int i = 0; i < 4; i++)
        moves(&d, i % 2 ? "https://five.example:8442" : "https://thief.example:8442");
    duo_carry(&d);
    Str stolen = duo_card(&d, &d.th);
    confirm_card(&d, &d.mm, stolen, "th");
    moves(&d, "https://thief.example:8442");
    stolen = duo_card(&d, &d.th);
    duo_set_back(&d, copy, "again");
    assert_ok(&d.c, duo_recover(&d, duo_size_shut(&d), true));
    duo_reopen(&d);
    assert_true(bring(&d, &d.mm, NULL, statements(&d)));
    confirm_card(&d, &d.mm, stolen, "th");
    called_at(&d, "https://five.example:8442");
    moves(&d, "https://six.example:8442");
    duo_carry(&d);
    called_at(&d, "https://six.example:8442");
    duo_done(&d);
}

// Whoever stole the first log key can make cards with it: where the statement is known, these name
// no link key any more.
static void test_stolen_card(void **state) {
    (void)state;
    Duo d;
    duo_open(&d);
    duo_carry(&d);
    Str stolen = duo_card(&d, &d.th);
    CryptoPublicKey old = duo_link_key(&d.th);
    int64_t good = duo_size(&d);
    duo_shut(&d);
    assert_ok(&d.c, duo_recover(&d, good, true));
    duo_reopen(&d);
    assert_true(bring(&d, &d.mm, NULL, statements(&d)));
    confirm_card(&d, &d.mm, stolen, "th");
    assert_false(speaks(&d, &d.mm, old));
    assert_true(speaks(&d, &d.mm, duo_link_key(&d.th)));
    Str made = report(&d, "A");
    duo_carry(&d);
    assert_true(duo_sees(&d, &d.mm, made));
    confirm_card(&d, &d.mm, stolen, "th");
    assert_false(speaks(&d, &d.mm, old));
    assert_true(speaks(&d, &d.mm, duo_link_key(&d.th)));
    duo_done(&d);
}

// --- newcomers ----------------------------------------------------------------------------------

static Str look(Duo *d, Side *at, Str card, const char *what) {
    AUTO(Buf) json = {0};
    assert_ok(&d->c, desk_card_look_json(&d->c, &at->w.desk, card, &json));
    return duo_str(duo_read(d, &json), what);
}

// What the people of TH read out, and what MM or KH see of a peer that they call "th".
static Str own_print(Duo *d) {
    AUTO(Buf) json = {0};
    assert_ok(&d->c, desk_exchange_json(&d->c, &d->th.w.desk, &json));
    return duo_str(duo_read(d, &json), "fingerprint");
}

static Str print_at(Duo *d, Side *at) {
    AUTO(Buf) json = {0};
    assert_ok(&d->c, desk_peer_json(&d->c, &at->w.desk, STR("th"), &json));
    return duo_str(duo_read(d, &json), "fingerprint");
}

// The folder of TH becomes this one: the thief's, or its own again.
static void be(Duo *d, const char *dir) {
    if (d->th.w.node)
        duo_shut(d);
    snprintf(d->th.w.dir, sizeof d->th.w.dir, "%s", dir);
    duo_reopen(d);
}

// The thief shows the stolen keys, then a link key of his own under the stolen log key. KH does not
// compare, and is taken in; MM does.
static Str thief_meets(Duo *d, Side *kh, Str *ret_first_card, Buf *out_to_mm) {
    AUTO(Buf) json = {0};
    CryptoHash mm = duo_id(&d->mm);
    DeskSyncAsk ask = {0};
    Str to = STR("kh");
    bool news;
    *ret_first_card = duo_card(d, &d->th);
    Desk admin = duo_admin(d, &d->th);
    assert_ok(&d->c, desk_key_roll(&d->c, &admin, DESK_KEY_OF_LINK, &json));
    duo_shut(d);
    duo_reopen(d);
    Str card = duo_card(d, &d->th);
    duo_confirm(d, &d->th, &d->mm, "mm", "");
    duo_confirm(d, &d->th, kh, "kh", "");
    confirm_card(d, kh, card, "th");
    Str forged = duo_report(d, &d->th, "forged", "");
    duo_share(d, &d->th, forged, (DeskShareDraft){.to = &to, .to_count = 1});
    duo_carry_between(d, &d->th, kh);
    assert_true(duo_sees(d, kh, forged));
    assert_ok(&d->c, desk_sync_make(&d->c, d->th.w.node, &mm, &ask, out_to_mm, &news));
    return card;
}

// Who becomes a peer of an agency that was robbed: the fingerprint that its people read out is not
// that of any card of the thief, though the agency is the same; the true card leads to the new keys
// by the first message; and who did not compare is told by the agency itself.
static void test_newcomers(void **state) {
    (void)state;
    Duo d;
    Side kh;
    AUTO(Buf) to_mm = {0};
    DeskSyncTaken taken;
    Str first_card, to = STR("kh");
    char old_dir[sizeof d.th.w.dir], own_dir[sizeof d.th.w.dir];
    duo_open_apart(&d);
    duo_side_open(&kh, 23, "KH", "centre");
    Str kept = duo_report(&d, &d.th, "A", "");
    Str before = own_print(&d), copy = duo_backup(&d, "copy");
    (void)duo_report(&d, &d.th, "B", "");
    memcpy(old_dir, d.th.w.dir, sizeof old_dir);
    duo_set_back(&d, copy, "again");
    memcpy(own_dir, d.th.w.dir, sizeof own_dir);
    assert_ok(&d.c, duo_recover(&d, duo_size_shut(&d), true));
    duo_reopen(&d);
    Str print = own_print(&d), card = duo_card(&d, &d.th);
    CryptoPublicKey key = duo_link_key(&d.th);
    be(&d, old_dir);
    Str second_card = thief_meets(&d, &kh, &first_card, &to_mm);
    be(&d, own_dir);
    // The same agency by its id, and another fingerprint.
    assert_true(str_eq(look(&d, &d.mm, first_card, "agency"), look(&d, &d.mm, card, "agency")));
    assert_true(str_eq(look(&d, &d.mm, first_card, "fingerprint"), before));
    assert_false(str_eq(before, print));
    assert_false(str_eq(look(&d, &d.mm, second_card, "fingerprint"), print));
    assert_true(str_eq(look(&d, &d.mm, card, "fingerprint"), print));
    confirm_card(&d, &d.mm, card, "th");
    duo_confirm(&d, &d.th, &d.mm, "mm", "");
    CryptoHash th = duo_id(&d.th);
    assert_int_equal(desk_sync_take(&d.c, d.mm.w.node, &th, buf_view(&to_mm), &taken), E_DENIED);
    duo_share(&d, &d.th, kept, (DeskShareDraft){0});
    duo_carry(&d);
    assert_true(duo_sees(&d, &d.mm, kept));
    assert_true(str_eq(print_at(&d, &d.mm), print));
    duo_sound(&d, &d.mm);
    // KH: by the agency's call, once it has confirmed KH.
    assert_false(str_eq(print_at(&d, &kh), print));
    duo_confirm(&d, &d.th, &kh, "kh", "");
    assert_true(bring(&d, &kh, NULL, statements(&d)));
    assert_true(speaks(&d, &kh, key));
    assert_true(str_eq(print_at(&d, &kh), print));
    duo_share(&d, &d.th, kept, (DeskShareDraft){.to = &to, .to_count = 1});
    duo_carry_between(&d, &d.th, &kh);
    assert_true(duo_sees(&d, &kh, kept));
    assert_false(world_grep(&kh.w, kh.w.dir, STR("\"id\":\"forged\""), NULL));
    duo_sound(&d, &kh);
    world_done(&kh.w);
    duo_done(&d);
}

// --- revoked ------------------------------------------------------------------------------------

static void accord_of_three(Duo *d, Side *kh) {
    AUTO(Buf) json = {0};
    DeskMemberDraft members[] = {{.agency = STR("mm"), .law = STR("a law")},
                                 {.agency = STR("kh"), .law = STR("a law")}};
    Str kind = STR("report");
    DeskAccordDraft draft = {.name = STR("mekong"),
                             .title = STR("Fraud along the Mekong"),
                             .members = members,
                             .member_count = 2,
                             .kinds = &kind,
                             .kind_count = 1,
                             .tlp = STR("AMBER"),
                             .handling = STR("H0"),
                             .days = 30};
    Side *sides[] = {&d->th, &d->mm, kh};
    assert_ok(&d->c, desk_accord_new(&d->c, &d->th.w.desk, &draft, &json));
    for (int turn = 0; turn < 2; turn++) {
        duo_carry(d);
        duo_carry_between(d, &d->th, kh);
        duo_carry_between(d, &d->mm, kh);
        for (size_t i = 0; turn == 0 && i < COUNT_OF(sides); i++) {
            buf_clear(&json);
            assert_ok(&d->c, desk_accord_sign(&d->c, &sides[i]->w.desk, STR("mekong"), true,
                                              STR("by order"), &json));
        }
    }
}

// Who is revoked is told on a link and by file, and the other members give it nothing more of what
// is made from then on.
static void test_revoked(void **state) {
    (void)state;
    Duo d;
    Side kh;
    AUTO(Buf) json = {0}, message = {0};
    DeskSyncTaken taken;
    CryptoHash whose;
    duo_open_apart(&d);
    duo_side_open(&kh, 23, "KH", "centre");
    Side *all[] = {&d.th, &d.mm, &kh};
    const char *names[] = {"th", "mm", "kh"};
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 3; k++)
            if (i != k)
                confirm_relay(&d, all[i], all[k], names[k]);
    accord_of_three(&d, &kh);
    Str before = duo_report(&d, &d.th, "A", "mekong");
    duo_carry(&d);
    duo_carry_between(&d, &d.mm, &kh); // through MM alone
    assert_true(duo_sees(&d, &kh, before));
    CryptoPublicKey key = kh.w.node->exchange->link_public;
    CryptoHash th = duo_id(&d.th), at = duo_id(&kh);
    assert_false(desk_link_revoked(d.th.w.node, &key, &whose));
    assert_ok(&d.c, desk_peer_revoke(&d.c, &d.th.w.desk, STR("kh"), STR("lost keys"), &json));
    assert_false(speaks(&d, &d.th, key));
    assert_true(desk_link_revoked(d.th.w.node, &key, &whose));
    assert_memory_equal(whose.b, at.b, sizeof at.b);
    assert_ok(&d.c, desk_sync_refuse(&d.c, d.th.w.node, &at, E_DENIED, &message));
    assert_ok(&d.c, desk_sync_take(&d.c, kh.w.node, &th, buf_view(&message), &taken));
    assert_int_equal(taken.refused_us, SYNC_REFUSED_NOT_CONFIRMED);
    Str file = world_path(&d.mm.w, "bundle");
    buf_clear(&json);
    assert_ok(&d.c,
              desk_bundle_export(&d.c, &d.th.w.desk, STR("kh"), file, (DeskProgress){0}, &json));
    assert_int_equal(duo_int(duo_read(&d, &json), "records"), 0);
    buf_clear(&json);
    assert_ok(&d.c, desk_bundle_import(&d.c, &kh.w.desk, file, (DeskProgress){0}, &json));
    const JsonValue *v = duo_read(&d, &json);
    assert_int_equal(duo_int(v, "new"), 0);
    assert_true(str_find(duo_str(v, "words"), STR("revoked us"), &(size_t){0}));
    // It is still said when the file is forgotten and the node has started anew.
    world_reopen(&kh.w);
    buf_clear(&json);
    assert_ok(&d.c, desk_exchange_json(&d.c, &kh.w.desk, &json));
    assert_true(str_find(buf_view(&json), STR("\"refused\":\"revoked\""), &(size_t){0}));
    assert_true(str_find(buf_view(&json), STR("\"what\":\"refused\""), &(size_t){0}));
    // MM is still its peer, and passes on by the marking.
    Str after = duo_report(&d, &d.th, "B", "mekong");
    for (int i = 0; i < 2; i++) {
        duo_carry(&d);
        duo_carry_between(&d, &d.mm, &kh);
    }
    assert_true(duo_sees(&d, &d.mm, after));
    assert_false(duo_sees(&d, &kh, after));
    assert_false(world_grep(&kh.w, kh.w.dir, STR("\"id\":\"B\""), NULL));
    // Confirmed again, it is a peer again.
    confirm_relay(&d, &d.th, &kh, "kh");
    assert_true(speaks(&d, &d.th, key));
    assert_false(desk_link_revoked(d.th.w.node, &key, &whose));
    world_done(&kh.w);
    duo_done(&d);
}

int run_desk_exchange_reach_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_brought),
        cmocka_unit_test(test_played_again),
        cmocka_unit_test(test_logs_that_began_anew),
        cmocka_unit_test(test_everybody),
        cmocka_unit_test(test_missed_roll),
        cmocka_unit_test(test_stolen_card),
        cmocka_unit_test(test_moved),
        cmocka_unit_test(test_newcomers),
        cmocka_unit_test(test_revoked),
    };
    return cmocka_run_group_tests_name("exchange reach", tests, NULL, NULL);
}
