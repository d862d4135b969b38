// What each frame of a message may carry (docs/protocol-sync.md, 6), as a table and from the page
// alone: only an opening has a record's content and only a blob that of a document. All others are
// numbers, hashes, checkpoints and signatures to the last byte.
#ifndef MOEI_TESTS_DESK_FRAMES_H
#define MOEI_TESTS_DESK_FRAMES_H

#include "sync/sync_priv.h"
#include "test.h"

// Who sends, in hex; and who is told what the message carries.
typedef struct FramesLook {
    void *self;
    const char *from, *to;
    void (*opening)(void *self, Str envelope); // never of a hole
    void (*blob)(void *self, Str sha256);      // in hex, of the document of which it is a part
    size_t *seen;                              // 256, counted by type; or NULL
    // Of SEEN and LEAVES, which not everybody may be told: NULL where the receiver may, else words.
    // origin: of SEEN, in hex. No call where this is NULL.
    const char *(*told)(void *self, Frame type, Str origin);
} FramesLook;

// NULL where the frames of this plain text are what they may be; else words that say what is not.
const char *frames_check(Str plain, const FramesLook *look);
// The plain text of a message. Owned by *out.
bool frames_unpack(Str message, Buf *out);
const char *frames_name(Frame type); // NULL: no type of the page

#endif
