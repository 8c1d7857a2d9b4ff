"""Commands in a sandbox, for blocking code."""

from __future__ import annotations

import concurrent.futures
import contextlib
import queue
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import grpc

from casemate import _requests as requests
from casemate._operation import Operation
from casemate._output import Output
from casemate._types import ProcessResult
from casemate.errors import CasemateError, from_rpc
from casemate.sandbox.v1.sandbox_service_pb2 import StreamExecRequest, StreamExecResponse

if TYPE_CHECKING:
    from casemate._connection import Connection


class StreamReader:
    """One output stream of a process: iterate over it for text as it comes, in pieces that need not be lines."""

    def __init__(self, output: Output, stream: str, changed: threading.Condition) -> None:
        self._output, self._stream, self._changed = output, stream, changed
        self._read = 0

    def __iter__(self) -> StreamReader:
        return self

    def __next__(self) -> str:
        chunks = self._output.chunks[self._stream]
        with self._changed:
            self._changed.wait_for(lambda: self._read < len(chunks) or self._output.done)
            if self._read < len(chunks):
                self._read += 1
                return chunks[self._read - 1].decode("utf-8", "replace")
        if self._output.error is not None:
            raise self._output.error
        raise StopIteration


class StreamWriter:
    """A process's standard input."""

    def __init__(self) -> None:
        self._queue: queue.Queue[StreamExecRequest | None] = queue.Queue(requests.STDIN_AHEAD)
        self._closed = threading.Event()

    def write(self, data: bytes) -> Operation[None]:
        """Sends bytes, and waits while too much is on its way. Raises BrokenPipeError when nobody reads any more."""
        for message in requests.stdin(data):
            self._put(message)
        return _sent()

    def writeline(self, text: str) -> Operation[None]:
        """Sends text, as UTF-8, and a newline."""
        return self.write((text + "\n").encode())

    def close(self) -> Operation[None]:
        """Ends the input: the command reads end-of-file after what was written."""
        if not self._closed.is_set():
            self._put(None)
            self._closed.set()
        return _sent()

    def messages(self, first: StreamExecRequest) -> Iterator[StreamExecRequest]:
        """What gRPC sends: first, and then what is written."""
        yield first
        yield from iter(self._queue.get, None)

    def abandon(self) -> None:
        """The call is over: writers fail, and gRPC's thread, which may wait in messages(), goes home."""
        self._closed.set()
        while True:
            with contextlib.suppress(queue.Full):
                self._queue.put_nowait(None)
                return
            with contextlib.suppress(queue.Empty):
                self._queue.get_nowait()

    def _put(self, message: StreamExecRequest | None) -> None:
        while not self._closed.is_set():
            # A full queue of a call that is over is emptied by abandon(), so this looks up now and then only to see a
            # close() by another thread.
            with contextlib.suppress(queue.Full):
                return self._queue.put(message, timeout=1)
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
        self._changed = threading.Condition()
        self._output = Output(self.command, check)
        self.stdout = StreamReader(self._output, "stdout", self._changed)
        self.stderr = StreamReader(self._output, "stderr", self._changed)
        self.stdin = StreamWriter() if stdin is True else None
        messages = self.stdin.messages(start) if self.stdin else requests.with_stdin(start, stdin)
        self._call = connection.sandboxes.StreamExec(messages, metadata=connection.metadata, timeout=timeout_seconds)
        threading.Thread(target=self._read, args=(self._call,), name="casemate-exec", daemon=True).start()

    @property
    def returncode(self) -> int | None:
        """The exit code, or None while the command runs."""
        return self._output.returncode

    def poll(self) -> int | None:
        """The exit code, or None while the command runs."""
        return self._output.returncode

    def result(self, timeout: float | None = None) -> ProcessResult:
        """Waits for the command's end and returns all of its output.

        Raises:
            SandboxExecutionError: With ``check=True``, when it did not exit with 0.
            SandboxTimeoutError: It ran longer than its ``timeout_seconds``, and was killed.
            CasemateError: Something else went wrong.
            concurrent.futures.TimeoutError: It is not done after timeout seconds. It runs on.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._output.done, timeout):
                raise concurrent.futures.TimeoutError
        return self._output.result()

    def wait(self, timeout: float | None = None) -> int:
        """Waits as ``result()`` does, and returns the exit code."""
        return self.result(timeout).returncode

    def cancel(self) -> bool:
        """Kills the command and its process group; False when it has ended already."""
        return self._call.cancel()

    def _read(self, responses: Iterator[StreamExecResponse]) -> None:
        error: CasemateError | None = None
        try:
            for response in responses:
                with self._changed:
                    self._output.feed(response)
                    self._changed.notify_all()
        except grpc.RpcError as failure:
            error = from_rpc(failure)
        finally:
            if self.stdin:
                self.stdin.abandon()
            with self._changed:
                self._output.finish(error)
                self._changed.notify_all()


def _sent() -> Operation[None]:
    future: concurrent.futures.Future[None] = concurrent.futures.Future()
    future.set_result(None)
    return Operation(future, lambda _: None)
