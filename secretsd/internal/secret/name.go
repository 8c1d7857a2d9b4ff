package secret

import (
	"strconv"

	"github.com/casemate/casemate/pkg/resource"
)

// TeamName returns a team's resource name.
func TeamName(team string) string { return resource.Team{Team: team}.String() }

// MemberName returns a member's resource name.
func MemberName(team, user string) string { return resource.Member{Team: team, User: user}.String() }

// KeyName returns an API key's resource name. The operator's first key belongs to no team.
func KeyName(team, id string) string {
	if team == "" {
		return "apiKeys/" + id
	}
	return resource.APIKey{Team: team, Key: id}.String()
}

// SandboxName returns the resource name of a sandbox, which sandboxd keeps.
func SandboxName(team, id string) string { return resource.Sandbox{Team: team, Sandbox: id}.String() }

// InstanceName names an instance of a workload in the audit log: what follows the # is its own name for itself.
func InstanceName(w Workload) string {
	if w.Instance == "" {
		return w.Peer
	}
	return w.Peer + "#" + w.Instance
}

// TrustName returns an OIDC trust's resource name.
func TrustName(team, id string) string { return resource.OIDCTrust{Team: team, Trust: id}.String() }

// FullName returns a secret's resource name.
func FullName(team, name string) string { return resource.Secret{Team: team, Secret: name}.String() }

// GrantName returns the resource name of a secret's grant.
func GrantName(team, name, id string) string {
	return resource.SecretGrant{Team: team, Secret: name, Grant: id}.String()
}

// VersionName returns a version's resource name; the number 0 stands for `latest`.
func VersionName(team, name string, number int64) string {
	version := resource.Latest
	if number != 0 {
		version = strconv.FormatInt(number, 10)
	}
	return resource.SecretVersion{Team: team, Secret: name, Version: version}.String()
}
