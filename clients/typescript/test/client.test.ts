import { strict as assert } from "node:assert";
import { test } from "node:test";
import { createClients, createTransport } from "@casemate/client";
import { serve } from "./server.js";

test("addresses", () => {
  for (const good of ["https://casemate.example", "https://casemate.example:7443/", "http://127.0.0.1:7470", "http://localhost", "http://[::1]:7470"]) {
    createTransport(good);
  }
  for (const [bad, why] of [
    ["127.0.0.1:7470", /want https/],
    ["ftp://127.0.0.1", /want https/],
    ["", /want https/],
    ["http://casemate.example:7470", /plaintext would show the API key/],
    ["http://127.0.0.1.casemate.example", /plaintext would show the API key/],
    ["https://casemate.example/x", /nothing may follow/],
    ["https://casemate.example?x", /nothing may follow/],
    ["https://user@casemate.example", /nothing may follow/],
  ] as const) {
    assert.throws(() => createTransport(bad), why, bad);
  }
});

test("what is missing is named", () => {
  assert.throws(() => createClients({ secretsd: "https://localhost" }), /CASEMATE_SANDBOXD/);
  assert.throws(() => createClients({ sandboxd: "https://localhost" }), /CASEMATE_SECRETSD/);
  assert.throws(() => createTransport("https://localhost", { caFile: "/no/such/ca.pem" }), /\/no\/such\/ca\.pem/);
});

test("the key goes with every call, and none when there is none", async (t) => {
  const seen: (string | null)[] = [];
  const whoAmI = (_: unknown, { requestHeader }: { requestHeader: Headers }) => {
    seen.push(requestHeader.get("authorization"));
    return {};
  };
  await (await serve(t, { secrets: { whoAmI } }, { apiKey: "cmk-1" })).secrets.whoAmI({});
  await (await serve(t, { secrets: { whoAmI } })).secrets.whoAmI({});
  assert.deepEqual(seen, ["Bearer cmk-1", null]);
});

test("the caller's interceptors see a call once", async (t) => {
  let seen = 0;
  let calls = 0;
  const { secrets } = await serve(
    t,
    { secrets: { whoAmI: () => (++calls === 1 ? Promise.reject(new Error("panic")) : {}) } },
    {
      interceptors: [(next) => (req) => (seen++, next(req))],
      serviceConfig: {
        methodConfig: [
          { name: [{}], retryPolicy: { maxAttempts: 2, initialBackoff: "0s", maxBackoff: "0s", backoffMultiplier: 1, retryableStatusCodes: ["INTERNAL"] } },
        ],
      },
    },
  );
  await secrets.whoAmI({});
  assert.deepEqual([seen, calls], [1, 2]);
});
