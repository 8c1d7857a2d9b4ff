package cmd

import (
	"fmt"

	"github.com/spf13/cobra"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

func (a *app) watch() *cobra.Command {
	var recursive bool
	c := &cobra.Command{
		Use: "watch SANDBOX:DIRECTORY", Args: exactArgs(1), Short: "Show what changes in a directory of a sandbox, as it does",
		Long: `Show what changes in a directory of a sandbox, as it does, until you end it or the sandbox ends: a line for each change, with
the file's path in the directory. With -o json every change is an object on a line of its own. A line "overflow" says that changes
were lost.`,
		Example: `  casemate watch -r sb-4yhq2k5d3m6c7n2p:/srv/data`,
		RunE: func(c *cobra.Command, args []string) error {
			box, dir, remote := splitRemote(args[0])
			if !remote {
				return usagef("%q: want SANDBOX:DIRECTORY", args[0])
			}
			sandbox, err := a.sandbox(box)
			if err != nil {
				return err
			}
			changes, err := sandbox.Watch(c.Context(), dir, recursive)
			if err != nil {
				return err
			}
			for change, err := range changes {
				if err != nil {
					return err
				}
				if err := a.printChange(change); err != nil {
					return err
				}
			}
			return nil
		},
	}
	c.Flags().BoolVarP(&recursive, "recursive", "r", false, "and in the directories below it")
	return c
}

func (a *app) printChange(e *sandboxv1.FileEvent) error {
	if a.output != "text" {
		return a.jsonLine(e)
	}
	slash := ""
	if e.GetDirectory() {
		slash = "/"
	}
	text := word(e.GetType(), "FILE_EVENT_TYPE_")
	switch e.GetType() {
	case sandboxv1.FileEventType_FILE_EVENT_TYPE_OVERFLOW:
	case sandboxv1.FileEventType_FILE_EVENT_TYPE_MOVED:
		text = fmt.Sprintf("%-8s  %s%s -> %s%s", text, plain(e.GetOldPath()), slash, plain(e.GetPath()), slash)
	default:
		text = fmt.Sprintf("%-8s  %s%s", text, plain(e.GetPath()), slash)
	}
	return a.line(text)
}
