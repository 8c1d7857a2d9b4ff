package casemate

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

// portChunk is how much goes in one message.
const portChunk = 64 << 10

// PortConn is a connection to a program that listens in a sandbox, as a net.Conn. The program's connection is reset when it is
// closed before both sides have said that they are done: call CloseWrite, and read to io.EOF, to let it end well.
type PortConn struct {
	call   sandboxv1.SandboxService_ForwardPortClient
	cancel context.CancelFunc
	remote portAddr

	closed atomic.Bool

	readBy, writeBy *deadline

	reading sync.Mutex // one Read at a time; it guards rest and readErr
	rest    []byte
	readErr error
	came    chan []byte // what was received; closed after the last
	lastErr error       // why came was closed

	writing sync.Mutex // one Write at a time; it guards half
	half    bool
	out     chan []byte
	sent    chan error
}

// DialPort connects to a TCP port inside the sandbox: to a program that listens on 127.0.0.1, ::1 or the sandbox's own IPv4
// address. ctx bounds the connecting only. Reasons: PORT_REFUSED, PORT_BUSY, TOO_MANY_FORWARDS, SANDBOX_NOT_RUNNING, SANDBOX_PRIVATE;
// of a later Read also PORT_RESET.
func (s *Sandbox) DialPort(ctx context.Context, port int) (*PortConn, error) {
	calling, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, cancel)
	call, err := s.api.ForwardPort(calling)
	if err == nil {
		start := &sandboxv1.ForwardPortStart{Name: s.Name, Port: uint32(port)}
		err = call.Send(&sandboxv1.ForwardPortRequest{Message: &sandboxv1.ForwardPortRequest_Start{Start: start}})
		if err == nil || errors.Is(err, io.EOF) { // then the answer says why
			_, err = call.Recv()
		}
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if !stop() && err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		cancel()
		return nil, err
	}
	c := &PortConn{
		call: call, cancel: cancel, remote: portAddr{s.Name, port}, readBy: newDeadline(), writeBy: newDeadline(),
		came: make(chan []byte), out: make(chan []byte), sent: make(chan error, 1),
	}
	go c.receive()
	go c.send()
	return c, nil
}

// receive hands on what comes, as it is read. The call's end cancels the sending too.
func (c *PortConn) receive() {
	defer c.cancel()
	ended := false
	for {
		msg, err := c.call.Recv()
		switch {
		case err != nil:
			if !ended {
				switch {
				case c.closed.Load():
					err = net.ErrClosed
				case errors.Is(err, io.EOF):
					err = io.ErrUnexpectedEOF
				}
				c.lastErr = err
				close(c.came)
			}
			return
		case msg.GetEnd() != nil && !ended:
			ended, c.lastErr = true, io.EOF
			close(c.came)
		case len(msg.GetData()) > 0 && !ended:
			select {
			case c.came <- msg.GetData():
			case <-c.call.Context().Done():
			}
		}
	}
}

// send sends what is written. Its messages are its own: a Write may have given up meanwhile.
func (c *PortConn) send() {
	for {
		select {
		case b := <-c.out:
			if b == nil {
				c.sent <- c.call.CloseSend()
				return
			}
			err := c.call.Send(&sandboxv1.ForwardPortRequest{Message: &sandboxv1.ForwardPortRequest_Data{Data: b}})
			if errors.Is(err, io.EOF) { // Read has the reason
				err = io.ErrClosedPipe
			}
			c.sent <- err
			if err != nil {
				return
			}
		case <-c.call.Context().Done():
			return
		}
	}
}

// Read implements net.Conn. io.EOF says that the program sends no more; it may still be written to.
func (c *PortConn) Read(b []byte) (int, error) {
	c.reading.Lock()
	defer c.reading.Unlock()
	if c.readBy.over() {
		return 0, os.ErrDeadlineExceeded
	}
	if len(c.rest) == 0 && c.readErr == nil {
		select {
		case data, ok := <-c.came:
			if !ok {
				c.readErr = c.lastErr
			}
			c.rest = data
		case <-c.readBy.wait():
			return 0, os.ErrDeadlineExceeded
		}
	}
	if len(c.rest) == 0 {
		return 0, c.readErr
	}
	n := copy(b, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// Write implements net.Conn. It waits while the program does not read. After a deadline that was exceeded it is not known how much
// was written: write no more.
func (c *PortConn) Write(b []byte) (int, error) {
	c.writing.Lock()
	defer c.writing.Unlock()
	if c.half {
		return 0, io.ErrClosedPipe
	}
	for n := 0; n < len(b); {
		piece := b[n:min(len(b), n+portChunk)]
		if err := c.give(append([]byte{}, piece...)); err != nil {
			c.half = true
			return n, err
		}
		n += len(piece)
	}
	return len(b), nil
}

// give has send send b; nil half-closes.
func (c *PortConn) give(b []byte) error {
	if c.writeBy.over() {
		return os.ErrDeadlineExceeded
	}
	expired, gone := c.writeBy.wait(), c.call.Context().Done()
	select {
	case c.out <- b:
	case <-expired:
		return os.ErrDeadlineExceeded
	case <-gone:
		return io.ErrClosedPipe
	}
	select {
	case err := <-c.sent:
		return err
	case <-expired:
		return os.ErrDeadlineExceeded
	case <-gone:
		return io.ErrClosedPipe
	}
}

// CloseWrite says that no more will be written; what the program sends is still read.
func (c *PortConn) CloseWrite() error {
	c.writing.Lock()
	defer c.writing.Unlock()
	if c.half {
		return nil
	}
	c.half = true
	return c.give(nil)
}

// Close ends the connection. It is no error to close what has ended.
func (c *PortConn) Close() error {
	c.closed.Store(true)
	c.cancel()
	return nil
}

// LocalAddr implements net.Conn; there is none to speak of.
func (c *PortConn) LocalAddr() net.Addr { return portAddr{"casemate", 0} }

// RemoteAddr is the sandbox's name and the port.
func (c *PortConn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline implements net.Conn.
func (c *PortConn) SetDeadline(t time.Time) error {
	c.readBy.set(t)
	c.writeBy.set(t)
	return nil
}

// SetReadDeadline implements net.Conn.
func (c *PortConn) SetReadDeadline(t time.Time) error {
	c.readBy.set(t)
	return nil
}

// SetWriteDeadline implements net.Conn.
func (c *PortConn) SetWriteDeadline(t time.Time) error {
	c.writeBy.set(t)
	return nil
}

// portAddr is a port of a sandbox.
type portAddr struct {
	sandbox string
	port    int
}

// Network implements net.Addr.
func (portAddr) Network() string { return "casemate" }

// String implements net.Addr.
func (a portAddr) String() string { return a.sandbox + ":" + strconv.Itoa(a.port) }
