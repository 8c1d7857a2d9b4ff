package grpcserver

import (
	"fmt"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/experimental"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// wiping are options, to come after those of a server without it, for one that wipes values of secrets from what it receives and sends.
func wiping(c encoding.CodecV2) []grpc.ServerOption {
	pool := wipingPool{mem.DefaultBufferPool()}
	codec := &wipingCodec{CodecV2: c, pool: pool}
	return []grpc.ServerOption{grpc.ForceServerCodecV2(codec), experimental.BufferPool(pool)}
}

// wipingPool is gRPC's pool of buffers, with each wiped when it is given back: gRPC itself wipes it when it is taken
// again, which may be never.
type wipingPool struct{ mem.BufferPool }

// Put implements mem.BufferPool.
func (p wipingPool) Put(b *[]byte) {
	clear((*b)[:cap(*b)])
	p.BufferPool.Put(b)
}

// wipingCodec is the server's codec, but for messages with fields that can carry a value, which are marked
// debug_redact. As soon as such an answer is in the bytes to be sent, the values are wiped from the message, and the bytes
// when they were sent; those that a request came in are wiped when it was read. Text can't be wiped in Go. What was
// copied into the buffers of HTTP/2 and TLS is out of reach, and overwritten by what is sent and received next.
type wipingCodec struct {
	encoding.CodecV2
	pool    mem.BufferPool
	carries sync.Map // protoreflect.FullName → bool
}

// minPooled is more than gRPC's least size of a buffer that it gives back to its pool.
const minPooled = 4 << 10

// Marshal implements encoding.CodecV2.
func (c *wipingCodec) Marshal(v any) (mem.BufferSlice, error) {
	m, ok := v.(proto.Message)
	if !ok || !c.carriesValue(m) {
		return c.CodecV2.Marshal(v)
	}
	defer wipeMessage(m.ProtoReflect())
	size := proto.Size(m)
	buf := c.pool.Get(max(size, minPooled))
	out, err := proto.MarshalOptions{UseCachedSize: true}.MarshalAppend((*buf)[:0], m)
	if err != nil {
		c.pool.Put(buf)
		return nil, fmt.Errorf("marshal %T: %w", v, err)
	}
	*buf = out
	return mem.BufferSlice{mem.NewBuffer(buf, c.pool)}, nil
}

// Unmarshal implements encoding.CodecV2. Protobuf copies what it keeps. The pool wipes the bytes that came from it; a
// small message's did not.
func (c *wipingCodec) Unmarshal(data mem.BufferSlice, v any) error {
	err := c.CodecV2.Unmarshal(data, v)
	if m, ok := v.(proto.Message); ok && c.carriesValue(m) {
		for _, b := range data {
			clear(b.ReadOnlyData())
		}
	}
	return err
}

// carriesValue says whether a message has a field, itself or deeper, that can carry a value.
func (c *wipingCodec) carriesValue(m proto.Message) bool {
	d := m.ProtoReflect().Descriptor()
	if known, ok := c.carries.Load(d.FullName()); ok {
		return known.(bool)
	}
	found := hasMarked(d, map[protoreflect.FullName]bool{})
	c.carries.Store(d.FullName(), found)
	return found
}

func hasMarked(d protoreflect.MessageDescriptor, seen map[protoreflect.FullName]bool) bool {
	if seen[d.FullName()] {
		return false
	}
	seen[d.FullName()] = true
	for i := range d.Fields().Len() {
		f := d.Fields().Get(i)
		if marked(f) || f.Message() != nil && hasMarked(f.Message(), seen) {
			return true
		}
	}
	return false
}

func marked(f protoreflect.FieldDescriptor) bool {
	options, _ := f.Options().(*descriptorpb.FieldOptions)
	return options.GetDebugRedact()
}

// wipeMessage overwrites the marked bytes fields of a message and of those in it.
func wipeMessage(m protoreflect.Message) {
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case f.IsMap():
			if f.MapValue().Message() != nil {
				v.Map().Range(func(_ protoreflect.MapKey, v protoreflect.Value) bool { wipeMessage(v.Message()); return true })
			}
		case f.IsList():
			for i := range v.List().Len() {
				wipeField(f, v.List().Get(i))
			}
		default:
			wipeField(f, v)
		}
		return true
	})
}

func wipeField(f protoreflect.FieldDescriptor, v protoreflect.Value) {
	switch {
	case f.Message() != nil:
		wipeMessage(v.Message())
	case f.Kind() == protoreflect.BytesKind && marked(f):
		clear(v.Bytes())
	}
}
