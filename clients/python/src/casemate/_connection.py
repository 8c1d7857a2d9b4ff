"""Connections to the daemons, for blocking code."""

from __future__ import annotations

from functools import cache, cached_property

import grpc

from casemate._settings import Settings, Target, channel_credentials
from casemate.sandbox.v1.sandbox_service_pb2_grpc import SandboxServiceStub
from casemate.secrets.v1.secrets_manager_pb2_grpc import SecretsManagerStub


class Connection:
    """Connections to sandboxd and secretsd, made at the first call, safe for use by many threads.

    Args:
        sandboxd: sandboxd's address: https://host:port, http://127.0.0.1:port or unix:///path. None: CASEMATE_SANDBOXD.
        secretsd: secretsd's address. None: CASEMATE_SECRETSD.
        api_key: The key that every call shows. None: CASEMATE_API_KEY.
        ca_file: PEM file of the authorities to trust. None: CASEMATE_CA_FILE; empty: the system's.
        team: The team to work in. None: CASEMATE_TEAM; empty: the key's own, for sandboxes.

    For rpcs that this package has no method for, call the generated stubs, with the key::

        connection.sandboxes.ListImages(ListImagesRequest(), metadata=connection.metadata)
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
        self._channels: list[grpc.Channel] = []

    @cached_property
    def sandboxes(self) -> SandboxServiceStub:
        """The generated stub of ``casemate.sandbox.v1.SandboxService``."""
        return SandboxServiceStub(self._dial(Target.of(self.settings.sandboxd, "CASEMATE_SANDBOXD")))

    @cached_property
    def secrets(self) -> SecretsManagerStub:
        """The generated stub of ``casemate.secrets.v1.SecretsManager``."""
        return SecretsManagerStub(self._dial(Target.of(self.settings.secretsd, "CASEMATE_SECRETSD")))

    def close(self) -> None:
        """Ends the connections and with them all running calls."""
        for channel in self._channels:
            channel.close()

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _dial(self, target: Target) -> grpc.Channel:
        if target.secure:
            channel = grpc.secure_channel(target.name, channel_credentials(self.settings), target.options)
        else:
            channel = grpc.insecure_channel(target.name, target.options)
        self._channels.append(channel)
        return channel


@cache
def _shared(settings: Settings) -> Connection:
    return Connection(
        sandboxd=settings.sandboxd,
        secretsd=settings.secretsd,
        api_key=settings.api_key,
        ca_file=settings.ca_file,
        team=settings.team,
    )


def default_connection() -> Connection:
    """The connection that the environment describes now, shared by all of the process that use the same."""
    return _shared(Settings.load())
