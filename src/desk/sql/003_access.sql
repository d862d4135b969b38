-- The public half of the officer's key, where it is another than that of the officer's record.
ALTER TABLE user ADD COLUMN officer_public BLOB;

CREATE INDEX replay_at ON replay (at);
