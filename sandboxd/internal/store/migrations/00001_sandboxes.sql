-- +goose Up
CREATE TABLE sandboxes (
  seq             INTEGER PRIMARY KEY AUTOINCREMENT, -- order of creation
  id              TEXT NOT NULL UNIQUE,
  team            TEXT NOT NULL,
  creator         TEXT NOT NULL,
  request_id      TEXT NOT NULL,
  front           TEXT NOT NULL,
  front_data      BLOB,                              -- what the front keeps, its own format
  spec            TEXT NOT NULL,                     -- JSON, see record.go
  state           TEXT NOT NULL,
  reason          TEXT NOT NULL DEFAULT '',
  exit_code       INTEGER,
  create_time     INTEGER NOT NULL,                  -- times are nanoseconds since 1970 UTC
  start_time      INTEGER,
  end_time        INTEGER,
  expire_time     INTEGER,
  runtime         TEXT NOT NULL,
  image_digest    TEXT NOT NULL DEFAULT '',
  secret_versions TEXT NOT NULL DEFAULT '[]'         -- JSON array of resource names
) STRICT;
CREATE INDEX sandboxes_by_team ON sandboxes (team, seq);
CREATE INDEX sandboxes_by_end ON sandboxes (end_time) WHERE end_time IS NOT NULL;

-- Which sandbox a user's request_id made; it goes with the sandbox's record.
CREATE TABLE requests (
  user_id    TEXT NOT NULL,
  team       TEXT NOT NULL,
  request_id TEXT NOT NULL,
  sandbox_id TEXT NOT NULL REFERENCES sandboxes (id) ON DELETE CASCADE,
  digest     BLOB NOT NULL,                          -- SHA-256 of the request: another one under this id is a conflict
  PRIMARY KEY (user_id, team, request_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX requests_by_sandbox ON requests (sandbox_id);
