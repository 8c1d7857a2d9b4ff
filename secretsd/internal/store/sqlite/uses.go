package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

// insertReceipts stores the receipts of entries, which are about to be appended. The statements are no changes to what a memo
// holds. The error is secret.ErrResolved for a sandbox of which there are receipts.
func (t *tx) insertReceipts(entries []audit.Entry) error {
	for i, e := range entries {
		if e.Receipt == nil || e.Receipt.Index != 0 {
			continue
		}
		size := e.Receipt.Count
		if size < 1 || i+size > len(entries) {
			return audit.Unavailable(fmt.Errorf("a batch of %d receipts has %d entries", size, len(entries)-i))
		}
		refs, err := encodeRefs(entries[i : i+size])
		if err != nil {
			return audit.Unavailable(err)
		}
		_, err = t.c.control(`INSERT INTO batches (id, refs, peer, instance, sandbox_id, team, user_id, api_key_id, request_id, time)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			t.next+int64(i), refs, e.Peer, e.Receipt.Instance, e.SandboxID, e.Team, e.UserID, e.APIKeyID, e.RequestID, nanos(e.Time))
		switch {
		case taken(err):
			return secret.ErrResolved(e.SandboxID)
		case err != nil:
			return audit.Unavailable(fmt.Errorf("insert the receipts of sandbox %s: %w", e.SandboxID, err))
		}
	}
	return nil
}

// encodeRefs writes the receipts of a batch as they are stored: see the migration.
func encodeRefs(entries []audit.Entry) (string, error) {
	refs := make([][4]any, len(entries))
	for i, e := range entries {
		if e.Receipt == nil || e.Receipt.Index != i {
			return "", fmt.Errorf("receipt %d of a batch is missing", i)
		}
		refs[i] = [4]any{e.Receipt.SecretUID, e.Receipt.Version, e.Receipt.Field, e.Receipt.EnvVar}
	}
	b, err := json.Marshal(refs)
	return string(b), err
}

// maxScan is how many batches are looked through for one page of a secret's uses.
var maxScan int64 = 20_000

// The values of the batches that may have one of a secret. A uid is random, so that a text that has it mostly means it. CROSS
// JOIN keeps SQLite from another order.
const (
	usesOf = ` b CROSS JOIN json_each(b.refs) r WHERE instr(b.refs, ?1) > 0 AND r.value ->> 0 = ?1`
	// runningUses looks at the batches of running sandboxes only, which are few beside all that ever were.
	runningUses = ` FROM batches b INDEXED BY batches_running CROSS JOIN json_each(b.refs) r
		WHERE b.end_time IS NULL AND instr(b.refs, ?1) > 0 AND r.value ->> 0 = ?1`
)

const useColumns = `b.id + r.key, r.value ->> 1, r.value ->> 2, r.value ->> 3, b.team, b.sandbox_id, b.user_id, b.api_key_id,
	b.peer, b.instance, b.request_id, b.time, b.end_time`

func scanUse(row scanner) (u secret.Use, err error) {
	var (
		at    int64
		ended sql.NullInt64
	)
	err = row.Scan(&u.Sequence, &u.Version, &u.Field, &u.EnvVar, &u.Team, &u.SandboxID, &u.UserID, &u.APIKeyID,
		&u.Workload.Peer, &u.Workload.Instance, &u.RequestID, &at, &ended)
	u.Time, u.EndTime = fromNanos(at), fromNullNanos(ended)
	return u, err
}

func (t *tx) Uses(ctx context.Context, s secret.Secret, f secret.UseFilter) (list []secret.Use, next int64, err error) {
	before := f.Before
	if before == 0 {
		before = math.MaxInt64
	}
	from, floor := runningUses, int64(0)
	if !f.RunningOnly {
		if floor, err = t.number(ctx, `SELECT coalesce(min(id), 0) FROM
			(SELECT id FROM batches WHERE id < ? ORDER BY id DESC LIMIT ?)`, before, maxScan); err != nil {
			return nil, 0, err
		}
		from = ` FROM (SELECT * FROM batches WHERE id >= ?5 AND id < ?2 ORDER BY id DESC)` + usesOf
	}
	list, err = all(ctx, t, scanUse, `SELECT `+useColumns+from+` AND b.id >= ?5
		AND b.id + r.key < ?2 AND (?3 = 0 OR r.value ->> 1 = ?3) ORDER BY b.id DESC, r.key DESC LIMIT ?4`,
		s.UID, before, f.Version, f.Limit+1, floor)
	switch {
	case err != nil:
		return nil, 0, err
	case len(list) > f.Limit:
		list = list[:f.Limit]
		next = list[f.Limit-1].Sequence
	case floor > 0:
		var below int64
		if below, err = t.number(ctx, `SELECT coalesce(max(id), 0) FROM batches WHERE id < ?`, floor); below > 0 {
			next = floor
		}
	}
	return list, next, err
}

func (t *tx) CountRunning(ctx context.Context, s secret.Secret, version int64) (int, error) {
	return count(ctx, t, `SELECT count(DISTINCT b.id)`+runningUses+` AND r.value ->> 1 = ?2`, s.UID, version)
}

func (t *tx) number(ctx context.Context, query string, args ...any) (int64, error) {
	n, _, err := one(ctx, t, func(row scanner) (n int64, err error) { return n, row.Scan(&n) }, query, args...)
	return n, err
}

// runningOf is true of the batches of a workload's running sandboxes, and of its SPIFFE ID's without an instance. What follows
// it may begin with another condition.
const runningOf = ` b.peer = ?1 AND b.instance IN (?2, '') AND b.end_time IS NULL`

func (t *tx) NewestRunning(ctx context.Context, of secret.Workload) (int64, error) {
	return t.number(ctx, `SELECT coalesce(max(b.id), 0) FROM batches b WHERE`+runningOf, of.Peer, of.Instance)
}

func (t *tx) Revoked(ctx context.Context, of secret.Workload, after int64) ([]secret.Revoked, error) {
	return all(ctx, t, func(row scanner) (r secret.Revoked, err error) {
		return r, row.Scan(&r.ID, &r.Name, &r.SandboxID)
	}, `SELECT v.id, v.name, b.sandbox_id
		FROM revocations v CROSS JOIN batches b INDEXED BY batches_running
		WHERE v.id > ?3 AND`+runningOf+` AND instr(b.refs, v.secret_uid) > 0
		  AND EXISTS (SELECT 1 FROM json_each(b.refs) r WHERE r.value ->> 0 = v.secret_uid AND r.value ->> 1 = v.version)
		ORDER BY v.id, b.id`, of.Peer, of.Instance, after)
}

func (t *tx) Revoke(ctx context.Context, r secret.Revocation) (int64, error) {
	res, err := t.c.exec(ctx, `INSERT OR REPLACE INTO revocations (secret_uid, version, name, time) VALUES (?, ?, ?, ?)`,
		r.SecretUID, r.Version, r.Name, nanos(r.Time))
	if err != nil {
		return 0, fmt.Errorf("insert revocation: %w", err)
	}
	return res.LastInsertId()
}

func (t *tx) LiftRevocation(ctx context.Context, s secret.Secret, version int64) error {
	if _, err := t.c.exec(ctx, `DELETE FROM revocations WHERE secret_uid = ? AND version = ?`, s.UID, version); err != nil {
		return fmt.Errorf("delete revocation: %w", err)
	}
	return nil
}

func scanSandbox(row scanner) (s secret.WorkloadSandbox, err error) {
	return s, row.Scan(&s.Team, &s.SandboxID)
}

func (t *tx) EndSandboxes(ctx context.Context, of secret.Workload, ids []string, at time.Time) ([]secret.WorkloadSandbox, error) {
	return t.updateBatches(ctx, `UPDATE batches AS b SET end_time = ?4 WHERE`+runningOf+`
		AND b.sandbox_id IN (SELECT value FROM json_each(?3)) RETURNING team, sandbox_id`, of, ids, nanos(at))
}

func (t *tx) EndOthers(
	ctx context.Context, of secret.Workload, asOf int64, running []string, at time.Time,
) ([]secret.WorkloadSandbox, error) {
	return t.updateBatches(ctx, `UPDATE batches AS b SET end_time = ?4 WHERE`+runningOf+` AND b.instance = ?2 AND b.id <= ?5
		AND b.sandbox_id NOT IN (SELECT value FROM json_each(?3)) RETURNING team, sandbox_id`, of, running, nanos(at), asOf)
}

func (t *tx) AdoptSandboxes(ctx context.Context, by secret.Workload, ids []string) ([]secret.WorkloadSandbox, error) {
	return t.updateBatches(ctx, `UPDATE batches AS b SET instance = ?2 WHERE`+runningOf+` AND b.instance <> ?2
		AND b.sandbox_id IN (SELECT value FROM json_each(?3)) RETURNING team, sandbox_id`, by, ids)
}

// updateBatches runs an update of receipts with a workload and ids of sandboxes as its first arguments, and returns the sandboxes
// that it concerned. The statements are no changes to what a memo holds.
func (t *tx) updateBatches(
	ctx context.Context, update string, of secret.Workload, ids []string, more ...any,
) ([]secret.WorkloadSandbox, error) {
	if ids == nil {
		ids = []string{} // null would be a list of one
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	return all(ctx, t, scanSandbox, update, append([]any{of.Peer, of.Instance, string(list)}, more...)...)
}
