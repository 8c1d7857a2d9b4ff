package rootless_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/client"
	"github.com/casemate/casemate/pkg/client/clienttest"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
	"github.com/casemate/casemate/secretsd/secretsdtest"
)

// patience is for a machine that is busy with other things.
const patience = time.Minute

// daemon is the built sandboxd, run by an ordinary user.
type daemon struct {
	t        *testing.T
	uid      uint32
	path     string
	dir      string // all of it, the user's
	secretsd *secretsdtest.Server
	address  string
	api      sandboxv1.SandboxServiceClient
	cmd      *exec.Cmd // nil: it does not run
	ended    chan error
}

// build makes the binaries once.
var build = sync.OnceValues(func() (dir string, err error) {
	if dir, err = os.MkdirTemp("", "casemate-rootless-bin"); err != nil {
		return "", err
	}
	for _, pkg := range []string{"sandboxd", "sandboxd/cmd/sandbox-agent"} {
		cmd := exec.Command("go", "build", "-o", dir, "github.com/casemate/casemate/"+pkg)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return dir, fmt.Errorf("building %s: %w\n%s", pkg, err, out)
		}
	}
	return dir, nil
})

// install gives the user what sandboxd needs, and a configuration with these lines more.
func install(t *testing.T, uid uint32, config string) *daemon {
	t.Helper()
	bin, err := build()
	must(t, err)
	dir, err := os.MkdirTemp("/tmp", "casemate-rootless") // the test's own directory is root's, and its parents too
	must(t, err)
	d := &daemon{t: t, uid: uid, path: os.Getenv("PATH"), dir: dir, secretsd: secretsdtest.Start(t)}
	t.Cleanup(d.clear)
	files := d.secretsd.Certs.Files(identity.WorkloadSandboxd)
	for name, from := range map[string]string{
		"sandboxd": filepath.Join(bin, "sandboxd"), "sandbox-agent": filepath.Join(bin, "sandbox-agent"),
		"cert.pem": files.Cert, "key.pem": files.Key, "ca.pem": files.CA,
	} {
		text, err := os.ReadFile(from)
		must(t, err)
		must(t, os.WriteFile(filepath.Join(dir, name), text, 0o700))
	}
	must(t, os.WriteFile(filepath.Join(dir, "private"), []byte("the user's own"), 0o600))
	d.address = "127.0.0.1:17470" // the network namespace is the tests' own
	text := fmt.Sprintf("listen: %s\nadmin_listen: ''\nstate_dir: %s/state\nagent_path: %[2]s/sandbox-agent\n"+
		"secretsd: {address: '%s', cert_file: %[2]s/cert.pem, key_file: %[2]s/key.pem, ca_file: %[2]s/ca.pem}\n%[4]s",
		d.address, dir, d.secretsd.HostPort(), config)
	must(t, os.WriteFile(filepath.Join(dir, "config.yaml"), []byte(text), 0o600))
	must(t, filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chown(path, int(uid), int(uid))
	}))
	return d
}

// command is sandboxd's, as the user.
func (d *daemon) command() *exec.Cmd {
	cmd := exec.Command(filepath.Join(d.dir, "sandboxd"), "--config", "config.yaml")
	cmd.Dir, cmd.Env = d.dir, []string{"PATH=" + d.path, "HOME=" + d.dir}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: d.uid, Gid: d.uid}}
	return cmd
}

// run starts sandboxd, and returns when it serves.
func (d *daemon) run() {
	d.t.Helper()
	const serves = "sandboxd serves"
	before := strings.Count(d.log(), serves)
	log, err := os.OpenFile(filepath.Join(d.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	must(d.t, err)
	defer log.Close()
	cmd := d.command()
	cmd.Stdout, cmd.Stderr = log, log
	must(d.t, cmd.Start())
	d.cmd, d.ended = cmd, make(chan error, 1)
	go func() { d.ended <- cmd.Wait() }()
	d.wait("sandboxd does not serve", func() bool {
		select {
		case err := <-d.ended:
			d.cmd = nil
			d.t.Fatalf("sandboxd ended: %v\n%s", err, d.log())
		default:
		}
		return strings.Count(d.log(), serves) > before
	})
}

func (d *daemon) wait(otherwise string, until func() bool) {
	d.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); !until(); <-tick.C {
		if time.Now().After(end) {
			d.t.Fatalf("%s:\n%s", otherwise, d.log())
		}
	}
}

func (d *daemon) log() string {
	text, _ := os.ReadFile(filepath.Join(d.dir, "log"))
	return string(text)
}

// end ends sandboxd by a signal, and waits for it.
func (d *daemon) end(s syscall.Signal) {
	d.t.Helper()
	if d.cmd == nil {
		return
	}
	must(d.t, d.cmd.Process.Signal(s))
	<-d.ended
	d.cmd = nil
}

// clear removes everything. The processes are this pid namespace's, which is the tests' own.
func (d *daemon) clear() {
	d.end(syscall.SIGTERM)
	for pid := range d.processes() {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	if err := os.RemoveAll(d.dir); err != nil {
		d.t.Error(err)
	}
}

// processes are those of the user and of the user's range that have not ended: their names, by pid.
func (d *daemon) processes() map[int]string {
	d.t.Helper()
	found := map[int]string{}
	all, err := filepath.Glob("/proc/[0-9]*/status")
	must(d.t, err)
	for _, file := range all {
		status, err := os.ReadFile(file)
		if err != nil || bytes.Contains(status, []byte("State:\tZ")) {
			continue
		}
		_, owners, _ := strings.Cut(string(status), "\nUid:\t")
		owner, err := strconv.ParseUint(strings.Fields(owners)[0], 10, 32)
		must(d.t, err)
		if uint32(owner) == d.uid || owner >= firstSub && owner < firstSub+ids {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			must(d.t, err)
			found[pid] = strings.Fields(string(status))[1]
		}
	}
	return found
}

// nothingRuns waits until nothing of the user's does.
func (d *daemon) nothingRuns() {
	d.t.Helper()
	d.wait("processes are left", func() bool {
		left := d.processes()
		return len(left) == 0
	})
}

// connect makes a team with a secret, and imports the image.
func (d *daemon) connect() {
	d.t.Helper()
	d.secretsd.CreateTeam("red")
	d.secretsd.CreateSecret("red", "TOKEN", "value-of-token")
	d.api = d.client(d.secretsd.CreateUser("red", "ada", identity.RoleMember))
	sandboxdtest.ImportImage(d.t, d.client(d.secretsd.OperatorKey), sandboxdtest.BusyboxImage, bytes.NewReader(sandboxdtest.BusyboxArchive(d.t)))
}

func (d *daemon) client(key string) sandboxv1.SandboxServiceClient {
	d.t.Helper()
	return sandboxv1.NewSandboxServiceClient(clienttest.Dial(d.t, client.Options{Address: "http://" + d.address}, key))
}

func (d *daemon) sandbox(network sandboxv1.NetworkMode) string {
	d.t.Helper()
	resp, err := d.api.RunSandbox(d.t.Context(), &sandboxv1.RunSandboxRequest{Spec: &sandboxv1.SandboxSpec{
		Image: sandboxdtest.BusyboxImage, Network: &sandboxv1.Network{Mode: network}, Secrets: []*sandboxv1.SecretRef{{Secret: "TOKEN"}},
	}})
	if err != nil {
		d.t.Fatalf("%v\n%s", err, d.log())
	}
	return resp.GetSandbox().GetName()
}

// shell returns everything that a script printed.
func (d *daemon) shell(name, script string) string {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), patience)
	defer cancel()
	resp, err := d.api.Exec(ctx, &sandboxv1.ExecRequest{Name: name, Spec: &sandboxv1.ExecSpec{Command: []string{"sh", "-c", "{ " + script + "; } 2>&1"}}})
	if err != nil {
		d.t.Fatalf("%s: %v\n%s", script, err, d.log())
	}
	return strings.TrimSpace(string(resp.GetStdout()))
}

// named are the user's processes whose names begin so.
func (d *daemon) named(name string) (pids []int) {
	d.t.Helper()
	for pid, n := range d.processes() {
		if strings.HasPrefix(n, name) {
			pids = append(pids, pid)
		}
	}
	slices.Sort(pids)
	return pids
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
