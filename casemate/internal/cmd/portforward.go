package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/casemate/casemate/pkg/casemate"
)

// portPair is a port of this machine's, 0 for any that is free, and the sandbox's that it leads to.
type portPair struct{ local, remote int }

func (a *app) portForward() *cobra.Command {
	return &cobra.Command{
		Use: "port-forward SANDBOX [LOCAL:]PORT...", Args: minArgs(2), Short: "Lead ports of this machine to programs that listen in a sandbox",
		Long: `Lead ports of this machine to programs that listen in a sandbox, until you end it or the sandbox ends. It listens on
127.0.0.1 only; the program may listen on 127.0.0.1, ::1 or the sandbox's own address, and the sandbox needs no network. Without
LOCAL the port here has the same number; :PORT takes any that is free. While a connection is open, the sandbox is in use.`,
		Example: `  casemate port-forward sb-4yhq2k5d3m6c7n2p 8888
  casemate port-forward sb-4yhq2k5d3m6c7n2p 8080:80 :5432`,
		RunE: func(c *cobra.Command, args []string) error {
			var pairs []portPair
			for _, text := range args[1:] {
				p, ok := parsePortPair(text)
				if !ok {
					return usagef("%q: want PORT, LOCAL:PORT or :PORT, each 1 to 65535", text)
				}
				pairs = append(pairs, p)
			}
			sandbox, err := a.sandbox(args[0])
			if err != nil {
				return err
			}
			return a.forwardPorts(c, sandbox, pairs)
		},
	}
}

func parsePortPair(text string) (portPair, bool) {
	local, remote, two := strings.Cut(text, ":")
	if !two {
		remote = local
	}
	r, ok := parsePort(remote)
	if !ok {
		return portPair{}, false
	}
	if local == "" {
		return portPair{0, int(r)}, true
	}
	l, ok := parsePort(local)
	return portPair{int(l), int(r)}, ok
}

// forwardPorts listens until ctx ends, or the sandbox does.
func (a *app) forwardPorts(c *cobra.Command, sandbox *casemate.Sandbox, pairs []portPair) error {
	if _, err := sandbox.Info(c.Context()); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(c.Context())
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel(nil)
	for _, p := range pairs {
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(p.local)))
		if err != nil {
			return err
		}
		defer context.AfterFunc(ctx, func() { _ = l.Close() })()
		all.Go(func() { a.forwardPort(ctx, c, sandbox, l, p.remote) })
		if err := a.printForwarded(l.Addr().String(), sandbox, p.remote); err != nil {
			return err
		}
	}
	all.Go(func() { cancel(untilEnd(ctx, sandbox)) })
	<-ctx.Done()
	return context.Cause(ctx)
}

func (a *app) printForwarded(local string, sandbox *casemate.Sandbox, port int) error {
	if a.output != "text" {
		b, err := json.Marshal(map[string]any{"address": local, "sandbox": sandbox.Name, "port": port})
		if err != nil {
			return err
		}
		return a.line(string(b))
	}
	return a.line(local + " -> " + base(sandbox.Name) + " port " + strconv.Itoa(port))
}

// untilEnd waits for the sandbox's end, also over restarts of sandboxd, and says that it has come.
func untilEnd(ctx context.Context, sandbox *casemate.Sandbox) error {
	for {
		_, err := sandbox.Wait(ctx)
		switch {
		case err == nil:
			return errors.New("the sandbox has ended")
		case status.Code(err) != codes.Unavailable:
			return err
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// forwardPort leads every connection that l gets to the sandbox.
func (a *app) forwardPort(ctx context.Context, c *cobra.Command, sandbox *casemate.Sandbox, l net.Listener, port int) {
	for {
		local, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer local.Close()
			remote, err := sandbox.DialPort(ctx, port)
			if err != nil {
				if ctx.Err() == nil {
					a.printError(c, err)
				}
				return
			}
			defer func() { _ = remote.Close() }()
			defer context.AfterFunc(ctx, func() { _ = local.Close() })()
			join(local.(*net.TCPConn), remote)
		}()
	}
}

// join carries bytes both ways until both have ended, or one can't go on: then the other side's connection is reset.
func join(local *net.TCPConn, remote *casemate.PortConn) {
	var sending sync.WaitGroup
	sending.Go(func() {
		_, err := io.Copy(remote, struct{ io.Reader }{local})
		if err != nil || remote.CloseWrite() != nil {
			_ = remote.Close()
		}
	})
	_, err := io.Copy(struct{ io.Writer }{local}, remote)
	if err != nil {
		_ = remote.Close()
		_ = local.SetLinger(0)
		_ = local.Close()
	} else {
		_ = local.CloseWrite()
	}
	sending.Wait()
}
