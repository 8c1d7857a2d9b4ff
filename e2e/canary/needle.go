// Package canary proves that a secret's value is nowhere but where it belongs: a marker goes through every rpc of both
// daemons, on success and on failure, and then everything that they wrote, logged, answered or show is searched for it.
package canary

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/casemate/casemate/sandboxd/sandboxdtest"
)

// needle is one form of a marker to search for.
type needle struct {
	form  string
	bytes []byte
}

// needlesOf returns a value's forms: raw, hex, and base64 at each of the three alignments that it can have inside a
// longer encoded text, standard and URL alphabet.
func needlesOf(value string) []needle {
	needles := []needle{
		{"raw", []byte(value)},
		{"hex", []byte(hex.EncodeToString([]byte(value)))},
		{"hex, upper case", []byte(strings.ToUpper(hex.EncodeToString([]byte(value))))},
	}
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		for shift := range 3 {
			text := enc.EncodeToString(append(make([]byte, shift), value...))
			// The characters at either end depend on the neighbours too: they are left out.
			needles = append(needles, needle{fmt.Sprintf("base64 at alignment %d", shift), []byte(text[4 : len(text)-4])})
		}
	}
	return needles
}

// haystack collects texts and searches them.
type haystack struct {
	needles []needle
	found   []string
	size    int64
}

func newHaystack(values ...string) *haystack {
	h := &haystack{}
	for _, v := range values {
		h.needles = append(h.needles, needlesOf(v)...)
	}
	return h
}

func (h *haystack) search(where string, text []byte) {
	h.size += int64(len(text))
	for _, n := range h.needles {
		if bytes.Contains(text, n.bytes) {
			h.found = append(h.found, fmt.Sprintf("%s has the marker (%s)", where, n.form))
			return
		}
	}
}

// searchTree searches every regular file under dir, and every path. skip leaves a path out, with all below it.
func (h *haystack) searchTree(dir string, skip func(path string) bool) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil // it went while we walked
		}
		if err != nil {
			return err
		}
		if skip != nil && skip(path) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		h.search("the path "+path, []byte(path))
		if !d.Type().IsRegular() {
			return nil
		}
		text, err := sandboxdtest.ReadData(path)
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil {
			return err
		}
		h.search(path, text)
		return nil
	})
}

// searchProcesses searches what every process shows: its arguments always, its environment unless it is inside a sandbox
// (of another user namespace than ours). It returns how many sandboxed environments hold the marker: there it belongs.
func (h *haystack) searchProcesses() (inside int, err error) {
	ours, err := os.Readlink("/proc/self/ns/user")
	if err != nil {
		return 0, err
	}
	procs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return 0, err
	}
	for _, proc := range procs {
		args, err := os.ReadFile(proc + "/cmdline")
		if err != nil {
			continue // it has ended
		}
		h.search(proc+"/cmdline", args)
		environ, err := os.ReadFile(proc + "/environ")
		if err != nil {
			continue
		}
		if ns, err := os.Readlink(proc + "/ns/user"); err == nil && ns == ours {
			h.search(proc+"/environ", environ)
			continue
		}
		if bytes.Contains(environ, h.needles[0].bytes) {
			inside++
		}
	}
	return inside, nil
}
