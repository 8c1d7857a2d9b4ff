package boot

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/sandboxd/internal/agent/handover"
)

// receive waits for sandboxd's message with the root file system. When sandboxd dies first, the wait ends.
func receive() (setup handover.Setup, root int, err error) {
	msg := make([]byte, handover.MaxMessage)
	oob := make([]byte, unix.CmsgSpace(4))
	n, oobn, _, _, err := unix.Recvmsg(handover.SetupFD, msg, oob, unix.MSG_CMSG_CLOEXEC)
	switch {
	case err != nil:
		return setup, -1, err
	case n == 0:
		return setup, -1, errors.New("sandboxd hung up")
	}
	cmsgs, err := unix.ParseSocketControlMessage(oob[:oobn])
	if err != nil || len(cmsgs) != 1 {
		return setup, -1, fmt.Errorf("%d control messages, %w", len(cmsgs), err)
	}
	fds, err := unix.ParseUnixRights(&cmsgs[0])
	if err != nil || len(fds) != 1 {
		return setup, -1, fmt.Errorf("%d descriptors, %w", len(fds), err)
	}
	setup, err = handover.DecodeSetup(msg[:n])
	return setup, fds[0], err
}
