package onhost

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

const (
	ext4Block = 4096
	ext4Inode = 256
	// maxTemplates bounds what sizes that callers choose cost: each takes about 50 KiB of memory, and 3 ms to make.
	maxTemplates = 64
)

// ext4Templates are empty file systems as mke2fs makes them: of even a big one that is some dozen blocks.
type ext4Templates struct {
	mke2fs string

	mu   sync.Mutex
	made map[ext4Size]*ext4Template
}

type ext4Size struct{ blocks, inodes int64 }

// ext4Template is what is to be written into a file of that size.
type ext4Template struct {
	bytes  int64
	blocks []ext4Data
}

type ext4Data struct {
	offset int64
	data   []byte
}

// open finds a mke2fs that works.
func (t *ext4Templates) open() error {
	t.made = map[ext4Size]*ext4Template{}
	var errs []error
	// A daemon's $PATH may lack the directories of the system's own programs, or have busybox's first, which makes no ext4.
	for _, name := range []string{"/usr/sbin/mke2fs", "/sbin/mke2fs", "mke2fs"} {
		path, err := exec.LookPath(name)
		if err == nil {
			t.mke2fs = path
			_, err = t.get(sandbox.MinDiskBytes, sandbox.MinInodes)
		}
		if err == nil {
			return nil
		}
		errs = append(errs, err)
	}
	return fmt.Errorf("%w; `apt-get install e2fsprogs` installs it", errs[0])
}

// sizeOf is the size of a file system that has room for so many bytes and inodes. More inodes than blocks are of no use. What the file system
// itself takes comes on top: its inodes, and what ext4 holds back, a fiftieth and at most 16 MiB.
func sizeOf(bytes, inodes int64) ext4Size {
	blocks := max(bytes/ext4Block, 1)
	inodes = min(inodes, blocks)
	blocks += inodes*ext4Inode/ext4Block + min(blocks/48, 4096) + 64
	blocks += blocks / 32768 * 2                         // bitmaps
	return ext4Size{blocks: blocks, inodes: inodes + 16} // of which it has some for itself
}

// get returns the template of a file system with room for so many bytes and inodes.
func (t *ext4Templates) get(bytes, inodes int64) (*ext4Template, error) {
	size := sizeOf(bytes, inodes)
	t.mu.Lock()
	defer t.mu.Unlock()
	if template := t.made[size]; template != nil {
		return template, nil
	}
	template, err := t.make(size)
	if err != nil {
		return nil, fmt.Errorf("make an empty file system of %d blocks and %d inodes: %w", size.blocks, size.inodes, err)
	}
	for other := range t.made {
		if len(t.made) < maxTemplates {
			break
		}
		delete(t.made, other)
	}
	t.made[size] = template
	return template, nil
}

func (t *ext4Templates) make(size ext4Size) (*ext4Template, error) {
	fd, err := unix.MemfdCreate("ext4", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), "ext4")
	defer f.Close()
	if err := f.Truncate(size.blocks * ext4Block); err != nil {
		return nil, err
	}
	cmd := exec.Command(t.mke2fs, "-q", "-F", "-t", "ext4", "-b", strconv.Itoa(ext4Block), "-I", strconv.Itoa(ext4Inode),
		"-N", strconv.FormatInt(size.inodes, 10), "-m", "0", "-U", "clear",
		// No journal and no checksums: nothing of it outlives the machine. No copies of what describes it, for the same reason.
		"-O", "none,dir_index,dir_nlink,extent,extra_isize,filetype,flex_bg,huge_file,large_file,sparse_super2,uninit_bg",
		"-E", "lazy_itable_init=1,nodiscard,num_backup_sb=0,root_owner=0:0",
		"/proc/self/fd/3")
	cmd.ExtraFiles = []*os.File{f}
	cmd.Env = []string{"LC_ALL=C"}
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s: %w: %s", t.mke2fs, err, strings.TrimSpace(string(out)))
	}
	template := &ext4Template{bytes: size.blocks * ext4Block}
	return template, template.read(f)
}

// read keeps what is not zero in f.
func (t *ext4Template) read(f *os.File) error {
	empty := make([]byte, ext4Block)
	for end := int64(0); ; {
		start, err := f.Seek(end, unix.SEEK_DATA)
		if errors.Is(err, unix.ENXIO) { // there is no more
			return nil
		} else if err != nil {
			return err
		}
		if end, err = f.Seek(start, unix.SEEK_HOLE); err != nil {
			return err
		}
		for at := start; at < end; at += ext4Block {
			block := make([]byte, ext4Block)
			if _, err := f.ReadAt(block, at); err != nil {
				return err
			}
			if !bytes.Equal(block, empty) {
				t.blocks = append(t.blocks, ext4Data{at, block})
			}
		}
	}
}

// writeTo makes f, which is empty, such a file system.
func (t *ext4Template) writeTo(f *os.File) error {
	if err := f.Truncate(t.bytes); err != nil {
		return err
	}
	for _, b := range t.blocks {
		if _, err := f.WriteAt(b.data, b.offset); err != nil {
			return err
		}
	}
	return nil
}
