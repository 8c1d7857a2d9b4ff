package config_test

import (
	"testing"

	"github.com/casemate/casemate/pkg/config/configtest"
	"github.com/casemate/casemate/secretsd/internal/config"
)

func TestReference(t *testing.T) {
	cfg := config.Default()
	configtest.Reference(t, "secretsd", &cfg, "../../../docs/configuration-secretsd.md")
}
