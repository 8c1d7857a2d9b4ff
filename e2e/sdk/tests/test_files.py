"""Files: small ones, large ones that the SDK sends by other means, and every way to fail."""

import hashlib
import os
import time

import pytest
from cwsandbox import SandboxError, SandboxFileError, SandboxNotFoundError
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


def digest_inside(sandbox, path):
    return sandbox.exec(["sha256sum", path], check=True).result().stdout.split()[0]


@pytest.fixture
def large():
    """A sandbox with 256 MiB of memory, for files that have nearly as much."""
    with Sandbox.run(resources={"cpu": "2", "memory": "256Mi"}) as sandbox:
        sandbox.wait(timeout=60)
        yield sandbox


@pytest.mark.parametrize("mebibytes", [40, 200])
def test_large_files_both_ways(large, mebibytes, capsys):
    """The SDK's large-file road: `head -c` of what it sends, and `cat`."""
    content = os.urandom(mebibytes * MIB)
    began = time.monotonic()
    large.write_file("/tmp/large", content).result()
    wrote = time.monotonic()
    got = large.read_file("/tmp/large").result()
    read = time.monotonic()
    with capsys.disabled():
        print(f" {mebibytes} MiB: written in {wrote - began:.1f} s, read in {read - wrote:.1f} s", end="")
    assert len(got) == len(content) and got == content
    assert digest_inside(large, "/tmp/large") == hashlib.sha256(content).hexdigest()


def test_large_files_by_stream(large):
    """300 MiB, which is above what the SDK reads and writes whole."""
    sent, count = hashlib.sha256(), 300

    def pieces():
        for _ in range(count):
            piece = os.urandom(MIB)
            sent.update(piece)
            yield piece

    large.write_file_streaming("/tmp/large", pieces()).result()
    assert digest_inside(large, "/tmp/large") == sent.hexdigest()
    came, size = hashlib.sha256(), 0
    for piece in large.read_file_streaming("/tmp/large"):
        came.update(piece)
        size += len(piece)
    assert (size, came.hexdigest()) == (count * MIB, sent.hexdigest())
    with pytest.raises(SandboxFileError) as e:
        large.read_file("/tmp/large").result()
    assert e.value.reason == "CWSANDBOX_FILE_TOO_LARGE"
    assert e.value.metadata["size_bytes"] == str(count * MIB)
    assert e.value.metadata["max_size_bytes"] == str(32 * MIB)
    assert e.value.filepath == "/tmp/large"


def test_stream_given_up(shared):
    """Who reads no further ends the command; the sandbox goes on."""
    shared.exec(["truncate", "-s", "1T", "/tmp/endless"], check=True).result()
    reader = shared.read_file_streaming("/tmp/endless")
    next(iter(reader))
    reader.close()
    seen = "for f in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <$f; echo; done 2>/dev/null | grep -c '^/bin/cat -- /tmp/endles[s]'"
    deadline = time.monotonic() + 20
    while shared.exec(["sh", "-c", seen]).result().stdout.strip() != "0":
        assert time.monotonic() < deadline, "the command that nobody reads still runs"
    shared.exec(["rm", "/tmp/endless"], check=True).result()


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/dev/more-than-fits", "CWSANDBOX_FILE_IO_FAILED"),
        ("/sys/new", "CWSANDBOX_FILE_PERMISSION_DENIED"),
        ("/etc/passwd/below", "CWSANDBOX_FILE_NOT_FOUND"),
        ("/dev/null", "CWSANDBOX_FILE_IO_FAILED"),
        ("/etc", "CWSANDBOX_FILE_IS_DIRECTORY"),
    ],
)
def test_writes_that_fail(shared, path, reason):
    with pytest.raises(SandboxFileError) as e:
        shared.write_file(path, bytes(8 * MIB)).result()
    assert (e.value.reason, e.value.filepath) == (reason, path)
    assert path in str(e.value)


def test_stream_of_a_missing_file(shared):
    with pytest.raises(SandboxError) as e:
        list(shared.read_file_streaming("/no/such/file"))
    assert not isinstance(e.value, SandboxNotFoundError)


def test_unusual_names(shared):
    for name in ("new\nline", " ", "-rf", "a\\b", "*", "字", "'\"$HOME`", "n" * 255):
        path = f"/tmp/unusual/{name}"
        shared.write_file(path, name.encode()).result()
        assert shared.read_file(path).result() == name.encode()
        shared.write_file_streaming(path, [b"streamed ", name.encode()]).result()
        assert b"".join(shared.read_file_streaming(path)) == b"streamed " + name.encode()
