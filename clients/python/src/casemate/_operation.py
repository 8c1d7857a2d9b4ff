"""Calls that go on while the program does something else."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

import grpc

from casemate.errors import translated

T = TypeVar("T")


class Future(Protocol):
    """What gRPC's futures and the standard library's have in common."""

    def result(self, timeout: float | None = None) -> Any: ...
    def done(self) -> bool: ...
    def cancel(self) -> bool: ...


class Operation(Generic[T]):
    """A call that was sent and may not be answered yet. Without ``result()`` nobody sees how it ends."""

    def __init__(self, future: Future, convert: Callable[[Any], T]) -> None:
        self._future = future
        self._convert = convert

    def result(self, timeout: float | None = None) -> T:
        """Waits for the answer and returns it.

        Raises:
            CasemateError: What went wrong.
            concurrent.futures.TimeoutError: It took longer than timeout, in seconds. The call goes on.
        """
        try:
            with translated():
                answer = self._future.result(timeout)
        except grpc.FutureTimeoutError:
            raise concurrent.futures.TimeoutError from None
        except grpc.FutureCancelledError:
            raise concurrent.futures.CancelledError from None
        return self._convert(answer)

    def done(self) -> bool:
        """Whether the answer is there."""
        return self._future.done()

    def cancel(self) -> bool:
        """Gives the call up; False when it is done already."""
        return self._future.cancel()
