package stack

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Root is the repository, seen from a package directory that is two levels below it: where `go test` runs its tests.
const Root = "../.."

// Image is the archive of python:3.11, as `make image` makes it.
const Image = Root + "/.cache/images/python-3.11.tar"

// Python is the interpreter that has the public SDK, as `make venv` makes it.
const Python = Root + "/.cache/venv/bin/python"

// Bin returns the directory of the built binaries, when everything is there that an end-to-end test needs: root's rights,
// the binaries, and files, which make makes from targets of those names. The error says what to run.
func Bin(files map[string]string) (string, error) {
	if os.Geteuid() != 0 {
		return "", errors.New("sandboxes need root: run `sudo make test`")
	}
	bin, err := filepath.Abs(Root + "/bin")
	if err != nil {
		return "", err
	}
	needed := map[string]string{filepath.Join(bin, "sandboxd"): "build"}
	for file, target := range files {
		needed[file] = target
	}
	for file, target := range needed {
		if _, err := os.Stat(file); err != nil {
			return "", fmt.Errorf("run `make %s`: %w", target, err)
		}
	}
	return bin, nil
}
