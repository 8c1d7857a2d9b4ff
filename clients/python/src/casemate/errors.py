"""What goes wrong, as exceptions: one class a kind, and one for each of the reasons that programs ask for most.

Every error of the daemons carries a reason for programs (``SECRET_NOT_FOUND``), a sentence for people, and metadata.
The reasons are listed with each rpc in the API's documentation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

import grpc
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, PreconditionFailure, RetryInfo
from google.rpc.status_pb2 import Status

if TYPE_CHECKING:
    from casemate._types import ProcessResult

_DOMAIN = "casemate.dev"


@dataclass(frozen=True)
class Violation:
    """One thing that is wrong with a request, of possibly several."""

    subject: str
    """The field, or the full resource name of a secret that could not be resolved."""
    reason: str
    """Why, for programs; may be empty."""
    description: str
    """Why, for people."""


class CasemateError(Exception):
    """Base class of everything that this package raises on purpose.

    Attributes:
        reason: For programs, such as ``SECRET_NOT_FOUND``. The status code's name when no daemon gave a reason, as when
            none was reached.
        message: For people.
        code: The gRPC status code.
        metadata: More for programs; which keys there are depends on the reason.
        violations: What is wrong, one by one, where a request can be wrong in several places.
        retry_delay: When to try again, if the daemon said so.
        request_id: Finds the call in the daemon's log; empty when no daemon was reached.
    """

    def __init__(
        self,
        message: str,
        *,
        reason: str,
        code: grpc.StatusCode,
        metadata: Mapping[str, str] | None = None,
        violations: tuple[Violation, ...] = (),
        retry_delay: timedelta | None = None,
        request_id: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason
        self.code = code
        self.metadata = dict(metadata or {})
        self.violations = violations
        self.retry_delay = retry_delay
        self.request_id = request_id

    def __str__(self) -> str:
        return f"{self.message} ({self.reason})"


class InvalidArgumentError(CasemateError):
    """The request, or the connection's settings, are wrong whatever the state of things; ``violations`` says where."""


class UnauthenticatedError(CasemateError):
    """The API key is missing, malformed, expired, revoked or unknown."""


class PermissionDeniedError(CasemateError):
    """The key's scopes or its user's role do not allow it."""


class FilePermissionDeniedError(PermissionDeniedError):
    """The file may not be read or written."""


class ArchiveError(InvalidArgumentError):
    """It is no tar archive, or was damaged on its way, or has an entry that leads out of its directory."""


class NotFoundError(CasemateError):
    """It does not exist, or not for this key."""


class SandboxNotFoundError(NotFoundError):
    """There is no such sandbox in the key's team."""


class SecretNotFoundError(NotFoundError):
    """There is no such secret in the team."""


class FileNotFoundInSandboxError(NotFoundError):
    """There is no such file in the sandbox."""


class AlreadyExistsError(CasemateError):
    """Something of that name exists."""


class FileExistsInSandboxError(AlreadyExistsError):
    """There is a file of that name in the sandbox."""


class FailedPreconditionError(CasemateError):
    """The request is right, but not in the present state of things."""


class FileIsDirectoryError(FailedPreconditionError):
    """It is a directory, and should be a file."""


class FileNotDirectoryError(FailedPreconditionError):
    """It is there, and no directory, as it should be."""


class DirectoryNotEmptyError(FailedPreconditionError):
    """The directory has files in it."""


class FileReadOnlyError(FailedPreconditionError):
    """It is on a file system that can only be read."""


class SandboxNotRunningError(FailedPreconditionError):
    """The sandbox has ended, or is about to."""


class SecretsUnresolvedError(FailedPreconditionError):
    """A sandbox's secrets could not all be resolved, so it was not made; ``violations`` names each that failed."""


class ResourceExhaustedError(CasemateError):
    """A limit is reached."""


class NoSpaceInSandboxError(ResourceExhaustedError):
    """It does not fit on the sandbox's disk."""


class FileTooLargeError(CasemateError):
    """It is longer than one message may be: an archive has no limit. ``metadata`` has size_bytes and max_size_bytes."""


class UnavailableError(CasemateError):
    """The daemon, or what it needs, can't be reached now."""


class SandboxTimeoutError(CasemateError, TimeoutError):
    """A call or a command took longer than it was given. The command was killed."""


class CancelledError(CasemateError):
    """The call was cancelled. Its command was killed."""


class SandboxExecutionError(CasemateError):
    """A command that was run with ``check=True`` did not exit with 0.

    Attributes:
        exec_result: What the command printed, and its exit code.
    """

    def __init__(self, exec_result: ProcessResult) -> None:
        super().__init__(
            f"{exec_result.command[0]} exited with {exec_result.returncode}",
            reason="COMMAND_FAILED",
            code=grpc.StatusCode.OK,
        )
        self.exec_result = exec_result


_BY_CODE: dict[grpc.StatusCode, type[CasemateError]] = {
    grpc.StatusCode.INVALID_ARGUMENT: InvalidArgumentError,
    grpc.StatusCode.UNAUTHENTICATED: UnauthenticatedError,
    grpc.StatusCode.PERMISSION_DENIED: PermissionDeniedError,
    grpc.StatusCode.NOT_FOUND: NotFoundError,
    grpc.StatusCode.ALREADY_EXISTS: AlreadyExistsError,
    grpc.StatusCode.FAILED_PRECONDITION: FailedPreconditionError,
    grpc.StatusCode.RESOURCE_EXHAUSTED: ResourceExhaustedError,
    grpc.StatusCode.UNAVAILABLE: UnavailableError,
    grpc.StatusCode.DEADLINE_EXCEEDED: SandboxTimeoutError,
    grpc.StatusCode.CANCELLED: CancelledError,
}

_BY_REASON: dict[str, type[CasemateError]] = {
    "SANDBOX_NOT_FOUND": SandboxNotFoundError,
    "SANDBOX_NOT_RUNNING": SandboxNotRunningError,
    "SECRET_NOT_FOUND": SecretNotFoundError,
    "SECRETS_UNRESOLVED": SecretsUnresolvedError,
    "FILE_NOT_FOUND": FileNotFoundInSandboxError,
    "FILE_EXISTS": FileExistsInSandboxError,
    "FILE_IS_DIRECTORY": FileIsDirectoryError,
    "FILE_NOT_DIRECTORY": FileNotDirectoryError,
    "DIRECTORY_NOT_EMPTY": DirectoryNotEmptyError,
    "FILE_READ_ONLY": FileReadOnlyError,
    "FILE_NO_SPACE": NoSpaceInSandboxError,
    "FILE_TOO_LARGE": FileTooLargeError,
    "FILE_PERMISSION_DENIED": FilePermissionDeniedError,
    "ARCHIVE_INVALID": ArchiveError,
    "ARCHIVE_UNSAFE": ArchiveError,
    "ARCHIVE_CHECKSUM_MISMATCH": ArchiveError,
}


class Failure(Protocol):
    """A failed gRPC call, synchronous or not."""

    def code(self) -> grpc.StatusCode: ...
    def details(self) -> str | None: ...


def from_rpc(failure: Failure) -> CasemateError:
    """The typed error of a failed call: reason and the rest from the status details, when a daemon sent any."""
    code = failure.code()
    reason, metadata = code.name, {}
    violations: list[Violation] = []
    delay: timedelta | None = None
    for detail in _status(failure).details:
        info = ErrorInfo()
        bad = BadRequest()
        unmet = PreconditionFailure()
        retry = RetryInfo()
        if detail.Unpack(info) and info.domain == _DOMAIN:
            reason, metadata = info.reason, dict(info.metadata)
        elif detail.Unpack(bad):
            violations += [Violation(v.field, v.reason, v.description) for v in bad.field_violations]
        elif detail.Unpack(unmet):
            violations += [Violation(v.subject, v.type, v.description) for v in unmet.violations]
        elif detail.Unpack(retry):
            delay = retry.retry_delay.ToTimedelta()
    make = _BY_REASON.get(reason) or _BY_CODE.get(code, CasemateError)
    return make(
        failure.details() or code.name,
        reason=reason,
        code=code,
        metadata=metadata,
        violations=tuple(violations),
        retry_delay=delay,
        request_id=_text(_header(failure, "x-request-id")),
    )


@contextmanager
def translated() -> Iterator[None]:
    """Raises what gRPC raises inside as a CasemateError."""
    try:
        yield
    except grpc.RpcError as failure:
        raise from_rpc(failure) from None


def _status(failure: Failure) -> Status:
    value = _header(failure, "grpc-status-details-bin")
    return Status.FromString(value) if isinstance(value, bytes) else Status()


def _header(failure: Failure, key: str) -> str | bytes:
    """The metadata of that key, wherever it is: an error without a response has it in the trailers."""
    for part in ("initial_metadata", "trailing_metadata"):
        for found, value in getattr(failure, part)() or ():
            if found == key:
                return value  # type: ignore[no-any-return]
    return ""


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode()
