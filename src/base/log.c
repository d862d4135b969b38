#include "base/base.h"

#include <stdatomic.h>
#include <stdio.h>

static atomic_int log_level_now = LOG_INFO;

void log_level_set(LogLevel level) {
    atomic_store(&log_level_now, (int)level);
}

void log_line(LogLevel level, const char *room, const char *request, const char *format, ...) {
    static const char *const names[] = {"error", "warn", "info", "debug"};
    if ((int)level > atomic_load(&log_level_now))
        return;
    char text[BASE_ERROR_TEXT_BYTES_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    fprintf(stderr, "%s %s %s %s\n", names[level], room, request ? request : "-", text);
}
