#include "base/base.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

// True when the fault plan wants this write to fail; sets errno as planned.
static bool write_faulted(void) {
    if (!fault_write_now())
        return false;
    errno = fault_write_errno() ? fault_write_errno() : EIO;
    return true;
}

static Err path_text(Ctx *c, Str path, char ret_text[BASE_PATH_BYTES_MAX]) {
    if (path.n == 0 || path.n >= BASE_PATH_BYTES_MAX || memchr(path.p, 0, path.n))
        return fail(c, E_INVALID, "a path is empty, too long or has a NUL in it");
    memcpy(ret_text, path.p, path.n);
    ret_text[path.n] = 0;
    return OK;
}

Err file_open(Ctx *c, Str path, FileMode mode, File *ret_file) {
    static const int flags[] = {
        [FILE_READ] = O_RDONLY,
        [FILE_CREATE] = O_RDWR | O_CREAT | O_TRUNC,
        [FILE_APPEND] = O_WRONLY | O_CREAT | O_APPEND,
        [FILE_READ_WRITE] = O_RDWR | O_CREAT,
    };
    File f = {.fd = -1};
    TRY(path_text(c, path, f.path));
    if (mode != FILE_READ && write_faulted())
        return fail_errno(c, "cannot write %s", f.path);
    f.fd = open(f.path, flags[mode] | O_CLOEXEC, 0600);
    if (f.fd < 0 && errno == ENOENT && mode != FILE_READ)
        return fail(c, E_NOT_FOUND, "the folder for %s is not there", f.path);
    if (f.fd < 0 && errno == ENOENT)
        return fail(c, E_NOT_FOUND, "there is no file %s", f.path);
    if (f.fd < 0)
        return fail_errno(c, "cannot open %s", f.path);
    struct stat st;
    if (mode == FILE_READ && fstat(f.fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        close(f.fd);
        return fail(c, E_INVALID, "%s is a folder, and no file", f.path);
    }
    f.open = true;
    *ret_file = f;
    return OK;
}

Err file_write(Ctx *c, File *f, const void *bytes, size_t n) {
    const char *p = bytes;
    while (n) {
        if (write_faulted())
            return fail_errno(c, "cannot write to %s", f->path);
        ssize_t done = write(f->fd, p, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return fail_errno(c, "cannot write to %s", f->path);
        p += done;
        n -= (size_t)done;
    }
    return OK;
}

Err file_write_at(Ctx *c, File *f, uint64_t at, const void *bytes, size_t n) {
    const char *p = bytes;
    while (n) {
        if (write_faulted())
            return fail_errno(c, "cannot write to %s", f->path);
        ssize_t done = pwrite(f->fd, p, n, (off_t)at);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return fail_errno(c, "cannot write to %s", f->path);
        p += done;
        at += (uint64_t)done;
        n -= (size_t)done;
    }
    return OK;
}

Err file_read(Ctx *c, File *f, void *bytes, size_t n, size_t *ret_n) {
    for (;;) {
        ssize_t got = read(f->fd, bytes, n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail_errno(c, "cannot read %s", f->path);
        *ret_n = (size_t)got;
        return OK;
    }
}

Err file_read_full(Ctx *c, File *f, void *bytes, size_t n, size_t *ret_n) {
    uint8_t *to = bytes;
    size_t have = 0;
    while (have < n) {
        size_t got;
        TRY(file_read(c, f, to + have, n - have, &got));
        if (got == 0)
            break;
        have += got;
    }
    *ret_n = have;
    return OK;
}

Err file_size(Ctx *c, File *f, uint64_t *ret_bytes) {
    struct stat s;
    if (fstat(f->fd, &s) != 0)
        return fail_errno(c, "cannot read the size of %s", f->path);
    *ret_bytes = (uint64_t)s.st_size;
    return OK;
}

Err file_sync(Ctx *c, File *f) {
    if (write_faulted() || fdatasync(f->fd) != 0)
        return fail_errno(c, "cannot make %s durable", f->path);
    return OK;
}

Err file_lock(Ctx *c, File *f) {
    if (flock(f->fd, LOCK_EX | LOCK_NB) == 0)
        return OK;
    if (errno == EWOULDBLOCK)
        return fail(c, E_BUSY, "%s is in use by another process", f->path);
    return fail_errno(c, "cannot lock %s", f->path);
}

void file_close(File *f) {
    if (f->open)
        close(f->fd);
    f->open = false;
}

void File_cleanup(File *f) {
    file_close(f);
}

Err file_map(Ctx *c, File *f, const uint8_t **ret_bytes, uint64_t *ret_n) {
    uint64_t n;
    TRY(file_size(c, f, &n));
    if (n == 0)
        return fail(c, E_CORRUPT, "%s is empty", f->path);
    void *p = mmap(NULL, n, PROT_READ, MAP_SHARED, f->fd, 0);
    if (p == MAP_FAILED)
        return fail_errno(c, "cannot map %s", f->path);
    *ret_bytes = p;
    *ret_n = n;
    return OK;
}

void file_unmap(const uint8_t *bytes, uint64_t n) {
    if (bytes)
        munmap((void *)(uintptr_t)bytes, n);
}

Err file_rename(Ctx *c, Str from, Str to) {
    char a[BASE_PATH_BYTES_MAX], b[BASE_PATH_BYTES_MAX];
    TRY(path_text(c, from, a));
    TRY(path_text(c, to, b));
    bool faulted = write_faulted();
    if (!faulted && rename(a, b) == 0)
        return OK;
    if (!faulted && errno == EISDIR)
        return fail(c, E_INVALID, "%.900s is a folder: name a file", b);
    return fail_errno(c, "cannot rename %.900s", a);
}

Err file_remove(Ctx *c, Str path) {
    char text[BASE_PATH_BYTES_MAX];
    TRY(path_text(c, path, text));
    if (write_faulted() || (unlink(text) != 0 && errno != ENOENT))
        return fail_errno(c, "cannot remove %.900s", text);
    return OK;
}

bool file_exists(Str path) {
    char text[BASE_PATH_BYTES_MAX];
    if (path.n == 0 || path.n >= sizeof text)
        return false;
    memcpy(text, path.p, path.n);
    text[path.n] = 0;
    return access(text, F_OK) == 0;
}

Err dir_make(Ctx *c, Str path) {
    char text[BASE_PATH_BYTES_MAX];
    TRY(path_text(c, path, text));
    if (write_faulted() || (mkdir(text, 0700) != 0 && errno != EEXIST))
        return fail_errno(c, "cannot make the folder %.900s", text);
    struct stat s;
    if (stat(text, &s) != 0)
        return fail_errno(c, "cannot look at %.900s", text);
    if (!S_ISDIR(s.st_mode))
        return fail(c, E_EXISTS, "%.900s is a file, a folder is wanted", text);
    return OK;
}

Err dir_remove(Ctx *c, Str path) {
    char text[BASE_PATH_BYTES_MAX];
    TRY(path_text(c, path, text));
    if (write_faulted() || (rmdir(text) != 0 && errno != ENOENT))
        return fail_errno(c, "cannot remove the folder %.900s", text);
    return OK;
}

Err dir_sync(Ctx *c, Str path) {
    char text[BASE_PATH_BYTES_MAX];
    TRY(path_text(c, path, text));
    int fd = open(text, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fail_errno(c, "cannot open the folder %.900s", text);
    bool bad = write_faulted() || fsync(fd) != 0;
    int number = errno;
    close(fd);
    errno = number;
    return bad ? fail_errno(c, "cannot make the folder %.900s durable", text) : OK;
}

static int by_name(const void *a, const void *b) {
    const Str *x = a, *y = b;
    return str_cmp(*x, *y);
}

static Err dir_read(Ctx *c, DIR *d, Str **ret_names, size_t *ret_n) {
    Str *names = NULL;
    size_t n = 0, cap = 0;
    for (struct dirent *entry; (entry = readdir(d));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (n == cap) {
            cap = cap ? cap * 2 : 64;
            Str *more;
            TRY(ctx_alloc(c, cap * sizeof *more, &more));
            if (n)
                memcpy(more, names, n * sizeof *more);
            names = more;
        }
        TRY(str_copy(c, str_of(entry->d_name), &names[n]));
        n++;
    }
    if (n)
        qsort(names, n, sizeof *names, by_name);
    *ret_names = names;
    *ret_n = n;
    return OK;
}

Err dir_list(Ctx *c, Str path, Str **ret_names, size_t *ret_n) {
    char text[BASE_PATH_BYTES_MAX];
    TRY(path_text(c, path, text));
    DIR *d = opendir(text);
    if (!d)
        return errno == ENOENT ? fail(c, E_NOT_FOUND, "there is no folder %.900s", text)
                               : fail_errno(c, "cannot read the folder %.900s", text);
    Err e = dir_read(c, d, ret_names, ret_n);
    closedir(d);
    return e;
}

Err file_read_all(Ctx *c, Str path, size_t bytes_max, Str *ret_bytes) {
    AUTO(File) f = {0};
    TRY(file_open(c, path, FILE_READ, &f));
    uint64_t size;
    TRY(file_size(c, &f, &size));
    if (size > bytes_max)
        return fail(c, E_LIMIT, "%.900s has more than %zu bytes", f.path, bytes_max);
    char *p;
    TRY(ctx_alloc(c, (size_t)size + 1, &p));
    size_t n = 0;
    while (n < size) {
        size_t got;
        TRY(file_read(c, &f, p + n, (size_t)size - n, &got));
        if (got == 0)
            break;
        n += got;
    }
    *ret_bytes = (Str){p, n};
    return OK;
}

Err file_replace(Ctx *c, Str path, Str bytes) {
    Str temporary, folder;
    TRY(str_format(c, &temporary, STR_FMT ".new", STR_ARG(path)));
    const char *slash = memrchr(path.p, '/', path.n);
    folder = slash ? (Str){path.p, (size_t)(slash - path.p)} : STR(".");
    if (slash == path.p)
        folder = STR("/");
    {
        AUTO(File) f = {0};
        TRY(file_open(c, temporary, FILE_CREATE, &f));
        TRY(file_write(c, &f, bytes.p, bytes.n));
        TRY(file_sync(c, &f));
    }
    TRY(file_rename(c, temporary, path));
    return dir_sync(c, folder);
}
