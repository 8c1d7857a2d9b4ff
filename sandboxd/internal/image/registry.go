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
	"github.com/google/go-containerregistry/pkg/authn"
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

// credentialsKey is what a config.json has a host's credentials under: the host, but for the registry that names without
// one mean, which goes by an older name there.
func credentialsKey(host string) string {
	if any, err := parseName("any"); err == nil {
		if serving, err := docker.DefaultHost(any.registry()); err == nil && host == serving {
			return authn.DefaultAuthKey
		}
	}
	return host
}

// errCredentialsFile is behind every error of reading the file of credentials.
var errCredentialsFile = errors.New("the file of registry credentials can't be used")

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
		return "", "", fmt.Errorf("%w: %w", errCredentialsFile, err)
	}
	defer f.Close()
	file, err := config.LoadFromReader(f)
	if err != nil {
		return "", "", fmt.Errorf("%w: reading %s: %w", errCredentialsFile, s.cfg.CredentialsFile, err)
	}
	auth, err := file.GetAuthConfig(credentialsKey(host))
	if err != nil {
		return "", "", fmt.Errorf("%w: credentials for %s: %w", errCredentialsFile, host, err)
	}
	if auth.IdentityToken != "" {
		return "", auth.IdentityToken, nil
	}
	return auth.Username, auth.Password, nil
}
