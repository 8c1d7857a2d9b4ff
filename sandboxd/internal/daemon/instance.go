package daemon

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"

	"github.com/casemate/casemate/pkg/wholefile"
)

// instanceForm is what secretsd takes as the name of an instance.
var instanceForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// instanceOf reads the name that this sandboxd has for itself, and makes one at random where the file is missing. It is durable
// before any value is asked for under it: what secretsd released to an instance that nobody remembers could be reported by
// nobody. It is no secret.
func instanceOf(path string) (string, error) {
	content, err := os.ReadFile(path)
	if err == nil {
		name := strings.TrimSpace(string(content))
		if !instanceForm.MatchString(name) {
			return "", fmt.Errorf("%s: want one name of 1 to 64 letters, digits, - and _; it tells secretsd which sandboxes are this sandboxd's", path)
		}
		return name, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("the name of this instance: %w", err)
	}
	name := strings.ToLower(rand.Text())
	if err := wholefile.Replace(path, []byte(name+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("the name of this instance: %w", err)
	}
	return name, nil
}
