-- +goose Up
-- Roles owner, auditor and service. SQLite changes no CHECK, so the table is made again.
CREATE TABLE members_new (
    team        TEXT    NOT NULL REFERENCES teams (id),
    user_id     TEXT    NOT NULL REFERENCES users (id),
    role        TEXT    NOT NULL CHECK (role IN ('owner', 'admin', 'member', 'auditor', 'service')),
    create_time INTEGER NOT NULL,
    PRIMARY KEY (team, user_id)
) STRICT, WITHOUT ROWID;
-- No team has an owner yet, and none may be without: its admins become its owners.
INSERT INTO members_new (team, user_id, role, create_time)
    SELECT team, user_id, iif(role = 'admin', 'owner', role), create_time FROM members;
DROP TABLE members;
ALTER TABLE members_new RENAME TO members;
CREATE INDEX members_by_user ON members (user_id, team, role, create_time);

-- Whether only the key's user and owners can hold it. So far keys were made by their users and by those who are owners now.
ALTER TABLE api_keys ADD COLUMN personal INTEGER NOT NULL DEFAULT 0 CHECK (personal IN (0, 1));
UPDATE api_keys SET personal = 1;

-- What a secret says of its own about who may do what; how its value may reach a sandbox, as JSON, or '' for the
-- environment.
ALTER TABLE secrets ADD COLUMN restricted INTEGER NOT NULL DEFAULT 0 CHECK (restricted IN (0, 1));
ALTER TABLE secrets ADD COLUMN injection TEXT NOT NULL DEFAULT '';

-- A grant never changes. One to a user goes with the user's membership, and all go with their secret.
CREATE TABLE secret_grants (
    id          TEXT    NOT NULL PRIMARY KEY,
    secret_uid  TEXT    NOT NULL REFERENCES secrets (uid) ON DELETE CASCADE,
    -- One of them is set.
    user_id     TEXT    REFERENCES users (id),
    role        TEXT    CHECK (role IN ('admin', 'member', 'auditor', 'service')),
    -- Comma-separated: list, manage, add, use, access, audit.
    actions     TEXT    NOT NULL,
    -- JSON, or '' for none.
    conditions  TEXT    NOT NULL,
    expire_time INTEGER,
    creator     TEXT    NOT NULL,
    create_time INTEGER NOT NULL,
    CHECK ((user_id IS NULL) <> (role IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX secret_grants_by_secret ON secret_grants (secret_uid, id);
CREATE INDEX secret_grants_by_user ON secret_grants (user_id, secret_uid) WHERE user_id IS NOT NULL;
