// Package manager is the choke point of secretsd: whatever reaches data passes here, and every method takes the Caller
// first, decides, reads or changes, audits, and answers. Nothing else opens a sealed value.
//
// A denial is audited before it is answered; a change commits together with its audit entry; a value leaves after its
// entry is durable. When the entry can't be written, the call fails with UNAVAILABLE (reason AUDIT_UNAVAILABLE).
package manager

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/authz"
	"github.com/casemate/casemate/secretsd/internal/envelope"
	"github.com/casemate/casemate/secretsd/internal/notary"
	"github.com/casemate/casemate/secretsd/internal/oidc"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// Config is what a Manager works with. Every field is required, but where it says otherwise.
type Config struct {
	// Store has all that is kept.
	Store store.Store
	// Keys open and seal values.
	Keys *envelope.KeyRing
	// Notary signs and verifies the audit log.
	Notary *notary.Notary
	// Feed tells when the audit log has grown.
	Feed *audit.Feed
	// Tokens verifies OIDC tokens. Nil: no issuer is allowed.
	Tokens *oidc.Verifier
	// Admit counts the exchange of a token as a call of the user and the team that it turned out to stand for; its error is
	// the call's. Nil: any number.
	Admit func(c identity.Caller, team string) error
	// Resolvers are the SPIFFE IDs of the workloads that may resolve references for sandboxes; none: nobody may.
	Resolvers []string
	// Retention is how long a deleted secret can be brought back; 0 erases it at once.
	Retention time.Duration
	// KeyRetention is how long the records of ended keys are kept; 0: for ever.
	KeyRetention time.Duration
	// ReceiptRetention is how long receipts are kept after their sandbox has ended, and their audit entries at the least; 0: for
	// ever.
	ReceiptRetention time.Duration
	// Now tells the time.
	Now func() time.Time
	// RequestID tells the id of the call that a context belongs to, for the audit log.
	RequestID func(context.Context) string
}

// Manager does what the API offers. It is safe for concurrent use.
type Manager struct {
	Config
	log *audit.Log

	// rotations of keys that are under way.
	rotations *rotations
	// uses and attempts are gathered in memory, for FlushKeyUses and FlushAttempts.
	uses     keyUses
	attempts attempts
	// changes wakes those who watch revocations; revoking lets one revocation be announced after the other.
	changes  *changes
	revoking sync.Mutex
	// watching are the workloads that do.
	watching watching
}

// New returns a Manager.
func New(cfg Config) *Manager {
	return &Manager{Config: cfg, log: audit.NewLog(cfg.Store), rotations: newRotations(), changes: newChanges()}
}

// operation is one thing that the API does: its name in the audit log, and the right that it needs.
type operation struct {
	name  string
	right authz.Action
}

var (
	secretCreate = operation{"secret.create", authz.SecretManage}
	secretGet    = operation{"secret.get", authz.SecretList}
	secretList   = operation{"secret.list", authz.SecretList}
	secretUpdate = operation{"secret.update", authz.SecretManage}
	secretDelete = operation{"secret.delete", authz.SecretManage}

	versionAdd     = operation{"version.add", authz.VersionAdd}
	versionGet     = operation{"version.get", authz.SecretList}
	versionList    = operation{"version.list", authz.SecretList}
	versionEnable  = operation{"version.enable", authz.SecretManage}
	versionDisable = operation{"version.disable", authz.SecretManage}
	versionDestroy = operation{"version.destroy", authz.SecretManage}
	versionAccess  = operation{"version.access", authz.VersionAccess}
	versionUse     = operation{"version.use", authz.VersionUse}

	secretRestrict = operation{"secret.restrict", authz.SecretManage}
	secretOpen     = operation{"secret.open", authz.SecretManage}
	secretInject   = operation{"secret.inject", authz.SecretManage}

	grantCreate = operation{"grant.create", authz.SecretManage}
	grantDelete = operation{"grant.delete", authz.SecretManage}
	grantList   = operation{"grant.list", authz.GrantList}

	teamCreate = operation{"team.create", authz.TeamCreate}
	teamGet    = operation{"team.get", authz.TeamGet}
	teamUpdate = operation{"team.update", authz.TeamUpdate}

	memberCreate = operation{"member.create", authz.MemberManage}
	memberList   = operation{"member.list", authz.TeamGet}
	memberUpdate = operation{"member.update", authz.MemberManage}
	memberDelete = operation{"member.delete", authz.MemberManage}

	keyCreate         = operation{"key.create", authz.KeyCreate}
	keyCreateForOther = operation{"key.create", authz.MemberManage}
	keyList           = operation{"key.list", authz.KeyCreate}
	keyRevoke         = operation{"key.revoke", authz.KeyCreate}
	keyRevokeOfOther  = operation{"key.revoke", authz.MemberManage}

	auditRead    = operation{"audit.read", authz.AuditRead}
	auditReadAll = operation{"audit.read", authz.AuditReadAll}
	auditVerify  = operation{"audit.verify", authz.AuditVerify}
	auditTail    = operation{"audit.tail", authz.AuditRead}
	auditTailAll = operation{"audit.tail", authz.AuditReadAll}
	auditExport  = operation{"audit.export", authz.AuditReadAll}
)

// allow decides on an operation on a team, and audits a denial. One on a secret is decided by viewSecret and changeSecret.
func (m *Manager) allow(ctx context.Context, c identity.Caller, op operation, team, resource string) error {
	if err := authz.Decide(c, op.right, authz.Target{Team: team}).Err(); err != nil {
		return m.deny(ctx, m.entry(ctx, c, op, team, resource), err)
	}
	return nil
}

// deny audits that a call was refused, with the reason of err, and returns err.
func (m *Manager) deny(ctx context.Context, e audit.Entry, err error) error {
	if aerr := m.log.Append(ctx, refused(e, err)); aerr != nil {
		return aerr
	}
	return err
}

// entry is the audit entry of an operation that is allowed.
func (m *Manager) entry(ctx context.Context, c identity.Caller, op operation, team, resource string) audit.Entry {
	return audit.Entry{
		Time: m.Now(), Team: team, UserID: c.UserID, APIKeyID: c.APIKeyID, Peer: c.Peer,
		Action: op.name, Resource: resource, Decision: audit.Allowed, RequestID: m.RequestID(ctx),
	}
}

// refused turns an entry into that of a refusal.
func refused(e audit.Entry, err error) audit.Entry {
	e.Decision, e.Reason = audit.Denied, errdefs.ReasonOf(err)
	if e.Reason == "" {
		e.Reason = "INTERNAL"
	}
	return e
}

// change runs fn in a transaction that commits together with the audit entry. The resource that fn returns is what the
// entry names.
func (m *Manager) change(
	ctx context.Context, c identity.Caller, op operation, team string, fn func(store.Writer) (resource string, err error),
) error {
	return m.changeTeams(ctx, op, func(w store.Writer) ([]audit.Entry, error) {
		resource, err := fn(w)
		return []audit.Entry{m.entry(ctx, c, op, team, resource)}, err
	})
}

// changeTeams is change for what concerns several teams: fn returns the entries.
func (m *Manager) changeTeams(ctx context.Context, op operation, fn func(store.Writer) ([]audit.Entry, error)) error {
	if err := m.Store.Change(ctx, fn); err != nil {
		return fmt.Errorf("%s: %w", op.name, err)
	}
	if changesCallers[op.name] {
		m.changes.callersChanged()
	}
	return nil
}

// view runs fn on a snapshot.
func (m *Manager) view(ctx context.Context, op operation, fn func(store.Reader) error) error {
	if err := m.Store.View(ctx, fn); err != nil {
		return fmt.Errorf("%s: %w", op.name, err)
	}
	return nil
}

// openDEK opens a team's data key.
func (m *Manager) openDEK(ctx context.Context, r store.Reader, team string) (*envelope.DEK, error) {
	wrapped, err := r.WrappedDEK(ctx, team)
	if err != nil {
		return nil, err
	}
	return m.Keys.Open(team, wrapped)
}

// page reads at most limit items of a list from a snapshot, and says whether there are more. For that it has read return one
// item more than it gives.
func page[T any](
	ctx context.Context, m *Manager, op operation, limit int, read func(r store.Reader, limit int) ([]T, error),
) (list []T, more bool, err error) {
	err = m.view(ctx, op, func(r store.Reader) error {
		list, err = read(r, limit+1)
		return err
	})
	if len(list) > limit {
		return list[:limit], true, err
	}
	return list, false, err
}
