package archive

import (
	"archive/tar"
	"errors"
	"os"
	"strings"
	"syscall"

	"github.com/pkg/xattr"
)

// Extended attributes of files and directories. An archive has those of the user's own, as GNU tar and libarchive write them:
// a PAX record SCHILY.xattr.NAME. Those of the system, such as access lists and capabilities, mean something else elsewhere.
const (
	attributeRecord = "SCHILY.xattr."
	userAttribute   = "user."
	// maxAttributes bounds names and values of one entry, in bytes.
	maxAttributes = 256 << 10
)

// ReadAttributes returns the user's own attributes of a file, at most 256 KiB of names and values. left is how many others
// there are: too long, of a name that an archive can't hold, access lists, capabilities.
func ReadAttributes(f *os.File) (attributes map[string]string, left int64, err error) {
	names, err := xattr.FList(f)
	if err != nil {
		return nil, 0, attributeError(err)
	}
	room := maxAttributes
	for _, name := range names {
		switch {
		case strings.HasPrefix(name, "security.") && name != "security.capability": // the system makes them itself, everywhere
			continue
		case !strings.HasPrefix(name, userAttribute) || strings.Contains(name, "="):
			left++
			continue
		}
		value, err := xattr.FGet(f, name)
		if errors.Is(err, xattr.ENOATTR) {
			continue // it went meanwhile
		}
		if err != nil {
			return nil, 0, attributeError(err)
		}
		if room -= len(name) + len(value); room < 0 {
			left++
			continue
		}
		if attributes == nil {
			attributes = map[string]string{}
		}
		attributes[name] = string(value)
	}
	return attributes, left, nil
}

// WriteAttributes gives a file attributes. left is how many its file system has no place for, or does not know. Other errors
// are the system's.
func WriteAttributes(f *os.File, attributes map[string]string) (left int64, err error) {
	for name, value := range attributes {
		err := xattr.FSet(f, name, []byte(value))
		switch {
		case errors.Is(err, syscall.ENOTSUP), errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.E2BIG), errors.Is(err, syscall.ERANGE):
			left++
		case err != nil:
			return left, attributeError(err)
		}
	}
	return left, nil
}

// attributeError is the system's own error, without the library's words about it; none where there are no attributes at all.
func attributeError(err error) error {
	if errors.Is(err, syscall.ENOTSUP) {
		return nil
	}
	if e := (*xattr.Error)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
}

// PutAttributes writes attributes into an entry's header, which has to be of tar.FormatPAX.
func PutAttributes(h *tar.Header, attributes map[string]string) {
	for name, value := range attributes {
		if h.PAXRecords == nil {
			h.PAXRecords = map[string]string{}
		}
		h.PAXRecords[attributeRecord+name] = value
	}
}

// attributes are those of an entry's that are the user's own. left are the others.
func attributes(h *tar.Header) (own map[string]string, left int64) {
	for record, value := range h.PAXRecords {
		name, ok := strings.CutPrefix(record, attributeRecord)
		switch {
		case !ok:
		case !strings.HasPrefix(name, userAttribute):
			left++
		default:
			if own == nil {
				own = map[string]string{}
			}
			own[name] = value
		}
	}
	return own, left
}
