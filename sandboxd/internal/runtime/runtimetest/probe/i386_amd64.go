package main

// i386Getpid calls getpid as a 32-bit program would.
func i386Getpid() int32
