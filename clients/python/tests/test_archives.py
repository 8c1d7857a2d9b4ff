"""Archives: whole trees, and files of any size, by stream."""

import asyncio
import hashlib
import io
import os
import tarfile
from pathlib import Path

import pytest

from casemate import (
    ArchiveError,
    DirectoryNotEmptyError,
    FileExistsInSandboxError,
    FileIsDirectoryError,
    FileNotDirectoryError,
    FileNotFoundInSandboxError,
    FileReadOnlyError,
    FileTooLargeError,
    NoSpaceInSandboxError,
    Sandbox,
    SandboxTimeoutError,
    aio,
)
from casemate._archive import Sum
from casemate.sandbox.v1.files_pb2 import DownloadArchiveEnd

MIB = 1 << 20


def packed(**files: bytes) -> io.BytesIO:
    """An archive of files by name."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    out.seek(0)
    return out


def test_there_and_back(shared: Sandbox, tmp_path: Path) -> None:
    content = os.urandom(40 * MIB)  # more than a message, and than WriteFile takes
    archive = packed(big=content, small=b"small")
    sent: list[int] = []
    up = shared.upload_archive("/tmp/archive/new", archive, progress=sent.append)
    assert (up.entries, up.size_bytes) == (2, len(archive.getvalue()))
    assert up.sha256 == hashlib.sha256(archive.getvalue()).digest()
    assert sent == sorted(sent)
    assert sent[-1] == up.size_bytes
    inside = shared.exec(["sha256sum", "/tmp/archive/new/big"], check=True).result().stdout
    assert inside.split()[0] == hashlib.sha256(content).hexdigest()

    shared.exec(["mkfifo", "/tmp/archive/new/pipe"], check=True).result()
    came: list[int] = []
    with (tmp_path / "back.tar").open("w+b") as back:
        down = shared.download_archive("/tmp/archive/new", back, progress=came.append)
        assert (down.size_bytes, down.skipped_files, came[-1]) == (back.tell(), 1, back.tell())
        back.seek(0)
        with tarfile.open(fileobj=back) as tar:
            assert sorted(tar.getnames()) == [".", "big", "small"]
            big = tar.extractfile("big")
            assert big is not None
            assert big.read() == content
    shared.remove_file("/tmp/archive", recursive=True).result()


def test_errors(shared: Sandbox) -> None:
    nowhere = io.BytesIO()
    with pytest.raises(FileNotFoundInSandboxError):
        shared.download_archive("/none", nowhere)
    assert nowhere.getvalue() == b""
    with pytest.raises(ArchiveError) as noise:
        shared.upload_archive("/tmp/x", io.BytesIO(b"noise" * 1000))
    assert noise.value.reason == "ARCHIVE_INVALID"
    with pytest.raises(ArchiveError) as unsafe:
        shared.upload_archive("/tmp/x", packed(**{"../evil": b""}))
    assert (unsafe.value.reason, unsafe.value.metadata["entry"]) == ("ARCHIVE_UNSAFE", "../evil")
    with pytest.raises(NoSpaceInSandboxError):
        shared.upload_archive("/dev", packed(big=bytes(range(256)) * (8 * MIB // 256)))
    with pytest.raises(FileNotDirectoryError):
        shared.upload_archive("/etc/passwd", packed(f=b""))
    shared.exec(["truncate", "-s", "1T", "/tmp/huge"], check=True).result()
    with pytest.raises(SandboxTimeoutError):
        shared.download_archive("/tmp/huge", io.BytesIO(), timeout_seconds=0.2)


def test_typed_errors_of_files(shared: Sandbox) -> None:
    shared.write_file("/tmp/typed/f", b"x").result()
    with pytest.raises(FileIsDirectoryError):
        shared.read_file("/tmp/typed").result()
    with pytest.raises(FileNotDirectoryError):
        list(shared.list_files("/tmp/typed/f"))
    with pytest.raises(DirectoryNotEmptyError):
        shared.remove_file("/tmp/typed").result()
    with pytest.raises(FileExistsInSandboxError):
        shared.make_directory("/tmp/typed").result()
    with pytest.raises(FileReadOnlyError):
        shared.write_file("/sys/new", b"").result()
    shared.exec(["truncate", "-s", "40M", "/tmp/typed/large"], check=True).result()
    with pytest.raises(FileTooLargeError) as large:
        shared.read_file("/tmp/typed/large").result()
    assert large.value.metadata["size_bytes"] == str(40 * MIB)
    assert large.value.metadata["max_size_bytes"] == str(32 * MIB)


class Broken(io.RawIOBase):
    """A source that breaks in the middle of a file, and a target that is full."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def read(self, size: int = -1, /) -> bytes:
        if got := self._content.read(size):
            return got
        raise OSError("the disk is broken")

    def write(self, data: object, /) -> int:
        raise OSError("the disk is full")


def test_ones_own_errors(shared: Sandbox) -> None:
    """They are raised as they are, and leave nothing half: not there, and not here."""
    shared.write_file("/tmp/own/f", b"old").result()
    half = packed(f=os.urandom(8 * MIB)).getvalue()[: 4 * MIB]
    with pytest.raises(OSError, match="broken"):
        shared.upload_archive("/tmp/own", Broken(half))
    with pytest.raises(OSError, match="full"):
        shared.download_archive("/tmp/own", Broken(b""))

    def enough(count: int) -> None:
        if count > MIB:
            raise KeyError("enough")

    with pytest.raises(KeyError):
        shared.upload_archive("/tmp/own", packed(f=os.urandom(8 * MIB)), progress=enough)
    assert shared.read_file("/tmp/own/f").result() == b"old"


def test_damage_is_found() -> None:
    total = Sum(None)
    total.add(b"abc")
    whole = DownloadArchiveEnd(sha256=hashlib.sha256(b"abc").digest(), size_bytes=3)
    assert total.downloaded(whole).size_bytes == 3
    for end in (
        None,
        DownloadArchiveEnd(sha256=whole.sha256, size_bytes=4),
        DownloadArchiveEnd(sha256=bytes(32), size_bytes=3),
    ):
        with pytest.raises(ArchiveError) as damaged:
            total.downloaded(end)
        assert damaged.value.reason == "ARCHIVE_CHECKSUM_MISMATCH"


def test_asyncio(shared: Sandbox) -> None:
    async def there_and_back() -> None:
        sandbox = await aio.Sandbox.from_id(shared.sandbox_id)
        content = os.urandom(5 * MIB)
        sent: list[int] = []
        up = await sandbox.upload_archive("/tmp/aio", packed(f=content), progress=sent.append)
        assert (up.entries, sent[-1]) == (1, up.size_bytes)
        out = io.BytesIO()
        down = await sandbox.download_archive("/tmp/aio/f", out)
        assert down.size_bytes == len(out.getvalue())
        out.seek(0)
        with tarfile.open(fileobj=out) as tar:
            file = tar.extractfile("f")
            assert file is not None
            assert file.read() == content
        with pytest.raises(ArchiveError):
            await sandbox.upload_archive("/tmp/aio", io.BytesIO(b"noise" * MIB))
        with pytest.raises(OSError, match="broken"):
            await sandbox.upload_archive("/tmp/aio", Broken(packed(f=content).getvalue()[:MIB]))
        with pytest.raises(FileNotFoundInSandboxError):
            await sandbox.download_archive("/none", io.BytesIO())
        assert (await sandbox.read_file("/tmp/aio/f")) == content

    asyncio.run(there_and_back())
