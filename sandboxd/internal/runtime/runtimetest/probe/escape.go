package main

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// connect connects to an abstract socket.
func connect(name string) error {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	return unix.Connect(fd, &unix.SockaddrUnix{Name: "@" + name})
}

// escape leaves a changed root by a descriptor of a directory outside of it, goes up as far as there is something, and says
// whether it finds the file there.
func escape(file string) {
	const jail = "/tmp/jail"
	_ = os.Mkdir(jail, 0o755)
	fd, err := unix.Open("/", unix.O_DIRECTORY, 0)
	if err != nil {
		panic(err)
	}
	if err := unix.Chroot(jail); err != nil {
		fmt.Println("chroot", name(err))
		return
	}
	_ = unix.Fchdir(fd)
	for range 100 {
		_ = unix.Chdir("..")
	}
	if err := unix.Chroot("."); err != nil {
		panic(err)
	}
	_, busybox := os.Stat("/bin/busybox")
	_, found := os.Stat(file)
	fmt.Println("own root:", busybox == nil, "host's file:", found == nil)
}

// write writes to a file that is there. What is masked by /dev/null is as good as not there.
func write(file string) error {
	fd, err := unix.Open(file, unix.O_WRONLY|unix.O_APPEND, 0)
	if err != nil {
		return err
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	if st.Mode&unix.S_IFMT == unix.S_IFCHR && st.Rdev == unix.Mkdev(1, 3) {
		return unix.ENOENT
	}
	_, err = unix.Write(fd, []byte("1"))
	return err
}

// peek reads another process's memory where a static program's text is.
func peek(pid int) error {
	b := make([]byte, 1)
	local := unix.Iovec{Base: &b[0], Len: 1}
	_, err := unix.ProcessVMReadv(pid, []unix.Iovec{local}, []unix.RemoteIovec{{Base: 0x400000, Len: 1}}, 0)
	return err
}
