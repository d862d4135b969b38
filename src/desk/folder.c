// The node's folder as a whole: taking away what a failed beginning left.
#include "desk/desk_priv.h"

#include <unistd.h>

static Err clear_files(Ctx *c, Str dir) {
    Str *names;
    size_t n;
    TRY(dir_list(c, dir, &names, &n));
    for (size_t i = 0; i < n; i++) {
        Str path;
        TRY(str_format(c, &path, STR_FMT "/" STR_FMT, STR_ARG(dir), STR_ARG(names[i])));
        (void)!unlink(path.p);
    }
    return OK;
}

void desk_folder_clear(Str dir, bool also_itself) {
    AUTO(Ctx) c;
    ctx_init(&c);
    Str path, stream;
    if (str_copy(&c, dir, &path) != OK || desk_path(&c, dir, "stream", &stream) != OK)
        return; // what stays is seen at the next try: the folder is not empty
    if (file_exists(stream) && clear_files(&c, stream) == OK)
        (void)!rmdir(stream.p);
    if (clear_files(&c, dir) == OK && also_itself)
        (void)!rmdir(path.p);
}
