// Who is who and what was agreed: links, peers, flags, accords, forks.
#include "picture/picture_read_priv.h"

// --- lists within records -----------------------------------------------------------------------

Err read_together(Ctx *c, PictureReader *r, bool *ret_own) {
    *ret_own = r->began_us == 0;
    return *ret_own ? picture_read_begin(c, r) : OK;
}

void read_apart(PictureReader *r, bool own) {
    if (own)
        picture_read_end(r);
}

Err read_of(Ctx *c, PictureReader *r, const ReadList *list, const char *name, RecordId id,
            ReadItems *ret_items) {
    StoreStmt *q;
    TRY(read_begin(c, r, list->statement, &q));
    store_bind_blob(q, name, id.b, sizeof id.b);
    return read_rows(c, q, list, PICTURE_CHILDREN_MAX, ret_items);
}

Err read_at(Ctx *c, PictureReader *r, const ReadList *list, int64_t pos, ReadItems *ret_items) {
    StoreStmt *q;
    TRY(read_begin(c, r, list->statement, &q));
    store_bind_i64(q, ":pos", pos);
    return read_rows(c, q, list, PICTURE_CHILDREN_MAX, ret_items);
}

typedef struct Word {
    PictureKey key;
    Str word;
} Word;

static Err word_read(Ctx *c, StoreStmt *q, void *item) {
    return col_text(c, q, 2, &((Word *)item)->word);
}

static const ReadList word_list = {R_WORDS_OF, TABLE_RECORD, false, sizeof(Word), word_read};

Err read_words(Ctx *c, PictureReader *r, int64_t pos, const char *list, const Str **ret_words,
               size_t *ret_n) {
    StoreStmt *q;
    ReadItems found;
    Str *words;
    TRY(read_begin(c, r, R_WORDS_OF, &q));
    store_bind_i64(q, ":pos", pos);
    store_bind_str(q, ":list", str_of(list));
    TRY(read_rows(c, q, &word_list, PICTURE_CHILDREN_MAX, &found));
    TRY(ctx_alloc(c, (found.n + 1) * sizeof *words, &words));
    for (size_t i = 0; i < found.n; i++)
        words[i] = ((const Word *)found.items)[i].word;
    *ret_words = words;
    *ret_n = found.n;
    return OK;
}

typedef struct Named {
    PictureKey key;
    RecordId id;
} Named;

static Err named_read(Ctx *c, StoreStmt *q, void *item) {
    (void)c;
    ((Named *)item)->id = col_id(q, 2);
    return OK;
}

static const ReadList named_list = {R_NAMED_OF, TABLE_RECORD, false, sizeof(Named), named_read};

Err read_named(Ctx *c, PictureReader *r, int64_t pos, const RecordId **ret_ids, size_t *ret_n) {
    ReadItems found;
    RecordId *ids;
    TRY(read_at(c, r, &named_list, pos, &found));
    TRY(ctx_alloc(c, (found.n + 1) * sizeof *ids, &ids));
    for (size_t i = 0; i < found.n; i++)
        ids[i] = ((const Named *)found.items)[i].id;
    *ret_ids = ids;
    *ret_n = found.n;
    return OK;
}

// Rows by a text at `key`, oldest first: the last of each stays.
static void last_of_each(ReadItems *found, size_t size, size_t key) {
    char *items = found->items;
    size_t n = 0;
    for (size_t i = 0; i < found->n; i++) {
        Str now, before;
        memcpy(&now, items + i * size + key, sizeof now);
        if (n > 0)
            memcpy(&before, items + (n - 1) * size + key, sizeof before);
        n += n == 0 || !str_eq(before, now);
        memmove(items + (n - 1) * size, items + i * size, size);
    }
    found->n = n;
}

// --- links --------------------------------------------------------------------------------------

static Err link_read(Ctx *c, StoreStmt *q, void *item) {
    PictureLink *k = item;
    k->at = store_col_i64(q, 0);
    k->id = col_id(q, 2);
    TRY(col_text(c, q, 3, &k->agency));
    TRY(col_text(c, q, 4, &k->address));
    col_hash(q, 5, k->link_key);
    k->seq = (uint64_t)store_col_i64(q, 6);
    return OK;
}

static const ReadList link_list = {R_LINK_LIST, TABLE_RECORD, false, sizeof(PictureLink),
                                   link_read};

Err picture_link_list(Ctx *c, PictureReader *r, const PictureLink **ret_items, size_t *ret_n) {
    StoreStmt *q;
    ReadItems found;
    TRY(read_begin(c, r, R_LINK_LIST, &q));
    TRY(read_rows(c, q, &link_list, PICTURE_CHILDREN_MAX, &found));
    last_of_each(&found, sizeof(PictureLink), offsetof(PictureLink, agency));
    READ_GIVE(found, ret_items, ret_n);
    return OK;
}

Err picture_link_get(Ctx *c, PictureReader *r, Str agency, PictureLink *ret_link) {
    StoreStmt *q;
    PictureLink found = {0};
    TRY(read_begin(c, r, R_LINK_GET, &q));
    store_bind_str(q, ":agency", agency);
    TRY(read_one(c, q, link_read, &found));
    *ret_link = found;
    return OK;
}

// --- peers --------------------------------------------------------------------------------------

static Err peer_read(Ctx *c, StoreStmt *q, void *item) {
    PicturePeer *k = item;
    k->at = store_col_i64(q, 0);
    k->id = col_id(q, 2);
    Str *const texts[] = {&k->agency, &k->name, &k->state, &k->address, &k->reason};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        TRY(col_text(c, q, 3 + (int)i, texts[i]));
    k->relay = store_col_i64(q, 8) != 0;
    k->since = str_eq_c(k->state, "confirmed") ? k->at : 0;
    return OK;
}

static const ReadList peer_list = {R_PEER_LIST, TABLE_RECORD, false, sizeof(PicturePeer),
                                   peer_read};

// Rows by agency, oldest first: the last of each stays, with when it was first confirmed.
static Err peers_last(Ctx *c, PictureReader *r, ReadItems *found) {
    PicturePeer *items = found->items;
    size_t n = 0;
    for (size_t i = 0; i < found->n; i++) {
        bool same = n > 0 && str_eq(items[n - 1].agency, items[i].agency);
        int64_t since = same && items[n - 1].since ? items[n - 1].since : items[i].since;
        n += !same;
        items[n - 1] = items[i];
        items[n - 1].since = since;
    }
    found->n = n;
    for (size_t i = 0; i < n; i++)
        TRY(read_words(c, r, items[i].key.pos, "institutions", &items[i].institutions,
                       &items[i].institution_count));
    return OK;
}

static int peer_cmp(const PicturePeer *a, const PicturePeer *b) {
    int by_name = str_cmp(a->name, b->name);
    return by_name ? by_name : str_cmp(a->agency, b->agency);
}

Err picture_peer_list(Ctx *c, PictureReader *r, const PicturePeer **ret_items, size_t *ret_n) {
    StoreStmt *q;
    ReadItems found;
    bool own;
    TRY(read_begin(c, r, R_PEER_LIST, &q));
    TRY(read_rows(c, q, &peer_list, PICTURE_CHILDREN_MAX, &found));
    TRY(read_together(c, r, &own));
    Err e = peers_last(c, r, &found);
    read_apart(r, own);
    TRY(e);
    PicturePeer *items = found.items;
    for (size_t i = 1; i < found.n; i++)
        for (size_t k = i; k > 0 && peer_cmp(&items[k], &items[k - 1]) < 0; k--) {
            PicturePeer t = items[k];
            items[k] = items[k - 1];
            items[k - 1] = t;
        }
    READ_GIVE(found, ret_items, ret_n);
    return OK;
}

Err picture_peer_get(Ctx *c, PictureReader *r, Str agency, PicturePeer *ret_peer) {
    StoreStmt *q;
    ReadItems found;
    TRY(read_begin(c, r, R_PEER_GET, &q));
    store_bind_str(q, ":agency", agency);
    TRY(read_rows(c, q, &peer_list, PICTURE_CHILDREN_MAX, &found));
    TRY(peers_last(c, r, &found));
    if (found.n == 0)
        return read_not_found(c);
    *ret_peer = ((const PicturePeer *)found.items)[0];
    return OK;
}

// --- flags --------------------------------------------------------------------------------------

static Err flag_read(Ctx *c, StoreStmt *q, void *item) {
    PictureFlag *k = item;
    k->at = store_col_i64(q, 0);
    k->id = col_id(q, 2);
    Str *const texts[] = {&k->party, &k->country, &k->source, &k->reason};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        TRY(col_text(c, q, 3 + (int)i, texts[i]));
    k->active = store_col_i64(q, 7) != 0;
    return OK;
}

static const ReadList flag_list = {R_FLAG_LIST, TABLE_RECORD, false, sizeof(PictureFlag),
                                   flag_read};

Err picture_flag_list(Ctx *c, PictureReader *r, const PictureFlag **ret_items, size_t *ret_n) {
    StoreStmt *q;
    ReadItems found;
    TRY(read_begin(c, r, R_FLAG_LIST, &q));
    TRY(read_rows(c, q, &flag_list, PICTURE_CHILDREN_MAX, &found));
    last_of_each(&found, sizeof(PictureFlag), offsetof(PictureFlag, party));
    READ_GIVE(found, ret_items, ret_n);
    return OK;
}

// --- accords ------------------------------------------------------------------------------------

static Err accord_read(Ctx *c, StoreStmt *q, void *item) {
    PictureAccord *k = item;
    k->at = store_col_i64(q, 0);
    k->id = col_id(q, 2);
    Str *const texts[] = {&k->agency, &k->name, &k->title, &k->tlp, &k->pap, &k->handling};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        TRY(col_text(c, q, 3 + (int)i, texts[i]));
    k->days = store_col_i64(q, 9);
    k->begins_at = store_col_i64(q, 10);
    k->has_ends_at = col_i64(q, 11, &k->ends_at);
    return col_text(c, q, 12, &k->mark);
}

static const ReadList accord_list = {R_ACCORD_LIST, TABLE_RECORD, true, sizeof(PictureAccord),
                                     accord_read};

typedef struct MemberRow {
    PictureKey key;
    PictureMember member;
} MemberRow;

static Err member_read(Ctx *c, StoreStmt *q, void *item) {
    PictureMember *k = &((MemberRow *)item)->member;
    TRY(col_text(c, q, 2, &k->agency));
    TRY(col_text(c, q, 3, &k->law));
    k->mirror = store_col_i64(q, 4) != 0;
    return OK;
}

static const ReadList member_list = {R_MEMBERS_OF, TABLE_RECORD, false, sizeof(MemberRow),
                                     member_read};

typedef struct SignRow {
    PictureKey key;
    RecordId id;
    Str agency;
    int64_t at;
    bool is_signed;
} SignRow;

static Err sign_read(Ctx *c, StoreStmt *q, void *item) {
    SignRow *k = item;
    k->id = col_id(q, 2);
    k->at = store_col_i64(q, 4);
    k->is_signed = store_col_i64(q, 5) != 0;
    return col_text(c, q, 3, &k->agency);
}

static const ReadList sign_list = {R_SIGNS_OF, TABLE_RECORD, false, sizeof(SignRow), sign_read};

// What a member said, in order: the first signature is when it joined, the last word whether it is
// in. A word of leaving before any signature says nothing.
static void member_hear(PictureMember *k, const SignRow *s) {
    if (!str_eq(k->agency, s->agency) || (!s->is_signed && !k->has_signed))
        return;
    k->has_left = !s->is_signed;
    k->left_at = s->is_signed ? 0 : s->at;
    if (s->is_signed && !k->has_signed) {
        k->has_signed = true;
        k->signed_at = s->at;
        k->signed_by = s->id;
    }
}

static Err accord_fill(Ctx *c, PictureReader *r, PictureAccord *k) {
    ReadItems rows, signs;
    PictureMember *members;
    int64_t pos = k->key.pos;
    TRY(read_at(c, r, &member_list, pos, &rows));
    TRY(read_at(c, r, &sign_list, pos, &signs));
    TRY(ctx_alloc(c, (rows.n + 1) * sizeof *members, &members));
    k->all_signed = rows.n > 0;
    for (size_t i = 0; i < rows.n; i++) {
        members[i] = ((const MemberRow *)rows.items)[i].member;
        for (size_t s = 0; s < signs.n; s++)
            member_hear(&members[i], &((const SignRow *)signs.items)[s]);
        k->all_signed = k->all_signed && members[i].has_signed;
    }
    k->members = members;
    k->member_count = rows.n;
    TRY(read_words(c, r, pos, "kinds", &k->kinds, &k->kind_count));
    return read_words(c, r, pos, "purposes", &k->purposes, &k->purpose_count);
}

static Err accords_get(Ctx *c, PictureReader *r, ReadItems *ret_found) {
    StoreStmt *q;
    TRY(read_begin(c, r, R_ACCORD_LIST, &q));
    TRY(read_rows(c, q, &accord_list, ACCORDS_MAX, ret_found));
    for (size_t i = 0; i < ret_found->n; i++)
        TRY(accord_fill(c, r, &((PictureAccord *)ret_found->items)[i]));
    return OK;
}

Err picture_accord_list(Ctx *c, PictureReader *r, const PictureAccord **ret_items, size_t *ret_n) {
    ReadItems found;
    bool own;
    TRY(read_together(c, r, &own));
    Err e = accords_get(c, r, &found);
    read_apart(r, own);
    TRY(e);
    READ_GIVE(found, ret_items, ret_n);
    return OK;
}

static Err accord_get(Ctx *c, PictureReader *r, RecordId id, PictureAccord *ret_accord) {
    TRY(read_by_id(c, r, R_ACCORD_GET, id, accord_read, ret_accord));
    return accord_fill(c, r, ret_accord);
}

Err picture_accord_get(Ctx *c, PictureReader *r, RecordId id, PictureAccord *ret_accord) {
    PictureAccord found = {0};
    bool own;
    TRY(read_together(c, r, &own));
    Err e = accord_get(c, r, id, &found);
    read_apart(r, own);
    TRY(e);
    *ret_accord = found;
    return OK;
}

// --- forks --------------------------------------------------------------------------------------

static Err fork_read(Ctx *c, StoreStmt *q, void *item) {
    PictureFork *k = item;
    k->at = store_col_i64(q, 0);
    k->id = col_id(q, 2);
    TRY(col_text(c, q, 3, &k->agency));
    TRY(col_text(c, q, 4, &k->whose));
    return col_text(c, q, 5, &k->why);
}

static const ReadList fork_list = {R_FORK_LIST, TABLE_RECORD, false, sizeof(PictureFork),
                                   fork_read};

Err picture_fork_list(Ctx *c, PictureReader *r, const PictureFork **ret_items, size_t *ret_n) {
    StoreStmt *q;
    ReadItems found;
    TRY(read_begin(c, r, R_FORK_LIST, &q));
    TRY(read_rows(c, q, &fork_list, PICTURE_CHILDREN_MAX, &found));
    PictureFork *items = found.items;
    for (size_t i = 0; i < found.n; i++)
        TRY(read_words(c, r, items[i].key.pos, "notes", &items[i].notes, &items[i].note_count));
    READ_GIVE(found, ret_items, ret_n);
    return OK;
}
