// The form of the holder's page: multipart/form-data (RFC 7578) or urlencoded, from anybody.
#include "text/text.h"
#include "web/web_priv.h"

// What a file is shows in its first bytes, whatever its sender calls it.
static const char *type_of(Str bytes) {
    if (str_starts(bytes, STR("%PDF-")))
        return "application/pdf";
    if (str_starts(bytes, STR("\xff\xd8\xff")))
        return "image/jpeg";
    if (str_starts(bytes, STR("\x89PNG\r\n\x1a\n")))
        return "image/png";
    return NULL;
}

static Err take_text(Ctx *c, const char *name, Str value, size_t bytes_max, Str *text) {
    if (text->p)
        return fail(c, E_INVALID, "the form has its field %s twice", name);
    if (value.n > bytes_max)
        return fail(c, E_LIMIT, "the text is too long");
    if (!text_utf8_valid(value) || (value.n && memchr(value.p, 0, value.n)))
        return fail(c, E_INVALID, "the text is not UTF-8");
    *text = value.n ? str_trim(value) : STR("");
    return OK;
}

static Err take_file(Ctx *c, WebForm *form, Str filename, Str bytes) {
    const char *type = type_of(bytes);
    if (!filename.n && !bytes.n)
        return OK; // a field for a file that was left empty
    if (form->file_count == WEB_FORM_FILES_MAX || bytes.n > WEB_FORM_FILE_BYTES_MAX || !type)
        return fail(c, E_LIMIT, "a file is too large, too many, or of another kind");
    for (size_t i = filename.n; i-- > 0;)
        if (filename.p[i] == '/' || filename.p[i] == '\\') {
            filename = (Str){filename.p + i + 1, filename.n - i - 1};
            break;
        }
    if (!filename.n || filename.n > WEB_FORM_NAME_BYTES_MAX || !text_utf8_valid(filename) ||
        text_has_control(filename, ""))
        filename = STR("document");
    form->files[form->file_count++] = (DeskUpload){filename, str_of(type), bytes};
    return OK;
}

static Err take_field(Ctx *c, WebForm *form, Str name, Str value) {
    if (str_eq_c(name, "text"))
        return take_text(c, "text", value, WEB_FORM_TEXT_BYTES_MAX, &form->text);
    if (str_eq_c(name, "contact"))
        return take_text(c, "contact", value, WEB_FORM_CONTACT_BYTES_MAX, &form->contact);
    return fail(c, E_INVALID, "the form has a field that it should not have");
}

// --- urlencoded
// -----------------------------------------------------------------------------------

static Err plain_value(Ctx *c, Str s, Str *ret_s) {
    char *copy = NULL;
    TRY(ctx_alloc(c, s.n + 1, &copy));
    for (size_t i = 0; i < s.n; i++)
        copy[i] = s.p[i];
    for (size_t i = 0; i < s.n; i++)
        if (copy[i] == '+')
            copy[i] = ' ';
    if (!web_unescape(c, (Str){copy, s.n}, ret_s))
        return fail(c, E_INVALID, "the form is not UTF-8");
    return OK;
}

static Err read_plain(Ctx *c, Str body, WebForm *form) {
    Str pair, name, value;
    for (size_t i = 0; body.n && str_split(&body, '&', &pair); i++) {
        if (i == WEB_FORM_PARTS_MAX)
            return fail(c, E_LIMIT, "the form has too many fields");
        if (!pair.n)
            continue;
        if (!str_split(&pair, '=', &name))
            return fail(c, E_INVALID, "the form cannot be read");
        TRY(plain_value(c, pair, &value));
        TRY(take_field(c, form, name, value));
    }
    return OK;
}

// --- multipart
// ------------------------------------------------------------------------------------

// The value of `key` in `form-data; name="text"; filename="a.pdf"`. Browsers write %22 for a quote.
static bool disposition(Str line, const char *key, Str *ret_value) {
    Str part, name, rest = line;
    while (rest.n && str_split(&rest, ';', &part)) {
        part = str_trim(part);
        if (!str_split(&part, '=', &name) || !str_eq_c(name, key))
            continue;
        if (part.n < 2 || part.p[0] != '"' || part.p[part.n - 1] != '"')
            return false;
        *ret_value = (Str){part.p + 1, part.n - 2};
        return true;
    }
    return false;
}

static bool line_take(Str *rest, Str *ret_line) {
    size_t at;
    if (!str_find(*rest, STR("\r\n"), &at))
        return false;
    *ret_line = (Str){rest->p, at};
    *rest = (Str){rest->p + at + 2, rest->n - at - 2};
    return true;
}

// ASCII letters of a header's name do not differ by case.
static bool header_value(Str line, const char *name, Str *ret_value) {
    size_t n = strlen(name);
    if (line.n <= n || line.p[n] != ':')
        return false;
    for (size_t i = 0; i < n; i++)
        if ((line.p[i] | 0x20) != name[i])
            return false;
    *ret_value = str_trim((Str){line.p + n + 1, line.n - n - 1});
    return true;
}

static Err read_part(Ctx *c, Str part, WebForm *form) {
    Str line, value = {0}, name = {0}, filename = {0};
    bool ended = false, is_file = false;
    for (size_t i = 0; i < WEB_FORM_HEADERS_MAX && !ended; i++) {
        if (!line_take(&part, &line))
            return fail(c, E_INVALID, "a part of the form has no head");
        ended = line.n == 0;
        if (header_value(line, "content-disposition", &value)) {
            if (!disposition(value, "name", &name))
                return fail(c, E_INVALID, "a part of the form has no name");
            is_file = disposition(value, "filename", &filename);
        }
    }
    if (!ended || !name.n)
        return fail(c, E_INVALID, "a part of the form has no head");
    if (is_file)
        return str_eq_c(name, "files") ? take_file(c, form, filename, part)
                                       : fail(c, E_INVALID, "the form has an unknown file");
    return take_field(c, form, name, part);
}

static Err read_multipart(Ctx *c, Str boundary, Str body, WebForm *form) {
    Str mark;
    size_t at;
    if (boundary.n > WEB_FORM_BOUNDARY_BYTES_MAX)
        return fail(c, E_INVALID, "the form cannot be read");
    TRY(str_format(c, &mark, "\r\n--" STR_FMT, STR_ARG(boundary)));
    Str first = {mark.p + 2, mark.n - 2};
    if (!str_starts(body, first))
        return fail(c, E_INVALID, "the form cannot be read");
    body = (Str){body.p + first.n, body.n - first.n};
    for (size_t i = 0; i < WEB_FORM_PARTS_MAX; i++) {
        if (str_starts(body, STR("--")))
            return OK;
        if (!str_starts(body, STR("\r\n")))
            return fail(c, E_INVALID, "the form cannot be read");
        body = (Str){body.p + 2, body.n - 2};
        if (!str_find(body, mark, &at))
            return fail(c, E_INVALID, "the form was cut");
        TRY(read_part(c, (Str){body.p, at}, form));
        body = (Str){body.p + at + mark.n, body.n - at - mark.n};
    }
    return fail(c, E_LIMIT, "the form has too many parts");
}

Err web_form_read(Ctx *c, Str boundary, Str body, WebForm *ret_form) {
    WebForm *form = NULL;
    TRY(ctx_alloc(c, sizeof *form, &form));
    if (boundary.n)
        TRY(read_multipart(c, boundary, body, form));
    else
        TRY(read_plain(c, body, form));
    *ret_form = *form;
    return OK;
}
