package cmd

import (
	"testing"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

func TestWatchPrintsChanges(t *testing.T) {
	h := startHost(t)
	h.changes = []*sandboxv1.FileEvent{
		{Type: sandboxv1.FileEventType_FILE_EVENT_TYPE_CREATED, Path: "sub", Directory: true},
		{Type: sandboxv1.FileEventType_FILE_EVENT_TYPE_MODIFIED, Path: "a\nb\x1b[31m"},
		{Type: sandboxv1.FileEventType_FILE_EVENT_TYPE_MOVED, Path: "new", OldPath: "old", Directory: true},
		{Type: sandboxv1.FileEventType_FILE_EVENT_TYPE_OVERFLOW},
		{Type: sandboxv1.FileEventType_FILE_EVENT_TYPE_REMOVED, Path: "x"},
	}
	const ended = "casemate: error: the watched directory was removed\ncasemate: hint: watch it where it is now, or the directory above it\n"
	want := result{exitError, "created   sub/\nmodified  a\\u000ab\\u001b[31m\nmoved     old/ -> new/\noverflow\nremoved   x\n", ended}
	if got := commandLine(t, "", "watch", "sb-1:/srv"); got != want {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	h.changes = h.changes[1:3]
	want.stdout = `{"type":"FILE_EVENT_TYPE_MODIFIED","path":"a\nb\u001b[31m"}
{"type":"FILE_EVENT_TYPE_MOVED","path":"new","old_path":"old","directory":true}
`
	if got := commandLine(t, "", "-o", "json", "watch", "-r", "sb-1:/srv"); got != want {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}
