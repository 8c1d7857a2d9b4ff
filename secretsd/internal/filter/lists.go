package filter

import (
	"time"

	"github.com/casemate/casemate/secretsd/internal/secret"
)

var secretFields = map[string]field[secret.Secret]{
	"name":           {text: func(s secret.Secret) string { return s.Name }},
	"description":    {text: func(s secret.Secret) string { return s.Description }},
	"labels":         {labels: func(s secret.Secret) map[string]string { return s.Labels }},
	"latest_version": {number: func(s secret.Secret) int64 { return s.LatestVersion }},
	"create_time":    {moment: func(s secret.Secret) time.Time { return s.CreateTime }},
	"update_time":    {moment: func(s secret.Secret) time.Time { return s.UpdateTime }},
	"expire_time":    {moment: func(s secret.Secret) time.Time { return s.ExpireTime }},
	"delete_time":    {moment: func(s secret.Secret) time.Time { return s.DeleteTime }},
}

var versionFields = map[string]field[secret.Version]{
	"version":                {number: func(v secret.Version) int64 { return v.Number }},
	"state":                  {text: func(v secret.Version) string { return string(v.State) }},
	"creator":                {text: func(v secret.Version) string { return v.Creator }},
	"size_bytes":             {number: func(v secret.Version) int64 { return v.Size }},
	"create_time":            {moment: func(v secret.Version) time.Time { return v.CreateTime }},
	"destroy_time":           {moment: func(v secret.Version) time.Time { return v.DestroyTime }},
	"scheduled_destroy_time": {moment: func(v secret.Version) time.Time { return v.ScheduledDestroyTime }},
}

// Secrets compiles a filter of secrets; an empty one is nil.
func Secrets(text string) (func(secret.Secret) bool, error) { return parse(text, secretFields) }

// Versions compiles a filter of versions; an empty one is nil.
func Versions(text string) (func(secret.Version) bool, error) { return parse(text, versionFields) }
