"""Sandboxes: making, finding, files, logs, ending."""

import datetime
import os
import subprocess
import sys
from pathlib import Path

import pytest

from casemate import (
    AlreadyExistsError,
    FailedPreconditionError,
    FileType,
    InvalidArgumentError,
    NotFoundError,
    Resources,
    Sandbox,
    SandboxNotFoundError,
    SandboxNotRunningError,
    SandboxStatus,
    Secret,
    SecretsUnresolvedError,
)
from casemate.errors import FileNotFoundInSandboxError

SEED = Path(__file__).parents[3] / "e2e/sdk/seed"


@pytest.mark.parametrize(
    ("program", "output"),
    [
        ("first.py", "Hugging Face token found.\nOpenAI key token found.\n\n"),
        ("second.py", "Hugging Face token found!\n\n"),
    ],
)
def test_the_hosted_products_programs_with_another_import(program: str, output: str) -> None:
    text = (SEED / program).read_text()
    assert text.startswith("from wandb.sandbox import Sandbox, Secret\n")
    moved = text.replace("from wandb.sandbox import", "from casemate import", 1)
    done = subprocess.run([sys.executable, "-c", moved], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == (output, "")


def test_everything_that_can_be_asked_for(unique: str) -> None:
    with Sandbox.run(
        "sh",
        "-c",
        'echo "$GREETING $TOKEN $(cat note)"; pwd; id -u; exec sleep 1000',
        secrets=[Secret(name="HF_TOKEN", env_var="TOKEN", version="1")],
        environment_variables={"GREETING": "hello"},
        working_dir="/srv",
        user="1000",
        resources=Resources(memory_bytes=128 << 20, cpu_millis=500, pids=64),
        max_lifetime_seconds=90.5,
        files={"/srv/note": b"note"},
        tags=[unique],
        runtime="native",
        request_timeout_seconds=60,
    ) as sandbox:
        assert sandbox.get_status() is SandboxStatus.RUNNING
        assert sandbox.name == f"teams/{os.environ['CASEMATE_TEAM']}/sandboxes/{sandbox.sandbox_id}"
        assert sandbox.secret_versions == (f"teams/{os.environ['CASEMATE_TEAM']}/secrets/HF_TOKEN/versions/1",)
        assert sandbox.tags == (unique,)
        assert sandbox.message.spec.resources.memory_bytes == 128 << 20
        lifetime = sandbox.message.expire_time.ToDatetime() - sandbox.message.create_time.ToDatetime()
        assert abs(lifetime.total_seconds() - 90.5) < 1
        assert sandbox.created_at is not None
        assert sandbox.started_at is not None
        assert sandbox.created_at <= sandbox.started_at <= datetime.datetime.now(datetime.timezone.utc)
        assert sandbox.sandbox_id in repr(sandbox)
        log = ""
        for text in sandbox.stream_logs(follow=True):
            log += text
            if log.count("\n") == 3:
                break
        # The value of the secret is masked in logs.
        greeting, directory, user = log.splitlines()
        assert greeting.startswith("hello ")
        assert greeting.endswith(" note")
        assert "value-of" not in greeting
        assert (directory, user) == ("/srv", "1000")
    assert sandbox.status is SandboxStatus.COMPLETED
    assert sandbox.status_reason != ""


def test_ends() -> None:
    with Sandbox.run(max_lifetime_seconds=60, idle_timeout_seconds=1800, graceful_shutdown_seconds=0) as sandbox:
        first = sandbox.expires_at
        assert first is not None
        assert sandbox.idle_expires_at is not None
        assert sandbox.idle_expires_at > first
        asked = datetime.datetime.now(datetime.timezone.utc)
        assert sandbox.extend(3600).result() is sandbox
        extended = sandbox.expires_at
        assert extended is not None
        assert extended >= asked + datetime.timedelta(hours=1)
        with pytest.raises(InvalidArgumentError):
            sandbox.extend(48 * 3600).result()
        assert sandbox.message.spec.stop_grace_period.ToTimedelta() == datetime.timedelta()


def test_finding(unique: str) -> None:
    with Sandbox.run(tags=[unique]) as sandbox:
        found = Sandbox.list(tags=[unique]).result()
        assert [one.sandbox_id for one in found] == [sandbox.sandbox_id]
        again = Sandbox.from_id(sandbox.sandbox_id).result()
        assert again.name == sandbox.name
        assert again.exec(["echo", "same"]).result().stdout == "same\n"
        again.stop(graceful_shutdown_seconds=0).result()
        assert sandbox.get_status() is SandboxStatus.COMPLETED
    assert Sandbox.list(tags=[unique]).result() == []
    assert len(Sandbox.list(tags=[unique], show_terminated=True).result()) == 1
    Sandbox.delete(sandbox.sandbox_id).result()
    assert Sandbox.list(tags=[unique], show_terminated=True).result() == []
    Sandbox.delete(sandbox.sandbox_id, missing_ok=True).result()
    with pytest.raises(SandboxNotFoundError):
        Sandbox.delete(sandbox.sandbox_id).result()
    sandbox.stop(missing_ok=True).result()
    with pytest.raises(SandboxNotFoundError):
        sandbox.stop().result()


def test_the_end() -> None:
    with Sandbox.run("sh", "-c", "echo bye; exit 5") as sandbox:
        ended = sandbox.wait_until_complete().result()
        assert ended is sandbox
        assert (sandbox.status, sandbox.returncode) == (SandboxStatus.COMPLETED, 5)
        assert "".join(sandbox.stream_logs(tail_lines=1)) == "bye\n"
        with pytest.raises(SandboxNotRunningError):
            sandbox.exec(["true"]).result()


def test_waiting_for_a_while(shared: Sandbox) -> None:
    operation = shared.wait_until_complete(timeout=0.2)
    assert operation.result().status is SandboxStatus.RUNNING
    assert operation.done()
    assert shared.returncode is None


def test_waiting_given_up(shared: Sandbox) -> None:
    operation = shared.wait_until_complete()
    assert not operation.done()
    assert operation.cancel()


def test_files(shared: Sandbox) -> None:
    content = os.urandom(6 << 20)
    shared.write_file("/tmp/a/b", content, mode=0o600).result()
    assert shared.read_file("/tmp/a/b").result() == content
    assert shared.exec(["stat", "-c", "%a", "/tmp/a/b"]).result().stdout == "600\n"
    with pytest.raises(FileNotFoundInSandboxError) as caught:
        shared.read_file("/tmp/none").result()
    assert caught.value.reason == "FILE_NOT_FOUND"


def test_secrets_that_are_not_there(unique: str) -> None:
    with pytest.raises(SecretsUnresolvedError) as caught:
        Sandbox.run(secrets=[Secret(name="HF_TOKEN"), Secret(name=unique)], tags=[unique])
    violations = {v.subject: v.reason for v in caught.value.violations}
    assert violations == {f"teams/{os.environ['CASEMATE_TEAM']}/secrets/{unique}/versions/latest": "SECRET_NOT_FOUND"}
    assert caught.value.request_id != ""
    assert Sandbox.list(tags=[unique], show_terminated=True).result() == []


def test_other_errors() -> None:
    with pytest.raises(NotFoundError) as missing:
        Sandbox.from_id("no-such").result()
    assert isinstance(missing.value, SandboxNotFoundError)
    assert str(missing.value) == f"{missing.value.message} (SANDBOX_NOT_FOUND)"
    with pytest.raises(InvalidArgumentError) as invalid:
        Sandbox.run(environment_variables={"1 2": ""})
    assert invalid.value.violations


def test_directories(shared: Sandbox) -> None:
    shared.make_directory("/tmp/tree/sub", mode=0o700, parents=True).result()
    shared.write_file("/tmp/tree/b", b"content", mode=0o640).result()
    shared.exec(["ln", "-s", "b", "/tmp/tree/a"], check=True).result()
    found = {f.name: f for f in shared.list_files("/tmp/tree")}
    assert list(found) == ["a", "b", "sub"]
    assert (found["a"].type, found["a"].link_target) == (FileType.SYMLINK, "b")
    assert (found["b"].type, found["b"].size_bytes, found["b"].mode) == (FileType.REGULAR, 7, 0o640)
    assert (found["sub"].type, found["sub"].mode) == (FileType.DIRECTORY, 0o700)
    assert shared.stat_file("/tmp/tree/a").result().type is FileType.SYMLINK
    followed = shared.stat_file("/tmp/tree/a", follow_link=True).result()
    assert followed.size_bytes == 7
    age = datetime.datetime.now(datetime.timezone.utc) - followed.modify_time
    assert abs(age) < datetime.timedelta(minutes=5)
    shared.move_file("/tmp/tree/b", "/tmp/tree/sub/b").result()
    with pytest.raises(AlreadyExistsError):
        shared.move_file("/tmp/tree/a", "/tmp/tree/sub/b").result()
    shared.move_file("/tmp/tree/a", "/tmp/tree/sub/b", overwrite=True).result()
    with pytest.raises(FailedPreconditionError, match="not empty"):
        shared.remove_file("/tmp/tree").result()
    shared.remove_file("/tmp/tree", recursive=True).result()
    shared.remove_file("/tmp/tree", missing_ok=True).result()
    with pytest.raises(FileNotFoundInSandboxError):
        list(shared.list_files("/tmp/tree"))
    for i in range(11):  # more than a page
        shared.exec(["sh", "-c", f"mkdir -p /tmp/many; for j in $(seq 100); do : >/tmp/many/{i}-$j; done"]).result()
    assert len(list(shared.list_files("/tmp/many"))) == 1100
