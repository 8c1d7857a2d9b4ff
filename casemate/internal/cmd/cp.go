package cmd

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"github.com/casemate/casemate/casemate/internal/local"
	"github.com/casemate/casemate/pkg/casemate"
)

// copying is one use of cp.
type copying struct {
	*app

	sandbox *casemate.Sandbox
	inside  string // the path in the sandbox
	outside string // the path here, or "-"
	archive bool   // "-" is a tar archive
}

func (a *app) cp() *cobra.Command {
	var archive bool
	c := &cobra.Command{
		Use: "cp SOURCE TARGET", Args: exactArgs(2), Short: "Copy files and directories into or out of a sandbox: one side is SANDBOX:PATH",
		Long: `Copy a file, or a directory with all that is in it, of any size, into or out of a sandbox. One side is SANDBOX:PATH, the
other a path of this machine, or - for stdin or stdout: a file's content or, with --archive, a tar archive.

As with cp -r: where TARGET is a directory, or ends in /, the source keeps its name in it; else TARGET is the new name. A
source that ends in /. means what is in the directory, which goes into TARGET itself. Modes, times, symbolic and hard links,
holes, and files' extended attributes user.* are kept. Inside, everything belongs to the sandbox's user (with --archive - to
whom the archive says); here, to you.

A sandbox is not trusted: no file and no link that comes from it leaves TARGET, set-user-id bits are dropped, and sockets,
pipes and devices are left out. When a copy fails half-way, the files that are there by then are whole, and stay; it begins
anew when it is made again.`,
		Example: `  casemate cp ./project sb-1:/work
  casemate cp sb-1:/srv/results ./results
  casemate cp sb-1:/etc/hostname -
  tar -c -C data . | casemate cp --archive - sb-1:/data`,
		RunE: func(c *cobra.Command, args []string) error {
			fromBox, fromPath, from := splitRemote(args[0])
			toBox, toPath, to := splitRemote(args[1])
			if from == to {
				return usagef("one side of cp must be SANDBOX:PATH, and only one")
			}
			if archive && args[0] != "-" && args[1] != "-" {
				return usagef("--archive says what - is, and neither side is -")
			}
			sandbox, err := a.sandbox(fromBox + toBox) // one of them is empty
			if err != nil {
				return err
			}
			if from {
				return copying{a, sandbox, fromPath, args[1], archive}.out(c.Context())
			}
			return copying{a, sandbox, toPath, args[0], archive}.in(c.Context())
		},
	}
	c.Flags().BoolVar(&archive, "archive", false, "stdin or stdout is a tar archive, with owners")
	return c
}

// splitRemote splits SANDBOX:PATH. What has a slash before its first colon is a path of this machine.
func splitRemote(arg string) (sandbox, file string, remote bool) {
	before, after, found := strings.Cut(arg, ":")
	if !found || before == "" || after == "" || strings.HasPrefix(before, ".") || strings.HasPrefix(before, "/") {
		return "", "", false
	}
	return before, after, true
}

// report says what was copied.
func (c copying) report(n local.Count, target string) error {
	if n.Skipped > 0 {
		c.warn(fmt.Sprintf("left out, since they are sockets, pipes or devices: %d", n.Skipped))
	}
	if n.Attributes > 0 {
		c.warn(fmt.Sprintf("extended attributes that were left out, such as access lists and capabilities: %d", n.Attributes))
	}
	files := "1 file"
	if n.Files != 1 {
		files = humanize.Comma(n.Files) + " files"
	}
	return c.line(fmt.Sprintf("%s, %s, copied to %s", files, humanize.IBytes(uint64(n.Bytes)), target))
}

func (c copying) warn(text string) { fmt.Fprintf(c.Err, "casemate: warning: %s\n", text) }

// contents says whether a source means what is in a directory, and not the directory.
func contents(source string) bool { return source == "." || strings.HasSuffix(source, "/.") }

// baseName is the name that a source keeps; empty where it has none, such as "/".
func baseName(source string) string {
	switch name := path.Base(source); name {
	case "/", ".", "..":
		return ""
	default:
		return name
	}
}

func isDirectory(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

func notRegular(name string, mode fs.FileMode) error {
	return usagef("%s is neither a regular file nor a directory, but %s", name, mode.Type())
}
