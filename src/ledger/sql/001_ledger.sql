-- The logs. docs/format-record.md has the meaning of every byte.

CREATE TABLE log(
    log_id INTEGER PRIMARY KEY CHECK (log_id BETWEEN 0 AND 65535),
    agency BLOB NOT NULL CHECK (length(agency) = 32),
    name TEXT NOT NULL,
    UNIQUE (agency, name)
) STRICT;

-- The key by which checkpoints of a log are signed from a tree size on, and the record that says so.
CREATE TABLE log_key(
    log_id INTEGER NOT NULL REFERENCES log(log_id),
    from_size INTEGER NOT NULL,
    public_key BLOB NOT NULL CHECK (length(public_key) = 32),
    place INTEGER NOT NULL,
    PRIMARY KEY (log_id, from_size)
) STRICT, WITHOUT ROWID;

-- place = log_id << 40 | leaf number. opening_id is null where the opening is withheld.
CREATE TABLE leaf(
    place INTEGER PRIMARY KEY,
    commitment BLOB NOT NULL CHECK (length(commitment) = 32),
    opening_id INTEGER
) STRICT;

-- Numbered over all logs in the order of arrival, so that a row only ever goes to the end of the
-- tree: a row that is moved about inside leaves copies of itself behind in free space.
CREATE TABLE opening(
    opening_id INTEGER PRIMARY KEY,
    salt BLOB NOT NULL,
    envelope BLOB NOT NULL
) STRICT;

CREATE TABLE record_id(
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    place INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Hashes of complete subtrees of 256, 65536, … leaves.
CREATE TABLE node(
    log_id INTEGER NOT NULL,
    level INTEGER NOT NULL,
    number INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (log_id, level, number)
) STRICT, WITHOUT ROWID;

-- One for each group; at_us is the time of the last record in it.
CREATE TABLE checkpoint(
    log_id INTEGER NOT NULL,
    size INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (log_id, size)
) STRICT, WITHOUT ROWID;

CREATE TABLE erasure(
    place INTEGER PRIMARY KEY,
    by_place INTEGER NOT NULL
) STRICT;

CREATE TRIGGER log_update BEFORE UPDATE ON log BEGIN
    SELECT RAISE(ABORT, 'a log is never changed');
END;
CREATE TRIGGER log_delete BEFORE DELETE ON log BEGIN
    SELECT RAISE(ABORT, 'a log is never removed');
END;
CREATE TRIGGER log_key_update BEFORE UPDATE ON log_key BEGIN
    SELECT RAISE(ABORT, 'a log key is never changed');
END;
CREATE TRIGGER log_key_delete BEFORE DELETE ON log_key BEGIN
    SELECT RAISE(ABORT, 'a log key is never removed');
END;
CREATE TRIGGER leaf_update BEFORE UPDATE ON leaf BEGIN
    SELECT RAISE(ABORT, 'a leaf is never changed');
END;
CREATE TRIGGER leaf_delete BEFORE DELETE ON leaf BEGIN
    SELECT RAISE(ABORT, 'a leaf is never removed');
END;
CREATE TRIGGER opening_update BEFORE UPDATE ON opening WHEN ledger_may_erase() <> 1 BEGIN
    SELECT RAISE(ABORT, 'an opening is never changed but by erasure');
END;
CREATE TRIGGER opening_delete BEFORE DELETE ON opening BEGIN
    SELECT RAISE(ABORT, 'an opening is never removed');
END;
CREATE TRIGGER record_id_update BEFORE UPDATE ON record_id BEGIN
    SELECT RAISE(ABORT, 'a record id is never changed');
END;
CREATE TRIGGER record_id_delete BEFORE DELETE ON record_id BEGIN
    SELECT RAISE(ABORT, 'a record id is never removed');
END;
CREATE TRIGGER node_update BEFORE UPDATE ON node BEGIN
    SELECT RAISE(ABORT, 'a node is never changed');
END;
CREATE TRIGGER node_delete BEFORE DELETE ON node BEGIN
    SELECT RAISE(ABORT, 'a node is never removed');
END;
CREATE TRIGGER checkpoint_update BEFORE UPDATE ON checkpoint BEGIN
    SELECT RAISE(ABORT, 'a checkpoint is never changed');
END;
CREATE TRIGGER checkpoint_delete BEFORE DELETE ON checkpoint BEGIN
    SELECT RAISE(ABORT, 'a checkpoint is never removed');
END;
CREATE TRIGGER erasure_update BEFORE UPDATE ON erasure BEGIN
    SELECT RAISE(ABORT, 'an erasure is never changed');
END;
CREATE TRIGGER erasure_delete BEFORE DELETE ON erasure BEGIN
    SELECT RAISE(ABORT, 'an erasure is never taken back');
END;
