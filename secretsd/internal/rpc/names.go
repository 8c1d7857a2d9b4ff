package rpc

import (
	"strconv"
	"strings"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

// parseName cuts a resource name into the ids that its form leaves open: the form teams/{team}/secrets/{secret} of the
// name teams/ml/secrets/A gives ml and A. The field is the request's, for the error.
func parseName(field, name, form string) ([]string, error) {
	parts, places := strings.Split(name, "/"), strings.Split(form, "/")
	fits := len(parts) == len(places)
	var ids []string
	for i := 0; fits && i < len(parts); i++ {
		if strings.HasPrefix(places[i], "{") {
			ids = append(ids, parts[i])
		} else {
			fits = parts[i] == places[i]
		}
	}
	if !fits {
		return nil, errdefs.InvalidField(field, "must have the form %s", form)
	}
	return ids, nil
}

func parseTeam(field, name string) (string, error) {
	ids, err := parseName(field, name, "teams/{team}")
	if err != nil {
		return "", err
	}
	return ids[0], secret.CheckTeam(field, ids[0])
}

// parseTeamOrAll takes teams/- too, for manager.AllTeams.
func parseTeamOrAll(field, name string) (string, error) {
	if name == secret.TeamName(manager.AllTeams) {
		return manager.AllTeams, nil
	}
	return parseTeam(field, name)
}

func parseMember(field, name string) (team, user string, err error) {
	ids, err := parseName(field, name, "teams/{team}/members/{user}")
	if err != nil {
		return "", "", err
	}
	if err := secret.CheckTeam(field, ids[0]); err != nil {
		return "", "", err
	}
	return ids[0], ids[1], secret.CheckUser(field, ids[1])
}

func parseKey(field, name string) (team, key string, err error) {
	ids, err := parseName(field, name, "teams/{team}/apiKeys/{key}")
	if err != nil {
		return "", "", err
	}
	if err := secret.CheckTeam(field, ids[0]); err != nil {
		return "", "", err
	}
	return ids[0], ids[1], secret.CheckKey(field, ids[1])
}

func parseSecret(field, name string) (team, id string, err error) {
	ids, err := parseName(field, name, "teams/{team}/secrets/{secret}")
	if err != nil {
		return "", "", err
	}
	if err := secret.CheckTeam(field, ids[0]); err != nil {
		return "", "", err
	}
	return ids[0], ids[1], secret.CheckName(field, ids[1])
}

// parseVersion takes a number or `latest`.
func parseVersion(field, name string) (secret.Ref, error) {
	ids, err := parseName(field, name, "teams/{team}/secrets/{secret}/versions/{version}")
	if err != nil {
		return secret.Ref{}, err
	}
	if err := secret.CheckTeam(field, ids[0]); err != nil {
		return secret.Ref{}, err
	}
	if err := secret.CheckName(field, ids[1]); err != nil {
		return secret.Ref{}, err
	}
	number, err := parseNumber(field, ids[2])
	return secret.Ref{Team: ids[0], Name: ids[1], Version: number}, err
}

// parseNumberedVersion takes a number only: a change must say what it changes.
func parseNumberedVersion(field, name string) (secret.Ref, error) {
	ref, err := parseVersion(field, name)
	if err == nil && ref.Version == 0 {
		err = errdefs.InvalidField(field, "the version must be a number here, since `latest` may move")
	}
	return ref, err
}

// parseNumber returns 0 for `latest`.
func parseNumber(field, version string) (int64, error) {
	if version == "latest" {
		return 0, nil
	}
	n, err := strconv.ParseInt(version, 10, 64)
	if err != nil || n < 1 || strconv.FormatInt(n, 10) != version {
		return 0, errdefs.InvalidField(field, "a version is a number from 1, or `latest`")
	}
	return n, nil
}
