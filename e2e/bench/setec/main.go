// Command setec serves one secret with setec's own server package, for bench to compare with: every get is an entry of
// setec's audit log, synced to the disk before the answer. TLS stands for the tailnet that setec leaves identity and
// encryption to, and everybody is one user with all rights. It ends with its stdin.
//
// It is a module of its own, because setec needs half of Tailscale.
package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/tailscale/setec/acl"
	"github.com/tailscale/setec/audit"
	"github.com/tailscale/setec/db"
	"github.com/tailscale/setec/server"
	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"tailscale.com/client/tailscale/apitype"
	"tailscale.com/tailcfg"
)

func main() {
	dir := flag.String("dir", "", "directory for the database and the audit log")
	cert := flag.String("cert", "", "PEM file of the server's certificate")
	key := flag.String("key", "", "PEM file of its key")
	flag.Parse()
	if err := run(*dir, *cert, *key); err != nil {
		fmt.Fprintln(os.Stderr, "setec: error:", err)
		os.Exit(1)
	}
}

func run(dir, certFile, keyFile string) error {
	cert, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return err
	}
	handler, err := newServer(dir)
	if err != nil {
		return err
	}
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		srv.Close()
	}()
	fmt.Println(lis.Addr())
	err = srv.Serve(tls.NewListener(lis, &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{cert}}))
	if err == http.ErrServerClosed {
		return nil
	}
	return err
}

// newServer makes a database with the secret "token" under a fresh AES-256-GCM key, and a server over it.
func newServer(dir string) (http.Handler, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, err
	}
	kek, err := aead.New(handle)
	if err != nil {
		return nil, err
	}
	log, err := audit.NewFile(filepath.Join(dir, "audit.log"))
	if err != nil {
		return nil, err
	}
	store, err := db.Open(filepath.Join(dir, "setec.db"), kek, log)
	if err != nil {
		return nil, err
	}
	rule := acl.Rule{
		Action: []acl.Action{acl.ActionGet, acl.ActionInfo, acl.ActionPut, acl.ActionActivate},
		Secret: []acl.Secret{"*"},
	}
	maker := db.Caller{
		Principal:   audit.Principal{Hostname: "bench", IP: netip.MustParseAddr("127.0.0.1"), User: "bench"},
		Permissions: acl.Rules{rule},
	}
	if _, err := store.Put(maker, "token", []byte("0123456789abcdef0123456789abcdef")); err != nil {
		return nil, err
	}
	rights, err := json.Marshal(rule)
	if err != nil {
		return nil, err
	}
	who := &apitype.WhoIsResponse{
		Node: &tailcfg.Node{Name: "bench"}, UserProfile: &tailcfg.UserProfile{LoginName: "bench"},
		CapMap: tailcfg.PeerCapMap{server.ACLCap: []tailcfg.RawMessage{tailcfg.RawMessage(rights)}},
	}
	mux := http.NewServeMux()
	_, err = server.New(context.Background(), server.Config{
		DB: store, Mux: mux,
		WhoIs: func(context.Context, string) (*apitype.WhoIsResponse, error) { return who, nil },
	})
	return mux, err
}
