package server

import (
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Where somebody adds faster than a removal takes, it ends nevertheless: what was made too late stays.
func TestRemovalLeavesWhatIsTooYoung(t *testing.T) {
	dir := t.TempDir() + "/d"
	mustMake(t, dir)
	mustMake(t, dir+"/old")
	mustMake(t, dir+"/old/in")
	rm := remover{until: birth(t, dir+"/old/in")}
	young := 0
	for ; ; young++ { // until the file system's clock has gone on
		name := fmt.Sprintf("%s/%d", dir, young)
		mustMake(t, name)
		if birth(t, name).After(rm.until) {
			break
		}
	}
	if err := rm.run(dir, true); !errors.Is(err, unix.ENOTEMPTY) {
		t.Errorf("while somebody adds: %v", err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 || left[0].Name() != fmt.Sprint(young) {
		t.Errorf("left: %v, %v, want only %d", left, err, young)
	}
	rm.until = time.Now().Add(time.Hour)
	if err := rm.run(dir, true); err != nil {
		t.Error("in time: ", err)
	}
}

func mustMake(t *testing.T, dir string) {
	t.Helper()
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
}

func birth(t *testing.T, name string) time.Time {
	t.Helper()
	var st unix.Statx_t
	if err := unix.Statx(unix.AT_FDCWD, name, 0, unix.STATX_BTIME, &st); err != nil || st.Mask&unix.STATX_BTIME == 0 {
		t.Fatal("the file system does not say when a file was made: ", err)
	}
	return time.Unix(st.Btime.Sec, int64(st.Btime.Nsec))
}
