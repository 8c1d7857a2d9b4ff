package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

// forkExec is the floor of every exec: one fork and exec of /bin/true from Go on the host, waited for.
func forkExec() error {
	pid, err := syscall.ForkExec("/bin/true", []string{"true"}, &syscall.ProcAttr{Files: []uintptr{0, 1, 2}})
	if err != nil {
		return fmt.Errorf("fork and exec: %w", err)
	}
	var ws syscall.WaitStatus
	if _, err := syscall.Wait4(pid, &ws, 0, nil); err != nil {
		return fmt.Errorf("wait: %w", err)
	}
	if ws.ExitStatus() != 0 {
		return fmt.Errorf("/bin/true exited with %d", ws.ExitStatus())
	}
	return nil
}

// ociBundle writes a bundle whose root file system is a static busybox, for an OCI runtime to run /bin/true with runc's own
// default configuration and no terminal: the peer of a cold start.
func ociBundle(dir string) error {
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		return fmt.Errorf("busybox is missing (apt-get install busybox-static): %w", err)
	}
	bin := filepath.Join(dir, "rootfs", "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return err
	}
	data, err := os.ReadFile(busybox)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(bin, "true"), data, 0o755); err != nil {
		return err
	}
	if out, err := exec.Command("runc", "spec", "-b", dir).CombinedOutput(); err != nil {
		return fmt.Errorf("runc spec (apt-get install runc): %w: %s", err, out)
	}
	return editSpec(filepath.Join(dir, "config.json"))
}

// ociRun runs a bundle by itself, with nothing of ours.
func ociRun(bundle, runtime string, flags ...string) func() error {
	flags = append([]string{"--root", filepath.Join(bundle, runtime)}, flags...)
	n := 0
	return func() error {
		n++
		cmd := exec.Command(runtime, append(flags, "run", "-bundle", bundle, fmt.Sprintf("bench-%d-%d", os.Getpid(), n))...)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s run: %w: %s", runtime, err, out)
		}
		return nil
	}
}

func editSpec(path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var spec map[string]any
	if err := json.Unmarshal(raw, &spec); err != nil {
		return fmt.Errorf("runc's own config.json: %w", err)
	}
	process, ok := spec["process"].(map[string]any)
	if !ok {
		return fmt.Errorf("runc's own config.json has no process")
	}
	process["terminal"] = false
	process["args"] = []string{"/bin/true"}
	if raw, err = json.Marshal(spec); err != nil {
		return err
	}
	return os.WriteFile(path, raw, 0o600)
}

// mtlsEcho is the floor of every rpc to secretsd: a bare gRPC server on loopback with the same certificates, asked for
// its health.
func mtlsEcho(ctx context.Context, certFile, keyFile, caFile string) (call func() error, stop func(), err error) {
	cert, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, nil, err
	}
	ca, err := os.ReadFile(caFile)
	if err != nil {
		return nil, nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	srv := grpc.NewServer(grpc.Creds(credentials.NewTLS(&tls.Config{
		MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{cert},
		ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool,
	})))
	healthpb.RegisterHealthServer(srv, health.NewServer())
	go func() { _ = srv.Serve(lis) }()
	conn, err := grpc.NewClient(lis.Addr().String(), grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{
		MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{cert}, RootCAs: pool, ServerName: "localhost",
	})))
	if err != nil {
		srv.Stop()
		return nil, nil, err
	}
	client := healthpb.NewHealthClient(conn)
	return func() error {
			_, err := client.Check(ctx, &healthpb.HealthCheckRequest{})
			return err
		}, func() {
			conn.Close()
			srv.Stop()
		}, nil
}
