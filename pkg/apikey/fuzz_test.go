package apikey_test

import (
	"strings"
	"testing"

	"google.golang.org/grpc/metadata"

	"github.com/casemate/casemate/pkg/apikey"
	"github.com/casemate/casemate/pkg/errdefs"
)

// FuzzFromMetadata sends keys, or what is none, in all places at one time. A key is taken only when every place says the
// same, and no error repeats what was sent.
func FuzzFromMetadata(f *testing.F) {
	f.Add("Bearer "+sample, "", sample)
	f.Add("bearer  "+sample+" ", "Basic eDp5", "")
	f.Add("Bearer", "Bearer ", "cm-")
	f.Add("", "", "")
	f.Fuzz(func(t *testing.T, first, second, wandb string) {
		md := metadata.MD{}
		for _, v := range []string{first, second} {
			if v != "" {
				md.Append(apikey.HeaderAuthorization, v)
			}
		}
		if wandb != "" {
			md.Append(apikey.HeaderWandb, wandb)
		}
		key, err := apikey.FromMetadata(metadata.NewIncomingContext(t.Context(), md))
		if err != nil {
			if errdefs.KindOf(err) != errdefs.Unauthenticated || errdefs.ReasonOf(err) == "" || !key.IsZero() {
				t.Fatalf("%v = %v", md, err)
			}
			for _, v := range []string{first, second, wandb} {
				if len(v) > 30 && strings.Contains(err.Error(), v) {
					t.Fatalf("the error repeats what was sent: %v", err)
				}
			}
			return
		}
		for _, v := range []string{first, second, wandb} {
			if v != "" && !strings.Contains(v, key.Reveal()) {
				t.Fatalf("%v is taken for %s", md, key.ID())
			}
		}
	})
}
