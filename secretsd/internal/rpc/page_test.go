package rpc_test

import (
	"fmt"
	"testing"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
)

// TestPages reads every list page by page, and as one, and expects the same.
func TestPages(t *testing.T) {
	s := start(t)
	for i := range 4 {
		s.CreateTeam(fmt.Sprint("team-", i))
		s.CreateSecret("ml", fmt.Sprint("SECRET_", i), "")
		s.AddVersion("ml", "HF_TOKEN", "x")
		s.CreateUser("ml", fmt.Sprint("user", i), identity.RoleMember)
	}
	c, ctx := s.Client(s.OperatorKey), t.Context()
	lists := map[string]func(size int32, token string) ([]string, string, error){
		"secrets": func(size int32, token string) ([]string, string, error) {
			r, err := c.ListSecrets(ctx, &secretsv1.ListSecretsRequest{Parent: "teams/ml", PageSize: size, PageToken: token})
			return names(r.GetSecrets()), r.GetNextPageToken(), err
		},
		"versions": func(size int32, token string) ([]string, string, error) {
			r, err := c.ListSecretVersions(ctx, &secretsv1.ListSecretVersionsRequest{Parent: "teams/ml/secrets/HF_TOKEN", PageSize: size, PageToken: token})
			return names(r.GetVersions()), r.GetNextPageToken(), err
		},
		"teams": func(size int32, token string) ([]string, string, error) {
			r, err := c.ListTeams(ctx, &secretsv1.ListTeamsRequest{PageSize: size, PageToken: token})
			return names(r.GetTeams()), r.GetNextPageToken(), err
		},
		"members": func(size int32, token string) ([]string, string, error) {
			r, err := c.ListMembers(ctx, &secretsv1.ListMembersRequest{Parent: "teams/ml", PageSize: size, PageToken: token})
			return names(r.GetMembers()), r.GetNextPageToken(), err
		},
		"apiKeys": func(size int32, token string) ([]string, string, error) {
			r, err := c.ListAPIKeys(ctx, &secretsv1.ListAPIKeysRequest{Parent: "teams/ml", PageSize: size, PageToken: token})
			return names(r.GetApiKeys()), r.GetNextPageToken(), err
		},
		"entries": func(size int32, token string) ([]string, string, error) {
			r, err := c.ListAuditEntries(ctx, &secretsv1.ListAuditEntriesRequest{Parent: "teams/ml", PageSize: size, PageToken: token})
			var list []string
			for _, e := range r.GetEntries() {
				list = append(list, fmt.Sprint(e.GetSequence()))
			}
			return list, r.GetNextPageToken(), err
		},
	}
	foreign := map[string]string{}
	for name, list := range lists {
		whole, token, err := list(0, "")
		must(t, err)
		if len(whole) < 4 || token != "" {
			t.Errorf("%s: %d items and token %q", name, len(whole), token)
		}
		for size := int32(1); int(size) <= len(whole)+1; size++ {
			var paged []string
			token := ""
			for first := true; first || token != ""; first = false {
				var page []string
				page, token, err = list(size, token)
				must(t, err)
				if len(page) > int(size) || len(page) == 0 {
					t.Fatalf("%s: a page of %d items, asked for %d", name, len(page), size)
				}
				paged = append(paged, page...)
				if token != "" {
					foreign[name] = token
				}
			}
			if fmt.Sprint(paged) != fmt.Sprint(whole) {
				t.Errorf("%s by %d: %v, want %v", name, size, paged, whole)
			}
		}
	}
	for name, list := range lists {
		for from, token := range foreign {
			if _, _, err := list(1, token); from != name {
				wantError(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT")
			}
		}
		for _, token := range []string{"x", "!", "AAAAAAAAAAA", foreign[name] + "AA", foreign[name][1:]} {
			_, _, err := list(1, token)
			wantError(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT")
		}
	}
	// Of another team's list.
	_, err := c.ListSecrets(ctx, &secretsv1.ListSecretsRequest{Parent: "teams/team-1", PageToken: foreign["secrets"]})
	wantError(t, err, errdefs.InvalidArgument, "INVALID_ARGUMENT")
}

func names[T interface{ GetName() string }](list []T) (out []string) {
	for _, x := range list {
		out = append(out, x.GetName())
	}
	return out
}
