package daemon_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/sandboxd/internal/config"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
	"github.com/casemate/casemate/secretsd/secretsdtest"
)

// receiver is an OTLP receiver that keeps what it gets.
type receiver struct {
	collector.UnimplementedTraceServiceServer

	address string

	mu    sync.Mutex
	raw   []byte
	spans map[string][]span // by trace
}

type span struct {
	*tracev1.Span
	service string
}

func startReceiver(t *testing.T) *receiver {
	t.Helper()
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &receiver{address: "http://" + lis.Addr().String(), spans: map[string][]span{}}
	server := grpc.NewServer()
	collector.RegisterTraceServiceServer(server, r)
	go func() { _ = server.Serve(lis) }()
	t.Cleanup(server.Stop)
	return r
}

// Export implements collector.TraceServiceServer.
func (r *receiver) Export(_ context.Context, req *collector.ExportTraceServiceRequest) (*collector.ExportTraceServiceResponse, error) {
	raw, err := proto.Marshal(req)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.raw = append(r.raw, raw...)
	for _, rs := range req.GetResourceSpans() {
		service := rs.GetResource().GetAttributes()[0].GetValue().GetStringValue()
		for _, ss := range rs.GetScopeSpans() {
			for _, s := range ss.GetSpans() {
				id := hex.EncodeToString(s.GetTraceId())
				r.spans[id] = append(r.spans[id], span{s, service})
			}
		}
	}
	return &collector.ExportTraceServiceResponse{}, nil
}

// tree draws the trace that has a span of that name as its root, brothers in the order of their names. WhoAmI is left out: its
// answer may be known already.
func (r *receiver) tree(root string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var b strings.Builder
	for _, spans := range r.spans {
		children := map[string][]span{}
		for _, s := range spans {
			parent := string(s.GetParentSpanId())
			children[parent] = append(children[parent], s)
		}
		if tops := children[""]; len(tops) != 1 || tops[0].GetName() != root {
			continue
		}
		var draw func(parent, indent string)
		draw = func(parent, indent string) {
			below := children[parent]
			slices.SortFunc(below, func(x, y span) int { return strings.Compare(x.GetName(), y.GetName()) })
			for _, s := range below {
				if strings.HasSuffix(s.GetName(), "/WhoAmI") {
					continue
				}
				b.WriteString(indent + s.service + " " + s.GetName() + "\n")
				draw(string(s.GetSpanId()), indent+"  ")
			}
		}
		draw("", "")
	}
	return b.String()
}

func TestOneTraceOverBothDaemons(t *testing.T) {
	r := startReceiver(t)
	secretsd := secretsdtest.Start(t, secretsdtest.WithTracing(r.address))
	e := start(t, sandboxdtest.WithSecretsd(secretsd), sandboxdtest.WithConfig(func(c *config.Config) { c.Tracing.Endpoint = r.address }))
	e.Secretsd.CreateSecret("red", "TOKEN", "canary-value")
	s := script("echo canary-argument; sleep 600")
	s.Secrets = []*sandboxv1.SecretRef{secret("TOKEN")}
	s.Files = []*sandboxv1.File{{Path: "/canary-path", Content: []byte("canary-content")}}
	s.Environment = map[string]string{"CANARY": "canary-environment"}
	// A caller's own trace is not gone on with.
	ctx := metadata.AppendToOutgoingContext(t.Context(), "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	resp, err := e.api.RunSandbox(ctx, &sandboxv1.RunSandboxRequest{Spec: s})
	if err != nil {
		t.Fatal(err)
	}
	name := resp.GetSandbox().GetName()
	if _, err := e.api.ReadFile(t.Context(), &sandboxv1.ReadFileRequest{Name: name, Path: "/canary-path/none"}); err == nil {
		t.Error("a file is there that is not")
	}
	e.exec(name, "echo", "canary-exec")
	e.stop(name)
	e.Stop()
	secretsd.Stop()

	const want = `sandboxd casemate.sandbox.v1.SandboxService/RunSandbox
  sandboxd run
    sandboxd admitting sandbox
    sandboxd checking for a drain
    sandboxd configuring sandbox
    sandboxd creating sandbox
      sandboxd directory
      sandboxd files
      sandboxd fork
      sandboxd furnish
        sandboxd network
        sandboxd record
        sandboxd root
      sandboxd gate
      sandboxd ready
      sandboxd room
        sandboxd cgroup
        sandboxd disk
    sandboxd opening log
    sandboxd recording sandbox
    sandboxd resolving secrets and fetching image
      sandboxd fetching image
      sandboxd resolving secrets
        sandboxd casemate.secrets.v1.SecretsManager/BatchAccessSecretVersions
          secretsd casemate.secrets.v1.SecretsManager/BatchAccessSecretVersions
    sandboxd starting main process
`
	got := r.tree("casemate.sandbox.v1.SandboxService/RunSandbox")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the trace (-want +got):\n%s", diff)
	}
	if got := r.tree("end"); got == "" {
		t.Error("the end of the sandbox is no trace")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if bytes.Contains(r.raw, []byte("canary")) {
		t.Error("what was sent has something of the caller's")
	}
	if !bytes.Contains(r.raw, []byte(idOf(resp.GetSandbox()))) {
		t.Error("the sandbox's id is nowhere")
	}
	if _, ok := r.spans["0af7651916cd43dd8448eb211c80319c"]; ok {
		t.Error("a stranger's trace was gone on with")
	}
}
