-- +goose Up
-- Which instance of the workload got the values, so that none speaks for another's sandboxes; '' where the workload did not say.
ALTER TABLE batches ADD COLUMN instance TEXT NOT NULL DEFAULT '';

-- Keys by when they ended, for those that nobody asks about any more to be deleted; and by whose they are, for users.
CREATE INDEX api_keys_ended ON api_keys (coalesce(min(revoke_time, expire_time), revoke_time, expire_time))
    WHERE revoke_time IS NOT NULL OR expire_time IS NOT NULL;
CREATE INDEX api_keys_by_holder ON api_keys (user_id);
CREATE INDEX api_key_teams_by_holder ON api_key_teams (user_id);
