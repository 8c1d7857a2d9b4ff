package secret

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/casemate/casemate/pkg/identity"
)

// Limits on grants.
const (
	// MaxGrants is the most grants of a secret.
	MaxGrants = 100
	// MaxConditions is the most entries of one condition of a grant.
	MaxConditions = 32
	// MaxHosts is the most hosts of an injection policy.
	MaxHosts = 32
)

// Right is what a grant can give.
type Right string

// The rights, from the one that tells least.
const (
	// RightList sees the secret and its versions, with their metadata.
	RightList Right = "list"
	// RightUse has the value injected into sandboxes. It never implies RightAccess.
	RightUse Right = "use"
	// RightAccess reads the value.
	RightAccess Right = "access"
	// RightAdd adds values.
	RightAdd Right = "add"
	// RightManage changes the secret, its versions, and who has which right to it.
	RightManage Right = "manage"
	// RightAudit sees who did what with the secret.
	RightAudit Right = "audit"
)

// Rights are all rights, in the order in which they are shown.
var Rights = []Right{RightList, RightManage, RightAdd, RightUse, RightAccess, RightAudit}

// Grant gives one user or the members of one role rights to one secret, beyond those of their roles. It never changes:
// what is to be otherwise is another grant.
type Grant struct {
	ID string
	// UserID is the member that it is for; empty when it is for a role.
	UserID string
	// Role is whom it is for: all of that role, and owners and admins, who could give themselves the role.
	Role   identity.Role
	Rights []Right
	// Conditions must all be met by a request.
	Conditions Conditions
	// ExpireTime is when it stops counting; zero means never.
	ExpireTime time.Time
	// Creator is the id of the user who made it.
	Creator    string
	CreateTime time.Time
}

// Conditional says whether there are requests that the grant does not count for, or will be.
func (g Grant) Conditional() bool { return !g.Conditions.Empty() || !g.ExpireTime.IsZero() }

// Same says whether two grants give the same, whoever made them.
func (g Grant) Same(o Grant) bool {
	return g.UserID == o.UserID && g.Role == o.Role && slices.Equal(g.Rights, o.Rights) && g.ExpireTime.Equal(o.ExpireTime) &&
		slices.Equal(g.Conditions.Workloads, o.Conditions.Workloads) && slices.Equal(g.Conditions.Images, o.Conditions.Images) &&
		slices.Equal(g.Conditions.Networks, o.Conditions.Networks) && slices.Equal(g.Conditions.Sources, o.Conditions.Sources)
}

// NetworkMode is how much of the network a sandbox has.
type NetworkMode string

// The modes.
const (
	// NetworkNone is no network at all.
	NetworkNone NetworkMode = "none"
	// NetworkRestricted is a list of destinations that may be reached.
	NetworkRestricted NetworkMode = "restricted"
	// NetworkInternet is any public address, apart from those that the sandbox's own rules deny.
	NetworkInternet NetworkMode = "internet"
)

// Conditions narrow a grant to some requests. Of each list that is not empty one entry must be met.
type Conditions struct {
	// Workloads are SPIFFE IDs of the workload that resolves.
	Workloads []string `json:"workloads,omitempty"`
	// Images are what the sandbox is made of, in full form: one image by its tag (docker.io/library/python:3.11) or digest
	// (docker.io/library/python@sha256:…), a repository (docker.io/library/python:*), or all below a path
	// (registry.example.com/team/*).
	Images []string `json:"images,omitempty"`
	// Networks are the modes that the sandbox's network may have.
	Networks []NetworkMode `json:"networks,omitempty"`
	// Sources are the networks that the end caller may call from.
	Sources []netip.Prefix `json:"sources,omitempty"`
}

// Empty says whether every request meets the conditions.
func (c Conditions) Empty() bool {
	return len(c.Workloads) == 0 && len(c.Images) == 0 && len(c.Networks) == 0 && len(c.Sources) == 0
}

// OfSandboxes says whether there are conditions that only a request for a sandbox can meet.
func (c Conditions) OfSandboxes() bool {
	return len(c.Workloads) > 0 || len(c.Images) > 0 || len(c.Networks) > 0
}

// Facts are what is known about a request, besides who makes it. What is not known meets no condition.
type Facts struct {
	// Time is now.
	Time time.Time
	// Source is the address that the end caller calls from.
	Source netip.Addr
	// Workload is the SPIFFE ID of the workload that resolves; Image, in full form, and Network are the sandbox's. A
	// request that is not for a sandbox has none of them.
	Workload string
	Image    string
	Network  NetworkMode
}

// Unmet says in words which condition a request does not meet; "" when it meets all.
func (c Conditions) Unmet(f Facts) string {
	switch {
	case len(c.Workloads) > 0 && (f.Workload == "" || !slices.Contains(c.Workloads, f.Workload)):
		return "for the workload " + list(c.Workloads)
	case len(c.Images) > 0 && !slices.ContainsFunc(c.Images, func(p string) bool { return MatchImage(p, f.Image) }):
		return "for the image " + list(c.Images)
	case len(c.Networks) > 0 && (f.Network == "" || !slices.Contains(c.Networks, f.Network)):
		return "for the sandbox network " + list(c.Networks)
	case len(c.Sources) > 0 && !slices.ContainsFunc(c.Sources, func(p netip.Prefix) bool { return p.Contains(f.Source.Unmap()) }):
		texts := make([]string, len(c.Sources))
		for i, p := range c.Sources {
			texts[i] = p.String()
		}
		return "for calls from " + list(texts)
	}
	return ""
}

func list[S ~string](all []S) string {
	texts := make([]string, len(all))
	for i, s := range all {
		texts[i] = string(s)
	}
	return strings.Join(texts, " or ")
}

// Policy is what decides, besides roles, who may do what with one secret.
type Policy struct {
	// Absent says that there is no such secret.
	Absent bool
	// Restricted is as in Secret.
	Restricted bool
	Grants     []Grant
}
