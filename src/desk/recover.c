// A node made from a backup, and a node that was set back brought to write again.
#include "desk/backup_priv.h"
#include "desk/exchange_priv.h"

#include <zstd.h>

typedef struct Unpacker {
    const DeskProgress *progress;
    Str dir;
    CryptoFileReader sealed;
    ZSTD_DCtx *zstd;
    char *in, *out; // DESK_BACKUP_CHUNK_BYTES each
    size_t in_n, in_at, out_n, out_at;
    uint64_t done;
    size_t files;
} Unpacker;

static void Unpacker_cleanup(Unpacker *u) {
    CryptoFileReader_cleanup(&u->sealed);
    ZSTD_freeDCtx(u->zstd);
    mem_free(u->in);
    mem_free(u->out);
}

static Err damaged(Ctx *c) {
    return fail(c, E_CORRUPT, "the backup is damaged or of another program: take an older one");
}

// More plain bytes into u->out; none at the end of the file.
static Err refill(Ctx *c, Unpacker *u) {
    u->out_n = u->out_at = 0;
    while (u->out_n == 0) {
        if (u->in_at == u->in_n) {
            u->in_at = u->in_n = 0;
            TRY(crypto_file_read(c, &u->sealed, u->in, DESK_BACKUP_CHUNK_BYTES, &u->in_n));
        }
        ZSTD_inBuffer in = {u->in, u->in_n, u->in_at};
        ZSTD_outBuffer out = {u->out, DESK_BACKUP_CHUNK_BYTES, 0};
        size_t left = ZSTD_decompressStream(u->zstd, &out, &in);
        if (ZSTD_isError(left))
            return damaged(c);
        u->in_at = in.pos;
        u->out_n = out.pos;
        if (u->in_n == 0 && u->out_n == 0)
            return OK;
    }
    return OK;
}

// Up to n bytes that lie together; *ret_n is 0 at the end.
static Err take(Ctx *c, Unpacker *u, size_t n, const char **ret_bytes, size_t *ret_n) {
    if (u->out_at == u->out_n)
        TRY(refill(c, u));
    size_t have = u->out_n - u->out_at;
    *ret_bytes = u->out + u->out_at;
    *ret_n = have < n ? have : n;
    u->out_at += *ret_n;
    return OK;
}

static Err take_whole(Ctx *c, Unpacker *u, void *bytes, size_t n) {
    for (size_t at = 0; at < n;) {
        const char *part;
        size_t got;
        TRY(take(c, u, n - at, &part, &got));
        if (got == 0)
            return damaged(c);
        memcpy((char *)bytes + at, part, got);
        at += got;
    }
    return OK;
}

// Only the names that a backup of ours has: nothing may be written beside the folder.
static bool name_valid(Str name) {
    if (str_eq_c(name, "ledger.db") || str_eq_c(name, "local.db") || str_eq_c(name, "checkpoint"))
        return true;
    Str stream = STR("stream/");
    if (!str_starts(name, stream) || name.n == stream.n || name.p[stream.n] == '.')
        return false;
    for (size_t i = stream.n; i < name.n; i++) {
        char ch = name.p[i];
        if (!((ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || ch == '-' || ch == '.'))
            return false;
    }
    return true;
}

static Err unpack_file(Ctx *c, Unpacker *u, Str name, uint64_t size) {
    Str path;
    TRY(str_format(c, &path, STR_FMT "/" STR_FMT, STR_ARG(u->dir), STR_ARG(name)));
    AUTO(File) f = {0};
    TRY(file_open(c, path, FILE_CREATE, &f));
    for (uint64_t at = 0; at < size;) {
        const char *part;
        size_t got;
        uint64_t want = size - at < DESK_BACKUP_CHUNK_BYTES ? size - at : DESK_BACKUP_CHUNK_BYTES;
        TRY(take(c, u, (size_t)want, &part, &got));
        if (got == 0)
            return damaged(c);
        TRY(file_write(c, &f, part, got));
        at += got;
        u->done += got;
        if (!desk_step(u->progress, "reading the backup", u->done, 0))
            return fail(c, E_CANCELLED, "stopped on request: nothing was made");
    }
    return file_sync(c, &f);
}

static Err unpack_all(Ctx *c, Unpacker *u) {
    char magic[sizeof BACKUP_MAGIC - 1], name[BACKUP_NAME_BYTES_MAX];
    TRY(take_whole(c, u, magic, sizeof magic));
    if (memcmp(magic, BACKUP_MAGIC, sizeof magic) != 0)
        return damaged(c);
    for (;;) {
        uint8_t head[BACKUP_HEAD_BYTES];
        TRY(take_whole(c, u, head, sizeof head));
        size_t n = load_u32le(head);
        if (n == 0)
            break;
        if (n > sizeof name || u->files++ == DESK_BACKUP_FILES_MAX)
            return damaged(c);
        TRY(take_whole(c, u, name, n));
        if (!name_valid((Str){name, n}))
            return damaged(c);
        TRY(unpack_file(c, u, (Str){name, n}, load_u64le(head + 4)));
    }
    const char *rest;
    size_t more;
    TRY(take(c, u, 1, &rest, &more)); // reads the last seal too: a file that was cut ends here
    return more == 0 ? OK : damaged(c);
}

static Err unpack(Ctx *c, Unpacker *u, File *f, const CryptoLock *lock) {
    u->zstd = ZSTD_createDCtx();
    u->in = mem_alloc(DESK_BACKUP_CHUNK_BYTES);
    u->out = mem_alloc(DESK_BACKUP_CHUNK_BYTES);
    if (!u->zstd || !u->in || !u->out)
        return fail(c, E_MEMORY, "no memory for the backup");
    TRY(crypto_file_reader_open(c, f, lock, &u->sealed));
    Str stream;
    TRY(desk_path(c, u->dir, "stream", &stream));
    TRY(dir_make(c, stream));
    TRY(unpack_all(c, u));
    TRY(dir_sync(c, stream));
    return dir_sync(c, u->dir);
}

static Err recover(Ctx *c, const DeskEnv *env, Unpacker *u, Str file, Str passphrase) {
    {
        AUTO(File) f = {0};
        TRY(file_open(c, file, FILE_READ, &f));
        CryptoLock lock = {passphrase, str_of(BACKUP_PURPOSE), env->cost};
        TRY(unpack(c, u, &f, &lock));
    }
    // Opening it makes the picture and shows that everything is there.
    AUTO(DeskNodePtr) n = NULL;
    return desk_open(c, env, u->dir, &n);
}

Err desk_recover(Ctx *c, const DeskEnv *env, Str dir, Str file, Str passphrase,
                 DeskProgress progress) {
    bool empty;
    TRY(desk_folder_empty(c, dir, &empty));
    if (!empty)
        return fail(c, E_EXISTS, STR_FMT " is not empty: a node is recovered into a new folder",
                    STR_ARG(dir));
    if (!file_exists(file))
        return fail(c, E_NOT_FOUND, "there is no backup " STR_FMT, STR_ARG(file));
    bool made = !file_exists(dir);
    TRY(dir_make(c, dir));
    AUTO(Unpacker) u = {.progress = &progress, .dir = dir};
    Err e = recover(c, env, &u, file, passphrase);
    if (e != OK)
        desk_folder_clear(dir, made);
    return e;
}

Err desk_recover_unlock(Ctx *c, const DeskEnv *env, Str dir, bool accept_loss) {
    AUTO(DeskNodePtr) n = NULL;
    TRY(desk_open(c, env, dir, &n));
    if (!ledger_rolled_back(n->ledger) && desk_exchange_silent(n))
        return fail(c, E_STATE,
                    "other agencies hold records of " STR_FMT " behind its end: to go on without "
                    "them would make two histories. Use --from-peers, or --good-size with the "
                    "recovery key",
                    STR_ARG(dir));
    if (!ledger_rolled_back(n->ledger))
        return fail(c, E_STATE,
                    STR_FMT " is as new as what it has given out: there is nothing to "
                            "recover",
                    STR_ARG(dir));
    if (!accept_loss)
        return fail(c, E_STATE,
                    "the ledger of " STR_FMT " ends at record %lld, and it has given out a larger "
                    "checkpoint: the records after that are not here. Restore a newer backup if "
                    "there is one; --from-peers fetches what a mirror of this log holds; else "
                    "--good-size with the recovery key goes on without them, or --accept-loss, "
                    "where no other agency ever saw them",
                    STR_ARG(dir), (long long)ledger_size(n->ledger, LEDGER_MAIN));
    return ledger_accept_loss(c, n->ledger);
}
