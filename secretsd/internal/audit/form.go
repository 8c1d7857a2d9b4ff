// Package audit writes the log of every decision about a value or a right. Its form, and what proves it whole, is
// pkg/auditlog, which the command line has too.
//
// What is in it. Every value that was asked for, allowed or not; every change; every denial of a caller who is known; every
// time that the log itself was exported, followed or verified; and what secretsd did by itself, under no user and no key.
//
// What is not. Metadata that is read by who may (secret.list and its like, a page of the log): such an entry would say that
// somebody saw names that are theirs to see, and would cost each of these reads a durable commit, of which a list of secrets
// on a screen makes one a second; it would bury the reads of values, which are what an auditor looks for. And calls without a
// valid key: they are nobody's, and a log that strangers can make grow is one that strangers can fill the disk with. The
// daemon's own log has a line about every call, these included.
package audit

import "github.com/casemate/casemate/pkg/auditlog"

// The parts of the log's form, by the names that secretsd uses.
type (
	// Entry is one link of the chain.
	Entry = auditlog.Entry
	// Decision is what became of an audited call.
	Decision = auditlog.Decision
	// Head is the end of the chain.
	Head = auditlog.Head
	// Checkpoint is a signed head.
	Checkpoint = auditlog.Checkpoint
	// Record is an entry or a checkpoint.
	Record = auditlog.Record
	// Receipt goes with the entry of a value that is released for a sandbox.
	Receipt = auditlog.Receipt
	// Reader gives what is stored.
	Reader = auditlog.Reader
	// Report is what a verification found.
	Report = auditlog.Report
)

// The decisions.
const (
	Allowed = auditlog.Allowed
	Denied  = auditlog.Denied
)

// HashSize is the length of a hash in bytes.
const HashSize = auditlog.HashSize

// Link returns e as the next entry after head, and the new head.
func Link(head Head, e Entry) (Entry, Head) { return auditlog.Link(head, e) }
