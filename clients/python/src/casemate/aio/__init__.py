"""The same as package casemate, for asyncio: the same names, to be awaited.

async with Sandbox.run(secrets=[Secret(name="HF_TOKEN")]) as sandbox:
    result = await sandbox.exec(["python", "-c", "..."])
"""

from casemate._archive import Archive
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
from casemate.aio._background import BackgroundProcess
from casemate.aio._connection import Connection
from casemate.aio._process import Process, StreamReader, StreamWriter
from casemate.aio._sandbox import Sandbox
from casemate.aio._secrets import SecretsManager

__all__ = [
    "Archive",
    "BackgroundProcess",
    "Connection",
    "FileInfo",
    "FileType",
    "Process",
    "ProcessInfo",
    "ProcessOutput",
    "ProcessResult",
    "Resources",
    "Sandbox",
    "SandboxStatus",
    "Secret",
    "SecretsManager",
    "StreamReader",
    "StreamWriter",
]
