package daemon_test

import (
	"testing"
	"time"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
)

// A watch ends when sandboxd is stopped, at once and with the reason, and can be begun anew after it.
func TestWatchOverARestart(t *testing.T) {
	e := start(t)
	sb := e.run(spec())
	watch := func() sandboxv1.SandboxService_WatchFilesClient {
		t.Helper()
		stream, err := e.api.WatchFiles(t.Context(), &sandboxv1.WatchFilesRequest{Name: sb.GetName(), Path: "."})
		if err != nil {
			t.Fatal(err)
		}
		if first, err := stream.Recv(); err != nil || len(first.GetEvents()) > 0 {
			t.Fatalf("%v, %v", first, err)
		}
		return stream
	}
	before := watch()
	began := time.Now()
	e.Stop()
	_, err := before.Recv()
	wantError(t, err, errdefs.Unavailable, "SANDBOXD_STOPPING")
	if took := time.Since(began); took > 900*time.Millisecond {
		t.Errorf("stopping took %v, as if the watch had to be cut off", took)
	}
	e.Restart()
	after := watch()
	e.exec(sb.GetName(), "sh", "-c", `: > "$(printf 'not\377utf8')"`) // in /srv, the working directory
	got, err := after.Recv()
	if err != nil || len(got.GetEvents()) != 1 || got.GetEvents()[0].GetPath() != "not�utf8" ||
		got.GetEvents()[0].GetType() != sandboxv1.FileEventType_FILE_EVENT_TYPE_CREATED {
		t.Errorf("%v, %v", got, err)
	}
	e.exec(sb.GetName(), "mv", "/srv", "/other") // which removes what was in it first
	for err == nil {
		_, err = after.Recv()
	}
	wantError(t, err, errdefs.FailedPrecondition, "WATCH_ENDED")
}

func TestWatchOfVeryManyDirectories(t *testing.T) {
	e := start(t)
	name := e.run(spec()).GetName()
	e.shell(name, "mkdir /many; cd /many; i=0; while [ $i -lt 82 ]; do i=$((i+1)); mkdir $i; (cd $i; mkdir $(seq 100)); done")
	stream, err := e.api.WatchFiles(t.Context(), &sandboxv1.WatchFilesRequest{Name: name, Path: "/many", Recursive: true})
	if err != nil {
		t.Fatal(err)
	}
	_, err = stream.Recv()
	wantError(t, err, errdefs.ResourceExhausted, "WATCH_LIMIT")
}
