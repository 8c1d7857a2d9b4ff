package main

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// openMany opens one thing after the other until it can't, and prints how many there are, those of the program's own included.
func openMany(kind string) {
	n := 0
	for {
		var fds [2]int
		var err error
		switch kind {
		case "files":
			fds[0], err = unix.Open("/etc/passwd", unix.O_RDONLY, 0)
		case "pipes":
			err = unix.Pipe(fds[:])
		case "sockets":
			fds[0], err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
		}
		if err != nil {
			fmt.Println(n, name(err))
			return
		}
		n = max(n, fds[0]+1, fds[1]+1)
	}
}

// fly sends descriptors through sockets that nobody receives from, and closes them.
func fly() {
	sent := 0
	for {
		pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK, 0)
		if err != nil {
			fmt.Println(sent, name(err))
			return
		}
		for {
			err := unix.Sendmsg(pair[0], []byte("x"), unix.UnixRights(pair[0]), nil, 0)
			if err == unix.EAGAIN {
				break
			}
			if err != nil {
				fmt.Println(sent, name(err))
				return
			}
			sent++
		}
	}
}
