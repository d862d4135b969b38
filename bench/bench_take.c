// How fast is another agency's log taken, in batches of 4,096 records of 700 bytes with a proof and
// a commit each? What does it cost to prove a batch, and to say that nothing is new? Usage:
// bench_take [records]
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ledger/ledger.h"

#define BATCH SYNC_OPENINGS_MAX

typedef struct Side {
    char dir[64];
    CryptoRandomSeeded state;
    CryptoRandom random;
    CryptoSignKey key;
    Ledger *ledger;
    LedgerReader *reader;
} Side;

typedef struct Bench {
    Ctx c;
    Side from, to;
    int64_t at;
    uint32_t log; // of `from` at `to`
    Buf envelopes;
    LedgerLeaf leaves[BATCH];
    int64_t seqs[BATCH];
} Bench;

static void done(Ctx *c, Err e) {
    if (e == OK)
        return;
    fprintf(stderr, "bench_take: %s: %s\n", err_name(e), c->error);
    exit(3);
}

static void side_open(Bench *b, Side *s, uint64_t seed) {
    CryptoPublicKey public;
    CryptoSeed key_seed = {{(uint8_t)seed}};
    snprintf(s->dir, sizeof s->dir, "/tmp/moei-bench-XXXXXX");
    if (!mkdtemp(s->dir))
        exit(3);
    crypto_sign_key_from_seed(&key_seed, &s->key, &public);
    s->random = crypto_random_seeded(&s->state, seed);
    LedgerOptions o = {.dir = str_of(s->dir), .random = s->random, .log_key = &s->key};
    LedgerGenesis g = {.name = STR("bench"),
                       .title = STR("Bench"),
                       .country = STR("TH"),
                       .agency_kind = STR("centre"),
                       .timezone = STR("Asia/Bangkok"),
                       .recovery_key = public,
                       .mark = record_mark_default(),
                       .at_us = b->at++};
    done(&b->c, ledger_create(&b->c, &o, &g, &s->ledger));
    done(&b->c, ledger_reader_open(&b->c, str_of(s->dir), &s->reader));
}

static void side_remove(Bench *b, Side *s) {
    Str *names, path;
    size_t n;
    ledger_reader_close(s->reader);
    ledger_close(s->ledger);
    done(&b->c, dir_list(&b->c, str_of(s->dir), &names, &n));
    for (size_t i = 0; i < n; i++) {
        done(&b->c, str_format(&b->c, &path, "%s/" STR_FMT, s->dir, STR_ARG(names[i])));
        done(&b->c, file_remove(&b->c, path));
    }
    rmdir(s->dir);
}

// --- records
// --------------------------------------------------------------------------------------

static LedgerEntry entry_put(Bench *b, size_t n, Buf *out) {
    char body[600];
    RecordId id = record_id_new(b->at, b->from.random);
    int length =
        snprintf(body, sizeof body,
                 "{\"accounts\":[{\"account\":\"%010zu\",\"country\":\"TH\",\"institution\":"
                 "\"KBANK\"}],\"channel\":\"phone\",\"country\":\"TH\",\"currency\":\"THB\","
                 "\"happened_at\":null,\"loss\":%zu,\"phones\":[],\"report\":\"R-%lld\","
                 "\"reported_at\":null,\"row\":\"%064zu\",\"transfers\":[],\"urls\":[]}",
                 n, n, (long long)b->at, n);
    RecordDraft d = {.kind = RECORD_REPORT,
                     .id = id,
                     .at_us = b->at,
                     .agency = ledger_agency(b->from.ledger),
                     .mark = record_mark_default(),
                     .purpose = STR("trace"),
                     .body_json = {body, (size_t)length}};
    buf_clear(out);
    done(&b->c, record_write(&b->c, &d, out));
    LedgerEntry e = {buf_view(out), id, b->at};
    b->at += 1000;
    return e;
}

static void fill(Bench *b, int64_t records) {
    int64_t size = ledger_size(b->from.ledger, LEDGER_MAIN);
    while (size < records) {
        done(&b->c, ledger_begin(&b->c, b->from.ledger));
        for (int i = 0; i < LEDGER_GROUP_RECORDS_MAX && size < records; i++, size++) {
            LedgerPlace place;
            LedgerEntry e = entry_put(b, (size_t)size, &b->envelopes);
            done(&b->c, ledger_append(&b->c, b->from.ledger, LEDGER_MAIN, &e, &place));
        }
        done(&b->c, ledger_commit(&b->c, b->from.ledger));
        ctx_reset(&b->c);
    }
}

// --- batches
// --------------------------------------------------------------------------------------

static LedgerTake batch(Bench *b, int64_t from, int64_t upto, int64_t *ret_proof_us) {
    LedgerTake t = {.log = b->log, .leaves = b->leaves, .leaf_count = (size_t)(upto - from)};
    LedgerCheckpoint cp;
    done(&b->c, ledger_reader_size(&b->c, b->to.reader, b->log, &t.old_size));
    done(&b->c, ledger_checkpoint(&b->c, b->from.reader, LEDGER_MAIN, &cp));
    for (int64_t i = from; i < upto; i++) {
        LedgerItem item;
        LedgerLeaf *leaf = &b->leaves[i - from];
        done(&b->c, ledger_get(&b->c, b->from.reader, (LedgerPlace){LEDGER_MAIN, i}, &item));
        *leaf = (LedgerLeaf){.seq = i, .envelope = item.envelope};
        memcpy(leaf->salt, item.salt, sizeof item.salt);
        b->seqs[i - from] = i;
    }
    LedgerLeaves list = {b->seqs, t.leaf_count};
    int64_t t0 = clock_monotonic_us();
    done(&b->c, ledger_multiproof(&b->c, b->from.reader, LEDGER_MAIN,
                                  (LedgerSpan){t.old_size, cp.size}, &list, &t.proof));
    *ret_proof_us = clock_monotonic_us() - t0;
    t.note = cp.note;
    return t;
}

static int64_t take(Bench *b, const LedgerTake *t) {
    LedgerTaken taken;
    int64_t t0 = clock_monotonic_us();
    done(&b->c, ledger_begin(&b->c, b->to.ledger));
    done(&b->c, ledger_take(&b->c, b->to.ledger, t, &taken));
    done(&b->c, ledger_commit(&b->c, b->to.ledger));
    return clock_monotonic_us() - t0;
}

static void open_log(Bench *b) {
    LedgerItem genesis;
    done(&b->c, ledger_get(&b->c, b->from.reader, (LedgerPlace){LEDGER_MAIN, 0}, &genesis));
    done(&b->c, ledger_begin(&b->c, b->to.ledger));
    done(&b->c, ledger_foreign_open(&b->c, b->to.ledger, genesis.envelope, genesis.salt, &b->log));
    done(&b->c, ledger_commit(&b->c, b->to.ledger));
}

static void run(Bench *b, int64_t records) {
    int64_t take_us = 0, proof_us = 0, batches = 0, us, bytes = 0;
    for (int64_t from = 0; from < records; from += BATCH, batches++) {
        int64_t upto = from + BATCH < records ? from + BATCH : records;
        LedgerTake t = batch(b, from, upto, &us);
        proof_us += us;
        bytes += (int64_t)(t.proof.count * sizeof *t.proof.hashes);
        take_us += take(b, &t);
        ctx_reset(&b->c);
    }
    printf("%-44s %9.0f records/s of %lld\n", "taken, proven, durable",
           (double)records * 1e6 / (double)take_us, (long long)records);
    printf("%-44s %9.2f ms, %lld bytes\n", "a proof of 4,096 records",
           (double)proof_us / 1000 / (double)batches, (long long)(bytes / batches));
    int64_t t0 = clock_monotonic_us();
    for (int i = 0; i < 1000; i++) {
        LedgerTake t = batch(b, 0, 0, &us);
        ctx_reset(&b->c);
        (void)t;
    }
    printf("%-44s %9.1f us\n", "a proof that nothing is new",
           (double)(clock_monotonic_us() - t0) / 1000);
}

static void verify(Bench *b) {
    LedgerVerdict v;
    int64_t t0 = clock_monotonic_us();
    done(&b->c, ledger_verify(&b->c, b->to.reader, (LedgerProgress){0}, &v));
    if (!v.sound) {
        fprintf(stderr, "bench_take: %s\n", v.words);
        exit(3);
    }
    printf("%-44s %9.0f records/s\n", "verify what was taken, one thread",
           (double)v.held * 1e6 / (double)(clock_monotonic_us() - t0));
}

int main(int argc, char **argv) {
    static Bench b;
    int64_t records = 200000;
    ctx_init(&b.c);
    b.at = 1795334400000000;
    if (argc > 1 && (!str_to_i64(str_of(argv[1]), &records) || records < 1)) {
        fprintf(stderr, "usage: bench_take [records]\n");
        return 2;
    }
    done(&b.c, crypto_init(&b.c));
    side_open(&b, &b.from, 1);
    side_open(&b, &b.to, 2);
    fill(&b, records);
    open_log(&b);
    run(&b, records);
    verify(&b);
    side_remove(&b, &b.from);
    side_remove(&b, &b.to);
    buf_done(&b.envelopes);
    ctx_done(&b.c);
    return 0;
}
