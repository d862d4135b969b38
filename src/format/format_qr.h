// format: QR codes of short texts (cards), as a picture and for terminals.
#ifndef MOEI_FORMAT_QR_H
#define MOEI_FORMAT_QR_H

#include "base/base.h"

// Appends a whole <svg> without styles of its own: black modules on white, with the quiet zone of
// four modules. `title` is what a screen reader says. E_LIMIT when the text is too long for a code
// (FORMAT_QR_BYTES_MAX), E_INVALID when it is empty, E_MEMORY.
Err format_qr_svg(Ctx *c, Str text, Str title, Buf *out) MUST_USE;
// Appends lines of half blocks, two modules high, for a terminal of light letters on dark ground:
// light is drawn, dark is left out.
Err format_qr_text(Ctx *c, Str text, Buf *out) MUST_USE;

#endif
