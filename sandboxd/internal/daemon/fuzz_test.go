package daemon_test

import (
	"encoding/binary"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	coreweavev1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs/errgrpc"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/rpcfuzz"
	"github.com/casemate/casemate/sandboxd/internal/config"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

// FuzzRPC calls every rpc of both fronts with random requests and metadata, as everybody, on real sandboxes. No answer is
// INTERNAL or UNKNOWN, every error has a reason, and the value that is in the environment of a sandbox of one team comes to
// nobody of another, nor into an error or the log.
func FuzzRPC(f *testing.F) {
	const value, sent = "STORED-canary-51c0", "SENT canary/7d2 %s"
	s := sandboxdtest.Start(f, sandboxdtest.WithMaxSandboxes(4), sandboxdtest.WithConfig(func(c *config.Config) {
		c.Registries = []string{"registry.invalid"} // nothing is pulled: images are those that are there
	}))
	for _, team := range []string{"red", "blue"} {
		s.Secretsd.CreateTeam(team)
	}
	s.Secretsd.CreateSecret("red", "TOKEN", value)
	ada, eve := s.Secretsd.CreateUser("red", "ada", identity.RoleMember), s.Secretsd.CreateUser("blue", "eve", identity.RoleMember)
	stranger, err := apikey.Generate()
	if err != nil {
		f.Fatal(err)
	}
	conn, api := s.Conn(""), s.Client(ada)
	// Whoever may run something in a sandbox may see what is in it.
	inside := []string{"Exec", "StreamExec", "ReadFile", "StreamLogs", "DownloadArchive", "StartProcess", "ListProcesses", "AttachProcess", "WaitProcess", "ForwardPort"}
	callers := []rpcfuzz.Caller{
		{Name: "ada", Conn: conn, Key: ada, MayGet: inside}, {Name: "ada", Conn: conn, Key: ada, MayGet: inside},
		{Name: "eve", Conn: conn, Key: eve}, {Name: "nobody", Conn: conn}, {Name: "a guess", Conn: conn, Key: stranger.Reveal()},
		// The operator has made both teams, and so is in them.
		{Name: "operator", Conn: conn, Key: s.Secretsd.OperatorKey, MayGet: inside},
	}
	cfg := rpcfuzz.Config{
		Services: []protoreflect.ServiceDescriptor{
			sandboxv1.File_casemate_sandbox_v1_sandbox_service_proto.Services().ByName("SandboxService"),
			coreweavev1.File_coreweave_sandbox_v1_sandbox_proto.Services().ByName("SandboxService"),
		},
		Hidden:    []string{value, sent},
		Value:     value,
		Reasons:   map[string][]string{errgrpc.Domain: nil, errgrpc.SDKDomain: nil},
		MaxAnswer: 33 << 20, // a file of 32 MiB
	}
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 80 {
		data := make([]byte, 64)
		for i := 0; i < len(data); i += 8 {
			binary.LittleEndian.PutUint64(data[i:], rnd.Uint64())
		}
		f.Add(data)
	}
	var (
		mu       sync.Mutex
		searched int
		live     string
	)
	f.Fuzz(func(t *testing.T, data []byte) {
		mu.Lock()
		defer mu.Unlock()
		live = keepOne(t, api, live)
		id := live[strings.LastIndex(live, "/")+1:]
		cfg.Words = rpcfuzz.Words{
			Any: []string{
				sent, "red", "blue", "teams/red", "teams/blue", "teams/-", live, id, sandboxdtest.BusyboxImage, "TOKEN", "sh", "true", "/tmp/x", "..",
				"/proc/1/environ", "/etc/passwd", "LD_PRELOAD", "PATH", "A=B", "512Mi", "100m", "10.0.0.0/8", "*.example.com", "internet", "root", "1000",
			},
			Told: []string{"path", "new_path", "filepath", "working_dir"}, // "… is not there"
			ByField: map[string][]string{
				"parent": {"teams/red"}, "name": {live}, "sandbox_id": {id}, "image": {sandboxdtest.BusyboxImage}, "container_image": {sandboxdtest.BusyboxImage},
				"command": {"true", "sh", "/bin/true"}, "args": {"-c", "true"}, "secret": {"TOKEN"}, "env_var": {"TOKEN", "OTHER"},
				"path": {"/tmp/x", "/tmp/y", "/srv", "/etc/passwd"}, "filepath": {"/tmp/x", "/etc/passwd"}, "directory": {"/tmp"},
				"stdin": {"x", sent}, "content": {"x", sent}, "data": {"x", sent}, "user": {"", "app"}, "process": {"p1", "p2"}, "memory": {"64Mi"}, "cpu": {"100m"},
			},
		}
		rpcfuzz.New(t, cfg, data).Run(callers, 10)
		logs := s.Logs()
		for _, word := range []string{value, sent, "panicked"} {
			if i := strings.Index(logs[searched:], word); i >= 0 {
				t.Errorf("the log has %q: %s", word, logs[searched:][max(0, i-300):min(len(logs)-searched, i+1500)])
			}
		}
		searched = len(logs)
	})
}

// keepOne returns a sandbox of team red with the value in it: the one that there is, as long as it runs, or a new one.
func keepOne(t *testing.T, api sandboxv1.SandboxServiceClient, name string) string {
	t.Helper()
	if name != "" {
		got, err := api.GetSandbox(t.Context(), &sandboxv1.GetSandboxRequest{Name: name})
		if err == nil && got.GetSandbox().GetState() == sandboxv1.SandboxState_SANDBOX_STATE_RUNNING {
			return name
		}
	}
	list, err := api.ListSandboxes(t.Context(), &sandboxv1.ListSandboxesRequest{Parent: "teams/red"})
	if err != nil {
		t.Fatal(err)
	}
	for _, old := range list.GetSandboxes() { // those that random calls made take places
		if _, err := api.DeleteSandbox(t.Context(), &sandboxv1.DeleteSandboxRequest{Name: old.GetName()}); err != nil {
			t.Fatal(err)
		}
	}
	resp, err := api.RunSandbox(t.Context(), &sandboxv1.RunSandboxRequest{Parent: "teams/red", Spec: &sandboxv1.SandboxSpec{
		Image: sandboxdtest.BusyboxImage, Secrets: []*sandboxv1.SecretRef{{Secret: "TOKEN"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return resp.GetSandbox().GetName()
}
