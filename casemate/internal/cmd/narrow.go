package cmd

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	sandboxv1 "github.com/casemate/casemate/gen/go/casemate/sandbox/v1"
)

func (a *app) network() *cobra.Command {
	var flags networkFlags
	var none, unpublish bool
	c := &cobra.Command{
		Use: "network SANDBOX", Args: exactArgs(1), Short: "Show what a sandbox may reach and where it is reached, or narrow it while it runs",
		Long: `Show what of the network a sandbox may reach, and where its published ports are reached, or, with options, narrow it while the sandbox
runs. Connections that are not allowed any more are cut. --allow takes the place of what was allowed, --publish that of what was
published, and each has to lie within it; --deny is added to what was denied. What was taken away is not to be had back: for more,
make a new sandbox.`,
		Example: `  casemate network sb-2cs3f6rn5ybwszfe
  casemate network sb-2cs3f6rn5ybwszfe --allow 203.0.113.0/24=tcp:443 --no-dns
  casemate network sb-2cs3f6rn5ybwszfe --none`,
		RunE: func(c *cobra.Command, args []string) error {
			if none && len(flags.allow) > 0 {
				return usagef("--none leaves nothing for --allow")
			}
			if (none || unpublish) && len(flags.publish) > 0 {
				return usagef("--none and --unpublish leave nothing for --publish")
			}
			given, err := flags.parse()
			if err != nil {
				return err
			}
			return a.eachSandbox(args, func(sandboxes sandboxv1.SandboxServiceClient, name string) error {
				got, err := sandboxes.GetSandbox(c.Context(), &sandboxv1.GetSandboxRequest{Name: name})
				if err != nil {
					return err
				}
				if given == nil && !none && !unpublish {
					return a.show(got, func() error { return a.printNetwork(got.GetSandbox()) })
				}
				to := narrow(got.GetSandbox().GetSpec().GetNetwork(), given, none)
				if unpublish {
					to.Ingress = nil
				}
				resp, err := sandboxes.UpdateNetwork(c.Context(), &sandboxv1.UpdateNetworkRequest{
					Name: name, Network: to,
				})
				if err != nil {
					return err
				}
				return a.show(resp, func() error { return a.printNetwork(resp.GetSandbox()) })
			})
		},
	}
	flags.registerRules(c)
	c.Flags().BoolVar(&none, "none", false, "nothing at all")
	c.Flags().BoolVar(&unpublish, "unpublish", false, "no port is published any more")
	return c
}

func (a *app) printNetwork(s *sandboxv1.Sandbox) error {
	return a.line(strings.Join(append([]string{rules(s.GetSpec().GetNetwork())}, endpoints(s)...), "\n"))
}

// narrow returns the rules n with those that were given besides, which may be nil.
func narrow(n, given *sandboxv1.Network, none bool) *sandboxv1.Network {
	to := &sandboxv1.Network{
		Mode: n.GetMode(), Allow: given.GetAllow(), Deny: slices.Concat(n.GetDeny(), given.GetDeny()), NoDns: n.GetNoDns() || given.GetNoDns(),
		MaxConnections: given.GetMaxConnections(), MaxBytesPerSecond: given.GetMaxBytesPerSecond(),
		Ingress: given.GetIngress(),
	}
	// To deny what is denied already changes nothing.
	denied := map[string]bool{}
	to.Deny = slices.DeleteFunc(to.Deny, func(d *sandboxv1.Destination) bool {
		was := denied[destination(d)]
		denied[destination(d)] = true
		return was
	})
	if len(to.Allow) == 0 {
		to.Allow = n.GetAllow()
	}
	if len(to.Ingress) == 0 {
		to.Ingress = n.GetIngress()
	}
	if none { // which leaves nothing to limit either
		to.MaxConnections, to.MaxBytesPerSecond = 0, 0
		to.Mode, to.Allow, to.Ingress = sandboxv1.NetworkMode_NETWORK_MODE_NONE, nil, nil
	}
	return to
}

// rules writes rules as the options that make them: "internet --allow 203.0.113.0/24=tcp:443 --no-dns".
func rules(n *sandboxv1.Network) string {
	words := []string{word(n.GetMode(), "NETWORK_MODE_")}
	for _, d := range n.GetAllow() {
		words = append(words, "--allow "+destination(d))
	}
	for _, d := range n.GetDeny() {
		words = append(words, "--deny "+destination(d))
	}
	for _, r := range n.GetIngress() {
		words = append(words, "--publish "+published(r))
	}
	if n.GetNoDns() {
		words = append(words, "--no-dns")
	}
	if n.GetMaxConnections() > 0 {
		words = append(words, fmt.Sprintf("--connections %d", n.GetMaxConnections()))
	}
	if bytes := n.GetMaxBytesPerSecond(); bytes > 0 {
		words = append(words, "--bandwidth "+exactSize(bytes))
	}
	return strings.Join(words, " ")
}

// exactSize writes a size as the options take it, in the largest unit that leaves nothing over: 1536KiB.
func exactSize(n int64) string {
	for _, unit := range []struct {
		bytes int64
		name  string
	}{{humanize.GiByte, "GiB"}, {humanize.MiByte, "MiB"}, {humanize.KiByte, "KiB"}} {
		if n%unit.bytes == 0 {
			return fmt.Sprintf("%d%s", n/unit.bytes, unit.name)
		}
	}
	return strconv.FormatInt(n, 10)
}

// destination writes a destination as the options take it; what it leaves out follows in words, since no option has it.
func destination(d *sandboxv1.Destination) string {
	s := d.GetCidr()
	if d.GetProtocol() != sandboxv1.NetworkProtocol_NETWORK_PROTOCOL_UNSPECIFIED {
		s += "=" + word(d.GetProtocol(), "NETWORK_PROTOCOL_")
	}
	if d.GetFirstPort() > 0 {
		s += fmt.Sprintf(":%d", d.GetFirstPort())
	}
	if d.GetLastPort() > d.GetFirstPort() {
		s += fmt.Sprintf("-%d", d.GetLastPort())
	}
	if len(d.GetExcept()) > 0 {
		s += " (but for " + strings.Join(d.GetExcept(), ", ") + ")"
	}
	return s
}
