// The mapped row, Order, and the versions that tellings make.
#include "groups.h"
#include "stream/stream_priv.h"
#include "world.h"

static void row_is(const StreamTransfer *t, const char *want) {
    AUTO(Buf) b = {0};
    stream_transfer_row(t, &b);
    buf_char(&b, 0);
    assert_string_equal(b.p, want);
}

static void test_row_text(void **state) {
    (void)state;
    StreamTransfer t = world_transfer("a,1", 1763772645, "111", "222", 5);
    row_is(&t, "\"a,1\",2025-11-22T00:50:45Z,TH,004,111,KH,ABA,222,0.05,THB,,,,,,,");
    t.booked_at_us += 120300;
    t.has_credited = t.has_credited_currency = t.has_from_balance = t.has_to_balance = true;
    t.credited = 110;
    t.credited_currency = STR("VND");
    t.credited_exponent = 0;
    t.from_balance = -12345;
    t.to_balance = 7;
    t.has_seq = true;
    t.seq = -9;
    t.channel = STR("app");
    t.memo = STR("say \"hi\"");
    row_is(&t, "\"a,1\",2025-11-22T00:50:45.1203Z,TH,004,111,KH,ABA,222,0.05,THB,110,VND,"
               "-123.45,7,-9,app,\"say \"\"hi\"\"\"");
    t = world_transfer("old", -1, "1", "", BASE_AMOUNT_MINOR_MAX);
    row_is(&t, "old,1969-12-31T23:59:59Z,TH,004,1,KH,ABA,,10000000000000.00,THB,,,,,,,");
}

static void test_details(void **state) {
    (void)state;
    Rng r;
    rng_seed(&r, 11);
    AUTO(WorldSet) set = {0};
    world_random(&r, 500, true, &set);
    AUTO(Ctx) c = {0};
    for (size_t i = 0; i < set.n; i++) {
        uint8_t bytes[DETAILS_BYTES_MAX];
        AUTO(Buf) packed = {0};
        AUTO(Buf) again = {0};
        AUTO(Buf) before = {0};
        size_t n = details_put(bytes, &set.items[i]);
        bytes[n++] = 0;
        Details d;
        assert_true(details_read(bytes, n, &d));
        assert_true(str_eq(d.id, set.items[i].id));
        for (size_t cut = 0; cut < n; cut++)
            assert_false(details_read(bytes, cut, &d));
        assert_ok(&c, row_pack(&c, &set.items[i], (Str){(const char *)bytes, n}, &packed));
        StreamTransfer t;
        Str details;
        assert_true(row_unpack(buf_view(&packed), &t, &details));
        stream_transfer_row(&set.items[i], &before);
        stream_transfer_row(&t, &again);
        assert_true(str_eq(buf_view(&before), buf_view(&again)));
        for (size_t cut = 0; cut < packed.n; cut++)
            assert_false(row_unpack((Str){packed.p, cut}, &t, &details));
    }
}

static void test_merkle(void **state) {
    (void)state;
    // The recursive definition of RFC 6962, 2.1, beside the stack.
    CryptoHash leaves[40];
    for (size_t n = 0; n <= 40; n++) {
        MerkleStack m = {.n = 0};
        CryptoHash level[40];
        for (size_t i = 0; i < n; i++) {
            leaves[i] = crypto_sha256(&i, sizeof i);
            merkle_add(&m, &leaves[i]);
            level[i] = leaves[i];
        }
        size_t left = n;
        while (left > 1) {
            size_t out = 0;
            for (size_t i = 0; i < left; i += 2) {
                uint8_t bytes[65] = {1};
                memcpy(bytes + 1, &level[i], 32);
                if (i + 1 < left)
                    memcpy(bytes + 33, &level[i + 1], 32);
                level[out++] = i + 1 < left ? crypto_sha256(bytes, 65) : level[i];
            }
            left = out;
        }
        CryptoHash root = merkle_root(&m), want = n ? level[0] : crypto_sha256(NULL, 0);
        assert_memory_equal(&root, &want, sizeof root);
    }
}

// versions_make by the set, whatever the order in which the tellings stand.
static void test_versions_by_set(void **state) {
    (void)state;
    Rng r;
    rng_seed(&r, 5);
    for (int round = 0; round < 400; round++) {
        AUTO(WorldSet) set = {0};
        AUTO(Ctx) c = {0};
        Telling tellings[8];
        world_random(&r, 8, true, &set);
        for (size_t i = 0; i < 8; i++) {
            set.items[i].id = STR("one");
            set.items[i].booked_at_us = set.items[0].booked_at_us;
            set.items[i].from = set.items[0].from;
            set.items[i].to = set.items[0].to;
            set.items[i].currency = set.items[0].currency;
            set.items[i].amount = 100 + (int64_t)(i == 7);
            tellings[i] = (Telling){
                .t = set.items[i], .mask = transfer_mask(&set.items[i]), .batch = 1, .row = i};
        }
        Versions a, b;
        assert_ok(&c, versions_make(&c, tellings, 8, NULL, &a));
        size_t told = 0;
        for (size_t k = 0; k < a.n; k++) {
            assert_true(str_cmp(a.items[a.current].row, a.items[k].row) <= 0);
            for (size_t i = 0; i < a.items[k].n; i++)
                assert_true(transfer_within(&a.items[k].tellings[i]->t, &a.items[k].t));
            told += a.items[k].n;
        }
        assert_int_equal(told, 8);
        for (size_t i = 8; i-- > 1;) {
            size_t k = rng_below(&r, i + 1);
            Telling t = tellings[i];
            tellings[i] = tellings[k];
            tellings[k] = t;
        }
        assert_ok(&c, versions_make(&c, tellings, 8, NULL, &b));
        assert_int_equal(a.n, b.n);
        assert_true(str_eq(a.items[a.current].row, b.items[b.current].row));
        for (size_t k = 0; k < a.n; k++)
            assert_true(str_eq(a.items[k].row, b.items[k].row));
    }
}

// 1.00 baht and 100 yen are as many minor units, and nothing but a conflict.
static void test_versions_of_two_currencies(void **state) {
    (void)state;
    AUTO(Ctx) c = {0};
    StreamTransfer baht = world_transfer("one", 1763772645, "111", "222", 500), yen = baht;
    baht.has_credited = true;
    baht.credited = yen.credited = 100;
    yen.has_credited = yen.has_credited_currency = true;
    yen.credited_currency = STR("JPY");
    yen.credited_exponent = 0;
    assert_false(transfers_compatible(&baht, &yen));
    assert_false(transfer_within(&baht, &yen));
    // A balance at the receiver is money too; who says nothing of it contradicts nobody.
    baht.has_credited = false;
    assert_true(transfers_compatible(&baht, &yen));
    baht.has_to_balance = true;
    baht.to_balance = 100;
    assert_false(transfers_compatible(&baht, &yen));
    Telling tellings[2] = {{.t = baht, .mask = transfer_mask(&baht), .batch = 1},
                           {.t = yen, .mask = transfer_mask(&yen), .batch = 1, .row = 1}};
    Versions v;
    assert_ok(&c, versions_make(&c, tellings, 2, NULL, &v));
    assert_int_equal(v.n, 2);
}

int run_rows(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_row_text),
        cmocka_unit_test(test_details),
        cmocka_unit_test(test_merkle),
        cmocka_unit_test(test_versions_by_set),
        cmocka_unit_test(test_versions_of_two_currencies),
    };
    return cmocka_run_group_tests_name("stream rows", tests, NULL, NULL);
}
