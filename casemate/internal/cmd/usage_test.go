package cmd

import "testing"

// TestMistakesAreExplained in words for people, not in those of the parsers below.
func TestMistakesAreExplained(t *testing.T) {
	startHost(t)
	for want, args := range map[string][]string{
		`--mask-output "yes": want true or false`:                                            {"team", "update", "--mask-output=yes"},
		`--since "yesterday": want a time such as 90s, 10m or 2h`:                            {"logs", "--since", "yesterday", "sb-1"},
		`--idle-timeout "5": want a time such as 90s, 10m or 2h`:                             {"run", "--idle-timeout", "5", "x", "--", "true"},
		`--tail "few": want a whole number`:                                                  {"logs", "--tail", "few", "sb-1"},
		`--cpus "half": want a number`:                                                       {"run", "--cpus", "half", "x", "--", "true"},
		`casemate attach takes 2 arguments, not 1: casemate attach SANDBOX PROCESS [flags]`:  {"attach", "sb-1"},
		`casemate watch takes 1 argument, not 2: casemate watch SANDBOX:DIRECTORY [flags]`:   {"watch", "sb-1", "/srv"},
		`casemate events takes at most 1 argument, not 2: casemate events [SANDBOX] [flags]`: {"events", "a", "b"},
		`too few arguments: casemate exec [flags] SANDBOX -- COMMAND...`:                     {"exec", "-d", "sb-1"},
	} {
		path := "casemate " + args[0]
		if args[0] == "team" {
			path += " update"
		}
		expected := result{exitUsage, "", "casemate: error: " + want + "\ncasemate: hint: see `" + path + " --help`\n"}
		if got := commandLine(t, "", args...); got != expected {
			t.Errorf("%q: got %+v, want %+v", args, got, expected)
		}
	}
}
