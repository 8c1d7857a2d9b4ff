package mainlog

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
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
	// Data is at most 1 MiB.
	Data []byte
	// Lost is how many bytes before Data were asked for and are not kept. Read sets it; it is not stored.
	Lost uint64
	// MidLine says that Data goes on with a line whose beginning the reader did not ask for, or got before. Read sets it; it
	// is not stored.
	MidLine bool
}

// start is the position of Data's first byte.
func (r Record) start() uint64 { return r.Offset - uint64(len(r.Data)) }

// A record on disk, all numbers big-endian:
//
//	offset   0  4 bytes  CRC-32C of all that follows, data included
//	         4  4 bytes  length of the data, at most maxData
//	         8  8 bytes  Record.Offset
//	        16  8 bytes  Record.Time, nanoseconds since 1970 UTC
//	        24  1 byte   Record.Stream
//	        25  …        data
const headerSize = 25

// maxData bounds a record's data: more than an agent's frame holds.
const maxData = 1 << 20

// errTorn says that what follows is no whole record: the end of a file that a crash, or a full disk, left unfinished.
var errTorn = errors.New("torn record")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (r Record) sizeOnDisk() int64 { return headerSize + int64(len(r.Data)) }

func appendRecord(b []byte, r Record) []byte {
	at := len(b)
	b = append(b, 0, 0, 0, 0)
	b = binary.BigEndian.AppendUint32(b, uint32(len(r.Data)))
	b = binary.BigEndian.AppendUint64(b, r.Offset)
	b = binary.BigEndian.AppendUint64(b, uint64(r.Time.UnixNano()))
	b = append(b, byte(r.Stream))
	b = append(b, r.Data...)
	binary.BigEndian.PutUint32(b[at:], crc32.Checksum(b[at+4:], castagnoli))
	return b
}

// readRecord returns io.EOF at the end, and errTorn where no whole record follows.
func readRecord(r io.Reader) (Record, error) {
	var h [headerSize]byte
	if _, err := io.ReadFull(r, h[:]); err != nil {
		return Record{}, torn(err)
	}
	n := binary.BigEndian.Uint32(h[4:])
	rec := Record{
		Offset: binary.BigEndian.Uint64(h[8:]),
		Time:   time.Unix(0, int64(binary.BigEndian.Uint64(h[16:]))).UTC(),
		Stream: Stream(h[24]),
	}
	// Zeros are what a power loss leaves where a file had grown and its data had not come.
	if n == 0 || n > maxData || uint64(n) > rec.Offset || rec.Stream != Stdout && rec.Stream != Stderr {
		return Record{}, errTorn
	}
	rec.Data = make([]byte, n)
	if _, err := io.ReadFull(r, rec.Data); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return Record{}, torn(err)
	}
	sum := crc32.Update(crc32.Checksum(h[4:], castagnoli), castagnoli, rec.Data)
	if sum != binary.BigEndian.Uint32(h[:]) {
		return Record{}, errTorn
	}
	return rec, nil
}

func torn(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errTorn
	}
	return err
}
