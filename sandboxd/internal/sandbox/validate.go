package sandbox

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits on a Spec that no operator changes: they come from the kernel, or keep a record small.
const (
	MaxImageName   = 512
	MaxArgs        = 4096
	MaxArgBytes    = 128<<10 - 1 // the kernel's MAX_ARG_STRLEN, less the NUL; also bounds NAME=VALUE
	MaxEnvironment = 1000
	MaxSecrets     = 100
	MaxTags        = 64
	MaxTag         = 256 // characters
	MaxPath        = 4095
	MaxFiles       = 1000
	MaxFileBytes   = 32 << 20 // of all files of a Spec together, and of one ReadFile or WriteFile
	MinMemoryBytes = 16 << 20
	MinCPUMillis   = 10 // the kernel's smallest quota
	MinPids        = 8  // the agent's own threads, and a process
	MinDiskBytes   = 1 << 20
	MaxDiskBytes   = 8 << 40 // half of what ext4 can with 4 KiB a block
	MinInodes      = 64
	MinOpenFiles   = 256
	MaxOpenFiles   = 1 << 20 // the kernel's fs.nr_open, where nobody raised it
	MaxInodes      = 1_000_000_000
	MinOutputBytes = 1 << 10
)

// Policy is what the operator sets for every sandbox.
type Policy struct {
	// Default fills what a Spec leaves at 0; Max is the most it may ask for. All are positive, but DiskBytes and Inodes where the host
	// bounds no disks: they are 0 in both then.
	Default, Max Resources
	// DefaultLifetime fills an unset MaxLifetime; MaxLifetime is the most that may be asked for.
	DefaultLifetime, MaxLifetime time.Duration
	// DefaultIdleTimeout fills an unset IdleTimeout, 0 with none. MaxIdleTimeout, unless it is 0, is the most, and that of a
	// sandbox which would have none.
	DefaultIdleTimeout, MaxIdleTimeout time.Duration
	// Runtimes are the allowed ones; the first is the default.
	Runtimes []string
	Network  NetworkPolicy
	Security SecurityPolicy
}

// Normalize returns the spec with the policy's defaults filled in and each secret's EnvVar set. The error, if any, is an
// InvalidArgument with one violation for everything that is wrong, under the field's path in the API (`spec.…`). s is not
// changed, and the result shares no memory with it that Normalize writes to.
func (s Spec) Normalize(p Policy) (Spec, error) {
	var v violations
	s.checkProcess(&v)
	s.Secrets = slices.Clone(s.Secrets)
	for i := range s.Secrets {
		if s.Secrets[i].EnvVar == "" {
			s.Secrets[i].EnvVar = s.Secrets[i].Secret
		}
	}
	s.checkEnvironment(&v)
	s.checkSecrets(&v)
	s.checkTags(&v)
	s.applyPolicy(p, &v)
	s.applyNetwork(p.Network, &v)
	s.applySecurity(p.Security, &v)
	return s, v.err()
}

func (s Spec) checkProcess(v *violations) {
	switch {
	case s.Image == "":
		v.add("spec.image", "is empty: name an image, such as python:3.11")
	case len(s.Image) > MaxImageName:
		v.add("spec.image", "is longer than %d bytes", MaxImageName)
	case strings.ContainsFunc(s.Image, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		v.add("spec.image", "contains a space or a control character")
	}
	checkArgv(v, "spec.command", s.Command)
	if s.WorkingDir != "" {
		checkPath(v, "spec.working_dir", s.WorkingDir)
	}
	checkUser(v, "spec.user", s.User)
}

func (s Spec) checkEnvironment(v *violations) {
	if len(s.Environment) > MaxEnvironment {
		v.add("spec.environment", "has %d variables, at most %d are allowed", len(s.Environment), MaxEnvironment)
		return
	}
	checkEnv(v, "spec.environment", s.Environment)
}

func (s Spec) checkTags(v *violations) {
	if len(s.Tags) > MaxTags {
		v.add("spec.tags", "has %d tags, at most %d are allowed", len(s.Tags), MaxTags)
	}
	for i, tag := range s.Tags {
		if n := len([]rune(tag)); n == 0 || n > MaxTag {
			v.add("spec.tags["+strconv.Itoa(i)+"]", "must have 1 to %d characters", MaxTag)
		}
	}
}

func (s *Spec) applyPolicy(p Policy, v *violations) {
	bound := func(field string, value *int64, def, low, high int64) {
		v.bound("spec.resources."+field, value, def, low, high)
	}
	bound("memory_bytes", &s.Resources.MemoryBytes, p.Default.MemoryBytes, MinMemoryBytes, p.Max.MemoryBytes)
	bound("cpu_millis", &s.Resources.CPUMillis, p.Default.CPUMillis, MinCPUMillis, p.Max.CPUMillis)
	bound("pids", &s.Resources.Pids, p.Default.Pids, MinPids, p.Max.Pids)
	bound("disk_bytes", &s.Resources.DiskBytes, p.Default.DiskBytes, MinDiskBytes, p.Max.DiskBytes)
	bound("open_files", &s.Resources.OpenFiles, p.Default.OpenFiles, MinOpenFiles, p.Max.OpenFiles)
	bound("inodes", &s.Resources.Inodes, p.Default.Inodes, MinInodes, p.Max.Inodes)
	bound("output_bytes", &s.Resources.OutputBytes, p.Default.OutputBytes, MinOutputBytes, p.Max.OutputBytes)

	switch {
	case s.MaxLifetime == 0:
		s.MaxLifetime = p.DefaultLifetime
	case s.MaxLifetime < 0:
		v.add("spec.max_lifetime", "is negative")
	case s.MaxLifetime > p.MaxLifetime:
		v.add("spec.max_lifetime", "%v is more than %v, the most the operator allows", s.MaxLifetime, p.MaxLifetime)
	}

	s.applyIdleTimeout(p, v)
	s.applyStopGrace(v)

	switch {
	case s.Runtime == "":
		s.Runtime = p.Runtimes[0]
	case !slices.Contains(p.Runtimes, s.Runtime):
		v.add("spec.runtime", "%q is not one of the runtimes that the operator allows: %s", s.Runtime, strings.Join(p.Runtimes, ", "))
	}
}

// ValidateFiles says what is wrong with the files of a new sandbox: paths, modes, and their size in all. With readOnlyRoot
// they must be below WritablePaths.
func ValidateFiles(files []File, readOnlyRoot bool) error {
	var v violations
	if len(files) > MaxFiles {
		v.add("spec.files", "has %d files, at most %d are allowed", len(files), MaxFiles)
		return v.err()
	}
	total := 0
	seen := make(map[string]int, len(files))
	for i, f := range files {
		field := "spec.files[" + strconv.Itoa(i) + "]"
		checkPath(&v, field+".path", f.Path)
		if j, dup := seen[f.Path]; dup {
			v.add(field+".path", "is the same as that of spec.files[%d]", j)
		}
		seen[f.Path] = i
		if readOnlyRoot && !writable(f.Path) {
			v.add(field+".path", "can't be written, the root file system is read-only: put it below %s", strings.Join(WritablePaths, " or "))
		}
		if f.Mode > 0o777 {
			v.add(field+".mode", "has other than permission bits")
		}
		total += len(f.Content)
	}
	if total > MaxFileBytes {
		v.add("spec.files", "has %d bytes in all, at most %d are allowed", total, MaxFileBytes)
	}
	return v.err()
}

// ValidateExec says what is wrong with a command to run in a sandbox, under the fields of the API's ExecSpec.
func ValidateExec(argv []string, env map[string]string, workingDir, user string) error {
	var v violations
	if len(argv) == 0 {
		v.add("spec.command", "is empty")
	}
	checkArgv(&v, "spec.command", argv)
	checkEnv(&v, "spec.environment", env)
	if workingDir != "" {
		checkPath(&v, "spec.working_dir", workingDir)
	}
	checkUser(&v, "spec.user", user)
	return v.err()
}
