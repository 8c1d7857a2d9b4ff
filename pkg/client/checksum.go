package client

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/crc32c"
	"github.com/casemate/casemate/pkg/errdefs"
)

// checksum sends the checksum of a value along with it, and checks that of a value that was read. A value that was damaged
// is not given out: the error is Unavailable (DATA_CORRUPTED).
func checksum(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	if err := invoke(ctx, method, withChecksum(req), reply, cc, opts...); err != nil {
		return err
	}
	access, ok := reply.(*secretsv1.AccessSecretVersionResponse)
	if !ok || access.GetDataCrc32C() == crc32c.Sum(access.GetData()) {
		return nil
	}
	name := access.GetName()
	clear(access.GetData())
	proto.Reset(access)
	return errdefs.New(errdefs.Unavailable, "DATA_CORRUPTED",
		"the value of %s was damaged on its way from secretsd: its CRC32C is another; try again", name)
}

// withChecksum changes a copy of a request that carries a value without its checksum.
func withChecksum(req any) any {
	m, ok := req.(proto.Message)
	if !ok {
		return req
	}
	fields := m.ProtoReflect().Descriptor().Fields()
	data, sum := fields.ByName("data"), fields.ByName("data_crc32c")
	if sum == nil || m.ProtoReflect().Has(sum) || !m.ProtoReflect().Has(data) {
		return req
	}
	m = proto.Clone(m)
	m.ProtoReflect().Set(sum, protoreflect.ValueOfInt64(crc32c.Sum(m.ProtoReflect().Get(data).Bytes())))
	return m
}
