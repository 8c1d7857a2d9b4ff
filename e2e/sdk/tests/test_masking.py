"""Where the team says so, a secret that a program prints is masked before it reaches the SDK; where it does not, it is not."""

import base64
import json
import urllib.parse

from test_secrets import Key
from wandb.sandbox import Sandbox, Secret

PRINT = """
import base64, json, os, sys, time, urllib.parse
v = os.environ["HF_TOKEN"]
print("out", v, base64.b64encode(v.encode()).decode(), urllib.parse.quote_plus(v), json.dumps({"token": v}), v.encode().hex())
print("err", v, file=sys.stderr)
sys.stdout.write("in two ")
sys.stdout.write(v[:9])
sys.stdout.flush()
time.sleep(0.2)
print(v[9:])
"""


def printed(value):
    return " ".join(
        [
            "out",
            value,
            base64.b64encode(value.encode()).decode(),
            urllib.parse.quote_plus(value),
            json.dumps({"token": value}),
            value.encode().hex(),
        ]
    )


def test_the_teams_policy_masks(stack):
    value = stack.values["masked"]
    with Sandbox.run(secrets=[Secret(name="HF_TOKEN")], auth=Key(stack.masked_key)) as sandbox:
        result = sandbox.exec(["python", "-c", PRINT]).result()
        pad = "=" * base64.b64encode(value.encode()).decode().count("=")
        assert result.stdout == f'out *** ***{pad} *** {{"token": "***"}} ***\nin two ***\n'
        assert result.stderr == "err ***\n"
        assert result.returncode == 0
        # The value itself is there, and is as long as it was.
        length = sandbox.exec(["python", "-c", "import os; print(len(os.environ['HF_TOKEN']))"]).result().stdout
        assert int(length) == len(value)
        sandbox.exec(["sh", "-c", 'printf "HF_TOKEN=%s" "$HF_TOKEN" >/tmp/.env'], check=True).result()
        assert sandbox.read_file("/tmp/.env").result() == b"HF_TOKEN=***"


def test_without_it_nothing_is_masked(stack):
    value = stack.values["HF_TOKEN"]
    with Sandbox.run(secrets=[Secret(name="HF_TOKEN")]) as sandbox:
        result = sandbox.exec(["python", "-c", PRINT]).result()
        assert result.stdout == printed(value) + f"\nin two {value}\n"
        assert result.stderr == f"err {value}\n"
