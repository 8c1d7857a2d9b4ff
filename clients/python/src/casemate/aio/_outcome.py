"""What calls that send a stream of messages end with."""

from __future__ import annotations

from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import grpc

T = TypeVar("T")


class Outcome:
    """The server's answer to a call, which grpc.aio can lose.

    Where a message can't be sent any more because the call has just ended, grpc.aio writes an error of its own over the
    server's. Who asked to be called at the end was told the server's before that.
    """

    def __init__(self, call: grpc.aio.Call) -> None:
        self._first: grpc.aio.AioRpcError | None = None
        call.add_done_callback(self._ended)

    @contextmanager
    def told(self) -> Iterator[None]:
        """Raises what the server said instead of gRPC's own error."""
        try:
            yield
        except grpc.aio.AioRpcError as failure:
            if not _is_own(failure) or self._first is None:
                raise
            raise self._first from None

    def _ended(self, call: grpc.aio.Call) -> None:
        failure = grpc.aio.AioRpcError(
            _now(call.code()),
            _now(call.initial_metadata()),
            _now(call.trailing_metadata()),
            details=_now(call.details()),
        )
        if not _is_own(failure):
            self._first = failure


def _is_own(failure: grpc.aio.AioRpcError) -> bool:
    return failure.code() is grpc.StatusCode.INTERNAL and failure.details() == "Internal error from Core"


def _now(coroutine: Coroutine[Any, Any, T]) -> T:
    """What a coroutine returns that has nothing to wait for: that of a call which is over."""
    try:
        coroutine.send(None)
    except StopIteration as returned:
        return returned.value  # type: ignore[no-any-return]
    coroutine.close()
    raise RuntimeError("the call is not over")
