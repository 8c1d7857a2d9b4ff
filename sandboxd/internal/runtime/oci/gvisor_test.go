package oci_test

import "github.com/casemate/casemate/sandboxd/internal/runtime/runtimetest"

// gvisorDiffers is what a kernel of one's own does otherwise; docs/operations.md has it in words.
var gvisorDiffers = []runtimetest.Difference{
	runtimetest.OOMEndsSandbox, runtimetest.AgentThreadsDie, runtimetest.InodesAreMemory, runtimetest.NumbersChange,
	runtimetest.ChrootHolds, runtimetest.NoPriorities, runtimetest.OwnUserIDs, runtimetest.AgentNumbers, runtimetest.OwnFilesInProc, runtimetest.RoomyDev,
	runtimetest.NoHoles, runtimetest.NoLeases, runtimetest.FreeInotify, runtimetest.ShortStatus, runtimetest.CPUTimeWaits,
}
