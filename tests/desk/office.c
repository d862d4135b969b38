#include "office.h"

void office_open(Office *o) {
    office_open_at(o, "TH", "centre", 0);
}

void office_open_at(Office *o, const char *country, const char *kind, int64_t now) {
    memset(o, 0, sizeof *o);
    world_open_at(&o->w, country, kind, now);
    World *w = &o->w;
    assert_ok(&w->c, desk_unlock(&w->c, &w->desk, str_of(w->secrets.officer_password), &o->key));
    Desk admin;
    DeskUser made;
    DeskUserDraft draft = {.name = STR("malee"), .role = STR("investigator")};
    assert_ok(&w->c, desk_as(&w->c, w->node, STR("admin"), &admin));
    CryptoSignKey admin_key;
    assert_ok(&w->c, desk_unlock(&w->c, &admin, str_of(w->secrets.admin_password), &admin_key));
    assert_ok(&w->c, desk_user_add(&w->c, &admin, &draft, &made, o->second_password));
    assert_ok(&w->c, desk_as(&w->c, w->node, STR("malee"), &o->second));
    assert_ok(&w->c, desk_unlock(&w->c, &o->second, str_of(o->second_password), &o->second_key));
    DeskAttachment a;
    assert_ok(&w->c, desk_attachment_put(&w->c, &w->desk, STR("answer.pdf"), STR("application/pdf"),
                                         STR("the bank's letter"), NULL, 0, &a));
    assert_ok(&w->c, str_copy(&w->c, str_of(a.sha256), &o->document));
}

void office_done(Office *o) {
    world_done(&o->w);
}

void office_say(World *w, Err e, Err wanted, const char *what) {
    if (e != wanted)
        fail_msg("%s: %s instead of %s: %s", what, err_name(e), err_name(wanted), w->c.error);
}

// Does an act as the given officer; returns the error.
Err office_act(Office *o, const Desk *d, Str id, DeskOrderActDraft t, DeskOrder *ret_order) {
    DeskOrder x = {0};
    Err e = desk_order_act(&o->w.c, d, id, &t, &x);
    if (e == OK && ret_order)
        *ret_order = x;
    return e;
}

DeskOrder office_must(Office *o, Str id, DeskOrderActDraft t) {
    DeskOrder x = {0};
    office_say(&o->w, office_act(o, &o->w.desk, id, t, &x), OK, t.act.p);
    return x;
}

DeskOrder office_get(Office *o, Str id) {
    DeskOrder x;
    assert_ok(&o->w.c, desk_order_get(&o->w.c, &o->w.desk, id, &x));
    return x;
}

DeskProposed office_first_hop(Office *o, const char *report) {
    DeskPropose p = {.report = str_of(report)};
    DeskProposed made;
    assert_ok(&o->w.c, desk_order_propose(&o->w.c, &o->w.desk, &p, &made));
    return made;
}

Str office_case(Office *o, const char *report) {
    DeskCase k;
    Str id = str_of(report);
    assert_ok(&o->w.c, desk_case_new(&o->w.c, &o->w.desk, STR("Case"), &k));
    assert_ok(&o->w.c, desk_case_add(&o->w.c, &o->w.desk, k.id, &id, 1));
    return k.id;
}

DeskProposed office_propose(Office *o, Str case_id) {
    DeskPropose p = {.case_id = case_id, .rule = TRACE_FIFO};
    DeskProposed made;
    assert_ok(&o->w.c, desk_order_propose(&o->w.c, &o->w.desk, &p, &made));
    return made;
}

bool office_is(const DeskOrder *o, OrderState s) {
    if (o->now.state != s)
        print_message("state is %s\n", order_state_name(o->now.state));
    for (size_t i = 0; o->now.state != s && i < o->event_count; i++)
        print_message("  " STR_FMT " " STR_FMT ": " STR_FMT "\n", STR_ARG(o->events[i].act),
                      STR_ARG(o->events[i].outcome), STR_ARG(o->events[i].effect));
    return o->now.state == s;
}
