package cmd

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
)

func (a *app) kek() *cobra.Command {
	c := group("kek", "The key-encryption key, which wraps every team's data key (operators only)")
	c.AddCommand(a.kekRotate(), a.kekStatus())
	return c
}

func (a *app) kekStatus() *cobra.Command {
	return &cobra.Command{
		Use: "status", Args: noArgs, Short: "Show which keys there are, and how much still needs a retired one",
		RunE: func(c *cobra.Command, _ []string) error {
			secrets, err := a.secrets()
			if err != nil {
				return err
			}
			resp, err := secrets.GetKeyStatus(c.Context(), &secretsv1.GetKeyStatusRequest{})
			if err != nil {
				return err
			}
			return a.showKEK(resp.GetKeyEncryptionKey())
		},
	}
}

func (a *app) showKEK(s *secretsv1.KeyEncryptionKeyStatus) error {
	return a.show(s, func() error {
		if s.GetSealed() {
			return a.line("sealed: the key comes from " + s.GetSource() + ", and can't be had at the moment")
		}
		if err := a.line("key " + s.GetKeyId() + ", from " + s.GetSource() + ", wraps the data keys of " + count(s.GetTeams(), "team")); err != nil {
			return err
		}
		return a.retired(s.GetRetiredKeyIds(), s.GetTeamsOnRetiredKeys(), "team")
	})
}

// retired says what still needs retired keys.
func (a *app) retired(ids []string, left int64, what string) error {
	if len(ids) == 0 {
		return a.line("no retired key is kept, and none is needed")
	}
	return a.line("being rotated: " + count(left, what) + " to go; retired and kept until then: " + strings.Join(ids, ", "))
}

func count(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (a *app) kekRotate() *cobra.Command {
	var noWait bool
	c := &cobra.Command{
		Use: "rotate", Args: noArgs, Short: "Make a new key-encryption key and wrap every data key anew",
		Long: `Make a new key-encryption key and wrap every team's data key anew. secretsd does it in the background, and goes on with it
after a restart; this command waits for its end. Interrupting it does not stop the rotation.

Run it after a team was deleted: backups from before can't be opened with the new key. And run it after the key was moved to
another place or service (kek_previous in secretsd's configuration), so that the old place is needed no more.`,
		RunE: func(c *cobra.Command, _ []string) error {
			secrets, err := a.secrets()
			if err != nil {
				return err
			}
			resp, err := secrets.RotateKEK(c.Context(), &secretsv1.RotateKEKRequest{})
			if err != nil {
				return err
			}
			status := resp.GetStatus()
			err = a.waitRotated(c, noWait, func() (kept, left, all int64, err error) {
				resp, err := secrets.GetKeyStatus(c.Context(), &secretsv1.GetKeyStatusRequest{})
				if err == nil {
					status = resp.GetKeyEncryptionKey()
				}
				return int64(len(status.GetRetiredKeyIds())), status.GetTeamsOnRetiredKeys(), status.GetTeams(), err
			})
			if err != nil {
				return err
			}
			return a.showKEK(status)
		},
	}
	c.Flags().BoolVar(&noWait, "no-wait", false, "begin it, and don't wait for its end")
	return c
}

// rotationPoll is how often a rotation's progress is asked for.
const rotationPoll = 200 * time.Millisecond

// waitRotated asks until no retired key is kept, with a bar on a terminal once it takes longer than patience.
func (a *app) waitRotated(c *cobra.Command, noWait bool, ask func() (kept, left, all int64, err error)) error {
	began := time.Now()
	var bar *progressbar.ProgressBar
	ticker := time.NewTicker(rotationPoll)
	defer ticker.Stop()
	for !noWait {
		kept, left, all, err := ask()
		if err != nil || kept == 0 {
			if bar != nil {
				_ = bar.Clear()
			}
			return err
		}
		if f, ok := a.Err.(*os.File); ok && bar == nil && time.Since(began) > patience && term.IsTerminal(int(f.Fd())) {
			bar = progressbar.NewOptions64(all, progressbar.OptionSetWriter(f), progressbar.OptionSetDescription("rotating"),
				progressbar.OptionClearOnFinish())
		}
		if bar != nil {
			_ = bar.Set64(all - left) // a bar that can't be shown is no reason to stop
		}
		select {
		case <-c.Context().Done():
			return c.Context().Err()
		case <-ticker.C:
		}
	}
	return nil
}
