#include "money.h"

static void officer(Money *m, const char *name, const char *role, Desk *d, CryptoSignKey *key) {
    Desk admin;
    DeskUser user;
    char password[DESK_PASSWORD_BYTES];
    Ctx *c = &m->w.c;
    assert_ok(c, desk_as(c, m->w.node, STR("admin"), &admin));
    DeskUserDraft draft = {.name = str_of(name), .role = str_of(role)};
    assert_ok(c, desk_user_add(c, &admin, &draft, &user, password));
    assert_ok(c, desk_as(c, m->w.node, str_of(name), d));
    assert_ok(c, desk_unlock(c, d, str_of(password), key));
}

void money_open(Money *m) {
    memset(m, 0, sizeof *m);
    world_open(&m->w, false);
    officer(m, "ann", "investigator", &m->ann, &m->keys[0]);
    officer(m, "bea", "investigator", &m->bea, &m->keys[1]);
    officer(m, "duty", "duty_officer", &m->duty, &m->keys[2]);
}

void money_done(Money *m) {
    crypto_wipe(m->keys, sizeof m->keys);
    world_done(&m->w);
}

void money_report(Money *m, const char *id, int64_t loss, const char *currency,
                  const char *transfers) {
    Ctx *c = &m->w.c;
    DeskReport r;
    AUTO(Buf) amount = {0};
    format_amount_write(&amount, loss, 2);
    DeskReportDraft draft = {.id = str_of(id),
                             .loss = buf_view(&amount),
                             .currency = str_of(currency),
                             .transfers = str_of(transfers)};
    assert_ok(c, desk_report_add(c, &m->ann, &draft, &r));
}

Str money_case(Money *m, const char *title, const char *reports) {
    Ctx *c = &m->w.c;
    DeskCase k;
    Str rest = str_of(reports), id;
    assert_ok(c, desk_case_new(c, &m->ann, str_of(title), &k));
    while (str_split(&rest, ',', &id))
        assert_ok(c, desk_case_add(c, &m->ann, k.id, &id, 1));
    return k.id;
}

RecordId money_id(Str text) {
    RecordId id = {0};
    assert_true(record_id_parse(text, &id));
    return id;
}

void money_act(Money *m, RecordId order, OrderEvent event) {
    Ctx *c = &m->w.c;
    RecordMark mark = record_mark_default();
    AUTO(DeskWriting) w = {0};
    assert_ok(c, desk_writing_begin(c, m->w.node, event.act == ORDER_APPEAL ? NULL : &m->ann, &w));
    assert_ok(c, desk_group_begin(c, &w));
    DeskActNew act = {.order = order, .event = event, .mark = &mark};
    act.event.persons = event.persons ? event.persons : 1;
    if (event.party == ORDER_ADDRESSEE)
        act.on_behalf_of = STR("TH/004");
    assert_ok(c, desk_order_act_add(c, &w, &act, NULL));
    assert_ok(c, desk_group_commit(c, &w));
}

RecordId money_hold(Money *m, Str case_id, const char *account, const char *currency,
                    int64_t amount, const MoneyTagged *tags) {
    Ctx *c = &m->w.c;
    PictureTag list[16];
    size_t n = 0;
    RecordId id;
    for (; tags[n].report; n++) {
        DeskReport r;
        assert_ok(c, desk_report_get(c, &m->ann, str_of(tags[n].report), &r));
        list[n] = (PictureTag){money_id(r.record), tags[n].amount};
    }
    {
        AUTO(DeskWriting) w = {0};
        DeskNumbers numbers = {0};
        DeskOrderNew o = {.account = {STR("TH"), STR("004"), str_of(account)},
                          .currency = str_of(currency),
                          .addressee_country = STR("TH"),
                          .addressee_institution = STR("004"),
                          .addressee_kind = STR("bank"),
                          .amount = amount,
                          .tags = list,
                          .tag_count = n,
                          .has_case = true,
                          .case_id = money_id(case_id),
                          .persons = 1,
                          .mark = record_mark_default()};
        assert_ok(c, desk_writing_begin(c, m->w.node, &m->ann, &w));
        assert_ok(c, desk_group_begin(c, &w));
        assert_ok(c, desk_order_add(c, &w, &numbers, &o, &id));
        assert_ok(c, desk_group_commit(c, &w));
    }
    money_act(m, id,
              (OrderEvent){.act = ORDER_ISSUE,
                           .party = ORDER_ISSUER,
                           .has_ends_at = true,
                           .ends_at = m->w.now + 72 * HOUR_US});
    money_act(m, id,
              (OrderEvent){.act = ORDER_ANSWER,
                           .outcome = ORDER_DID_EXECUTE,
                           .party = ORDER_ADDRESSEE,
                           .has_amount = true,
                           .amount = amount});
    return id;
}

bool money_has(const Buf *b, const char *text) {
    size_t at;
    return str_find(buf_view(b), str_of(text), &at);
}
