package rpc_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/auditlog"
	"github.com/casemate/casemate/pkg/auditlog/auditpb"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/grpcserver"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/throttle"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/notary"
	"github.com/casemate/casemate/secretsd/internal/rpc"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
	"github.com/casemate/casemate/secretsd/internal/store/sqlite"
	"github.com/casemate/casemate/secretsd/secretsdtest"
)

// bubble is a secretsd's service on a connection in memory, so that time in a test is the bubble's. The operator and member
// root has the key `key`.
type bubble struct {
	secretsv1.SecretsManagerClient
	t     *testing.T
	ctx   context.Context
	store store.Store
	feed  *audit.Feed
	key   apikey.Key
}

// inBubble runs a test whose clock stands still while anything works.
func inBubble(t *testing.T, test func(t *testing.T, b *bubble)) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		db, err := sqlite.Open(t.Context(), filepath.Join(dir, "secretsd.db"))
		must(t, err)
		key, err := apikey.Generate()
		must(t, err)
		b := &bubble{t: t, feed: &audit.Feed{}, key: key}
		b.store = store.Watch(db, func(int) { b.feed.Notify() })
		now := func() time.Time { return time.Now().UTC() }
		must(t, b.store.Change(t.Context(), func(w store.Writer) ([]audit.Entry, error) {
			user := secret.User{ID: "root", Operator: true, CreateTime: now()}
			return []audit.Entry{{Time: now(), Action: "key.create", Decision: audit.Allowed}}, errors.Join(w.EnsureUser(t.Context(), user),
				w.CreateAPIKey(t.Context(), secret.APIKey{ID: key.ID(), Hash: key.Hash(), UserID: "root", Scopes: secretsdtest.AllScopes, CreateTime: now()}))
		}))
		core := manager.New(manager.Config{
			Store: b.store, Feed: b.feed, Now: now, RequestID: grpcserver.RequestID,
			Notary: notary.New(notary.Config{Store: b.store, Key: ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)), Now: now}),
		})
		guesses := throttle.New(throttle.Config{})
		server, err := grpcserver.New(grpcserver.Config{Logger: zap.NewNop(), Authenticate: rpc.Authenticator(core, guesses)})
		must(t, err)
		rpc.Register(server.Registrar(), core, guesses)
		listener := bufconn.Listen(1 << 20)
		ctx, stop := context.WithCancel(t.Context())
		served := make(chan error, 1)
		go func() { served <- server.Serve(ctx, 0, listener) }()
		conn, err := grpc.NewClient("passthrough:///secretsd", grpc.WithTransportCredentials(insecure.NewCredentials()),
			grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
		must(t, err)
		b.SecretsManagerClient = secretsv1.NewSecretsManagerClient(conn)
		b.ctx = metadata.AppendToOutgoingContext(ctx, apikey.HeaderAuthorization, "Bearer "+key.Reveal())
		test(t, b)
		must(t, conn.Close())
		stop()
		must(t, <-served)
		must(t, db.Close())
	})
}

// add adds n entries of a team in one commit.
func (b *bubble) add(team string, n int) {
	b.t.Helper()
	var entries []audit.Entry
	for range n {
		entries = append(entries, audit.Entry{Time: time.Now().UTC(), Team: team, UserID: "ada", Action: "version.use", Resource: strings.Repeat("r", 200), Decision: audit.Allowed})
	}
	must(b.t, b.store.AppendAudit(b.t.Context(), entries))
}

func (b *bubble) revoke() {
	b.t.Helper()
	must(b.t, b.store.Change(b.t.Context(), func(w store.Writer) ([]audit.Entry, error) {
		return []audit.Entry{{Time: time.Now().UTC(), Action: "key.revoke", Decision: audit.Allowed}}, w.RevokeAPIKey(b.t.Context(), b.key.ID(), time.Now())
	}))
}

func (b *bubble) tail(req *secretsv1.TailAuditEntriesRequest) grpc.ServerStreamingClient[secretsv1.TailAuditEntriesResponse] {
	b.t.Helper()
	req.Parent = "teams/-"
	stream, err := b.TailAuditEntries(b.ctx, req)
	must(b.t, err)
	return stream
}

func TestTailFollows(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble) {
		b.add("ml", 3)
		ctx, cancel := context.WithCancel(b.ctx)
		stream, err := b.TailAuditEntries(ctx, &secretsv1.TailAuditEntriesRequest{Parent: "teams/-", Last: 2, Follow: true})
		must(t, err)
		next := func(entries int, after int64) {
			t.Helper()
			resp, err := stream.Recv()
			must(t, err)
			if len(resp.GetEntries()) != entries || resp.GetAfterSequence() != after {
				t.Errorf("%d entries, after %d; want %d, %d", len(resp.GetEntries()), resp.GetAfterSequence(), entries, after)
			}
		}
		next(2, 5) // of the log's own 5 entries: one about the first key, three more, and one about this call
		began := time.Now()
		b.add("ml", 1)
		next(1, 6)
		if took := time.Since(began); took > 100*time.Millisecond {
			t.Errorf("an entry came after %v", took)
		}
		b.add("ops", 450) // more than a page
		next(200, 206)
		next(200, 406)
		next(50, 456)
		began = time.Now()
		next(0, 456)
		if took := time.Since(began); took != 15*time.Second {
			t.Errorf("a sign of life after %v", took)
		}
		cancel()
		if _, err := stream.Recv(); status.Code(err) != codes.Canceled {
			t.Errorf("after its end the tail says %v", err)
		}
	})
}

// TestTailEndsWithItsRight revokes the key of a tail that runs.
func TestTailEndsWithItsRight(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble) {
		stream := b.tail(&secretsv1.TailAuditEntriesRequest{Follow: true})
		_, err := stream.Recv()
		must(t, err)
		time.Sleep(2 * time.Second) // in the bubble: the key was good a moment ago
		b.revoke()
		b.add("ml", 1)
		resp, err := stream.Recv()
		wantError(t, err, errdefs.Unauthenticated, "API_KEY_INVALID")
		if resp != nil {
			t.Errorf("a revoked key gets %v", resp)
		}
	})
}

// TestIdleTailEndsWithItsRight does the same where nothing comes any more.
func TestIdleTailEndsWithItsRight(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble) {
		stream := b.tail(&secretsv1.TailAuditEntriesRequest{Follow: true})
		_, err := stream.Recv()
		must(t, err)
		b.revoke()
		_, _ = stream.Recv() // the entry about the revocation, within the second for which the key is believed
		_, err = stream.Recv()
		wantError(t, err, errdefs.Unauthenticated, "API_KEY_INVALID")
	})
}

func TestTailEndsWhenSecretsdStops(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble) {
		stream := b.tail(&secretsv1.TailAuditEntriesRequest{Follow: true})
		resp, err := stream.Recv()
		must(t, err)
		b.feed.Close()
		_, err = stream.Recv()
		e := wantError(t, err, errdefs.Unavailable, "SECRETSD_STOPPING")
		if e.Metadata["after_sequence"] != strconv.FormatInt(resp.GetAfterSequence(), 10) {
			t.Errorf("metadata %v, want to go on after %d", e.Metadata, resp.GetAfterSequence())
		}
	})
}

// TestSlowReaderHoldsUpNothing leaves a tail and an export unread, while others write, read and verify.
func TestSlowReaderHoldsUpNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bubble) {
		b.add("ml", 20_000) // more than fits into the buffers of a connection
		zero := int64(0)
		tail := b.tail(&secretsv1.TailAuditEntriesRequest{AfterSequence: &zero})
		export, err := b.ExportAuditLog(b.ctx, &secretsv1.ExportAuditLogRequest{})
		must(t, err)
		synctest.Wait()
		began := time.Now()
		b.add("ml", 100)
		rep, err := b.VerifyAuditLog(b.ctx, &secretsv1.VerifyAuditLogRequest{})
		must(t, err)
		if !rep.GetIntact() {
			t.Errorf("report %v", rep)
		}
		other := b.tail(&secretsv1.TailAuditEntriesRequest{Last: 1})
		must(t, drain(other, nil))
		if took := time.Since(began); took != 0 {
			t.Errorf("others waited %v for slow readers", took)
		}
		time.Sleep(61 * time.Second) // in the bubble

		var last int64
		for err = nil; err == nil; {
			var resp *secretsv1.TailAuditEntriesResponse
			if resp, err = tail.Recv(); err == nil {
				last = resp.GetAfterSequence()
			}
		}
		e := wantError(t, err, errdefs.Aborted, "READER_TOO_SLOW")
		if after := e.Metadata["after_sequence"]; after != strconv.FormatInt(last, 10) || last == 0 || last >= 20_000 {
			t.Errorf("go on after %s, want %d, which came last", after, last)
		}
		wantError(t, drain(export, nil), errdefs.Aborted, "READER_TOO_SLOW")
	})
}

func TestTailOfATeam(t *testing.T) {
	s := start(t)
	s.CreateTeam("ops")
	ada := s.Client(s.CreateUser("ops", "ada", identity.RoleAdmin, identity.ScopeManage))
	var got []*secretsv1.AuditEntry
	stream, err := ada.TailAuditEntries(t.Context(), &secretsv1.TailAuditEntriesRequest{Parent: "teams/ops", Last: 100})
	must(t, err)
	for {
		resp, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		must(t, err)
		got = append(got, resp.GetEntries()...)
	}
	var actions []string
	for _, e := range got {
		if e.GetTeam() != "teams/ops" {
			t.Errorf("entry %v of another team", e)
		}
		actions = append(actions, e.GetAction())
	}
	if text := strings.Join(actions, " "); text != "team.create member.create key.create audit.tail" {
		t.Errorf("actions %s", text)
	}
	wantError(t, drain(ada.TailAuditEntries(t.Context(), &secretsv1.TailAuditEntriesRequest{Parent: "teams/-"})), errdefs.PermissionDenied, "PERMISSION_DENIED")
	wantError(t, drain(ada.TailAuditEntries(t.Context(), &secretsv1.TailAuditEntriesRequest{Parent: "teams/ops", Last: -1})), errdefs.InvalidArgument, "INVALID_ARGUMENT")
}

// TestExportIsVerified takes an export apart by the words of the .proto files, and verifies it with the public key alone.
func TestExportIsVerified(t *testing.T) {
	s := start(t)
	root := s.Client(s.OperatorKey)
	stream, err := root.ExportAuditLog(t.Context(), &secretsv1.ExportAuditLogRequest{})
	must(t, err)
	prev := make([]byte, 32)
	var records []auditlog.Record
	for {
		resp, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		must(t, err)
		for _, r := range resp.GetRecords() {
			if e := r.GetEntry(); e != nil {
				if string(recompute(e, prev)) != string(e.GetHash()) {
					t.Errorf("entry %v has another hash", e)
				}
				prev = e.GetHash()
			}
			records = append(records, auditpb.Record(r))
		}
	}
	rep, err := root.VerifyAuditLog(t.Context(), &secretsv1.VerifyAuditLogRequest{})
	must(t, err)
	v := auditlog.NewVerifier(auditlog.Options{Keys: auditlog.NewKeyring(rep.GetPublicKey()), Whole: true})
	for _, r := range records {
		v.Next(r)
	}
	report := v.Report()
	if report.Broken != 0 || report.Entries != rep.GetHeadSequence() || report.Signed == nil || !report.UnsignedSince.IsZero() || string(prev) != string(rep.GetHeadHash()) ||
		rep.GetSignedSequence() != rep.GetHeadSequence() || rep.GetUnsignedSinceTime() != nil {
		t.Errorf("report %+v of an export, and %v of the log", report, rep)
	}
	beyond := &secretsv1.ExportAuditLogRequest{AfterSequence: rep.GetHeadSequence() + 1000} // any entry there is may have been signed meanwhile
	wantError(t, drain(root.ExportAuditLog(t.Context(), beyond)), errdefs.NotFound, "CHECKPOINT_NOT_FOUND")
}
