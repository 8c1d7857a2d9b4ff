package secret

import (
	"strings"

	"github.com/distribution/reference"
)

// ParseImagePattern returns a pattern in the form of Conditions.Images, with the registry and the tag that a short one
// implies, and whether it is one.
func ParseImagePattern(pattern string) (string, bool) {
	if path, ok := strings.CutSuffix(pattern, "/*"); ok {
		// A path has no name of its own: one below it has.
		named, err := reference.ParseNormalizedNamed(path + "/x")
		if err != nil || !reference.IsNameOnly(named) {
			return "", false
		}
		return strings.TrimSuffix(named.Name(), "/x") + "/*", true
	}
	if repository, ok := strings.CutSuffix(pattern, ":*"); ok {
		named, err := reference.ParseNormalizedNamed(repository)
		if err != nil || !reference.IsNameOnly(named) {
			return "", false
		}
		return named.Name() + ":*", true
	}
	named, err := reference.ParseDockerRef(pattern)
	if err != nil {
		return "", false
	}
	return named.String(), true
}

// MatchImage says whether an image's full name is what a pattern of Conditions.Images means.
func MatchImage(pattern, image string) bool {
	if image == "" {
		return false
	}
	if repository, ok := strings.CutSuffix(pattern, ":*"); ok {
		return imageRepository(image) == repository
	}
	if path, ok := strings.CutSuffix(pattern, "/*"); ok {
		return strings.HasPrefix(imageRepository(image), path+"/")
	}
	return pattern == image
}

// imageRepository is a full name without tag and digest. A port stands before the last slash, a tag after it.
func imageRepository(image string) string {
	image, _, _ = strings.Cut(image, "@")
	if at := strings.LastIndexByte(image, ':'); at > strings.LastIndexByte(image, '/') {
		return image[:at]
	}
	return image
}
