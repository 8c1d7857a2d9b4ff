"""The tests run against a live pair of daemons, which the environment names as it does for any client.

CASEMATE_API_KEY has all scopes; CASEMATE_RUN_KEY can only run sandboxes. The team has the secrets HF_TOKEN and
OPENAI_API_KEY, with the values `value-of-` and their names. CASEMATE_SANDBOXD_PLAINTEXT is sandboxd without TLS.
"""

import uuid
from collections.abc import Callable, Iterator

import pytest

from casemate import Sandbox, Secret, SecretsManager


@pytest.fixture(scope="session")
def shared() -> Iterator[Sandbox]:
    """One running sandbox with a secret, for tests that leave it as it is."""
    with Sandbox.run(secrets=[Secret(name="HF_TOKEN")]) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def manager() -> Iterator[SecretsManager]:
    with SecretsManager() as manager:
        yield manager


@pytest.fixture
def unique() -> str:
    """A word of this test's own, to name things by."""
    return f"T{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="session")
def alive(shared: Sandbox) -> Callable[[str], bool]:
    """Whether a process with that command line runs in the shared sandbox."""

    def look(command_line: str) -> bool:
        script = (
            "import pathlib, sys\n"
            "for p in pathlib.Path('/proc').glob('[0-9]*/cmdline'):\n"
            "    try: line = p.read_bytes()\n"
            "    except OSError: continue\n"
            "    if line.replace(b'\\0', b' ').strip().decode() == sys.argv[1]: print('alive')\n"
        )
        return shared.exec(["python", "-c", script, command_line], check=True).result().stdout != ""

    return look
