package oci

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/sandboxd/internal/agent/handover"
	"github.com/casemate/casemate/sandboxd/internal/runtime/onhost"
)

// holder is a process that holds a sandbox's user and network namespace. It ends with the creation, or with sandboxd.
type holder struct{ pid int }

// hold starts one. It is the agent's binary, in the namespaces that it is to hold and otherwise on the host: it runs nothing of
// the sandbox's.
func hold(ctx context.Context, c *onhost.Creation) (*holder, error) {
	theirs, end, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	said, answer, err := os.Pipe()
	if err != nil {
		_ = end.Close()
		return nil, err
	}
	defer said.Close()
	defer answer.Close()
	born := c.Born()
	files := []uintptr{0: born[0].Fd(), 1: answer.Fd(), 2: born[2].Fd(), handover.HoldFD: theirs.Fd()}
	ids := []syscall.SysProcIDMap{c.IDs()}
	pid, err := syscall.ForkExec("/proc/self/fd/"+strconv.Itoa(int(born[handover.BinaryFD].Fd())), []string{handover.HoldStage}, &syscall.ProcAttr{
		Dir: "/", Env: []string{"GOGC=off", "GOMAXPROCS=1"}, Files: files,
		Sys: &syscall.SysProcAttr{
			Cloneflags: unix.CLONE_NEWUSER | unix.CLONE_NEWNET, UidMappings: ids, GidMappings: ids, GidMappingsEnableSetgroups: true,
			Credential: &syscall.Credential{}, Setsid: true,
		},
	})
	if err != nil {
		_ = end.Close()
		return nil, fmt.Errorf("make the sandbox's namespaces: %w", err)
	}
	c.OnEnd(func() {
		_ = end.Close()
		_, _ = syscall.Wait4(pid, nil, 0, nil)
	})
	_ = answer.Close()
	defer context.AfterFunc(ctx, func() { _ = said.Close() })()
	msg := make([]byte, handover.MaxMessage)
	n, err := said.Read(msg)
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		return nil, fmt.Errorf("make the sandbox's namespaces: %w%s", err, c.InItsWords())
	case string(msg[:n]) != handover.HoldReady:
		return nil, fmt.Errorf("make the sandbox's namespaces: %q", msg[:n])
	}
	return &holder{pid}, nil
}
