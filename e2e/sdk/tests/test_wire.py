"""What the SDK's classes don't show: the wire itself, by the SDK's own stubs."""

import os
import uuid

import grpc
import pytest
from cwsandbox._proto import sandbox_pb2 as pb
from cwsandbox._proto import sandbox_pb2_grpc as pb_grpc
from wandb.sandbox import Sandbox


@pytest.fixture(scope="module")
def stub():
    options = [("grpc.max_receive_message_length", 100 << 20), ("grpc.max_send_message_length", 100 << 20)]
    channel = grpc.insecure_channel(os.environ["CWSANDBOX_BASE_URL"].removeprefix("http://"), options)
    key = ("authorization", f"Bearer {os.environ['CWSANDBOX_API_KEY']}")

    class WithKey:
        def __getattr__(self, name):
            call = getattr(pb_grpc.SandboxServiceStub(channel), name)
            return lambda request, **kwargs: call(request, metadata=[key], timeout=60, **kwargs)

    yield WithKey()
    channel.close()


def create_request(tag, request_id="", **container):
    container = {"name": "box", "image": "python:3.11", "command": "sleep", "args": ["1000"], **container}
    spec = pb.SandboxSpec(containers=[pb.Container(**container)], tags=[tag])
    return pb.CreateSandboxRequest(sandbox=pb.Sandbox(spec=spec, display_name="Ada's"), request_id=request_id)


@pytest.fixture
def box(stub, tag):
    created = stub.CreateSandbox(create_request(tag))
    yield created
    stub.DeleteSandbox(pb.DeleteSandboxRequest(sandbox_id=created.sandbox_id))


def test_create_answers_when_it_runs(stub, box, tag):
    assert box.status.state == pb.STATE_RUNNING
    assert box.spec == create_request(tag).sandbox.spec
    assert box.display_name == "Ada's"
    assert box.status.HasField("create_time") and box.status.HasField("start_time")
    # Without max_lifetime_seconds the server must end it some day: nobody else will.
    assert box.status.effective_max_lifetime_seconds == 600
    assert stub.GetSandbox(pb.GetSandboxRequest(sandbox_id=box.sandbox_id)) == box


def test_request_id_twice(stub, tag):
    request = create_request(tag, request_id=str(uuid.uuid4()))
    first = stub.CreateSandbox(request)
    assert stub.CreateSandbox(request).sandbox_id == first.sandbox_id
    with pytest.raises(grpc.RpcError) as e:
        stub.CreateSandbox(create_request(tag, request_id=request.request_id, working_dir="/tmp"))
    assert "request" in e.value.details()
    assert len(Sandbox.list(tags=[tag], show_terminated=True).result()) == 1
    gone = stub.DeleteSandbox(pb.DeleteSandboxRequest(sandbox_id=first.sandbox_id))
    # The SDK takes an answer without the sandbox for "was already gone".
    assert gone.sandbox.sandbox_id == first.sandbox_id
    assert gone.sandbox.status.state in (pb.STATE_TERMINATING, pb.STATE_COMPLETED)
    # Even now the id stands for the first sandbox.
    assert stub.CreateSandbox(request).sandbox_id == first.sandbox_id


def test_missing_is_empty_where_allowed(stub):
    answer = stub.DeleteSandbox(pb.DeleteSandboxRequest(sandbox_id="no-such", allow_missing=True))
    assert not answer.HasField("sandbox")


def test_connect_is_unimplemented(stub, box):
    with pytest.raises(grpc.RpcError) as e:
        stub.ConnectSandbox(pb.ConnectSandboxRequest(sandbox_id=box.sandbox_id))
    assert e.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_unary_exec(stub, box):
    command = ["sh", "-c", 'printf "$A"; printf 12345 >&2; exit 3']
    done = stub.Exec(pb.ExecRequest(sandbox_id=box.sandbox_id, command=command, env={"A": "abcdef"}, max_output_bytes=5))
    assert (done.stdout, done.stdout_truncated, done.stdout_bytes_produced) == (b"abcde", True, 6)
    assert (done.stderr, done.stderr_truncated, done.stderr_bytes_produced) == (b"12345", False, 5)
    assert done.exit_code == 3


def test_container_by_name(stub, box):
    request = pb.ExecRequest(sandbox_id=box.sandbox_id, command=["true"], container="box")
    assert stub.Exec(request).exit_code == 0
    request.container = "other"
    with pytest.raises(grpc.RpcError) as e:
        stub.Exec(request)
    assert e.value.code() == grpc.StatusCode.INVALID_ARGUMENT and "box" in e.value.details()


def test_frames_of_a_command(stub, box):
    start = pb.ExecStreamInit(sandbox_id=box.sandbox_id, command=["cat"])
    frames = [
        pb.ExecStreamRequest(init=start),
        pb.ExecStreamRequest(stdin=b"in"),
        pb.ExecStreamRequest(resize=pb.ExecStreamResize(width=1, height=1)),
        pb.ExecStreamRequest(close=pb.ExecStreamClose()),
    ]
    got = list(stub.StreamExec(iter(frames)))
    assert [f.WhichOneof("message") for f in got] == ["ready", "output", "exit"]
    assert got[1].output.data == b"in" and got[1].output.stream == pb.ExecStreamOutput.STREAM_STDOUT
    assert got[2].exit.exit_code == 0 and got[2].exit.HasField("completed_time")


def test_first_frame_must_be_init(stub):
    with pytest.raises(grpc.RpcError) as e:
        list(stub.StreamExec(iter([pb.ExecStreamRequest(stdin=b"x")])))
    assert e.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_logs_resume(stub, tag):
    box = stub.CreateSandbox(create_request(tag, command="sh", args=["-c", "for i in 1 2 3; do echo line $i; sleep 0.1; done"]))
    entries = list(stub.StreamLogs(pb.StreamLogsRequest(sandbox_id=box.sandbox_id, follow=True, timestamps=True)))
    whole = b"".join(e.data for e in entries)
    assert whole.count(b"\n") == 3 and whole.count(b"Z line") == 3
    first = entries[0]
    rest = stub.StreamLogs(
        pb.StreamLogsRequest(
            sandbox_id=box.sandbox_id,
            follow=True,
            resume_log_session_id=first.log_session_id,
            resume_log_offset=first.next_log_offset,
        )
    )
    # The resuming request does not repeat that it wants timestamps.
    assert first.data + b"".join(e.data for e in rest) == whole
    stranger = list(stub.StreamLogs(pb.StreamLogsRequest(sandbox_id=box.sandbox_id, resume_log_session_id="x", follow=True)))
    assert [e.error.code for e in stranger] == ["SESSION_NOT_FOUND"]


def test_pages(stub, tag):
    made = [stub.CreateSandbox(create_request(tag)).sandbox_id for _ in range(3)]
    listed, token = [], ""
    while True:
        page = stub.ListSandboxes(pb.ListSandboxesRequest(tags=[tag], page_size=2, page_token=token))
        assert len(page.sandboxes) <= 2
        listed += [s.sandbox_id for s in page.sandboxes]
        token = page.next_page_token
        if not token:
            break
    assert listed == made[::-1]
    for sandbox_id in made:
        stub.DeleteSandbox(pb.DeleteSandboxRequest(sandbox_id=sandbox_id))
