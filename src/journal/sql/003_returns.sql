-- returns_from: after a loss the peer is asked for what it had from us behind this size of our log; 0:
-- it is not, or has given it.
ALTER TABLE journal_peer ADD COLUMN returns_from INTEGER NOT NULL DEFAULT 0;
