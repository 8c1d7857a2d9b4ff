-- +goose Up
-- What happened to sandboxes. Events of a creation that failed have no record in sandboxes any more: team is here for that.
CREATE TABLE sandbox_events (
  seq        INTEGER PRIMARY KEY AUTOINCREMENT,
  sandbox_id TEXT NOT NULL,
  team       TEXT NOT NULL,
  time       INTEGER NOT NULL,         -- nanoseconds since 1970 UTC
  kind       TEXT NOT NULL,
  actor      TEXT NOT NULL,            -- user id; '' is sandboxd itself
  detail     TEXT NOT NULL
) STRICT;
CREATE INDEX sandbox_events_by_sandbox ON sandbox_events (sandbox_id, seq);
CREATE INDEX sandbox_events_by_team ON sandbox_events (team, seq);
