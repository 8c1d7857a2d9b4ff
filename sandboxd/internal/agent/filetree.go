package agent

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"time"

	agentv1 "github.com/casemate/casemate/gen/go/casemate/agent/v1"
	"github.com/casemate/casemate/pkg/errdefs"
)

// FileInfo is what a sandbox says of a file.
type FileInfo struct {
	// Name is the last one of its path: any bytes.
	Name string
	// Mode is struct stat's st_mode: the type and the permissions.
	Mode uint32
	Size int64
	// UID and GID are the owner's numbers inside.
	UID, GID uint32
	ModTime  time.Time
	// LinkTarget is a symbolic link's text.
	LinkTarget string
}

// maxName and maxLink are the longest that Linux has, in bytes. "/" has itself for a name.
const (
	maxName = 255
	maxLink = 4096
)

func fileInfo(f *agentv1.FileInfo) (FileInfo, error) {
	if n := len(f.GetName()); n == 0 || n > maxName || len(f.GetLinkTarget()) > maxLink || f.GetSize() < 0 {
		return FileInfo{}, lost(fmt.Errorf("the agent told of a file with a name of %d bytes", n))
	}
	return FileInfo{
		Name: string(f.GetName()), Mode: f.GetMode(), Size: f.GetSize(), UID: f.GetUid(), GID: f.GetGid(),
		ModTime: time.Unix(0, f.GetModifyTimeUnixNs()), LinkTarget: string(f.GetLinkTarget()),
	}, nil
}

// StatFile tells of a file or anything else with a name; of a symbolic link only with follow what it leads to. Errors, all with
// metadata "filepath": NotFound FILE_NOT_FOUND; FailedPrecondition FILE_NOT_REGULAR for what is in /proc, FILE_IO_FAILED;
// PermissionDenied FILE_PERMISSION_DENIED; InvalidArgument for a path that is not absolute.
func (c *Client) StatFile(ctx context.Context, path string, follow bool) (FileInfo, error) {
	r, err := c.ask(ctx, &agentv1.Request{Call: &agentv1.Request_StatFile{StatFile: &agentv1.StatFile{Path: path, FollowLink: follow}}})
	if err != nil {
		return FileInfo{}, err
	}
	if len(r.GetFiles()) != 1 {
		return FileInfo{}, lost(fmt.Errorf("the agent told of %d files", len(r.GetFiles())))
	}
	return fileInfo(r.GetFiles()[0])
}

// ListDirectory tells of up to limit files in a directory, 1 to 1000, by the bytes of their names, from the first one after
// another name. next is where to go on, empty after the last. Errors: as StatFile, and FailedPrecondition FILE_NOT_DIRECTORY.
func (c *Client) ListDirectory(ctx context.Context, path, after string, limit int) (files []FileInfo, next string, err error) {
	r, err := c.ask(ctx, &agentv1.Request{Call: &agentv1.Request_ListDirectory{ListDirectory: &agentv1.ListDirectory{
		Path: path, After: []byte(after), Limit: int32(limit),
	}}})
	if err != nil {
		return nil, "", err
	}
	next = string(r.GetNext())
	if len(r.GetFiles()) > limit || len(next) > maxName || next != "" && next <= after {
		return nil, "", lost(errors.New("the agent told of more files than asked for, or the same again"))
	}
	for _, f := range r.GetFiles() {
		info, err := fileInfo(f)
		if err != nil {
			return nil, "", err
		}
		files = append(files, info)
	}
	return files, next, nil
}

// MakeDirectory makes a directory for the configured user; mode are its permission bits, 0 means 0755. With parents, what is
// missing above it is made too, and one that is there is no error. Errors: as StatFile, and AlreadyExists FILE_EXISTS,
// FailedPrecondition FILE_NOT_DIRECTORY, ResourceExhausted FILE_NO_SPACE.
func (c *Client) MakeDirectory(ctx context.Context, path string, mode uint32, parents bool) error {
	if mode > uint32(fs.ModePerm) {
		return errdefs.InvalidField("mode", "%s has more than permission bits", "0"+strconv.FormatUint(uint64(mode), 8))
	}
	_, err := c.ask(ctx, &agentv1.Request{Call: &agentv1.Request_MakeDirectory{MakeDirectory: &agentv1.MakeDirectory{
		Path: path, Mode: mode, Parents: parents,
	}}})
	return err
}

// RemoveFile removes a file, a symbolic link, an empty directory or, with recursive, a directory with all that is in it, which
// takes as long as ctx allows and stops when that ends. What is added more than a second after it began stays, and so does what
// that is in: DIRECTORY_NOT_EMPTY. Errors: as StatFile, and FailedPrecondition DIRECTORY_NOT_EMPTY, FILE_TOO_DEEP.
func (c *Client) RemoveFile(ctx context.Context, path string, recursive bool) error {
	conn, err := c.open(ctx, &agentv1.Request{Call: &agentv1.Request_RemoveFile{RemoveFile: &agentv1.RemoveFile{Path: path, Recursive: recursive}}})
	if err != nil {
		return err
	}
	defer conn.close()
	if recursive {
		_, err = conn.response()
	} else {
		_, err = conn.promptResponse()
	}
	return err
}

// MoveFile gives a file or directory another name. What has that name is replaced only with overwrite. Errors: as StatFile,
// and AlreadyExists FILE_EXISTS; FailedPrecondition FILE_CROSS_DEVICE, DIRECTORY_NOT_EMPTY, FILE_IS_DIRECTORY,
// FILE_NOT_DIRECTORY; ResourceExhausted FILE_NO_SPACE.
func (c *Client) MoveFile(ctx context.Context, path, newPath string, overwrite bool) error {
	_, err := c.ask(ctx, &agentv1.Request{Call: &agentv1.Request_MoveFile{MoveFile: &agentv1.MoveFile{
		Path: path, NewPath: newPath, Overwrite: overwrite,
	}}})
	return err
}
