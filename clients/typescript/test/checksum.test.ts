import { strict as assert } from "node:assert";
import { test } from "node:test";
import { Code, ConnectError, errorInfo } from "@casemate/client";
import { serve } from "./server.js";

/** The catalogue's check value of CRC32C, for "123456789". */
const data = new TextEncoder().encode("123456789");
const sum = 0xe3069283n;

test("a value is sent with its checksum, and the caller's own is kept", async (t) => {
  const seen: (bigint | undefined)[] = [];
  const see = ({ dataCrc32c }: { dataCrc32c?: bigint }) => (seen.push(dataCrc32c), {});
  const { secrets } = await serve(t, { secrets: { createSecret: see, addSecretVersion: see } });
  const request = { parent: "teams/ml/secrets/A", data };
  await secrets.addSecretVersion(request);
  await secrets.addSecretVersion({ ...request, dataCrc32c: 7n });
  await secrets.createSecret({ parent: "teams/ml", secretId: "A", data });
  await secrets.createSecret({ parent: "teams/ml", secretId: "A" }); // without a value
  assert.deepEqual(seen, [sum, 7n, sum, undefined]);
});

test("a value that was damaged is not given out", async (t) => {
  let answered = sum;
  const { secrets } = await serve(t, { secrets: { accessSecretVersion: () => ({ name: "A", data, dataCrc32c: answered }) } });
  assert.deepEqual((await secrets.accessSecretVersion({ name: "A" })).data, data);
  answered = sum ^ 1n;
  await assert.rejects(secrets.accessSecretVersion({ name: "A" }), (error) => {
    assert.equal(ConnectError.from(error).code, Code.Unavailable);
    assert.equal(errorInfo(error)?.reason, "DATA_CORRUPTED");
    return true;
  });
});
