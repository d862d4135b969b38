-- Contents of our own log that were given back by those who had them, behind the leaves: a leaf that
-- peers gave back without content is opened later. In the order in which they came.
CREATE TABLE late(
    opening_id INTEGER PRIMARY KEY,
    place INTEGER NOT NULL UNIQUE
) STRICT;
CREATE TRIGGER late_update BEFORE UPDATE ON late BEGIN
    SELECT RAISE(ABORT, 'what came late is never changed');
END;
CREATE TRIGGER late_delete BEFORE DELETE ON late BEGIN
    SELECT RAISE(ABORT, 'what came late is never removed');
END;
