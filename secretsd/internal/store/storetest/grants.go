package storetest

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

func testGrants(t *testing.T, s store.Store) {
	makeTeam(t, s, "ml")
	makeTeam(t, s, "ops")
	a := secret.Secret{UID: "u1", Team: "ml", Name: "A", CreateTime: epoch, UpdateTime: epoch, Revision: 1, Restricted: true}
	b := secret.Secret{UID: "u2", Team: "ml", Name: "B", CreateTime: epoch, UpdateTime: epoch, Revision: 1}
	c := secret.Secret{UID: "u3", Team: "ops", Name: "A", CreateTime: epoch, UpdateTime: epoch, Revision: 1}
	whole := secret.Grant{
		ID: "g1", UserID: "bob", Rights: []secret.Right{secret.RightUse}, ExpireTime: epoch.Add(time.Hour), Creator: "ada", CreateTime: epoch,
		Conditions: secret.Conditions{
			Workloads: []string{"spiffe://casemate.local/sandboxd"}, Images: []string{"docker.io/library/python:*"},
			Networks: []secret.NetworkMode{secret.NetworkNone, secret.NetworkRestricted},
			Sources:  []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")},
		},
	}
	toRole := secret.Grant{ID: "g2", Role: identity.RoleService, Rights: []secret.Right{secret.RightList, secret.RightAccess}, Creator: "ada", CreateTime: epoch}
	change(t, s, func(ctx context.Context, w store.Writer) error {
		noError(t, w.EnsureUser(ctx, secret.User{ID: "bob", CreateTime: epoch}))
		for _, x := range []secret.Secret{a, b, c} {
			noError(t, w.CreateSecret(ctx, x))
		}
		noError(t, w.CreateGrant(ctx, a, toRole))
		noError(t, w.CreateGrant(ctx, a, whole))
		other := whole
		other.ID = "g3"
		noError(t, w.CreateGrant(ctx, b, other))
		other.ID = "g4"
		return w.CreateGrant(ctx, c, other)
	})
	err := tryChange(t, s, func(ctx context.Context, w store.Writer) error { return w.CreateGrant(ctx, b, whole) })
	if err == nil { // ids are random, so this is nobody's fault but ours
		t.Error("two grants have one id")
	}

	grants := func(of secret.Secret) (list []secret.Grant) {
		view(t, s, func(ctx context.Context, r store.Reader) error {
			stored, err := r.Secret(ctx, of.Team, of.Name)
			noError(t, err)
			list, err = r.Grants(ctx, stored)
			equal(t, "granted", stored.Granted, len(list) > 0)
			equal(t, "restricted", stored.Restricted, of.Restricted)
			return err
		})
		return list
	}
	if d := cmp.Diff([]secret.Grant{whole, toRole}, grants(a), cmpopts.EquateComparable(netip.Prefix{})); d != "" {
		t.Errorf("grants (-want +got):\n%s", d)
	}
	change(t, s, func(ctx context.Context, w store.Writer) error {
		wantReason(t, w.DeleteGrant(ctx, b, "g1"), errdefs.NotFound, "GRANT_NOT_FOUND")
		return w.DeleteGrantsOf(ctx, "ml", "bob")
	})
	equal(t, "what is left", []int{len(grants(a)), len(grants(b)), len(grants(c))}, []int{1, 0, 1})
	change(t, s, func(ctx context.Context, w store.Writer) error {
		noError(t, w.DeleteGrant(ctx, a, "g2"))
		return w.DeleteSecret(ctx, c)
	})
	equal(t, "grants of the first", len(grants(a)), 0)
	// A secret of the same name is another one.
	c.UID = "u4"
	change(t, s, func(ctx context.Context, w store.Writer) error { return w.CreateSecret(ctx, c) })
	equal(t, "grants of one made again", len(grants(c)), 0)
}

func testProtection(t *testing.T, s store.Store) {
	makeTeam(t, s, "ml")
	a := secret.Secret{UID: "u1", Team: "ml", Name: "A", CreateTime: epoch, UpdateTime: epoch, Revision: 1}
	stored := func() (got secret.Secret) {
		view(t, s, func(ctx context.Context, r store.Reader) (err error) {
			got, err = r.Secret(ctx, "ml", "A")
			return err
		})
		return got
	}
	change(t, s, func(ctx context.Context, w store.Writer) error { return w.CreateSecret(ctx, a) })
	equal(t, "open", stored(), a)
	a.Restricted, a.Injection = true, secret.Injection{BrokerOnly: true, Hosts: []string{"a.example.com", "*.b.example.com"}}
	change(t, s, func(ctx context.Context, w store.Writer) error { return w.UpdateSecret(ctx, a) })
	equal(t, "closed", stored(), a)
	a.Restricted, a.Injection = false, secret.Injection{}
	change(t, s, func(ctx context.Context, w store.Writer) error { return w.UpdateSecret(ctx, a) })
	equal(t, "open again", stored(), a)
}
