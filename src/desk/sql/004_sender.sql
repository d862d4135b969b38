-- The mapping that a sender's files were last taken in with. Local: never exchanged.
CREATE TABLE sender_mapping (
    sender TEXT NOT NULL,
    kind TEXT NOT NULL,
    mapping TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (sender, kind)
) STRICT, WITHOUT ROWID;
