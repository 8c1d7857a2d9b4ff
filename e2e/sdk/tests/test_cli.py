"""The SDK's command line, which authenticates with CWSANDBOX_API_KEY."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent


def cli(*args, tool="cwsandbox", stdin=None, code=0):
    done = subprocess.run([BIN / tool, *args], capture_output=True, input=stdin, text=True, timeout=60)
    assert done.returncode == code, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def box():
    from wandb.sandbox import Sandbox

    with Sandbox.run("sh", "-c", "echo from main; sleep 1000", tags=["e2e-cli"]) as sandbox:
        sandbox.wait(timeout=60)
        yield sandbox.sandbox_id


def test_ls_and_get(box):
    assert box in cli("ls", "--tag", "e2e-cli")
    assert "running" in cli("get", box).lower()


def test_exec(box):
    assert cli("exec", box, "--", "echo", "hi") == "hi\n"
    cli("exec", box, "--", "sh", "-c", "exit 9", code=9)


def test_logs(box):
    assert "from main" in cli("logs", box)


def test_files(box, tmp_path):
    local = tmp_path / "local"
    local.write_bytes(b"content")
    cli("files", "write", box, "/tmp/remote", str(local))
    assert cli("files", "read", box, "/tmp/remote") == "content"


def test_shell(box):
    """An interactive shell needs a terminal on this side too."""
    child, terminal = pty.fork()
    if child == 0:
        try:
            os.execv(BIN / "cwsandbox", ["cwsandbox", "sh", box, "--cmd", "/bin/sh"])
        finally:
            os._exit(127)  # else there are two of these tests, and this side waits for the other
    output = os.read(terminal, 4096)  # the prompt: what is typed before it, the change of the terminal's mode drops
    os.write(terminal, b"echo $((40 + 2)); exit 6\n")
    try:
        while chunk := os.read(terminal, 4096):
            output += chunk
    except OSError:  # how Linux tells that the other side is gone
        pass
    _, status = os.waitpid(child, 0)
    assert b"42" in output
    assert os.waitstatus_to_exitcode(status) == 6


def test_wandbs_own(box):
    assert box in cli("beta", "sandbox", "ls", tool="wandb")


def test_stop_and_delete():
    from wandb.sandbox import Sandbox

    for command in ("stop", "delete"):
        sandbox_id = Sandbox.run().sandbox_id
        cli(command, sandbox_id)
        assert "running" not in cli("get", sandbox_id).lower()


def test_errors_are_told():
    done = subprocess.run([BIN / "cwsandbox", "get", "no-such"], capture_output=True, text=True, timeout=60)
    assert done.returncode != 0 and "no-such" in done.stderr
