package onhost

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// mounter builds root file systems on a thread that has a mount namespace of its own, so that nothing it mounts is seen on
// the host or left there. The overlay is mounted by the real root, not in the sandbox's user namespace: only so does
// overlayfs honour the marks that image layers carry (trusted.overlay.*), and only so are those it makes out of the
// sandbox's reach.
type mounter struct {
	dir  string // an empty directory of the host's; the mounter's is a place to mount at
	jobs chan func()
	// rootless: see Config.Rootless.
	rootless bool
}

func newMounter(stateDir string, rootless bool) (*mounter, error) {
	m := &mounter{dir: filepath.Join(stateDir, ".mnt"), jobs: make(chan func()), rootless: rootless}
	if err := os.MkdirAll(m.dir, 0o700); err != nil {
		return nil, fmt.Errorf("make a place to mount at: %w", err)
	}
	started := make(chan error)
	onOwnThread(func() {
		err := isolateMounts()
		started <- err
		if err != nil {
			return
		}
		for job := range m.jobs {
			job()
		}
	})
	if err := <-started; err != nil {
		return nil, fmt.Errorf("make a mount namespace: %w", err)
	}
	return m, nil
}

// isolateMounts gives the calling thread a mount namespace. What is mounted on the host later is seen there too, and not the
// other way round.
func isolateMounts() error {
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		return err
	}
	return unix.Mount("", "/", "", unix.MS_REC|unix.MS_SLAVE, "")
}

// InMountNamespace runs f on a thread that has a mount namespace of its own, as the processes that f starts have; it ends with
// them and f.
func InMountNamespace(f func() error) error {
	result := make(chan error)
	onOwnThread(func() {
		err := isolateMounts()
		if err == nil {
			err = f()
		}
		result <- err
	})
	return <-result
}

// onOwnThread runs f on a thread that ends with it. It is never the process's first thread: that can't end, and /proc/self
// would show its mounts as the process's.
func onOwnThread(f func()) {
	go func() {
		runtime.LockOSThread()
		if unix.Gettid() != unix.Getpid() {
			f()
			return
		}
		started := make(chan struct{})
		onOwnThread(func() {
			close(started)
			f()
		})
		<-started // until then this goroutine keeps the first thread to itself
		runtime.UnlockOSThread()
	}()
}

func (m *mounter) close() { close(m.jobs) }

// root makes a root file system out of layers, the topmost first, and the directories upper and work of disk, a mount that is attached nowhere yet; its files
// are seen through the user namespace userNS. It returns the mount, attached nowhere.
func (m *mounter) root(layers []string, disk, userNS int) (mount int, err error) {
	made := make(chan struct{})
	m.jobs <- func() {
		// Everything is attached below one file system, so that it goes with a single, final detach. Nobody waits for that.
		if err = unix.Mount("tmpfs", m.dir, "tmpfs", 0, "mode=0700"); err != nil {
			mount, err = -1, fmt.Errorf("mount a place to work in: %w", err)
			close(made)
			return
		}
		defer unix.Unmount(m.dir, unix.MNT_DETACH) //nolint:errcheck // it was just mounted
		mount, err = m.mountRoot(layers, disk, userNS)
		close(made)
	}
	<-made
	return mount, err
}

func (m *mounter) mountRoot(layers []string, disk, userNS int) (root int, err error) {
	// Relative names are short, and need no escapes in the options: a mount's options must fit in one page.
	if err := unix.Chdir(m.dir); err != nil {
		return -1, err
	}
	defer unix.Chdir("/") //nolint:errcheck // it is always there
	lower := make([]string, len(layers))
	for i, layer := range layers {
		lower[i] = strconv.Itoa(i)
		attr := &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}
		if !m.rootless {
			attr.Attr_set, attr.Userns_fd = attr.Attr_set|unix.MOUNT_ATTR_IDMAP, uint64(userNS)
		}
		if err := bindMount(layer, lower[i], attr); err != nil {
			return -1, fmt.Errorf("mount image layer %s with the sandbox's user ids: %w", layer, err)
		}
	}
	if err := attachMount(disk, "rw"); err != nil {
		return -1, fmt.Errorf("mount the writable layer: %w", err)
	}
	if err := os.Mkdir("root", 0o700); err != nil {
		return -1, err
	}
	// xino: a file keeps its number when it is changed, though the writable layer is not on the image's file system. Volatile: what is written need not survive the machine, so nothing of it waits for the disk. Nothing that a layer's
	// author could have put into extended attributes is followed.
	options := "lowerdir=" + strings.Join(lower, ":") +
		",upperdir=rw/upper,workdir=rw/work,volatile,xino=on,index=off,metacopy=off,redirect_dir=nofollow"
	if m.rootless {
		options += ",userxattr" // the host's root alone has trusted attributes
	}
	if err := unix.Mount("overlay", "root", "overlay", unix.MS_NODEV|unix.MS_NOSUID, options); err != nil {
		return -1, fmt.Errorf("mount the overlay of %d layers: %w", len(layers), err)
	}
	return unix.OpenTree(unix.AT_FDCWD, "root", unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC)
}

// bindMount makes the directory target and binds source to it, with attributes.
func bindMount(source, target string, attr *unix.MountAttr) error {
	fd, err := unix.OpenTree(unix.AT_FDCWD, source, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := unix.MountSetattr(fd, "", unix.AT_EMPTY_PATH, attr); err != nil {
		return err
	}
	return attachMount(fd, target)
}

// attachMount makes the directory target and attaches a mount there.
func attachMount(mount int, target string) error {
	if err := os.Mkdir(target, 0o700); err != nil {
		return err
	}
	return unix.MoveMount(mount, "", unix.AT_FDCWD, target, unix.MOVE_MOUNT_F_EMPTY_PATH)
}
