package cmd

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dustin/go-humanize"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// line prints one line, or lines, harmless to a terminal.
func (a *app) line(text string) error {
	_, err := fmt.Fprintln(a.Out, plain(text, '\n', '\t'))
	return err
}

// show prints msg as JSON when that was asked for, and text otherwise. The JSON is protobuf's own mapping with the proto's
// field names, two spaces of indent, and stays as it is.
func (a *app) show(msg proto.Message, text func() error) error {
	if a.output == "text" {
		return text()
	}
	raw, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(msg)
	if err != nil {
		return err
	}
	indented, err := indentJSON(raw)
	if err != nil {
		return err
	}
	return a.line(indented)
}

// jsonLine prints msg as show does, but in one line: for what comes one by one.
func (a *app) jsonLine(msg proto.Message) error {
	raw, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(msg)
	if err != nil {
		return err
	}
	line, err := compactJSON(raw)
	if err != nil {
		return err
	}
	return a.line(line)
}

// table prints rows in aligned columns under a header.
func (a *app) table(header []string, rows [][]string) error {
	w := tabwriter.NewWriter(a.Out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, strings.Join(header, "\t"))
	for _, row := range rows {
		fmt.Fprintln(w, strings.Join(cells(row), "\t"))
	}
	return w.Flush()
}

// age says how long ago t was; a dash for no time.
func age(t *timestamppb.Timestamp) string {
	if t == nil {
		return "-"
	}
	return humanize.Time(t.AsTime())
}

// moment writes t to the second in local time.
func moment(t *timestamppb.Timestamp) string {
	if t == nil {
		return "-"
	}
	return t.AsTime().Local().Format(time.DateTime)
}

// base is the last part of a resource name.
func base(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

// word writes an enum value as people say it: KEY_SCOPE_RUN with the prefix KEY_SCOPE_ is "run".
func word(value fmt.Stringer, prefix string) string {
	return strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(value.String(), prefix), "_", " "))
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
