package store_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
	"github.com/casemate/casemate/sandboxd/internal/store"
)

func open(t *testing.T, path string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func fresh(t *testing.T) *store.Store { return open(t, filepath.Join(t.TempDir(), "a b%?.db")) }

var now = time.Date(2026, 1, 2, 3, 4, 5, 678, time.UTC)

func record(id, team string) sandbox.Sandbox {
	code := int32(3)
	return sandbox.Sandbox{
		ID: id, Team: team, Creator: "ada", Front: "native", FrontData: []byte{0, 1}, State: sandbox.Creating,
		Spec: sandbox.Spec{
			Image: "python:3.11", Command: []string{"sleep", "60"}, Environment: map[string]string{"LANG": "C"},
			Secrets:    []sandbox.SecretRef{{Secret: "HF_TOKEN", Version: "3", Field: "f", EnvVar: "TOKEN"}},
			WorkingDir: "/w", User: "ada", Resources: sandbox.Resources{MemoryBytes: 1, CPUMillis: 2, Pids: 3, DiskBytes: 4, Inodes: 5, OpenFiles: 6, OutputBytes: 7},
			MaxLifetime: time.Hour, Tags: []string{"a", "b"}, Runtime: "native", MaskOutput: true,
			Network: sandbox.Network{
				Mode: sandbox.NetworkInternet, Allow: []sandbox.Destination{{CIDR: "203.0.113.0/24", Except: []string{"203.0.113.1/32"}, Protocol: "tcp", FirstPort: 80, LastPort: 443}},
				Deny: []sandbox.Destination{{CIDR: "203.0.113.7/32"}}, NoDNS: true, Limits: sandbox.NetworkLimits{Connections: 8, BytesPerSecond: 9},
				Ingress: []sandbox.IngressRule{{Port: 80, Protocol: "udp", From: []string{"203.0.113.0/24"}, HostPort: 31000}},
			},
		},
		ExitCode: &code, CreateTime: now, StartTime: now.Add(1), ExpireTime: now.Add(3),
		Runtime: "native", ImageDigest: "sha256:1", SecretVersions: []string{"teams/t/secrets/HF_TOKEN/versions/3"},
		Masking: sandbox.Masking{Output: true, Unmasked: []sandbox.UnmaskedVar{{EnvVar: "PIN", Gap: "SHORT"}}},
	}
}

func create(t *testing.T, s *store.Store, sb sandbox.Sandbox) {
	t.Helper()
	if _, created, err := s.Create(t.Context(), sb, [32]byte{1}); err != nil || !created {
		t.Fatalf("created %v, %v", created, err)
	}
}

func TestRecordSurvivesReopening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	s := open(t, path)
	want := record("sb-1", "t")
	create(t, s, want)
	want.State, want.Reason, want.EndTime, want.Spec.WorkingDir = sandbox.Failed, "lost", now.Add(2), "/image"
	if err := s.Update(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := open(t, path).Get(t.Context(), "sb-1")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestMissing(t *testing.T) {
	s := fresh(t)
	if _, err := s.Get(t.Context(), "sb-1"); errdefs.ReasonOf(err) != "SANDBOX_NOT_FOUND" {
		t.Error(err)
	}
	if err := s.Update(t.Context(), record("sb-1", "t")); errdefs.ReasonOf(err) != "SANDBOX_NOT_FOUND" {
		t.Error(err)
	}
	if err := s.Delete(t.Context(), "sb-1"); err != nil {
		t.Error(err)
	}
}

func TestRequestID(t *testing.T) {
	s := fresh(t)
	first := record("sb-1", "t")
	first.RequestID = "r"
	create(t, s, first)

	again := first
	again.ID = "sb-2"
	before, created, err := s.Create(t.Context(), again, [32]byte{1})
	if err != nil || created || before.ID != "sb-1" {
		t.Errorf("same request: %q, created %v, %v", before.ID, created, err)
	}
	if _, _, err := s.Create(t.Context(), again, [32]byte{2}); errdefs.ReasonOf(err) != "REQUEST_ID_CONFLICT" || errdefs.KindOf(err) != errdefs.AlreadyExists {
		t.Errorf("other request: %v", err)
	}
	for i, other := range []func(*sandbox.Sandbox){func(sb *sandbox.Sandbox) { sb.Creator = "bob" }, func(sb *sandbox.Sandbox) { sb.Team = "u" }} {
		sb := first
		sb.ID = fmt.Sprintf("sb-o%d", i)
		other(&sb)
		create(t, s, sb)
	}
	if err := s.Delete(t.Context(), "sb-1"); err != nil {
		t.Fatal(err)
	}
	create(t, s, again) // the id is free again
}

func TestOneOfManyGetsTheRequestID(t *testing.T) {
	s := fresh(t)
	var wg sync.WaitGroup
	ids := make([]string, 20)
	for i := range ids {
		wg.Go(func() {
			sb := record(fmt.Sprintf("sb-%d", i), "t")
			sb.RequestID = "r"
			before, _, err := s.Create(context.Background(), sb, [32]byte{})
			if err != nil {
				t.Error(err)
			}
			ids[i] = before.ID
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("different sandboxes: %v", ids)
		}
	}
}

func TestList(t *testing.T) {
	s := fresh(t)
	for i := range 5 {
		sb := record(fmt.Sprintf("sb-%d", i), "t")
		if i == 3 {
			sb.State, sb.EndTime, sb.Spec.Tags = sandbox.Completed, now, []string{"b"}
		}
		create(t, s, sb)
	}
	create(t, s, record("sb-other", "u"))
	list := func(f store.Filter) (ids []string) {
		t.Helper()
		if f.Limit == 0 {
			f.Limit = 100
		}
		for {
			page, next, err := s.List(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			for _, sb := range page {
				ids = append(ids, sb.ID)
			}
			if next == "" {
				return ids
			}
			f.PageToken = next
		}
	}
	for name, tc := range map[string]struct {
		filter store.Filter
		want   []string
	}{
		"newest first": {store.Filter{Team: "t"}, []string{"sb-4", "sb-3", "sb-2", "sb-1", "sb-0"}},
		"pages":        {store.Filter{Team: "t", Limit: 2}, []string{"sb-4", "sb-3", "sb-2", "sb-1", "sb-0"}},
		"whole pages":  {store.Filter{Team: "t", Limit: 5}, []string{"sb-4", "sb-3", "sb-2", "sb-1", "sb-0"}},
		"states":       {store.Filter{Team: "t", States: []sandbox.State{sandbox.Completed, sandbox.Failed}}, []string{"sb-3"}},
		"all tags":     {store.Filter{Team: "t", Tags: []string{"a", "b", "a"}}, []string{"sb-4", "sb-2", "sb-1", "sb-0"}},
		"one tag":      {store.Filter{Team: "t", Tags: []string{"b"}, Limit: 1}, []string{"sb-4", "sb-3", "sb-2", "sb-1", "sb-0"}},
		"no such tag":  {store.Filter{Team: "t", Tags: []string{"c"}}, nil},
		"no such team": {store.Filter{Team: "v"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, list(tc.filter)); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, token := range []string{"x", "!!", "LTU", "bm9uZQ"} {
		if _, _, err := s.List(t.Context(), store.Filter{Team: "t", Limit: 1, PageToken: token}); errdefs.KindOf(err) != errdefs.InvalidArgument {
			t.Errorf("token %q: %v", token, err)
		}
	}
	active, err := s.Active(t.Context())
	if err != nil || len(active) != 5 || active[0].ID != "sb-0" {
		t.Errorf("active: %d, %v", len(active), err)
	}
	ids, err := s.IDs(t.Context())
	if err != nil || len(ids) != 6 {
		t.Errorf("ids: %v, %v", ids, err)
	}
}

func TestPruneEnded(t *testing.T) {
	s := fresh(t)
	for i, end := range []time.Time{{}, now.Add(-time.Minute), now} {
		sb := record(fmt.Sprintf("sb-%d", i), "t")
		sb.EndTime, sb.RequestID = end, sb.ID
		create(t, s, sb)
	}
	ids, err := s.PruneEnded(t.Context(), now, 0)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"sb-1"}, ids); diff != "" {
		t.Error(diff)
	}
	left, err := s.IDs(t.Context())
	if err != nil || len(left) != 2 {
		t.Errorf("left: %v, %v", left, err)
	}
}

func TestPruneEndedBeyondANumber(t *testing.T) {
	s := fresh(t)
	for i, sb := range []struct {
		team  string
		ended time.Duration
	}{{"red", 5}, {"red", 1}, {"blue", 1}, {"red", 4}, {"red", 4}, {"red", 0}, {"blue", 2}} { // 0: it runs
		r := record(fmt.Sprint("sb-", i), sb.team)
		if sb.ended > 0 {
			r.EndTime, r.State = now.Add(sb.ended), sandbox.Completed
		}
		create(t, s, r)
	}
	prune := func(perTeam int, want ...string) {
		t.Helper()
		ids, err := s.PruneEnded(t.Context(), now, perTeam)
		slices.Sort(ids)
		if err != nil || !slices.Equal(ids, want) {
			t.Errorf("with %d: %v, %v, want %v", perTeam, ids, err, want)
		}
	}
	prune(0)
	prune(4)
	prune(2, "sb-1", "sb-3") // of two that ended together, the one made later stays
	prune(1, "sb-2", "sb-4")
	prune(1)
	if left, err := s.IDs(t.Context()); err != nil || len(left) != 3 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// TestNoOtherMoves tries every pair of states: the table of states says which the store takes.
func TestNoOtherMoves(t *testing.T) {
	s := fresh(t)
	for i, from := range sandbox.States() {
		for j, to := range sandbox.States() {
			sb := record(fmt.Sprintf("sb-%d-%d", i, j), "t")
			sb.State = from
			create(t, s, sb)
			next := sb
			next.State, next.Reason = to, "moved"
			err := s.Update(t.Context(), next)
			if want := from.CanMove(to) || from == to; (err == nil) != want {
				t.Errorf("%s to %s: %v, want allowed %v", from, to, err, want)
			}
			got, getErr := s.Get(t.Context(), sb.ID)
			if getErr != nil {
				t.Fatal(getErr)
			}
			if wrote := got.State == to && got.Reason == "moved"; wrote != (err == nil) {
				t.Errorf("%s to %s: answered %v, recorded %s (%q)", from, to, err, got.State, got.Reason)
			}
		}
	}
}
