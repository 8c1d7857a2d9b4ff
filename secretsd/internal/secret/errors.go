package secret

import "github.com/casemate/casemate/pkg/errdefs"

// ErrTeamNotFound says that there is no such team. Only who may know that is told.
func ErrTeamNotFound(team string) error {
	return errdefs.New(errdefs.NotFound, "TEAM_NOT_FOUND", "team %s does not exist", team)
}

// ErrMemberNotFound says that the user is no member of the team.
func ErrMemberNotFound(team, user string) error {
	return errdefs.New(errdefs.NotFound, "MEMBER_NOT_FOUND", "user %s is not a member of team %s", user, team)
}

// ErrAPIKeyNotFound says that the team has no such key.
func ErrAPIKeyNotFound(id string) error {
	return errdefs.New(errdefs.NotFound, "API_KEY_NOT_FOUND", "API key %s does not exist", id)
}

// ErrTrustNotFound says that the team has no such OIDC trust.
func ErrTrustNotFound(team, id string) error {
	return errdefs.New(errdefs.NotFound, "OIDC_TRUST_NOT_FOUND", "OIDC trust %s does not exist in team %s", id, team)
}

// ErrTrustExists says that the team has an OIDC trust of that id.
func ErrTrustExists(team, id string) error {
	return errdefs.New(errdefs.AlreadyExists, "OIDC_TRUST_EXISTS", "OIDC trust %s exists already in team %s", id, team)
}

// ErrNotFound says that the team has no such secret.
func ErrNotFound(team, name string) error {
	return errdefs.New(errdefs.NotFound, "SECRET_NOT_FOUND", "secret %s does not exist in team %s", name, team)
}

// ErrVersionNotFound says that the secret has no such version; the version is a number or `latest`.
func ErrVersionNotFound(team, name string, version any) error {
	return errdefs.New(errdefs.NotFound, "VERSION_NOT_FOUND",
		"version %v of secret %s does not exist in team %s", version, name, team)
}

// ErrDestroyed says that the value of a version is gone for good.
func ErrDestroyed(team, name string, version any) error {
	return errdefs.New(errdefs.FailedPrecondition, "VERSION_DESTROYED",
		"version %v of secret %s in team %s is destroyed: add a new version", version, name, team)
}

// ErrDisabled says that the version can't be used or read until it is enabled.
func ErrDisabled(team, name string, version any) error {
	return errdefs.New(errdefs.FailedPrecondition, "VERSION_DISABLED",
		"version %v of secret %s in team %s is disabled: enable it, or refer to another version", version, name, team)
}

// ErrGrantNotFound says that the secret has no such grant.
func ErrGrantNotFound(team, name, id string) error {
	return errdefs.New(errdefs.NotFound, "GRANT_NOT_FOUND", "secret %s in team %s has no grant %s", name, team, id)
}

// ReasonResolved is the reason of ErrResolved.
const ReasonResolved = "SANDBOX_ALREADY_RESOLVED"

// ErrResolved says that values were released for a sandbox of that id before, to the same workload.
func ErrResolved(sandboxID string) error {
	return errdefs.New(errdefs.FailedPrecondition, ReasonResolved,
		"the secrets of sandbox %s were released to this workload before: a new sandbox needs a new id", sandboxID)
}

// ErrExists says that the name is taken.
func ErrExists(team, name string) error {
	return errdefs.New(errdefs.AlreadyExists, "SECRET_EXISTS", "secret %s exists already in team %s", name, team)
}

// ErrDeleted says that the secret was deleted, and can be brought back.
func ErrDeleted(team, name string) error {
	return errdefs.New(errdefs.NotFound, "SECRET_DELETED", "secret %s in team %s is deleted: undelete it first", name, team)
}

// ErrExpired says that the secret's time is over.
func ErrExpired(team, name string) error {
	return errdefs.New(errdefs.FailedPrecondition, "SECRET_EXPIRED",
		"secret %s in team %s has expired, so nobody gets its value: give it another expire_time", name, team)
}

// ErrAliasNotFound says that the secret has no such name for a version.
func ErrAliasNotFound(team, name, alias string) error {
	return errdefs.New(errdefs.NotFound, "ALIAS_NOT_FOUND", "secret %s in team %s has no version alias %s", name, team, alias)
}

// ErrETagMismatch says that what was to be changed is no longer what the caller saw.
func ErrETagMismatch(what string) error {
	return errdefs.New(errdefs.Aborted, "ETAG_MISMATCH", "%s was changed since it was read: read it again", what)
}

// ErrRequestIDConflict says that a request id stands for another request.
func ErrRequestIDConflict() error {
	return errdefs.New(errdefs.AlreadyExists, "REQUEST_ID_CONFLICT",
		"the request_id was used for another request in the last 24 hours: give this one its own")
}
