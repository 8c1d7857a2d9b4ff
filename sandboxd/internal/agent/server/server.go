// Package server is the agent's half of casemate.agent.v1: it runs as PID 1 of a sandbox, starts what it is told to, reaps
// what ends, and hands bytes to and fro. Everything in the sandbox may be hostile to it: it follows no file of the
// sandbox's without looking, keeps no value where another process could read it, and survives any signal.
package server

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
	"google.golang.org/protobuf/proto"

	agentv1 "github.com/casemate/casemate/gen/go/casemate/agent/v1"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/agent/frame"
	"github.com/casemate/casemate/sandboxd/internal/mask"
)

// Config says which descriptors the agent was born with.
type Config struct {
	// Listener is a listening unix stream socket.
	Listener int
	// EnterCgroup and LeaveCgroup are the files that a thread writes "0" to to get into the cgroup of the sandbox's
	// processes, and back into the agent's. See spawner.
	EnterCgroup, LeaveCgroup int
	// MemoryEvents is the file with the memory cgroup's oom_kill count; see handover.
	MemoryEvents int
}

// Server answers calls.
type Server struct {
	spawner *spawner
	log     *logRing
	watches atomic.Int32 // of files

	mu          sync.Mutex
	environment *environment // nil until Configure
	main        *mainProcess // nil until StartMain

	processes processes
}

// Serve answers calls for as long as the process lives. ready is called when it is about to begin.
func Serve(cfg Config, ready func() error) error {
	sp, err := newSpawner(cfg.EnterCgroup, cfg.LeaveCgroup, cfg.MemoryEvents)
	if err != nil {
		return err
	}
	s := &Server{spawner: sp, log: newLogRing(logRingSize)}
	// The net package would do; but it brings a resolver and two megabytes into a program that runs in every sandbox.
	if err := unix.SetNonblock(cfg.Listener, true); err != nil {
		return fmt.Errorf("prepare the listening socket: %w", err)
	}
	listener, err := os.NewFile(uintptr(cfg.Listener), "listener").SyscallConn()
	if err != nil {
		return fmt.Errorf("prepare the listening socket: %w", err)
	}
	go sp.reap()
	if err := ready(); err != nil {
		return err
	}
	for {
		conn, err := accept(listener)
		if err != nil {
			return err
		}
		go s.serve(conn)
	}
}

func accept(listener interface {
	Read(func(uintptr) bool) error
}) (*os.File, error) {
	for {
		var fd int
		var err error
		if e := listener.Read(func(l uintptr) bool {
			fd, _, err = unix.Accept4(int(l), unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK)
			return err != unix.EAGAIN
		}); e != nil {
			return nil, fmt.Errorf("accept a call: %w", e)
		}
		switch err {
		case nil:
			return os.NewFile(uintptr(fd), "call"), nil
		case unix.EINTR, unix.ECONNABORTED:
		case unix.EMFILE, unix.ENFILE, unix.ENOBUFS, unix.ENOMEM:
			// A thousand calls are under way, or the sandbox is out of memory: one of them will end.
			_ = unix.Nanosleep(&unix.Timespec{Nsec: 10e6}, nil)
		default:
			return nil, fmt.Errorf("accept a call: %w", err)
		}
	}
}

// serve answers one call.
func (s *Server) serve(conn *os.File) {
	defer conn.Close()
	c := &call{conn: conn, fr: frame.NewReader(conn), masker: s.outputMasker()}
	t, b, err := c.fr.Next()
	if err != nil || t != frame.Request {
		return
	}
	var req agentv1.Request
	if err := proto.Unmarshal(b, &req); err != nil {
		c.fail(errdefs.New(errdefs.InvalidArgument, "MALFORMED_REQUEST", "the request can't be decoded"))
		return
	}
	s.dispatch(c, &req)
}

func (s *Server) dispatch(c *call, req *agentv1.Request) {
	switch r := req.GetCall().(type) {
	case *agentv1.Request_Configure:
		c.answer(&agentv1.Response{}, s.configure(r.Configure))
	case *agentv1.Request_StartMain:
		pid, err := s.startMain(r.StartMain.GetArgv())
		c.answer(&agentv1.Response{Pid: int32(pid)}, err)
	case *agentv1.Request_WaitMain:
		s.waitMain(c)
	case *agentv1.Request_SignalMain:
		c.answer(&agentv1.Response{}, s.signalMain(int(r.SignalMain.GetSignal())))
	case *agentv1.Request_Exec:
		s.exec(c, r.Exec)
	case *agentv1.Request_Logs:
		s.logs(c, r.Logs.GetOffset())
	case *agentv1.Request_ReadFile:
		s.readFile(c, r.ReadFile)
	case *agentv1.Request_WriteFile:
		s.writeFile(c, r.WriteFile)
	case *agentv1.Request_StatFile:
		s.statFile(c, r.StatFile)
	case *agentv1.Request_ListDirectory:
		s.listDirectory(c, r.ListDirectory)
	case *agentv1.Request_MakeDirectory:
		c.answer(&agentv1.Response{}, s.makeDirectory(r.MakeDirectory))
	case *agentv1.Request_RemoveFile:
		s.removeFile(c, r.RemoveFile)
	case *agentv1.Request_MoveFile:
		c.answer(&agentv1.Response{}, s.moveFile(r.MoveFile))
	case *agentv1.Request_Pack:
		s.pack(c, r.Pack)
	case *agentv1.Request_Unpack:
		s.unpack(c, r.Unpack)
	case *agentv1.Request_Watch:
		s.watch(c, r.Watch)
	case *agentv1.Request_DialPort:
		s.dialPort(c, r.DialPort.GetPort())
	case *agentv1.Request_StartProcess:
		s.startProcess(c, r.StartProcess.GetExec())
	case *agentv1.Request_ListProcesses:
		c.answer(&agentv1.Response{Processes: s.processes.list()}, nil)
	case *agentv1.Request_AttachProcess:
		s.attachProcess(c, r.AttachProcess)
	case *agentv1.Request_ProcessInput:
		s.processInput(c, r.ProcessInput)
	case *agentv1.Request_SignalProcess:
		c.answer(&agentv1.Response{}, s.signalProcess(r.SignalProcess))
	case *agentv1.Request_WaitProcess:
		s.waitProcess(c, r.WaitProcess)
	case *agentv1.Request_Ping:
		c.answer(&agentv1.Response{}, nil)
	default:
		c.fail(errdefs.New(errdefs.InvalidArgument, "MALFORMED_REQUEST", "the request is of an unknown kind"))
	}
}

// configured returns the environment that Configure set.
func (s *Server) configured() (*environment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.environment == nil {
		return nil, errdefs.New(errdefs.FailedPrecondition, "AGENT_NOT_CONFIGURED", "the sandbox has not got its environment yet")
	}
	return s.environment, nil
}

// call is one connection.
type call struct {
	conn *os.File
	fr   *frame.Reader
	// masker masks what the call gives out of the sandbox; nil: nothing is masked.
	masker *mask.Masker

	writing sync.Mutex // frames are written whole
}

// write writes a frame that has its header already.
func (c *call) write(b []byte) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	_, err := c.conn.Write(b)
	return err
}

func (c *call) send(t frame.Type, m proto.Message) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	return frame.WriteMessage(c.conn, t, m)
}

// answer sends r, or err when there is one. That the caller has gone is nobody's concern here.
func (c *call) answer(r *agentv1.Response, err error) {
	if err != nil {
		c.fail(err)
		return
	}
	_ = c.send(frame.Response, r)
}

func (c *call) fail(err error) {
	e, ok := errdefs.As(err)
	if !ok {
		e = errdefs.New(errdefs.FailedPrecondition, "AGENT_FAILED", "%s", err.Error())
	}
	_ = c.send(frame.Response, &agentv1.Response{Error: &agentv1.Error{
		Kind: uint32(e.Kind), Reason: e.Reason, Message: e.Message, Metadata: e.Metadata,
	}})
}

// hungUp is closed when the caller has. Nobody else may read from the call.
func (c *call) hungUp() <-chan struct{} {
	gone := make(chan struct{})
	go func() {
		c.gone()
		close(gone)
	}()
	return gone
}

// gone waits until the caller has hung up.
func (c *call) gone() {
	for {
		if _, _, err := c.fr.Next(); err != nil && !errors.Is(err, unix.EINTR) {
			return
		}
	}
}
