package coreweave

import (
	"errors"
	"math/big"
	"regexp"
	"strings"
)

// quantityPattern splits a Kubernetes quantity into its number and its suffix.
var quantityPattern = regexp.MustCompile(`^\+?([0-9]+\.?[0-9]*|\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]{1,2})?$`)

var errQuantity = errors.New(`is no quantity: write a number such as 2, 0.5 or 500m, for memory with a unit such as 512Mi or 1G`)

// parseQuantity reads a Kubernetes quantity ("2", "0.5", "500m", "1Gi", "1e9") and returns it in units of 1/scale,
// rounded up. Negative numbers and those beyond an int64 are errors.
func parseQuantity(s string, scale int64) (int64, error) {
	if len(s) > 32 {
		return 0, errQuantity
	}
	m := quantityPattern.FindStringSubmatch(s)
	if m == nil {
		return 0, errQuantity
	}
	value, ok := new(big.Rat).SetString(strings.TrimSuffix(m[1], "."))
	if !ok {
		return 0, errQuantity
	}
	value.Mul(value, suffixFactor(m[2]))
	value.Mul(value, new(big.Rat).SetInt64(scale))

	n, rest := new(big.Int).QuoRem(value.Num(), value.Denom(), new(big.Int))
	if rest.Sign() > 0 {
		n.Add(n, big.NewInt(1))
	}
	if !n.IsInt64() {
		return 0, errors.New("is too large")
	}
	return n.Int64(), nil
}

// suffixFactor is what a suffix that quantityPattern lets through multiplies by.
func suffixFactor(suffix string) *big.Rat {
	const decimal, binary = "numkMGTPE", "KMGTPE"
	switch {
	case suffix == "":
		return big.NewRat(1, 1)
	case strings.HasSuffix(suffix, "i"):
		return power(1024, strings.Index(binary, suffix[:1])+1)
	case len(suffix) == 1:
		exponent := strings.Index(decimal, suffix) - 3
		if exponent >= 0 {
			exponent++ // between m and k stands the bare number
		}
		return power(1000, exponent)
	default:
		factor, _ := new(big.Rat).SetString("1" + suffix)
		return factor
	}
}

func power(base int64, exponent int) *big.Rat {
	n := new(big.Int).Exp(big.NewInt(base), big.NewInt(int64(max(exponent, -exponent))), nil)
	if exponent < 0 {
		return new(big.Rat).SetFrac(big.NewInt(1), n)
	}
	return new(big.Rat).SetInt(n)
}
