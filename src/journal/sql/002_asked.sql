-- What a peer asked for and was not given yet: an exchange by files is a program for each step, which
-- forgets. asked: of which byte on.
CREATE TABLE journal_asked (
    peer INTEGER NOT NULL REFERENCES journal_peer (peer),
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    at INTEGER NOT NULL,
    PRIMARY KEY (peer, sha256)
) STRICT, WITHOUT ROWID;

-- restore_from: the size of the peer's own log, from which on it wants its leaves back; 0: it does not.
ALTER TABLE journal_peer ADD COLUMN restore_from INTEGER NOT NULL DEFAULT 0;
-- spoke_key: the link key under which the peer spoke last. A newer one that its log names counts beside
-- it until the peer speaks under that.
ALTER TABLE journal_peer ADD COLUMN spoke_key BLOB NOT NULL DEFAULT x'';
