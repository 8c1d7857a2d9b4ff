package auditlog

import (
	"fmt"
	"time"
)

// ActionRemove is the action of the entry that says that the log's start was removed, as its retention asks for.
const ActionRemove = "audit.remove"

// CheckpointName is the resource name of the checkpoint at an entry.
func CheckpointName(sequence int64) string { return fmt.Sprintf("auditCheckpoints/%d", sequence) }

// Report is what a verification found.
type Report struct {
	// Start is the head that the log begins after: zero when it begins with its first entry, else that of a checkpoint.
	Start Head
	// Entries is how many entries were read, up to and with the first that is wrong.
	Entries int64
	// Checkpoints is how many checkpoints are right.
	Checkpoints int64
	// Broken is the sequence of the first entry that is wrong or missing, or may be; 0 when the log is whole.
	Broken int64
	// Detail says what is wrong there.
	Detail string
	// Head is the last entry that is right.
	Head Head
	// Signed is the newest checkpoint that is right; nil when there is none.
	Signed *Checkpoint
	// UnsignedSince is the time of the first entry after Signed; zero when all are signed, and where no key is trusted.
	UnsignedSince time.Time
}

// Options are what a verification may rely on.
type Options struct {
	// Keys are the public keys to be trusted. Without any, signatures are not checked, and the log may be without checkpoints.
	Keys Keyring
	// Witness are checkpoints that were kept elsewhere, ascending: the log must contain them.
	Witness []Checkpoint
	// Whole says that the log is not a part of one: what is missing from its start must be accounted for by a signed entry.
	Whole bool
}

// Verifier checks a log, record by record. A checkpoint stands behind the entry that it signs. The first record is entry
// 1, or a checkpoint, which the log then begins after.
type Verifier struct {
	opts    Options
	rep     Report
	witness []Checkpoint // those still to come
	started bool
	joint   bool // the next record may repeat the newest checkpoint
	// removal is the entry that accounts for what is missing from the start; 0 while none was seen.
	removal int64
}

// NewVerifier returns a verifier of one log.
func NewVerifier(opts Options) *Verifier { return &Verifier{opts: opts, witness: opts.Witness} }

// Begin has the log begin after a head that is known to be right, instead of with its first record.
func (v *Verifier) Begin(head Head) {
	v.started, v.rep.Start, v.rep.Head = true, head, head
}

// Continue says that the records to come are those of a file that follows on the one before: it may begin with the checkpoint
// that the other ends with.
func (v *Verifier) Continue() { v.joint = true }

// Next takes the next record, and says whether all is right so far. After a false it is done.
func (v *Verifier) Next(r Record) bool {
	joint := v.joint
	v.joint = false
	switch {
	case v.rep.Broken != 0:
	case joint && v.repeats(r):
	case r.Entry != nil:
		v.entry(*r.Entry)
	case r.Checkpoint != nil:
		v.checkpoint(*r.Checkpoint)
	}
	return v.rep.Broken == 0
}

// repeats says whether a record is the checkpoint that came last.
func (v *Verifier) repeats(r Record) bool {
	c, last := r.Checkpoint, v.rep.Signed
	return c != nil && last != nil && c.Hash() == last.Hash() && c.Signature == last.Signature && last.Sequence == v.rep.Head.Sequence
}

// Fail says that what was to be the next record can't be read.
func (v *Verifier) Fail(detail string) {
	if v.rep.Broken == 0 {
		v.broken(v.rep.Head.Sequence+1, "%s", detail)
	}
}

// Broken says whether something wrong was found so far.
func (v *Verifier) Broken() bool { return v.rep.Broken != 0 }

// Report ends the log, and returns what was found.
func (v *Verifier) Report() Report {
	if v.rep.Broken == 0 {
		v.end()
	}
	return v.rep
}

func (v *Verifier) broken(at int64, format string, args ...any) {
	v.rep.Broken, v.rep.Detail = at, fmt.Sprintf(format, args...)
}

// firstUnsigned is the first entry that no checkpoint vouches for so far.
func (v *Verifier) firstUnsigned() int64 {
	if v.rep.Signed == nil {
		return v.rep.Start.Sequence + 1
	}
	return v.rep.Signed.Sequence + 1
}

func (v *Verifier) entry(e Entry) {
	v.started = true
	if v.missesCheckpoint(e.Sequence) {
		return
	}
	v.rep.Entries++
	if detail := checkEntry(v.rep.Head, e); detail != "" {
		v.broken(v.rep.Head.Sequence+1, "%s", detail)
		return
	}
	if len(v.witness) > 0 && v.witness[0].Sequence == e.Sequence && v.witness[0].HeadHash != e.Hash {
		v.rewritten(e.Sequence, "was kept elsewhere")
		return
	}
	v.rep.Head = Head{Sequence: e.Sequence, Hash: e.Hash}
	if v.opts.Keys != nil && v.rep.UnsignedSince.IsZero() {
		v.rep.UnsignedSince = e.Time
	}
	if e.Action == ActionRemove && e.UserID == "" && e.APIKeyID == "" && e.Resource == CheckpointName(v.rep.Start.Sequence) {
		v.removal = e.Sequence
	}
}

func (v *Verifier) checkpoint(c Checkpoint) {
	if c.Sequence <= v.rep.Head.Sequence && v.missesCheckpoint(c.Sequence) {
		return
	}
	if !v.started {
		v.started = true
		v.start(c)
		return
	}
	var prev [HashSize]byte
	if v.rep.Signed != nil {
		prev = v.rep.Signed.Hash()
	}
	head := v.rep.Head
	switch {
	case v.rep.Signed != nil && c.Sequence <= v.rep.Signed.Sequence:
		v.broken(c.Sequence, "the checkpoint at entry %d follows the one at entry %d: it was put in", c.Sequence, v.rep.Signed.Sequence)
	case c.Sequence < head.Sequence:
		v.broken(c.Sequence, "the checkpoint at entry %d is in the wrong place: it follows entry %d", c.Sequence, head.Sequence)
	case c.Sequence > head.Sequence:
		v.broken(head.Sequence+1, "%s missing: a checkpoint signs entry %d", missing(head.Sequence+1, c.Sequence), c.Sequence)
	case c.HeadHash != head.Hash:
		v.rewritten(c.Sequence, "was signed")
	case c.PrevHash != prev:
		v.broken(v.firstUnsigned(), "the checkpoint at entry %d does not link to the one before it: a checkpoint after entry %d was removed or replaced",
			c.Sequence, v.firstUnsigned()-1)
	default:
		v.accept(c)
	}
}

// start begins the log at a checkpoint.
func (v *Verifier) start(c Checkpoint) {
	if c.Sequence < 1 {
		v.broken(1, "the log begins with a checkpoint at entry %d, which can't be", c.Sequence)
		return
	}
	for len(v.witness) > 0 && v.witness[0].Sequence < c.Sequence {
		v.witness = v.witness[1:]
	}
	v.accept(c)
	if v.rep.Broken == 0 {
		v.rep.Start, v.rep.Head = c.Head(), c.Head()
	}
}

// accept takes a checkpoint that stands in its right place.
func (v *Verifier) accept(c Checkpoint) {
	if v.opts.Keys != nil {
		if detail := v.opts.Keys.Check(c); detail != "" {
			v.broken(max(v.firstUnsigned(), 1), "%s", detail)
			return
		}
	}
	if len(v.witness) > 0 && v.witness[0].Sequence == c.Sequence {
		if v.witness[0].Hash() != c.Hash() {
			v.broken(v.firstUnsigned(), "the checkpoint at entry %d is another one than that kept elsewhere", c.Sequence)
			return
		}
		v.witness = v.witness[1:]
	}
	v.rep.Checkpoints++
	v.rep.Signed, v.rep.UnsignedSince = &c, time.Time{}
}

// missesCheckpoint finds a checkpoint that is kept elsewhere and should have stood before an entry or checkpoint at a
// later place.
func (v *Verifier) missesCheckpoint(next int64) bool {
	if !v.started || len(v.witness) == 0 || v.witness[0].Sequence >= next {
		return false
	}
	if v.witness[0].Sequence > v.rep.Head.Sequence {
		return false // the entries themselves are missing, which says more
	}
	v.broken(v.firstUnsigned(), "the checkpoint at entry %d, which was kept elsewhere, is missing", v.witness[0].Sequence)
	return true
}

func (v *Verifier) end() {
	head := v.rep.Head
	switch {
	case len(v.witness) > 0 && v.witness[0].Sequence > head.Sequence:
		v.broken(head.Sequence+1, "%s missing: a checkpoint that was kept elsewhere signs entry %d",
			missing(head.Sequence+1, v.witness[0].Sequence), v.witness[0].Sequence)
	case len(v.witness) > 0:
		v.broken(v.firstUnsigned(), "the checkpoint at entry %d, which was kept elsewhere, is missing", v.witness[0].Sequence)
	case v.opts.Keys != nil && !v.started:
		v.broken(1, "the log is empty, which one that secretsd signs never is")
	case v.opts.Keys != nil && v.rep.Entries > 0 && v.rep.Signed == nil:
		v.broken(1, "nothing of the log is signed: its checkpoints were removed")
	case v.opts.Whole && v.rep.Start.Sequence > 0 && (v.removal == 0 || v.opts.Keys != nil && v.removal >= v.firstUnsigned()):
		v.broken(1, "%s missing, and no signed entry says that secretsd removed them", missing(1, v.rep.Start.Sequence))
	}
}

// rewritten says that the chain up to an entry is not the one that a checkpoint signs there.
func (v *Verifier) rewritten(sequence int64, signed string) {
	first := v.firstUnsigned()
	v.broken(first, "one of entries %d to %d was replaced, and the chain after it computed anew: entry %d has another hash than %s",
		first, sequence, sequence, signed)
}

// missing begins a sentence about entries that are not there.
func missing(first, last int64) string {
	if first == last {
		return fmt.Sprintf("entry %d is", first)
	}
	return fmt.Sprintf("entries %d to %d are", first, last)
}

func checkEntry(head Head, e Entry) string {
	want := head.Sequence + 1
	switch {
	case e.Sequence != want:
		return fmt.Sprintf("entry %d is missing: entry %d follows entry %d", want, e.Sequence, head.Sequence)
	case e.PrevHash != head.Hash:
		return fmt.Sprintf("entry %d does not link to entry %d: one of them was replaced", want, head.Sequence)
	case e.Hash != e.ComputeHash():
		return fmt.Sprintf("entry %d was changed: its hash is not that of its content", want)
	}
	return ""
}
