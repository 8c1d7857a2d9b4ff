"""Sandboxes, for asynchronous code. What arguments mean and what is raised is as in ``casemate.Sandbox``."""

from __future__ import annotations

import asyncio
import builtins
import contextlib
from collections.abc import AsyncIterator, Awaitable, Generator, Mapping, Sequence
from datetime import datetime

import grpc

from casemate import _archive as archive
from casemate import _requests as requests
from casemate._archive import Archive, Progress, Readable, Writable
from casemate._record import SandboxRecord
from casemate._types import FileInfo, ProcessInfo, Resources, SandboxStatus, Secret
from casemate.aio._background import BackgroundProcess
from casemate.aio._connection import Connection, default_connection
from casemate.aio._outcome import Outcome
from casemate.aio._process import Process
from casemate.errors import SandboxNotFoundError, translated
from casemate.sandbox.v1 import files_pb2, lifecycle_pb2, processes_pb2, resources_pb2, sandbox_service_pb2


class Sandbox(SandboxRecord):
    """An isolated environment with a team's secrets in it. In an ``async with`` statement it is stopped at the end."""

    def __init__(self, message: resources_pb2.Sandbox, connection: Connection) -> None:
        super().__init__(message)
        self._connection = connection

    @classmethod
    def run(
        cls,
        *command: str,
        container_image: str | None = None,
        secrets: Sequence[Secret] = (),
        environment_variables: Mapping[str, str] | None = None,
        working_dir: str | None = None,
        user: str | None = None,
        resources: Resources | None = None,
        max_lifetime_seconds: float | None = None,
        idle_timeout_seconds: float | None = None,
        graceful_shutdown_seconds: float | None = None,
        files: Mapping[str, bytes] | None = None,
        tags: Sequence[str] = (),
        runtime: str | None = None,
        mask_output: bool = False,
        request_timeout_seconds: float | None = None,
        connection: Connection | None = None,
    ) -> Starting:
        """Makes a sandbox when it is awaited or entered: ``async with Sandbox.run() as sandbox``."""
        connection = connection or default_connection()
        request = requests.run_sandbox(
            connection.settings.parent,
            command,
            container_image=container_image,
            secrets=secrets,
            environment_variables=environment_variables,
            working_dir=working_dir,
            user=user,
            resources=resources,
            max_lifetime_seconds=max_lifetime_seconds,
            idle_timeout_seconds=idle_timeout_seconds,
            graceful_shutdown_seconds=graceful_shutdown_seconds,
            files=files,
            tags=tags,
            runtime=runtime,
            mask_output=mask_output,
        )
        return Starting(cls, request, connection, request_timeout_seconds)

    @classmethod
    async def from_id(cls, sandbox_id: str, *, connection: Connection | None = None) -> Sandbox:
        """The sandbox of that id or full name, also for an hour after its end."""
        used = connection or default_connection()
        request = sandbox_service_pb2.GetSandboxRequest(name=requests.any_team(sandbox_id))
        with translated():
            response = await used.sandboxes.GetSandbox(request, metadata=used.metadata)
        return cls(response.sandbox, used)

    @classmethod
    async def list(
        cls,
        *,
        tags: Sequence[str] = (),
        show_terminated: bool = False,
        connection: Connection | None = None,
    ) -> builtins.list[Sandbox]:
        """The team's sandboxes, newest first."""
        used = connection or default_connection()
        request = requests.list_sandboxes(used.settings.parent, tags, show_terminated)
        found: builtins.list[Sandbox] = []
        while True:
            with translated():
                page = await used.sandboxes.ListSandboxes(request, metadata=used.metadata)
            found += [cls(message, used) for message in page.sandboxes]
            if not page.next_page_token:
                return found
            request.page_token = page.next_page_token

    @classmethod
    async def delete(cls, sandbox_id: str, *, missing_ok: bool = False, connection: Connection | None = None) -> None:
        """Ends a sandbox at once and removes its record and logs."""
        used = connection or default_connection()
        request = sandbox_service_pb2.DeleteSandboxRequest(name=requests.any_team(sandbox_id), allow_missing=missing_ok)
        with translated():
            await used.sandboxes.DeleteSandbox(request, metadata=used.metadata)

    def exec(
        self,
        command: Sequence[str],
        *,
        cwd: str | None = None,
        environment_variables: Mapping[str, str] | None = None,
        user: str | None = None,
        stdin: bool | bytes = False,
        check: bool = False,
        timeout_seconds: float | None = None,
    ) -> Process:
        """Starts a command and returns at once: awaiting it gives its result, ``stdout`` streams."""
        start = requests.start_exec(self.name, command, cwd=cwd, environment_variables=environment_variables, user=user)
        return Process(self._connection, start, stdin=stdin, check=check, timeout_seconds=timeout_seconds)

    async def start_process(
        self,
        command: Sequence[str],
        *,
        cwd: str | None = None,
        environment_variables: Mapping[str, str] | None = None,
        user: str | None = None,
        stdin: bool = False,
        timeout_seconds: float | None = None,
    ) -> BackgroundProcess:
        """Starts a command in the background: it runs on when this program ends, or sandboxd is restarted.

        Args:
            command: Its argv; the first is looked up in PATH.
            cwd: Its working directory; None means the sandbox's.
            environment_variables: Variables in addition to the sandbox's.
            user: ``user[:group]``; None means the sandbox's.
            stdin: Keep its input open, for ``write``.
            timeout_seconds: Its process group is killed after that.
        """
        request = requests.start_process(
            self.name,
            command,
            cwd=cwd,
            environment_variables=environment_variables,
            user=user,
            stdin=stdin,
            timeout_seconds=timeout_seconds,
        )
        with translated():
            response = await self._connection.sandboxes.StartProcess(request, metadata=self._connection.metadata)
        return self.process(response.process.id)

    def process(self, process_id: str) -> BackgroundProcess:
        """The background process of that id, without asking whether it exists."""
        return BackgroundProcess(process_id, self.name, self._connection)

    async def list_processes(self) -> builtins.list[ProcessInfo]:
        """The background processes that run, and the latest of those that have ended, in the order of their starts."""
        request = processes_pb2.ListProcessesRequest(name=self.name)
        with translated():
            response = await self._connection.sandboxes.ListProcesses(request, metadata=self._connection.metadata)
        return [ProcessInfo.from_proto(message) for message in response.processes]

    async def read_file(self, filepath: str, *, timeout_seconds: float | None = None) -> bytes:
        """The content of a regular file, of at most 32 MiB."""
        request = sandbox_service_pb2.ReadFileRequest(name=self.name, path=filepath)
        with translated():
            response = await self._connection.sandboxes.ReadFile(
                request, metadata=self._connection.metadata, timeout=timeout_seconds
            )
        return response.content

    async def write_file(
        self, filepath: str, contents: bytes, *, mode: int = 0, timeout_seconds: float | None = None
    ) -> None:
        """Writes a whole file, of at most 32 MiB, making the directories above it."""
        request = sandbox_service_pb2.WriteFileRequest(name=self.name, path=filepath, content=contents, mode=mode)
        with translated():
            await self._connection.sandboxes.WriteFile(
                request, metadata=self._connection.metadata, timeout=timeout_seconds
            )

    async def stat_file(
        self, filepath: str, *, follow_link: bool = False, timeout_seconds: float | None = None
    ) -> FileInfo:
        """What there is to tell of a file, a directory or anything else with a name."""
        request = files_pb2.StatFileRequest(name=self.name, path=filepath, follow_link=follow_link)
        with translated():
            response = await self._connection.sandboxes.StatFile(
                request, metadata=self._connection.metadata, timeout=timeout_seconds
            )
        return FileInfo.from_proto(response.file)

    async def list_files(self, directory: str) -> AsyncIterator[FileInfo]:
        """The files in a directory, by name, asked for page by page as the loop goes on."""
        request = files_pb2.ListDirectoryRequest(name=self.name, path=directory, page_size=1000)
        while True:
            with translated():
                page = await self._connection.sandboxes.ListDirectory(request, metadata=self._connection.metadata)
            for file in page.files:
                yield FileInfo.from_proto(file)
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    async def make_directory(
        self, directory: str, *, mode: int = 0, parents: bool = False, timeout_seconds: float | None = None
    ) -> None:
        """Makes a directory, which belongs to the sandbox's user."""
        request = files_pb2.MakeDirectoryRequest(name=self.name, path=directory, mode=mode, parents=parents)
        with translated():
            await self._connection.sandboxes.MakeDirectory(
                request, metadata=self._connection.metadata, timeout=timeout_seconds
            )

    async def remove_file(
        self,
        filepath: str,
        *,
        recursive: bool = False,
        missing_ok: bool = False,
        timeout_seconds: float | None = None,
    ) -> None:
        """Removes a file, a symbolic link or an empty directory; with recursive, a directory with all that is in it."""
        request = files_pb2.RemoveFileRequest(
            name=self.name, path=filepath, recursive=recursive, allow_missing=missing_ok
        )
        with translated():
            await self._connection.sandboxes.RemoveFile(
                request, metadata=self._connection.metadata, timeout=timeout_seconds
            )

    async def move_file(
        self, filepath: str, new_path: str, *, overwrite: bool = False, timeout_seconds: float | None = None
    ) -> None:
        """Gives a file or a directory another name."""
        request = files_pb2.MoveFileRequest(name=self.name, path=filepath, new_path=new_path, overwrite=overwrite)
        with translated():
            await self._connection.sandboxes.MoveFile(
                request, metadata=self._connection.metadata, timeout=timeout_seconds
            )

    async def download_archive(
        self,
        filepath: str,
        target: Writable,
        *,
        progress: Progress | None = None,
        timeout_seconds: float | None = None,
    ) -> Archive:
        """Writes a file, or a directory with all that is in it, as a tar archive of any size, in another thread."""
        call = self._connection.sandboxes.DownloadArchive(
            files_pb2.DownloadArchiveRequest(name=self.name, path=filepath),
            metadata=self._connection.metadata,
            timeout=timeout_seconds,
        )
        total, end = archive.Sum(progress), None
        try:
            with translated():
                async for response in call:
                    if response.HasField("end"):
                        end = response.end
                    else:
                        await asyncio.to_thread(target.write, response.data)
                        total.add(response.data)
        finally:
            call.cancel()
        return total.downloaded(end)

    async def upload_archive(
        self,
        directory: str,
        source: Readable,
        *,
        ignore_owners: bool = False,
        progress: Progress | None = None,
        timeout_seconds: float | None = None,
    ) -> Archive:
        """Unpacks a tar archive of any size below a directory, which is made where it is missing."""
        total = archive.Sum(progress)
        call = self._connection.sandboxes.UploadArchive(metadata=self._connection.metadata, timeout=timeout_seconds)
        outcome = Outcome(call)
        try:
            # It is over: the answer says why.
            with contextlib.suppress(asyncio.InvalidStateError, grpc.aio.AioRpcError):
                await call.write(archive.start(self.name, directory, ignore_owners))
                while content := await asyncio.to_thread(archive.chunk, source):
                    total.add(content)
                    await call.write(archive.data(content))
                await call.write(archive.end(total))
                await call.done_writing()
            with translated(), outcome.told():
                return total.uploaded(await call)
        finally:
            call.cancel()

    async def stream_logs(
        self, *, follow: bool = False, tail_lines: int = 0, since_time: datetime | None = None
    ) -> AsyncIterator[str]:
        """What the main process has written to stdout and stderr, with values of secrets masked."""
        request = requests.stream_logs(self.name, follow=follow, tail_lines=tail_lines, since_time=since_time)
        call = self._connection.sandboxes.StreamLogs(request, metadata=self._connection.metadata)
        try:
            with translated():
                async for response in call:
                    yield response.data.decode("utf-8", "replace")
        finally:
            call.cancel()

    async def get_status(self) -> SandboxStatus:
        """Asks the server, and with it renews all properties."""
        with translated():
            response = await self._connection.sandboxes.GetSandbox(
                sandbox_service_pb2.GetSandboxRequest(name=self.name), metadata=self._connection.metadata
            )
        self._message = response.sandbox
        return self.status

    async def wait_until_complete(self, timeout: float | None = None) -> Sandbox:
        """Waits for the sandbox's end, or for timeout seconds."""
        request = sandbox_service_pb2.WaitSandboxRequest(name=self.name, timeout=requests.duration(timeout))
        with translated():
            response = await self._connection.sandboxes.WaitSandbox(request, metadata=self._connection.metadata)
        self._message = response.sandbox
        return self

    async def extend(self, seconds: float) -> None:
        """Gives it another end, ``expires_at``, so many seconds from now: later or earlier than it has."""
        request = lifecycle_pb2.ExtendSandboxRequest(name=self.name, ttl=requests.duration(seconds))
        with translated():
            response = await self._connection.sandboxes.ExtendSandbox(request, metadata=self._connection.metadata)
        self._message = response.sandbox

    async def stop(self, *, graceful_shutdown_seconds: float | None = None, missing_ok: bool = False) -> None:
        """Ends the sandbox; its record and logs stay for a while. Stopping it again is no error."""
        request = sandbox_service_pb2.StopSandboxRequest(
            name=self.name, grace_period=requests.duration(graceful_shutdown_seconds)
        )
        try:
            with translated():
                response = await self._connection.sandboxes.StopSandbox(request, metadata=self._connection.metadata)
        except SandboxNotFoundError:
            if not missing_ok:
                raise
        else:
            self._message = response.sandbox

    async def __aenter__(self) -> Sandbox:
        return self

    async def __aexit__(self, *_: object) -> None:
        # Deleted, or ended so long ago that it is forgotten: it is gone either way.
        await self.stop(missing_ok=True)


class Starting(Awaitable[Sandbox]):
    """A sandbox to be: ``await`` it, or enter it with ``async with``, which stops the sandbox at the end."""

    def __init__(
        self,
        cls: type[Sandbox],
        request: sandbox_service_pb2.RunSandboxRequest,
        connection: Connection,
        timeout: float | None,
    ) -> None:
        self._cls, self._request, self._connection, self._timeout = cls, request, connection, timeout
        self._sandbox: Sandbox | None = None

    def __await__(self) -> Generator[None, None, Sandbox]:
        return self._run().__await__()

    async def __aenter__(self) -> Sandbox:
        self._sandbox = await self._run()
        return self._sandbox

    async def __aexit__(self, *_: object) -> None:
        if self._sandbox is not None:
            await self._sandbox.stop(missing_ok=True)

    async def _run(self) -> Sandbox:
        with translated():
            made = await self._connection.sandboxes.RunSandbox(
                self._request, metadata=self._connection.metadata, timeout=self._timeout
            )
        return self._cls(made.sandbox, self._connection)
