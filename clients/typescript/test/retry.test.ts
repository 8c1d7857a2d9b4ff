import { strict as assert } from "node:assert";
import { test } from "node:test";
import { Code, ConnectError, createClients, type ServiceConfig } from "@casemate/client";
import { serve } from "./server.js";

const unavailable = () => new ConnectError("not now", Code.Unavailable);

/** Asks for that for these methods, without much of a wait. */
function retrying(maxAttempts: number, initialBackoff = "0.001s", ...methods: string[]): ServiceConfig {
  const name = [
    ...["WhoAmI", "GetSecret", ...methods].map((method) => ({ service: "casemate.secrets.v1.SecretsManager", method })),
    { service: "casemate.sandbox.v1.SandboxService" },
  ];
  const retryPolicy = { maxAttempts, initialBackoff, maxBackoff: initialBackoff, backoffMultiplier: 2, retryableStatusCodes: ["UNAVAILABLE"] };
  return { methodConfig: [{ name, retryPolicy }] };
}

/** A method that fails that often before it succeeds, and counts its calls. */
function failing(times: number, error = unavailable) {
  const method = () => {
    if (++method.calls <= times) throw error();
    return {};
  };
  method.calls = 0;
  return method;
}

const failsWith = (code: Code) => (error: unknown) => error instanceof ConnectError && error.code === code;

test("a call is made again until it succeeds", async (t) => {
  const whoAmI = failing(2);
  const { secrets } = await serve(t, { secrets: { whoAmI } }, { serviceConfig: retrying(4) });
  await secrets.whoAmI({});
  assert.equal(whoAmI.calls, 3);
});

test("there are maxAttempts attempts, and never more than five", async (t) => {
  for (const [maxAttempts, want] of [[3, 3], [9, 5]] as const) {
    const whoAmI = failing(100);
    const { secrets } = await serve(t, { secrets: { whoAmI } }, { serviceConfig: retrying(maxAttempts) });
    await assert.rejects(secrets.whoAmI({}), failsWith(Code.Unavailable));
    assert.equal(whoAmI.calls, want);
  }
});

test("other methods and other codes are not retried", async (t) => {
  const createSecret = failing(100);
  const getSecret = failing(100, () => new ConnectError("no", Code.Aborted));
  const { secrets } = await serve(t, { secrets: { createSecret, getSecret } }, { serviceConfig: retrying(5) });
  await assert.rejects(secrets.createSecret({}), failsWith(Code.Unavailable));
  await assert.rejects(secrets.getSecret({}), failsWith(Code.Aborted));
  assert.deepEqual([createSecret.calls, getSecret.calls], [1, 1]);
});

test("the waits grow by the multiplier, up to the longest", async (t) => {
  const serviceConfig = retrying(4, "0.1s");
  serviceConfig.methodConfig[0]!.retryPolicy!.maxBackoff = "0.15s";
  const { secrets } = await serve(t, { secrets: { whoAmI: failing(3) } }, { serviceConfig });
  const began = performance.now();
  await secrets.whoAmI({});
  const took = performance.now() - began;
  // 100, 150 and 150 ms, each a fifth less at the least; Node.js's timers may be a millisecond early.
  assert.ok(took >= 317, `three waits took ${took} ms`);
});

test("a wait ends with the deadline and with the caller's patience", { timeout: 20_000 }, async (t) => {
  const whoAmI = failing(100);
  const { secrets } = await serve(t, { secrets: { whoAmI } }, { serviceConfig: retrying(5, "3600s") });
  await assert.rejects(secrets.whoAmI({}, { timeoutMs: 100 }), failsWith(Code.DeadlineExceeded));
  const cancel = new AbortController();
  const call = secrets.whoAmI({}, { signal: cancel.signal });
  cancel.abort();
  await assert.rejects(call, failsWith(Code.Canceled));
});

test("all attempts of a RunSandbox have one request id, and each call its own", async (t) => {
  const ids: string[] = [];
  const runSandbox = ({ requestId }: { requestId: string }) => {
    ids.push(requestId);
    if (ids.length % 2 === 1) throw unavailable();
    return {};
  };
  const { sandboxes } = await serve(t, { sandboxes: { runSandbox } }, { serviceConfig: retrying(2) });
  const request = { spec: { image: "python:3.11" } };
  await sandboxes.runSandbox(request);
  await sandboxes.runSandbox(request);
  await sandboxes.runSandbox({ ...request, requestId: "mine" });
  assert.match(ids[0]!, /^[0-9a-f-]{36}$/);
  assert.notEqual(ids[0], ids[2]);
  assert.deepEqual(ids, [ids[0], ids[0], ids[2], ids[2], "mine", "mine"]);
});

test("all attempts of a CreateSecret and of an AddSecretVersion have one request id", async (t) => {
  const ids: string[] = [];
  const refuseFirst = ({ requestId }: { requestId: string }) => {
    ids.push(requestId);
    if (ids.length % 2 === 1) throw unavailable();
    return {};
  };
  const { secrets } = await serve(t, { secrets: { createSecret: refuseFirst, addSecretVersion: refuseFirst } });
  const request = { parent: "teams/ml", secretId: "A" };
  await secrets.createSecret(request);
  await secrets.addSecretVersion({ parent: "teams/ml/secrets/A" });
  assert.match(ids[0]!, /^[0-9a-f-]{36}$/);
  assert.notEqual(ids[0], ids[2]);
  assert.deepEqual(ids, [ids[0], ids[0], ids[2], ids[2]]);
});

test("the published config is followed when nothing else is asked for", async (t) => {
  const getSandbox = failing(1);
  const exec = failing(1);
  const { sandboxes } = await serve(t, { sandboxes: { getSandbox, exec } });
  await sandboxes.getSandbox({});
  await assert.rejects(sandboxes.exec({}), failsWith(Code.Unavailable));
  assert.deepEqual([getSandbox.calls, exec.calls], [2, 1]);
});

test("a service config that can't be followed is refused", () => {
  const address = { secretsd: "https://localhost", sandboxd: "https://localhost" };
  assert.throws(() => createClients({ ...address, serviceConfig: retrying(5, "1m") }), /"1m" is no duration/);
  const serviceConfig = retrying(5);
  serviceConfig.methodConfig[0]!.retryPolicy!.retryableStatusCodes = ["NO_SUCH_CODE"];
  assert.throws(() => createClients({ ...address, serviceConfig }), /no status code "NO_SUCH_CODE"/);
});
