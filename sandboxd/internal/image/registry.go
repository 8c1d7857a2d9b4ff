package image

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/containerd/containerd/v2/core/remotes"
	"github.com/containerd/containerd/v2/core/remotes/docker"
	"github.com/docker/cli/cli/config"
)

// dockerHub is how Docker's own registry is named in a config.json, and the host that serves it.
const (
	dockerHub     = "https://index.docker.io/v1/"
	dockerHubHost = "registry-1.docker.io"
)

// resolver makes the client that finds and fetches one image. It asks the registry in the image's name and no other.
func (s *Store) resolver() remotes.Resolver {
	return docker.NewResolver(docker.ResolverOptions{
		Hosts: docker.ConfigureDefaultRegistries(
			docker.WithPlainHTTP(func(host string) (bool, error) {
				return slices.Contains(s.cfg.InsecureRegistries, host), nil
			}),
			docker.WithAuthorizer(docker.NewDockerAuthorizer(docker.WithAuthCreds(s.credentials))),
		),
	})
}

// credentials returns the user name and password for a registry, or an empty name and a token. Both are empty where
// there are none.
func (s *Store) credentials(host string) (user, secret string, err error) {
	if s.cfg.CredentialsFile == "" {
		return "", "", nil
	}
	f, err := os.Open(s.cfg.CredentialsFile)
	if errors.Is(err, fs.ErrNotExist) {
		return "", "", nil
	}
	if err != nil {
		return "", "", err
	}
	defer f.Close()
	file, err := config.LoadFromReader(f)
	if err != nil {
		return "", "", fmt.Errorf("reading %s: %w", s.cfg.CredentialsFile, err)
	}
	if host == dockerHubHost {
		host = dockerHub
	}
	auth, err := file.GetAuthConfig(host)
	if err != nil {
		return "", "", fmt.Errorf("credentials for %s: %w", host, err)
	}
	if auth.IdentityToken != "" {
		return "", auth.IdentityToken, nil
	}
	return auth.Username, auth.Password, nil
}
