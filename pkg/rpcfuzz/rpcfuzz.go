// Package rpcfuzz calls the rpcs of a running server with random requests and random metadata, as callers of all kinds, and
// looks at what comes back. It goes by the services' descriptors, so that a new rpc is called as soon as it is there.
package rpcfuzz

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// callTime bounds a call. Those that wait for something end with it.
const callTime = 150 * time.Millisecond

// Caller is who calls.
type Caller struct {
	Name string
	Conn *grpc.ClientConn
	// Key goes into the authorization metadata; empty: none.
	Key string
	// MayGet are the rpcs, by name, that may give this one the value that nobody else may see.
	MayGet []string
}

// Config is what is called, and what is expected.
type Config struct {
	Services []protoreflect.ServiceDescriptor
	// Words are what requests are made of.
	Words Words
	// Hidden are texts that no error may hold, whoever sent them: values.
	Hidden []string
	// Value is a stored value: only the rpcs in Caller.MayGet may answer with it.
	Value string
	// Reasons are those that an error's ErrorInfo may have, by its domain. An empty list stands for any.
	Reasons map[string][]string
	// MaxAnswer bounds an answer, in bytes.
	MaxAnswer int
	// Skip are rpcs, by name, that are not called.
	Skip []string
}

// Session is one series of calls, which data decides.
type Session struct {
	Config
	t *testing.T
	g *generator
}

// New starts a session. The same data makes the same calls, as far as answers are the same.
func New(t *testing.T, c Config, data []byte) *Session {
	rnd := rand.New(newSource(data)) //nolint:gosec // a test: what data says
	return &Session{Config: c, t: t, g: &generator{Rand: rnd, words: c.Words, hidden: c.Hidden}}
}

// Run makes some calls, each of a random rpc as a random caller. It returns the names of those that were answered without an
// error.
func (s *Session) Run(callers []Caller, calls int) (answered []string) {
	s.t.Helper()
	var methods []protoreflect.MethodDescriptor
	for _, service := range s.Services {
		for i := range service.Methods().Len() {
			if m := service.Methods().Get(i); !slices.Contains(s.Skip, string(m.Name())) {
				methods = append(methods, m)
			}
		}
	}
	for range calls {
		if m := pick(s.g, methods); s.call(pick(s.g, callers), m) {
			answered = append(answered, string(m.Name()))
		}
	}
	return answered
}

func (s *Session) call(c Caller, m protoreflect.MethodDescriptor) bool {
	s.t.Helper()
	s.g.method, s.g.tame = string(m.Name()), !s.g.oneIn(3)
	ctx, cancel := context.WithTimeout(metadata.NewOutgoingContext(s.t.Context(), s.metadata(c)), callTime)
	defer cancel()
	method := fmt.Sprintf("/%s/%s", m.Parent().FullName(), m.Name())
	if !m.IsStreamingClient() && !m.IsStreamingServer() {
		var header, trailer metadata.MD
		resp := s.message(m.Output())
		options := []grpc.CallOption{grpc.Header(&header), grpc.Trailer(&trailer)}
		req := any(s.request(m.Input()))
		if !s.g.tame && s.g.oneIn(5) {
			req, options = s.damage(s.request(m.Input())), append(options, grpc.ForceCodecV2(raw{}))
		}
		err := c.Conn.Invoke(ctx, method, req, resp.Interface(), options...)
		return s.check(c, m, resp, header, trailer, err)
	}
	stream, err := c.Conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, method)
	if err != nil {
		return s.check(c, m, nil, nil, nil, err)
	}
	for range 1 + s.g.IntN(3) {
		if stream.SendMsg(s.request(m.Input())) != nil || !m.IsStreamingClient() {
			break // RecvMsg says why
		}
	}
	_ = stream.CloseSend()
	for received := range 20 {
		resp := s.message(m.Output())
		if err := stream.RecvMsg(resp.Interface()); err != nil {
			if errors.Is(err, io.EOF) {
				return true
			}
			return s.check(c, m, nil, nil, stream.Trailer(), err) || received > 0
		}
		s.check(c, m, resp, nil, nil, nil)
	}
	return true
}

func (s *Session) message(d protoreflect.MessageDescriptor) protoreflect.Message {
	s.t.Helper()
	typ, err := protoregistry.GlobalTypes.FindMessageByName(d.FullName())
	if err != nil {
		s.t.Fatal(err)
	}
	return typ.New()
}

func (s *Session) request(d protoreflect.MessageDescriptor) proto.Message {
	s.t.Helper()
	m := s.message(d)
	s.g.fill(m, 0)
	return m.Interface()
}

// metadata is what the caller's call carries: sometimes more than one key, a strange one, and keys that mean something
// elsewhere.
func (s *Session) metadata(c Caller) metadata.MD {
	md := metadata.MD{}
	if c.Key != "" {
		md.Append("authorization", "Bearer "+c.Key)
	}
	if s.g.tame || !s.g.oneIn(4) {
		return md
	}
	for range 1 + s.g.IntN(5) {
		key := pick(s.g, []string{
			"authorization", "x-wandb-api-key", "x-request-id", "x-forwarded-for", "traceparent", "x-anything", "grpc-trace-bin", "some-bin",
			"on-behalf-of", "x-spiffe-id", "forwarded",
		})
		md.Append(key, s.header(strings.HasSuffix(key, "-bin")))
	}
	return md
}

// header is a value that gRPC sends: of a -bin key any bytes, else printable ASCII.
func (s *Session) header(binary bool) string {
	text := s.g.text("")
	if s.g.oneIn(3) {
		text = "Bearer " + text
	}
	if !binary {
		text = strings.Map(func(r rune) rune {
			if r < ' ' || r > '~' {
				return '?'
			}
			return r
		}, text)
	}
	return text[:min(len(text), 4000)]
}

var reasonForm = regexp.MustCompile(`^[A-Z][A-Z0-9_]+$`)

// check looks at what came back, and says whether it was an answer.
func (s *Session) check(c Caller, m protoreflect.MethodDescriptor, resp protoreflect.Message, header, trailer metadata.MD, err error) bool {
	s.t.Helper()
	st := status.Convert(err)
	told := fmt.Sprint(st.Proto(), header, trailer)
	for _, hidden := range s.Hidden {
		if err != nil && strings.Contains(told, hidden) {
			s.t.Errorf("%s as %s: the error repeats a value: %v", m.Name(), c.Name, told)
		}
	}
	if err == nil {
		raw, merr := proto.Marshal(resp.Interface())
		if merr != nil || len(raw) > s.MaxAnswer {
			s.t.Errorf("%s as %s: an answer of %d bytes, %v", m.Name(), c.Name, len(raw), merr)
		}
		if strings.Contains(string(raw), s.Value) && !slices.Contains(c.MayGet, string(m.Name())) {
			s.t.Errorf("%s gave %s the value", m.Name(), c.Name)
		}
		s.g.learn(resp)
		return true
	}
	switch st.Code() {
	case codes.Internal, codes.Unknown, codes.DataLoss:
		s.t.Errorf("%s as %s: %v", m.Name(), c.Name, err)
		return false
	case codes.DeadlineExceeded, codes.Canceled:
		return false // our own time was up: it is the client that says so
	}
	for _, d := range st.Details() {
		info, ok := d.(*errdetails.ErrorInfo)
		if !ok {
			continue
		}
		known, ok := s.Reasons[info.GetDomain()]
		if !ok || !reasonForm.MatchString(info.GetReason()) || len(known) > 0 && !slices.Contains(known, info.GetReason()) {
			s.t.Errorf("%s as %s: the reason %s of %s is not documented: %v", m.Name(), c.Name, info.GetReason(), info.GetDomain(), err)
		}
		return false
	}
	s.t.Errorf("%s as %s: an error without a reason: %v", m.Name(), c.Name, err)
	return false
}

// source makes decisions of data, so that a fuzzer that changes a byte changes a decision; afterwards they are random, by a
// seed that data makes.
type source struct {
	data []byte
	rest rand.Source
}

func newSource(data []byte) *source {
	var seed [32]byte
	copy(seed[:], data)
	return &source{data: data, rest: rand.NewChaCha8(seed)}
}

// Uint64 implements rand.Source.
func (s *source) Uint64() uint64 {
	if len(s.data) == 0 {
		return s.rest.Uint64()
	}
	// A byte is spread over the whole word, since what is drawn from it uses high or low bits.
	b := s.data[0]
	s.data = s.data[1:]
	return binary.LittleEndian.Uint64([]byte{b, b, b, b, b, b, b, b}) * 0x9E3779B97F4A7C15
}
