-- What agencies say to one another. As in 001_tables: facts by place; what is derived says so.

-- Contents of other agencies' logs by the ledger's number of arrival: for news and for going on.
CREATE TABLE raw_arrival (
    arrival INTEGER PRIMARY KEY,
    pos INTEGER NOT NULL
) STRICT;

CREATE TABLE raw_link (
    pos INTEGER PRIMARY KEY,
    link_key BLOB NOT NULL,
    address TEXT
) STRICT;

-- Our own only, as are flags.
CREATE TABLE raw_peer (
    pos INTEGER PRIMARY KEY,
    agency TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    address TEXT,
    reason TEXT,
    relay INTEGER NOT NULL
) STRICT;

-- Lists of texts within a record. list: what it is a list of.
CREATE TABLE raw_word (
    pos INTEGER NOT NULL,
    list TEXT NOT NULL,
    n INTEGER NOT NULL,
    word TEXT NOT NULL,
    PRIMARY KEY (pos, list, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE raw_flag (
    pos INTEGER PRIMARY KEY,
    party TEXT NOT NULL,
    country TEXT,
    source TEXT NOT NULL,
    reason TEXT,
    active INTEGER NOT NULL
) STRICT;

CREATE TABLE raw_accord (
    pos INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    tlp TEXT,
    pap TEXT,
    handling TEXT,
    days INTEGER,
    begins_at INTEGER NOT NULL,
    ends_at INTEGER
) STRICT;

CREATE TABLE raw_member (
    pos INTEGER NOT NULL,
    n INTEGER NOT NULL,
    agency TEXT NOT NULL,
    law TEXT,
    mirror INTEGER NOT NULL,
    PRIMARY KEY (pos, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE raw_accord_sign (
    pos INTEGER PRIMARY KEY,
    signed INTEGER NOT NULL
) STRICT;

-- recipient: the first agency of the mark's `to` that is not the author. for_us: another agency's,
-- and `to` names us.
CREATE TABLE raw_share (
    pos INTEGER PRIMARY KEY,
    record BLOB NOT NULL,
    recipient TEXT,
    for_us INTEGER NOT NULL,
    kind TEXT NOT NULL,
    title TEXT,
    accept INTEGER NOT NULL,
    answers BLOB,
    due_at INTEGER,
    contact TEXT
) STRICT;

CREATE TABLE raw_share_act (
    pos INTEGER PRIMARY KEY,
    act TEXT NOT NULL,
    handling TEXT,
    code TEXT
) STRICT;

-- Whom it names lies in raw_word, list from. for_us as above.
CREATE TABLE raw_retract (
    pos INTEGER PRIMARY KEY,
    record BLOB NOT NULL,
    for_us INTEGER NOT NULL
) STRICT;

CREATE TABLE raw_let_go (
    pos INTEGER PRIMARY KEY,
    whose TEXT NOT NULL,
    record BLOB NOT NULL,
    because TEXT NOT NULL,
    by_id BLOB,
    shell INTEGER -- ours: the mark under which what is gone was seen here last
) STRICT;

CREATE TABLE raw_let_go_leaf (
    pos INTEGER NOT NULL,
    leaf INTEGER NOT NULL,
    PRIMARY KEY (pos, leaf)
) STRICT, WITHOUT ROWID;

-- Derived: records that ask us to let go, and that no let_go of ours names.
CREATE TABLE raw_owed (
    by_pos INTEGER PRIMARY KEY
) STRICT;

CREATE TABLE raw_disclosed (
    pos INTEGER PRIMARY KEY,
    recipient TEXT NOT NULL,
    journal INTEGER NOT NULL
) STRICT;

-- No range is longer than a block of a journal, so that one look finds all that hold a leaf.
CREATE TABLE raw_range (
    pos INTEGER NOT NULL,
    n INTEGER NOT NULL,
    agency TEXT NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (pos, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE raw_passed (
    pos INTEGER PRIMARY KEY,
    whose TEXT NOT NULL,
    recipient TEXT NOT NULL,
    record BLOB NOT NULL,
    by_id BLOB NOT NULL
) STRICT;

-- for_us as above. Its text stays in the ledger.
CREATE TABLE raw_notice (
    pos INTEGER PRIMARY KEY,
    act TEXT NOT NULL,
    title TEXT NOT NULL,
    handling TEXT NOT NULL,
    contact TEXT NOT NULL,
    recipient TEXT,
    due_at INTEGER NOT NULL,
    for_us INTEGER NOT NULL
) STRICT;

-- Lists of record ids within a notice (what it is about) or an act (shares that answer it).
CREATE TABLE raw_named (
    pos INTEGER NOT NULL,
    n INTEGER NOT NULL,
    record BLOB NOT NULL,
    PRIMARY KEY (pos, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE raw_notice_act (
    pos INTEGER PRIMARY KEY,
    act TEXT NOT NULL,
    until INTEGER,
    code TEXT
) STRICT;

CREATE TABLE raw_fork (
    pos INTEGER PRIMARY KEY,
    whose TEXT NOT NULL,
    why TEXT NOT NULL
) STRICT;
