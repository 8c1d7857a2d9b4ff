// Command probe is put into sandboxes by the conformance suite: it tries what a hostile program would, and prints what the
// kernel answered.
package main

import (
	"fmt"
	"os"
	"strconv"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

func main() {
	switch os.Args[1] {
	case "call":
		call(os.Args[2:])
	case "signals":
		signals()
	case "i386":
		fmt.Println(i386Getpid())
	case "ptrace":
		fmt.Println(name(unix.PtraceAttach(atoi(os.Args[2]))))
	case "euid":
		fmt.Println(unix.Geteuid())
	case "socket":
		fmt.Println(name(listen(os.Args[2])))
	case "inotify":
		inotify()
	case "rewrite":
		rewrite(os.Args[2], atoi(os.Args[3]))
	case "forks":
		forkBomb()
	case "bomb":
		bomb(os.Args[2])
	case "connect":
		fmt.Println(name(connect(os.Args[2])))
	case "write":
		fmt.Println(name(write(os.Args[2])))
	case "filecaps":
		// All capabilities, effective and permitted: struct vfs_cap_data, revision 2.
		caps := []byte{1, 0, 0, 2, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 1, 0, 0, 0, 0, 0, 0}
		fmt.Println(name(unix.Setxattr(os.Args[2], "security.capability", caps, 0)))
	case "peek":
		fmt.Println(name(peek(atoi(os.Args[2]))))
	case "escape":
		escape(os.Args[2])
	case "burn":
		burn(time.Duration(atoi(os.Args[2])) * time.Millisecond)
	case "open":
		openMany(os.Args[2])
	case "fly":
		fly()
	case "pin":
		pin(os.Args[2])
	case "inodes":
		fmt.Println(inodes(os.Args[2] + "/probe"))
	case "count":
		count(time.Duration(atoi(os.Args[2])) * time.Millisecond)
	case "eat":
		eat(atoi(os.Args[2]) << 20)
	case "swap":
		swap(os.Args[2], os.Args[3])
	case "lease":
		lease(os.Args[2])
	case "getxattr":
		getxattr(os.Args[2], os.Args[3])
	case "setxattr":
		fmt.Println(name(unix.Setxattr(os.Args[2], os.Args[3], []byte(os.Args[4]), 0)))
	}
}

// call makes a system call with numeric arguments and prints the error's name, "ok" for none.
func call(args []string) {
	var n [7]uintptr
	for i, a := range args {
		u, err := strconv.ParseUint(a, 0, 64)
		if err != nil {
			panic(err)
		}
		n[i] = uintptr(u)
	}
	_, _, errno := unix.RawSyscall6(n[0], n[1], n[2], n[3], n[4], n[5], n[6])
	fmt.Println(name(errno))
}

func name(err error) string {
	errno, ok := err.(unix.Errno)
	switch {
	case err == nil || ok && errno == 0:
		return "ok"
	case ok:
		return unix.ErrnoName(errno)
	}
	return err.Error()
}

// signals sends every signal to PID 1 in every way there is, but for those that name a fault of the sender's choice as the
// kernel's own, which no kernel lets pass.
func signals() {
	for sig := 1; sig <= 64; sig++ {
		_ = unix.Kill(1, unix.Signal(sig))
		_ = unix.Tgkill(1, 1, unix.Signal(sig))
		for _, code := range []int32{-1, -2, -3, -4, -5, -60} { // SI_QUEUE, SI_TIMER and so on
			info := [128]byte{}
			*(*int32)(unsafe.Pointer(&info[0])) = int32(sig)
			*(*int32)(unsafe.Pointer(&info[8])) = code
			_, _, _ = unix.Syscall(unix.SYS_RT_SIGQUEUEINFO, 1, uintptr(sig), uintptr(unsafe.Pointer(&info)))
			_, _, _ = unix.Syscall6(unix.SYS_RT_TGSIGQUEUEINFO, 1, 1, uintptr(sig), uintptr(unsafe.Pointer(&info)), 0, 0)
		}
	}
	fmt.Println("sent")
}

// inotify takes as many instances as it may.
func inotify() {
	for n := 0; ; n++ {
		if _, err := unix.InotifyInit1(0); err != nil {
			fmt.Println(n, name(err))
			return
		}
	}
}

// forkBomb makes as many processes as it may, which then sleep.
func forkBomb() {
	n := 0
	for {
		// SIGCHLD and nothing else: a fork.
		pid, _, errno := unix.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
		switch {
		case errno != 0:
			fmt.Println(n, name(errno))
			time.Sleep(time.Hour)
		case pid == 0:
			for {
				unix.RawSyscall(unix.SYS_PPOLL, 0, 0, 0)
			}
		}
		n++
	}
}

// burn uses as much of a processor's time, and prints how long that took.
func burn(d time.Duration) {
	start := time.Now()
	var used unix.Timespec
	for time.Duration(used.Nano()) < d {
		if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &used); err != nil {
			panic(err)
		}
	}
	fmt.Println(time.Since(start))
}

// count counts for so long, and prints how far it has come.
func count(d time.Duration) {
	n := 0
	for start := time.Now(); time.Since(start) < d; n++ {
	}
	fmt.Println(n)
}

func eat(n int) {
	b := make([]byte, n)
	for i := 0; i < n; i += 4096 {
		b[i] = 1
	}
	fmt.Println("ate", len(b))
}

// listen leaves a socket at path.
func listen(path string) error {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	return unix.Bind(fd, &unix.SockaddrUnix{Name: path})
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err)
	}
	return n
}
