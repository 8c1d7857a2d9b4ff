"""The same for asyncio."""

import asyncio
import os

import pytest

from casemate import (
    CancelledError,
    SandboxExecutionError,
    SandboxNotFoundError,
    SandboxTimeoutError,
    SecretNotFoundError,
    SecretsUnresolvedError,
)
from casemate.aio import Connection, FileType, Sandbox, SandboxStatus, Secret, SecretsManager


def test_a_sandbox(unique: str) -> None:
    async def program() -> None:
        async with Sandbox.run(
            "sh", "-c", "echo log; exec sleep 1000", secrets=[Secret(name="HF_TOKEN")], tags=[unique]
        ) as sandbox:
            done = await sandbox.exec(["sh", "-c", "echo ${#HF_TOKEN}; exit 3"])
            assert (done.stdout, done.returncode) == ("17\n", 3)
            content = os.urandom(6 << 20)
            await sandbox.write_file("/tmp/x", content)
            assert await sandbox.read_file("/tmp/x") == content
            await sandbox.make_directory("/tmp/tree/sub", parents=True)
            await sandbox.move_file("/tmp/x", "/tmp/tree/x")
            assert (await sandbox.stat_file("/tmp/tree/x")).size_bytes == 6 << 20
            listed = [(f.name, f.type) async for f in sandbox.list_files("/tmp/tree")]
            assert listed == [("sub", FileType.DIRECTORY), ("x", FileType.REGULAR)]
            await sandbox.remove_file("/tmp/tree", recursive=True)
            await sandbox.remove_file("/tmp/tree", missing_ok=True)
            async for text in sandbox.stream_logs(follow=True):
                assert text == "log\n"
                break
            assert await sandbox.get_status() is SandboxStatus.RUNNING
            assert (await sandbox.wait_until_complete(timeout=0.1)).status is SandboxStatus.RUNNING
            before = sandbox.expires_at
            await sandbox.extend(2 * 3600)
            assert before is not None
            assert sandbox.expires_at is not None
            assert sandbox.expires_at > before
            assert [s.name for s in await Sandbox.list(tags=[unique])] == [sandbox.name]
            assert (await Sandbox.from_id(sandbox.sandbox_id)).name == sandbox.name
        assert sandbox.status is SandboxStatus.COMPLETED
        await Sandbox.delete(sandbox.sandbox_id)
        await Sandbox.delete(sandbox.sandbox_id, missing_ok=True)
        await sandbox.stop(missing_ok=True)
        with pytest.raises(SandboxNotFoundError):
            await sandbox.stop()

    asyncio.run(program())


def test_awaited_without_with(unique: str) -> None:
    async def program() -> None:
        async with Connection() as connection:
            sandbox = await Sandbox.run(tags=[unique], connection=connection)
            async with sandbox:
                assert (await sandbox.exec(["true"], check=True)).returncode == 0
            with pytest.raises(SecretsUnresolvedError):
                await Sandbox.run(secrets=[Secret(name=unique)], connection=connection)

    asyncio.run(program())


def test_processes() -> None:
    async def program() -> None:
        async with Sandbox.run() as sandbox:
            process = sandbox.exec(["sh", "-c", "echo first; read line; echo $line; echo no >&2"], stdin=True)
            assert await anext(process.stdout) == "first\n"
            assert process.poll() is None
            assert process.stdin is not None
            await process.stdin.writeline("go")
            assert [text async for text in process.stdout] == ["go\n"]
            assert [text async for text in process.stderr] == ["no\n"]
            assert await process.wait() == process.returncode == 0
            with pytest.raises(BrokenPipeError):
                await process.stdin.write(b"x")

            counter = sandbox.exec(["wc", "-c"], stdin=True)
            assert counter.stdin is not None
            for _ in range(40):
                await counter.stdin.write(b"x" * 100_000)
            await counter.stdin.close()
            assert (await counter).stdout == "4000000\n"
            assert (await sandbox.exec(["cat"], stdin=b"all of it")).stdout == "all of it"

            with pytest.raises(SandboxExecutionError):
                await sandbox.exec(["false"], check=True)
            with pytest.raises(SandboxTimeoutError):
                await sandbox.exec(["sleep", "1000"], timeout_seconds=0.5)
            sleeper = sandbox.exec(["sleep", "1000"])
            with pytest.raises(asyncio.TimeoutError):
                await sleeper.result(timeout=0.2)
            assert sleeper.cancel()
            with pytest.raises(CancelledError):
                await sleeper

            many = await asyncio.gather(*(sandbox.exec(["echo", str(n)]).result() for n in range(20)))
            assert [done.stdout for done in many] == [f"{n}\n" for n in range(20)]

    asyncio.run(program())


def test_secrets(unique: str) -> None:
    async def program() -> None:
        async with SecretsManager() as manager:
            await manager.set(unique, "one")
            await manager.set(unique, "two")
            assert await manager.access(unique) == b"two"
            assert (await manager.get(unique)).latest_version == 2
            assert unique in [secret.name.rpartition("/")[2] async for secret in manager.list()]
            assert (await manager.who_am_i()).team == manager.settings.team_name
            await manager.delete(unique)
            assert (await manager.get(unique)).HasField("delete_time")
            assert not (await manager.undelete(unique)).HasField("delete_time")
            await manager.delete(unique, purge=True)
            with pytest.raises(SecretNotFoundError):
                await manager.get(unique)

    asyncio.run(program())
