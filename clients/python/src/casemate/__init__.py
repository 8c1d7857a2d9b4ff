"""Casemate: run code in isolated sandboxes, with a team's secrets by name.

    from casemate import Sandbox, Secret

    with Sandbox.run(secrets=[Secret(name="HF_TOKEN")]) as sandbox:
        result = sandbox.exec(["python", "-c", "import os; print('HF_TOKEN' in os.environ)"]).result()
        print(result.stdout)

Where the daemons are, and whose key to show, comes from the environment (CASEMATE_SANDBOXD, CASEMATE_SECRETSD,
CASEMATE_API_KEY, CASEMATE_CA_FILE, CASEMATE_TEAM) or from the arguments of ``Connection``. ``casemate.aio`` has the
same for asyncio, ``casemate.errors`` what can go wrong; ``casemate.sandbox.v1`` and ``casemate.secrets.v1`` are the
generated clients underneath.
"""

from importlib.metadata import version

from casemate._archive import Archive
from casemate._background import BackgroundProcess
from casemate._connection import Connection
from casemate._operation import Operation
from casemate._process import Process, StreamReader, StreamWriter
from casemate._sandbox import Sandbox
from casemate._secrets import SecretsManager
from casemate._types import (
    FileInfo,
    FileType,
    ProcessInfo,
    ProcessOutput,
    ProcessResult,
    Resources,
    SandboxStatus,
    Secret,
)
from casemate.errors import (
    AlreadyExistsError,
    ArchiveError,
    CancelledError,
    CasemateError,
    DirectoryNotEmptyError,
    FailedPreconditionError,
    FileExistsInSandboxError,
    FileIsDirectoryError,
    FileNotDirectoryError,
    FileNotFoundInSandboxError,
    FilePermissionDeniedError,
    FileReadOnlyError,
    FileTooLargeError,
    InvalidArgumentError,
    NoSpaceInSandboxError,
    NotFoundError,
    PermissionDeniedError,
    ResourceExhaustedError,
    SandboxExecutionError,
    SandboxNotFoundError,
    SandboxNotRunningError,
    SandboxTimeoutError,
    SecretNotFoundError,
    SecretsUnresolvedError,
    UnauthenticatedError,
    UnavailableError,
    Violation,
)

__version__ = version("casemate")

__all__ = [
    "AlreadyExistsError",
    "Archive",
    "ArchiveError",
    "BackgroundProcess",
    "CancelledError",
    "CasemateError",
    "Connection",
    "DirectoryNotEmptyError",
    "FailedPreconditionError",
    "FileExistsInSandboxError",
    "FileInfo",
    "FileIsDirectoryError",
    "FileNotDirectoryError",
    "FileNotFoundInSandboxError",
    "FilePermissionDeniedError",
    "FileReadOnlyError",
    "FileTooLargeError",
    "FileType",
    "InvalidArgumentError",
    "NoSpaceInSandboxError",
    "NotFoundError",
    "Operation",
    "PermissionDeniedError",
    "Process",
    "ProcessInfo",
    "ProcessOutput",
    "ProcessResult",
    "ResourceExhaustedError",
    "Resources",
    "Sandbox",
    "SandboxExecutionError",
    "SandboxNotFoundError",
    "SandboxNotRunningError",
    "SandboxStatus",
    "SandboxTimeoutError",
    "Secret",
    "SecretNotFoundError",
    "SecretsManager",
    "SecretsUnresolvedError",
    "StreamReader",
    "StreamWriter",
    "UnauthenticatedError",
    "UnavailableError",
    "Violation",
    "__version__",
]
