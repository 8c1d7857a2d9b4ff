package logging_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"go.uber.org/zap"

	"github.com/casemate/casemate/pkg/logging"
	"github.com/casemate/casemate/pkg/redact"
)

func TestJSONLineWithoutValue(t *testing.T) {
	var out bytes.Buffer
	log, err := logging.New(&out, "info", "json")
	if err != nil {
		t.Fatal(err)
	}
	log.Debug("hidden")
	log.Info("secret read", zap.Any(logging.KeySecret, redact.New([]byte("marker"))))
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("%v in %q", err, out.String())
	}
	if line["msg"] != "secret read" || line["secret"] != redact.Placeholder {
		t.Errorf("line %v", line)
	}
}

func TestBadSettings(t *testing.T) {
	if _, err := logging.New(&bytes.Buffer{}, "loud", "json"); err == nil {
		t.Error("level loud was taken")
	}
	if _, err := logging.New(&bytes.Buffer{}, "info", "xml"); err == nil {
		t.Error("format xml was taken")
	}
}
