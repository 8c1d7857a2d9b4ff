package daemon_test

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

const maskedValue = "geheim-wört/42+x"

// maskingEnv is a sandboxd whose team red has the secret TOKEN.
func maskingEnv(t *testing.T, mask bool) *env {
	t.Helper()
	e := start(t)
	e.Secretsd.CreateSecret("red", "TOKEN", maskedValue)
	e.Secretsd.MaskOutput("red", mask)
	return e
}

func maskingSpec() *sandboxv1.SandboxSpec {
	s := spec()
	s.Secrets = []*sandboxv1.SecretRef{secret("TOKEN")}
	return s
}

func (e *env) maskingRead(name, path string) string {
	e.t.Helper()
	resp, err := e.api.ReadFile(e.t.Context(), &sandboxv1.ReadFileRequest{Name: name, Path: path})
	if err != nil {
		e.t.Fatal(err)
	}
	return string(resp.GetContent())
}

// TestOutputIsMaskedAsTheTeamSays goes through every way out of a sandbox.
func TestOutputIsMaskedAsTheTeamSays(t *testing.T) {
	e := maskingEnv(t, true)
	sb := e.run(maskingSpec())
	name := sb.GetName()
	if !sb.GetOutputMasked() {
		t.Errorf("the sandbox says nothing of it: %v", sb)
	}
	t.Run("unary exec", func(t *testing.T) {
		resp := e.exec(name, "sh", "-c", `echo "out <$TOKEN>"; echo "err <$TOKEN>" >&2; printf %s "$TOKEN" | base64; printf %s "$TOKEN" | od -An -tx1 | tr -d ' \n'; exit 3`)
		if got, want := string(resp.GetStdout()), "out <***>\n***=\n***"; got != want {
			t.Errorf("stdout %q, want %q", got, want)
		}
		if got, want := string(resp.GetStderr()), "err <***>\n"; got != want || resp.GetExitCode() != 3 {
			t.Errorf("stderr %q, want %q; exit code %d", got, want, resp.GetExitCode())
		}
	})
	t.Run("streamed, in pieces", func(t *testing.T) {
		s := e.streamExec(t.Context(), &sandboxv1.StreamExecStart{Name: name, Spec: &sandboxv1.ExecSpec{Command: []string{
			"sh", "-c", `printf 'é geheim-w'; sleep 0.3; printf 'ört/42+x é geheim-w'; exit 4`,
		}}})
		if out, code := s.finish(); out != "é *** é geheim-w" || code != 4 {
			t.Errorf("%q, exit code %d", out, code)
		}
	})
	t.Run("a background process", func(t *testing.T) {
		p := e.background(name, `printf 'é geheim-w'; sleep 0.3; printf 'ört/42+x é geheim-w'; echo "err <$TOKEN>" >&2; exit 4`)
		f := e.attach(t.Context(), name, p.GetId(), 0)
		if exit := f.finish(); f.text != "é *** é geheim-w" || f.errs != "err <***>\n" || exit.GetExitCode() != 4 {
			t.Errorf("stdout %q, stderr %q, %v", f.text, f.errs, exit)
		}
	})
	t.Run("much of it", func(t *testing.T) {
		s := e.streamExec(t.Context(), &sandboxv1.StreamExecStart{Name: name, Spec: &sandboxv1.ExecSpec{Command: []string{
			"sh", "-c", `yes "äöü $TOKEN" | head -n 50000`,
		}}})
		out, _ := s.finish()
		if want := strings.Repeat("äöü ***\n", 50000); out != want {
			t.Errorf("%d bytes, want %d; the value is in it: %v", len(out), len(want), strings.Contains(out, maskedValue))
		}
	})
	t.Run("terminal", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		s := e.streamExec(ctx, &sandboxv1.StreamExecStart{
			Name: name, Spec: &sandboxv1.ExecSpec{Command: []string{"sh"}}, Terminal: &sandboxv1.TerminalSize{Width: 80, Height: 24},
		})
		s.stdin("ge") // a value begins so; nobody types more until it is seen
		s.until("ge")
		s.stdin("\x15echo \"<$TOKEN>\"; exit 6\n")
		if out, code := s.finish(); !strings.Contains(out, "<***>\r\n") || strings.Contains(out, maskedValue) || code != 6 {
			t.Errorf("%q, exit code %d", out, code)
		}
	})
	t.Run("files", func(t *testing.T) {
		e.exec(name, "sh", "-c", `printf 'token=%s\n' "$TOKEN" >/tmp/.env`)
		if got := e.maskingRead(name, "/tmp/.env"); got != "token=***\n" {
			t.Errorf("read: %q", got)
		}
		// An archive is what there is, to the byte: it may be put back.
		var archive bytes.Buffer
		if _, err := e.download(t.Context(), name, "/tmp/.env", &archive); err != nil {
			t.Fatal(err)
		}
		r := tar.NewReader(&archive)
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
		if content, err := io.ReadAll(r); err != nil || string(content) != "token="+maskedValue+"\n" {
			t.Errorf("archive: %q, %v", content, err)
		}
	})
	t.Run("after a restart of sandboxd, and another word of the team", func(t *testing.T) {
		e.Secretsd.MaskOutput("red", false)
		e.Restart()
		if got := e.shell(name, "echo $TOKEN"); got != "***" || !e.get(name).GetOutputMasked() {
			t.Errorf("%q; the sandbox says %v", got, e.get(name).GetOutputMasked())
		}
		later := e.run(maskingSpec())
		if got := e.shell(later.GetName(), "echo $TOKEN"); got != maskedValue || later.GetOutputMasked() {
			t.Errorf("a later one: %q; the sandbox says %v", got, later.GetOutputMasked())
		}
	})
}

// TestSandboxAsksForMasking: a request may ask for more than the team does, never for less.
func TestSandboxAsksForMasking(t *testing.T) {
	e := maskingEnv(t, false)
	for _, ask := range []bool{false, true} {
		s := maskingSpec()
		s.MaskOutput = ask
		sb := e.run(s)
		want := map[bool]string{false: maskedValue, true: "***"}[ask]
		if got := e.shell(sb.GetName(), "echo $TOKEN"); got != want || sb.GetOutputMasked() != ask || sb.GetSpec().GetMaskOutput() != ask {
			t.Errorf("mask_output %v: %q, want %q; the sandbox says %v", ask, got, want, sb)
		}
		if got := e.shell(sb.GetName(), `echo $TOKEN >/tmp/f`) + e.maskingRead(sb.GetName(), "/tmp/f"); got != want+"\n" {
			t.Errorf("mask_output %v: the file has %q, want %q", ask, got, want)
		}
	}
	e.Secretsd.MaskOutput("red", true)
	s := maskingSpec()
	s.MaskOutput = false
	if sb := e.run(s); !sb.GetOutputMasked() {
		t.Errorf("the request won over the team: %v", sb)
	}
	if sb := e.run(spec()); sb.GetOutputMasked() {
		t.Errorf("a sandbox without secrets says that it masks them: %v", sb)
	}
}

// TestUnmaskedVariablesAreTold, and their values are left alone.
func TestUnmaskedVariablesAreTold(t *testing.T) {
	e := maskingEnv(t, true)
	e.Secretsd.CreateSecret("red", "PIN", "1234")
	e.Secretsd.CreateSecret("red", "WORD", "password")
	s := script(`echo "$PIN $WORD $TOKEN"; sleep 600`)
	s.Secrets = []*sandboxv1.SecretRef{secret("WORD"), secret("TOKEN"), secret("PIN")}
	sb := e.run(s)
	want := []*sandboxv1.UnmaskedVariable{
		{EnvVar: "PIN", Gap: sandboxv1.MaskingGap_MASKING_GAP_SHORT}, {EnvVar: "WORD", Gap: sandboxv1.MaskingGap_MASKING_GAP_COMMON},
	}
	if diff := cmp.Diff(want, e.get(sb.GetName()).GetUnmaskedVariables(), protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
	if got := e.shell(sb.GetName(), "echo $PIN $WORD $TOKEN"); got != "1234 password ***" {
		t.Errorf("exec: %q", got)
	}
	waitForLog(e, sb.GetName(), "1234 password ***\n")
}

// TestManyLargeSecrets: as much as one sandbox may hold is masked, and the agent stays small.
func TestManyLargeSecrets(t *testing.T) {
	e := maskingEnv(t, true)
	s := spec()
	const n = 100
	for i := range n {
		name := fmt.Sprintf("S%d", i)
		e.Secretsd.CreateSecret("red", name, maskingLarge(i))
		s.Secrets = append(s.Secrets, secret(name))
	}
	sb := e.run(s)
	out := e.shell(sb.GetName(), `echo "$S0 $S99"; printf %s "$S50" | base64 -w0`)
	if out != "*** ***\n***" && out != "*** ***\n***=" && out != "*** ***\n***==" {
		t.Errorf("%.200q", out)
	}
	rss := e.shell(sb.GetName(), `awk '/^VmRSS/{print $2}' /proc/1/status`)
	t.Logf("%s: %d secrets of %d bytes; the agent has %s KiB", sandboxdtest.BusyboxImage, n, len(maskingLarge(0)), rss)
	var kib int
	if _, err := fmt.Sscan(rss, &kib); err != nil || kib == 0 || kib > 48<<10 {
		t.Errorf("the agent takes %q KiB, %v", rss, err)
	}
}

// maskingLarge is a value of 4 KiB.
func maskingLarge(i int) string {
	text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat(fmt.Sprintf("%d-Zf9!", i), 1<<10)))
	return fmt.Sprintf("%d", i) + text[:4<<10]
}
