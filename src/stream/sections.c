// A file of checksummed sections: written once, mapped for reading, removed with its last reader.
#include <stdio.h>

#include "stream/stream_priv.h"

#define WRITE_BUFFER_BYTES (1U << 20)

const FileKind FILE_KIND_SEGMENT = {"MOEISEG1", "seg-", ".seg", 10};
const FileKind FILE_KIND_ACCOUNTS = {"MOEIACC1", "accounts-", ".acc", 6};

static uint64_t aligned(uint64_t n) {
    return (n + 63) & ~(uint64_t)63;
}

static uint64_t head_bytes(uint32_t sections) {
    return aligned(sizeof(FileHead) + sections * sizeof(SectionRow));
}

Err file_path_of(Ctx *c, Str folder, const FileKind *kind, uint64_t number, Str *ret_path) {
    return str_format(c, ret_path, STR_FMT "/%s%016llx%s", STR_ARG(folder), kind->prefix,
                      (unsigned long long)number, kind->suffix);
}

// --- reading
// ----------------------------------------------------------------------------------------

Err section_map_read(Ctx *c, const char *name, const FileKind *kind, SectionMap *map) {
    uint64_t at = head_bytes(kind->sections);
    if (map->n < at)
        return fail(c, E_CORRUPT, "%s is cut: %llu bytes", name, (unsigned long long)map->n);
    memcpy(&map->head, map->bytes, sizeof map->head);
    if (memcmp(map->head.magic, kind->magic, 8) != 0)
        return fail(c, E_CORRUPT, "%s does not begin with %s", name, kind->magic);
    if (map->head.sections != kind->sections || map->head.zero != 0)
        return fail(c, E_CORRUPT, "%s has a head that is none", name);
    memcpy(map->rows, map->bytes + sizeof map->head, kind->sections * sizeof map->rows[0]);
    for (uint32_t i = 0; i < kind->sections; i++) {
        const SectionRow *r = &map->rows[i];
        if (r->kind != i + 1 || r->zero != 0 || r->offset != at || r->bytes > map->n - at ||
            aligned(r->bytes) > map->n - at)
            return fail(c, E_CORRUPT, "%s: section %u of the table does not fit the file", name,
                        i + 1);
        at += aligned(r->bytes);
    }
    if (at != map->n)
        return fail(c, E_CORRUPT, "%s has %llu bytes, its sections end at %llu", name,
                    (unsigned long long)map->n, (unsigned long long)at);
    return OK;
}

const void *section_at(const SectionMap *map, uint32_t kind) {
    return map->bytes + map->rows[kind - 1].offset;
}

uint64_t section_bytes(const SectionMap *map, uint32_t kind) {
    return map->rows[kind - 1].bytes;
}

CryptoHash section_map_hash(const SectionMap *map) {
    uint64_t head = head_bytes((uint32_t)map->head.sections);
    CryptoSha256 sha;
    crypto_sha256_init(&sha);
    crypto_sha256_add(&sha, map->bytes + head, map->n - head);
    crypto_sha256_add(&sha, map->bytes, head);
    return crypto_sha256_finish(&sha);
}

Err stream_file_open(Ctx *c, Str path, const FileKind *kind, StreamFile **ret_file) {
    AUTO(File) file = {0};
    Err e = file_open(c, path, FILE_READ, &file);
    if (e == E_NOT_FOUND)
        return fail(c, E_CORRUPT, STR_FMT " is absent though the manifest names it", STR_ARG(path));
    TRY(e);
    StreamFile *f = mem_alloc_zero(1, sizeof *f);
    if (!f)
        return fail(c, E_MEMORY, "not enough memory to open " STR_FMT, STR_ARG(path));
    atomic_store(&f->refs, 1);
    f->kind = kind;
    memcpy(f->path, file.path, sizeof f->path);
    e = file_map(c, &file, &f->map.bytes, &f->map.n);
    f->mapped = e == OK;
    if (e == OK)
        e = section_map_read(c, f->path, kind, &f->map);
    if (e == OK && kind == &FILE_KIND_SEGMENT)
        e = segment_bind(c, f);
    if (e == OK && kind == &FILE_KIND_ACCOUNTS)
        e = accounts_file_bind(c, f);
    if (e != OK) {
        stream_file_put(f);
        return e;
    }
    *ret_file = f;
    return OK;
}

StreamFile *stream_file_ref(StreamFile *f) {
    atomic_fetch_add(&f->refs, 1);
    return f;
}

void stream_file_put(StreamFile *f) {
    if (!f || atomic_fetch_sub(&f->refs, 1) != 1)
        return;
    if (f->mapped)
        file_unmap(f->map.bytes, f->map.n);
    if (atomic_load(&f->doomed)) {
        // A file that stays behind is removed at the next start.
        AUTO(Ctx) c = {0};
        Err ignored = file_remove(&c, str_of(f->path));
        (void)ignored;
    }
    mem_free(f);
}

// --- writing
// ----------------------------------------------------------------------------------------

Err section_writer_begin(Ctx *c, Str path, const FileKind *kind, const FileHead *head,
                         SectionWriter *w) {
    Str temporary;
    if (path.n + 8 > sizeof w->path)
        return fail(c, E_LIMIT, "the path of the node's folder is too long");
    memcpy(w->path, path.p, path.n);
    w->path[path.n] = 0;
    TRY(str_format(c, &temporary, STR_FMT ".tmp", STR_ARG(path)));
    TRY(file_open(c, temporary, FILE_CREATE, &w->file));
    w->began = true;
    w->kinds = kind->sections;
    w->head = *head;
    memcpy(w->head.magic, kind->magic, 8);
    w->head.sections = kind->sections;
    w->at = head_bytes(kind->sections);
    crypto_sha256_init(&w->sha);
    // Room for the head, which is known last.
    static const uint8_t zeros[sizeof(FileHead) + (FILE_SECTIONS_MAX + 2) * sizeof(SectionRow)];
    ASSERT(w->at <= sizeof zeros);
    return file_write(c, &w->file, zeros, (size_t)w->at);
}

// Takes what was put since the last call into the checksum of the section.
static void settle(SectionWriter *w) {
    SectionRow *r = &w->rows[w->current];
    r->crc = crc32c(r->crc, w->buffer.p + w->settled, w->buffer.n - w->settled);
    w->settled = w->buffer.n;
}

static Err flush(Ctx *c, SectionWriter *w) {
    if (w->buffer.n == 0)
        return OK;
    crypto_sha256_add(&w->sha, w->buffer.p, w->buffer.n);
    TRY(file_write(c, &w->file, w->buffer.p, w->buffer.n));
    buf_clear(&w->buffer);
    w->settled = 0;
    return OK;
}

void section_begin(SectionWriter *w) {
    ASSERT(w->current < w->kinds);
    w->rows[w->current] = (SectionRow){.kind = w->current + 1, .offset = w->at};
}

static Err put_large(Ctx *c, SectionWriter *w, const uint8_t *p, size_t n) {
    SectionRow *r = &w->rows[w->current];
    settle(w);
    TRY(flush(c, w));
    // In pieces, so that the checksum, the hash and the copy find the bytes in the cache.
    while (n) {
        size_t piece = n < WRITE_BUFFER_BYTES ? n : WRITE_BUFFER_BYTES;
        r->crc = crc32c(r->crc, p, piece);
        crypto_sha256_add(&w->sha, p, piece);
        TRY(file_write(c, &w->file, p, piece));
        p += piece;
        n -= piece;
    }
    return OK;
}

Err section_put(Ctx *c, SectionWriter *w, const void *bytes, size_t n) {
    w->rows[w->current].bytes += n;
    w->at += n;
    if (n >= WRITE_BUFFER_BYTES / 4)
        return put_large(c, w, bytes, n);
    buf_append(&w->buffer, bytes, n);
    if (w->buffer.n < WRITE_BUFFER_BYTES && !w->buffer.failed)
        return OK;
    TRY(buf_check(c, &w->buffer));
    settle(w);
    return flush(c, w);
}

Err section_end(Ctx *c, SectionWriter *w) {
    static const uint8_t zeros[64];
    uint64_t bytes = w->rows[w->current].bytes;
    settle(w);
    w->current++;
    w->at += aligned(bytes) - bytes;
    buf_append(&w->buffer, zeros, (size_t)(aligned(bytes) - bytes));
    w->settled = w->buffer.n;
    return buf_check(c, &w->buffer);
}

Err section_put_whole(Ctx *c, SectionWriter *w, const void *bytes, size_t n) {
    section_begin(w);
    TRY(section_put(c, w, bytes, n));
    return section_end(c, w);
}

Err section_writer_finish(Ctx *c, SectionWriter *w, CryptoHash *ret_hash) {
    uint8_t head[sizeof(FileHead) + (FILE_SECTIONS_MAX + 2) * sizeof(SectionRow)] = {0};
    size_t n = (size_t)head_bytes(w->kinds);
    ASSERT(w->current == w->kinds);
    TRY(flush(c, w));
    memcpy(head, &w->head, sizeof w->head);
    memcpy(head + sizeof w->head, w->rows, w->kinds * sizeof w->rows[0]);
    crypto_sha256_add(&w->sha, head, n);
    TRY(file_write_at(c, &w->file, 0, head, n));
    TRY(file_sync(c, &w->file));
    TRY(file_rename(c, str_of(w->file.path), str_of(w->path)));
    w->began = false;
    *ret_hash = crypto_sha256_finish(&w->sha);
    return OK;
}

void SectionWriter_cleanup(SectionWriter *w) {
    file_close(&w->file);
    buf_done(&w->buffer);
    if (w->began) {
        AUTO(Ctx) c = {0};
        Err ignored = file_remove(&c, str_of(w->file.path));
        (void)ignored;
    }
}
