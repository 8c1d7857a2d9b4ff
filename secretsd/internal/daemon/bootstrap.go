package daemon

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/wholefile"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// rootUser is the operator that the first start makes.
const rootUser = "root"

// bootstrap makes the first operator on the first start, and signs the audit log, so that none is served that is not.
func (d *Daemon) bootstrap(ctx context.Context) error {
	first, err := ensureRoot(ctx, d.store, d.cfg.RootKeyFile(), now())
	if err != nil {
		return err
	}
	if first {
		d.logger.Info("made the first operator; its API key is in a file", zap.String("user", rootUser), zap.String("file", d.cfg.RootKeyFile()))
	}
	return d.checkpoint(ctx)
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
	if err := wholefile.Replace(path, []byte(key.Reveal()+"\n"), 0o600); err != nil {
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
