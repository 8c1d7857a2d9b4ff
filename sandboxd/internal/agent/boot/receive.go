package boot

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/sandboxd/internal/agent/handover"
)

// receive waits for sandboxd's message: the host name and the root file system. When sandboxd dies first, the wait ends.
func receive() (hostname string, root int, err error) {
	msg := make([]byte, handover.MaxMessage)
	oob := make([]byte, unix.CmsgSpace(4))
	n, oobn, _, _, err := unix.Recvmsg(handover.SetupFD, msg, oob, unix.MSG_CMSG_CLOEXEC)
	switch {
	case err != nil:
		return "", -1, fmt.Errorf("receive the host name and root file system: %w", err)
	case n == 0:
		return "", -1, errors.New("sandboxd hung up")
	}
	cmsgs, err := unix.ParseSocketControlMessage(oob[:oobn])
	if err != nil || len(cmsgs) != 1 {
		return "", -1, fmt.Errorf("receive the root file system: %d control messages, %w", len(cmsgs), err)
	}
	fds, err := unix.ParseUnixRights(&cmsgs[0])
	if err != nil || len(fds) != 1 {
		return "", -1, fmt.Errorf("receive the root file system: %d descriptors, %w", len(fds), err)
	}
	return string(msg[:n]), fds[0], nil
}
