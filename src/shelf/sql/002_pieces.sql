-- Documents lie in pieces, so that one of any size is written, read and erased with little memory, and
-- one that is on its way lies where it will stay. It is there when shelf_document says so.
CREATE TABLE shelf_document (
    sha256 BLOB PRIMARY KEY CHECK (length(sha256) = 32),
    bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE shelf_piece (
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    at INTEGER NOT NULL,
    bytes BLOB NOT NULL CHECK (length(bytes) > 0),
    PRIMARY KEY (sha256, at)
) STRICT;

INSERT INTO shelf_document (sha256, bytes) SELECT sha256, length(bytes) FROM attachment_bytes;
WITH RECURSIVE cut (sha256, at, total) AS (
    SELECT sha256, 0, length(bytes) FROM attachment_bytes WHERE length(bytes) > 0
    UNION ALL
    SELECT sha256, at + 1048576, total FROM cut WHERE at + 1048576 < total
)
INSERT INTO shelf_piece (sha256, at, bytes)
SELECT cut.sha256, cut.at, substr(a.bytes, cut.at + 1, 1048576)
FROM cut JOIN attachment_bytes a ON a.sha256 = cut.sha256;
DROP TABLE attachment_bytes;

-- Bytes are never exchanged for others: they may only be overwritten by zeros before they go.
CREATE TRIGGER shelf_piece_fixed BEFORE UPDATE ON shelf_piece
WHEN new.sha256 <> old.sha256 OR new.at <> old.at OR new.bytes <> zeroblob(length(old.bytes))
BEGIN
    SELECT RAISE(ABORT, 'bytes on the shelf are never changed');
END;
