package rootless_test

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/miekg/dns"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

const (
	inOwnHost = "CASEMATE_TEST_OWN_HOST"
	// user is an ordinary one of the tests' host, and of no other: nobody else's are its id and range. lonely is one without a range.
	user      = "casemate-rootless-test"
	uid       = 64123
	lonely    = "casemate-lonely-test"
	lonelyUID = 64124
	firstSub  = 0x6f000000
	ids       = 1 << 16

	hostAddr  = "203.0.113.1"
	otherAddr = "198.51.100.1" // the host's too
	worldAddr = "203.0.113.2"
	worldName = "world.test"
	socket    = "@casemate-rootless-test" // an abstract one
)

// TestMain runs the tests in network, mount and pid namespaces of their own, which are the host as far as they know: it has two users
// more, a /dev/net/tun for everybody as most hosts do, a server of its own, and one neighbour, the world.
func TestMain(m *testing.M) {
	if os.Getenv(inOwnHost) != "" {
		if err := furnishHost(); err != nil {
			fmt.Fprintln(os.Stderr, "making a host for the tests:", err)
			os.Exit(1)
		}
		code := m.Run()
		if dir, _ := build(); dir != "" {
			_ = os.RemoveAll(dir)
		}
		os.Exit(code)
	}
	for program, pkg := range map[string]string{"newuidmap": "uidmap", "slirp4netns": "slirp4netns"} {
		if _, err := exec.LookPath(program); err != nil {
			fmt.Fprintf(os.Stderr, "%v\ninstall it with: apt-get install %s\n", err, pkg)
			os.Exit(1)
		}
	}
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), inOwnHost+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET | unix.CLONE_NEWNS | unix.CLONE_NEWPID}
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		os.Exit(exit.ExitCode())
	} else if err != nil {
		fmt.Fprintln(os.Stderr, "these tests make users and namespaces, which needs root: run `sudo make test`:", err)
		os.Exit(1)
	}
}

func furnishHost() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	if err := unix.Mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
		return err
	}
	sub := fmt.Sprintf("%s:%d:%d\n", user, firstSub, ids)
	for file, lines := range map[string]string{
		"/etc/passwd": fmt.Sprintf("%s:x:%d:%[2]d::/nonexistent:/bin/sh\n%s:x:%d:%[4]d::/nonexistent:/bin/sh\n", user, uid, lonely, lonelyUID),
		"/etc/group":  fmt.Sprintf("%s:x:%d:\n%s:x:%d:\n", user, uid, lonely, lonelyUID),
		"/etc/subuid": sub,
		"/etc/subgid": sub,
	} {
		if err := addLines(file, lines); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	if err := unix.Mount("tmpfs", "/dev/net", "tmpfs", 0, "mode=0755"); err != nil {
		return err
	}
	if err := unix.Mknod("/dev/net/tun", unix.S_IFCHR|0o666, int(unix.Mkdev(10, 200))); err != nil {
		return err
	}
	if err := os.Chmod("/dev/net/tun", 0o666); err != nil {
		return err
	}
	if err := makeWorld(); err != nil {
		return err
	}
	for _, at := range [][2]string{{"tcp", ":80"}, {"unix", socket}} {
		lis, err := net.Listen(at[0], at[1])
		if err != nil {
			return err
		}
		go greet(lis, "the host")
	}
	return nil
}

// addLines covers a file with one that has more lines.
func addLines(file, lines string) error {
	text, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	f, err := os.CreateTemp("", filepath.Base(file))
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // the mount keeps it
	_, err = f.WriteString(string(text) + lines)
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err != nil {
		return err
	}
	return unix.Mount(f.Name(), file, "", unix.MS_BIND, "")
}

// makeWorld gives the host a link to a namespace in which a server greets everybody who connects, and one knows worldName.
func makeWorld() error {
	var lis net.Listener
	var names net.PacketConn
	var world *os.File
	err := onThread(func() (err error) {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return err
		}
		if world, err = os.Open("/proc/thread-self/ns/net"); err != nil {
			return err
		}
		if lis, err = net.Listen("tcp", ":80"); err != nil {
			return err
		}
		names, err = net.ListenPacket("udp", ":53")
		return err
	})
	if err != nil {
		return err
	}
	inside, err := netlink.NewHandleAt(netns.NsHandle(world.Fd()))
	if err != nil {
		return err
	}
	here, err := netlink.NewHandle()
	if err != nil {
		return err
	}
	veth := netlink.NewVeth(netlink.LinkAttrs{Name: "up0"})
	veth.PeerName, veth.PeerNamespace = "world0", netlink.NsFd(world.Fd())
	if err := here.LinkAdd(veth); err != nil {
		return err
	}
	for _, end := range []struct {
		*netlink.Handle
		link      string
		addresses []string
	}{{here, "lo", []string{otherAddr + "/32"}}, {here, "up0", []string{hostAddr + "/24"}}, {inside, "lo", nil}, {inside, "world0", []string{worldAddr + "/24"}}} {
		link, err := end.LinkByName(end.link)
		if err != nil {
			return err
		}
		if err := end.LinkSetUp(link); err != nil {
			return err
		}
		for _, a := range end.addresses {
			address, err := netlink.ParseAddr(a)
			if err != nil {
				return err
			}
			if err := end.AddrAdd(link, address); err != nil {
				return err
			}
		}
	}
	if err := here.RouteAdd(&netlink.Route{LinkIndex: veth.Attrs().Index, Gw: net.ParseIP(worldAddr)}); err != nil {
		return err
	}
	go greet(lis, "the world")
	go serveName(names)
	return nil
}

// greet tells everybody by HTTP who it is, and whom it sees.
func greet(lis net.Listener, who string) {
	_ = http.Serve(lis, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer, _, _ := net.SplitHostPort(r.RemoteAddr)
		_, _ = fmt.Fprintf(w, "%s greets %s", who, strings.TrimPrefix(peer, "::ffff:"))
	}))
}

// serveName answers questions for the world's address.
func serveName(conn net.PacketConn) {
	server := dns.Server{PacketConn: conn, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		if q := q.Question[0]; q.Qtype == dns.TypeA && q.Name == worldName+"." {
			rr, _ := dns.NewRR(worldName + ". 60 IN A " + worldAddr)
			m.Answer = append(m.Answer, rr)
		}
		_ = w.WriteMsg(m)
	})}
	_ = server.ActivateAndServe()
}

// onThread runs f on a thread that is thrown away afterwards.
func onThread(f func() error) error {
	result := make(chan error)
	go func() {
		runtime.LockOSThread()
		result <- f()
	}()
	return <-result
}
