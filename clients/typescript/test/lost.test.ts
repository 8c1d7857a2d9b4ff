import { strict as assert } from "node:assert";
import { test } from "node:test";
import { Code, ConnectError } from "@casemate/client";
import { serve } from "./server.js";

const never = { methodConfig: [] };
const failsWith = (code: Code) => (error: unknown) => error instanceof ConnectError && error.code === code;

test("a lost connection is UNAVAILABLE, to a call and to a stream that has begun", async (t) => {
  const served = await serve(
    t,
    {
      secrets: {
        whoAmI: () => {
          served.cut();
          return {};
        },
      },
      sandboxes: {
        async *streamLogs() {
          yield { data: Buffer.from("line") };
          served.cut();
          yield { data: Buffer.from("another") };
        },
      },
    },
    { serviceConfig: never },
  );
  await assert.rejects(served.secrets.whoAmI({}), failsWith(Code.Unavailable));
  let log = "";
  const read = async () => {
    for await (const { data } of served.sandboxes.streamLogs({})) log += Buffer.from(data);
  };
  await assert.rejects(read(), failsWith(Code.Unavailable));
  assert.equal(log, "line");
});

test("a call that was cut off is made again", async (t) => {
  let calls = 0;
  const served = await serve(t, {
    secrets: {
      whoAmI: () => {
        if (++calls === 1) served.cut();
        return { userId: "ada" };
      },
    },
  });
  assert.equal((await served.secrets.whoAmI({})).userId, "ada");
  assert.equal(calls, 2);
});

test("what the server says itself is left alone", async (t) => {
  for (const code of [Code.Canceled, Code.Aborted, Code.Internal]) {
    const whoAmI = () => {
      throw new ConnectError("because", code);
    };
    const { secrets } = await serve(t, { secrets: { whoAmI } }, { serviceConfig: never });
    await assert.rejects(secrets.whoAmI({}), failsWith(code));
  }
});

test("what the caller cancels is CANCELED", async (t) => {
  const cancel = new AbortController();
  const whoAmI = () => {
    cancel.abort();
    return {};
  };
  const { secrets } = await serve(t, { secrets: { whoAmI } });
  await assert.rejects(secrets.whoAmI({}, { signal: cancel.signal }), failsWith(Code.Canceled));
});
