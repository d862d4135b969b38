-- Readers have the statements up to scan; the writer has all.

-- :log_get
SELECT agency, name FROM log WHERE log_id = :log_id
-- :log_key_at
SELECT public_key FROM log_key
WHERE log_id = :log_id AND from_size <= :size ORDER BY from_size DESC LIMIT 1
-- :log_key_list
SELECT log_id, from_size, public_key, place FROM log_key ORDER BY log_id, from_size
-- :log_list
SELECT log_id FROM log ORDER BY log_id
-- :leaf_last
SELECT place FROM leaf WHERE place >= :first AND place < :beyond ORDER BY place DESC LIMIT 1
-- :leaf_hashes
SELECT place, commitment FROM leaf WHERE place >= :first AND place < :beyond ORDER BY place
-- :node_hashes
SELECT number, hash FROM node
WHERE log_id = :log_id AND level = :level AND number >= :first AND number < :beyond
ORDER BY number
-- :record_find
SELECT place FROM record_id WHERE id = :id
-- :checkpoint_last
SELECT size, at_us, note FROM checkpoint WHERE log_id = :log_id ORDER BY size DESC LIMIT 1
-- :checkpoint_at
SELECT size, at_us, note FROM checkpoint WHERE log_id = :log_id AND size = :size
-- :checkpoint_range
SELECT size, at_us, note FROM checkpoint
WHERE log_id = :log_id AND size > :above AND size <= :up_to ORDER BY size
-- :counts
SELECT (SELECT count(id) FROM record_id), (SELECT max(opening_id) FROM opening),
       (SELECT count(place) FROM erasure)
-- :item_get
SELECT l.place, l.commitment, l.opening_id, o.opening_id, o.salt, o.envelope, e.by_place
FROM leaf l LEFT JOIN opening o ON o.opening_id = l.opening_id
    LEFT JOIN erasure e ON e.place = l.place
WHERE l.place = :place
-- :scan
SELECT l.place, l.commitment, l.opening_id, o.opening_id, o.salt, o.envelope, e.by_place
FROM leaf l LEFT JOIN opening o ON o.opening_id = l.opening_id
    LEFT JOIN erasure e ON e.place = l.place
WHERE l.place >= :first AND l.place < :beyond ORDER BY l.place

-- :log_add
INSERT INTO log(log_id, agency, name) VALUES(:log_id, :agency, :name)
-- :log_key_add
INSERT INTO log_key(log_id, from_size, public_key, place)
VALUES(:log_id, :from_size, :public_key, :place)
-- :record_add
INSERT INTO record_id(id, place) VALUES(:id, :place)
-- :opening_add
INSERT INTO opening(opening_id, salt, envelope) VALUES(:opening_id, :salt, :envelope)
-- :leaf_add
INSERT INTO leaf(place, commitment, opening_id) VALUES(:place, :commitment, :opening_id)
-- :node_add
INSERT INTO node(log_id, level, number, hash) VALUES(:log_id, :level, :number, :hash)
-- :checkpoint_add
INSERT INTO checkpoint(log_id, size, at_us, note) VALUES(:log_id, :size, :at_us, :note)
-- :group_check
SELECT l.commitment, o.salt, o.envelope FROM leaf l JOIN opening o ON o.opening_id = l.opening_id
WHERE l.place >= :first AND l.place < :beyond ORDER BY l.place
-- :opening_erase
UPDATE opening SET salt = zeroblob(length(salt)), envelope = zeroblob(length(envelope))
WHERE opening_id = (SELECT opening_id FROM leaf WHERE place = :place)
-- :erasure_add
INSERT INTO erasure(place, by_place) VALUES(:place, :by_place)
