package controller

import (
	"errors"
	"io"
	"time"

	"go.uber.org/zap"

	"github.com/casemate/casemate/sandboxd/internal/agent"
	"github.com/casemate/casemate/sandboxd/internal/mainlog"
)

// collectLog writes the main process's output to the log until both have ended.
func (k *keeper) collectLog() {
	defer close(k.logged)
	// A stream that broke while the agent lives is taken up again where the log ends.
	for k.ctx.Err() == nil {
		err := k.copyLog()
		if err == nil {
			k.s.log.Finish()
			return
		}
		select {
		case <-k.s.instance.Done():
			k.s.log.Finish()
			return
		case <-k.ctx.Done():
		case <-time.After(recordAgain):
			k.logger.Warn("a main process's output can't be logged; trying again", zap.Error(err))
		}
	}
}

func (k *keeper) copyLog() error {
	stream, err := k.s.own.Logs(k.ctx, k.s.log.End())
	if err != nil {
		return err
	}
	defer stream.Close()
	for {
		rec, err := stream.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		out := mainlog.Record{Offset: rec.Offset + uint64(len(rec.Data)), Time: rec.Time, Stream: mainlog.Stdout, Data: rec.Data}
		if rec.Stream == agent.Stderr {
			out.Stream = mainlog.Stderr
		}
		if err := k.s.log.Append(out); err != nil {
			return err
		}
	}
}
