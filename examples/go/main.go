// The quick start in Go: a team's secret in a sandbox, a streamed command, a file, and an error that programs can tell.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/casemate/casemate/pkg/casemate"
)

func main() {
	ctx := context.Background()
	client := must(casemate.Connect(casemate.FromEnvironment())) // CASEMATE_SANDBOXD, CASEMATE_SECRETSD, CASEMATE_API_KEY…
	defer client.Close()
	must(client.SetSecret(ctx, "HF_TOKEN", []byte("hf_example")))

	secrets := []casemate.Secret{{Name: "HF_TOKEN", EnvVar: "TOKEN"}}
	sandbox := must(client.Run(ctx, casemate.RunOptions{Image: "python:3.11", Secrets: secrets}))
	defer sandbox.Delete(ctx)
	process := must(sandbox.Exec(ctx, []string{"python", "-c", "import os; print(len(os.environ['TOKEN']), 'characters')"}))
	must(io.Copy(os.Stdout, process.Stdout)) // as it comes
	must(process, process.Wait())

	must(sandbox, sandbox.WriteFile(ctx, "/tmp/note", []byte("written from outside\n"), 0o644))
	fmt.Printf("%s", must(sandbox.ReadFile(ctx, "/tmp/note")))

	_, err := sandbox.ReadFile(ctx, "/no/such/file")
	if refused := (*casemate.Error)(nil); errors.As(err, &refused) {
		fmt.Println(refused.Reason, "for", refused.Message)
	}
}
func must[T any](v T, err error) T {
	if err != nil {
		panic(err) // what is deferred still cleans up
	}
	return v
}
