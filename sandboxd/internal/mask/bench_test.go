package mask_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/casemate/casemate/pkg/redact"
	"github.com/casemate/casemate/sandboxd/internal/mask"
)

// randomValues are as many values of so many characters of base64, in lines when lines is not 0.
func randomValues(count, length, lines int) (values []redact.Bytes) {
	r := rand.NewChaCha8([32]byte{1})
	for range count {
		b := make([]byte, length)
		_, _ = r.Read(b)
		text := base64.StdEncoding.EncodeToString(b)[:length]
		if lines > 0 {
			text = inWidth(text, lines)
		}
		values = append(values, redact.New([]byte(text)))
	}
	return values
}

func inWidth(text string, width int) string {
	var b bytes.Buffer
	for ; len(text) > width; text = text[width:] {
		b.WriteString(text[:width] + "\n")
	}
	return b.String() + text
}

func texts() map[string][]byte {
	random := make([]byte, 32<<10)
	_, _ = rand.NewChaCha8([32]byte{2}).Read(random)
	return map[string][]byte{
		"log":    bytes.Repeat([]byte("epoch 12/100: loss 0.4312 accuracy 0.98 skipped 3 of 1000 steps\n"), 512)[:32<<10],
		"base64": []byte(base64.StdEncoding.EncodeToString(random))[:32<<10],
	}
}

// BenchmarkWrite is what masking takes of the agent's processor time, "cpu-ns/B": the machine's other work is not in it.
// BenchmarkMaskedOutput in sandboxd/internal/daemon has its share of a whole exec.
func BenchmarkWrite(b *testing.B) {
	for name, values := range map[string][]redact.Bytes{
		"1 of 40 B":                     randomValues(1, 40, 0),
		"100 of 40 B":                   randomValues(100, 40, 0),
		"100 of 8 B":                    randomValues(100, 8, 0),
		"100 of 4 KiB":                  randomValues(100, 4<<10, 0),
		"100 of 4 KiB in lines of 64 B": randomValues(100, 4<<10, 64),
	} {
		m := mask.New(values)
		for kind, text := range texts() {
			b.Run(fmt.Sprintf("%s/%s", name, kind), func(b *testing.B) {
				w := mask.Writer{Stream: m.Stream(), Max: 32 << 10, Send: func([]byte) error { return nil }}
				b.SetBytes(int64(len(text)))
				before := cpu(b)
				for b.Loop() {
					_ = w.Write(text)
				}
				b.ReportMetric(float64(cpu(b)-before)/float64(b.N)/float64(len(text)), "cpu-ns/B")
			})
		}
	}
}

func cpu(b *testing.B) int64 {
	var r unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return r.Utime.Nano() + r.Stime.Nano()
}

// TestMemory bounds what a masker takes besides its values: as many as one sandbox may hold, of the size of a private key.
func TestMemory(t *testing.T) {
	for name, values := range map[string][]redact.Bytes{
		"tokens": randomValues(100, 40, 0), "long ones": randomValues(100, 8<<10, 0), "keys in lines": randomValues(100, 8<<10, 64),
	} {
		heap := func() uint64 {
			runtime.GC()
			var s runtime.MemStats
			runtime.ReadMemStats(&s)
			return s.HeapAlloc
		}
		before := heap()
		m := mask.New(values)
		took := int64(heap()) - int64(before)
		t.Logf("100 %s: %d KiB", name, took>>10)
		if took > 2<<20 {
			t.Errorf("a masker of 100 %s takes %d KiB, want 2 MiB at most", name, took>>10)
		}
		runtime.KeepAlive(m)
		runtime.KeepAlive(values)
	}
}
