// Routes: log in and out, users, roles, tokens, break-glass, the log of reads.
#include "crypto/crypto.h"
#include "web/web_priv.h"
#include <stdio.h>

#include <microhttpd.h>

static void put_agency(JsonWriter *w, const DeskInfo *info, bool id) {
    json_put_key(w, STR("agency"));
    json_put_object_begin(w);
    json_put_key_str(w, "country", info->country);
    if (id)
        json_put_key_str(w, "id", info->agency_id);
    json_put_key_str(w, "kind", info->kind);
    json_put_key_str(w, "name", info->agency);
    json_put_key_str(w, "timezone", info->timezone);
    json_put_key_str(w, "title", info->name);
    json_put_object_end(w);
}

static Err login_get(WebRequest *r, WebAnswer *a) {
    DeskInfo info;
    size_t n;
    const DeskPurpose *purposes = desk_purposes(r->node, &n);
    TRY(desk_info(&r->c, r->node, &info));
    JsonWriter w = json_writer_start(&a->body);
    json_put_object_begin(&w);
    put_agency(&w, &info, false);
    json_put_key(&w, STR("purposes"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < n; i++) {
        json_put_object_begin(&w);
        json_put_key_str(&w, "purpose", purposes[i].purpose);
        json_put_key_str(&w, "words", purposes[i].words);
        json_put_object_end(&w);
    }
    json_put_array_end(&w);
    json_put_object_end(&w);
    return json_writer_end(&r->c, &w);
}

// --- the session
// ----------------------------------------------------------------------------------

// What pages call currencies and institutions.
static void put_names(WebRequest *r, JsonWriter *w) {
    const FormatTables *tables = desk_tables(r->node);
    const FormatInstitution *one;
    const FormatCurrency *money;
    json_put_key(w, STR("currencies"));
    json_put_object_begin(w);
    for (size_t i = 0; (money = format_currency_at(tables, i)) != NULL; i++) {
        json_put_key(w, str_of(money->code));
        json_put_i64(w, money->exponent);
    }
    json_put_object_end(w);
    json_put_key(w, STR("institutions"));
    json_put_object_begin(w);
    for (size_t i = 0; (one = format_institution_at(tables, i)) != NULL; i++) {
        char key[128];
        snprintf(key, sizeof key, STR_FMT "/" STR_FMT, STR_ARG(one->country), STR_ARG(one->code));
        json_put_key(w, str_of(key));
        json_put_str(w, one->name);
    }
    json_put_object_end(w);
}

static Err put_session(WebRequest *r, WebAnswer *a) {
    DeskInfo info;
    char officer[CRYPTO_UUID_TEXT_BYTES];
    TRY(desk_info(&r->c, r->node, &info));
    crypto_uuid_format(r->desk.officer, officer);
    JsonWriter w = json_writer_start(&a->body);
    json_put_object_begin(&w);
    json_put_key(&w, STR("acts"));
    json_put_array_begin(&w);
    for (int i = 0; i < DESK_ACT_COUNT; i++)
        if (desk_may(&r->desk, (DeskAct)i))
            json_put_str(&w, str_of(desk_act_name((DeskAct)i)));
    json_put_array_end(&w);
    put_agency(&w, &info, true);
    json_put_key_str(&w, "csrf", str_of(r->session.csrf));
    put_names(r, &w);
    json_put_key_bool(&w, "demo", info.demo);
    web_put_opt_time(&w, "expires_at", r->session.expires_at);
    json_put_key_bool(&w, "must_change_password", r->session.must_change_password);
    json_put_key_str(&w, "officer", str_of(officer));
    json_put_key_str(&w, "purpose", r->desk.purpose);
    json_put_key_str(&w, "role", r->desk.role);
    json_put_key_str(&w, "user", r->desk.name);
    json_put_key_str(&w, "version", str_of(r->server->version));
    json_put_object_end(&w);
    return json_writer_end(&r->c, &w);
}

// Gone with the browser; when it ends before that, the server knows.
static Err put_cookie(WebRequest *r, WebAnswer *a, const char *token, bool over) {
    return str_format(&r->c, &a->cookie, "moei=%s; Path=/; HttpOnly; SameSite=Strict%s%s", token,
                      over ? "; Max-Age=0" : "", r->server->tls ? "; Secure" : "");
}

typedef struct LoginDraft {
    Str user, password, purpose;
} LoginDraft;
static const WebField login_fields[] = {
    WEB_NEEDED("password", LoginDraft, password),
    WEB_TEXT("purpose", LoginDraft, purpose),
    WEB_NEEDED("user", LoginDraft, user),
};

// The words of a limit of tries name the seconds to wait; the first number is taken.
static unsigned seconds_in(const char *words) {
    unsigned v = 0;
    while (*words && (*words < '0' || *words > '9'))
        words++;
    while (*words >= '0' && *words <= '9' && v < 100000)
        v = v * 10 + (unsigned)(*words++ - '0');
    return v ? v : 60;
}

static Err session_open(WebRequest *r, WebAnswer *a) {
    LoginDraft draft = {0};
    TRY(web_read(r, &draft));
    DeskLogin login = {.user = draft.user,
                       .password = draft.password,
                       .purpose = draft.purpose,
                       .from = str_of(r->address)};
    Err e = desk_session_open(&r->c, r->node, &login, &r->session);
    if (e == E_LIMIT) {
        a->wait_s = seconds_in(r->c.error);
        web_problem(a, MHD_HTTP_TOO_MANY_REQUESTS, "too_many", str_of(r->c.error), r->id);
        return OK;
    }
    if (e == E_DENIED || e == E_NOT_FOUND) {
        web_problem(a, MHD_HTTP_UNAUTHORIZED, "login", str_of(r->c.error), r->id);
        return OK;
    }
    TRY(e);
    DeskSession found;
    TRY(desk_session_find(&r->c, r->node, str_of(r->session.token), &r->desk, &r->key, &found));
    TRY(put_cookie(r, a, r->session.token, false));
    a->status = MHD_HTTP_CREATED;
    a->location = STR(WEB_API "/session");
    return put_session(r, a);
}

static Err session_get(WebRequest *r, WebAnswer *a) {
    return put_session(r, a);
}

static Err session_close(WebRequest *r, WebAnswer *a) {
    TRY(desk_session_close(&r->c, r->node, str_of(r->token)));
    a->status = MHD_HTTP_NO_CONTENT;
    return put_cookie(r, a, "", true);
}

typedef struct PasswordDraft {
    Str old_password, new_password;
} PasswordDraft;
static const WebField password_fields[] = {
    WEB_NEEDED("new", PasswordDraft, new_password),
    WEB_NEEDED("old", PasswordDraft, old_password),
};

static Err password_change(WebRequest *r, WebAnswer *a) {
    PasswordDraft draft = {0};
    TRY(web_read(r, &draft));
    a->status = MHD_HTTP_NO_CONTENT;
    return desk_password_change(&r->c, &r->desk, draft.old_password, draft.new_password);
}

// --- users
// ----------------------------------------------------------------------------------------

static Err users_list(WebRequest *r, WebAnswer *a) {
    const DeskUser *users;
    size_t n;
    TRY(desk_user_list(&r->c, &r->desk, &users, &n));
    return desk_user_list_json(&r->c, users, n, &a->body);
}

static void put_password(JsonWriter *w, char password[DESK_PASSWORD_BYTES]) {
    json_put_key_str(w, "password", str_of(password));
    crypto_wipe(password, DESK_PASSWORD_BYTES);
}

static const WebField user_fields[] = {
    WEB_TEXT("clearance", DeskUserDraft, clearance),
    WEB_NEEDED("name", DeskUserDraft, name),
    WEB_NEEDED("role", DeskUserDraft, role),
};

static Err users_add(WebRequest *r, WebAnswer *a) {
    DeskUserDraft draft = {0};
    DeskUser user;
    char password[DESK_PASSWORD_BYTES];
    TRY(web_read(r, &draft));
    TRY(desk_user_add(&r->c, &r->desk, &draft, &user, password));
    JsonWriter w = json_writer_start(&a->body);
    json_put_object_begin(&w);
    put_password(&w, password);
    json_put_key(&w, STR("user"));
    AUTO(Buf) one = {0};
    TRY(desk_user_json(&r->c, &user, &one));
    json_put_raw(&w, buf_view(&one));
    json_put_object_end(&w);
    TRY(json_writer_end(&r->c, &w));
    return web_created(r, a, WEB_API "/users/", user.name);
}

typedef struct UserChange {
    Str clearance, role;
    bool active;
} UserChange;
static const WebField change_fields[] = {
    {"active", WEB_FIELD_BOOL, false, offsetof(UserChange, active), 0, NULL},
    WEB_TEXT("clearance", UserChange, clearance),
    WEB_TEXT("role", UserChange, role),
};

// What is not said stays as it is.
static Err users_change(WebRequest *r, WebAnswer *a) {
    const DeskUser *users;
    DeskUser user;
    size_t n, i = 0;
    TRY(desk_need(&r->c, &r->desk, DESK_USER_READ));
    TRY(desk_user_list(&r->c, &r->desk, &users, &n));
    while (i < n && !str_eq(users[i].name, r->places.items[0]))
        i++;
    if (i == n)
        return fail(&r->c, E_NOT_FOUND, "there is no such user");
    UserChange change = {users[i].clearance, users[i].role, users[i].active};
    TRY(web_read(r, &change));
    DeskUserDraft draft = {
        .name = r->places.items[0], .role = change.role, .clearance = change.clearance};
    TRY(desk_user_set(&r->c, &r->desk, &draft, change.active, &user));
    return desk_user_json(&r->c, &user, &a->body);
}

static Err users_password(WebRequest *r, WebAnswer *a) {
    char password[DESK_PASSWORD_BYTES];
    TRY(desk_user_password(&r->c, r->node, r->places.items[0], password));
    JsonWriter w = json_writer_start(&a->body);
    json_put_object_begin(&w);
    put_password(&w, password);
    json_put_object_end(&w);
    return json_writer_end(&r->c, &w);
}

static Err roles_list(WebRequest *r, WebAnswer *a) {
    return desk_roles_json(&r->c, r->node, &a->body);
}

// --- tokens
// ---------------------------------------------------------------------------------------

static Err tokens_list(WebRequest *r, WebAnswer *a) {
    const DeskToken *tokens;
    size_t n;
    TRY(desk_token_list(&r->c, &r->desk, &tokens, &n));
    return desk_token_list_json(&r->c, tokens, n, &a->body);
}

typedef struct TokenDraft {
    Str name, purpose;
    int64_t days;
} TokenDraft;
static const WebField token_fields[] = {
    {"days", WEB_FIELD_INT, true, offsetof(TokenDraft, days), 0, NULL},
    WEB_NEEDED("name", TokenDraft, name),
    WEB_TEXT("purpose", TokenDraft, purpose),
};

static Err tokens_add(WebRequest *r, WebAnswer *a) {
    TokenDraft draft = {0};
    char token[DESK_TOKEN_TEXT_BYTES];
    TRY(web_read(r, &draft));
    Str purpose = draft.purpose.n ? draft.purpose : r->desk.purpose;
    TRY(desk_token_add(&r->c, &r->desk, draft.name, purpose, draft.days, token));
    JsonWriter w = json_writer_start(&a->body);
    json_put_object_begin(&w);
    json_put_key_i64(&w, "days", draft.days);
    json_put_key_str(&w, "name", draft.name);
    json_put_key_str(&w, "purpose", purpose);
    json_put_key_str(&w, "token", str_of(token));
    json_put_object_end(&w);
    crypto_wipe(token, sizeof token);
    a->status = MHD_HTTP_CREATED;
    a->location = STR(WEB_API "/tokens");
    return json_writer_end(&r->c, &w);
}

static Err tokens_revoke(WebRequest *r, WebAnswer *a) {
    int64_t id;
    if (!str_to_i64(r->places.items[0], &id))
        return fail(&r->c, E_NOT_FOUND, "there is no such token");
    a->status = MHD_HTTP_NO_CONTENT;
    return desk_token_revoke(&r->c, &r->desk, id);
}

// --- break-glass, reads
// ---------------------------------------------------------------------------

static Err glass_list(WebRequest *r, WebAnswer *a) {
    const DeskGlass *items;
    size_t n;
    TRY(desk_glass_list(&r->c, &r->desk, &items, &n));
    return desk_glass_list_json(&r->c, items, n, &a->body);
}

typedef struct GlassDraft {
    Str grants, reason;
    int64_t hours;
} GlassDraft;
static const WebField glass_fields[] = {
    WEB_NEEDED("grants", GlassDraft, grants),
    {"hours", WEB_FIELD_INT, true, offsetof(GlassDraft, hours), 0, NULL},
    WEB_NEEDED("reason", GlassDraft, reason),
};

static Err glass_break(WebRequest *r, WebAnswer *a) {
    GlassDraft draft = {0};
    DeskGlass glass;
    TRY(web_read(r, &draft));
    TRY(desk_glass_break(&r->c, &r->desk, draft.grants, draft.reason, draft.hours, &glass));
    TRY(desk_glass_json(&r->c, &glass, &a->body));
    return web_created(r, a, WEB_API "/glass/", glass.id);
}

typedef struct RatifyDraft {
    Str note;
    bool ratified;
} RatifyDraft;
static const WebField ratify_fields[] = {
    WEB_TEXT("note", RatifyDraft, note),
    {"ratified", WEB_FIELD_BOOL, true, offsetof(RatifyDraft, ratified), 0, NULL},
};

static Err glass_ratify(WebRequest *r, WebAnswer *a) {
    RatifyDraft draft = {0};
    DeskGlass glass;
    TRY(web_read(r, &draft));
    TRY(desk_glass_ratify(&r->c, &r->desk, r->places.items[0], draft.ratified, draft.note, &glass));
    return desk_glass_json(&r->c, &glass, &a->body);
}

static Err reads_list(WebRequest *r, WebAnswer *a) {
    DeskReadList list;
    TRY(desk_reads_list(&r->c, &r->desk, web_page_of(r), &list));
    return desk_reads_list_json(&r->c, &list, &a->body);
}

#define V1 WEB_API
static const WebRoute routes[] = {
    {WEB_GET, V1 "/login", "loginWords", WEB_ANYONE, WEB_BODY_NONE, 0, "", WEB_NO_FIELDS, "Login",
     login_get, "What the page to log in shows."},
    {WEB_POST, V1 "/session", "sessionOpen", WEB_ANYONE, WEB_BODY_JSON, WEB_SECRET | WEB_NO_REPLAY,
     "", WEB_FIELDS(login_fields), "Session", session_open, "Logs in for a purpose."},
    {WEB_GET, V1 "/session", "sessionGet", WEB_LOGGED_IN, WEB_BODY_NONE, 0, "", WEB_NO_FIELDS,
     "Session", session_get, "Who is logged in, and what they may do."},
    {WEB_DELETE, V1 "/session", "sessionClose", WEB_LOGGED_IN, WEB_BODY_NONE, WEB_NO_REPLAY, "",
     WEB_NO_FIELDS, "", session_close, "Logs out."},
    {WEB_POST, V1 "/session/password", "passwordChange", WEB_LOGGED_IN, WEB_BODY_JSON,
     WEB_SECRET | WEB_NO_REPLAY, "", WEB_FIELDS(password_fields), "", password_change,
     "Changes one's own password."},
    {WEB_GET, V1 "/users", "users", DESK_USER_READ, WEB_BODY_NONE, WEB_LIST, "", NULL, 0,
     "UserList", users_list, "Lists the users."},
    {WEB_POST, V1 "/users", "userAdd", DESK_USER_WRITE, WEB_BODY_JSON, WEB_SECRET, "",
     WEB_FIELDS(user_fields), "NewUser", users_add, "Adds a user; the password is shown once."},
    {WEB_PATCH, V1 "/users/{name}", "userChange", DESK_USER_WRITE, WEB_BODY_JSON, 0, "",
     WEB_FIELDS(change_fields), "User", users_change,
     "Changes role, clearance, or whether active."},
    {WEB_POST, V1 "/users/{name}/password", "userPassword", DESK_USER_WRITE, WEB_BODY_NONE,
     WEB_SECRET, "", WEB_NO_FIELDS, "NewPassword", users_password,
     "A new random password and a new signing key."},
    {WEB_GET, V1 "/roles", "roles", WEB_LOGGED_IN, WEB_BODY_NONE, 0, "", WEB_NO_FIELDS, "Roles",
     roles_list, "Which role may do what."},
    {WEB_GET, V1 "/tokens", "tokens", WEB_LOGGED_IN, WEB_BODY_NONE, WEB_LIST, "", NULL, 0,
     "TokenList", tokens_list, "Lists one's API tokens."},
    {WEB_POST, V1 "/tokens", "tokenAdd", WEB_LOGGED_IN, WEB_BODY_JSON, WEB_SECRET, "",
     WEB_FIELDS(token_fields), "NewToken", tokens_add, "Makes an API token; it is shown once."},
    {WEB_DELETE, V1 "/tokens/{id}", "tokenRevoke", WEB_LOGGED_IN, WEB_BODY_NONE, 0, "",
     WEB_NO_FIELDS, "", tokens_revoke, "Ends an API token."},
    {WEB_GET, V1 "/reads", "reads", DESK_READS_READ, WEB_BODY_NONE, WEB_LIST, "", NULL, 0,
     "ReadList", reads_list, "Who read which personal data, for what."},
    {WEB_GET, V1 "/glass", "glassList", DESK_RECORD_READ, WEB_BODY_NONE, WEB_LIST, "", NULL, 0,
     "GlassList", glass_list, "Lists broken glass."},
    {WEB_POST, V1 "/glass", "glassBreak", DESK_GLASS_BREAK, WEB_BODY_JSON, 0, "",
     WEB_FIELDS(glass_fields), "Glass", glass_break, "Breaks the glass for some hours."},
    {WEB_POST, V1 "/glass/{id}/ratify", "glassRatify", DESK_GLASS_RATIFY, WEB_BODY_JSON, 0, "",
     WEB_FIELDS(ratify_fields), "Glass", glass_ratify, "Decides about a broken glass."},
};
const WebRouteGroup web_routes_user = {routes, COUNT_OF(routes)};
