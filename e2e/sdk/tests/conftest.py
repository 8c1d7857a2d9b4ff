"""The suite runs the public Python SDK, unmodified, against a live pair of daemons.

The environment says where they are: CWSANDBOX_BASE_URL, WANDB_API_KEY and CWSANDBOX_API_KEY (a member's key of the team
`stack.team`), and CASEMATE_E2E, a JSON file with the rest: see Stack.
"""

import json
import os
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest
from wandb.sandbox import Sandbox

SEED = Path(__file__).parent.parent / "seed"


@dataclass(frozen=True)
class Stack:
    """What the harness made. Both teams have a secret HF_TOKEN, with different values."""

    team: str
    other_team: str
    # A key of `team` alone, of a user who is a member of both teams.
    one_key: str
    # That user's key that acts in both teams; its home is `team`.
    both_key: str
    # Keys like both_key: of a user who was then removed from other_team, and one that was revoked there.
    lost_key: str
    revoked_both_key: str
    # A key of a member of other_team only.
    other_key: str
    # A key of a team that may have one sandbox at a time.
    narrow_key: str
    # A key of `team` that was revoked.
    revoked_key: str
    # A key of a team that masks its secrets in what its sandboxes print.
    masked_key: str
    # Values by secret id: the plain ones of `team`, DB (structured); under "other" those of other_team, under "masked" HF_TOKEN's
    # of masked_key's team.
    values: dict
    # The same API with TLS, and the authority of its certificate.
    tls_url: str
    ca_file: str


@pytest.fixture(scope="session")
def stack():
    with open(os.environ["CASEMATE_E2E"]) as f:
        return Stack(**json.load(f))


@pytest.fixture
def tag():
    """A tag of this test's own, to find its sandboxes by."""
    return f"e2e-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="session")
def shared():
    """One running sandbox with a secret, for tests that leave it as it is."""
    from wandb.sandbox import Secret

    with Sandbox.run(secrets=[Secret(name="HF_TOKEN")], tags=["e2e-shared"]) as sandbox:
        sandbox.wait(timeout=60)
        yield sandbox


@pytest.fixture
def run_python():
    """Runs a Python program in a process of its own, with additions to the environment; None removes a variable."""

    def run(program, *, check=True, **env):
        merged = {**os.environ, **env}
        merged = {k: v for k, v in merged.items() if v is not None}
        args = [str(program)] if isinstance(program, Path) else ["-c", program]
        done = subprocess.run([sys.executable, *args], env=merged, capture_output=True, text=True, timeout=120)
        if check:
            assert done.returncode == 0, done.stderr
        return done

    return run
