package rpcfuzz

import (
	"fmt"

	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"
)

// raw is a codec that sends bytes as they are, whether or not they are a message.
type raw struct{}

// Name implements encoding.CodecV2.
func (raw) Name() string { return "proto" }

// Marshal implements encoding.CodecV2.
func (raw) Marshal(v any) (mem.BufferSlice, error) {
	b, ok := v.([]byte)
	if !ok {
		return nil, fmt.Errorf("%T is no bytes", v)
	}
	return mem.BufferSlice{mem.SliceBuffer(b)}, nil
}

// Unmarshal implements encoding.CodecV2.
func (raw) Unmarshal(data mem.BufferSlice, v any) error {
	return proto.Unmarshal(data.Materialize(), v.(proto.Message))
}

// damage returns a message's bytes with some of them changed, added or cut off.
func (s *Session) damage(m proto.Message) []byte {
	b, err := proto.Marshal(m)
	if err != nil {
		s.t.Fatal(err)
	}
	for range 1 + s.g.IntN(4) {
		at := s.g.IntN(len(b) + 1)
		switch {
		case s.g.oneIn(3):
			b = b[:at]
		case s.g.oneIn(2) || at == len(b):
			b = append(b[:at:at], append([]byte{byte(s.g.Uint32())}, b[at:]...)...)
		default:
			b[at] ^= 1 << s.g.IntN(8)
		}
	}
	return b
}
