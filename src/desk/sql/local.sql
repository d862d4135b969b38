-- :setting_get
SELECT value FROM setting WHERE name = :name
-- :setting_put
INSERT INTO setting (name, value) VALUES (:name, :value)
ON CONFLICT (name) DO UPDATE SET value = :value
-- :log_key_add
INSERT INTO log_key (public, secret, from_size) VALUES (:public, :secret, :from_size)
-- :log_key_list
SELECT secret FROM log_key ORDER BY from_size DESC, public
-- :user_add
INSERT INTO user (name, role, password, officer, officer_key, officer_public, clearance,
    must_change, created_at)
VALUES (:name, :role, :password, :officer, :officer_key, :public, :clearance, :must_change, :at)
-- :user_find
SELECT id, name, role, officer, clearance FROM user WHERE name = :name AND disabled_at IS NULL
-- :user_first
SELECT id, name, role, officer, clearance FROM user
WHERE role <> 'admin' AND disabled_at IS NULL ORDER BY id LIMIT 1
-- :user_key
SELECT officer_key, password FROM user WHERE id = :id AND disabled_at IS NULL
-- :user_get
SELECT id, name, role, officer, clearance, password, officer_key, officer_public, disabled_at,
    created_at, last_login_at
FROM user WHERE name = :name
-- :user_list
SELECT id, name, role, officer, clearance, NULL, NULL, NULL, disabled_at, created_at, last_login_at
FROM user ORDER BY id
-- :user_set
UPDATE user SET role = :role, clearance = :clearance, disabled_at = :disabled_at WHERE id = :id
-- :user_secret
UPDATE user SET password = :password, officer_key = :officer_key, officer_public = :public,
    must_change = :must_change
WHERE id = :id
-- :user_login
UPDATE user SET last_login_at = :at WHERE id = :id
-- :user_admins
SELECT count(*) FROM user WHERE role = 'admin' AND disabled_at IS NULL AND id <> :id
-- :user_count
SELECT count(*) FROM user
-- :session_add
INSERT INTO session (token_hash, user, purpose, key, created_at, seen_at, expires_at)
VALUES (:hash, :user, :purpose, :key, :at, :at, :expires_at)
-- :session_find
SELECT u.id, u.name, u.role, u.officer, u.clearance, s.purpose, s.key, s.seen_at, s.expires_at,
    u.must_change
FROM session s JOIN user u ON u.id = s.user WHERE s.token_hash = :hash AND u.disabled_at IS NULL
-- :session_seen
UPDATE session SET seen_at = :at WHERE token_hash = :hash
-- :session_end
DELETE FROM session WHERE token_hash = :hash
-- :session_end_user
DELETE FROM session WHERE user = :user AND token_hash <> :but
-- :session_prune
DELETE FROM session WHERE expires_at <= :at OR seen_at <= :idle
-- :session_spare
DELETE FROM session WHERE user = :user AND token_hash NOT IN
    (SELECT token_hash FROM session WHERE user = :user ORDER BY created_at DESC LIMIT :keep)
-- :token_add
INSERT INTO token (token_hash, user, name, purpose, key, created_at, expires_at)
VALUES (:hash, :user, :name, :purpose, :key, :at, :expires_at)
-- :token_find
SELECT u.id, u.name, u.role, u.officer, u.clearance, t.purpose, t.key, t.used_at, t.expires_at, t.id
FROM token t JOIN user u ON u.id = t.user
WHERE t.token_hash = :hash AND t.revoked_at IS NULL AND t.expires_at > :at AND u.disabled_at IS NULL
-- :token_used
UPDATE token SET used_at = :at WHERE id = :id
-- :token_list
SELECT t.id, t.name, t.purpose, u.name, t.created_at, t.expires_at, t.used_at
FROM token t JOIN user u ON u.id = t.user
WHERE t.revoked_at IS NULL AND t.expires_at > :at AND (:all OR t.user = :user) ORDER BY t.id
-- :token_count
SELECT count(*) FROM token WHERE user = :user AND revoked_at IS NULL AND expires_at > :at
-- :token_revoke
UPDATE token SET revoked_at = :at, key = NULL
WHERE id = :id AND revoked_at IS NULL AND (:all OR user = :user)
-- :token_end_user
UPDATE token SET revoked_at = :at, key = NULL WHERE user = :user AND revoked_at IS NULL
-- :tries_get
SELECT failed, last_at FROM tries WHERE who = :who
-- :tries_add
INSERT INTO tries (who, failed, last_at) VALUES (:who, 1, :at)
ON CONFLICT (who) DO UPDATE SET failed = failed + 1, last_at = :at
-- :tries_clear
DELETE FROM tries WHERE who = :who
-- :tries_prune
DELETE FROM tries WHERE last_at < :before
-- :replay_get
SELECT request, status, answer, at FROM replay WHERE user = :user AND key = :key
-- :replay_add
INSERT INTO replay (user, key, request, status, answer, at)
VALUES (:user, :key, :request, 0, x'', :at)
-- :replay_end
UPDATE replay SET status = :status, answer = :answer WHERE user = :user AND key = :key
-- :replay_begun
SELECT at FROM replay WHERE user = :user AND key = :key
-- :replay_empty
UPDATE replay SET status = :emptied, answer = x'' WHERE status > 0
-- :replay_forget
DELETE FROM replay WHERE user = :user AND key = :key
-- :replay_prune
DELETE FROM replay WHERE at < :before
-- :code_add
INSERT INTO code (hash, kind, record) VALUES (:hash, :kind, :record) ON CONFLICT (hash) DO NOTHING
-- :code_find
SELECT record FROM code WHERE hash = :hash AND kind = :kind
-- :mapping_put
INSERT INTO mapping (name, kind, json, added_at) VALUES (:name, :kind, :json, :at)
ON CONFLICT (name) DO UPDATE SET kind = :kind, json = :json, added_at = :at
-- :mapping_list
SELECT json FROM mapping WHERE kind = :kind ORDER BY name
-- :mapping_names
SELECT kind, name FROM mapping ORDER BY kind, name
-- :sender_put
INSERT INTO sender_mapping (sender, kind, mapping, at) VALUES (:sender, :kind, :mapping, :at)
ON CONFLICT (sender, kind) DO UPDATE SET mapping = :mapping, at = :at
-- :sender_find
SELECT mapping FROM sender_mapping WHERE sender = :sender AND kind = :kind
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
-- :link_key_add
INSERT INTO link_key (public, secret, at, recorded) VALUES (:public, :secret, :at, :recorded)
-- :link_key_list
SELECT secret, recorded FROM link_key ORDER BY at DESC, public
-- :link_key_recorded
UPDATE link_key SET recorded = :recorded WHERE public = :public
