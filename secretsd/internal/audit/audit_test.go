package audit_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/store"
	"github.com/casemate/casemate/secretsd/internal/store/sqlite"
)

var write = flag.Bool("write", false, "write new known-answer vectors to testdata")

// vector is one entry of testdata/chain.json as the API shows it, and its hash in hex.
type vector struct {
	Sequence int64     `json:"sequence"`
	Time     time.Time `json:"time"`
	Team     string    `json:"team"`
	User     string    `json:"user_id"`
	APIKey   string    `json:"api_key_id"`
	Peer     string    `json:"peer"`
	Action   string    `json:"action"`
	Resource string    `json:"resource"`
	Decision string    `json:"decision"`
	Reason   string    `json:"reason"`
	Sandbox  string    `json:"sandbox_id"`
	Request  string    `json:"request_id"`
	PrevHash string    `json:"prev_hash"`
	Hash     string    `json:"hash"`
}

func sample() []audit.Entry {
	at := time.Date(2026, 3, 4, 5, 6, 7, 891011121, time.UTC)
	return []audit.Entry{
		{
			Time: at, UserID: "root", Action: "key.create", Resource: "apiKeys/0123456789abcdef", Decision: audit.Allowed,
		},
		{
			Time: at.Add(time.Second), Team: "ml", UserID: "ada@example.com", APIKeyID: "fedcba9876543210",
			Peer: "spiffe://casemate.local/sandboxd", Action: "version.use",
			Resource: "teams/ml/secrets/HF_TOKEN/versions/3", Decision: audit.Allowed, SandboxID: "sb-1", RequestID: "r-1",
		},
		{
			Time: at.Add(2 * time.Second), Team: "ml", UserID: "eve", APIKeyID: "0000000000000000", Action: "version.access",
			Resource: "teams/ml/secrets/HF_TOKEN/versions/latest", Decision: audit.Denied, Reason: "PERMISSION_DENIED",
			RequestID: "r-2",
		},
	}
}

// TestKnownAnswer holds the hash still: logs outlive builds.
func TestKnownAnswer(t *testing.T) {
	var got []vector
	var head audit.Head
	for _, e := range sample() {
		e, head = audit.Link(head, e)
		team := e.Team
		if team != "" {
			team = "teams/" + team
		}
		got = append(got, vector{
			e.Sequence, e.Time, team, e.UserID, e.APIKeyID, e.Peer, e.Action, e.Resource, string(e.Decision), e.Reason,
			e.SandboxID, e.RequestID, hex.EncodeToString(e.PrevHash[:]), hex.EncodeToString(e.Hash[:]),
		})
	}
	if *write {
		text, err := json.MarshalIndent(got, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("testdata/chain.json", append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile("testdata/chain.json")
	if err != nil {
		t.Fatal(err)
	}
	var want []vector
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("chain (-want +got):\n%s", d)
	}
}

func TestEveryFieldIsHashed(t *testing.T) {
	base, _ := audit.Link(audit.Head{}, sample()[1])
	for name, change := range map[string]func(*audit.Entry){
		"time":       func(e *audit.Entry) { e.Time = e.Time.Add(1) },
		"team":       func(e *audit.Entry) { e.Team = "m" },
		"user":       func(e *audit.Entry) { e.UserID += "x" },
		"key":        func(e *audit.Entry) { e.APIKeyID += "x" },
		"peer":       func(e *audit.Entry) { e.Peer = "" },
		"action":     func(e *audit.Entry) { e.Action += "x" },
		"resource":   func(e *audit.Entry) { e.Resource += "x" },
		"decision":   func(e *audit.Entry) { e.Decision = audit.Denied },
		"reason":     func(e *audit.Entry) { e.Reason = "x" },
		"sandbox":    func(e *audit.Entry) { e.SandboxID += "x" },
		"request":    func(e *audit.Entry) { e.RequestID += "x" },
		"the border": func(e *audit.Entry) { e.UserID, e.APIKeyID = e.UserID+e.APIKeyID[:1], e.APIKeyID[1:] },
	} {
		e := sample()[1]
		change(&e)
		if e, _ := audit.Link(audit.Head{}, e); e.Hash == base.Hash {
			t.Errorf("%s does not change the hash", name)
		}
	}
	if e, _ := audit.Link(audit.Head{Sequence: 1}, sample()[1]); e.Hash == base.Hash {
		t.Error("the sequence does not change the hash")
	}
	if e, _ := audit.Link(audit.Head{Hash: [32]byte{1}}, sample()[1]); e.Hash == base.Hash {
		t.Error("the hash before does not change the hash")
	}
}

// gate is a real store whose appends wait to be let through, and are counted.
type gate struct {
	store.Store
	open   chan error
	groups []int
}

func (g *gate) AppendAudit(ctx context.Context, entries []audit.Entry) error {
	g.groups = append(g.groups, len(entries))
	if err := <-g.open; err != nil {
		return audit.Unavailable(err)
	}
	return g.Store.AppendAudit(ctx, entries)
}

func withGate(t *testing.T, test func(t *testing.T, g *gate, log *audit.Log)) {
	path := filepath.Join(t.TempDir(), "audit.db")
	synctest.Test(t, func(t *testing.T) {
		s, err := sqlite.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		g := &gate{Store: s, open: make(chan error)}
		test(t, g, audit.NewLog(g))
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestConcurrentAppendsShareOneTransaction(t *testing.T) {
	withGate(t, func(t *testing.T, g *gate, log *audit.Log) {
		const waiting = 20
		results := make(chan error, 1+waiting)
		go func() { results <- log.Append(t.Context(), sample()[0]) }()
		synctest.Wait() // the first one is being written
		for range waiting {
			go func() { results <- log.Append(t.Context(), sample()[1], sample()[2]) }()
		}
		synctest.Wait()
		if len(results) != 0 {
			t.Fatal("a call was answered before its entry was durable")
		}
		g.open <- nil
		g.open <- nil
		for range cap(results) {
			if err := <-results; err != nil {
				t.Error(err)
			}
		}
		if d := cmp.Diff([]int{1, 2 * waiting}, g.groups); d != "" {
			t.Errorf("groups (-want +got):\n%s", d)
		}
		var rep audit.Report
		if err := g.View(t.Context(), func(r store.Reader) (err error) {
			rep, err = audit.Verify(t.Context(), r)
			return err
		}); err != nil || rep.Broken != 0 || rep.Entries != 1+2*waiting {
			t.Errorf("report %+v, %v", rep, err)
		}
	})
}

func TestFailedAppendFailsItsWholeGroupAndNoOther(t *testing.T) {
	withGate(t, func(t *testing.T, g *gate, log *audit.Log) {
		first, group := make(chan error, 1), make(chan error, 3)
		go func() { first <- log.Append(t.Context(), sample()[0]) }()
		synctest.Wait()
		for range cap(group) {
			go func() { group <- log.Append(t.Context(), sample()[1]) }()
		}
		synctest.Wait()
		g.open <- nil
		g.open <- errors.New("disk full")
		if err := <-first; err != nil {
			t.Errorf("the group before failed too: %v", err)
		}
		for range cap(group) {
			if err := <-group; errdefs.ReasonOf(err) != "AUDIT_UNAVAILABLE" || errdefs.KindOf(err) != errdefs.Unavailable {
				t.Errorf("error %v, want AUDIT_UNAVAILABLE", err)
			}
		}
		go func() { first <- log.Append(t.Context(), sample()[0]) }()
		g.open <- nil
		if err := <-first; err != nil {
			t.Errorf("the group after failed too: %v", err)
		}
	})
}

func TestCanceledLeaderDoesNotFailOthers(t *testing.T) {
	withGate(t, func(t *testing.T, g *gate, log *audit.Log) {
		ctx, cancel := context.WithCancel(t.Context())
		leader, other := make(chan error, 1), make(chan error, 1)
		go func() { leader <- log.Append(t.Context(), sample()[0]) }()
		synctest.Wait()
		go func() { other <- log.Append(ctx, sample()[1]) }() // leads the second group
		synctest.Wait()
		joined := make(chan error, 1)
		go func() { joined <- log.Append(t.Context(), sample()[2]) }()
		synctest.Wait()
		cancel()
		g.open <- nil
		g.open <- nil
		if err := errors.Join(<-leader, <-joined); err != nil {
			t.Error(err)
		}
		<-other // canceled or written: either is true
	})
}
