-- +goose Up
-- When a key was used last, to the minute.
ALTER TABLE api_keys ADD COLUMN last_use_time INTEGER;
-- The key that it replaced; one key replaces another at most.
ALTER TABLE api_keys ADD COLUMN rotated_from TEXT REFERENCES api_keys (id);
-- 1: the key that it replaced made it without being allowed to make keys; they are revoked together.
ALTER TABLE api_keys ADD COLUMN heir INTEGER NOT NULL DEFAULT 0;
-- The trust, in the home team, and the token's subject that it was exchanged under. The trust may be gone.
ALTER TABLE api_keys ADD COLUMN oidc_trust TEXT;
ALTER TABLE api_keys ADD COLUMN oidc_subject TEXT;
CREATE UNIQUE INDEX api_keys_by_rotated_from ON api_keys (rotated_from) WHERE rotated_from IS NOT NULL;
CREATE INDEX api_keys_exchanged ON api_keys (team, oidc_trust, expire_time) WHERE oidc_trust IS NOT NULL;
CREATE INDEX api_keys_exchanged_expired ON api_keys (expire_time) WHERE oidc_trust IS NOT NULL;

CREATE TABLE oidc_trusts (
    team        TEXT    NOT NULL REFERENCES teams (id),
    id          TEXT    NOT NULL,
    issuer      TEXT    NOT NULL,
    audience    TEXT    NOT NULL,
    subject     TEXT    NOT NULL,
    -- A JSON object: path of a claim to its pattern.
    claims      TEXT    NOT NULL,
    user_id     TEXT    NOT NULL REFERENCES users (id),
    -- Separated by commas.
    scopes      TEXT    NOT NULL,
    -- Seconds.
    max_ttl     INTEGER NOT NULL,
    reusable    INTEGER NOT NULL,
    -- 1: the user or an owner made it, so that its keys count as the user's own.
    personal    INTEGER NOT NULL,
    description TEXT    NOT NULL,
    create_time INTEGER NOT NULL,
    PRIMARY KEY (team, id)
) STRICT, WITHOUT ROWID;

-- Tokens that were exchanged, until they expire: SHA-256 over the issuer, a NUL and the token's id.
CREATE TABLE oidc_tokens (
    hash        BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    expire_time INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX oidc_tokens_by_expiry ON oidc_tokens (expire_time);
