// A second reading of docs/trace.md, as plain as possible, to compare the engine with.
#ifndef TESTS_TRACE_NAIVE_H
#define TESTS_TRACE_NAIVE_H

#include "trace/trace.h"

#define NAIVE_ACCOUNTS 16
#define NAIVE_TRANSFERS 1024
#define NAIVE_PARTS 4096
#define NAIVE_REPORTS 64
#define NAIVE_CURRENCIES 3

// One applied transfer; accounts are small numbers here.
typedef struct NaiveTransfer {
    uint64_t position;
    int64_t booked_at;
    int from, to; // -1 is outside
    int from_currency, to_currency;
    int64_t amount, credited;
    int64_t from_balance, to_balance; // TRACE_BALANCE_NONE where not given
    int seed;                         // report or -1
} NaiveTransfer;

typedef struct NaiveLedger {
    NaiveTransfer transfers[NAIVE_TRANSFERS]; // in Order
    int n, reports;
    uint64_t position_end;
} NaiveLedger;

typedef struct NaiveTagged {
    uint64_t key; // position or account
    uint32_t level;
    int64_t first_at, balance;
    int64_t tags[NAIVE_REPORTS]; // -1 where the report is not there
} NaiveTagged;

typedef struct NaiveAnswer {
    NaiveTagged transfers[NAIVE_TRANSFERS], accounts[NAIVE_ACCOUNTS];
    int transfer_n;
    bool account_listed[NAIVE_ACCOUNTS];
    int64_t totals[NAIVE_REPORTS][4][NAIVE_CURRENCIES]; // by TraceFlow
} NaiveAnswer;

int64_t naive_opening(const NaiveLedger *l, int account);
void naive_trace(const NaiveLedger *l, TraceRule rule, NaiveAnswer *ret_answer);

#endif
