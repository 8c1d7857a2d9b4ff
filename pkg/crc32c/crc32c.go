// Package crc32c is the checksum that goes with a value, both ways: CRC32C (Castagnoli), as a number from 0 to 2^32-1. It
// finds what was damaged on the way. It is no proof of who sent it, and as short as it is, it tells something of the value:
// it is never stored and never logged.
package crc32c

import "hash/crc32"

var table = crc32.MakeTable(crc32.Castagnoli)

// Sum returns the checksum of a value.
func Sum(value []byte) int64 { return int64(crc32.Checksum(value, table)) }
