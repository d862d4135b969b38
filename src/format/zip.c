// Writes a ZIP: files are spooled one after the other, then libzip packs them from the mapped
// spool.
#include "format/format_zip.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <zip.h>

typedef struct ZipFile {
    size_t name, name_n; // in names
    uint64_t start, n;   // in the spool
    CryptoHash hash;
} ZipFile;

struct FormatZip {
    char path[BASE_PATH_BYTES_MAX], part[BASE_PATH_BYTES_MAX];
    File spool;
    uint64_t spooled;
    int64_t at_us;
    bool inside, packed;
    CryptoSha256 hash;
    Buf names;
    Dict known;
    ZipFile *files;
    size_t count, cap;
    FormatZipProgress progress;
    bool stopped;
};

// --- the spool ----------------------------------------------------------------------------------

static Err path_with(Ctx *c, Str path, const char *end, char ret_path[BASE_PATH_BYTES_MAX]) {
    Str text;
    TRY(str_format(c, &text, STR_FMT "%s", STR_ARG(path), end));
    if (text.n >= BASE_PATH_BYTES_MAX)
        return fail(c, E_LIMIT, "the path of the file is too long");
    memcpy(ret_path, text.p, text.n + 1);
    return OK;
}

Err format_zip_create(Ctx *c, Str path, int64_t at_us, FormatZip **ret_zip) {
    AUTO(FormatZipPtr) z = mem_alloc_zero(1, sizeof *z);
    if (!z)
        return fail(c, E_MEMORY, "no memory to write a ZIP");
    dict_init(&z->known, (uint64_t)at_us);
    z->at_us = at_us;
    TRY(path_with(c, path, "", z->path));
    TRY(path_with(c, path, ".part", z->part));
    char spool[BASE_PATH_BYTES_MAX];
    TRY(path_with(c, path, ".spool", spool));
    TRY(file_open(c, str_of(spool), FILE_CREATE, &z->spool));
    // Without a name it is gone whatever happens to this process.
    TRY(file_remove(c, str_of(spool)));
    *ret_zip = z;
    z = NULL;
    return OK;
}

void format_zip_close(FormatZip *z) {
    if (!z)
        return;
    file_close(&z->spool);
    if (z->packed) {
        AUTO(Ctx) c;
        ctx_init(&c);
        Err ignored = file_remove(&c, str_of(z->part)); // nothing more can be done about it
        (void)ignored;
    }
    dict_done(&z->known);
    buf_done(&z->names);
    mem_free(z->files);
    mem_free(z);
}

void FormatZipPtr_cleanup(FormatZipPtr *z) {
    format_zip_close(*z);
    *z = NULL;
}

static bool name_good(Str name) {
    size_t at;
    if (name.n == 0 || name.n > ZIP_NAME_BYTES_MAX || name.p[0] == '/' ||
        name.p[name.n - 1] == '/' || str_find(name, STR(".."), &at) ||
        str_find(name, STR("//"), &at))
        return false;
    for (size_t i = 0; i < name.n; i++) {
        char ch = name.p[i];
        bool good = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
                    (ch >= '0' && ch <= '9') || ch == '.' || ch == '_' || ch == '/' || ch == '-';
        if (!good)
            return false;
    }
    return true;
}

Err format_zip_begin(Ctx *c, FormatZip *z, Str name) {
    ASSERT(!z->inside && !z->packed);
    uint32_t id;
    if (!name_good(name))
        return fail(c, E_INVALID, "a file in a ZIP cannot be called " STR_FMT, STR_ARG(name));
    if (dict_find(&z->known, name, &id))
        return fail(c, E_EXISTS, "the ZIP holds " STR_FMT " already", STR_ARG(name));
    if (z->count == ZIP_FILES_MAX)
        return fail(c, E_LIMIT, "a ZIP holds at most %d files", ZIP_FILES_MAX);
    TRY(mem_grow(c, &z->files, &z->cap, z->count + 1, sizeof *z->files));
    TRY(dict_intern(c, &z->known, name, &id));
    z->files[z->count] =
        (ZipFile){.name = z->names.n, .name_n = name.n, .start = z->spooled, .n = 0};
    buf_str(&z->names, name);
    TRY(buf_check(c, &z->names));
    crypto_sha256_init(&z->hash);
    z->inside = true;
    return OK;
}

Err format_zip_write(Ctx *c, FormatZip *z, const void *bytes, size_t n) {
    ASSERT(z->inside);
    if (n > ZIP_BYTES_MAX - z->spooled)
        return fail(c, E_LIMIT, "a ZIP holds at most %lld GiB", (long long)(ZIP_BYTES_MAX >> 30));
    TRY(file_write(c, &z->spool, bytes, n));
    crypto_sha256_add(&z->hash, bytes, n);
    z->spooled += n;
    return OK;
}

Err format_zip_end(Ctx *c, FormatZip *z, CryptoHash *ret_hash) {
    (void)c;
    ASSERT(z->inside);
    ZipFile *f = &z->files[z->count++];
    f->n = z->spooled - f->start;
    f->hash = crypto_sha256_finish(&z->hash);
    z->inside = false;
    if (ret_hash)
        *ret_hash = f->hash;
    return OK;
}

Err format_zip_add(Ctx *c, FormatZip *z, Str name, Str bytes) {
    TRY(format_zip_begin(c, z, name));
    if (bytes.n > 0)
        TRY(format_zip_write(c, z, bytes.p, bytes.n));
    return format_zip_end(c, z, NULL);
}

size_t format_zip_count(const FormatZip *z) {
    return z->count;
}

// --- by name ------------------------------------------------------------------------------------

typedef struct Named {
    Str name;
    const ZipFile *file;
} Named;

static int by_name(const void *a, const void *b) {
    const Named *x = a, *y = b;
    return str_cmp(x->name, y->name);
}

static Err sorted(Ctx *c, const FormatZip *z, Named **ret_items) {
    Named *items;
    TRY(ctx_alloc(c, (z->count + 1) * sizeof *items, &items));
    for (size_t i = 0; i < z->count; i++)
        items[i] = (Named){{z->names.p + z->files[i].name, z->files[i].name_n}, &z->files[i]};
    if (z->count > 1)
        qsort(items, z->count, sizeof *items, by_name);
    *ret_items = items;
    return OK;
}

Err format_zip_manifest(Ctx *c, FormatZip *z, Buf *out) {
    Named *items;
    TRY(sorted(c, z, &items));
    for (size_t i = 0; i < z->count; i++) {
        buf_hex(out, items[i].file->hash.b, sizeof items[i].file->hash.b);
        buf_text(out, "  ");
        buf_str(out, items[i].name);
        buf_char(out, '\n');
    }
    return buf_check(c, out);
}

// --- the ZIP ------------------------------------------------------------------------------------

static Err zip_words(Ctx *c, const FormatZip *z, zip_error_t *error) {
    int saved = zip_error_system_type(error) == ZIP_ET_SYS ? zip_error_code_system(error) : 0;
    Err e = saved == ENOSPC ? E_NO_SPACE : saved == EROFS ? E_READ_ONLY : E_IO;
    return fail(c, e, "%s: the ZIP cannot be written: %s", z->part, zip_error_strerror(error));
}

static void on_progress(zip_t *archive, double part, void *self) {
    (void)archive;
    FormatZip *z = self;
    uint64_t done = (uint64_t)(part * (double)z->spooled);
    if (z->progress.step && !z->progress.step(z->progress.self, done, z->spooled))
        z->stopped = true;
}

static int on_cancel(zip_t *archive, void *self) {
    (void)archive;
    const FormatZip *z = self;
    return z->stopped;
}

static void dos_time(int64_t at_us, uint16_t *ret_time, uint16_t *ret_date) {
    int64_t seconds = at_us / 1000000, year;
    unsigned month, day;
    civil_from_days(seconds / 86400, &year, &month, &day);
    unsigned s = (unsigned)(seconds % 86400);
    if (year < 1980 || year > 2107) { // what a ZIP can say
        year = 1980;
        month = day = 1;
        s = 0;
    }
    *ret_time = (uint16_t)((s / 3600) << 11 | (s / 60 % 60) << 5 | s % 60 / 2);
    *ret_date = (uint16_t)((unsigned)(year - 1980) << 9 | month << 5 | day);
}

static Err pack_one(Ctx *c, FormatZip *z, zip_t *archive, const uint8_t *spool, const Named *item) {
    Str name;
    TRY(str_copy(c, item->name, &name)); // libzip wants a NUL behind it
    const ZipFile *f = item->file;
    zip_source_t *source = zip_source_buffer(archive, f->n ? spool + f->start : NULL, f->n, 0);
    if (!source)
        return zip_words(c, z, zip_get_error(archive));
    zip_int64_t index = zip_file_add(archive, name.p, source, 0);
    if (index < 0) {
        zip_source_free(source);
        return zip_words(c, z, zip_get_error(archive));
    }
    uint16_t time, date;
    dos_time(z->at_us, &time, &date);
    zip_uint64_t at = (zip_uint64_t)index;
    if (zip_file_set_dostime(archive, at, time, date, 0) != 0 ||
        zip_file_set_external_attributes(archive, at, 0, ZIP_OPSYS_UNIX,
                                         (zip_uint32_t)(S_IFREG | 0600) << 16) != 0 ||
        zip_set_file_compression(archive, at, ZIP_CM_DEFLATE, 6) != 0)
        return zip_words(c, z, zip_get_error(archive));
    return OK;
}

static Err pack(Ctx *c, FormatZip *z, zip_t *archive, const uint8_t *spool) {
    Named *items;
    TRY(sorted(c, z, &items));
    for (size_t i = 0; i < z->count; i++)
        TRY(pack_one(c, z, archive, spool, &items[i]));
    if (zip_register_progress_callback_with_state(archive, 0.01, on_progress, NULL, z) != 0 ||
        zip_register_cancel_callback_with_state(archive, on_cancel, NULL, z) != 0)
        return zip_words(c, z, zip_get_error(archive));
    return OK;
}

static Err pack_mapped(Ctx *c, FormatZip *z, const uint8_t *spool) {
    TRY(file_remove(c, str_of(z->part)));
    int code = 0;
    zip_t *archive = zip_open(z->part, ZIP_CREATE | ZIP_EXCL, &code);
    if (!archive) {
        zip_error_t error;
        zip_error_init_with_code(&error, code);
        Err e = zip_words(c, z, &error);
        zip_error_fini(&error);
        return e;
    }
    Err e = pack(c, z, archive, spool);
    if (e == OK && zip_close(archive) == 0)
        return OK;
    if (e == OK)
        e = z->stopped ? fail(c, E_CANCELLED, "stopped on request")
                       : zip_words(c, z, zip_get_error(archive));
    zip_discard(archive);
    return e;
}

Err format_zip_finish(Ctx *c, FormatZip *z, FormatZipProgress progress) {
    ASSERT(!z->inside && !z->packed && z->count > 0);
    z->progress = progress;
    const uint8_t *bytes = NULL;
    uint64_t n = 0;
    if (z->spooled > 0)
        TRY(file_map(c, &z->spool, &bytes, &n));
    Err e = pack_mapped(c, z, bytes);
    if (bytes)
        file_unmap(bytes, n);
    TRY(e);
    z->packed = true;
    AUTO(File) f = {0};
    TRY(file_open(c, str_of(z->part), FILE_READ_WRITE, &f));
    return file_sync(c, &f);
}

Err format_zip_publish(Ctx *c, FormatZip *z) {
    ASSERT(z->packed);
    TRY(file_rename(c, str_of(z->part), str_of(z->path)));
    z->packed = false;
    Str path = str_of(z->path);
    size_t n = path.n;
    while (n > 0 && path.p[n - 1] != '/')
        n--;
    return dir_sync(c, n > 0 ? (Str){path.p, n} : STR("."));
}
