package main

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"modernc.org/sqlite" // the driver of secretsd's store

	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/mtls"
)

// serveEcho is a bare gRPC server with secretsd's certificate and TLS, and nothing else but the health service. With a directory
// for a database each call makes a commit (see commits) before it is answered. It prints its address and ends with its stdin.
func serveEcho(ctx context.Context, certDir, commitDir string) error {
	config, err := mtls.ServerConfig(mtls.FilesIn(certDir, identity.WorkloadSecretsd), mtls.ServerOptions{RequireClientCert: true})
	if err != nil {
		return err
	}
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	options := []grpc.ServerOption{grpc.Creds(credentials.NewTLS(config))}
	if commitDir != "" {
		commit, stop, err := commits(ctx, commitDir)
		if err != nil {
			return err
		}
		defer stop()
		options = append(options, grpc.UnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, h grpc.UnaryHandler) (any, error) {
			if err := commit(); err != nil {
				return nil, err
			}
			return h(ctx, req)
		}))
	}
	srv := grpc.NewServer(options...)
	healthpb.RegisterHealthServer(srv, health.NewServer())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		srv.Stop()
	}()
	fmt.Println(lis.Addr())
	return srv.Serve(lis)
}

// child starts a server that prints its address and ends with its stdin.
func child(ctx context.Context, name string, args ...string) (address string, pid int, stop func() error, err error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return "", 0, nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", 0, nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", 0, nil, err
	}
	stop = func() error { return errors.Join(in.Close(), cmd.Wait()) }
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		return "", 0, nil, errors.Join(fmt.Errorf("%s did not start", name), stop())
	}
	return lines.Text(), cmd.Process.Pid, stop, nil
}

// echo is the floor of an rpc: the health check of serveEcho's server, over mTLS.
func echo(ctx context.Context, conn *grpc.ClientConn) func() error {
	client := healthpb.NewHealthClient(conn)
	return func() error {
		_, err := client.Check(ctx, &healthpb.HealthCheckRequest{})
		return err
	}
}

// commits is the floor of what is durable: one row of an audit entry's size, committed as secretsd's store does, on the same
// disk. SQLite has one writer, so clients wait for one another.
func commits(ctx context.Context, dir string) (call func() error, stop func() error, err error) {
	if _, err := sqlite.Fdatasync(true); err != nil && !errors.Is(err, sqlite.ErrFdatasyncUnavailable) {
		return nil, nil, err
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "commits.db")+
		"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=secure_delete(1)")
	if err != nil {
		return nil, nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, `CREATE TABLE entries (sequence INTEGER PRIMARY KEY, entry BLOB NOT NULL) STRICT`); err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	insert, err := db.PrepareContext(ctx, `INSERT INTO entries (entry) VALUES (?)`)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	row := bytes.Repeat([]byte{'e'}, 300)
	return func() error {
		_, err := insert.ExecContext(ctx, row)
		return err
	}, func() error { return errors.Join(insert.Close(), db.Close()) }, nil
}

// setecGet reads a secret from setec's server as setec's client does, over a connection of its own.
func setecGet(ctx context.Context, address, certDir string) (func() error, error) {
	server, err := identity.WorkloadID(identity.DefaultTrustDomain, identity.WorkloadSecretsd)
	if err != nil {
		return nil, err
	}
	config, err := mtls.ClientConfig(mtls.FilesIn(certDir, identity.WorkloadSandboxd), server)
	if err != nil {
		return nil, err
	}
	config.NextProtos = nil // HTTP/1.1, which is faster here
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: config}}
	return func() error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+address+"/api/get", bytes.NewReader([]byte(`{"Name":"token"}`)))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Sec-X-Tailscale-No-Browsers", "setec")
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err == nil && (resp.StatusCode != http.StatusOK || !bytes.Contains(body, []byte("Value"))) {
			err = fmt.Errorf("setec answered %s: %s", resp.Status, body)
		}
		return err
	}, nil
}
