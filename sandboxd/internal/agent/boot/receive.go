package boot

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/sandboxd/internal/agent/handover"
)

// receive waits for sandboxd's message. When sandboxd dies first, the wait ends. root is the root file system's mount, -1 in a
// container.
func receive(inContainer bool) (setup handover.Setup, root int, err error) {
	msg := make([]byte, handover.MaxMessage)
	oob := make([]byte, unix.CmsgSpace(4))
	n, oobn, _, _, err := unix.Recvmsg(handover.SetupFD, msg, oob, unix.MSG_CMSG_CLOEXEC)
	switch {
	case err != nil:
		return setup, -1, err
	case n == 0:
		return setup, -1, errors.New("sandboxd hung up")
	}
	if setup, err = handover.DecodeSetup(msg[:n]); err != nil || inContainer {
		return setup, -1, err
	}
	cmsgs, err := unix.ParseSocketControlMessage(oob[:oobn])
	if err != nil || len(cmsgs) != 1 {
		return setup, -1, fmt.Errorf("%d control messages, %w", len(cmsgs), err)
	}
	fds, err := unix.ParseUnixRights(&cmsgs[0])
	if err != nil || len(fds) != 1 {
		return setup, -1, fmt.Errorf("%d descriptors, %w", len(fds), err)
	}
	return setup, fds[0], nil
}
