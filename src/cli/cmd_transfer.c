// transfer: what banks told of a transfer, and which telling is right where they differ.
#include "cli/cli_priv.h"

static Err money_field(CliCall *call, const char *name, int64_t amount, Str currency) {
    DeskMoney money = {.currency = currency, .amount = amount};
    Str text;
    TRY(cli_money_text(call->c, call->node, &money, 1, &text));
    cli_field(call, name, text);
    return OK;
}

static Err card_print(CliCall *call, const DeskTransferCard *card) {
    const DeskTransfer *t = &card->transfer;
    Str text;
    cli_field(call, "Transfer", t->id);
    TRY(cli_field_time(call, "Booked", t->booked_at));
    TRY(cli_account_text(call->c, &t->from, &text));
    cli_field(call, "From", text);
    TRY(cli_account_text(call->c, &t->to, &text));
    cli_field(call, "To", text);
    TRY(money_field(call, "Amount", t->amount.amount, t->amount.currency));
    if (t->credited.amount != t->amount.amount || !str_eq(t->credited.currency, t->amount.currency))
        TRY(money_field(call, "Credited", t->credited.amount, t->credited.currency));
    if (t->has_from_balance)
        TRY(money_field(call, "Left at from", t->from_balance, t->amount.currency));
    if (t->has_to_balance)
        TRY(money_field(call, "Then at to", t->to_balance, t->credited.currency));
    cli_field(call, "Channel", t->channel);
    cli_field(call, "Memo", t->memo);
    for (size_t i = 0; i < card->version_count && card->version_count > 1; i++) {
        const DeskTransferVersion *v = &card->versions[i];
        cli_print(call, "\n%c version %.16s%s\n  " STR_FMT "\n", v->current ? '*' : ' ',
                  v->row_hash.n >= 16 ? v->row_hash.p : "", v->picked ? ", picked" : "",
                  STR_ARG(v->row));
    }
    if (card->version_count > 1)
        cli_print(call,
                  "\nTraces use the version with the star. `moei transfer pick " STR_FMT " " STR_FMT
                  " --row HEX` says which is right.\n",
                  STR_ARG(call->args[0]), STR_ARG(t->id));
    return OK;
}

static Err card_answer(CliCall *call) {
    DeskTransferCard card;
    TRY(desk_transfer_get(call->c, &call->desk, call->args[1], &card));
    if (!call->json)
        return card_print(call, &card);
    TRY(desk_transfer_json(call->c, &card, &call->out));
    cli_end_json(call);
    return OK;
}

Err cli_transfer_show(CliCall *call) {
    return card_answer(call);
}

Err cli_transfer_pick(CliCall *call) {
    TRY(desk_transfer_pick(call->c, &call->desk, call->args[1], cli_option_str(call, "row")));
    return card_answer(call);
}

Err cli_transfer_list(CliCall *call) {
    static const char *const titles[] = {"Transfer", "Booked", "From",     "To",
                                         "Amount",   "",       "Versions", "Picked"};
    static const bool right[] = {false, false, false, false, true, false, true, false};
    DeskPage page;
    DeskConflictList list;
    TRY(cli_page(call, &page));
    TRY(desk_transfer_conflicts(call->c, &call->desk, page, &list));
    if (call->json) {
        TRY(desk_conflict_list_json(call->c, &list, &call->out));
        cli_end_json(call);
        return OK;
    }
    AUTO(CliTable) t = {0};
    cli_table_start(&t, titles, right, COUNT_OF(titles));
    for (size_t i = 0; i < list.count; i++) {
        const DeskTransferCard *card = &list.items[i];
        Str when, from, to, amount;
        bool picked = false;
        for (size_t v = 0; v < card->version_count; v++)
            picked = picked || card->versions[v].picked;
        TRY(desk_time_local(call->c, call->node, card->transfer.booked_at, &when));
        TRY(cli_account_text(call->c, &card->transfer.from, &from));
        TRY(cli_account_text(call->c, &card->transfer.to, &to));
        TRY(desk_amount_text(call->c, call->node, card->transfer.amount.amount,
                             card->transfer.amount.currency, &amount));
        cli_table_cell(&t, card->transfer.id);
        cli_table_cell(&t, when);
        cli_table_cell(&t, from);
        cli_table_cell(&t, to);
        cli_table_cell(&t, amount);
        cli_table_cell(&t, card->transfer.amount.currency);
        cli_table_cell_i64(&t, (int64_t)card->version_count);
        cli_table_cell(&t, picked ? STR("yes") : STR("no"));
    }
    if (list.count == 0)
        cli_print(call, "No transfer was told differently%s.\n",
                  page.cursor.n ? " behind this one" : "");
    else
        TRY(cli_table_print(call, &t));
    cli_say_next(call, list.next);
    return OK;
}
