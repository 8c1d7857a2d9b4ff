package rpc

import (
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

const (
	defaultPage = 100
	maxPage     = 1000
)

// pageLimit is how many items a page holds.
func pageLimit(size int32) int {
	if size == 0 {
		return defaultPage
	}
	return min(int(size), maxPage)
}

// A page token is base64url of a check and of the last item of the page before: the check binds it to the list that it
// came from, so that a token of another list is told from a right one. It gives no right: the list it continues is that
// of the request.

// checkSize is the length of a token's check in bytes.
const checkSize = 8

// pageToken makes the token that continues a list after an item.
func pageToken(list, after string) string {
	return base64.RawURLEncoding.EncodeToString(append(tokenCheck(list, after), after...))
}

// pageStart returns the item that a token continues after; empty for the first page.
func pageStart(list, token string) (string, error) {
	if token == "" {
		return "", nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) <= checkSize {
		return "", errPageToken()
	}
	after := string(raw[checkSize:])
	if string(tokenCheck(list, after)) != string(raw[:checkSize]) {
		return "", errPageToken()
	}
	return after, nil
}

func tokenCheck(list, after string) []byte {
	sum := sha256.Sum256([]byte(list + "\x00" + after))
	return sum[:checkSize]
}

func errPageToken() error {
	return errdefs.InvalidField("page_token", "is not a token of this list: start again without one")
}

// pageStartNumber is pageStart for lists that are ordered by a number; 0 is the first page.
func pageStartNumber(list, token string) (int64, error) {
	after, err := pageStart(list, token)
	if after == "" || err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(after, 10, 64)
	if err != nil {
		return 0, errPageToken()
	}
	return n, nil
}

// pageStartKey is pageStart for lists of API keys.
func pageStartKey(list, token string) (secret.KeyPosition, error) {
	after, err := pageStart(list, token)
	if after == "" || err != nil {
		return secret.KeyPosition{}, err
	}
	nanos, id, _ := strings.Cut(after, ".")
	n, err := strconv.ParseInt(nanos, 10, 64)
	if err != nil || id == "" {
		return secret.KeyPosition{}, errPageToken()
	}
	return secret.KeyPosition{CreateTime: time.Unix(0, n).UTC(), ID: id}, nil
}
