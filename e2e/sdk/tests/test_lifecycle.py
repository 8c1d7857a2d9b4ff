"""Sandboxes from creation to tombstone, and requests that are refused."""

import socket
import time

import pytest
from cwsandbox import (
    Container,
    NetworkOptions,
    SandboxDefaults,
    SandboxError,
    SandboxNotFoundError,
    SandboxNotRunningError,
    SandboxStatus,
    SandboxValidationError,
    Service,
)
from wandb.sandbox import Sandbox, Session


def ids(**filters):
    return {s.sandbox_id for s in Sandbox.list(**filters).result()}


def test_with_block(tag):
    with Sandbox.run(tags=[tag]) as sandbox:
        sandbox.wait(timeout=60)
        assert sandbox.status == SandboxStatus.RUNNING
        assert sandbox.tags == (tag,)
        sandbox_id = sandbox.sandbox_id
    assert sandbox.get_status() == SandboxStatus.COMPLETED
    # The tombstone.
    again = Sandbox.from_id(sandbox_id).result()
    assert again.status == SandboxStatus.COMPLETED
    assert again.tags == (tag,)
    with pytest.raises(SandboxNotRunningError):
        again.exec(["true"]).result()


def test_stop_before_it_runs(tag):
    Sandbox.run(tags=[tag]).stop().result(timeout=60)
    assert ids(tags=[tag]) == set()


def test_list(tag):
    with Sandbox.run(tags=[tag, "a"]) as one, Sandbox.run(tags=[tag, "b"]) as two:
        one.wait(timeout=60), two.wait(timeout=60)
        both = {one.sandbox_id, two.sandbox_id}
        assert ids(tags=[tag]) == both
        assert ids(tags=[tag, "a"]) == {one.sandbox_id}
        assert ids(tags=[tag], status="running") == both
        assert ids(tags=[tag], status="completed") == set()
        assert ids(tags=[tag], status="paused") == set()
        two.stop().result(timeout=60)
        assert ids(tags=[tag]) == {one.sandbox_id}
        # A final state needs no show_terminated.
        assert ids(tags=[tag], status="completed") == {two.sandbox_id}
        assert ids(tags=[tag], show_terminated=True) == both
        assert ids(tags=[tag], runner_ids=["r"]) == set()


def test_delete(tag):
    sandbox_id = Sandbox.run(tags=[tag]).sandbox_id
    Sandbox.delete(sandbox_id).result(timeout=60)
    assert ids(tags=[tag]) == set()
    Sandbox.delete(sandbox_id).result(timeout=60)
    with pytest.raises(SandboxNotFoundError):
        Sandbox.delete("no-such-sandbox").result()
    Sandbox.delete("no-such-sandbox", missing_ok=True).result()
    with pytest.raises(SandboxNotFoundError):
        Sandbox.from_id("no-such-sandbox").result()


@pytest.mark.parametrize("code", [0, 7])
def test_main_process_ends(code):
    started = time.monotonic()
    sandbox = Sandbox.run("sh", "-c", f"exit {code}")
    sandbox.wait_until_complete(timeout=60).result()
    assert (sandbox.status, sandbox.returncode) == (SandboxStatus.COMPLETED, code)
    # Without the code in the first final answer the SDK would poll for 4 s more.
    assert time.monotonic() - started < 4
    with pytest.raises(SandboxError):
        sandbox.exec(["true"]).result()
    sandbox.stop(missing_ok=True).result()


def test_missing_main_command():
    sandbox = Sandbox.run("no-such-command", "x")
    sandbox.wait_until_complete(timeout=60).result()
    assert sandbox.returncode == 127


def test_stop_with_grace(tag):
    """The main process is asked first: it may end by itself and say so."""
    sandbox = Sandbox.run("sh", "-c", "trap 'exit 4' TERM; echo ready; while :; do sleep 0.05; done", tags=[tag])
    for line in sandbox.stream_logs(follow=True):
        assert line.rstrip() == "ready"
        break
    sandbox.stop(graceful_shutdown_seconds=10).result(timeout=60)
    assert sandbox.get_status() == SandboxStatus.COMPLETED


def test_stop_of_a_stubborn_process():
    sandbox = Sandbox.run("sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.05; done")
    for _ in sandbox.stream_logs(follow=True):
        break
    started = time.monotonic()
    sandbox.stop(graceful_shutdown_seconds=1).result(timeout=60)
    assert time.monotonic() - started < 8


def test_lifetime():
    sandbox = Sandbox.run(max_lifetime_seconds=2)
    sandbox.wait_until_complete(timeout=60, raise_on_termination=False).result()
    assert sandbox.get_status() == SandboxStatus.COMPLETED


def test_environment_files_directory_and_resources(tag):
    with Sandbox.run(
        environment_variables={"GREETING": "hello $USER", "EMPTY": ""},
        mounted_files=[
            {"mount_path": "/opt/app/config.json", "file_content": b'{"a": 1}'},
            {"mount_path": "/srv/data.bin", "file_content": bytes(1000)},
        ],
        working_dir="/opt/app",
        resources={"cpu": "500m", "memory": "256Mi"},
        annotations={"team.example/purpose": "test"},
        placement_mode="serverless",
        network=NetworkOptions(deny_egress=True, deny_ingress=True),
        tags=[tag],
    ) as sandbox:
        done = sandbox.exec(["sh", "-c", 'pwd; cat config.json; echo; echo "$GREETING"; stat -c %s /srv/data.bin']).result()
        assert done.stdout.splitlines() == ["/opt/app", '{"a": 1}', "hello $USER", "1000"]
        again = Sandbox.from_id(sandbox.sandbox_id).result()
        assert again.resource_limits == {"cpu": "500m", "memory": "256Mi"}
        c = again.containers[0]
        assert dict(c.environment_variables) == {"GREETING": "hello $USER", "EMPTY": ""}
        assert c.working_dir == "/opt/app"
        # Contents are not kept, and emptied files would pass for real ones.
        assert not c.mounted_files


def test_network(tag):
    """What may be reached is the network tests' business; here, what the SDK sends and shows of it."""
    links = ["sh", "-c", "ls /sys/class/net; ip -4 route 2>/dev/null; cat /etc/resolv.conf"]
    with Sandbox.run(network=NetworkOptions(deny_egress=True)) as sandbox:
        assert sandbox.exec(["ls", "/sys/class/net"]).result().stdout.split() == ["lo"]
    with Sandbox.run(tags=[tag]) as sandbox:
        shown = sandbox.exec(links).result().stdout
        assert "eth0" in shown and "nameserver" in shown
    rules = [{"cidr": {"cidr": "203.0.113.0/24", "except": ["203.0.113.7/32"]}, "ports": [443]}]
    with Sandbox.run(network=NetworkOptions(egress=rules)) as sandbox:
        (rule,) = Sandbox.from_id(sandbox.sandbox_id).result().effective_egress
        assert rule.cidr.cidr == "203.0.113.0/24" and list(rule.cidr.except_cidrs) == ["203.0.113.7/32"]
        assert [(p.port, p.protocol) for p in rule.ports] == [(443, "tcp")]


def test_published_ports(tag):
    """Ports that a request names are reached at an address of the host, by who may."""
    echo = (
        "import socketserver, threading\n"
        "class Echo(socketserver.StreamRequestHandler):\n"
        "    def handle(self): self.wfile.write(b'port %d for %s' % (self.server.server_address[1], self.client_address[0].encode()))\n"
        "for port in 8000, 8443, 9000, 9001:\n"
        "    threading.Thread(target=socketserver.ThreadingTCPServer(('', port), Echo).serve_forever).start()\n"
        "print('ready', flush=True)\n"
    )
    services = [
        Service(port=8000, name="web", visibility="public"),
        Service(port=8443, name="tls", visibility="public", endpoint={"kind": "tls_passthrough"}),
        Service(port=9000, visibility="custom"),
        Service(port=9001, visibility="custom"),
    ]
    with Sandbox.run("python", "-c", echo, services=services, tags=[tag]) as sandbox:
        sandbox.wait(timeout=60)
        assert "ready" in next(iter(sandbox.stream_logs(follow=True)))
        urls = {port: url for port, _, url in sandbox.service_urls}
        (tls,) = sandbox.service_addresses
        assert set(urls) == {8000, 9000, 9001} and (tls.port, tls.name) == (8443, "tls")
        assert sandbox.exposed_ports == ((8000, "web"), (8443, "tls"), (9000, ""), (9001, ""))
        host = tls.address.split(":")[0]
        for port, at in {8443: tls.address, **{p: u.removeprefix("tcp://") for p, u in urls.items()}}.items():
            assert answer(at) == f"port {port} for {host}"
        found = Sandbox.from_id(sandbox.sandbox_id).result()
        assert found.service_urls == sandbox.service_urls and found.service_addresses == sandbox.service_addresses
        assert {(r.cidr.cidr, r.ports[0].port) for r in found.effective_ingress} == {(f"{host}/32", p) for p in (8000, 8443, 9000, 9001)}
        # The rules of the network choose who may connect to CUSTOM ports.
        rules = [{"any": True, "ports": [9000]}, {"cidr": f"{host}/32", "ports": [9001]}]
        with Sandbox.run(services=services[2:], network=NetworkOptions(ingress=rules)) as other:
            assert [r.cidr.cidr for r in other.effective_ingress] == [f"{host}/32"] * 2
            assert not set(other.service_urls) & set(sandbox.service_urls)
    with pytest.raises(OSError):
        answer(tls.address)


def answer(address):
    """What whoever connects to an address is told."""
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=30) as conn:
        return conn.makefile().read()


def test_memory_limit_holds():
    with Sandbox.run(resources={"cpu": "1", "memory": "128Mi"}) as sandbox:
        done = sandbox.exec(["python", "-c", "b = bytearray(1 << 30); print(len(b))"]).result()
        assert done.returncode != 0 and done.stdout == ""


def test_user():
    with Sandbox.run(security_context={"run_as_user": 1234, "run_as_group": 42}) as sandbox:
        assert sandbox.exec(["sh", "-c", "id -u; id -g"]).result().stdout.split() == ["1234", "42"]


def test_session_and_function():
    with Session(SandboxDefaults(container_image="python:3.11", tags=("e2e-session",))) as session:

        @session.function()
        def add(x, y):
            import sys

            return {"sum": x + y, "python": sys.version_info[:2]}

        refs = [add.remote(i, 2) for i in range(3)]
        assert [r.result()["sum"] for r in refs] == [2, 3, 4]
        sandbox = session.sandbox()
        assert sandbox.exec(["echo", "hi"]).result().stdout == "hi\n"
        sandbox_id = sandbox.sandbox_id
    assert Sandbox.from_id(sandbox_id).result().status == SandboxStatus.COMPLETED


@pytest.mark.parametrize(
    ("kwargs", "field"),
    [
        ({"services": [Service(port=80, name="web")]}, "services[0].visibility"),
        ({"services": [Service(port=80, visibility="private")]}, "services[0].visibility"),
        ({"services": [Service(port=80, visibility="public", protocol="sctp")]}, "services[0].protocol"),
        ({"services": [Service(port=80, visibility="public", endpoint={"kind": "https", "auth": "open"})]}, "services[0].endpoint.kind"),
        ({"services": [Service(port=80, visibility="public")] * 2}, "services[1].port"),
        ({"services": [Service(port=80, visibility="public")], "network": {"deny_egress": True}}, "services"),
        ({"services": [Service(port=80, visibility="custom")], "network": {"ingress": [{"tenant": "sandbox_network"}]}}, "network.ingress[0].tenant"),
        ({"services": [Service(port=80, visibility="custom")], "network": {"ingress": [{"cidr": "0.0.0.0/0"}]}}, "network.ingress"),
        ({"network": {"egress": [{"dns_name": "example.com"}]}}, "network.egress[0].https_hostname"),
        ({"network": {"egress": [{"any": True}, {"cidr": "10.0.0.0/8"}]}}, "network.egress[1].cidr"),
        ({"network": {"ingress": [{"any": True}]}}, "network.ingress"),
        ({"resources": {"cpu": "1", "memory": "1Gi", "gpu": 1}}, "gpu"),
        ({"resources": {"cpu": "0.0001", "memory": "1Gi"}}, "limits.cpu"),
        ({"security_context": {"privileged": True}}, "security_context.privileged"),
        ({"security_context": {"capabilities_add": ["SYS_ADMIN"]}}, "capabilities_add"),
        ({"runtime_class": "no-such-runtime"}, "runtime_class"),
        ({"working_dir": "relative"}, "working_dir"),
        ({"environment_variables": {"A B": "c"}}, "environment_variables"),
        ({"max_lifetime_seconds": 10**9}, "max_lifetime_seconds"),
        ({"tags": ["x" * 300]}, "tags"),
        ({"mounted_files": [{"mount_path": "relative", "file_content": b""}]}, "files[0].path"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_refused(kwargs, field):
    with pytest.raises(SandboxValidationError) as e:
        Sandbox.run(**kwargs)
    assert any(field in v.field for v in e.value.field_violations), e.value.field_violations


def test_all_that_is_wrong_is_said_at_once():
    with pytest.raises(SandboxValidationError) as e:
        Sandbox.run(
            services=[Service(port=80, name="web")],
            security_context={"privileged": True, "seccomp_profile": "Unconfined"},
            network=NetworkOptions(ingress=[{"any": True}]),
        )
    assert len(e.value.field_violations) == 4


def test_several_containers_are_refused():
    containers = [
        Container(image="python:3.11", name=n, primary=n == "one", resources={"cpu": "1", "memory": "1Gi"})
        for n in ("one", "two")
    ]
    with pytest.raises(SandboxValidationError, match="containers"):
        Sandbox.run(containers=containers)


def test_missing_image(tag):
    with pytest.raises(SandboxError) as e:
        Sandbox.run(container_image="127.0.0.1:1/no/such:image", tags=[tag])
    assert not isinstance(e.value, SandboxNotFoundError)
    assert "no/such" in str(e.value)
    assert ids(tags=[tag], show_terminated=True) == set()


def test_what_is_not_built_says_so():
    for call in (
        lambda: Sandbox.run_from_template("t"),
        lambda: Sandbox.run_from_file(b"services: {a: {image: b}}", primary_service="a"),
        lambda: Sandbox.list_snapshots().result(),
    ):
        with pytest.raises(SandboxError, match="Casemate"):
            call()
