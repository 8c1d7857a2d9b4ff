package sqlite_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/casemate/casemate/secretsd/internal/audit"
)

// BenchmarkAppendAudit is what group commit makes of callers who come at the same time: each appends one entry and waits until it
// is durable. It reports the processor time, in user and kernel mode, that an entry takes.
func BenchmarkAppendAudit(b *testing.B) {
	for _, callers := range []int{1, 8, 64} {
		b.Run(fmt.Sprint(callers), func(b *testing.B) {
			s := open(b, b.TempDir())
			defer s.Close()
			entries := []audit.Entry{{
				Time: time.Unix(1_700_000_000, 0), Team: "ml", UserID: "ada@example.com", APIKeyID: "0123456789ABCDEF",
				Peer: "spiffe://casemate.local/sandboxd", Action: "version.access", Resource: "teams/ml/secrets/HF_TOKEN/versions/7",
				Decision: audit.Allowed, RequestID: "00000000-0000-4000-8000-000000000000",
			}}
			var left atomic.Int64
			left.Store(int64(b.N))
			var wg sync.WaitGroup
			b.ReportAllocs()
			b.ResetTimer()
			before := cpuTime(b)
			for range callers {
				wg.Go(func() {
					for left.Add(-1) >= 0 {
						if err := s.AppendAudit(b.Context(), entries); err != nil {
							b.Error(err)
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64((cpuTime(b)-before).Nanoseconds())/1000/float64(b.N), "cpu-us/op")
		})
	}
}

func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
