"""Checks that the generated Python clients and the daemons understand each other, on the wire and in what is said.

The environment: CASEMATE_SANDBOXD and CASEMATE_SECRETSD (https://host:port), CASEMATE_CA_FILE, CASEMATE_API_KEY (scopes
run, manage and read), CASEMATE_TEAM, CASEMATE_IMAGE, CASEMATE_SERVICE_CONFIG (a file). It prints a line a check,
`ok NAME` or `FAIL NAME: why`. For `RESTART daemon` on stdout whoever started it kills that daemon, writes the line
DONE to stdin, and starts the daemon again about a second later.

It uses nothing but the generated code, gRPC and a CRC32C: what works here works without the rest of the package.
"""

import os
import queue
import sys
import time
import traceback
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import google_crc32c
import grpc
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

from casemate.sandbox.v1 import resources_pb2, sandbox_service_pb2
from casemate.sandbox.v1.sandbox_service_pb2_grpc import SandboxServiceStub
from casemate.secrets.v1 import secrets_manager_pb2
from casemate.secrets.v1.secrets_manager_pb2_grpc import SecretsManagerStub

TEAM = f"teams/{os.environ['CASEMATE_TEAM']}"
KEY = (("authorization", f"Bearer {os.environ['CASEMATE_API_KEY']}"),)


def dial(address: str) -> grpc.Channel:
    credentials = grpc.ssl_channel_credentials(Path(os.environ["CASEMATE_CA_FILE"]).read_bytes())
    options = (
        ("grpc.service_config", Path(os.environ["CASEMATE_SERVICE_CONFIG"]).read_text()),
        ("grpc.max_receive_message_length", 100 << 20),
        ("grpc.initial_reconnect_backoff_ms", 200),
    )
    return grpc.secure_channel(address.removeprefix("https://"), credentials, options)


SANDBOXD = SandboxServiceStub(dial(os.environ["CASEMATE_SANDBOXD"]))
SECRETSD = SecretsManagerStub(dial(os.environ["CASEMATE_SECRETSD"]))


def run_sandbox(*command: str) -> str:
    spec = resources_pb2.SandboxSpec(image=os.environ["CASEMATE_IMAGE"], command=command)
    request = sandbox_service_pb2.RunSandboxRequest(parent=TEAM, spec=spec, request_id=str(uuid.uuid4()))
    return SANDBOXD.RunSandbox(request, metadata=KEY).sandbox.name


# What the checks run in; its main process writes two lines and stays.
SANDBOX = run_sandbox("sh", "-c", "echo one; echo two; exec sleep 1000")


def execute(*command: str, timeout: float | None = None) -> sandbox_service_pb2.ExecResponse:
    request = sandbox_service_pb2.ExecRequest(name=SANDBOX, spec=resources_pb2.ExecSpec(command=command))
    return SANDBOXD.Exec(request, metadata=KEY, timeout=timeout)


def start(*command: str) -> sandbox_service_pb2.StreamExecRequest:
    spec = resources_pb2.ExecSpec(command=command)
    return sandbox_service_pb2.StreamExecRequest(start=sandbox_service_pb2.StreamExecStart(name=SANDBOX, spec=spec))


def get_sandbox(name: str) -> sandbox_service_pb2.GetSandboxRequest:
    return sandbox_service_pb2.GetSandboxRequest(name=name)


def get_secret(secret: str) -> secrets_manager_pb2.GetSecretRequest:
    return secrets_manager_pb2.GetSecretRequest(name=f"{TEAM}/secrets/{secret}")


def unary_secretsd() -> None:
    who = SECRETSD.WhoAmI(secrets_manager_pb2.WhoAmIRequest(), metadata=KEY)
    assert who.team == TEAM, who.team


def unary_sandboxd() -> None:
    done = execute("sh", "-c", "echo out; echo err >&2; exit 3")
    assert (done.stdout, done.stderr, done.exit_code) == (b"out\n", b"err\n", 3), done


def server_stream() -> None:
    request = sandbox_service_pb2.StreamLogsRequest(name=SANDBOX, follow=True)
    call = SANDBOXD.StreamLogs(request, metadata=KEY)
    log = b""
    for response in call:
        log += response.data
        if log == b"one\ntwo\n":
            break
        assert len(log) < 8, log
    call.cancel()


def bidi() -> None:
    sent: queue.Queue[bytes | None] = queue.Queue()

    def messages() -> Iterator[sandbox_service_pb2.StreamExecRequest]:
        yield start("cat")
        for data in iter(sent.get, None):
            yield sandbox_service_pb2.StreamExecRequest(stdin=data)

    call = SANDBOXD.StreamExec(messages(), metadata=KEY, timeout=60)
    assert next(call).WhichOneof("message") == "started"
    for line in (b"first\n", b"second\n"):
        # The next is sent only when this one has come back, so both directions are open at once.
        sent.put(line)
        assert next(call).stdout == line
    sent.put(None)
    assert next(call).exit.exit_code == 0
    assert next(call, None) is None


def deadline_secretsd() -> None:
    # Passed already: gRPC rounds up to milliseconds, in which a fast machine answers.
    expect(
        grpc.StatusCode.DEADLINE_EXCEEDED,
        lambda: SECRETSD.WhoAmI(secrets_manager_pb2.WhoAmIRequest(), metadata=KEY, timeout=-1),
    )


def deadline_sandboxd() -> None:
    expect(grpc.StatusCode.DEADLINE_EXCEEDED, lambda: execute("sleep", "30", timeout=1))


def cancel() -> None:
    call = SANDBOXD.StreamExec(iter([start("sleep", "4242")]), metadata=KEY)
    pid = next(call).started.pid
    alive = ("sh", "-c", f"tr '\\0' ' ' </proc/{pid}/cmdline")
    assert execute(*alive).stdout == b"sleep 4242 "
    call.cancel()
    give_up = time.monotonic() + 20
    while execute(*alive).stdout == b"sleep 4242 ":
        assert time.monotonic() < give_up, f"process {pid} is still there 20 s after its call was cancelled"


def large_sandboxd() -> None:
    content = os.urandom(8 << 20)
    request = sandbox_service_pb2.WriteFileRequest(name=SANDBOX, path="/tmp/large", content=content)
    SANDBOXD.WriteFile(request, metadata=KEY)
    read = sandbox_service_pb2.ReadFileRequest(name=SANDBOX, path="/tmp/large")
    assert SANDBOXD.ReadFile(read, metadata=KEY).content == content, "the file came back changed"


def large_secretsd() -> None:
    value, secret = os.urandom(65536), f"INTEROP_{uuid.uuid4().hex}"
    SECRETSD.CreateSecret(
        secrets_manager_pb2.CreateSecretRequest(parent=TEAM, secret_id=secret, data=value), metadata=KEY
    )
    name = f"{TEAM}/secrets/{secret}"
    read = secrets_manager_pb2.AccessSecretVersionRequest(name=f"{name}/versions/latest")
    assert SECRETSD.AccessSecretVersion(read, metadata=KEY).data == value, "the value came back changed"
    SECRETSD.DeleteSecret(secrets_manager_pb2.DeleteSecretRequest(name=name, purge=True), metadata=KEY)


def checksum_secretsd() -> None:
    secret, value = f"INTEROP_{uuid.uuid4().hex}", os.urandom(1000)
    crc = google_crc32c.value(value)
    create = secrets_manager_pb2.CreateSecretRequest(parent=TEAM, secret_id=secret, data=value, data_crc32c=crc)
    SECRETSD.CreateSecret(create, metadata=KEY)
    name = f"{TEAM}/secrets/{secret}"
    read = secrets_manager_pb2.AccessSecretVersionRequest(name=f"{name}/versions/1")
    assert SECRETSD.AccessSecretVersion(read, metadata=KEY).data_crc32c == crc
    damaged = secrets_manager_pb2.AddSecretVersionRequest(parent=name, data=value[:-1], data_crc32c=crc)
    error = expect(grpc.StatusCode.INVALID_ARGUMENT, lambda: SECRETSD.AddSecretVersion(damaged, metadata=KEY))
    assert error.reason == "DATA_CORRUPTED", error
    SECRETSD.DeleteSecret(secrets_manager_pb2.DeleteSecretRequest(name=name, purge=True), metadata=KEY)


def restart(daemon: str) -> None:
    print(f"RESTART {daemon}", flush=True)
    assert sys.stdin.readline() == "DONE\n"


def restart_secretsd() -> None:
    restart("secretsd")
    unary_secretsd()


def restart_sandboxd() -> None:
    restart("sandboxd")
    sandbox = SANDBOXD.GetSandbox(get_sandbox(SANDBOX), metadata=KEY).sandbox
    assert sandbox.state == resources_pb2.SANDBOX_STATE_RUNNING, sandbox
    unary_sandboxd()


def request_id(call: Callable[..., tuple[object, grpc.Call]]) -> None:
    _, answered = call(metadata=KEY)
    made = dict(answered.initial_metadata())["x-request-id"]
    assert len(made) > 8, made
    _, answered = call(metadata=(*KEY, ("x-request-id", "interop.py-1")))
    assert dict(answered.initial_metadata())["x-request-id"] == "interop.py-1"


def request_id_secretsd() -> None:
    request_id(lambda **k: SECRETSD.WhoAmI.with_call(secrets_manager_pb2.WhoAmIRequest(), **k))


def request_id_sandboxd() -> None:
    request_id(lambda **k: SANDBOXD.GetSandbox.with_call(get_sandbox(SANDBOX), **k))


def typed_error_secretsd() -> None:
    error = expect(grpc.StatusCode.NOT_FOUND, lambda: SECRETSD.GetSecret(get_secret("NO_SUCH"), metadata=KEY))
    assert (error.reason, error.domain) == ("SECRET_NOT_FOUND", "casemate.dev"), error


def typed_error_sandboxd() -> None:
    name = f"{TEAM}/sandboxes/no-such"
    error = expect(grpc.StatusCode.NOT_FOUND, lambda: SANDBOXD.GetSandbox(get_sandbox(name), metadata=KEY))
    assert (error.reason, error.domain) == ("SANDBOX_NOT_FOUND", "casemate.dev"), error


def expect(code: grpc.StatusCode, call: Callable[[], object]) -> ErrorInfo:
    """The ErrorInfo of a call that must fail with that code; empty when it has none."""
    try:
        call()
    except grpc.RpcError as failure:
        assert failure.code() == code, failure
        info = ErrorInfo()
        assert isinstance(failure, grpc.Call)
        for key, value in failure.trailing_metadata() or ():
            if key == "grpc-status-details-bin":
                for detail in Status.FromString(value).details:
                    detail.Unpack(info)
        return info
    raise AssertionError(f"the call did not fail with {code}")


CHECKS: dict[str, Callable[[], None]] = {
    "unary/secretsd": unary_secretsd,
    "unary/sandboxd": unary_sandboxd,
    "server-stream/sandboxd": server_stream,
    "bidi/sandboxd": bidi,
    "deadline/secretsd": deadline_secretsd,
    "deadline/sandboxd": deadline_sandboxd,
    "cancel/sandboxd": cancel,
    "large/sandboxd": large_sandboxd,
    "large/secretsd": large_secretsd,
    "checksum/secretsd": checksum_secretsd,
    "restart/secretsd": restart_secretsd,
    "restart/sandboxd": restart_sandboxd,
    "request-id/secretsd": request_id_secretsd,
    "request-id/sandboxd": request_id_sandboxd,
    "typed-error/secretsd": typed_error_secretsd,
    "typed-error/sandboxd": typed_error_sandboxd,
}


def main() -> int:
    failed = 0
    for name, check in CHECKS.items():
        try:
            check()
            print(f"ok {name}", flush=True)
        except Exception as error:
            failed += 1
            traceback.print_exc()
            print(f"FAIL {name}: {type(error).__name__}: {str(error).splitlines()[:1]}", flush=True)
    SANDBOXD.DeleteSandbox(sandbox_service_pb2.DeleteSandboxRequest(name=SANDBOX), metadata=KEY)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
