// grievance: what the holder of a held account says, taken in by an officer.
#include "cli/cli_priv.h"

static Err grievance_print(CliCall *call, const DeskGrievance *g) {
    cli_field(call, "Grievance", g->id);
    cli_field(call, "Order", g->number);
    cli_field(call, "Stage", g->stage);
    TRY(cli_field_time(call, "Received", g->at));
    TRY(cli_field_time(call, g->overdue ? "OVERDUE since" : "Review by", g->due_at));
    cli_field(call, "Contact", g->contact);
    for (size_t i = 0; i < g->file_count; i++) {
        AUTO(Buf) file = {0};
        buf_format(&file, STR_FMT " (" STR_FMT ", %lld bytes) %s", STR_ARG(g->files[i].name),
                   STR_ARG(g->files[i].type), (long long)g->files[i].bytes, g->files[i].sha256);
        cli_field_buf(call, "Document", &file);
    }
    if (g->text.n > 0)
        cli_print(call, "\n" STR_FMT "\n", STR_ARG(g->text));
    return OK;
}

static Err grievance_answer(CliCall *call, const DeskGrievance *g) {
    if (!call->json)
        return grievance_print(call, g);
    TRY(desk_grievance_json(call->c, &call->desk, g, &call->out));
    cli_end_json(call);
    return OK;
}

static Str type_of(Str path) {
    static const char *const types[][2] = {{".pdf", "application/pdf"}, {".png", "image/png"},
                                           {".jpg", "image/jpeg"},      {".jpeg", "image/jpeg"},
                                           {".webp", "image/webp"},     {".txt", "text/plain"}};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        if (str_ends(path, str_of(types[i][0])))
            return str_of(types[i][1]);
    }
    return STR("application/octet-stream");
}

static Err documents_of(CliCall *call, DeskUpload uploads[GRIEVANCE_FILES_MAX], size_t *ret_n) {
    Str *paths;
    size_t n;
    TRY(cli_option_list(call, "documents", &paths, &n));
    if (n > GRIEVANCE_FILES_MAX)
        return fail(call->c, E_USAGE, "at most %d documents", GRIEVANCE_FILES_MAX);
    for (size_t i = 0; i < n; i++) {
        Str path;
        TRY(cli_path(call, paths[i], &path));
        uploads[i] = (DeskUpload){.name = paths[i], .type = type_of(paths[i])};
        TRY(file_read_all(call->c, path, ATTACHMENT_BYTES_MAX, &uploads[i].bytes));
    }
    *ret_n = n;
    return OK;
}

Err cli_grievance_add(CliCall *call) {
    DeskUpload uploads[GRIEVANCE_FILES_MAX];
    size_t n;
    DeskGrievance g;
    TRY(documents_of(call, uploads, &n));
    TRY(desk_grievance_add(call->c, &call->desk, call->args[1], cli_option_str(call, "text"),
                           cli_option_str(call, "contact"), uploads, n, &g));
    return grievance_answer(call, &g);
}

Err cli_grievance_show(CliCall *call) {
    DeskGrievance g;
    TRY(desk_grievance_get(call->c, &call->desk, call->args[1], &g));
    return grievance_answer(call, &g);
}

Err cli_grievance_list(CliCall *call) {
    static const char *const titles[] = {"Grievance", "Order", "Received", "Stage", "Review by"};
    static const bool right[COUNT_OF(titles)] = {false};
    DeskPage page;
    DeskGrievanceList list;
    TRY(cli_page(call, &page));
    TRY(desk_grievance_list(call->c, &call->desk, cli_flag(call, "open"), page, &list));
    if (call->json) {
        TRY(desk_grievance_list_json(call->c, &list, &call->out));
        cli_end_json(call);
        return OK;
    }
    AUTO(CliTable) t = {0};
    cli_table_start(&t, titles, right, COUNT_OF(titles));
    for (size_t i = 0; i < list.count; i++) {
        const DeskGrievance *g = &list.items[i];
        Str at, due;
        TRY(desk_time_local(call->c, call->node, g->at, &at));
        TRY(desk_time_local(call->c, call->node, g->due_at, &due));
        if (g->overdue)
            TRY(str_format(call->c, &due, "OVERDUE since " STR_FMT, STR_ARG(due)));
        cli_table_cell(&t, g->id);
        cli_table_cell(&t, g->number);
        cli_table_cell(&t, at);
        cli_table_cell(&t, g->stage);
        cli_table_cell(&t, due);
    }
    if (list.count == 0)
        cli_print(call, "There are no grievances.\n");
    else
        TRY(cli_table_print(call, &t));
    cli_say_next(call, list.next);
    return OK;
}
