"""A team whose quota is used up: the SDK tells its user, or tries again until a place is free."""

FULL = """
import threading, time
from cwsandbox import SandboxResourceExhaustedError
from wandb.sandbox import Sandbox

with Sandbox.run() as first:
    first.wait(timeout=60)
    try:
        Sandbox.run()
        raise SystemExit("the quota of one took two")
    except SandboxResourceExhaustedError as e:
        assert e.reason == "CWSANDBOX_RUNNER_CAPACITY_EXHAUSTED", e.reason
        assert e.metadata["quota"] == "sandboxes" and e.metadata["limit"] == "1" and e.metadata["used"] == "1", e.metadata
        assert e.retry_delay.total_seconds() > 0, e.retry_delay

    # A budget that is over before a place is free.
    try:
        Sandbox.run(create_retry_budget_seconds=0.5)
        raise SystemExit("the quota of one took two")
    except SandboxResourceExhaustedError:
        pass

    # One that lasts: the place is free while the SDK tries again.
    freed = []
    def free():
        freed.append(time.monotonic())
        first.stop().result(timeout=60)
    timer = threading.Timer(1.5, free)
    timer.start()
    with Sandbox.run(create_retry_budget_seconds=60) as second:
        made = time.monotonic()
        second.wait(timeout=60)
        assert freed and made > freed[0], (freed, made)
        assert second.exec(["echo", "in"]).result().stdout == "in\\n"
    timer.join()
print("done")
"""


def test_full_quota(stack, run_python):
    done = run_python(FULL, WANDB_API_KEY=stack.narrow_key, CWSANDBOX_API_KEY=stack.narrow_key)
    assert done.stdout == "done\n"
