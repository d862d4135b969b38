-- Bytes that records name by their SHA-256: documents, evidence packs. They stand beside the log, so
-- that the log stays small and bytes can be erased for ever.
CREATE TABLE attachment_bytes (
    sha256 BLOB PRIMARY KEY CHECK (length(sha256) = 32),
    bytes BLOB NOT NULL
) STRICT;

-- Bytes are never exchanged for others: they may only be overwritten by zeros before they go.
CREATE TRIGGER attachment_bytes_fixed BEFORE UPDATE ON attachment_bytes
WHEN new.sha256 <> old.sha256 OR new.bytes <> zeroblob(length(old.bytes))
BEGIN
    SELECT RAISE(ABORT, 'bytes on the shelf are never changed');
END;
