package cmd

import (
	"errors"
	"io"
	"os"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

// archiveChunk is how much of an archive goes in one message.
const archiveChunk = 1 << 20

func (a *app) image() *cobra.Command {
	c := group("image", "Images that sandboxes are made from")
	c.AddCommand(&cobra.Command{
		Use: "import FILE NAME", Args: exactArgs(2), Short: "Store an OCI or docker archive under a name (operators only)",
		Example: "  casemate image import python-3.11.tar python:3.11",
		RunE: func(c *cobra.Command, args []string) error {
			f, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer f.Close()
			info, err := f.Stat()
			if err != nil {
				return err
			}
			sandboxes, err := a.sandboxes()
			if err != nil {
				return err
			}
			stream, err := sandboxes.ImportImage(c.Context())
			if err != nil {
				return err
			}
			bar := a.progress(info.Size(), "uploading "+args[1])
			defer bar.Close()
			if err := upload(stream, args[1], io.TeeReader(f, bar)); err != nil {
				return err
			}
			resp, err := stream.CloseAndRecv()
			if err != nil {
				return err
			}
			bar.Close()
			return a.show(resp, func() error { return a.printImages(resp.GetImage()) })
		},
	}, &cobra.Command{
		Use: "list", Args: noArgs, Short: "List the stored images",
		RunE: func(c *cobra.Command, _ []string) error {
			sandboxes, err := a.sandboxes()
			if err != nil {
				return err
			}
			all := &sandboxv1.ListImagesResponse{}
			err = pages(func(token string) (string, error) {
				resp, err := sandboxes.ListImages(c.Context(), &sandboxv1.ListImagesRequest{PageSize: 1000, PageToken: token})
				all.Images = append(all.Images, resp.GetImages()...)
				return resp.GetNextPageToken(), err
			})
			if err != nil {
				return err
			}
			return a.show(all, func() error { return a.printImages(all.GetImages()...) })
		},
	})
	return c
}

// upload sends the archive. When the server gives up first, CloseAndRecv has its reason.
func upload(stream sandboxv1.SandboxService_ImportImageClient, name string, archive io.Reader) error {
	send := func(m *sandboxv1.ImportImageRequest) (goOn bool, err error) {
		err = stream.Send(m)
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		return err == nil, err
	}
	if goOn, err := send(&sandboxv1.ImportImageRequest{Message: &sandboxv1.ImportImageRequest_Metadata{
		Metadata: &sandboxv1.ImportImageMetadata{Image: name},
	}}); !goOn {
		return err
	}
	buf := make([]byte, archiveChunk)
	for {
		n, err := archive.Read(buf)
		if n > 0 {
			// Send has encoded the message when it returns, so buf may be used again.
			if goOn, err := send(&sandboxv1.ImportImageRequest{Message: &sandboxv1.ImportImageRequest_Data{Data: buf[:n]}}); !goOn {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (a *app) printImages(images ...*sandboxv1.Image) error {
	var rows [][]string
	for _, i := range images {
		digest := i.GetDigest()
		if len(digest) > 19 {
			digest = digest[:19]
		}
		rows = append(rows, []string{i.GetName(), digest, humanize.IBytes(uint64(i.GetSizeBytes())), age(i.GetUpdateTime())})
	}
	return a.table([]string{"IMAGE", "DIGEST", "SIZE", "STORED"}, rows)
}
