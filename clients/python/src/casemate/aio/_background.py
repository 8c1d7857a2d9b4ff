"""Commands in the background of a sandbox, for asynchronous code."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from casemate import _requests as requests
from casemate._types import ProcessInfo, ProcessOutput
from casemate.errors import UnavailableError, translated
from casemate.sandbox.v1 import processes_pb2

if TYPE_CHECKING:
    from casemate.aio._connection import Connection


class BackgroundProcess:
    """A command that runs in the background of a sandbox: nothing that happens to this program ends it.

    Attributes:
        process_id: Its name in the sandbox, by which ``Sandbox.process`` finds it again.
    """

    def __init__(self, process_id: str, sandbox_name: str, connection: Connection) -> None:
        self.process_id = process_id
        self._name = sandbox_name
        self._connection = connection

    async def wait(self, timeout: float | None = None) -> ProcessInfo:
        """Waits for its end and returns how it did.

        Raises:
            NotFoundError: It has ended and is forgotten, for newer ones, or there never was one.
            asyncio.TimeoutError: It runs after timeout seconds.
        """
        request = processes_pb2.WaitProcessRequest(
            name=self._name, process=self.process_id, timeout=requests.duration(timeout)
        )
        with translated():
            response = await self._connection.sandboxes.WaitProcess(request, metadata=self._connection.metadata)
        info = ProcessInfo.from_proto(response.process)
        if info.returncode is None:
            raise asyncio.TimeoutError
        return info

    async def output(self, offset: int = 0) -> AsyncIterator[ProcessOutput]:
        """Its output from that offset on, as it comes, to its end. The newest 128 KiB are kept.

        Whoever leaves the loop leaves the process alone. A restart of sandboxd is ridden out.
        """
        while True:
            came = False
            request = processes_pb2.AttachProcessRequest(name=self._name, process=self.process_id, offset=offset)
            call = self._connection.sandboxes.AttachProcess(request, metadata=self._connection.metadata)
            try:
                with translated():
                    async for message in call:
                        came = True
                        if message.WhichOneof("message") == "exit":
                            return
                        piece = ProcessOutput.from_proto(message)
                        offset = piece.offset
                        yield piece
            except UnavailableError:
                if not came:
                    raise
            finally:
                call.cancel()

    async def signal(self, signal: int) -> None:
        """Sends a signal to its process group, by Linux number. When it has ended, that reaches nobody."""
        request = processes_pb2.SignalProcessRequest(name=self._name, process=self.process_id, signal=signal)
        with translated():
            await self._connection.sandboxes.SignalProcess(request, metadata=self._connection.metadata)

    async def kill(self) -> None:
        """Kills its process group."""
        await self.signal(9)

    async def write(self, data: bytes) -> None:
        """Gives it input, and returns when it has taken all; it must have been started with ``stdin=True``."""
        for start in range(0, len(data), requests.PROCESS_INPUT):
            await self._input(processes_pb2.SendProcessInputRequest(stdin=data[start : start + requests.PROCESS_INPUT]))

    async def close_stdin(self) -> None:
        """Ends its input."""
        await self._input(processes_pb2.SendProcessInputRequest(close_stdin=True))

    async def _input(self, request: processes_pb2.SendProcessInputRequest) -> None:
        request.name, request.process = self._name, self.process_id
        with translated():
            await self._connection.sandboxes.SendProcessInput(request, metadata=self._connection.metadata)
