// Written from docs/protocol-sync.md, not from the code of sync.
#include "frames.h"

#include <zstd.h>

typedef struct Payload {
    Str rest;
    const FramesLook *look;
} Payload;

static const char *numbers(Payload *p, size_t bytes) {
    if (p->rest.n < bytes)
        return "is shorter than its numbers";
    p->rest = (Str){p->rest.p + bytes, p->rest.n - bytes};
    return NULL;
}

// A signed note: its first line names the log, a number and a hash follow, then signatures.
static const char *note(Str text, Str origin) {
    char line[96];
    Str rest = text, part;
    size_t lines = 0;
    snprintf(line, sizeof line, "moei/" STR_FMT "/main", STR_ARG(origin));
    if (!str_split(&rest, '\n', &part) || !str_eq_c(part, line))
        return "has a note of another log";
    int64_t size;
    if (!str_split(&rest, '\n', &part) || !str_to_i64(part, &size) ||
        !str_split(&rest, '\n', &part) || part.n != 44 || !str_split(&rest, '\n', &part) ||
        part.n != 0)
        return "has a note that is no checkpoint";
    while (str_split(&rest, '\n', &part) && part.n > 0) {
        if (!str_starts(part, STR("\u2014 moei/")) || part.n > 240)
            return "has a note with more than signatures";
        lines++;
    }
    return lines > 0 && rest.n == 0 ? NULL : "has a note without a signature";
}

// u16 n, note[n], u32 k, hash[32]·k
static const char *note_and_proof(Payload *p, Str origin, bool may_be_none) {
    if (p->rest.n < 2)
        return "has no note";
    size_t n = (size_t)(uint8_t)p->rest.p[0] | (size_t)(uint8_t)p->rest.p[1] << 8;
    if (p->rest.n < 2 + n + 4)
        return "has a note that is longer than it";
    const char *bad = n == 0 && may_be_none ? NULL : note((Str){p->rest.p + 2, n}, origin);
    if (bad)
        return bad;
    uint32_t k = load_u32le(p->rest.p + 2 + n);
    (void)numbers(p, 2 + n + 4);
    return numbers(p, k == UINT32_MAX ? 0 : (size_t)k * 32);
}

static Str hex_of(const char *bytes, char ret_hex[65]) {
    for (size_t i = 0; i < 32; i++)
        snprintf(ret_hex + 2 * i, 3, "%02x", (unsigned)(uint8_t)bytes[i]);
    return str_of(ret_hex);
}

static const char *head(Payload *p) {
    char from[65], to[65];
    if (p->rest.n != 110)
        return "is not 110 bytes";
    if (!str_eq_c(hex_of(p->rest.p + 1, from), p->look->from) ||
        !str_eq_c(hex_of(p->rest.p + 33, to), p->look->to))
        return "names others than those who speak";
    return numbers(p, 110);
}

static const char *position(Payload *p) {
    return numbers(p, 48);
}

static const char *range(Payload *p) {
    return numbers(p, 16);
}

static const char *tree(Payload *p) {
    char origin[65];
    if (p->rest.n < 40)
        return "is too short";
    Str of = hex_of(p->rest.p, origin);
    (void)numbers(p, 40);
    return note_and_proof(p, of, false);
}

static const char *opening(Payload *p) {
    const char *bad = numbers(p, 41);
    if (bad)
        return bad;
    if (p->rest.n == 0) {
        for (size_t i = 9; i < 41; i++)
            if ((p->rest.p - 41)[i] != 0)
                return "is a hole with a salt";
        return NULL;
    }
    p->look->opening(p->look->self, p->rest);
    return numbers(p, p->rest.n);
}

static const char *told(const Payload *p, Frame type, Str origin) {
    return p->look->told ? p->look->told(p->look->self, type, origin) : NULL;
}

static const char *leaves(Payload *p) {
    const char *bad = numbers(p, 9);
    bad = bad ? bad : told(p, FRAME_LEAVES, (Str){0});
    return bad ? bad : numbers(p, p->rest.n / 32 * 32);
}

static const char *cosign(Payload *p) {
    char start[80];
    const char *bad = numbers(p, 40);
    snprintf(start, sizeof start, "\u2014 moei/%s ", p->look->from);
    if (bad || !str_starts(p->rest, str_of(start)) || !str_ends(p->rest, STR("\n")) ||
        p->rest.n > 240 || memchr(p->rest.p, '\n', p->rest.n - 1))
        return "is no line of its sender's";
    return numbers(p, p->rest.n);
}

static const char *seen(Payload *p) {
    char origin[65];
    if (p->rest.n < 32)
        return "is too short";
    Str of = hex_of(p->rest.p, origin);
    (void)numbers(p, 32);
    const char *bad = note(p->rest, of);
    bad = bad ? bad : told(p, FRAME_SEEN, of);
    return bad ? bad : numbers(p, p->rest.n);
}

static const char *ask(Payload *p) {
    return numbers(p, 40);
}

static const char *prove(Payload *p) {
    const char *bad = numbers(p, 40);
    return bad ? bad : note_and_proof(p, str_of(p->look->from), true);
}

static const char *blob(Payload *p) {
    char sha256[65];
    Str of = p->rest;
    const char *bad = numbers(p, 48);
    if (bad)
        return bad;
    p->look->blob(p->look->self, hex_of(of.p, sha256));
    return numbers(p, p->rest.n);
}

static const char *recover(Payload *p) {
    return numbers(p, 224);
}

// Words of a program to a person: of those that the page lists, and short.
static const char *refuse(Payload *p) {
    const char *bad = numbers(p, 1);
    if (bad || p->rest.n > 300)
        return "has more than a code and words";
    return numbers(p, p->rest.n);
}

static const char *sign(Payload *p) {
    return numbers(p, 64);
}

typedef struct FrameRow {
    const char *name, *carries;
    const char *(*check)(Payload *p); // leaves nothing of the payload where all of it is told
} FrameRow;

// A type without a row does not compile: the switch names them all.
static const FrameRow *row_of(Frame type) {
    static const FrameRow head_row = {"HEAD", "who speaks to whom, when", head},
                          have_row = {"HAVE", "numbers", position},
                          journal_row = {"JOURNAL", "numbers", range},
                          tree_row = {"TREE", "a checkpoint and hashes", tree},
                          opening_row = {"OPENING", "a record that may flow", opening},
                          leaves_row = {"LEAVES", "hashes", leaves},
                          cosign_row = {"COSIGN", "a signature", cosign},
                          seen_row = {"SEEN", "a checkpoint", seen},
                          ask_row = {"ASK", "a number and a hash", ask},
                          prove_row = {"PROVE", "a checkpoint and hashes", prove},
                          want_row = {"WANT", "a hash and a number", ask},
                          blob_row = {"BLOB", "bytes of a document that may flow", blob},
                          recover_row = {"RECOVER", "keys, numbers, a signature", recover},
                          refuse_row = {"REFUSE", "a code and fixed words", refuse},
                          sign_row = {"SIGN", "a signature", sign};
    switch (type) {
    case FRAME_HEAD:
        return &head_row;
    case FRAME_HAVE:
        return &have_row;
    case FRAME_JOURNAL:
        return &journal_row;
    case FRAME_TREE:
        return &tree_row;
    case FRAME_OPENING:
        return &opening_row;
    case FRAME_LEAVES:
        return &leaves_row;
    case FRAME_COSIGN:
        return &cosign_row;
    case FRAME_SEEN:
        return &seen_row;
    case FRAME_ASK:
        return &ask_row;
    case FRAME_PROVE:
        return &prove_row;
    case FRAME_WANT:
        return &want_row;
    case FRAME_BLOB:
        return &blob_row;
    case FRAME_RECOVER:
        return &recover_row;
    case FRAME_REFUSE:
        return &refuse_row;
    case FRAME_SIGN:
        return &sign_row;
    }
    return NULL;
}

const char *frames_name(Frame type) {
    const FrameRow *row = row_of(type);
    return row ? row->name : NULL;
}

const char *frames_check(Str plain, const FramesLook *look) {
    static char words[120];
    size_t at = 0, last = 0;
    while (at + 5 <= plain.n) {
        uint8_t type = (uint8_t)plain.p[at];
        size_t n = load_u32le(plain.p + at + 1);
        const FrameRow *row = row_of((Frame)type);
        if (!row || n > plain.n - at - 5) {
            snprintf(words, sizeof words, "a frame of type %u that the page does not have", type);
            return words;
        }
        Payload p = {{plain.p + at + 5, n}, look};
        const char *bad = row->check(&p);
        if (!bad && p.rest.n > 0)
            bad = "carries more than it may";
        if (bad) {
            snprintf(words, sizeof words, "%s (%s) %s", row->name, row->carries, bad);
            return words;
        }
        if (look->seen)
            look->seen[type]++;
        last = type;
        at += 5 + n;
    }
    return at == plain.n && last == FRAME_SIGN ? NULL : "a message that does not end with SIGN";
}

bool frames_unpack(Str message, Buf *out) {
    static const char magic[] = "moei/sync/1\n";
    size_t n = sizeof magic - 1;
    if (message.n < n + 4 || memcmp(message.p, magic, n) != 0)
        return false;
    size_t plain = load_u32le(message.p + n);
    buf_clear(out);
    char *room = plain <= SYNC_MESSAGE_BYTES_MAX ? mem_alloc(plain + 1) : NULL;
    if (!room)
        return false;
    size_t got = ZSTD_decompress(room, plain, message.p + n + 4, message.n - n - 4);
    bool good = !ZSTD_isError(got) && got == plain;
    if (good)
        buf_append(out, room, plain);
    mem_free(room);
    return good && !out->failed;
}
