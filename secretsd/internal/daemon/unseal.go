package daemon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/casemate/casemate/secretsd/internal/config"
	"github.com/casemate/casemate/secretsd/internal/envelope"
	"github.com/casemate/casemate/secretsd/internal/kms"
	"github.com/casemate/casemate/secretsd/internal/secret"
	"github.com/casemate/casemate/secretsd/internal/store"
)

// KeysHealth is what gRPC health is asked about to know whether secretsd has its key-encryption key: NOT_SERVING while it
// is sealed. The service itself is SERVING then, since it answers whatever needs no key.
const KeysHealth = "casemate.secrets.v1.SecretsManager/keys"

// How a sealed secretsd asks for its key again.
const (
	unsealFirst   = 500 * time.Millisecond
	unsealMost    = 30 * time.Second
	unsealTimeout = 15 * time.Second
)

// errWrongKEK says that a key-encryption key is there and does not fit. No waiting helps.
var errWrongKEK = errors.New("the key-encryption key does not belong to this database")

// openKeys opens the key-encryption key; when a key management service does not give it now, it says so, and leaves secretsd
// sealed.
func (d *Daemon) openKeys(ctx context.Context) error {
	source, safe, err := safeOf(d.cfg, d.cfg.KEK)
	if err != nil {
		return fmt.Errorf("kek: %w", err)
	}
	var previous *envelope.Safe
	if d.cfg.KEKPrevious != "" {
		if _, previous, err = safeOf(d.cfg, d.cfg.KEKPrevious); err != nil {
			return fmt.Errorf("kek_previous: %w", err)
		}
	}
	d.keys = envelope.NewKeyRing(safe, previous)
	err = unseal(ctx, d.store, d.keys)
	if err != nil && (!source.Remote() || errors.Is(err, errWrongKEK)) {
		return err
	}
	if err != nil {
		d.logger.Warn("secretsd is sealed: it starts without its key-encryption key, and asks for it again",
			zap.String("kek", source.Scheme), zap.Error(err))
	}
	d.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "casemate_secretsd_sealed", Help: "1 while secretsd waits for its key-encryption key, else 0.",
	}, func() float64 {
		if d.keys.Sealed() {
			return 1
		}
		return 0
	}))
	return nil
}

func safeOf(cfg config.Config, url string) (envelope.Source, *envelope.Safe, error) {
	if url == "" {
		url = envelope.SchemeFile + "://" + cfg.DefaultKEKFile()
	}
	source, err := envelope.ParseSource(url)
	if err != nil {
		return source, nil, err
	}
	if source.Scheme == envelope.SchemeFile {
		return source, envelope.NewSafe(source.Target, nil), nil
	}
	lock := source.Lock(kms.Open)
	return source, envelope.NewSafe(filepath.Join(cfg.DataDir, "kek.sealed.json"), lock), nil
}

// unseal opens the key-encryption key and proves that it opens every team's data key. It makes a new one only where
// there is nothing yet that an older one could have encrypted.
func unseal(ctx context.Context, s store.Store, keys *envelope.KeyRing) error {
	ctx, cancel := context.WithTimeout(ctx, unsealTimeout)
	defer cancel()
	var teams []secret.Team
	err := s.View(ctx, func(r store.Reader) (err error) {
		teams, err = r.Teams(ctx, "", 1)
		return err
	})
	if err != nil {
		return err
	}
	err = keys.Unseal(ctx, len(teams) == 0, func(kek *envelope.KEK) error { return checkDEKs(ctx, s, kek) })
	if errors.Is(err, fs.ErrNotExist) && len(teams) > 0 {
		err = fmt.Errorf("the database has teams, but %w: restore its file from the backup: %w", err, errWrongKEK)
	}
	return err
}

// checkDEKs opens every team's data key.
func checkDEKs(ctx context.Context, s store.Store, kek *envelope.KEK) error {
	const pageSize = 1000
	return s.View(ctx, func(r store.Reader) error {
		after := ""
		for {
			teams, err := r.Teams(ctx, after, pageSize)
			if err != nil {
				return err
			}
			for _, team := range teams {
				wrapped, err := r.WrappedDEK(ctx, team.ID)
				if err != nil {
					return err
				}
				if err := kek.Check(team.ID, wrapped); err != nil {
					return fmt.Errorf("%w: %w", errWrongKEK, err)
				}
				after = team.ID
			}
			if len(teams) < pageSize {
				return nil
			}
		}
	})
}

// keepUnsealing tries until secretsd is unsealed or ctx ends, with pauses that grow.
func (d *Daemon) keepUnsealing(ctx context.Context) error {
	for pause := unsealFirst; d.keys.Sealed(); pause = min(2*pause, unsealMost) {
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
		if err := unseal(ctx, d.store, d.keys); err != nil && ctx.Err() == nil {
			d.logger.Warn("secretsd is still sealed", zap.Duration("next_try", min(2*pause, unsealMost)), zap.Error(err))
		}
	}
	d.logger.Info("secretsd is unsealed: it has its key-encryption key")
	d.server.SetServing(KeysHealth, true)
	d.core.ResumeRotations()
	return nil
}

// ready is nil when every call can be answered.
func (d *Daemon) ready() error {
	if d.keys.Sealed() {
		return errors.New("sealed: the key-encryption key can't be had at the moment")
	}
	return nil
}
