// Package controller is the core of sandboxd, which both API fronts call: it makes sandboxes, runs commands in them, and
// ends them. Every method takes the Caller first and decides what that caller may see; a sandbox of a team that the
// caller is not in does not exist for it. It knows no wire.
//
// A running sandbox has one goroutine here, its keeper (keep.go), and only that moves it out of RUNNING. What is making
// or keeping a sandbox is in memory; its record is in the store; what truly runs, the runtime knows. Reconcile brings
// the three together when sandboxd starts.
package controller

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/image"
	"github.com/casemate/casemate/sandboxd/internal/mainlog"
	"github.com/casemate/casemate/sandboxd/internal/network"
	"github.com/casemate/casemate/sandboxd/internal/resolve"
	"github.com/casemate/casemate/sandboxd/internal/runtime"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
	"github.com/casemate/casemate/sandboxd/internal/store"
)

// DefaultRetainEnded is how long the record and the log of an ended sandbox are kept.
const DefaultRetainEnded = time.Hour

// Config is what a Controller is made of. All fields are required but those that name a default.
type Config struct {
	Logger  *zap.Logger
	Store   *store.Store
	Secrets *resolve.Client
	Images  *image.Store
	// Runtimes are the ones that Policy.Runtimes names.
	Runtimes []runtime.Runtime
	// Network connects sandboxes; nil where Policy.Network is not enabled.
	Network *network.Network
	Policy  sandbox.Policy
	// MaxSandboxes is the most there may be at one time, being made and running; 0 means no limit.
	MaxSandboxes int
	// Quotas are what teams may have at one time; the zero value is no limit.
	Quotas sandbox.Quotas
	// MaxExecs is the most calls under way in one sandbox that run, follow, feed or wait for a command; 0 means as many as the
	// sandbox may have processes.
	MaxExecs int
	// MainLogs are the logs of main processes, by sandbox id.
	MainLogs *mainlog.Dir
	// LogRate is the most bytes of a main process's output that are taken in a second; one that writes more waits. 0: no bound.
	LogRate int64
	// RetainEnded is how long an ended sandbox can be looked up; 0 means DefaultRetainEnded.
	RetainEnded time.Duration
	// RetainEndedPerTeam is how many ended sandboxes of one team can be looked up, the last that ended; 0 means any number.
	RetainEndedPerTeam int
	// AgentSilence is how long a sandbox's agent may not answer before the sandbox is ended; 0 means DefaultAgentSilence.
	AgentSilence time.Duration
	// Registry gets the controller's metrics; nil: nobody does.
	Registry prometheus.Registerer
	// NewID makes sandbox ids: [a-z0-9-], at most 64 characters; nil means random ones.
	NewID func() string
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Tracer makes the spans of works and steps; nil: there are none.
	Tracer trace.Tracer
}

// Controller makes, keeps and ends sandboxes.
type Controller struct {
	Config

	runtimes map[string]runtime.Runtime

	// keeping ends when the controller is closed: keepers let go of their sandboxes, which run on.
	keeping context.Context
	letGo   context.CancelFunc
	keepers sync.WaitGroup
	// draining ends before that, when sandboxd is about to stop: calls that only wait are answered.
	draining context.Context
	drain    context.CancelFunc

	mu   sync.Mutex
	live map[string]*live // by id: being made, running, stopping

	places *places
	ended  *endings

	// bootID is which start of the machine this is, rebooted whether the records are from an earlier one: see boot.go.
	bootID   string
	rebooted bool

	cordoned atomic.Bool // no new sandboxes: see cordon.go

	reaping  sync.Mutex // held during a pass of the reaper
	damage   *damage
	metrics  *metrics
	execs    execSlots
	forwards execSlots
}

// New returns a controller that keeps nothing yet: call Reconcile before anything else.
func New(cfg Config) *Controller {
	if cfg.RetainEnded == 0 {
		cfg.RetainEnded = DefaultRetainEnded
	}
	if cfg.AgentSilence == 0 {
		cfg.AgentSilence = DefaultAgentSilence
	}
	if cfg.NewID == nil {
		cfg.NewID = newID
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Tracer == nil {
		cfg.Tracer = noop.NewTracerProvider().Tracer("")
	}
	c := &Controller{Config: cfg, runtimes: make(map[string]runtime.Runtime), live: make(map[string]*live)}
	c.places, c.ended = newPlaces(cfg.MaxSandboxes, cfg.Quotas), newEndings()
	c.execs = execSlots{reason: "TOO_MANY_EXECS", what: "run or follow a command", most: cfg.MaxExecs}
	c.forwards = execSlots{reason: "TOO_MANY_FORWARDS", what: "are connected to a port", most: maxForwards}
	for _, r := range cfg.Runtimes {
		c.runtimes[r.Name()] = r
	}
	c.damage, c.metrics = newDamage(), c.newMetrics()
	c.keeping, c.letGo = context.WithCancel(context.Background())
	c.draining, c.drain = context.WithCancel(context.Background())
	return c
}

// newID is "sb-" and 16 base32 digits: 80 random bits.
func newID() string { return "sb-" + strings.ToLower(rand.Text()[:16]) }

// Drain answers calls that wait for something to happen, WaitSandbox, WaitProcess, followed logs and processes, connected ports, with Unavailable
// (SANDBOXD_STOPPING), so that a graceful stop need not wait for them.
func (c *Controller) Drain() { c.drain() }

// Close lets go of all sandboxes and waits until nothing of the controller runs any more. The sandboxes run on; a later
// Reconcile finds them.
func (c *Controller) Close() {
	c.drain()
	c.letGo()
	c.keepers.Wait()
}

// StopAll ends all sandboxes as Stop does, each with its own grace, but no more than the one given, and returns when they are gone or ctx ends.
func (c *Controller) StopAll(ctx context.Context, grace time.Duration, reason string) {
	all := c.allLive()
	for _, s := range all {
		s.orderStop(c.Now(), min(grace, s.snapshot().Spec.Grace()), reason)
	}
	_ = waitDone(ctx, all)
}

// waitDone returns when nothing is left of the sandboxes, or ctx has ended.
func waitDone(ctx context.Context, all []*live) error {
	for _, s := range all {
		select {
		case <-s.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// serving calls f with a context that ends when sandboxd is about to stop too, and says so then.
func (c *Controller) serving(ctx context.Context, f func(context.Context) error) error {
	serving, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(c.draining, cancel)()
	err := f(serving)
	if errors.Is(err, context.Canceled) && ctx.Err() == nil {
		return errStopping()
	}
	return err
}

func errStopping() error {
	e := errdefs.New(errdefs.Unavailable, "SANDBOXD_STOPPING", "sandboxd is being restarted; the sandbox runs on, ask again")
	e.RetryAfter = time.Second
	return e
}
