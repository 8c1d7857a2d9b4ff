"""Sandboxes, for blocking code."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import TracebackType

from casemate import _archive as archive
from casemate import _requests as requests
from casemate._archive import Archive, Progress, Readable, Writable
from casemate._background import BackgroundProcess
from casemate._connection import Connection, default_connection
from casemate._operation import Future, Operation
from casemate._process import Process
from casemate._record import SandboxRecord
from casemate._types import FileInfo, ProcessInfo, Resources, SandboxStatus, Secret
from casemate.errors import CasemateError, SandboxNotFoundError, translated
from casemate.sandbox.v1 import files_pb2, lifecycle_pb2, processes_pb2, resources_pb2, sandbox_service_pb2


class Sandbox(SandboxRecord):
    """An isolated environment with a team's secrets in it. In a ``with`` statement it is stopped at the end.

    Where a method takes a connection, None means the one that the environment describes.
    """

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
    ) -> Sandbox:
        """Makes a sandbox and returns it when it runs, with its secrets in its environment.

        Args:
            command: The main process's argv. None: there is none, and the sandbox lives until it is stopped.
            container_image: The image; None means ``python:3.11``.
            secrets: Secrets of the team's to inject as environment variables.
            environment_variables: More variables. They are stored in records: no place for a secret.
            working_dir: Of the main process and all commands; None means the image's.
            user: Of the main process and all commands, ``user[:group]``; None means the image's.
            resources: Limits; None means the operator's defaults.
            max_lifetime_seconds: It is stopped after that; None means the operator's default.
            idle_timeout_seconds: It is stopped when nothing was done in it for that long: no command, no file, no
                ``extend``. None means the operator's default, which may be never.
            graceful_shutdown_seconds: Between SIGTERM and SIGKILL when it is stopped, at most 300; None means 10.
            files: Files to write before the main process starts: content by absolute path, at most 32 MiB in all.
            tags: Words to find it by.
            runtime: What isolates it; None means the operator's default.
            mask_output: ``***`` stands for the secrets' values in the output of commands and in files that are read, as
                it always does in logs. False leaves that to the team's policy. It stops accidents, not an attacker.
            request_timeout_seconds: How long making it may take, the pulling of its image included.

        Raises:
            SecretsUnresolvedError: ``violations`` names every secret that failed, and why. Nothing is left behind.
            CasemateError: Something else went wrong. Nothing is left behind.
        """
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
        with translated():
            made = connection.sandboxes.RunSandbox(
                request, metadata=connection.metadata, timeout=request_timeout_seconds
            )
        return cls(made.sandbox, connection)

    @classmethod
    def from_id(cls, sandbox_id: str, *, connection: Connection | None = None) -> Operation[Sandbox]:
        """The sandbox of that id or full name, also for an hour after its end.

        Raises, from ``result()``:
            SandboxNotFoundError: There is none, or not for this key.
        """
        used = connection or default_connection()
        future = used.sandboxes.GetSandbox.future(
            sandbox_service_pb2.GetSandboxRequest(name=requests.any_team(sandbox_id)), metadata=used.metadata
        )
        return Operation(future, lambda response: cls(response.sandbox, used))

    @classmethod
    def list(
        cls,
        *,
        tags: Sequence[str] = (),
        show_terminated: bool = False,
        connection: Connection | None = None,
    ) -> Operation[builtins.list[Sandbox]]:
        """The team's sandboxes, newest first.

        Args:
            tags: Only those that carry all of these.
            show_terminated: Ended ones too.
        """
        used = connection or default_connection()
        request = requests.list_sandboxes(used.settings.parent, tags, show_terminated)

        def follow(page: sandbox_service_pb2.ListSandboxesResponse) -> builtins.list[Sandbox]:
            found = [cls(message, used) for message in page.sandboxes]
            while page.next_page_token:
                request.page_token = page.next_page_token
                with translated():
                    page = used.sandboxes.ListSandboxes(request, metadata=used.metadata)
                found += [cls(message, used) for message in page.sandboxes]
            return found

        return Operation(used.sandboxes.ListSandboxes.future(request, metadata=used.metadata), follow)

    @classmethod
    def delete(
        cls, sandbox_id: str, *, missing_ok: bool = False, connection: Connection | None = None
    ) -> Operation[None]:
        """Ends a sandbox at once and removes its record and logs."""
        used = connection or default_connection()
        request = sandbox_service_pb2.DeleteSandboxRequest(name=requests.any_team(sandbox_id), allow_missing=missing_ok)
        return Operation(used.sandboxes.DeleteSandbox.future(request, metadata=used.metadata), lambda _: None)

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
        """Starts a command and returns at once: ``result()`` waits for it, ``stdout`` streams.

        Args:
            command: Its argv; the first is looked up in PATH.
            cwd: Its working directory; None means the sandbox's.
            environment_variables: Variables in addition to the sandbox's.
            user: ``user[:group]``; None means the sandbox's.
            stdin: True: ``process.stdin`` writes to it, until closed. Bytes: all of its input. False: it has none.
            check: Whether an exit code other than 0 is an error of ``result()``.
            timeout_seconds: It is killed after that, and ``result()`` raises SandboxTimeoutError.
        """
        start = requests.start_exec(self.name, command, cwd=cwd, environment_variables=environment_variables, user=user)
        return Process(self._connection, start, stdin=stdin, check=check, timeout_seconds=timeout_seconds)

    def start_process(
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
            response = self._connection.sandboxes.StartProcess(request, metadata=self._connection.metadata)
        return self.process(response.process.id)

    def process(self, process_id: str) -> BackgroundProcess:
        """The background process of that id, without asking whether it exists."""
        return BackgroundProcess(process_id, self.name, self._connection)

    def list_processes(self) -> builtins.list[ProcessInfo]:
        """The background processes that run, and the latest of those that have ended, in the order of their starts."""
        request = processes_pb2.ListProcessesRequest(name=self.name)
        with translated():
            response = self._connection.sandboxes.ListProcesses(request, metadata=self._connection.metadata)
        return [ProcessInfo.from_proto(message) for message in response.processes]

    def read_file(self, filepath: str, *, timeout_seconds: float | None = None) -> Operation[bytes]:
        """The content of a regular file, of at most 32 MiB; a relative path starts at the working directory."""
        request = sandbox_service_pb2.ReadFileRequest(name=self.name, path=filepath)
        future = self._connection.sandboxes.ReadFile.future(
            request, metadata=self._connection.metadata, timeout=timeout_seconds
        )
        return Operation(future, lambda response: bytes(response.content))

    def write_file(
        self, filepath: str, contents: bytes, *, mode: int = 0, timeout_seconds: float | None = None
    ) -> Operation[None]:
        """Writes a whole file, of at most 32 MiB, making the directories above it.

        Args:
            filepath: A relative path starts at the working directory.
            contents: The whole content.
            mode: Permission bits; 0 means 0644 for a new file and leaves an old one's.
            timeout_seconds: How long it may take.
        """
        request = sandbox_service_pb2.WriteFileRequest(name=self.name, path=filepath, content=contents, mode=mode)
        future = self._connection.sandboxes.WriteFile.future(
            request, metadata=self._connection.metadata, timeout=timeout_seconds
        )
        return Operation(future, lambda _: None)

    def stat_file(
        self, filepath: str, *, follow_link: bool = False, timeout_seconds: float | None = None
    ) -> Operation[FileInfo]:
        """What there is to tell of a file, a directory or anything else with a name.

        Args:
            filepath: A relative path starts at the working directory.
            follow_link: Of a symbolic link, tell of what it leads to.
            timeout_seconds: How long it may take.
        """
        request = files_pb2.StatFileRequest(name=self.name, path=filepath, follow_link=follow_link)
        future = self._connection.sandboxes.StatFile.future(
            request, metadata=self._connection.metadata, timeout=timeout_seconds
        )
        return Operation(future, lambda response: FileInfo.from_proto(response.file))

    def list_files(self, directory: str) -> Iterator[FileInfo]:
        """The files in a directory, by name, asked for page by page as the loop goes on."""
        request = files_pb2.ListDirectoryRequest(name=self.name, path=directory, page_size=1000)
        while True:
            with translated():
                page = self._connection.sandboxes.ListDirectory(request, metadata=self._connection.metadata)
            yield from map(FileInfo.from_proto, page.files)
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def make_directory(
        self, directory: str, *, mode: int = 0, parents: bool = False, timeout_seconds: float | None = None
    ) -> Operation[None]:
        """Makes a directory, which belongs to the sandbox's user.

        Args:
            directory: A relative path starts at the working directory.
            mode: Permission bits; 0 means 0755.
            parents: Make the missing ones above it too, and do nothing about a directory that is there already.
            timeout_seconds: How long it may take.
        """
        request = files_pb2.MakeDirectoryRequest(name=self.name, path=directory, mode=mode, parents=parents)
        future = self._connection.sandboxes.MakeDirectory.future(
            request, metadata=self._connection.metadata, timeout=timeout_seconds
        )
        return Operation(future, lambda _: None)

    def remove_file(
        self,
        filepath: str,
        *,
        recursive: bool = False,
        missing_ok: bool = False,
        timeout_seconds: float | None = None,
    ) -> Operation[None]:
        """Removes a file, a symbolic link or an empty directory.

        Args:
            filepath: A relative path starts at the working directory.
            recursive: Remove a directory with all that is in it.
            missing_ok: One that does not exist is no error.
            timeout_seconds: How long it may take.
        """
        request = files_pb2.RemoveFileRequest(
            name=self.name, path=filepath, recursive=recursive, allow_missing=missing_ok
        )
        future = self._connection.sandboxes.RemoveFile.future(
            request, metadata=self._connection.metadata, timeout=timeout_seconds
        )
        return Operation(future, lambda _: None)

    def move_file(
        self, filepath: str, new_path: str, *, overwrite: bool = False, timeout_seconds: float | None = None
    ) -> Operation[None]:
        """Gives a file or a directory another name.

        Args:
            filepath: A relative path starts at the working directory.
            new_path: The new path, with its last name.
            overwrite: Replace a file, or an empty directory, that has the new name.
            timeout_seconds: How long it may take.
        """
        request = files_pb2.MoveFileRequest(name=self.name, path=filepath, new_path=new_path, overwrite=overwrite)
        future = self._connection.sandboxes.MoveFile.future(
            request, metadata=self._connection.metadata, timeout=timeout_seconds
        )
        return Operation(future, lambda _: None)

    def download_archive(
        self,
        filepath: str,
        target: Writable,
        *,
        progress: Progress | None = None,
        timeout_seconds: float | None = None,
    ) -> Archive:
        """Writes a file, or a directory with all that is in it, as a tar archive of any size. Blocks until it is there.

        The archive is what the sandbox says: unpack it as one from a stranger, with ``tarfile``'s filter ``data``,
        which Python has since 3.12 and in later releases of older ones.

        Args:
            filepath: A relative path starts at the working directory.
            target: A file that is open for writing. When this raises, what is written by then is no whole archive.
            progress: Is called with the number of bytes that have come.
            timeout_seconds: How long it may take.

        Raises:
            ArchiveError: What came is not what was sent.
            FileNotFoundInSandboxError: It is not there.
        """
        call = self._connection.sandboxes.DownloadArchive(
            files_pb2.DownloadArchiveRequest(name=self.name, path=filepath),
            metadata=self._connection.metadata,
            timeout=timeout_seconds,
        )
        total, end = archive.Sum(progress), None
        try:
            with translated():
                for response in call:
                    if response.HasField("end"):
                        end = response.end
                    else:
                        target.write(response.data)
                        total.add(response.data)
        finally:
            call.cancel()
        return total.downloaded(end)

    def upload_archive(
        self,
        directory: str,
        source: Readable,
        *,
        ignore_owners: bool = False,
        progress: Progress | None = None,
        timeout_seconds: float | None = None,
    ) -> Archive:
        """Unpacks a tar archive of any size below a directory, which is made where it is missing; blocks meanwhile.

        Each file is replaced whole. What was unpacked before an error stays, but for the archive's last file: it takes
        its place when all has come unharmed.

        Args:
            directory: A relative path starts at the working directory.
            source: A file with an uncompressed archive. It is read in another thread.
            ignore_owners: Everything belongs to the sandbox's user, whatever the archive says.
            progress: Is called with the number of bytes that were sent, in that thread.
            timeout_seconds: How long it may take.

        Raises:
            ArchiveError: It is no archive, or damaged, or an entry leads out of the directory.
        """
        total = archive.Sum(progress)
        sending = archive.Sending(archive.start(self.name, directory, ignore_owners), source, total)
        try:
            with translated():
                response = self._connection.sandboxes.UploadArchive(
                    iter(sending), metadata=self._connection.metadata, timeout=timeout_seconds
                )
        except CasemateError:
            if sending.error is not None:
                raise sending.error from None
            raise
        return total.uploaded(response)

    def stream_logs(
        self, *, follow: bool = False, tail_lines: int = 0, since_time: datetime | None = None
    ) -> Iterator[str]:
        """What the main process has written to stdout and stderr, with values of secrets masked.

        Args:
            follow: Go on until it ends.
            tail_lines: Only the last so many lines; 0 means all that is kept.
            since_time: Only what was written then or later; without a time zone it is in UTC.
        """
        request = requests.stream_logs(self.name, follow=follow, tail_lines=tail_lines, since_time=since_time)
        call = self._connection.sandboxes.StreamLogs(request, metadata=self._connection.metadata)
        try:
            with translated():
                for response in call:
                    yield response.data.decode("utf-8", "replace")
        finally:
            call.cancel()

    def get_status(self) -> SandboxStatus:
        """Asks the server, and with it renews all properties."""
        with translated():
            response = self._connection.sandboxes.GetSandbox(
                sandbox_service_pb2.GetSandboxRequest(name=self.name), metadata=self._connection.metadata
            )
        self._message = response.sandbox
        return self.status

    def wait_until_complete(self, timeout: float | None = None) -> Operation[Sandbox]:
        """Waits for the sandbox's end, or for timeout seconds; ``status`` tells which it was."""
        request = sandbox_service_pb2.WaitSandboxRequest(name=self.name, timeout=requests.duration(timeout))
        future = self._connection.sandboxes.WaitSandbox.future(request, metadata=self._connection.metadata)
        return Operation(future, self._renew)

    def extend(self, seconds: float) -> Operation[Sandbox]:
        """Gives it another end, ``expires_at``, so many seconds from now: later or earlier than it has."""
        request = lifecycle_pb2.ExtendSandboxRequest(name=self.name, ttl=requests.duration(seconds))
        future = self._connection.sandboxes.ExtendSandbox.future(request, metadata=self._connection.metadata)
        return Operation(future, self._renew)

    def stop(self, *, graceful_shutdown_seconds: float | None = None, missing_ok: bool = False) -> Operation[None]:
        """Ends the sandbox; its record and logs stay for a while. Stopping it again is no error.

        Args:
            graceful_shutdown_seconds: Between SIGTERM and SIGKILL, at most 300; None means the sandbox's own.
            missing_ok: Whether it is fine that it does not exist any more.
        """
        request = sandbox_service_pb2.StopSandboxRequest(
            name=self.name, grace_period=requests.duration(graceful_shutdown_seconds)
        )
        future = self._connection.sandboxes.StopSandbox.future(request, metadata=self._connection.metadata)
        return _Stop(future, self, missing_ok)

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # Deleted, or ended so long ago that it is forgotten: it is gone either way.
        self.stop(missing_ok=True).result()

    def _renew(
        self,
        response: sandbox_service_pb2.WaitSandboxResponse
        | sandbox_service_pb2.StopSandboxResponse
        | lifecycle_pb2.ExtendSandboxResponse,
    ) -> Sandbox:
        self._message = response.sandbox
        return self


class _Stop(Operation[None]):
    def __init__(self, future: Future, sandbox: Sandbox, missing_ok: bool) -> None:
        def renew(response: sandbox_service_pb2.StopSandboxResponse) -> None:
            sandbox._renew(response)

        super().__init__(future, renew)
        self._missing_ok = missing_ok

    def result(self, timeout: float | None = None) -> None:
        try:
            super().result(timeout)
        except SandboxNotFoundError:
            if not self._missing_ok:
                raise
