// The body of a request, its route's handler, and the same write asked for twice.
#include "crypto/crypto.h"
#include "web/upload_priv.h"

#include <microhttpd.h>
#include <time.h>

// --- reading JSON
// ---------------------------------------------------------------------------------

static Err read_texts(Ctx *c, const JsonValue *v, const WebField *f, char *out) {
    const JsonValue *list = NULL;
    Str *items = NULL;
    TRY(json_as_array(c, v, f->name, &list));
    TRY(ctx_alloc(c, ((size_t)list->count + 1) * sizeof *items, &items));
    for (uint32_t i = 0; i < list->count; i++)
        TRY(json_as_str(c, &list->items[i], f->name, &items[i]));
    const Str *shown = items;
    size_t n = list->count;
    memcpy(out + f->at, &shown, sizeof shown);
    memcpy(out + f->count_at, &n, sizeof n);
    return OK;
}

static Err read_field(Ctx *c, const JsonValue *v, const WebField *f, char *out) {
    Str text;
    int64_t i;
    bool b;
    const JsonValue *list;
    switch (f->kind) {
    case WEB_FIELD_TEXT:
        TRY(json_as_str(c, v, f->name, &text));
        if (text.n && memchr(text.p, 0, text.n))
            return fail(c, E_INVALID, "\"%s\" has a NUL", f->name);
        memcpy(out + f->at, &text, sizeof text);
        return OK;
    case WEB_FIELD_TEXTS:
        return read_texts(c, v, f, out);
    case WEB_FIELD_INT:
        TRY(json_as_int(c, v, f->name, &i));
        memcpy(out + f->at, &i, sizeof i);
        return OK;
    case WEB_FIELD_BOOL:
        TRY(json_as_bool(c, v, f->name, &b));
        memcpy(out + f->at, &b, sizeof b);
        return OK;
    case WEB_FIELD_JSON:
        TRY(json_as_array(c, v, f->name, &list));
        memcpy(out + f->at, &list, sizeof list);
        return OK;
    }
    UNREACHABLE();
}

Err web_read_fields(Ctx *c, const WebRoute *route, const JsonValue *v, void *ret_struct) {
    const JsonValue *object;
    TRY(json_as_object(c, v, "the body", &object));
    for (uint32_t i = 0; i < object->count; i++) {
        size_t k = 0;
        while (k < route->field_count && !str_eq_c(object->members[i].key, route->fields[k].name))
            k++;
        if (k == route->field_count)
            return fail(c, E_INVALID, "\"" STR_FMT "\" is not a member of this request",
                        STR_ARG(object->members[i].key));
    }
    for (size_t k = 0; k < route->field_count; k++) {
        const WebField *f = &route->fields[k];
        const JsonValue *one = json_find(object, str_of(f->name));
        if (one && one->type != JSON_NULL)
            TRY(read_field(c, one, f, ret_struct));
        else if (f->needed)
            return fail(c, E_INVALID, "\"%s\" is missing", f->name);
    }
    return OK;
}

Err web_read(WebRequest *r, void *ret_struct) {
    return web_read_fields(&r->c, r->route, r->json, ret_struct);
}

// --- what handlers share
// --------------------------------------------------------------------------

Err web_created(WebRequest *r, WebAnswer *a, const char *format, Str id) {
    AUTO(Buf) b = {0};
    buf_text(&b, format);
    // The id is a path segment here.
    for (size_t i = 0; i < id.n; i++) {
        unsigned char ch = (unsigned char)id.p[i];
        if ((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') ||
            ch == '-' || ch == '_' || ch == '.' || ch == '~')
            buf_char(&b, (char)ch);
        else
            buf_format(&b, "%%%02X", ch);
    }
    TRY(buf_check(&r->c, &b));
    a->status = MHD_HTTP_CREATED;
    return str_copy(&r->c, buf_view(&b), &a->location);
}

Err web_id(WebRequest *r, WebAnswer *a, Str id) {
    JsonWriter w = json_writer_start(&a->body);
    json_put_object_begin(&w);
    json_put_key_str(&w, "id", id);
    json_put_object_end(&w);
    a->status = MHD_HTTP_CREATED;
    return json_writer_end(&r->c, &w);
}

Err web_file_name(WebRequest *r, WebAnswer *a, Str name) {
    char *room = NULL;
    size_t n = 0;
    TRY(ctx_alloc(&r->c, name.n + 8, &room));
    for (size_t i = 0; i < name.n; i++) {
        char ch = name.p[i];
        bool plain = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
                     (ch >= '0' && ch <= '9') || ch == '-' || ch == '_' || (ch == '.' && n > 0);
        room[n++] = plain ? ch : '_';
    }
    a->filename = n ? (Str){room, n} : STR("file");
    return OK;
}

void web_put_time(JsonWriter *w, const char *key, int64_t at_us) {
    char text[TIME_TEXT_BYTES];
    time_format(at_us, text);
    json_put_key_str(w, key, str_of(text));
}

void web_put_opt_time(JsonWriter *w, const char *key, int64_t at_us) {
    if (at_us)
        web_put_time(w, key, at_us);
    else
        json_put_key_null(w, key);
}

// --- twice the same
// -------------------------------------------------------------------------------

static void hash_part(CryptoSha256 *s, Str part) {
    uint8_t length[8];
    store_u64be(length, part.n);
    crypto_sha256_add(s, length, sizeof length);
    crypto_sha256_add(s, part.p, part.n);
}

// What is asked: method, path, parameters, body.
static Err request_hash(WebRequest *r, CryptoHash *ret_hash) {
    CryptoSha256 s;
    crypto_sha256_init(&s);
    hash_part(&s, str_of(web_method_name(r->route->method)));
    hash_part(&s, r->path);
    for (size_t i = 0; i < WEB_PARAMS_MAX; i++)
        hash_part(&s, r->params[i]);
    if (r->route->body == WEB_BODY_FILE) {
        AUTO(File) f = {0};
        char part[16384];
        size_t n;
        TRY(file_open(&r->c, r->upload_path, FILE_READ, &f));
        do {
            TRY(file_read(&r->c, &f, part, sizeof part, &n));
            crypto_sha256_add(&s, part, n);
        } while (n > 0);
    } else {
        hash_part(&s, buf_view(&r->body));
    }
    *ret_hash = crypto_sha256_finish(&s);
    return OK;
}

// Kept as the address of what was made, a line end, and the body.
static Err replay(WebRequest *r, WebAnswer *a, const DeskReplay *kept) {
    Str rest = kept->answer, location;
    if (r->route->flags & WEB_SECRET)
        return fail(&r->c, E_EXISTS,
                    "this was done already; its answer held a secret that is shown once");
    if (!str_split(&rest, '\n', &location))
        location = (Str){0};
    a->status = (unsigned)kept->status;
    a->replayed = true;
    if (a->status >= 400)
        a->type = "application/problem+json";
    buf_str(&a->body, rest);
    return str_copy(&r->c, location, &a->location);
}

static bool keeps_answers(const WebRequest *r) {
    return r->idempotency[0] && !(r->route->flags & WEB_NO_REPLAY);
}

static void keep(WebRequest *r, WebAnswer *a) {
    AUTO(Buf) kept = {0};
    Err e;
    // A fault or a full queue may be over when the same is asked again; and nothing was refused
    // for ever that has changed nothing.
    int status = a->status < 400 ? (int)a->status : 0;
    if (status && !(r->route->flags & WEB_SECRET)) {
        buf_str(&kept, a->location);
        buf_char(&kept, '\n');
        buf_append(&kept, a->body.p, a->body.n);
    }
    Ctx quiet;
    ctx_init(&quiet);
    e = kept.failed
            ? E_MEMORY
            : desk_replay_end(&quiet, &r->desk, str_of(r->idempotency), status, buf_view(&kept));
    if (e != OK)
        log_line(LOG_ERROR, "web", r->id, "answer not kept error=%s", err_name(e));
    ctx_done(&quiet);
}

// --- run
// ------------------------------------------------------------------------------------------

static Err read_body(WebRequest *r) {
    if (r->route->body == WEB_BODY_FILE) {
        file_close(&r->upload);
        return OK;
    }
    TRY(buf_check(&r->c, &r->body));
    if (r->route->body != WEB_BODY_JSON)
        return OK;
    TRY(json_reader_open(&r->c, &r->reader));
    return json_read(&r->c, &r->reader, buf_view(&r->body), &r->json);
}

static Err handle(WebRequest *r, WebAnswer *a) {
    TRY(r->route->handle(r, a));
    return buf_check(&r->c, &a->body);
}

static Err run_once(WebRequest *r, WebAnswer *a) {
    CryptoHash hash;
    DeskReplay kept = {0};
    TRY(read_body(r));
    if (!keeps_answers(r))
        return handle(r, a);
    TRY(request_hash(r, &hash));
    Err e = desk_replay_begin(&r->c, &r->desk, str_of(r->idempotency), &hash, &kept);
    if (e == E_EXISTS) {
        web_problem(a, MHD_HTTP_UNPROCESSABLE_CONTENT, "key_reused",
                    STR("This Idempotency-Key came with another request before."), r->id);
        return OK;
    }
    TRY(e);
    if (kept.known)
        return replay(r, a, &kept);
    e = handle(r, a);
    if (e != OK)
        web_problem_err(r, a, e);
    keep(r, a);
    return OK;
}

// Whether a code is one does not show in the time that the answer takes: public pages wait for the
// next tick.
static void wait_for_tick(const WebRequest *r) {
    int64_t passed = clock_monotonic_us() - r->started_us;
    int64_t left = WEB_PUBLIC_TICK_US - passed % WEB_PUBLIC_TICK_US;
    struct timespec pause = {.tv_sec = left / 1000000, .tv_nsec = left % 1000000 * 1000};
    nanosleep(&pause, NULL);
}

void web_request_run(WebRequest *r) {
    WebAnswer *a = &r->answer;
    if (r->refused)
        return;
    Err e = run_once(r, a);
    if (e != OK && (r->route->flags & WEB_PAGE) && e == E_NOT_FOUND)
        web_public_message(r, a, MHD_HTTP_NOT_FOUND, "not_found");
    else if (e != OK)
        web_problem_err(r, a, e);
    if (e == OK && r->route->method == WEB_GET && a->status == MHD_HTTP_OK && a->fd < 0 &&
        !(r->route->flags & (WEB_PAGE | WEB_STREAM)))
        web_answer_etag(a, r->if_none_match);
    // The code, not the words: those may name a case or a file.
    if (a->status >= 500)
        log_line(LOG_ERROR, "web", r->id, "route=%s error=%s", r->route->name, err_name(e));
    web_upload_end(r);
    if (r->route->flags & WEB_PAGE)
        wait_for_tick(r);
}
