-- :put
INSERT INTO shelf_document (sha256, bytes) VALUES (:sha256, :bytes)
-- :has
SELECT bytes FROM shelf_document WHERE sha256 = :sha256
-- :piece_put
INSERT INTO shelf_piece (sha256, at, bytes) VALUES (:sha256, :at, :bytes)
-- :pieces
SELECT at, bytes FROM shelf_piece WHERE sha256 = :sha256 AND at >= coalesce(
    (SELECT max(at) FROM shelf_piece WHERE sha256 = :sha256 AND at <= :at), 0) ORDER BY at
-- :zero
UPDATE shelf_piece SET bytes = zeroblob(length(bytes)) WHERE sha256 = :sha256
-- :pieces_remove
DELETE FROM shelf_piece WHERE sha256 = :sha256
-- :remove
DELETE FROM shelf_document WHERE sha256 = :sha256
-- :count
SELECT count(*), coalesce(sum(bytes), 0) FROM shelf_document
-- :next
SELECT sha256 FROM shelf_document WHERE sha256 > :after ORDER BY sha256 LIMIT 1
