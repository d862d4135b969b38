-- :setting_get
SELECT value FROM setting WHERE name = :name
-- :setting_put
INSERT INTO setting (name, value) VALUES (:name, :value)
ON CONFLICT (name) DO UPDATE SET value = :value
-- :log_key_add
INSERT INTO log_key (public, secret, from_size) VALUES (:public, :secret, :from_size)
-- :log_key_last
SELECT secret FROM log_key ORDER BY from_size DESC LIMIT 1
-- :user_add
INSERT INTO user (name, role, password, officer, officer_key, created_at)
VALUES (:name, :role, :password, :officer, :officer_key, :at)
-- :user_find
SELECT id, name, role, officer, clearance FROM user WHERE name = :name AND disabled_at IS NULL
-- :user_first
SELECT id, name, role, officer, clearance FROM user
WHERE role <> 'admin' AND disabled_at IS NULL ORDER BY id LIMIT 1
-- :user_key
SELECT officer_key FROM user WHERE id = :id AND disabled_at IS NULL
-- :mapping_put
INSERT INTO mapping (name, kind, json, added_at) VALUES (:name, :kind, :json, :at)
ON CONFLICT (name) DO UPDATE SET kind = :kind, json = :json, added_at = :at
-- :mapping_list
SELECT json FROM mapping WHERE kind = :kind ORDER BY name
-- :import_find
SELECT rows, good, bad FROM import WHERE sha256 = :sha256 AND what = :what AND mapping = :mapping
-- :import_put
INSERT INTO import (sha256, what, mapping, rows, good, bad, done_at)
VALUES (:sha256, :what, :mapping, :rows, :good, :bad, :at)
ON CONFLICT (sha256, what, mapping) DO UPDATE SET rows = :rows, good = :good, bad = :bad
-- :report_number_get
SELECT last FROM report_number WHERE year = :year
-- :report_number_put
INSERT INTO report_number (year, last) VALUES (:year, :last)
ON CONFLICT (year) DO UPDATE SET last = :last
