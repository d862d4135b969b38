// A night of an exercise lasts a minute: the file is written by whoever leads it.
#include "cli/drill_clock.h"

#include <fcntl.h>
#include <unistd.h>

static int64_t seconds_of(const char *path) {
    char text[32];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t n = read(fd, text, sizeof text);
    close(fd);
    int64_t seconds = 0;
    if (n <= 0 || !str_to_i64(str_trim((Str){text, (size_t)n}), &seconds))
        return 0;
    return seconds >= 0 && seconds <= CLI_DRILL_SECONDS_MAX ? seconds : 0;
}

static int64_t drill_now(void *self) {
    CliDrillClock *k = self;
    long long now = clock_now(clock_system()) + seconds_of(k->path) * 1000000;
    long long seen = atomic_load(&k->highest);
    while (now > seen && !atomic_compare_exchange_weak(&k->highest, &seen, now)) {
    }
    return now > seen ? now : seen;
}

Err cli_drill_clock(Ctx *c, Str path, CliDrillClock *k, Clock *ret_clock) {
    if (path.n >= sizeof k->path)
        return fail(c, E_LIMIT, "the path of the drill clock is too long");
    memcpy(k->path, path.p, path.n);
    k->path[path.n] = 0;
    atomic_init(&k->highest, 0);
    *ret_clock = (Clock){drill_now, k};
    return OK;
}
