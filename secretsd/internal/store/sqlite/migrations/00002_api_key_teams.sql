-- +goose Up
-- Every team that a key acts in, its home team too. The operator's first key is not here.
CREATE TABLE api_key_teams (
    key_id      TEXT    NOT NULL REFERENCES api_keys (id),
    team        TEXT    NOT NULL REFERENCES teams (id),
    -- The key's own, which never change: repeated, so that a team's keys are listed from an index.
    user_id     TEXT    NOT NULL REFERENCES users (id),
    create_time INTEGER NOT NULL,
    PRIMARY KEY (key_id, team)
) STRICT, WITHOUT ROWID;
CREATE INDEX api_key_teams_by_team ON api_key_teams (team, create_time DESC, key_id DESC);
CREATE INDEX api_key_teams_by_user ON api_key_teams (team, user_id, create_time DESC, key_id DESC);

INSERT INTO api_key_teams (key_id, team, user_id, create_time)
    SELECT id, team, user_id, create_time FROM api_keys WHERE team IS NOT NULL;

-- What is left to be found by home team and user are the keys of a member who is removed.
DROP INDEX api_keys_by_team;
