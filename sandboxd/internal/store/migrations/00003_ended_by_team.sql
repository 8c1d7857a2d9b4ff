-- +goose Up
-- Which ended sandboxes a team has, the last one first: those beyond the number that is kept are found without sorting.
CREATE INDEX sandboxes_by_team_end ON sandboxes (team, end_time DESC, seq DESC) WHERE end_time IS NOT NULL;
