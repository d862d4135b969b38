-- Keys of TLS, messages and cosignatures. Like the log key it must work while nobody is logged in.
-- Earlier ones stay, because a bundle may have been sealed to one. recorded: a `link` record says so.
CREATE TABLE link_key (
    public BLOB PRIMARY KEY,
    secret BLOB NOT NULL,
    at INTEGER NOT NULL,
    recorded INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
