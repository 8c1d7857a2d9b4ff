package manager

import (
	"context"
	"strconv"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/secretsd/internal/audit"
	"github.com/casemate/casemate/secretsd/internal/store"
)

const (
	// tailPage is how many entries a tail reads and sends at a time, which is all that it ever holds.
	tailPage = 200
	// tailPause is the shortest time between two reads of the end of the log.
	tailPause = 50 * time.Millisecond
	// tailKeepalive is how often a tail without entries sends an empty page.
	tailKeepalive = 15 * time.Second
	// tailRecheck is how long a tail believes that its caller still may read.
	tailRecheck = time.Second
)

// Tail is what TailAuditEntries reads.
type Tail struct {
	// Team is whose entries; AllTeams for all.
	Team string
	// After is the sequence that it begins after; nil: it begins with the newest Last entries.
	After *int64
	Last  int
	// Follow goes on at the end of the log.
	Follow bool
}

// TailAuditEntries calls send with entries as they come, and with the sequence to go on from if it ends there. The first call
// is at once, maybe without entries; so are those that only keep the connection alive. A slow send holds up nobody: what is
// to come stays in the database. Whether the caller still may is asked again of `again`, at most a second before anything is
// sent; without that right any more it ends with PERMISSION_DENIED or UNAUTHENTICATED. When secretsd stops it is UNAVAILABLE
// (SECRETSD_STOPPING), with the metadata `after_sequence`. It ends with send's error.
func (m *Manager) TailAuditEntries(
	ctx context.Context, c identity.Caller, t Tail, again func(context.Context) (identity.Caller, error),
	send func(entries []audit.Entry, position int64) error,
) error {
	op, team := auditTail, t.Team
	if team == AllTeams {
		op, team = auditTailAll, ""
	}
	if err := m.allow(ctx, c, op, team, auditName(team)); err != nil {
		return err
	}
	if err := m.log.Append(ctx, m.entry(ctx, c, op, team, auditName(team))); err != nil {
		return err
	}
	position, err := m.tailStart(ctx, op, team, t)
	if err != nil {
		return err
	}
	checked, due := m.Now(), true
	for {
		grown := m.Feed.Grown() // before the read: nothing that comes after it is missed
		var page []audit.Entry
		if page, position, err = m.tailPage(ctx, op, team, position); err != nil {
			return err
		}
		if m.Now().Sub(checked) >= tailRecheck {
			if c, err = again(ctx); err != nil {
				return err
			}
			if err := m.allow(ctx, c, op, team, auditName(team)); err != nil {
				return err
			}
			checked = m.Now()
		}
		if len(page) > 0 || due {
			if err := send(page, position); err != nil {
				return err
			}
		}
		if len(page) == tailPage {
			continue
		}
		if !t.Follow {
			return nil
		}
		if due, err = m.tailWait(ctx, grown, position); err != nil {
			return err
		}
	}
}

// tailStart is the sequence that a tail begins after.
func (m *Manager) tailStart(ctx context.Context, op operation, team string, t Tail) (position int64, err error) {
	if t.After != nil {
		return *t.After, nil
	}
	err = m.view(ctx, op, func(r store.Reader) error {
		position, err = r.AuditPosition(ctx, team, t.Last)
		return err
	})
	return position, err
}

// tailPage reads the next page, and how far that is: where the log ends, unless there is more.
func (m *Manager) tailPage(ctx context.Context, op operation, team string, after int64) (page []audit.Entry, position int64, err error) {
	err = m.view(ctx, op, func(r store.Reader) error {
		if page, err = r.AuditEntries(ctx, team, after, tailPage); err != nil {
			return err
		}
		if len(page) == tailPage {
			position = page[tailPage-1].Sequence
			return nil
		}
		position, err = r.AuditPosition(ctx, "", 0)
		position = max(position, after)
		return err
	})
	return page, position, err
}

// tailWait returns when there may be more to read, or when a sign of life is due.
func (m *Manager) tailWait(ctx context.Context, grown <-chan struct{}, position int64) (due bool, err error) {
	keepalive := time.NewTimer(tailKeepalive)
	defer keepalive.Stop()
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case <-keepalive.C:
		return true, nil
	case <-grown:
	}
	if m.Feed.Closed() {
		return false, errdefs.New(errdefs.Unavailable, "SECRETSD_STOPPING", "secretsd is being restarted: go on after entry %d", position).
			WithMetadata("after_sequence", strconv.FormatInt(position, 10))
	}
	// A busy log grows all the time, and is read in pages rather than entry by entry.
	pause := time.NewTimer(tailPause)
	defer pause.Stop()
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case <-pause.C:
		return false, nil
	}
}
