package casemate

import (
	"context"
	"io/fs"
	"iter"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

// ReadFile returns a regular file of at most 32 MiB. A relative path starts at the sandbox's working directory. Reasons:
// FILE_NOT_FOUND, FILE_IS_DIRECTORY, FILE_NOT_REGULAR, FILE_PERMISSION_DENIED, FILE_TOO_LARGE.
func (s *Sandbox) ReadFile(ctx context.Context, path string) ([]byte, error) {
	resp, err := s.api.ReadFile(ctx, &sandboxv1.ReadFileRequest{Name: s.Name, Path: path})
	return resp.GetContent(), err
}

// WriteFile writes a whole file of at most 32 MiB, making the directories above it. A mode of 0 means 0644 for a new file
// and leaves an old one's. Reasons as for ReadFile, and FILE_NO_SPACE.
func (s *Sandbox) WriteFile(ctx context.Context, path string, content []byte, mode fs.FileMode) error {
	_, err := s.api.WriteFile(ctx, &sandboxv1.WriteFileRequest{Name: s.Name, Path: path, Content: content, Mode: uint32(mode.Perm())})
	return err
}

// StatFile tells of a file, a directory or anything else with a name. Of a symbolic link it tells what that leads to with
// followLink, of the link itself without. Reasons: FILE_NOT_FOUND, FILE_NOT_REGULAR, FILE_PERMISSION_DENIED.
func (s *Sandbox) StatFile(ctx context.Context, path string, followLink bool) (*sandboxv1.FileInfo, error) {
	resp, err := s.api.StatFile(ctx, &sandboxv1.StatFileRequest{Name: s.Name, Path: path, FollowLink: followLink})
	return resp.GetFile(), err
}

// ListDirectory tells of the files in a directory, by name, and asks for them as the loop goes on. It ends after the first
// error. Reasons as for StatFile, and FILE_NOT_DIRECTORY.
func (s *Sandbox) ListDirectory(ctx context.Context, path string) iter.Seq2[*sandboxv1.FileInfo, error] {
	return func(yield func(*sandboxv1.FileInfo, error) bool) {
		req := &sandboxv1.ListDirectoryRequest{Name: s.Name, Path: path, PageSize: 1000}
		for {
			page, err := s.api.ListDirectory(ctx, req)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, f := range page.GetFiles() {
				if !yield(f, nil) {
					return
				}
			}
			if req.PageToken = page.GetNextPageToken(); req.PageToken == "" {
				return
			}
		}
	}
}

// MakeDirectory makes a directory and what is missing above it, for the sandbox's user. One that is there is no error. A mode
// of 0 means 0755. Reasons: FILE_EXISTS, FILE_NOT_DIRECTORY, FILE_PERMISSION_DENIED, FILE_NO_SPACE.
func (s *Sandbox) MakeDirectory(ctx context.Context, path string, mode fs.FileMode) error {
	_, err := s.api.MakeDirectory(ctx, &sandboxv1.MakeDirectoryRequest{Name: s.Name, Path: path, Mode: uint32(mode.Perm()), Parents: true})
	return err
}

// RemoveFile removes a file, a symbolic link or an empty directory. Reasons: FILE_NOT_FOUND, DIRECTORY_NOT_EMPTY,
// FILE_PERMISSION_DENIED.
func (s *Sandbox) RemoveFile(ctx context.Context, path string) error {
	_, err := s.api.RemoveFile(ctx, &sandboxv1.RemoveFileRequest{Name: s.Name, Path: path})
	return err
}

// RemoveAll removes a file, or a directory with all that is in it. One that is not there is no error. Reasons:
// FILE_PERMISSION_DENIED, FILE_TOO_DEEP.
func (s *Sandbox) RemoveAll(ctx context.Context, path string) error {
	_, err := s.api.RemoveFile(ctx, &sandboxv1.RemoveFileRequest{Name: s.Name, Path: path, Recursive: true, AllowMissing: true})
	return err
}

// MoveFile gives a file or a directory another name, which nothing may have yet. Reasons: FILE_NOT_FOUND, FILE_EXISTS,
// FILE_CROSS_DEVICE, FILE_PERMISSION_DENIED.
func (s *Sandbox) MoveFile(ctx context.Context, path, newPath string) error {
	_, err := s.api.MoveFile(ctx, &sandboxv1.MoveFileRequest{Name: s.Name, Path: path, NewPath: newPath})
	return err
}
