package rootless

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/pkg/errdefs"
)

const (
	holderFile = "holder"
	slirpFile  = "slirp4netns"
	tun        = "/dev/net/tun"

	withoutNetwork = "network.enabled: false runs sandboxes with loopback only"
)

// holderOf returns the namespaces of a directory. It makes them where nobody holds them.
func holderOf(dir string, endOrphans func() error) (*Space, error) {
	file := filepath.Join(dir, holderFile)
	pid, err := readProcess(file)
	if err != nil {
		return nil, err
	}
	if pid != 0 {
		return &Space{holder: pid}, nil
	}
	// A holder that was killed took the way into its namespaces with it, and slirp4netns goes on for nobody.
	if err := errors.Join(end(filepath.Join(dir, slirpFile)), endOrphans()); err != nil {
		return nil, err
	}
	if pid, err = makeHolder(file); err != nil {
		return nil, err
	}
	return &Space{holder: pid, made: true}, nil
}

func makeHolder(file string) (_ int, err error) {
	maps, err := idMaps()
	if err != nil {
		return 0, err
	}
	gate, open, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	defer gate.Close()
	defer open.Close()
	// It has the namespace's capabilities from the execution on that comes after the map is written. It is not to end with this
	// process's terminal, and holds none of its descriptors.
	cmd := exec.Command("/bin/sh", "-c", "read -r go && exec sleep infinity")
	cmd.Dir, cmd.Stdin = "/", gate
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_NEWNET, Setsid: true,
	}
	if err := cmd.Start(); err != nil {
		return 0, errdefs.New(errdefs.FailedPrecondition, "ROOTLESS_UNAVAILABLE", "the kernel gives this user no user namespace: %v; look at the sysctls "+
			"user.max_user_namespaces, kernel.unprivileged_userns_clone and kernel.apparmor_restrict_unprivileged_userns", err).WithCause(err)
	}
	defer func() {
		if err != nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	}()
	for _, m := range maps {
		if err := m.write(cmd.Process.Pid); err != nil {
			return 0, err
		}
	}
	if err := writeProcess(file, cmd.Process.Pid); err != nil {
		return 0, fmt.Errorf("record the process that holds the namespaces: %w", err)
	}
	if _, err := open.WriteString("go\n"); err != nil {
		return 0, err
	}
	return cmd.Process.Pid, nil
}

// connect sees to it that slirp4netns connects the holder's network namespace to what the user has of the host's.
func connect(dir string, holder int) error {
	file := filepath.Join(dir, slirpFile)
	if pid, err := readProcess(file); err != nil || pid != 0 {
		return err
	}
	slirp, err := find("slirp4netns", "slirp4netns")
	if err != nil {
		return errors.Join(err, errors.New(withoutNetwork))
	}
	if err := unix.Access(tun, unix.R_OK|unix.W_OK); err != nil {
		return errdefs.New(errdefs.FailedPrecondition, "NETWORK_UNAVAILABLE", "slirp4netns needs to open %s: %v; `modprobe tun; chmod 0666 %s`, as root, lets it; "+
			withoutNetwork, tun, err, tun).WithCause(err)
	}
	// It outlives this process, so what it says goes to a file.
	log, err := os.Create(file + ".log")
	if err != nil {
		return err
	}
	defer log.Close()
	ready, tell, err := os.Pipe()
	if err != nil {
		return err
	}
	defer ready.Close()
	// Nothing of the host's is forwarded into the namespace, and nothing in it reaches the host's loopback.
	cmd := exec.Command(slirp, "--configure", "--disable-host-loopback", "--disable-dns", "--enable-sandbox", "--enable-seccomp",
		"--ready-fd", "3", strconv.Itoa(holder), "tap0")
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = "/", log, log, []*os.File{tell}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	err = cmd.Start()
	_ = tell.Close()
	if err != nil {
		return err
	}
	if n, err := ready.Read(make([]byte, 1)); n == 0 || err != nil {
		err = cmd.Wait()
		said, _ := os.ReadFile(log.Name())
		return errdefs.New(errdefs.FailedPrecondition, "NETWORK_UNAVAILABLE", "slirp4netns can't give sandboxes a network: %v: %s; "+
			withoutNetwork, err, bytes.TrimSpace(said)).WithCause(err)
	}
	return writeProcess(file, cmd.Process.Pid)
}
