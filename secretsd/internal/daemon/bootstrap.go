package daemon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/envelope"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// rootUser is the operator that the first start makes.
const rootUser = "root"

// openKEK opens the key-encryption key and proves that it opens every team's data key. It makes a new one only where
// there is nothing yet that an older one could have encrypted.
func openKEK(ctx context.Context, s store.Store, path string) (*envelope.KEK, error) {
	var teams []secret.Team
	err := s.View(ctx, func(r store.Reader) (err error) {
		teams, err = r.Teams(ctx, "", 1)
		return err
	})
	if err != nil {
		return nil, err
	}
	kek, err := envelope.OpenKEK(path)
	if errors.Is(err, fs.ErrNotExist) && len(teams) == 0 {
		return envelope.CreateKEK(path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the database has teams, but the key-encryption key %s is missing: restore it from its backup", path)
	}
	if err != nil {
		return nil, err
	}
	return kek, checkDEKs(ctx, s, kek)
}

// checkDEKs opens every team's data key.
func checkDEKs(ctx context.Context, s store.Store, kek *envelope.KEK) error {
	const pageSize = 1000
	return s.View(ctx, func(r store.Reader) error {
		after := ""
		for {
			teams, err := r.Teams(ctx, after, pageSize)
			if err != nil {
				return err
			}
			for _, team := range teams {
				wrapped, err := r.WrappedDEK(ctx, team.ID)
				if err != nil {
					return err
				}
				if _, err := envelope.OpenDEK(ctx, kek, team.ID, wrapped); err != nil {
					return fmt.Errorf("the key-encryption key does not belong to this database: %w", err)
				}
				after = team.ID
			}
			if len(teams) < pageSize {
				return nil
			}
		}
	})
}

// ensureRoot makes the first operator, unless there is one, and writes its key to a file with mode 0600. It reports
// whether it did. The file comes first: a start that fails in between is made good by the next one.
func ensureRoot(ctx context.Context, s store.Store, path string, now time.Time) (bool, error) {
	var found bool
	err := s.View(ctx, func(r store.Reader) (err error) {
		_, found, err = r.User(ctx, rootUser)
		return err
	})
	if err != nil || found {
		return false, err
	}
	key, err := apikey.Generate()
	if err != nil {
		return false, err
	}
	if err := replaceFile(path, key.Reveal()+"\n"); err != nil {
		return false, fmt.Errorf("write the operator's first key: %w", err)
	}
	record := secret.APIKey{
		ID: key.ID(), Hash: key.Hash(), UserID: rootUser, Description: "made by the first start", CreateTime: now,
		Scopes: []identity.Scope{identity.ScopeRun, identity.ScopeManage, identity.ScopeRead}, Personal: true,
	}
	err = s.Change(ctx, func(w store.Writer) ([]audit.Entry, error) {
		e := []audit.Entry{{
			Time: now, UserID: rootUser, Action: "key.create", Resource: secret.KeyName("", key.ID()), Decision: audit.Allowed,
		}}
		if err := w.EnsureUser(ctx, secret.User{ID: rootUser, Operator: true, CreateTime: now}); err != nil {
			return e, err
		}
		return e, w.CreateAPIKey(ctx, record)
	})
	return err == nil, err
}

// replaceFile writes a file with mode 0600 so that it is there whole or as before.
func replaceFile(path, content string) error {
	next := path + ".new"
	f, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(next, path)
}
