package sqlite_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
	"github.com/casemate/casemate/secretsd/internal/store/storetest"
)

// makeSecret stores a secret with one version, with both entries.
func makeSecret(ctx context.Context, s store.Store, name string) error {
	return s.Change(ctx, func(w store.Writer) ([]audit.Entry, error) {
		now := time.Now()
		sec := secret.Secret{UID: "uid-" + name, Team: "ml", Name: name, CreateTime: now, UpdateTime: now, Revision: 1, LatestVersion: 1}
		if err := w.CreateSecret(ctx, sec); err != nil {
			return nil, err
		}
		v := secret.Version{Number: 1, State: secret.Enabled, CreateTime: now, Creator: "ada", Size: 1}
		if err := w.CreateVersion(ctx, sec, v, make([]byte, 3000)); err != nil { // some pages a commit
			return nil, err
		}
		e := audit.Entry{Time: now, Team: "ml", UserID: "ada", Action: "secret.create", Resource: secret.FullName("ml", name), Decision: audit.Allowed}
		return []audit.Entry{e}, w.UpdateSecret(ctx, sec)
	})
}

func makeTeam(t *testing.T, s store.Store) {
	t.Helper()
	ctx := t.Context()
	noError(t, s.Change(ctx, func(w store.Writer) ([]audit.Entry, error) {
		noError(t, w.CreateTeam(ctx, secret.Team{ID: "ml", CreateTime: time.Now()}, secret.WrappedDEK{KEKID: "k", Ciphertext: []byte{1}}))
		noError(t, w.EnsureUser(ctx, secret.User{ID: "ada", CreateTime: time.Now()}))
		noError(t, w.CreateMember(ctx, secret.Member{Team: "ml", UserID: "ada", Role: identity.RoleAdmin, CreateTime: time.Now()}))
		return []audit.Entry{{Time: time.Now(), Team: "ml", UserID: "ada", Action: "team.create", Resource: "teams/ml", Decision: audit.Allowed}}, nil
	}))
}

// TestTornWrites cuts the write-ahead log off at every kind of place, with nothing, with zeros, with garbage or with a
// damaged byte behind, as a disk may leave what was being written when the power went. Every commit before that place must
// be whole, every one after it absent, and the log in agreement.
func TestTornWrites(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	s := open(t, dir)
	makeTeam(t, s)
	wal := filepath.Join(dir, "secretsd.db-wal")
	// ends is where the log ended when a secret's making was answered.
	var ends []int
	for i := range 20 {
		noError(t, makeSecret(ctx, s, fmt.Sprintf("S%02d", i)))
		info, err := os.Stat(wal)
		noError(t, err)
		ends = append(ends, int(info.Size()))
	}
	db, err := os.ReadFile(filepath.Join(dir, "secretsd.db"))
	noError(t, err)
	full, err := os.ReadFile(wal)
	noError(t, err)
	noError(t, s.Close())
	if ends[0] < 10_000 || ends[19] <= ends[0] || len(full) != ends[19] {
		t.Fatalf("the write-ahead log ends at %d bytes, and it is meant to hold all of %v", len(full), ends)
	}

	rnd := rand.New(rand.NewPCG(1, 2))
	var cuts []int
	for i := 1; i < len(ends); i++ { // just before, at and behind each answer, and anywhere between
		cuts = append(cuts, ends[i]-1, ends[i], min(ends[i]+1, len(full)), ends[i-1]+rnd.IntN(ends[i]-ends[i-1]))
	}
	for i, cut := range cuts {
		torn := append([]byte(nil), full[:cut]...)
		switch i % 4 {
		case 1:
			torn = append(torn, make([]byte, len(full)-cut)...)
		case 2:
			for range len(full) - cut {
				torn = append(torn, byte(rnd.Uint32()))
			}
		case 3:
			if cut < len(full) {
				torn = append(torn, full[cut:]...)
				torn[cut] ^= 0x40
			}
		}
		where := fmt.Sprintf("cut at %d of %d bytes, in way %d", cut, len(full), i%4)
		copied := t.TempDir()
		noError(t, os.WriteFile(filepath.Join(copied, "secretsd.db"), db, 0o600))
		noError(t, os.WriteFile(filepath.Join(copied, "secretsd.db-wal"), torn, 0o600))
		checkTorn(t, copied, where, cut, ends)
	}
}

func checkTorn(t *testing.T, dir, where string, cut int, ends []int) {
	t.Helper()
	ctx := t.Context()
	s := open(t, dir)
	defer func() { noError(t, s.Close()) }()
	found, err := storetest.Disagreements(ctx, s)
	noError(t, err)
	for _, f := range found {
		t.Errorf("%s: %s", where, f)
	}
	var stored []secret.Secret
	noError(t, s.View(ctx, func(r store.Reader) (err error) {
		stored, err = r.Secrets(ctx, "ml", "", 100)
		return err
	}))
	want := 0
	for _, end := range ends {
		if end <= cut {
			want++
		}
	}
	if len(stored) != want {
		t.Errorf("%s: %d secrets, want the %d that were answered by then", where, len(stored), want)
	}
	noError(t, makeSecret(ctx, s, "AFTER"))
}

// TestDisagreementsAreFound changes rows behind the log's back.
func TestDisagreementsAreFound(t *testing.T) {
	for name, test := range map[string]struct{ query, want string }{
		"untouched":       {`SELECT 1`, ""},
		"a secret less":   {`DELETE FROM secrets WHERE name = 'A'`, "teams/ml/secrets/A is in the log, and is not there"},
		"a secret more":   {`UPDATE secrets SET name = 'C' WHERE name = 'A'`, "teams/ml/secrets/C is PRESENT, and no entry says so"},
		"another version": {`INSERT INTO versions (secret_uid, number, state, create_time, destroy_time, creator, size, ciphertext) SELECT secret_uid, 2, state, create_time, destroy_time, creator, size, ciphertext FROM versions WHERE secret_uid = 'uid-A'`, "teams/ml/secrets/A/versions/2 is ENABLED, and no entry says so"},
		"a member more":   {`INSERT INTO members (team, user_id, role, create_time) SELECT team, 'eve', role, create_time FROM members`, "teams/ml/members/eve is PRESENT, and no entry says so"},
		"a deletion":      {`UPDATE secrets SET delete_time = 1, purge_time = 2 WHERE name = 'A'`, "teams/ml/secrets/A is DELETED, and by the log it is PRESENT"},
		"a destruction":   {`UPDATE versions SET state = 'DISABLED', scheduled_destroy_time = 1 WHERE secret_uid = 'uid-A'`, "teams/ml/secrets/A/versions/1 is DISABLED until it is destroyed, and by the log it is ENABLED or "},
		"a trust more":    {`INSERT INTO oidc_trusts (team, id, issuer, audience, subject, claims, user_id, scopes, max_ttl, reusable, personal, description, create_time) VALUES ('ml', 'ci', '', '', '', '{}', 'eve', 'run', 60, 0, 1, '', 0)`, "teams/ml/oidcTrusts/ci is PRESENT, and no entry says so"},
		"a grant more":    {`INSERT INTO secret_grants (id, secret_uid, user_id, actions, conditions, creator, create_time) VALUES ('user-eve', 'uid-A', 'eve', 'use', '', 'eve', 0)`, "teams/ml/secrets/A/grants/user-eve is PRESENT, and no entry says so"},
		"a team less":     {`DELETE FROM secrets; DELETE FROM members; UPDATE teams SET delete_time = 1`, "teams/ml is in the log, and is not there"},
		"an entry less":   {`DROP TRIGGER audit_no_delete; DELETE FROM audit WHERE sequence = 2`, "entry 2 is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir)
			makeTeam(t, s)
			noError(t, makeSecret(t.Context(), s, "A"))
			noError(t, makeSecret(t.Context(), s, "B"))
			noError(t, s.Close())
			edit(t, dir, []string{`PRAGMA foreign_keys = OFF`, `INSERT OR IGNORE INTO users (id, operator, create_time) VALUES ('eve', 0, 0)`, test.query})
			s = open(t, dir)
			defer func() { noError(t, s.Close()) }()
			found, err := storetest.Disagreements(t.Context(), s)
			noError(t, err)
			if got := strings.Join(found, "; "); !strings.Contains(got, test.want) || (got == "") != (test.want == "") {
				t.Errorf("found %q, want %q", got, test.want)
			}
		})
	}
}
