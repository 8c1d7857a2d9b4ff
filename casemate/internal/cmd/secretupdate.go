package cmd

import (
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
)

// updateFlags are what can be changed of a secret.
type updateFlags struct {
	description, expire string
	labels              map[string]string
	ttl, destroyTTL     time.Duration
	noExpiry            bool
}

func (a *app) secretUpdate() *cobra.Command {
	var f updateFlags
	update := &cobra.Command{
		Use: "update NAME", Args: exactArgs(1), Short: "Change a secret's description, labels, expiry, and the time to undo a destroy",
		Example: "  casemate secret update HF_TOKEN --ttl 720h --destroy-ttl 168h\n  casemate secret update HF_TOKEN --no-expiry",
		RunE: func(c *cobra.Command, args []string) error {
			secret, paths, err := f.parse(c)
			if err != nil {
				return err
			}
			return a.inTeam(c.Context(), func(secrets secretsv1.SecretsManagerClient, parent string) error {
				secret.Name = parent + "/secrets/" + args[0]
				resp, err := secrets.UpdateSecret(c.Context(), &secretsv1.UpdateSecretRequest{
					Secret: secret, UpdateMask: &fieldmaskpb.FieldMask{Paths: paths},
				})
				if err != nil {
					return err
				}
				return a.show(resp, func() error { return a.printSecrets(resp.GetSecret()) })
			})
		},
	}
	fl := update.Flags()
	fl.StringVar(&f.description, "description", "", "a note for people")
	fl.StringToStringVar(&f.labels, "label", nil, "label as `KEY=VALUE`, in place of all that there were; may be repeated")
	fl.DurationVar(&f.ttl, "ttl", 0, "nobody gets a value of it after this time from now, such as 720h")
	fl.StringVar(&f.expire, "expire-time", "", "nobody gets a value of it from this `TIME` on, as 2027-01-31T00:00:00Z")
	fl.BoolVar(&f.noExpiry, "no-expiry", false, "it never expires")
	fl.DurationVar(&f.destroyTTL, "destroy-ttl", 0, "how long a destroyed version can be enabled again, 24h to 24000h; 0: not at all")
	update.MarkFlagsMutuallyExclusive("ttl", "expire-time", "no-expiry")
	return update
}

// parse returns what the flags change, and which fields that are.
func (f *updateFlags) parse(c *cobra.Command) (*secretsv1.Secret, []string, error) {
	secret := &secretsv1.Secret{Description: f.description, Labels: f.labels}
	var paths []string
	for flag, path := range map[string]string{
		"description": "description", "label": "labels", "ttl": "ttl", "expire-time": "expire_time", "no-expiry": "expire_time",
		"destroy-ttl": "version_destroy_ttl",
	} {
		if c.Flags().Changed(flag) {
			paths = append(paths, path)
		}
	}
	if len(paths) == 0 {
		return nil, nil, usagef("nothing to change: give a flag")
	}
	if c.Flags().Changed("ttl") {
		secret.Ttl = durationpb.New(f.ttl)
	}
	if f.destroyTTL != 0 {
		secret.VersionDestroyTtl = durationpb.New(f.destroyTTL)
	}
	if f.expire != "" {
		at, err := time.Parse(time.RFC3339, f.expire)
		if err != nil {
			return nil, nil, usagef("--expire-time %q: want a time such as 2027-01-31T00:00:00Z", f.expire)
		}
		secret.ExpireTime = timestamppb.New(at)
	}
	return secret, paths, nil
}
