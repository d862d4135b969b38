// Vectors: the checkpoint and tree of docs/format-record.md, and the public RFC 6962 proof vectors.
#include "vectors.h"

#include "ledger/ledger.h"
#include "suites.h"

static CryptoHash hash_vector(Ctx *c, const char *name) {
    CryptoHash h;
    vector_bytes(c, name, h.b, sizeof h.b);
    return h;
}

void test_note_vector(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    CryptoHash commitment0 = hash_vector(&c, "genesis_commitment");
    CryptoHash commitment1 = hash_vector(&c, "report_commitment");
    CryptoHash leaf0 = ledger_merkle_leaf(commitment0.b, 32);
    CryptoHash leaf1 = ledger_merkle_leaf(commitment1.b, 32);
    CryptoHash want0 = hash_vector(&c, "genesis_leaf"), want1 = hash_vector(&c, "report_leaf");
    CryptoHash root = hash_vector(&c, "root");
    assert_memory_equal(leaf0.b, want0.b, 32);
    assert_memory_equal(leaf1.b, want1.b, 32);
    LedgerTree tree = {0};
    ledger_tree_add(&tree, &leaf0);
    ledger_tree_add(&tree, &leaf1);
    CryptoHash have = ledger_tree_root(&tree);
    assert_memory_equal(have.b, root.b, 32);

    Str note = vector_get(&c, "checkpoint"), origin;
    CryptoSeed seed;
    CryptoSignKey key;
    CryptoPublicKey public;
    vector_bytes(&c, "seed", seed.b, 32);
    crypto_sign_key_from_seed(&seed, &key, &public);
    CryptoHash log_key = hash_vector(&c, "log_key");
    assert_memory_equal(public.b, log_key.b, 32);
    assert_ok(&c, str_format(&c, &origin, "moei/" STR_FMT "/main",
                             STR_ARG(vector_get(&c, "genesis_leaf"))));
    AUTO(Buf) out = {0};
    LedgerTreeHead head = {2, root};
    assert_ok(&c, ledger_note_write(&c, origin, &head, &key, &out));
    assert_true(str_eq(buf_view(&out), note));
    LedgerCheckpoint cp;
    assert_ok(&c, ledger_note_verify(&c, note, origin, &public, &cp));
    assert_int_equal(cp.size, 2);
    assert_memory_equal(cp.root.b, root.b, 32);
    assert_int_equal(ledger_note_verify(&c, note, STR("moei/x/main"), &public, &cp), E_CRYPTO);
    // Every single changed byte is refused, whatever it was.
    for (size_t i = 0; i < note.n; i++) {
        out.p[i] ^= 1;
        assert_int_not_equal(ledger_note_verify(&c, buf_view(&out), origin, &public, &cp), OK);
        out.p[i] ^= 1;
        assert_int_not_equal(ledger_note_verify(&c, (Str){out.p, i}, origin, &public, &cp), OK);
    }
}

// --- the public vectors -------------------------------------------------------------------------

static bool hash_of(const JsonValue *v, CryptoHash *ret_hash) {
    size_t n;
    return v && v->type == JSON_STR &&
           crypto_base64_decode(v->s, ret_hash->b, sizeof ret_hash->b, &n) &&
           n == sizeof ret_hash->b;
}

// Some vectors have texts of other lengths for roots where only equality counts.
static bool root_of(const JsonValue *v, CryptoHash *ret_hash) {
    size_t n;
    *ret_hash = (CryptoHash){0};
    return v && v->type == JSON_STR &&
           crypto_base64_decode(v->s, ret_hash->b, sizeof ret_hash->b, &n);
}

static bool size_of(const JsonValue *v, uint64_t *ret_size) {
    if (!v || v->type != JSON_INT || v->i < 0)
        return false;
    *ret_size = (uint64_t)v->i;
    return true;
}

static bool proof_of(const JsonValue *v, LedgerProof *ret_proof) {
    const JsonValue *list = json_find(v, STR("proof"));
    ret_proof->count = 0;
    if (!list || list->type == JSON_NULL)
        return true;
    for (uint32_t i = 0; i < list->count; i++) {
        if (ret_proof->count == LEDGER_PROOF_NODES_MAX ||
            !hash_of(&list->items[i], &ret_proof->nodes[ret_proof->count]))
            return false;
        ret_proof->count++;
    }
    return true;
}

static bool inclusion_holds(Ctx *c, const JsonValue *v) {
    LedgerProof p;
    LedgerTreeHead head;
    CryptoHash leaf;
    uint64_t index;
    return proof_of(v, &p) && size_of(json_find(v, STR("leafIdx")), &index) &&
           size_of(json_find(v, STR("treeSize")), &head.size) &&
           root_of(json_find(v, STR("root")), &head.root) &&
           hash_of(json_find(v, STR("leafHash")), &leaf) &&
           ledger_merkle_inclusion(c, &head, index, &leaf, p.nodes, p.count) == OK;
}

static bool consistency_holds(Ctx *c, const JsonValue *v) {
    LedgerProof p;
    LedgerTreeHead a, b;
    return proof_of(v, &p) && size_of(json_find(v, STR("size1")), &a.size) &&
           size_of(json_find(v, STR("size2")), &b.size) &&
           root_of(json_find(v, STR("root1")), &a.root) &&
           root_of(json_find(v, STR("root2")), &b.root) &&
           ledger_merkle_consistency(c, &a, &b, p.nodes, p.count) == OK;
}

static void check_vector(Ctx *c, JsonReader *reader, Str path, bool inclusion) {
    Str text;
    const JsonValue *v;
    bool want_err = false;
    assert_ok(c, file_read_all(c, path, 1 << 20, &text));
    assert_ok(c, json_read(c, reader, text, &v));
    assert_ok(c, json_find_bool(c, v, "wantErr", &want_err));
    if ((inclusion ? inclusion_holds(c, v) : consistency_holds(c, v)) == want_err)
        fail_msg(STR_FMT ": %s", STR_ARG(path), want_err ? "accepted" : c->error);
}

// Files of a folder and of the folders in it, without recursion.
static size_t check_folder(Ctx *c, JsonReader *reader, Str top, bool inclusion) {
    Str folders[256];
    size_t count = 0, files = 0;
    folders[count++] = top;
    while (count > 0) {
        Str *names, path, folder = folders[--count];
        size_t n;
        assert_ok(c, dir_list(c, folder, &names, &n));
        for (size_t i = 0; i < n; i++) {
            assert_ok(
                c, str_format(c, &path, STR_FMT "/" STR_FMT, STR_ARG(folder), STR_ARG(names[i])));
            if (str_ends(names[i], STR(".json"))) {
                check_vector(c, reader, path, inclusion);
                files++;
            } else {
                assert_true(count < COUNT_OF(folders));
                folders[count++] = path;
            }
        }
    }
    return files;
}

void test_merkle_vectors(void **state) {
    (void)state;
    SKIP_WITHOUT_DATA();
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(JsonReader) reader = {0};
    assert_ok(&c, json_reader_open(&c, &reader));
    Str folder;
    assert_ok(&c, str_format(&c, &folder, "%s/vectors/merkle/inclusion", test_data_folder()));
    assert_int_equal(check_folder(&c, &reader, folder, true), 98);
    assert_ok(&c, str_format(&c, &folder, "%s/vectors/merkle/consistency", test_data_folder()));
    assert_int_equal(check_folder(&c, &reader, folder, false), 98);
}
