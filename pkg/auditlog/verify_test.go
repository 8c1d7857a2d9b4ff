package auditlog_test

import (
	"cmp"
	"crypto/ed25519"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/casemate/casemate/pkg/auditlog"
)

// chain returns a log of n entries with checkpoints at these sequences, which ends where the last of them is.
func chain(n int64, checkpoints ...int64) []auditlog.Record {
	var entries []auditlog.Entry
	for i := range n {
		e := sample()[1]
		e.Time, e.RequestID = e.Time.Add(time.Duration(i)*time.Second), fmt.Sprint("r-", i+1)
		entries = append(entries, e)
	}
	return build(vectorKey(), entries, checkpoints)
}

// build links entries, and signs the heads at these sequences.
func build(key ed25519.PrivateKey, entries []auditlog.Entry, checkpoints []int64) []auditlog.Record {
	var (
		log  []auditlog.Record
		head auditlog.Head
		prev *auditlog.Checkpoint
	)
	for _, e := range entries {
		e, head = auditlog.Link(head, e)
		log = append(log, auditlog.Record{Entry: &e})
		if slices.Contains(checkpoints, e.Sequence) {
			c := auditlog.Sign(key, head, prev, e.Time.Add(time.Millisecond))
			log, prev = append(log, auditlog.Record{Checkpoint: &c}), &c
		}
	}
	return log
}

func verify(log []auditlog.Record, opts auditlog.Options) auditlog.Report {
	v := auditlog.NewVerifier(opts)
	for _, r := range log {
		if !v.Next(r) {
			break
		}
	}
	return v.Report()
}

// checkpointsOf are those of a log, as a file of its own would have them.
func checkpointsOf(log []auditlog.Record) (list []auditlog.Checkpoint) {
	for _, r := range log {
		if r.Checkpoint != nil {
			list = append(list, *r.Checkpoint)
		}
	}
	return list
}

// edited returns a copy of a log in which one entry is another one.
func edited(log []auditlog.Record, sequence int64, change func(*auditlog.Entry)) []auditlog.Record {
	log = slices.Clone(log)
	for i, r := range log {
		if r.Entry != nil && r.Entry.Sequence == sequence {
			e := *r.Entry
			change(&e)
			log[i].Entry = &e
		}
	}
	return log
}

// rebuilt computes the chain of a log anew, and leaves its checkpoints as they are.
func rebuilt(log []auditlog.Record, from auditlog.Head) []auditlog.Record {
	log = slices.Clone(log)
	for i, r := range log {
		if r.Entry != nil {
			var e auditlog.Entry
			e, from = auditlog.Link(from, *r.Entry)
			log[i].Entry = &e
		}
	}
	return log
}

func without(log []auditlog.Record, drop func(auditlog.Record) bool) []auditlog.Record {
	return slices.DeleteFunc(slices.Clone(log), drop)
}

func isEntry(from, to int64) func(auditlog.Record) bool {
	return func(r auditlog.Record) bool {
		return r.Entry != nil && r.Entry.Sequence >= from && r.Entry.Sequence <= to
	}
}

func isCheckpoint(at int64) func(auditlog.Record) bool {
	return func(r auditlog.Record) bool { return r.Checkpoint != nil && r.Checkpoint.Sequence == at }
}

func after(at int64) func(auditlog.Record) bool {
	return func(r auditlog.Record) bool {
		return r.Entry != nil && r.Entry.Sequence > at || r.Checkpoint != nil && r.Checkpoint.Sequence > at
	}
}

// TestEveryTamperingIsFoundAndPlaced changes a log of 12 entries with checkpoints at 4, 8 and 12.
func TestEveryTamperingIsFoundAndPlaced(t *testing.T) {
	whole := chain(12, 4, 8, 12)
	thief := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	eve := func(e *auditlog.Entry) { e.UserID = "eve" }
	for _, test := range []struct {
		name   string
		log    []auditlog.Record
		broken int64
		detail string
		// kept is what is said instead with the checkpoints kept elsewhere; needed says that nothing shows it without them.
		kept   string
		needed bool
	}{
		{"untouched", whole, 0, "", "", false},
		{"entry edited", edited(whole, 6, eve), 6, "entry 6 was changed", "", false},
		{"entry edited, with its hash", edited(whole, 6, func(e *auditlog.Entry) { eve(e); e.Hash = e.ComputeHash() }), 7, "entry 7 does not link to entry 6", "", false},
		{"entry edited, and the chain computed anew", rebuilt(edited(whole, 6, eve), auditlog.Head{}), 5, "one of entries 5 to 8 was replaced, and the chain after it computed anew", "", false},
		{"the newest edited, with its hash", edited(whole, 12, func(e *auditlog.Entry) { eve(e); e.Hash = e.ComputeHash() }), 9, "one of entries 9 to 12 was replaced", "", false},
		{"all forged, by another key", build(thief, []auditlog.Entry{sample()[0], sample()[1]}, []int64{2}), 1, "is none of those to be trusted", "", false},
		{"entry removed", without(whole, isEntry(6, 6)), 6, "entry 6 is missing", "", false},
		{"entry removed, and the chain computed anew", rebuilt(without(whole, isEntry(6, 6)), auditlog.Head{}), 8, "entry 8 is missing: a checkpoint signs entry 8", "", false},
		{"the entry before a checkpoint removed", without(whole, isEntry(8, 8)), 8, "entry 8 is missing", "", false},
		{"the first removed", without(whole, isEntry(1, 1)), 1, "entry 1 is missing", "", false},
		{"a segment removed with its checkpoint", without(without(whole, isEntry(5, 8)), isCheckpoint(8)), 5, "entry 5 is missing", "", false},
		{"the first segment removed", without(whole, isEntry(1, 4)), 1, "entries 1 to 4 are missing, and no signed entry says that secretsd removed them", "", false},
		{"first checkpoint removed", without(whole, isCheckpoint(4)), 1, "a checkpoint after entry 0 was removed or replaced", "the checkpoint at entry 4, which was kept elsewhere, is missing", false},
		{"checkpoint removed", without(whole, isCheckpoint(8)), 5, "a checkpoint after entry 4 was removed or replaced", "the checkpoint at entry 8, which was kept elsewhere, is missing", false},
		{"last checkpoint removed", without(whole, isCheckpoint(12)), 9, "the checkpoint at entry 12, which was kept elsewhere, is missing", "", true},
		{"all checkpoints removed", without(whole, func(r auditlog.Record) bool { return r.Checkpoint != nil }), 1, "nothing of the log is signed: its checkpoints were removed", "the checkpoint at entry 4, which was kept elsewhere, is missing", false},
		{"cut off within a segment", without(whole, after(10)), 11, "entries 11 to 12 are missing: a checkpoint that was kept elsewhere signs entry 12", "", true},
		{"cut off at a checkpoint", without(whole, after(8)), 9, "entries 9 to 12 are missing: a checkpoint that was kept elsewhere signs entry 12", "", true},
		{"cut off, and the checkpoints left", without(whole, isEntry(10, 12)), 10, "entries 10 to 12 are missing: a checkpoint signs entry 12", "", false},
		{"emptied", nil, 1, "the log is empty", "entries 1 to 4 are missing", false},
		{"two entries swapped", swapped(whole, 6, 7), 6, "entry 6 is missing: entry 7 follows entry 5", "", false},
		{"two checkpoints swapped", swapped(whole, 4, 9), 5, "entries 5 to 8 are missing: a checkpoint signs entry 8", "", false},
		{"a checkpoint moved up", swapped(whole, 8, 9), 8, "entry 8 is missing: a checkpoint signs entry 8", "", false},
		{"entry put in", slices.Insert(slices.Clone(whole), 6, whole[2]), 6, "entry 6 is missing: entry 3 follows entry 5", "", false},
		{"checkpoint put in", slices.Insert(slices.Clone(whole), 11, whole[4]), 4, "the checkpoint at entry 4 follows the one at entry 8: it was put in", "", false},
		{"checkpoint forged", forged(whole, func(c *auditlog.Checkpoint) { c.Time = c.Time.Add(1) }), 5, "the checkpoint at entry 8 was changed: its signature is not right", "", false},
		{"checkpoint of another head", forged(whole, func(c *auditlog.Checkpoint) { c.HeadHash[0]++ }), 5, "one of entries 5 to 8 was replaced", "", false},
		{"checkpoint unlinked", forged(whole, func(c *auditlog.Checkpoint) { c.PrevHash[0]++ }), 5, "removed or replaced", "", false},
	} {
		check := func(how string, rep auditlog.Report, broken int64, detail string) {
			if rep.Broken != broken || !strings.Contains(rep.Detail, detail) {
				t.Errorf("%s, %s: broken at %d, %q; want %d, %q", test.name, how, rep.Broken, rep.Detail, broken, detail)
			}
		}
		alone := auditlog.Options{Keys: auditlog.NewKeyring(vectorKey().Public().(ed25519.PublicKey)), Whole: true}
		if test.needed {
			check("alone", verify(test.log, alone), 0, "")
		} else {
			check("alone", verify(test.log, alone), test.broken, test.detail)
		}
		kept := alone
		kept.Witness = checkpointsOf(whole)
		check("with checkpoints kept elsewhere", verify(test.log, kept), test.broken, cmp.Or(test.kept, test.detail))
	}
}

func swapped(log []auditlog.Record, i, j int) []auditlog.Record {
	log = slices.Clone(log)
	log[i], log[j] = log[j], log[i]
	return log
}

// forged changes the checkpoint at entry 8.
func forged(log []auditlog.Record, change func(*auditlog.Checkpoint)) []auditlog.Record {
	log = slices.Clone(log)
	i := slices.IndexFunc(log, isCheckpoint(8))
	c := *log[i].Checkpoint
	change(&c)
	log[i].Checkpoint = &c
	return log
}

// TestLogWhoseStartWasRemoved begins after a checkpoint, and says so in an entry.
func TestLogWhoseStartWasRemoved(t *testing.T) {
	log := chain(4, 4)
	said := auditlog.Entry{Time: log[0].Entry.Time, Action: auditlog.ActionRemove, Resource: auditlog.CheckpointName(4), Decision: auditlog.Allowed}
	entries := []auditlog.Entry{*log[0].Entry, *log[1].Entry, *log[2].Entry, *log[3].Entry, said, *log[0].Entry}
	keys := auditlog.NewKeyring(vectorKey().Public().(ed25519.PublicKey))
	signed := build(vectorKey(), entries, []int64{4, 5})
	rep := verify(without(signed, isEntry(1, 4)), auditlog.Options{Keys: keys, Witness: checkpointsOf(signed), Whole: true})
	if rep.Broken != 0 || rep.Start.Sequence != 4 || rep.Entries != 2 || rep.Signed.Sequence != 5 || rep.UnsignedSince.IsZero() {
		t.Errorf("report %+v", rep)
	}
	for name, log := range map[string][]auditlog.Record{
		"nothing signs that entry": build(vectorKey(), entries, []int64{4}),
		"a person says it":         build(vectorKey(), slices.Replace(slices.Clone(entries), 4, 5, func() auditlog.Entry { e := said; e.UserID = "eve"; return e }()), []int64{4, 5}),
		"it says another one": build(vectorKey(), slices.Replace(slices.Clone(entries), 4, 5, func() auditlog.Entry {
			e := said
			e.Resource = auditlog.CheckpointName(3)
			return e
		}()), []int64{4, 5}),
	} {
		rep := verify(without(log, isEntry(1, 4)), auditlog.Options{Keys: keys, Whole: true})
		if rep.Broken != 1 || !strings.Contains(rep.Detail, "no signed entry says") {
			t.Errorf("%s: %+v", name, rep)
		}
	}
}

// TestFilesThatFollowOnOneAnother verifies a log in two files, of which the second begins with the checkpoint that the first
// ends with, or with the next entry.
func TestFilesThatFollowOnOneAnother(t *testing.T) {
	whole := chain(12, 4, 8, 12)
	opts := auditlog.Options{Keys: auditlog.NewKeyring(vectorKey().Public().(ed25519.PublicKey)), Witness: checkpointsOf(whole)}
	first, second := whole[:5], whole[5:]
	for _, test := range []struct {
		name   string
		files  [][]auditlog.Record
		broken int64
	}{
		{"as archives are", [][]auditlog.Record{first, whole[4:]}, 0},
		{"without the checkpoint", [][]auditlog.Record{first, second}, 0},
		{"an empty one between", [][]auditlog.Record{first, nil, whole[4:5], whole[4:]}, 0},
		{"in another order", [][]auditlog.Record{whole[4:], first}, 13},
		{"one is missing", [][]auditlog.Record{first, whole[9:]}, 5},
		{"one twice", [][]auditlog.Record{first, first, second}, 5},
	} {
		v := auditlog.NewVerifier(opts)
		for _, file := range test.files {
			v.Continue()
			for _, r := range file {
				v.Next(r)
			}
		}
		if rep := v.Report(); rep.Broken != test.broken {
			t.Errorf("%s: %+v, want it broken at %d", test.name, rep, test.broken)
		}
	}
}

// TestAnyMutationIsFound makes a random log, and one random change of it.
func TestAnyMutationIsFound(t *testing.T) {
	key := vectorKey()
	keys := auditlog.NewKeyring(key.Public().(ed25519.PublicKey))
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "entries")
		var entries []auditlog.Entry
		checkpoints := []int64{int64(n)}
		for i := range n {
			entries = append(entries, drawEntry(t))
			if rapid.IntRange(0, 4).Draw(t, "sign") == 0 {
				checkpoints = append(checkpoints, int64(i+1))
			}
		}
		log := build(key, entries, checkpoints)
		opts := auditlog.Options{Keys: keys, Witness: checkpointsOf(log), Whole: true}
		text := lines(t, log)
		if rep := verifyText(text, opts); rep.Broken != 0 || rep.Entries != int64(n) {
			t.Fatalf("an untouched log: %+v", rep)
		}
		var rep auditlog.Report
		if rapid.Bool().Draw(t, "of bytes") {
			rep = verifyText(mutateBytes(t, text), opts)
		} else {
			rep = verify(mutate(t, log), opts)
		}
		if rep.Broken == 0 || rep.Detail == "" {
			t.Fatalf("report %+v", rep)
		}
	})
}

func drawEntry(t *rapid.T) auditlog.Entry {
	word := func(name string) string { return rapid.StringMatching(`[a-z<&\t"é/.]{0,6}`).Draw(t, name) }
	return auditlog.Entry{
		Time: time.Unix(0, rapid.Int64Range(0, 1<<60).Draw(t, "time")).UTC(), Team: word("team"), UserID: word("user"),
		APIKeyID: word("key"), Peer: word("peer"), Action: word("action"), Resource: word("resource"),
		Decision: rapid.SampledFrom([]auditlog.Decision{auditlog.Allowed, auditlog.Denied}).Draw(t, "decision"),
		Reason:   word("reason"), SandboxID: word("sandbox"), RequestID: word("request"),
	}
}

func mutateBytes(t *rapid.T, text []byte) []byte {
	at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
	other := rapid.Byte().Filter(func(b byte) bool { return b != text[at] }).Draw(t, "byte")
	switch rapid.SampledFrom([]string{"change", "remove", "insert", "cut"}).Draw(t, "how") {
	case "change":
		return slices.Replace(slices.Clone(text), at, at+1, other)
	case "remove":
		return slices.Delete(slices.Clone(text), at, at+1)
	case "insert":
		return slices.Insert(slices.Clone(text), at, other)
	default:
		return text[:at]
	}
}

// mutate edits, removes, swaps, inserts or cuts off records; an edit also with the chain computed anew.
func mutate(t *rapid.T, log []auditlog.Record) []auditlog.Record {
	at := rapid.IntRange(0, len(log)-1).Draw(t, "at")
	how := rapid.SampledFrom([]string{"edit", "rebuild", "remove", "swap", "insert", "cut"}).Draw(t, "how")
	log = slices.Clone(log)
	switch how {
	case "remove":
		return slices.Delete(log, at, at+1)
	case "cut":
		return log[:at]
	case "insert":
		return slices.Insert(log, rapid.IntRange(0, len(log)).Draw(t, "where"), log[at])
	case "swap":
		if len(log) > 1 {
			other := rapid.IntRange(0, len(log)-1).Filter(func(i int) bool { return i != at }).Draw(t, "other")
			return swapped(log, at, other)
		}
	}
	if c := log[at].Checkpoint; c != nil {
		forged := *c
		into := rapid.SampledFrom([][]byte{forged.HeadHash[:], forged.PrevHash[:], forged.Signature[:]}).Draw(t, "field")
		into[rapid.IntRange(0, len(into)-1).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		log[at].Checkpoint = &forged
		return log
	}
	e := *log[at].Entry
	field := rapid.SampledFrom([]*string{&e.Team, &e.UserID, &e.APIKeyID, &e.Peer, &e.Action, &e.Resource, &e.Reason, &e.SandboxID, &e.RequestID}).Draw(t, "field")
	*field += "x"
	log[at].Entry = &e
	if how == "rebuild" {
		return rebuilt(log, auditlog.Head{})
	}
	return log
}
