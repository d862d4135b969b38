#include "base/base.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

const char *err_name(Err e) {
    switch (e) {
    case OK:
        return "ok";
    case E_INVALID:
        return "invalid";
    case E_NOT_FOUND:
        return "not_found";
    case E_EXISTS:
        return "exists";
    case E_STATE:
        return "state";
    case E_DENIED:
        return "denied";
    case E_LIMIT:
        return "limit";
    case E_USAGE:
        return "usage";
    case E_BUSY:
        return "busy";
    case E_IO:
        return "io";
    case E_NO_SPACE:
        return "no_space";
    case E_READ_ONLY:
        return "read_only";
    case E_CORRUPT:
        return "corrupt";
    case E_CRYPTO:
        return "crypto";
    case E_MEMORY:
        return "memory";
    case E_UNSUPPORTED:
        return "unsupported";
    case E_CANCELLED:
        return "cancelled";
    }
    UNREACHABLE();
}

// The analyser's stand-ins of base.h are not what is defined here.
#undef fail
#undef fail_errno

Err fail(Ctx *c, Err e, const char *format, ...) {
    // The words may quote an earlier error's text, so they are made beside it first.
    char text[BASE_ERROR_TEXT_BYTES_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    memcpy(c->error, text, sizeof text);
    c->err = e;
    return e;
}

Err fail_errno(Ctx *c, const char *format, ...) {
    int number = errno;
    char text[BASE_ERROR_TEXT_BYTES_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    Err e = number == ENOSPC || number == EDQUOT ? E_NO_SPACE
            : number == EROFS                    ? E_READ_ONLY
                                                 : E_IO;
    if (number == ENOMEM)
        e = E_MEMORY;
    return fail(c, e, "%s: %s%s", text, strerror(number),
                e == E_NO_SPACE ? "; make room and try again" : "");
}

_Noreturn void assert_failed(const char *what, const char *file, int line) {
    fprintf(stderr,
            "moei: broken assumption \"%s\" at %s:%d. This is a fault of the program; "
            "nothing acknowledged is lost.\n",
            what, file, line);
    abort();
}
