-- Leaf from which on the address in a `link` record of the peer counts more than the one on its card;
-- 0: all do.
ALTER TABLE journal_peer ADD COLUMN address_from INTEGER NOT NULL DEFAULT 0;
