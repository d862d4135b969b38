// QR codes (ISO/IEC 18004) by libqrencode, at the lowest level of correction: a card is long, and
// it is read from a screen or from clean paper.
#include <qrencode.h>

#include "format/format_qr.h"

#define QUIET 4 // modules around the code

typedef QRcode *Code;
static void Code_cleanup(Code *q) {
    QRcode_free(*q);
}

static Err make_code(Ctx *c, Str text, Code *ret_code) {
    if (text.n == 0)
        return fail(c, E_INVALID, "a QR code of an empty text");
    if (text.n > FORMAT_QR_BYTES_MAX)
        return fail(c, E_LIMIT, "%zu bytes are too many for a QR code; it has room for %d", text.n,
                    FORMAT_QR_BYTES_MAX);
    QRcode *q = QRcode_encodeData((int)text.n, (const unsigned char *)text.p, 0, QR_ECLEVEL_L);
    if (!q)
        return fail(c, E_MEMORY, "the QR code cannot be made");
    *ret_code = q;
    return OK;
}

// Also asked outside of the code, where all is light.
static bool dark(const QRcode *q, int x, int y) {
    return x >= 0 && y >= 0 && x < q->width && y < q->width && (q->data[y * q->width + x] & 1);
}

static void put_escaped(Buf *out, Str text) {
    for (size_t i = 0; i < text.n; i++)
        switch (text.p[i]) {
        case '&':
            buf_text(out, "&amp;");
            break;
        case '<':
            buf_text(out, "&lt;");
            break;
        case '>':
            buf_text(out, "&gt;");
            break;
        case '"':
            buf_text(out, "&quot;");
            break;
        default:
            buf_char(out, text.p[i]);
        }
}

Err format_qr_svg(Ctx *c, Str text, Str title, Buf *out) {
    AUTO(Code) q = NULL;
    TRY(make_code(c, text, &q));
    int side = q->width + 2 * QUIET;
    buf_format(out,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" "
               "shape-rendering=\"crispEdges\"><title>",
               side, side);
    put_escaped(out, title);
    buf_format(out, "</title><path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/><path fill=\"#000\" d=\"",
               side, side);
    // One stroke for each run of dark modules in a row.
    for (int y = 0; y < q->width; y++)
        for (int x = 0; x < q->width; x++) {
            int run = 0;
            while (dark(q, x + run, y))
                run++;
            if (run > 0)
                buf_format(out, "M%d %dh%dv1h-%dz", x + QUIET, y + QUIET, run, run);
            x += run;
        }
    buf_text(out, "\"/></svg>");
    return buf_check(c, out);
}

Err format_qr_text(Ctx *c, Str text, Buf *out) {
    static const char *const blocks[4] = {"\xE2\x96\x88", "\xE2\x96\x80", "\xE2\x96\x84", " "};
    AUTO(Code) q = NULL;
    TRY(make_code(c, text, &q));
    for (int y = -QUIET; y < q->width + QUIET; y += 2) {
        for (int x = -QUIET; x < q->width + QUIET; x++)
            // Full, upper half light, lower half light, none. Below the last row all is dark, so
            // that an odd height ends clean.
            buf_text(out, blocks[(dark(q, x, y) ? 2 : 0) +
                                 (dark(q, x, y + 1) || y + 1 >= q->width + QUIET ? 1 : 0)]);
        buf_char(out, '\n');
    }
    return buf_check(c, out);
}
