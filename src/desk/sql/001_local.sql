-- What belongs to this machine alone: passwords, keys, mappings, what was taken in. Never exchanged.
CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The log key must sign while nobody is logged in: it lies here in plain, in a file of mode 0600.
CREATE TABLE log_key (
    public BLOB PRIMARY KEY,
    secret BLOB NOT NULL,
    from_size INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE user (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    password TEXT NOT NULL,
    officer BLOB NOT NULL,
    officer_key BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    disabled_at INTEGER
) STRICT;

CREATE TABLE session (
    token_hash BLOB PRIMARY KEY,
    user INTEGER NOT NULL REFERENCES user (id),
    purpose TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE token (
    token_hash BLOB PRIMARY KEY,
    user INTEGER NOT NULL REFERENCES user (id),
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE mapping (
    name TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    json TEXT NOT NULL,
    added_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Files that were taken in whole. An import that was broken off has its batches, but no row here.
CREATE TABLE import (
    sha256 BLOB NOT NULL,
    what TEXT NOT NULL,
    mapping TEXT NOT NULL,
    rows INTEGER NOT NULL,
    good INTEGER NOT NULL,
    bad INTEGER NOT NULL,
    done_at INTEGER NOT NULL,
    PRIMARY KEY (sha256, what, mapping)
) STRICT, WITHOUT ROWID;

-- Last number given to a typed report, by year of the node's zone.
CREATE TABLE report_number (
    year INTEGER PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
