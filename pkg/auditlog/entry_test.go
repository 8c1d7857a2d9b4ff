package auditlog_test

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/casemate/casemate/pkg/auditlog"
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

func sample() []auditlog.Entry {
	at := time.Date(2026, 3, 4, 5, 6, 7, 891011121, time.UTC)
	return []auditlog.Entry{
		{
			Time: at, UserID: "root", Action: "key.create", Resource: "apiKeys/0123456789abcdef", Decision: auditlog.Allowed,
		},
		{
			Time: at.Add(time.Second), Team: "ml", UserID: "ada@example.com", APIKeyID: "fedcba9876543210",
			Peer: "spiffe://casemate.local/sandboxd", Action: "version.use",
			Resource: "teams/ml/secrets/HF_TOKEN/versions/3", Decision: auditlog.Allowed, SandboxID: "sb-1", RequestID: "r-1",
		},
		{
			Time: at.Add(2 * time.Second), Team: "ml", UserID: "eve", APIKeyID: "0000000000000000", Action: "version.access",
			Resource: "teams/ml/secrets/HF_TOKEN/versions/latest", Decision: auditlog.Denied, Reason: "PERMISSION_DENIED",
			RequestID: "r-2",
		},
	}
}

// TestKnownAnswer holds the hash still: logs outlive builds.
func TestKnownAnswer(t *testing.T) {
	var got []vector
	var head auditlog.Head
	for _, e := range sample() {
		e, head = auditlog.Link(head, e)
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
	base, _ := auditlog.Link(auditlog.Head{}, sample()[1])
	for name, change := range map[string]func(*auditlog.Entry){
		"time":       func(e *auditlog.Entry) { e.Time = e.Time.Add(1) },
		"team":       func(e *auditlog.Entry) { e.Team = "m" },
		"user":       func(e *auditlog.Entry) { e.UserID += "x" },
		"key":        func(e *auditlog.Entry) { e.APIKeyID += "x" },
		"peer":       func(e *auditlog.Entry) { e.Peer = "" },
		"action":     func(e *auditlog.Entry) { e.Action += "x" },
		"resource":   func(e *auditlog.Entry) { e.Resource += "x" },
		"decision":   func(e *auditlog.Entry) { e.Decision = auditlog.Denied },
		"reason":     func(e *auditlog.Entry) { e.Reason = "x" },
		"sandbox":    func(e *auditlog.Entry) { e.SandboxID += "x" },
		"request":    func(e *auditlog.Entry) { e.RequestID += "x" },
		"the border": func(e *auditlog.Entry) { e.UserID, e.APIKeyID = e.UserID+e.APIKeyID[:1], e.APIKeyID[1:] },
	} {
		e := sample()[1]
		change(&e)
		if e, _ := auditlog.Link(auditlog.Head{}, e); e.Hash == base.Hash {
			t.Errorf("%s does not change the hash", name)
		}
	}
	if e, _ := auditlog.Link(auditlog.Head{Sequence: 1}, sample()[1]); e.Hash == base.Hash {
		t.Error("the sequence does not change the hash")
	}
	if e, _ := auditlog.Link(auditlog.Head{Hash: [32]byte{1}}, sample()[1]); e.Hash == base.Hash {
		t.Error("the hash before does not change the hash")
	}
}
