-- +goose Up
-- Which instance of the workload got the values, so that none speaks for another's sandboxes; '' where the workload did not say.
ALTER TABLE batches ADD COLUMN instance TEXT NOT NULL DEFAULT '';
