// Command mkimage wraps a tar of a root file system as a single-layer OCI image archive. The same root file system gives
// the same image, byte for byte, whenever and wherever it was built: see normalize.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/distribution/reference"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

func main() {
	var (
		rootfs = flag.String("rootfs", "", "`tar` of the root file system")
		out    = flag.String("o", "", "`archive` to write")
		name   = flag.String("name", "", "`name` of the image, such as python:3.11")
		since  = flag.Int64("built-since", 0, "Unix `time` at which the build of the root file system began")
		env    values
		cmd    values
	)
	flag.Var(&env, "env", "`NAME=value` in the environment of its processes; may be repeated")
	flag.Var(&cmd, "cmd", "`word` of its default command; may be repeated")
	flag.Parse()
	if *rootfs == "" || *out == "" || *name == "" || *since == 0 || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	cfg := v1.Config{Env: env, Cmd: cmd, WorkingDir: "/"}
	if err := run(*rootfs, *out, *name, time.Unix(*since, 0), cfg); err != nil {
		fmt.Fprintln(os.Stderr, "mkimage:", err)
		os.Exit(1)
	}
}

// run writes the image of a root file system to the archive out.
func run(rootfs, out, name string, since time.Time, cfg v1.Config) error {
	named, err := reference.ParseDockerRef(name)
	if err != nil {
		return fmt.Errorf("%q is no image name: %w", name, err)
	}
	layerPath := filepath.Join(filepath.Dir(rootfs), "layer.tar")
	created, err := normalize(rootfs, layerPath, since)
	if err != nil {
		return fmt.Errorf("normalizing %s: %w", rootfs, err)
	}
	defer os.Remove(layerPath)
	layer, err := newTarLayer(layerPath)
	if err != nil {
		return err
	}
	img := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	img, err = mutate.ConfigFile(img, &v1.ConfigFile{
		Architecture: runtime.GOARCH,
		OS:           "linux",
		Created:      v1.Time{Time: created},
		Config:       cfg,
		RootFS:       v1.RootFS{Type: "layers"},
	})
	if err != nil {
		return err
	}
	img, err = mutate.Append(img, mutate.Addendum{
		Layer:   layer,
		History: v1.History{Created: v1.Time{Time: created}, CreatedBy: "mkimage"},
	})
	if err != nil {
		return err
	}
	return writeArchive(out, named.String(), img)
}

// values is a flag that may be repeated.
type values []string

func (v *values) String() string     { return strings.Join(*v, " ") }
func (v *values) Set(s string) error { *v = append(*v, s); return nil }
