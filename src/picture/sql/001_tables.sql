-- Facts: what one record states, by its place. pos = number of the log << 40 | leaf number. Places,
-- marks and agencies are numbered as they come; nothing that leaves this file shows those numbers.
-- Our own agency is 0, its logs main and reads are 0 and 1.
CREATE TABLE raw_agency (
    agency_n INTEGER PRIMARY KEY,
    agency TEXT NOT NULL UNIQUE
) STRICT;

-- upto: leaves folded without a gap. top: one past the highest leaf seen. ledger_log: the ledger's
-- number of the log.
CREATE TABLE raw_log (
    n INTEGER PRIMARY KEY,
    agency_n INTEGER NOT NULL,
    name TEXT NOT NULL,
    ledger_log INTEGER NOT NULL,
    upto INTEGER NOT NULL,
    top INTEGER NOT NULL,
    UNIQUE (agency_n, name)
) STRICT;

-- The mark without its `until`, together with the compartment of the record's kind ('' for most).
CREATE TABLE raw_mark (
    mark_id INTEGER PRIMARY KEY,
    mark TEXT NOT NULL,
    compartment TEXT NOT NULL,
    UNIQUE (mark, compartment)
) STRICT;

-- folded: this version knows the kind, and the log's agency wrote it. mark_id, until: those that
-- count here, also in the tables of facts; derived from own_mark and own_until, which the record
-- carries, and from shares. A record whose id another one took has the compartment `clash`.
CREATE TABLE raw_record (
    pos INTEGER PRIMARY KEY,
    id BLOB NOT NULL,
    of_id BLOB,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    at INTEGER NOT NULL,
    officer BLOB,
    mark_id INTEGER NOT NULL,
    until INTEGER,
    own_mark INTEGER NOT NULL,
    own_until INTEGER,
    folded INTEGER NOT NULL
) STRICT;

CREATE TABLE raw_ref (
    pos INTEGER NOT NULL,
    ref BLOB NOT NULL,
    PRIMARY KEY (pos, ref)
) STRICT, WITHOUT ROWID;

CREATE TABLE raw_genesis (
    pos INTEGER PRIMARY KEY,
    mark_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    country TEXT NOT NULL,
    agency_kind TEXT NOT NULL,
    timezone TEXT NOT NULL,
    log_key BLOB NOT NULL,
    recovery_key BLOB NOT NULL
) STRICT;

CREATE TABLE raw_key (
    pos INTEGER PRIMARY KEY,
    log TEXT NOT NULL,
    log_key BLOB NOT NULL,
    from_size INTEGER NOT NULL
) STRICT;

-- From `active` on derived: what officer_change records made of it.
CREATE TABLE raw_officer (
    pos INTEGER PRIMARY KEY,
    mark_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    officer_key BLOB NOT NULL,
    active INTEGER NOT NULL,
    role_now TEXT NOT NULL,
    key_now BLOB NOT NULL
) STRICT;

-- state: held, duplicate. seed_pos: the seed record in force; standing: likewise. named: what the
-- report names, six lists of JSON: accounts, their countries, their institutions, transfers, phones,
-- addresses; in one row, because a report is read and written whole. What no list or search needs
-- stays in the ledger.
CREATE TABLE raw_report (
    pos INTEGER PRIMARY KEY,
    mark_id INTEGER NOT NULL,
    state TEXT NOT NULL,
    at INTEGER NOT NULL,
    agency_n INTEGER NOT NULL,
    report TEXT NOT NULL,
    reported_at INTEGER,
    happened_at INTEGER,
    country TEXT,
    channel TEXT,
    loss INTEGER,
    currency TEXT,
    row BLOB,
    named TEXT,
    seed_pos INTEGER,
    standing TEXT NOT NULL
) STRICT;

-- What a search finds by how it begins, and the report that names it. what: 0 account, 1 phone.
-- New rows come into the small table, which stays in memory, and go on from there in the order of
-- the large one, many to a page.
CREATE TABLE raw_find (
    what INTEGER NOT NULL,
    text TEXT NOT NULL,
    pos INTEGER NOT NULL,
    PRIMARY KEY (what, text, pos)
) STRICT, WITHOUT ROWID;

CREATE TABLE raw_find_new (
    what INTEGER NOT NULL,
    text TEXT NOT NULL,
    pos INTEGER NOT NULL,
    PRIMARY KEY (what, text, pos)
) STRICT, WITHOUT ROWID;

CREATE TABLE raw_seed (
    pos INTEGER NOT NULL,
    n INTEGER NOT NULL,
    transfer TEXT NOT NULL,
    PRIMARY KEY (pos, n)
) STRICT, WITHOUT ROWID;

-- state: open, closed. closed_pos: the record that closed it.
CREATE TABLE raw_case (
    pos INTEGER PRIMARY KEY,
    mark_id INTEGER NOT NULL,
    state TEXT NOT NULL,
    at INTEGER NOT NULL,
    title TEXT NOT NULL,
    closed_pos INTEGER
) STRICT;

-- What case_add, case_remove and case_close say.
CREATE TABLE raw_case_event (
    pos INTEGER PRIMARY KEY,
    report BLOB,
    reason TEXT
) STRICT;

-- Derived: one row for each case_add that had an effect. state: in, refused, removed. live: it
-- stands in its case and the case is open, so that it takes part in the rule of one open case.
CREATE TABLE raw_case_report (
    add_pos INTEGER PRIMARY KEY,
    case_pos INTEGER NOT NULL,
    report BLOB NOT NULL,
    state TEXT NOT NULL,
    live INTEGER NOT NULL,
    out_pos INTEGER
) STRICT;

CREATE TABLE raw_batch (
    pos INTEGER PRIMARY KEY,
    mark_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    what TEXT NOT NULL,
    sha256 BLOB NOT NULL,
    part INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    taken INTEGER NOT NULL,
    known INTEGER NOT NULL,
    filled INTEGER NOT NULL,
    conflicts INTEGER NOT NULL,
    bad INTEGER NOT NULL,
    root BLOB NOT NULL,
    mapping TEXT
) STRICT;

-- state: held, superseded.
CREATE TABLE raw_pick (
    pos INTEGER PRIMARY KEY,
    mark_id INTEGER NOT NULL,
    state TEXT NOT NULL,
    at INTEGER NOT NULL,
    transfer TEXT NOT NULL,
    row BLOB NOT NULL
) STRICT;

CREATE TABLE raw_claim (
    pos INTEGER PRIMARY KEY,
    mark_id INTEGER NOT NULL,
    tbl TEXT NOT NULL,
    at INTEGER NOT NULL,
    name TEXT NOT NULL,
    source TEXT NOT NULL,
    row TEXT NOT NULL
) STRICT;

-- What erase records say; the leaf is one of the log `log` of the erase record's own agency.
CREATE TABLE raw_erase (
    pos INTEGER PRIMARY KEY,
    target BLOB NOT NULL,
    log TEXT NOT NULL,
    leaf INTEGER NOT NULL
) STRICT;

-- Derived: what is left of an erased record, from erase records alone.
CREATE TABLE raw_erased (
    id BLOB NOT NULL PRIMARY KEY,
    by_pos INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Derived: rows by table, state and mark.
CREATE TABLE raw_count (
    tbl TEXT NOT NULL,
    state TEXT NOT NULL,
    mark_id INTEGER NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (tbl, state, mark_id)
) STRICT, WITHOUT ROWID;
