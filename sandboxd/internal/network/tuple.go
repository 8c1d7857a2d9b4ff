package network

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	attributes "github.com/mdlayher/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// tuple is who opened a connection to what.
type tuple struct {
	from, to netip.Addr
	// protocol is "tcp" or "udp", and empty for all others, which have no port.
	protocol string
	port     uint16 // that it goes to
}

// parseTuple reads the direction that a connection was opened in from an entry's attributes.
func parseTuple(entry []byte) (t tuple, _ error) {
	d, err := attributes.NewAttributeDecoder(entry)
	if err != nil {
		return t, fmt.Errorf("read a connection: %w", err)
	}
	d.ByteOrder = binary.BigEndian
	for d.Next() {
		if d.Type() == nl.CTA_TUPLE_ORIG {
			d.Nested(t.decode)
		}
	}
	if err := d.Err(); err != nil || !t.from.IsValid() || !t.to.IsValid() {
		return t, fmt.Errorf("read a connection: from %v to %v: %w", t.from, t.to, err)
	}
	return t, nil
}

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
		case nl.CTA_PROTO_DST_PORT:
			t.port = d.Uint16()
		}
	}
	return nil
}
