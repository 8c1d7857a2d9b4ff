package authz

// service is the full name of the service whose rpcs the table lists.
const service = "/casemate.secrets.v1.SecretsManager/"

// methods says which action an rpc takes. Where it takes another one for some requests, the comment says so. An rpc
// that is not here is refused to everybody.
var methods = map[string]Action{
	"CreateSecret":   SecretManage,
	"GetSecret":      SecretList,
	"ListSecrets":    SecretList,
	"UpdateSecret":   SecretManage, // and VersionUse and VersionAccess, to let more people at the value
	"DeleteSecret":   SecretManage,
	"UndeleteSecret": SecretManage,

	"AddSecretVersion":          VersionAdd,
	"GetSecretVersion":          SecretList,
	"ListSecretVersions":        SecretList,
	"EnableSecretVersion":       SecretManage,
	"DisableSecretVersion":      SecretManage,
	"DestroySecretVersion":      SecretManage,
	"AccessSecretVersion":       VersionAccess,
	"BatchAccessSecretVersions": VersionUse,

	"CreateSecretGrant": SecretManage, // and every action that the grant gives
	"DeleteSecretGrant": SecretManage,
	"ListSecretGrants":  GrantList,
	"TestPermissions":   Self,

	"ListSecretUses":      AuditRead,
	"RevokeSecretVersion": SecretManage,
	"WatchRevocations":    Workload,
	"ReportSandboxes":     Workload,
	"EndWorkloadInstance": WorkloadManage,

	"CreateTeam": TeamCreate,
	"GetTeam":    TeamGet,
	"ListTeams":  Self, // TeamListAll shows all instead of one's own

	"UpdateTeam":    TeamUpdate,
	"DeleteTeam":    TeamDelete, // TeamDeleteAny for an operator
	"RotateDataKey": TeamRotateKey,
	"RotateKEK":     KEKManage,
	"GetKeyStatus":  TeamGet, // KEKManage when no team is named

	"CreateMember": MemberManage, // OwnerManage for owners, in all three
	"ListMembers":  TeamGet,
	"UpdateMember": MemberManage,
	"DeleteMember": MemberManage,

	"CreateAPIKey": KeyCreate, // MemberManage for another user's; of every presented key, in its own teams, KeyCreate
	"ListAPIKeys":  KeyCreate, // MemberManage shows others' too
	"RevokeAPIKey": KeyCreate, // MemberManage for another user's

	"RotateAPIKey": Self, // for the calling key; KeyCreate for the user's others, MemberManage for another user's

	"CreateOIDCTrust": MemberManage,
	"ListOIDCTrusts":  MemberManage,
	"DeleteOIDCTrust": MemberManage,
	"ExchangeToken":   Anyone, // whoever holds a token that meets a trust

	"WhoAmI": Self,

	"ListAuditEntries": AuditRead, // AuditReadAll for the whole log
	"VerifyAuditLog":   AuditVerify,
	"TailAuditEntries": AuditRead, // AuditReadAll for the whole log
	"ExportAuditLog":   AuditReadAll,
}

// ActionOf returns the action of an rpc by its full method name, and whether the rpc is in the table.
func ActionOf(fullMethod string) (Action, bool) {
	if len(fullMethod) <= len(service) || fullMethod[:len(service)] != service {
		return "", false
	}
	a, ok := methods[fullMethod[len(service):]]
	return a, ok
}
