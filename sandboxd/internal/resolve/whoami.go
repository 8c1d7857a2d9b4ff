package resolve

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
)

// WhoAmI says whom a key stands for. Answers, those that refuse a key too, are believed for Config.CacheTime. The error is
// secretsd's own, such as Unauthenticated (API_KEY_INVALID), or Unavailable (SECRETSD_UNAVAILABLE).
func (c *Client) WhoAmI(ctx context.Context, key apikey.Key) (identity.Caller, error) {
	return c.callers.get(ctx, key)
}

func (c *Client) askWhoAmI(ctx context.Context, key apikey.Key) (identity.Caller, error) {
	call, cancel := c.outgoing(ctx, key)
	defer cancel()
	resp, err := c.secrets.WhoAmI(call, &secretsv1.WhoAmIRequest{})
	if err != nil {
		return identity.Caller{}, answerError(ctx, err)
	}
	return callerFromProto(resp)
}

// roles are those whose members run sandboxes.
var roles = map[secretsv1.Role]identity.Role{
	secretsv1.Role_ROLE_OWNER:   identity.RoleOwner,
	secretsv1.Role_ROLE_ADMIN:   identity.RoleAdmin,
	secretsv1.Role_ROLE_MEMBER:  identity.RoleMember,
	secretsv1.Role_ROLE_SERVICE: identity.RoleService,
}

func callerFromProto(resp *secretsv1.WhoAmIResponse) (identity.Caller, error) {
	caller := identity.Caller{
		UserID: resp.GetUserId(), APIKeyID: resp.GetApiKeyId(), Operator: resp.GetOperator(),
		Personal: resp.GetPersonal(),
		Team:     teamID(resp.GetTeam()),
		Teams:    make(map[string]identity.Role, len(resp.GetMemberships())),
	}
	if caller.UserID == "" {
		return identity.Caller{}, fmt.Errorf("secretsd's WhoAmI names no user")
	}
	for _, m := range resp.GetMemberships() {
		// A role that is not among these gives no right: one that this sandboxd does not know, and the auditor's, who uses
		// no secret, also not by looking into a sandbox that has it.
		if role, ok := roles[m.GetRole()]; ok {
			caller.Teams[teamID(m.GetTeam())] = role
		}
	}
	for _, s := range resp.GetScopes() {
		switch s {
		case secretsv1.KeyScope_KEY_SCOPE_RUN:
			caller.Scopes = append(caller.Scopes, identity.ScopeRun)
		case secretsv1.KeyScope_KEY_SCOPE_MANAGE:
			caller.Scopes = append(caller.Scopes, identity.ScopeManage)
		case secretsv1.KeyScope_KEY_SCOPE_READ:
			caller.Scopes = append(caller.Scopes, identity.ScopeRead)
		default: // as above
		}
	}
	return caller, nil
}

func teamID(name string) string { return strings.TrimPrefix(name, "teams/") }

// callerCache believes an answer for a short time, and asks once for many who want the same at the same moment. Its keys
// are hashes: a dump of it yields no API key.
type callerCache struct {
	ttl time.Duration
	ask func(context.Context, apikey.Key) (identity.Caller, error)
	one singleflight.Group

	mu      sync.Mutex
	entries map[keyHash]cached
	swept   time.Time
	// cleared counts the calls of clear.
	cleared uint64
}

type keyHash = [32]byte

type cached struct {
	caller  identity.Caller
	err     error
	expires time.Time
}

func newCallerCache(ttl time.Duration, ask func(context.Context, apikey.Key) (identity.Caller, error)) *callerCache {
	return &callerCache{ttl: ttl, ask: ask, entries: make(map[keyHash]cached)}
}

func (c *callerCache) get(ctx context.Context, key apikey.Key) (identity.Caller, error) {
	hash := key.Hash()
	e, ok, cleared := c.lookup(hash)
	if ok {
		return e.caller, e.err
	}
	// The question is many callers' at once: one that gives up must not take the answer from the others. Nobody joins a
	// question that was asked before the last clear.
	question := binary.BigEndian.AppendUint64(hash[:], cleared)
	answer := c.one.DoChan(string(question), func() (any, error) {
		asked := time.Now() // the answer may be as old as the question
		caller, err := c.ask(context.WithoutCancel(ctx), key)
		if err == nil || errdefs.KindOf(err) == errdefs.Unauthenticated {
			c.store(hash, cached{caller, err, asked.Add(c.ttl)}, cleared)
		}
		return caller, err
	})
	select {
	case r := <-answer:
		return r.Val.(identity.Caller), r.Err
	case <-ctx.Done():
		return identity.Caller{}, ctx.Err()
	}
}

func (c *callerCache) lookup(hash keyHash) (e cached, ok bool, cleared uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok = c.entries[hash]
	return e, ok && time.Now().Before(e.expires), c.cleared
}

// clear forgets all answers, those to questions under way too.
func (c *callerCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cleared++
	clear(c.entries)
}

// store keeps an answer to a question that was asked after so many clears.
func (c *callerCache) store(hash keyHash, e cached, cleared uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cleared != c.cleared {
		return
	}
	now := time.Now()
	if now.Sub(c.swept) > c.ttl { // keeps no more than two lifetimes' worth of entries
		for h, old := range c.entries {
			if now.After(old.expires) {
				delete(c.entries, h)
			}
		}
		c.swept = now
	}
	c.entries[hash] = e
}
