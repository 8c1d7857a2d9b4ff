package authz

import (
	"slices"

	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

// Action is something that a caller may or may not do.
type Action string

// Actions on one team.
const (
	// SecretList sees that secrets and versions exist, with their metadata.
	SecretList Action = "secret.list"
	// SecretManage makes, changes and deletes secrets, and enables, disables and destroys versions; of one secret it says
	// who has which right to it.
	SecretManage Action = "secret.manage"
	// GrantList sees who has which right to a secret.
	GrantList Action = "grant.list"
	// VersionAdd adds a value.
	VersionAdd Action = "version.add"
	// VersionUse has a value injected into a sandbox. It never implies VersionAccess.
	VersionUse Action = "version.use"
	// VersionAccess reads a value through the API.
	VersionAccess Action = "version.access"
	// MemberManage adds, changes and removes members who are no owners, and makes, lists and revokes their keys.
	MemberManage Action = "member.manage"
	// OwnerManage makes, changes and removes owners, and makes and revokes their keys.
	OwnerManage Action = "owner.manage"
	// TeamGet sees a team and its members.
	TeamGet Action = "team.get"
	// KeyCreate makes, lists and revokes the caller's own keys.
	KeyCreate Action = "key.create"
	// AuditRead reads the team's part of the audit log; of one secret, what was done with it.
	AuditRead Action = "audit.read"
	// TeamRotateKey gives the team a new data key.
	TeamRotateKey Action = "team.rotate_key"
	// TeamUpdate changes what holds for the whole team.
	TeamUpdate Action = "team.update"
	// TeamDelete destroys the team with all its values.
	TeamDelete Action = "team.delete"
)

// Actions on the whole installation, for operators.
const (
	// TeamCreate makes a team.
	TeamCreate Action = "team.create"
	// TeamListAll sees all teams.
	TeamListAll Action = "team.list_all"
	// AuditReadAll reads the whole audit log.
	AuditReadAll Action = "audit.read_all"
	// AuditVerify verifies the whole audit log.
	AuditVerify Action = "audit.verify"
	// KEKManage rotates the key-encryption key, and sees which keys there are.
	KEKManage Action = "kek.manage"
	// TeamDeleteAny destroys any team.
	TeamDeleteAny Action = "team.delete_any"
	// WorkloadManage says of a workload's instance that it is gone.
	WorkloadManage Action = "workload.manage"
)

// Workload is what the workloads do that secretsd's configuration trusts, by their client certificate: no role and no scope
// allows it, so Decide never does.
const Workload Action = "workload"

// Anyone is what needs no key: to present a token for one. Nobody is asked whether they may.
const Anyone Action = "anyone"

// Self is what every valid key may do: ask who it is, what it may do, and list its own teams.
const Self Action = "self"

var roleActions = map[identity.Role][]Action{
	identity.RoleOwner: {
		SecretList, SecretManage, GrantList, VersionAdd, VersionUse, VersionAccess, MemberManage, OwnerManage, TeamGet, KeyCreate,
		AuditRead, TeamRotateKey, TeamUpdate, TeamDelete,
	},
	identity.RoleAdmin: {
		SecretList, SecretManage, GrantList, VersionAdd, VersionUse, VersionAccess, MemberManage, TeamGet, KeyCreate, AuditRead,
		TeamRotateKey, TeamUpdate,
	},
	identity.RoleMember:  {SecretList, VersionUse, TeamGet, KeyCreate},
	identity.RoleAuditor: {SecretList, GrantList, TeamGet, KeyCreate, AuditRead},
	identity.RoleService: {VersionUse},
}

// restrictedActions are those that a restricted secret takes from all roles but the owner's.
var restrictedActions = []Action{VersionUse, VersionAccess}

// rightActions is what the rights of a grant are.
var rightActions = map[secret.Right][]Action{
	secret.RightList:   {SecretList},
	secret.RightManage: {SecretManage, GrantList},
	secret.RightAdd:    {VersionAdd},
	secret.RightUse:    {VersionUse},
	secret.RightAccess: {VersionAccess},
	secret.RightAudit:  {AuditRead, GrantList},
}

// TeamActions are all actions on a team, and SecretActions those of them that are decided for one secret.
var (
	TeamActions = []Action{
		SecretList, SecretManage, GrantList, VersionAdd, VersionUse, VersionAccess, MemberManage, OwnerManage, TeamGet, KeyCreate,
		AuditRead, TeamRotateKey, TeamUpdate, TeamDelete,
	}
	SecretActions = []Action{SecretList, SecretManage, GrantList, VersionAdd, VersionUse, VersionAccess, AuditRead}
)

// RoleMay says whether a role allows an action by itself.
func RoleMay(r identity.Role, a Action) bool { return slices.Contains(roleActions[r], a) }

// ActionsOf returns what a right of a grant allows.
func ActionsOf(r secret.Right) []Action { return rightActions[r] }

var operatorActions = []Action{TeamCreate, TeamListAll, AuditReadAll, AuditVerify, KEKManage, TeamDeleteAny, WorkloadManage}

var scopeActions = map[identity.Scope][]Action{
	identity.ScopeRun: {SecretList, TeamGet, VersionUse},
	identity.ScopeManage: {
		SecretList, SecretManage, GrantList, VersionAdd, MemberManage, OwnerManage, KeyCreate, TeamGet, AuditRead,
		TeamRotateKey, TeamUpdate, TeamDelete,
		TeamCreate, TeamListAll, AuditReadAll, AuditVerify, KEKManage, TeamDeleteAny, WorkloadManage,
	},
	identity.ScopeRead: {VersionAccess, SecretList, TeamGet},
}
