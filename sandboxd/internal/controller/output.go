package controller

import (
	"errors"
	"io"
	"time"

	"go.uber.org/zap"
	"golang.org/x/time/rate"

	"github.com/casemate/casemate/sandboxd/internal/agent"
	"github.com/casemate/casemate/sandboxd/internal/mainlog"
)

// logBurst is how much of a main process's output is taken at once, whatever Config.LogRate says; more than a record has.
const logBurst = 1 << 20

// recordCost is what taking a record costs beyond its bytes, counted in bytes: without it, a flood of single ones would be no flood.
const recordCost = 256

// collectLog writes the main process's output to the log until both have ended.
func (k *keeper) collectLog() {
	defer close(k.logged)
	c := &collector{k: k, limit: rate.NewLimiter(rate.Inf, logBurst)}
	if k.c.LogRate > 0 {
		c.limit.SetLimit(rate.Limit(k.c.LogRate))
	}
	if c.collect() {
		if err := k.s.log.Close(); err != nil {
			k.logger.Warn("a main process's log can't be closed", zap.Error(err))
		}
	}
}

// collector takes one main process's output from the agent to the log.
//
// While it reads, a main process that writes faster than Config.LogRate, or than the disk, waits. While it does not, since
// sandboxd is away or the disk is full, the main process runs on: the agent keeps the newest output, and what it had to let
// go is missing in the log, whose readers are told.
type collector struct {
	k       *keeper
	limit   *rate.Limiter
	failing bool // the last try was in vain
}

// collect returns true when all that there will ever be is in the log, false when the keeper lets go of it.
func (c *collector) collect() bool {
	// A stream that broke while the agent lives is taken up again where the log ends.
	for c.k.ctx.Err() == nil {
		err := c.copy()
		if err == nil {
			return true
		}
		select {
		case <-c.k.s.instance.Done():
			return true
		case <-c.k.ctx.Done():
		case <-time.After(recordAgain):
			if !c.failing {
				c.failing = true
				c.k.logger.Warn("a main process's output can't be logged; trying again, every second", zap.Error(err))
			}
		}
	}
	return false
}

// copy returns nil at the main process's end.
func (c *collector) copy() error {
	log := c.k.s.log
	stream, err := c.k.s.own.Logs(c.k.ctx, log.End())
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
		if err := log.Append(out); err != nil {
			return err
		}
		if c.failing {
			c.failing = false
			c.k.logger.Info("the main process's output is logged again")
		}
		if err := c.limit.WaitN(c.k.ctx, len(rec.Data)+recordCost); err != nil {
			return err
		}
	}
}
