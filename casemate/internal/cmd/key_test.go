package cmd

import (
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
)

// TestLastUse is never before the key was made.
func TestLastUse(t *testing.T) {
	ago := func(d time.Duration) *timestamppb.Timestamp { return timestamppb.New(time.Now().Add(-d)) }
	for want, k := range map[string]*secretsv1.APIKey{
		"-":             {CreateTime: ago(time.Hour)},
		"3 hours ago":   {CreateTime: ago(3 * time.Hour), LastUseTime: ago(3*time.Hour + 30*time.Second)},
		"5 minutes ago": {CreateTime: ago(3 * time.Hour), LastUseTime: ago(5 * time.Minute)},
	} {
		if got := lastUse(k); got != want {
			t.Errorf("last use %q, want %q", got, want)
		}
	}
}
