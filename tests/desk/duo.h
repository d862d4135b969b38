// Two centres that confirmed one another through the people's functions, and what carries messages
// between them. Each has two officers with open keys.
#ifndef MOEI_TESTS_DESK_DUO_H
#define MOEI_TESTS_DESK_DUO_H

#include "desk/share_priv.h"
#include "node.h"

typedef struct Side {
    World w;
    Desk second;
    CryptoSignKey key, second_key;
    char second_password[DESK_PASSWORD_BYTES];
} Side;

typedef struct Duo {
    Side th, mm; // "mm" is how TH calls the other, and "th" the other way round
    Ctx c;       // answers live here until the end
    Buf packets; // the plain text of every message that was carried
} Duo;

void duo_open(Duo *d);       // cards exchanged, both confirmed
void duo_open_apart(Duo *d); // nobody knows anybody yet
void duo_done(Duo *d);
void duo_carry(Duo *d);            // until nothing waits on either side
void duo_pass(Duo *d, int64_t us); // both clocks go on
Desk duo_admin(Duo *d, Side *s);   // who runs the node
// One side more; `name` is how `s` calls `other`, which answers for `institution` (or "").
void duo_side_open(Side *s, uint64_t seed, const char *country, const char *kind);
// One message made and taken, whatever waits behind it. True: it said something new.
bool duo_message(Duo *d, Side *from, Side *to, Buf *message, DeskSyncTaken *ret_taken);
void duo_confirm(Duo *d, Side *s, Side *other, const char *name, const char *institution);
void duo_carry_between(Duo *d, Side *a, Side *b);
void duo_carry_three(Duo *d, Side *kh); // TH and MM, MM and KH, until all is everywhere
void duo_tick(Duo *d, Side *s);         // what time brings
// By file: `name` is how `from` calls `to`. No message of it is refused.
void duo_bundle(Duo *d, Side *from, Side *to, const char *name);
Str duo_card(Duo *d, Side *s);
// Confirms by a card, or by the name of who is confirmed, also as a relay.
void duo_relay(Duo *d, Side *s, Str card, const char *name);
void duo_sign(Duo *d, Side *s, const char *accord);
void duo_sound(Duo *d, Side *s); // its logs verify
CryptoPublicKey duo_link_key(const Side *s);
CryptoHash duo_id(const Side *s);

// The answer of a function of the desk, parsed; lives as long as the Duo.
const JsonValue *duo_read(Duo *d, const Buf *json);
Str duo_str(const JsonValue *v, const char *path); // path with dots, as json_get_str
int64_t duo_int(const JsonValue *v, const char *path);
bool duo_true(const JsonValue *v, const char *path);
const JsonValue *duo_list(const JsonValue *v, const char *key);
bool duo_has(const JsonValue *list, const char *text); // a list of texts

// A report of a typed draft; the id of its record.
Str duo_report(Duo *d, Side *s, const char *id, const char *accord);
// Shares with the other side by the options that a test sets; the answer.
const JsonValue *duo_share(Duo *d, Side *s, Str record, DeskShareDraft draft);
bool duo_sees(Duo *d, Side *s, Str record);
// MM asks TH to pass a record of it on to who it calls "kh": the notice; and TH says that it may.
Str duo_ask_to_pass_on(Duo *d, Str record);
void duo_grant(Duo *d, Str notice);

#endif
