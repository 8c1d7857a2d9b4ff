"""A user's program, for the type checker only. Every `type: ignore` is a mistake that it has to see."""

import grpc
from typing_extensions import assert_type

from casemate import Process, ProcessResult, Sandbox, Secret, SecretsManager, aio
from casemate.sandbox.v1 import resources_pb2
from casemate.sandbox.v1.sandbox_service_pb2 import GetSandboxRequest, GetSandboxResponse, StreamLogsRequest
from casemate.sandbox.v1.sandbox_service_pb2_grpc import SandboxServiceStub


def blocking() -> None:
    with Sandbox.run(secrets=[Secret(name="HF_TOKEN")]) as sandbox:
        process = sandbox.exec(["true"])
        assert_type(process, Process)
        assert_type(process.result(), ProcessResult)
        assert_type(sandbox.read_file("/x").result(), bytes)
        assert_type(list(process.stdout), list[str])
        sandbox.write_file("/x", "text")  # type: ignore[arg-type]
        sandbox.no_such_method()  # type: ignore[attr-defined]
        Sandbox.run(secret=[])  # type: ignore[call-arg]
    assert_type(SecretsManager().access("X"), bytes)


async def asynchronous() -> None:
    async with aio.Sandbox.run() as sandbox:
        assert_type(sandbox, aio.Sandbox)
        assert_type(await sandbox.exec(["true"]), ProcessResult)
        assert_type(await sandbox.read_file("/x"), bytes)
        assert_type([text async for text in sandbox.exec(["true"]).stdout], list[str])
        sandbox.read_file("/x").decode()  # type: ignore[attr-defined]


def generated(channel: grpc.Channel) -> None:
    stub = SandboxServiceStub(channel)
    assert_type(stub.GetSandbox(GetSandboxRequest(name="x"), timeout=1), GetSandboxResponse)
    for response in stub.StreamLogs(StreamLogsRequest(name="x")):
        assert_type(response.data, bytes)
    stub.GetSandbox(StreamLogsRequest())  # type: ignore[arg-type]
    stub.NoSuchRpc()  # type: ignore[attr-defined]
    GetSandboxRequest(nam="x")  # type: ignore[call-arg]
    print(resources_pb2.Sandbox().nothing)  # type: ignore[attr-defined]


async def generated_asynchronous(channel: grpc.aio.Channel) -> None:
    stub = SandboxServiceStub(channel)
    assert_type(await stub.GetSandbox(GetSandboxRequest(name="x")), GetSandboxResponse)
    async for response in stub.StreamLogs(StreamLogsRequest(name="x")):
        assert_type(response.data, bytes)
    await stub.GetSandbox(StreamLogsRequest())  # type: ignore[arg-type]
