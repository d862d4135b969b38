// Inside of room drill: the world's accounts, the scams planned before, and the writers.
#ifndef MOEI_DRILL_PRIV_H
#define MOEI_DRILL_PRIV_H

#include "base/base.h"
#include "drill/drill.h"

#define DRILL_START_US 1772384400000000LL // 2026-03-02T00:00:00+07:00, a Monday
#define DRILL_DAYS 28
#define DRILL_ID_BYTES 24

// --- the world
// ------------------------------------------------------------------------------------

typedef enum DrillCurrency {
    DRILL_THB,
    DRILL_MMK,
    DRILL_USD,
    DRILL_CNY,
    DRILL_LAK,
    DRILL_USDT,
    DRILL_CURRENCIES
} DrillCurrency;

typedef struct DrillMoneyInfo {
    const char *code;
    unsigned exponent;
    int64_t value; // of 10^exponent minor units, in millionths of a baht
} DrillMoneyInfo;
extern const DrillMoneyInfo drill_money[DRILL_CURRENCIES];

// A bank, or one currency of the exchange. Its accounts are neighbours.
typedef struct DrillBank {
    const char *country, *code;
    DrillCurrency currency;
    uint32_t weight;       // share of the accounts
    uint32_t country_rank; // 0 for Thailand; in a world of n countries those below n take part
    uint32_t choice;       // banks with a small one are there even in a world of few
    unsigned digits;       // of an account number
    bool gives_balances;   // its rows carry the balance after the transfer
    bool exchange;
    uint32_t first, count; // accounts
} DrillBank;

typedef struct DrillAccount {
    int64_t balance;
    uint8_t bank;
    uint8_t reserved; // a victim or mule: no everyday payments go out of it
    uint8_t text_n;
    char text[37]; // "TH,004,1234567890"
} DrillAccount;

typedef struct DrillCountry {
    uint32_t first, count; // accounts of its banks
    uint32_t merchants, employers;
} DrillCountry;

typedef struct DrillWorld {
    DrillPlan plan;
    Rng rng;
    DrillBank banks[DRILL_INSTITUTIONS_MAX + 1]; // the exchange has two
    uint32_t bank_count;
    DrillCountry countries[DRILL_COUNTRIES_MAX];
    uint32_t exchange_thb, exchange_usdt; // banks, or UINT32_MAX
    DrillAccount *accounts;               // heap
    uint32_t account_count;
    int64_t amounts[64]; // minor units of THB from small to large, by steps
} DrillWorld;

Err drill_world_make(Ctx *c, const DrillPlan *plan, DrillWorld *ret_world) MUST_USE;
void DrillWorld_cleanup(DrillWorld *w);
// Businesses stand at fixed steps among the accounts of a country, so in each of its banks.
#define DRILL_MERCHANT_EVERY 20
#define DRILL_EMPLOYER_EVERY 200
uint32_t drill_merchant(const DrillCountry *k, uint32_t i);
uint32_t drill_employer(const DrillCountry *k, uint32_t i); // is a merchant as well
uint32_t drill_wallet_hub(const DrillCountry *k);           // the country's wallet provider
bool drill_is_business(const DrillCountry *k, uint32_t account);
// An everyday amount in the currency of an account, minor units.
int64_t drill_amount_usual(DrillWorld *w, DrillCurrency currency);
// What `amount` is worth in another currency, less half a per cent.
int64_t drill_exchange(int64_t amount, DrillCurrency from, DrillCurrency to);
// An account without a part in any scam so far, of a bank.
uint32_t drill_account_free(DrillWorld *w, uint32_t bank);

// --- scams
// ----------------------------------------------------------------------------------------

#define DRILL_OUTSIDE UINT32_MAX
typedef struct DrillEvent {
    int64_t at_us;
    uint32_t from, to; // accounts; DRILL_OUTSIDE as `to` is an exit
    int64_t amount, credited;
    uint32_t report; // whose money started it
    uint32_t order;  // in which it was planned: ties of time
    uint8_t level;   // 1 for the victim's payment
    uint8_t channel;
    char id[DRILL_ID_BYTES]; // once written
} DrillEvent;

typedef struct DrillRing {
    uint32_t mules[3][DRILL_RING_MULES_MAX]; // by level
    uint32_t mule_count[3];
    uint32_t exchange[DRILL_RING_ABROAD_MAX], exchange_count;
    uint32_t wallet; // DRILL_OUTSIDE where there is no exchange
    uint32_t abroad[DRILL_RING_ABROAD_MAX], abroad_count;
} DrillRing;

typedef struct DrillReport {
    uint32_t ring, victim;
    uint32_t same_as;              // an earlier report of the same payments, or UINT32_MAX
    uint32_t pays[DRILL_PAYS_MAX]; // events (by `order`)
    uint32_t pay_count;
    int64_t loss; // in the victim's currency
    int64_t happened_us, reported_us;
    bool named; // the transfer ids are known
} DrillReport;

typedef struct DrillScams {
    DrillEvent *events; // heap; by time once planned
    size_t event_count, event_cap;
    uint32_t *by_order; // heap: index of the event planned as n-th
    DrillRing *rings;   // heap
    uint32_t ring_count;
    DrillReport *reports; // heap
    uint32_t report_count;
} DrillScams;

Err drill_scams_plan(Ctx *c, DrillWorld *w, DrillScams *ret_scams) MUST_USE;
void DrillScams_cleanup(DrillScams *s);

// --- files
// ----------------------------------------------------------------------------------------

enum {
    DRILL_PROMPT,
    DRILL_CARD,
    DRILL_SALARY,
    DRILL_WALLET,
    DRILL_ATM,
    DRILL_CASH,
    DRILL_REMIT,
    DRILL_CRYPTO
};
extern const char *const drill_channels[];

// Writes a big file by the MiB.
typedef struct DrillWriter {
    File file;
    char *bytes; // heap, DRILL_WRITE_BYTES
    size_t n;
    uint64_t total;
    int64_t second;                               // whose text stands in second_text
    char second_text[20];                         // "2026-03-02T00:00:00"
    uint32_t numbers[DRILL_INSTITUTIONS_MAX + 1]; // rows of the day, by bank
    int64_t day;
    int64_t last_us;
} DrillWriter;
void DrillWriter_cleanup(DrillWriter *w);
Err drill_writer_open(Ctx *c, Str path, DrillWriter *ret_writer) MUST_USE;
Err drill_writer_close(Ctx *c, DrillWriter *w) MUST_USE;
// Moves the money and writes the row; fills event->id and the time really given.
Err drill_write_transfer(Ctx *c, DrillWriter *writer, DrillWorld *w, DrillEvent *event) MUST_USE;
Err drill_write_reports(Ctx *c, const DrillWorld *w, const DrillScams *s, Str path) MUST_USE;
Err drill_write_truth(Ctx *c, const DrillWorld *w, const DrillScams *s, Str path) MUST_USE;
void drill_put_amount(Buf *b, int64_t minor, unsigned exponent);
void drill_report_id(uint32_t report, char ret_id[24]);

#endif
