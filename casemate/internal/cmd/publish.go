package cmd

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

// parsePublish reads PORT[/PROTOCOL][=BLOCK[,BLOCK...]]; a single address is the block of it alone.
func parsePublish(text string) (*sandboxv1.IngressRule, bool) {
	what, from, limited := strings.Cut(text, "=")
	number, protocol, named := strings.Cut(what, "/")
	port, ok := parsePort(number)
	if !ok {
		return nil, false
	}
	r := &sandboxv1.IngressRule{Port: port, Protocol: sandboxv1.NetworkProtocol_NETWORK_PROTOCOL_TCP}
	switch {
	case protocol == "udp":
		r.Protocol = sandboxv1.NetworkProtocol_NETWORK_PROTOCOL_UDP
	case named && protocol != "tcp":
		return nil, false
	}
	if !limited {
		return r, true
	}
	for _, text := range strings.Split(from, ",") {
		block, ok := parseBlock(text)
		if !ok {
			return nil, false
		}
		r.From = append(r.From, block)
	}
	return r, true
}

// published writes a rule as the option takes it.
func published(r *sandboxv1.IngressRule) string {
	s := fmt.Sprintf("%d/%s", r.GetPort(), word(r.GetProtocol(), "NETWORK_PROTOCOL_"))
	if len(r.GetFrom()) > 0 {
		s += "=" + strings.Join(r.GetFrom(), ",")
	}
	return s
}

// endpoints say where a sandbox's ports are reached, a line each: "80/tcp at 192.0.2.10:31000".
func endpoints(s *sandboxv1.Sandbox) (lines []string) {
	for _, e := range s.GetEndpoints() {
		lines = append(lines, fmt.Sprintf("%d/%s at %s", e.GetPort(), word(e.GetProtocol(), "NETWORK_PROTOCOL_"),
			net.JoinHostPort(e.GetAddress(), strconv.Itoa(int(e.GetHostPort())))))
	}
	return lines
}
