package config

import (
	"errors"
	"fmt"
)

// validate refuses bounds that a log could not work with: a piece of output is up to 64 KiB, and what the agent still holds when a
// main process ends, 1 MiB, must come through within the second that sandboxd waits for it.
func (l Logs) validate() error {
	var errs []error
	if l.MaxBytes < 1<<20 {
		errs = append(errs, errors.New("logs.max_bytes: at least 1MiB"))
	}
	if l.TotalBytes < l.MaxBytes {
		errs = append(errs, fmt.Errorf("logs.total_bytes: less than logs.max_bytes, %d", l.MaxBytes))
	}
	if l.Rate < 2<<20 {
		errs = append(errs, errors.New("logs.rate: at least 2MiB"))
	}
	return errors.Join(errs...)
}
