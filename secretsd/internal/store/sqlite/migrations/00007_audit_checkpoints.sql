-- +goose Up
-- Signed heads of the audit log (pkg/auditlog has their form).
CREATE TABLE audit_checkpoints (
    sequence  INTEGER NOT NULL PRIMARY KEY CHECK (sequence > 0),
    time      INTEGER NOT NULL,
    head_hash BLOB    NOT NULL CHECK (length(head_hash) = 32),
    prev_hash BLOB    NOT NULL CHECK (length(prev_hash) = 32),
    key_id    TEXT    NOT NULL,
    signature BLOB    NOT NULL CHECK (length(signature) = 64)
) STRICT;

-- One row: the checkpoint that the log begins after; 0 while nothing was removed. To move it is the one way in which
-- entries are removed, and it removes them: whole segments, up to a checkpoint that stays.
CREATE TABLE audit_start (
    one      INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    sequence INTEGER NOT NULL
) STRICT;
INSERT INTO audit_start (one, sequence) VALUES (1, 0);

-- No trigger looks at inserts into audit: it would cost every entry more than its hash does.
DROP TRIGGER audit_no_delete;
-- +goose StatementBegin
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
WHEN OLD.sequence > (SELECT sequence FROM audit_start) BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_checkpoints_no_update BEFORE UPDATE ON audit_checkpoints BEGIN
    SELECT RAISE(ABORT, 'checkpoints of the audit log stay');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_checkpoints_no_delete BEFORE DELETE ON audit_checkpoints
WHEN OLD.sequence >= (SELECT sequence FROM audit_start) BEGIN
    SELECT RAISE(ABORT, 'checkpoints of the audit log stay');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_checkpoints_no_old_insert BEFORE INSERT ON audit_checkpoints
WHEN EXISTS (SELECT 1 FROM audit_checkpoints WHERE sequence >= NEW.sequence) BEGIN
    SELECT RAISE(ABORT, 'checkpoints of the audit log stay');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_start_no_insert BEFORE INSERT ON audit_start BEGIN
    SELECT RAISE(ABORT, 'the start of the audit log stays');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_start_no_delete BEFORE DELETE ON audit_start BEGIN
    SELECT RAISE(ABORT, 'the start of the audit log stays');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_start_moves_to_checkpoints BEFORE UPDATE ON audit_start
WHEN NEW.sequence <= OLD.sequence
    OR NOT EXISTS (SELECT 1 FROM audit_checkpoints WHERE sequence = NEW.sequence)
    -- The newest entry is what the next one links to.
    OR NOT EXISTS (SELECT 1 FROM audit WHERE sequence > NEW.sequence) BEGIN
    SELECT RAISE(ABORT, 'the audit log is removed up to a checkpoint, and never all of it');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_start_removes AFTER UPDATE ON audit_start BEGIN
    DELETE FROM audit WHERE sequence <= NEW.sequence;
    DELETE FROM audit_checkpoints WHERE sequence < NEW.sequence;
END;
-- +goose StatementEnd
