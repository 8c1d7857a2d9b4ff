package cmd

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/timestamppb"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/auditlog"
	"github.com/casemate/casemate/pkg/auditlog/auditdb"
	"github.com/casemate/casemate/pkg/errdefs"
)

// exitBroken is what `audit verify` ends with when the log is broken, told apart from a verification that failed.
const exitBroken = 3

// reasonOtherKey is the reason of a log that another key signs.
const reasonOtherKey = "CHECKPOINT_KEY_DIFFERS"

// verifyFlags are verify's own.
type verifyFlags struct {
	publicKeys  []string
	checkpoints string
	chainOnly   bool
}

func (a *app) auditVerify() *cobra.Command {
	var f verifyFlags
	c := &cobra.Command{
		Use: "verify [FILE...]", Short: "Verify the audit log: secretsd's own, or files, without secretsd",
		Long: `Verify the audit log: that no entry was removed, changed, moved or put in, and that what is signed is what was signed.

Without files, secretsd verifies its whole log (operators only); with --public-key it must be the log of that key.

With files, secretsd is not asked. They are exports or archived segments, verified as one log in the order given, or one
SQLite database: a copy of secretsd's, made with ".backup". --public-key names the file that secretsd wrote beside its
checkpoint key, kept by you; several, when the key was changed. --checkpoints names secretsd's checkpoint file (or a copy of
it), which shows that the end of the log was cut off.

Ends with exit code 3 when the log is broken, and names the first entry that is wrong or missing.`,
		Example: `  casemate audit verify
  casemate audit verify audit.jsonl --public-key checkpoint.pem.pub
  casemate audit verify archive/*.jsonl audit.jsonl --public-key checkpoint.pem.pub
  casemate audit verify copy.db --public-key checkpoint.pem.pub --checkpoints checkpoints.jsonl`,
		RunE: func(c *cobra.Command, files []string) error {
			if len(files) == 0 {
				return a.verifyOnline(c.Context(), f)
			}
			return a.verifyFiles(c.Context(), files, f)
		},
	}
	fl := c.Flags()
	fl.StringArrayVar(&f.publicKeys, "public-key", nil, "PEM `file` of the public key that checkpoints are signed with; may be repeated")
	fl.StringVar(&f.checkpoints, "checkpoints", "", "`file` of checkpoints that was kept outside of the database")
	fl.BoolVar(&f.chainOnly, "chain-only", false, "verify files without a public key: hashes, and no signatures")
	return c
}

func (a *app) verifyOnline(ctx context.Context, f verifyFlags) error {
	if f.checkpoints != "" || f.chainOnly {
		return usagef("--checkpoints and --chain-only are for files: secretsd has its own checkpoint file")
	}
	keys, err := readPublicKeys(f.publicKeys)
	if err != nil {
		return err
	}
	secrets, err := a.secrets()
	if err != nil {
		return err
	}
	resp, err := secrets.VerifyAuditLog(ctx, &secretsv1.VerifyAuditLogRequest{})
	if err != nil {
		return err
	}
	isTheirs := func(k ed25519.PublicKey) bool { return bytes.Equal(k, resp.GetPublicKey()) }
	if len(keys) > 0 && !slices.ContainsFunc(keys, isTheirs) {
		return errdefs.New(errdefs.FailedPrecondition, reasonOtherKey, "secretsd signs its audit log with key %s, which is none of those given",
			auditlog.KeyID(resp.GetPublicKey()))
	}
	return a.showReport(resp, "")
}

// verifyFiles verifies one database, or files of lines that follow one another.
func (a *app) verifyFiles(ctx context.Context, files []string, f verifyFlags) error {
	opts, err := f.options()
	if err != nil {
		return err
	}
	isDatabase, err := auditdb.Is(files[0])
	if err != nil {
		return err
	}
	var rep auditlog.Report
	var where string
	if isDatabase {
		if len(files) > 1 {
			return usagef("%s is a database, which is verified alone", files[0])
		}
		rep, err = verifyDatabase(ctx, files[0], opts)
	} else {
		rep, where, err = verifyLines(files, opts)
	}
	if err != nil {
		return err
	}
	resp := &secretsv1.VerifyAuditLogResponse{
		Intact: rep.Broken == 0, EntryCount: rep.Entries, BrokenSequence: rep.Broken, Detail: rep.Detail,
		HeadHash: rep.Head.Hash[:], HeadSequence: rep.Head.Sequence, StartSequence: rep.Start.Sequence,
		CheckpointCount: rep.Checkpoints,
	}
	if !rep.UnsignedSince.IsZero() {
		resp.UnsignedSinceTime = timestamppb.New(rep.UnsignedSince)
	}
	if c := rep.Signed; c != nil && opts.Keys != nil {
		resp.SignedSequence, resp.SignedTime, resp.PublicKey = c.Sequence, timestamppb.New(c.Time), opts.Keys[c.KeyID]
	}
	return a.showReport(resp, where)
}

// options reads what the flags name.
func (f verifyFlags) options() (opts auditlog.Options, err error) {
	if (len(f.publicKeys) > 0) == f.chainOnly {
		return opts, usagef("name the public key with --public-key (secretsd wrote it beside its checkpoint key), or --chain-only to check no signatures")
	}
	keys, err := readPublicKeys(f.publicKeys)
	if err != nil {
		return opts, err
	}
	if len(keys) > 0 {
		opts.Keys = auditlog.NewKeyring(keys...)
	}
	if f.checkpoints == "" {
		return opts, nil
	}
	in, err := os.Open(f.checkpoints)
	if err != nil {
		return opts, err
	}
	defer in.Close()
	if opts.Witness, err = auditlog.ReadCheckpoints(in); err != nil {
		return opts, fmt.Errorf("%s: %w", f.checkpoints, err)
	}
	return opts, nil
}

func readPublicKeys(paths []string) (keys []ed25519.PublicKey, err error) {
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		more, err := auditlog.DecodePublicKeys(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		keys = append(keys, more...)
	}
	return keys, nil
}

func verifyDatabase(ctx context.Context, path string, opts auditlog.Options) (rep auditlog.Report, err error) {
	db, err := auditdb.Open(path)
	if err != nil {
		return rep, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	opts.Whole = true
	if rep, err = auditlog.Verify(ctx, db, opts); err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return rep, err
}

// verifyLines verifies files as one log. It says in which of them the log is broken.
func verifyLines(paths []string, opts auditlog.Options) (rep auditlog.Report, where string, err error) {
	v := auditlog.NewVerifier(opts)
	for _, path := range paths {
		if err := verifyFile(v, path); err != nil {
			return rep, "", fmt.Errorf("%s: %w", path, err)
		}
		if v.Broken() {
			return v.Report(), path, nil
		}
	}
	return v.Report(), "", nil
}

func verifyFile(v *auditlog.Verifier, path string) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	v.Continue()
	err = auditlog.ReadLines(in, v.Next)
	var damaged *auditlog.LineError
	if errors.As(err, &damaged) {
		v.Fail(damaged.Error())
		return nil
	}
	return err
}

// showReport prints what was found, and ends with exitBroken when that is a broken log.
func (a *app) showReport(r *secretsv1.VerifyAuditLogResponse, where string) error {
	err := a.show(r, func() error {
		if !r.GetIntact() {
			if where != "" {
				where = " (" + where + ")"
			}
			return a.line(fmt.Sprintf("broken at entry %d%s: %s", r.GetBrokenSequence(), where, r.GetDetail()))
		}
		after := ""
		if r.GetStartSequence() > 0 {
			after = fmt.Sprintf(" after entry %d", r.GetStartSequence())
		}
		if err := a.line(fmt.Sprintf("intact: %d entries%s, head %x", r.GetEntryCount(), after, r.GetHeadHash())); err != nil {
			return err
		}
		return a.line("signed: " + signedPart(r))
	})
	if err == nil && !r.GetIntact() {
		return exitCodeError(exitBroken)
	}
	return err
}

// signedPart says how much of a log that is intact is signed.
func signedPart(r *secretsv1.VerifyAuditLogResponse) string {
	switch {
	case len(r.GetPublicKey()) == 0:
		return "not checked, for want of a public key"
	case r.GetUnsignedSinceTime() == nil:
		return fmt.Sprintf("all, up to entry %d, by key %s", r.GetSignedSequence(), auditlog.KeyID(r.GetPublicKey()))
	}
	return fmt.Sprintf("up to entry %d of %d, by key %s; the rest, since %s, is not yet", r.GetSignedSequence(), r.GetHeadSequence(),
		auditlog.KeyID(r.GetPublicKey()), r.GetUnsignedSinceTime().AsTime().Local().Format(time.DateTime))
}
