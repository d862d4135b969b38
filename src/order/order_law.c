// Which law row serves whom, what policy says of an account, and what an account can carry.
#include "order/order_priv.h"

// --- law ----------------------------------------------------------------------------------------

// Whether `word` is one of those between the semicolons.
static bool has_word(Str list, Str word) {
    Str part;
    while (word.n > 0 && str_split(&list, ';', &part))
        if (str_eq(str_trim(part), word))
            return true;
    return false;
}

bool order_law_serves(const OrderLaw *law, Str country, Str kind, Str order, int32_t day) {
    if (!str_eq(law->country, country) || !str_eq(law->order, order) || day < law->valid_from ||
        day > law->valid_until)
        return false;
    if (str_eq_c(law->standing, "none"))
        return has_word(STR("police;centre;court"), kind);
    return has_word(law->issued_by, kind);
}

bool order_law_extends(const OrderLaw *law, Str kind) {
    return has_word(law->extended_by, kind);
}

// --- policy -------------------------------------------------------------------------------------

// The class's row in this currency, else the one for any; NULL when the class has none.
static const OrderPolicy *policy_row(const OrderPolicy *rows, size_t n, Str class_name,
                                     Str currency) {
    const OrderPolicy *any = NULL;
    for (size_t i = 0; i < n; i++) {
        if (!str_eq(rows[i].class_name, class_name))
            continue;
        if (rows[i].currency.n > 0 && str_eq(rows[i].currency, currency))
            return &rows[i];
        if (rows[i].currency.n == 0 && any == NULL)
            any = &rows[i];
    }
    return any;
}

OrderPolicyAnswer order_policy(const OrderPolicy *rows, size_t n, const Str *classes,
                               size_t class_count, int64_t amount, Str currency, int64_t level) {
    static const Str unknown = {"unknown", 7};
    OrderPolicyAnswer answer = {.why = NULL};
    if (class_count == 0) {
        classes = &unknown;
        class_count = 1;
    }
    for (size_t i = 0; i < class_count; i++) {
        const OrderPolicy *row = policy_row(rows, n, classes[i], currency);
        if (row == NULL)
            row = policy_row(rows, n, unknown, currency);
        OrderHold hold = row ? row->then : ORDER_HOLD_PERSON;
        const char *why = "class";
        if (row && hold == ORDER_HOLD_PROPOSE && row->has_minimum && amount < row->minimum) {
            hold = ORDER_HOLD_PERSON;
            why = "minimum";
        } else if (row && hold == ORDER_HOLD_PROPOSE && row->has_deepest && level > row->deepest) {
            hold = ORDER_HOLD_PERSON;
            why = "level";
        }
        if (answer.why == NULL || hold > answer.hold)
            answer = (OrderPolicyAnswer){hold, classes[i], why};
    }
    return answer;
}

// --- queue --------------------------------------------------------------------------------------

void order_queue(int64_t balance, const int64_t *wanted, size_t n, int64_t *ret_covered) {
    int64_t left = balance > 0 ? balance : 0;
    for (size_t i = 0; i < n; i++) {
        int64_t want = wanted[i] > 0 ? wanted[i] : 0;
        ret_covered[i] = want < left ? want : left;
        left -= ret_covered[i];
    }
}
