-- +goose Up
-- The id of the API key that made a sandbox which holds a restricted secret; '' for one that is the whole team's.
ALTER TABLE sandboxes ADD COLUMN private_to TEXT NOT NULL DEFAULT '';
