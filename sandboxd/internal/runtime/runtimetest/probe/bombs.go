package main

import (
	"errors"
	"fmt"
	"os/exec"
	"time"

	"golang.org/x/sys/unix"
)

// bomb takes as much of something as it may, holds it, prints what stopped it, and stays.
func bomb(of string) {
	time.Sleep(time.Nanosecond) // Go's own descriptors are open from here on
	take := map[string]func() error{
		"files":    func() error { _, err := unix.Open("/proc/self/stat", unix.O_RDONLY, 0); return err },
		"eventfds": func() error { _, err := unix.Eventfd(0, 0); return err },
		"pipes":    func() error { _, err := pinPipe(); return err },
		"sockets":  func() error { _, err := pinUnix(); return err },
		"passed":   passedDescriptors(),
		"memfds":   fullMemfd,
		"mappings": mapSparse,
		"sessions": sessionBomb,
	}[of]
	for n := 0; ; n++ {
		if err := take(); err != nil {
			fmt.Println(n, name(err))
			time.Sleep(time.Hour)
		}
	}
}

func fullMemfd() error {
	fd, err := unix.MemfdCreate("junk", 0)
	if err != nil {
		return err
	}
	for range 256 {
		if _, err := unix.Write(fd, chunk); err != nil {
			return err
		}
	}
	return nil
}

// passedDescriptors returns what sends files through a socket that nobody reads from: they are open, and no process has them.
func passedDescriptors() func() error {
	var p [2]int
	full := true
	return func() error {
		if full {
			var err error
			if p, err = unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, 0); err != nil {
				return err
			}
			full = false
		}
		fd, err := unix.Open("/proc/self/stat", unix.O_RDONLY, 0)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		switch err := unix.Sendmsg(p[0], []byte{0}, unix.UnixRights(fd, fd, fd, fd), nil, 0); err {
		case unix.EAGAIN:
			full = true
			return nil
		default:
			return err
		}
	}
}

var sink byte //nolint:unused // what is read for its effect alone

// mapSparse takes page tables: one page of each 2 MiB of a mapping.
func mapSparse() error {
	b, err := unix.Mmap(-1, 0, 1<<30, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_NORESERVE)
	if err != nil {
		return err
	}
	for i := 0; i < len(b); i += 1 << 21 {
		sink += b[i] // the zero page: only the table is memory
	}
	return nil
}

// sessionBomb leaves processes in a session of their own, as orphans.
func sessionBomb() error {
	err := exec.Command("/bin/setsid", "sh", "-c", "sleep 3600 & sleep 3600 & exit").Run()
	if _, ended := errors.AsType[*exec.ExitError](err); ended {
		return unix.EAGAIN // the shell could not fork
	}
	return err
}
