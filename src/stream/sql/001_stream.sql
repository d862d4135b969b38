CREATE TABLE stream_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    hash_key INTEGER NOT NULL,
    next_file INTEGER NOT NULL,
    next_batch INTEGER NOT NULL
) STRICT;
CREATE TABLE stream_file (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('segment', 'accounts')),
    place INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE TABLE stream_batch (
    batch INTEGER PRIMARY KEY,
    rows INTEGER NOT NULL,
    taken INTEGER NOT NULL,
    salt BLOB NOT NULL CHECK (length(salt) = 32),
    root BLOB NOT NULL CHECK (length(root) = 32)
) STRICT;
CREATE TABLE stream_tail (
    transfer TEXT PRIMARY KEY,
    row BLOB NOT NULL
) STRICT;
CREATE TABLE stream_telling (
    transfer TEXT NOT NULL,
    part INTEGER NOT NULL,
    row BLOB NOT NULL,
    PRIMARY KEY (transfer, part)
) STRICT;
CREATE TABLE stream_pick (
    transfer TEXT PRIMARY KEY,
    row BLOB NOT NULL
) STRICT;
