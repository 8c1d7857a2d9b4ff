package native

import (
	"context"
	"encoding/base64"
	"path"
	"strings"

	"golang.org/x/sys/unix"
	"google.golang.org/protobuf/types/known/timestamppb"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/agent"
)

// StatFile implements the rpc.
func (s *service) StatFile(ctx context.Context, req *sandboxv1.StatFileRequest) (*sandboxv1.StatFileResponse, error) {
	caller, ref, err := target(ctx, "name", req.GetName())
	if err != nil {
		return nil, err
	}
	info, err := s.core.StatFile(ctx, caller, ref, req.GetPath(), req.GetFollowLink())
	if err != nil {
		return nil, err
	}
	return &sandboxv1.StatFileResponse{File: fileToProto(info)}, nil
}

// ListDirectory implements the rpc.
func (s *service) ListDirectory(ctx context.Context, req *sandboxv1.ListDirectoryRequest) (*sandboxv1.ListDirectoryResponse, error) {
	caller, ref, err := target(ctx, "name", req.GetName())
	if err != nil {
		return nil, err
	}
	after, err := base64.RawURLEncoding.DecodeString(req.GetPageToken())
	if err != nil {
		return nil, errdefs.InvalidField("page_token", "is none of ListDirectory's")
	}
	files, next, err := s.core.ListDirectory(ctx, caller, ref, req.GetPath(), string(after), int(req.GetPageSize()))
	if err != nil {
		return nil, err
	}
	resp := &sandboxv1.ListDirectoryResponse{NextPageToken: base64.RawURLEncoding.EncodeToString([]byte(next))}
	for _, f := range files {
		resp.Files = append(resp.Files, fileToProto(f))
	}
	return resp, nil
}

// MakeDirectory implements the rpc.
func (s *service) MakeDirectory(ctx context.Context, req *sandboxv1.MakeDirectoryRequest) (*sandboxv1.MakeDirectoryResponse, error) {
	caller, ref, err := target(ctx, "name", req.GetName())
	if err != nil {
		return nil, err
	}
	if err := s.core.MakeDirectory(ctx, caller, ref, req.GetPath(), req.GetMode(), req.GetParents()); err != nil {
		return nil, err
	}
	return &sandboxv1.MakeDirectoryResponse{}, nil
}

// RemoveFile implements the rpc.
func (s *service) RemoveFile(ctx context.Context, req *sandboxv1.RemoveFileRequest) (*sandboxv1.RemoveFileResponse, error) {
	caller, ref, err := target(ctx, "name", req.GetName())
	if err != nil {
		return nil, err
	}
	if err := s.core.RemoveFile(ctx, caller, ref, req.GetPath(), req.GetRecursive(), req.GetAllowMissing()); err != nil {
		return nil, err
	}
	return &sandboxv1.RemoveFileResponse{}, nil
}

// MoveFile implements the rpc.
func (s *service) MoveFile(ctx context.Context, req *sandboxv1.MoveFileRequest) (*sandboxv1.MoveFileResponse, error) {
	caller, ref, err := target(ctx, "name", req.GetName())
	if err != nil {
		return nil, err
	}
	if err := s.core.MoveFile(ctx, caller, ref, req.GetPath(), req.GetNewPath(), req.GetOverwrite()); err != nil {
		return nil, err
	}
	return &sandboxv1.MoveFileResponse{}, nil
}

func fileToProto(f agent.FileInfo) *sandboxv1.FileInfo {
	kind := sandboxv1.FileType_FILE_TYPE_SPECIAL
	switch f.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		kind = sandboxv1.FileType_FILE_TYPE_REGULAR
	case unix.S_IFDIR:
		kind = sandboxv1.FileType_FILE_TYPE_DIRECTORY
	case unix.S_IFLNK:
		kind = sandboxv1.FileType_FILE_TYPE_SYMLINK
	}
	return &sandboxv1.FileInfo{
		Name: text(path.Base(f.Name)), Type: kind, SizeBytes: f.Size, Mode: f.Mode & 0o7777, UserId: f.UID, GroupId: f.GID,
		ModifyTime: timestamppb.New(f.ModTime), LinkTarget: text(f.LinkTarget),
	}
}

// text is a name of the sandbox's as protobuf can carry it.
func text(name string) string { return strings.ToValidUTF8(name, "�") }
