"""Commands in the background, blocking and asynchronous."""

import asyncio
import concurrent.futures

import pytest

from casemate import FailedPreconditionError, NotFoundError, Sandbox, aio


def test_a_process(shared: Sandbox) -> None:
    script = "echo $A; pwd; echo err >&2; read line; wc -c; exit 3"
    process = shared.start_process(["sh", "-c", script], cwd="/tmp", environment_variables={"A": "b"}, stdin=True)
    text, offset = "", 0
    for piece in process.output():
        text += piece.text if piece.stream == "stdout" else ""
        offset = piece.offset
        if text == "b\n/tmp\n":
            break
    with pytest.raises(concurrent.futures.TimeoutError):
        process.wait(timeout=0.01)
    process.write(b"line\n" + b"x" * 600_000)
    process.close_stdin()
    ended = shared.process(process.process_id).wait()
    assert (ended.returncode, ended.timed_out, ended.oom_killed) == (3, False, False)
    assert ended.end_time is not None
    assert ended.start_time <= ended.end_time
    whole = list(process.output())
    assert "".join(p.text for p in whole if p.stream == "stdout") == "b\n/tmp\n600000\n"
    assert "".join(p.text for p in whole if p.stream == "stderr") == "err\n"
    assert whole[-1].offset == ended.output_bytes
    assert "".join(p.text for p in process.output(offset)).endswith("600000\n")
    with pytest.raises(FailedPreconditionError):
        process.write(b"x")


def test_its_end(shared: Sandbox) -> None:
    sleeper = shared.start_process(["sleep", "1000"])
    assert sleeper.process_id in [p.process_id for p in shared.list_processes() if p.returncode is None]
    sleeper.signal(15)
    assert sleeper.wait().returncode == 143
    timed = shared.start_process(["sleep", "1000"], timeout_seconds=0.05).wait()
    assert (timed.returncode, timed.timed_out) == (137, True)
    with pytest.raises(NotFoundError):
        shared.process("p999999").kill()


def test_lost_output_is_told(shared: Sandbox) -> None:
    process = shared.start_process(["python", "-c", "print('x' * 500_000)"])
    total = process.wait().output_bytes
    pieces = list(process.output())
    assert pieces[0].stream == "lost"
    assert pieces[0].lost + sum(len(p.data) for p in pieces) == total == 500_001


def test_asyncio(shared: Sandbox) -> None:
    async def program() -> None:
        async with aio.Connection() as connection:
            sandbox = await aio.Sandbox.from_id(shared.name, connection=connection)
            process = await sandbox.start_process(["sh", "-c", "read line; echo got $line; exit 4"], stdin=True)
            with pytest.raises(asyncio.TimeoutError):
                await process.wait(timeout=0.01)
            await process.write(b"it\n")
            assert [piece.text async for piece in process.output()] == ["got it\n"]
            assert (await process.wait()).returncode == 4
            assert process.process_id in [p.process_id for p in await sandbox.list_processes()]
            sleeper = await sandbox.start_process(["sleep", "1000"])
            await sleeper.kill()
            assert (await sleeper.wait()).returncode == 137

    asyncio.run(program())
