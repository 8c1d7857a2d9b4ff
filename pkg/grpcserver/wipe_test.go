package grpcserver

import (
	"bytes"
	"sync"
	"testing"

	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
)

// recording is a pool that keeps what was given back, as it was then.
type recording struct {
	mem.BufferPool
	mu    sync.Mutex
	given [][]byte
}

func (r *recording) Put(b *[]byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.given = append(r.given, (*b)[:cap(*b)])
}

func newWipingCodec() (*wipingCodec, *recording) {
	r := &recording{BufferPool: mem.NopBufferPool{}}
	return &wipingCodec{CodecV2: newCodec(1 << 20), pool: wipingPool{r}}, r
}

func isZero(b []byte) bool { return len(bytes.Trim(b, "\x00")) == 0 }

// TestAnswersAreWiped marshals answers with values, small and large, and looks at what is left of them.
func TestAnswersAreWiped(t *testing.T) {
	for _, size := range []int{1, 100, 5000, 64 << 10} {
		one, two := bytes.Repeat([]byte("v"), size), bytes.Repeat([]byte("w"), size)
		for _, m := range []proto.Message{
			&secretsv1.AccessSecretVersionResponse{Name: "n", Data: one},
			&secretsv1.BatchAccessSecretVersionsResponse{Values: []*secretsv1.AccessedSecretVersion{{Name: "n", Data: one}, {Data: two}}},
		} {
			want := proto.Clone(m)
			codec, pool := newWipingCodec()
			out, err := codec.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			got := want.ProtoReflect().New().Interface()
			if err := proto.Unmarshal(out.Materialize(), got); err != nil || !proto.Equal(got, want) {
				t.Fatalf("%T of %d bytes is not what was sent: %v", m, size, err)
			}
			if _, batch := m.(*secretsv1.BatchAccessSecretVersionsResponse); !isZero(one) || batch && !isZero(two) {
				t.Errorf("%T of %d bytes: the message still has its values", m, size)
			}
			sent := out[0].ReadOnlyData()
			out.Free()
			if len(pool.given) != 1 || !isZero(sent) || !isZero(pool.given[0]) {
				t.Errorf("%T of %d bytes: what was sent is not wiped (%d buffers given back)", m, size, len(pool.given))
			}
			copy(one, bytes.Repeat([]byte("v"), size))
			copy(two, bytes.Repeat([]byte("w"), size))
		}
	}
}

func TestRequestsAreWiped(t *testing.T) {
	codec, _ := newWipingCodec()
	raw, err := proto.Marshal(&secretsv1.AddSecretVersionRequest{Parent: "p", Data: []byte("hunter2")})
	if err != nil {
		t.Fatal(err)
	}
	var got secretsv1.AddSecretVersionRequest
	if err := codec.Unmarshal(mem.BufferSlice{mem.SliceBuffer(raw)}, &got); err != nil || string(got.GetData()) != "hunter2" {
		t.Fatalf("%v, %v", got.GetParent(), err)
	}
	if !isZero(raw) {
		t.Error("the bytes that the request came in are not wiped")
	}
}

// TestOtherMessagesStayAsTheyAre: an answer without values may be sent again.
func TestOtherMessagesStayAsTheyAre(t *testing.T) {
	codec, pool := newWipingCodec()
	m := &secretsv1.VerifyAuditLogResponse{Intact: true, HeadHash: []byte{1, 2, 3}}
	if _, err := codec.Marshal(m); err != nil || !bytes.Equal(m.GetHeadHash(), []byte{1, 2, 3}) || len(pool.given) != 0 {
		t.Errorf("%v, %v", m, err)
	}
}
