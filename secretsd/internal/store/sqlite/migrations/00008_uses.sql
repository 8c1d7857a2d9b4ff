-- +goose Up
-- The receipts: what was released for which sandbox, one row for each batch. They are written while a caller waits, so a batch
-- is one row at the end of the table, whatever it holds, and no index leads from a secret to its rows.
CREATE TABLE batches (
    -- The sequence of the batch's first audit entry. Not a reference: old entries may leave the log, receipts stay.
    id         INTEGER NOT NULL PRIMARY KEY CHECK (id > 0),
    -- The values, in the order of their audit entries, which follow one another from id on, as JSON:
    --   [["<uid of the secret>", <version>, "<field>", "<environment variable>"], ...]
    refs       TEXT    NOT NULL,
    -- SPIFFE ID of the workload that got them.
    peer       TEXT    NOT NULL,
    sandbox_id TEXT    NOT NULL,
    team       TEXT    NOT NULL,
    user_id    TEXT    NOT NULL,
    api_key_id TEXT    NOT NULL,
    request_id TEXT    NOT NULL,
    time       INTEGER NOT NULL,
    -- When the workload told that the sandbox had ended.
    end_time   INTEGER,
    -- A sandbox is resolved once.
    UNIQUE (peer, sandbox_id)
) STRICT;
CREATE INDEX batches_running ON batches (peer, id) WHERE end_time IS NULL;

CREATE TABLE revocations (
    -- Never given twice, so that a watcher that has seen one knows all before it.
    id         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    -- Not a reference: to delete the secret must not let those off who hold it.
    secret_uid TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    name       TEXT    NOT NULL,
    time       INTEGER NOT NULL,
    UNIQUE (secret_uid, version)
) STRICT;
