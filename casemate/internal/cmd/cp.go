package cmd

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"
)

// maxFileBytes is the largest file that ReadFile and WriteFile carry.
const maxFileBytes = 32 << 20

func (a *app) cp() *cobra.Command {
	return &cobra.Command{
		Use: "cp SOURCE TARGET", Args: exactArgs(2), Short: "Copy one file into or out of a sandbox: one side is SANDBOX:PATH",
		Long: `Copy one regular file of at most 32 MiB into or out of a sandbox. One side is SANDBOX:PATH, the other a file of this
machine. A target that ends in / keeps the source's name. Larger ones go through exec:
  casemate exec SANDBOX -- cat PATH > COPY`,
		RunE: func(c *cobra.Command, args []string) error {
			fromBox, fromPath, from := splitRemote(args[0])
			toBox, toPath, to := splitRemote(args[1])
			if from == to {
				return usagef("one side of cp must be SANDBOX:PATH, and only one")
			}
			sandbox, err := a.sandbox(fromBox + toBox) // one of them is empty
			if err != nil {
				return err
			}
			switch {
			case from:
				content, err := sandbox.ReadFile(c.Context(), fromPath)
				if err != nil {
					return err
				}
				return a.writeLocal(args[1], path.Base(fromPath), content)
			default:
				content, mode, err := readLocal(args[0])
				if err != nil {
					return err
				}
				if strings.HasSuffix(toPath, "/") {
					toPath += filepath.Base(args[0])
				}
				if err := sandbox.WriteFile(c.Context(), toPath, content, mode); err != nil {
					return err
				}
				return a.line(fmt.Sprintf("%s copied to %s:%s", humanize.IBytes(uint64(len(content))), toBox, toPath))
			}
		},
	}
}

// splitRemote splits SANDBOX:PATH. What has a slash before its first colon is a path of this machine.
func splitRemote(arg string) (sandbox, file string, remote bool) {
	before, after, found := strings.Cut(arg, ":")
	if !found || before == "" || after == "" || strings.HasPrefix(before, ".") || strings.HasPrefix(before, "/") {
		return "", "", false
	}
	return before, after, true
}

func readLocal(name string) ([]byte, os.FileMode, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, usagef("%s is no regular file", name)
	}
	if info.Size() > maxFileBytes {
		return nil, 0, usagef("%s is %s; cp takes files up to %s", name, humanize.IBytes(uint64(info.Size())), humanize.IBytes(maxFileBytes))
	}
	content, err := os.ReadFile(name)
	return content, info.Mode(), err
}

func (a *app) writeLocal(target, sourceName string, content []byte) error {
	if info, err := os.Stat(target); strings.HasSuffix(target, "/") || err == nil && info.IsDir() {
		target = filepath.Join(target, sourceName)
	}
	if err := os.WriteFile(target, content, 0o600); err != nil {
		return err
	}
	return a.line(fmt.Sprintf("%s copied to %s", humanize.IBytes(uint64(len(content))), target))
}
