package runtimetest

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/agent"
	"github.com/casemate/casemate/sandboxd/internal/runtime"
)

// layer makes a directory in which each path is what its text says: a file with that content, or after "-> " a link, "dir",
// "fifo", "whiteout", "opaque" (a directory that hides what is below it), "zero" (the device).
func layer(t testing.TB, entries map[string]string) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "layer")
	mustDo(t, os.Mkdir(root, 0o755))
	for name, what := range entries {
		path := root + name
		mustDo(t, os.MkdirAll(filepath.Dir(path), 0o755))
		target, isLink := strings.CutPrefix(what, "-> ")
		switch {
		case isLink:
			mustDo(t, os.Symlink(target, path))
		case what == "dir" || what == "opaque":
			mustDo(t, os.MkdirAll(path, 0o755))
			if what == "opaque" {
				mustDo(t, unix.Setxattr(path, "trusted.overlay.opaque", []byte("y"), 0))
			}
		case what == "fifo":
			mustDo(t, unix.Mkfifo(path, 0o644))
		case what == "whiteout":
			mustDo(t, unix.Mknod(path, unix.S_IFCHR, 0))
		case what == "zero":
			mustDo(t, unix.Mknod(path, unix.S_IFCHR|0o666, int(unix.Mkdev(1, 5))))
		default:
			mustDo(t, os.WriteFile(path, []byte(what), 0o644))
		}
	}
	return root
}

func testLayers(t *testing.T, s *suite) {
	const foreign = 70_000 // no id that a sandbox has
	base := layer(t, map[string]string{
		"/stays": "base", "/changes": "base", "/goes": "base", "/returns": "base", "/becomes-file/x": "base", "/becomes-dir": "base",
		"/dir/a": "base", "/dir/b": "base", "/hidden/old": "base", "/hidden/sub/old": "base", "/theirs": "base", "/last": "base",
		"/foreign": "base", "/zero": "zero", "/secret/x": "base",
	})
	mustDo(t, os.Lchown(base+"/theirs", 1000, 50))
	mustDo(t, os.Lchown(base+"/last", 65535, 65535))
	mustDo(t, os.Lchown(base+"/foreign", foreign, foreign))
	mustDo(t, os.Chmod(base+"/foreign", 0o600))
	copyFile(t, s.root+"/bin/probe", base+"/set-id")
	mustDo(t, os.Chmod(base+"/set-id", 0o4755))
	middle := layer(t, map[string]string{
		"/changes": "middle", "/goes": "whiteout", "/returns": "whiteout", "/becomes-file": "middle", "/becomes-dir/x": "middle",
		"/dir/b": "whiteout", "/dir/c": "middle", "/hidden": "opaque", "/hidden/new": "middle", "/redirected/y": "middle",
	})
	// What only an image's author could have put there is not followed.
	mustDo(t, unix.Setxattr(middle+"/redirected", "trusted.overlay.redirect", []byte("/secret"), 0))
	top := layer(t, map[string]string{"/returns": "top", "/hidden/newer": "top"})
	before := tree(t, base) + tree(t, middle) + tree(t, top)

	b := NewBox(t, s.runtime(t), Limits, top, middle, base, s.root).Configured(agent.Config{})
	for path, content := range map[string]string{
		"/stays": "base", "/changes": "middle", "/returns": "top", "/becomes-file": "middle", "/becomes-dir/x": "middle", "/hidden/new": "middle",
	} {
		b.wantFile(path, content)
	}
	wantResult(t, "what is there", b.Sh("ls /dir /hidden; ls /goes; ls -A / 2>/dev/null | grep -c goes"), Result{
		Stdout: "/dir:\na\nc\n\n/hidden:\nnew\nnewer\n0\n", Stderr: "ls: /goes: No such file or directory\n", Code: 1})
	if r := b.Run("cat", "/redirected/x"); r.Code == 0 {
		t.Errorf("a layer's redirect was followed: %+v", r)
	}
	wantResult(t, "owners", b.Run("stat", "-c", "%u:%g %n", "/stays", "/theirs", "/last", "/foreign"),
		Result{Stdout: "0:0 /stays\n1000:50 /theirs\n65535:65535 /last\n65534:65534 /foreign\n"})

	if s.differs(OwnUserIDs) {
		// Nobody's file is closed to the host's process that opens files, and in the sandbox to all but root. Its content is the image's.
		if r := b.RunRequest(agent.ExecRequest{Argv: []string{"cat", "/foreign"}, User: "ada"}); r.Code == 0 {
			t.Errorf("a stranger's file: %+v", r)
		}
		_, err := b.ReadFile(Context(t), "/zero", 100)
		wantReason(t, "reading an image's device", err, "FILE_NOT_REGULAR")
	} else {
		// A file of nobody's in the sandbox is closed to its root.
		_, err := b.ReadFile(Context(t), "/foreign", 100)
		wantReason(t, "reading a stranger's file", err, "FILE_PERMISSION_DENIED")
		wantReason(t, "writing a stranger's file", b.WriteFile(Context(t), "/foreign", 0, nil), "FILE_PERMISSION_DENIED")
		if r := b.Sh("chown root /foreign || cat /foreign"); r.Code == 0 {
			t.Errorf("a stranger's file: %+v", r)
		}
		// A device of an image gives nothing.
		if r := b.Run("head", "-c1", "/zero"); r.Code == 0 {
			t.Errorf("an image's device can be read: %+v", r)
		}
		_, err = b.ReadFile(Context(t), "/zero", 100)
		wantReason(t, "reading an image's device", err, "FILE_PERMISSION_DENIED")
	}
	// Nor does a set-id bit.
	wantResult(t, "set-id", b.RunRequest(agent.ExecRequest{Argv: []string{"/set-id", "euid"}, User: "ada"}), Result{Stdout: "1000\n"})

	// What the sandbox changes is its own.
	wantResult(t, "changes", b.Sh("echo mine >/stays; rm -r /dir /theirs; mkdir /dir; echo mine >>/last; chown 7:8 /changes; stat -c %u:%g /last /changes; ls /dir"),
		Result{Stdout: "65535:65535\n7:8\n"})
	b.writeFile("/becomes-dir/x", 0, "mine")
	b.wantFile("/last", "basemine\n")
	if after := tree(t, base) + tree(t, middle) + tree(t, top); after != before {
		t.Errorf("the layers changed:\n%s\nbefore:\n%s", after, before)
	}
}

// tree describes every file below a directory of the host: names, types, owners, contents.
func tree(t testing.TB, dir string) string {
	t.Helper()
	var all strings.Builder
	mustDo(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		var st unix.Stat_t
		if err := unix.Lstat(path, &st); err != nil {
			return err
		}
		var content []byte
		if d.Type().IsRegular() && st.Size < 1<<16 {
			if content, err = os.ReadFile(path); err != nil {
				return err
			}
		}
		target, _ := os.Readlink(path)
		fmt.Fprintf(&all, "%s %o %d:%d %d %q %q\n", strings.TrimPrefix(path, dir), st.Mode, st.Uid, st.Gid, st.Size, content, target)
		return nil
	}))
	return all.String()
}

// testHostileImage makes sandboxes of images that have laid something in the agent's way. Each works, or is refused with
// the image named as the reason; none reaches the host.
func testHostileImage(t *testing.T, s *suite) {
	const works, refused = "", "IMAGE_INVALID"
	outside := layer(t, map[string]string{"/hostname": "host's", "/hosts": "host's", "/passwd": "host's", "/null": "host's", "/pts/x": "host's", "/fd": "host's"})
	up := "../../../../../../../.." + outside
	cases := map[string]struct {
		entries map[string]string
		want    string
	}{
		"etc is missing":              {map[string]string{"/bin/x": ""}, works},
		"etc is a file":               {map[string]string{"/etc": "file"}, refused},
		"etc is a fifo":               {map[string]string{"/etc": "fifo"}, refused},
		"etc leads out":               {map[string]string{"/etc": "-> " + outside}, refused},
		"etc leads up and out":        {map[string]string{"/etc": "-> " + up}, refused},
		"etc leads to the root":       {map[string]string{"/etc": "-> .."}, works},
		"etc leads to a directory":    {map[string]string{"/etc": "-> usr/etc", "/usr/etc/x": ""}, works},
		"etc leads to itself":         {map[string]string{"/etc": "-> etc"}, refused},
		"etc leads to proc":           {map[string]string{"/etc": "-> /proc"}, refused},
		"etc leads to the root again": {map[string]string{"/etc": "-> /proc/1/root"}, works},
		"etc leads to a descriptor":   {map[string]string{"/etc": "-> /proc/self/fd/4"}, refused},
		"etc leads to sys":            {map[string]string{"/etc": "-> /sys"}, refused},
		"etc leads to dev":            {map[string]string{"/etc": "-> /dev"}, works},
		"hosts leads out":             {map[string]string{"/etc/hosts": "-> " + outside + "/hosts", "/etc/hostname": "-> " + up + "/hostname"}, works},
		"hosts leads to proc":         {map[string]string{"/etc/hosts": "-> /proc/self/fd/5", "/etc/hostname": "-> /proc/sys/kernel/hostname"}, works},
		"hosts is a fifo":             {map[string]string{"/etc/hosts": "fifo", "/etc/hostname": "zero"}, works},
		"hosts is a directory":        {map[string]string{"/etc/hosts": "dir"}, works},
		"hosts is a full directory":   {map[string]string{"/etc/hosts/x": ""}, refused},
		"all of them lead out":        {map[string]string{"/proc": "-> " + outside, "/sys": "-> " + outside, "/dev": "-> " + outside, "/etc": "-> " + outside, "/tmp": "-> " + outside}, refused},
		"a ring":                      {map[string]string{"/proc": "-> dev", "/dev": "-> sys", "/sys": "-> etc", "/etc": "-> tmp", "/tmp": "-> proc"}, refused},
		"tmp leads out":               {map[string]string{"/tmp": "-> " + outside}, works},
		"tmp is a file":               {map[string]string{"/tmp": "file"}, works},
		"dev is full":                 {map[string]string{"/dev/null": "-> " + outside + "/null", "/dev/pts": "-> " + up + "/pts", "/dev/fd": "-> " + outside}, works},
		"proc is full":                {map[string]string{"/proc/self/fd/7": "file", "/proc/1": "-> " + outside, "/sys/x": "file"}, works},
		"it has nothing":              {map[string]string{}, works},
	}
	for _, dir := range []string{"/proc", "/sys", "/dev"} {
		for what, entry := range map[string]string{
			"is a file": "file", "is a fifo": "fifo", "is a device": "zero", "leads out": "-> " + outside, "leads up and out": "-> " + up,
			"leads up": "-> ..", "leads to itself": "-> ." + dir, "leads nowhere": "-> nowhere", "leads to etc": "-> etc",
		} {
			cases[dir[1:]+" "+what] = struct {
				entries map[string]string
				want    string
			}{map[string]string{dir: entry, "/etc/x": ""}, refused}
		}
	}
	r := s.runtime(t)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			image := layer(t, c.entries)
			before := tree(t, outside) + tree(t, image) + hostState(t)
			cfg := newConfig(Limits, image)
			inst, err := r.Create(Context(t), cfg)
			if errdefs.ReasonOf(err) != c.want {
				t.Errorf("create: %v, want reason %q", err, c.want)
			}
			if err == nil {
				useBareImage(t, agent.NewClient(inst.Dial))
				mustDo(t, r.Remove(Context(t), cfg.ID))
			}
			wantNone(t, r)
			if after := tree(t, outside) + tree(t, image) + hostState(t); after != before {
				t.Errorf("the host changed:\n%s\nbefore:\n%s", after, before)
			}
		})
	}
}

// useBareImage does what can be done with an image that has no program.
func useBareImage(t testing.TB, c *agent.Client) {
	t.Helper()
	b := (&Box{Client: c, t: t}).Configured(agent.Config{Files: []agent.File{{Path: "/made/here", Content: []byte("text")}}})
	b.wantFile("/made/here", "text")
	wantResult(t, "a command", b.Run("true"), Result{Code: 127, Stderr: "casemate: true: command not found\n"})
	if _, err := b.StartMain(Context(t), []string{"true"}); err != nil {
		t.Error(err)
	}
	if code, err := b.WaitMain(Context(t)); code != 127 || err != nil {
		t.Errorf("the main process: %d, %v", code, err)
	}
	got, err := b.ReadFile(Context(t), "/etc/hosts", 1000)
	if errdefs.ReasonOf(err) == "FILE_NOT_REGULAR" { // the link leads through /proc, to the root
		got, err = b.ReadFile(Context(t), "/hosts", 1000)
	}
	if err != nil || !strings.HasPrefix(string(got), "127.0.0.1\tlocalhost box\n") {
		t.Errorf("/etc/hosts is %q, %v", got, err)
	}
}

// wantNone checks that nothing of any sandbox is left.
func wantNone(t testing.TB, r runtime.Runtime) {
	t.Helper()
	if ids, err := r.List(Context(t)); err != nil || len(ids) != 0 {
		t.Errorf("left: %v, %v", ids, err)
	}
}

// testHostileUsers makes sandboxes whose /etc/passwd and /etc/group are not what they should be.
func testHostileUsers(t *testing.T, s *suite) {
	const ada = "ada:x:1000:1000::/home/ada:/bin/sh\n"
	const found, missing = "", "USER_NOT_FOUND"
	limits := Limits
	limits.MemoryBytes = 64 << 20 // which the agent has to do with
	r := s.runtime(t)
	for name, c := range map[string]struct{ passwd, want string }{
		"missing":                    {"whiteout", missing},
		"a directory":                {"dir", missing},
		"a fifo":                     {"fifo", missing},
		"an endless device":          {"-> /dev/zero", missing},
		"a loop":                     {"-> passwd", missing},
		"the host's":                 {"-> ../../../../../../etc/passwd", missing},
		"the agent's environment":    {"-> /proc/self/environ", missing},
		"the agent's memory":         {"-> /proc/self/mem", missing},
		"too long":                   {strings.Repeat("a:x:1:1::/:\n", 100_000) + ada, missing},
		"nothing but colons":         {strings.Repeat(":", 1<<20-1), missing},
		"nothing but lines":          {strings.Repeat("\n", 1<<20-1), missing},
		"many lines":                 {strings.Repeat("::::::\n", 1<<17), missing},
		"an endless line":            {"ada:x:1000:1000::/" + strings.Repeat("h", 1<<19) + ":", missing},
		"an endless line before":     {strings.Repeat("h", 1<<19) + "\n" + ada, found},
		"NUL bytes":                  {"ada:x:1000:1000::/home\x00/ada:/bin/sh\n\x00\x00\n" + ada, found},
		"root's home has a NUL byte": {"root:x:0:0::/\x00:/bin/sh\n" + ada, found},
		"absurd ids":                 {"ada:x:-1:99999999999999999999::/:\nada:x:65536:0::/:\n" + ada, found},
		"no end of line":             {strings.TrimSuffix(ada, "\n"), found},
	} {
		t.Run(name, func(t *testing.T) {
			top := layer(t, map[string]string{"/etc/passwd": c.passwd, "/etc/group": c.passwd})
			b := NewBox(t, r, limits, top, s.root).Configured(agent.Config{})
			wantResult(t, "root", b.Run("echo", "works"), Result{Stdout: "works\n"})
			var users sync.WaitGroup
			for range 8 {
				users.Go(func() {
					p, err := b.Exec(Context(t), agent.ExecRequest{Argv: []string{"stat", "-c", "%u", "/proc/self/"}, User: "ada"})
					wantReason(t, "as ada", err, c.want)
					if err == nil {
						defer p.Close()
						wantResult(t, "as ada", Collect(t, p), Result{Stdout: "1000\n"})
					}
				})
			}
			users.Wait()
			_, err := b.Exec(Context(t), agent.ExecRequest{Argv: []string{"id"}, User: "0:nobody-s-group"})
			wantReason(t, "a group", err, "USER_NOT_FOUND")
			mustDo(t, r.Remove(Context(t), b.ID()))
			if <-b.Done(); b.Ended().OOMKilled {
				t.Error("the agent took all memory")
			}
		})
	}
}
