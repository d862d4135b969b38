// Between the files of the case file: what goes in, and how it is written.
#ifndef MOEI_DESK_CASEFILE_PRIV_H
#define MOEI_DESK_CASEFILE_PRIV_H

#include "desk/money_priv.h"

typedef struct CaseRecord {
    RecordId id;
    Str kind;
    int64_t at;
    bool has_officer;
    RecordId officer;
} CaseRecord;

typedef struct CaseOrder {
    RecordId id;
    Str number;
    bool issued;
} CaseOrder;

// All that belongs to a case and that the user may see.
typedef struct CaseContents {
    PictureCase k;
    CaseRecord *records; // by time, then id
    size_t record_count;
    CaseOrder *orders;
    size_t order_count;
    PictureAttachment *files; // by hash, each once
    size_t file_count;
    Str rule;                // of the latest trace, or "fifo"
    const RecordId *guarded; // records under H1 or higher
    size_t guarded_count;
} CaseContents;
Err casefile_collect(Ctx *c, const Desk *d, DeskSlot *s, Str case_id,
                     CaseContents *ret_contents) MUST_USE;

// E_DENIED naming the records that no decision lets go.
Err casefile_decided(Ctx *c, DeskSlot *s, const CaseContents *k, const DeskCaseFile *f,
                     bool *ret_has_decision, RecordId *ret_decision) MUST_USE;

// Writes everything into the ZIP, the manifest last; its hash.
Err casefile_write(Ctx *c, const Desk *d, const CaseContents *k, FormatZip *z,
                   DeskProgress progress, CryptoHash *ret_manifest) MUST_USE;

#endif
