package image

import (
	"github.com/distribution/reference"

	"github.com/casemate/casemate/pkg/errdefs"
)

// imageName is a name in its full form, with the registry and the tag that a short one implies: images are stored by it,
// so that each is found under all spellings of its name.
type imageName struct{ named reference.Named }

// parseName reads a name as people write it: `python:3.11`, `host:5000/x/y:tag`, `x/y@sha256:…`. Without a tag it means
// `latest`; with a digest the tag is ignored.
func parseName(s string) (imageName, error) {
	named, err := reference.ParseDockerRef(s)
	if err != nil {
		return imageName{}, errdefs.InvalidField("image", "%q is no image name: want one such as python:3.11 or registry.example.com/team/app@sha256:…", s).WithCause(err)
	}
	return imageName{named}, nil
}

// FullName returns a name as it is stored and compared: with the registry and the tag that a short one implies. It is the
// image that is asked for, which need not exist.
func FullName(s string) (string, error) {
	name, err := parseName(s)
	if err != nil {
		return "", err
	}
	return name.full(), nil
}

// full is the name images are stored by.
func (n imageName) full() string { return n.named.String() }

// short is the name for people, without the parts that are understood.
func (n imageName) short() string { return reference.FamiliarString(n.named) }

// registry is the host, and the port if it is not the standard one, of the image's registry.
func (n imageName) registry() string { return reference.Domain(n.named) }
