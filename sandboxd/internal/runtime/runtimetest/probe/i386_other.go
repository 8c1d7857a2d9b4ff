//go:build !amd64

package main

// i386Getpid exists on amd64 only.
func i386Getpid() int32 { return -1 }
