package manager_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store/storetest"
)

// agrees expects that the audit log says of everything what has become of it.
func (f *fixture) agrees(after string) {
	f.t.Helper()
	found, err := storetest.Disagreements(f.t.Context(), f.store)
	must(f.t, err)
	for _, what := range found {
		f.t.Errorf("%s: %s", after, what)
	}
}

// TestLogAgreesWithTheData makes one of everything, changes it and takes it away, and compares the log with the data at every
// step.
func TestLogAgreesWithTheData(t *testing.T) {
	f, issuer := withIssuer(t)
	f.KeyRetention, f.ReceiptRetention = time.Hour, time.Hour
	ctx, hour := t.Context(), time.Hour
	ref := func(name string, version int64) secret.Ref {
		return secret.Ref{Team: "ml", Name: name, Version: version}
	}
	step := func(what string, errs ...error) {
		t.Helper()
		for _, err := range errs {
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
		}
		f.agrees(what)
	}
	step("the start")

	bob := f.member("bob", identity.RoleMember)
	eve := f.member("eve", identity.RoleMember)
	exchange := func() error {
		return third(f.exchange(issuer.Token(issuer.GitHub(audience, "octo-org/app", mainRef, nil))))
	}
	step("members, keys and an exchanged key", exchange())
	step("a rotation", second(f.RotateAPIKey(ctx, f.ada, "ml", bob.APIKeyID, hour)))
	step("a revocation", second(f.RevokeAPIKey(ctx, f.ada, "ml", bob.APIKeyID)))

	f.secret("A", "one", "two", "three")
	step("a secret without a value, and one with it",
		third(f.CreateSecret(ctx, f.ada, manager.NewSecret{Team: "ml", Name: "EMPTY"})),
		third(f.CreateSecret(ctx, f.ada, manager.NewSecret{Team: "ml", Name: "B", Value: text("one"), RequestID: "r"})))
	step("what was held already, and a repeat",
		third(f.AddSecretVersion(ctx, f.ada, manager.NewVersion{Team: "ml", Name: "A", Value: text("three"), IfChanged: true})),
		third(f.CreateSecret(ctx, f.ada, manager.NewSecret{Team: "ml", Name: "B", Value: text("one"), RequestID: "r"})))
	step("versions disabled, enabled, destroyed and revoked",
		second(f.DisableSecretVersion(ctx, f.ada, ref("A", 1), "")), second(f.EnableSecretVersion(ctx, f.ada, ref("A", 1), "")),
		second(f.DestroySecretVersion(ctx, f.ada, ref("A", 2), "")), second(f.DestroySecretVersion(ctx, f.ada, ref("A", 2), "")),
		third(f.RevokeSecretVersion(ctx, f.ada, ref("A", 2))), third(f.RevokeSecretVersion(ctx, f.ada, ref("A", 3))))

	ttl := 24 * hour
	step("a destroy that waits",
		second(f.UpdateSecret(ctx, f.ada, manager.SecretUpdate{Team: "ml", Name: "A", VersionDestroyTTL: &ttl})),
		second(f.DestroySecretVersion(ctx, f.ada, ref("A", 1), "")), second(f.DestroySecretVersion(ctx, f.ada, ref("A", 3), "")))
	step("one of them taken back", second(f.DisableSecretVersion(ctx, f.ada, ref("A", 1), "")), second(f.EnableSecretVersion(ctx, f.ada, ref("A", 1), "")))
	f.now = f.now.Add(ttl)
	step("the other comes due", f.Sweep(ctx))

	expires := f.now.Add(hour)
	step("an expiry", second(f.UpdateSecret(ctx, f.ada, manager.SecretUpdate{Team: "ml", Name: "B", Expiry: &manager.Expiry{Time: expires}})))
	f.now = expires
	step("it comes", f.Sweep(ctx))
	step("an undelete", second(f.UndeleteSecret(ctx, f.ada, "ml", "B", "")))
	step("a grant, and one of a role",
		second(f.CreateGrant(ctx, f.ada, "ml", "B", secret.Grant{UserID: "eve", Rights: []secret.Right{secret.RightUse}})),
		second(f.CreateGrant(ctx, f.ada, "ml", "B", secret.Grant{Role: identity.RoleMember, Rights: []secret.Right{secret.RightList}})))
	lost := f.grant("B", secret.Grant{UserID: "bob", Rights: []secret.Right{secret.RightUse}})
	step("one of them taken away", f.DeleteGrant(ctx, f.ada, "ml", "B", lost.ID))
	step("deletions", second(f.DeleteSecret(ctx, f.ada, manager.SecretDelete{Team: "ml", Name: "A"})),
		second(f.DeleteSecret(ctx, f.ada, manager.SecretDelete{Team: "ml", Name: "EMPTY", Purge: true})))
	f.now = f.now.Add(secret.DefaultRetention)
	step("the purge of what was deleted, of old keys and of request ids", f.Sweep(ctx), f.ForgetExpired(ctx), f.ForgetRequests(ctx),
		f.ForgetEndedKeys(ctx), f.ForgetIdleUsers(ctx), f.ForgetReceipts(ctx), f.ForgetRevocations(ctx))

	mask := true
	step("a team's policy", second(f.UpdateTeam(ctx, f.ada, manager.TeamUpdate{ID: "ml", MaskOutput: &mask})))
	step("new keys", second(f.RotateDataKey(ctx, f.ada, "ml")), second(f.RotateKEK(ctx, f.ada)), f.Rotate(ctx))
	step("a member's end", f.DeleteMember(ctx, f.ada, "ml", eve.UserID))
	strong := f.github(issuer)
	strong.ID, strong.UserID = "another", "bob"
	step("a trust", second(f.CreateOIDCTrust(ctx, f.ada, strong)), exchange())
	step("its end, and that of a trust with a key", second(f.DeleteOIDCTrust(ctx, f.ada, "ml", "another")), second(f.DeleteOIDCTrust(ctx, f.ada, "ml", "app")))
	f.teams("ops")
	step("a team's end", second(f.DeleteTeam(ctx, f.ada, "ml", "")))
}

// actionForm is what the names of actions look like.
var actionForm = regexp.MustCompile(`^[a-z]+\.[a-z_]+$`)

// TestEveryActionHasAWord finds every action that secretsd's code can write into the log, and expects that the comparison of
// the log with the data knows what it does.
func TestEveryActionHasAWord(t *testing.T) {
	var actions []string
	for _, dir := range []string{".", "../daemon", "../notary"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		must(t, err)
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
			must(t, err)
			actions = append(actions, actionsIn(file)...)
		}
	}
	slices.Sort(actions)
	if actions = slices.Compact(actions); len(actions) < 50 {
		t.Errorf("only %d actions are found: %v", len(actions), actions)
	}
	for _, action := range actions {
		if !storetest.Knows(action) {
			t.Errorf("storetest.Disagreements has no word for %s", action)
		}
	}
}

// actionsIn returns the texts in a file that stand where actions do: in an operation, in an Entry's Action, in an argument of
// ownEntry, and in constants.
func actionsIn(file *ast.File) (actions []string) {
	add := func(e ast.Expr) {
		lit, ok := e.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return
		}
		if s, err := strconv.Unquote(lit.Value); err == nil && actionForm.MatchString(s) {
			actions = append(actions, s)
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			if typ, ok := n.Type.(*ast.Ident); ok && typ.Name == "operation" && len(n.Elts) > 0 {
				add(n.Elts[0])
			}
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok && slices.Contains([]string{"Action", "name", "action"}, key.Name) {
				add(n.Value)
			}
		case *ast.CallExpr:
			if fn, ok := n.Fun.(*ast.SelectorExpr); ok && fn.Sel.Name == "ownEntry" {
				add(n.Args[0])
			}
		case *ast.ValueSpec:
			for _, v := range n.Values {
				add(v)
			}
		}
		return true
	})
	return actions
}
