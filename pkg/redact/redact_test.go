package redact_test

import (
	"bytes"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/casemate/casemate/pkg/redact"
)

const marker = "hunter2-marker-value"

// assertHidden fails when out shows the marker in any form that a formatting verb makes of bytes.
func assertHidden(t *testing.T, what, out string) {
	t.Helper()
	numbers := strings.Trim(fmt.Sprint([]byte(marker)), "[]")
	goSyntax := strings.Trim(strings.TrimPrefix(fmt.Sprintf("%#v", []byte(marker)), "[]byte"), "{}")
	for _, form := range []string{marker, hex.EncodeToString([]byte(marker)), numbers, goSyntax, "aHVudGVyMi1tYXJrZXItdmFsdWU"} {
		if strings.Contains(strings.ToLower(out), strings.ToLower(form)) {
			t.Errorf("%s shows the value: %s", what, out)
		}
	}
}

type holder struct {
	Exported redact.Bytes
	hidden   redact.Bytes
	nested   struct{ deep []redact.Bytes }
	asMap    map[string]redact.Bytes
}

func TestFormatsHideTheValue(t *testing.T) {
	v := redact.New([]byte(marker))
	h := holder{Exported: v, hidden: v, asMap: map[string]redact.Bytes{"k": v}}
	h.nested.deep = []redact.Bytes{v}
	things := map[string]any{
		"value": v, "pointer": &v, "slice": []redact.Bytes{v}, "any slice": []any{v}, "struct": h, "struct pointer": &h,
	}
	for name, thing := range things {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "% x", "%08b", "%T %[1]v", "%o", "%c", "%U"} {
			assertHidden(t, name+" "+verb, fmt.Sprintf(verb, thing))
		}
	}
	assertHidden(t, "wrapped error", fmt.Errorf("oops %v: %w", v, errors.New(v.String())).Error())
	if got := fmt.Sprintf("%s", v); got != redact.Placeholder {
		t.Errorf("prints %q, want %q", got, redact.Placeholder)
	}
}

func TestEncodersHideTheValue(t *testing.T) {
	v := redact.New([]byte(marker))
	text, err := json.Marshal(map[string]any{"v": v, "h": holder{Exported: v, hidden: v}})
	if err != nil {
		t.Fatal(err)
	}
	assertHidden(t, "json", string(text))

	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "v", v, "h", holder{hidden: v})
	slog.New(slog.NewTextHandler(&out, nil)).Info("m", "v", v, "h", holder{hidden: v})
	core := zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.AddSync(&out), zap.DebugLevel)
	zap.New(core).Debug("m", zap.Any("any", v), zap.Reflect("reflect", v), zap.Any("h", holder{hidden: v}), zap.Stringer("s", v))
	zap.New(core).Sugar().Debugf("%v %+v", v, holder{hidden: v})
	_ = gob.NewEncoder(&out).Encode(v)
	assertHidden(t, "loggers", out.String())
}

func TestRevealLenEqualWipe(t *testing.T) {
	v := redact.New([]byte(marker))
	if string(v.Reveal()) != marker || v.Len() != len(marker) {
		t.Fatalf("Reveal gives %d bytes, want %d", v.Len(), len(marker))
	}
	if !v.Equal(redact.New([]byte(marker))) || v.Equal(redact.New([]byte("other"))) || v.Equal(redact.Bytes{}) {
		t.Error("Equal is wrong")
	}
	same := v
	v.Wipe()
	if !bytes.Equal(same.Reveal(), make([]byte, len(marker))) {
		t.Error("Wipe left bytes in a copy")
	}
}

func TestZeroValueIsEmpty(t *testing.T) {
	var v redact.Bytes
	v.Wipe()
	if v.Len() != 0 || v.Reveal() != nil || !v.Equal(redact.New(nil)) {
		t.Error("the zero value is not empty")
	}
	if got := fmt.Sprint(v); got != redact.Placeholder {
		t.Errorf("prints %q, want %q", got, redact.Placeholder)
	}
}
