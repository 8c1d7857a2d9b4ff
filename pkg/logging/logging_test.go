package logging_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"github.com/casemate/casemate/pkg/logging"
	"github.com/casemate/casemate/pkg/logging/loggingtest"
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

func TestBufferedLines(t *testing.T) {
	for _, end := range []struct {
		name string
		how  func(log *zap.Logger, flush func())
		want int
	}{
		{"time", func(*zap.Logger, func()) { time.Sleep(time.Second) }, 2},
		{"a warning", func(log *zap.Logger, _ func()) { log.Warn("third") }, 3},
		{"the end", func(_ *zap.Logger, flush func()) { flush() }, 2},
	} {
		t.Run(end.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				out := &loggingtest.Buffer{}
				log, flush, err := logging.NewBuffered(out, "info", "json")
				if err != nil {
					t.Fatal(err)
				}
				defer flush()
				log.Info("first")
				log.Info("second")
				if s := out.String(); s != "" {
					t.Errorf("written at once: %q", s)
				}
				end.how(log, flush)
				synctest.Wait()
				if got := strings.Count(out.String(), "\n"); got != end.want {
					t.Errorf("%d lines, not %d: %q", got, end.want, out.String())
				}
			})
		})
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
