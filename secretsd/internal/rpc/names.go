package rpc

import (
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/resource"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

func parseTeam(field, name string) (string, error) {
	n, err := resource.ParseTeam(field, name)
	return n.Team, err
}

// parseTeamOrAll takes resource.AllTeams too, for manager.AllTeams.
func parseTeamOrAll(field, name string) (string, error) {
	if name == resource.AllTeams {
		return manager.AllTeams, nil
	}
	return parseTeam(field, name)
}

func parseSecret(field, name string) (team, id string, err error) {
	n, err := resource.ParseSecret(field, name)
	return n.Team, n.Secret, err
}

// parseVersion takes a number, `latest` or an alias.
func parseVersion(field, name string) (secret.Ref, error) {
	n, err := resource.ParseSecretVersion(field, name)
	return secret.Ref{Team: n.Team, Name: n.Secret, Version: n.Number(), Alias: n.Alias()}, err
}

// parseNumberedVersion takes a number only: a change must say what it changes.
func parseNumberedVersion(field, name string) (secret.Ref, error) { //nolint:unparam // as all that parse, it is told what
	ref, err := parseVersion(field, name)
	if err == nil && ref.Version == 0 {
		err = errdefs.InvalidField(field, "the version must be a number here, since `latest` and aliases may move")
	}
	return ref, err
}
