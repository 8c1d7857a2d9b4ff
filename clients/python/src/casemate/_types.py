"""The nouns that callers give and get: secrets, limits, statuses, results."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from enum import Enum

from casemate.sandbox.v1 import files_pb2, processes_pb2, resources_pb2


@dataclass(frozen=True)
class Secret:
    """A secret of the team's, by name, and the environment variable that is to hold its value. Never the value itself.

    Whether the name, the version and the variable are fine is for the server to say.
    """

    name: str
    """The secret's id in the team."""
    env_var: str | None = None
    """The environment variable in the sandbox; None means the secret's own name."""
    version: str = ""
    """A version's number or ``latest``; empty means ``latest``. It is fixed when the sandbox is made."""
    field: str = ""
    """A key of a structured secret (a JSON object); empty means the whole value."""

    def to_proto(self) -> resources_pb2.SecretRef:
        return resources_pb2.SecretRef(
            secret=self.name, version=self.version, field=self.field, env_var=self.env_var or ""
        )


@dataclass(frozen=True)
class Resources:
    """A sandbox's limits; 0 means the operator's default."""

    memory_bytes: int = 0
    cpu_millis: int = 0
    """Thousandths of a core."""
    pids: int = 0
    """Processes and threads."""
    disk_bytes: int = 0
    """Of files that are made or changed."""
    inodes: int = 0
    """Files, directories and links that are made or changed."""
    open_files: int = 0
    """Of each process, at one time."""
    output_bytes: int = 0
    """Of each command of an exec; one that writes more is killed."""

    def to_proto(self) -> resources_pb2.Resources:
        return resources_pb2.Resources(
            memory_bytes=self.memory_bytes,
            cpu_millis=self.cpu_millis,
            pids=self.pids,
            disk_bytes=self.disk_bytes,
            inodes=self.inodes,
            open_files=self.open_files,
            output_bytes=self.output_bytes,
        )


class SandboxStatus(str, Enum):
    """Where a sandbox is in its life."""

    UNSPECIFIED = "unspecified"
    """A state that this version of the package does not know."""
    CREATING = "creating"
    RUNNING = "running"
    STOPPING = "stopping"
    COMPLETED = "completed"
    """It ended: its main process exited, or it was stopped, or its lifetime was over."""
    FAILED = "failed"
    """It could not be made, or was lost; ``status_reason`` says why."""

    @classmethod
    def from_proto(cls, state: resources_pb2.SandboxState.ValueType) -> SandboxStatus:
        return _STATUSES.get(state, cls.UNSPECIFIED)


_STATUSES = {
    resources_pb2.SANDBOX_STATE_CREATING: SandboxStatus.CREATING,
    resources_pb2.SANDBOX_STATE_RUNNING: SandboxStatus.RUNNING,
    resources_pb2.SANDBOX_STATE_STOPPING: SandboxStatus.STOPPING,
    resources_pb2.SANDBOX_STATE_COMPLETED: SandboxStatus.COMPLETED,
    resources_pb2.SANDBOX_STATE_FAILED: SandboxStatus.FAILED,
}


@dataclass(frozen=True)
class ProcessResult:
    """What a command printed, and how it ended."""

    command: list[str]
    returncode: int
    """0 to 255; 128 plus the signal's number when a signal ended it; 127 not found; 126 not executable."""
    stdout_bytes: bytes = field(repr=False)
    stderr_bytes: bytes = field(repr=False)

    @property
    def stdout(self) -> str:
        """Standard output as text; what is not UTF-8 is replaced."""
        return self.stdout_bytes.decode("utf-8", "replace")

    @property
    def stderr(self) -> str:
        """Standard error as text; what is not UTF-8 is replaced."""
        return self.stderr_bytes.decode("utf-8", "replace")


@dataclass(frozen=True)
class ProcessInfo:
    """What a sandbox says of one of its background processes."""

    process_id: str
    """Its name in the sandbox: ``p`` and a number."""
    pid: int
    command: list[str]
    """The beginning of its argv, at most 4 KiB."""
    start_time: datetime
    end_time: datetime | None
    """None while it runs, as the next."""
    returncode: int | None
    oom_killed: bool
    """The exit code is 137, and the kernel killed something of the sandbox for want of memory meanwhile."""
    timed_out: bool
    """It was killed because its ``timeout_seconds`` were over."""
    output_bytes: int
    """How much it has written to stdout and stderr together: the offset of the next byte."""

    @classmethod
    def from_proto(cls, message: processes_pb2.Process) -> ProcessInfo:
        ended = message.HasField("exit_code")
        return cls(
            process_id=message.id,
            pid=message.pid,
            command=list(message.command),
            start_time=message.start_time.ToDatetime(timezone.utc),
            end_time=message.end_time.ToDatetime(timezone.utc) if ended else None,
            returncode=message.exit_code if ended else None,
            oom_killed=message.oom_killed,
            timed_out=message.timed_out,
            output_bytes=message.output_bytes,
        )


@dataclass(frozen=True)
class ProcessOutput:
    """A piece of a background process's output."""

    stream: str
    """``stdout`` or ``stderr``; ``lost`` where bytes are no longer kept, and ``data`` is empty."""
    data: bytes = field(repr=False)
    offset: int
    """Where the next piece begins: ``output(offset)`` goes on there."""
    lost: int = 0
    """How many bytes are no longer kept."""

    @property
    def text(self) -> str:
        """The data as text; what is not UTF-8 is replaced."""
        return self.data.decode("utf-8", "replace")

    @classmethod
    def from_proto(cls, message: processes_pb2.AttachProcessResponse) -> ProcessOutput:
        if message.WhichOneof("message") == "lost":
            return cls("lost", b"", message.offset, message.lost)
        stream = "stderr" if message.WhichOneof("message") == "stderr" else "stdout"
        data = message.stderr or message.stdout
        return cls(stream, data, message.offset + len(data))


class FileType(str, Enum):
    """What has a name in a directory."""

    UNSPECIFIED = "unspecified"
    """A type that this version of the package does not know."""
    REGULAR = "regular"
    DIRECTORY = "directory"
    SYMLINK = "symlink"
    SPECIAL = "special"
    """A socket, a pipe or a device."""


_FILE_TYPES = {
    files_pb2.FILE_TYPE_REGULAR: FileType.REGULAR,
    files_pb2.FILE_TYPE_DIRECTORY: FileType.DIRECTORY,
    files_pb2.FILE_TYPE_SYMLINK: FileType.SYMLINK,
    files_pb2.FILE_TYPE_SPECIAL: FileType.SPECIAL,
}


@dataclass(frozen=True)
class FileInfo:
    """What a sandbox says of one of its files."""

    name: str
    """Its last name, without the directories above it."""
    type: FileType
    size_bytes: int
    mode: int
    """Permission bits, with the set-user-id, set-group-id and sticky bits."""
    user_id: int
    group_id: int
    modify_time: datetime
    """When its content was changed, in UTC."""
    link_target: str
    """What a symbolic link says; empty for all others."""

    @classmethod
    def from_proto(cls, message: files_pb2.FileInfo) -> FileInfo:
        return cls(
            name=message.name,
            type=_FILE_TYPES.get(message.type, FileType.UNSPECIFIED),
            size_bytes=message.size_bytes,
            mode=message.mode,
            user_id=message.user_id,
            group_id=message.group_id,
            modify_time=message.modify_time.ToDatetime(timezone.utc),
            link_target=message.link_target,
        )
