package image

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/images"
	"github.com/containerd/containerd/v2/core/mount"
	"github.com/containerd/containerd/v2/core/snapshots"
	cerrdefs "github.com/containerd/errdefs"
	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/identity"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/casemate/casemate/sandboxd/internal/runtime"
)

// Image is a stored image.
type Image struct {
	// Name it is stored under, as people write it: `python:3.11`, without the registry and library that it implies.
	Name string
	// Digest of its manifest for this host's platform.
	Digest string
	// Size of its manifest, configuration and layers, as they were pulled or imported, in bytes.
	Size int64
	// UpdateTime is when it was stored under this name; zero where it is not stored.
	UpdateTime time.Time
	// Config is what the image says of the processes in it.
	Config ProcessConfig
}

// ProcessConfig is what an image says of its processes.
type ProcessConfig struct {
	// Env has entries of the form NAME=value.
	Env []string
	// Entrypoint and Cmd, one after the other, are the default command.
	Entrypoint []string
	Cmd        []string
	// WorkingDir is absolute, or empty for `/`.
	WorkingDir string
	// User is `user[:group]`, names or numbers; empty is root.
	User string
}

// pinPrefix starts the keys of the snapshots that keep an image's layers. The manifest's digest follows.
const pinPrefix = "image-"

func pinKey(manifest digest.Digest) string { return pinPrefix + manifest.String() }

// pin keeps the layers of an unpacked image from being collected as garbage: it makes a view of them, an entry in the
// snapshotter's database, that counts as used.
func (s *Store) pin(ctx context.Context, manifest ocispec.Descriptor) error {
	_, config, err := s.readConfig(ctx, manifest)
	if err != nil {
		return err
	}
	chain := identity.ChainID(config.RootFS.DiffIDs)
	_, err = s.snapshots.View(ctx, pinKey(manifest.Digest), chain.String(),
		snapshots.WithLabels(map[string]string{"containerd.io/gc.root": time.Now().UTC().Format(time.RFC3339)}))
	if err != nil && !cerrdefs.IsAlreadyExists(err) {
		return fmt.Errorf("pinning the layers of %s: %w", manifest.Digest, err)
	}
	return nil
}

// read makes an Image of what is stored of it. Its layers must be pinned.
func (s *Store) read(ctx context.Context, record images.Image) (stored, error) {
	name, err := parseName(record.Name)
	if err != nil {
		return stored{}, err
	}
	manifest, config, err := s.readConfig(ctx, record.Target)
	if err != nil {
		return stored{}, err
	}
	mounts, err := s.snapshots.Mounts(ctx, pinKey(record.Target.Digest))
	if err != nil {
		return stored{}, err
	}
	layers, err := layerDirs(mounts)
	if err != nil {
		return stored{}, err
	}
	img := described(name, record.Target, manifest, config)
	img.UpdateTime = record.UpdatedAt
	return stored{Image: img, rootFS: runtime.RootFS{Layers: layers}}, nil
}

// described is what a manifest and its configuration say of an image.
func described(name imageName, target ocispec.Descriptor, manifest ocispec.Manifest, config ocispec.Image) Image {
	size := target.Size + manifest.Config.Size
	for _, l := range manifest.Layers {
		size += l.Size
	}
	return Image{
		Name: name.short(), Digest: target.Digest.String(), Size: size,
		Config: ProcessConfig{
			Env: config.Config.Env, Entrypoint: config.Config.Entrypoint, Cmd: config.Config.Cmd,
			WorkingDir: config.Config.WorkingDir, User: config.Config.User,
		},
	}
}

// readConfig reads a manifest and the configuration it names.
func (s *Store) readConfig(ctx context.Context, desc ocispec.Descriptor) (m ocispec.Manifest, c ocispec.Image, err error) {
	if err := s.readJSON(ctx, desc, &m); err != nil {
		return m, c, fmt.Errorf("reading the manifest: %w", err)
	}
	if err := s.readJSON(ctx, m.Config, &c); err != nil {
		return m, c, fmt.Errorf("reading the configuration: %w", err)
	}
	return m, c, nil
}

func (s *Store) readJSON(ctx context.Context, desc ocispec.Descriptor, into any) error {
	blob, err := content.ReadBlob(ctx, s.content, desc)
	if err != nil {
		return err
	}
	return json.Unmarshal(blob, into)
}

// layerDirs returns the directories of a read-only stack of layers, the topmost first, from the mount that the overlay
// snapshotter suggests for it. That is an overlay, or a bind mount where there is just one layer.
func layerDirs(mounts []mount.Mount) ([]string, error) {
	if len(mounts) != 1 {
		return nil, errors.New("the snapshotter asks for more than one mount")
	}
	m := mounts[0]
	if m.Type == "bind" {
		return []string{m.Source}, nil
	}
	dirs, ok := mountOption(m, "lowerdir")
	if !ok {
		return nil, fmt.Errorf("the snapshotter asks for a mount of type %s without layers", m.Type)
	}
	return strings.Split(dirs, ":"), nil
}

func mountOption(m mount.Mount, name string) (string, bool) {
	for _, o := range m.Options {
		if v, ok := strings.CutPrefix(o, name+"="); ok {
			return v, true
		}
	}
	return "", false
}
