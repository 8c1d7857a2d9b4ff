"""What a streamed command has told so far. No I/O: the blocking and the asynchronous process both feed it."""

from __future__ import annotations

import grpc

from casemate._types import ProcessResult
from casemate.errors import CasemateError, SandboxExecutionError
from casemate.sandbox.v1.sandbox_service_pb2 import StreamExecResponse


class Output:
    """The output and the end of one command."""

    def __init__(self, command: list[str], check: bool) -> None:
        self.command = command
        self.chunks: dict[str, list[bytes]] = {"stdout": [], "stderr": []}
        self.returncode: int | None = None
        self.error: CasemateError | None = None
        self.done = False
        self._check = check

    def feed(self, response: StreamExecResponse) -> None:
        """Takes the next message of the call."""
        kind = response.WhichOneof("message")
        if kind == "stdout":
            self.chunks["stdout"].append(response.stdout)
        elif kind == "stderr":
            self.chunks["stderr"].append(response.stderr)
        elif kind == "exit":
            self.returncode = response.exit.exit_code

    def finish(self, error: CasemateError | None) -> None:
        """Takes the end of the call, with what went wrong."""
        if error is None and self.returncode is None:
            error = CasemateError(
                "the stream ended without an exit code", reason="UNKNOWN", code=grpc.StatusCode.UNKNOWN
            )
        # A command that has ended has ended, whatever became of the call afterwards.
        self.error = error if self.returncode is None else None
        self.done = True

    def result(self) -> ProcessResult:
        """The result of a command that is done, or what went wrong, raised."""
        if self.error is not None:
            raise self.error
        assert self.returncode is not None
        result = ProcessResult(
            command=self.command,
            returncode=self.returncode,
            stdout_bytes=b"".join(self.chunks["stdout"]),
            stderr_bytes=b"".join(self.chunks["stderr"]),
        )
        if self._check and result.returncode != 0:
            raise SandboxExecutionError(result)
        return result
