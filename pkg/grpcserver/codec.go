package grpcserver

import (
	"bytes"

	"google.golang.org/grpc/encoding"
	protocodec "google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/casemate/casemate/pkg/errdefs"
)

// codec is gRPC's own for protobuf, but for what it does with bytes that are no message. By itself gRPC answers those with
// INTERNAL, before the chain sees the call: that would look like a fault of ours, and leave no line in the log. So the
// message is marked instead, and refused by the chain like other mistakes.
type codec struct{ encoding.CodecV2 }

func newCodec() codec { return codec{encoding.GetCodecV2(protocodec.Name)} }

// malformed marks a message: a field of the highest number that there is, which no message has.
var malformed = protowire.AppendString(protowire.AppendTag(nil, protowire.MaxValidNumber, protowire.BytesType), "malformed")

// Unmarshal implements encoding.CodecV2.
func (c codec) Unmarshal(data mem.BufferSlice, v any) error {
	err := c.CodecV2.Unmarshal(data, v)
	if m, ok := v.(proto.Message); err != nil && ok {
		proto.Reset(m)
		m.ProtoReflect().SetUnknown(malformed)
		return nil
	}
	return err
}

// checkMalformed refuses a message that the codec has marked.
func checkMalformed(v any) error {
	if m, ok := v.(proto.Message); ok && bytes.Equal(m.ProtoReflect().GetUnknown(), malformed) {
		return errdefs.New(errdefs.InvalidArgument, "INVALID_ARGUMENT", "the request is no %s: it is damaged, or of another protocol",
			m.ProtoReflect().Descriptor().FullName())
	}
	return nil
}
