// SQLite as a whole: its settings, and for tests a VFS whose writes fail as planned.
#include "store/store_priv.h"

#include <errno.h>
#include <pthread.h>

// --- once in the process ------------------------------------------------------------------------

static void machine_init(void) {
    // Counting memory takes a lock on every allocation; nobody reads the count. SQLite refuses
    // these once it runs, as after store_faults_install, which has set them itself.
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    (void)sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    (void)sqlite3_initialize();
}

void store_machine_init(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, machine_init);
}

// --- memory that fails as planned ---------------------------------------------------------------

// SQLite asks for the size of what it was given, so it stands in front.
#define FRONT_BYTES 16

static void *fault_malloc(int n) {
    char *p = mem_alloc((size_t)n + FRONT_BYTES);
    if (!p)
        return NULL;
    memcpy(p, &n, sizeof n);
    return p + FRONT_BYTES;
}

static void fault_free(void *p) {
    if (p)
        mem_free((char *)p - FRONT_BYTES);
}

static int fault_size(void *p) {
    int n = 0;
    if (p)
        memcpy(&n, (char *)p - FRONT_BYTES, sizeof n);
    return n;
}

static void *fault_realloc(void *p, int n) {
    char *q = mem_realloc((char *)p - FRONT_BYTES, (size_t)n + FRONT_BYTES);
    if (!q)
        return NULL;
    memcpy(q, &n, sizeof n);
    return q + FRONT_BYTES;
}

static int fault_roundup(int n) {
    return (n + 7) & ~7;
}

static int fault_init(void *self) {
    (void)self;
    return SQLITE_OK;
}

static void fault_shutdown(void *self) {
    (void)self;
}

// --- files whose writes fail as planned ---------------------------------------------------------

typedef struct FaultFile {
    sqlite3_file base;
    sqlite3_file *real; // directly behind this struct
} FaultFile;

static sqlite3_vfs *real_vfs;

static sqlite3_file *real_of(sqlite3_file *f) {
    return ((FaultFile *)f)->real;
}

static int planned(int otherwise) {
    int number = fault_write_errno();
    return number == ENOSPC ? SQLITE_FULL : number == EROFS ? SQLITE_READONLY : otherwise;
}

static int file_do_close(sqlite3_file *f) {
    return real_of(f)->pMethods->xClose(real_of(f));
}
static int file_do_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at) {
    return real_of(f)->pMethods->xRead(real_of(f), p, n, at);
}
static int file_do_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at) {
    if (fault_write_now()) {
        // A write that fails has often written a part.
        if (n > 1)
            (void)real_of(f)->pMethods->xWrite(real_of(f), p, n / 2, at);
        return planned(SQLITE_IOERR_WRITE);
    }
    return real_of(f)->pMethods->xWrite(real_of(f), p, n, at);
}
static int file_do_truncate(sqlite3_file *f, sqlite3_int64 n) {
    if (fault_write_now())
        return planned(SQLITE_IOERR_TRUNCATE);
    return real_of(f)->pMethods->xTruncate(real_of(f), n);
}
static int file_do_sync(sqlite3_file *f, int flags) {
    if (fault_write_now())
        return planned(SQLITE_IOERR_FSYNC);
    return real_of(f)->pMethods->xSync(real_of(f), flags);
}
static int file_do_size(sqlite3_file *f, sqlite3_int64 *ret_n) {
    return real_of(f)->pMethods->xFileSize(real_of(f), ret_n);
}
static int file_do_lock(sqlite3_file *f, int level) {
    return real_of(f)->pMethods->xLock(real_of(f), level);
}
static int file_do_unlock(sqlite3_file *f, int level) {
    return real_of(f)->pMethods->xUnlock(real_of(f), level);
}
static int file_do_check_lock(sqlite3_file *f, int *ret_held) {
    return real_of(f)->pMethods->xCheckReservedLock(real_of(f), ret_held);
}
static int file_do_control(sqlite3_file *f, int op, void *arg) {
    return real_of(f)->pMethods->xFileControl(real_of(f), op, arg);
}
static int file_do_sector(sqlite3_file *f) {
    return real_of(f)->pMethods->xSectorSize(real_of(f));
}
static int file_do_device(sqlite3_file *f) {
    return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}
static int file_do_shm_map(sqlite3_file *f, int page, int bytes, int extend, void volatile **ret) {
    return real_of(f)->pMethods->xShmMap(real_of(f), page, bytes, extend, ret);
}
static int file_do_shm_lock(sqlite3_file *f, int offset, int n, int flags) {
    return real_of(f)->pMethods->xShmLock(real_of(f), offset, n, flags);
}
static void file_do_shm_barrier(sqlite3_file *f) {
    real_of(f)->pMethods->xShmBarrier(real_of(f));
}
static int file_do_shm_unmap(sqlite3_file *f, int remove) {
    return real_of(f)->pMethods->xShmUnmap(real_of(f), remove);
}
static int file_do_fetch(sqlite3_file *f, sqlite3_int64 at, int n, void **ret) {
    return real_of(f)->pMethods->xFetch(real_of(f), at, n, ret);
}
static int file_do_unfetch(sqlite3_file *f, sqlite3_int64 at, void *p) {
    return real_of(f)->pMethods->xUnfetch(real_of(f), at, p);
}

static const sqlite3_io_methods fault_methods = {
    .iVersion = 3,
    .xClose = file_do_close,
    .xRead = file_do_read,
    .xWrite = file_do_write,
    .xTruncate = file_do_truncate,
    .xSync = file_do_sync,
    .xFileSize = file_do_size,
    .xLock = file_do_lock,
    .xUnlock = file_do_unlock,
    .xCheckReservedLock = file_do_check_lock,
    .xFileControl = file_do_control,
    .xSectorSize = file_do_sector,
    .xDeviceCharacteristics = file_do_device,
    .xShmMap = file_do_shm_map,
    .xShmLock = file_do_shm_lock,
    .xShmBarrier = file_do_shm_barrier,
    .xShmUnmap = file_do_shm_unmap,
    .xFetch = file_do_fetch,
    .xUnfetch = file_do_unfetch,
};

static int fault_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags,
                      int *ret_flags) {
    (void)vfs;
    FaultFile *file = (FaultFile *)f;
    f->pMethods = NULL;
    file->real = (sqlite3_file *)(file + 1);
    int code = real_vfs->xOpen(real_vfs, name, file->real, flags, ret_flags);
    if (file->real->pMethods)
        f->pMethods = &fault_methods;
    return code;
}

static int fault_delete(sqlite3_vfs *vfs, const char *name, int sync_dir) {
    (void)vfs;
    if (fault_write_now())
        return planned(SQLITE_IOERR_DELETE);
    return real_vfs->xDelete(real_vfs, name, sync_dir);
}

Err store_faults_install(Ctx *c) {
    static sqlite3_vfs vfs;
    static const sqlite3_mem_methods memory = {fault_malloc,   fault_free,    fault_realloc,
                                               fault_size,     fault_roundup, fault_init,
                                               fault_shutdown, NULL};
    if (vfs.zName)
        return OK;
    sqlite3_mem_methods copy = memory;
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &copy) != SQLITE_OK)
        return fail(c, E_STATE, "SQLite runs already; install faults before the first open");
    store_machine_init();
    real_vfs = sqlite3_vfs_find(NULL);
    if (!real_vfs)
        return fail(c, E_STATE, "SQLite has no file system");
    vfs = *real_vfs;
    vfs.zName = "moei-faults";
    vfs.pNext = NULL;
    vfs.szOsFile = (int)sizeof(FaultFile) + real_vfs->szOsFile;
    vfs.xOpen = fault_open;
    vfs.xDelete = fault_delete;
    return sqlite3_vfs_register(&vfs, 1) == SQLITE_OK
               ? OK
               : fail(c, E_STATE, "SQLite does not take the VFS of the tests");
}
