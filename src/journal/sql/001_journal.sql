-- What each peer may have of us, what it has, and what we have of it. In ledger.db, because it changes
-- in the same transactions as the log: docs/protocol-sync.md, 4.
CREATE TABLE journal_peer (
    peer INTEGER PRIMARY KEY,
    agency BLOB NOT NULL UNIQUE CHECK (length(agency) = 32),
    card_key BLOB NOT NULL,
    entries INTEGER NOT NULL,
    told INTEGER NOT NULL,
    head_size INTEGER NOT NULL,
    head_root BLOB NOT NULL,
    looked INTEGER NOT NULL,
    arrived INTEGER NOT NULL,
    accords BLOB NOT NULL,
    taken INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    relay INTEGER NOT NULL,
    fault INTEGER NOT NULL,
    fault_at INTEGER NOT NULL,
    words TEXT NOT NULL,
    day INTEGER NOT NULL,
    records INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    messages INTEGER NOT NULL,
    skew INTEGER NOT NULL,
    card_from INTEGER NOT NULL
) STRICT;

-- Entries pos … pos + n - 1 of a peer's journal are the places place … place + n - 1. A hole is not sent
-- any more.
CREATE TABLE journal_run (
    peer INTEGER NOT NULL REFERENCES journal_peer (peer),
    pos INTEGER NOT NULL,
    place INTEGER NOT NULL,
    n INTEGER NOT NULL,
    hole INTEGER NOT NULL,
    PRIMARY KEY (peer, pos)
) STRICT, WITHOUT ROWID;

-- One bit for each of 4,096 places: those that stand in the journal and may go, and those that ever stood
-- there, and so may have left.
CREATE TABLE journal_bits (
    peer INTEGER NOT NULL REFERENCES journal_peer (peer),
    number INTEGER NOT NULL,
    given BLOB NOT NULL CHECK (length(given) = 512),
    gone BLOB NOT NULL CHECK (length(gone) = 512),
    PRIMARY KEY (peer, number)
) STRICT, WITHOUT ROWID;

-- Hashes of documents that a record in its journal names.
CREATE TABLE journal_name (
    peer INTEGER NOT NULL REFERENCES journal_peer (peer),
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    place INTEGER NOT NULL,
    PRIMARY KEY (peer, sha256, place)
) STRICT, WITHOUT ROWID;

-- What a peer says it verified of another agency's log, and what we told it.
CREATE TABLE journal_seen (
    peer INTEGER NOT NULL REFERENCES journal_peer (peer),
    origin BLOB NOT NULL CHECK (length(origin) = 32),
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    note TEXT NOT NULL,
    told INTEGER NOT NULL,
    PRIMARY KEY (peer, origin)
) STRICT, WITHOUT ROWID;

-- An agency whose log is not taken any more, or is asked to prove a head that another one saw.
CREATE TABLE journal_origin (
    agency BLOB PRIMARY KEY CHECK (length(agency) = 32),
    forked INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    ask_size INTEGER NOT NULL,
    ask_root BLOB NOT NULL,
    note TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The newest cosignature of each witness for each log.
CREATE TABLE journal_cosign (
    origin BLOB NOT NULL CHECK (length(origin) = 32),
    witness BLOB NOT NULL CHECK (length(witness) = 32),
    size INTEGER NOT NULL,
    at INTEGER NOT NULL,
    line TEXT NOT NULL,
    PRIMARY KEY (origin, witness)
) STRICT, WITHOUT ROWID;

-- Bytes of documents that are on their way, by the place in the document.
CREATE TABLE journal_part (
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    at INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (sha256, at)
) STRICT;

-- Documents that we want: whose record names them, how many bytes came, how many there are (0: not
-- known).
CREATE TABLE journal_want (
    sha256 BLOB PRIMARY KEY CHECK (length(sha256) = 32),
    peer INTEGER NOT NULL REFERENCES journal_peer (peer),
    have INTEGER NOT NULL,
    total INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX journal_want_peer ON journal_want (peer);
