"""Where the daemons are, whom to trust, and whose key to show: from arguments, else from the environment."""

from __future__ import annotations

import ipaddress
import os
import urllib.parse
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

import grpc

from casemate.errors import InvalidArgumentError

MAX_MESSAGE_BYTES = 100 << 20
"""What the daemons send and take at most."""


@dataclass(frozen=True)
class Settings:
    """Settings of a connection. What is empty was given neither as an argument nor in the environment."""

    sandboxd: str
    secretsd: str
    api_key: str = field(repr=False)
    ca_file: str
    team: str

    @classmethod
    def load(
        cls,
        *,
        sandboxd: str | None = None,
        secretsd: str | None = None,
        api_key: str | None = None,
        ca_file: str | None = None,
        team: str | None = None,
    ) -> Settings:
        def setting(given: str | None, variable: str) -> str:
            return os.environ.get(variable, "") if given is None else given

        return cls(
            sandboxd=setting(sandboxd, "CASEMATE_SANDBOXD"),
            secretsd=setting(secretsd, "CASEMATE_SECRETSD"),
            api_key=setting(api_key, "CASEMATE_API_KEY"),
            ca_file=setting(ca_file, "CASEMATE_CA_FILE"),
            team=setting(team, "CASEMATE_TEAM"),
        )

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """What goes with every call: the key. Without one the daemon answers API_KEY_MISSING."""
        return (("authorization", f"Bearer {self.api_key}"),) if self.api_key else ()

    @property
    def parent(self) -> str:
        """The team as the API names it; empty means the key's own."""
        return f"teams/{self.team}" if self.team else ""

    @property
    def team_name(self) -> str:
        """The team as the API names it, where one must be named."""
        if not self.team:
            raise _invalid("TEAM_MISSING", "no team is given: set CASEMATE_TEAM")
        return self.parent

    def secret_name(self, secret_id: str) -> str:
        """A secret of the team's as the API names it."""
        return f"{self.team_name}/secrets/{secret_id}"


@dataclass(frozen=True)
class Target:
    """An address, read: what gRPC dials, and by which means."""

    name: str
    secure: bool
    options: tuple[tuple[str, str | int], ...]

    @classmethod
    def of(cls, address: str, variable: str) -> Target:
        """Reads https://host[:port], http://host[:port] (loopback only) or unix:///path."""
        if not address:
            raise _invalid("ADDRESS_MISSING", f"no address is given: set {variable}")
        if address.startswith("unix://"):
            if not address.startswith("unix:///"):
                raise _bad(address, "a unix socket's path must be absolute: unix:///path")
            return cls(address, False, _OPTIONS)
        try:
            url = urllib.parse.urlsplit(address)
            host, port = url.hostname, url.port
        except ValueError as error:
            raise _bad(address, str(error)) from None
        if not host or url.scheme not in ("http", "https"):
            raise _bad(address, "want https://host:port, http://127.0.0.1:port or unix:///path")
        if url.path.strip("/") or url.query or url.username is not None:
            raise _bad(address, "nothing may follow host and port")
        secure, local = url.scheme == "https", _is_loopback(host)
        if not secure and not local:
            raise _bad(address, "plaintext would show the API key to the network; use https")
        host = f"[{host}]" if ":" in host else host
        # A proxy in the environment is for the network, not for this machine.
        options = _OPTIONS + ((("grpc.enable_http_proxy", 0),) if local else ())
        return cls(f"dns:///{host}:{port or (443 if secure else 80)}", secure, options)


def channel_credentials(settings: Settings) -> grpc.ChannelCredentials:
    """TLS that trusts the settings' authorities, or the system's when they name none."""
    if not settings.ca_file:
        return grpc.ssl_channel_credentials()
    try:
        return grpc.ssl_channel_credentials(Path(settings.ca_file).read_bytes())
    except OSError as error:
        raise _invalid("CA_FILE_INVALID", f"the CA file is of no use: {error}") from None


_OPTIONS: tuple[tuple[str, str | int], ...] = (
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    # Which calls are tried again, and when: as published with the API.
    ("grpc.service_config", resources.files("casemate").joinpath("service_config.json").read_text()),
    # A restarted daemon is found within the time that the retries take.
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 2000),
    # A command may be silent for hours; middleboxes forget connections in minutes. The daemons allow a ping in 10 s.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.http2.max_pings_without_data", 0),
)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _invalid(reason: str, message: str) -> InvalidArgumentError:
    return InvalidArgumentError(message, reason=reason, code=grpc.StatusCode.INVALID_ARGUMENT)


def _bad(address: str, what: str) -> InvalidArgumentError:
    return _invalid("ADDRESS_INVALID", f"address {address!r}: {what}")
