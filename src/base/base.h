// base: what every room stands on: errors, memory, strings, integers, time, files, log.
//
// Owns nothing but the process-wide fault plan of the tests and the log level.
// Invariants: memory is taken from the system in this room only; every error carries words that a
// user can act on; a file is written through base_file_* only, so that a test can make the n-th
// write fail. Threads: all functions are safe on different objects; one Ctx belongs to one thread.
#ifndef MOEI_BASE_H
#define MOEI_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/limits.h"

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

__extension__ typedef __int128 I128;
__extension__ typedef unsigned __int128 U128;

// --- errors -----------------------------------------------------------------------------------

typedef enum Err {
    OK = 0,
    E_INVALID,     // input that is not well-formed or breaks a rule
    E_NOT_FOUND,   // what was named is not here
    E_EXISTS,      // it is here already, and other than what came
    E_STATE,       // not allowed from the state it is in
    E_DENIED,      // not allowed for who asks
    E_LIMIT,       // a limit of base/limits.h was reached
    E_USAGE,       // a command was called in a form that it does not have
    E_BUSY,        // owned by another process, or a queue is full
    E_IO,          // the machine failed: read, write, network
    E_NO_SPACE,    // the disk is full
    E_READ_ONLY,   // the disk or the node is read-only
    E_CORRUPT,     // stored data does not fit its checksum or proof
    E_CRYPTO,      // a signature or seal does not hold
    E_MEMORY,      // no memory
    E_UNSUPPORTED, // a version, encoding or kind that this build does not know
    E_CANCELLED    // stopped on request
} Err;

// Short stable word for an error, such as "not_found". Static storage.
const char *err_name(Err e);

// A request's workspace: arena and the words of the last error. Zero it, then ctx_init.
typedef struct Ctx Ctx;

// Writes the detail of an error once, where it happens, and returns e.
Err fail(Ctx *c, Err e, const char *format, ...) PRINTF_LIKE(3, 4);
// Like fail, and appends strerror(errno); picks E_NO_SPACE, E_READ_ONLY or E_IO by errno.
Err fail_errno(Ctx *c, const char *format, ...) PRINTF_LIKE(2, 3);

#ifdef __clang_analyzer__
// The analyser follows one file at a time and must see that a failure is never OK.
#define fail(c, e, ...) ((void)fail((c), (e), __VA_ARGS__), (e))
#define fail_errno(c, ...) ((void)fail_errno((c), __VA_ARGS__), E_IO)
#endif

#define TRY(e)                                                                                     \
    do {                                                                                           \
        Err try_err_ = (e);                                                                        \
        if (try_err_ != OK)                                                                        \
            return try_err_;                                                                       \
    } while (0)

// Declares a value whose T_cleanup(T *) runs when the scope is left; T_cleanup accepts {0}.
#define AUTO(T) __attribute__((cleanup(T##_cleanup))) T

// Always on. For errors of the programmer, never for input.
#define ASSERT(cond) ((cond) ? (void)0 : assert_failed(#cond, __FILE__, __LINE__))
#define UNREACHABLE() assert_failed("unreachable", __FILE__, __LINE__)
_Noreturn void assert_failed(const char *what, const char *file, int line);

// --- memory -----------------------------------------------------------------------------------

// Heap memory, NULL when there is none (or when the fault plan says so). Never zero-sized.
void *mem_alloc(size_t bytes) MUST_USE;
void *mem_alloc_zero(size_t count, size_t bytes_each) MUST_USE;
// Large zeroed memory straight from the system (mmap), page by page as touched. NULL when none.
void *mem_map_zero(size_t bytes) MUST_USE;
void mem_unmap(void *p, size_t bytes);
// Asks for large pages under memory that will be touched throughout; a hint, nothing below 4 MiB.
void mem_advise_huge(void *p, size_t bytes);
// Once, at the start of a program: what is large goes back to the system as soon as it is freed,
// and threads share a few heaps, so that memory follows the work at hand.
void mem_settle(void);
void *mem_realloc(void *p, size_t bytes) MUST_USE;
void mem_free(void *p);
// Makes room for `need` items of `item_bytes` in the heap array *items of capacity *cap (in
// items), growing by half. On E_MEMORY nothing changes.
Err mem_grow(Ctx *c, void *items_ptr, size_t *cap, size_t need, size_t item_bytes) MUST_USE;

// A bounded bump allocator. Memory lives until arena_done or arena_reset.
typedef struct ArenaBlock ArenaBlock;
typedef struct Arena {
    ArenaBlock *last;
    size_t used;      // bytes handed out over all blocks
    size_t bytes_max; // 0 means BASE_ARENA_BYTES_MAX
} Arena;

// 16-byte aligned; NULL when the arena or the machine is full. Not zeroed.
void *arena_alloc(Arena *a, size_t bytes) MUST_USE;
void arena_reset(Arena *a); // keeps one block
void arena_done(Arena *a);
void Arena_cleanup(Arena *a);

struct Ctx {
    Arena arena;
    Err err;
    char error[BASE_ERROR_TEXT_BYTES_MAX]; // words of the last failure, UTF-8, NUL-terminated
};

void ctx_init(Ctx *c);
void ctx_reset(Ctx *c); // forgets the error and the arena's contents
void ctx_done(Ctx *c);
void Ctx_cleanup(Ctx *c);
// Memory of the request, zeroed. E_LIMIT when the arena is full, E_MEMORY when the machine is.
Err ctx_alloc(Ctx *c, size_t bytes, void *ret_ptr) MUST_USE; // ret_ptr: address of a pointer
// Makes room for `need` items in the array *items of the request, as mem_grow; the smaller array
// stays in the arena.
Err ctx_grow(Ctx *c, void *items_ptr, size_t *cap, size_t need, size_t item_bytes) MUST_USE;

// --- strings ----------------------------------------------------------------------------------

// A view of bytes, valid UTF-8 once inside. Does not own. p may be NULL when n is 0.
typedef struct Str {
    const char *p;
    size_t n;
} Str;

#define STR(literal) ((Str){"" literal, sizeof(literal) - 1})
#define STR_FMT "%.*s"
#define STR_ARG(s) (int)(s).n, ((s).p ? (s).p : "")

Str str_of(const char *zero_terminated); // NULL gives the empty string
bool str_eq(Str a, Str b);
bool str_eq_c(Str a, const char *b);
int str_cmp(Str a, Str b); // bytewise, shorter first: the order of every list in Moei
bool str_starts(Str s, Str prefix);
bool str_ends(Str s, Str suffix);
Str str_trim(Str s); // ASCII white space off both ends
bool str_find(Str s, Str needle, size_t *ret_at);
// Splits off the part before `separator` from *rest; false when *rest is exhausted (p NULL).
bool str_split(Str *rest, char separator, Str *ret_part);
Err str_copy(Ctx *c, Str s, Str *ret_copy) MUST_USE; // into the request's arena, NUL after
void str_fit(char *to, size_t cap, Str s);           // copies what fits into `cap` bytes, NUL after
Err str_format(Ctx *c, Str *ret_s, const char *format, ...) PRINTF_LIKE(3, 4) MUST_USE;
// Whole string as a decimal integer, optional '-', no blanks. False when it is none or overflows.
bool str_to_i64(Str s, int64_t *ret_v);

// Growing bytes on the heap with sticky overflow: after a failed append `failed` stays true.
typedef struct Buf {
    char *p;
    size_t n;
    size_t cap;
    bool failed;
} Buf;

void buf_append(Buf *b, const void *bytes, size_t n);
void buf_str(Buf *b, Str s);
void buf_text(Buf *b, const char *zero_terminated);
void buf_char(Buf *b, char ch);
void buf_i64(Buf *b, int64_t v);
void buf_format(Buf *b, const char *format, ...) PRINTF_LIKE(2, 3);
void buf_hex(Buf *b, const void *bytes, size_t n);
void buf_clear(Buf *b); // keeps the memory
void buf_done(Buf *b);
void Buf_cleanup(Buf *b);
Str buf_view(const Buf *b);
// OK, or E_MEMORY with words when an append failed.
Err buf_check(Ctx *c, const Buf *b) MUST_USE;

// Lower-case hex to bytes; false unless text is exactly 2 * n hex digits.
bool hex_decode(Str text, void *ret_bytes, size_t n);

// --- integers ---------------------------------------------------------------------------------

static inline uint32_t load_u32le(const void *p) {
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}
static inline uint64_t load_u64le(const void *p) {
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}
static inline void store_u32le(void *p, uint32_t v) {
    memcpy(p, &v, sizeof v);
}
static inline void store_u64le(void *p, uint64_t v) {
    memcpy(p, &v, sizeof v);
}
void store_u64be(void *p, uint64_t v);
uint64_t load_u64be(const void *p);
// Unsigned LEB128. put: returns bytes written (<= 10). get: 0 when truncated or overlong.
size_t varint_put(uint8_t *p, uint64_t v);
size_t varint_get(const uint8_t *p, size_t n, uint64_t *ret_v);
// SplitMix64 finaliser: spreads a 64-bit key; not for hostile keys.
static inline uint64_t hash_u64(uint64_t x) {
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9ULL;
    x ^= x >> 27;
    x *= 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}
// Keyed hash of bytes for tables that hostile input reaches; the key is per process or per file.
uint64_t hash_bytes(uint64_t key, const void *bytes, size_t n);
uint32_t crc32c(uint32_t crc, const void *bytes, size_t n); // RFC 3720; start with 0

// --- interning --------------------------------------------------------------------------------

// Maps byte strings to dense ids 0, 1, 2 … in order of first sight. Heap memory, up to 2^31 ids.
typedef struct Dict {
    uint32_t *slots;   // id + 1, or 0
    size_t slot_count; // a power of two
    uint64_t *hashes;  // by id
    uint64_t *offsets; // by id, into bytes; offsets[count] = end
    char *bytes;
    size_t count, cap, offset_cap, bytes_cap;
    uint64_t key;
} Dict;

void dict_init(Dict *d, uint64_t key);
void dict_done(Dict *d);
void Dict_cleanup(Dict *d);
bool dict_find(const Dict *d, Str s, uint32_t *ret_id);
Err dict_intern(Ctx *c, Dict *d, Str s, uint32_t *ret_id) MUST_USE;
Str dict_get(const Dict *d, uint32_t id); // valid until the next intern

// --- deterministic random, for drills and tests only --------------------------------------------

typedef struct Rng {
    uint64_t s[4];
} Rng; // xoshiro256**, Blackman and Vigna 2018

void rng_seed(Rng *r, uint64_t seed);
uint64_t rng_next(Rng *r);
uint64_t rng_below(Rng *r, uint64_t bound); // uniform, bound > 0

// --- time -------------------------------------------------------------------------------------

// µs since 1970-01-01T00:00:00Z; the whole product passes the clock in.
typedef struct Clock {
    int64_t (*now_us)(void *self);
    void *self;
} Clock;

Clock clock_system(void);
static inline int64_t clock_now(Clock k) {
    return k.now_us(k.self);
}
int64_t clock_monotonic_us(void); // for durations only

#define TIME_TEXT_BYTES 32
#define TIME_MINUTE_US 60000000LL
#define TIME_HOUR_US (60 * TIME_MINUTE_US)
#define TIME_DAY_US (24 * TIME_HOUR_US)
// The day in which a time falls, counted from 1970-01-01; before that below 0.
static inline int64_t time_day(int64_t at_us) {
    return at_us / TIME_DAY_US - (at_us % TIME_DAY_US < 0);
}
// "2026-11-22T08:15:00.000000Z" (27 bytes, NUL after).
void time_format_record(int64_t at_us, char ret_text[TIME_TEXT_BYTES]);
// As in JSON answers: ends in Z, a fraction only if not zero, without trailing zeros.
void time_format(int64_t at_us, char ret_text[TIME_TEXT_BYTES]);
// RFC 3339 with offset, at most six digits of fraction, year 0001-9999, no leap seconds (a :60 is
// refused). False when it is anything else.
bool time_parse(Str text, int64_t *ret_at_us);
int64_t days_from_civil(int64_t year, unsigned month, unsigned day); // days since 1970-01-01
void civil_from_days(int64_t days, int64_t *ret_year, unsigned *ret_month, unsigned *ret_day);
bool date_valid(int64_t year, unsigned month, unsigned day);

// --- files ------------------------------------------------------------------------------------

// All return E_IO, E_NO_SPACE or E_READ_ONLY with the path in words. A File is an open descriptor
// plus its path for messages.
typedef struct File {
    int fd;
    bool open;
    char path[BASE_PATH_BYTES_MAX];
} File;

typedef enum FileMode { FILE_READ, FILE_CREATE, FILE_APPEND, FILE_READ_WRITE } FileMode;

// FILE_CREATE truncates; new files are 0600.
Err file_open(Ctx *c, Str path, FileMode mode, File *ret_file) MUST_USE;
Err file_write(Ctx *c, File *f, const void *bytes, size_t n) MUST_USE; // all of it
Err file_write_at(Ctx *c, File *f, uint64_t at, const void *bytes, size_t n) MUST_USE;
// Reads up to n bytes; *ret_n is 0 at the end of the file.
Err file_read(Ctx *c, File *f, void *bytes, size_t n, size_t *ret_n) MUST_USE;
// Reads n bytes, or fewer where the file ends before.
Err file_read_full(Ctx *c, File *f, void *bytes, size_t n, size_t *ret_n) MUST_USE;
Err file_size(Ctx *c, File *f, uint64_t *ret_bytes) MUST_USE;
Err file_sync(Ctx *c, File *f) MUST_USE; // fdatasync
Err file_lock(Ctx *c, File *f) MUST_USE; // flock, exclusive, not waiting: E_BUSY
void file_close(File *f);
void File_cleanup(File *f);
Err file_map(Ctx *c, File *f, const uint8_t **ret_bytes, uint64_t *ret_n) MUST_USE; // read-only
void file_unmap(const uint8_t *bytes, uint64_t n);
Err file_rename(Ctx *c, Str from, Str to) MUST_USE;
Err file_remove(Ctx *c, Str path) MUST_USE; // absent is OK
bool file_exists(Str path);
Err dir_make(Ctx *c, Str path) MUST_USE;   // 0700, present is OK
Err dir_remove(Ctx *c, Str path) MUST_USE; // must be empty; absent is OK
Err dir_sync(Ctx *c, Str path) MUST_USE;
// Names in a folder without "." and "..", sorted bytewise, in the request's arena.
Err dir_list(Ctx *c, Str path, Str **ret_names, size_t *ret_n) MUST_USE;
// Whole file into the request's arena; E_LIMIT above bytes_max.
Err file_read_all(Ctx *c, Str path, size_t bytes_max, Str *ret_bytes) MUST_USE;
// Temporary file, fdatasync, rename, sync of the folder: after it the whole file is there or not.
Err file_replace(Ctx *c, Str path, Str bytes) MUST_USE;

// --- faults, for tests ------------------------------------------------------------------------

// Makes the n-th allocation or the n-th write of the process fail from now on (1 is the next; 0
// means never). With `once` false every later one fails too. Counts run either way.
typedef struct FaultPlan {
    uint64_t alloc_nth, write_nth;
    bool once;
    int write_errno; // ENOSPC, EIO, EROFS …
} FaultPlan;

void fault_plan_set(FaultPlan plan);
void fault_counts(uint64_t *ret_allocs, uint64_t *ret_writes);
// For other writers than base (SQLite's VFS): true when this write must fail.
bool fault_write_now(void);
int fault_write_errno(void); // the errno that the plan gives to a failed write; 0 when none

// --- log (web, cli and main only) ---------------------------------------------------------------

typedef enum LogLevel { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG } LogLevel;
void log_level_set(LogLevel level);
// `level room req key=value …` on stderr. Ids only: never names, numbers, bodies or keys.
void log_line(LogLevel level, const char *room, const char *request, const char *format, ...)
    PRINTF_LIKE(4, 5);

#endif
