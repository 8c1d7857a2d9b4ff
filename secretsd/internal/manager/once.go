package manager

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/pkg/redact"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// request is a change that may be asked for again under its id.
type request struct {
	team string
	// id is empty when nothing is to be remembered.
	id string
	// params is the whole request, as encoding/json writes it: values are redact.Bytes, of which that writes nothing.
	params any
	// value is what was sent to be stored.
	value redact.Bytes
	// generated says that secretsd made the value, so that there is none to compare.
	generated bool
}

// result is what such a change has made.
type result struct {
	secret secret.Secret
	// version has number 0 when there is none.
	version   secret.Version
	unchanged bool
}

// errRepeated undoes the transaction of a change that was made before: there is nothing to commit and nothing to audit.
var errRepeated = errors.New("the request was answered before")

// unlessRepeated is the error of a change without that one.
func unlessRepeated(err error) error {
	if errors.Is(err, errRepeated) {
		return nil
	}
	return err
}

// once makes a change within a transaction, unless it was made in the last day under the same request id by the same user:
// then it returns what that has made, as it is now, with errRepeated. That the id is remembered commits together with the
// change. An id that stands for another request is AlreadyExists (REQUEST_ID_CONFLICT); what was made and is erased since is
// NotFound.
func (m *Manager) once(
	ctx context.Context, w store.Writer, c identity.Caller, op operation, r request, make func() (result, error),
) (done result, err error) {
	if r.id == "" {
		return make()
	}
	digest, err := r.digest()
	if err != nil {
		return done, err
	}
	now := m.Now()
	before, found, err := w.Request(ctx, c.UserID, op.name, r.id, now.Add(-secret.RequestIDLifetime))
	if err != nil {
		return done, err
	}
	if found {
		if done, err = m.repeat(ctx, w, r, before, digest); err == nil {
			err = errRepeated
		}
		return done, err
	}
	if done, err = make(); err != nil {
		return done, err
	}
	return done, w.PutRequest(ctx, secret.Request{
		UserID: c.UserID, Method: op.name, ID: r.id, Team: r.team, Digest: digest, Secret: done.secret.Name,
		SecretUID: done.secret.UID, Version: done.version.Number, Unchanged: done.unchanged, CreateTime: now,
	})
}

// digest is SHA-256 over the request but for its value.
func (r request) digest() ([32]byte, error) {
	text, err := json.Marshal(r.params)
	return sha256.Sum256(text), err
}

// repeat returns what an earlier request has made, if it was the same.
func (m *Manager) repeat(
	ctx context.Context, reader store.Reader, r request, before secret.Request, digest [32]byte,
) (done result, err error) {
	if digest != before.Digest {
		return done, secret.ErrRequestIDConflict()
	}
	done.unchanged = before.Unchanged
	if done.secret, err = reader.Secret(ctx, before.Team, before.Secret); err != nil {
		return done, err
	}
	if done.secret.UID != before.SecretUID { // another one has the name since
		return done, secret.ErrNotFound(before.Team, before.Secret)
	}
	if before.Version == 0 {
		if r.value.Len() > 0 {
			return done, secret.ErrRequestIDConflict()
		}
		return done, nil
	}
	if done.version, err = reader.Version(ctx, done.secret, before.Version); err != nil {
		return done, err
	}
	if r.generated || done.version.State == secret.Destroyed { // nothing is left that could be compared
		return done, nil
	}
	same, err := m.holds(ctx, reader, done.secret, done.version, r.value)
	if err == nil && !same {
		err = denial{secret.ErrRequestIDConflict()} // or it were a guess at the value that leaves no trace
	}
	return done, err
}

// holds reports whether a version, which is not destroyed, has a value.
func (m *Manager) holds(
	ctx context.Context, r store.Reader, s secret.Secret, v secret.Version, value redact.Bytes,
) (bool, error) {
	dek, err := m.openDEK(ctx, r, s.Team)
	if err != nil {
		return false, err
	}
	sealed, err := r.Ciphertext(ctx, s, v.Number)
	if err != nil {
		return false, err
	}
	stored, err := dek.Open(sealed, s.UID, v.Number)
	if err != nil {
		return false, fmt.Errorf("%s: %w", secret.VersionName(s.Team, s.Name, v.Number), err)
	}
	defer stored.Wipe()
	return stored.Equal(value), nil
}
