"""What is installed is what the repository says, and its users' type checkers understand it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import casemate

TESTS = Path(__file__).parent
ROOT = TESTS.parents[2]
README = (TESTS.parent / "README.md").read_text()


def mypy(*args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", "/dev/null", *args]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=TESTS.parent)


def test_version() -> None:
    assert casemate.__version__ == (ROOT / "pkg/version/VERSION").read_text().strip()


def test_what_is_installed_is_what_is_here() -> None:
    installed = Path(casemate.__file__).parent
    for file in (TESTS.parent / "src/casemate").rglob("*"):
        if file.is_file() and file.suffix in (".py", ".pyi", ".json"):
            there = installed / file.relative_to(TESTS.parent / "src/casemate")
            assert there.read_bytes() == file.read_bytes(), f"{there} is not {file}: run `make clients-python`"


def test_the_package_is_strictly_typed() -> None:
    done = mypy("--config-file", "pyproject.toml", "src/casemate", "tests", "interop", str(ROOT / "examples/python"))
    assert done.returncode == 0, done.stdout


def test_users_see_the_types() -> None:
    """As a user has it, without configuration. Mistakes are marked in it; a mark without a mistake fails."""
    done = mypy("--config-file", "/dev/null", "tests/typing/user.py")
    assert done.returncode == 0, done.stdout


SNIPPETS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_readme_has_snippets() -> None:
    assert len(SNIPPETS) >= 5


@pytest.mark.parametrize("snippet", SNIPPETS, ids=[f"snippet{n}" for n in range(len(SNIPPETS))])
def test_readme(snippet: str, tmp_path: Path) -> None:
    program = tmp_path / "snippet.py"
    program.write_text(snippet)
    done = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    # A comment `# prints ...` says what to see.
    for line in re.findall(r"# prints (.*)", snippet):
        assert line in done.stdout.splitlines()
    checked = mypy("--config-file", "/dev/null", str(program))
    assert checked.returncode == 0, checked.stdout
