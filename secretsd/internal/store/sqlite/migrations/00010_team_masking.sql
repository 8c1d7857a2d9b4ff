-- +goose Up
-- Whether sandboxes mask the team's values in all that they give out.
ALTER TABLE teams ADD COLUMN mask_output INTEGER NOT NULL DEFAULT 0 CHECK (mask_output IN (0, 1));
