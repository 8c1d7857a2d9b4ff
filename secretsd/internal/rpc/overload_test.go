package rpc_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/health/grpc_health_v1"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/secretsd/internal/config"
	"github.com/casemate/casemate/secretsd/secretsdtest"
)

// TestOverload has far more calls at one time than secretsd lets in, again and again. Those that are let in are answered
// after as many others as may wait before them; the rest is refused with a time to come back; what was answered is
// stored, what was refused is not; health and the admin address answer meanwhile; and nothing of it stays.
func TestOverload(t *testing.T) {
	const (
		under, waiting = 4, 12
		clients, conns = 300, 30
		rounds         = 5
	)
	s := start(t, secretsdtest.WithLimits(func(l *config.Limits) {
		l.User, l.Team, l.MaxCallsPerUser = config.Rates{}, config.Rates{}, 0
		l.MaxCalls, l.MaxWaiting = under, waiting
	}))
	ctx := t.Context()
	var all []secretsv1.SecretsManagerClient
	for range conns {
		c := s.Client(s.OperatorKey)
		_, err := c.WhoAmI(ctx, &secretsv1.WhoAmIRequest{}) // it is connected
		must(t, err)
		all = append(all, c)
	}
	o := &storm{t: t, clients: all, stored: map[string]bool{}}
	for range rounds {
		o.round(ctx, under+waiting) // the queue is just full
	}
	if len(o.refused) != 0 {
		t.Fatalf("%d calls were refused though there was room", len(o.refused))
	}
	goroutines, heap := settled(t, 0), heapInUse()

	logged := len(s.Logs())
	stop := watchHealth(t, s)
	for range rounds {
		o.round(ctx, clients)
	}
	stop()

	accepted := len(o.stored) - rounds*(under+waiting)
	if len(o.refused) < rounds*clients/4 || accepted < rounds*under {
		t.Fatalf("%d calls were accepted and %d refused: that is no overload", accepted, len(o.refused))
	}
	for _, err := range o.refused {
		if e := wantError(t, err, errdefs.ResourceExhausted, "OVERLOADED"); e.RetryAfter <= 0 {
			t.Fatalf("%v does not say when to try again", err)
		}
	}
	// An accepted call has at most so many before it, however many come: counted in calls, since a busy machine stretches
	// time. Without a bound it is half of all those that come together.
	if n := overtaken(t, s.Logs()[logged:]); n > 2*(under+waiting) {
		t.Errorf("an accepted call waits while %d others are answered, and %d may wait before it", n, waiting)
	}
	for name, answered := range o.secrets(ctx) {
		if !answered {
			t.Errorf("%s was refused and is stored", name)
		}
	}
	settled(t, goroutines)
	// Twice what it was is not what 1500 calls would have left, had each kept its request.
	if now := heapInUse(); now > 2*heap+(16<<20) {
		t.Errorf("%d bytes of heap are in use, and %d were before", now, heap)
	}
}

// storm makes secrets with many clients at one time.
type storm struct {
	t       *testing.T
	clients []secretsv1.SecretsManagerClient

	mu      sync.Mutex
	next    int
	stored  map[string]bool // those that were answered
	refused []error
}

func (o *storm) round(ctx context.Context, calls int) {
	var wg sync.WaitGroup
	begin := make(chan struct{})
	for i := range calls {
		o.next++
		name := fmt.Sprint("S", o.next)
		wg.Go(func() {
			<-begin
			_, err := o.clients[i%len(o.clients)].CreateSecret(ctx, &secretsv1.CreateSecretRequest{Parent: "teams/ml", SecretId: name, Data: []byte("v")})
			o.mu.Lock()
			defer o.mu.Unlock()
			if err != nil {
				o.refused = append(o.refused, err)
				return
			}
			o.stored[name] = true
		})
	}
	close(begin)
	wg.Wait()
}

// overtaken returns, by the log, how many calls that made a secret ended while such a call was there, in the middle.
func overtaken(t *testing.T, logs string) int {
	t.Helper()
	type call struct{ begin, end time.Time }
	var calls []call
	for line := range strings.Lines(logs) {
		var l struct {
			Time     time.Time `json:"time"`
			Method   string    `json:"grpc.method"`
			Code     string    `json:"grpc.code"`
			Duration string    `json:"grpc.duration"`
		}
		if err := json.Unmarshal([]byte(line), &l); err == nil && l.Method == "CreateSecret" && l.Code == "OK" {
			d, err := time.ParseDuration(l.Duration)
			must(t, err)
			calls = append(calls, call{l.Time.Add(-d), l.Time})
		}
	}
	if len(calls) == 0 {
		t.Fatal("the log has no call that made a secret")
	}
	var counts []int
	for _, c := range calls {
		n := 0
		for _, other := range calls {
			if other.end.After(c.begin) && other.end.Before(c.end) {
				n++
			}
		}
		counts = append(counts, n)
	}
	slices.Sort(counts)
	return counts[len(counts)/2]
}

// secrets reads all secrets back, and says of each whether its making was answered. All that was answered must be there.
func (o *storm) secrets(ctx context.Context) map[string]bool {
	found := map[string]bool{}
	for token := ""; ; {
		resp, err := o.clients[0].ListSecrets(ctx, &secretsv1.ListSecretsRequest{Parent: "teams/ml", PageSize: 1000, PageToken: token})
		must(o.t, err)
		for _, secret := range resp.GetSecrets() {
			name := secret.GetName()[len("teams/ml/secrets/"):]
			if name != "HF_TOKEN" {
				found[name] = o.stored[name]
			}
		}
		if token = resp.GetNextPageToken(); token == "" {
			break
		}
	}
	for name := range o.stored {
		if _, ok := found[name]; !ok {
			o.t.Errorf("%s was answered and is lost", name)
		}
	}
	return found
}

// watchHealth asks for health, on the API and on the admin address, until stop is called: every answer must be well.
func watchHealth(t *testing.T, s *secretsdtest.Server) (stop func()) {
	t.Helper()
	health := grpc_health_v1.NewHealthClient(s.Conn(""))
	done := make(chan struct{})
	asked := make(chan int, 1)
	go func() {
		n := 0
		for ; ; n++ {
			select {
			case <-done:
				asked <- n
				return
			default:
			}
			resp, err := health.Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
			if err != nil || resp.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
				t.Errorf("health under load: %v, %v", resp, err)
			}
			if answer, err := http.Get("http://" + s.AdminAddress() + "/healthz"); err != nil {
				t.Errorf("the admin address under load: %v", err)
			} else {
				answer.Body.Close()
			}
		}
	}()
	return func() {
		close(done)
		if n := <-asked; n == 0 {
			t.Error("health was never asked for")
		}
	}
}

// settled returns how many goroutines there are; with a bound it waits until there are not many more.
func settled(t *testing.T, bound int) int {
	t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if n := runtime.NumGoroutine(); bound == 0 || n <= bound+20 {
			return n
		}
		select {
		case <-deadline:
			t.Errorf("%d goroutines, and %d were before", runtime.NumGoroutine(), bound)
			return bound
		case <-tick.C:
		}
	}
}

func heapInUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
