-- :put
INSERT INTO attachment_bytes (sha256, bytes) VALUES (:sha256, :bytes)
ON CONFLICT (sha256) DO NOTHING
-- :get
SELECT bytes FROM attachment_bytes WHERE sha256 = :sha256
-- :has
SELECT length(bytes) FROM attachment_bytes WHERE sha256 = :sha256
-- :zero
UPDATE attachment_bytes SET bytes = zeroblob(length(bytes)) WHERE sha256 = :sha256
-- :remove
DELETE FROM attachment_bytes WHERE sha256 = :sha256
-- :count
SELECT count(*), coalesce(sum(length(bytes)), 0) FROM attachment_bytes
-- :next
SELECT sha256 FROM attachment_bytes WHERE sha256 > :after ORDER BY sha256 LIMIT 1
-- :part
SELECT substr(bytes, :first, :max), length(bytes) FROM attachment_bytes WHERE sha256 = :sha256
