package footprint

import (
	"context"
	"database/sql"
	"os"
	"testing"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/casemate/casemate/sandboxd/internal/config"
)

// perSandbox shows the rows of single sandboxes, table by table.
var perSandbox = []string{
	`SELECT 'sandboxes ' || id || ' ' || state FROM sandboxes`,
	`SELECT 'requests ' || sandbox_id || ' ' || request_id FROM requests`,
	// Those of a sandbox that could not be made are to stay for a while.
	`SELECT DISTINCT 'sandbox_events ' || sandbox_id FROM sandbox_events WHERE sandbox_id IN (SELECT id FROM sandboxes)`,
}

// records are read beside a sandboxd that runs; SQLite lets that be.
func records(t testing.TB, cfg config.Config) (found []string) {
	t.Helper()
	ctx, file := context.WithoutCancel(t.Context()), cfg.DatabaseFile() // it is asked in clean-ups too
	if _, err := os.Stat(file); os.IsNotExist(err) {
		return nil
	}
	db, err := sql.Open("sqlite", "file:"+file+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, query := range perSandbox {
		rows, err := db.QueryContext(ctx, query)
		if err != nil {
			t.Fatalf("reading records: %v", err)
		}
		for rows.Next() {
			var row string
			if err := rows.Scan(&row); err != nil {
				t.Fatalf("reading records: %v", err)
			}
			found = append(found, row)
		}
		if err := rows.Err(); err != nil {
			t.Fatalf("reading records: %v", err)
		}
		_ = rows.Close()
	}
	return found
}
