package resource

import (
	"strings"

	"github.com/casemate/casemate/pkg/errdefs"
)

// part is one id of a name: where it stands, and what it must look like.
type part struct {
	collection string
	variable   string
	check      func(field, id string) error
}

var (
	teamPart    = part{teams, "{team}", CheckTeam}
	anyTeamPart = part{teams, "{team}", checkTeamOrAny}
	memberPart  = part{members, "{user}", CheckUser}
	apiKeyPart  = part{apiKeys, "{key}", CheckAPIKey}
	trustPart   = part{trusts, "{trust}", CheckOIDCTrust}
	secretPart  = part{secrets, "{secret}", CheckSecret}
	versionPart = part{versions, "{version}", CheckVersion}
	grantPart   = part{grants, "{grant}", CheckGrant}
	sandboxPart = part{sandboxes, "{sandbox}", CheckSandbox}
)

// ParseTeam parses a team's name. Errors are about field, the request's field that held the name.
func ParseTeam(field, name string) (Team, error) {
	ids, err := parse(field, name, teamPart)
	if err != nil {
		return Team{}, err
	}
	return Team{ids[0]}, nil
}

// ParseMember parses a member's name. Errors are about field.
func ParseMember(field, name string) (Member, error) {
	ids, err := parse(field, name, teamPart, memberPart)
	if err != nil {
		return Member{}, err
	}
	return Member{ids[0], ids[1]}, nil
}

// ParseAPIKey parses the name of a key's record. Errors are about field.
func ParseAPIKey(field, name string) (APIKey, error) {
	ids, err := parse(field, name, teamPart, apiKeyPart)
	if err != nil {
		return APIKey{}, err
	}
	return APIKey{ids[0], ids[1]}, nil
}

// ParseOIDCTrust parses a trust's name. Errors are about field.
func ParseOIDCTrust(field, name string) (OIDCTrust, error) {
	ids, err := parse(field, name, teamPart, trustPart)
	if err != nil {
		return OIDCTrust{}, err
	}
	return OIDCTrust{ids[0], ids[1]}, nil
}

// ParseSecret parses a secret's name. Errors are about field.
func ParseSecret(field, name string) (Secret, error) {
	ids, err := parse(field, name, teamPart, secretPart)
	if err != nil {
		return Secret{}, err
	}
	return Secret{ids[0], ids[1]}, nil
}

// ParseSecretVersion parses a version's name. Errors are about field.
func ParseSecretVersion(field, name string) (SecretVersion, error) {
	ids, err := parse(field, name, teamPart, secretPart, versionPart)
	if err != nil {
		return SecretVersion{}, err
	}
	return SecretVersion{ids[0], ids[1], ids[2]}, nil
}

// ParseSecretGrant parses the name of a secret's grant. Errors are about field.
func ParseSecretGrant(field, name string) (SecretGrant, error) {
	ids, err := parse(field, name, teamPart, secretPart, grantPart)
	if err != nil {
		return SecretGrant{}, err
	}
	return SecretGrant{ids[0], ids[1], ids[2]}, nil
}

// ParseSandbox parses a sandbox's name, whose team may be AnyTeam. Errors are about field.
func ParseSandbox(field, name string) (Sandbox, error) {
	ids, err := parse(field, name, anyTeamPart, sandboxPart)
	if err != nil {
		return Sandbox{}, err
	}
	return Sandbox{ids[0], ids[1]}, nil
}

func checkTeamOrAny(field, id string) error {
	if id == AnyTeam {
		return nil
	}
	return CheckTeam(field, id)
}

// parse returns the ids of a name made of exactly these parts.
func parse(field, name string, parts ...part) ([]string, error) {
	segments := strings.Split(name, "/")
	ids := make([]string, 0, len(parts))
	for i, p := range parts {
		if len(segments) < 2*(i+1) || segments[2*i] != p.collection {
			return nil, shape(field, parts)
		}
	}
	if len(segments) != 2*len(parts) {
		return nil, shape(field, parts)
	}
	for i, p := range parts {
		id := segments[2*i+1]
		if err := p.check(field, id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func shape(field string, parts []part) error {
	var b strings.Builder
	for i, p := range parts {
		if i > 0 {
			b.WriteByte('/')
		}
		b.WriteString(p.collection + "/" + p.variable)
	}
	return errdefs.InvalidField(field, "must be of the form %s", b.String())
}
