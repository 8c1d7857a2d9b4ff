package cmd

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/apikey"
)

func (a *app) login() *cobra.Command {
	return &cobra.Command{
		Use: "login", Args: noArgs,
		Short: "Store the daemons' addresses and an API key for the commands to come",
		Long: `Store the daemons' addresses and an API key for the commands to come, in ~/.config/casemate/config.yaml (or
CASEMATE_CONFIG), readable by you alone. What flags and environment don't say is asked for; a key is also read from a pipe.`,
		RunE: func(c *cobra.Command, _ []string) error {
			s := a.settings
			in := bufio.NewReader(a.In)
			var err error
			if s.Secretsd, err = a.ask(in, "secretsd's address", s.Secretsd, "https://127.0.0.1:7443"); err != nil {
				return err
			}
			if s.Sandboxd, err = a.ask(in, "sandboxd's address", s.Sandboxd, "http://127.0.0.1:7470"); err != nil {
				return err
			}
			if s.APIKey == "" {
				key, err := a.readHidden(in, "API key")
				if err != nil {
					return err
				}
				s.APIKey = strings.TrimSpace(string(key))
			}
			if _, err := apikey.Parse(s.APIKey); err != nil {
				return err
			}
			a.settings = s
			secrets, err := a.secrets()
			if err != nil {
				return err
			}
			me, err := secrets.WhoAmI(c.Context(), &secretsv1.WhoAmIRequest{})
			if err != nil {
				return err
			}
			path, err := configPath(os.Getenv)
			if err != nil {
				return err
			}
			if err := writeSettings(path, s); err != nil {
				return fmt.Errorf("configuration file: %w", err)
			}
			return a.line("logged in as " + me.GetUserId() + "; stored in " + path)
		},
	}
}

// ask returns value, or what a person at the terminal says; fallback is the answer to an empty line, and the value where
// nobody can be asked.
func (a *app) ask(in *bufio.Reader, what, value, fallback string) (string, error) {
	if value != "" {
		return value, nil
	}
	if !term.IsTerminal(int(a.In.Fd())) {
		return fallback, nil
	}
	fmt.Fprintf(a.Err, "%s [%s]: ", what, fallback)
	line, err := in.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	if line = strings.TrimSpace(line); line == "" {
		return fallback, nil
	}
	return line, nil
}

// readHidden reads a value from a pipe to its end, or from a person without showing it.
func (a *app) readHidden(in io.Reader, what string) ([]byte, error) {
	if !term.IsTerminal(int(a.In.Fd())) {
		return io.ReadAll(io.LimitReader(in, maxValueBytes+1))
	}
	fmt.Fprintf(a.Err, "%s (not shown): ", what)
	value, err := term.ReadPassword(int(a.In.Fd()))
	fmt.Fprintln(a.Err)
	return value, err
}

func (a *app) whoami() *cobra.Command {
	return &cobra.Command{
		Use: "whoami", Args: noArgs, Short: "Show whom the API key stands for, and what it may do",
		RunE: func(c *cobra.Command, _ []string) error {
			secrets, err := a.secrets()
			if err != nil {
				return err
			}
			me, err := secrets.WhoAmI(c.Context(), &secretsv1.WhoAmIRequest{})
			if err != nil {
				return err
			}
			return a.show(me, func() error { return a.printCaller(me) })
		},
	}
}

func (a *app) printCaller(me *secretsv1.WhoAmIResponse) error {
	rows := [][]string{{me.GetUserId(), dash(base(me.GetTeam())), me.GetApiKeyId(), scopeWords(me.GetScopes())}}
	if err := a.table([]string{"USER", "TEAM", "KEY", "SCOPES"}, rows); err != nil {
		return err
	}
	for _, m := range me.GetMemberships() {
		if err := a.line(fmt.Sprintf("%s of team %s", word(m.GetRole(), "ROLE_"), base(m.GetTeam()))); err != nil {
			return err
		}
	}
	if me.GetOperator() {
		return a.line("operator: may create and delete teams, import images, rotate the key-encryption key, and read and verify the whole audit log")
	}
	return nil
}

func scopeWords(scopes []secretsv1.KeyScope) string {
	words := make([]string, len(scopes))
	for i, s := range scopes {
		words[i] = word(s, "KEY_SCOPE_")
	}
	return strings.Join(words, ",")
}
