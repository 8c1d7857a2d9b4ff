package main

import (
	"fmt"
	"os"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// enough is what a program can't keep in a sandbox that may have less.
const enough = 128 << 20

// pin has the kernel keep memory that belongs to no process, until it refuses, and prints how much that is, without what the kernel needs to
// keep it, and in how many pieces.
func pin(kind string) {
	keep := map[string]func() (int, error){
		"pipes": pinPipe, "unix": pinUnix, "udp": pinUDP, "tcp": pinTCP, "shm": pinShm, "messages": pinMessages, "mqueue": pinQueue,
		"signals": pinSignal, "names": pinName,
	}[kind]
	pinned, count := 0, 0
	var err error
	for ; pinned < enough && err == nil; count++ {
		var n int
		n, err = keep()
		pinned += n
	}
	fmt.Printf("%d MiB in %d, then %s\n", pinned>>20, count, name(err))
}

var chunk = make([]byte, 1<<16)

// fill writes to fd, which doesn't block, as much as it takes.
func fill(fd int) (n int) {
	for {
		written, err := unix.Write(fd, chunk)
		if err != nil {
			return n
		}
		n += written
	}
}

func pinPipe() (int, error) {
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_NONBLOCK); err != nil {
		return 0, err
	}
	_, _ = unix.FcntlInt(uintptr(fds[1]), unix.F_SETPIPE_SZ, 1<<20)
	return fill(fds[1]), nil
}

func pinUnix() (int, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return 0, err
	}
	return fill(pair[0]), nil
}

var loopback = &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}

func pinUDP() (n int, err error) {
	receiver, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return 0, err
	}
	_ = unix.SetsockoptInt(receiver, unix.SOL_SOCKET, unix.SO_RCVBUF, 1<<24)
	if err := unix.Bind(receiver, loopback); err != nil {
		return 0, err
	}
	to, err := unix.Getsockname(receiver)
	if err != nil {
		return 0, err
	}
	sender, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(sender)
	size, err := unix.GetsockoptInt(receiver, unix.SOL_SOCKET, unix.SO_RCVBUF)
	if err != nil {
		return 0, err
	}
	// What does not fit is dropped, and nobody told: the receiver's buffer says how much there is.
	for sent := 0; sent < size; sent += 32 << 10 {
		if err := unix.Sendto(sender, chunk[:32<<10], 0, to); err != nil {
			return 0, err
		}
	}
	n, err = queued(receiver)
	if err == unix.ENOPROTOOPT { // not every kernel says; its buffer was filled, and counts no overhead
		return size, nil
	}
	return n, err
}

// queued is how many bytes a socket holds in its receive queue, of which it counts half as its own overhead.
func queued(fd int) (int, error) {
	var info [9]uint32 // SO_MEMINFO
	size := uint32(unsafe.Sizeof(info))
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_SOCKET, unix.SO_MEMINFO, uintptr(unsafe.Pointer(&info)),
		uintptr(unsafe.Pointer(&size)), 0)
	if errno != 0 {
		return 0, errno
	}
	return int(info[0]), nil // SK_MEMINFO_RMEM_ALLOC
}

func pinTCP() (int, error) {
	listener, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(listener)
	if err := unix.Bind(listener, loopback); err != nil {
		return 0, err
	}
	if err := unix.Listen(listener, 1); err != nil {
		return 0, err
	}
	to, err := unix.Getsockname(listener)
	if err != nil {
		return 0, err
	}
	client, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		return 0, err
	}
	if err := unix.Connect(client, to); err != nil {
		return 0, err
	}
	if _, _, err := unix.Accept(listener); err != nil {
		return 0, err
	}
	if err := unix.SetNonblock(client, true); err != nil {
		return 0, err
	}
	return fill(client), nil
}

func pinShm() (int, error) {
	const size = 1 << 20
	id, err := unix.SysvShmGet(unix.IPC_PRIVATE, size, 0o600)
	if err != nil {
		return 0, err
	}
	b, err := unix.SysvShmAttach(id, 0, 0)
	if err != nil {
		return 0, err
	}
	for i := 0; i < size; i += 4096 {
		b[i] = 1
	}
	return size, unix.SysvShmDetach(b)
}

func pinMessages() (n int, err error) {
	id, _, errno := unix.Syscall(unix.SYS_MSGGET, unix.IPC_PRIVATE, 0o600, 0)
	if errno != 0 {
		return 0, errno
	}
	msg := make([]byte, 8+8192)
	msg[0] = 1
	for {
		if _, _, errno := unix.Syscall6(unix.SYS_MSGSND, id, uintptr(unsafe.Pointer(&msg[0])), 8192, unix.IPC_NOWAIT, 0, 0); errno != 0 {
			return n, nil
		}
		n += 8192
	}
}

var queues int

func pinQueue() (n int, err error) {
	queues++
	path, err := unix.BytePtrFromString("q" + strconv.Itoa(queues))
	if err != nil {
		return 0, err
	}
	fd, _, errno := unix.Syscall6(unix.SYS_MQ_OPEN, uintptr(unsafe.Pointer(path)), unix.O_CREAT|unix.O_RDWR|unix.O_NONBLOCK, 0o600, 0, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	for {
		if _, _, errno := unix.Syscall6(unix.SYS_MQ_TIMEDSEND, fd, uintptr(unsafe.Pointer(&chunk[0])), 8192, 0, 0, 0); errno != 0 {
			return n, nil
		}
		n += 8192
	}
}

// pinSignal queues a real-time signal that is blocked: the kernel keeps some 100 bytes for each.
func pinSignal() (int, error) {
	const signal, perSignal = 40, 80
	var set unix.Sigset_t
	set.Val[0] = 1 << (signal - 1)
	if err := unix.PthreadSigmask(unix.SIG_BLOCK, &set, nil); err != nil {
		return 0, err
	}
	info := [16]uint64{0: signal, 1: uint64(0xffffffff)} // si_code is SI_QUEUE, -1
	_, _, errno := unix.Syscall6(unix.SYS_RT_TGSIGQUEUEINFO, uintptr(os.Getpid()), uintptr(unix.Gettid()), signal, uintptr(unsafe.Pointer(&info)), 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return perSignal, nil
}

var names int

// pinName makes a bound socket, in no file system.
func pinName() (int, error) {
	names++
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	if err != nil {
		return 0, err
	}
	return 1024, unix.Bind(fd, &unix.SockaddrUnix{Name: "@" + strconv.Itoa(names)})
}
