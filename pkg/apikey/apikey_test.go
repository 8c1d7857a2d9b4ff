package apikey_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/grpc/metadata"

	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
)

// sample is a published vector: an implementation in another language must accept it.
const sample = "cm-0123456789ABCDEF_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg_0wG5jZ"

func generate(t *testing.T) apikey.Key {
	t.Helper()
	k, err := apikey.Generate()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestGenerateParses(t *testing.T) {
	// What the wandb client asks of a key: everything after the first dash.
	wandb := regexp.MustCompile(`^[A-Za-z0-9_-]{40,}$`)
	seen := map[string]bool{}
	for range 200 {
		k := generate(t)
		s := k.Reveal()
		back, err := apikey.Parse(s)
		if err != nil {
			t.Fatalf("a generated key does not parse: %v", err)
		}
		if back.ID() != k.ID() || back.Hash() != k.Hash() || back.Reveal() != s {
			t.Fatal("a parsed key differs from the generated one")
		}
		if _, rest, _ := strings.Cut(s, "-"); !wandb.MatchString(rest) {
			t.Fatal("the wandb client would refuse a generated key")
		}
		if seen[k.ID()] {
			t.Fatal("two keys have the same id")
		}
		seen[k.ID()] = true
	}
}

func TestParseSample(t *testing.T) {
	k, err := apikey.Parse(sample)
	if err != nil {
		t.Fatal(err)
	}
	if k.ID() != "0123456789ABCDEF" {
		t.Errorf("id = %q", k.ID())
	}
}

func TestParseTellsWhatIsWrong(t *testing.T) {
	tests := []struct{ name, in, says string }{
		{"empty", "", "not a Casemate API key"},
		{"other product", "sk-0123456789ABCDEF_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg_0wG5jZ", "not a Casemate API key"},
		{"cut off", sample[:50], "50 characters"},
		{"trailing newline", sample + "\n", "71 characters"},
		{"typo in the id", strings.Replace(sample, "0123", "0124", 1), "checksum"},
		{"typo in the secret", sample[:30] + "x" + sample[31:], "checksum"},
		{"typo in the checksum", sample[:69] + "m", "checksum"},
		{"two characters swapped", sample[:21] + "21" + sample[23:], "checksum"},
		{"not base62", sample[:30] + "!" + sample[31:], "character"},
		{"dash for underscore", sample[:19] + "-" + sample[20:], "character"},
		{"not ASCII", sample[:30] + "é" + sample[32:], "character"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := apikey.Parse(tt.in)
			if errdefs.KindOf(err) != errdefs.Unauthenticated || errdefs.ReasonOf(err) != apikey.ReasonMalformed {
				t.Fatalf("err = %v, want Unauthenticated %s", err, apikey.ReasonMalformed)
			}
			if !strings.Contains(err.Error(), tt.says) {
				t.Errorf("err = %q, want it to say %q", err, tt.says)
			}
			if len(tt.in) > 30 && strings.Contains(err.Error(), tt.in[20:40]) {
				t.Error("the error shows the key")
			}
		})
	}
}

func TestKeyDoesNotPrint(t *testing.T) {
	k := generate(t)
	secret := k.Reveal()[20:63]
	inside := struct {
		Exported apikey.Key
		hidden   apikey.Key
		pointer  *apikey.Key
	}{k, k, &k}
	text, err := json.Marshal(inside)
	if err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{
		fmt.Sprint(k), fmt.Sprintf("%s %v %+v %#v %q %x %d", k, k, k, k, k, k, k),
		fmt.Sprintf("%v %+v %#v", inside, inside, inside), string(text), fmt.Sprintf("%v", []any{k, &k}),
	} {
		for _, form := range []string{secret, fmt.Sprintf("%x", secret), strings.Trim(fmt.Sprint([]byte(secret)), "[]")} {
			if strings.Contains(out, form) {
				t.Errorf("a format shows the key: %s", out)
			}
		}
	}
	if got := k.String(); !strings.Contains(got, k.ID()) {
		t.Errorf("String() = %q, want the id in it", got)
	}
}

func TestContext(t *testing.T) {
	if _, ok := apikey.FromContext(t.Context()); ok {
		t.Fatal("a bare context carries a key")
	}
	k := generate(t)
	got, ok := apikey.FromContext(apikey.NewContext(t.Context(), k))
	if !ok || got.Hash() != k.Hash() {
		t.Fatal("the key put in does not come out")
	}
}

func TestFromMetadata(t *testing.T) {
	a, b := generate(t).Reveal(), generate(t).Reveal()
	tests := []struct {
		name   string
		md     metadata.MD
		want   string
		reason string
	}{
		{"bearer", metadata.Pairs("authorization", "Bearer "+a), a, ""},
		{"scheme in any case", metadata.Pairs("authorization", "bearer  "+a+" "), a, ""},
		{"wandb", metadata.Pairs("x-wandb-api-key", a), a, ""},
		{"both, the same", metadata.Pairs("authorization", "Bearer "+a, "x-wandb-api-key", a), a, ""},
		{"both, different", metadata.Pairs("authorization", "Bearer "+a, "x-wandb-api-key", b), "", apikey.ReasonMalformed},
		{"twice, different", metadata.Pairs("authorization", "Bearer "+a, "authorization", "Bearer "+b), "", apikey.ReasonMalformed},
		{"none", nil, "", apikey.ReasonMissing},
		{"other metadata only", metadata.Pairs("user-agent", "x"), "", apikey.ReasonMissing},
		{"basic", metadata.Pairs("authorization", "Basic dXNlcjpwdw=="), "", apikey.ReasonMalformed},
		{"bare key", metadata.Pairs("authorization", a), "", apikey.ReasonMalformed},
		{"empty", metadata.Pairs("authorization", ""), "", apikey.ReasonMalformed},
		{"wrong key", metadata.Pairs("x-wandb-api-key", "local-0123456789"), "", apikey.ReasonMalformed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k, err := apikey.FromMetadata(metadata.NewIncomingContext(t.Context(), tt.md))
			if got := errdefs.ReasonOf(err); got != tt.reason {
				t.Fatalf("reason = %q (%v), want %q", got, err, tt.reason)
			}
			if err == nil && k.Reveal() != tt.want {
				t.Error("another key came out")
			}
			if err != nil && errdefs.KindOf(err) != errdefs.Unauthenticated {
				t.Errorf("kind = %v, want Unauthenticated", errdefs.KindOf(err))
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "cm-", sample, sample[:69], sample + "0", strings.Repeat("_", 70), "cm-" + strings.Repeat("é", 33) + "x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		k, err := apikey.Parse(s)
		if err != nil {
			if errdefs.ReasonOf(err) != apikey.ReasonMalformed || !k.IsZero() {
				t.Fatalf("Parse(%q) = %v, %v", s, k, err)
			}
			return
		}
		if k.Reveal() != s || len(k.ID()) != 16 || !strings.HasPrefix(s, "cm-"+k.ID()+"_") {
			t.Fatalf("Parse(%q): id %q", s, k.ID())
		}
	})
}
