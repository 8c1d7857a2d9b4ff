package manager_test

import (
	"fmt"
	"testing"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

// TestDeletedSecretsAndRights deletes a secret that has a grant. Whoever may not know of the secret is told nothing of its
// deletion, and who may can find and revoke what sandboxes hold of it.
func TestDeletedSecretsAndRights(t *testing.T) {
	f := newFixture(t)
	ctx := t.Context()
	f.secret("A", "one")
	f.secret("B", "one")
	f.key("robot", "ml", f.now)
	robot := identity.Caller{UserID: "robot", APIKeyID: "k9", Personal: true, Peer: sandboxd, Scopes: f.ada.Scopes, Teams: map[string]identity.Role{"ml": identity.RoleService}}
	for _, name := range []string{"A", "B"} {
		must(t, second(f.CreateGrant(ctx, f.ada, "ml", name, secret.Grant{UserID: "robot", Rights: []secret.Right{secret.RightList, secret.RightUse}})))
	}
	must(t, second(f.BatchAccess(ctx, f.ada, manager.Batch{Team: "ml", Refs: refs("A"), SandboxID: "sb-1"})))
	must(t, second(f.DeleteSecret(ctx, f.ada, manager.SecretDelete{Team: "ml", Name: "A"})))

	for _, show := range []bool{false, true} {
		list, more, err := f.ListSecrets(ctx, robot, manager.SecretList{Team: "ml", Limit: 1, ShowDeleted: show})
		if want := map[bool]string{false: "B", true: "A"}[show]; err != nil || len(list) != 1 || list[0].Name != want || more != show {
			t.Errorf("deleted ones shown %v: %+v, more %v, %v; want %s", show, list, more, err, want)
		}
	}
	_, err := f.BatchAccess(ctx, robot, manager.Batch{Team: "ml", Refs: refs("A"), SandboxID: "sb-2"})
	if e, _ := errdefs.As(err); e == nil || len(e.Violations) != 1 || e.Violations[0].Type != "SECRET_DELETED" {
		t.Errorf("the service: %v", err)
	}
	// Who has no grant can't tell the deleted secret from one that never was.
	stranger := robot
	stranger.UserID = "stranger"
	var texts []string
	for _, name := range []string{"A", "NONE"} {
		_, err := f.AccessSecretVersion(ctx, stranger, secret.Ref{Team: "ml", Name: name})
		wantReason(t, err, errdefs.PermissionDenied, "PERMISSION_DENIED")
		texts = append(texts, fmt.Sprint(err))
	}
	if texts[0] != texts[1] {
		t.Errorf("%q and %q", texts[0], texts[1])
	}
	wantReason(t, second(f.UndeleteSecret(ctx, robot, "ml", "A", "")), errdefs.PermissionDenied, "PERMISSION_DENIED")
	wantReason(t, second(f.CreateGrant(ctx, f.ada, "ml", "A", secret.Grant{UserID: "robot", Rights: []secret.Right{secret.RightAdd}})), errdefs.NotFound, "SECRET_DELETED")

	uses, _, err := f.ListSecretUses(ctx, f.ada, secret.Ref{Team: "ml", Name: "A"}, secret.UseFilter{Limit: 10}, false)
	if err != nil || len(uses) != 1 || uses[0].SandboxID != "sb-1" {
		t.Errorf("uses %+v, %v; want that of sb-1", uses, err)
	}
	_, running, err := f.RevokeSecretVersion(ctx, f.ada, secret.Ref{Team: "ml", Name: "A", Version: 1})
	if err != nil || running != 1 {
		t.Errorf("%d sandboxes, %v; want the one that holds it", running, err)
	}
	must(t, second(f.UndeleteSecret(ctx, f.ada, "ml", "A", "")))
	wantReason(t, second(f.AccessSecretVersion(ctx, f.ada, version(1))), errdefs.FailedPrecondition, "VERSION_DISABLED")
	must(t, second(f.BatchAccess(ctx, robot, manager.Batch{Team: "ml", Refs: refs("B"), SandboxID: "sb-3"})))
}
