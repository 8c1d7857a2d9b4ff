"""Masked output, blocking and asynchronous. The team's policy does not ask for it."""

import asyncio

from casemate import Sandbox, Secret, aio

PRINT = ["sh", "-c", "echo value $HF_TOKEN"]


def test_mask_output(shared: Sandbox) -> None:
    assert shared.exec(PRINT).result().stdout == "value value-of-HF_TOKEN\n"
    with Sandbox.run(secrets=[Secret(name="HF_TOKEN")], mask_output=True) as sandbox:
        assert sandbox.message.output_masked
        assert sandbox.exec(PRINT).result().stdout == "value ***\n"


def test_mask_output_asynchronous() -> None:
    async def program() -> None:
        async with aio.Sandbox.run(secrets=[Secret(name="HF_TOKEN")], mask_output=True) as sandbox:
            assert (await sandbox.exec(PRINT)).stdout == "value ***\n"

    asyncio.run(program())
