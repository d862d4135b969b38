-- Users of the roles of data/roles.csv. Neither sessions nor tokens were in use before.
ALTER TABLE user ADD COLUMN clearance INTEGER NOT NULL DEFAULT 3;
ALTER TABLE user ADD COLUMN last_login_at INTEGER;
ALTER TABLE user ADD COLUMN must_change INTEGER NOT NULL DEFAULT 0;
UPDATE user SET role = 'investigator' WHERE role = 'officer';

DROP TABLE session;
DROP TABLE token;

-- `key` is the officer's key sealed under the token, of which only the hash is here.
CREATE TABLE session (
    token_hash BLOB PRIMARY KEY,
    user INTEGER NOT NULL REFERENCES user (id),
    purpose TEXT NOT NULL,
    key BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE token (
    id INTEGER PRIMARY KEY,
    token_hash BLOB NOT NULL UNIQUE,
    user INTEGER NOT NULL REFERENCES user (id),
    name TEXT NOT NULL,
    purpose TEXT NOT NULL,
    key BLOB,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    revoked_at INTEGER
) STRICT;

-- Failed tries to log in, by the hash of a user's name or of a caller's address.
CREATE TABLE tries (
    who BLOB PRIMARY KEY,
    failed INTEGER NOT NULL,
    last_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Answers of writes, by the key under which they came. status 0: still at work.
CREATE TABLE replay (
    user INTEGER NOT NULL,
    key TEXT NOT NULL,
    request BLOB NOT NULL,
    status INTEGER NOT NULL,
    answer BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (user, key)
) STRICT, WITHOUT ROWID;

-- Codes on letters, by their hash.
CREATE TABLE code (
    hash BLOB PRIMARY KEY,
    kind TEXT NOT NULL,
    record BLOB NOT NULL
) STRICT, WITHOUT ROWID;
