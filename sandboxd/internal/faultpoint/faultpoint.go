// Package faultpoint names the places in sandboxd's long works at which a test lets the process die: after every step of
// making, ending and adopting a sandbox, and between the runtime's own. Only tests set what happens there; in a sandboxd
// that serves nothing does, and nothing in its environment or configuration can change that.
package faultpoint

import (
	"strings"
	"sync/atomic"
)

var hook atomic.Pointer[func(name string)]

// Set makes f be called at every point with its name, on the goroutine that reached it; several may come at once. It is
// for tests.
func Set(f func(name string)) { hook.Store(&f) }

// Reach says that a point was reached. Its name is made of the parts, from the work to the step: "run: creating sandbox".
func Reach(parts ...string) {
	if f := hook.Load(); f != nil {
		(*f)(strings.Join(parts, ": "))
	}
}
