package onhost

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/faultpoint"
	"github.com/casemate/casemate/sandboxd/internal/runtime"
)

// diskName is the file that a sandbox's writable layer is in.
const diskName = "disk.img"

// loopDisks are file systems in sparse files. A loop device is there as long as something has it open, which the mount has: when
// the last process that sees the sandbox's root has ended, the kernel lets go of the device, whatever sandboxd does or did.
type loopDisks struct {
	control   *os.File // gives out numbers of devices
	templates ext4Templates
}

const loopControl = "/dev/loop-control"

func openLoopDisks() (*loopDisks, error) {
	control, err := os.OpenFile(loopControl, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("%w; `modprobe loop` makes it, and a container has to be given it and the devices (--privileged and --volume /dev:/dev)", err)
	}
	d := &loopDisks{control: control}
	if err := d.templates.open(); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

func (d *loopDisks) make(dir string, uid int, l runtime.Limits) (*os.File, error) {
	if l.DiskBytes <= 0 || l.Inodes <= 0 {
		return nil, errdefs.InvalidField("limits", "all must be positive")
	}
	template, err := d.templates.get(l.DiskBytes, l.Inodes)
	if err != nil {
		return nil, err
	}
	image, err := os.OpenFile(dir+"/"+diskName, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	defer image.Close()
	if err := template.writeTo(image); err != nil {
		return nil, err
	}
	faultpoint.Reach("disk", "written")
	device, err := d.attach(image)
	if err != nil {
		return nil, fmt.Errorf("attach %s to a loop device: %w", image.Name(), err)
	}
	faultpoint.Reach("disk", "attached")
	defer device.Close() // from then on the mount keeps it
	mount, err := mountExt4(device.Name())
	if err != nil {
		return nil, fmt.Errorf("mount %s: %w", image.Name(), err)
	}
	return furnish(mount, uid)
}

func (*loopDisks) bounded() bool { return true }

func (d *loopDisks) close() { _ = d.control.Close() }

// attach makes a loop device of a file. It is gone once nothing has it open.
func (d *loopDisks) attach(image *os.File) (*os.File, error) {
	// What is read and written is in the cache once, as the sandbox's, and not again as the file's.
	cfg := unix.LoopConfig{
		Fd: uint32(image.Fd()), Size: ext4Block, Info: unix.LoopInfo64{Flags: unix.LO_FLAGS_AUTOCLEAR | unix.LO_FLAGS_DIRECT_IO},
	}
	for {
		number, err := unix.IoctlRetInt(int(d.control.Fd()), unix.LOOP_CTL_GET_FREE)
		if err != nil {
			return nil, err
		}
		device, err := os.OpenFile("/dev/loop"+strconv.Itoa(number), os.O_RDWR, 0)
		if err != nil {
			return nil, err
		}
		err = unix.IoctlLoopConfigure(int(device.Fd()), &cfg)
		if err == nil {
			return device, nil
		}
		_ = device.Close()
		if !errors.Is(err, unix.EBUSY) { // somebody was faster
			return nil, err
		}
	}
}

// mountExt4 mounts a sandbox's file system. Nothing of it is seen in any mount namespace.
func mountExt4(device string) (*os.File, error) {
	fs, err := unix.Fsopen("ext4", unix.FSOPEN_CLOEXEC)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fs)
	for key, value := range map[string]string{
		"source": device,
		// What has been deleted goes back to the host.
		"discard": "",
		// No thread writes the inode tables that nobody uses, and nothing waits for a disk that is not to survive the machine.
		"noinit_itable": "", "nobarrier": "",
		// An error of the host's disk is its sandbox's business. With "panic" in a superblock it would be the host's.
		"errors": "continue",
	} {
		if value == "" {
			err = unix.FsconfigSetFlag(fs, key)
		} else {
			err = unix.FsconfigSetString(fs, key, value)
		}
		if err != nil {
			return nil, fmt.Errorf("option %s: %w", key, err)
		}
	}
	if err := unix.FsconfigCreate(fs); err != nil {
		return nil, err
	}
	fd, err := unix.Fsmount(fs, unix.FSMOUNT_CLOEXEC, unix.MOUNT_ATTR_NODEV|unix.MOUNT_ATTR_NOSUID|unix.MOUNT_ATTR_NOATIME)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), "disk"), nil
}
