"""The checksum of values, both ways."""

import pytest

from casemate import UnavailableError
from casemate._checksum import checked, checksum
from casemate.secrets.v1.secrets_manager_pb2 import AccessSecretVersionResponse


def test_known_answers() -> None:
    assert checksum(b"123456789") == 0xE3069283  # the catalogue's
    assert checksum(bytes(32)) == 0x8A9136AA  # of RFC 3720
    assert checksum(b"") is None


def test_a_damaged_value_is_not_given_out() -> None:
    answer = AccessSecretVersionResponse(name="A", data=b"123456789", data_crc32c=0xE3069283)
    assert checked(answer) == b"123456789"
    assert checked(AccessSecretVersionResponse()) == b""
    answer.data = b"12345678X"
    with pytest.raises(UnavailableError) as caught:
        checked(answer)
    assert caught.value.reason == "DATA_CORRUPTED"
    assert "12345678X" not in str(caught.value)
