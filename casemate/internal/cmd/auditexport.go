package cmd

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/auditlog"
	"github.com/casemate/casemate/pkg/auditlog/auditpb"
)

func (a *app) auditExport() *cobra.Command {
	var out string
	var after int64
	c := &cobra.Command{
		Use: "export", Args: noArgs, Short: "Write the whole audit log as lines of JSON (operators only)",
		Long: `Write the whole audit log, all teams', as lines of JSON: one an entry, and one a checkpoint behind the entry that it
signs. The last line is a checkpoint. "casemate audit verify FILE --public-key KEY" verifies the file without secretsd.

With --after, only what is new since a checkpoint, which then is the first line: the last line of the export before has its
sequence. Files of several exports are verified together.`,
		Example: `  casemate audit export --out audit.jsonl
  casemate audit export --after 120344 --out audit-2.jsonl`,
		RunE: func(c *cobra.Command, _ []string) error {
			secrets, err := a.secrets()
			if err != nil {
				return err
			}
			stream, err := secrets.ExportAuditLog(c.Context(), &secretsv1.ExportAuditLogRequest{AfterSequence: after})
			if err != nil {
				return err
			}
			if out == "" {
				_, err := writeExport(a.Out, stream.Recv)
				return err
			}
			var end int64
			err = replaceFile(out, func(w io.Writer) error {
				bar := a.progress(-1, "export")
				defer bar.Close()
				end, err = writeExport(io.MultiWriter(w, bar), stream.Recv)
				return err
			})
			if err != nil {
				return err
			}
			return a.line(fmt.Sprintf("wrote the audit log up to entry %d to %s", end, out))
		},
	}
	f := c.Flags()
	f.StringVar(&out, "out", "", "write to this `file`, which is there whole or not at all; default: standard output")
	f.Int64Var(&after, "after", 0, "only what is after the checkpoint of this `SEQUENCE`")
	return c
}

// writeExport writes the records that come, and returns the sequence of the last.
func writeExport(out io.Writer, recv func() (*secretsv1.ExportAuditLogResponse, error)) (end int64, err error) {
	w := bufio.NewWriter(out)
	var line []byte
	for {
		resp, err := recv()
		if errors.Is(err, io.EOF) {
			return end, w.Flush()
		}
		if err != nil {
			return end, err
		}
		for _, r := range resp.GetRecords() {
			if line, err = auditlog.AppendLine(line[:0], auditpb.Record(r)); err != nil {
				return end, err
			}
			if _, err := w.Write(line); err != nil {
				return end, err
			}
			end = max(end, r.GetEntry().GetSequence(), r.GetCheckpoint().GetSequence())
		}
	}
}

// replaceFile writes a file with mode 0600 so that it is there whole or as before, and stays.
func replaceFile(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(path+".new"))
	}
	return os.Rename(path+".new", path)
}
