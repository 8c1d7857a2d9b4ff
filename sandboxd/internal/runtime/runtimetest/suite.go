package runtimetest

import (
	"testing"

	"github.com/casemate/casemate/sandboxd/internal/runtime"
)

// Run runs the whole suite on the runtimes that open makes: each call of open must give one that finds the sandboxes of the
// one before, which Run has let go of by close. differences are what the runtime declares.
func Run(t *testing.T, open func(t testing.TB) (r runtime.Runtime, close func()), differences ...Difference) {
	s := &suite{open: open, root: BusyboxRoot(t), differences: differences}
	probe := binary(t, "CASEMATE_PROBE_PATH", "github.com/casemate/casemate/sandboxd/internal/runtime/runtimetest/probe")
	copyFile(t, probe, s.root+"/bin/probe")
	for _, c := range []struct {
		name string
		run  func(*testing.T, *suite)
	}{
		{"environment", testEnvironment},
		{"environment stays private", testEnvironmentPrivate},
		{"configure once", testConfigureOnce},
		{"exit codes", testExitCodes},
		{"users", testUsers},
		{"working directory", testWorkingDir},
		{"output", testOutput},
		{"big output and a slow reader", testSlowReader},
		{"background process", testBackground},
		{"standard input", testStdin},
		{"unread standard input", testUnreadStdin},
		{"terminal", testTerminal},
		{"signals", testSignals},
		{"cancel", testCancel},
		{"timeout", testTimeout},
		{"many at once", testManyExecs},
		{"last bytes", testLastBytes},
		{"process group", testGroup},
		{"long names", testLongNames},
		{"a process that left its group", testExecLeftGroup},
		{"a thousand orphans", testExecOrphans},
		{"background processes", testExecDetached},
		{"background processes' output", testExecDetachedOutput},
		{"background processes' input", testExecDetachedInput},
		{"background processes' bounds", testExecDetachedBounds},
		{"main process", testMain},
		{"main process's log", testMainLog},
		{"files", testFiles},
		{"file errors", testFileErrors},
		{"file paths", testFilePaths},
		{"file links stay inside", testFileLinks},
		{"files are replaced whole", testFilesWhole},
		{"a file that grows", testFileGrows},
		{"file information", testFileInfo},
		{"directories", testDirectories},
		{"removing files", testRemoveFiles},
		{"moving files", testMoveFiles},
		{"watching files", testWatch},
		{"a watch that is not read", testWatchOverflow},
		{"limits of watches", testWatchLimits},
		{"ports", testPorts},
		{"archives", testArchives},
		{"archives of what is no data", testArchiveLeavesOut},
		{"hostile archives", testHostileArchives},
		{"archives replace whole files", testArchiveReplaces},
		{"a disk that an archive fills", testArchiveNoSpace},
		{"archives keep attributes", testArchiveAttributes},
		{"archives keep holes", testArchiveHoles},
		{"archives keep names", testArchiveNames},
		{"an archive's last file", testArchiveLast},
		{"files that change in archives", testArchiveChanges},
		{"directories that become links", testFileSwaps},
		{"files that never end", testFileEndless},
		{"files that are held", testFileHeld},
		{"very deep directories", testFilesDeep},
		{"layers", testLayers},
		{"hostile image", testHostileImage},
		{"hostile users", testHostileUsers},
		{"credentials", testCredentials},
		{"dropped capabilities", testDroppedCapabilities},
		{"an added capability", testAddedCapability},
		{"nothing as root", testNonRoot},
		{"read-only root", testReadOnlyRoot},
		{"read-only root's memory", testReadOnlyMemory},
		{"system calls", testSystemCalls},
		{"nothing of the host", testNothingOfTheHost},
		{"agent is out of reach", testAgentOutOfReach},
		{"agent survives signals", testAgentSurvivesSignals},
		{"memory limit", testMemoryLimit},
		{"cpu limit", testCPULimit},
		{"pid limit", testPidLimit},
		{"core dumps", testCoreDumps},
		{"inherited descriptors", testInheritedDescriptors},
		{"rights from files", testRightsFromFiles},
		{"settings of the kernel", testKernelSettings},
		{"a change of the root", testChroot},
		{"killing everything", testKillAll},
		{"abstract sockets", testAbstractSockets},
		{"bombs", testBombs},
		{"disk limit", testDiskLimit},
		{"inode limit", testInodeLimit},
		{"files in memory are counted", testMemoryInodes},
		{"output limit", testOutputLimit},
		{"open files limit", testOpenFiles},
		{"an agent without descriptors", testAgentWithoutFiles},
		{"kernel memory is counted", testKernelMemory},
		{"a changed file keeps its number", testFileNumbers},
		{"invalid configurations", testInvalidConfigs},
		{"load", testLoad},
		{"end", testEnd},
		{"end during calls", testEndDuring},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, s) })
	}
}

type suite struct {
	open func(testing.TB) (runtime.Runtime, func())
	root string

	differences []Difference
}

// runtime opens a runtime for one test.
func (s *suite) runtime(t testing.TB) runtime.Runtime {
	t.Helper()
	r, closeRuntime := s.open(t)
	t.Cleanup(closeRuntime)
	return r
}

// box makes a sandbox of the common root file system.
func (s *suite) box(t testing.TB) *Box {
	t.Helper()
	return NewBox(t, s.runtime(t), Limits, s.root)
}
