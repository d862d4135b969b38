-- Orders and what speaks of them. As in 001_tables: facts by place; what is derived says so.

-- Derived: the held children of an object that its fold goes through, in that order. effect: what
-- an order's event came to.
CREATE TABLE raw_child (
    pos INTEGER PRIMARY KEY,
    root_pos INTEGER NOT NULL,
    rank INTEGER NOT NULL,
    effect INTEGER
) STRICT;

-- The name, the story and the contact stay in the ledger.
CREATE TABLE raw_victim (
    pos INTEGER PRIMARY KEY,
    mark_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    report BLOB NOT NULL
) STRICT;

CREATE TABLE raw_standing (
    pos INTEGER PRIMARY KEY,
    mark_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    standing TEXT NOT NULL
) STRICT;

CREATE TABLE raw_claimant (
    pos INTEGER NOT NULL,
    n INTEGER NOT NULL,
    report BLOB NOT NULL,
    PRIMARY KEY (pos, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE raw_attachment (
    pos INTEGER PRIMARY KEY,
    mark_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    bytes INTEGER NOT NULL,
    type TEXT NOT NULL,
    name TEXT NOT NULL
) STRICT;

-- From `state` on derived. open: stands on the board. due: the next clock that was stated. gone_at:
-- from when it is over by itself, where nothing was done under it. view: all that the fold made of it.
CREATE TABLE raw_order (
    pos INTEGER PRIMARY KEY,
    mark_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    number TEXT NOT NULL,
    what TEXT NOT NULL,
    request INTEGER NOT NULL,
    to_agency TEXT,
    to_country TEXT,
    to_institution TEXT,
    to_kind TEXT,
    country TEXT,
    institution TEXT,
    account TEXT,
    currency TEXT,
    amount INTEGER,
    level INTEGER,
    trace BLOB,
    case_id BLOB,
    report BLOB,
    replaces BLOB,
    law TEXT,
    law_standing TEXT,
    clock_from TEXT NOT NULL,
    answer_hours INTEGER NOT NULL,
    persons INTEGER NOT NULL,
    state TEXT NOT NULL,
    open INTEGER NOT NULL,
    due INTEGER NOT NULL,
    gone_at INTEGER,
    appeal INTEGER NOT NULL,
    issued_at INTEGER,
    reviewed_at INTEGER,
    view BLOB NOT NULL
) STRICT;

CREATE TABLE raw_order_tag (
    pos INTEGER NOT NULL,
    n INTEGER NOT NULL,
    report BLOB NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (pos, n)
) STRICT, WITHOUT ROWID;

-- What order_act and order_note say.
CREATE TABLE raw_order_event (
    pos INTEGER PRIMARY KEY,
    mark_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    act TEXT NOT NULL,
    party TEXT NOT NULL,
    outcome TEXT,
    amount INTEGER,
    balance INTEGER,
    code TEXT,
    ends_at INTEGER,
    happened_at INTEGER,
    target BLOB,
    persons INTEGER NOT NULL,
    on_behalf_of TEXT,
    document BLOB,
    country TEXT,
    institution TEXT,
    account TEXT
) STRICT;

CREATE TABLE raw_contact (
    pos INTEGER PRIMARY KEY,
    mark_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    country TEXT NOT NULL,
    institution TEXT NOT NULL,
    desk TEXT NOT NULL,
    phone TEXT,
    email TEXT,
    hours TEXT,
    language TEXT,
    note TEXT
) STRICT;

CREATE TABLE raw_account_class (
    pos INTEGER PRIMARY KEY,
    mark_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    country TEXT,
    institution TEXT,
    account TEXT NOT NULL,
    class TEXT NOT NULL,
    on_behalf_of TEXT
) STRICT;

-- state, derived: open while its order is under appeal, else closed.
CREATE TABLE raw_grievance (
    pos INTEGER PRIMARY KEY,
    mark_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    order_id BLOB NOT NULL,
    documents INTEGER NOT NULL,
    state TEXT NOT NULL
) STRICT;

CREATE TABLE raw_plan (
    pos INTEGER PRIMARY KEY,
    mark_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    case_id BLOB NOT NULL,
    plan_hash BLOB NOT NULL,
    inputs BLOB NOT NULL
) STRICT;

CREATE TABLE raw_plan_sign (
    pos INTEGER PRIMARY KEY,
    mark_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    plan_hash BLOB NOT NULL
) STRICT;

CREATE TABLE raw_paid (
    pos INTEGER PRIMARY KEY,
    mark_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    report BLOB NOT NULL,
    country TEXT,
    institution TEXT,
    account TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount INTEGER NOT NULL,
    reference TEXT NOT NULL
) STRICT;

CREATE TABLE raw_refund_account (
    pos INTEGER PRIMARY KEY,
    mark_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    country TEXT,
    institution TEXT,
    account TEXT NOT NULL,
    persons INTEGER NOT NULL
) STRICT;

CREATE TABLE raw_second (
    pos INTEGER PRIMARY KEY,
    mark_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    target BLOB NOT NULL
) STRICT;

CREATE TABLE raw_shift (
    pos INTEGER PRIMARY KEY,
    mark_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    began_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    next TEXT NOT NULL
) STRICT;

-- Who read what; the fields read stay in the ledger.
CREATE TABLE raw_read (
    pos INTEGER PRIMARY KEY,
    mark_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    officer BLOB,
    outlet TEXT NOT NULL
) STRICT;

CREATE TABLE raw_read_item (
    pos INTEGER NOT NULL,
    n INTEGER NOT NULL,
    record BLOB NOT NULL,
    PRIMARY KEY (pos, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE raw_glass (
    pos INTEGER PRIMARY KEY,
    mark_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    grants TEXT NOT NULL,
    until INTEGER NOT NULL
) STRICT;

CREATE TABLE raw_glass_decision (
    pos INTEGER PRIMARY KEY,
    mark_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    ratified INTEGER NOT NULL
) STRICT;

CREATE TABLE raw_officer_change (
    pos INTEGER PRIMARY KEY,
    mark_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    role TEXT NOT NULL,
    active INTEGER NOT NULL,
    officer_key BLOB NOT NULL
) STRICT;
