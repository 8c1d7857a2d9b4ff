package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// appendEvents records events of a sandbox, and drops its oldest beyond sandbox.MaxEvents. An extension takes the place of the
// same user's right before it: a program that extends every minute would push out what matters.
func appendEvents(ctx context.Context, db runner, sb sandbox.Sandbox, events []sandbox.Event) error {
	for _, e := range events {
		if e.Kind == sandbox.EventExtended {
			_, err := db.ExecContext(ctx, `DELETE FROM sandbox_events WHERE kind = ?2 AND actor = ?3 AND seq =
				(SELECT max(seq) FROM sandbox_events WHERE sandbox_id = ?1)`, sb.ID, string(e.Kind), e.Actor)
			if err != nil {
				return fmt.Errorf("dropping the extension before: %w", err)
			}
		}
		_, err := db.ExecContext(ctx, `INSERT INTO sandbox_events (sandbox_id, team, time, kind, actor, detail) VALUES (?,?,?,?,?,?)`,
			sb.ID, sb.Team, e.Time.UnixNano(), string(e.Kind), e.Actor, e.Detail)
		if err != nil {
			return fmt.Errorf("recording event: %w", err)
		}
	}
	if len(events) == 0 {
		return nil
	}
	_, err := db.ExecContext(ctx, `DELETE FROM sandbox_events WHERE sandbox_id = ?1 AND seq <=
		(SELECT seq FROM sandbox_events WHERE sandbox_id = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)`, sb.ID, sandbox.MaxEvents)
	if err != nil {
		return fmt.Errorf("dropping old events: %w", err)
	}
	return nil
}

// Story is a sandbox with events of it.
type Story struct {
	Sandbox sandbox.Sandbox
	Events  []sandbox.Event
}

// AppendEvents records events of several sandboxes in one commit.
func (s *Store) AppendEvents(ctx context.Context, stories []Story) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		for _, story := range stories {
			if err := appendEvents(ctx, tx, story.Sandbox, story.Events); err != nil {
				return err
			}
		}
		return nil
	})
}

// Forget removes the record of a sandbox that could not be made, and keeps its events, with these last.
func (s *Store) Forget(ctx context.Context, sb sandbox.Sandbox, events ...sandbox.Event) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM sandboxes WHERE id = ?`, sb.ID); err != nil {
			return fmt.Errorf("deleting record: %w", err)
		}
		return appendEvents(ctx, tx, sb, events)
	})
}

// write runs f in a transaction, one at a time.
func (s *Store) write(ctx context.Context, f func(*sql.Tx) error) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("writing records: %w", err)
	}
	if err := f(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("writing records: %w", err)
	}
	return nil
}

// EventFilter says which events to list.
type EventFilter struct {
	Team string
	// SandboxID; empty means all sandboxes of the team, those that could not be made too.
	SandboxID string
	// After lists only events with a greater Sequence.
	After int64
	// Limit is the most to return, positive.
	Limit int
	// PageToken is what Events returned before; empty for the start.
	PageToken string
}

// Events returns events, the oldest first, and the token of the next page, empty on the last. The error for a token that
// Events did not make is InvalidArgument.
func (s *Store) Events(ctx context.Context, f EventFilter) (events []sandbox.Event, next string, _ error) {
	if f.PageToken != "" {
		last, err := parsePageToken(f.PageToken)
		if err != nil {
			return nil, "", err
		}
		f.After = max(f.After, last)
	}
	rows, err := s.db.QueryContext(ctx, `SELECT seq, sandbox_id, team, time, kind, actor, detail FROM sandbox_events
		WHERE team = ?1 AND (?2 = '' OR sandbox_id = ?2) AND seq > ?3 ORDER BY seq LIMIT ?4`, f.Team, f.SandboxID, f.After, f.Limit+1)
	if err != nil {
		return nil, "", fmt.Errorf("listing events: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var (
			e    sandbox.Event
			at   int64
			kind string
		)
		if err := rows.Scan(&e.Sequence, &e.SandboxID, &e.Team, &at, &kind, &e.Actor, &e.Detail); err != nil {
			return nil, "", fmt.Errorf("listing events: %w", err)
		}
		e.Time, e.Kind = time.Unix(0, at).UTC(), sandbox.EventKind(kind)
		events = append(events, e)
	}
	if err := rows.Err(); err != nil {
		return nil, "", fmt.Errorf("listing events: %w", err)
	}
	if len(events) > f.Limit {
		return events[:f.Limit], formatPageToken(events[f.Limit-1].Sequence), nil
	}
	return events, "", nil
}

// EventTeam returns the team of a sandbox that has events, whether it has a record or not; empty where there are none.
func (s *Store) EventTeam(ctx context.Context, id string) (team string, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT team FROM sandbox_events WHERE sandbox_id = ? LIMIT 1`, id).Scan(&team)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return team, err
}

// oldStories returns the ids, as a JSON array, of sandboxes without a record to which the last thing happened before t, and of those
// that a team has beyond the last perTeam, 0 for any number: creations that fail cost their caller nothing.
func (s *Store) oldStories(ctx context.Context, t time.Time, perTeam int) (ids string, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT json_group_array(sandbox_id) FROM (
		SELECT sandbox_id, max(time) AS last, row_number() OVER (PARTITION BY team ORDER BY max(seq) DESC) AS place
		FROM sandbox_events WHERE sandbox_id NOT IN (SELECT id FROM sandboxes) GROUP BY sandbox_id)
		WHERE last < ?1 OR ?2 > 0 AND place > ?2`, t.UnixNano(), perTeam).Scan(&ids)
	if err != nil {
		return "", fmt.Errorf("looking for old events: %w", err)
	}
	return ids, nil
}

// deleteStories removes the events of sandboxes, by JSON arrays of ids, that have no record.
func deleteStories(ctx context.Context, db runner, ids ...string) error {
	for _, array := range ids {
		_, err := db.ExecContext(ctx, `DELETE FROM sandbox_events WHERE sandbox_id IN (SELECT value FROM json_each(?))
			AND sandbox_id NOT IN (SELECT id FROM sandboxes)`, array)
		if err != nil {
			return fmt.Errorf("removing old events: %w", err)
		}
	}
	return nil
}
