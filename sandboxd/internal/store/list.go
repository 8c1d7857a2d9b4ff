package store

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// Filter says which sandboxes of a team to list.
type Filter struct {
	Team string
	// Tags that a sandbox must carry, all of them.
	Tags []string
	// States to list; empty means all.
	States []sandbox.State
	// Limit is the most to return, positive.
	Limit int
	// PageToken is what List returned before; empty for the start.
	PageToken string
}

// List returns sandboxes, the newest first, and the token of the next page, empty on the last. A page goes on where the
// one before ended, whatever was made or removed since. The error for a token that List did not make is InvalidArgument.
func (s *Store) List(ctx context.Context, f Filter) ([]sandbox.Sandbox, string, error) {
	before, err := parsePageToken(f.PageToken)
	if err != nil {
		return nil, "", err
	}
	tags, err := encodeNames(distinct(f.Tags))
	if err != nil {
		return nil, "", err
	}
	states, err := json.Marshal(f.States)
	if err != nil {
		return nil, "", err
	}
	active := ""
	if len(f.States) > 0 && !slices.ContainsFunc(f.States, sandbox.State.Ended) {
		active = "AND end_time IS NULL" // by an index of its own, however many have ended
	}
	rows, err := s.db.QueryContext(ctx, `
		SELECT `+columns+`, seq FROM sandboxes
		WHERE team = ?1 AND seq < ?2
		  `+active+`
		  AND (?3 = 0 OR state IN (SELECT value FROM json_each(?4)))
		  AND NOT EXISTS (
		    SELECT 1 FROM json_each(?5) AS wanted
		    WHERE wanted.value NOT IN (SELECT value FROM json_each(spec, '$.tags')))
		ORDER BY seq DESC LIMIT ?6`,
		f.Team, before, len(f.States), string(states), tags, f.Limit+1)
	if err != nil {
		return nil, "", fmt.Errorf("listing sandboxes: %w", err)
	}
	return scanPage(rows, f.Limit)
}

func scanPage(rows *sql.Rows, limit int) ([]sandbox.Sandbox, string, error) {
	defer func() { _ = rows.Close() }()
	var page []sandbox.Sandbox
	var last int64
	for rows.Next() {
		if len(page) == limit {
			return page, formatPageToken(last), rows.Err()
		}
		sb, err := scan(withSeq{rows, &last})
		if err != nil {
			return nil, "", err
		}
		page = append(page, sb)
	}
	if err := rows.Err(); err != nil {
		return nil, "", fmt.Errorf("listing sandboxes: %w", err)
	}
	return page, "", nil
}

// withSeq scans a row that has the column seq behind a sandbox's.
type withSeq struct {
	rows *sql.Rows
	seq  *int64
}

func (w withSeq) Scan(dest ...any) error { return w.rows.Scan(append(dest, w.seq)...) }

func distinct(tags []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(tags)))
}

// A page token is the seq of the last sandbox on the page, in decimal, in base64url.
func formatPageToken(seq int64) string {
	return base64.RawURLEncoding.EncodeToString(strconv.AppendInt(nil, seq, 10))
}

func parsePageToken(token string) (int64, error) {
	if token == "" {
		return 1<<63 - 1, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err == nil {
		var seq int64
		if seq, err = strconv.ParseInt(string(b), 10, 64); err == nil && seq > 0 {
			return seq, nil
		}
	}
	return 0, errdefs.InvalidField("page_token", "is none that an earlier answer returned")
}

// PruneEnded removes the records of sandboxes that ended before t, and of those that a team has beyond the last perTeam that ended, 0
// for any number, and returns their ids. Their events go too, and those of creations that failed before t or beyond the last perTeam.
func (s *Store) PruneEnded(ctx context.Context, t time.Time, perTeam int) (ids []string, _ error) {
	old, err := s.oldRecords(ctx, t, perTeam)
	if err != nil {
		return nil, err
	}
	stories, err := s.oldStories(ctx, t, perTeam)
	if err != nil || old == "[]" && stories == "[]" {
		return nil, err
	}
	err = s.write(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `DELETE FROM sandboxes WHERE seq IN (SELECT value FROM json_each(?)) RETURNING id`, old)
		if err != nil {
			return fmt.Errorf("removing old records: %w", err)
		}
		if ids, err = scanIDs(rows); err != nil {
			return err
		}
		removed, err := encodeNames(ids)
		if err != nil {
			return err
		}
		return deleteStories(ctx, tx, removed, stories)
	})
	return ids, err
}

// oldRecords returns the records that PruneEnded is to remove, a JSON array of their seq. Looking for them keeps no writer waiting,
// and reads two indexes only.
func (s *Store) oldRecords(ctx context.Context, t time.Time, perTeam int) (seqs string, err error) {
	err = s.db.QueryRowContext(ctx, `
		WITH newest AS MATERIALIZED ( -- of each team, the newest record that it has too many
		  SELECT teams.team, (
		    SELECT seq FROM sandboxes AS s WHERE s.team = teams.team AND end_time IS NOT NULL
		    ORDER BY end_time DESC, seq DESC LIMIT 1 OFFSET ?2) AS seq
		  FROM (SELECT DISTINCT team FROM sandboxes WHERE ?2 > 0) AS teams)
		SELECT json_group_array(seq) FROM (
		  SELECT seq FROM sandboxes WHERE end_time < ?1
		  UNION
		  SELECT old.seq FROM newest CROSS JOIN sandboxes AS first ON first.seq = newest.seq
		  CROSS JOIN sandboxes AS old ON old.team = newest.team AND old.end_time IS NOT NULL
		   AND (old.end_time, old.seq) <= (first.end_time, first.seq))`, t.UnixNano(), perTeam).Scan(&seqs)
	if err != nil {
		return "", fmt.Errorf("looking for old records: %w", err)
	}
	return seqs, nil
}

func scanIDs(rows *sql.Rows) (ids []string, err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return ids, fmt.Errorf("removing old records: %w", err)
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// IDs returns the ids of all recorded sandboxes.
func (s *Store) IDs(ctx context.Context) ([]string, error) {
	var text string
	if err := s.db.QueryRowContext(ctx, `SELECT json_group_array(id) FROM sandboxes`).Scan(&text); err != nil {
		return nil, fmt.Errorf("listing sandbox ids: %w", err)
	}
	var ids []string
	if err := json.Unmarshal([]byte(text), &ids); err != nil {
		return nil, fmt.Errorf("listing sandbox ids: %w", err)
	}
	return ids, nil
}
