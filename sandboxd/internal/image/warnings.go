package image

import (
	"io"

	"github.com/containerd/log"
	"github.com/sirupsen/logrus"
	"go.uber.org/zap"
)

// warnings makes the logger that containerd's packages write to. Only warnings and errors pass, and of these only the
// message and the error: what else they log names every header and file.
func warnings(to *zap.Logger) *log.Entry {
	l := logrus.New()
	l.SetOutput(io.Discard)
	l.SetLevel(logrus.WarnLevel)
	l.AddHook(warningHook{to})
	return logrus.NewEntry(l)
}

type warningHook struct{ to *zap.Logger }

func (warningHook) Levels() []logrus.Level {
	return []logrus.Level{logrus.PanicLevel, logrus.FatalLevel, logrus.ErrorLevel, logrus.WarnLevel}
}

func (h warningHook) Fire(e *logrus.Entry) error {
	cause, _ := e.Data[logrus.ErrorKey].(error)
	h.to.Warn("image store", zap.String("message", e.Message), zap.Error(cause))
	return nil
}
