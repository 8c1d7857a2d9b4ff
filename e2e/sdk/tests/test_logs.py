"""Logs of the main process."""

import datetime
import re

import pytest
from cwsandbox import SandboxNotFoundError, SandboxStreamTruncatedError
from wandb.sandbox import Sandbox

# The two streams are read apart: what is written to one may come after what is later written to the other.
SCRIPT = "for i in 1 2 3 4 5; do echo line $i; echo warn $i >&2; done; sleep 0.5; printf 'no end'"


@pytest.fixture(scope="module")
def finished():
    sandbox = Sandbox.run("sh", "-c", SCRIPT)
    sandbox.wait_until_complete(timeout=60).result()
    return sandbox


def lines(sandbox, **kwargs):
    return [line.rstrip("\n") for line in sandbox.stream_logs(**kwargs)]


def test_whole(finished):
    got = lines(finished)
    assert sorted(got) == sorted([f"{w} {i}" for w in ("line", "warn") for i in range(1, 6)] + ["no end"])
    assert [g for g in got if g.startswith("line")] == [f"line {i}" for i in range(1, 6)]


def test_tail(finished):
    got = lines(finished, tail_lines=3)
    assert len(got) == 3 and got == lines(finished)[-3:]


def test_since(finished):
    past = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)
    assert lines(finished, since_time=past) == lines(finished)
    assert lines(finished, since_time=datetime.datetime.now(datetime.UTC)) == []


def test_timestamps(finished):
    stamped = lines(finished, timestamps=True)
    plain = lines(finished)
    for with_time, without in zip(stamped, plain, strict=True):
        time, _, text = with_time.partition(" ")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", time)
        assert text == without


def test_follow_while_it_runs():
    script = "echo begins; while [ ! -e /tmp/go ]; do sleep 0.02; done; echo é ends"
    with Sandbox.run("sh", "-c", script) as sandbox:
        follower = iter(sandbox.stream_logs(follow=True))
        assert next(follower).rstrip() == "begins"
        sandbox.write_file("/tmp/go", b"").result()
        assert [line.rstrip() for line in follower] == ["é ends"]


def test_a_line_over_a_mebibyte(stack):
    # It is the SDK that shows no line so long; what is behind it can be had.
    script = "import sys; print('begins'); print('é' * (600 << 10)); print('ends')"
    sandbox = Sandbox.run("python", "-c", script)
    sandbox.wait_until_complete(timeout=60).result()
    with pytest.raises(SandboxStreamTruncatedError):
        lines(sandbox)
    assert lines(sandbox, tail_lines=1) == ["ends"]


def test_a_long_line_is_whole(stack):
    # 3 * 300 KiB: every piece that it comes in has to end with a character.
    sandbox = Sandbox.run("python", "-c", "print('€' * (300 << 10))")
    sandbox.wait_until_complete(timeout=60).result()
    assert lines(sandbox) == ["€" * (300 << 10)]


def test_tail_zero_is_all(finished):
    # The wire can't tell 0 from nothing said.
    assert lines(finished, tail_lines=0) == lines(finished)


def test_only_the_main_process(shared):
    shared.exec(["sh", "-c", "echo of an exec"]).result()
    assert "of an exec" not in "".join(shared.stream_logs())


def test_secrets_are_masked_in_logs(stack):
    from wandb.sandbox import Secret

    sandbox = Sandbox.run("sh", "-c", 'echo "<$HF_TOKEN>"', secrets=[Secret(name="HF_TOKEN")])
    sandbox.wait_until_complete(timeout=60).result()
    text = "".join(sandbox.stream_logs())
    assert stack.values["HF_TOKEN"] not in text and text.startswith("<")


def test_of_no_sandbox(shared):
    shared.exec(["true"]).result()
    with pytest.raises(SandboxNotFoundError):
        Sandbox.from_id("no-such").result().stream_logs()
