-- :state_get
SELECT hash_key, next_file, next_batch FROM stream_state WHERE id = 1
-- :state_put
INSERT INTO stream_state (id, hash_key, next_file, next_batch)
VALUES (1, :hash_key, :next_file, :next_batch)
ON CONFLICT (id) DO UPDATE SET next_file = excluded.next_file, next_batch = excluded.next_batch
-- :files
SELECT number, kind, bytes, rows, hash FROM stream_file ORDER BY kind, place
-- :files_clear
DELETE FROM stream_file
-- :file_add
INSERT INTO stream_file (number, kind, place, bytes, rows, hash)
VALUES (:number, :kind, :place, :bytes, :rows, :hash)
-- :batches
SELECT batch, rows, taken, salt, root FROM stream_batch ORDER BY batch
-- :batch_count
SELECT count(*) FROM stream_batch
-- :batch_add
INSERT INTO stream_batch (batch, rows, taken, salt, root)
VALUES (:batch, :rows, :taken, :salt, :root)
-- :tail
SELECT transfer, row FROM stream_tail ORDER BY transfer
-- :tail_put
INSERT INTO stream_tail (transfer, row) VALUES (:transfer, :row)
ON CONFLICT (transfer) DO UPDATE SET row = excluded.row
-- :tail_clear
DELETE FROM stream_tail
-- :tellings
SELECT transfer, row FROM stream_telling ORDER BY transfer, part
-- :telling_add
INSERT INTO stream_telling (transfer, part, row) VALUES (:transfer, :part, :row)
-- :tellings_remove
DELETE FROM stream_telling WHERE transfer = :transfer
-- :picks
SELECT transfer, row FROM stream_pick ORDER BY transfer
-- :pick_put
INSERT INTO stream_pick (transfer, row) VALUES (:transfer, :row)
ON CONFLICT (transfer) DO UPDATE SET row = excluded.row
