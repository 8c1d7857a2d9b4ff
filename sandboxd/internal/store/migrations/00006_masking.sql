-- +goose Up
-- What of the sandbox's secrets can be seen in what it gives out, as JSON: see masking.go. '' where nothing is to be said.
ALTER TABLE sandboxes ADD COLUMN masking TEXT NOT NULL DEFAULT '';
