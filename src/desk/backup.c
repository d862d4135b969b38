// One encrypted file that holds a node.
#include "desk/backup_priv.h"

#include <unistd.h>
#include <zstd.h>

static Err passphrase_check(Ctx *c, Str passphrase) {
    if (passphrase.n < DESK_BACKUP_PASSPHRASE_BYTES_MIN)
        return fail(c, E_INVALID,
                    "the passphrase must have %d characters or more: whoever has it "
                    "and the file has the node",
                    DESK_BACKUP_PASSPHRASE_BYTES_MIN);
    return OK;
}

// --- write --------------------------------------------------------------------------------------

typedef struct Packer {
    const DeskProgress *progress;
    CryptoFileWriter sealed;
    ZSTD_CCtx *zstd;
    char *in, *out; // DESK_BACKUP_CHUNK_BYTES each
    uint64_t done, total;
} Packer;

static void Packer_cleanup(Packer *p) {
    CryptoFileWriter_cleanup(&p->sealed);
    ZSTD_freeCCtx(p->zstd);
    mem_free(p->in);
    mem_free(p->out);
}

static Err pack(Ctx *c, Packer *p, const void *bytes, size_t n, bool last) {
    ZSTD_inBuffer in = {bytes, n, 0};
    for (;;) {
        ZSTD_outBuffer out = {p->out, DESK_BACKUP_CHUNK_BYTES, 0};
        size_t left = ZSTD_compressStream2(p->zstd, &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
        if (ZSTD_isError(left))
            return fail(c, E_MEMORY, "cannot compress the backup: %s", ZSTD_getErrorName(left));
        if (out.pos > 0)
            TRY(crypto_file_write(c, &p->sealed, p->out, out.pos));
        if (in.pos == in.size && (!last || left == 0))
            return OK;
    }
}

static Err pack_head(Ctx *c, Packer *p, Str name, uint64_t size) {
    uint8_t head[BACKUP_HEAD_BYTES];
    store_u32le(head, (uint32_t)name.n);
    store_u64le(head + 4, size);
    TRY(pack(c, p, head, sizeof head, false));
    return pack(c, p, name.p, name.n, false);
}

static Err pack_file(Ctx *c, Packer *p, Str path, Str name) {
    AUTO(File) f = {0};
    TRY(file_open(c, path, FILE_READ, &f));
    uint64_t size, done = 0;
    TRY(file_size(c, &f, &size));
    TRY(pack_head(c, p, name, size));
    while (done < size) {
        size_t got;
        uint64_t want =
            size - done < DESK_BACKUP_CHUNK_BYTES ? size - done : DESK_BACKUP_CHUNK_BYTES;
        TRY(file_read(c, &f, p->in, (size_t)want, &got));
        if (got == 0)
            return fail(c, E_IO, STR_FMT " became shorter while it was read", STR_ARG(path));
        TRY(pack(c, p, p->in, got, false));
        done += got;
        p->done += got;
        if (!desk_step(p->progress, "writing the backup", p->done, p->total))
            return fail(c, E_CANCELLED, "stopped on request: there is no backup file");
    }
    return OK;
}

typedef struct Member {
    Str path, name;
} Member;

static Err member_add(Ctx *c, Member *members, size_t *n, Member m) {
    if (*n == DESK_BACKUP_FILES_MAX)
        return fail(c, E_LIMIT, "the node has more than %d files", DESK_BACKUP_FILES_MAX);
    members[(*n)++] = m;
    return OK;
}

// The files of the node, databases as consistent copies. The caller holds the writer's lock.
static Err members_of(Ctx *c, DeskNode *node, Member *members, size_t *ret_n) {
    Str dir = str_of(node->dir), ledger, local, checkpoint, stream;
    TRY(ledger_checkpoint_save(c, node->ledger));
    TRY(desk_path(c, dir, "backup-ledger.db", &ledger));
    TRY(desk_path(c, dir, "backup-local.db", &local));
    TRY(desk_path(c, dir, "checkpoint", &checkpoint));
    TRY(desk_path(c, dir, "stream", &stream));
    TRY(file_remove(c, ledger));
    TRY(file_remove(c, local));
    TRY(store_backup_to(c, ledger_db(node->ledger), ledger));
    TRY(store_backup_to(c, node->local, local));
    TRY(member_add(c, members, ret_n, (Member){ledger, STR("ledger.db")}));
    TRY(member_add(c, members, ret_n, (Member){local, STR("local.db")}));
    TRY(member_add(c, members, ret_n, (Member){checkpoint, STR("checkpoint")}));
    Str *names;
    size_t n;
    TRY(dir_list(c, stream, &names, &n));
    for (size_t i = 0; i < n; i++) {
        Member m = {0};
        TRY(str_format(c, &m.path, STR_FMT "/" STR_FMT, STR_ARG(stream), STR_ARG(names[i])));
        TRY(str_format(c, &m.name, "stream/" STR_FMT, STR_ARG(names[i])));
        TRY(member_add(c, members, ret_n, m));
    }
    return OK;
}

static Err total_of(Ctx *c, const Member *members, size_t n, uint64_t *ret_bytes) {
    uint64_t total = 0;
    for (size_t i = 0; i < n; i++) {
        AUTO(File) f = {0};
        uint64_t size;
        TRY(file_open(c, members[i].path, FILE_READ, &f));
        TRY(file_size(c, &f, &size));
        total += size;
    }
    *ret_bytes = total;
    return OK;
}

static Err pack_all(Ctx *c, Packer *p, const Member *members, size_t n) {
    TRY(total_of(c, members, n, &p->total));
    TRY(pack(c, p, BACKUP_MAGIC, sizeof BACKUP_MAGIC - 1, false));
    for (size_t i = 0; i < n; i++)
        TRY(pack_file(c, p, members[i].path, members[i].name));
    uint8_t end[BACKUP_HEAD_BYTES] = {0};
    TRY(pack(c, p, end, sizeof end, true));
    return crypto_file_finish(c, &p->sealed);
}

static Err packer_start(Ctx *c, const DeskNode *n, File *out, Str passphrase, Packer *p) {
    p->zstd = ZSTD_createCCtx();
    p->in = mem_alloc(DESK_BACKUP_CHUNK_BYTES);
    p->out = mem_alloc(DESK_BACKUP_CHUNK_BYTES);
    if (!p->zstd || !p->in || !p->out)
        return fail(c, E_MEMORY, "no memory for the backup");
    size_t set = ZSTD_CCtx_setParameter(p->zstd, ZSTD_c_compressionLevel, BACKUP_LEVEL);
    if (ZSTD_isError(set))
        return fail(c, E_MEMORY, "cannot compress: %s", ZSTD_getErrorName(set));
    CryptoLock lock = {passphrase, str_of(BACKUP_PURPOSE), n->env.cost};
    return crypto_file_writer_open(c, out, &lock, n->env.random, &p->sealed);
}

// Copies and half a backup hold everything in plain or are of no use: they go, whatever happened.
static void drop(Str path) {
    (void)!unlink(path.p); // made by str_format, so that a NUL follows
}

static void drop_copies(Str dir) {
    AUTO(Ctx) c;
    ctx_init(&c);
    Str path;
    if (desk_path(&c, dir, "backup-ledger.db", &path) == OK)
        drop(path);
    if (desk_path(&c, dir, "backup-local.db", &path) == OK)
        drop(path);
}

static Err backup_to(Ctx *c, DeskNode *n, Str temporary, Str passphrase,
                     const DeskProgress *progress) {
    Member *members;
    size_t count = 0;
    TRY(ctx_alloc(c, DESK_BACKUP_FILES_MAX * sizeof *members, &members));
    AUTO(File) f = {0};
    TRY(file_open(c, temporary, FILE_CREATE, &f));
    AUTO(Packer) p = {.progress = progress};
    TRY(packer_start(c, n, &f, passphrase, &p));
    pthread_mutex_lock(&n->write_lock);
    Err e = members_of(c, n, members, &count);
    if (e == OK)
        e = pack_all(c, &p, members, count);
    drop_copies(str_of(n->dir));
    pthread_mutex_unlock(&n->write_lock);
    TRY(e);
    return file_sync(c, &f);
}

Err desk_backup(Ctx *c, DeskNode *n, Str file, Str passphrase, DeskProgress progress) {
    TRY(passphrase_check(c, passphrase));
    if (file_exists(file))
        return fail(c, E_EXISTS, STR_FMT " is there already: a backup is never overwritten",
                    STR_ARG(file));
    Str temporary;
    TRY(str_format(c, &temporary, STR_FMT ".new", STR_ARG(file)));
    Err e = backup_to(c, n, temporary, passphrase, &progress);
    if (e != OK) {
        drop(temporary);
        return e;
    }
    TRY(file_rename(c, temporary, file));
    const char *slash = memrchr(file.p, '/', file.n);
    Str folder = !slash            ? STR(".")
                 : slash == file.p ? STR("/")
                                   : (Str){file.p, (size_t)(slash - file.p)};
    return dir_sync(c, folder);
}
