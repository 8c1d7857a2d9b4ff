package envelope

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/casemate/casemate/pkg/wholefile"
)

// The schemes of URLs that say where the key-encryption key comes from.
const (
	// SchemeFile is a tink keyset in the clear: file:///path.
	SchemeFile = "file"
	// SchemePassphraseFile is a file that holds a passphrase: passphrase-file:///path.
	SchemePassphraseFile = "passphrase-file"
	// SchemePassphraseEnv is an environment variable that holds a passphrase: passphrase-env:NAME.
	SchemePassphraseEnv = "passphrase-env"
	// SchemeEnv is an environment variable that holds a key in base64: env:NAME.
	SchemeEnv = "env"
)

// ServiceSchemes are the schemes of key management services.
var ServiceSchemes = []string{"awskms", "gcpkms", "azurekeyvault", "hashivault"}

// Source is where the key-encryption key comes from, parsed.
type Source struct {
	Scheme string
	// Target is a path, the name of an environment variable, or a service's whole URL.
	Target string
}

// ParseSource parses a URL such as file:///path, env:NAME or awskms://alias/name?region=eu-west-1.
func ParseSource(text string) (Source, error) {
	u, err := url.Parse(text)
	if err != nil {
		return Source{}, errors.New("it is no URL")
	}
	s := Source{Scheme: u.Scheme, Target: text}
	switch {
	case s.Scheme == SchemeFile || s.Scheme == SchemePassphraseFile:
		if s.Target = u.Path; u.Host != "" || !strings.HasPrefix(u.Path, "/") {
			return s, fmt.Errorf("write %s:///path, with an absolute path", s.Scheme)
		}
	case s.Scheme == SchemeEnv || s.Scheme == SchemePassphraseEnv:
		if s.Target = u.Opaque; s.Target == "" {
			return s, fmt.Errorf("write %s:NAME", s.Scheme)
		}
	case !slices.Contains(ServiceSchemes, s.Scheme):
		return s, fmt.Errorf("the scheme %q is none of file, passphrase-file, passphrase-env, env, %s", s.Scheme, strings.Join(ServiceSchemes, ", "))
	}
	return s, nil
}

// Remote says whether the source is a service that may be away for a while.
func (s Source) Remote() bool { return slices.Contains(ServiceSchemes, s.Scheme) }

// Lock returns the lock of a source; nil for a keyset in the clear. For a service, open is called with its URL.
func (s Source) Lock(open func(url string) Service) Lock {
	switch s.Scheme {
	case SchemeFile:
		return nil
	case SchemePassphraseFile:
		return PassphraseLock(func() ([]byte, error) { return wholefile.ReadPrivate(s.Target, "passphrase") })
	case SchemePassphraseEnv:
		return PassphraseLock(s.fromEnv)
	case SchemeEnv:
		return KeyLock(s.fromEnv)
	}
	return ServiceLock(s.Scheme, open(s.Target))
}

func (s Source) fromEnv() ([]byte, error) {
	text := os.Getenv(s.Target)
	if text == "" {
		return nil, fmt.Errorf("the environment variable %s is not set", s.Target)
	}
	return []byte(text), nil
}
