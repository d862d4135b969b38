-- A head that the peer is asked to prove: since when (0: none), and how often it was asked and spoke
-- without the proof.
ALTER TABLE journal_peer ADD COLUMN prove_since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE journal_peer ADD COLUMN prove_silent INTEGER NOT NULL DEFAULT 0;
-- Code of the REFUSE with which it answered last, 0: it did not refuse. Who carries files hears it once.
ALTER TABLE journal_peer ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;
