package manager

import (
	"context"
	"net/netip"
	"strings"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/authz"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// Batch is what one sandbox needs.
type Batch struct {
	// Team is the team of all references.
	Team string
	Refs []secret.Ref
	// EnvVars are the environment variables that will hold the values, in the order of Refs; "" where it is not said.
	EnvVars []string
	// SandboxID is the sandbox that will hold the values, and Instance the one of its workload's instances that runs it; "" where
	// that is not said.
	SandboxID, Instance string
	// Image, in full form, and Network are the sandbox's, and Source is where its creator calls from, as the resolving
	// workload says; each is zero when it does not.
	Image   string
	Network secret.NetworkMode
	Source  netip.Addr
}

// resolved is what became of one reference.
type resolved struct {
	Accessed
	// err is why it can't be used; nil when it can.
	err error
}

// BatchAccess returns the values of all references, from one snapshot, or none. The peer must be a workload that may
// resolve, whoever the caller is; each reference needs the caller's own right to use it. One error names every
// reference that failed: FAILED_PRECONDITION (reason SECRETS_UNRESOLVED). Each reference has its audit entry, and each value
// that is released its receipt. A peer gets the values of one sandbox once: FAILED_PRECONDITION (reason
// SANDBOX_ALREADY_RESOLVED).
func (m *Manager) BatchAccess(ctx context.Context, c identity.Caller, b Batch) (values []Accessed, err error) {
	if err := m.trusted(c); err != nil {
		e := m.entry(ctx, c, versionUse, b.Team, secret.TeamName(b.Team))
		e.SandboxID = b.SandboxID
		return nil, m.deny(ctx, e, err)
	}
	revoked, _ := m.changes.now()
	results, err := m.resolve(ctx, c, b)
	defer func() {
		if err != nil { // no value leaves
			for _, res := range results {
				res.Value.Wipe()
			}
		}
	}()
	if err == nil {
		err = unresolved(b, results)
	}
	entries := make([]audit.Entry, len(b.Refs))
	for i, res := range results {
		entries[i] = m.entry(ctx, c, versionUse, b.Team, res.Name)
		entries[i].SandboxID = b.SandboxID
		switch {
		case res.err != nil:
			entries[i] = refused(entries[i], res.err)
		case err != nil: // its value does not leave because of another reference
			entries[i] = refused(entries[i], err)
		default:
			entries[i].Receipt = b.receipt(i, res)
		}
	}
	switch aerr := m.log.Append(ctx, entries...); {
	case errdefs.ReasonOf(aerr) == secret.ReasonResolved:
		return nil, m.keepBack(ctx, c, b, results, aerr)
	case aerr != nil:
		return nil, aerr
	}
	if err != nil {
		return nil, err
	}
	if now, _ := m.changes.now(); now.revocation != revoked.revocation {
		if err := m.recheck(ctx, c, b, results); err != nil {
			return nil, err
		}
	}
	values = make([]Accessed, len(results))
	for i, res := range results {
		values[i] = res.Accessed
	}
	return values, nil
}

// resolve looks at every reference. Its own error is internal and fails the whole batch; results are complete always.
func (m *Manager) resolve(ctx context.Context, c identity.Caller, b Batch) ([]resolved, error) {
	results := make([]resolved, len(b.Refs))
	var outside error
	if !c.MemberOf(b.Team) {
		outside = authz.Decide(c, versionUse.right, authz.Target{Team: b.Team}).Err()
	}
	for i, ref := range b.Refs {
		results[i] = resolved{Accessed: Accessed{Name: ref.VersionName()}, err: outside}
	}
	if outside != nil {
		return results, nil
	}
	facts := secret.Facts{Time: m.Now(), Source: b.Source, Workload: c.Peer, Image: b.Image, Network: b.Network}
	err := m.view(ctx, versionUse, func(r store.Reader) error {
		dek, err := m.openDEK(ctx, r, b.Team)
		if err != nil {
			return err
		}
		team, err := r.Team(ctx, b.Team)
		if err != nil {
			return err
		}
		for i, ref := range b.Refs {
			res := &results[i]
			res.Value.Wipe() // it may run again
			s, err := m.secretFor(ctx, r, c, versionUse, ref.Team, ref.Name, facts)
			if err != nil {
				res.err = err
			} else if s.Injection.BrokerOnly {
				res.err = errdefs.New(errdefs.FailedPrecondition, "INJECTION_NOT_AVAILABLE",
					"secret %s in team %s may enter no sandbox: its owners allow it to a broker only, and there is none yet", ref.Name, ref.Team)
			} else {
				res.Accessed, res.err = open(ctx, r, dek, s, ref, facts.Time)
				res.MaskOutput = team.MaskOutput
			}
			if res.err == nil && res.Value.HasByte(0) {
				res.err = errdefs.New(errdefs.FailedPrecondition, "VALUE_NOT_INJECTABLE",
					"secret %s in team %s holds a NUL byte, which no environment variable can", ref.Name, ref.Team)
			}
			if res.err != nil && errdefs.ReasonOf(res.err) == "" {
				return res.err
			}
		}
		return nil
	})
	return results, err
}

// unresolved is the one error of all references that failed; nil when none did.
func unresolved(b Batch, results []resolved) error {
	var violations []errdefs.Violation
	var sentences []string
	for i, res := range results {
		if res.err == nil {
			continue
		}
		e, _ := errdefs.As(res.err)
		violations = append(violations, errdefs.Violation{
			Subject: b.Refs[i].VersionName(), Type: e.Reason, Description: e.Message,
		})
		sentences = append(sentences, b.Refs[i].Name+": "+e.Message)
	}
	if len(violations) == 0 {
		return nil
	}
	e := errdefs.New(errdefs.FailedPrecondition, "SECRETS_UNRESOLVED", "%d of %d secrets of team %s can't be used: %s",
		len(violations), len(b.Refs), b.Team, strings.Join(sentences, "; "))
	e.Violations = violations
	return e
}
