package boot

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
)

// What a sandbox may take of inotify. The kernel counts it for the user who made the sandbox as well, on the whole host: without
// bounds of its own, a sandbox could take all of the 128 instances that sandboxd's user, and so often root, has by default.
const (
	inotifyInstances = 48 // the agent's watches take up to 16 of them
	inotifyWatches   = 1 << 16
)

// boundInotify sets these bounds for the sandbox's user namespace. A kernel that doesn't count for namespaces has none.
func boundInotify() error {
	for name, n := range map[string]int{"max_inotify_instances": inotifyInstances, "max_inotify_watches": inotifyWatches} {
		err := os.WriteFile("/proc/sys/user/"+name, []byte(strconv.Itoa(n)), 0)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("bound inotify: %w", err)
		}
	}
	return nil
}
