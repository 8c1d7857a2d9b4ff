package daemon_test

import (
	"context"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

// processAndFileCalls is the part of everyCall that is about background processes and files.
func processAndFileCalls(e *env, name string) map[string]func() error {
	ctx, api := e.t.Context(), e.api
	const process, path = "p1", "/tmp/every-call"
	return map[string]func() error{
		"StartProcess": func() error {
			_, err := api.StartProcess(ctx, &sandboxv1.StartProcessRequest{Name: name, Spec: &sandboxv1.ExecSpec{Command: []string{"true"}}})
			return err
		},
		"ListProcesses": func() error {
			_, err := api.ListProcesses(ctx, &sandboxv1.ListProcessesRequest{Name: name})
			return err
		},
		"AttachProcess": func() error {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			stream, err := api.AttachProcess(ctx, &sandboxv1.AttachProcessRequest{Name: name, Process: process})
			if err == nil {
				_, err = stream.Recv()
			}
			return err
		},
		"SendProcessInput": func() error {
			_, err := api.SendProcessInput(ctx, &sandboxv1.SendProcessInputRequest{Name: name, Process: process, CloseStdin: true})
			return err
		},
		"SignalProcess": func() error {
			_, err := api.SignalProcess(ctx, &sandboxv1.SignalProcessRequest{Name: name, Process: process, Signal: 9})
			return err
		},
		"WaitProcess": func() error {
			_, err := api.WaitProcess(ctx, &sandboxv1.WaitProcessRequest{Name: name, Process: process})
			return err
		},
		"StatFile": func() error {
			_, err := api.StatFile(ctx, &sandboxv1.StatFileRequest{Name: name, Path: path})
			return err
		},
		"ListDirectory": func() error {
			_, err := api.ListDirectory(ctx, &sandboxv1.ListDirectoryRequest{Name: name, Path: path})
			return err
		},
		"MakeDirectory": func() error {
			_, err := api.MakeDirectory(ctx, &sandboxv1.MakeDirectoryRequest{Name: name, Path: path})
			return err
		},
		"RemoveFile": func() error {
			_, err := api.RemoveFile(ctx, &sandboxv1.RemoveFileRequest{Name: name, Path: path})
			return err
		},
		"MoveFile": func() error {
			_, err := api.MoveFile(ctx, &sandboxv1.MoveFileRequest{Name: name, Path: path, NewPath: path + "-moved"})
			return err
		},
		"DownloadArchive": func() error {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			stream, err := api.DownloadArchive(ctx, &sandboxv1.DownloadArchiveRequest{Name: name, Path: path})
			if err == nil {
				_, err = stream.Recv()
			}
			return err
		},
		"UploadArchive": func() error {
			stream, err := api.UploadArchive(ctx)
			if err != nil {
				return err
			}
			start := &sandboxv1.UploadArchiveStart{Name: name, Path: path}
			if err := stream.Send(&sandboxv1.UploadArchiveRequest{Message: &sandboxv1.UploadArchiveRequest_Start{Start: start}}); err != nil {
				return err
			}
			_, err = stream.CloseAndRecv()
			return err
		},
	}
}
