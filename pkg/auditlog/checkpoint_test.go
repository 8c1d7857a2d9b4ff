package auditlog_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/casemate/casemate/pkg/auditlog"
)

// vectorKey is the key of the vectors: its seed is the bytes 0 to 31.
func vectorKey() ed25519.PrivateKey {
	seed := make([]byte, ed25519.SeedSize)
	for i := range seed {
		seed[i] = byte(i)
	}
	return ed25519.NewKeyFromSeed(seed)
}

// vectorLog is the sample, with a checkpoint of its second and of its third entry.
func vectorLog() []auditlog.Record {
	var (
		log  []auditlog.Record
		head auditlog.Head
		prev *auditlog.Checkpoint
	)
	for i, e := range sample() {
		e, head = auditlog.Link(head, e)
		log = append(log, auditlog.Record{Entry: &e})
		if i > 0 {
			c := auditlog.Sign(vectorKey(), head, prev, e.Time.Add(time.Millisecond))
			log, prev = append(log, auditlog.Record{Checkpoint: &c}), &c
		}
	}
	return log
}

// failer is what a *testing.T and a *rapid.T have in common.
type failer interface {
	Helper()
	Fatal(args ...any)
}

func lines(t failer, log []auditlog.Record) []byte {
	t.Helper()
	var text []byte
	for _, r := range log {
		var err error
		if text, err = auditlog.AppendLine(text, r); err != nil {
			t.Fatal(err)
		}
	}
	return text
}

// TestKnownAnswerOfExports holds the lines of an export and the signatures in them still: files outlive builds.
func TestKnownAnswerOfExports(t *testing.T) {
	public := vectorKey().Public().(ed25519.PublicKey)
	pem, err := auditlog.EncodePublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	for path, got := range map[string][]byte{"testdata/export.jsonl": lines(t, vectorLog()), "testdata/public.pem": pem} {
		if *write {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is\n%s\nwant\n%s", path, got, want)
		}
	}
	text, err := os.ReadFile("testdata/export.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	rep := verifyText(text, auditlog.Options{Keys: auditlog.NewKeyring(public), Whole: true})
	if rep.Broken != 0 || rep.Entries != 3 || rep.Checkpoints != 2 || rep.Signed.Sequence != 3 || !rep.UnsignedSince.IsZero() {
		t.Errorf("report %+v", rep)
	}
}

// TestCheckpointByTheWordsOfTheForm computes a checkpoint from the package's comment alone.
func TestCheckpointByTheWordsOfTheForm(t *testing.T) {
	log := vectorLog()
	first, second := log[2].Checkpoint, log[4].Checkpoint
	public := vectorKey().Public().(ed25519.PublicKey)
	id := sha256.Sum256(public)
	form := func(sequence int64, at time.Time, head, prev [32]byte) []byte {
		lp := func(s string) []byte { return append(binary.BigEndian.AppendUint32(nil, uint32(len(s))), s...) }
		b := lp("casemate.audit.checkpoint.v1")
		b = binary.BigEndian.AppendUint64(b, uint64(sequence))
		b = binary.BigEndian.AppendUint64(b, uint64(at.UnixNano()))
		return append(append(append(b, head[:]...), prev[:]...), lp(hex.EncodeToString(id[:8]))...)
	}
	one := form(2, first.Time, log[1].Entry.Hash, [32]byte{})
	two := form(3, second.Time, log[3].Entry.Hash, sha256.Sum256(one))
	for i, want := range [][]byte{one, two} {
		c := []*auditlog.Checkpoint{first, second}[i]
		if !ed25519.Verify(public, want, c.Signature[:]) || c.Hash() != sha256.Sum256(want) {
			t.Errorf("checkpoint %d is not of the form that the comment has", i+1)
		}
	}
}

func TestLinesAreTakenAsTheyAreWrittenOnly(t *testing.T) {
	text := string(lines(t, vectorLog()))
	for name, change := range map[string][2]string{
		"a space":              {`"sequence":1`, `"sequence": 1`},
		"another order":        {`"type":"entry","sequence":1`, `"sequence":1,"type":"entry"`},
		"a name in upper case": {`"user_id":"root"`, `"USER_ID":"root"`},
		"a name twice":         {`"user_id":"root"`, `"user_id":"eve","user_id":"root"`},
		"a further name":       {`"user_id":"root"`, `"user_id":"root","note":"x"`},
		"an escape":            {`"root"`, `"\u0072oot"`},
		"a time zone":          {`:07.891011121Z`, `:07.891011121+00:00`},
		"upper-case hex":       {`"key_id":"56475aa75463474c"`, `"key_id":"56475AA75463474C"`},
		"a team without teams": {`"team":"teams/ml"`, `"team":"ml"`},
		"no type":              {`"type":"entry",`, ``},
		"another type":         {`"type":"entry"`, `"type":"note"`},
		"a short hash":         {`"hash":"`, `"hash":"00`},
		"an empty line":        {"\n", "\n\n"},
		"carriage returns":     {"\n", "\r\n"},
	} {
		changed := strings.Replace(text, change[0], change[1], 1)
		if changed == text {
			t.Errorf("%s: the log has no %q", name, change[0])
		}
		if rep := verifyText([]byte(changed), auditlog.Options{}); rep.Broken == 0 || !strings.Contains(rep.Detail, "line ") {
			t.Errorf("%s: report %+v, want a damaged line", name, rep)
		}
	}
	if rep := verifyText([]byte(strings.TrimSuffix(text, "\n")), auditlog.Options{}); !strings.Contains(rep.Detail, "ends in the middle") {
		t.Errorf("a file that is cut off: %+v", rep)
	}
	if rep := verifyText([]byte(text+strings.Repeat("x", 2<<20)), auditlog.Options{}); !strings.Contains(rep.Detail, "longer than any record") {
		t.Errorf("a line without an end: %+v", rep)
	}
}

func TestPublicKeysThatAreNone(t *testing.T) {
	good, err := os.ReadFile("testdata/public.pem")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := auditlog.DecodePublicKeys(append(good, good...))
	if err != nil || len(keys) != 2 || !keys[0].Equal(vectorKey().Public()) {
		t.Errorf("two keys in one text: %v, %v", keys, err)
	}
	for _, text := range []string{
		"", "no PEM", strings.ReplaceAll(string(good), "PUBLIC", "PRIVATE"), strings.Replace(string(good), "MCow", "MCox", 1),
		// An X25519 key.
		"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VuAyEAhSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=\n-----END PUBLIC KEY-----\n",
	} {
		if keys, err := auditlog.DecodePublicKeys([]byte(text)); err == nil {
			t.Errorf("%q gives %v", text, keys)
		}
	}
}

// verifyText verifies the lines of a file.
func verifyText(text []byte, opts auditlog.Options) auditlog.Report {
	v := auditlog.NewVerifier(opts)
	if err := auditlog.ReadLines(bytes.NewReader(text), v.Next); err != nil {
		v.Fail(err.Error())
	}
	return v.Report()
}
