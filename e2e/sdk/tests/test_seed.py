"""The two programs of the hosted product's documentation, word for word."""

import hashlib

from conftest import SEED


def test_programs_are_unchanged():
    digests = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in SEED.glob("*.py")}
    assert digests == {
        "first.py": "506749313f9e7531c44724542f7bb864e304e2327658b3a6127e1e70cd26e259",
        "second.py": "2acffcef426fe006e45923fb5d392f26dab1ad8a6c2c688bfe220090b162b4dd",
    }


def test_first(run_python):
    done = run_python(SEED / "first.py", CWSANDBOX_API_KEY=None)
    assert done.stdout == "Hugging Face token found.\nOpenAI key token found.\n\n"


def test_second(run_python):
    done = run_python(SEED / "second.py", CWSANDBOX_API_KEY=None)
    assert done.stdout == "Hugging Face token found!\n\n"


def test_in_api_key_mode(run_python):
    """cwsandbox's own Secret needs a store; nothing else changes."""
    program = (SEED / "second.py").read_text()
    program = program.replace("from wandb.sandbox", "from cwsandbox")
    program = program.replace('name="HF_TOKEN"', 'store="default", name="HF_TOKEN"')
    assert run_python(program, WANDB_API_KEY=None).stdout == "Hugging Face token found!\n\n"


def test_in_cwsandboxs_own_wandb_mode(run_python, stack):
    program = (SEED / "second.py").read_text()
    program = program.replace("from wandb.sandbox", "from cwsandbox import WandbAuth\nfrom cwsandbox")
    program = program.replace("Sandbox.run(", f'Sandbox.run(auth=WandbAuth(entity="{stack.team}"), ')
    program = program.replace('name="HF_TOKEN"', 'store="wandb", name="HF_TOKEN"')
    assert run_python(program, CWSANDBOX_API_KEY=None).stdout == "Hugging Face token found!\n\n"


def test_over_tls(run_python, stack):
    """gRPC's own variable is the SDK's only way to trust a private authority."""
    program = SEED / "second.py"
    trusting = {"CWSANDBOX_BASE_URL": stack.tls_url, "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": stack.ca_file}
    assert run_python(program, **trusting).stdout == "Hugging Face token found!\n\n"
    done = run_python(program, check=False, CWSANDBOX_BASE_URL=stack.tls_url)
    assert done.returncode != 0 and "SandboxUnavailableError" in done.stderr
