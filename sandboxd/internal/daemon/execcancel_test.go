package daemon_test

import (
	"context"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	coreweavev1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
)

// A unary call that its client gives up, or whose deadline passes, takes the command's whole process group with it, by either API.
func TestGivenUpExecsAreKilled(t *testing.T) {
	e := start(t)
	sb := e.run(spec())
	argv := []string{"sh", "-c", "sleep 987 & sleep 986; true"}
	const find = "pidof sleep | wc -w"
	for front, exec := range map[string]func(context.Context) error{
		"native": func(ctx context.Context) error {
			_, err := e.api.Exec(ctx, &sandboxv1.ExecRequest{Name: sb.GetName(), Spec: &sandboxv1.ExecSpec{Command: argv}})
			return err
		},
		"coreweave": func(ctx context.Context) error {
			_, err := coreweavev1.NewSandboxServiceClient(e.Conn(e.key)).Exec(ctx, &coreweavev1.ExecRequest{SandboxId: idOf(sb), Command: argv})
			return err
		},
	} {
		for how, want := range map[string]codes.Code{"cancelled": codes.Canceled, "out of time": codes.DeadlineExceeded} {
			t.Run(front+", "+how, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if want == codes.DeadlineExceeded {
					ctx, cancel = context.WithTimeout(ctx, 300*time.Millisecond)
					defer cancel()
				}
				done := make(chan error, 1)
				go func() { done <- exec(ctx) }()
				if want == codes.Canceled {
					for e.shell(sb.GetName(), find) != "2" {
					}
					cancel()
				}
				if err := <-done; status.Code(err) != want {
					t.Errorf("%v, want %v", err, want)
				}
				execEventually(t, func() string {
					if left := e.shell(sb.GetName(), find); left != "0" {
						return left + " of its processes are left"
					}
					return ""
				})
			})
		}
	}
}
