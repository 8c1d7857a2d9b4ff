package quota_test

import (
	"slices"
	"testing"
	"time"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/authz"
	"github.com/casemate/casemate/secretsd/internal/quota"
)

func member(user string, teams ...string) identity.Caller {
	c := identity.Caller{UserID: user, Teams: map[string]identity.Role{}}
	for _, team := range teams {
		c.Teams[team] = identity.RoleMember
	}
	return c
}

func take(t *testing.T, q *quota.Quota, c identity.Caller, class quota.Class, team string, now time.Time) *errdefs.Error {
	t.Helper()
	err := q.Take(c, class, team, now)
	if err == nil {
		return nil
	}
	e, ok := errdefs.As(err)
	if !ok || e.Kind != errdefs.ResourceExhausted || e.Reason != "RATE_LIMITED" || e.RetryAfter <= 0 {
		t.Fatalf("%v, want RATE_LIMITED with a time", err)
	}
	return e
}

func TestCallersAndTeams(t *testing.T) {
	now := time.Now()
	q := quota.New(
		quota.Rates{quota.Writes: {PerSecond: 1, Burst: 10}},
		quota.Rates{quota.Writes: {PerSecond: 1, Burst: 25}},
	)
	use := func(c identity.Caller, calls int) {
		t.Helper()
		for i := range calls {
			if e := take(t, q, c, quota.Writes, "ml", now); e != nil {
				t.Fatalf("call %d of %s: %v", i+1, c.UserID, e)
			}
		}
	}
	ada, bob, cyd, eve := member("ada", "ml", "ops"), member("bob", "ml"), member("cyd", "ml"), member("eve", "other")

	use(eve, 10) // of another team: it is her own quota that she uses up
	if e := take(t, q, eve, quota.Writes, "ml", now); e == nil || e.Metadata["limit"] != "caller" || e.Metadata["class"] != "writes" {
		t.Errorf("eve: %v, want the caller's limit", e)
	}
	use(ada, 10)
	if e := take(t, q, ada, quota.Writes, "ml", now); e == nil || e.Metadata["limit"] != "caller" {
		t.Errorf("ada: %v, want the caller's limit", e)
	}
	use(bob, 10)
	use(cyd, 5)
	e := take(t, q, cyd, quota.Writes, "ml", now)
	if e == nil || e.Metadata["limit"] != "team" {
		t.Fatalf("cyd: %v, want the team's limit", e)
	}
	if e := take(t, q, cyd, quota.Reads, "ml", now); e != nil {
		t.Errorf("another class, which has no limit: %v", e)
	}
	if e := take(t, q, cyd, quota.Writes, "ml", now.Add(e.RetryAfter)); e != nil {
		t.Errorf("after the time that was told: %v", e)
	}
}

// TestMoreKeysAreNoMoreCalls has one user call with two keys.
func TestMoreKeysAreNoMoreCalls(t *testing.T) {
	now := time.Now()
	q := quota.New(quota.Rates{quota.Accesses: {PerSecond: 2}}, nil)
	for i, key := range []string{"k1", "k2", "k1", "k2"} {
		c := member("ada", "ml")
		c.APIKeyID = key
		if e := take(t, q, c, quota.Accesses, "ml", now); (e != nil) != (i >= 2) {
			t.Errorf("call %d: %v", i+1, e)
		}
	}
}

// TestWorkloadsAreNotCounted has a workload call in its own name: all sandboxds have the same one.
func TestWorkloadsAreNotCounted(t *testing.T) {
	q := quota.New(quota.Rates{quota.Reads: {PerSecond: 1}}, nil)
	for range 10 {
		if e := take(t, q, identity.Caller{Peer: "spiffe://casemate.local/sandboxd"}, quota.Reads, "", time.Now()); e != nil {
			t.Fatal(e)
		}
	}
}

// reads are the rpcs that change nothing, by hand.
var reads = []string{
	"GetSecret", "ListSecrets", "GetSecretVersion", "ListSecretVersions", "ListSecretGrants", "ListSecretUses", "TestPermissions",
	"GetTeam", "ListTeams", "GetKeyStatus", "ListMembers", "ListAPIKeys", "ListOIDCTrusts", "WhoAmI", "WatchRevocations",
	"ListAuditEntries", "TailAuditEntries", "ExportAuditLog", "VerifyAuditLog",
}

// TestClassOf holds the class of every rpc to the action that it takes, and to what it does: what gives a value is an access,
// what is in the list above is a read, and all else is a write.
func TestClassOf(t *testing.T) {
	service := secretsv1.File_casemate_secrets_v1_secrets_manager_proto.Services().ByName("SecretsManager")
	for i := range service.Methods().Len() {
		name, want := string(service.Methods().Get(i).Name()), quota.Writes
		action, _ := authz.ActionOf("/" + string(service.FullName()) + "/" + name)
		switch {
		case action == authz.VersionUse || action == authz.VersionAccess:
			want = quota.Accesses
		case slices.Contains(reads, name):
			want = quota.Reads
		}
		if class := quota.ClassOf(name); class != want {
			t.Errorf("%s, which takes %s, is of class %s, want %s", name, action, class, want)
		}
	}
	for name, want := range map[string]quota.Class{
		"GetSecret": quota.Reads, "WhoAmI": quota.Reads, "DeleteSecret": quota.Writes, "RevokeAPIKey": quota.Writes, "Frobnicate": quota.Writes,
	} {
		if class := quota.ClassOf(name); class != want {
			t.Errorf("%s is of class %s, want %s", name, class, want)
		}
	}
}
