package coreweave

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
	"github.com/casemate/casemate/pkg/identity"
)

func TestToStatus(t *testing.T) {
	tooLarge := errdefs.New(errdefs.FailedPrecondition, "FILE_TOO_LARGE", "too large").WithMetadata("size_bytes", "9")
	for _, c := range []struct {
		err            error
		code           codes.Code
		domain, reason string
	}{
		{errdefs.New(errdefs.NotFound, "SANDBOX_NOT_FOUND", "m"), codes.NotFound, "cwsandbox.com", "CWSANDBOX_SANDBOX_NOT_FOUND"},
		{fmt.Errorf("inner: %w", tooLarge), codes.FailedPrecondition, "cwsandbox.com", "CWSANDBOX_FILE_TOO_LARGE"},
		{errdefs.New(errdefs.FailedPrecondition, "SECRETS_UNRESOLVED", "m"), codes.FailedPrecondition, "casemate.dev", "SECRETS_UNRESOLVED"},
		{errors.New("inner"), codes.Internal, "casemate.dev", "INTERNAL"},
		{context.Canceled, codes.Canceled, "casemate.dev", "CANCELED"},
	} {
		// As the server's error mapping does, which must leave the SDK's words alone.
		st := errgrpc.ToStatus(toStatus(c.err), "r1")
		info := errorInfo(t, st)
		if st.Code() != c.code || info.GetDomain() != c.domain || info.GetReason() != c.reason {
			t.Errorf("%v: %v %s %s, want %v %s %s", c.err, st.Code(), info.GetDomain(), info.GetReason(), c.code, c.domain, c.reason)
		}
	}
	if info := errorInfo(t, errgrpc.ToStatus(toStatus(tooLarge), "")); info.GetMetadata()["size_bytes"] != "9" {
		t.Errorf("the file's size is lost: %v", info)
	}
	if toStatus(nil) != nil {
		t.Error("no error became one")
	}
}

func errorInfo(t *testing.T, st *status.Status) *errdetails.ErrorInfo {
	t.Helper()
	for _, d := range st.Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok {
			return info
		}
	}
	t.Fatalf("%v carries no ErrorInfo", st)
	return nil
}

func TestCreateError(t *testing.T) {
	e, _ := errdefs.As(createError(errdefs.New(errdefs.NotFound, "IMAGE_NOT_FOUND", "no image x"), places{}))
	if e.Kind != errdefs.FailedPrecondition || e.Reason != "IMAGE_NOT_FOUND" || e.Message != "no image x" {
		t.Errorf("a missing image: %+v", e)
	}
	denied := errdefs.New(errdefs.PermissionDenied, "SCOPE_MISSING", "m")
	if got := createError(denied, places{}); !errors.Is(got, denied) || errdefs.KindOf(got) != errdefs.PermissionDenied {
		t.Errorf("a denied key: %v", got)
	}
	internal := errors.New("x")
	if got := createError(internal, places{}); got != internal {
		t.Errorf("an internal error: %v", got)
	}
}

func TestRenameField(t *testing.T) {
	const c = "sandbox.spec.containers[0]."
	from := places{
		secrets: []string{c + "secret_stores[0].secrets[0]", c + "secret_stores[1].secrets[0]"},
		allow:   []string{"sandbox.spec.network.egress[0]", "sandbox.spec.network.egress[0]", "sandbox.spec.network.egress[1]"},
	}
	for in, want := range map[string]string{
		"spec.image":                  c + "image",
		"spec.command":                c + "args",
		"spec.command[0]":             c + "command",
		"spec.command[12]":            c + "args[11]",
		`spec.environment["A B"]`:     c + `environment_variables["A B"]`,
		"spec.secrets":                c + "secret_stores",
		"spec.secrets[1].env_var":     c + "secret_stores[1].secrets[0].env_var",
		"spec.secrets[0].secret":      c + "secret_stores[0].secrets[0].path",
		"spec.secrets[7].secret":      c + "secret_stores[7].secret",
		"spec.resources.memory_bytes": c + "resource_requirements.limits.memory",
		"spec.files[0].path":          c + "files[0].path",
		"spec.max_lifetime":           "sandbox.spec.max_lifetime_seconds",
		"spec.runtime":                "sandbox.spec.runtime_class",
		"spec.tags[3]":                "sandbox.spec.tags[3]",
		"request_id":                  "request_id",
		"spec.network.mode":           "sandbox.spec.network.deny_egress",
		"spec.network.allow[2].cidr":  "sandbox.spec.network.egress[1].cidr",
	} {
		if got := renameField(in, from); got != want {
			t.Errorf("renameField(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCallerAndTeam(t *testing.T) {
	member := identity.Caller{UserID: "u", Team: "ml", Teams: map[string]identity.Role{"ml": identity.RoleMember, "web": identity.RoleMember}}
	for _, c := range []struct {
		name   string
		caller *identity.Caller
		entity string
		team   string
		kind   errdefs.Kind
	}{
		{"the key's own", &member, "", "ml", 0},
		{"a blank entity", &member, " ", "ml", 0},
		{"another team of the caller's", &member, "web", "web", 0},
		{"a team of others", &member, "ops", "", errdefs.PermissionDenied},
		{"a key without a team", &identity.Caller{UserID: "u"}, "", "", errdefs.PermissionDenied},
		{"nobody", nil, "", "", errdefs.Unauthenticated},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx := t.Context()
			if c.caller != nil {
				ctx = identity.NewContext(ctx, *c.caller)
			}
			if c.entity != "" {
				ctx = metadata.NewIncomingContext(ctx, metadata.Pairs(entityHeader, c.entity))
			}
			_, team, err := callerAndTeam(ctx)
			if team != c.team || (err != nil) != (c.kind != 0) || err != nil && errdefs.KindOf(err) != c.kind {
				t.Errorf("team %q, error %v; want %q, kind %v", team, err, c.team, c.kind)
			}
		})
	}
}
