// Inside of the room journal only.
#ifndef MOEI_JOURNAL_PRIV_H
#define MOEI_JOURNAL_PRIV_H

#include "journal/journal.h"

typedef enum JournalStatement {
    JQ_PEER_FIND,
    JQ_PEER_LIST,
    JQ_PEER_ADD,
    JQ_PEER_SAVE,
    JQ_PEER_RETURNS,
    JQ_RUN_LAST,
    JQ_RUN_BEFORE,
    JQ_RUN_FROM,
    JQ_RUN_PUT,
    JQ_BITS_GET,
    JQ_BITS_PUT,
    JQ_NAME_ADD,
    JQ_NAME_LIST,
    JQ_SEEN_GET,
    JQ_SEEN_PUT,
    JQ_ORIGIN_GET,
    JQ_ORIGIN_PUT,
    JQ_ORIGIN_FORKED,
    JQ_COSIGN_PUT,
    JQ_COSIGN_LIST,
    JQ_WANT_ADD,
    JQ_WANT_TURN,
    JQ_WANT_GET,
    JQ_WANT_LIST,
    JQ_WANT_SET,
    JQ_WANT_DONE,
    JQ_ASKED_ADD,
    JQ_ASKED_LIST,
    JQ_ASKED_DONE
} JournalStatement;

StoreStmt *journal_stmt(StoreDb *db, JournalStatement index);
// E_CORRUPT when the column has another length.
Err journal_col_bytes(Ctx *c, StoreStmt *q, int column, void *ret_bytes, size_t n) MUST_USE;

#endif
