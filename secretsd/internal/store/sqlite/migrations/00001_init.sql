-- Times are Unix nanoseconds in UTC. NULL stands for "never" or "not yet".

-- +goose Up
CREATE TABLE users (
    id          TEXT    NOT NULL PRIMARY KEY,
    operator    INTEGER NOT NULL CHECK (operator IN (0, 1)),
    create_time INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE teams (
    id          TEXT    NOT NULL PRIMARY KEY,
    create_time INTEGER NOT NULL,
    -- The team's data key, encrypted by the key-encryption key of that id.
    kek_id      TEXT    NOT NULL,
    wrapped_dek BLOB    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE members (
    team        TEXT    NOT NULL REFERENCES teams (id),
    user_id     TEXT    NOT NULL REFERENCES users (id),
    role        TEXT    NOT NULL CHECK (role IN ('admin', 'member')),
    create_time INTEGER NOT NULL,
    PRIMARY KEY (team, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_by_user ON members (user_id, team, role, create_time);

CREATE TABLE api_keys (
    id          TEXT    NOT NULL PRIMARY KEY,
    -- SHA-256 of the whole key.
    hash        BLOB    NOT NULL CHECK (length(hash) = 32),
    user_id     TEXT    NOT NULL REFERENCES users (id),
    -- NULL for the operator's first key.
    team        TEXT    REFERENCES teams (id),
    -- Comma-separated.
    scopes      TEXT    NOT NULL,
    description TEXT    NOT NULL,
    create_time INTEGER NOT NULL,
    expire_time INTEGER,
    revoke_time INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX api_keys_by_team ON api_keys (team, create_time DESC, id DESC);
CREATE INDEX api_keys_by_user ON api_keys (team, user_id, create_time DESC, id DESC);

CREATE TABLE secrets (
    uid            TEXT    NOT NULL PRIMARY KEY,
    team           TEXT    NOT NULL REFERENCES teams (id),
    name           TEXT    NOT NULL,
    description    TEXT    NOT NULL,
    -- A JSON object of strings.
    labels         TEXT    NOT NULL,
    create_time    INTEGER NOT NULL,
    update_time    INTEGER NOT NULL,
    revision       INTEGER NOT NULL,
    latest_version INTEGER NOT NULL,
    UNIQUE (team, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE versions (
    secret_uid   TEXT    NOT NULL REFERENCES secrets (uid) ON DELETE CASCADE,
    number       INTEGER NOT NULL CHECK (number > 0),
    state        TEXT    NOT NULL CHECK (state IN ('ENABLED', 'DISABLED', 'DESTROYED')),
    create_time  INTEGER NOT NULL,
    destroy_time INTEGER,
    creator      TEXT    NOT NULL,
    size         INTEGER NOT NULL,
    ciphertext   BLOB,
    PRIMARY KEY (secret_uid, number),
    CHECK ((state = 'DESTROYED') = (ciphertext IS NULL)),
    CHECK ((state = 'DESTROYED') = (destroy_time IS NOT NULL))
) STRICT;

CREATE TABLE audit (
    sequence   INTEGER NOT NULL PRIMARY KEY CHECK (sequence > 0),
    time       INTEGER NOT NULL,
    -- Empty for what concerns no team. Not a reference: denials name teams that need not exist.
    team       TEXT    NOT NULL,
    user_id    TEXT    NOT NULL,
    api_key_id TEXT    NOT NULL,
    peer       TEXT    NOT NULL,
    action     TEXT    NOT NULL,
    resource   TEXT    NOT NULL,
    decision   TEXT    NOT NULL CHECK (decision IN ('ALLOWED', 'DENIED')),
    reason     TEXT    NOT NULL,
    sandbox_id TEXT    NOT NULL,
    request_id TEXT    NOT NULL,
    prev_hash  BLOB    NOT NULL CHECK (length(prev_hash) = 32),
    hash       BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE INDEX audit_by_team ON audit (team, sequence);

-- Against our own mistakes; who can write the file can drop them, and the hash chain is against those.
-- +goose StatementBegin
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
-- +goose StatementEnd
