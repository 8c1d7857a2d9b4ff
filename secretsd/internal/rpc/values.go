package rpc

import (
	"cmp"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	secretsv1 "github.com/casemate/casemate/gen/go/casemate/secrets/v1"
	"github.com/casemate/casemate/pkg/crc32c"
	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/pkg/redact"
	"github.com/casemate/casemate/secretsd/internal/manager"
	"github.com/casemate/casemate/secretsd/internal/secret"
)

// withValue is a request that brings a value, or asks for one to be made.
type withValue interface {
	GetData() []byte
	GetGenerate() *secretsv1.GeneratedValue
}

// checksum returns the checksum that came with a value, and whether one did.
func checksum(req withValue) (sum int64, sent bool) {
	switch req := req.(type) {
	case *secretsv1.CreateSecretRequest:
		return req.GetDataCrc32C(), req.DataCrc32C != nil
	case *secretsv1.AddSecretVersionRequest:
		return req.GetDataCrc32C(), req.DataCrc32C != nil
	}
	return 0, false
}

// parseValue takes the value of a request, or how to make it; neither is the empty value.
func parseValue(req withValue) (redact.Bytes, *manager.Generate, error) {
	value := redact.New(req.GetData())
	if sum, sent := checksum(req); sent && sum != crc32c.Sum(req.GetData()) {
		return value, nil, &errdefs.Error{
			Kind: errdefs.InvalidArgument, Reason: "DATA_CORRUPTED", Message: "data is not what was sent: its CRC32C is not data_crc32c",
		}
	}
	g := req.GetGenerate()
	switch {
	case g == nil:
		return value, nil, nil
	case value.Len() > 0:
		return value, nil, errdefs.InvalidField("generate", "can't be together with data: the value is either sent or made")
	}
	return value, &manager.Generate{Length: cmp.Or(int(g.GetLength()), 32), Charset: charsets[g.GetCharset()]}, nil
}

var charsets = map[secretsv1.Charset]manager.Charset{
	secretsv1.Charset_CHARSET_UNSPECIFIED:  manager.Alphanumeric,
	secretsv1.Charset_CHARSET_ALPHANUMERIC: manager.Alphanumeric,
	secretsv1.Charset_CHARSET_URL_SAFE:     manager.URLSafe,
	secretsv1.Charset_CHARSET_PRINTABLE:    manager.Printable,
	secretsv1.Charset_CHARSET_HEX:          manager.Hex,
	secretsv1.Charset_CHARSET_DIGITS:       manager.Digits,
}

func parseDestroyTTL(d *durationpb.Duration) (time.Duration, error) {
	const field = "secret.version_destroy_ttl"
	if err := d.CheckValid(); d != nil && err != nil {
		return 0, errdefs.InvalidField(field, "is no duration")
	}
	ttl := d.AsDuration()
	return ttl, secret.CheckDestroyTTL(field, ttl)
}

// parseExpiry takes expire_time or ttl of a secret; without both it never expires.
func parseExpiry(in *secretsv1.Secret) (e manager.Expiry, err error) {
	switch {
	case in.GetTtl() != nil && in.GetExpireTime() != nil:
		return e, errdefs.InvalidField("secret.ttl", "can't be together with expire_time")
	case in.GetTtl() != nil:
		if in.GetTtl().CheckValid() != nil {
			return e, errdefs.InvalidField("secret.ttl", "is no duration")
		}
		if e.TTL = in.GetTtl().AsDuration(); e.TTL == 0 {
			return e, errdefs.InvalidField("secret.ttl", "must be from a second to 100 years")
		}
		return e, secret.CheckTTL("secret.ttl", e.TTL)
	case in.GetExpireTime() != nil:
		if e.Time = in.GetExpireTime().AsTime(); in.GetExpireTime().CheckValid() != nil || e.Time.Year() < 1970 || e.Time.Year() > 2199 {
			return e, errdefs.InvalidField("secret.expire_time", "must be a time before the year 2200")
		}
	}
	return e, nil
}

// firstError returns the first of several errors that is one.
func firstError(errs ...error) error {
	return cmp.Or(errs...)
}
