// Package footprint lists what one sandboxd has of sandboxes on its host, by looking at the host itself: files, cgroups,
// processes, namespaces, mounts, loop devices, links, packet filter, records. Two of them compare by cmp.Diff, which then names what is
// too many or too few:
//
//	before := footprint.Take(t, cfg)
//	…
//	if diff := cmp.Diff(before, footprint.Take(t, cfg)); diff != "" {
//		t.Errorf("left on the host (-before +after):\n%s", diff)
//	}
//
// It works while sandboxd runs and while it does not, and tells several sandboxds of one host apart. It changes nothing.
package footprint

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/casemate/casemate/sandboxd/internal/config"
)

// Footprint is what there is. Every list is sorted, and empty when there is nothing of a sandbox.
type Footprint struct {
	// Files are the paths below StateDir, without images, the databases of records, the insides of writable layers, and
	// what sandboxd itself has: directories and records of sandboxes, their sockets, upper directories and logs.
	Files []string
	// Cgroups are the cgroups below sandboxd's own, in every hierarchy.
	Cgroups []string
	// Processes of sandboxes: "<pid> <name>". A zombie counts.
	Processes []string
	// Namespaces that processes of sandboxes are in, such as "net:[4026532281]".
	Namespaces []string
	// Mounts below StateDir in whatever mount namespace, and the roots of sandboxes: "<namespace> <mount point> <type>".
	Mounts []string
	// Disks are loop devices on files below StateDir: "loop8 runtimes/native/sb-…/disk.img".
	Disks []string
	// Links are network links of sandboxes: "<name> <sandbox id>".
	Links []string
	// Rules are what the packet filter has of links: chains and members of sets. What is there without a sandbox is not.
	Rules []string
	// Records are the rows of sandboxes and what hangs on them: "sandboxes sb-… RUNNING".
	Records []string
}

// Take looks at the host. What cannot be read fails the test.
func Take(t testing.TB, cfg config.Config) Footprint {
	t.Helper()
	ours := processes(t, cfg)
	f := Footprint{
		Files: files(t, cfg), Cgroups: cgroups(t, cfg), Mounts: mounts(t, cfg, ours), Disks: disks(t, cfg),
		Links: links(t, cfg), Rules: rules(t, cfg), Records: records(t, cfg),
	}
	for _, p := range ours {
		f.Processes = append(f.Processes, fmt.Sprintf("%d %s", p.pid, p.name))
		f.Namespaces = append(f.Namespaces, p.namespaces...)
	}
	for _, list := range []*[]string{&f.Files, &f.Cgroups, &f.Processes, &f.Namespaces, &f.Mounts, &f.Disks, &f.Links, &f.Rules, &f.Records} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return f
}

// ownOf are what sandboxd keeps in StateDir for itself.
func ownOf(cfg config.Config) []string {
	own := []string{"instance", "sandboxd.db", "sandboxd.db-wal", "sandboxd.db-shm", "images", "logs", "runtimes"}
	for _, runtime := range cfg.Runtimes {
		for _, name := range []string{"", ".lock", ".mnt", ".state"} {
			own = append(own, filepath.Join("runtimes", runtime, name))
		}
	}
	return own
}

func files(t testing.TB, cfg config.Config) (found []string) {
	t.Helper()
	own := ownOf(cfg)
	err := filepath.WalkDir(cfg.StateDir, func(path string, e fs.DirEntry, err error) error {
		if os.IsNotExist(err) { // it went meanwhile
			return nil
		}
		if err != nil {
			return err
		}
		name, err := filepath.Rel(cfg.StateDir, path)
		if err != nil {
			return err
		}
		if name != "." && !slices.Contains(own, name) {
			found = append(found, name)
		}
		if e.IsDir() && (name == "images" || filepath.Base(filepath.Dir(path)) == "fs") {
			return fs.SkipDir
		}
		return nil
	})
	if err != nil {
		t.Fatalf("listing files: %v", err)
	}
	return found
}

func cgroups(t testing.TB, cfg config.Config) (found []string) {
	t.Helper()
	// A host with version 1 or both has a directory for each hierarchy; one with version 2 has none.
	var patterns []string
	for _, runtime := range cfg.Runtimes {
		for _, root := range []string{"/sys/fs/cgroup", "/sys/fs/cgroup/*"} {
			patterns = append(patterns, filepath.Join(root, cfg.RuntimeCgroup(runtime), "*"))
		}
	}
	for _, pattern := range patterns {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range paths {
			if info, err := os.Stat(p); err == nil && info.IsDir() {
				found = append(found, strings.TrimPrefix(p, "/sys/fs/cgroup/"))
			}
		}
	}
	return found
}

func disks(t testing.TB, cfg config.Config) (found []string) {
	t.Helper()
	files, err := filepath.Glob("/sys/block/loop*/loop/backing_file")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		// A device that went meanwhile has none.
		backing, _ := os.ReadFile(f)
		if name, ok := strings.CutPrefix(strings.TrimSpace(string(backing)), cfg.StateDir+"/"); ok {
			found = append(found, strings.Split(f, "/")[3]+" "+name)
		}
	}
	return found
}
