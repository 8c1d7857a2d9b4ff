package controller

import (
	"cmp"
	"context"
	"encoding/base64"
	"io"
	"slices"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/identity"
	"github.com/casemate/casemate/sandboxd/internal/image"
)

// ImportImage stores an image from an OCI or docker archive under a name. Operators only: every team can run it then.
func (c *Controller) ImportImage(ctx context.Context, caller identity.Caller, name string, archive io.Reader) (image.Image, error) {
	if err := mayRun(caller); err != nil {
		return image.Image{}, err
	}
	if !caller.Operator {
		return image.Image{}, errdefs.New(errdefs.PermissionDenied, "PERMISSION_DENIED", "only operators may import images, since every team can run them")
	}
	return c.Images.Import(ctx, name, archive)
}

// ListImages returns one page of the stored images, by name, and the token of the next page.
func (c *Controller) ListImages(ctx context.Context, caller identity.Caller, size int, token string) ([]image.Image, string, error) {
	if err := mayRun(caller); err != nil {
		return nil, "", err
	}
	// A page token is the name of the last image on the page, in base64url.
	last, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return nil, "", errdefs.InvalidField("page_token", "is none that an earlier answer returned")
	}
	all, err := c.Images.List(ctx)
	if err != nil {
		return nil, "", err
	}
	slices.SortFunc(all, func(a, b image.Image) int { return cmp.Compare(a.Name, b.Name) })
	from, _ := slices.BinarySearchFunc(all, string(last), func(i image.Image, name string) int {
		if i.Name <= name {
			return -1
		}
		return 1
	})
	page := all[from:]
	if limit := pageSize(size); len(page) > limit {
		page = page[:limit]
		return page, base64.RawURLEncoding.EncodeToString([]byte(page[limit-1].Name)), nil
	}
	return page, "", nil
}
