"""Tar archives on their way into a sandbox and out of one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import grpc

from casemate.errors import ArchiveError
from casemate.sandbox.v1 import files_pb2

Progress = Callable[[int], None]
"""Is told how many bytes of the archive have gone by. What it raises ends the transfer."""

_CHUNK = 256 << 10  # what one message carries


class Readable(Protocol):
    """A file to read from, or anything that has its ``read``."""

    def read(self, size: int, /) -> bytes: ...


class Writable(Protocol):
    """A file to write to, or anything that has its ``write``."""

    def write(self, data: bytes, /) -> object: ...


@dataclass(frozen=True)
class Archive:
    """What came out of a sandbox, or went into one."""

    size_bytes: int
    """Bytes of the archive."""
    sha256: bytes
    """Their SHA-256, which both ends agree on."""
    entries: int = 0
    """How many files, directories and links were unpacked; 0 for a download."""
    skipped_files: int = 0
    """How many sockets, pipes and devices a download leaves out."""
    skipped_attributes: int = 0
    """How many extended attributes were left out: all but the user's own (``user.*``)."""


class Sum:
    """Counts the bytes of an archive, and hashes them."""

    def __init__(self, progress: Progress | None) -> None:
        self._sha256 = hashlib.sha256()
        self._progress = progress
        self.size = 0

    def add(self, data: bytes) -> None:
        self._sha256.update(data)
        self.size += len(data)
        if self._progress is not None:
            self._progress(self.size)

    def digest(self) -> bytes:
        return self._sha256.digest()

    def downloaded(self, end: files_pb2.DownloadArchiveEnd | None) -> Archive:
        """What came, if it is what the sandbox sent."""
        if end is None or end.size_bytes != self.size or end.sha256 != self.digest():
            raise ArchiveError(
                "the archive was damaged on its way, or ended early",
                reason="ARCHIVE_CHECKSUM_MISMATCH",
                code=grpc.StatusCode.DATA_LOSS,
            )
        return Archive(
            self.size, self.digest(), skipped_files=end.skipped_files, skipped_attributes=end.skipped_attributes
        )

    def uploaded(self, response: files_pb2.UploadArchiveResponse) -> Archive:
        return Archive(
            self.size,
            self.digest(),
            entries=response.entries,
            skipped_attributes=response.skipped_attributes,
        )


def start(name: str, directory: str, ignore_owners: bool) -> files_pb2.UploadArchiveRequest:
    return files_pb2.UploadArchiveRequest(
        start=files_pb2.UploadArchiveStart(name=name, path=directory, ignore_owners=ignore_owners)
    )


def chunk(source: Readable) -> bytes:
    """The next bytes of an archive; none at its end."""
    return source.read(_CHUNK)


def data(content: bytes) -> files_pb2.UploadArchiveRequest:
    return files_pb2.UploadArchiveRequest(data=content)


def end(total: Sum) -> files_pb2.UploadArchiveRequest:
    return files_pb2.UploadArchiveRequest(end=files_pb2.UploadArchiveEnd(sha256=total.digest()))


class Sending:
    """The messages of an upload, which gRPC asks for in a thread of its own, no faster than the sandbox takes them."""

    def __init__(self, first: files_pb2.UploadArchiveRequest, source: Readable, total: Sum) -> None:
        self._first, self._source, self._total = first, source, total
        self.error: BaseException | None = None
        """What reading the source, or the progress, raised: gRPC would only say that something did."""

    def __iter__(self) -> Iterator[files_pb2.UploadArchiveRequest]:
        yield self._first
        try:
            while content := chunk(self._source):
                self._total.add(content)
                yield data(content)
        except Exception as error:
            self.error = error
            raise
        yield end(self._total)
