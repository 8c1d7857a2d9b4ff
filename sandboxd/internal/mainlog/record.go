// Package mainlog keeps the output of sandboxes' main processes on disk, one log a sandbox, the oldest output dropped
// above a limit. It stores what it is given: secret values are masked before they get here, inside the sandbox.
package mainlog

import (
	"encoding/binary"
	"errors"
	"io"
	"time"
)

// Stream is one of a process's two output streams.
type Stream uint8

// The streams.
const (
	Stdout Stream = 1
	Stderr Stream = 2
)

// Record is one piece of output.
type Record struct {
	// Offset is the position after Data in all of the main process's output, both streams counted together.
	Offset uint64
	// Time is when the output was received.
	Time   time.Time
	Stream Stream
	Data   []byte
}

// A record on disk, all numbers big-endian:
//
//	offset   0  8 bytes  Record.Offset
//	         8  8 bytes  Record.Time, nanoseconds since 1970 UTC
//	        16  1 byte   Record.Stream
//	        17  4 bytes  length of the data, at most maxData
//	        21  …        data
const headerSize = 21

// maxData bounds a record's data: more than an agent's frame holds.
const maxData = 1 << 20

// errTorn says that a file ends in the middle of a record, as it does after a crash.
var errTorn = errors.New("torn record")

func appendRecord(b []byte, r Record) []byte {
	b = binary.BigEndian.AppendUint64(b, r.Offset)
	b = binary.BigEndian.AppendUint64(b, uint64(r.Time.UnixNano()))
	b = append(b, byte(r.Stream))
	b = binary.BigEndian.AppendUint32(b, uint32(len(r.Data)))
	return append(b, r.Data...)
}

// readRecord returns io.EOF at the end, errTorn in the middle of a record.
func readRecord(r io.Reader) (Record, error) {
	var h [headerSize]byte
	if _, err := io.ReadFull(r, h[:]); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return Record{}, errTorn
		}
		return Record{}, err
	}
	n := binary.BigEndian.Uint32(h[17:])
	if n > maxData {
		return Record{}, errTorn
	}
	rec := Record{
		Offset: binary.BigEndian.Uint64(h[:]),
		Time:   time.Unix(0, int64(binary.BigEndian.Uint64(h[8:]))).UTC(),
		Stream: Stream(h[16]),
		Data:   make([]byte, n),
	}
	if _, err := io.ReadFull(r, rec.Data); err != nil {
		return Record{}, errTorn
	}
	return rec, nil
}
