package notary

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/casemate/casemate/pkg/auditlog"
	"github.com/casemate/casemate/pkg/wholefile"
	"github.com/casemate/casemate/secretsd/internal/audit"
)

// file is the file of checkpoints outside of the database: lines as in an export, each made durable. It is only ever
// appended to, so it may be on a volume that allows no more.
type file struct {
	path string
	// last is the newest checkpoint in it, as far as is known; nil when it is empty.
	last *audit.Checkpoint
	// torn says that a write failed, and may have left a part of a line.
	torn bool
}

// tailSize is more than what two lines take.
const tailSize = 4 << 10

// open reads the newest checkpoint of the file; nil when it is empty. A missing file is made when it may be, else it is
// os.ErrNotExist.
func (f *file) open(mayMake bool) (*audit.Checkpoint, error) {
	flags := os.O_RDONLY
	if mayMake {
		flags |= os.O_CREATE
	}
	h, err := os.OpenFile(f.path, flags, 0o600)
	if err != nil {
		return nil, fmt.Errorf("audit.checkpoint_file: %w", err)
	}
	defer h.Close()
	info, err := h.Stat()
	if err != nil {
		return nil, fmt.Errorf("audit.checkpoint_file: %w", err)
	}
	from := max(0, info.Size()-tailSize)
	tail, err := io.ReadAll(io.NewSectionReader(h, from, info.Size()-from))
	if err != nil {
		return nil, fmt.Errorf("audit.checkpoint_file: %w", err)
	}
	whole := bytes.LastIndexByte(tail, '\n') + 1
	if whole < len(tail) {
		// A write that was cut off by a crash: it was never relied on, and is written anew.
		if err := os.Truncate(f.path, from+int64(whole)); err != nil {
			return nil, fmt.Errorf("audit.checkpoint_file %s ends in the middle of a line, which can't be removed: %w", f.path, err)
		}
	}
	if whole == 0 {
		return nil, nil
	}
	line := tail[bytes.LastIndexByte(tail[:whole-1], '\n')+1 : whole]
	r, err := auditlog.ParseLine(line)
	if err != nil || r.Checkpoint == nil {
		return nil, errors.Join(fmt.Errorf("audit.checkpoint_file %s: the last line is no checkpoint", f.path), err)
	}
	f.last = r.Checkpoint
	return f.last, nil
}

// catchUp appends the checkpoints that the file lacks.
func (f *file) catchUp(ctx context.Context, log audit.Reader) error {
	if f.torn {
		if _, err := f.open(false); err != nil {
			return err
		}
		f.torn = false
	}
	for {
		var after int64
		if f.last != nil {
			after = f.last.Sequence
		}
		next, err := log.AuditCheckpoints(ctx, after, 1000)
		if err != nil || len(next) == 0 {
			return err
		}
		if err := f.append(next); err != nil {
			f.torn = true
			return fmt.Errorf("audit.checkpoint_file: %w", err)
		}
		f.last = &next[len(next)-1]
	}
}

func (f *file) append(list []audit.Checkpoint) error {
	var text []byte
	for i := range list {
		var err error
		if text, err = auditlog.AppendLine(text, audit.Record{Checkpoint: &list[i]}); err != nil {
			return err
		}
	}
	h, err := os.OpenFile(f.path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	_, err = h.Write(text)
	return errors.Join(err, h.Sync(), h.Close())
}

// all reads the checkpoints of the file.
func (f *file) all() ([]audit.Checkpoint, error) {
	h, err := os.Open(f.path)
	if err != nil {
		return nil, fmt.Errorf("audit.checkpoint_file: %w", err)
	}
	defer h.Close()
	list, err := auditlog.ReadCheckpoints(h)
	if err != nil {
		return nil, fmt.Errorf("audit.checkpoint_file %s: %w", f.path, err)
	}
	return list, nil
}

// moveAside keeps the file under another name, and begins an empty one.
func (f *file) moveAside() error {
	if err := wholefile.Move(f.path, fmt.Sprintf("%s.lost-%d", f.path, f.last.Sequence)); err != nil {
		return fmt.Errorf("audit.checkpoint_file: %w", err)
	}
	f.last = nil
	if err := wholefile.Replace(f.path, nil, 0o600); err != nil {
		return fmt.Errorf("audit.checkpoint_file: %w", err)
	}
	return nil
}
