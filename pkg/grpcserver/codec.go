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

// codec is gRPC's own for protobuf, but for what it does with bytes that are no message, or too many. By itself gRPC answers
// those before the chain sees the call, without details, and what is no message with INTERNAL: that would look like a fault of
// ours, and leave no line in the log. So the message is marked instead, and refused by the chain like other mistakes.
type codec struct {
	encoding.CodecV2
	// most is how many bytes a received message may have.
	most int
}

func newCodec(most int) codec { return codec{encoding.GetCodecV2(protocodec.Name), most} }

// tooLargeRoom is how much more than the most gRPC is let receive of a message, for the codec to refuse it: what is larger still
// gRPC refuses by its length, unread and without details. Strangers can make the server hold this too.
const tooLargeRoom = 1 << 20

// malformed and tooLarge mark a message: a field of the highest number that there is, which no message has.
var malformed, tooLarge = mark("malformed"), mark("too large")

func mark(how string) []byte {
	return protowire.AppendString(protowire.AppendTag(nil, protowire.MaxValidNumber, protowire.BytesType), how)
}

// Unmarshal implements encoding.CodecV2.
func (c codec) Unmarshal(data mem.BufferSlice, v any) error {
	m, ok := v.(proto.Message)
	if ok && data.Len() > c.most {
		proto.Reset(m)
		m.ProtoReflect().SetUnknown(tooLarge)
		return nil
	}
	err := c.CodecV2.Unmarshal(data, v)
	if err != nil && ok {
		proto.Reset(m)
		m.ProtoReflect().SetUnknown(malformed)
		return nil
	}
	return err
}

// checkMalformed refuses a message that the codec has marked.
func checkMalformed(v any) error {
	m, ok := v.(proto.Message)
	if !ok {
		return nil
	}
	switch unknown := m.ProtoReflect().GetUnknown(); {
	case bytes.Equal(unknown, malformed):
		return errdefs.New(errdefs.InvalidArgument, "INVALID_ARGUMENT", "the request is no %s: it is damaged, or of another protocol",
			m.ProtoReflect().Descriptor().FullName())
	case bytes.Equal(unknown, tooLarge):
		return errMessageTooLarge()
	}
	return nil
}

func errMessageTooLarge() *errdefs.Error {
	return errdefs.New(errdefs.ResourceExhausted, "MESSAGE_TOO_LARGE", "a message of the request is larger than the server takes")
}
