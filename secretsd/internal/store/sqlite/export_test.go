package sqlite

import "testing"

// SetMaxScan changes, until the test ends, how many batches a page of uses is looked for in.
func SetMaxScan(t *testing.T, n int64) {
	before := maxScan
	maxScan = n
	t.Cleanup(func() { maxScan = before })
}
