package rpc

import (
	"context"
	"path"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/casemate/casemate/pkg/grpcserver"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/quota"
)

// Admit returns what grpcserver asks after authentication: it counts a call on its caller's quota, and on that of the team
// that the request names. A refusal is in the log and in the metrics, and not in the audit log: nothing was decided or
// touched, and a durable write for each would make the flood worse. Who has no key yet (ExchangeToken) has no quota, or any
// stranger could use up the team's: such calls are throttled by their address, and counted when it is known whose key they get (AdmitExchange).
func Admit(q *quota.Quota, now func() time.Time) grpcserver.AdmitFunc {
	return func(ctx context.Context, fullMethod string, req any) error {
		if caller(ctx).UserID == "" {
			return nil
		}
		return q.Take(caller(ctx), quota.ClassOf(path.Base(fullMethod)), teamOf(req), now())
	}
}

// AdmitExchange returns what the core asks before it exchanges a token (manager.Config.Admit), on the same quota.
func AdmitExchange(q *quota.Quota, now func() time.Time) func(c identity.Caller, team string) error {
	return func(c identity.Caller, team string) error { return q.Take(c, quota.Writes, team, now()) }
}

// teamOf returns the team that a request names, whatever else is wrong with it; empty where it names none. It goes by the
// names that fields of resource names have everywhere, in the request itself or in the resource that it carries.
func teamOf(req any) string {
	m, ok := req.(proto.Message)
	if !ok {
		return ""
	}
	request := m.ProtoReflect()
	if team := namedTeam(request); team != "" {
		return team
	}
	var team string
	request.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		if f.Kind() == protoreflect.MessageKind && f.Cardinality() != protoreflect.Repeated {
			team = namedTeam(v.Message())
		}
		return team == ""
	})
	return team
}

func namedTeam(m protoreflect.Message) string {
	for _, field := range []protoreflect.Name{"name", "parent", "resource"} {
		f := m.Descriptor().Fields().ByName(field)
		if f == nil || f.Kind() != protoreflect.StringKind || f.IsList() {
			continue
		}
		if rest, ok := strings.CutPrefix(m.Get(f).String(), "teams/"); ok {
			team, _, _ := strings.Cut(rest, "/")
			return team
		}
	}
	return ""
}
