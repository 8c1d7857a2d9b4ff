package coreweave

import (
	"fmt"
	"slices"
	"strings"

	sandboxv1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// teamStores are the names of the one secret store there is: the team's own secrets. The first is the one that
// wandb.sandbox sends.
var teamStores = []string{"wandb-team-secrets", "wandb", "default"}

// secretRefs turns the references of all stores into one list, and adds what is wrong with the stores to v. The places of
// the references in the request are in the same order.
func secretRefs(field string, stores []*sandboxv1.SecretStoreReference, v *violations) (refs []sandbox.SecretRef, places []string) {
	for i, store := range stores {
		if !slices.Contains(teamStores, store.GetStoreName()) {
			v.add(fmt.Sprintf("%s[%d].store_name", field, i),
				"there is no secret store %q: the team's secrets are in the store %q (also known as %s)",
				store.GetStoreName(), teamStores[0], strings.Join(teamStores[1:], " and "))
		}
		for j, m := range store.GetSecrets() {
			refs = append(refs, sandbox.SecretRef{Secret: m.GetPath(), Field: m.GetField(), EnvVar: m.GetEnvVar()})
			places = append(places, fmt.Sprintf("%s[%d].secrets[%d]", field, i, j))
		}
	}
	return refs, places
}

// secretStores is the way back, for a sandbox that another front made.
func secretStores(refs []sandbox.SecretRef) []*sandboxv1.SecretStoreReference {
	if len(refs) == 0 {
		return nil
	}
	store := &sandboxv1.SecretStoreReference{StoreName: teamStores[0]}
	for _, r := range refs {
		store.Secrets = append(store.Secrets, &sandboxv1.SecretMapping{Path: r.Secret, Field: r.Field, EnvVar: r.EnvVar})
	}
	return []*sandboxv1.SecretStoreReference{store}
}
