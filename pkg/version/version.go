// Package version holds the one version of everything that is released together: the daemons, the command line, the API
// descriptions and the client packages of every language. A test holds the packages' own files to it.
package version

import (
	_ "embed"
	"strings"
)

//go:embed VERSION
var text string

// Version is the version by semantic versioning 2.0.0, without a leading v: what the Go module's tag has after its v.
var Version = strings.TrimSpace(text)
