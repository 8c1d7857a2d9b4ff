package main

import (
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// swap gives two names each other's files, as fast as it can, for ever.
func swap(a, b string) {
	for first := true; ; first = false {
		if err := unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE); err != nil && err != unix.ENOENT {
			panic(err)
		}
		if first {
			fmt.Println("swapping")
		}
	}
}

// lease takes a file's lease: who opens the file has to wait until it is given back, which it never is. Then it stops itself.
func lease(path string) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		panic(err)
	}
	if _, err := unix.FcntlInt(f.Fd(), unix.F_SETLEASE, unix.F_WRLCK); err != nil {
		fmt.Println(name(err))
		return
	}
	fmt.Println("held")
	_ = unix.Kill(os.Getpid(), unix.SIGSTOP)
	time.Sleep(time.Hour)
}

func getxattr(path, attribute string) {
	b := make([]byte, 1<<16)
	n, err := unix.Getxattr(path, attribute, b)
	if err != nil {
		fmt.Println(name(err))
		return
	}
	fmt.Printf("%q\n", b[:n])
}

// rewrite empties n times two files in a directory, which it makes where they are missing, one of them always the same.
func rewrite(dir string, n int) {
	for i := range n {
		for _, path := range []string{fmt.Sprintf("%s/a%d", dir, i%100), dir + "/b"} {
			fd, err := unix.Open(path, unix.O_WRONLY|unix.O_CREAT|unix.O_TRUNC|unix.O_CLOEXEC, 0o644)
			if err != nil {
				panic(err)
			}
			_ = unix.Close(fd)
		}
	}
}

// inodes makes empty files in a new directory until one can't be made, and returns how many there are.
func inodes(dir string) int {
	if err := unix.Mkdir(dir, 0o755); err != nil {
		panic(err)
	}
	for n := 0; ; n++ {
		fd, err := unix.Open(dir+"/"+strconv.Itoa(n), unix.O_CREAT|unix.O_EXCL|unix.O_WRONLY, 0o644)
		if err != nil {
			return n
		}
		_ = unix.Close(fd)
	}
}
