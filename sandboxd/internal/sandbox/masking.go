package sandbox

// Masking says what of a sandbox's secrets can be seen in what it gives out.
type Masking struct {
	// Output says that values are masked in the output of commands and in files that are read; in the log they are always.
	Output bool
	// Unmasked are the variables whose values are masked nowhere, by name.
	Unmasked []UnmaskedVar
}

// UnmaskedVar is a variable whose value is masked nowhere.
type UnmaskedVar struct {
	EnvVar string
	Gap    MaskingGap
}

// MaskingGap is why a value is not masked, as package masking has it: "SHORT" or "COMMON".
type MaskingGap string
