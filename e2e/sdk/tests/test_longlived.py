"""What users do with sandboxes that outlive the program that made them."""

import time

import pytest
from cwsandbox import (
    SandboxDefaults,
    SandboxError,
    SandboxExecutionError,
    SandboxNotFoundError,
    SandboxNotRunningError,
    SandboxStatus,
    SandboxTerminatedError,
    SandboxTimeoutError,
)
from wandb.sandbox import Sandbox, Session


@pytest.fixture
def made(tag):
    """A running sandbox as its maker has it. Its main process says when it begins, and lives on."""
    with Sandbox.run("sh", "-c", "echo begun; sleep 1000", tags=[tag]) as sandbox:
        sandbox.wait(timeout=60)
        yield sandbox


def test_from_id_of_a_running_one(made, tag):
    made.write_file("/tmp/of-the-maker", b"still here").result()
    again = Sandbox.from_id(made.sandbox_id).result()
    assert (again.status, again.tags, again.returncode) == (SandboxStatus.RUNNING, (tag,), None)
    assert again.exec(["cat", "/tmp/of-the-maker"]).result().stdout == "still here"
    assert again.read_file("/tmp/of-the-maker").result() == b"still here"
    assert [line.rstrip() for line in again.stream_logs()] == ["begun"]
    again.stop().result(timeout=60)
    assert again.get_status() == SandboxStatus.COMPLETED
    # Its maker learns of it, and need not stop it again.
    assert made.get_status() == SandboxStatus.COMPLETED
    with pytest.raises(SandboxNotRunningError):
        made.exec(["true"]).result()


def test_from_another_process(made, run_python):
    program = f"""
from cwsandbox import Sandbox
sandbox = Sandbox.from_id("{made.sandbox_id}").result()
print(sandbox.exec(["echo", "hello"]).result().stdout.strip(), sandbox.status)
"""
    assert run_python(program).stdout.split()[0] == "hello"
    assert made.get_status() == SandboxStatus.RUNNING  # the other program's end ended nothing


def test_from_id_of_a_finished_one(tag):
    done = Sandbox.run("sh", "-c", "echo last words; exit 3", tags=[tag])
    done.wait_until_complete(timeout=60).result()
    assert done.returncode == 3
    again = Sandbox.from_id(done.sandbox_id).result()
    assert again.status == SandboxStatus.COMPLETED
    assert [line.rstrip() for line in again.stream_logs()] == ["last words"]
    again.stop().result(timeout=60)
    again.stop(missing_ok=True).result(timeout=60)
    with pytest.raises(SandboxError):
        again.read_file("/etc/passwd").result()
    assert [s.sandbox_id for s in Sandbox.list(tags=[tag], status="completed").result()] == [done.sandbox_id]
    assert Sandbox.list(tags=[tag], status="failed").result() == []
    assert Sandbox.list(tags=[tag], status="running").result() == []


def test_stop_of_what_is_gone(tag):
    sandbox = Sandbox.run(tags=[tag])
    sandbox_id = sandbox.sandbox_id
    other = Sandbox.from_id(sandbox_id).result()
    Sandbox.delete(sandbox_id).result(timeout=60)
    other.stop(missing_ok=True).result(timeout=60)
    sandbox.stop(missing_ok=True).result(timeout=60)
    Sandbox.delete(sandbox_id, missing_ok=True).result(timeout=60)
    with pytest.raises(SandboxNotFoundError):
        Sandbox.delete("never-was").result(timeout=60)


def test_listed_ones_can_be_used(made, tag):
    (listed,) = Sandbox.list(tags=[tag]).result()
    assert listed.sandbox_id == made.sandbox_id and listed.status == SandboxStatus.RUNNING
    assert listed.exec(["echo", "by the list"]).result().stdout == "by the list\n"
    assert Sandbox.list(tags=[tag, "another"]).result() == []


def test_commands_end_with_the_sandbox(made):
    process = made.exec(["sh", "-c", "echo started; sleep 1000"])
    assert next(iter(process.stdout)) == "started\n"
    made.stop(graceful_shutdown_seconds=0).result(timeout=60)
    with pytest.raises(SandboxError):
        process.result(timeout=60)


def test_waiting_is_bounded(made):
    with pytest.raises(SandboxTimeoutError):
        made.wait_until_complete(timeout=1).result()
    assert made.get_status() == SandboxStatus.RUNNING


def test_waiting_for_what_is_stopped(made):
    made.stop().result(timeout=60)
    with pytest.raises(SandboxTerminatedError):
        made.wait_until_complete(timeout=60).result()


def test_lifetime_ends_commands_and_follows():
    sandbox = Sandbox.run("sh", "-c", "echo begun; sleep 1000", max_lifetime_seconds=3)
    process = sandbox.exec(["sleep", "1000"])
    lines = [line.rstrip() for line in sandbox.stream_logs(follow=True)]
    assert lines == ["begun"]
    with pytest.raises(SandboxError):
        process.result(timeout=60)
    sandbox.wait_until_complete(timeout=60, raise_on_termination=False).result()
    assert sandbox.status == SandboxStatus.COMPLETED
    assert Sandbox.from_id(sandbox.sandbox_id).result().status == SandboxStatus.COMPLETED


def test_input_is_asked_for_in_time(made):
    """The SDK gives a command with input five seconds to be ready."""
    for _ in range(5):
        began = time.monotonic()
        process = made.exec(["cat"], stdin=True)
        process.stdin.writeline("x").result()
        assert next(iter(process.stdout)) == "x\n"
        assert time.monotonic() - began < 5
        process.stdin.close().result()
        assert process.result(timeout=30).returncode == 0


def test_last_bytes_and_codes(made):
    """The exit frame comes after all output, whatever the code."""
    for i in range(60):
        done = made.exec(["sh", "-c", f"printf out{i}; printf err{i} >&2; exit {i}"]).result()
        assert (done.stdout, done.stderr, done.returncode) == (f"out{i}", f"err{i}", i)


def test_session_ends_all_of_its_own(tag):
    with Session(SandboxDefaults(container_image="python:3.11", tags=(tag,))) as session:
        boxes = [session.sandbox(command="sleep", args=["1000"]) for _ in range(3)]
        assert [b.exec(["echo", str(i)]).result().stdout for i, b in enumerate(boxes)] == ["0\n", "1\n", "2\n"]
        assert {s.sandbox_id for s in session.list(tags=[tag]).result()} == {b.sandbox_id for b in boxes}
    assert Sandbox.list(tags=[tag]).result() == []
    assert len(Sandbox.list(tags=[tag], status="completed").result()) == 3


def test_functions_of_a_session(tag):
    with Session(SandboxDefaults(container_image="python:3.11", tags=(tag,))) as session:

        @session.function()
        def square(x):
            return {"of": x, "is": x * x}

        @session.function()
        def fails():
            raise ValueError("of the function's own")

        @session.function()
        def much():
            return "x" * (5 << 20)

        assert [ref.result() for ref in square.map([(n,) for n in range(3)])] == [{"of": n, "is": n * n} for n in range(3)]
        assert square.local(4) == {"of": 4, "is": 16}
        with pytest.raises(SandboxExecutionError, match="of the function's own"):
            fails.remote().result()
        assert len(much.remote().result()) == 5 << 20
    assert Sandbox.list(tags=[tag]).result() == []
