package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// BootID returns the id of the machine's start that SetBootID noted last; "" when none ever was.
func (s *Store) BootID(ctx context.Context) (string, error) {
	var id string
	err := s.db.QueryRowContext(ctx, `SELECT boot_id FROM host`).Scan(&id)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("reading which start of the machine the records are from: %w", err)
	}
	return id, nil
}

// SetBootID notes the start of the machine that the records agree with from now on.
func (s *Store) SetBootID(ctx context.Context, id string) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	_, err := s.db.ExecContext(ctx, `INSERT INTO host (one, boot_id) VALUES (1, ?1) ON CONFLICT (one) DO UPDATE SET boot_id = ?1`, id)
	if err != nil {
		return fmt.Errorf("noting which start of the machine the records are from: %w", err)
	}
	return nil
}
