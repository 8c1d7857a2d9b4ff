-- +goose Up
-- One row: what the records were last brought in agreement with.
CREATE TABLE host (
  one     INTEGER PRIMARY KEY CHECK (one = 1),
  boot_id TEXT NOT NULL                              -- the kernel's random/boot_id of then
) STRICT;

-- What has not ended, which is what people list most: the many that have are not read for it.
CREATE INDEX sandboxes_active ON sandboxes (team, seq) WHERE end_time IS NULL;
