"""Files: small ones, large ones that the SDK sends by other means, and every way to fail."""

import os

import pytest
from cwsandbox import SandboxFileError, SandboxNotFoundError
from wandb.sandbox import Sandbox

MIB = 1 << 20


def test_round_trip(shared):
    content = bytes(range(256)) * 100
    shared.write_file("/tmp/e2e/new/dirs/file.bin", content).result()
    assert shared.read_file("/tmp/e2e/new/dirs/file.bin").result() == content
    shared.write_file("/tmp/e2e/new/dirs/file.bin", b"shorter").result()
    assert shared.read_file("/tmp/e2e/new/dirs/file.bin").result() == b"shorter"


def test_relative_path(shared):
    where = shared.exec(["pwd"]).result().stdout.strip()
    shared.write_file("e2e-relative", b"x").result()
    assert shared.exec(["cat", f"{where}/e2e-relative"]).result().stdout == "x"


def test_empty(shared):
    shared.write_file("/tmp/empty", b"").result()
    assert shared.read_file("/tmp/empty").result() == b""


def test_mode_is_kept(shared):
    shared.exec(["sh", "-c", "echo >/tmp/tool; chmod 750 /tmp/tool"], check=True).result()
    shared.write_file("/tmp/tool", b"#!/bin/sh\necho hi\n").result()
    assert shared.exec(["/tmp/tool"]).result().stdout == "hi\n"


def test_larger_than_grpcs_default_message(shared):
    content = os.urandom(20 * MIB)
    shared.write_file("/tmp/20m", content).result()
    assert shared.read_file("/tmp/20m").result() == content


def test_above_the_unary_limit(shared):
    """Above 32 MiB the SDK writes through a command, and reads through one once the server says FILE_TOO_LARGE."""
    content = os.urandom(40 * MIB)
    shared.write_file("/tmp/40m", content).result()
    assert shared.read_file("/tmp/40m").result() == content
    shared.exec(["rm", "/tmp/40m", "/tmp/20m"]).result()


def test_large_mounted_file():
    """Mounted files ride in CreateSandbox."""
    content = os.urandom(30 * MIB)
    with Sandbox.run(mounted_files=[{"mount_path": "/data/30m", "file_content": content}]) as sandbox:
        assert sandbox.read_file("/data/30m").result() == content


def test_streaming(shared):
    pieces = [os.urandom(100_000) for _ in range(20)]
    shared.write_file_streaming("/tmp/streamed", iter(pieces)).result()
    assert b"".join(shared.read_file_streaming("/tmp/streamed")) == b"".join(pieces)


def test_missing(shared):
    with pytest.raises(SandboxFileError) as e:
        shared.read_file("/no/such/file").result()
    assert e.value.reason == "CWSANDBOX_FILE_NOT_FOUND"
    assert not isinstance(e.value, SandboxNotFoundError)


def test_directory(shared):
    for call in (lambda: shared.read_file("/etc"), lambda: shared.write_file("/etc", b"x")):
        with pytest.raises(SandboxFileError) as e:
            call().result()
        assert e.value.reason == "CWSANDBOX_FILE_IS_DIRECTORY"


def test_not_regular(shared):
    with pytest.raises(SandboxFileError) as e:
        shared.read_file("/dev/zero").result()
    assert e.value.reason == "CWSANDBOX_FILE_IO_FAILED"


def test_proc_is_not_served(shared):
    """The agent must not be made to read its own environment."""
    with pytest.raises(SandboxFileError):
        shared.read_file("/proc/1/environ").result()
