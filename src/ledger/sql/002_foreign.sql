-- Logs of other agencies: numbers from 2 on. Their leaves come late and with gaps, a leaf may be
-- here before its content, and a recovery statement may begin a log anew (named main/1, main/2 …).

DROP TRIGGER leaf_update;
CREATE TRIGGER leaf_update BEFORE UPDATE ON leaf
WHEN OLD.opening_id IS NOT NULL OR NEW.opening_id IS NULL OR NEW.place <> OLD.place
    OR NEW.commitment <> OLD.commitment BEGIN
    SELECT RAISE(ABORT, 'a leaf is never changed, but opened once');
END;

-- In the order in which contents of other agencies came. 2199023255552 = 2 << 40.
CREATE UNIQUE INDEX leaf_arrival ON leaf(opening_id)
WHERE opening_id IS NOT NULL AND place >= 2199023255552;

-- Contents that came, over all time.
CREATE TABLE log_state(
    log_id INTEGER PRIMARY KEY REFERENCES log(log_id),
    openings INTEGER NOT NULL
) STRICT;

-- Leaves whose record has an id that belongs to another place.
CREATE TABLE clash(place INTEGER PRIMARY KEY) STRICT;

-- Checkpoints that nothing connects with the head, and the leaves that only they prove.
CREATE TABLE loose(
    log_id INTEGER NOT NULL,
    size INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (log_id, size)
) STRICT, WITHOUT ROWID;
CREATE TABLE loose_leaf(
    place INTEGER PRIMARY KEY,
    size INTEGER NOT NULL
) STRICT;
CREATE INDEX loose_leaf_size ON loose_leaf(size, place);

-- Recovery statements. next_log = log_id where the log goes on.
CREATE TABLE rewind(
    log_id INTEGER NOT NULL REFERENCES log(log_id),
    at_us INTEGER NOT NULL,
    good_size INTEGER NOT NULL,
    statement BLOB NOT NULL,
    next_log INTEGER NOT NULL REFERENCES log(log_id),
    PRIMARY KEY (log_id, at_us)
) STRICT, WITHOUT ROWID;

-- Leaves of an own log that peers gave back; some of them without content.
CREATE TABLE restored(
    log_id INTEGER NOT NULL,
    from_seq INTEGER NOT NULL,
    upto_seq INTEGER NOT NULL,
    PRIMARY KEY (log_id, from_seq)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER clash_update BEFORE UPDATE ON clash BEGIN
    SELECT RAISE(ABORT, 'a clash is never changed');
END;
CREATE TRIGGER clash_delete BEFORE DELETE ON clash BEGIN
    SELECT RAISE(ABORT, 'a clash is never removed');
END;
CREATE TRIGGER loose_update BEFORE UPDATE ON loose BEGIN
    SELECT RAISE(ABORT, 'a checkpoint is never changed');
END;
CREATE TRIGGER loose_delete BEFORE DELETE ON loose BEGIN
    SELECT RAISE(ABORT, 'a checkpoint is never removed');
END;
CREATE TRIGGER rewind_update BEFORE UPDATE ON rewind BEGIN
    SELECT RAISE(ABORT, 'a recovery statement is never changed');
END;
CREATE TRIGGER rewind_delete BEFORE DELETE ON rewind BEGIN
    SELECT RAISE(ABORT, 'a recovery statement is never removed');
END;
CREATE TRIGGER restored_update BEFORE UPDATE ON restored BEGIN
    SELECT RAISE(ABORT, 'what was restored is never changed');
END;
CREATE TRIGGER restored_delete BEFORE DELETE ON restored BEGIN
    SELECT RAISE(ABORT, 'what was restored is never removed');
END;
