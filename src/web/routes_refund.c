// Routes: refunds, front, shift, search.
#include "web/web_priv.h"

#include <microhttpd.h>

typedef struct RefundDraft {
    Str case_id, rule;
    const JsonValue *rates;
} RefundDraft;
#define RATES                                                                                      \
    { "rates", WEB_FIELD_JSON, false, offsetof(RefundDraft, rates), 0, "Rate" }
static const WebField compare_fields[] = {WEB_NEEDED("case", RefundDraft, case_id), RATES};
static const WebField plan_fields[] = {
    WEB_NEEDED("case", RefundDraft, case_id),
    RATES,
    WEB_NEEDED("rule", RefundDraft, rule),
};

static Err rate_read(Ctx *c, const JsonValue *v, DeskRate *ret_rate) {
    static const char *const keys[] = {"date", "denominator", "from", "numerator", "source", "to"};
    DeskRate rate;
    TRY(json_as_object(c, v, "rates", &v));
    TRY(json_check_keys(c, v, "rates", keys, COUNT_OF(keys)));
    TRY(json_get_str(c, v, "date", &rate.date));
    TRY(json_get_int(c, v, "denominator", &rate.denominator));
    TRY(json_get_str(c, v, "from", &rate.from));
    TRY(json_get_int(c, v, "numerator", &rate.numerator));
    TRY(json_get_str(c, v, "source", &rate.source));
    TRY(json_get_str(c, v, "to", &rate.to));
    if (rate.numerator <= 0 || rate.denominator <= 0)
        return fail(c, E_INVALID, "a rate is a fraction above 0");
    *ret_rate = rate;
    return OK;
}

static Err refund_read(WebRequest *r, DeskRefundQuery *ret_query, Str *ret_rule) {
    RefundDraft draft = {0};
    DeskRate *rates = NULL;
    TRY(web_read(r, &draft));
    size_t n = draft.rates ? draft.rates->count : 0;
    if (n > WEB_RATES_MAX)
        return fail(&r->c, E_LIMIT, "at most %d rates", WEB_RATES_MAX);
    TRY(ctx_alloc(&r->c, (n + 1) * sizeof *rates, &rates));
    for (size_t i = 0; i < n; i++)
        TRY(rate_read(&r->c, &draft.rates->items[i], &rates[i]));
    *ret_query = (DeskRefundQuery){.case_id = draft.case_id, .rates = rates, .rate_count = n};
    *ret_rule = draft.rule;
    return OK;
}

static Err refunds_compare(WebRequest *r, WebAnswer *a) {
    DeskRefundQuery query;
    Str rule;
    TRY(refund_read(r, &query, &rule));
    return desk_refund_compare(&r->c, &r->desk, &query, &a->body);
}

static Err refunds_add(WebRequest *r, WebAnswer *a) {
    DeskRefundQuery query;
    Str rule, id;
    TRY(refund_read(r, &query, &rule));
    TRY(desk_refund_plan(&r->c, &r->desk, &query, rule, &id));
    TRY(desk_refund_json(&r->c, &r->desk, id, &a->body));
    return web_created(r, a, WEB_API "/refunds/", id);
}

static Err refunds_list(WebRequest *r, WebAnswer *a) {
    return desk_refund_list_json(&r->c, &r->desk, web_param(r, "case"), web_page_of(r), &a->body);
}

static Err refund_get(WebRequest *r, WebAnswer *a) {
    return desk_refund_json(&r->c, &r->desk, r->places.items[0], &a->body);
}

static Err refund_sign(WebRequest *r, WebAnswer *a) {
    TRY(desk_refund_sign(&r->c, &r->desk, r->places.items[0]));
    return refund_get(r, a);
}

static const WebField paid_fields[] = {
    WEB_NEEDED("account", DeskPaidDraft, account),
    WEB_NEEDED("amount", DeskPaidDraft, amount),
    WEB_NEEDED("currency", DeskPaidDraft, currency),
    WEB_NEEDED("reference", DeskPaidDraft, reference),
    WEB_NEEDED("report", DeskPaidDraft, report),
};

static Err refund_paid(WebRequest *r, WebAnswer *a) {
    DeskPaidDraft draft = {0};
    TRY(web_read(r, &draft));
    TRY(desk_refund_paid(&r->c, &r->desk, r->places.items[0], &draft));
    return refund_get(r, a);
}

static Err export_as(WebRequest *r, WebAnswer *a, DeskRefundForm form, const char *ending) {
    Str name;
    TRY(desk_refund_export(&r->c, &r->desk, r->places.items[0], form, &a->body));
    TRY(str_format(&r->c, &name, "refund-" STR_FMT ".%s", STR_ARG(r->places.items[0]), ending));
    return web_file_name(r, a, name);
}

static Err export_csv(WebRequest *r, WebAnswer *a) {
    a->type = "text/csv; charset=utf-8";
    return export_as(r, a, DESK_REFUND_CSV, "csv");
}

static Err export_xlsx(WebRequest *r, WebAnswer *a) {
    a->type = WEB_XLSX;
    return export_as(r, a, DESK_REFUND_XLSX, "xlsx");
}

static Err export_html(WebRequest *r, WebAnswer *a) {
    a->type = "text/html; charset=utf-8";
    TRY(desk_refund_export(&r->c, &r->desk, r->places.items[0], DESK_REFUND_HTML, &a->body));
    return web_policy_of(&r->c, buf_view(&a->body), &a->policy);
}

// --- front, shift, search
// -------------------------------------------------------------------------

static Err front(WebRequest *r, WebAnswer *a) {
    return desk_front_json(&r->c, &r->desk, &a->body);
}

static Err shift_get(WebRequest *r, WebAnswer *a) {
    return desk_shift_json(&r->c, &r->desk, &a->body);
}

typedef struct ShiftDraft {
    Str next, note;
} ShiftDraft;
static const WebField shift_fields[] = {
    WEB_NEEDED("next", ShiftDraft, next),
    WEB_TEXT("note", ShiftDraft, note),
};
static const WebField note_fields[] = {WEB_TEXT("note", ShiftDraft, note)};

static Err shift_close(WebRequest *r, WebAnswer *a) {
    ShiftDraft draft = {0};
    Str id;
    TRY(web_read(r, &draft));
    TRY(desk_shift_close(&r->c, &r->desk, draft.next, draft.note, &id));
    TRY(desk_shift_get_json(&r->c, &r->desk, id, &a->body));
    return web_created(r, a, WEB_API "/shifts/", id);
}

static Err shift_sign(WebRequest *r, WebAnswer *a) {
    ShiftDraft draft = {0};
    TRY(web_read(r, &draft));
    TRY(desk_shift_sign(&r->c, &r->desk, r->places.items[0], draft.note));
    return desk_shift_get_json(&r->c, &r->desk, r->places.items[0], &a->body);
}

static Err shifts_list(WebRequest *r, WebAnswer *a) {
    return desk_shift_list_json(&r->c, &r->desk, web_page_of(r), &a->body);
}

static Err search(WebRequest *r, WebAnswer *a) {
    return desk_search_json(&r->c, &r->desk, web_param(r, "q"), &a->body);
}

// --- where a refund goes
// ---------------------------------------------------------------------------

typedef struct AccountDraft {
    Str account, document, target;
} AccountDraft;
static const WebField refund_account_fields[] = {
    WEB_NEEDED("account", AccountDraft, account),
    WEB_TEXT("document", AccountDraft, document),
};
static const WebField second_fields[] = {WEB_NEEDED("target", AccountDraft, target)};

static Err refund_account(WebRequest *r, WebAnswer *a) {
    AccountDraft draft = {0};
    TRY(web_read(r, &draft));
    TRY(desk_refund_account(&r->c, &r->desk, r->places.items[0], draft.account, draft.document));
    return web_report_put(r, a, r->places.items[0]);
}

static Err refund_account_second(WebRequest *r, WebAnswer *a) {
    AccountDraft draft = {0};
    TRY(web_read(r, &draft));
    TRY(desk_refund_account_second(&r->c, &r->desk, r->places.items[0], draft.target));
    return web_report_put(r, a, r->places.items[0]);
}

#define V1 WEB_API
static const WebRoute routes[] = {
    {WEB_POST, V1 "/refunds/compare", "refundCompare", DESK_REFUND_READ, WEB_BODY_JSON,
     WEB_NO_REPLAY, "", WEB_FIELDS(compare_fields), "RefundCompare", refunds_compare,
     "All rules side by side; changes nothing."},
    {WEB_POST, V1 "/refunds", "refundPlan", DESK_REFUND_PLAN, WEB_BODY_JSON, 0, "",
     WEB_FIELDS(plan_fields), "Plan", refunds_add, "Makes a plan by one rule."},
    {WEB_GET, V1 "/refunds", "refunds", DESK_REFUND_READ, WEB_BODY_NONE, WEB_LIST | WEB_SLOW,
     "case", WEB_NO_FIELDS, "PlanList", refunds_list, "Lists plans."},
    {WEB_GET, V1 "/refunds/{id}", "refund", DESK_REFUND_READ, WEB_BODY_NONE, WEB_SLOW, "",
     WEB_NO_FIELDS, "Plan", refund_get, "One plan."},
    {WEB_POST, V1 "/refunds/{id}/sign", "refundSign", DESK_REFUND_SIGN, WEB_BODY_NONE, 0, "",
     WEB_NO_FIELDS, "Plan", refund_sign, "Signs the plan; two officers must."},
    {WEB_POST, V1 "/refunds/{id}/paid", "refundPaid", DESK_REFUND_PAY, WEB_BODY_JSON, 0, "",
     WEB_FIELDS(paid_fields), "Plan", refund_paid, "Notes a payment with the bank's reference."},
    {WEB_GET, V1 "/refunds/{id}/export.csv", "refundCsv", DESK_REFUND_READ, WEB_BODY_NONE, WEB_SLOW,
     "", WEB_NO_FIELDS, "text/csv", export_csv, "The plan as CSV."},
    {WEB_GET, V1 "/refunds/{id}/export.xlsx", "refundXlsx", DESK_REFUND_READ, WEB_BODY_NONE,
     WEB_SLOW, "", WEB_NO_FIELDS, WEB_XLSX, export_xlsx, "The plan for spreadsheets."},
    {WEB_GET, V1 "/refunds/{id}/export.html", "refundHtml", DESK_REFUND_READ, WEB_BODY_NONE,
     WEB_SLOW, "", WEB_NO_FIELDS, "text/html", export_html, "The plan to be printed."},
    {WEB_GET, V1 "/front", "front", WEB_LOGGED_IN, WEB_BODY_NONE, 0, "", WEB_NO_FIELDS, "Front",
     front, "What needs this user now."},
    {WEB_GET, V1 "/shift", "shift", DESK_SHIFT_CLOSE, WEB_BODY_NONE, WEB_SLOW, "", WEB_NO_FIELDS,
     "ShiftNow", shift_get, "What the shift leaves open."},
    {WEB_POST, V1 "/shift/close", "shiftClose", DESK_SHIFT_CLOSE, WEB_BODY_JSON, 0, "",
     WEB_FIELDS(shift_fields), "Shift", shift_close, "Hands the shift over."},
    {WEB_GET, V1 "/shifts", "shifts", DESK_SHIFT_CLOSE, WEB_BODY_NONE, WEB_LIST, "", WEB_NO_FIELDS,
     "ShiftList", shifts_list, "Lists shifts."},
    {WEB_POST, V1 "/shifts/{id}/sign", "shiftSign", DESK_SHIFT_CLOSE, WEB_BODY_JSON, 0, "",
     WEB_FIELDS(note_fields), "Shift", shift_sign, "Takes the shift over."},
    {WEB_GET, V1 "/search", "search", DESK_RECORD_READ, WEB_BODY_NONE, WEB_SLOW, "q", WEB_NO_FIELDS,
     "Found", search, "Looks for a report, case, order, account or number."},
    {WEB_POST, V1 "/reports/{id}/refund-account", "refundAccount", DESK_REFUND_PAY, WEB_BODY_JSON,
     0, "", WEB_FIELDS(refund_account_fields), "Report", refund_account,
     "Where the report's refund goes."},
    {WEB_POST, V1 "/reports/{id}/refund-account/second", "refundAccountSecond", DESK_REFUND_PAY,
     WEB_BODY_JSON, 0, "", WEB_FIELDS(second_fields), "Report", refund_account_second,
     "A second person confirms where the refund goes."},
};
const WebRouteGroup web_routes_refund = {routes, COUNT_OF(routes)};
