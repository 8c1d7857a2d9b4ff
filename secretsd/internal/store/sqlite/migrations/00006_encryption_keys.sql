-- +goose Up
-- Whether the team's data key has retired keys beside the one in use.
ALTER TABLE teams ADD COLUMN rotating    INTEGER NOT NULL DEFAULT 0 CHECK (rotating IN (0, 1));
-- Counts the changes of the team itself.
ALTER TABLE teams ADD COLUMN revision    INTEGER NOT NULL DEFAULT 0;
-- The row of a deleted team keeps its name taken; kek_id and wrapped_dek are empty then.
ALTER TABLE teams ADD COLUMN delete_time INTEGER;

-- The data key that sealed the value, as its ciphertext says: tink puts the key's id after a first byte. What is too
-- short to be one (1 + 4, an IV of 12, a tag of 16) has none.
ALTER TABLE versions ADD COLUMN dek_id TEXT
    GENERATED ALWAYS AS (CASE WHEN length(ciphertext) >= 33 THEN lower(hex(substr(ciphertext, 2, 4))) END) VIRTUAL;

CREATE INDEX teams_by_kek ON teams (kek_id) WHERE delete_time IS NULL;
CREATE INDEX teams_rotating ON teams (id) WHERE rotating;
CREATE INDEX versions_by_dek ON versions (secret_uid, dek_id);
