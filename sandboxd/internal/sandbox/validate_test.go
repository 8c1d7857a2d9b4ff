package sandbox_test

import (
	"net/netip"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

var policy = sandbox.Policy{
	Default: sandbox.Resources{MemoryBytes: 512 << 20, CPUMillis: 1000, Pids: 512, DiskBytes: 1 << 30, Inodes: 1000, OpenFiles: 1024, OutputBytes: 1 << 20}, DefaultLifetime: time.Hour,
	Max: sandbox.Resources{MemoryBytes: 1 << 30, CPUMillis: 2000, Pids: 1024, DiskBytes: 2 << 30, Inodes: 2000, OpenFiles: 2048, OutputBytes: 2 << 20}, MaxLifetime: 2 * time.Hour,
	Runtimes: []string{"native", "runc"},
	Network:  sandbox.NetworkPolicy{Enabled: true, Default: sandbox.NetworkInternet, Open: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}},
}

func TestNormalizeFillsDefaults(t *testing.T) {
	given := sandbox.Spec{Image: "python:3.11", Secrets: []sandbox.SecretRef{{Secret: "HF_TOKEN"}, {Secret: "hf-token", EnvVar: "OTHER"}}}
	got, err := given.Normalize(policy)
	if err != nil {
		t.Fatal(err)
	}
	grace := 10 * time.Second
	want := sandbox.Spec{
		StopGrace: &grace,
		Image:     "python:3.11",
		Secrets:   []sandbox.SecretRef{{Secret: "HF_TOKEN", EnvVar: "HF_TOKEN"}, {Secret: "hf-token", EnvVar: "OTHER"}},
		Resources: policy.Default, MaxLifetime: time.Hour, Runtime: "native",
		Network: sandbox.Network{Mode: sandbox.NetworkInternet},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if given.Secrets[0].EnvVar != "" {
		t.Error("Normalize changed the spec it was given")
	}
}

func TestNormalizeNamesTheField(t *testing.T) {
	valid := func() sandbox.Spec { return sandbox.Spec{Image: "i"} }
	for name, tc := range map[string]struct {
		change func(*sandbox.Spec)
		field  string
		says   string
	}{
		"no image":            {func(s *sandbox.Spec) { s.Image = "" }, "spec.image", "empty"},
		"image with a space":  {func(s *sandbox.Spec) { s.Image = "a b" }, "spec.image", "space"},
		"empty program":       {func(s *sandbox.Spec) { s.Command = []string{""} }, "spec.command[0]", "program"},
		"NUL in argument":     {func(s *sandbox.Spec) { s.Command = []string{"a", "b\x00"} }, "spec.command[1]", "NUL"},
		"long argument":       {func(s *sandbox.Spec) { s.Command = []string{"a", strings.Repeat("x", 1<<17)} }, "spec.command[1]", "longer"},
		"relative dir":        {func(s *sandbox.Spec) { s.WorkingDir = "x" }, "spec.working_dir", "absolute"},
		"user's number":       {func(s *sandbox.Spec) { s.User = "65536" }, "spec.user", "65535"},
		"group's number":      {func(s *sandbox.Spec) { s.User = "ada:99999999999999999999" }, "spec.user", "65535"},
		"user with slash":     {func(s *sandbox.Spec) { s.User = "a/b" }, "spec.user", "group"},
		"three-part user":     {func(s *sandbox.Spec) { s.User = "a:b:c" }, "spec.user", "group"},
		"environment name":    {func(s *sandbox.Spec) { s.Environment = map[string]string{"1A": ""} }, "spec.environment", "name"},
		"environment NUL":     {func(s *sandbox.Spec) { s.Environment = map[string]string{"A": "\x00"} }, "spec.environment.A", "NUL"},
		"secret's id":         {func(s *sandbox.Spec) { s.Secrets = []sandbox.SecretRef{{Secret: "a/b", EnvVar: "A"}} }, "spec.secrets[0].secret", "secret's id"},
		"secret's version":    {func(s *sandbox.Spec) { s.Secrets = []sandbox.SecretRef{{Secret: "A", Version: "0"}} }, "spec.secrets[0].version", "number"},
		"id is no variable":   {func(s *sandbox.Spec) { s.Secrets = []sandbox.SecretRef{{Secret: "hf-token"}} }, "spec.secrets[0].env_var", "set env_var"},
		"variable malformed":  {func(s *sandbox.Spec) { s.Secrets = []sandbox.SecretRef{{Secret: "A", EnvVar: "A=B"}} }, "spec.secrets[0].env_var", "matches"},
		"variable dangerous":  {func(s *sandbox.Spec) { s.Secrets = []sandbox.SecretRef{{Secret: "A", EnvVar: "LD_PRELOAD"}} }, "spec.secrets[0].env_var", "loader"},
		"secret is dangerous": {func(s *sandbox.Spec) { s.Secrets = []sandbox.SecretRef{{Secret: "PATH"}} }, "spec.secrets[0].env_var", "PATH"},
		"variable twice": {func(s *sandbox.Spec) {
			s.Secrets = []sandbox.SecretRef{{Secret: "A"}, {Secret: "B", EnvVar: "A"}}
		}, "spec.secrets[1].env_var", "spec.secrets[0]"},
		"variable explicit too": {func(s *sandbox.Spec) {
			s.Environment = map[string]string{"A": "x"}
			s.Secrets = []sandbox.SecretRef{{Secret: "A"}}
		}, "spec.secrets[0].env_var", "spec.environment"},
		"too many secrets":  {func(s *sandbox.Spec) { s.Secrets = make([]sandbox.SecretRef, 101) }, "spec.secrets", "100"},
		"empty tag":         {func(s *sandbox.Spec) { s.Tags = []string{"a", ""} }, "spec.tags[1]", "256"},
		"little memory":     {func(s *sandbox.Spec) { s.Resources.MemoryBytes = 1 << 20 }, "spec.resources.memory_bytes", "least"},
		"much memory":       {func(s *sandbox.Spec) { s.Resources.MemoryBytes = 2 << 30 }, "spec.resources.memory_bytes", "operator"},
		"negative cpu":      {func(s *sandbox.Spec) { s.Resources.CPUMillis = -1 }, "spec.resources.cpu_millis", "least"},
		"many pids":         {func(s *sandbox.Spec) { s.Resources.Pids = 5000 }, "spec.resources.pids", "operator"},
		"little disk":       {func(s *sandbox.Spec) { s.Resources.DiskBytes = 1 }, "spec.resources.disk_bytes", "least"},
		"much disk":         {func(s *sandbox.Spec) { s.Resources.DiskBytes = 3 << 30 }, "spec.resources.disk_bytes", "operator"},
		"few inodes":        {func(s *sandbox.Spec) { s.Resources.Inodes = 63 }, "spec.resources.inodes", "least"},
		"many inodes":       {func(s *sandbox.Spec) { s.Resources.Inodes = 2001 }, "spec.resources.inodes", "operator"},
		"few open files":    {func(s *sandbox.Spec) { s.Resources.OpenFiles = 255 }, "spec.resources.open_files", "least"},
		"many open files":   {func(s *sandbox.Spec) { s.Resources.OpenFiles = 2049 }, "spec.resources.open_files", "operator"},
		"little output":     {func(s *sandbox.Spec) { s.Resources.OutputBytes = 1023 }, "spec.resources.output_bytes", "least"},
		"much output":       {func(s *sandbox.Spec) { s.Resources.OutputBytes = 3 << 20 }, "spec.resources.output_bytes", "operator"},
		"negative lifetime": {func(s *sandbox.Spec) { s.MaxLifetime = -1 }, "spec.max_lifetime", "negative"},
		"long lifetime":     {func(s *sandbox.Spec) { s.MaxLifetime = 3 * time.Hour }, "spec.max_lifetime", "operator"},
		"unknown runtime":   {func(s *sandbox.Spec) { s.Runtime = "qemu" }, "spec.runtime", "native, runc"},
	} {
		t.Run(name, func(t *testing.T) {
			s := valid()
			tc.change(&s)
			_, err := s.Normalize(policy)
			e, ok := errdefs.As(err)
			if !ok || e.Kind != errdefs.InvalidArgument || len(e.Violations) != 1 {
				t.Fatalf("error %#v, want one violation", err)
			}
			if v := e.Violations[0]; v.Subject != tc.field || !strings.Contains(v.Description, tc.says) {
				t.Errorf("violation %q: %q, want %q with %q", v.Subject, v.Description, tc.field, tc.says)
			}
		})
	}
}

func TestNormalizeTellsEverythingAtOnce(t *testing.T) {
	s := sandbox.Spec{
		WorkingDir: "x", MaxLifetime: -1,
		Secrets: []sandbox.SecretRef{{Secret: "", EnvVar: ""}, {Secret: "A", EnvVar: "IFS"}},
	}
	_, err := s.Normalize(policy)
	e, _ := errdefs.As(err)
	var fields []string
	for _, v := range e.Violations {
		fields = append(fields, v.Subject)
	}
	want := []string{"spec.image", "spec.working_dir", "spec.secrets[0].secret", "spec.secrets[1].env_var", "spec.max_lifetime"}
	if diff := cmp.Diff(want, fields); diff != "" {
		t.Error(diff)
	}
}

func TestPlainEnvironmentMaySetWhatASecretMayNot(t *testing.T) {
	s := sandbox.Spec{Image: "i", Environment: map[string]string{"PATH": "/bin", "LD_PRELOAD": "/x.so"}}
	if _, err := s.Normalize(policy); err != nil {
		t.Error(err)
	}
}

func TestReservedNamesLeaveKeysAlone(t *testing.T) {
	for _, name := range []string{"GIT_SSH_KEY", "PYTHON_TOKEN", "HTTPS_PROXY", "DATABASE_URL", "LDAP_PASSWORD", "ENVIRONMENT", "NODE_AUTH_TOKEN", "JAVA_KEY"} {
		if why := sandbox.ReservedEnvName(name); why != "" {
			t.Errorf("%s %s", name, why)
		}
	}
	for _, name := range []string{"LD_PRELOAD", "LD_LIBRARY_PATH", "PATH", "IFS", "ENV", "BASH_ENV", "BASH_FUNC_x", "PS4", "PYTHONPATH", "NODE_OPTIONS", "GIT_SSH_COMMAND", "GIT_CONFIG_COUNT", "HOME"} {
		if sandbox.ReservedEnvName(name) == "" {
			t.Errorf("%s is allowed", name)
		}
	}
}

func TestValidateFiles(t *testing.T) {
	err := sandbox.ValidateFiles([]sandbox.File{
		{Path: "/a", Content: make([]byte, 20<<20)}, {Path: "b"}, {Path: "/a", Mode: 0o4755, Content: make([]byte, 20<<20)},
	}, false)
	e, _ := errdefs.As(err)
	var fields []string
	for _, v := range e.Violations {
		fields = append(fields, v.Subject)
	}
	want := []string{"spec.files[1].path", "spec.files[2].path", "spec.files[2].mode", "spec.files"}
	if diff := cmp.Diff(want, fields); diff != "" {
		t.Error(diff)
	}
}

func TestStatesMoveForwardOnly(t *testing.T) {
	all := []sandbox.State{sandbox.Creating, sandbox.Running, sandbox.Stopping, sandbox.Completed, sandbox.Failed}
	for i, from := range all {
		for j, to := range all {
			if from.CanMove(to) && (j <= i || from.Ended()) {
				t.Errorf("%s may move to %s", from, to)
			}
		}
	}
}

var envName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,254}$`)

func FuzzValidEnvName(f *testing.F) {
	for _, s := range []string{"", "A", "1A", "A=B", "É", "a-b", "_", strings.Repeat("A", 255), strings.Repeat("A", 256), "A\n", "A\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if got, want := sandbox.ValidEnvName(name), envName.MatchString(name) && !strings.HasSuffix(name, "\n"); got != want {
			t.Errorf("ValidEnvName(%q) = %v, want %v", name, got, want)
		}
		spec := sandbox.Spec{Image: "i", Secrets: []sandbox.SecretRef{{Secret: "S", EnvVar: name}}}
		got, err := spec.Normalize(policy)
		if err == nil && got.Secrets[0].EnvVar != name && name != "" {
			t.Errorf("%q became %q", name, got.Secrets[0].EnvVar)
		}
		if err == nil && name != "" && (!sandbox.ValidEnvName(name) || sandbox.ReservedEnvName(name) != "") {
			t.Errorf("%q was let through", name)
		}
	})
}

func TestReservedNamesAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range sandbox.ReservedEnvNames() {
		if !regexp.MustCompile(`[ (]` + regexp.QuoteMeta(name) + `[,;.]`).Match(page) {
			t.Errorf("SecretRef.env_var in docs/api.md does not list %s", name)
		}
	}
}

// Where the host bounds no disks, a spec says so, and one that asks for a size is refused.
func TestNormalizeWithoutDiskLimits(t *testing.T) {
	p := policy
	p.Default.DiskBytes, p.Default.Inodes, p.Max.DiskBytes, p.Max.Inodes = 0, 0, 0, 0
	got, err := sandbox.Spec{Image: "i"}.Normalize(p)
	if err != nil || got.Resources != p.Default {
		t.Errorf("got %+v, %v", got.Resources, err)
	}
	_, err = sandbox.Spec{Image: "i", Resources: sandbox.Resources{DiskBytes: 1 << 30}}.Normalize(p)
	if e, ok := errdefs.As(err); !ok || len(e.Violations) != 1 || !strings.Contains(e.Violations[0].Description, "switched that limit off") {
		t.Errorf("a size: %v", err)
	}
}
