package auditlog

// Receipt goes with the entry of a value that is released for a sandbox, and is stored in the entry's transaction. It repeats
// nothing that the entry has: user, key, peer, sandbox and request are the entry's. It is no part of the hash chain; what it
// says of secret and version, the entry says too.
type Receipt struct {
	// SecretUID and Version are what was released.
	SecretUID string
	Version   int64
	// Field is the part of a structured secret; empty for the whole value.
	Field string
	// EnvVar is the environment variable that will hold the value.
	EnvVar string
	// Instance tells the workload that got the value from others of its SPIFFE ID, which is the entry's peer; empty where it did
	// not say.
	Instance string
	// Index and Count are the receipt's place in its batch, from 0, and the batch's size. Those of a batch are appended
	// together, in order.
	Index, Count int
}
