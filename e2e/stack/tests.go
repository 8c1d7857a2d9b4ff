package stack

import (
	"context"
	"fmt"
	"maps"
	"os"
	"time"
)

// RunTests starts a pair of daemons in a temporary directory, imports python:3.11, hands the daemons to use and runs the
// tests: what TestMain of a package does whose tests share one pair. Files are what the tests need besides the image, see
// Bin. It returns the process's exit code.
func RunTests(tests interface{ Run() int }, files map[string]string, opts Options, use func(*Stack)) int {
	dir, err := os.MkdirTemp("", "casemate-e2e-")
	if err == nil {
		defer os.RemoveAll(dir)
		opts.Dir = dir
		var st *Stack
		if st, err = startWithImage(files, opts); st != nil {
			defer st.Close()
			use(st)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return tests.Run()
}

func startWithImage(files map[string]string, opts Options) (st *Stack, err error) {
	needs := map[string]string{Image: "image"}
	maps.Copy(needs, files)
	if opts.Bin, err = Bin(needs); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if st, err = Start(ctx, opts); err != nil {
		return nil, err
	}
	_, err = st.CLI(ctx, st.OperatorKey, "", "image", "import", Image, "python:3.11")
	return st, err
}
