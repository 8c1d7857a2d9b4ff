package faultpoint_test

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/casemate/casemate/sandboxd/internal/faultpoint"
	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

const (
	// dieAt names the point at which a sandboxd that a test started ends as by kill -9, the first time that it is reached.
	dieAt = "FAULTPOINT_DIE_AT"
	// writeTo names a file that such a sandboxd appends the name of every point to that it reaches.
	writeTo = "FAULTPOINT_WRITE_TO"
	// killAgentAt names the point at which such a sandboxd kills the agent of its newest sandbox, whose record is in stateDir.
	killAgentAt = "FAULTPOINT_KILL_AGENT_AT"
	stateDir    = "FAULTPOINT_STATE_DIR"
	// fromStart, unless empty, makes either begin at the start and not when it serves.
	fromStart = "FAULTPOINT_FROM_START"
)

// TestMain is a sandboxd when StartProcess started it. Else it runs the tests in a network namespace of their own, so that
// sandboxes have a network and nothing of the machine's is touched.
func TestMain(m *testing.M) {
	if os.Getenv(fromStart) != "" {
		setHook()
		sandboxdtest.RunChild(nil)
	}
	sandboxdtest.RunChild(setHook)
	sandboxdtest.InOwnNetwork(m, nil)
}

func setHook() {
	die, kill := os.Getenv(dieAt), os.Getenv(killAgentAt)
	var f io.Writer = io.Discard
	if file := os.Getenv(writeTo); file != "" {
		points, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			panic(err)
		}
		f = points
	}
	faultpoint.Set(func(name string) {
		fmt.Fprintln(f, name)
		switch name {
		case die:
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // until it has come
		case kill:
			killNewestAgent()
		}
	})
}

func killNewestAgent() {
	var (
		newest struct{ Pid int }
		latest time.Time
	)
	files, err := filepath.Glob(filepath.Join(os.Getenv(stateDir), "runtimes/*/*/record.json"))
	if err != nil || len(files) == 0 {
		panic(fmt.Sprint("there is no sandbox: ", err))
	}
	for _, file := range files {
		if info, err := os.Stat(file); err == nil && info.ModTime().After(latest) {
			content, err := os.ReadFile(file)
			if err == nil {
				err = json.Unmarshal(content, &newest)
			}
			if err != nil {
				panic(err)
			}
			latest = info.ModTime()
		}
	}
	if newest.Pid > 1 {
		_ = syscall.Kill(newest.Pid, syscall.SIGKILL)
	}
}
