// Bodies that are too large for memory: a file in a folder of its own, gone with the request.
#include "crypto/crypto.h"
#include "web/upload_priv.h"

#include <fcntl.h>

// Takes away what a server that was killed left behind.
Err web_uploads_open(Ctx *c, WebServer *s, Str node_dir) {
    Str dir, *names, *files;
    size_t n, m;
    TRY(str_format(c, &dir, STR_FMT "/uploads", STR_ARG(node_dir)));
    if (dir.n >= sizeof s->dir)
        return fail(c, E_LIMIT, "the path of the node is too long");
    memcpy(s->dir, dir.p, dir.n);
    s->dir[dir.n] = 0;
    // Without the folder nothing was left; it is made with the first upload, since the disk may be
    // read-only.
    if (!file_exists(dir))
        return OK;
    TRY(dir_list(c, dir, &names, &n));
    for (size_t i = 0; i < n; i++) {
        Str sub, path;
        TRY(str_format(c, &sub, "%s/" STR_FMT, s->dir, STR_ARG(names[i])));
        TRY(dir_list(c, sub, &files, &m));
        for (size_t k = 0; k < m; k++) {
            TRY(str_format(c, &path, STR_FMT "/" STR_FMT, STR_ARG(sub), STR_ARG(files[k])));
            TRY(file_remove(c, path));
        }
        TRY(dir_remove(c, sub));
    }
    return OK;
}

// A name that is one on every system: the caller's without folders and odd characters.
static Str safe_name(Str name, char *room, size_t bytes) {
    size_t n = 0;
    for (size_t i = name.n; i-- > 0;)
        if (name.p[i] == '/' || name.p[i] == '\\') {
            name = (Str){name.p + i + 1, name.n - i - 1};
            break;
        }
    for (size_t i = 0; i < name.n && n + 1 < bytes; i++) {
        unsigned char ch = (unsigned char)name.p[i];
        bool plain = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
                     (ch >= '0' && ch <= '9') || ch == '-' || ch == '_' || (ch == '.' && n > 0);
        room[n++] = plain ? (char)ch : '_';
    }
    return n ? (Str){room, n} : STR("file");
}

Err web_upload_begin(WebRequest *r, Str name) {
    WebServer *s = r->server;
    char id[CRYPTO_UUID_TEXT_BYTES], room[96];
    Ctx *c = &r->c;
    if (atomic_fetch_add(&s->uploads, 1) >= WEB_UPLOADS_MAX) {
        atomic_fetch_sub(&s->uploads, 1);
        return fail(c, E_BUSY, "other files are being sent; try again");
    }
    r->counted_upload = true;
    TRY(dir_make(c, str_of(s->dir)));
    crypto_uuid_format(crypto_uuid7(clock_now(clock_system()) / 1000, crypto_random_system()), id);
    name = safe_name(name, room, sizeof room);
    TRY(str_format(c, &r->upload_dir, "%s/%s", s->dir, id));
    TRY(dir_make(c, r->upload_dir));
    TRY(str_format(c, &r->upload_path, STR_FMT "/" STR_FMT, STR_ARG(r->upload_dir), STR_ARG(name)));
    return file_open(c, r->upload_path, FILE_CREATE, &r->upload);
}

Err web_upload_send(WebRequest *r, WebAnswer *a, const char *type, Str filename) {
    Ctx *c = &r->c;
    uint64_t bytes;
    AUTO(File) made = {0};
    TRY(file_open(c, r->upload_path, FILE_READ, &made));
    TRY(file_size(c, &made, &bytes));
    a->fd = fcntl(made.fd, F_DUPFD_CLOEXEC, 3);
    if (a->fd < 0)
        return fail_errno(c, "cannot open the file that was made");
    a->fd_bytes = bytes;
    a->type = type;
    a->filename = filename;
    a->policy = STR("default-src 'none'; sandbox");
    return OK;
}

void web_upload_end(WebRequest *r) {
    if (r->upload.open)
        file_close(&r->upload);
    if (r->upload_path.n && file_remove(&r->c, r->upload_path) != OK)
        log_line(LOG_ERROR, "web", r->id, "an upload could not be removed");
    if (r->upload_dir.n && dir_remove(&r->c, r->upload_dir) != OK)
        log_line(LOG_ERROR, "web", r->id, "the folder of an upload could not be removed");
    if (r->counted_upload)
        atomic_fetch_sub(&r->server->uploads, 1);
    r->upload_path = r->upload_dir = (Str){0};
    r->counted_upload = false;
}
