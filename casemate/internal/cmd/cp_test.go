package cmd

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

// box runs a real sandbox and points the environment of the command line at it. It returns its id.
func box(t *testing.T) string {
	t.Helper()
	s := sandboxdtest.Start(t)
	s.Secretsd.CreateTeam("red")
	key := s.Secretsd.CreateUser("red", "ada", identity.RoleMember)
	for name, value := range map[string]string{
		"CASEMATE_SANDBOXD": s.Address(), "CASEMATE_API_KEY": key, "CASEMATE_TEAM": "", "CASEMATE_CONFIG": filepath.Join(t.TempDir(), "none.yaml"),
	} {
		t.Setenv(name, value)
	}
	resp, err := s.Client(key).RunSandbox(t.Context(), &sandboxv1.RunSandboxRequest{Spec: &sandboxv1.SandboxSpec{Image: sandboxdtest.BusyboxImage, User: "app"}})
	if err != nil {
		t.Fatal(err)
	}
	return base(resp.GetSandbox().GetName())
}

// write writes a file of this machine, with the directories above it.
func write(t *testing.T, name, content string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(name, mode); err != nil {
		t.Fatal(err)
	}
}

func wantContent(t *testing.T, name, want string) {
	t.Helper()
	if got, err := os.ReadFile(name); err != nil || string(got) != want {
		t.Errorf("%s: %.60q, %v; want %.60q", name, got, err, want)
	}
}

func TestCpFiles(t *testing.T) {
	sb, dir := box(t), t.TempDir()
	inside := func(script string) string {
		t.Helper()
		return commandLine(t, "", "exec", "-u", "root", sb, "--", "sh", "-c", script).stdout
	}
	data := filepath.Join(dir, "data.bin")
	write(t, data, strings.Repeat("0123456789", 4<<20), 0o640) // 40 MiB
	if got := commandLine(t, "", "cp", data, sb+":/home/app/"); got.code != 0 || got.stdout != "1 file, 40 MiB, copied to "+sb+":/home/app/data.bin\n" {
		t.Fatalf("%+v", got)
	}
	if got := commandLine(t, "", "cp", data, sb+":/home/app/deep/er"); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	if got := inside("stat -c '%a %U %s' /home/app/data.bin /home/app/deep/er"); got != "640 app 41943040\n640 app 41943040\n" {
		t.Errorf("inside: %q", got)
	}
	// From here to a directory, from stdin, and with a path that is relative there.
	small := filepath.Join(dir, "small")
	write(t, small, "small", 0o600)
	if got := commandLine(t, "", "cp", small, sb+":/home/app"); got.code != 0 || !strings.HasSuffix(got.stdout, ":/home/app/small\n") {
		t.Errorf("%+v", got)
	}
	if got := commandLine(t, "typed", "cp", "-", sb+":relative"); got.code != 0 {
		t.Errorf("%+v", got)
	}
	if got := inside("cat /srv/relative /home/app/small; stat -c %a /srv/relative"); got != "typedsmall644\n" {
		t.Errorf("inside: %q", got)
	}

	out := filepath.Join(dir, "out") + "/"
	if err := os.Mkdir(out, 0o700); err != nil {
		t.Fatal(err)
	}
	if got := commandLine(t, "", "cp", sb+":/home/app/data.bin", out); got.code != 0 || got.stdout != "1 file, 40 MiB, copied to "+out+"data.bin\n" {
		t.Fatalf("%+v", got)
	}
	wantContent(t, out+"data.bin", strings.Repeat("0123456789", 4<<20))
	inside("printf tool >/tool; chmod 6755 /tool")
	if got := commandLine(t, "", "cp", sb+":/tool", small); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	wantContent(t, small, "tool")
	if info, err := os.Stat(small); err != nil || info.Mode() != 0o755 {
		t.Errorf("a set-user-id file: %v, %v", info.Mode(), err)
	}
	if got, want := commandLine(t, "", "cp", sb+":/tool", "-"), (result{0, "tool", ""}); got != want {
		t.Errorf("to stdout: %+v", got)
	}
	for name, c := range map[string]struct {
		code int
		text string
		args []string
	}{
		"no such file there":       {exitError, "/nope is not there", []string{sb + ":/nope", dir}},
		"no such file here":        {exitError, "no such file", []string{filepath.Join(dir, "nope"), sb + ":/x"}},
		"no such directory here":   {exitError, "no such file", []string{sb + ":/tool", filepath.Join(dir, "no/pe")}},
		"a file in the way there":  {exitError, "is no directory", []string{dir, sb + ":/tool"}},
		"below a file there":       {exitError, "/tool", []string{small, sb + ":/tool/x"}},
		"of the kernel's":          {exitError, "is not a regular file", []string{sb + ":/proc/meminfo", dir}},
		"a device here":            {exitUsage, "neither a regular file nor a directory", []string{"/dev/null", sb + ":/x"}},
		"to a device here":         {exitUsage, "neither a regular file nor a directory", []string{sb + ":/tool", "/dev/null"}},
		"a directory to stdout":    {exitUsage, "--archive", []string{sb + ":/home", "-"}},
		"stdin without a name":     {exitUsage, "needs a name", []string{"-", sb + ":/home/"}},
		"an archive of no -":       {exitUsage, "--archive", []string{"--archive", dir, sb + ":/x"}},
		"both sides are there":     {exitUsage, "only one", []string{sb + ":/a", sb + ":/b"}},
		"no sandbox of that name":  {exitError, "no sandbox", []string{"sb-none:/a", dir}},
		"an archive that is none":  {exitError, "no tar archive", []string{"--archive", "-", sb + ":/x"}},
		"more than one device has": {exitError, "does not fit", []string{data, sb + ":/dev/big"}},
	} {
		got := commandLine(t, strings.Repeat("noise", 1000), append([]string{"cp"}, c.args...)...)
		if got.code != c.code || !strings.Contains(got.stderr, c.text) || !strings.Contains(got.stderr, "casemate: hint: ") || got.stdout != "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestCpDirectories(t *testing.T) {
	sb, dir := box(t), t.TempDir()
	src := filepath.Join(dir, "src")
	write(t, filepath.Join(src, "sub/file"), "content", 0o750)
	write(t, filepath.Join(src, "empty"), "", 0o600)
	if err := os.Link(filepath.Join(src, "sub/file"), filepath.Join(src, "hard")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("sub/file", filepath.Join(src, "link")); err != nil {
		t.Fatal(err)
	}
	past := time.Unix(1500000000, 123456789)
	for _, name := range []string{"sub/file", "sub", "empty"} {
		if err := os.Chtimes(filepath.Join(src, name), past, past); err != nil {
			t.Fatal(err)
		}
	}
	if got := commandLine(t, "", "cp", src, sb+":/home/app/new"); got.code != 0 || got.stdout != "4 files, 7 B, copied to "+sb+":/home/app/new\n" {
		t.Fatalf("%+v", got)
	}
	for _, c := range []struct{ source, target, is string }{
		{src, "/home/app", "/home/app/src"}, {src + "/.", "/home/app/flat", "/home/app/flat"}, {src + "/.", "/tmp", "/tmp"},
	} {
		if got := commandLine(t, "", "cp", c.source, sb+":"+c.target); got.code != 0 {
			t.Errorf("%+v", got)
		}
		got := commandLine(t, "", "exec", sb, "--", "sh", "-c", "cd "+c.is+"; cat link; stat -c ' %a %U %h %Y' sub/file; stat -c '%Y' sub; [ hard -ef sub/file ] && stat -c %a empty")
		if got.stdout != "content 750 app 2 1500000000\n1500000000\n600\n" {
			t.Errorf("%s: %+v", c.is, got)
		}
	}
	if got := commandLine(t, "", "exec", sb, "--", "stat", "-c", "%a %U", "/tmp"); got.stdout != "1777 root\n" {
		t.Errorf("/tmp became %+v", got)
	}

	// And back: into a new directory, into one that is there, and what is in it.
	commandLine(t, "", "exec", sb, "--", "sh", "-c", "cd /home/app/new; mkfifo pipe; ln -s /etc/passwd away; ln -s ../.. up")
	there := filepath.Join(dir, "there")
	if err := os.Mkdir(there, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ source, target, is string }{
		{"/home/app/new", filepath.Join(dir, "back"), filepath.Join(dir, "back")},
		{"/home/app/new", there, filepath.Join(there, "new")},
		{"/home/app/new/.", there, there},
	} {
		got := commandLine(t, "", "cp", sb+":"+c.source, c.target)
		if got.code != 0 || got.stdout != "4 files, 7 B, copied to "+c.is+"\n" || strings.Count(got.stderr, "warning: the link") != 2 || !strings.Contains(got.stderr, "sockets, pipes or devices: 1") {
			t.Errorf("%+v", got)
		}
		wantContent(t, filepath.Join(c.is, "link"), "content")
		file, err1 := os.Stat(filepath.Join(c.is, "sub/file"))
		hard, err2 := os.Stat(filepath.Join(c.is, "hard"))
		sub, err3 := os.Stat(filepath.Join(c.is, "sub"))
		if err1 != nil || err2 != nil || err3 != nil || !os.SameFile(file, hard) || file.Mode() != 0o750 || !file.ModTime().Equal(past) || !sub.ModTime().Equal(past) {
			t.Errorf("%s: %v %v %v", c.is, file, hard, sub)
		}
		if _, err := os.Lstat(filepath.Join(c.is, "away")); !os.IsNotExist(err) {
			t.Errorf("a link that leads out: %v", err)
		}
	}

	// As an archive, out and in again, with owners.
	archive := commandLine(t, "", "cp", "--archive", sb+":/home/app/new", "-")
	if h, err := tar.NewReader(strings.NewReader(archive.stdout)).Next(); archive.code != 0 || err != nil || h.Name != "./" || h.Uid != 1000 {
		t.Fatalf("%d %s, %+v, %v", archive.code, archive.stderr, h, err)
	}
	if got := commandLine(t, archive.stdout, "cp", "--archive", "-", sb+":/again"); got != (result{}) {
		t.Errorf("%+v", got)
	}
	if got := commandLine(t, "", "exec", sb, "--", "sh", "-c", "cat /again/link; readlink /again/away; stat -c %U /again/hard"); got.stdout != "content/etc/passwd\napp\n" {
		t.Errorf("%+v", got)
	}
}

// What did not come whole is no success, and leaves no file.
func TestCpOfADamagedArchive(t *testing.T) {
	h := startHost(t)
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	_ = w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "f", Size: 3, Mode: 0o644})
	_, _ = w.Write([]byte("abc"))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	data := func(b []byte) *sandboxv1.DownloadArchiveResponse {
		return &sandboxv1.DownloadArchiveResponse{Message: &sandboxv1.DownloadArchiveResponse_Data{Data: b}}
	}
	sum := sha256.Sum256(archive.Bytes())
	end := func(sum []byte, size int) *sandboxv1.DownloadArchiveResponse {
		return &sandboxv1.DownloadArchiveResponse{Message: &sandboxv1.DownloadArchiveResponse_End{End: &sandboxv1.DownloadArchiveEnd{Sha256: sum, SizeBytes: int64(size)}}}
	}
	whole := archive.Bytes()
	for name, c := range map[string]struct {
		code int
		sent []*sandboxv1.DownloadArchiveResponse
	}{
		"whole":         {0, []*sandboxv1.DownloadArchiveResponse{data(whole), end(sum[:], len(whole))}},
		"no end":        {exitError, []*sandboxv1.DownloadArchiveResponse{data(whole)}},
		"another hash":  {exitError, []*sandboxv1.DownloadArchiveResponse{data(whole), end(make([]byte, 32), len(whole))}},
		"another size":  {exitError, []*sandboxv1.DownloadArchiveResponse{data(whole), end(sum[:], len(whole)+1)}},
		"half of it":    {exitError, []*sandboxv1.DownloadArchiveResponse{data(whole[:513]), end(sum[:], len(whole))}},
		"nothing of it": {exitError, nil},
	} {
		h.download = c.sent
		got := commandLine(t, "", "cp", "sb-1:/d", t.TempDir())
		if got.code != c.code || c.code != 0 && !strings.Contains(got.stderr, "damaged") {
			t.Errorf("%s: %+v", name, got)
		}
		if got := commandLine(t, "", "cp", "--archive", "sb-1:/d", "-"); got.code != c.code {
			t.Errorf("%s, to stdout: %+v", name, got)
		}
	}
}

func TestProgressIsForTerminalsAndLongTransfers(t *testing.T) {
	terminal, screen, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	defer screen.Close()
	a := &app{Streams: Streams{Err: screen}}
	short := a.progress(100, "short")
	_, _ = short.Write(make([]byte, 50))
	if short.bar != nil {
		t.Error("a short transfer has a bar")
	}
	long := a.progress(200, "long")
	_, _ = long.Write(make([]byte, 50))
	long.began = long.began.Add(-2 * patience)
	_, _ = long.Write(make([]byte, 50))
	b := make([]byte, 1000)
	n, err := terminal.Read(b)
	// What, how much of it, how fast, for how long and for how much longer.
	if err != nil || !regexp.MustCompile(`^\rlong  50% .*\([0-9.]+ [KMG]?i?B/s\) \[\d+s:\d+s\]`).Match(b[:n]) {
		t.Errorf("%q, %v", b[:n], err)
	}
	var file bytes.Buffer
	a.Err = &file
	quiet := a.progress(100, "quiet")
	quiet.began = quiet.began.Add(-2 * patience)
	_, _ = quiet.Write(make([]byte, 50))
	quiet.Close()
	if file.Len() > 0 {
		t.Errorf("elsewhere: %q", file.String())
	}
}
