package auditlog

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Record is one line of a log: an entry, or a checkpoint. One of the two is set.
type Record struct {
	Entry      *Entry
	Checkpoint *Checkpoint
}

// maxLine bounds a line that is read: far above what the longest entry takes.
const maxLine = 1 << 20

// entryLine and checkpointLine are the JSON objects of a line. Names and order stay as they are: others read them. Hashes
// and signatures are lower-case hex, times RFC 3339 in UTC with nanoseconds.
type entryLine struct {
	Type      string    `json:"type"` // "entry"
	Sequence  int64     `json:"sequence"`
	Time      time.Time `json:"time"`
	Team      string    `json:"team"`
	UserID    string    `json:"user_id"`
	APIKeyID  string    `json:"api_key_id"`
	Peer      string    `json:"peer"`
	Action    string    `json:"action"`
	Resource  string    `json:"resource"`
	Decision  Decision  `json:"decision"`
	Reason    string    `json:"reason"`
	SandboxID string    `json:"sandbox_id"`
	RequestID string    `json:"request_id"`
	PrevHash  string    `json:"prev_hash"`
	Hash      string    `json:"hash"`
}

type checkpointLine struct {
	Type      string    `json:"type"` // "checkpoint"
	Sequence  int64     `json:"sequence"`
	Time      time.Time `json:"time"`
	HeadHash  string    `json:"head_hash"`
	PrevHash  string    `json:"prev_hash"`
	KeyID     string    `json:"key_id"`
	Hash      string    `json:"hash"`
	Signature string    `json:"signature"`
}

const (
	typeEntry      = "entry"
	typeCheckpoint = "checkpoint"
)

// AppendLine appends a record as one line of JSON, with its end of line.
func AppendLine(b []byte, r Record) ([]byte, error) {
	var v any
	switch {
	case r.Entry != nil:
		e := r.Entry
		v = entryLine{
			typeEntry, e.Sequence, e.Time.UTC(), e.TeamName(), e.UserID, e.APIKeyID, e.Peer, e.Action, e.Resource, e.Decision, e.Reason,
			e.SandboxID, e.RequestID, hex.EncodeToString(e.PrevHash[:]), hex.EncodeToString(e.Hash[:]),
		}
	case r.Checkpoint != nil:
		c, hash := r.Checkpoint, r.Checkpoint.Hash()
		v = checkpointLine{
			typeCheckpoint, c.Sequence, c.Time.UTC(), hex.EncodeToString(c.HeadHash[:]), hex.EncodeToString(c.PrevHash[:]), c.KeyID,
			hex.EncodeToString(hash[:]), hex.EncodeToString(c.Signature[:]),
		}
	default:
		return b, errors.New("an empty record")
	}
	var line bytes.Buffer
	enc := json.NewEncoder(&line)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return b, err
	}
	return append(b, line.Bytes()...), nil
}

// errForm is what is wrong with a line that AppendLine would have written otherwise.
var errForm = errors.New("it is not as secretsd writes it")

// ParseLine reads one line, with or without its end. It takes exactly what AppendLine writes, byte for byte, so that a line
// can't be changed in a way that other readers of JSON see and the hash does not.
func ParseLine(line []byte) (Record, error) {
	line = bytes.TrimSuffix(line, []byte("\n"))
	var kind struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(line, &kind); err != nil {
		return Record{}, fmt.Errorf("it is no JSON object: %w", err)
	}
	var (
		r   Record
		err error
	)
	switch kind.Type {
	case typeEntry:
		r.Entry, err = parseEntry(line)
	case typeCheckpoint:
		r.Checkpoint, err = parseCheckpoint(line)
	default:
		return Record{}, fmt.Errorf("it has the type %q, not %q or %q", kind.Type, typeEntry, typeCheckpoint)
	}
	if err != nil {
		return Record{}, err
	}
	again, err := AppendLine(nil, r)
	if err != nil {
		return Record{}, err
	}
	if !bytes.Equal(bytes.TrimSuffix(again, []byte("\n")), line) {
		return Record{}, errForm
	}
	return r, nil
}

func parseEntry(line []byte) (*Entry, error) {
	var l entryLine
	if err := json.Unmarshal(line, &l); err != nil {
		return nil, err
	}
	e := &Entry{
		Sequence: l.Sequence, Time: l.Time, UserID: l.UserID, APIKeyID: l.APIKeyID, Peer: l.Peer, Action: l.Action, Resource: l.Resource,
		Decision: l.Decision, Reason: l.Reason, SandboxID: l.SandboxID, RequestID: l.RequestID,
	}
	e.Team = strings.TrimPrefix(l.Team, teamPrefix)
	return e, errors.Join(unhex(e.PrevHash[:], l.PrevHash), unhex(e.Hash[:], l.Hash))
}

func parseCheckpoint(line []byte) (*Checkpoint, error) {
	var l checkpointLine
	if err := json.Unmarshal(line, &l); err != nil {
		return nil, err
	}
	c := &Checkpoint{Sequence: l.Sequence, Time: l.Time, KeyID: l.KeyID}
	return c, errors.Join(unhex(c.HeadHash[:], l.HeadHash), unhex(c.PrevHash[:], l.PrevHash), unhex(c.Signature[:], l.Signature))
}

func unhex(into []byte, text string) error {
	raw, err := hex.DecodeString(text)
	if err == nil && len(raw) != len(into) {
		err = fmt.Errorf("%d bytes of hex, not %d", len(raw), len(into))
	}
	copy(into, raw)
	return err
}

// LineError is a line that is no record.
type LineError struct {
	// Line is its number, from 1.
	Line int
	Err  error
}

// Error says which line, and what is wrong with it.
func (e *LineError) Error() string { return fmt.Sprintf("line %d is damaged: %v", e.Line, e.Err) }

// Unwrap returns what is wrong.
func (e *LineError) Unwrap() error { return e.Err }

// ReadLines calls visit with every record, in order, until it returns false. The error is a *LineError for what is no
// record, a last line without its end included; any other is what reading failed with.
func ReadLines(r io.Reader, visit func(Record) bool) error {
	in := bufio.NewReaderSize(r, 64<<10)
	for number := 1; ; number++ {
		line, err := readLine(in)
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return nil
		}
		if errors.Is(err, io.EOF) {
			return &LineError{number, errors.New("the file ends in the middle of it")}
		}
		if errors.Is(err, errTooLong) {
			return &LineError{number, err}
		}
		if err != nil {
			return err
		}
		record, err := ParseLine(line)
		if err != nil {
			return &LineError{number, err}
		}
		if !visit(record) {
			return nil
		}
	}
}

// ReadCheckpoints returns the checkpoints of a file that holds nothing else. They must ascend.
func ReadCheckpoints(r io.Reader) (list []Checkpoint, err error) {
	var wrong error
	err = ReadLines(r, func(record Record) bool {
		switch c := record.Checkpoint; {
		case c == nil:
			wrong = &LineError{len(list) + 1, errors.New("it is no checkpoint")}
		case len(list) > 0 && c.Sequence <= list[len(list)-1].Sequence:
			wrong = &LineError{len(list) + 1, fmt.Errorf("the checkpoint at entry %d follows the one at entry %d", c.Sequence, list[len(list)-1].Sequence)}
		default:
			list = append(list, *c)
		}
		return wrong == nil
	})
	return list, errors.Join(err, wrong)
}

var errTooLong = errors.New("it is longer than any record")

// readLine reads one line with its end. With io.EOF it is what is left.
func readLine(in *bufio.Reader) (line []byte, err error) {
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxLine {
			return line, errTooLong
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}
