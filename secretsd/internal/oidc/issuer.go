package oidc

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"

	"github.com/casemate/casemate/pkg/errdefs"
)

const (
	// maxAge is how long an issuer's keys are believed: a key that it withdraws works here no longer.
	maxAge = 10 * time.Minute
	// minGap is between two requests for an issuer's keys: tokens with made-up keys can't make secretsd ask more often.
	minGap = 10 * time.Second
	// fetchTimeout bounds the asking.
	fetchTimeout = 5 * time.Second
	// maxAnswer bounds what an issuer answers.
	maxAnswer = 1 << 20
)

// issuer has the keys of one issuer.
type issuer struct {
	url    string
	client *http.Client
	now    func() time.Time

	// asking is held while the issuer is asked, so that one asks for all; it guards tried.
	asking sync.Mutex
	tried  time.Time

	mu      sync.Mutex
	keys    []jose.JSONWebKey
	fetched time.Time
}

// verify returns the payload of a token that the issuer has signed.
func (i *issuer) verify(ctx context.Context, token *jose.JSONWebSignature) ([]byte, error) {
	// A token whose key is known does not wait for those who make the issuer be asked.
	if payload, _ := i.try(token); payload != nil {
		return payload, nil
	}
	i.asking.Lock()
	defer i.asking.Unlock()
	payload, fresh := i.try(token)
	if payload == nil && (i.tried.IsZero() || i.now().Sub(i.tried) >= minGap) {
		if err := i.fetch(ctx); err != nil {
			return nil, i.unavailable(err)
		}
		payload, fresh = i.try(token)
	}
	switch {
	case payload != nil:
		return payload, nil
	case !fresh:
		return nil, i.unavailable(errors.New("it was asked just now"))
	}
	return nil, invalid(nil, "the token is not signed by a key of its issuer's; where the issuer has changed its keys just now, try again in %v", minGap)
}

// try verifies a token with the keys that are known and that it may mean. The payload is nil when none fits; fresh says
// whether there were keys to try that are not too old.
func (i *issuer) try(token *jose.JSONWebSignature) (payload []byte, fresh bool) {
	i.mu.Lock()
	keys, fetched := i.keys, i.fetched
	i.mu.Unlock()
	if fetched.IsZero() || i.now().Sub(fetched) >= maxAge {
		return nil, false
	}
	header := token.Signatures[0].Header
	for _, k := range keys {
		if header.KeyID != "" && k.KeyID != header.KeyID || k.Algorithm != "" && k.Algorithm != header.Algorithm {
			continue
		}
		if payload, err := token.Verify(k); err == nil {
			return payload, true
		}
	}
	return nil, true
}

func (i *issuer) unavailable(cause error) error {
	e := errdefs.New(errdefs.Unavailable, "OIDC_ISSUER_UNAVAILABLE", "the keys of issuer %s can't be had; try again", i.url).WithCause(cause)
	e.RetryAfter = minGap
	return e
}

// fetch asks the issuer for its keys, by way of its discovery document.
func (i *issuer) fetch(ctx context.Context) error {
	i.tried = i.now()
	// The caller may give up; the answer is for all.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTimeout)
	defer cancel()
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, i.client), i.url)
	if err != nil {
		return fmt.Errorf("discovery: %w", err)
	}
	var document struct {
		Keys string `json:"jwks_uri"`
	}
	if err := provider.Claims(&document); err != nil {
		return fmt.Errorf("discovery: %w", err)
	}
	keys, err := i.fetchKeys(ctx, document.Keys)
	if err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.keys, i.fetched = keys, i.now()
	return nil
}

func (i *issuer) fetchKeys(ctx context.Context, url string) (keys []jose.JSONWebKey, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := i.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }() // nothing was written
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", url, resp.Status)
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&set); err != nil {
		return nil, err
	}
	for _, raw := range set.Keys {
		var k jose.JSONWebKey
		// Keys of kinds that are not known are others' (RFC 7517, 5). Only public ones verify tokens: a shared secret among
		// them must not.
		if err := json.Unmarshal(raw, &k); err == nil && k.IsPublic() && (k.Use == "" || k.Use == "sig") {
			keys = append(keys, k)
		}
	}
	return keys, nil
}

// newClient returns a client that speaks https only, follows no redirect, and reads answers that are not too long.
func newClient(caFile string) (*http.Client, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	if caFile != "" {
		pem, err := os.ReadFile(caFile)
		if err != nil {
			return nil, err
		}
		pool, err := x509.SystemCertPool()
		if err != nil {
			return nil, err
		}
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s holds no certificate", caFile)
		}
		transport.TLSClientConfig.RootCAs = pool
	}
	return &http.Client{
		Transport: bounded{transport}, Timeout: fetchTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}

// bounded is a transport for https, whose answers end at maxAnswer.
type bounded struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Scheme != "https" {
		return nil, fmt.Errorf("%s is not an https URL", req.URL)
	}
	resp, err := b.RoundTripper.RoundTrip(req)
	if err == nil {
		resp.Body = limited{io.LimitReader(resp.Body, maxAnswer), resp.Body}
	}
	return resp, err
}

type limited struct {
	io.Reader
	io.Closer
}
