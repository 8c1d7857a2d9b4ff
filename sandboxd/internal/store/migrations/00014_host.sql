-- +goose Up
-- One row: what the records were last brought in agreement with.
CREATE TABLE host (
  one     INTEGER PRIMARY KEY CHECK (one = 1),
  boot_id TEXT NOT NULL                              -- the kernel's random/boot_id of then
) STRICT;
