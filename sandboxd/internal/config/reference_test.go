package config_test

import (
	"testing"

	"github.com/casemate/casemate/pkg/config/configtest"
	"github.com/casemate/casemate/sandboxd/internal/config"
)

func TestReference(t *testing.T) {
	cfg := config.Default()
	configtest.Reference(t, "sandboxd", &cfg, "../../../docs/configuration-sandboxd.md")
}
