package controller

import (
	"fmt"
	"syscall"
	"time"

	"github.com/casemate/casemate/sandboxd/internal/runtime"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// explain adds to an ending what the runtime knows of it, once the sandbox is gone.
func (k *keeper) explain(end ending) ending {
	if k.ended().OOMKilled {
		k.c.note(k.s, sandbox.EventOutOfMemory, "", "")
		return end.outOfMemory(k.sb.Spec.Resources.MemoryBytes)
	}
	return end
}

func (k *keeper) ended() runtime.Ended {
	select {
	case <-k.s.instance.Done():
		return k.s.instance.Ended()
	case <-time.After(lastOutput): // it could not be removed
		return runtime.Ended{}
	}
}

// outOfMemory adds to an ending that the kernel killed for want of memory, where that explains it: a main process that
// lost a child so and went on is not meant.
func (e ending) outOfMemory(limit int64) ending {
	switch {
	case e.state == sandbox.Failed:
		e.reason = fmt.Sprintf("out of memory: the sandbox may use %d MiB", limit>>20)
	case e.reason == "" && e.exitCode != nil && *e.exitCode == 128+int32(syscall.SIGKILL):
		e.reason = fmt.Sprintf("the main process was killed, out of memory: the sandbox may use %d MiB", limit>>20)
	}
	return e
}

func exitCode(code int) *int32 {
	c := int32(code)
	return &c
}
