package rpc

import (
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
)

// TestTeamOf puts a team's name where each rpc's request has the name that it is about, and expects it to be found: calls
// of an rpc where it is not found would be on no team's quota.
func TestTeamOf(t *testing.T) {
	methods := secretsv1.File_casemate_secrets_v1_secrets_manager_proto.Services().ByName("SecretsManager").Methods()
	found := 0
	for i := range methods.Len() {
		input := methods.Get(i).Input()
		typ, err := protoregistry.GlobalTypes.FindMessageByName(input.FullName())
		if err != nil {
			t.Fatal(err)
		}
		req := typ.New()
		if !nameTeam(req, "teams/ml/secrets/A") {
			continue
		}
		found++
		if team := teamOf(req.Interface()); team != "ml" {
			t.Errorf("%s: team %q", methods.Get(i).Name(), team)
		}
	}
	if found < 20 {
		t.Errorf("only %d rpcs are about a team", found)
	}
	for _, req := range []proto.Message{
		&secretsv1.WhoAmIRequest{}, &secretsv1.UpdateSecretRequest{}, &secretsv1.GetTeamRequest{Name: "teams"}, &secretsv1.GetTeamRequest{Name: "team/ml"},
	} {
		if team := teamOf(req); team != "" {
			t.Errorf("%v: team %q", req, team)
		}
	}
}

// nameTeam sets the string that names a resource of a request, found by the proto's own convention: the first field, or the
// first field of the resource that is the first field.
func nameTeam(m protoreflect.Message, name string) bool {
	fields := m.Descriptor().Fields()
	if fields.Len() == 0 {
		return false
	}
	f := fields.ByNumber(1)
	switch {
	case f == nil || f.IsList():
		return false
	case f.Kind() == protoreflect.MessageKind:
		return nameTeam(m.Mutable(f).Message(), name)
	case f.Kind() == protoreflect.StringKind && f.Name() != "team_id" && f.Name() != "workload":
		m.Set(f, protoreflect.ValueOfString(name))
		return true
	}
	return false
}
