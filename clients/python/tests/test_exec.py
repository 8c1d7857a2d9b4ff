"""Commands: output, input, cancelling, deadlines."""

import concurrent.futures
import time
from collections.abc import Callable

import pytest

from casemate import CancelledError, Sandbox, SandboxExecutionError, SandboxTimeoutError


def eventually(condition: Callable[[], bool], what: str) -> None:
    give_up = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < give_up, what


def test_result(shared: Sandbox) -> None:
    done = shared.exec(["sh", "-c", "echo out; echo err >&2; exit 3"]).result()
    assert (done.stdout, done.stderr, done.returncode) == ("out\n", "err\n", 3)
    assert done.stdout_bytes == b"out\n"
    assert done.command == ["sh", "-c", "echo out; echo err >&2; exit 3"]


def test_streams(shared: Sandbox) -> None:
    process = shared.exec(["sh", "-c", "echo first; read line; echo $line; echo no >&2"], stdin=True)
    assert next(process.stdout) == "first\n"
    assert process.poll() is None
    assert process.stdin is not None
    process.stdin.writeline("go").result()
    assert "".join(process.stdout) == "go\n"
    assert "".join(process.stderr) == "no\n"
    assert process.wait() == 0
    assert process.poll() == process.returncode == 0
    # What was streamed is in the result too.
    assert process.result().stdout == "first\ngo\n"


def test_both_streams_of_much_output_in_any_order(shared: Sandbox) -> None:
    script = "import sys; [print('x' * 999, file=f) for _ in range(3000) for f in (sys.stdout, sys.stderr)]"
    process = shared.exec(["python", "-c", script])
    assert len("".join(process.stderr)) == 3_000_000
    assert len("".join(process.stdout)) == 3_000_000


def test_input_at_once(shared: Sandbox) -> None:
    data = bytes(range(256)) * 20_000  # more than one message may carry
    assert shared.exec(["cat"], stdin=data).result().stdout_bytes == data


def test_input_in_pieces(shared: Sandbox) -> None:
    process = shared.exec(["wc", "-c"], stdin=True)
    assert process.stdin is not None
    for _ in range(40):
        process.stdin.write(b"x" * 100_000)
    process.stdin.close()
    assert process.result().stdout == "4000000\n"
    with pytest.raises(BrokenPipeError):
        process.stdin.write(b"more")


def test_input_that_nobody_reads(shared: Sandbox) -> None:
    process = shared.exec(["true"], stdin=True)
    assert process.result().returncode == 0
    assert process.stdin is not None
    with pytest.raises(BrokenPipeError):
        process.stdin.write(b"x")


def test_without_input_a_reader_sees_the_end(shared: Sandbox) -> None:
    assert shared.exec(["cat"]).result(timeout=60).stdout == ""


def test_place_user_and_variables(shared: Sandbox) -> None:
    script = 'echo "$PWD $(id -u) $ANSWER"'
    done = shared.exec(["sh", "-c", script], cwd="/usr/lib", user="1000", environment_variables={"ANSWER": "42"})
    assert done.result().stdout == "/usr/lib 1000 42\n"


def test_check(shared: Sandbox) -> None:
    process = shared.exec(["sh", "-c", "echo why >&2; exit 7"], check=True)
    with pytest.raises(SandboxExecutionError) as caught:
        process.result()
    assert caught.value.exec_result.returncode == 7
    assert caught.value.exec_result.stderr == "why\n"


def test_a_missing_command(shared: Sandbox) -> None:
    assert shared.exec(["no-such-command"]).result().returncode == 127


def test_text_that_is_not_utf8(shared: Sandbox) -> None:
    done = shared.exec(["printf", r"a\377b"]).result()
    assert (done.stdout, done.stdout_bytes) == ("a\ufffdb", b"a\xffb")


def test_time_limit(shared: Sandbox, alive: Callable[[str], bool]) -> None:
    process = shared.exec(["sleep", "1001"], timeout_seconds=1)
    with pytest.raises(SandboxTimeoutError) as caught:
        process.result()
    assert caught.value.reason == "DEADLINE_EXCEEDED"
    assert isinstance(caught.value, TimeoutError)
    eventually(lambda: not alive("sleep 1001"), "the command outlived its time")


def test_giving_up_and_cancelling(shared: Sandbox, alive: Callable[[str], bool]) -> None:
    process = shared.exec(["sleep", "1002"])
    with pytest.raises(concurrent.futures.TimeoutError):
        process.result(timeout=0.1)
    eventually(lambda: alive("sleep 1002"), "the command never ran")
    assert process.cancel()
    with pytest.raises(CancelledError):
        process.result()
    with pytest.raises(CancelledError):
        next(process.stdout)
    eventually(lambda: not alive("sleep 1002"), "the command outlived its call")
