package secret

import (
	"maps"
	"slices"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/resource"
)

// MaxAliases is the most names for versions that a secret has.
const MaxAliases = 50

// CheckAliases refuses more than MaxAliases, malformed names, and numbers that no version has. Whether there is a version
// of that number is another question.
func CheckAliases(field string, aliases map[string]int64) error {
	if len(aliases) > MaxAliases {
		return errdefs.InvalidField(field, "a secret has at most %d aliases", MaxAliases)
	}
	for _, name := range slices.Sorted(maps.Keys(aliases)) {
		if err := resource.CheckAlias(field, name); err != nil {
			return err
		}
		if aliases[name] < 1 {
			return errdefs.InvalidField(field, "an alias stands for the number of a version, from 1")
		}
	}
	return nil
}
