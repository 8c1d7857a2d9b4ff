"""Where to connect, whom to trust, whose key to show."""

import asyncio
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import grpc
import pytest

from casemate import (
    CasemateError,
    Connection,
    InvalidArgumentError,
    Sandbox,
    SecretsManager,
    UnauthenticatedError,
    UnavailableError,
    aio,
)
from casemate._settings import Target


@pytest.mark.parametrize(
    ("address", "name", "secure"),
    [
        ("https://casemate.example:7443", "dns:///casemate.example:7443", True),
        ("https://casemate.example/", "dns:///casemate.example:443", True),
        ("http://127.0.0.1:7470", "dns:///127.0.0.1:7470", False),
        ("http://localhost", "dns:///localhost:80", False),
        ("http://[::1]:7470", "dns:///[::1]:7470", False),
        ("unix:///run/casemate.sock", "unix:///run/casemate.sock", False),
    ],
)
def test_addresses(address: str, name: str, secure: bool) -> None:
    target = Target.of(address, "X")
    assert (target.name, target.secure) == (name, secure)


@pytest.mark.parametrize(
    "address",
    [
        "unix://run/casemate.sock",
        "http://casemate.example:7470",
        "127.0.0.1:7470",
        "ftp://127.0.0.1",
        "https://casemate.example/x",
        "https://casemate.example:http",
        "https://user@casemate.example",
    ],
)
def test_addresses_that_are_none(address: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        Target.of(address, "X")
    assert caught.value.reason == "ADDRESS_INVALID"


def test_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("CASEMATE_SANDBOXD", "CASEMATE_TEAM"):
        monkeypatch.delenv(variable)
    with pytest.raises(InvalidArgumentError, match="CASEMATE_SANDBOXD"):
        Sandbox.run()
    with SecretsManager() as manager, pytest.raises(InvalidArgumentError, match="CASEMATE_TEAM"):
        manager.get("X")


def test_plaintext_on_this_machine_in_the_keys_own_team() -> None:
    plaintext = os.environ["CASEMATE_SANDBOXD_PLAINTEXT"]
    with (
        Connection(sandboxd=plaintext, ca_file="", team="") as connection,
        Sandbox.run(connection=connection) as sandbox,
    ):
        assert sandbox.name.startswith(f"teams/{os.environ['CASEMATE_TEAM']}/")


def test_a_wrong_authority(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        Sandbox.list(connection=Connection(ca_file=str(tmp_path / "none.pem")))
    assert caught.value.reason == "CA_FILE_INVALID"
    # The system's authorities did not make the daemons' certificate.
    with Connection(ca_file="") as connection, pytest.raises(UnavailableError) as refused:
        Sandbox.list(connection=connection).result()
    assert refused.value.reason == "UNAVAILABLE"
    assert refused.value.request_id == ""


@pytest.mark.parametrize(("key", "reason"), [("", "API_KEY_MISSING"), ("nonsense", "API_KEY_MALFORMED")])
def test_keys_that_are_none(key: str, reason: str) -> None:
    with Connection(api_key=key) as connection, pytest.raises(UnauthenticatedError) as caught:
        Sandbox.list(connection=connection).result()
    assert (caught.value.reason, caught.value.code) == (reason, grpc.StatusCode.UNAUTHENTICATED)


def test_the_key_is_not_shown() -> None:
    assert os.environ["CASEMATE_API_KEY"] not in repr(Connection().settings)


def test_a_closed_connection_is_an_error_of_ours() -> None:
    with Sandbox.run() as sandbox:
        with Connection() as connection:
            process = Sandbox.from_id(sandbox.sandbox_id, connection=connection).result().exec(["sleep", "1000"])
        with pytest.raises(CasemateError):
            process.result()


def pump(source: socket.socket, sink: socket.socket) -> None:
    # Either end may be the first to go.
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


@contextmanager
def late_secretsd(seconds: float) -> Iterator[str]:
    """An address of secretsd where nobody listens at first, as while it is restarted."""
    host, _, port = os.environ["CASEMATE_SECRETSD"].removeprefix("https://").rpartition(":")
    with socket.socket() as listener, socket.socket() as daemon:
        listener.bind(("127.0.0.1", 0))

        def serve() -> None:
            listener.listen()
            client, _ = listener.accept()
            with client:
                daemon.connect((host, int(port)))
                answers = threading.Thread(target=pump, args=(daemon, client))
                answers.start()
                pump(client, daemon)
                answers.join()

        timer = threading.Timer(seconds, serve)
        timer.start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"
        timer.join()


def test_a_daemon_that_is_restarted() -> None:
    with late_secretsd(1) as address, SecretsManager(secretsd=address) as manager:
        assert manager.get("HF_TOKEN").latest_version == 1


def test_a_daemon_that_is_restarted_under_asyncio() -> None:
    async def program() -> None:
        with late_secretsd(1) as address:
            async with aio.SecretsManager(secretsd=address) as manager:
                assert (await manager.get("HF_TOKEN")).latest_version == 1

    asyncio.run(program())


def test_a_call_that_may_not_be_repeated() -> None:
    with late_secretsd(1) as address:
        with SecretsManager(secretsd=address) as manager, pytest.raises(UnavailableError):
            manager.delete("NEVER_MADE")
        # For the server thread to come to its end.
        with SecretsManager(secretsd=address) as manager:
            manager.get("HF_TOKEN")
