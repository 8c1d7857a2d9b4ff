package daemon_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/config"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

// logsSmall has logs of 1 MiB.
func logsSmall() sandboxdtest.Option {
	return sandboxdtest.WithConfig(func(c *config.Config) { c.Logs.MaxBytes = 1 << 20 })
}

// logsPieces returns the pieces of a log, to its end.
func logsPieces(e *env, req *sandboxv1.StreamLogsRequest) []*sandboxv1.StreamLogsResponse {
	e.t.Helper()
	stream, err := e.api.StreamLogs(e.t.Context(), req)
	if err != nil {
		e.t.Fatal(err)
	}
	var pieces []*sandboxv1.StreamLogsResponse
	for {
		resp, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return pieces
		}
		if err != nil {
			e.t.Fatal(err)
		}
		pieces = append(pieces, resp)
	}
}

// logsLater makes a file in a sandbox a moment after the call that it makes for it has ended, so that the sandbox's end does not
// cut that off.
func logsLater(e *env, name, file string) {
	e.t.Helper()
	e.exec(name, "sh", "-c", "(sleep 0.2; touch "+file+") >/dev/null 2>&1 &")
}

// logsOnDisk calls f with every file of a log.
func logsOnDisk(e *env, f func(path string, content []byte)) {
	e.t.Helper()
	err := filepath.WalkDir(filepath.Join(e.StateDir, "logs"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // dropped meanwhile
		}
		f(path, content)
		return err
	})
	if err != nil {
		e.t.Fatal(err)
	}
}

// A flood takes its bound on the disk and no more, the process that makes it gets to its end, and readers know what is
// missing.
func TestLogOfAFlood(t *testing.T) {
	e := start(t, logsSmall())
	const flood = 6_000_000
	sb := e.run(script("yes | head -c 6000000; echo the end"))
	if ended := e.wait(sb.GetName()); ended.GetExitCode() != 0 {
		t.Errorf("ended: %v", ended)
	}
	size := 0
	logsOnDisk(e, func(_ string, content []byte) { size += len(content) })
	if size > 1<<20 {
		t.Errorf("%d bytes on disk", size)
	}
	pieces := logsPieces(e, &sandboxv1.StreamLogsRequest{Name: sb.GetName()})
	kept := 0
	for i, p := range pieces {
		kept += len(p.GetData())
		if (p.GetLostBytes() > 0) != (i == 0) {
			t.Errorf("before piece %d of %d, %d bytes are missing", i, len(pieces), p.GetLostBytes())
		}
	}
	if total := pieces[0].GetLostBytes() + uint64(kept); total != flood+8 || pieces[len(pieces)-1].GetNextOffset() != total || kept < 3<<18 {
		t.Errorf("%d bytes are missing and %d kept, of %d", pieces[0].GetLostBytes(), kept, flood+8)
	}
	if got := e.logs(&sandboxv1.StreamLogsRequest{Name: sb.GetName(), TailLines: 1}); got != "the end\n" {
		t.Errorf("the last line is %q", got)
	}
}

// A process that prints more than the rate waits, and nobody else does.
func TestLogRate(t *testing.T) {
	e := start(t, sandboxdtest.WithConfig(func(c *config.Config) { c.Logs.Rate = 2 << 20 }))
	quiet := e.run(spec())
	began := time.Now()
	loud := e.run(script("yes | head -c 8000000"))
	for time.Since(began) < 500*time.Millisecond {
		if got := e.shell(quiet.GetName(), "echo here"); got != "here" {
			t.Fatalf("the quiet one says %q", got)
		}
	}
	e.wait(loud.GetName())
	// Of 8 MB, one MiB may come at once and another one waits in the sandbox; the rest takes three seconds.
	if took := time.Since(began); took < 2500*time.Millisecond {
		t.Errorf("8 MB were logged in %v", took)
	}
	if got := e.logs(&sandboxv1.StreamLogsRequest{Name: loud.GetName()}); len(got) != 8_000_000 {
		t.Errorf("%d bytes of 8000000 are kept", len(got))
	}
}

func TestLogByOffset(t *testing.T) {
	e := start(t)
	sb := e.run(script("echo one; echo two; echo three"))
	e.wait(sb.GetName())
	all := e.logs(&sandboxv1.StreamLogsRequest{Name: sb.GetName()})
	for offset := range len(all) + 1 {
		pieces := logsPieces(e, &sandboxv1.StreamLogsRequest{Name: sb.GetName(), Offset: uint64(offset)})
		got, next := "", uint64(offset)
		for _, p := range pieces {
			got += string(p.GetData())
			next = p.GetNextOffset()
		}
		if got != all[offset:] || next != uint64(len(all)) {
			t.Errorf("from %d: %q, up to %d", offset, got, next)
		}
	}
	stream, err := e.api.StreamLogs(t.Context(), &sandboxv1.StreamLogsRequest{Name: sb.GetName(), Offset: uint64(len(all) + 1), Follow: true})
	if err != nil {
		t.Fatal(err)
	}
	_, err = stream.Recv()
	wantError(t, err, errdefs.OutOfRange, "LOG_OFFSET_INVALID")
}

// With a full disk the main process runs on; when there is space again the log goes on, and says what is missing.
func TestLogOnAFullDisk(t *testing.T) {
	e := start(t, logsSmall())
	dir := filepath.Join(e.StateDir, "logs")
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=2m"); err != nil {
		t.Fatal("mounting a small file system, which needs root: ", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	sb := e.run(script(`until_there() { while [ ! -e $1 ]; do sleep 0.01; done; }
		echo before; until_there /full; yes | head -c 5000000; touch /written; until_there /space; echo after`))
	waitForLog(e, sb.GetName(), "before\n")
	filler := filepath.Join(dir, "filler")
	if err := os.WriteFile(filler, make([]byte, 2<<20), 0o600); !errors.Is(err, unix.ENOSPC) {
		t.Fatal("the disk has still room: ", err)
	}
	e.exec(sb.GetName(), "touch", "/full")
	e.shell(sb.GetName(), "while [ ! -e /written ]; do sleep 0.01; done") // it is not held up
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	logsLater(e, sb.GetName(), "/space")
	pieces := logsPieces(e, &sandboxv1.StreamLogsRequest{Name: sb.GetName(), Follow: true})
	text, lost := "", uint64(0)
	for _, p := range pieces {
		text += string(p.GetData())
		lost += p.GetLostBytes()
	}
	if lost == 0 || !strings.HasPrefix(text, "before\n") || !strings.HasSuffix(text, "y\nafter\n") || lost+uint64(len(text)) != 5_000_000+13 {
		t.Errorf("%d bytes of the log are there, %d missing; it ends with %q", len(text), lost, text[max(0, len(text)-20):])
	}
	if logs := e.Logs(); !strings.Contains(logs, "can't be logged; trying again") || !strings.Contains(logs, "is logged again") {
		t.Error("sandboxd's own log does not tell of it")
	}
}

// A value that comes in two writes is in no segment, whatever was rotated meanwhile, and not while half of it is out either.
func TestLogHasNoSplitValue(t *testing.T) {
	const value = "hunter2-and-a-half-0123456789"
	e := start(t, logsSmall())
	e.Secretsd.CreateSecret("red", "TOKEN", value)
	s := script(`i=0; while [ $i -lt 40 ]; do i=$((i+1)); yes | head -c 50000
		printf %s "${TOKEN%half*}"; sleep 0.02; printf '%s\n' "half${TOKEN#*half}"; done`)
	s.Secrets = []*sandboxv1.SecretRef{secret("TOKEN")}
	sb := e.run(s)
	halves := []string{value[:18], value[len(value)-14:]}
	search := func() {
		t.Helper()
		logsOnDisk(e, func(path string, content []byte) {
			for _, half := range halves {
				if strings.Contains(string(content), half) {
					t.Errorf("%q is in %s", half, path)
				}
			}
		})
	}
	stream, err := e.api.StreamLogs(t.Context(), &sandboxv1.StreamLogsRequest{Name: sb.GetName(), Follow: true})
	if err != nil {
		t.Fatal(err)
	}
	masked := 0
	for err == nil && !t.Failed() {
		var resp *sandboxv1.StreamLogsResponse
		if resp, err = stream.Recv(); strings.Contains(string(resp.GetData()), "***\n") {
			masked++
			search()
		}
	}
	if !errors.Is(err, io.EOF) || masked < 10 {
		t.Errorf("%v after %d masked values", err, masked)
	}
	search()
}
