"""What is known of a sandbox, whichever way it was learned."""

from __future__ import annotations

from datetime import datetime, timezone

from google.protobuf.timestamp_pb2 import Timestamp

from casemate._types import SandboxStatus
from casemate.sandbox.v1.resources_pb2 import Sandbox as Message


class SandboxRecord:
    """The sandbox as the server last described it. Properties ask nobody: ``get_status()`` does."""

    def __init__(self, message: Message) -> None:
        self._message = message

    @property
    def message(self) -> Message:
        """Everything, as the API has it."""
        return self._message

    @property
    def name(self) -> str:
        """The full resource name, ``teams/{team}/sandboxes/{sandbox}``."""
        return self._message.name

    @property
    def sandbox_id(self) -> str:
        """The last part of the name, which is enough for ``from_id``."""
        return self._message.name.rpartition("/")[2]

    @property
    def status(self) -> SandboxStatus:
        """Where it was in its life when the server last said so."""
        return SandboxStatus.from_proto(self._message.state)

    @property
    def status_reason(self) -> str:
        """Why it ended or failed, in words; empty while it runs."""
        return self._message.reason

    @property
    def returncode(self) -> int | None:
        """The main process's exit code, once it has exited."""
        return self._message.exit_code if self._message.HasField("exit_code") else None

    @property
    def tags(self) -> tuple[str, ...]:
        """The words it can be found by."""
        return tuple(self._message.spec.tags)

    @property
    def secret_versions(self) -> tuple[str, ...]:
        """Full names of the secret versions in its environment, in the order of the secrets asked for."""
        return tuple(self._message.secret_versions)

    @property
    def created_at(self) -> datetime | None:
        """When it was asked for, in UTC."""
        return _when(self._message.create_time)

    @property
    def started_at(self) -> datetime | None:
        """When it was running, in UTC."""
        return _when(self._message.start_time)

    @property
    def expires_at(self) -> datetime | None:
        """When it will be stopped at the latest, in UTC."""
        return _when(self._message.expire_time)

    @property
    def idle_expires_at(self) -> datetime | None:
        """When it will be stopped unless something is done in it before, in UTC; None without an idle timeout."""
        return _when(self._message.idle_expire_time)

    def __repr__(self) -> str:
        return f"<{type(self).__qualname__} {self.name} {self.status.value}>"


def _when(time: Timestamp) -> datetime | None:
    return time.ToDatetime(timezone.utc) if time.ByteSize() else None
