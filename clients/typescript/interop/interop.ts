// The interop program: everything that a client must be able to do, against real daemons. Its contract, the environment
// that it wants and the lines that it prints, is e2e/clients's.
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { PassThrough, Readable } from "node:stream";
import { Code, createClients } from "@casemate/client";
import { bytes, env, fails, requestIdOf, text } from "./support.js";

const serviceConfig = JSON.parse(readFileSync(env("CASEMATE_SERVICE_CONFIG"), "utf8"));
const { sandboxes, secrets } = createClients({ serviceConfig });
const once = createClients({ serviceConfig: { methodConfig: [] } });
const parent = `teams/${env("CASEMATE_TEAM")}`;
const spec = { image: env("CASEMATE_IMAGE") };
const secret = `${parent}/secrets/INTEROP_TS`;
const stdin = createInterface({ input: process.stdin });
const lines = stdin[Symbol.asyncIterator]();
let sandbox = "";

const checks: Record<string, () => Promise<void>> = {
  "unary/secretsd": async () => {
    assert.equal((await secrets.whoAmI({})).team, parent);
  },

  "unary/sandboxd": async () => {
    sandbox = (await sandboxes.runSandbox({ parent, spec })).sandbox!.name;
    const { stdout, exitCode } = await exec("echo", "hello");
    assert.deepEqual([text(stdout), exitCode], ["hello\n", 0]);
  },

  "server-stream/sandboxd": async () => {
    const command = ["sh", "-c", "for i in 1 2 3; do echo line $i; done"];
    const { name } = (await sandboxes.runSandbox({ parent, spec: { ...spec, command } })).sandbox!;
    let log = "";
    for await (const piece of sandboxes.streamLogs({ name, follow: true })) {
      log += text(piece.data);
    }
    assert.equal(log, "line 1\nline 2\nline 3\n");
    await sandboxes.deleteSandbox({ name });
  },

  // Each piece is sent only when the one before has come back, so that both directions must flow at the same time.
  "bidi/sandboxd": async () => {
    const input = new PassThrough({ objectMode: true });
    input.write(start("cat"));
    const pieces = ["one", "two", "three"];
    let echoed = "";
    let exitCode: number | undefined;
    for await (const { message } of sandboxes.streamExec(input)) {
      if (message.case === "stdout") {
        echoed += text(message.value);
      } else if (message.case === "exit") {
        exitCode = message.value.exitCode;
      }
      if (exitCode === undefined && echoed === "onetwothree".slice(0, echoed.length)) {
        const piece = pieces.shift();
        piece ? input.write({ message: { case: "stdin", value: bytes(piece) } }) : input.end();
      }
    }
    assert.deepEqual([echoed, exitCode], ["onetwothree", 0]);
  },

  // A new connection: no TLS handshake is done within a millisecond.
  "deadline/secretsd": async () => {
    await fails(createClients({ serviceConfig }).secrets.whoAmI({}, { timeoutMs: 1 }), Code.DeadlineExceeded);
  },

  "deadline/sandboxd": async () => {
    await fails(sandboxes.exec({ name: sandbox, spec: { command: ["sleep", "30"] } }, { timeoutMs: 500 }), Code.DeadlineExceeded);
  },

  "cancel/sandboxd": async () => {
    const input = Readable.from([start("sleep", "1000")]);
    const cancel = new AbortController();
    let pid = 0;
    const read = async () => {
      for await (const { message } of sandboxes.streamExec(input, { signal: cancel.signal })) {
        assert.equal(message.case, "started");
        pid = message.value.pid;
        assert.equal((await exec("test", "-d", `/proc/${pid}`)).exitCode, 0);
        cancel.abort();
      }
    };
    await fails(read(), Code.Canceled);
    const deadline = Date.now() + 10_000;
    while ((await exec("test", "-d", `/proc/${pid}`)).exitCode === 0) {
      assert.ok(Date.now() < deadline, `process ${pid} still runs 10 s after the cancellation`);
    }
  },

  "large/sandboxd": async () => {
    const file = { name: sandbox, path: "/tmp/large" };
    const content = bytes(8 << 20);
    await sandboxes.writeFile({ ...file, content });
    assert.ok(content.equals((await sandboxes.readFile(file)).content), "other bytes came back");
  },

  "large/secretsd": async () => {
    const data = bytes(65536);
    await secrets.createSecret({ parent, secretId: "INTEROP_TS", data });
    assert.ok(data.equals((await secrets.accessSecretVersion({ name: `${secret}/versions/latest` })).data), "other bytes came back");
  },

  // The client sends and checks the sum by itself; 0xe3069283 is CRC32C's check value.
  "checksum/secretsd": async () => {
    const dataCrc32c = 0xe3069283n;
    const { version } = await secrets.addSecretVersion({ parent: secret, data: bytes("123456789") });
    assert.equal((await secrets.accessSecretVersion({ name: version!.name })).dataCrc32c, dataCrc32c);
    await fails(secrets.addSecretVersion({ parent: secret, data: bytes("12345678X"), dataCrc32c }), Code.InvalidArgument, "DATA_CORRUPTED");
  },

  "restart/secretsd": async () => {
    await restart("secretsd");
    await fails(once.secrets.getSecret({ name: secret }), Code.Unavailable);
    assert.equal((await secrets.getSecret({ name: secret })).secret?.name, secret);
  },

  // One call is cut off by the kill, one is made while the daemon is down.
  "restart/sandboxd": async () => {
    const cutOff = sandboxes.waitSandbox({ name: sandbox, timeout: { seconds: 4n } });
    cutOff.catch(() => {}); // it is looked at below
    await sandboxes.getSandbox({ name: sandbox }); // goes the same way, so that one has arrived
    await restart("sandboxd");
    await fails(once.sandboxes.getSandbox({ name: sandbox }), Code.Unavailable);
    assert.equal((await sandboxes.getSandbox({ name: sandbox })).sandbox?.name, sandbox);
    assert.equal((await cutOff).sandbox?.name, sandbox);
    assert.equal(text((await exec("echo", "still here")).stdout), "still here\n");
  },

  "request-id/secretsd": () =>
    requestIdOf(
      (options) => secrets.whoAmI({}, options),
      (options) => secrets.getSecret({ name: `${parent}/secrets/NO_SUCH_ONE` }, options),
    ),

  "request-id/sandboxd": () =>
    requestIdOf(
      (options) => sandboxes.getSandbox({ name: sandbox }, options),
      (options) => sandboxes.getSandbox({ name: `${parent}/sandboxes/none` }, options),
    ),

  "typed-error/secretsd": () =>
    fails(secrets.getSecret({ name: `${parent}/secrets/NO_SUCH_ONE` }), Code.NotFound, "SECRET_NOT_FOUND"),

  "typed-error/sandboxd": () =>
    fails(sandboxes.getSandbox({ name: `${parent}/sandboxes/none` }), Code.NotFound, "SANDBOX_NOT_FOUND"),
};

function exec(...command: string[]) {
  return sandboxes.exec({ name: sandbox, spec: { command } });
}

/** The first message of a StreamExec. */
function start(...command: string[]) {
  return { message: { case: "start", value: { name: sandbox, spec: { command } } } };
}

/** Has the harness kill the daemon, which it starts again a second later. */
async function restart(daemon: string): Promise<void> {
  console.log(`RESTART ${daemon}`);
  assert.equal((await lines.next()).value, "DONE");
}

for (const [name, check] of Object.entries(checks)) {
  try {
    await check();
    console.log(`ok ${name}`);
  } catch (error) {
    console.log(`FAIL ${name}: ${error instanceof Error ? error.message.replaceAll("\n", " ") : error}`);
    process.exitCode = 1;
  }
}
stdin.close();
await Promise.allSettled([sandboxes.deleteSandbox({ name: sandbox }), secrets.deleteSecret({ name: secret, purge: true })]);
