-- What the peer may send in a day, where an administrator of this node said so; 0: what limits.h says.
ALTER TABLE journal_peer ADD COLUMN quota_records INTEGER NOT NULL DEFAULT 0;
ALTER TABLE journal_peer ADD COLUMN quota_bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE journal_peer ADD COLUMN quota_messages INTEGER NOT NULL DEFAULT 0;
-- When, and by whom. quota_at 0: never.
ALTER TABLE journal_peer ADD COLUMN quota_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE journal_peer ADD COLUMN quota_by TEXT NOT NULL DEFAULT '';
-- over_at: when a message of it was refused last because it was too much; 0: never, or more was
-- allowed since.
ALTER TABLE journal_peer ADD COLUMN over_at INTEGER NOT NULL DEFAULT 0;
