package controller

import (
	"context"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	agentv1 "github.com/casemate/casemate/gen/go/casemate/agent/v1"
	"github.com/casemate/casemate/sandboxd/internal/agent"
	"github.com/casemate/casemate/sandboxd/internal/agent/frame"
	"github.com/casemate/casemate/sandboxd/internal/mainlog"
)

// TestAFloodOfTinyRecordsWaits: they are few bytes, and each is as much work as a long one.
func TestAFloodOfTinyRecordsWaits(t *testing.T) {
	const records, perSecond = 20_000, 1 << 20
	logs, err := mainlog.Open(mainlog.Config{Path: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	log, err := logs.Write("sb-1")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		flood := func(w io.WriteCloser) {
			defer w.Close()
			_ = frame.WriteMessage(w, frame.Response, &agentv1.Response{})
			for i := range uint64(records) {
				if frame.WriteMessage(w, frame.Log, &agentv1.LogRecord{Offset: i, Data: []byte("x"), Stream: agentv1.Stream_STREAM_STDOUT}) != nil {
					return
				}
			}
			_ = frame.Write(w, frame.Log, nil)
		}
		own := agent.NewClient(func(context.Context) (net.Conn, error) {
			ours, theirs := net.Pipe()
			go func() { _, _ = io.Copy(io.Discard, theirs) }()
			go flood(theirs)
			return ours, nil
		})
		k := &keeper{c: &Controller{Config: Config{LogRate: perSecond}}, s: &live{own: own, log: log}, ctx: t.Context(), logged: make(chan struct{})}
		began := time.Now()
		k.collectLog()
		if took := time.Since(began); took < 3*time.Second || took > 10*time.Second {
			t.Errorf("%d records were taken in %v", records, took)
		}
	})
	if log.End() != records {
		t.Errorf("the log ends at %d, want %d", log.End(), records)
	}
}
