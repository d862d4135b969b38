// Routes: orders, their letters and answers, contacts, accounts, documents.
#include "web/web_priv.h"

#include <microhttpd.h>

static Err orders_list(WebRequest *r, WebAnswer *a) {
    DeskOrderList list;
    DeskOrderFilter filter = {.board = web_param_yes(r, "board"),
                              .state = web_param(r, "state"),
                              .case_id = web_param(r, "case"),
                              .account = web_param(r, "account"),
                              .box = web_param(r, "box")};
    TRY(desk_order_list(&r->c, &r->desk, &filter, web_page_of(r), &list));
    return desk_order_list_json(&r->c, &list, &a->body);
}

static Err order_get(WebRequest *r, WebAnswer *a) {
    DeskOrder order;
    TRY(desk_order_get(&r->c, &r->desk, r->places.items[0], &order));
    return desk_order_json(&r->c, &order, &a->body);
}

typedef struct ProposeDraft {
    Str case_id, rule, until;
    const Str *accounts;
    size_t account_count;
} ProposeDraft;
static const WebField propose_fields[] = {
    WEB_TEXTS("accounts", ProposeDraft, accounts, account_count),
    WEB_NEEDED("case", ProposeDraft, case_id),
    WEB_TEXT("rule", ProposeDraft, rule),
    WEB_TEXT("until", ProposeDraft, until),
};

static Err propose(WebRequest *r, WebAnswer *a) {
    ProposeDraft draft = {0};
    DeskProposed proposed;
    DeskTraceQuery until = {0};
    TRY(web_read(r, &draft));
    DeskPropose ask = {.case_id = draft.case_id,
                       .rule = TRACE_FIFO,
                       .accounts = draft.accounts,
                       .account_count = draft.account_count};
    if (draft.rule.n && !trace_rule_find(draft.rule, &ask.rule))
        return fail(&r->c, E_INVALID, "rule is fifo, lifo, pro_rata or libr");
    if (draft.until.n) {
        TRY(desk_trace_until(&r->c, draft.until, &until));
        ask.has_until = until.has_until;
        ask.until_us = until.until_us;
    }
    TRY(desk_order_propose(&r->c, &r->desk, &ask, &proposed));
    return desk_proposed_json(&r->c, &proposed, &a->body);
}

static const WebField act_fields[] = {
    WEB_NEEDED("act", DeskOrderActDraft, act),
    WEB_TEXT("amount", DeskOrderActDraft, amount),
    WEB_TEXT("balance", DeskOrderActDraft, balance),
    WEB_TEXT("channel", DeskOrderActDraft, channel),
    WEB_TEXT("code", DeskOrderActDraft, code),
    WEB_TEXT("document", DeskOrderActDraft, document),
    WEB_TEXT("ends_at", DeskOrderActDraft, ends_at),
    WEB_TEXT("happened_at", DeskOrderActDraft, happened_at),
    WEB_TEXT("law", DeskOrderActDraft, law),
    WEB_TEXT("note", DeskOrderActDraft, note),
    WEB_TEXT("on_behalf_of", DeskOrderActDraft, on_behalf_of),
    WEB_TEXT("outcome", DeskOrderActDraft, outcome),
    WEB_TEXT("target", DeskOrderActDraft, target),
    WEB_TEXT("to", DeskOrderActDraft, to),
};

static Err order_act(WebRequest *r, WebAnswer *a) {
    DeskOrderActDraft draft = {0};
    DeskOrder order;
    TRY(web_read(r, &draft));
    TRY(desk_order_act(&r->c, &r->desk, r->places.items[0], &draft, &order));
    return desk_order_json(&r->c, &order, &a->body);
}

// --- letters and answers
// --------------------------------------------------------------------------

static Err letter(WebRequest *r, WebAnswer *a, DeskLetterForm form, const char *ending) {
    Str id = r->places.items[0], name;
    TRY(desk_order_letter(&r->c, &r->desk, &id, 1, form, &a->body));
    TRY(str_format(&r->c, &name, STR_FMT ".%s", STR_ARG(id), ending));
    return web_file_name(r, a, name);
}

static Err letter_html(WebRequest *r, WebAnswer *a) {
    Str id = r->places.items[0];
    TRY(desk_order_letter(&r->c, &r->desk, &id, 1, DESK_LETTER_HTML, &a->body));
    a->type = "text/html; charset=utf-8";
    return web_policy_of(&r->c, buf_view(&a->body), &a->policy);
}

static Err letter_csv(WebRequest *r, WebAnswer *a) {
    a->type = "text/csv; charset=utf-8";
    return letter(r, a, DESK_LETTER_CSV, "csv");
}

static Err letter_xlsx(WebRequest *r, WebAnswer *a) {
    a->type = WEB_XLSX;
    return letter(r, a, DESK_LETTER_XLSX, "xlsx");
}

static Err answers(WebRequest *r, WebAnswer *a) {
    DeskAnswers result;
    TRY(desk_answers_import(&r->c, &r->desk, r->upload_path, web_param_yes(r, "dry_run"), &result));
    return desk_answers_json(&r->c, &result, &a->body);
}

static Err refusals(WebRequest *r, WebAnswer *a) {
    return desk_refusals_json(&r->c, &r->desk, &a->body);
}

// --- contacts, accounts
// ---------------------------------------------------------------------------

static Err contacts_list(WebRequest *r, WebAnswer *a) {
    const DeskContact *items;
    size_t n;
    TRY(desk_contact_list(&r->c, &r->desk, web_param(r, "country"), web_param(r, "institution"),
                          &items, &n));
    return desk_contact_list_json(&r->c, items, n, &a->body);
}

static const WebField contact_fields[] = {
    WEB_NEEDED("country", DeskContact, country),
    WEB_TEXT("desk", DeskContact, desk),
    WEB_TEXT("email", DeskContact, email),
    WEB_TEXT("hours", DeskContact, hours),
    WEB_NEEDED("institution", DeskContact, institution),
    WEB_TEXT("language", DeskContact, language),
    WEB_TEXT("note", DeskContact, note),
    WEB_TEXT("phone", DeskContact, phone),
};

static Err contacts_add(WebRequest *r, WebAnswer *a) {
    DeskContact draft = {0}, kept;
    TRY(web_read(r, &draft));
    TRY(desk_contact_put(&r->c, &r->desk, &draft, &kept));
    a->status = MHD_HTTP_CREATED;
    return desk_contact_list_json(&r->c, &kept, 1, &a->body);
}

static Err account_get(WebRequest *r, WebAnswer *a) {
    Str account = web_param(r, "account");
    if (!account.n)
        return fail(&r->c, E_INVALID, "account is missing: TH/004/0011223344");
    return desk_account_json(&r->c, &r->desk, account, &a->body);
}

typedef struct ClassDraft {
    Str account, class_name, document, on_behalf_of;
} ClassDraft;
static const WebField class_fields[] = {
    WEB_NEEDED("account", ClassDraft, account),
    WEB_NEEDED("class", ClassDraft, class_name),
    WEB_TEXT("document", ClassDraft, document),
    WEB_TEXT("on_behalf_of", ClassDraft, on_behalf_of),
};

static Err account_class(WebRequest *r, WebAnswer *a) {
    ClassDraft draft = {0};
    TRY(web_read(r, &draft));
    TRY(desk_account_class(&r->c, &r->desk, draft.account, draft.class_name, draft.document,
                           draft.on_behalf_of));
    return desk_account_json(&r->c, &r->desk, draft.account, &a->body);
}

// --- reports: standing, first hop, documents
// ---------------------------------------------------------------------------------------

typedef struct StandingDraft {
    Str document, note, standing;
} StandingDraft;
static const WebField standing_fields[] = {
    WEB_TEXT("document", StandingDraft, document),
    WEB_TEXT("note", StandingDraft, note),
    WEB_NEEDED("standing", StandingDraft, standing),
};

static Err report_standing(WebRequest *r, WebAnswer *a) {
    StandingDraft draft = {0};
    Str id = r->places.items[0];
    TRY(web_read(r, &draft));
    TRY(desk_report_standing(&r->c, &r->desk, id, draft.standing, draft.document, draft.note));
    return web_report_put(r, a, id);
}

static Err report_first_hop(WebRequest *r, WebAnswer *a) {
    DeskPropose ask = {.report = r->places.items[0], .rule = TRACE_FIFO};
    DeskProposed proposed;
    TRY(desk_order_propose(&r->c, &r->desk, &ask, &proposed));
    return desk_proposed_json(&r->c, &proposed, &a->body);
}

static Err attachments_add(WebRequest *r, WebAnswer *a) {
    DeskAttachment attachment;
    TRY(desk_attachment_put(&r->c, &r->desk, web_param(r, "name"), r->type, buf_view(&r->body),
                            NULL, 0, &attachment));
    TRY(desk_attachment_json(&r->c, &attachment, &a->body));
    return web_created(r, a, WEB_API "/attachments/", str_of(attachment.sha256));
}

// Always saved, never shown: what it holds is somebody else's.
static Err attachment_get(WebRequest *r, WebAnswer *a) {
    DeskAttachment attachment;
    TRY(desk_attachment_get(&r->c, &r->desk, r->places.items[0], &attachment, &a->body));
    a->type = "application/octet-stream";
    a->policy = STR("default-src 'none'; sandbox");
    return web_file_name(r, a, attachment.name);
}

#define V1 WEB_API
static const WebRoute routes[] = {
    {WEB_GET, V1 "/orders", "orders", DESK_ORDER_READ, WEB_BODY_NONE, WEB_LIST,
     "board state case account box", WEB_NO_FIELDS, "OrderList", orders_list,
     "Lists orders; the board has all that is not finished, by time left."},
    {WEB_POST, V1 "/orders/propose", "propose", DESK_ORDER_PROPOSE, WEB_BODY_JSON, 0, "",
     WEB_FIELDS(propose_fields), "Proposed", propose,
     "Drafts of orders on what a trace finds still there."},
    {WEB_GET, V1 "/orders/{id}", "order", DESK_ORDER_READ, WEB_BODY_NONE, 0, "", WEB_NO_FIELDS,
     "Order", order_get, "One order, by id or number."},
    {WEB_POST, V1 "/orders/{id}/acts", "orderAct", DESK_ORDER_READ, WEB_BODY_JSON, 0, "",
     WEB_FIELDS(act_fields), "Order", order_act,
     "Does one act of the table of states; the act asks for its own right."},
    {WEB_GET, V1 "/orders/{id}/letter", "letter", DESK_ORDER_READ, WEB_BODY_NONE, WEB_SLOW, "",
     WEB_NO_FIELDS, "text/html", letter_html, "The letter to the addressee, to be printed."},
    {WEB_GET, V1 "/orders/{id}/letter.csv", "letterCsv", DESK_ORDER_READ, WEB_BODY_NONE, WEB_SLOW,
     "", WEB_NO_FIELDS, "text/csv", letter_csv, "The letter as a sheet to be answered in."},
    {WEB_GET, V1 "/orders/{id}/letter.xlsx", "letterXlsx", DESK_ORDER_READ, WEB_BODY_NONE, WEB_SLOW,
     "", WEB_NO_FIELDS, WEB_XLSX, letter_xlsx, "The same for spreadsheets."},
    {WEB_POST, V1 "/answers", "answers", DESK_ORDER_ANSWER, WEB_BODY_FILE, 0, "dry_run name",
     WEB_NO_FIELDS, "Answers", answers, "Takes in a bank's answers: its letter filled in."},
    {WEB_GET, V1 "/refusals", "refusals", DESK_ORDER_READ, WEB_BODY_NONE, 0, "", WEB_NO_FIELDS,
     "RefusalList", refusals, "Codes by which an order is refused."},
    {WEB_GET, V1 "/contacts", "contacts", DESK_ORDER_READ, WEB_BODY_NONE, 0, "country institution",
     WEB_NO_FIELDS, "ContactList", contacts_list, "Whom to call at an institution."},
    {WEB_POST, V1 "/contacts", "contactAdd", DESK_CONTACT_WRITE, WEB_BODY_JSON, 0, "",
     WEB_FIELDS(contact_fields), "ContactList", contacts_add, "Notes whom to call."},
    {WEB_GET, V1 "/accounts", "account", DESK_ORDER_READ, WEB_BODY_NONE, WEB_SLOW, "account",
     WEB_NO_FIELDS, "AccountCard", account_get, "What is known of an account."},
    {WEB_POST, V1 "/accounts/class", "accountClass", DESK_ORDER_ANSWER, WEB_BODY_JSON, 0, "",
     WEB_FIELDS(class_fields), "AccountCard", account_class,
     "Says what an account is: merchant, wage …"},
    {WEB_POST, V1 "/reports/{id}/standing", "reportStanding", DESK_REPORT_STANDING, WEB_BODY_JSON,
     0, "", WEB_FIELDS(standing_fields), "Report", report_standing,
     "Says how far the report is confirmed."},
    {WEB_POST, V1 "/reports/{id}/first-hop", "firstHop", DESK_ORDER_PROPOSE, WEB_BODY_NONE, 0, "",
     WEB_NO_FIELDS, "Proposed", report_first_hop,
     "Drafts of orders on the accounts that the report names."},
    {WEB_POST, V1 "/attachments", "attachmentAdd", DESK_ORDER_ANSWER, WEB_BODY_BYTES, 0, "name",
     WEB_NO_FIELDS, "Attachment", attachments_add, "Keeps a document by its hash."},
    {WEB_GET, V1 "/attachments/{sha256}", "attachment", DESK_ORDER_READ, WEB_BODY_NONE, WEB_SLOW,
     "", WEB_NO_FIELDS, "application/octet-stream", attachment_get, "A document."},
};
const WebRouteGroup web_routes_order = {routes, COUNT_OF(routes)};
