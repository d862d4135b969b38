// The part of format's door that writes ZIP files; included by format/format.h.
//
// What is written goes to a spool beside the file first, so that neither its size nor the number of
// its files costs memory; the ZIP is made of it in one go and gets its name when it is whole.
// Equal content and time give equal bytes. Threads: one writer belongs to one.
#ifndef MOEI_FORMAT_ZIP_H
#define MOEI_FORMAT_ZIP_H

#include "crypto/crypto.h"

typedef struct FormatZip FormatZip;
typedef FormatZip *FormatZipPtr;

// Told now and then while the ZIP is packed; false stops it: E_CANCELLED. May be {0}.
typedef struct FormatZipProgress {
    bool (*step)(void *self, uint64_t done, uint64_t total);
    void *self;
} FormatZipProgress;

// Begins PATH.part; `at_us` is the time that each file inside carries (UTC, even seconds). E_IO,
// E_NO_SPACE, E_READ_ONLY.
Err format_zip_create(Ctx *c, Str path, int64_t at_us, FormatZip **ret_zip) MUST_USE;
// Gives up what was not finished. NULL is fine.
void format_zip_close(FormatZip *z);
void FormatZipPtr_cleanup(FormatZipPtr *z);
// A file inside: begin, any number of writes, end. Names are ASCII paths of [A-Za-z0-9._/-]
// without "..", each once: E_INVALID, E_EXISTS. `ret_hash` may be NULL.
Err format_zip_begin(Ctx *c, FormatZip *z, Str name) MUST_USE;
Err format_zip_write(Ctx *c, FormatZip *z, const void *bytes, size_t n) MUST_USE;
Err format_zip_end(Ctx *c, FormatZip *z, CryptoHash *ret_hash) MUST_USE;
Err format_zip_add(Ctx *c, FormatZip *z, Str name, Str bytes) MUST_USE; // all three in one
// Lines of sha256sum over all files so far, by name.
Err format_zip_manifest(Ctx *c, FormatZip *z, Buf *out) MUST_USE;
size_t format_zip_count(const FormatZip *z);
// Packs and syncs PATH.part. Then format_zip_publish gives it its name, in the place of a file that
// may be there.
Err format_zip_finish(Ctx *c, FormatZip *z, FormatZipProgress progress) MUST_USE;
Err format_zip_publish(Ctx *c, FormatZip *z) MUST_USE;

#endif
