"""The checksum that goes with a value, both ways: CRC32C, from 0 to 2**32-1. It finds what was damaged on the way."""

from __future__ import annotations

import google_crc32c
import grpc

from casemate.errors import UnavailableError
from casemate.secrets.v1.secrets_manager_pb2 import AccessSecretVersionResponse


def checksum(value: bytes) -> int | None:
    """The checksum to send with a value; None where there is no value."""
    return int(google_crc32c.value(value)) if value else None


def checked(response: AccessSecretVersionResponse) -> bytes:
    """The value of an answer.

    Raises:
        UnavailableError: It was damaged on its way (``DATA_CORRUPTED``).
    """
    if response.data_crc32c != google_crc32c.value(response.data):
        raise UnavailableError(
            f"the value of {response.name} was damaged on its way from secretsd: its CRC32C is another; try again",
            reason="DATA_CORRUPTED",
            code=grpc.StatusCode.UNAVAILABLE,
        )
    return response.data
