// A journal against a naive list: runs, holes, bits; witnesses; documents in parts.
#include "journal/journal.h"
#include "test.h"

#include <unistd.h>

typedef struct Book {
    Ctx c;
    char dir[64];
    StoreDb *db;
} Book;

static Str book_path(Book *b) {
    Str path;
    assert_ok(&b->c, str_format(&b->c, &path, "%s/ledger.db", b->dir));
    return path;
}

static void book_open(Book *b) {
    static const StoreSchema *schemas[1];
    schemas[0] = journal_schema();
    memset(b, 0, sizeof *b);
    ctx_init(&b->c);
    test_folder(b->dir, sizeof b->dir);
    StoreOptions options = {
        .mode = STORE_CREATE, .sync = STORE_SYNC_NORMAL, .schemas = schemas, .schema_count = 1};
    assert_ok(&b->c, store_open(&b->c, book_path(b), &options, &b->db));
    assert_ok(&b->c, store_begin(&b->c, b->db));
}

static void book_done(Book *b) {
    static const char *const ends[] = {"", "-wal", "-shm"};
    assert_ok(&b->c, store_commit(&b->c, b->db));
    store_close(b->db);
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        Str path;
        assert_ok(&b->c, str_format(&b->c, &path, "%s/ledger.db%s", b->dir, ends[i]));
        assert_ok(&b->c, file_remove(&b->c, path));
    }
    assert_int_equal(rmdir(b->dir), 0);
    ctx_done(&b->c);
}

static CryptoHash agency(uint8_t first) {
    CryptoHash h = {{first}};
    return h;
}

static void test_peer_row(void **state) {
    (void)state;
    Book b;
    book_open(&b);
    CryptoHash a = agency(1), other = agency(2);
    JournalPeer p, q;
    assert_int_equal(journal_peer_find(&b.c, b.db, &a, &p), E_NOT_FOUND);
    assert_ok(&b.c, journal_peer_add(&b.c, b.db, &a, &p));
    assert_ok(&b.c, journal_peer_add(&b.c, b.db, &other, &q));
    assert_int_not_equal(p.peer, q.peer);
    p.has_card_key = true;
    memset(p.card_key.b, 7, sizeof p.card_key.b);
    p.head_size = 5;
    memset(p.head_root.b, 9, sizeof p.head_root.b);
    p.told = 3;
    p.looked = 11;
    p.arrived = 17;
    p.accords = agency(6);
    p.taken = 12;
    p.ends = 13;
    p.relay = true;
    p.fault = JOURNAL_FALSE;
    p.fault_at = 99;
    snprintf(p.words, sizeof p.words, "why");
    p.day = 20000;
    p.records = 1;
    p.bytes = 2;
    p.messages = 3;
    p.skew_us = -4;
    assert_ok(&b.c, journal_peer_save(&b.c, b.db, &p));
    assert_ok(&b.c, journal_peer_add(&b.c, b.db, &a, &q));
    assert_memory_equal(&p.head_root, &q.head_root, sizeof p.head_root);
    assert_memory_equal(&p.card_key, &q.card_key, sizeof p.card_key);
    assert_int_equal(q.looked, 11);
    assert_int_equal(q.arrived, 17);
    assert_memory_equal(&q.accords, &p.accords, sizeof p.accords);
    assert_int_equal(q.ends, 13);
    assert_int_equal(q.fault, JOURNAL_FALSE);
    assert_string_equal(q.words, "why");
    assert_int_equal(q.skew_us, -4);
    JournalPeer *all;
    size_t n;
    assert_ok(&b.c, journal_peer_list(&b.c, b.db, &all, &n));
    assert_int_equal(n, 2);
    book_done(&b);
}

// --- a list that is told slowly -----------------------------------------------------------------

#define PLACES 300
#define ENTRIES 4000
typedef struct Naive {
    int64_t place[ENTRIES];
    bool hole[ENTRIES];
    size_t n;
    bool given[PLACES], gone[PLACES];
} Naive;

// Every eighth place lies 5,000 further on, so that several rows of bits are met.
static int64_t place_of(size_t i) {
    return (int64_t)(i + i / 8 * 5000);
}

static void compare(Book *b, const JournalPeer *p, const Naive *v) {
    JournalBits bits = {0};
    for (size_t i = 0; i < PLACES; i++) {
        bool given, gone;
        assert_ok(&b->c,
                  journal_bits_get(&b->c, b->db, &bits, p->peer, place_of(i), &given, &gone));
        assert_int_equal(given, v->given[i]);
        assert_int_equal(gone, v->gone[i]);
    }
    JournalEntry *e;
    size_t n;
    assert_ok(&b->c, journal_read(&b->c, b->db, p, 0, ENTRIES, &e, &n));
    assert_int_equal(n, v->n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(e[i].place, v->place[i]);
        assert_int_equal(e[i].hole, v->hole[i]);
    }
}

static void add_some(Book *b, JournalPeer *p, Naive *v, Rng *rng) {
    int64_t places[40];
    size_t n = 0, from = rng_below(rng, PLACES), count = 1 + rng_below(rng, 30);
    for (size_t i = from; i < from + count && i < PLACES && v->n < ENTRIES; i++) {
        if (v->given[i])
            continue;
        v->given[i] = v->gone[i] = true;
        v->place[v->n] = places[n++] = place_of(i);
        v->hole[v->n++] = false;
    }
    assert_ok(&b->c, journal_add(&b->c, b->db, p, places, n));
}

static void close_some(Book *b, JournalPeer *p, Naive *v, Rng *rng) {
    int64_t places[40];
    size_t n = 0;
    for (size_t i = rng_below(rng, PLACES); i < PLACES && n < 12; i += 1 + rng_below(rng, 4))
        places[n++] = place_of(i);
    assert_ok(&b->c, journal_close(&b->c, b->db, p, places, n));
    for (size_t k = 0; k < n; k++) {
        for (size_t i = 0; i < PLACES; i++)
            if (place_of(i) == places[k])
                v->given[i] = false;
        for (size_t i = (size_t)p->told; i < v->n; i++)
            v->hole[i] |= v->place[i] == places[k];
    }
}

static void tell_some(JournalPeer *p, Rng *rng) {
    p->told += (int64_t)rng_below(rng, (uint64_t)(p->entries - p->told) + 1);
}

static void test_runs(void **state) {
    (void)state;
    uint64_t seed = test_seed();
    static Naive v;
    for (uint64_t round = 0; round < 8; round++) {
        Rng rng;
        rng_seed(&rng, seed + round);
        memset(&v, 0, sizeof v);
        Book b;
        book_open(&b);
        CryptoHash a = agency(1), other = agency(2);
        JournalPeer p, q;
        assert_ok(&b.c, journal_peer_add(&b.c, b.db, &other, &q));
        assert_ok(&b.c, journal_peer_add(&b.c, b.db, &a, &p));
        for (int step = 0; step < 120; step++) {
            uint64_t what = rng_below(&rng, 5);
            if (what < 3)
                add_some(&b, &p, &v, &rng);
            else if (what == 3)
                close_some(&b, &p, &v, &rng);
            else
                tell_some(&p, &rng);
            if (step % 10 == 9)
                compare(&b, &p, &v);
            ctx_reset(&b.c);
        }
        JournalEntry *e;
        size_t n;
        int64_t from = p.entries / 2;
        assert_ok(&b.c, journal_read(&b.c, b.db, &p, from, 5, &e, &n));
        for (size_t i = 0; i < n; i++)
            assert_int_equal(e[i].place, v.place[(size_t)from + i]);
        assert_ok(&b.c, journal_read(&b.c, b.db, &q, 0, 5, &e, &n));
        assert_int_equal(n, 0);
        book_done(&b);
    }
}

// --- the rest -----------------------------------------------------------------------------------

static void test_names(void **state) {
    (void)state;
    Book b;
    book_open(&b);
    CryptoHash a = agency(1), h = agency(7);
    JournalPeer p;
    bool found;
    int64_t *named;
    size_t count;
    assert_ok(&b.c, journal_peer_add(&b.c, b.db, &a, &p));
    const int64_t places[] = {10, 11, 12};
    assert_ok(&b.c, journal_add(&b.c, b.db, &p, places, 3));
    assert_ok(&b.c, journal_name_list(&b.c, b.db, p.peer, &h, &named, &count));
    assert_int_equal(count, 0);
    assert_ok(&b.c, journal_name_add(&b.c, b.db, p.peer, &h, 11));
    assert_ok(&b.c, journal_name_add(&b.c, b.db, p.peer, &h, 11));
    assert_ok(&b.c, journal_name_list(&b.c, b.db, p.peer, &h, &named, &count));
    assert_int_equal(count, 1);
    assert_int_equal(named[0], 11);
    assert_ok(&b.c, journal_find(&b.c, b.db, &p, 1, 11, &found));
    assert_true(found);
    assert_ok(&b.c, journal_find(&b.c, b.db, &p, 2, 11, &found));
    assert_false(found);
    assert_ok(&b.c, journal_close(&b.c, b.db, &p, places + 1, 1));
    assert_ok(&b.c, journal_name_list(&b.c, b.db, p.peer, &h, &named, &count));
    assert_int_equal(count, 0);
    assert_ok(&b.c, journal_find(&b.c, b.db, &p, 0, 11, &found));
    assert_false(found);
    assert_ok(&b.c, journal_find(&b.c, b.db, &p, 0, 12, &found));
    assert_true(found);
    book_done(&b);
}

static void test_witnesses(void **state) {
    (void)state;
    Book b;
    book_open(&b);
    CryptoHash a = agency(1), x = agency(3);
    JournalPeer p;
    assert_ok(&b.c, journal_peer_add(&b.c, b.db, &a, &p));
    JournalSeen seen;
    assert_ok(&b.c, journal_seen_get(&b.c, b.db, p.peer, &x, &seen));
    assert_int_equal(seen.size, 0);
    seen = (JournalSeen){.size = 4, .root = agency(8), .note = STR("note"), .told = 2};
    assert_ok(&b.c, journal_seen_put(&b.c, b.db, p.peer, &x, &seen));
    JournalSeen back;
    assert_ok(&b.c, journal_seen_get(&b.c, b.db, p.peer, &x, &back));
    assert_memory_equal(&back.root, &seen.root, sizeof back.root);
    assert_true(str_eq_c(back.note, "note"));
    assert_int_equal(back.told, 2);

    JournalOrigin o;
    assert_ok(&b.c, journal_origin_get(&b.c, b.db, &x, &o));
    assert_false(o.forked);
    o = (JournalOrigin){.forked = true, .failed = 2, .ask_size = 9, .ask_root = agency(5)};
    assert_ok(&b.c, journal_origin_put(&b.c, b.db, &x, &o));
    CryptoHash *forked;
    size_t n;
    assert_ok(&b.c, journal_origin_forked(&b.c, b.db, &forked, &n));
    assert_int_equal(n, 1);
    assert_memory_equal(&forked[0], &x, sizeof x);

    JournalCosign s = {.witness = a, .size = 5, .at = 6, .line = STR("five")};
    assert_ok(&b.c, journal_cosign_put(&b.c, b.db, &x, &s));
    s.size = 4;
    s.line = STR("four");
    assert_ok(&b.c, journal_cosign_put(&b.c, b.db, &x, &s));
    JournalCosign *list;
    assert_ok(&b.c, journal_cosign_list(&b.c, b.db, &x, &list, &n));
    assert_int_equal(n, 1);
    assert_int_equal(list[0].size, 5);
    assert_true(str_eq_c(list[0].line, "five"));
    book_done(&b);
}

static JournalPartIs part(Book *b, int64_t peer, const CryptoHash *h, int64_t at, int64_t bytes,
                          int64_t total) {
    JournalPart k = {.sha256 = *h, .at = at, .total = total, .bytes = bytes};
    JournalPartIs is;
    assert_ok(&b->c, journal_part_take(&b->c, b->db, peer, &k, 100, &is));
    return is;
}

static void test_parts(void **state) {
    (void)state;
    Book b;
    book_open(&b);
    CryptoHash a = agency(1), h = agency(7), none = agency(6);
    JournalPeer p;
    assert_ok(&b.c, journal_peer_add(&b.c, b.db, &a, &p));
    assert_ok(&b.c, journal_want_add(&b.c, b.db, p.peer, &h));
    assert_int_equal(part(&b, p.peer, &none, 0, 3, 3), JOURNAL_PART_OTHER);  // not wanted
    assert_int_equal(part(&b, p.peer + 1, &h, 0, 3, 3), JOURNAL_PART_OTHER); // not of that peer
    assert_int_equal(part(&b, p.peer, &h, 0, 3, 9), JOURNAL_PART_NEXT);
    assert_int_equal(part(&b, p.peer, &h, 0, 3, 9), JOURNAL_PART_OTHER); // again
    assert_int_equal(part(&b, p.peer, &h, 6, 3, 9), JOURNAL_PART_OTHER); // a gap
    assert_int_equal(part(&b, p.peer, &h, 3, 0, 9), JOURNAL_PART_OTHER); // nothing
    assert_int_equal(part(&b, p.peer, &h, 3, 7, 9), JOURNAL_PART_OTHER); // more than there is
    JournalWant *wants;
    size_t n;
    assert_ok(&b.c, journal_want_list(&b.c, b.db, p.peer, 4, &wants, &n));
    assert_int_equal(n, 1);
    assert_int_equal(wants[0].have, 3);
    assert_int_equal(wants[0].total, 9);
    assert_int_equal(part(&b, p.peer, &h, 3, 3, 9), JOURNAL_PART_NEXT);
    assert_int_equal(part(&b, p.peer, &h, 6, 3, 9), JOURNAL_PART_LAST);
    assert_ok(&b.c, journal_want_list(&b.c, b.db, p.peer, 4, &wants, &n));
    assert_int_equal(n, 0);
    assert_ok(&b.c, journal_want_add(&b.c, b.db, p.peer, &h));
    JournalPart large = {.sha256 = h, .total = 101, .bytes = 1};
    JournalPartIs is;
    assert_int_equal(journal_part_take(&b.c, b.db, p.peer, &large, 100, &is), E_LIMIT);
    assert_int_equal(part(&b, p.peer, &h, 0, 5, 5), JOURNAL_PART_LAST);
    assert_ok(&b.c, journal_want_add(&b.c, b.db, p.peer, &h));
    assert_int_equal(part(&b, p.peer, &h, 0, 0, 0), JOURNAL_PART_LAST); // an empty one
    book_done(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_peer_row), cmocka_unit_test(test_runs),
        cmocka_unit_test(test_names),    cmocka_unit_test(test_witnesses),
        cmocka_unit_test(test_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
