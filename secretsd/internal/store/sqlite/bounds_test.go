package sqlite_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// boundsPage is the page that says what bounds each table.
const boundsPage = "../../../../docs/operations.md"

// TestEveryTableNamesItsBound: nothing is stored that grows without anybody having said until when. Whoever adds a table adds a
// row to the page, and what keeps the promise.
func TestEveryTableNamesItsBound(t *testing.T) {
	dir := t.TempDir()
	noError(t, open(t, dir).Close())
	db, err := sql.Open("sqlite", filepath.Join(dir, "secretsd.db"))
	noError(t, err)
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'`)
	noError(t, err)
	defer rows.Close()
	var tables []string
	for rows.Next() {
		var name string
		noError(t, rows.Scan(&name))
		tables = append(tables, name)
	}
	noError(t, rows.Err())

	page, err := os.ReadFile(boundsPage)
	noError(t, err)
	_, section, _ := strings.Cut(string(page), "\n## What grows, and what bounds it\n")
	var named []string
	for _, m := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| [^|]+ \\| [^| ][^|]+ \\|$").FindAllStringSubmatch(section, -1) {
		named = append(named, m[1])
	}
	slices.Sort(tables)
	slices.Sort(named)
	if d := cmp.Diff(tables, named); d != "" {
		t.Errorf("tables of the schema, and those that %s names a bound for (-schema +page):\n%s", boundsPage, d)
	}
}
