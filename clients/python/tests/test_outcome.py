"""What asynchronous calls end with whose messages can't all be sent."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from casemate.aio._outcome import Outcome

MESSAGE = bytes(256 << 10)
CALLS = 200  # grpc.aio alone loses the answer of every second one


class Refusing(grpc.GenericRpcHandler):
    """Answers INVALID_ARGUMENT after three messages, whatever is still to come."""

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[bytes, bytes]:
        def refuse(messages: Iterator[bytes], context: grpc.ServicerContext) -> bytes:
            for _ in range(3):
                next(messages)
            return context.abort(grpc.StatusCode.INVALID_ARGUMENT, "refused")

        def refuse_later(messages: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
            yield b"first"
            refuse(messages, context)

        if details.method.endswith("Upload"):
            return grpc.stream_unary_rpc_method_handler(refuse)
        return grpc.stream_stream_rpc_method_handler(refuse_later)


def test_the_servers_answer_counts() -> None:
    async def upload(channel: grpc.aio.Channel) -> None:
        call: grpc.aio.StreamUnaryCall[bytes, bytes] = channel.stream_unary("/a.B/Upload")()
        outcome = Outcome(call)
        with contextlib.suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError):
            while True:
                await call.write(MESSAGE)
        with pytest.raises(grpc.aio.AioRpcError) as refused, outcome.told():
            await call
        assert (refused.value.code(), refused.value.details()) == (grpc.StatusCode.INVALID_ARGUMENT, "refused")

    async def stream(channel: grpc.aio.Channel) -> None:
        async def messages() -> AsyncIterator[bytes]:
            while True:
                yield MESSAGE

        calls: grpc.aio.StreamStreamMultiCallable[bytes, bytes] = channel.stream_stream("/a.B/Stream")
        call = calls(messages())
        outcome = Outcome(call)
        with pytest.raises(grpc.aio.AioRpcError) as refused, outcome.told():
            assert [answer async for answer in call] == [b"first"]
        assert (refused.value.code(), refused.value.details()) == (grpc.StatusCode.INVALID_ARGUMENT, "refused")

    async def program(address: str) -> None:
        async with grpc.aio.insecure_channel(address) as channel:
            for _ in range(CALLS):
                await upload(channel)
                await stream(channel)

    server = grpc.server(ThreadPoolExecutor(4), handlers=[Refusing()])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        asyncio.run(program(f"127.0.0.1:{port}"))
    finally:
        server.stop(None)
