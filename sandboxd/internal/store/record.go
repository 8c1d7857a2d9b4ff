package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/casemate/casemate/pkg/errdefs"
	"github.com/casemate/casemate/sandboxd/internal/sandbox"
)

// specRecord is a sandbox.Spec as stored in the column `spec`:
//
//	{"image":"python:3.11","command":["sleep","60"],"environment":{"LANG":"C"},
//	 "secrets":[{"secret":"HF_TOKEN","version":"3","env_var":"TOKEN"}],
//	 "memory_bytes":536870912,"cpu_millis":1000,"pids":512,"max_lifetime_ns":3600000000000,
//	 "idle_timeout_ns":600000000000,"stop_grace_ns":10000000000,"tags":["a"],"runtime":"native",
//	 "network":{"mode":"INTERNET","allow":[{"cidr":"198.51.100.0/24","protocol":"tcp","first_port":443,"last_port":443}]}}
type specRecord struct {
	Image         string            `json:"image"`
	Command       []string          `json:"command,omitempty"`
	Environment   map[string]string `json:"environment,omitempty"`
	Secrets       []secretRecord    `json:"secrets,omitempty"`
	WorkingDir    string            `json:"working_dir,omitempty"`
	User          string            `json:"user,omitempty"`
	MemoryBytes   int64             `json:"memory_bytes"`
	CPUMillis     int64             `json:"cpu_millis"`
	Pids          int64             `json:"pids"`
	DiskBytes     int64             `json:"disk_bytes,omitempty"`
	Inodes        int64             `json:"inodes,omitempty"`
	OpenFiles     int64             `json:"open_files,omitempty"`
	OutputBytes   int64             `json:"output_bytes,omitempty"`
	MaxLifetimeNS int64             `json:"max_lifetime_ns"`
	IdleTimeoutNS int64             `json:"idle_timeout_ns,omitempty"`
	StopGraceNS   *int64            `json:"stop_grace_ns,omitempty"`
	Tags          []string          `json:"tags,omitempty"`
	Runtime       string            `json:"runtime"`
	Network       networkRecord     `json:"network"`
	MaskOutput    bool              `json:"mask_output,omitempty"`
}

type networkRecord struct {
	Mode  string              `json:"mode"`
	Allow []destinationRecord `json:"allow,omitempty"`
	Deny  []destinationRecord `json:"deny,omitempty"`
	NoDNS bool                `json:"no_dns,omitempty"`
	networkLimitsRecord

	Ingress []ingressRecord `json:"ingress,omitempty"`
}

type networkLimitsRecord struct {
	Connections    int64 `json:"max_connections,omitempty"`
	BytesPerSecond int64 `json:"max_bytes_per_second,omitempty"`
}

type ingressRecord struct {
	Port     uint16   `json:"port"`
	Protocol string   `json:"protocol"`
	From     []string `json:"from"`
	HostPort uint16   `json:"host_port"`
}

type destinationRecord struct {
	CIDR      string   `json:"cidr"`
	Except    []string `json:"except,omitempty"`
	Protocol  string   `json:"protocol,omitempty"`
	FirstPort uint16   `json:"first_port,omitempty"`
	LastPort  uint16   `json:"last_port,omitempty"`
}

type secretRecord struct {
	Secret  string `json:"secret"`
	Version string `json:"version,omitempty"`
	Field   string `json:"field,omitempty"`
	EnvVar  string `json:"env_var"`
}

func encodeSpec(s sandbox.Spec) (string, error) {
	r := specRecord{
		Image: s.Image, Command: s.Command, Environment: s.Environment, WorkingDir: s.WorkingDir, User: s.User,
		MemoryBytes: s.Resources.MemoryBytes, CPUMillis: s.Resources.CPUMillis, Pids: s.Resources.Pids,
		DiskBytes: s.Resources.DiskBytes, Inodes: s.Resources.Inodes, OpenFiles: s.Resources.OpenFiles, OutputBytes: s.Resources.OutputBytes,
		MaxLifetimeNS: int64(s.MaxLifetime), IdleTimeoutNS: int64(s.IdleTimeout), StopGraceNS: (*int64)(s.StopGrace), Tags: s.Tags, Runtime: s.Runtime,
		MaskOutput: s.MaskOutput,
	}
	for _, ref := range s.Secrets {
		r.Secrets = append(r.Secrets, secretRecord(ref))
	}
	r.Network = networkRecord{Mode: string(s.Network.Mode), NoDNS: s.Network.NoDNS, networkLimitsRecord: networkLimitsRecord(s.Network.Limits)}
	for _, d := range s.Network.Allow {
		r.Network.Allow = append(r.Network.Allow, destinationRecord(d))
	}
	for _, d := range s.Network.Deny {
		r.Network.Deny = append(r.Network.Deny, destinationRecord(d))
	}
	for _, i := range s.Network.Ingress {
		r.Network.Ingress = append(r.Network.Ingress, ingressRecord(i))
	}
	b, err := json.Marshal(r)
	return string(b), err
}

func decodeSpec(text string) (sandbox.Spec, error) {
	var r specRecord
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return sandbox.Spec{}, fmt.Errorf("decoding recorded spec: %w", err)
	}
	s := sandbox.Spec{
		Image: r.Image, Command: r.Command, Environment: r.Environment, WorkingDir: r.WorkingDir, User: r.User,
		Resources: sandbox.Resources{
			MemoryBytes: r.MemoryBytes, CPUMillis: r.CPUMillis, Pids: r.Pids, DiskBytes: r.DiskBytes, Inodes: r.Inodes,
			OpenFiles: r.OpenFiles, OutputBytes: r.OutputBytes,
		},
		MaxLifetime: time.Duration(r.MaxLifetimeNS), IdleTimeout: time.Duration(r.IdleTimeoutNS), StopGrace: (*time.Duration)(r.StopGraceNS),
		Tags: r.Tags, Runtime: r.Runtime, MaskOutput: r.MaskOutput,
	}
	for _, ref := range r.Secrets {
		s.Secrets = append(s.Secrets, sandbox.SecretRef(ref))
	}
	s.Network = sandbox.Network{Mode: sandbox.NetworkMode(r.Network.Mode), NoDNS: r.Network.NoDNS, Limits: sandbox.NetworkLimits(r.Network.networkLimitsRecord)}
	for _, d := range r.Network.Allow {
		s.Network.Allow = append(s.Network.Allow, sandbox.Destination(d))
	}
	for _, d := range r.Network.Deny {
		s.Network.Deny = append(s.Network.Deny, sandbox.Destination(d))
	}
	for _, i := range r.Network.Ingress {
		s.Network.Ingress = append(s.Network.Ingress, sandbox.IngressRule(i))
	}
	return s, nil
}

// runner is a *sql.DB or a *sql.Tx.
type runner interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

const columns = `id, team, creator, request_id, front, front_data, spec, state, reason, exit_code,
	create_time, start_time, end_time, expire_time, runtime, image_digest, secret_versions, private_to, masking`

func insert(ctx context.Context, db runner, sb sandbox.Sandbox) error {
	spec, err := encodeSpec(sb.Spec)
	if err != nil {
		return err
	}
	versions, err := encodeNames(sb.SecretVersions)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `INSERT INTO sandboxes (`+columns+`) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
		sb.ID, sb.Team, sb.Creator, sb.RequestID, sb.Front, sb.FrontData, spec, string(sb.State), sb.Reason, sb.ExitCode,
		nanos(sb.CreateTime), nanos(sb.StartTime), nanos(sb.EndTime), nanos(sb.ExpireTime), sb.Runtime, sb.ImageDigest, versions,
		sb.PrivateTo, encodeMasking(sb.Masking))
	return err
}

func update(ctx context.Context, db runner, sb sandbox.Sandbox) error {
	spec, err := encodeSpec(sb.Spec)
	if err != nil {
		return err
	}
	versions, err := encodeNames(sb.SecretVersions)
	if err != nil {
		return err
	}
	from, err := statesBefore(sb.State)
	if err != nil {
		return err
	}
	res, err := db.ExecContext(ctx, `UPDATE sandboxes SET spec = ?, state = ?, reason = ?, exit_code = ?,
		start_time = ?, end_time = ?, expire_time = ?, image_digest = ?, secret_versions = ?, private_to = ?, masking = ?
		WHERE id = ? AND state IN (SELECT value FROM json_each(?))`,
		spec, string(sb.State), sb.Reason, sb.ExitCode, nanos(sb.StartTime), nanos(sb.EndTime), nanos(sb.ExpireTime), sb.ImageDigest, versions,
		sb.PrivateTo, encodeMasking(sb.Masking), sb.ID, from)
	if err != nil {
		return fmt.Errorf("updating record: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return err
	}
	before, err := get(ctx, db, sb.ID)
	if err != nil {
		return err
	}
	return fmt.Errorf("sandbox %s can't go from %s to %s", sb.ID, before.State, sb.State)
}

// statesBefore are the states, as a JSON array, that a record may be in which is to say to: those that may go there, and to
// itself, since a write that seemed to fail may have been done and is tried again.
func statesBefore(to sandbox.State) (string, error) {
	var names []string
	for _, s := range sandbox.States() {
		if s.CanMove(to) || s == to {
			names = append(names, string(s))
		}
	}
	return encodeNames(names)
}

func get(ctx context.Context, db runner, id string) (sandbox.Sandbox, error) {
	sb, err := scan(db.QueryRowContext(ctx, `SELECT `+columns+` FROM sandboxes WHERE id = ?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return sandbox.Sandbox{}, notFound(id)
	}
	return sb, err
}

func notFound(id string) error {
	return errdefs.New(errdefs.NotFound, "SANDBOX_NOT_FOUND", "there is no sandbox %q", id)
}

func scan(row interface{ Scan(...any) error }) (sandbox.Sandbox, error) {
	var (
		sb                      sandbox.Sandbox
		spec, state, versions   string
		masking                 string
		created                 int64
		started, ended, expires sql.NullInt64
		exitCode                sql.NullInt32
	)
	err := row.Scan(&sb.ID, &sb.Team, &sb.Creator, &sb.RequestID, &sb.Front, &sb.FrontData, &spec, &state, &sb.Reason, &exitCode,
		&created, &started, &ended, &expires, &sb.Runtime, &sb.ImageDigest, &versions, &sb.PrivateTo, &masking)
	if err != nil {
		return sandbox.Sandbox{}, fmt.Errorf("reading record: %w", err)
	}
	if sb.Spec, err = decodeSpec(spec); err != nil {
		return sandbox.Sandbox{}, err
	}
	if err := json.Unmarshal([]byte(versions), &sb.SecretVersions); err != nil {
		return sandbox.Sandbox{}, fmt.Errorf("decoding recorded secret versions: %w", err)
	}
	if sb.Masking, err = decodeMasking(masking); err != nil {
		return sandbox.Sandbox{}, err
	}
	sb.State = sandbox.State(state)
	sb.CreateTime = time.Unix(0, created).UTC()
	sb.StartTime, sb.EndTime, sb.ExpireTime = fromNanos(started), fromNanos(ended), fromNanos(expires)
	if exitCode.Valid {
		sb.ExitCode = &exitCode.Int32
	}
	return sb, nil
}

func scanAll(rows *sql.Rows) ([]sandbox.Sandbox, error) {
	defer func() { _ = rows.Close() }()
	var all []sandbox.Sandbox
	for rows.Next() {
		sb, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, sb)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading records: %w", err)
	}
	return all, nil
}

func encodeNames(names []string) (string, error) {
	if names == nil {
		names = []string{}
	}
	b, err := json.Marshal(names)
	return string(b), err
}

// nanos is NULL for the zero time.
func nanos(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixNano()
}

func fromNanos(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return time.Unix(0, n.Int64).UTC()
}
