package rpc

import (
	"net/netip"
	"slices"
	"strings"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

func toGrant(team, name string, g secret.Grant) *secretsv1.SecretGrant {
	out := &secretsv1.SecretGrant{
		Name: secret.GrantName(team, name, g.ID), Rights: toAll(g.Rights, toRight), Conditions: toConditions(g.Conditions),
		ExpireTime: toTime(g.ExpireTime), Creator: g.Creator, CreateTime: toTime(g.CreateTime),
	}
	if g.UserID != "" {
		out.Principal = &secretsv1.SecretGrant_UserId{UserId: g.UserID}
	} else {
		out.Principal = &secretsv1.SecretGrant_Role{Role: toRole(g.Role)}
	}
	return out
}

// toConditions converts conditions; none are absent.
func toConditions(c secret.Conditions) *secretsv1.GrantConditions {
	if c.Empty() {
		return nil
	}
	return &secretsv1.GrantConditions{
		Workloads: c.Workloads, Images: c.Images, Networks: toAll(c.Networks, toNetwork),
		Sources: toAll(c.Sources, netip.Prefix.String),
	}
}

var rights = map[secretsv1.SecretRight]secret.Right{
	secretsv1.SecretRight_SECRET_RIGHT_LIST:   secret.RightList,
	secretsv1.SecretRight_SECRET_RIGHT_MANAGE: secret.RightManage,
	secretsv1.SecretRight_SECRET_RIGHT_ADD:    secret.RightAdd,
	secretsv1.SecretRight_SECRET_RIGHT_USE:    secret.RightUse,
	secretsv1.SecretRight_SECRET_RIGHT_ACCESS: secret.RightAccess,
	secretsv1.SecretRight_SECRET_RIGHT_AUDIT:  secret.RightAudit,
}

func fromRight(r secretsv1.SecretRight) secret.Right { return rights[r] }

func toRight(r secret.Right) secretsv1.SecretRight { return keyOf(rights, r) }

// networks has no entry for "not said".
var networks = map[secretsv1.SandboxNetwork]secret.NetworkMode{
	secretsv1.SandboxNetwork_SANDBOX_NETWORK_NONE:       secret.NetworkNone,
	secretsv1.SandboxNetwork_SANDBOX_NETWORK_RESTRICTED: secret.NetworkRestricted,
	secretsv1.SandboxNetwork_SANDBOX_NETWORK_INTERNET:   secret.NetworkInternet,
}

func toNetwork(n secret.NetworkMode) secretsv1.SandboxNetwork { return keyOf(networks, n) }

// toInjection converts an injection policy; the default is absent.
func toInjection(i secret.Injection) *secretsv1.InjectionPolicy {
	if !i.BrokerOnly {
		return nil
	}
	return &secretsv1.InjectionPolicy{Mode: secretsv1.InjectionMode_INJECTION_MODE_BROKER_ONLY, Hosts: i.Hosts}
}

// fromInjection takes a policy that the rules of the .proto files have checked; an absent one is the default.
func fromInjection(field string, p *secretsv1.InjectionPolicy) (secret.Injection, error) {
	broker := p.GetMode() == secretsv1.InjectionMode_INJECTION_MODE_BROKER_ONLY
	if broker != (len(p.GetHosts()) > 0) {
		return secret.Injection{}, errdefs.InvalidField(field+".hosts", "names the hosts that the value may be sent to, with the mode BROKER_ONLY and no other")
	}
	for _, h := range p.GetHosts() {
		if !validHost(strings.TrimPrefix(h, "*.")) {
			return secret.Injection{}, errdefs.InvalidField(field+".hosts", "a host is a name in lower case such as api.example.com or *.example.com, without a port")
		}
	}
	return secret.Injection{BrokerOnly: broker, Hosts: slices.Sorted(slices.Values(p.GetHosts()))}, nil
}

// validHost says whether a name is a host's: labels of 1 to 63 of a-z, 0-9 and "-", which starts and ends none.
func validHost(name string) bool {
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	return true
}
