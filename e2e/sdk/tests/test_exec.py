"""Commands: output, input, terminals, cancelling, deadlines."""

import subprocess
import time
import uuid

import pytest
from cwsandbox import Sandbox, SandboxError, SandboxExecutionError, SandboxTimeoutError


def alive(sandbox, marker):
    """Whether a process with marker in its command line runs in the sandbox."""
    script = f"for f in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <$f; echo; done 2>/dev/null | grep -v 'tr ' | grep -c {marker[:-1]}[{marker[-1]}]"
    return int(sandbox.exec(["sh", "-c", script]).result().stdout.strip()) > 0


def eventually(condition, what, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what


def test_output_and_code(shared):
    done = shared.exec(["sh", "-c", "echo out; echo err >&2; exit 3"]).result()
    assert (done.stdout, done.stderr, done.returncode) == ("out\n", "err\n", 3)


def test_check(shared):
    with pytest.raises(SandboxExecutionError):
        shared.exec(["false"], check=True).result()


def test_missing_command(shared):
    done = shared.exec(["no-such-command"]).result()
    assert done.returncode == 127 and "no-such-command" in done.stderr


def test_not_executable(shared):
    assert shared.exec(["/etc/passwd"]).result().returncode == 126


def test_killed_by_a_signal(shared):
    assert shared.exec(["sh", "-c", "kill -9 $$"]).result().returncode == 137


def test_working_directory(shared):
    assert shared.exec(["pwd"], cwd="/usr/lib").result().stdout == "/usr/lib\n"


def test_arguments_arrive_as_they_are(shared):
    args = ["", " a  b ", "$HOME", "é\n", '"', "*"]
    done = shared.exec(["python", "-c", "import sys; print(sys.argv[1:])", *args]).result()
    assert done.stdout.strip() == repr(args)


def test_input(shared):
    process = shared.exec(["sh", "-c", "read line; echo got $line; wc -c"], stdin=True)
    process.stdin.writeline("hello").result()
    process.stdin.write(b"x" * 300_000).result()
    process.stdin.close().result()
    assert process.result(timeout=30).stdout.split() == ["got", "hello", "300000"]


def test_without_input_a_reader_sees_the_end(shared):
    assert shared.exec(["cat"]).result(timeout=30).returncode == 0


def test_output_comes_while_the_command_runs(shared):
    process = shared.exec(["sh", "-c", "echo first; read line; echo second"], stdin=True)
    output = iter(process.stdout)
    assert next(output) == "first\n"
    assert process.poll() is None
    process.stdin.writeline("go").result()
    assert "".join(output) == "second\n"
    assert process.result().returncode == 0


def test_characters_are_not_split(shared):
    text = "aé€😀" * 20_000
    process = shared.exec(["python", "-c", f"import sys; sys.stdout.write({'aé€😀'!r} * 20000)"])
    assert "".join(process.stdout) == text


def test_large_output_is_whole(shared):
    process = shared.exec(["python", "-c", "import sys; sys.stdout.write('0123456789abcde\\n' * (1 << 20))"])
    assert process.result(timeout=60).stdout == "0123456789abcde\n" * (1 << 20)


def test_much_output_for_a_slow_terminal_is_whole(shared):
    session = shared.shell(["sh", "-c", "stty -opost; seq 1 200000"], width=80, height=24)
    output = b""
    for i, chunk in enumerate(session.output):
        output += chunk
        if i < 20:
            time.sleep(0.05)  # the SDK's queue is full by then, and the server has to wait
    assert output == "".join(f"{n}\n" for n in range(1, 200001)).encode()
    assert session.wait(timeout=30) == 0


def test_input_ends_and_output_goes_on(shared):
    process = shared.exec(["sh", "-c", "cat; echo more; sleep 0.2; echo end"], stdin=True)
    process.stdin.write(b"in\n").result()
    process.stdin.close().result()
    assert process.result(timeout=30).stdout == "in\nmore\nend\n"


def test_what_left_the_command_does_not_hold_it_up(shared):
    process = shared.exec(["sh", "-c", "setsid sleep 1000 & echo done"])
    assert process.result(timeout=30).stdout == "done\n"
    shared.exec(["pkill", "-x", "sleep"]).result()


def test_out_of_memory_is_told_from_a_kill():
    with Sandbox.run(resources={"cpu": "1", "memory": "128Mi"}) as sandbox:
        done = sandbox.exec(["python", "-c", "b'x' * (1 << 30)"], timeout_seconds=60).result()
        assert done.returncode == 137 and done.stderr == "casemate: killed: the sandbox ran out of memory\n"
        done = sandbox.exec(["sh", "-c", "kill -9 $$"]).result()
        assert done.returncode == 137 and done.stderr == ""


def test_the_sandboxs_end_is_an_error_of_its_commands():
    with Sandbox.run() as sandbox:
        process = sandbox.exec(["sh", "-c", "echo up; sleep 1000"])
        assert next(iter(process.stdout)) == "up\n"
        sandbox.stop(graceful_shutdown_seconds=0).result()
        with pytest.raises(SandboxError):
            process.result(timeout=30)


def test_many_at_once(shared):
    processes = [shared.exec(["sh", "-c", f"sleep 0.2; echo {i}"]) for i in range(16)]
    assert [p.result(timeout=30).stdout.strip() for p in processes] == [str(i) for i in range(16)]


def test_cancel_kills(shared):
    marker = f"m{uuid.uuid4().hex}"
    process = shared.exec(["sh", "-c", f"echo started; sh -c 'sleep 1000; : {marker}'"])
    assert next(iter(process.stdout)) == "started\n"
    assert alive(shared, marker)
    process.cancel()
    eventually(lambda: not alive(shared, marker), "the cancelled command still runs")


def test_timeout_kills(shared):
    marker = f"m{uuid.uuid4().hex}"
    with pytest.raises(SandboxTimeoutError):
        shared.exec(["sh", "-c", f"sleep 1000; : {marker}"], timeout_seconds=0.5).result()
    eventually(lambda: not alive(shared, marker), "the command that was out of time still runs")


def test_terminal(shared):
    session = shared.shell(["bash", "--norc"], width=100, height=30)
    session.stdin.writeline("stty size; stty -echo; tty").result()
    output = b""
    for chunk in session.output:
        output += chunk
        if b"/dev/" in output:
            break
    assert b"30 100" in output
    session.resize(132, 43)
    # The size is changed by the time the next line is read, or soon after.
    session.stdin.writeline("until [ \"$(stty size)\" = '43 132' ]; do :; done; echo resized; exit 5").result()
    output = b"".join(session.output)
    assert b"resized" in output
    assert session.wait(timeout=30) == 5


def test_end_of_input_ends_a_terminals_shell(shared):
    session = shared.shell(["sh"], width=80, height=24)
    session.stdin.writeline("echo ready").result()
    session.stdin.close().result()
    assert session.wait(timeout=30) == 0


def test_login_shell_has_the_secret(shared, stack):
    session = shared.shell(["bash", "-l"], width=200, height=24)
    session.stdin.writeline('echo "<$HF_TOKEN>"; exit').result()
    assert f"<{stack.values['HF_TOKEN']}>".encode() in b"".join(session.output)
    session.wait(timeout=30)


def test_nothing_of_the_host_is_there(shared):
    host = subprocess.run(["hostname"], capture_output=True, text=True).stdout
    assert shared.exec(["cat", "/proc/sys/kernel/hostname"]).result().stdout != host
    done = shared.exec(["sh", "-c", "cat /proc/net/dev | tail -n +3 | cut -d: -f1 | tr -d ' '"]).result()
    assert sorted(done.stdout.split()) == ["eth0", "lo"]  # its own, see the network tests
