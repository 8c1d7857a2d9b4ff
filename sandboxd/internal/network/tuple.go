package network

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	attributes "github.com/mdlayher/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// tuple is one direction of a connection.
type tuple struct {
	from, to netip.Addr
	// protocol is "tcp" or "udp", and empty for all others, which have no ports.
	protocol         string
	fromPort, toPort uint16
}

// connection is what the kernel tracks: the direction that it was opened in, and its answers. Where addresses are translated, one is not
// the other's inverse.
type connection struct{ opened, answers tuple }

// parseConnection reads an entry's attributes.
func parseConnection(entry []byte) (c connection, _ error) {
	d, err := attributes.NewAttributeDecoder(entry)
	if err != nil {
		return c, fmt.Errorf("read a connection: %w", err)
	}
	d.ByteOrder = binary.BigEndian
	for d.Next() {
		switch d.Type() {
		case nl.CTA_TUPLE_ORIG:
			d.Nested(c.opened.decode)
		case nl.CTA_TUPLE_REPLY:
			d.Nested(c.answers.decode)
		}
	}
	if err := d.Err(); err != nil || !c.opened.isValid() || !c.answers.isValid() {
		return c, fmt.Errorf("read a connection: %v answered by %v: %w", c.opened, c.answers, err)
	}
	return c, nil
}

func (t tuple) isValid() bool { return t.from.IsValid() && t.to.IsValid() }

func (t *tuple) decode(d *attributes.AttributeDecoder) error {
	for d.Next() {
		switch d.Type() {
		case nl.CTA_TUPLE_IP:
			d.Nested(t.decodeAddresses)
		case nl.CTA_TUPLE_PROTO:
			d.Nested(t.decodeProtocol)
		}
	}
	return nil
}

func (t *tuple) decodeAddresses(d *attributes.AttributeDecoder) error {
	for d.Next() {
		a, _ := netip.AddrFromSlice(d.Bytes())
		switch d.Type() {
		case nl.CTA_IP_V4_SRC, nl.CTA_IP_V6_SRC:
			t.from = a
		case nl.CTA_IP_V4_DST, nl.CTA_IP_V6_DST:
			t.to = a
		}
	}
	return nil
}

func (t *tuple) decodeProtocol(d *attributes.AttributeDecoder) error {
	for d.Next() {
		switch d.Type() {
		case nl.CTA_PROTO_NUM:
			switch d.Uint8() {
			case unix.IPPROTO_TCP:
				t.protocol = "tcp"
			case unix.IPPROTO_UDP:
				t.protocol = "udp"
			}
		case nl.CTA_PROTO_SRC_PORT:
			t.fromPort = d.Uint16()
		case nl.CTA_PROTO_DST_PORT:
			t.toPort = d.Uint16()
		}
	}
	return nil
}
