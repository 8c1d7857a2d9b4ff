"""Connections to the daemons, for asynchronous code."""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import grpc

from casemate._settings import Settings, Target, channel_credentials
from casemate.sandbox.v1 import sandbox_service_pb2_grpc
from casemate.secrets.v1 import secrets_manager_pb2_grpc

if TYPE_CHECKING:
    # These names exist for type checkers only: at run time one stub serves both kinds of channel.
    from casemate.sandbox.v1.sandbox_service_pb2_grpc import SandboxServiceAsyncStub
    from casemate.secrets.v1.secrets_manager_pb2_grpc import SecretsManagerAsyncStub


class Connection:
    """Connections to sandboxd and secretsd, made at the first call, for the event loop that runs then.

    Args:
        sandboxd: sandboxd's address: https://host:port, http://127.0.0.1:port or unix:///path. None: CASEMATE_SANDBOXD.
        secretsd: secretsd's address. None: CASEMATE_SECRETSD.
        api_key: The key that every call shows. None: CASEMATE_API_KEY.
        ca_file: PEM file of the authorities to trust. None: CASEMATE_CA_FILE; empty: the system's.
        team: The team to work in. None: CASEMATE_TEAM; empty: the key's own, for sandboxes.

    For rpcs that this package has no method for, call the generated stubs, with the key::

        await connection.sandboxes.ListImages(ListImagesRequest(), metadata=connection.metadata)
    """

    def __init__(
        self,
        *,
        sandboxd: str | None = None,
        secretsd: str | None = None,
        api_key: str | None = None,
        ca_file: str | None = None,
        team: str | None = None,
    ) -> None:
        self.settings = Settings.load(sandboxd=sandboxd, secretsd=secretsd, api_key=api_key, ca_file=ca_file, team=team)
        self.metadata = self.settings.metadata
        self._channels: list[grpc.aio.Channel] = []

    @cached_property
    def sandboxes(self) -> SandboxServiceAsyncStub:
        """The generated stub of ``casemate.sandbox.v1.SandboxService``."""
        return sandbox_service_pb2_grpc.SandboxServiceStub(
            self._dial(Target.of(self.settings.sandboxd, "CASEMATE_SANDBOXD"))
        )

    @cached_property
    def secrets(self) -> SecretsManagerAsyncStub:
        """The generated stub of ``casemate.secrets.v1.SecretsManager``."""
        return secrets_manager_pb2_grpc.SecretsManagerStub(
            self._dial(Target.of(self.settings.secretsd, "CASEMATE_SECRETSD"))
        )

    async def close(self) -> None:
        """Ends the connections and with them all running calls."""
        for channel in self._channels:
            await channel.close()

    async def __aenter__(self) -> Connection:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _dial(self, target: Target) -> grpc.aio.Channel:
        if target.secure:
            channel = grpc.aio.secure_channel(target.name, channel_credentials(self.settings), target.options)
        else:
            channel = grpc.aio.insecure_channel(target.name, target.options)
        self._channels.append(channel)
        return channel


_shared: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Settings, Connection]] = WeakKeyDictionary()


def default_connection() -> Connection:
    """The connection that the environment describes now, shared by all of the running loop that use the same."""
    settings = Settings.load()
    of_loop = _shared.setdefault(asyncio.get_running_loop(), {})
    if settings not in of_loop:
        of_loop[settings] = Connection(
            sandboxd=settings.sandboxd,
            secretsd=settings.secretsd,
            api_key=settings.api_key,
            ca_file=settings.ca_file,
            team=settings.team,
        )
    return of_loop[settings]
