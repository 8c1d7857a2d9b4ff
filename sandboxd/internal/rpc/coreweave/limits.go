package coreweave

import (
	"strconv"

	sandboxv1 "github.com/casemate/casemate/gen/go/coreweave/sandbox/v1"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// Units of the two quantities.
const (
	milliCores = 1000
	wholeBytes = 1
)

// limits reads a container's limits. A request (the least it needs) without a limit is taken for the limit, as the SDK
// does; beside a limit it has no effect, because a sandbox gets its memory and processor when it uses them.
func limits(c *sandboxv1.Container, v *violations) sandbox.Resources {
	field := containerField + ".resource_requirements"
	requests, limits := c.GetResourceRequirements().GetRequests(), c.GetResourceRequirements().GetLimits()
	requestsField, limitsField := field+".requests", field+".limits"
	if c.GetResources() != nil {
		v.refuse(c.GetResourceRequirements() != nil, containerField+".resources", "is an older form of resource_requirements: set one of them")
		limits, limitsField = c.GetResources(), containerField+".resources"
	}
	v.refuse(requests.GetGpu() != nil, requestsField+".gpu", "Casemate has no accelerators")
	v.refuse(limits.GetGpu() != nil, limitsField+".gpu", "Casemate has no accelerators")

	limit := func(name, request, limit string, scale int64) int64 {
		least := quantity(requestsField+"."+name, request, scale, v)
		most := quantity(limitsField+"."+name, limit, scale, v)
		if most == 0 {
			return least
		}
		v.refuse(least > most, requestsField+"."+name, "is more than the limit")
		return most
	}
	return sandbox.Resources{
		CPUMillis:   limit("cpu", requests.GetCpu(), limits.GetCpu(), milliCores),
		MemoryBytes: limit("memory", requests.GetMemory(), limits.GetMemory(), wholeBytes),
	}
}

// quantity returns 0 for an unset quantity. An explicit 0 is refused: a limit of nothing is no limit.
func quantity(field, s string, scale int64, v *violations) int64 {
	if s == "" {
		return 0
	}
	n, err := parseQuantity(s, scale)
	if err != nil {
		v.add(field, "%q %v", s, err)
		return 0
	}
	v.refuse(n == 0, field, "must be more than 0")
	return n
}

// effectiveLimits is what a sandbox was given, as both request and limit.
func effectiveLimits(r sandbox.Resources) *sandboxv1.ResourceRequirements {
	amounts := func() *sandboxv1.Resources {
		return &sandboxv1.Resources{Cpu: formatMillis(r.CPUMillis), Memory: formatBytes(r.MemoryBytes)}
	}
	return &sandboxv1.ResourceRequirements{Requests: amounts(), Limits: amounts()}
}

func formatMillis(n int64) string {
	switch {
	case n == 0:
		return ""
	case n%milliCores == 0:
		return strconv.FormatInt(n/milliCores, 10)
	default:
		return strconv.FormatInt(n, 10) + "m"
	}
}

func formatBytes(n int64) string {
	switch {
	case n == 0:
		return ""
	case n%(1<<30) == 0:
		return strconv.FormatInt(n>>30, 10) + "Gi"
	case n%(1<<20) == 0:
		return strconv.FormatInt(n>>20, 10) + "Mi"
	default:
		return strconv.FormatInt(n, 10)
	}
}
