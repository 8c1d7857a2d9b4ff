package controller

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"
)

func TestActivity(t *testing.T) {
	now := time.Unix(1000, 0)
	a := newActivity(func() time.Time { return now })
	since, over := a.idle()
	if !since.Equal(now) {
		t.Fatalf("idle since %v", since)
	}
	later := func() { now = now.Add(time.Second) }
	ended := func() bool {
		select {
		case <-over:
			return true
		default:
			return false
		}
	}

	// Two uses that overlap are one that lasts until both are over.
	later()
	first, second := a.begin(), a.begin()
	first()
	if since, _ := a.idle(); !since.IsZero() || ended() {
		t.Errorf("idle since %v while it is used", since)
	}
	later()
	second()
	if since, _ = a.idle(); !since.Equal(now) || !ended() {
		t.Errorf("idle since %v, used until %v", since, now)
	}
	later()
	a.touch()
	if since, _ = a.idle(); !since.Equal(now) {
		t.Errorf("idle since %v, touched at %v", since, now)
	}
}

func TestConnectionsAreUses(t *testing.T) {
	now := time.Unix(1000, 0)
	a := newActivity(func() time.Time { return now })
	broken := errors.New("nobody there")
	if _, err := a.dialer(func(context.Context) (net.Conn, error) { return nil, broken })(t.Context()); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	if since, _ := a.idle(); since.IsZero() {
		t.Error("a call that came to nothing lasts")
	}
	here, there := net.Pipe()
	defer there.Close()
	conn, err := a.dialer(func(context.Context) (net.Conn, error) { return here, nil })(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if since, _ := a.idle(); !since.IsZero() {
		t.Error("a call that is under way is no use")
	}
	for range 2 { // the second Close is none
		now = now.Add(time.Second)
		_ = conn.Close()
	}
	if since, _ := a.idle(); !since.Equal(time.Unix(1001, 0)) {
		t.Errorf("idle since %v", since)
	}
}
