-- +goose Up
-- A JSON object: names for versions and their numbers.
ALTER TABLE secrets ADD COLUMN aliases TEXT NOT NULL DEFAULT '{}';
-- Nanoseconds; 0 destroys at once.
ALTER TABLE secrets ADD COLUMN version_destroy_ttl INTEGER NOT NULL DEFAULT 0;
ALTER TABLE secrets ADD COLUMN expire_time INTEGER;
ALTER TABLE secrets ADD COLUMN delete_time INTEGER;
ALTER TABLE secrets ADD COLUMN purge_time INTEGER;
CREATE INDEX secrets_by_expire_time ON secrets (expire_time) WHERE expire_time IS NOT NULL AND delete_time IS NULL;
CREATE INDEX secrets_by_purge_time ON secrets (purge_time) WHERE purge_time IS NOT NULL;

ALTER TABLE versions ADD COLUMN scheduled_destroy_time INTEGER;
ALTER TABLE versions ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
CREATE INDEX versions_by_scheduled_destroy_time ON versions (scheduled_destroy_time)
    WHERE scheduled_destroy_time IS NOT NULL;

-- What was done under request ids in the last day. Nothing here references a row: a secret may be purged meanwhile, and
-- the repeat of a call must not make it again.
CREATE TABLE requests (
    user_id     TEXT    NOT NULL,
    method      TEXT    NOT NULL,
    id          TEXT    NOT NULL,
    team        TEXT    NOT NULL,
    -- SHA-256 over the request without the value and without anything computed from it.
    digest      BLOB    NOT NULL CHECK (length(digest) = 32),
    secret      TEXT    NOT NULL,
    secret_uid  TEXT    NOT NULL,
    -- 0 for a secret that was made without a version.
    version     INTEGER NOT NULL,
    unchanged   INTEGER NOT NULL CHECK (unchanged IN (0, 1)),
    create_time INTEGER NOT NULL,
    PRIMARY KEY (user_id, method, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX requests_by_create_time ON requests (create_time);
