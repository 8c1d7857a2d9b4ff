package rpc_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/identity"
)

// percentiles runs a call b.N times and reports its p50 and p99 in microseconds.
func percentiles(b *testing.B, call func() error) {
	b.Helper()
	must(b, call()) // connects
	times := make([]time.Duration, 0, b.N)
	for b.Loop() {
		start := time.Now()
		if err := call(); err != nil {
			b.Fatal(err)
		}
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Microseconds()), "p50-us")
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds()), "p99-us")
}

// BenchmarkBatchAccess is what sandboxd waits for at every start: authenticate, decide, open, audit durably, answer.
func BenchmarkBatchAccess(b *testing.B) {
	for _, n := range []int{1, 2, 20} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := start(b)
			req := batchOf("ml")
			for i := range n {
				s.CreateSecret("ml", fmt.Sprint("SECRET_", i), "value")
				req.References = append(req.References, &secretsv1.SecretVersionReference{SecretId: fmt.Sprint("SECRET_", i)})
			}
			c := s.SandboxdClient(s.CreateUser("ml", "bob", identity.RoleMember))
			percentiles(b, func() error {
				req.SandboxId = newSandboxID()
				return second(c.BatchAccessSecretVersions(b.Context(), req))
			})
		})
	}
}

// BenchmarkBatchAccessParallel shows what group commit is worth: many sandboxes start at once.
func BenchmarkBatchAccessParallel(b *testing.B) {
	s := start(b)
	c := s.SandboxdClient(s.CreateUser("ml", "bob", identity.RoleMember))
	must(b, second(c.BatchAccessSecretVersions(b.Context(), batchOf("ml", "HF_TOKEN"))))
	b.SetParallelism(16)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := second(c.BatchAccessSecretVersions(b.Context(), batchOf("ml", "HF_TOKEN"))); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}

// BenchmarkAccess is a person or program reading one value.
func BenchmarkAccess(b *testing.B) {
	s := start(b)
	c := s.Client(s.OperatorKey)
	req := &secretsv1.AccessSecretVersionRequest{Name: "teams/ml/secrets/HF_TOKEN/versions/latest"}
	percentiles(b, func() error { return second(c.AccessSecretVersion(b.Context(), req)) })
}

// BenchmarkWhoAmI is the floor: authentication and the way through TLS and the middleware.
func BenchmarkWhoAmI(b *testing.B) {
	s := start(b)
	c := s.Client(s.OperatorKey)
	percentiles(b, func() error { return second(c.WhoAmI(b.Context(), &secretsv1.WhoAmIRequest{})) })
}
