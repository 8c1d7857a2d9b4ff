"""The requests that blocking and asynchronous code both send."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from casemate._types import Resources, Secret
from casemate.sandbox.v1 import processes_pb2, resources_pb2, sandbox_service_pb2

DEFAULT_IMAGE = "python:3.11"
"""The image of sandboxes that name none."""

STDIN_AHEAD = 16
"""Messages of stdin on their way before a writer has to wait."""

_STDIN_CHUNK = 1 << 20  # what one message may carry


def run_sandbox(
    parent: str,
    command: Sequence[str],
    *,
    container_image: str | None,
    secrets: Sequence[Secret],
    environment_variables: Mapping[str, str] | None,
    working_dir: str | None,
    user: str | None,
    resources: Resources | None,
    max_lifetime_seconds: float | None,
    idle_timeout_seconds: float | None,
    graceful_shutdown_seconds: float | None,
    files: Mapping[str, bytes] | None,
    tags: Sequence[str],
    runtime: str | None,
    mask_output: bool,
) -> sandbox_service_pb2.RunSandboxRequest:
    spec = resources_pb2.SandboxSpec(
        image=container_image or DEFAULT_IMAGE,
        command=command,
        environment=environment_variables,
        secrets=[secret.to_proto() for secret in secrets],
        working_dir=working_dir or "",
        user=user or "",
        resources=resources.to_proto() if resources else None,
        max_lifetime=duration(max_lifetime_seconds),
        idle_timeout=duration(idle_timeout_seconds),
        stop_grace_period=duration(graceful_shutdown_seconds),
        files=[resources_pb2.File(path=path, content=content) for path, content in (files or {}).items()],
        tags=tags,
        runtime=runtime or "",
        mask_output=mask_output,
    )
    # With an id, gRPC may send the request again after a lost answer: it is still one sandbox.
    return sandbox_service_pb2.RunSandboxRequest(parent=parent, spec=spec, request_id=str(uuid.uuid4()))


def list_sandboxes(parent: str, tags: Sequence[str], show_ended: bool) -> sandbox_service_pb2.ListSandboxesRequest:
    return sandbox_service_pb2.ListSandboxesRequest(parent=parent, page_size=1000, tags=tags, show_ended=show_ended)


def start_exec(
    name: str,
    command: Sequence[str],
    *,
    cwd: str | None,
    environment_variables: Mapping[str, str] | None,
    user: str | None,
) -> sandbox_service_pb2.StreamExecRequest:
    spec = resources_pb2.ExecSpec(
        command=command, environment=environment_variables, working_dir=cwd or "", user=user or ""
    )
    return sandbox_service_pb2.StreamExecRequest(start=sandbox_service_pb2.StreamExecStart(name=name, spec=spec))


PROCESS_INPUT = 512 << 10
"""Bytes that one SendProcessInput may carry."""


def start_process(
    name: str,
    command: Sequence[str],
    *,
    cwd: str | None,
    environment_variables: Mapping[str, str] | None,
    user: str | None,
    stdin: bool,
    timeout_seconds: float | None,
) -> processes_pb2.StartProcessRequest:
    spec = resources_pb2.ExecSpec(
        command=command,
        environment=environment_variables,
        working_dir=cwd or "",
        user=user or "",
        timeout=duration(timeout_seconds),
    )
    return processes_pb2.StartProcessRequest(name=name, spec=spec, stdin=stdin)


def stdin(data: bytes) -> Iterator[sandbox_service_pb2.StreamExecRequest]:
    """Input in messages that are small enough."""
    for start in range(0, len(data), _STDIN_CHUNK):
        yield sandbox_service_pb2.StreamExecRequest(stdin=data[start : start + _STDIN_CHUNK])


def with_stdin(
    start: sandbox_service_pb2.StreamExecRequest, data: bool | bytes
) -> Iterator[sandbox_service_pb2.StreamExecRequest]:
    """A command's start, and all of its input."""
    yield start
    if isinstance(data, bytes):
        yield from stdin(data)


def stream_logs(
    name: str, *, follow: bool, tail_lines: int, since_time: datetime | None
) -> sandbox_service_pb2.StreamLogsRequest:
    since = None
    if since_time is not None:
        since = Timestamp()
        since.FromDatetime(since_time)
    return sandbox_service_pb2.StreamLogsRequest(name=name, follow=follow, tail_lines=tail_lines, since_time=since)


def duration(seconds: float | None) -> Duration | None:
    return None if seconds is None else Duration(seconds=int(seconds), nanos=int(seconds % 1 * 1e9))


def any_team(sandbox_id: str) -> str:
    """A sandbox's resource name: of any team of the key's, where the caller gave the id alone."""
    return sandbox_id if "/" in sandbox_id else f"teams/-/sandboxes/{sandbox_id}"
