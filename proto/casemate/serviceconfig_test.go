package serviceconfig_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	serviceconfig "github.com/casemate/casemate/proto/casemate"
)

// retried are the methods that a client may call again when it does not know what became of the first call, and why.
var retried = map[protoreflect.FullName]string{
	"casemate.secrets.v1.SecretsManager.CreateSecret":         requestID,
	"casemate.secrets.v1.SecretsManager.AddSecretVersion":     requestID,
	"casemate.secrets.v1.SecretsManager.GetSecret":            reads,
	"casemate.secrets.v1.SecretsManager.ListSecrets":          reads,
	"casemate.secrets.v1.SecretsManager.GetSecretVersion":     reads,
	"casemate.secrets.v1.SecretsManager.ListSecretVersions":   reads,
	"casemate.secrets.v1.SecretsManager.EnableSecretVersion":  "repeating it is no error, by its contract",
	"casemate.secrets.v1.SecretsManager.DisableSecretVersion": "repeating it is no error, by its contract",
	"casemate.secrets.v1.SecretsManager.DestroySecretVersion": "repeating it is no error, by its contract: a number is never given twice",
	"casemate.secrets.v1.SecretsManager.AccessSecretVersion":  "a read; each time that the value was asked for is in the audit log, which is true",
	"casemate.secrets.v1.SecretsManager.ListSecretUses":       reads,
	"casemate.secrets.v1.SecretsManager.RevokeSecretVersion":  "repeating it is no error, by its contract, and nobody wants a revocation lost",
	"casemate.secrets.v1.SecretsManager.WatchRevocations":     "a read, which starts with what is still to be done",
	"casemate.secrets.v1.SecretsManager.ReportSandboxes":      "repeating it is no error, by its contract",
	"casemate.secrets.v1.SecretsManager.GetTeam":              reads,
	"casemate.secrets.v1.SecretsManager.ListTeams":            reads,
	"casemate.secrets.v1.SecretsManager.GetKeyStatus":         reads,
	"casemate.secrets.v1.SecretsManager.ListMembers":          reads,
	"casemate.secrets.v1.SecretsManager.ListAPIKeys":          reads,
	"casemate.secrets.v1.SecretsManager.RevokeAPIKey":         "repeating it is no error, by its contract, and nobody wants a revocation lost",
	"casemate.secrets.v1.SecretsManager.WhoAmI":               reads,
	"casemate.secrets.v1.SecretsManager.ListAuditEntries":     reads,
	"casemate.secrets.v1.SecretsManager.VerifyAuditLog":       reads,
	"casemate.secrets.v1.SecretsManager.TailAuditEntries":     "a read; gRPC repeats it only while nothing of the answer has come",
	"casemate.secrets.v1.SecretsManager.ExportAuditLog":       "a read; gRPC repeats it only while nothing of the answer has come",
	"casemate.sandbox.v1.SandboxService.RunSandbox":           "the same request_id returns the same sandbox; pkg/client sees to it that there is one",
	"casemate.sandbox.v1.SandboxService.GetSandbox":           reads,
	"casemate.sandbox.v1.SandboxService.ListSandboxes":        reads,
	"casemate.sandbox.v1.SandboxService.StopSandbox":          "stopping a stopped sandbox is no error, by its contract",
	"casemate.secrets.v1.SecretsManager.ListSecretGrants":     reads,
	"casemate.secrets.v1.SecretsManager.TestPermissions":      reads,
	"casemate.secrets.v1.SecretsManager.ListOIDCTrusts":       reads,
	"casemate.sandbox.v1.SandboxService.ExtendSandbox":        "the same expire_time is the same end, and a ttl one that is later by the time between",
	"casemate.sandbox.v1.SandboxService.UpdateNetwork":        "the same rules again are the same",
	"casemate.sandbox.v1.SandboxService.DeleteSandbox": "an id is never given twice, so a repeat can hit no other sandbox; at worst it answers " +
		"SANDBOX_NOT_FOUND, which is what was wanted, and with allow_missing not even that",
	"casemate.sandbox.v1.SandboxService.WaitSandbox":       reads,
	"casemate.sandbox.v1.SandboxService.ListProcesses":     reads,
	"casemate.sandbox.v1.SandboxService.AttachProcess":     "a read; gRPC repeats it only while nothing of the answer has come",
	"casemate.sandbox.v1.SandboxService.WaitProcess":       reads,
	"casemate.sandbox.v1.SandboxService.ReadFile":          reads,
	"casemate.sandbox.v1.SandboxService.WriteFile":         "the same bytes in the same place: a whole file is written, never a part",
	"casemate.sandbox.v1.SandboxService.StatFile":          reads,
	"casemate.sandbox.v1.SandboxService.ListDirectory":     reads,
	"casemate.sandbox.v1.SandboxService.DownloadArchive":   "a read; gRPC repeats it only while nothing of the answer has come",
	"casemate.sandbox.v1.SandboxService.StreamLogs":        "a read; gRPC repeats it only while nothing of the answer has come",
	"casemate.sandbox.v1.SandboxService.WatchFiles":        "a read; gRPC repeats it only while nothing of the answer has come, and the first answer says that the watch stands",
	"casemate.sandbox.v1.SandboxService.ListImages":        reads,
	"casemate.sandbox.v1.SandboxService.ListSandboxEvents": reads,
}

// notRetried are the others, and what a second call would do.
var notRetried = map[protoreflect.FullName]string{
	"casemate.secrets.v1.SecretsManager.DeleteSecret":              "answers SECRET_DELETED to who has just deleted it; with purge, it could erase the secret that somebody made since",
	"casemate.secrets.v1.SecretsManager.UndeleteSecret":            "answers SECRET_NOT_DELETED to who has just brought it back",
	"casemate.secrets.v1.SecretsManager.UpdateSecret":              "answers ETAG_MISMATCH to who has just changed it",
	"casemate.secrets.v1.SecretsManager.BatchAccessSecretVersions": "answers SANDBOX_ALREADY_RESOLVED where the first answer got lost: a new sandbox asks under a new id",
	"casemate.secrets.v1.SecretsManager.EndWorkloadInstance":       "could end what the instance has begun since, if it has come back",
	"casemate.secrets.v1.SecretsManager.CreateTeam":                "answers TEAM_EXISTS to who has just made it",
	"casemate.secrets.v1.SecretsManager.UpdateTeam":                "answers ETAG_MISMATCH to who has just changed it",
	"casemate.secrets.v1.SecretsManager.CreateMember":              "answers MEMBER_EXISTS to who has just made it",
	"casemate.secrets.v1.SecretsManager.UpdateMember":              "answers PERMISSION_DENIED to an admin who has just become a member",
	"casemate.secrets.v1.SecretsManager.DeleteMember":              "could remove a user whom somebody has added again since",
	"casemate.secrets.v1.SecretsManager.CreateAPIKey":              "leaves a valid key behind that nobody has seen and nobody will revoke",
	"casemate.sandbox.v1.SandboxService.Exec":                      "runs the command twice",
	"casemate.sandbox.v1.SandboxService.StreamExec":                "runs the command twice, and its input is gone",
	"casemate.sandbox.v1.SandboxService.ForwardPort":               "connects twice, and what was sent the first time is gone",
	"casemate.sandbox.v1.SandboxService.StartProcess":              "starts the command twice",
	"casemate.sandbox.v1.SandboxService.SendProcessInput":          "gives the process the same bytes twice",
	"casemate.sandbox.v1.SandboxService.SignalProcess":             "signals twice, which is not once to a process that counts, or that ends by the second",
	"casemate.sandbox.v1.SandboxService.MakeDirectory":             "answers FILE_EXISTS to who has just made it",
	"casemate.sandbox.v1.SandboxService.RemoveFile":                "could remove what a program in the sandbox has made under that name since",
	"casemate.sandbox.v1.SandboxService.MoveFile":                  "answers FILE_NOT_FOUND to who has just moved it, or moves what has the name now",
	"casemate.sandbox.v1.SandboxService.UploadArchive":             "needs the whole archive again, which no client keeps",
	"casemate.sandbox.v1.SandboxService.ImportImage":               "needs the whole archive again, which no client keeps",
	"casemate.secrets.v1.SecretsManager.CreateSecretGrant":         "could give again what somebody has taken away since",
	"casemate.secrets.v1.SecretsManager.DeleteSecretGrant":         "answers GRANT_NOT_FOUND to who has just deleted it",
	"casemate.secrets.v1.SecretsManager.DeleteTeam":                "answers TEAM_NOT_FOUND or PERMISSION_DENIED to who has just deleted it",
	"casemate.secrets.v1.SecretsManager.RotateKEK":                 "rotates again when the first rotation has ended since",
	"casemate.secrets.v1.SecretsManager.RotateDataKey":             "rotates again when the first rotation has ended since",
	"casemate.secrets.v1.SecretsManager.RotateAPIKey":              "answers API_KEY_ROTATED to who has just rotated it",
	"casemate.secrets.v1.SecretsManager.CreateOIDCTrust":           "answers OIDC_TRUST_EXISTS to who has just made it",
	"casemate.secrets.v1.SecretsManager.DeleteOIDCTrust":           "names can be taken again: it could end the trust that somebody made since",
	"casemate.secrets.v1.SecretsManager.ExchangeToken":             "answers OIDC_TOKEN_REPLAYED, or leaves a valid key behind that nobody has seen",
}

const (
	reads     = "a read"
	requestID = "the same request_id is answered with what the first call has made; the clients see to it that there is one"
)

type config struct {
	MethodConfig []struct {
		Name        []struct{ Service, Method string }
		RetryPolicy struct {
			MaxAttempts                int
			InitialBackoff, MaxBackoff string
			BackoffMultiplier          float64
			RetryableStatusCodes       []string
		}
	}
}

func parse(t *testing.T) config {
	t.Helper()
	var c config
	if err := json.Unmarshal([]byte(serviceconfig.JSON), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEveryMethodIsRetriedOrHasAReasonNotTo(t *testing.T) {
	inFile := map[protoreflect.FullName]int{}
	for _, m := range parse(t).MethodConfig {
		for _, n := range m.Name {
			inFile[protoreflect.FullName(n.Service).Append(protoreflect.Name(n.Method))]++
		}
	}
	known := map[protoreflect.FullName]bool{}
	for _, file := range []protoreflect.FileDescriptor{
		secretsv1.File_casemate_secrets_v1_secrets_manager_proto, sandboxv1.File_casemate_sandbox_v1_sandbox_service_proto,
	} {
		for i := range file.Services().Len() {
			methods := file.Services().Get(i).Methods()
			for j := range methods.Len() {
				name := methods.Get(j).FullName()
				known[name] = true
				_, yes := retried[name]
				_, no := notRetried[name]
				if yes == no {
					t.Errorf("%s: say in retried or in notRetried, and only in one, what a second call does", name)
				}
				if want := map[bool]int{true: 1}[yes]; inFile[name] != want {
					t.Errorf("%s stands %d times in service_config.json, want %d", name, inFile[name], want)
				}
			}
		}
	}
	for _, names := range []map[protoreflect.FullName]string{retried, notRetried} {
		for name := range names {
			if !known[name] {
				t.Errorf("%s: there is no such method", name)
			}
		}
	}
	for name := range inFile {
		if !known[name] {
			t.Errorf("service_config.json: there is no method %s", name)
		}
	}
}

// gRPC's implementations take a fifth off a backoff at most (gRFC A6), and count no more than five attempts.
func TestARestartOfTwoSecondsIsRiddenOut(t *testing.T) {
	for _, m := range parse(t).MethodConfig {
		p := m.RetryPolicy
		if p.MaxAttempts > 5 {
			t.Errorf("maxAttempts %d is taken for 5", p.MaxAttempts)
		}
		if want := []string{"UNAVAILABLE"}; !slices.Equal(p.RetryableStatusCodes, want) {
			t.Errorf("retryableStatusCodes %v, want %v: nothing else says that another try helps", p.RetryableStatusCodes, want)
		}
		next, err := time.ParseDuration(p.InitialBackoff)
		if err != nil {
			t.Fatal(err)
		}
		longest, err := time.ParseDuration(p.MaxBackoff)
		if err != nil {
			t.Fatal(err)
		}
		var all time.Duration
		for range p.MaxAttempts - 1 {
			all += min(next, longest) * 4 / 5
			next = time.Duration(float64(next) * p.BackoffMultiplier)
		}
		// A channel with gRPC's default backoff connects again 1 and then 2.6 seconds after a loss, or a fifth later.
		if all < 3200*time.Millisecond {
			t.Errorf("the last attempt may come after %v already", all)
		}
	}
}
