package controller_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"go.uber.org/zap"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/sandboxd/internal/agent"
	"github.com/casemate/casemate/sandboxd/internal/controller"
	"github.com/casemate/casemate/sandboxd/internal/image"
	"github.com/casemate/casemate/sandboxd/internal/mainlog"
	"github.com/casemate/casemate/sandboxd/internal/runtime"
	"github.com/casemate/casemate/sandboxd/internal/runtime/native"
	"github.com/casemate/casemate/sandboxd/internal/runtime/onhost"
	"github.com/casemate/casemate/sandboxd/internal/runtime/runtimetest"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
	"github.com/casemate/casemate/sandboxd/internal/store"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

// elsewhere is a runtime whose sandboxes are as good as on another machine: it gets images by itself into a store of its own,
// takes nothing of the controller's host, and its agents are reached over TCP.
type elsewhere struct {
	*onhost.Runtime
	t      testing.TB
	images *image.Store
}

func newElsewhere(t testing.TB, reg string) *elsewhere {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Fatal("sandboxes need root: run the tests with sudo")
	}
	parent := fmt.Sprintf("casemate-elsewhere-%d", os.Getpid())
	rt, err := native.New(native.Config{StateDir: t.TempDir(), AgentPath: runtimetest.AgentPath(t), CgroupParent: parent})
	if err != nil {
		t.Fatal(err)
	}
	images, err := image.Open(image.Config{Dir: t.TempDir(), InsecureRegistries: []string{reg}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ids, err := rt.List(context.Background())
		for _, id := range ids {
			t.Errorf("sandbox %s is left", id)
			err = errors.Join(err, rt.Remove(context.Background(), id))
		}
		if err := errors.Join(err, rt.Close(), images.Close()); err != nil {
			t.Error(err)
		}
		for _, pattern := range []string{"/sys/fs/cgroup/", "/sys/fs/cgroup/*/"} {
			dirs, _ := filepath.Glob(pattern + parent)
			for _, d := range dirs {
				if err := os.Remove(d); err != nil {
					t.Error(err)
				}
			}
		}
	})
	return &elsewhere{Runtime: rt, t: t, images: images}
}

// Name implements runtime.Runtime.
func (*elsewhere) Name() string { return "elsewhere" }

// Needs implements runtime.Runtime.
func (*elsewhere) Needs() runtime.Needs { return runtime.Needs{} }

// Create implements runtime.Runtime.
func (e *elsewhere) Create(ctx context.Context, cfg runtime.Config) (runtime.Instance, error) {
	if len(cfg.RootFS.Layers) > 0 || cfg.Connect != nil || cfg.NameServer.IsValid() {
		e.t.Errorf("it was given something of the host: %+v", cfg)
	}
	if cfg.Network.Mode != sandbox.NetworkNone {
		e.t.Errorf("the network is %+v", cfg.Network)
	}
	img, root, err := e.images.Ensure(ctx, cfg.Image.Name)
	if err != nil {
		return nil, err
	}
	if img.Digest != cfg.Image.Digest {
		e.t.Errorf("the image is %s here and %s there", cfg.Image.Digest, img.Digest)
	}
	cfg.RootFS = root
	inst, err := e.Runtime.Create(ctx, cfg)
	return e.overTCP(inst, err)
}

// Load implements runtime.Runtime.
func (e *elsewhere) Load(ctx context.Context, id string) (runtime.Instance, error) {
	inst, err := e.Runtime.Load(ctx, id)
	return e.overTCP(inst, err)
}

// far is an instance whose agent is behind a port.
type far struct {
	runtime.Instance
	address string
}

// Dial implements runtime.Instance.
func (f far) Dial(ctx context.Context) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, "tcp", f.address)
}

func (e *elsewhere) overTCP(inst runtime.Instance, err error) (runtime.Instance, error) {
	if err != nil {
		return nil, err
	}
	port, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	e.t.Cleanup(func() { _ = port.Close() })
	go func() {
		for {
			from, err := port.Accept()
			if err != nil {
				return
			}
			go relay(from, inst)
		}
	}()
	return far{inst, port.Addr().String()}, nil
}

// relay moves bytes both ways until either end is closed, and closes both.
func relay(from net.Conn, inst runtime.Instance) {
	defer from.Close()
	to, err := inst.Dial(context.Background())
	if err != nil {
		return
	}
	defer to.Close()
	go func() {
		_, _ = io.Copy(to, from)
		_ = to.Close()
	}()
	_, _ = io.Copy(from, to)
}

// publish makes a registry with the small image, and returns its host and the image's name.
func publish(t testing.TB) (host, ref string) {
	t.Helper()
	srv := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(srv.Close)
	host = strings.TrimPrefix(srv.URL, "http://")
	archive := sandboxdtest.BusyboxArchive(t)
	img, err := tarball.Image(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(archive)), nil }, nil)
	if err != nil {
		t.Fatal(err)
	}
	tag, err := name.ParseReference(host+"/busybox:1", name.Insecure)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(tag, img); err != nil {
		t.Fatal(err)
	}
	return host, tag.String()
}

// place is what a controller keeps on its own host.
type place struct {
	t     testing.TB
	dir   string
	image *image.Store
	rt    runtime.Runtime
}

// controller opens the records and starts a controller over them; stop lets go of all, and leaves the sandboxes.
func (p *place) controller() (c *controller.Controller, stop func()) {
	p.t.Helper()
	records, err := store.Open(p.t.Context(), filepath.Join(p.dir, "records.db"))
	if err != nil {
		p.t.Fatal(err)
	}
	logs, err := mainlog.Open(mainlog.Config{Path: filepath.Join(p.dir, "logs")})
	if err != nil {
		p.t.Fatal(err)
	}
	size := sandbox.Resources{MemoryBytes: 64 << 20, CPUMillis: 1000, Pids: 32, DiskBytes: 64 << 20, Inodes: 1000, OpenFiles: 1024}
	c = controller.New(controller.Config{
		Logger: zap.NewNop(), Store: records, Images: p.image, Runtimes: []runtime.Runtime{p.rt}, MainLogs: logs,
		Policy: sandbox.Policy{
			Default: size, Max: size, DefaultLifetime: time.Hour, MaxLifetime: time.Hour, Runtimes: []string{p.rt.Name()},
			Network: sandbox.NetworkPolicy{Enabled: true, Default: sandbox.NetworkNone, IngressFrom: []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}},
		},
	})
	if err := c.Reconcile(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
	return c, func() {
		c.Close()
		if err := records.Close(); err != nil {
			p.t.Error(err)
		}
	}
}

// The controller takes no path, process or directory of its own host for a sandbox's: one that is elsewhere is run, used,
// adopted after a restart, looked after and ended all the same, and its image's layers never come here.
func TestSandboxesElsewhere(t *testing.T) {
	host, ref := publish(t)
	p := &place{t: t, dir: t.TempDir(), rt: newElsewhere(t, host)}
	if err := os.Mkdir(filepath.Join(p.dir, "logs"), 0o700); err != nil {
		t.Fatal(err)
	}
	var err error
	if p.image, err = image.Open(image.Config{Dir: filepath.Join(p.dir, "images"), InsecureRegistries: []string{host}}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.image.Close() })
	ada := identity.Caller{UserID: "ada", Team: "red", Teams: map[string]identity.Role{"red": identity.RoleMember}, Scopes: []identity.Scope{identity.ScopeRun}}

	c, stop := p.controller()
	sb, err := c.Run(t.Context(), ada, controller.RunRequest{Spec: sandbox.Spec{
		Image: ref, Command: []string{"sh", "-c", "echo from $FROM_IMAGE; trap 'exit 4' TERM; while :; do sleep 0.02; done"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if sb.Spec.WorkingDir != "/srv" || sb.ImageDigest == "" {
		t.Errorf("it runs as %+v", sb)
	}
	wantOutput(t, c, ada, sb.ID, "elsewhere\n", "sh", "-c", "echo elsewhere")
	stop()

	c, stop = p.controller()
	defer stop()
	wantOutput(t, c, ada, sb.ID, "still\n", "sh", "-c", "echo still")
	if err := c.Reap(t.Context()); err != nil {
		t.Errorf("the reaper: %v", err)
	}
	if got, err := c.Get(t.Context(), ada, controller.Ref{ID: sb.ID}); err != nil || got.State != sandbox.Running {
		t.Fatalf("after the reaper it is %+v, %v", got, err)
	}
	ended, err := c.Stop(t.Context(), ada, controller.Ref{ID: sb.ID}, nil)
	if err != nil || ended.ExitCode == nil || *ended.ExitCode != 4 {
		t.Errorf("it ended as %+v, %v", ended, err)
	}
	var text strings.Builder
	if err := c.Logs(t.Context(), ada, controller.Ref{ID: sb.ID}, controller.LogsRequest{}, func(r controller.LogRecord) error {
		text.Write(r.Data)
		return nil
	}); err != nil || !strings.HasPrefix(text.String(), "from yes\n") {
		t.Errorf("its log is %q, %v", text.String(), err)
	}
	if _, err := c.Run(t.Context(), ada, controller.RunRequest{Spec: sandbox.Spec{
		Image: ref, Network: sandbox.Network{Mode: sandbox.NetworkInternet, Ingress: []sandbox.IngressRule{{Port: 80}}},
	}}); errdefs.ReasonOf(err) != "INGRESS_UNAVAILABLE" {
		t.Errorf("a port of what this host does not connect is published: %v", err)
	}
	if layers, _ := filepath.Glob(filepath.Join(p.dir, "images/overlay/snapshots/*")); len(layers) > 0 {
		t.Errorf("layers that nobody here needs: %v", layers)
	}
}

func wantOutput(t testing.TB, c *controller.Controller, caller identity.Caller, id, want string, argv ...string) {
	t.Helper()
	p, err := c.Exec(t.Context(), caller, controller.Ref{ID: id}, agent.ExecRequest{Argv: argv})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if got := runtimetest.Collect(t, p); got.Stdout != want || got.Code != 0 {
		t.Errorf("%q: %+v, want %q", argv, got, want)
	}
}
