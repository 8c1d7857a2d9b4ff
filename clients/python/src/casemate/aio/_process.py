"""Commands in a sandbox, for asynchronous code."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Generator
from typing import TYPE_CHECKING

import grpc

from casemate import _requests as requests
from casemate._output import Output
from casemate._types import ProcessResult
from casemate.aio._outcome import Outcome
from casemate.errors import CancelledError, CasemateError, translated
from casemate.sandbox.v1.sandbox_service_pb2 import StreamExecRequest

if TYPE_CHECKING:
    from casemate.aio._connection import Connection


class _Changes:
    """Wakes everyone who waits for the next change."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    async def wait(self) -> None:
        await self._next.wait()

    def notify(self) -> None:
        self._next.set()
        self._next = asyncio.Event()


class StreamReader:
    """One output stream of a process: iterate over it for text as it comes, in pieces that need not be lines."""

    def __init__(self, output: Output, stream: str, changes: _Changes) -> None:
        self._output, self._stream, self._changes = output, stream, changes
        self._read = 0

    def __aiter__(self) -> StreamReader:
        return self

    async def __anext__(self) -> str:
        chunks = self._output.chunks[self._stream]
        while self._read == len(chunks) and not self._output.done:
            await self._changes.wait()
        if self._read < len(chunks):
            self._read += 1
            return chunks[self._read - 1].decode("utf-8", "replace")
        if self._output.error is not None:
            raise self._output.error
        raise StopAsyncIteration


class StreamWriter:
    """A process's standard input."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[StreamExecRequest | None] = asyncio.Queue(requests.STDIN_AHEAD)
        self._closed = False

    async def write(self, data: bytes) -> None:
        """Sends bytes, and waits while too much is on its way. Raises BrokenPipeError when nobody reads any more."""
        for message in requests.stdin(data):
            await self._put(message)

    async def writeline(self, text: str) -> None:
        """Sends text, as UTF-8, and a newline."""
        await self.write((text + "\n").encode())

    async def close(self) -> None:
        """Ends the input: the command reads end-of-file after what was written."""
        if not self._closed:
            await self._put(None)
            self._closed = True

    async def messages(self, first: StreamExecRequest) -> AsyncIterator[StreamExecRequest]:
        """What gRPC sends: first, and then what is written."""
        yield first
        while (message := await self._queue.get()) is not None:
            yield message

    def abandon(self) -> None:
        """The call is over: writers fail, and gRPC's task, which may wait in messages(), ends."""
        self._closed = True
        while not self._queue.empty():
            self._queue.get_nowait()
        self._queue.put_nowait(None)

    async def _put(self, message: StreamExecRequest | None) -> None:
        if not self._closed:
            await self._queue.put(message)
        if self._closed:
            raise BrokenPipeError("the command's stdin is closed")


class Process:
    """A command that runs in a sandbox. All of its output is kept in memory, for ``result()``.

    Attributes:
        stdout: Its standard output, as it comes.
        stderr: Its standard error, as it comes.
        stdin: Its standard input, when it was asked for by ``stdin=True``; else None.
        command: Its argv.
    """

    def __init__(
        self,
        connection: Connection,
        start: StreamExecRequest,
        *,
        stdin: bool | bytes,
        check: bool,
        timeout_seconds: float | None,
    ) -> None:
        self.command = list(start.start.spec.command)
        self._changes = _Changes()
        self._output = Output(self.command, check)
        self.stdout = StreamReader(self._output, "stdout", self._changes)
        self.stderr = StreamReader(self._output, "stderr", self._changes)
        self.stdin = StreamWriter() if stdin is True else None
        messages = self.stdin.messages(start) if self.stdin else requests.with_stdin(start, stdin)
        self._call = connection.sandboxes.StreamExec(messages, metadata=connection.metadata, timeout=timeout_seconds)
        self._outcome = Outcome(self._call)
        self._reader = asyncio.ensure_future(self._read())

    @property
    def returncode(self) -> int | None:
        """The exit code, or None while the command runs."""
        return self._output.returncode

    def poll(self) -> int | None:
        """The exit code, or None while the command runs."""
        return self._output.returncode

    async def result(self, timeout: float | None = None) -> ProcessResult:
        """Waits for the command's end and returns all of its output.

        Raises:
            SandboxExecutionError: With ``check=True``, when it did not exit with 0.
            SandboxTimeoutError: It ran longer than its ``timeout_seconds``, and was killed.
            CasemateError: Something else went wrong.
            asyncio.TimeoutError: It is not done after timeout seconds. It runs on.
        """
        # A caller who gives up waiting must not end the reading.
        await asyncio.wait_for(asyncio.shield(self._reader), timeout)
        return self._output.result()

    async def wait(self, timeout: float | None = None) -> int:
        """Waits as ``result()`` does, and returns the exit code."""
        return (await self.result(timeout)).returncode

    def __await__(self) -> Generator[None, None, ProcessResult]:
        return self.result().__await__()

    def cancel(self) -> bool:
        """Kills the command and its process group; False when it has ended already."""
        return self._call.cancel()

    async def _read(self) -> None:
        error: CasemateError | None = None
        try:
            with translated(), self._outcome.told():
                async for response in self._call:
                    self._output.feed(response)
                    self._changes.notify()
        except CasemateError as failure:
            error = failure
        except asyncio.CancelledError:
            error = CancelledError("the call was cancelled", reason="CANCELLED", code=grpc.StatusCode.CANCELLED)
            # Not by cancel(): the loop ends, or the caller's task.
            if not self._call.cancelled():
                raise
        finally:
            if self.stdin:
                self.stdin.abandon()
            self._output.finish(error)
            self._changes.notify()
