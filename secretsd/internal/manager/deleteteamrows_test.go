package manager_test

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// rowsOfTeam has every table: a query for the rows that have to do with team ml and matter, and whether they stay when it is
// deleted.
var rowsOfTeam = map[string]struct {
	query string
	stay  bool
}{
	"teams":         {`SELECT count(*) FROM teams WHERE id = 'ml' AND delete_time IS NULL AND kek_id <> '' AND length(wrapped_dek) > 0`, false},
	"members":       {`SELECT count(*) FROM members WHERE team = 'ml'`, false},
	"api_keys":      {`SELECT count(*) FROM api_keys WHERE team = 'ml' AND revoke_time IS NULL`, false},
	"api_key_teams": {`SELECT count(*) FROM api_key_teams WHERE team = 'ml'`, false},
	"secrets":       {`SELECT count(*) FROM secrets WHERE team = 'ml'`, false},
	"versions":      {`SELECT count(*) FROM versions`, false},      // no other team has any
	"secret_grants": {`SELECT count(*) FROM secret_grants`, false}, // as above
	"oidc_trusts":   {`SELECT count(*) FROM oidc_trusts WHERE team = 'ml'`, false},
	"requests":      {`SELECT count(*) FROM requests WHERE team = 'ml'`, false},

	// Who there is, and what has happened.
	"users":       {`SELECT count(*) FROM users WHERE id = 'bob'`, true},
	"oidc_tokens": {`SELECT count(*) FROM oidc_tokens`, true}, // hashes; they are forgotten when the tokens expire
	"audit":       {`SELECT count(*) FROM audit WHERE team = 'ml' AND action <> 'team.delete'`, true},
	"batches":     {`SELECT count(*) FROM batches WHERE team = 'ml'`, true},
	"revocations": {`SELECT count(*) FROM revocations WHERE name LIKE 'teams/ml/%'`, true},

	// About no team.
	"audit_checkpoints": {`SELECT count(*) FROM audit_checkpoints`, true},
	"audit_start":       {`SELECT count(*) FROM audit_start`, true},
}

// TestDeletedTeamLeavesNothing makes a team with one of everything, deletes it, and looks into every table of the database.
func TestDeletedTeamLeavesNothing(t *testing.T) {
	f, issuer := withIssuer(t) // with a trust
	ctx := t.Context()
	home := f.key("bob", "ml", time.Time{})
	rotated, err := f.RotateAPIKey(ctx, f.ada, "ml", home.ID(), time.Hour)
	must(t, err)
	_, exchanged, err := f.exchange(issuer.Token(issuer.GitHub(audience, "octo-org/app", mainRef, nil)))
	must(t, err)
	f.change(func(w store.Writer) error {
		must(t, w.CreateTeam(ctx, secret.Team{ID: "ops", CreateTime: f.now}, secret.WrappedDEK{KEKID: "k", Ciphertext: []byte("sealed")}))
		return w.CreateAPIKey(ctx, secret.APIKey{
			ID: "wide", UserID: "bob", Team: "ops", OtherTeams: []string{"ml"}, Scopes: []identity.Scope{identity.ScopeRun}, CreateTime: f.now,
		})
	})
	_, _, err = f.CreateSecret(ctx, f.ada, manager.NewSecret{Team: "ml", Name: "A", Value: text("one"), RequestID: "r1"})
	must(t, err)
	must(t, second(f.CreateGrant(ctx, f.ada, "ml", "A", secret.Grant{UserID: "bob", Rights: []secret.Right{secret.RightUse}})))
	must(t, second(f.BatchAccess(ctx, f.ada, manager.Batch{Team: "ml", Refs: refs("A"), SandboxID: "sb"})))
	must(t, third(f.RevokeSecretVersion(ctx, f.ada, secret.Ref{Team: "ml", Name: "A", Version: 1})))
	must(t, second(f.DeleteSecret(ctx, f.ada, manager.SecretDelete{Team: "ml", Name: "A"}))) // which can be undeleted, but for the team's end

	before := f.rowsOfTeam()
	for table, n := range before {
		if n == 0 {
			t.Errorf("the test has no row of %s, so that it says nothing of it", table)
		}
	}
	must(t, second(f.DeleteTeam(ctx, f.ada, "ml", "")))
	for table, n := range f.rowsOfTeam() {
		want := 0
		if rowsOfTeam[table].stay {
			want = before[table]
		}
		if table != "audit" && n != want || n < want {
			t.Errorf("%s has %d rows, want %d", table, n, want)
		}
	}
	f.dead(home)
	f.dead(rotated.Key)
	f.dead(exchanged)
	again := issuer.Token(issuer.GitHub(audience, "octo-org/app", mainRef, nil))
	wantReason(t, third(f.exchange(again)), errdefs.Unauthenticated, "OIDC_TOKEN_REFUSED")
}

// rowsOfTeam counts what rowsOfTeam asks for. A table that it does not have fails the test.
func (f *fixture) rowsOfTeam() map[string]int {
	f.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(f.dir, "secretsd.db"))
	must(f.t, err)
	defer db.Close()
	tables, err := db.QueryContext(f.t.Context(), `SELECT name FROM sqlite_schema WHERE type = 'table'
		AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose_%'`)
	must(f.t, err)
	defer tables.Close()
	counts := map[string]int{}
	for tables.Next() {
		var table string
		must(f.t, tables.Scan(&table))
		rows, known := rowsOfTeam[table]
		if !known {
			f.t.Errorf("table %s: say in rowsOfTeam what becomes of a team's rows", table)
			continue
		}
		var n int
		must(f.t, db.QueryRowContext(f.t.Context(), rows.query).Scan(&n))
		counts[table] = n
	}
	must(f.t, tables.Err())
	if len(counts) != len(rowsOfTeam) {
		f.t.Errorf("%d of %d tables are there", len(counts), len(rowsOfTeam))
	}
	return counts
}
