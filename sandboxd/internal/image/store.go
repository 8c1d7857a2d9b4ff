// Package image stores container images and unpacks them into directories that a runtime can stack. It is containerd's
// own content store, metadata database, overlay snapshotter, registry client and unpacker, used in this process without
// containerd's daemon. Nothing is ever mounted: layers are written straight into their directories.
//
// What is stored under a name is unpacked: Ensure of such an image is a look-up in memory. Images that sandboxes were
// made of stay on disk, even when their name is given to another image, until Collect finds that nothing uses them.
package image

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/images"
	"github.com/containerd/containerd/v2/core/leases"
	"github.com/containerd/containerd/v2/core/metadata"
	"github.com/containerd/containerd/v2/core/snapshots"
	"github.com/containerd/containerd/v2/pkg/namespaces"
	"github.com/containerd/containerd/v2/plugins/snapshots/overlay"
	"github.com/containerd/log"
	"github.com/containerd/platforms"
	bolt "go.etcd.io/bbolt"
	"go.uber.org/zap"
	"golang.org/x/sync/singleflight"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/runtime"
)

// Config is how an image store works.
type Config struct {
	// Dir holds all of the store; made with mode 0700 when missing. Its path may not have a colon. One process at a time
	// can have it open.
	Dir string
	// Logger gets the warnings of containerd's packages. Nil: none.
	Logger *zap.Logger
	// Registries are the ones, as host or host:port, that images may be pulled from. Empty: all, so that whoever may run
	// sandboxes can make this host call any address.
	Registries []string
	// InsecureRegistries are the registries, as host or host:port, that are spoken to without TLS. Empty: none, those on
	// the loopback interface included.
	InsecureRegistries []string
	// CredentialsFile is a Docker config.json with credentials for registries; it is read at each pull, so changes count
	// at once. What is pulled with it can be run by everybody who may run sandboxes. Empty: all pulls are anonymous.
	CredentialsFile string
	// Platform to choose from images of several, such as "linux/arm64". Empty: this host's.
	Platform string
	// MaxUnpackedBytes is the most that one image may unpack to, and the most that an archive may hold. 0: 10 GiB.
	MaxUnpackedBytes int64
	// FirstID is added to the user and group ids that the files of layers have: what a runtime that can't map them needs. It
	// must be the same for all that a store ever has. 0: they are the image's own.
	FirstID int
	// PullTimeout is how long a pull may take. 0: 10 minutes.
	PullTimeout time.Duration
}

const (
	defaultMaxUnpacked = 10 << 30
	defaultPullTimeout = 10 * time.Minute
	// openTimeout is how long Open waits for another process to let go of the store.
	openTimeout = 2 * time.Second
	namespace   = "casemate"
	snapshotter = "overlayfs"
)

// Store is a store of images. All methods may be called concurrently.
type Store struct {
	cfg       Config
	platform  platforms.MatchComparer
	db        *metadata.DB
	content   content.Store
	images    images.Store
	leases    leases.Manager
	snapshots snapshots.Snapshotter
	overlay   snapshots.Snapshotter

	// base ends when the store is closed. It carries what containerd's packages look for in a context.
	base    context.Context
	cancel  context.CancelFunc
	pulls   singleflight.Group
	pulling sync.WaitGroup

	// naming is read-locked while an image gets a name, locked while Collect looks for those that have none.
	naming sync.RWMutex

	mu sync.RWMutex
	// names is all that is stored, by normalized name.
	names map[string]stored
	// clock counts the holds and the images that lost a name: holds has when each hold that there is began, unnamed when
	// a digest last lost a name.
	clock   int64
	holds   map[int64]struct{}
	unnamed map[string]int64
}

// stored is an image and where it is unpacked.
type stored struct {
	Image
	rootFS runtime.RootFS
}

// Open opens the store in cfg.Dir, makes it when it is not there, and removes what an earlier process left unfinished.
func Open(cfg Config) (*Store, error) {
	if cfg.Logger == nil {
		cfg.Logger = zap.NewNop()
	}
	if cfg.MaxUnpackedBytes == 0 {
		cfg.MaxUnpackedBytes = defaultMaxUnpacked
	}
	if cfg.PullTimeout == 0 {
		cfg.PullTimeout = defaultPullTimeout
	}
	s := &Store{
		cfg: cfg, platform: platforms.Default(),
		names: map[string]stored{}, holds: map[int64]struct{}{}, unnamed: map[string]int64{},
	}
	if cfg.Platform != "" {
		p, err := platforms.Parse(cfg.Platform)
		if err != nil {
			return nil, fmt.Errorf("image platform %q: %w", cfg.Platform, err)
		}
		s.platform = platforms.Only(p)
	}
	if err := s.open(); err != nil {
		return nil, fmt.Errorf("opening the image store in %s: %w", cfg.Dir, err)
	}
	return s, nil
}

func (s *Store) open() (err error) {
	if strings.Contains(s.cfg.Dir, ":") {
		return errors.New("its path has a colon, which lists of layers are separated by; use another directory")
	}
	// The directory keeps others out: files in the layers can be set-user-id.
	if err := os.MkdirAll(s.cfg.Dir, 0o700); err != nil {
		return err
	}
	database, err := bolt.Open(filepath.Join(s.cfg.Dir, "metadata.db"), 0o600, &bolt.Options{Timeout: openTimeout})
	if errors.Is(err, bolt.ErrTimeout) {
		return errors.New("another process has it open; stop that one, or use another directory")
	}
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, database.Close())
		}
	}()
	blobs, err := openContent(filepath.Join(s.cfg.Dir, "content"))
	if err != nil {
		return err
	}
	if s.overlay, err = overlay.NewSnapshotter(filepath.Join(s.cfg.Dir, "overlay")); err != nil {
		return err
	}
	s.db = metadata.NewDB(database, blobs, map[string]snapshots.Snapshotter{snapshotter: s.overlay})
	s.content, s.snapshots = s.db.ContentStore(), s.db.Snapshotter(snapshotter)
	s.images, s.leases = metadata.NewImageStore(s.db), metadata.NewLeaseManager(s.db)
	s.base, s.cancel = context.WithCancel(s.context(context.Background()))
	if err = s.db.Init(s.base); err == nil {
		err = s.load(s.base)
	}
	if err != nil {
		return errors.Join(err, s.overlay.Close())
	}
	return nil
}

// load ends what an earlier process left unfinished, and reads what is stored.
func (s *Store) load(ctx context.Context) error {
	unfinished, err := s.leases.List(ctx)
	if err != nil {
		return err
	}
	for _, l := range unfinished {
		if err := s.leases.Delete(ctx, l); err != nil {
			return err
		}
	}
	if err := s.sweep(ctx); err != nil {
		return err
	}
	records, err := s.images.List(ctx)
	if err != nil {
		return err
	}
	for _, r := range records {
		img, err := s.read(ctx, r)
		if err != nil {
			// It can be pulled or imported again, which is no reason to keep all others from being used.
			s.cfg.Logger.Error("a stored image can't be read", zap.String("image", r.Name), zap.Error(err))
			continue
		}
		s.names[r.Name] = img
	}
	return nil
}

// Close ends pulls under way and closes the store. Nothing else of the store may be called then, or be under way.
func (s *Store) Close() error {
	s.cancel()
	s.pulling.Wait()
	return errors.Join(s.overlay.Close(), s.db.Close())
}

// Get returns the image stored under a name. It does not pull. errdefs.NotFound (IMAGE_NOT_FOUND) when there is none.
func (s *Store) Get(_ context.Context, name string) (Image, error) {
	n, err := parseName(name)
	if err != nil {
		return Image{}, err
	}
	img, ok := s.lookup(n)
	if !ok {
		return Image{}, errdefs.New(errdefs.NotFound, "IMAGE_NOT_FOUND", "no image is stored as %s", n.short())
	}
	return img.Image, nil
}

// List returns all stored images, by name.
func (s *Store) List(context.Context) ([]Image, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := make([]Image, 0, len(s.names))
	for _, img := range s.names {
		all = append(all, img.Image)
	}
	slices.SortFunc(all, func(a, b Image) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

func (s *Store) lookup(n imageName) (stored, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	img, ok := s.names[n.full()]
	return img, ok
}

// context adds to ctx what containerd's packages look for.
func (s *Store) context(ctx context.Context) context.Context {
	return namespaces.WithNamespace(log.WithLogger(ctx, warnings(s.cfg.Logger)), namespace)
}
